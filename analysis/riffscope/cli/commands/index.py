"""riffscope index."""

import argparse

from riffscope.cli.command import command
from riffscope.cli.libraries import make_tables, open_library


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("library", metavar="LIB", help="a library that riffscope batch filled")
    parser.add_argument("-q", "--quiet", action="store_true", help="show nothing but errors")


@command(place=11, about="make the tables of a library anew: songs, verdicts and failures, as Parquet")
def run(options: argparse.Namespace) -> int:
    """Make the tables of a library anew from its analyses."""
    return make_tables(open_library(options.library), options.library, quiet=options.quiet)
