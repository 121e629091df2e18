"""Measures riffscope on annotated songs, prints the means and renews the figures.

    python -m benchmarks.measure                                     # all sets, with the voice apart and from the mix
    python -m benchmarks.measure --sets dev,mixes2 --separators auto
    python -m benchmarks.measure --only tempo,beats --match s7_01    # some tasks, some songs: prints, keeps no figures
    python -m benchmarks.measure --peer essentia --python VENV/bin/python --sets dev

Answers are kept in ``build/bench`` with what they cost, so a run that was cut off goes on. The figures of whole sets go
into ``figures.json``, and from there into the README.
"""

import argparse
import datetime as dt
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import programs, readme
from benchmarks.answers import Answer
from benchmarks.figures import Figures, SetFigures, Source, means_of, read_figures, write_figures
from benchmarks.items import Item, read_set
from benchmarks.programs import ROOT, Program, Reply, VoiceModelMissing
from benchmarks.tasks import Scores, Task, find_tasks, score
from benchmarks.verdicts import sum_up_set

DATA = ROOT.parent / "shared" / "data"
KEPT = ROOT / "build" / "bench"


@dataclass(frozen=True, kw_only=True)
class Row:
    """One song's reply and its scores, by task."""

    item: Item
    reply: Reply
    scores: dict[str, Scores]

    def scores_in(self, tasks: Collection[str]) -> dict[str, float]:
        """Return the scores in some tasks, by metric."""
        return {name: value for task in tasks for name, value in self.scores.get(task, {}).items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, measure, print; renew figures and README where whole sets were measured."""
    options = _parser().parse_args(arguments)
    tasks = find_tasks()
    wanted = options.only.split(",") if options.only else list(tasks)
    if unknown := set(wanted) - set(tasks):
        _parser().error(f"no task is called {', '.join(sorted(unknown))} (there are {', '.join(tasks)})")
    figures = read_figures()
    try:
        for program in _programs(options):
            for folder in _sets(options.data, options.sets):
                rows = measure(
                    program,
                    [item for item in read_set(folder) if options.match in item.file],
                    {name: tasks[name] for name in wanted},
                    options.answers / program.name.replace(" ", "-").replace(",", "") / program.version / folder.name,
                    timeout_s=options.timeout,
                )
                if not rows:
                    continue
                found = figures_of(program, rows, tasks)
                print_means(program, folder.name, found)
                figures = figures.renewed(program.name, folder.name, found)
    except (VoiceModelMissing, FileNotFoundError, ValueError) as why:
        print(why, file=sys.stderr)
        return 1
    if options.only or options.match:
        print("\nSome tasks or songs only: figures.json and the README stay as they are.")
    else:
        _renew(figures)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the sets (default: ../shared/data)")
    parser.add_argument("--sets", default="", help="their names, with commas (default: all that are annotated)")
    parser.add_argument("--only", default="", help="tasks, with commas")
    parser.add_argument("--match", default="", help="only files whose names hold this text")
    parser.add_argument("--separators", default="auto,none", help="auto: voice apart, none: from the mix")
    parser.add_argument("--peer", help="measure a chain of other programs instead: a file in peers/")
    parser.add_argument("--python", type=Path, default=Path(sys.executable), help="the Python that the peer needs")
    parser.add_argument("--answers", type=Path, default=KEPT, help="where answers are kept (default: build/bench)")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds a song may take (default: 300)")
    return parser


def _programs(options: argparse.Namespace) -> list[Program]:
    if options.peer:
        return [programs.peer(options.peer, options.python)]
    return [programs.riffscope(separator) for separator in options.separators.split(",")]


def _sets(data: Path, names: str) -> list[Path]:
    """Return the folders of the sets that were asked for, or of all that tell what their songs are annotated with."""
    if names:
        return [data / name for name in names.split(",")]
    folders = [path.parent for path in sorted(data.glob("*/manifest.json"))]
    if not folders:
        raise FileNotFoundError(f"{data}: no annotated sets (say where they are with --data or DATA=)")
    return [folder for folder in folders if any(item.kinds for item in read_set(folder))]


def measure(
    program: Program, items: Sequence[Item], tasks: dict[str, Task], kept: Path, *, timeout_s: float
) -> list[Row]:
    """Ask a program about songs and score what it answers; songs without the truth for any task are left out."""
    rows = []
    for item in items:
        if not any(task.asks(item) for task in tasks.values()):
            continue
        reply = programs.ask(program, item, kept, timeout_s=timeout_s)
        scores = score(item, reply.answer, tasks)
        rows.append(Row(item=item, reply=reply, scores=scores))
        shown = " ".join(f"{name}={value:.2f}" for each in scores.values() for name, value in each.items())
        print(f"{item.file}: {reply.cost.wall_s:.1f} s {reply.error or shown}", file=sys.stderr, flush=True)
    return rows


def figures_of(program: Program, rows: Sequence[Row], tasks: Mapping[str, Task]) -> SetFigures:
    """Return the means of a set, what the runs cost, and by what they were measured.

    Other programs are measured in the tasks that they take part in; riffscope in all, so that what it fails to say on
    any song counts as wrong.
    """
    minutes = sum(row.item.duration_s for row in rows) / 60
    answers: dict[str, Answer] = {row.item.file: row.reply.answer for row in rows}
    cpu_count, python = programs.machine(program)
    ours = program.name in programs.LISTENING.values()
    taken = [name for name, task in tasks.items() if ours or any(map(task.is_answered, answers.values()))]
    versions = [answer.document["made_by"]["riffscope"] for answer in answers.values() if "made_by" in answer.document]
    return SetFigures(
        source=Source(
            date=dt.datetime.now(dt.UTC).date().isoformat(),
            version=versions[0] if versions else "",
            commit=programs.commit() if ours else "",
            cpu_count=cpu_count,
            python=python,
        ),
        items=len(rows),
        minutes=round(minutes, 1),
        metrics=means_of(row.scores_in(taken) for row in rows),
        failed_runs=sum(bool(row.reply.error) for row in rows),
        cpu_s_per_minute=round(sum(row.reply.cost.cpu_s for row in rows) / minutes, 2),
        peak_mb=round(max(row.reply.cost.peak_mb for row in rows)) or None,
        rulings=sum_up_set([row.item for row in rows], answers) if ours else None,
    )


def print_means(program: Program, name: str, found: SetFigures) -> None:
    """Print the means of a set, a metric a line."""
    print(f"\n{program.name}: {name}, {found.items} recordings, {found.minutes:.0f} minutes")
    for metric, mean in found.metrics.items():
        shown = "-" if mean.value is None else f"{mean.value:.3f}"
        lost = f"   ({mean.lost} without a number)" if mean.lost else ""
        print(f"{metric:28}{shown:>9}{mean.items:7d}{lost}")
    if found.rulings is not None:
        for field in ("precision", "decided", "brier"):
            share = getattr(found.rulings, field)
            print(f"{'rulings_' + field:28}{'-' if share is None else format(share, '.3f'):>9}")
    print(f"{'cpu_s_per_minute':28}{found.cpu_s_per_minute:9.2f}")
    print(f"{'peak_mb':28}{found.peak_mb or 0:9.0f}")
    print(f"{'failed_runs':28}{found.failed_runs:9d}{found.items:7d}")


def _renew(figures: Figures) -> None:
    write_figures(figures)
    readme.renew(readme.README, figures)
    print("\nRenewed figures.json and the table in the README.")


if __name__ == "__main__":
    sys.exit(main())
