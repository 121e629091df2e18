"""The command line that all scripts share."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from riffscope.choices import Separator
from training.common.features import Shelf
from training.common.songs import Song, read_songs


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What was chosen on the command line."""

    songs: list[Song]
    shelf: Shelf
    separator: Separator


def read_command_line(doc: str | None, arguments: Sequence[str] | None = None) -> Chosen:
    """Read which songs to fit on, and where to keep their features.

    Parameters
    ----------
    doc : str or None
        The script's docstring, which ``--help`` shows.
    arguments : sequence of str, optional
        Those of the process by default.
    """
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET", help="folder with a manifest.json")
    parser.add_argument("--cache", type=Path, default=Path("build/training"), help="folder that keeps what is read")
    parser.add_argument("--fresh", action="store_true", help="read everything anew")
    parser.add_argument("--match", default="", help="only files whose names hold this")
    parser.add_argument("--limit", type=int, help="only so many songs of each set")
    parser.add_argument("--separator", choices=("auto", "spleeter", "none"), default="auto", help="as in the package")
    options = parser.parse_args(arguments)
    return Chosen(
        songs=read_songs(options.sets, match=options.match, limit=options.limit),
        shelf=Shelf(folder=options.cache, fresh=options.fresh),
        separator=options.separator,
    )
