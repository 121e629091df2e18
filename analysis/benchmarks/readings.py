"""Measures how well sentences about songs are read: python -m benchmarks.readings FILE.jsonl [...] [--show] [--topics].

A file holds a sentence a line: ``{"text", "kind", "readings", "also"}`` (``tests/data/sentences``). All sentences of a
file are read as one text, a paragraph each. A statement is right where its topic, relation, sections and what it is
compared with are, and its value within 2 %. ``harmful`` is the share of all statements read that stand in a sentence
with none, or that say the opposite of one that is there: a false verdict would follow from them.
"""

import argparse
import dataclasses
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from riffscope.articles.article import Paragraph, Text
from riffscope.articles.reader import read
from riffscope.notes import FLATS, SHARPS, pitch_class

Reading = Mapping[str, Any]

# People draw no line between these.
ALIKE = (
    {"is", "about"},
    {"present", "high", "throughout"},
    {"absent", "low"},
    {"closeness", "dryness"},
    {"density", "onsets"},
)
OPPOSITES = (
    {"low", "high"},
    {"present", "absent"},
    {"more", "less"},
    {"throughout", "absent"},
    {"at_least", "at_most"},
)
TOLERANCE = 0.02
KINDS = ("other", "not_testable", "checkable")


@dataclass(kw_only=True)
class Score:
    """How well sentences were read.

    Attributes
    ----------
    wanted, given, right : Counter
        Numbers of statements, by topic.
    harmful : int
        Of those given.
    wrong : list of str
        What was missed and misread, for people.
    """

    sentences: int = 0
    kinds_right: int = 0
    wanted: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    harmful: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        """How many of the statements read are right."""
        return self.right.total() / max(1, self.given.total())

    @property
    def recall(self) -> float:
        """How many of those that are there were read."""
        return self.right.total() / max(1, self.wanted.total())

    @property
    def f(self) -> float:
        """The harmonic mean of both."""
        return 2 * self.precision * self.recall / max(1e-9, self.precision + self.recall)

    @property
    def kind_right(self) -> float:
        """How many sentences are sorted rightly."""
        return self.kinds_right / max(1, self.sentences)

    @property
    def harmful_share(self) -> float:
        """How many of the statements read would do harm."""
        return self.harmful / max(1, self.given.total())


def score(rows: Sequence[Mapping[str, Any]]) -> Score:
    """Read sentences as one text and score what was read."""
    found = Score(sentences=len(rows))
    for row, (kind, readings) in zip(rows, answers([row["text"] for row in rows]), strict=True):
        found.kinds_right += kind == row["kind"]
        left, also, strange = list(row["readings"]), row.get("also", []), []
        found.wanted.update(reading["about"] for reading in left)
        for reading in readings:
            found.given[reading["about"]] += 1
            hit = next((one for one in left if same(reading, one)), None)
            if hit is not None:
                left.remove(hit)
                found.right[hit["about"]] += 1
            elif any(same(reading, one) for one in also):
                found.right[reading["about"]] += 1
                found.wanted[reading["about"]] += 1
            else:
                strange.append(reading)
                found.harmful += not row["readings"] or any(opposed(reading, one) for one in row["readings"])
        if left or strange:
            found.wrong.append(f"{row['text']}\n    missed: {in_short(left)}\n    misread: {in_short(strange)}")
    return found


def answers(texts: Sequence[str]) -> Iterator[tuple[str, list[Reading]]]:
    """Read paragraphs as one text; give each one's kind and statements."""
    paragraphs, at = [], 0
    for text in texts:
        paragraphs.append(Paragraph(start=at, end=at + len(text)))
        at += len(text) + 2
    article = read(Text(text="\n\n".join(texts), paragraphs=tuple(paragraphs)))
    for paragraph in paragraphs:
        within = [one for one in article.sentences if paragraph.start <= one.start < paragraph.end]
        kind = max((one.kind for one in within), key=KINDS.index, default="other")
        yield kind, [dataclasses.asdict(reading) for one in within for reading in one.readings]


def same(one: Reading, other: Reading) -> bool:
    """Tell whether two statements say the same."""
    one, other = _in_one_form(one), _in_one_form(other)
    return (
        _alike(one["about"], other["about"])
        and _alike(one["relation"], other["relation"])
        and all(_same_value(one.get(key), other.get(key)) for key in ("value", "high"))
        and all(_plain(one.get(key)) == _plain(other.get(key)) for key in ("scope", "against"))
    )


def opposed(one: Reading, other: Reading) -> bool:
    """Tell whether two statements say the opposite of each other."""
    return (
        one["about"] == other["about"]
        and {one["relation"], other["relation"]} in OPPOSITES
        and all(_plain(one.get(key)) == _plain(other.get(key)) for key in ("scope", "against"))
    )


def _in_one_form(reading: Reading) -> Reading:
    """Where two ways of writing a statement down are right, take one."""
    form = dict(reading)
    if form["about"] == "section" and isinstance(form.get("value"), str):
        form |= {"scope": form["value"], "value": None}
    if form["about"] == "same_chords" and form.get("scope") and form.get("against"):
        form["scope"], form["against"] = sorted((_plain(form["scope"]), _plain(form["against"])))
    return form


def _alike(one: str, other: str) -> bool:
    return one == other or any({one, other} <= group for group in ALIKE)


def _same_value(one: Any, other: Any) -> bool:
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return abs(one - other) <= TOLERANCE * max(abs(one), abs(other), 1)
    return bool(_plain(one) == _plain(other))


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if not isinstance(value, str):
        return value
    name = value[:2]
    sounding = f"pitch class {pitch_class(name)}{value[2:]}" if name in {*SHARPS, *FLATS} and len(name) == 2 else value
    return re.sub(r"[\s_-]+", " ", sounding).casefold()


def in_short(readings: Iterable[Reading]) -> str:
    """Write statements in one line."""
    return "; ".join(" ".join(str(part) for part in one.values() if part is not None) for one in readings) or "nothing"


def main() -> None:
    """Print how well each file is read."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--show", action="store_true", help="print what was missed and misread")
    parser.add_argument("--topics", action="store_true", help="print the figures of each topic")
    options = parser.parse_args()
    for path in options.files:
        found = score([json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()])
        if options.show:
            print("\n".join(found.wrong))
        if options.topics:
            for about in sorted(found.wanted | found.given):
                numbers = (found.wanted[about], found.given[about], found.right[about])
                print("{:<16} {:>3} there, {:>3} read, {:>3} right".format(about, *numbers))
        print(
            f"{path.name}: {found.sentences} sentences, kind right {found.kind_right:.3f}; statements: precision "
            f"{found.precision:.3f}, recall {found.recall:.3f}, F {found.f:.3f}, harmful {found.harmful_share:.3f}"
        )


if __name__ == "__main__":
    main()
