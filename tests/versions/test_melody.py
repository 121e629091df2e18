import pytest

from melodies import OTHER, TUNE, singing
from outcomes import missing
from riffscope.compare import compare
from riffscope.errors import CannotMeasure
from riffscope.model import Ruling
from riffscope.versions.melody import share_melody, sung_melody
from songs import with_outcomes


@pytest.mark.parametrize(("semitones", "beat_s"), [(0, 0.5), (-3, 0.5), (4, 0.4), (-7.3, 0.8)])
def test_a_melody_survives_another_key_and_tempo(semitones, beat_s):
    shared = share_melody(singing(TUNE), singing(TUNE, semitones=semitones, beat_s=beat_s, start_s=3.0))
    assert shared.ruling is Ruling.SUPPORTED
    assert shared.transposition_semitones == round(semitones)
    assert shared.common_notes >= 22
    assert shared.common_fraction > 0.9
    assert shared.second.start_s == pytest.approx(3.0, abs=beat_s)


def test_another_melody_is_another():
    shared = share_melody(singing(TUNE), singing(OTHER))
    assert shared.ruling is Ruling.REFUTED
    assert "melodies differ" in shared.summary


def test_where_no_one_sings_there_is_none_to_tell():
    silent = with_outcomes(
        singing(TUNE), {name: missing(name, "no one sings") for name in ("vocal_pitch", "vocal_notes")}
    )
    with pytest.raises(CannotMeasure, match="too little singing"):
        share_melody(singing(TUNE), silent)
    assert sung_melody(silent) == ()


def test_a_comparison_rules_on_each_melody_against_the_first_songs():
    silent = with_outcomes(
        singing(TUNE), {name: missing(name, "no one sings") for name in ("vocal_pitch", "vocal_notes")}
    )
    found = compare([singing(TUNE), singing(TUNE, semitones=2), silent])
    same, none = (next(v for v in verdicts if v.claim == "same_melody") for verdicts in found.verdicts)
    assert same.ruling is Ruling.SUPPORTED
    assert "2 semitones higher" in same.because
    assert [len(evidence.spans) for evidence in same.evidence] == [1, 1]
    assert none.ruling is Ruling.INCONCLUSIVE
    assert "too little singing" in none.caveats[0]
