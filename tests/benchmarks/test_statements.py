"""Statements of a rendered song are true and false by what is known of it, and counted by how they are ruled on."""

import random

import pytest

from benchmarks.statements import Case, Ruled, cases_of, comparisons, print_table, rule_on
from riffscope.articles.article import Statement
from riffscope.articles.topics import topics
from riffscope.model import Ruling, Verdict
from stated import at_tempo, lasting

TRUTH = {
    "duration_s": 60.0,
    "tempo": {
        "bpm": 120.0,
        "plan": "constant",
        "metre": "4/4",
        "swing_place_of_offbeat": 0.5,
        "segments": [{"bpm": 120.0}],
    },
    "key": {"tonic_pc": 1, "mode": "minor"},
    "riff": {"present": True, "period_bars": 2, "spans": [[0.0, 58.0]], "coverage_of_file": 0.97},
    "chord_vamp": {"present": False},
    "downbeats": [2.0 * bar for bar in range(30)],
    "sections": [
        {"name": "verse", "start": 0.0, "end": 16.0, "bars": 8, "content": "riff", "vocals": True, "drums": "rock"},
        {"name": "chorus", "start": 16.0, "end": 32.0, "bars": 8, "content": "riff", "vocals": True, "drums": "rock"},
        {"name": "verse", "start": 32.0, "end": 48.0, "bars": 8, "content": "riff", "vocals": True, "drums": "rock"},
    ],
    "chords": [
        {"start": 2.0 * bar, "end": 2.0 * bar + 2, "label": ("C#:min", "A:maj", "E:maj", "B:maj")[bar % 4]}
        for bar in range(24)
    ],
    "vocal": {"present": False},
    "mix": {"pumping": {"present": True}, "file_channels": 2},
    "loudness": {"integrated_lufs": -9.0},
}
CASES = tuple(cases_of(TRUTH, random.Random(1)))


def true_of(about, relation, **fields):
    """Whether the statements of a topic with this relation and these fields are true, in their order."""
    return [
        case.is_true
        for case in CASES
        if (case.statement.about, case.statement.relation) == (about, relation)
        and all(getattr(case.statement, name) == content for name, content in fields.items())
    ]


def test_what_is_known_of_a_song_is_stated_rightly_and_wrongly():
    assert true_of("tempo", "is", value=120) == [True]
    assert true_of("tempo", "is") == [True, False]
    assert true_of("key", "is", value="C# minor") == [True]
    assert true_of("key", "is") == [True, False]
    assert true_of("mode", "is", value="major") == [False]
    assert true_of("pumping", "present") == [True]
    assert true_of("pumping", "absent") == [False]
    assert true_of("loudness", "low") == [False]
    assert true_of("loudness", "high") == [True]
    assert true_of("singing", "present") == [False]
    assert true_of("swing", "absent") == [True]
    assert true_of("riff_length", "is", value=2) == [True]
    assert true_of("chords", "is", value=("C#m", "A", "E", "B"), scope="chorus") == [True]
    assert true_of("same_chords", "present") == [True]
    assert true_of("chord_count", "is", value=4) == [True]
    assert true_of("vocal_range", "is") == []


def test_every_statement_is_of_a_topic_and_takes_one_of_its_relations():
    for case in CASES:
        assert case.statement.relation in topics()[case.statement.about].relations


def test_songs_are_compared_where_they_are_far_enough_apart():
    louder = TRUTH | {"loudness": {"integrated_lufs": -6.0}}
    said = {(case.statement.about, case.statement.relation): case.is_true for case in comparisons(louder, TRUTH)}
    assert said == {("loudness", "more"): True, ("loudness", "less"): False}


def test_a_ruling_is_right_where_it_is_that_of_the_truth(capsys):
    case = Case(statement=Statement(about="tempo", relation="is", value=120, unit="BPM"), is_true=True)
    verdicts = [rule_on(case, at_tempo(bpm)) for bpm in (120.0, 99.0)]
    ruled = [Ruled(song="one", case=case, verdict=verdict) for verdict in verdicts]
    ruled.append(
        Ruled(song="one", case=case, verdict=Verdict(claim="", text="", ruling=Ruling.INCONCLUSIVE, because=""))
    )
    assert [one.decided for one in ruled] == [True, True, False]
    assert [one.right for one in ruled] == [True, False, False]
    print_table(ruled)
    assert capsys.readouterr().out.splitlines()[-1].split() == ["all", "3", "0", "0.667", "0.500", "1", "0"]


@pytest.mark.parametrize(("seconds", "ruling"), [(200.0, Ruling.SUPPORTED), (100.0, Ruling.REFUTED)])
def test_a_statement_about_another_song_is_ruled_on_with_it(seconds, ruling):
    case = Case(statement=Statement(about="duration", relation="more", against="Another Song"), is_true=True)
    assert rule_on(case, lasting(seconds), lasting(150.0)).ruling is ruling
