"""What the commands that read songs share: how these are to be measured, and going through them one by one."""

import argparse
import contextlib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from riffscope import memory, words, workflow
from riffscope.cli.console import complain
from riffscope.cli.options import PAPERS
from riffscope.cli.progress import Going
from riffscope.errors import RiffscopeError
from riffscope.files import check_output
from riffscope.folders import name_in_analysis
from riffscope.model import Failed
from riffscope.song import SongAnalysis, failures
from riffscope.workflow import Listened, Options

if TYPE_CHECKING:
    from riffscope.cli.shelf import Shelf
    from riffscope.judge import Claim


def read_options(options: argparse.Namespace) -> Options:
    """Read how songs are to be measured; what is not there is said before any song is read."""
    if len(options.songs) > 1:
        if options.vocals is not None:
            raise RiffscopeError("--vocals goes with one song (a stem belongs to its song)")
        for name in ("tempo", "meter", "downbeat", "sections"):
            if getattr(options, name) is not None:
                raise RiffscopeError(f"--{name} goes with one song")
    if options.vocals is None and not all(map(workflow.is_saved, options.songs)):
        say_if_model_damaged(options.separator)
    settings = workflow.choose_settings(
        options.separator,
        options.vocals,
        tempo_bpm=options.tempo,
        beats_per_bar=options.meter,
        downbeat_s=options.downbeat,
        max_minutes=options.max_minutes,
    )
    return Options(
        settings=settings,
        sections=options.sections,
        singer=getattr(options, "my_range", None),
        references=workflow.references_of(getattr(options, "reference", None)),
        max_minutes=options.max_minutes,
    )


def say_if_model_damaged(separator: str) -> None:
    """Say that the vocals will not be separated, as the model that would do it is there, but not whole."""
    from riffscope.models import store

    if separator == "auto" and (why := store.damage("spleeter")) is not None:
        complain(f"the vocals are not separated: {why}")


@dataclass(frozen=True, kw_only=True)
class Heard:
    """A song that a command went through.

    Attributes
    ----------
    listened : Listened or None
        None where it was refused; why has been said.
    before : bool
        Whether its analysis was saved before, and was read.
    """

    listened: Listened | None
    before: bool = False


def listen_to_each(
    options: argparse.Namespace, claims: "tuple[Claim, ...] | None" = None, *, copied: int = 0, alone: bool = True
) -> Iterator[Listened | None]:
    """Analyse each song, or read its saved analysis. One that is refused is reported and gives None.

    Parameters
    ----------
    copied : int
        How many of the songs get a copy to listen to: the first ones.
    alone : bool
        Whether each copy goes into a page of its own, as in `riffscope.workflow.listen`.
    """
    return (heard.listened for heard in hear_each(options, read_options(options), claims, copied=copied, alone=alone))


def hear_each(
    options: argparse.Namespace,
    chosen: Options,
    claims: "tuple[Claim, ...] | None" = None,
    *,
    copied: int = 0,
    alone: bool = True,
    shelf: "Shelf | None" = None,
) -> Iterator[Heard]:
    """Analyse each song, or read its saved analysis: where it is given, or from a shelf.

    Parameters
    ----------
    copied : int
        How many of the songs get a copy to listen to: the first ones.
    alone : bool
        Whether each copy goes into a page of its own, as in `riffscope.workflow.listen`.
    """
    _say_what_has_no_effect(options)
    memory.keep_little()
    going = Going(len(options.songs), quiet=getattr(options, "quiet", False))
    for number, name in enumerate(options.songs, 1):
        try:
            yield _hear(name, number, going, chosen, claims, copied=number <= copied, alone=alone, shelf=shelf)
        except RiffscopeError as why:
            complain(str(why))
            yield Heard(listened=None)
        except MemoryError:
            complain(f"{name}: needs more memory than there is (shorten it, or close other programs)")
            yield Heard(listened=None)


def _hear(
    name: str,
    number: int,
    going: Going,
    chosen: Options,
    claims: "tuple[Claim, ...] | None",
    *,
    copied: bool,
    alone: bool,
    shelf: "Shelf | None",
) -> Heard:
    from riffscope.judge import built_in_claims

    if workflow.is_saved(name) and not copied:
        return Heard(listened=workflow.listen(name, claims=claims, options=chosen, warn=complain), before=True)
    saved = None if shelf is None or workflow.is_saved(name) else shelf.find(Path(name))
    if saved is not None:
        going.kept(number, Path(name).name)
        # It may have been saved with other claims.
        ruled_on = built_in_claims() if claims is None else claims
        return Heard(listened=workflow.listen(saved, claims=ruled_on, options=chosen, warn=complain), before=True)
    with going.measuring(number, Path(name).name) as progress:
        one = workflow.listen(
            name, claims=claims, options=replace(chosen, progress=progress), copied=copied, alone=alone, warn=complain
        )
    if not workflow.is_saved(name):
        for failure in failures(one.song):
            complain(f"{one.song.source.name}: {failure}")
    return Heard(listened=one, before=workflow.is_saved(name))


# Options that say how a song is measured, and their defaults.
_MEASURING = {"separator": "auto", "vocals": None, "tempo": None, "meter": None, "downbeat": None, "sections": None}


def _say_what_has_no_effect(options: argparse.Namespace) -> None:
    """Say in a line which options do nothing, where songs are given as they were measured before."""
    saved = [Path(name).name for name in options.songs if workflow.is_saved(name)]
    given = [f"--{name}" for name, default in _MEASURING.items() if getattr(options, name) != default]
    if saved and given:
        which = saved[0] if len(saved) == 1 else f"{len(saved)} songs"
        are = "is a saved analysis and is" if len(saved) == 1 else "are saved analyses and are"
        complain(f"{which}: {are} not measured again, so {words.joined(given)} changes nothing in it")


def write_reports(
    listened: Sequence[Listened],
    options: argparse.Namespace,
    claims: "tuple[Claim, ...] | None" = None,
    *,
    name: str | None = None,
) -> list[Path]:
    """Write the report of one song, or the comparison of several; say what was wrong but did no harm.

    The claims are those about the songs of a comparison; those about one song were ruled on when it was read.
    """
    for one in listened:
        say_if_not_copied(one)
    with told_of_warnings():
        return workflow.write_reports(
            listened,
            options.out,
            options.format,
            claims=claims,
            full=getattr(options, "full", False),
            paper=PAPERS[options.paper],
            name=name,
        )


def name_of_song(given: str) -> str:
    """Return the name of a song's file by how it is given: a file, or a saved analysis that names it."""
    name = name_in_analysis(Path(given)) if workflow.is_saved(given) else None
    return Path(given).name if name is None else name


def check_outputs(paths: Iterable[Path]) -> bool:
    """Tell whether all files can be written, before any work is done for them; say in a line each which cannot."""
    free = True
    for path in paths:
        try:
            check_output(path)
        except RiffscopeError as why:
            complain(str(why))
            free = False
    return free


def say_if_not_copied(listened: Listened) -> None:
    """Say where riffscope itself broke down on the copy to listen to."""
    if isinstance(listened.copy, Failed):
        complain(f"{listened.song.source.name}: the sound for its page {listened.copy.reason}")


@contextlib.contextmanager
def told_of_warnings() -> Iterator[None]:
    """Say in a line each what went wrong within and did no harm, once it is done."""
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always")
        yield
    for warning in noted:
        complain(str(warning.message))


def not_transposed(song: SongAnalysis, options: argparse.Namespace) -> bool:
    """Tell whether a song was to be moved into a singer's range, and could not be."""
    return options.my_range is not None and song.transposition is None


def any_failed(song: SongAnalysis) -> bool:
    """Tell whether riffscope itself broke down on some measurement."""
    return bool(failures(song))
