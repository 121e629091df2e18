"""The tasks: one file each, found by walking this package, so that there is no list to keep.

A task's file opens with what it asks, its conventions, its metrics and their source, and holds one function marked
`task`: from a recording and an answer to named scores. A measurement that is not there counts as wrong, never as left
out, so the mean of a score is over all recordings that have the truth for it. NaN stands for an error that cannot be
given, such as the distance to a range that was not found; how many there are is reported beside the mean.
"""

import functools
import importlib
import pkgutil
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from benchmarks.answers import Answer
from benchmarks.items import Item

Scores = Mapping[str, float]
Scorer = Callable[[Item, Answer], Scores]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A task and how an answer to it is scored.

    Attributes
    ----------
    name : str
        The name of its file.
    kinds : frozenset of str
        A recording annotated with any of these has its truth; empty: every recording may.
    reads : str
        The field of the answer, as measurement.field, without which a program does not take part in the task.
    """

    name: str
    kinds: frozenset[str]
    reads: str
    scorer: Scorer

    def asks(self, item: Item) -> bool:
        """Tell whether a recording may have the truth for this task."""
        return not self.kinds or not self.kinds.isdisjoint(item.kinds)

    def is_answered(self, answer: Answer) -> bool:
        """Tell whether an answer says anything on it."""
        measurement, _, field = self.reads.partition(".")
        return bool(answer.fields(measurement).get(field))

    def __call__(self, item: Item, answer: Answer) -> Scores:
        """Return the scores of an answer, none where the recording turns out to lack the truth."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # mir_eval warns of empty answers, which count as wrong here
            return self.scorer(item, answer)


def task(*kinds: str, reads: str) -> Callable[[Scorer], Task]:
    """Mark the function that scores a task, with the kinds of annotation that hold its truth and what it reads."""

    def mark(scorer: Scorer) -> Task:
        name = scorer.__module__.rpartition(".")[2]
        return Task(name=name, kinds=frozenset(kinds), reads=reads, scorer=scorer)

    return mark


@functools.cache
def find_tasks() -> Mapping[str, Task]:
    """Return all tasks by name.

    Raises
    ------
    TypeError
        A file in this package has not exactly one function marked `task`.
    """
    tasks = {}
    for info in pkgutil.iter_modules(__path__, f"{__name__}."):
        module = importlib.import_module(info.name)
        found = [each for each in vars(module).values() if isinstance(each, Task)]
        if len(found) != 1:
            raise TypeError(f"{info.name} has {len(found)} tasks, and should have one")
        tasks[found[0].name] = found[0]
    return tasks


def score(item: Item, answer: Answer, tasks: Mapping[str, Task]) -> dict[str, Scores]:
    """Return the scores of an answer, by task, in all tasks that a recording has the truth for."""
    return {name: each(item, answer) for name, each in tasks.items() if each.asks(item)}
