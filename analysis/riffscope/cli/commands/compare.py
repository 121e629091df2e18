"""riffscope compare."""

import argparse
from pathlib import Path

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, command
from riffscope.cli.console import complain
from riffscope.cli.options import add_reading_options, add_songs


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_songs(parser, about="an audio file, a saved analysis, or a folder of them; two to six songs")
    parser.add_argument(
        "--claims", type=Path, metavar="FILE", help="test the claims of FILE (TOML) about the others against the first"
    )
    parser.add_argument("--all", action="store_true", help="print every measure, not only what a listener notices")
    parser.add_argument("--why", action="store_true", help="print the reason of each verdict")
    add_reading_options(parser)


@command(place=2, about="set two to six songs side by side")
def run(options: argparse.Namespace) -> int:
    """Set songs side by side."""
    if len(options.songs) < 2:
        complain("compare needs two songs or more")
        return WRONG_USAGE
    from riffscope.cli.comparison import print_comparison
    from riffscope.cli.songs import any_failed, listen_to_each
    from riffscope.compare import MAX_SONGS, compare, too_many_songs
    from riffscope.judge import read_claims

    if len(options.songs) > MAX_SONGS:
        complain(f"{too_many_songs(len(options.songs))} (or write one report per song: riffscope report --each)")
        return WRONG_USAGE
    claims = None if options.claims is None else read_claims(options.claims)
    listened = list(listen_to_each(options))
    songs = [one.song for one in listened if one is not None]
    if len(songs) < 2:
        complain("fewer than two songs could be read, so there is nothing to compare")
        return REFUSED
    print_comparison(compare(songs, claims), everything=options.all, why=options.why)
    return DONE if len(songs) == len(listened) and not any(map(any_failed, songs)) else REFUSED
