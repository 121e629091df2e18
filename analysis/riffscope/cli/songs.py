"""What the commands that read songs share: their options, and going through the songs one by one."""

import argparse
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from riffscope import workflow
from riffscope.cli.console import complain, progress_of
from riffscope.errors import RiffscopeError
from riffscope.model import Failed, Separator
from riffscope.report.write import FORMATS, Format
from riffscope.song import SongAnalysis
from riffscope.workflow import Listened, Options

if TYPE_CHECKING:
    from riffscope.judge import Claim

DEFAULT_FOLDER = Path("reports")


def add_reading_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that reads audio."""
    parser.add_argument(
        "--separator",
        choices=get_args(Separator),
        default="auto",
        help="what separates the vocals from the mix (default: auto, the model where it is installed)",
    )
    parser.add_argument("--vocals", metavar="STEM", help="the song's vocal stem, which wins over any separator")
    parser.add_argument(
        "--max-minutes",
        type=_positive,
        default=workflow.MAX_MINUTES,
        metavar="N",
        help=f"refuse longer songs (default: {workflow.MAX_MINUTES:g})",
    )


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of every command that writes reports."""
    parser.add_argument(
        "--format",
        type=_formats,
        default=FORMATS,
        metavar="pdf,html",
        help="what to write, with commas (default: both)",
    )
    parser.add_argument(
        "--out", type=Path, default=DEFAULT_FOLDER, metavar="DIR", help=f"folder (default: {DEFAULT_FOLDER}/)"
    )
    parser.add_argument(
        "--no-audio", action="store_true", help="leave the sound, and with it the player, out of a song's HTML page"
    )


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not a positive number of minutes")
    return number


def _formats(text: str) -> tuple[Format, ...]:
    wanted = {part.strip().lower() for part in text.split(",") if part.strip()}
    if not wanted or not wanted <= set(FORMATS):
        raise argparse.ArgumentTypeError(f"{text!r} is not {' or '.join(FORMATS)}, or both with a comma")
    return tuple(form for form in FORMATS if form in wanted)


def read_options(options: argparse.Namespace) -> Options:
    """Read how songs are to be measured; what is not there is said before any song is read."""
    if options.vocals is not None and len(options.songs) > 1:
        raise RiffscopeError("--vocals goes with one song (a stem belongs to its song)")
    settings = workflow.choose_settings(options.separator, options.vocals, max_minutes=options.max_minutes)
    return Options(settings=settings, max_minutes=options.max_minutes)


def listen_to_each(
    options: argparse.Namespace, claims: "tuple[Claim, ...] | None" = None, *, copied: bool = False
) -> Iterator[Listened | None]:
    """Analyse each song, or read its saved analysis. One that is refused is reported and gives None."""
    chosen = read_options(options)
    for name in options.songs:
        try:
            with progress_of(Path(name).name) as progress:
                one = workflow.listen(
                    name, claims=claims, options=replace(chosen, progress=progress), copied=copied, warn=complain
                )
        except RiffscopeError as why:
            complain(str(why))
            yield None
            continue
        if not workflow.is_saved(name):
            for failure in failures(one.song):
                complain(f"{one.song.source.name}: {failure}")
        yield one


def write_reports(listened: Sequence[Listened], options: argparse.Namespace) -> list[Path]:
    """Write the report of one song, or the comparison of several; say what was wrong but did no harm."""
    copy = listened[0].copy
    if isinstance(copy, Failed):
        complain(f"{listened[0].song.source.name}: the sound for its page {copy.reason}")
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        paths = workflow.write_reports(listened, options.out, options.format)
    for warning in noted:
        complain(str(warning.message))
    return paths


def failures(song: SongAnalysis) -> list[str]:
    """Return what broke down, one line each."""
    outcomes = song.outcomes.items()
    return [f"{name.replace('_', ' ')}: {out.reason}" for name, out in outcomes if isinstance(out, Failed)]


def any_failed(song: SongAnalysis) -> bool:
    """Tell whether riffscope itself broke down on some measurement."""
    return bool(failures(song))
