"""Sentences of several hands are read as well as they were when they were last measured."""

import json
from pathlib import Path

import pytest

from benchmarks.readings import score

FOLDER = Path(__file__).parents[1] / "data" / "sentences"


def rows_of(name):
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("name", "f", "kind_right", "harmful"),
    [
        ("reviews.jsonl", 0.85, 0.87, 0.04),
        ("encyclopedia.jsonl", 0.86, 0.88, 0.03),
        ("mixed.jsonl", 0.65, 0.68, 0.08),
        ("held_back_1.jsonl", 0.67, 0.75, 0.06),
        ("held_back_2.jsonl", 0.74, 0.74, 0.1),
    ],
)
def test_sentences_are_read_as_well_as_before(name, f, kind_right, harmful):
    found = score(rows_of(name))
    assert found.f >= f
    assert found.kind_right >= kind_right
    assert found.harmful_share <= harmful


def test_the_truth_scores_full_marks():
    from benchmarks.readings import same

    for name in ("reviews.jsonl", "held_back_2.jsonl"):
        for row in rows_of(name):
            assert all(same(reading, reading) for reading in row["readings"])
