"""riffscope report."""

import argparse

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, command
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
from riffscope.report.write import MAX_SONGS


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("songs", nargs="+", metavar="SONG", help="audio files or saved analyses; several are compared")
    add_claims_option(parser)
    add_report_options(parser)
    add_range_option(parser)
    add_reading_options(parser)


@command(place=3, about="write the report of a song, or of a comparison of several")
def run(options: argparse.Namespace) -> int:
    """Write the report of one song, or of a comparison."""
    from riffscope.judge import check_about_one, read_claims

    if len(options.songs) > MAX_SONGS:
        complain(f"a comparison takes {MAX_SONGS} songs at most, so that they fit side by side on a page")
        return WRONG_USAGE
    if len(options.songs) > 1 and options.my_range is not None:
        complain("--my-range goes with the report of one song")
        return WRONG_USAGE
    copied = "html" in options.format and not options.no_audio
    claims = None if options.claims is None else read_claims(options.claims)
    alone = len(options.songs) == 1
    if alone:
        check_about_one(claims or ())
    copies = len(options.songs) if copied else 0
    listened = list(listen_to_each(options, claims if alone else None, copied=copies, alone=alone))
    kept = [one for one in listened if one is not None]
    if not kept or (len(listened) > 1 and len(kept) < 2):
        complain("too few songs could be read for this report")
        return REFUSED
    for path in write_reports(kept, options, claims):
        print(path)
    wrong = any(any_failed(one.song) or not_transposed(one.song, options) for one in kept)
    return DONE if len(kept) == len(listened) and not wrong else REFUSED
