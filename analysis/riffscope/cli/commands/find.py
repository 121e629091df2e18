"""riffscope find."""

import argparse
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope import memory
from riffscope.cli.command import DONE, add_force_option, command
from riffscope.cli.console import columns, complain, console, printable
from riffscope.cli.libraries import check_table_output, counting, open_library
from riffscope.cli.options import add_where_option, whole_number
from riffscope.library.usual import USUAL

if TYPE_CHECKING:
    from riffscope.library.asking import Near
    from riffscope.song import SongAnalysis

MAX_FOUND = 100_000
# How much of what is alike, and of what differs, is told of each song.
ALIKE_TOLD, DIFFERENT_TOLD = 4, 2
# Help is as wide as this, at most.
HELP_COLUMNS = 100


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.description = (
        "Find the songs of a library that are nearest to a song, and say in what they are alike, and in what not."
    )
    width = columns(widest=HELP_COLUMNS) - 2
    rows = [f"  {name:<30}{why}" if width >= 78 else f"  {name}\n      {why}" for name, why in USUAL.items()]
    parser.epilog = "\n".join([textwrap.fill("songs are compared by, where --by names nothing else:", width), *rows])
    parser.add_argument("library", metavar="LIB", help="a library that riffscope batch filled")
    parser.add_argument(
        "--like",
        required=True,
        metavar="SONG",
        help="a song of the library, by its title, its file's name or how its sha256 begins; or an audio file, which is"
        " measured unless the library has it; or a saved analysis",
    )
    parser.add_argument(
        "--by",
        metavar="MEASURES",
        help="compare by these, with commas: tempo.bpm, key, loudness for all of it (riffscope claims lists them)",
    )
    parser.add_argument(
        "-n",
        dest="count",
        type=whole_number("songs", 1, MAX_FOUND),
        default=10,
        metavar="N",
        help="how many songs to find (default: 10)",
    )
    add_where_option(parser)
    parser.add_argument(
        "-o",
        "--out",
        type=Path,
        metavar="FILE",
        help="save them with their numbers and differences, a row each: .csv, .parquet or .json (lines)",
    )
    add_force_option(parser)


@command(place=13, about="find the songs of a library that are nearest to a song, and say why")
def run(options: argparse.Namespace) -> int:
    """Find the songs that are nearest to one."""
    from riffscope.library.asking import find_near
    from riffscope.library.songs import songs_of
    from riffscope.library.table_file import written_in_parts

    store = open_library(options.library)
    if options.out is not None:
        check_table_output(store, options.out)
    with counting("making the table of the songs") as progress:
        songs_of(store, progress=progress, say=complain)
    found = find_near(
        store,
        options.like,
        by=None if options.by is None else options.by.split(","),
        count=options.count,
        where=options.where,
        measure=_measured,
    )
    if options.out is not None:
        with written_in_parts(options.out, found.table.columns) as write:
            write(found.table.rows)
    _print_found(found)
    if options.out is not None:
        print(f"\n{printable(str(options.out))}: the numbers of {len(found.songs):,} songs")
    return DONE


def _measured(path: Path) -> "SongAnalysis":
    from riffscope.cli.progress import progress_of
    from riffscope.workflow import analyze

    memory.keep_little()
    with progress_of(path.name) as progress:
        return analyze(path, claims=(), progress=progress)


def _print_found(near: "Near") -> None:
    """Print the songs, each with what is alike and what differs most."""
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    songs = f"{near.among:,} {'song' if near.among == 1 else 'songs'}"
    title = f"Nearest to {_called(near.like['title'], near.like['artist'])} among {songs}"
    out.print(Text(title, style="bold"))
    usual = near.by == tuple(USUAL)
    measures = f"{len(near.by)} measures (see riffscope find --help)" if usual else ", ".join(near.by)
    out.print(Text(f"Distance by {measures}: 0 is alike in all, 1 as different as songs get.", style="dim"))
    for rank, one in enumerate(near.songs, 1):
        out.print()
        out.print(Text(f"{rank}. {_called(one.title, one.artist)}", style="bold") + Text(f"  {one.distance:.2f}"))
        alike, different = one.alike[:ALIKE_TOLD], one.different[:DIFFERENT_TOLD]
        for heading, told in (("alike: ", alike), ("differs: ", different)):
            if told:
                said = Text(heading, style="dim") + Text(printable("; ".join(each.in_words for each in told)))
                out.print(Padding(said, (0, 0, 0, 3)))
    if not near.songs:
        out.print("There is no other song.")


def _called(title: str, artist: str | None) -> str:
    return printable(f"“{title}”{f' by {artist}' if artist else ''}")
