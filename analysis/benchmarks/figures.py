"""The figures: means by program, set and metric, and where they come from; ``figures.json`` keeps them."""

import math
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

FILE = Path(__file__).parent / "figures.json"


@dataclass(frozen=True, kw_only=True)
class Source:
    """By what, when and on what figures were measured.

    Attributes
    ----------
    version : str
        Of the program; empty where it was not written down.
    commit : str
        Of this repository; with a + where files were changed since; empty for other programs.
    date : str
        ISO 8601, or as much of it as is known.
    cpu_count, python
        The machine, in as many words as speed needs; 0 and empty where it was not written down.
    note : str
        What else to know.
    """

    date: str
    version: str = ""
    commit: str = ""
    cpu_count: int = 0
    python: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Mean:
    """The mean of a metric.

    Attributes
    ----------
    value : float or None
        None where no recording gave a number.
    items : int
        Recordings that have the truth for it.
    lost : int
        Those of them without a number, which the mean leaves out: errors of what was not found.
    """

    value: float | None
    items: int
    lost: int = 0


@dataclass(frozen=True, kw_only=True)
class Rulings:
    """How well the rulings on the built-in claims are right: see `benchmarks.verdicts`."""

    right: int
    wrong: int
    undecided: int
    precision: float | None
    decided: float | None
    brier: float | None


@dataclass(frozen=True, kw_only=True)
class SetFigures:
    """One program's figures on one set."""

    source: Source
    items: int
    minutes: float
    metrics: dict[str, Mean]
    failed_runs: int = 0
    cpu_s_per_minute: float | None = None
    peak_mb: float | None = None
    rulings: Rulings | None = None


@dataclass(frozen=True, kw_only=True)
class Figures:
    """All figures: program -> set -> means."""

    programs: dict[str, dict[str, SetFigures]] = field(default_factory=dict)

    def of(self, program: str, name: str) -> SetFigures | None:
        """Return a program's figures on a set, or None where it was not measured."""
        return self.programs.get(program, {}).get(name)

    def renewed(self, program: str, name: str, figures: SetFigures) -> "Figures":
        """Return all figures with those of one program on one set in place of older ones."""
        sets = self.programs.get(program, {}) | {name: figures}
        return Figures(programs=self.programs | {program: sets})


def mean_of(values: Sequence[float]) -> Mean:
    """Return the mean of the values that are numbers."""
    numbers = [value for value in values if not math.isnan(value)]
    mean = round(statistics.fmean(numbers), 4) if numbers else None
    return Mean(value=mean, items=len(values), lost=len(values) - len(numbers))


def means_of(rows: Iterable[Mapping[str, float]]) -> dict[str, Mean]:
    """Return the mean of each metric over the recordings that have it, by name."""
    values: dict[str, list[float]] = {}
    for row in rows:
        for name, value in row.items():
            values.setdefault(name, []).append(value)
    return {name: mean_of(values[name]) for name in sorted(values)}


def read_figures(path: Path = FILE) -> Figures:
    """Read the figures; there are none where there is no such file."""
    return msgspec.json.decode(path.read_bytes(), type=Figures) if path.exists() else Figures()


def write_figures(figures: Figures, path: Path = FILE) -> None:
    """Write the figures so that changes of single numbers are seen as such."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=1) + b"\n")
