"""Analyse a song: run just the steps that are asked for, each once, the independent ones side by side."""

import graphlib
import html
import os
import platform
import time
import traceback
import types
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import field
from importlib.metadata import version
from typing import Any, TypeVar

from riffscope import steps
from riffscope.errors import CannotMeasure, NothingToMeasure, NotMeasured
from riffscope.model import Audio, Failed, Measured, Missing, Outcome, Settings, Source, Verdict, snake_case, value
from riffscope.units import clock

T = TypeVar("T")

ROOTS: tuple[type, ...] = (Audio, Settings)
"""What a song is analysed from; every other type is made by a step."""

Progress = Callable[[str, int, int], None]
"""Told the step that has just ended, how many have ended, and how many there are."""


@value
class SongAnalysis:
    """What was measured of a song.

    ``song[Loudness]`` is the typed value of a measurement, ``song.measure("loudness.integrated_lufs")`` the same by
    path. Both raise `NotMeasured` with the reason where there is none.
    """

    source: Source
    outcomes: Mapping[str, Outcome]
    verdicts: tuple[Verdict, ...] = ()
    made_by: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)

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

    def summaries(self) -> Iterator[tuple[str, str]]:
        """Yield each measurement's name with its own summary, or why there is none."""
        for name, outcome in self.outcomes.items():
            if not isinstance(outcome, Measured):
                yield name, f"\N{EM DASH} {why_missing(outcome)}"
            elif hasattr(outcome.value, "summary"):
                yield name, outcome.value.summary

    def _repr_html_(self) -> str:
        """Show the song in a notebook: each measurement in one line, and the verdicts."""
        rows = [_table_row(name.replace("_", " ").capitalize(), text) for name, text in self.summaries()]
        ruled = [_table_row(verdict.ruling.replace("_", " "), verdict.text) for verdict in self.verdicts]
        title = f"{self.source.title} · {clock(self.source.duration_s)}"
        # Titles are hostile text.
        tables = "".join(f"<table><tbody>{''.join(part)}</tbody></table>" for part in (rows, ruled) if part)
        return f"<div><strong>{html.escape(title)}</strong>{tables}</div>"

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
                raise NotMeasured(f"{path}: there is no {part} in {name}") from None
        return found


def _table_row(name: str, text: str) -> str:
    return f'<tr><th scope="row" style="text-align:left">{html.escape(name)}</th><td>{html.escape(text)}</td></tr>'


def not_measured(name: str, outcome: Outcome | None) -> NotMeasured:
    """Return the error that says why a song has no such measurement."""
    kind = NothingToMeasure if isinstance(outcome, Missing) else NotMeasured
    return kind(f"{name}: {why_missing(outcome)}")


def why_missing(outcome: Outcome | None) -> str:
    """Say in words why there is no value."""
    match outcome:
        case Missing(reason=reason):
            return reason
        case Failed(error=error):
            return f"failed: {error}"
        case _:
            return "was not measured"


def outcomes_by_type(song: SongAnalysis) -> dict[type, Outcome]:
    """Return an analysis, itself among them, as `make` returns what it makes."""
    measured = {step.produces: song.outcomes[step.name] for step in steps.analyzers() if step.name in song.outcomes}
    return {SongAnalysis: Measured(value=song, version=0, seconds=0.0), **measured}


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
        How to take the voice out of the mix.
    only : iterable of result types, optional
        Measure just these, and what they need. All analyzers by default.
    threads : int, optional
        How many steps may run at the same time; the number of processors by default.
    progress : callable, optional
        Told of each step as it ends.
    """
    wanted = measurements() if only is None else only
    return analysis_of(make(audio, wanted, settings=settings, threads=threads, progress=progress))


def measurements() -> list[type]:
    """Return the result type of every measurement, in the order of their names."""
    return [step.produces for step in steps.analyzers()]


def analysis_of(made: Mapping[type, Outcome]) -> SongAnalysis:
    """Put the measurements among what `make` returned together as an analysis.

    Whoever wants views of a song beside its analysis has both from one run.

    Raises
    ------
    ValueError
        `make` did not make this.
    """
    audio, settings = made.get(Audio), made.get(Settings)
    if not isinstance(audio, Measured) or not isinstance(settings, Measured):
        raise ValueError("an analysis is put together from what make() returned, its sound and settings included")
    found = {step.name: made[step.produces] for step in steps.analyzers() if step.produces in made}
    return SongAnalysis(
        source=audio.value.source,
        outcomes=types.MappingProxyType(found),
        made_by=made_by(),
        settings=settings.value.described(),
    )


def make(
    audio: Audio,
    wanted: Iterable[type],
    *,
    settings: Settings | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> dict[type, Outcome]:
    """Make results and views of a song, by their types; its sound and the settings are there as well."""
    makers = steps.producers()
    roots = {Audio: audio, Settings: settings or Settings()}
    steps_wanted = [makers[t] for t in wanted if t not in roots]
    return _run(steps_wanted, roots, threads or os.cpu_count() or 1, progress or (lambda *_: None))


def _run(wanted: list[steps.Step], roots: Mapping[type, Any], threads: int, progress: Progress) -> dict[type, Outcome]:
    """Run steps in the order of their needs. A result is dropped when the last step that needs it has run."""
    chosen = steps.closure(wanted, roots)
    order = graphlib.TopologicalSorter({t: [n.type for n in step.needs] for t, step in chosen.items()})
    order.prepare()
    kept = {step.produces for step in wanted}
    readers = {t: sum(t in [n.type for n in step.needs] for step in chosen.values()) for t in chosen}
    outcomes: dict[type, Outcome] = {t: Measured(value=v, version=0, seconds=0.0) for t, v in roots.items()}
    running: dict[Future[Outcome], steps.Step] = {}
    ended = 0
    with ThreadPoolExecutor(max_workers=threads, thread_name_prefix="riffscope") as pool:
        while order.is_active():
            for ready in order.get_ready():
                if ready not in chosen:  # a root
                    order.done(ready)
                    continue
                step = chosen[ready]
                running[pool.submit(_run_step, step, [outcomes[n.type] for n in step.needs])] = step
            if not running:
                continue
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                step = running.pop(future)
                outcomes[step.produces] = future.result()
                order.done(step.produces)
                for need in step.needs:
                    if need.type in readers:
                        readers[need.type] -= 1
                        if readers[need.type] == 0 and need.type not in kept:
                            del outcomes[need.type]
                ended += 1
                progress(step.name, ended, len(chosen))
    return outcomes


def _run_step(step: steps.Step, inputs: list[Outcome]) -> Outcome:
    values = []
    for need, outcome in zip(step.needs, inputs, strict=True):
        match outcome:
            case Measured():
                values.append(outcome.value)
            case Missing() if need.optional:
                values.append(None)
            case Missing():
                return outcome
            case Failed():
                first = outcome.error.startswith("needs ")
                return Failed(
                    error=outcome.error if first else f"needs {snake_case(need.type.__name__)}: {outcome.error}"
                )
    begin = time.perf_counter()
    try:
        result = step.function(*values)
    except CannotMeasure as why:
        return Missing(reason=str(why))
    except Exception as bug:  # noqa: BLE001 - one broken measurement must not cost the user the others; it is reported
        where = traceback.extract_tb(bug.__traceback__)[-1]
        return Failed(error=f"{type(bug).__name__}: {bug} ({where.name}, line {where.lineno})")
    return Measured(value=result, version=step.version, seconds=round(time.perf_counter() - begin, 4))
