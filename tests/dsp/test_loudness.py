"""K-weighting against the listed coefficients, and the true peak against interpolating everything."""

import itertools
import math

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from riffscope.dsp import loudness

SEGMENT = 8192


def test_the_filter_at_48_khz_is_the_listed_one() -> None:
    """BS.1770-5 Annex 1, Tables 1 and 2."""
    shelf, high_pass = loudness.k_weighting(48000)
    assert shelf == pytest.approx(
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1, -1.69065929318241, 0.73248077421585], abs=1e-13
    )
    assert high_pass == pytest.approx([1, -2, 1, 1, -1.99004745483398, 0.99007225036621], abs=1e-13)


@pytest.mark.parametrize(
    ("rate_hz", "within_db"),
    [
        (4000, 0.4),
        (8000, 0.05),
        (11025, 0.015),
        (22050, 0.015),
        (32000, 0.015),
        (44100, 0.002),
        (192000, 0.01),
        (768000, 0.01),
    ],
)
def test_the_curve_is_the_same_at_every_rate(rate_hz: int, within_db: float) -> None:
    frequencies_hz = np.linspace(20, min(rate_hz / 2, 22000) - 1, 500)
    curves = [
        20 * np.log10(np.abs(signal.sosfreqz(loudness.k_weighting(rate), frequencies_hz, fs=rate)[1]))
        for rate in (rate_hz, 48000)
    ]
    assert curves[0] == pytest.approx(curves[1], abs=within_db)


@pytest.mark.parametrize("rate_hz", [44100, 192000, 768000])
def test_hops_lose_no_energy_and_no_precision(rate_hz: int) -> None:
    """Against the filter run over everything at once, in the longest float there is."""
    rng = np.random.default_rng(2)
    samples = (0.1 * rng.standard_normal((1, rate_hz // 4)) + 0.5).astype(np.float32)
    filters = loudness.k_weighting(rate_hz).astype(np.longdouble)
    weighted = signal.sosfilt(filters, samples[0].astype(np.longdouble))
    powers = loudness.hop_powers(samples, rate_hz)
    assert len(powers) == 25
    expected = (weighted.reshape(25, -1) ** 2).mean(axis=1).astype(np.float64)
    assert powers == pytest.approx(expected, rel=1e-7)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11025, 22050, 44100, 48000, 96000, 192000, 768000])
def test_the_weighting_forgets_what_is_longer_ago_than_it_reaches(rate_hz: int) -> None:
    """Whatever was within full scale leaves less than -180 dB."""
    impulse = np.zeros(rate_hz)
    impulse[0] = 1
    response = signal.sosfilt(loudness.k_weighting(rate_hz), impulse)
    assert np.abs(response[round(loudness._REACH_S * rate_hz) :]).sum() < 1e-9


@pytest.mark.parametrize(("rate_hz", "channels"), [(11025, 1), (44100, 2), (48000, 6)])
def test_hops_are_those_of_the_filter_run_over_everything(rate_hz: int, channels: int) -> None:
    """Loud and very quiet by turns: what is quiet keeps its level beside what is loud."""
    rng = np.random.default_rng(channels)
    samples = rng.standard_normal((channels, 3 * rate_hz + 77))
    samples[:, rate_hz : 2 * rate_hz] *= 1e-4
    samples = samples.astype(np.float32)
    weighted = signal.sosfilt(loudness.k_weighting(rate_hz), samples.astype(np.float64))
    edges = np.floor(np.arange(301) * rate_hz / 100 + 0.5).astype(int)
    weights = loudness.loudness_weights((), channels)
    expected = [
        weights @ (weighted[:, begin:end] ** 2).sum(axis=1) * 100 / rate_hz for begin, end in itertools.pairwise(edges)
    ]
    assert loudness.hop_powers(samples, rate_hz)[:300] == pytest.approx(np.array(expected), rel=1e-6)


@given(rate_hz=st.integers(4000, 200000), n=st.integers(0, 5000))
@settings(max_examples=50, deadline=None)
def test_hops_cover_the_sound_at_any_rate(rate_hz: int, n: int) -> None:
    powers = loudness.hop_powers(np.ones((1, n), dtype=np.float32), rate_hz)
    assert abs(len(powers) * rate_hz / 100 - n) <= rate_hz / 100 + 0.5
    assert np.isfinite(powers).all()


def test_the_low_frequency_channel_does_not_count() -> None:
    samples = np.zeros((6, 4800), dtype=np.float32)
    samples[3] = np.random.default_rng(0).uniform(-1, 1, 4800)
    assert not loudness.hop_powers(samples, 48000).any()


def test_silence_is_exactly_silent_after_sound() -> None:
    powers = np.concatenate([np.full(100, 0.3), np.zeros(400)])
    assert not loudness.window_powers(powers, 0.4)[100:].any()


def test_what_fades_below_the_absolute_gate_does_not_count() -> None:
    powers = np.concatenate([np.full(500, 10**-6.9), np.full(500, 10**-7.1)])
    steady = loudness.integrated_lufs(powers[:500])
    assert steady == pytest.approx(-69.691)
    assert loudness.integrated_lufs(powers) == pytest.approx(steady, abs=0.1)
    assert loudness.integrated_lufs(powers[500:]) == -math.inf


def test_the_gates_leave_out_silence_and_what_is_10_lu_below_the_rest() -> None:
    powers = 10 ** (np.array([-80.0, -30.0, -30.0, -41.0, -45.0]) / 10)
    assert loudness.above_absolute_gate(powers).tolist() == [False, True, True, True, True]
    assert loudness.above_both_gates(powers).tolist() == [False, True, True, True, False]  # from -42.8 dB up
    assert not loudness.above_both_gates(np.zeros(3)).any()


@pytest.mark.parametrize("rate_hz", [8000, 44100, 192000])
def test_the_power_of_the_weighting_is_that_of_its_sections(rate_hz: int) -> None:
    frequencies_hz = np.linspace(0, rate_hz / 2, 1000)
    _, response = signal.sosfreqz(loudness.k_weighting(rate_hz), frequencies_hz, fs=rate_hz)
    gains = loudness.k_weighting_power(frequencies_hz, rate_hz)
    assert gains == pytest.approx(np.abs(response) ** 2, rel=1e-6, abs=1e-12)


def test_the_power_of_the_weighting_is_the_curve_of_its_filter() -> None:
    frequencies_hz = np.array([38.0, 997.0, 10000.0])
    gains_db = 10 * np.log10(loudness.k_weighting_power(frequencies_hz, 48000))
    assert gains_db == pytest.approx([-6.0, 0.69, 4.0], abs=0.15)


# -------------------------------------------------------------------------------------------------------------- peaks
def interpolated_everywhere(samples: npt.NDArray[np.float32]) -> float:
    """The largest value of four times oversampled samples, with nothing left out."""
    upsampled = [
        np.convolve(np.pad(channel.astype(np.float64), 40), taps)
        for channel in samples
        for taps in loudness._interpolation_phases(4)[:, ::-1]
    ]
    return max(float(np.abs(samples).max()), float(np.abs(upsampled).max()))


@pytest.mark.parametrize("at", [0, 1, 15, SEGMENT - 2, SEGMENT - 1, SEGMENT, 2 * SEGMENT - 1, 20000 - 2])
def test_a_peak_is_found_wherever_it_lies(at: int) -> None:
    samples = np.zeros((2, 20000), dtype=np.float32)
    samples[0, 500] = 0.5
    samples[1, at : at + 2] = 0.9
    found = loudness.find_peaks(samples, 44100)
    assert found.sample == pytest.approx(0.9)
    assert found.true == pytest.approx(interpolated_everywhere(samples), abs=1e-6)
    assert found.true > 1.1


@pytest.mark.parametrize("n", [1, 2, SEGMENT - 1, SEGMENT, SEGMENT + 1])
def test_a_peak_is_found_in_sound_of_any_length(n: int) -> None:
    samples = np.random.default_rng(n).uniform(-1, 1, (1, n)).astype(np.float32)
    found = loudness.find_peaks(samples, 44100)
    assert found.true == pytest.approx(loudness.find_peaks(samples[:, ::-1], 44100).true, abs=1e-6)
    assert found.true >= found.sample


@given(seed=st.integers(0, 2**32 - 1), steepness=st.floats(0, 4))
@settings(max_examples=30, deadline=None)
def test_leaving_out_what_cannot_peak_changes_nothing(seed: int, steepness: float) -> None:
    rng = np.random.default_rng(seed)
    samples = rng.uniform(-1, 1, (2, 40000)) * rng.uniform(0, 1, (2, 40)).repeat(1000, axis=1) ** steepness
    samples = samples.astype(np.float32)
    assert loudness.find_peaks(samples, 44100).true == pytest.approx(interpolated_everywhere(samples), abs=1e-5)


@pytest.mark.parametrize(
    ("rate_hz", "factor"), [(8000, 4), (48000, 4), (88200, 4), (96000, 2), (192000, 1), (384000, 1)]
)
def test_high_rates_are_oversampled_less(rate_hz: int, factor: int) -> None:
    assert loudness.oversampling_factor(rate_hz) == factor


def test_the_interpolation_keeps_the_level_of_high_tones() -> None:
    """Within 0.05 dB up to 0.9 of half the rate."""
    angles = np.pi * np.linspace(0, 0.9, 100)[:, np.newaxis]
    for taps in loudness._interpolation_phases(4):
        gains = np.abs((taps * np.exp(1j * angles * np.arange(len(taps)))).sum(axis=1))
        assert 20 * np.log10(gains) == pytest.approx(np.zeros(100), abs=0.05)
