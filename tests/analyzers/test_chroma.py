import numpy as np
import pytest

from riffscope.analyzers.chroma import Chroma
from riffscope.errors import NotMeasured
from riffscope.model import Missing
from riffscope.song import analyze
from signals import audio_of, band, harmonic_tone, metronome, noise

RATE_HZ = 22050
CHORDS = [(0, 4, 7), (5, 9, 0), (9, 0, 4), (7, 11, 2)]


def played(semitones=0, seconds=2):
    """Four chords, each held for some seconds."""
    out = []
    for chord in CHORDS * 2:
        f0_hz = [261.63 * 2 ** ((tone + semitones) / 12) for tone in chord]
        out.append(
            sum(harmonic_tone(np.full(seconds * RATE_HZ, f), RATE_HZ, harmonics=4, amplitude=0.1) for f in f0_hz)
        )
    return analyze(audio_of(np.concatenate(out), RATE_HZ), only=[Chroma])[Chroma]


def test_each_chord_sounds_where_it_is_played():
    found = played()
    for time_s, row in zip(found.times_s, found.pitch_class_fraction, strict=True):
        within_s = time_s % 2
        if 0.3 < within_s < 1.2:  # not across a change of chord
            assert set(np.argsort(-row)[:3]) == set(CHORDS[int(time_s // 2) % 4])


@pytest.mark.parametrize("semitones", [1, 5])
def test_transposing_turns_the_pitch_classes(semitones):
    plain, higher = (played(moved).pitch_class_fraction.mean(axis=0) for moved in (0, semitones))
    np.testing.assert_allclose(np.roll(plain, semitones), higher, atol=0.02)


def test_a_song_with_a_beat_has_a_row_a_beat():
    found = analyze(audio_of(band(120, bars=8)[0], 22050), only=[Chroma])[Chroma]
    assert np.diff(found.times_s) == pytest.approx(0.5, abs=0.03)
    assert (found.pitch_class_fraction.sum(axis=1) <= 1.01).all()
    assert "beats" in found.summary


@pytest.mark.parametrize(
    ("sound", "reason"),
    [
        (np.zeros(10 * RATE_HZ), "silent|nothing"),
        (noise(1.0, RATE_HZ), "too short"),
    ],
)
def test_what_has_no_harmony_has_no_chroma(sound, reason):
    outcome = analyze(audio_of(sound, RATE_HZ), only=[Chroma]).outcomes["chroma"]
    assert isinstance(outcome, Missing)
    with pytest.raises(NotMeasured, match=reason):
        analyze(audio_of(sound, RATE_HZ), only=[Chroma])[Chroma]


def test_clicks_alone_are_quiet_or_missing():
    outcome = analyze(audio_of(metronome(120, 8.0, RATE_HZ)[0], RATE_HZ), only=[Chroma]).outcomes["chroma"]
    assert isinstance(outcome, Missing) or np.isfinite(outcome.value.pitch_class_fraction).all()
