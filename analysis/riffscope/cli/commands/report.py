"""riffscope report."""

import argparse

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, add_force_option, command
from riffscope.cli.console import complain
from riffscope.cli.songs import (
    add_claims_option,
    add_range_option,
    add_reading_options,
    add_report_options,
    any_failed,
    listen_to_each,
    not_transposed,
    write_reports,
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("songs", nargs="+", metavar="SONG", help="audio files or saved analyses; several are compared")
    add_claims_option(parser)
    add_report_options(parser)
    add_range_option(parser)
    add_reading_options(parser)
    add_force_option(parser)


@command(place=3, about="write the report of a song, or of a comparison of several")
def run(options: argparse.Namespace) -> int:
    """Write the report of one song, or of a comparison."""
    from riffscope.compare import MAX_SONGS, too_many_songs
    from riffscope.judge import check_about_one, read_claims

    if len(options.songs) > MAX_SONGS:
        complain(f"{too_many_songs(len(options.songs))} (or write one report per song with --each)")
        return WRONG_USAGE
    if len(options.songs) > 1 and options.my_range is not None:
        complain("--my-range goes with the report of one song")
        return WRONG_USAGE
    copied = len(options.songs) == 1 and "html" in options.format and not options.no_audio
    claims = None if options.claims is None else read_claims(options.claims)
    alone = len(options.songs) == 1
    if alone:
        check_about_one(claims or ())
    listened = list(listen_to_each(options, claims if alone else None, copied=len(options.songs) if copied else 0))
    kept = [one for one in listened if one is not None]
    if not kept or (len(listened) > 1 and len(kept) < 2):
        complain("too few songs could be read for this report")
        return REFUSED
    for path in write_reports(kept, options, claims):
        print(path)
    wrong = any(any_failed(one.song) or not_transposed(one.song, options) for one in kept)
    return DONE if len(kept) == len(listened) and not wrong else REFUSED
