"""Fits the weights by which a sentence that states nothing is sorted, from labelled sentences.

    python -m training.articles.kinds SENTENCES.jsonl [...]

Two logistic regressions over the counts of `riffscope.articles.kinds.features` and over single words: whether a
sentence that states nothing testable is about the sound of the song (``about_sound``), and whether any sentence is
about something else (``about_else``). Prints how often they are right on each file when it is held back, and writes
``riffscope/articles/kinds.toml``. A line of a file is ``{"text": ..., "kind": ...}``, as in ``tests/data/sentences``.
"""

import argparse
import itertools
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from riffscope.arrays import Floats
from riffscope.articles.frames import frames_of
from riffscope.articles.kinds import features, words_of
from riffscope.articles.notation import rewrite
from riffscope.files import replacing, write_atomically

HEAD = """\
# How much a word of each list, and some words besides, speak for a sentence to be about the sound, or about something
# else. Fitted by training.articles.kinds.
"""
# Words that stand in fewer sentences say nothing of the next one; a weight below this turns no sentence.
LEAST_SENTENCES, LEAST_WEIGHT = 3, 0.05
# What the lists hold was chosen for what it means: their weights are held back less than those of words that happen to
# stand there. Words bring 2 more of 100 sentences that state nothing, by file held back; C from 0.1 to 1 is the same.
LISTS_COUNT, C = 3.0, 0.1
KINDS = (
    ("about_sound", {"not_testable", "other"}, "not_testable"),
    ("about_else", {"checkable", "not_testable", "other"}, "other"),
)


def main() -> None:
    """Fit, say how well, and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    rows = [
        (path.name, json.loads(line))
        for path in options.files
        for line in path.read_text("utf-8").splitlines()
        if line.strip()
    ]
    tables = [HEAD]
    for name, kept, wanted in KINDS:
        chosen = [(file, row) for file, row in rows if row["kind"] in kept]
        tables.append(_fit(name, chosen, wanted))
    target = files("riffscope.articles") / "kinds.toml"
    with replacing():
        write_atomically(Path(str(target)), "\n".join(tables).encode())


def _fit(name: str, rows: Sequence[tuple[str, dict[str, str]]], wanted: str) -> str:
    lines = [f" {rewrite(row['text']).text} " for _, row in rows]
    counts = [features(line, frames_of(line)) for line in lines]
    words = [words_of(line) for line in lines]
    y = np.array([row["kind"] == wanted for _, row in rows])
    source = np.array([file for file, _ in rows])
    for file in sorted(set(source)):
        held = source == file
        if held.all():
            continue
        known = _known(one for one, out in zip(words, held, strict=True) if not out)
        x = _table(counts, words, known)
        right = _model().fit(x[~held], y[~held]).score(x[held], y[held])
        print(f"{name}: {right:.3f} of {held.sum()} right in {file}, held back")
    known = _known(words)
    model = _model().fit(_table(counts, words, known), y)
    of_lists, of_words = np.split(model.coef_[0], [len(counts[0])])
    kept = {word: weight for word, weight in zip(known, of_words, strict=True) if abs(weight) >= LEAST_WEIGHT}
    return "\n".join(
        [
            f"[{name}]",
            f"bias = {model.intercept_[0]:.2f}",
            "",
            f"[{name}.counts]",
            *(f"{key} = {LISTS_COUNT * weight:.2f}" for key, weight in zip(counts[0], of_lists, strict=True)),
            "",
            f"[{name}.words]",
            *(f"{_key(word)} = {weight:.2f}" for word, weight in kept.items()),
            "",
        ]
    )


def _model() -> LogisticRegression:
    return LogisticRegression(C=C, max_iter=3000)


def _known(words: Iterable[frozenset[str]]) -> list[str]:
    found = Counter(itertools.chain.from_iterable(words))
    return sorted(word for word, count in found.items() if count >= LEAST_SENTENCES)


def _table(counts: Sequence[dict[str, float]], words: Sequence[frozenset[str]], known: Sequence[str]) -> Floats:
    of_lists = LISTS_COUNT * np.array([list(one.values()) for one in counts])
    of_words = np.array([[word in one for word in known] for one in words], dtype=float)
    return np.concatenate([of_lists, of_words], axis=1)


def _key(word: str) -> str:
    return word if word.isalpha() else f'"{word}"'


if __name__ == "__main__":
    main()
