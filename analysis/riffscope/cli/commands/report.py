"""riffscope report."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, add_force_option, command
from riffscope.cli.console import complain
from riffscope.cli.options import (
    add_claims_option,
    add_range_option,
    add_reading_options,
    add_reference_option,
    add_report_options,
    add_songs,
)
from riffscope.files import free_name, safe_name

if TYPE_CHECKING:
    from riffscope.judge import Claim
    from riffscope.workflow import Listened


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_songs(parser, about="an audio file, a folder of them, or a saved analysis; several songs are compared")
    parser.add_argument("--each", action="store_true", help="write a report of each song instead of a comparison")
    parser.add_argument(
        "--full", action="store_true", help="add all measurements, the methods and the source of the recording"
    )
    add_report_options(parser)
    add_force_option(parser)
    add_claims_option(parser)
    add_range_option(parser)
    add_reference_option(parser)
    add_reading_options(parser)


@command(place=3, about="write a PDF and an HTML page about a song, or about several side by side")
def run(options: argparse.Namespace) -> int:
    """Write the report of one song, a report of each, or one of a comparison."""
    from riffscope.cli.songs import (
        any_failed,
        check_outputs,
        listen_to_each,
        name_of_song,
        not_transposed,
        write_reports,
    )
    from riffscope.compare import MAX_SONGS, too_many_songs
    from riffscope.judge import check_about_one, read_claims
    from riffscope.report.write import report_name, report_paths

    alone = options.each or len(options.songs) == 1
    if not alone and len(options.songs) > MAX_SONGS:
        complain(f"{too_many_songs(len(options.songs))} (or write one report per song with --each)")
        return WRONG_USAGE
    for option in ("my_range", "reference"):
        if not alone and getattr(options, option) is not None:
            complain(f"--{option.replace('_', '-')} goes with the report of one song (or one per song with --each)")
            return WRONG_USAGE
    claims = None if options.claims is None else read_claims(options.claims)
    if alone:
        check_about_one(claims or ())
    names = [name_of_song(given) for given in options.songs]
    taken = set[str]()
    # Two songs of one name have a report each.
    reports = [free_name(safe_name(report_name([name])), taken) for name in names] if alone else [report_name(names)]
    if not check_outputs(path for name in reports for path in report_paths(name, options.out, options.format)):
        return REFUSED
    copied = len(options.songs) if "html" in options.format and not options.no_audio else 0
    listened = listen_to_each(options, claims if alone else None, copied=copied, alone=alone)
    if not alone:
        return _compare(list(listened), options, claims)
    status = DONE
    for name, one in zip(reports, listened, strict=True):
        if one is None:
            status = REFUSED
            continue
        _print(write_reports([one], options, name=name))
        if any_failed(one.song) or not_transposed(one.song, options):
            status = REFUSED
    return status


def _compare(
    listened: "Sequence[Listened | None]", options: argparse.Namespace, claims: "tuple[Claim, ...] | None"
) -> int:
    """Write the report of a comparison."""
    from riffscope.cli.songs import any_failed, write_reports

    kept = [one for one in listened if one is not None]
    if len(kept) < 2:
        complain("fewer than two songs could be read, so there is nothing to compare")
        return REFUSED
    _print(write_reports(kept, options, claims))
    return DONE if len(kept) == len(listened) and not any(any_failed(one.song) for one in kept) else REFUSED


def _print(paths: list[Path]) -> None:
    for path in paths:
        print(path, flush=True)
