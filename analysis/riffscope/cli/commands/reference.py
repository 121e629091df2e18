"""riffscope reference."""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.command import DONE, REFUSED, add_force_option, command
from riffscope.cli.console import complain, printable
from riffscope.cli.libraries import counting
from riffscope.cli.options import add_where_option
from riffscope.errors import CannotRead, RiffscopeError
from riffscope.files import check_output, never_overwriting, write_atomically

if TYPE_CHECKING:
    import polars as pl

    from riffscope.library.store import Store
    from riffscope.song import SongAnalysis


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "library",
        metavar="LIB",
        help="a library that riffscope batch filled, or a folder of saved analyses (JSON), with the folders in it",
    )
    parser.add_argument(
        "-o", "--out", type=Path, required=True, metavar="FILE", help="where to write the reference set (TOML)"
    )
    parser.add_argument(
        "--name",
        default="songs of this library",
        metavar="TEXT",
        help='how to refer to these songs in reports, e.g. "my 2023 playlist"',
    )
    add_where_option(parser)
    add_force_option(parser)


@command(place=14, about="make a reference set of your own songs, to compare other songs with")
def run(options: argparse.Namespace) -> int:
    """Write the distributions of the songs of a library, or of a folder of saved analyses."""
    from riffscope.library.place import LocalPlace
    from riffscope.library.references import references_of, saved_in
    from riffscope.library.seen import is_text
    from riffscope.library.store import Store
    from riffscope.reference.build import write_toml

    if not is_text(options.name):
        raise RiffscopeError(f"--name: {options.name} holds bytes that are no text")
    store = Store(options.library)
    if isinstance(store.place, LocalPlace) and not store.place.folder.is_dir():
        raise CannotRead(f"{options.library}: no such folder (check the path)")
    is_library = next(store.hashes(), None) is not None
    paths: Sequence[Path] = () if is_library else saved_in(Path(options.library))
    with never_overwriting(paths):
        store.check_is_no_part(options.out)
        check_output(options.out)
        songs, left_out = _of_library(store) if is_library else _of_files(paths)
        references, count = references_of(songs, name=options.name, where=options.where)
        write_atomically(options.out, write_toml(references).encode())
    measures = words.count(len(references), "measure")
    print(f"{printable(str(options.out))}: {measures} of {words.count(count, 'song')}")
    return REFUSED if left_out else DONE


def _of_library(store: "Store") -> "tuple[pl.LazyFrame, int]":
    from riffscope.library.songs import songs_of

    with counting("making the table of the songs") as progress:
        return songs_of(store, progress=progress, say=complain), 0


def _of_files(paths: Sequence[Path]) -> "tuple[pl.LazyFrame, int]":
    """Return a table of saved analyses, and how many cannot be read; why is said."""
    from riffscope.codec import read_analysis
    from riffscope.library.references import frame_of

    left_out = 0

    def read() -> "Iterator[SongAnalysis]":
        nonlocal left_out
        for path in paths:
            try:
                yield read_analysis(path)
            except RiffscopeError as why:
                complain(str(why))
                left_out += 1

    return frame_of(read()).lazy(), left_out
