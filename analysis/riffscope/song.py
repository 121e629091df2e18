"""Analyse a song: run just the steps that are asked for, each once, the independent ones side by side."""

import contextlib
import graphlib
import html
import importlib
import logging
import os
import platform
import time
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, fields, is_dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from riffscope import idle_threads, memory, steps, words
from riffscope.errors import Absence, CannotMeasure, NotMeasured, one_line
from riffscope.model import (
    Audio,
    Failed,
    Measured,
    Missing,
    Outcome,
    Settings,
    Source,
    respelled,
    snake_case,
    value,
)
from riffscope.notes import Spelling
from riffscope.places import Places
from riffscope.transposition import Transposition
from riffscope.units import clock
from riffscope.verdicts import Verdicts

if TYPE_CHECKING:
    import polars as pl

T = TypeVar("T")
P = ParamSpec("P")
R = TypeVar("R")

log = logging.getLogger(__name__)

NO_MEMORY = "there was not enough memory (shorten the song, or close other programs)"
"""What failed for want of memory says instead of how much was asked for."""

# Of measurements that failed for one cause so many are named.
MOST_NAMED = 4

ROOTS: tuple[type, ...] = (Audio, Settings)
"""What a song is analysed from; every other type is made by a step."""

Progress = Callable[[str, int, int], None]
"""Told the step that has just ended, how many have ended, and how many there are."""

Found = Callable[[str, Outcome], None]
"""Told the name of a measurement that has just been made, and what came of it."""


@value
class SongAnalysis:
    """What was measured of a song.

    ``song[Loudness]`` is the typed value of a measurement, ``song.measure("loudness.integrated_lufs")`` the same by
    path. Both raise `NotMeasured` with the reason where there is none.

    Attributes
    ----------
    transposition : Transposition or None
        The song moved into a singer's range, where one was given.
    places : tuple of Places
        Where its numbers stand among other songs, by each set of songs, where a reference set was given.
    unknown : mapping
        Measurements that only a later riffscope knows, as its JSON has them: they are kept, and nothing reads them.
    respelling : Spelling or None
        How notes are spelled where that is not as the key has it, as in a comparison; not kept in JSON.
    """

    source: Source
    outcomes: Mapping[str, Outcome]
    verdicts: Verdicts = Verdicts()
    made_by: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    transposition: Transposition | None = None
    places: tuple[Places, ...] = ()
    unknown: Mapping[str, Any] = field(default_factory=dict)
    respelling: Spelling | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "verdicts", Verdicts(self.verdicts))

    def __repr__(self) -> str:
        measured = sum(isinstance(outcome, Measured) for outcome in self.outcomes.values())
        length = clock(self.source.duration_s)
        ruled = f", {len(self.verdicts)} verdicts" if self.verdicts else ""
        return f"SongAnalysis({self.source.title!r}, {length}, {measured} of {len(self.outcomes)} measured{ruled})"

    def __getitem__(self, result: type[T]) -> T:
        outcome = self.outcomes.get(snake_case(result.__name__))
        if isinstance(outcome, Measured) and isinstance(outcome.value, result):
            return outcome.value
        raise not_measured(snake_case(result.__name__), outcome)

    def get(self, result: type[T]) -> T | None:
        """Return the value of a measurement, or None where there is none."""
        try:
            return self[result]
        except NotMeasured:
            return None

    @property
    def spelling(self) -> Spelling:
        """How its notes are spelled: as its key is, with sharps where it has none, unless it was respelled."""
        if self.respelling is not None:
            return self.respelling
        match self.outcomes.get("key"):
            case Measured(value=key):
                return Spelling.of_key(key.tonic, key.mode)
        return Spelling.SHARPS

    def spelled(self, spelling: Spelling) -> "SongAnalysis":
        """Return the same analysis with every note that it names spelled so."""
        outcomes = {
            name: replace(outcome, value=respelled(outcome.value, spelling))
            if isinstance(outcome, Measured)
            else outcome
            for name, outcome in self.outcomes.items()
        }
        song = replace(self, outcomes=types.MappingProxyType(outcomes), respelling=None)
        return song if song.spelling is spelling else replace(song, respelling=spelling)

    def summaries(self) -> Iterator[tuple[str, str]]:
        """Yield each measurement's name with its own summary, or why there is none."""
        for name, outcome in self.outcomes.items():
            if not isinstance(outcome, Measured):
                yield name, f"\N{EM DASH} {outcome.reason}"
            elif hasattr(outcome.value, "summary"):
                yield name, outcome.value.summary

    def _repr_html_(self) -> str:
        """Show the song in a notebook: each measurement in one line, and the verdicts with their reasons."""
        rows = [_table_row(name.replace("_", " ").capitalize(), text) for name, text in self.summaries()]
        title = f"{self.source.title} · {clock(self.source.duration_s)}"
        # Titles are hostile text.
        measured = f"<table><tbody>{''.join(rows)}</tbody></table>" if rows else ""
        ruled = self.verdicts._repr_html_() if self.verdicts else ""
        return f"<div><strong>{html.escape(title)}</strong>{measured}{ruled}</div>"

    def to_frame(self, table: str = "measures") -> "pl.DataFrame":
        """Return one of the song's tables as a data frame of polars; ``.to_pandas()`` makes one of pandas of it.

        Parameters
        ----------
        table : str
            ``measures``: a row a number or word, with its range and why it is missing where it is. Others are
            ``beats``, ``sections``, ``chords``, ``notes``, ``riff``, ``contour``, ``spans``, ``curves`` and
            ``verdicts``.

        Raises
        ------
        ValueError
            There is no such table.
        """
        # The tables are made of analyses; like steps they are found by their place.
        found: pl.DataFrame = importlib.import_module("riffscope.tables").table_of(self, table).to_frame()
        return found

    def measure(self, path: str) -> Any:
        """Return a field by its path, such as ``vocal_range.span_semitones``."""
        name, *rest = path.split(".")
        outcome = self.outcomes.get(name)
        if not isinstance(outcome, Measured):
            raise not_measured(name, outcome)
        found = outcome.value
        for part in rest:
            try:
                found = getattr(found, part)
            except AttributeError:
                raise NotMeasured(path, Absence.NOT_RUN, f"there is no {part} in {name}") from None
        return found


def _table_row(name: str, text: str) -> str:
    return f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th><td>{html.escape(text)}</td></tr>'


def not_measured(name: str, outcome: Missing | Failed | Measured | None) -> NotMeasured:
    """Return the error that says why a song has no such measurement."""
    match outcome:
        case Missing(code=code, reason=reason):
            return NotMeasured(name, code, reason)
        case Failed(reason=reason):
            return NotMeasured(name, Absence.FAILED, reason)
        case _:
            return NotMeasured(name, Absence.NOT_RUN, "it was not measured")


def why_missing(outcome: Outcome | None) -> str:
    """Say in words why there is no value."""
    return not_measured("", outcome).reason


def failures(song: SongAnalysis) -> list[str]:
    """Return what broke down, a line for each cause: what several measurements need fails once."""
    causes: dict[tuple[str, str], list[Failed]] = {}
    for outcome in song.outcomes.values():
        if isinstance(outcome, Failed):
            origin = "" if outcome.error == NO_MEMORY else outcome.origin
            causes.setdefault((origin, outcome.error), []).append(outcome)
    return [_in_one(failed) for failed in causes.values()]


def _in_one(failed: list[Failed]) -> str:
    """Say of measurements that failed for one cause which they are, of many the first alone, and why."""
    failed = sorted(failed, key=lambda one: one.origin != one.measurement)
    named = [one.measurement.replace("_", " ") for one in failed]
    if len(named) > MOST_NAMED:
        named[MOST_NAMED - 1 :] = [f"{len(named) - MOST_NAMED + 1} more"]
    return f"{words.joined(named)}: {failed[0].reason}"


def made_by() -> dict[str, str]:
    """Return the versions that a result depends on."""
    return {
        "riffscope": version("riffscope"),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
    }


def analyze(
    audio: Audio,
    *,
    settings: Settings | None = None,
    only: Iterable[type] | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> SongAnalysis:
    """Measure a song.

    Parameters
    ----------
    audio : Audio
        From `riffscope.load.load`.
    settings : Settings, optional
        How to separate the vocals from the mix.
    only : iterable of result types, optional
        Measure just these, and what they need. All analyzers by default.
    threads : int, optional
        How many threads all steps may use together; the number of processors by default. On one, nothing runs side by
        side.
    progress : callable, optional
        Told of each step as it ends.
    """
    wanted = measurements() if only is None else only
    return make(audio, wanted, settings=settings, threads=threads, progress=progress).analysis()


def measurements() -> list[type]:
    """Return the result type of every measurement, in the order of their names."""
    return [step.produces for step in steps.analyzers()]


_NOTHING: Mapping[type, Outcome] = types.MappingProxyType({})
# What is said of a result that the user gave.
BY_HAND = "given by hand, not measured"


@dataclass(frozen=True, kw_only=True)
class SongRun:
    """What one run over a song made: measurements, and the views that were asked for beside them.

    Attributes
    ----------
    audio, settings
        What it was made from.
    outcomes : mapping
        By result type.
    """

    audio: Audio
    settings: Settings
    outcomes: Mapping[type, Outcome]

    def __getitem__(self, result: type[T]) -> T:
        outcome = self.outcomes.get(result)
        if isinstance(outcome, Measured) and isinstance(outcome.value, result):
            return outcome.value
        raise not_measured(snake_case(result.__name__), outcome)

    def get(self, result: type[T]) -> T | None:
        """Return what was made of a type, or None where nothing was."""
        outcome = self.outcomes.get(result)
        return outcome.value if isinstance(outcome, Measured) and isinstance(outcome.value, result) else None

    def analysis(self) -> SongAnalysis:
        """Put the measurements together as one document, with its notes spelled one way."""
        found = {
            step.name: self.outcomes[step.produces] for step in steps.analyzers() if step.produces in self.outcomes
        }
        song = SongAnalysis(
            source=self.audio.source,
            outcomes=types.MappingProxyType(found),
            made_by=made_by(),
            settings=self.settings.described(),
        )
        return song.spelled(song.spelling)


def make(
    audio: Audio,
    wanted: Iterable[type],
    *,
    settings: Settings | None = None,
    known: Iterable[Any] = (),
    kept: Mapping[type, Outcome] = _NOTHING,
    threads: int | None = None,
    progress: Progress | None = None,
    found: Found | None = None,
) -> SongRun:
    """Make results and views of a song, by their types, each in one run with the others.

    Parameters
    ----------
    known : iterable of results
        What the user gave: it is not measured, and whatever needs it takes it from here.
    kept : mapping
        Outcomes of an earlier run by their types: they are part of this one, and what needs them takes them from here.
    threads : int, optional
        As in `analyze`.
    progress : callable, optional
        Told of each step as it ends.
    found : callable, optional
        Told of each result that was asked for, as soon as it is there: its name and outcome.
    """
    makers, chosen = steps.producers(), settings or Settings()
    by_hand = {type(result): result for result in known}
    given = {
        **kept,
        **{
            t: Measured(value=v, version=0, seconds=0.0) for t, v in {Audio: audio, Settings: chosen, **by_hand}.items()
        },
    }
    asked_for = dict.fromkeys(wanted)
    steps_wanted = [makers[t] for t in asked_for if t not in given]
    outcomes = _run(
        steps_wanted, given, threads or os.cpu_count() or 1, progress or (lambda *_: None), found or (lambda *_: None)
    )
    outcomes |= {t: outcome for t, outcome in kept.items() if t in asked_for}
    for result_type in asked_for.keys() & by_hand.keys():
        outcomes[result_type] = Measured(
            value=by_hand[result_type], version=makers[result_type].version, seconds=0.0, caveats=(BY_HAND,)
        )
    return SongRun(audio=audio, settings=chosen, outcomes=outcomes)


def _run(
    wanted: list[steps.Step],
    given: Mapping[type, Outcome],
    threads: int,
    progress: Progress,
    found: Found = lambda *_: None,
) -> dict[type, Outcome]:
    """Run steps in the order of their needs. A result is dropped when the last step that needs it has run.

    Of the steps that could run next the one is run that lets go of the most memory. On one thread what is as large as
    the song is made when nothing else is left to do without it. On several threads, of the steps that take much memory
    while they run only one does at a time. They also take the longest, so the step goes first after which most of them
    have to follow one another.
    """
    chosen = steps.closure(wanted, given)
    order = graphlib.TopologicalSorter({t: [n.type for n in step.needs] for t, step in chosen.items()})
    order.prepare()
    kept = {step.produces for step in wanted}
    readers = {t: sum(t in [n.type for n in step.needs] for step in chosen.values()) for t in chosen}
    in_a_row = _heavy_in_a_row(chosen)
    outcomes: dict[type, Outcome] = {}
    inputs: dict[type, Outcome] = dict(given)
    running: dict[Future[Outcome], steps.Step] = {}
    waiting: list[steps.Step] = []
    ended = 0

    def rank(step: steps.Step) -> tuple[int, int]:
        let_go = sum(held_bytes(inputs[n.type]) for n in step.needs if readers.get(n.type) == 1)
        return in_a_row[step.produces] if threads > 1 else -step.large, let_go

    def ready() -> list[steps.Step]:
        """Give what may begin now."""
        if len(running) >= threads:
            return []
        full = any(step.heavy for step in running.values())
        return [step for step in waiting if not (full and step.heavy)]

    with _AtOnce() if threads == 1 else _Abandoned(threads, thread_name_prefix="riffscope") as pool:
        while order.is_active():
            for result in order.get_ready():
                if result in given:
                    order.done(result)
                    continue
                waiting.append(chosen[result])
            while could := ready():
                step = max(could, key=rank)
                waiting.remove(step)
                if step.heavy:
                    memory.give_back()
                running[pool.submit(_run_lent, pool, step, [inputs[n.type] for n in step.needs])] = step
            if not running:
                continue
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                inputs[step.produces] = future.result()
                if step.produces in kept:
                    outcomes[step.produces] = inputs[step.produces]
                    found(step.name, inputs[step.produces])
                order.done(step.produces)
                for need in step.needs:
                    if need.type in readers:
                        readers[need.type] -= 1
                        if readers[need.type] == 0:
                            del inputs[need.type]
                ended += 1
                progress(step.name, ended, len(chosen))
    return outcomes


def _heavy_in_a_row(chosen: Mapping[type, steps.Step]) -> dict[type, int]:
    """Return how many steps that take much memory follow one another from each step on, itself included."""
    in_a_row = {t: int(step.heavy) for t, step in chosen.items()}
    needs = {t: [n.type for n in step.needs if n.type in chosen] for t, step in chosen.items()}
    for t in reversed(tuple(graphlib.TopologicalSorter(needs).static_order())):
        for need in needs[t]:
            in_a_row[need] = max(in_a_row[need], chosen[need].heavy + in_a_row[t])
    return in_a_row


class _Abandoned(ThreadPoolExecutor):
    """Threads that an interrupt does not wait for: a step of a long song takes most of a minute.

    One that works part by part ends with the part that it is at (`riffscope.idle_threads.Abandoned`).
    """

    def __exit__(self, kind: type[BaseException] | None, *about: object) -> None:
        self.shutdown(wait=kind is None, cancel_futures=True)


def _run_lent(pool: Executor, step: steps.Step, inputs: list[Outcome]) -> Outcome:
    """Run a step, which may use what is idle of the threads of a pool."""
    with contextlib.nullcontext() if isinstance(pool, _AtOnce) else idle_threads.lent_by(pool):
        return _run_step(step, inputs)


class _AtOnce(Executor):
    """Runs what it is given where it is given: the C library keeps more of the memory of other threads than of this."""

    def submit(self, fn: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        done: Future[R] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


def held_bytes(content: Any) -> int:
    """Return how many bytes the arrays of a value take, and those of the values in it."""
    if isinstance(content, np.ndarray):
        return content.nbytes
    if not is_dataclass(content):
        return 0
    return sum(held_bytes(getattr(content, each.name)) for each in fields(content))


def _run_step(step: steps.Step, inputs: list[Outcome]) -> Outcome:
    values: list[Any] = []
    caveats: dict[str, None] = {}  # in order, each once
    for need, outcome in zip(step.needs, inputs, strict=True):
        match outcome:
            case Measured():
                values.append(outcome.value)
                caveats |= dict.fromkeys(outcome.caveats)
            case Missing() if need.optional:
                values.append(None)
            case Failed() if need.optional:
                values.append(None)
                caveats[f"Made without the {snake_case(need.type.__name__).replace('_', ' ')}, which failed."] = None
            case Missing() | Failed():
                return replace(outcome, measurement=step.name, version=step.version)
    begin = time.perf_counter()
    try:
        result = step.function(*values)
    except CannotMeasure as why:
        log.debug("%s: missing: %s", step.name, why)
        return Missing(measurement=step.name, code=why.code, reason=why.reason, version=step.version)
    except MemoryError as why:
        log.exception("%s failed", step.name)
        where = traceback_of(why)
        return Failed(measurement=step.name, error=NO_MEMORY, origin=step.name, traceback=where, version=step.version)
    except Exception as bug:  # one broken measurement must not cost the user the others; it is reported
        log.exception("%s failed", step.name)
        error = one_line(f"{type(bug).__name__}: {bug}")
        where = traceback_of(bug)
        return Failed(measurement=step.name, error=error, origin=step.name, traceback=where, version=step.version)
    seconds = round(time.perf_counter() - begin, 4)
    log.info("%s: %.3f s", step.name, seconds)
    return Measured(value=result, version=step.version, seconds=seconds, caveats=tuple(caveats))


def traceback_of(bug: BaseException) -> str:
    """Write a traceback in full, without the folders of this machine: analyses are handed on."""
    told: traceback.TracebackException | None = traceback.TracebackException.from_exception(bug)
    text = "".join(told.format()) if told is not None else ""
    while told is not None:
        for frame in told.stack:
            text = text.replace(f'"{frame.filename}"', f'"{_from_the_package_on(Path(frame.filename))}"')
        told = told.__cause__ or told.__context__
    return text


def _from_the_package_on(file: Path) -> str:
    """Name a source file as it is imported: ``riffscope/song.py``; of the standard library by its name alone."""
    for above in ("site-packages", "analysis"):
        if above in file.parts:
            return "/".join(file.parts[file.parts.index(above) + 1 :])
    return file.name
