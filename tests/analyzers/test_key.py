import numpy as np
import pytest

from riffscope.analyzers.key import Key, camelot, measure_key
from riffscope.analyzers.structure import Section, Structure
from riffscope.dsp.rhythm.levels import RatedLevel
from riffscope.errors import NotMeasured
from riffscope.notes import Spelling
from riffscope.song import analyze
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from signals import audio_of, harmonic_tone

RATE_HZ = 22050
CADENCE = {
    "major": [(0, 4, 7), (5, 9, 12), (7, 11, 14), (0, 4, 7)],
    "minor": [(0, 3, 7), (5, 8, 12), (7, 11, 14), (0, 3, 7)],
}


def song_in(tonic_midi, mode, cents=0.0, clicks=False):
    """A cadence I IV V I, twice, with a bass, in a key and tuning."""
    out = []
    for chord in CADENCE[mode] * 2:
        notes = [tonic_midi - 12 + chord[0], *(tonic_midi + degree for degree in chord)]
        f0_hz = [440 * 2 ** ((note + cents / 100 - 69) / 12) for note in notes]
        out.append(sum(harmonic_tone(np.full(RATE_HZ, f), RATE_HZ, harmonics=6, amplitude=0.1) for f in f0_hz))
    samples = np.concatenate(out)
    if clicks:
        rng = np.random.default_rng(1)
        for start in range(0, len(samples), RATE_HZ // 2):
            samples[start : start + 1000] += 0.5 * rng.normal(size=1000) * np.exp(-np.arange(1000) / 200)
    return analyze(audio_of(samples, RATE_HZ), only=[Key])[Key]


@pytest.mark.parametrize("mode", ["major", "minor"])
@pytest.mark.parametrize("tonic_midi", range(48, 60))
def test_a_cadence_tells_its_key_in_all_keys(tonic_midi, mode):
    found = song_in(tonic_midi, mode)
    assert (Spelling.SHARPS.note(48 + pitch_class(found.tonic)), found.mode) == (Spelling.SHARPS.note(tonic_midi), mode)
    assert found.confidence_fraction > 0.5


def pitch_class(tonic):
    return {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[tonic[0]] + tonic.count("#") - tonic[1:].count("b")


@pytest.mark.parametrize("cents", [-30, 20, 45])
def test_the_tuning_is_heard_and_does_not_change_the_key(cents):
    found = song_in(55, "major", cents=cents)
    assert found.tuning_cents == pytest.approx(cents, abs=3)
    assert (found.tonic, found.mode) == ("G", "major")


def test_drums_do_not_change_the_key():
    assert song_in(50, "minor", clicks=True).tonic == "D"


def test_the_camelot_wheel_puts_relatives_side_by_side():
    assert camelot(0, "major") == "8B"
    assert camelot(9, "minor") == "8A"
    assert camelot(7, "major") == "9B"
    assert camelot(8, "minor") == "1A"
    assert len({camelot(t, m) for t in range(12) for m in ("major", "minor")}) == 24


def test_tonics_are_spelled_as_musicians_write_them():
    assert song_in(49, "major").tonic == "Db"
    assert song_in(49, "minor").tonic == "C#"
    assert Spelling.of_key("D", "minor") is Spelling.FLATS
    assert Spelling.of_key("D", "major") is Spelling.SHARPS
    assert Spelling.FLATS.note(61) == "Db4"


def test_two_seconds_have_no_key():
    with pytest.raises(NotMeasured, match="too short to tell a key"):
        analyze(audio_of(np.random.default_rng(0).normal(size=44100 * 2) * 0.1), only=[Key])[Key]


def turning_on(bass, first, bars=16):
    """The triads of C, F and G over a bass note a bar: pitches that fit C, and F and G nearly as well."""
    frames_per_bar = 40
    energy = np.zeros((bars * frames_per_bar, 60), np.float32)
    for bar in range(bars):
        rows = slice(bar * frames_per_bar, (bar + 1) * frames_per_bar)
        energy[rows, [24, 28, 31, 29, 33, 35, 38]] = 1
        energy[rows, bass[(bar + first) % len(bass)]] = 4
    return SemitoneSpectrogram(
        magnitudes=energy, frame_rate_hz=20.0, lowest_midi=36, tuning_cents=0.0, harmonic_fraction=0.8
    )


@pytest.mark.parametrize(("first", "tonic"), [(0, "C"), (1, "F"), (2, "G")])
def test_the_same_chords_are_in_the_key_on_whose_tonic_their_phrases_begin(first, tonic):
    semitones = turning_on((0, 5, 7, 9), first)
    beats_s = 0.5 * np.arange(64)
    track = BeatTrack(
        times_s=beats_s,
        downbeat_index=np.arange(0, 64, 4),
        beats_per_bar=4,
        levels=(RatedLevel(bpm=120.0, weight_fraction=1.0),),
        confidence_fraction=1.0,
    )
    structure = Structure(
        sections=(Section(start_s=0.0, end_s=16.0, label="A"), Section(start_s=16.0, end_s=32.0, label="B"))
    )
    with_phrases = measure_key(semitones, track, structure)
    assert (with_phrases.tonic, with_phrases.mode) == (tonic, "major")
    # What the pitches alone say is the same wherever the phrases begin.
    alone = measure_key(semitones, None, None)
    assert alone.tonic == measure_key(turning_on((0, 5, 7, 9), 0), None, None).tonic
