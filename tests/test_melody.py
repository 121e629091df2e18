import dataclasses

import numpy as np
import pytest

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.compare import compare
from riffscope.errors import CannotMeasure
from riffscope.melody import share_melody, sung_melody
from riffscope.model import Measured, Missing, Ruling
from songs import example_song, with_outcomes

STEP_S = 0.01
TUNE = [57, 59, 61, 62, 61, 59, 64, 62, 61, 57, 56, 57, 59, 64, 66, 64, 62, 61, 59, 57, 61, 64, 69, 68]
OTHER = [57, 57, 64, 63, 58, 70, 69, 66, 58, 60, 67, 56, 68, 61, 55, 70, 63, 57, 66, 59, 69, 62, 55, 64]


def singing(tune, *, beat_s=0.5, start_s=1.0, semitones=0.0):
    """A song in which someone sings a tune, a note to a beat, with vibrato."""
    count = int((start_s + len(tune) * beat_s + 2) / STEP_S)
    times_s = STEP_S * np.arange(count)
    midi = np.full(count, np.nan)
    for k, note in enumerate(tune):
        at = (times_s >= start_s + k * beat_s) & (times_s < start_s + (k + 0.9) * beat_s)
        midi[at] = note + semitones + 0.3 * np.sin(2 * np.pi * 5.5 * times_s[at])
    song = example_song()
    pitch = dataclasses.replace(
        song[VocalPitch],
        times_s=times_s,
        f0_hz=440 * 2 ** ((midi - 69) / 12),
        voiced_probability=np.where(np.isnan(midi), 0.02, 0.98).astype(np.float32),
        certain=np.where(np.isnan(midi), 0, 1),
    )
    beats = dataclasses.replace(
        song[Beats],
        times_s=start_s + beat_s * np.arange(len(tune)),
        downbeat_index=np.arange(0, len(tune), 4),
    )
    key = song.outcomes["key"].value
    key = dataclasses.replace(key, tuning_cents=100 * (semitones - round(semitones)))
    values = {"vocal_pitch": pitch, "beats": beats, "key": key}
    return with_outcomes(song, {name: Measured(value=v, version=1, seconds=0.0) for name, v in values.items()})


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
    assert "Another melody" in shared.summary


def test_where_no_one_sings_there_is_none_to_tell():
    silent = with_outcomes(singing(TUNE), {"vocal_pitch": Missing(reason="no one sings")})
    with pytest.raises(CannotMeasure, match="too little is sung"):
        share_melody(singing(TUNE), silent)
    assert sung_melody(silent) == []


def test_a_comparison_rules_on_each_melody_against_the_first_songs():
    silent = with_outcomes(singing(TUNE), {"vocal_pitch": Missing(reason="no one sings")})
    found = compare([singing(TUNE), singing(TUNE, semitones=2), silent])
    same, none = (next(v for v in verdicts if v.claim == "same_melody") for verdicts in found.verdicts)
    assert same.ruling is Ruling.SUPPORTED
    assert "moved by +2.0 semitones" in same.because
    assert [len(evidence.spans) for evidence in same.evidence] == [1, 1]
    assert none.ruling is Ruling.INCONCLUSIVE
    assert "too little is sung" in none.caveats[0]
