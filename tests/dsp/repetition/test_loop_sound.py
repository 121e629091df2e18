import numpy as np
import pytest

from riffscope.dsp.repetition.loop_sound import Take, align, common_sound, cut_seamlessly
from signals import harmonic_tone, noise, place

RATE_HZ = 22050
BEAT = 11024
BEATS = 4


def riff(seed=0):
    """Four beats of plucked notes, (44096,)."""
    pitches = np.random.default_rng(seed).uniform(150, 600, 2 * BEATS)
    notes = [harmonic_tone(np.full(BEAT // 2, hz), RATE_HZ) * np.exp(-np.arange(BEAT // 2) / 2500) for hz in pitches]
    return np.concatenate(notes).astype(np.float32)


def passes(count, offset=0):
    return [Take(edges=offset + BEAT * (BEATS * k + np.arange(BEATS + 1.0))) for k in range(count)]


def off_from(wanted, got):
    """Level of the difference against what was wanted, dB."""
    return 10 * np.log10(np.mean((got - wanted) ** 2) / np.mean(wanted**2))


def with_voice(sound, at, seed=3):
    """The same with a held note over one pass."""
    over = harmonic_tone(np.full(BEATS * BEAT, 233.0), RATE_HZ) * 0.4
    out = sound.copy()
    out[at * BEATS * BEAT : (at + 1) * BEATS * BEAT] += over.astype(np.float32)
    return out


@pytest.mark.parametrize("late", [-700, -31, 0, 12, 850])
def test_a_pass_is_moved_to_where_it_sounds_the_same(late):
    one = riff()
    sound = np.concatenate([np.zeros(1000, np.float32), one, np.zeros(1000 + max(late, 0), np.float32)])
    sound = np.concatenate([sound[: 2000 + len(one) + late], one, np.zeros(2000, np.float32)])
    first = Take(edges=1000 + BEAT * np.arange(BEATS + 1.0))
    told = Take(edges=first.edges + 1000 + len(one))
    _, moved = align(sound, [first, told], 0, sample_rate_hz=RATE_HZ)
    assert moved.edges[0] - told.edges[0] == late
    assert moved.agreement > 0.9


def test_copies_outvote_a_voice_over_one_of_them():
    one = riff()
    sound = with_voice(np.tile(one, 5), at=2)[np.newaxis]
    heard = align(sound[0], passes(5), 2, sample_rate_hz=RATE_HZ)
    cleaned = common_sound(sound, heard, 2, margin=0, sample_rate_hz=RATE_HZ)
    before = off_from(one, sound[0, 2 * len(one) : 3 * len(one)])
    assert before > -6
    assert off_from(one, cleaned[0]) < before - 20


def test_what_is_played_anew_each_time_keeps_its_own_sound_and_loses_the_voice():
    random = np.random.default_rng(1)
    one = riff()
    # Played, not copied: each pass a little louder or softer, its notes' waveforms not in phase.
    played = np.concatenate(
        [np.roll(one, int(random.integers(-60, 60))) * random.uniform(0.8, 1.2) for _ in range(6)]
    ).astype(np.float32)
    sound = with_voice(played, at=3)
    heard = [Take(edges=each.edges, agreement=0.2) for each in passes(6)]
    heard[3] = passes(6)[3]
    place_of_third = slice(3 * len(one), 4 * len(one))
    cleaned = common_sound(sound[np.newaxis], heard, 3, margin=0, sample_rate_hz=RATE_HZ)[0]
    assert off_from(played[place_of_third], cleaned) < off_from(played[place_of_third], sound[place_of_third]) - 2
    untouched = common_sound(played[np.newaxis], heard, 3, margin=0, sample_rate_hz=RATE_HZ)[0]
    assert off_from(played[place_of_third], untouched) < -15


def test_a_single_pass_is_returned_as_it_is_with_its_surroundings():
    sound = noise(4.0, RATE_HZ)[np.newaxis].astype(np.float32)
    alone = [Take(edges=np.array([20000.0, 31024.0]))]
    np.testing.assert_array_equal(
        common_sound(sound, alone, 0, margin=500, sample_rate_hz=RATE_HZ), sound[:, 19500:31524]
    )


def test_spectra_are_put_together_without_a_trace_even_at_the_ends_of_a_song():
    sound = np.stack([noise(8.0, RATE_HZ, seed=k) for k in range(2)]).astype(np.float32)
    same = [passes(4)[1]] * 3  # three times the same pass: their median is itself
    whole = common_sound(sound, same, 0, margin=60 * 500, sample_rate_hz=RATE_HZ)
    begin = BEATS * BEAT - 30000
    padded = np.pad(sound, ((0, 0), (0, max(0, begin + whole.shape[1] - sound.shape[1]))))
    np.testing.assert_allclose(whole, padded[:, begin : begin + whole.shape[1]], atol=1e-5)


def test_a_loop_goes_round_without_a_step():
    """A tone that does not fit a whole number of times would click where it was cut."""
    period = 9000
    tone = np.sin(2 * np.pi * 100.3 * np.arange(3 * period) / RATE_HZ).astype(np.float32)[np.newaxis]
    margin = 2000
    sound = tone[:, period - margin : 2 * period + margin]
    twice = np.tile(cut_seamlessly(sound, margin, sample_rate_hz=RATE_HZ), 2)[0]
    usual = np.abs(np.diff(tone[0])).max()
    assert np.abs(np.diff(tone[0, [2 * period - 1, period]])) > 3 * usual  # what a plain cut would do
    assert np.abs(np.diff(twice)).max() < 1.5 * usual


@pytest.mark.parametrize("late_s", [-0.03, 0.0, 0.02])
def test_a_cut_is_moved_to_just_before_the_attack(late_s):
    hit = harmonic_tone(np.full(4000, 300.0), RATE_HZ) * np.exp(-np.arange(4000) / 700)
    margin = 3000
    attack_s = margin / RATE_HZ + late_s
    sound = place(hit, [attack_s, attack_s + 0.5], 1.5, RATE_HZ)[np.newaxis].astype(np.float32)
    sound = sound[:, : 2 * margin + BEAT]
    looped = cut_seamlessly(sound, margin, sample_rate_hz=RATE_HZ)
    assert looped.shape[1] == BEAT
    first_loud = int(np.argmax(np.abs(looped[0]) > 0.05))
    assert first_loud / RATE_HZ < 0.006
