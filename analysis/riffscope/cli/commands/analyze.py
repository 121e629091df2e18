"""riffscope analyze."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.command import DONE, INTERRUPTED, REFUSED, WRONG_USAGE, add_force_option, command
from riffscope.cli.console import complain, stdout_is_closed
from riffscope.cli.options import (
    add_claims_option,
    add_range_option,
    add_reading_options,
    add_reference_option,
    add_songs,
)
from riffscope.cli.progress import Count
from riffscope.errors import RiffscopeError
from riffscope.files import check_output, write_atomically

if TYPE_CHECKING:
    from riffscope.cli.many_songs import SongTable
    from riffscope.cli.shelf import Shelf
    from riffscope.model import Settings
    from riffscope.song import SongAnalysis


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_songs(parser, about="an audio file, a folder of them, or an analysis saved with --json or --out")
    shown = parser.add_argument_group("what is shown")
    shown.add_argument("--why", action="store_true", help="give the reason for each verdict")
    shown.add_argument("--all", action="store_true", help="show every number that was measured, with its range")
    shown.add_argument("-q", "--quiet", action="store_true", help="show nothing but errors")
    kept = parser.add_argument_group("what is saved")
    kept.add_argument(
        "--json", metavar="PATH", help="save the full analysis of one song as JSON; use - for standard output"
    )
    kept.add_argument(
        "--out",
        type=Path,
        metavar="DIR",
        help="save the full analysis of each song in DIR; those already there are read",
    )
    kept.add_argument(
        "--table", type=Path, metavar="PATH", help="save a table with a row per song and every number (CSV)"
    )
    add_force_option(kept)
    add_claims_option(parser)
    add_range_option(parser)
    add_reference_option(parser)
    add_reading_options(parser)


@command(place=1, about="measure songs and test claims about them")
def run(options: argparse.Namespace) -> int:
    """Measure songs; print one in full, a row for each of several, or the JSON alone."""
    if options.json not in {None, "-"}:
        if len(options.songs) > 1:
            complain("--json PATH takes one song (for several: --out DIR, or --json - for one line each)")
            return WRONG_USAGE
        check_output(Path(options.json))
    if options.table is not None:
        check_output(options.table)
    from riffscope.cli.songs import any_failed, hear_each, not_transposed, read_options
    from riffscope.judge import check_about_one, read_claims

    claims = None if options.claims is None else read_claims(options.claims)
    check_about_one(claims or ())
    chosen = read_options(options)
    shelf = None if options.out is None else open_shelf(options.out, chosen.settings)
    printed = options.json != "-" and not options.quiet
    rows = len(options.songs) > 1 and not options.all and not options.why
    status, count = DONE, Count(len(options.songs))
    tabled: list[SongAnalysis] = []
    table: SongTable | None = None
    try:
        for number, heard in enumerate(hear_each(options, chosen, claims, shelf=shelf)):
            if heard.listened is None:
                status, count.refused = REFUSED, count.refused + 1
                continue
            song = heard.listened.song
            if any_failed(song) or not_transposed(song, options) or not keep(song, options, shelf):
                status = REFUSED
            count.kept, count.measured = count.kept + heard.before, count.measured + (not heard.before)
            if options.table is not None:
                tabled.append(song)
            if not printed:
                continue
            # What measures brings these along: imported earlier, they would keep the first sign of life waiting.
            from riffscope.cli import many_songs, one_song

            if rows:
                table = table or many_songs.SongTable()
                table.add(song)
            else:
                given = options.songs[number] if len(options.songs) == 1 else ""
                if count.done > 1:
                    print("\n")
                one_song.print_song(song, everything=options.all, why=options.why, given=given)
    except KeyboardInterrupt:
        complain(f"interrupted: {count.done} of {words.count(len(options.songs), 'song')} done")
        status = INTERRUPTED
    if tabled:
        from riffscope.tables import songs_table

        write_atomically(options.table, songs_table(tabled).to_csv())
    if status == INTERRUPTED:
        return status
    if table is not None:
        table.end()
    if len(options.songs) > 1 and not options.quiet:
        count.say()
    return status


def open_shelf(folder: Path, settings: "Settings") -> "Shelf":
    """Open the folder in which analyses are kept."""
    from riffscope.cli.shelf import Shelf

    return Shelf(folder, settings)


def keep(song: "SongAnalysis", options: argparse.Namespace, shelf: "Shelf | None") -> bool:
    """Write a song's JSON where that is wanted, and tell whether that went well; what went wrong is said."""
    from riffscope.codec import to_json

    if options.json == "-" and stdout_is_closed():
        complain(f"{song.source.name}: its analysis was not saved: standard output is closed")
        return False
    if options.json == "-":
        sys.stdout.write(f"{to_json(song).decode()}\n")
        sys.stdout.flush()
    try:
        if options.json not in {None, "-"}:
            write_atomically(Path(options.json), to_json(song, indent=1))
        if shelf is not None:
            shelf.keep(song)
    except RiffscopeError as why:
        complain(f"{song.source.name}: its analysis was not saved: {why}")
        return False
    except OSError as why:
        complain(f"{song.source.name}: its analysis was not saved: {why.strerror or why} (try another place)")
        return False
    return True
