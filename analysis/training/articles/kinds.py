"""Fits the weights by which a sentence that states nothing is sorted, from labelled sentences.

    python -m training.articles.kinds SENTENCES.jsonl [...]

Two logistic regressions over the counts of `riffscope.articles.kinds.features`: whether a sentence that states nothing
testable is about the sound of the song (``not_testable``), and whether any sentence is about something else
(``elsewhere``). Prints how often they are right on each file when it is held back, and writes
``riffscope/articles/kinds.toml``. A line of a file is ``{"text": ..., "kind": ...}``, as in ``tests/data/sentences``.
"""

import argparse
import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from riffscope.articles.frames import frames_of
from riffscope.articles.kinds import features
from riffscope.articles.notation import rewrite
from riffscope.files import write_atomically

HEAD = "# How much a word of each list weighs; fitted by training.articles.kinds.\n"


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
    for name, kept, wanted in (
        ("not_testable", {"not_testable", "other"}, "not_testable"),
        ("elsewhere", {"checkable", "not_testable", "other"}, "other"),
    ):
        chosen = [(file, row) for file, row in rows if row["kind"] in kept]
        tables.append(_fit(name, chosen, wanted))
    target = files("riffscope.articles") / "kinds.toml"
    write_atomically(Path(str(target)), "\n".join(tables).encode())


def _fit(name: str, rows: Sequence[tuple[str, dict[str, str]]], wanted: str) -> str:
    counts = [_counts(row["text"]) for _, row in rows]
    x = np.array([list(one.values()) for one in counts])
    y = np.array([row["kind"] == wanted for _, row in rows])
    source = np.array([file for file, _ in rows])
    for file in sorted(set(source)):
        held = source == file
        if held.all():
            continue
        right = LogisticRegression(max_iter=3000).fit(x[~held], y[~held]).score(x[held], y[held])
        print(f"{name}: {right:.3f} of {held.sum()} right in {file}, held back")
    model = LogisticRegression(max_iter=3000).fit(x, y)
    lines = [f"[{name}]", f"bias = {model.intercept_[0]:.2f}"]
    return "\n".join(
        [*lines, *(f"{key} = {weight:.2f}" for key, weight in zip(counts[0], model.coef_[0], strict=True)), ""]
    )


def _counts(text: str) -> dict[str, float]:
    line = f" {rewrite(text).text} "
    return features(line, frames_of(line))


if __name__ == "__main__":
    main()
