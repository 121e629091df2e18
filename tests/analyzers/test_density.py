import itertools

import numpy as np
import pytest

from riffscope.analyzers.density import Density, measure_density
from riffscope.model import Missing
from riffscope.song import analyze, make
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import MelSpectrum
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram
from signals import CHORDS_MIDI, audio_of, band, harmonic_tone, hat, kick, metronome, noise, place, sine, snare
from songs_heard import song_excerpt

RATE_HZ = 22050
BANDS_HZ = (90, 250, 500, 1000, 2000, 4000, 8000)


def density(samples, beats_s=None, rate_hz=RATE_HZ):
    """Measure a signal, with beats at given times rather than those that the tracker finds."""
    views = make(audio_of(samples, rate_hz), [MelSpectrum, OnsetStrength, SemitoneSpectrogram])
    track = None
    if beats_s is not None:
        track = BeatTrack(
            times_s=np.asarray(beats_s),
            downbeat_index=np.arange(0, len(beats_s), 4),
            beats_per_bar=4,
            levels=(),
            confidence_fraction=1.0,
        )
    return measure_density(*(views[view] for view in (MelSpectrum, OnsetStrength, SemitoneSpectrogram)), track)


def outcome(samples, rate_hz=RATE_HZ):
    return analyze(audio_of(samples, rate_hz), only=[Density]).outcomes["density"]


def fading_in(sound, seconds=0.1):
    return sound * np.minimum(np.arange(sound.shape[-1]) / (seconds * RATE_HZ), 1)


# ------------------------------------------------------------------------------------------------------------- onsets
@pytest.mark.parametrize("bpm", [60, 120, 240])
def test_a_metronome_begins_as_often_as_it_clicks(bpm):
    samples, clicks_s = metronome(bpm, 20.0, RATE_HZ, start_s=0.0)
    found = density(samples)
    assert found.onsets_per_s == pytest.approx(bpm / 60, rel=0.06)
    assert found.onset_curve[3:-3] == pytest.approx(bpm / 60, abs=0.3)
    assert clicks_s.size == pytest.approx(20 * bpm / 60, abs=1)


@pytest.mark.parametrize("bpm", [80, 120])
def test_what_musicians_play_together_begins_once(bpm):
    samples, _, _ = band(bpm)  # kick, snare and hi-hat, two places a beat
    assert density(samples).onsets_per_s == pytest.approx(2 * bpm / 60, rel=0.06)


def test_notes_of_a_melody_are_counted():
    random = np.random.default_rng(1)
    edges_s = np.cumsum(random.uniform(0.15, 0.6, 60))
    samples = np.zeros(round(edges_s[-1] * RATE_HZ) + 1)
    for start_s, end_s in itertools.pairwise(edges_s.tolist()):
        first, count = round(start_s * RATE_HZ), round((end_s - start_s) * RATE_HZ)
        shape = np.minimum(np.minimum(np.arange(count) / 220, (count - np.arange(count)) / 440), 1)
        note = harmonic_tone(np.full(count, 220 * 2 ** (random.integers(0, 13) / 12)), RATE_HZ)
        samples[first : first + count] += (shape * note)[: len(samples) - first]
    assert density(samples).onsets_per_s == pytest.approx(59 / (edges_s[-1] - edges_s[0]), rel=0.1)


def test_a_held_tone_with_vibrato_begins_once():
    t = np.arange(10 * RATE_HZ) / RATE_HZ
    assert density(harmonic_tone(220 * 2 ** (0.04 * np.sin(2 * np.pi * 5.5 * t)), RATE_HZ)).onsets_per_s <= 0.3


def test_the_onset_curve_shows_where_it_gets_busier():
    slow, _ = metronome(60, 12.0, RATE_HZ, start_s=0.0)
    fast, _ = metronome(240, 12.0, RATE_HZ, start_s=0.0)
    curve = density(np.concatenate([slow, fast])).onset_curve
    assert curve[3:9] == pytest.approx(1, abs=0.3)
    assert curve[15:21] == pytest.approx(4, abs=0.3)


# -------------------------------------------------------------------------------------------------------------- bands
@pytest.mark.parametrize("count", [1, 3, 7])
def test_each_band_that_sounds_counts_once(count):
    found = density(sum(sine(frequency_hz, 5.0, RATE_HZ, amplitude=0.1) for frequency_hz in BANDS_HZ[:count]))
    assert found.active_bands_mean == pytest.approx(count, abs=0.05)


def test_a_band_far_below_the_others_does_not_sound():
    loud, faint = sine(500, 5.0, RATE_HZ), sine(4000, 5.0, RATE_HZ)
    assert density(loud + 10 ** (-35 / 20) * faint).active_bands_mean == pytest.approx(2, abs=0.05)
    assert density(loud + 10 ** (-65 / 20) * faint).active_bands_mean == pytest.approx(1, abs=0.05)


def test_a_pause_holds_nothing_but_silence_around_the_song_is_not_part_of_it():
    tone, silence = sine(500, 4.0, RATE_HZ), np.zeros(4 * RATE_HZ)
    found = density(np.concatenate([silence, tone, silence, tone, silence]))
    assert found.active_bands_mean == pytest.approx(2 / 3, abs=0.05)
    assert found.curve[[1, 5, 9, 13, 17]].tolist() == [0, 1, 0, 1, 0]


def test_the_curve_shows_a_song_that_builds_up():
    parts = [sine(frequency_hz, 4.0 * (4 - k), RATE_HZ, amplitude=0.1) for k, frequency_hz in enumerate(BANDS_HZ[2:6])]
    samples = sum(np.pad(fading_in(part), (16 * RATE_HZ - part.size, 0)) for part in parts)
    found = density(samples)
    assert found.curve.size == found.onset_curve.size == 16
    assert found.curve[[2, 6, 10, 14]].tolist() == [1, 2, 3, 4]


# ------------------------------------------------------------------------------------------------------------ pumping
def pumped(bpm, depth_db, recovery_beats=0.3, drums=0.0, offset_beats=0.0, seconds=24.0):
    """Held chords whose gain dips on each beat, or so much of one after it, and drums that do not: sound and beats."""
    beat_s = 60 / bpm
    beats_s = np.arange(0.3, seconds - 0.5, beat_s)
    n = round(seconds * RATE_HZ)
    chords = np.zeros(n)
    for k, start_s in enumerate(beats_s[::4]):
        first = round(start_s * RATE_HZ)
        count = min(n - first, round(4 * beat_s * RATE_HZ))
        for midi in CHORDS_MIDI[k % 4]:
            f0_hz = np.full(count, 440 * 2 ** ((midi - 69) / 12))
            chords[first : first + count] += harmonic_tone(f0_hz, RATE_HZ, harmonics=10, amplitude=0.06)
    dips_s = beats_s + offset_beats * beat_s
    t = np.arange(n) / RATE_HZ
    since_s = t - dips_s[np.maximum(np.searchsorted(dips_s, t, side="right") - 1, 0)]
    dip = np.where(since_s >= 0, np.exp(-since_s / (recovery_beats * beat_s)) * np.clip(since_s / 0.004, 0, 1), 0)
    samples = chords * 10 ** (-depth_db * dip / 20)
    if drums:
        samples += drums * place(kick(RATE_HZ), beats_s, seconds, RATE_HZ)
        samples += drums * 0.5 * place(snare(RATE_HZ), beats_s[1::2], seconds, RATE_HZ)
        samples += drums * place(hat(RATE_HZ), np.concatenate([beats_s, beats_s + beat_s / 2]), seconds, RATE_HZ)
    return samples, beats_s


@pytest.mark.parametrize(
    ("bpm", "depth_db", "recovery_beats"), [(75, 3, 0.3), (126, 6, 0.2), (126, 6, 0.45), (175, 6, 0.3), (175, 12, 0.3)]
)
def test_a_ducked_chord_dips_as_deep_as_its_gain(bpm, depth_db, recovery_beats):
    found = density(*pumped(bpm, depth_db, recovery_beats))
    assert found.pumping_db == pytest.approx(depth_db, rel=1 / 6)
    assert "pumping by" in found.summary


@pytest.mark.parametrize("bpm", [75, 175])
def test_drums_fill_some_of_the_dip_and_make_none(bpm):
    assert density(*pumped(bpm, 0, drums=1.0)).pumping_db == 0
    assert density(*pumped(bpm, 0, drums=2.0)).pumping_db == 0
    assert 3.6 < density(*pumped(bpm, 6, drums=1.0)).pumping_db < 6


def test_a_steady_chord_does_not_pump():
    found = density(*pumped(120, 0))
    assert found.pumping_db == 0
    assert "no pumping" in found.summary


@pytest.mark.parametrize("offset_beats", [0.25, 0.5, 0.75])
def test_a_dip_elsewhere_in_the_beat_is_no_pumping(offset_beats):
    assert density(*pumped(120, 8, offset_beats=offset_beats)).pumping_db == 0


def test_dips_at_another_rate_than_the_beat_are_no_pumping():
    samples, _ = pumped(97, 8)
    assert density(samples, np.arange(0.3, 23.5, 60 / 128)).pumping_db == 0


def test_notes_struck_on_the_beat_do_not_pump():
    samples, beats_s, _ = band(120, bars=16)
    assert density(samples, beats_s).pumping_db == 0


def test_without_beats_pumping_is_absent_rather_than_zero():
    samples, beats_s = pumped(120, 8)
    assert density(samples).pumping_db is None
    assert density(samples, beats_s[:16]).pumping_db is None  # fifteen beats from one to the next
    held = outcome(harmonic_tone(np.full(10 * RATE_HZ, 220.0), RATE_HZ)).value
    assert held.pumping_db is None
    assert "pumping" not in held.summary


def test_of_the_bundled_songs_the_one_made_to_pump_does():
    found = {name: analyze(song_excerpt(name), only=[Density])[Density].pumping_db for name in ("arena", "closet")}
    assert found["arena"] > 3
    assert found["closet"] == 0


# --------------------------------------------------------------------------------------------------------- properties
@pytest.fixture(scope="module")
def excerpt():
    return song_excerpt()


@pytest.fixture(scope="module")
def as_it_is(excerpt):
    return analyze(excerpt, only=[Density])[Density]


@pytest.mark.parametrize("gain_db", [-6.0, 6.0])
def test_loudness_does_not_make_it_denser(excerpt, as_it_is, gain_db):
    found = outcome(10 ** (gain_db / 20) * excerpt.samples, excerpt.sample_rate_hz).value
    assert found.onsets_per_s == as_it_is.onsets_per_s
    assert found.active_bands_mean == pytest.approx(as_it_is.active_bands_mean, abs=0.01)
    assert found.curve == pytest.approx(as_it_is.curve, abs=0.03)


def test_swapping_the_sides_changes_nothing(excerpt, as_it_is):
    found = outcome(excerpt.samples[::-1], excerpt.sample_rate_hz).value
    assert found.onsets_per_s == as_it_is.onsets_per_s
    np.testing.assert_array_equal(found.curve, as_it_is.curve)


def test_leading_silence_moves_the_curves_and_changes_nothing_else(excerpt, as_it_is):
    later = np.pad(excerpt.samples, ((0, 0), (3 * excerpt.sample_rate_hz, 0)))
    found = outcome(later, excerpt.sample_rate_hz).value
    assert found.onsets_per_s == pytest.approx(as_it_is.onsets_per_s, rel=0.1)  # softer ones count beside silence
    assert found.active_bands_mean == pytest.approx(as_it_is.active_bands_mean, abs=0.1)
    assert found.curve[4:] == pytest.approx(as_it_is.curve[1:], abs=0.3)
    assert found.curve[:2].tolist() == [0, 0]


@pytest.mark.parametrize(
    ("samples", "reason"),
    [
        pytest.param(np.zeros((2, RATE_HZ * 5)), "silent", id="silence"),
        pytest.param(noise(2.0, RATE_HZ), "too short", id="two seconds"),
        pytest.param(np.eye(1, RATE_HZ * 5)[0], "too short", id="one click in five seconds"),
    ],
)
def test_too_little_sound_says_why(samples, reason):
    found = outcome(samples)
    assert isinstance(found, Missing)
    assert reason in found.reason
