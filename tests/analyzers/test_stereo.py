import numpy as np
import pytest

from riffscope.analyzers.stereo import Stereo
from riffscope.model import Missing
from riffscope.song import analyze
from signals import audio_of, noise, sine


def outcome(channels, rate_hz=44100):
    return analyze(audio_of(channels, rate_hz), only=[Stereo]).outcomes["stereo"]


def stereo(channels, rate_hz=44100):
    return outcome(channels, rate_hz).value


def mid_side(side, seconds=8.0):
    """Unrelated noise in mid and side, the side so many times as strong: left and right."""
    middle, sides = noise(seconds, seed=1), side * noise(seconds, seed=2)
    return np.array([middle + sides, middle - sides])


@pytest.mark.parametrize("side", [0.1, 0.5, 1.0, 2.0])
def test_width_is_the_share_of_the_side_and_falls_as_the_correlation_rises(side):
    found = stereo(mid_side(side))
    assert found.width_fraction == pytest.approx(side**2 / (1 + side**2), abs=0.01)
    assert found.correlation == pytest.approx((1 - side**2) / (1 + side**2), abs=0.01)
    assert found.mono_loss_lu == pytest.approx(10 * np.log10(1 + side**2), abs=0.1)


@pytest.mark.parametrize("channels", [1, 2])
def test_mono_has_no_width_however_many_channels_carry_it(channels):
    found = stereo([noise(3.0)] * channels)
    assert found.width_fraction == found.mono_loss_lu == 0
    assert found.correlation == pytest.approx(1, abs=1e-9)
    assert np.all(found.band_width_fraction == 0)
    assert "mono" in found.summary


def test_antiphase_is_all_side_and_leaves_nothing_in_mono():
    sound = noise(3.0)
    found = stereo([sound, -sound])
    assert found.width_fraction == 1
    assert found.correlation == pytest.approx(-1)
    assert found.mono_loss_lu is None
    assert "silent in mono" in found.summary


def test_a_quarter_turn_of_phase_is_half_as_bad():
    t = np.arange(44100 * 3) / 44100
    found = stereo([np.sin(2 * np.pi * 500 * t), np.cos(2 * np.pi * 500 * t)])
    assert found.correlation == pytest.approx(0, abs=0.01)
    assert found.width_fraction == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("silent", [0, 1])
def test_one_silent_channel_has_no_correlation_rather_than_none_at_all(silent):
    channels = [noise(3.0)] * 2
    channels[silent] = np.zeros(channels[0].size)
    found = stereo(channels)
    assert found.correlation is None
    assert np.all(np.isnan(found.band_correlation))
    assert found.width_fraction == pytest.approx(0.5)
    assert found.mono_loss_lu == pytest.approx(3.01, abs=0.01)
    assert "one side" in found.summary


@pytest.mark.parametrize("right", [0.3, 0.7])
def test_a_sound_panned_by_level_stays_correlated(right):
    sound = noise(3.0)
    found = stereo([sound, right * sound])
    assert found.correlation == pytest.approx(1, abs=1e-4)
    assert found.width_fraction == pytest.approx((1 - right) ** 2 / (2 * (1 + right**2)), abs=1e-4)


def test_each_band_has_its_own_width():
    bass, wide = sine(60, 4.0, amplitude=0.3), sine(4000, 4.0, amplitude=0.1)
    found = stereo([bass + wide, bass - wide])

    def at(frequency_hz):
        return np.searchsorted(found.band_edges_hz, frequency_hz) - 1

    assert found.band_width_fraction[at(60)] == pytest.approx(0, abs=1e-3)
    assert found.band_width_fraction[at(4000)] == pytest.approx(1, abs=1e-3)
    assert found.band_correlation[at(4000)] == pytest.approx(-1, abs=1e-3)
    assert found.width_fraction == pytest.approx(0.1, abs=0.01)  # .1^2 in .3^2 + .1^2


def test_a_band_in_which_nothing_sounds_has_no_width():
    tone = np.hanning(44100 * 3) * sine(500, 3.0)
    found = stereo([tone, 0.4 * tone])
    assert np.isfinite(found.band_width_fraction).sum() == 1
    assert np.array_equal(np.isnan(found.band_width_fraction), np.isnan(found.band_correlation))


def test_a_constant_offset_is_not_heard_as_a_middle():
    wide = np.array([noise(4.0, seed=1), noise(4.0, seed=2)])
    assert stereo(wide + 0.2).width_fraction == pytest.approx(stereo(wide).width_fraction, abs=0.01)


@pytest.mark.parametrize("gain_db", [-6.0, 6.0])
def test_loudness_does_not_move_the_image(gain_db):
    song = mid_side(0.6)
    quiet, loud = stereo(song), stereo(10 ** (gain_db / 20) * song)
    assert loud.width_fraction == pytest.approx(quiet.width_fraction, abs=1e-6)
    assert loud.correlation == pytest.approx(quiet.correlation, abs=1e-6)
    assert loud.band_width_fraction == pytest.approx(quiet.band_width_fraction, abs=1e-5)


def test_swapping_the_sides_changes_nothing():
    song = mid_side(0.6)
    song[0] *= 0.5
    one, other = stereo(song), stereo(song[::-1])
    assert one.width_fraction == other.width_fraction
    assert one.correlation == other.correlation
    assert one.mono_loss_lu == other.mono_loss_lu
    np.testing.assert_array_equal(one.band_correlation, other.band_correlation)


def test_silence_around_the_song_does_not_narrow_it():
    song = mid_side(0.8)
    padded = np.pad(song, ((0, 0), (44100 * 5, 44100 * 5)))
    assert stereo(padded).width_fraction == pytest.approx(stereo(song).width_fraction, abs=0.01)


def test_bands_end_at_half_the_sample_rate():
    song = np.array([noise(4.0, 8000, seed=1), noise(4.0, 8000, seed=2)])
    found = stereo(song, 8000)
    assert found.band_edges_hz[-1] == 4000
    assert found.band_width_fraction.size == found.band_edges_hz.size - 1
    assert found.width_fraction == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("channels", "reason"),
    [
        pytest.param(np.zeros((2, 44100 * 3)), "silent", id="silence"),
        pytest.param(np.ones((2, 1000)) * 0.1, "too short", id="too short"),
        pytest.param(np.array([noise(2.0, seed=k) for k in range(6)]), "6 channels", id="surround"),
    ],
)
def test_what_has_no_width_says_why(channels, reason):
    found = outcome(channels)
    assert isinstance(found, Missing)
    assert reason in found.reason
