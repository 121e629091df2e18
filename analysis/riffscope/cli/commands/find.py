"""riffscope find."""

import argparse
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from riffscope import workflow
from riffscope.cli.command import DONE, add_force_option, command
from riffscope.cli.console import columns, complain, console, printable
from riffscope.cli.libraries import add_where_option, counting, ended_in_order, open_library
from riffscope.cli.songs import whole_number
from riffscope.errors import RiffscopeError
from riffscope.files import check_output
from riffscope.library.usual import USUAL

if TYPE_CHECKING:
    import polars as pl

    from riffscope.library.neighbours import Neighbour
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
@ended_in_order()
def run(options: argparse.Namespace) -> int:
    """Find the songs that are nearest to one."""
    from riffscope.library.neighbours import columns_for, measures_named, nearest, table_of
    from riffscope.library.songs import songs_of
    from riffscope.library.table_file import check_ending, written_in_parts
    from riffscope.library.where import chosen

    store = open_library(options.library)
    if options.out is not None:
        check_ending(options.out)
        store.check_is_no_part(options.out)
        check_output(options.out)
    by = tuple(USUAL) if options.by is None else measures_named(options.by.split(","))
    with counting("making the table of the songs") as progress:
        table = songs_of(store, progress=progress, say=complain)
    wanted = columns_for(by)
    among = None if options.where is None else chosen(table, options.where, wanted)
    if among is not None and among.is_empty():
        raise RiffscopeError(f"{options.library}: --where holds for no song, so none is found")
    songs = chosen(table, None, wanted)
    like = _song(options.like, table, songs)
    found = nearest(songs, like, by=by, count=options.count, among=among)
    if options.out is not None:
        rows = table_of(like, found, by)
        with written_in_parts(options.out, rows.columns) as write:
            write(rows.rows)
    _print_found(like, found, songs.height if among is None else among.height, by)
    if options.out is not None:
        print(f"\n{printable(str(options.out))}: the numbers of {len(found):,} songs")
    return DONE


def _song(given: str, table: "pl.LazyFrame", songs: "pl.DataFrame") -> Mapping[str, Any]:
    """Return the row of a song: of the library, or of a file."""
    from riffscope.folders import sha256_of
    from riffscope.library.references import frame_of
    from riffscope.library.which import song_called

    path = Path(given)
    if not path.is_file():
        return _row_of(songs, song_called(table, given))
    if workflow.is_saved(given):
        song = workflow.read(given)
    else:
        sha256 = sha256_of(path)
        if sha256 is not None and (songs["sha256"] == sha256).any():
            return _row_of(songs, sha256)
        song = _measured(path)
    return {**dict.fromkeys(songs.columns), **frame_of([song]).row(0, named=True)}


def _row_of(songs: "pl.DataFrame", sha256: str) -> Mapping[str, Any]:
    return songs.filter(songs["sha256"] == sha256).row(0, named=True)


def _measured(path: Path) -> "SongAnalysis":
    from riffscope.cli.progress import progress_of

    with progress_of(path.name) as progress:
        return workflow.analyze(path, claims=(), progress=progress)


def _print_found(like: Mapping[str, Any], found: "tuple[Neighbour, ...]", among: int, by: tuple[str, ...]) -> None:
    """Print the songs, each with what is alike and what differs most."""
    from rich.padding import Padding
    from rich.text import Text

    out = console()
    songs = f"{among:,} {'song' if among == 1 else 'songs'}"
    title = f"Nearest to {_called(like['title'], like['artist'])} among {songs}"
    out.print(Text(title, style="bold"))
    measures = f"{len(by)} measures (see riffscope find --help)" if by == tuple(USUAL) else ", ".join(by)
    out.print(Text(f"Distance by {measures}: 0 is alike in all, 1 as different as songs get.", style="dim"))
    for rank, one in enumerate(found, 1):
        out.print()
        out.print(Text(f"{rank}. {_called(one.title, one.artist)}", style="bold") + Text(f"  {one.distance:.2f}"))
        alike, different = one.alike[:ALIKE_TOLD], one.different[:DIFFERENT_TOLD]
        for heading, told in (("alike: ", alike), ("differs: ", different)):
            if told:
                said = Text(heading, style="dim") + Text(printable("; ".join(each.in_words for each in told)))
                out.print(Padding(said, (0, 0, 0, 3)))
    if not found:
        out.print("There is no other song.")


def _called(title: str, artist: str | None) -> str:
    return printable(f"“{title}”{f' by {artist}' if artist else ''}")
