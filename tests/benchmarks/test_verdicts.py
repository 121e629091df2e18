"""Rulings are right, wrong or left open by what is known of a rendered song."""

import json

import pytest

from benchmarks.answers import Answer
from benchmarks.items import Item
from benchmarks.verdicts import NOBODY_SINGS, rule_on, sum_up, sum_up_set, truths

VOCAL = {
    "present": True,
    "layered_fraction": 0.5,
    "gap_fill_fraction": 0.3,
    "range_semitones_p2_p98": 10.0,
    "breathiness": 0.0,
    "reverb": {"wet_db": -8.0},
    "level_db_over_backing": 3.0,
}
TRUTH = {
    "riff": {"present": True, "spans": [[0.0, 40.0]], "coverage_of_file": 0.95},
    "tempo": {"segments": [{"bpm": 120.0}], "plan": "constant"},
    "downbeats": [float(2 * bar) for bar in range(20)],
    "loudness": {"integrated_lufs": -20.0},
    "mix": {"pumping": {"present": False}},
    "vocal": VOCAL,
}


def rendered(folder, **changes):
    (folder / "song.truth.json").write_text(json.dumps(TRUTH | changes))
    return Item(
        folder=folder, file="song.ogg", duration_s=40.0, kinds=frozenset(), truth={}, truth_file="song.truth.json"
    )


def ruled(**rulings):
    verdicts = [
        {"claim": claim, "ruling": ruling, "because": "", "probability": probability}
        for claim, (ruling, probability) in rulings.items()
    ]
    return Answer(document={"verdicts": verdicts})


def test_what_is_true_of_a_rendered_song():
    assert truths(TRUTH) == {
        "loop_like_a_heartbeat": True,
        "less_is_more_level": True,
        "less_is_more_pumping": True,
        "layered_voices": True,
        "voices_in_the_gaps": None,
        "small_range": True,
        "breathy": False,
        "dry": False,
        "forward": True,
    }


@pytest.mark.parametrize(
    ("changes", "is_true"),
    [
        ({"riff": {"present": False, "spans": [], "coverage_of_file": 0.0}}, False),
        ({"riff": {"present": True, "spans": [[0.0, 10.0]], "coverage_of_file": 0.25}}, False),
        ({"riff": {"present": True, "spans": [[0.0, 40.0]], "coverage_of_file": 0.8}}, None),
        ({"riff": {"present": True, "spans": [[0.0, 8.0], [30.0, 40.0]], "coverage_of_file": 0.9}}, False),
        ({"tempo": {"segments": [{"bpm": 120.0}, {"bpm": 140.0}], "plan": ["change", 8, 140.0]}}, False),
        ({"tempo": {"segments": [{"bpm": 120.0}], "plan": ["drift", 2.0]}}, None),
    ],
)
def test_a_riff_is_like_a_heartbeat_where_it_covers_the_song_steadily(changes, is_true):
    assert truths(TRUTH | changes)["loop_like_a_heartbeat"] is is_true


def test_rulings_are_right_wrong_and_left_open(tmp_path):
    answer = ruled(
        small_range=("supported", 0.9),
        breathy=("supported", 0.8),
        forward=("inconclusive", 0.5),
        voices_in_the_gaps=("refuted", 0.1),
        dry=("not_testable", None),
    )
    rows = {row.claim: row for row in rule_on(rendered(tmp_path), answer)}
    assert {claim: rows[claim].outcome for claim in ("small_range", "breathy", "forward", "voices_in_the_gaps")} == {
        "small_range": "right",
        "breathy": "wrong",
        "forward": "undecided",
        "voices_in_the_gaps": "right",  # near its limit either is
    }
    assert rows["dry"].outcome == rows["less_is_more_level"].outcome == "refused"
    sums = sum_up(rows.values())
    assert (sums.right, sums.wrong, sums.undecided) == (2, 1, 1)
    assert sums.precision == pytest.approx(2 / 3, abs=1e-4)
    assert sums.decided == pytest.approx(3 / 9, abs=1e-4)
    assert sums.brier == pytest.approx((0.1**2 + 0.8**2 + 0.5**2) / 3, abs=1e-4)


def test_where_nobody_sings_the_voice_is_not_ruled_on(tmp_path):
    item = rendered(tmp_path, vocal={"present": False})
    answer = ruled(breathy=("not_testable", None), dry=("supported", 0.9))
    outcomes = [row.outcome for row in rule_on(item, answer) if row.claim == NOBODY_SINGS]
    assert outcomes.count("right") == 1
    assert outcomes.count("wrong") == 6


def test_other_recordings_have_no_truth_of_claims(tmp_path):
    item = Item(folder=tmp_path, file="song.ogg", duration_s=40.0, kinds=frozenset({"tempo"}), truth={})
    assert sum_up_set([item], {}) is None
