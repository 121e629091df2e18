"""riffscope analyze."""

import argparse
import sys
from pathlib import Path

from riffscope.cli.command import DONE, REFUSED, WRONG_USAGE, add_force_option, command
from riffscope.cli.console import complain
from riffscope.cli.songs import (
    add_claims_option,
    add_range_option,
    add_reading_options,
    any_failed,
    listen_to_each,
    not_transposed,
)
from riffscope.cli.tables import print_song
from riffscope.errors import RiffscopeError
from riffscope.files import check_output, free_name, safe_name, write_atomically
from riffscope.song import SongAnalysis


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument("songs", nargs="+", metavar="SONG", help="an audio file, or an analysis saved with --json")
    parser.add_argument("--json", metavar="PATH", help="write all that was measured to PATH; - prints only that")
    add_claims_option(parser)
    parser.add_argument("--out", type=Path, metavar="DIR", help="write an analysis NAME.json for each song into DIR")
    parser.add_argument("--all", action="store_true", help="print every number rather than one line a measurement")
    add_range_option(parser)
    add_reading_options(parser)
    add_force_option(parser)


@command(place=1, about="measure songs and print a table of each")
def run(options: argparse.Namespace) -> int:
    """Measure songs; print a table, or the JSON alone."""
    from riffscope.judge import check_about_one, read_claims

    if options.json not in {None, "-"}:
        if len(options.songs) > 1:
            complain("--json PATH takes one song (for several: --out DIR, or --json - for one line each)")
            return WRONG_USAGE
        check_output(Path(options.json))
    claims = None if options.claims is None else read_claims(options.claims)
    check_about_one(claims or ())
    status, taken = DONE, set[str]()
    for listened in listen_to_each(options, claims):
        if listened is None:
            status = REFUSED
            continue
        song = listened.song
        if any_failed(song) or not_transposed(song, options) or not keep(song, options, taken):
            status = REFUSED
        if options.json != "-":
            print_song(song, everything=options.all)
    return status


def keep(song: SongAnalysis, options: argparse.Namespace, taken: set[str]) -> bool:
    """Write a song's JSON where that is wanted, and tell whether that went well; what went wrong is said."""
    from riffscope.codec import to_json

    if options.json == "-":
        sys.stdout.write(f"{to_json(song).decode()}\n")
        sys.stdout.flush()
    paths = [] if options.json in {None, "-"} else [Path(options.json)]
    if options.out is not None:
        paths.append(options.out / f"{free_name(safe_name(Path(song.source.name).stem), taken)}.json")
    written = True
    for path in paths:
        try:
            write_atomically(path, to_json(song, indent=1))
        except (RiffscopeError, OSError) as why:
            reason = why.strerror or why if isinstance(why, OSError) else why
            complain(f"{song.source.name}: its analysis was not saved: {reason} (try another place)")
            written = False
    return written
