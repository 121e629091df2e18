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
        ("reviews.jsonl", 0.93, 0.92, 0.015),
        ("encyclopedia.jsonl", 0.91, 0.94, 0.015),
        ("mixed.jsonl", 0.84, 0.84, 0.035),
        ("plain.jsonl", 0.96, 0.95, 0.01),
        ("by_topic_1.jsonl", 0.9, 0.91, 0.03),
        ("by_topic_2.jsonl", 0.9, 0.93, 0.02),
        ("by_topic_3.jsonl", 0.89, 0.87, 0.045),
        ("further_1.jsonl", 0.92, 0.93, 0.015),
        ("further_2.jsonl", 0.79, 0.84, 0.02),
        ("further_3.jsonl", 0.67, 0.77, 0.07),
        ("held_back_1.jsonl", 0.75, 0.82, 0.035),
        ("held_back_2.jsonl", 0.78, 0.77, 0.08),
    ],
)
def test_sentences_are_read_as_well_as_before(name, f, kind_right, harmful):
    found = score(rows_of(name))
    assert found.f >= f
    assert found.kind_right >= kind_right
    assert found.harmful_share <= harmful


def test_traps_are_not_read():
    found = score(rows_of("traps.jsonl"))
    assert found.given.total() <= 12
    assert found.kind_right >= 0.87


def test_the_truth_scores_full_marks():
    from benchmarks.readings import same

    for name in ("reviews.jsonl", "held_back_2.jsonl"):
        for row in rows_of(name):
            assert all(same(reading, reading) for reading in row["readings"])
