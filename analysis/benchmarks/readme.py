"""The README's table of figures, written from ``figures.json``.

    python -m benchmarks.readme            # writes the table
    python -m benchmarks.readme --check    # fails where the table and figures.json disagree

The table lies between two comments in the README. Its rows are named here; its columns are the programs that were
measured on the set.
"""

import argparse
import datetime as dt
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.figures import Figures, SetFigures, Source, read_figures
from benchmarks.programs import ROOT

README = ROOT / "README.md"
BEGIN = "<!-- figures: `make bench` writes this table from analysis/benchmarks/figures.json -->"
END = "<!-- end of figures -->"
SET, RENDERED = "dev", "mixes2"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A row of the table.

    Attributes
    ----------
    shown : str
        A share (.85), or how many of all (12 of 13).
    beside : str
        A set whose mean stands beside the label as well; empty: none.
    """

    label: str
    metric: str
    shown: Literal["share", "count"] = "share"
    beside: str = ""


LINES = (
    Line(label="tempo right (4%)", metric="tempo_acc1"),
    Line(label="beats, F-measure", metric="beat_f"),
    Line(label="downbeats, F-measure", metric="downbeat_f"),
    Line(label="section boundaries within 3 s, F-measure", metric="structure_f3"),
    Line(label="key, weighted score", metric="key_weighted", beside=RENDERED),
    Line(label="sung pitch right (raw pitch accuracy)", metric="vocal_rpa"),
    Line(label="pitch and voicing right (overall accuracy)", metric="vocal_oa"),
    Line(label="sung range within 2 semitones", metric="range_within_2st", shown="count"),
    Line(label="instrumentals and speech heard as such", metric="no_vocal_ok", shown="count"),
)
COST = "CPU seconds a minute of song, start-up included"


def table(figures: Figures) -> str:
    """Return the table of all programs that were measured on the set, and by what they were, in Markdown."""
    columns = {name: sets[SET] for name, sets in figures.programs.items() if SET in sets}
    rows = [["", *columns], ["---"] * (len(columns) + 1)]
    rows += [[_label(line, figures), *(_cell(line, found) for found in columns.values())] for line in LINES]
    costs = ("" if found.cpu_s_per_minute is None else f"{found.cpu_s_per_minute:.1f}" for found in columns.values())
    rows.append([COST, *costs])
    lines = ["| " + " | ".join(cells).strip() + " |" for cells in rows]
    return "\n".join([*lines, "", _sources(columns)]).replace("| ---", "|---").replace("--- |", "---|")


def _label(line: Line, figures: Figures) -> str:
    name = next(iter(figures.programs), "")
    beside = figures.of(name, line.beside) if line.beside else None
    if beside is None or line.metric not in beside.metrics:
        return line.label
    return f"{line.label} ({beside.items} rendered songs: {_share(beside.metrics[line.metric].value)})"


def _cell(line: Line, found: SetFigures) -> str:
    mean = found.metrics.get(line.metric)
    if mean is None or mean.value is None:
        return "none"
    if line.shown == "count":
        return f"{round(mean.value * mean.items)} of {mean.items}"
    return _share(mean.value)


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}".removeprefix("0")


def _sources(columns: dict[str, SetFigures]) -> str:
    """Return by what and when each column was measured, columns that share it together."""
    shared: dict[str, list[str]] = {}
    for name, found in columns.items():
        shared.setdefault(_source(found.source), []).append(name)
    told = " ".join(f"{' and '.join(names)}: {source}." for source, names in shared.items())
    return textwrap.fill(told, width=120, break_on_hyphens=False)


def _source(source: Source) -> str:
    version = " ".join(filter(None, (source.version, f"({source.commit})" if source.commit else "")))
    python = ".".join(source.python.split(".")[:2])
    machine = f"{source.cpu_count} CPUs, Python {python}" if source.cpu_count else ""
    return ", ".join(filter(None, (version, _spoken(source.date), machine, source.note)))


def _spoken(date: str) -> str:
    day = dt.date.fromisoformat(date)
    return f"{day.day} {day:%B %Y}"


def renewed(text: str, figures: Figures) -> str:
    """Return a README with the table in it.

    Raises
    ------
    ValueError
        The comments that mark its place are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has no {BEGIN} ... {END}")
    return f"{before}{BEGIN}\n\n{table(figures)}\n\n{END}{after}"


def renew(path: Path, figures: Figures) -> None:
    """Write the table into a README."""
    path.write_text(renewed(path.read_text("utf-8"), figures), "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the table, or check it: status 1 where README and figures disagree."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing")
    figures = read_figures()
    if not parser.parse_args(arguments).check:
        renew(README, figures)
        return 0
    text = README.read_text("utf-8")
    if renewed(text, figures) == text:
        return 0
    print("README.md: its table is not that of figures.json (python -m benchmarks.readme writes it)", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
