import itertools

import numpy as np
import pytest

from riffscope.analyzers.density import PUMPS_DB, Density, dip_estimate, measure_density
from riffscope.claims.reading import reading_of
from riffscope.model import Missing, Ruling
from riffscope.song import analyze, make
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import MelSpectrum
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength
from signals import CHORDS_MIDI, audio_of, band, harmonic_tone, hat, kick, metronome, noise, place, sine, snare
from songs_heard import song_excerpt

RATE_HZ = 22050
BANDS_HZ = (90, 250, 500, 1000, 2000, 4000, 8000)


def density(samples, beats_s=None, rate_hz=RATE_HZ):
    """Measure a signal, with beats at given times rather than those that the tracker finds."""
    views = make(audio_of(samples, rate_hz), [MelSpectrum, OnsetStrength, Mono])
    track = None
    if beats_s is not None:
        track = BeatTrack(
            times_s=np.asarray(beats_s),
            downbeat_index=np.arange(0, len(beats_s), 4),
            beats_per_bar=4,
            levels=(),
            confidence_fraction=1.0,
        )
    return measure_density(*(views[view] for view in (MelSpectrum, OnsetStrength, Mono)), track)


def outcome(samples, rate_hz=RATE_HZ):
    return analyze(audio_of(samples, rate_hz), only=[Density]).outcomes["density"]


def fading_in(sound, seconds=0.1):
    return sound * np.minimum(np.arange(sound.shape[-1]) / (seconds * RATE_HZ), 1)


# ------------------------------------------------------------------------------------------------------------- onsets
@pytest.mark.parametrize("bpm", [60, 120, 240])
def test_a_metronome_begins_as_often_as_it_clicks(bpm):
    samples, clicks_s = metronome(bpm, 20.0, RATE_HZ, start_s=0.0)
    found = density(samples)
    assert found.onsets_per_s.value == pytest.approx(bpm / 60, rel=0.06)
    assert found.onset_curve[3:-3] == pytest.approx(bpm / 60, abs=0.3)
    assert clicks_s.size == pytest.approx(20 * bpm / 60, abs=1)


@pytest.mark.parametrize("bpm", [80, 120])
def test_what_musicians_play_together_begins_once(bpm):
    samples, _, _ = band(bpm)  # kick, snare and hi-hat, two places a beat
    assert density(samples).onsets_per_s.value == pytest.approx(2 * bpm / 60, rel=0.06)


def test_notes_of_a_melody_are_counted():
    random = np.random.default_rng(1)
    edges_s = np.cumsum(random.uniform(0.15, 0.6, 60))
    samples = np.zeros(round(edges_s[-1] * RATE_HZ) + 1)
    for start_s, end_s in itertools.pairwise(edges_s.tolist()):
        first, count = round(start_s * RATE_HZ), round((end_s - start_s) * RATE_HZ)
        shape = np.minimum(np.minimum(np.arange(count) / 220, (count - np.arange(count)) / 440), 1)
        note = harmonic_tone(np.full(count, 220 * 2 ** (random.integers(0, 13) / 12)), RATE_HZ)
        samples[first : first + count] += (shape * note)[: len(samples) - first]
    assert density(samples).onsets_per_s.value == pytest.approx(59 / (edges_s[-1] - edges_s[0]), rel=0.1)


def test_a_held_tone_with_vibrato_begins_once():
    t = np.arange(10 * RATE_HZ) / RATE_HZ
    assert density(harmonic_tone(220 * 2 ** (0.04 * np.sin(2 * np.pi * 5.5 * t)), RATE_HZ)).onsets_per_s.value <= 0.3


def test_the_onset_curve_shows_where_it_gets_busier():
    slow, _ = metronome(60, 12.0, RATE_HZ, start_s=0.0)
    fast, _ = metronome(240, 12.0, RATE_HZ, start_s=0.0)
    curve = density(np.concatenate([slow, fast])).onset_curve
    assert curve[3:9] == pytest.approx(1, abs=0.3)
    assert curve[15:21] == pytest.approx(4, abs=0.3)


@pytest.mark.parametrize(("soft", "hidden"), [(1.0, False), (0.02, True)])
def test_soft_notes_beside_loud_ones_widen_the_range(soft, hidden):
    """Of two notes a beat the second may be too soft to count: then it lies inside the range, not at its value."""
    loud, _ = metronome(120, 20.0, RATE_HZ, start_s=0.0)
    softer = np.roll(loud, round(0.25 * RATE_HZ))
    found = density(loud + soft * softer).onsets_per_s
    assert found.value == pytest.approx(2 if hidden else 4, rel=0.06)
    assert (found.high > 3) if hidden else (found.high < 4.4)
    assert found.low > 0.95 * found.value


# -------------------------------------------------------------------------------------------------------------- bands
@pytest.mark.parametrize("count", [1, 3, 7])
def test_each_band_that_sounds_counts_once(count):
    found = density(sum(sine(frequency_hz, 5.0, RATE_HZ, amplitude=0.1) for frequency_hz in BANDS_HZ[:count]))
    assert found.active_bands_mean.value == pytest.approx(count, abs=0.05)


def test_a_band_far_below_the_others_does_not_sound():
    loud, faint = sine(500, 5.0, RATE_HZ), sine(4000, 5.0, RATE_HZ)
    assert density(loud + 10 ** (-35 / 20) * faint).active_bands_mean.value == pytest.approx(2, abs=0.05)
    assert density(loud + 10 ** (-65 / 20) * faint).active_bands_mean.value == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(("below_db", "unsure"), [(10, False), (19.6, True), (20.4, True), (30, False)])
def test_a_band_near_the_threshold_makes_the_range_wide(below_db, unsure):
    """A second band is loud for a tenth of the time, and this much softer for the rest: it sounds within 20 dB."""
    steady, other = sine(500, 10.0, RATE_HZ), sine(4000, 10.0, RATE_HZ)
    other[RATE_HZ:] *= 10 ** (-below_db / 20)
    found = density(steady + other).active_bands_mean
    assert found.value == pytest.approx(2 if below_db < 20 else 1.1, abs=0.05)
    assert (found.high - found.low == pytest.approx(0.9, abs=0.05)) if unsure else (found.high - found.low < 0.05)


def test_a_pause_holds_nothing_but_silence_around_the_song_is_not_part_of_it():
    tone, silence = sine(500, 4.0, RATE_HZ), np.zeros(4 * RATE_HZ)
    found = density(np.concatenate([silence, tone, silence, tone, silence]))
    assert found.active_bands_mean.value == pytest.approx(2 / 3, abs=0.05)
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


def pumps(found):
    """The ruling on pumping by more than 2 dB."""
    return found.pumping_db.at_least(PUMPS_DB)


@pytest.mark.parametrize(
    ("bpm", "depth_db", "recovery_beats"), [(75, 7, 0.3), (126, 6, 0.2), (126, 6, 0.45), (175, 6, 0.3), (175, 9, 0.3)]
)
@pytest.mark.parametrize("drums", [0.0, 1.0])
def test_held_chords_that_dip_on_the_beat_pump(bpm, depth_db, recovery_beats, drums):
    found = density(*pumped(bpm, depth_db, recovery_beats, drums=drums))
    assert pumps(found) is Ruling.SUPPORTED
    assert found.pumping_db.low < depth_db
    assert found.pumping_db.high > 0.9 * depth_db
    assert "pumping by" in found.summary


@pytest.mark.parametrize("bpm", [75, 120, 175])
@pytest.mark.parametrize("drums", [0.0, 1.0, 2.0])
def test_held_chords_under_drums_do_not_pump(bpm, drums):
    found = density(*pumped(bpm, 0, drums=drums))
    assert pumps(found) is Ruling.REFUTED
    assert found.pumping_db.value == 0
    assert "no pumping" in found.summary


@pytest.mark.parametrize("offset_beats", [0.25, 0.5, 0.75])
def test_a_dip_elsewhere_in_the_beat_is_no_pumping(offset_beats):
    assert pumps(density(*pumped(120, 8, offset_beats=offset_beats))) is Ruling.REFUTED


def test_dips_at_another_rate_than_the_beat_are_no_pumping():
    samples, _ = pumped(97, 8)
    assert pumps(density(samples, np.arange(0.3, 23.5, 60 / 128))) is not Ruling.SUPPORTED


def test_notes_struck_on_the_beat_do_not_pump():
    samples, beats_s, _ = band(120, bars=16)
    assert pumps(density(samples, beats_s)) is not Ruling.SUPPORTED


def test_drums_alone_leave_open_whether_it_pumps():
    beats_s = np.arange(0.3, 23.5, 0.5)
    samples = place(kick(RATE_HZ), beats_s, 24.0, RATE_HZ) + place(hat(RATE_HZ), beats_s + 0.25, 24.0, RATE_HZ)
    found = density(samples, beats_s)
    assert pumps(found) is Ruling.INCONCLUSIVE
    assert "pumping unclear" in found.summary


@pytest.mark.parametrize("held_beats", [0.3, 0.45])
def test_chords_let_go_before_the_beat_do_not_pump(held_beats):
    """An oompah: bass on the beat, chords off it, none held through the next."""
    beat_s, seconds = 0.5, 24.0
    beats_s = np.arange(0.3, seconds - 1, beat_s)
    t = np.arange(round(held_beats * beat_s * RATE_HZ)) / RATE_HZ
    shape = np.minimum(np.minimum(t / 0.01, (t[-1] - t) / 0.03), 1) * np.exp(-t / 0.4)
    tones = {
        midi: shape * harmonic_tone(np.full(t.size, 440 * 2 ** ((midi - 69) / 12)), RATE_HZ, harmonics=8, amplitude=0.1)
        for midi in (36, 43, *CHORDS_MIDI[0])
    }
    bass = place(tones[36], beats_s[::2], seconds, RATE_HZ) + place(tones[43], beats_s[1::2], seconds, RATE_HZ)
    chords = sum(place(tones[midi], beats_s + beat_s / 2, seconds, RATE_HZ) for midi in CHORDS_MIDI[0])
    assert pumps(density(bass + chords, beats_s)) is not Ruling.SUPPORTED


@pytest.mark.parametrize("probability", [0.003, 0.04, 0.2, 0.4, 0.5, 0.55, 0.7, 0.9, 0.96, 0.997])
@pytest.mark.parametrize("depth_db", [1.0, 6.0, 12.0])
def test_the_range_says_how_probable_a_dip_is(probability, depth_db):
    found = dip_estimate(probability, depth_db)
    said = 1 - reading_of("density.pumping_db", found).probability_at_most(PUMPS_DB)
    assert said == pytest.approx(probability, abs=0.01)
    assert (found.at_most(PUMPS_DB) is Ruling.SUPPORTED) == (probability <= 0.05)
    assert (found.at_most(PUMPS_DB) is Ruling.REFUTED) == (probability > 0.95)
    assert found.low >= 0
    assert (found.value >= PUMPS_DB) == (probability >= 0.5)


def test_without_beats_pumping_is_absent_rather_than_zero():
    samples, beats_s = pumped(120, 8)
    assert density(samples).pumping_db is None
    assert density(samples, beats_s[:16]).pumping_db is None  # fifteen beats from one to the next
    held = outcome(harmonic_tone(np.full(10 * RATE_HZ, 220.0), RATE_HZ)).value
    assert held.pumping_db is None
    assert "pumping" not in held.summary


def test_of_the_bundled_songs_the_one_made_to_pump_does():
    found = {name: analyze(song_excerpt(name), only=[Density])[Density].pumping_db for name in ("arena", "closet")}
    assert found["arena"].value > PUMPS_DB  # a quarter of a minute is too short to be sure of it
    assert found["closet"].at_most(PUMPS_DB) is Ruling.SUPPORTED


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
    assert found.onsets_per_s.value == as_it_is.onsets_per_s.value
    assert found.active_bands_mean.value == pytest.approx(as_it_is.active_bands_mean.value, abs=0.01)
    assert found.curve == pytest.approx(as_it_is.curve, abs=0.03)


def test_swapping_the_sides_changes_nothing(excerpt, as_it_is):
    found = outcome(excerpt.samples[::-1], excerpt.sample_rate_hz).value
    assert found.onsets_per_s.value == as_it_is.onsets_per_s.value
    np.testing.assert_array_equal(found.curve, as_it_is.curve)


def test_leading_silence_moves_the_curves_and_changes_nothing_else(excerpt, as_it_is):
    later = np.pad(excerpt.samples, ((0, 0), (3 * excerpt.sample_rate_hz, 0)))
    found = outcome(later, excerpt.sample_rate_hz).value
    assert found.onsets_per_s.value == pytest.approx(
        as_it_is.onsets_per_s.value, rel=0.1
    )  # softer ones count beside silence
    assert found.active_bands_mean.value == pytest.approx(as_it_is.active_bands_mean.value, abs=0.1)
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
