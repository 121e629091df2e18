"""riffscope compare."""

import argparse
from pathlib import Path

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, command
from riffscope.cli.console import complain
from riffscope.cli.songs import add_reading_options, any_failed, listen_to_each
from riffscope.cli.tables import print_comparison


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("songs", nargs="+", metavar="SONG", help="audio files or saved analyses; two or more")
    parser.add_argument(
        "--claims", type=Path, metavar="FILE", help="test the claims of FILE (TOML) about the others against the first"
    )
    add_reading_options(parser)


@command(place=2, about="set two or more songs side by side")
def run(options: argparse.Namespace) -> int:
    """Set songs side by side."""
    from riffscope.compare import compare
    from riffscope.judge import built_in_comparisons, read_claims

    if len(options.songs) < 2:
        complain("compare needs two songs or more")
        return WRONG_USAGE
    claims = built_in_comparisons() if options.claims is None else read_claims(options.claims)
    listened = list(listen_to_each(options))
    songs = [one.song for one in listened if one is not None]
    if len(songs) < 2:
        complain("fewer than two songs could be read, so there is nothing to compare")
        return REFUSED
    print_comparison(compare(songs, claims))
    return DONE if len(songs) == len(listened) and not any(map(any_failed, songs)) else REFUSED
