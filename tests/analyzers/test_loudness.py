"""Loudness against the test signals of EBU Tech 3341 and 3342, made here from their descriptions, and ffmpeg."""

import math
import re
import shutil
import subprocess
import time
import tracemalloc
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from riffscope.analyzers.loudness import STREAMING_TARGETS, Loudness, measure_loudness, streaming_gain_db
from riffscope.dsp.loudness import MOMENTARY_S, SHORT_TERM_S, hop_powers, loudness_lufs, window_powers
from riffscope.errors import CannotMeasure
from riffscope.model import Audio
from riffscope.views.weighted_power import weigh_power
from signals import audio_of

Samples = npt.NDArray[np.float64]

RATES_HZ = (44100, 48000)
LEVELS = (
    "integrated_lufs",
    "max_momentary_lufs",
    "max_short_term_lufs",
    "true_peak_dbtp",
    "sample_peak_dbfs",
)
DISTANCES = ("range_lu", "plr_lu", "crest_db")


def tone(*passages: tuple[float, float], rate_hz: int, hz: float = 1000.0, channels: int = 2) -> Samples:
    """A sine whose level steps: passages of (seconds, peak dBFS), in phase on all channels."""
    ends = [round(s * rate_hz) for s in np.cumsum([seconds for seconds, _ in passages])]
    amplitudes = 10 ** (np.array([dbfs for _, dbfs in passages]) / 20)
    envelope = np.repeat(amplitudes, np.diff(ends, prepend=0))
    sine = envelope * np.sin(2 * np.pi * hz / rate_hz * np.arange(ends[-1]))
    return np.tile(sine, (channels, 1))


SILENT = -math.inf


def loudness(audio: Audio) -> Loudness:
    return measure_loudness(audio, weigh_power(audio))


def measure(samples: npt.ArrayLike, rate_hz: int = 48000) -> Loudness:
    return loudness(audio_of(samples, rate_hz))


def loudness_over(samples: Samples, rate_hz: int, window_s: float) -> Samples:
    return loudness_lufs(window_powers(hop_powers(samples.astype(np.float32), rate_hz), window_s))


# ------------------------------------------------------------------------------------------------ Tech 3341, Table 1
@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    "passages",
    [
        pytest.param([(20, -23)], id="case 1"),
        pytest.param([(10, -36), (60, -23), (10, -36)], id="case 3"),
        pytest.param([(10, -72), (10, -36), (60, -23), (10, -36), (10, -72)], id="case 4"),
        pytest.param([(20, -26), (20.1, -20), (20, -26)], id="case 5"),
    ],
)
def test_the_gates_leave_the_programme(passages: list[tuple[float, float]], rate_hz: int) -> None:
    assert measure(tone(*passages, rate_hz=rate_hz), rate_hz).integrated_lufs == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("level", [-23, -33])
def test_a_steady_tone_is_as_loud_over_any_time(level: float, rate_hz: int) -> None:
    """Cases 1 and 2."""
    found = measure(tone((20, level), rate_hz=rate_hz), rate_hz)
    levels = [found.integrated_lufs, found.max_momentary_lufs, found.max_short_term_lufs, *found.short_term_lufs]
    assert levels == pytest.approx([level] * len(levels), abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_surround_channels_weigh_more(rate_hz: int) -> None:
    """Case 6: left, right, centre and the two surrounds at their own levels."""
    left, centre, surround = (tone((20, level), rate_hz=rate_hz, channels=1)[0] for level in (-28, -24, -30))
    assert measure([left, left, centre, surround, surround], rate_hz).integrated_lufs == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_short_term_loudness_averages_over_three_seconds(rate_hz: int) -> None:
    """Case 9: the alternation has a period of 3 s."""
    levels = loudness_over(tone(*[(1.34, -20), (1.66, -30)] * 5, rate_hz=rate_hz), rate_hz, SHORT_TERM_S)
    assert levels == pytest.approx(np.full_like(levels, -23), abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_momentary_loudness_averages_over_400_ms(rate_hz: int) -> None:
    """Case 12: the alternation has a period of 0.4 s."""
    levels = loudness_over(tone(*[(0.18, -20), (0.22, -30)] * 25, rate_hz=rate_hz), rate_hz, MOMENTARY_S)
    assert levels == pytest.approx(np.full_like(levels, -23), abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_three_seconds_of_tone_are_found_wherever_they_begin(rate_hz: int) -> None:
    """Case 10."""
    bursts = [tone((0.15 * i, SILENT), (3, -23), (1, SILENT), rate_hz=rate_hz) for i in range(20)]
    found = [measure(burst, rate_hz).max_short_term_lufs for burst in bursts]
    assert found == pytest.approx([-23] * 20, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_400_ms_of_tone_are_found_wherever_they_begin(rate_hz: int) -> None:
    """Case 13, which meters that look every 100 ms fail."""
    bursts = [tone((0.02 * i, SILENT), (0.4, -23), (1, SILENT), rate_hz=rate_hz) for i in range(20)]
    found = [measure(burst, rate_hz).max_momentary_lufs for burst in bursts]
    assert found == pytest.approx([-23] * 20, abs=0.1)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(("window_s", "delay_s"), [(SHORT_TERM_S, 0.15), (MOMENTARY_S, 0.02)])
def test_ever_louder_bursts_are_each_found(window_s: float, delay_s: float, rate_hz: int) -> None:
    """Cases 11 and 14: the i-th burst begins i delays after the start of its slot, which is two windows long."""
    passages = [
        passage
        for i in range(20)
        for passage in [(i * delay_s, SILENT), (window_s, -38 + i), (window_s - i * delay_s, SILENT)]
    ]
    levels = loudness_over(tone(*passages, rate_hz=rate_hz), rate_hz, window_s)
    hops_per_slot = round(2 * window_s * 100)
    found = [levels[: (i + 1) * hops_per_slot - round(window_s * 100) + 1].max() for i in range(20)]
    assert found == pytest.approx(np.arange(-38, -18), abs=0.1)


@pytest.mark.parametrize("rate_hz", [*RATES_HZ, 96000])
@pytest.mark.parametrize(
    ("divisor", "amplitude", "phase_degrees", "expected_dbtp"),
    [(4, 0.5, 0, -6), (4, 0.5, 45, -6), (6, 0.5, 60, -6), (8, 0.5, 67.5, -6), (4, 1.41, 45, 3)],
    ids=[f"case {number}" for number in range(15, 20)],
)
def test_the_true_peak_lies_between_the_samples(
    divisor: int, amplitude: float, phase_degrees: float, expected_dbtp: float, rate_hz: int
) -> None:
    sine = amplitude * np.sin(2 * np.pi * np.arange(rate_hz) / divisor + np.deg2rad(phase_degrees))
    faded = sine * signal.windows.tukey(len(sine), 0.02)
    found = measure([faded, faded], rate_hz).true_peak_dbtp
    assert expected_dbtp - 0.4 <= found <= expected_dbtp + 0.2


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("offset", range(4), ids=[f"case {number}" for number in range(20, 24)])
def test_one_full_scale_period_peaks_at_full_scale(offset: int, rate_hz: int) -> None:
    """A sine of rate/6 with one period of rate/4 at full scale, made at four times the rate and then decimated."""
    before = 0.5 * np.sin(2 * np.pi * np.arange(24 * 4000) / 24)
    burst = np.sin(2 * np.pi * np.arange(16) / 16)
    fine = np.concatenate([before, burst, before]) * signal.windows.tukey(2 * len(before) + 16, 0.02)
    # Cut off smoothly from 0.90 to 0.98 of half the lower rate.
    spectrum = np.fft.rfft(fine)
    position = np.clip((np.linspace(0, 4, len(spectrum)) - 0.90) / 0.08, 0, 1)
    limited = np.fft.irfft(spectrum * (1 + np.cos(np.pi * position)) / 2, len(fine))
    found = measure([limited[offset::4]] * 2, rate_hz).true_peak_dbtp
    assert -0.4 <= found <= 0.2


# ------------------------------------------------------------------------------------------------ Tech 3342, Table 1
@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(
    ("levels", "expected_lu"),
    [
        pytest.param([-20, -30], 10, id="case 1"),
        pytest.param([-20, -15], 5, id="case 2"),
        pytest.param([-40, -20], 20, id="case 3"),
        pytest.param([-50, -35, -20, -35, -50], 15, id="case 4"),
    ],
)
def test_the_range_is_the_distance_of_the_passages(levels: list[float], expected_lu: float, rate_hz: int) -> None:
    found = measure(tone(*[(20, level) for level in levels], rate_hz=rate_hz), rate_hz)
    assert found.range_lu == pytest.approx(expected_lu, abs=1)


# ------------------------------------------------------------------------------------------------- independent truths
@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_all_cases_of_the_reference_set(shared_data: Path, rate_hz: int) -> None:
    """The cases of Tech 3341 and 3342 as somebody else made them."""
    source = (shared_data / "eval" / "ebu_cases.py").read_text().replace("FS=48000", f"FS={rate_hz}")
    module = ModuleType("ebu_cases")
    exec(compile(source, "ebu_cases.py", "exec"), module.__dict__)
    assert rate_hz == module.FS
    assert len(module.CASES) == 63
    failed = {case["id"]: worst for case in module.CASES if (worst := worst_error(case, rate_hz)) > 1e-9}
    assert failed == {}


def worst_error(case: dict, rate_hz: int) -> float:
    """How far the worst reading of a case lies outside its tolerance."""
    samples = case["fn"]().T
    found = measure(samples, rate_hz)
    match case["metric"]:
        case "I":
            readings = [found.integrated_lufs]
        case "MSI":
            readings = [found.max_momentary_lufs, found.max_short_term_lufs, found.integrated_lufs]
        case "LRA":
            readings = [found.range_lu]
        case "TP":
            readings = [found.true_peak_dbtp]
        case "maxS":
            readings = [found.max_short_term_lufs]
        case "maxM":
            readings = [found.max_momentary_lufs]
        case ("S_const" | "M_const") as metric:
            window_s = SHORT_TERM_S if metric == "S_const" else MOMENTARY_S
            readings = loudness_over(samples, rate_hz, window_s)[round((case["t0"] - window_s) * 100) :]
        case ("maxS_seq" | "maxM_seq") as metric:
            window_s = SHORT_TERM_S if metric == "maxS_seq" else MOMENTARY_S
            levels = loudness_over(samples, rate_hz, window_s)
            ends = [round((case["seg"] * (i + 1) - window_s) * 100) + 1 for i in range(20)]
            readings = [levels[:end].max() for end in ends]
    errors = np.subtract(readings, case["expected"])
    assert errors.size > 0
    return float(max((errors - case["hi"]).max(), (-errors - case["lo"]).max()))


@pytest.mark.parametrize(
    ("name", "expected_lufs"),
    [("1770-2_Comp_AbsGateTest.wav", -69.5), ("1770-2_Comp_RelGateTest.wav", -10.0)],
)
def test_the_compliance_files_of_the_itu(shared_data: Path, name: str, expected_lufs: float) -> None:
    samples, rate_hz = sf.read(shared_data / "data" / "dev" / "loudness" / name, dtype="float32", always_2d=True)
    assert measure(samples.T, rate_hz).integrated_lufs == pytest.approx(expected_lufs, abs=0.1)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")
@pytest.mark.parametrize(
    "name",
    [
        "songs/stepmania_goin_under.ogg",
        "songs/us_jonathan_coulton_mr_fancy_pants.mp3",
        "songs/us_steven_dunston_northern_star.ogg",
        "mixes/dev10_fast_dnb_4bar.ogg",
    ],
)
def test_ffmpeg_reads_the_same_on_real_songs(shared_data: Path, name: str) -> None:
    samples, rate_hz = sf.read(shared_data / "data" / "dev" / name, dtype="float32", always_2d=True)
    found = measure(samples.T, rate_hz)
    theirs = ffmpeg_reading(samples, rate_hz)
    assert found.integrated_lufs == pytest.approx(theirs["I"], abs=0.05)
    assert found.true_peak_dbtp == pytest.approx(20 * math.log10(theirs["true_peak"]), abs=0.1)
    assert found.sample_peak_dbfs == pytest.approx(20 * math.log10(theirs["sample_peak"]), abs=0.02)


def ffmpeg_reading(samples: npt.NDArray[np.float32], rate_hz: int) -> dict[str, float]:
    """What ffmpeg's ebur128 filter last wrote into its metadata, with three decimals; peaks are not in dB.

    It reads whole tenths of a second only: without the padding a peak in the last of them goes unseen.
    """
    meter = "apad=pad_dur=0.2,ebur128=peak=true+sample:metadata=1,ametadata=mode=print:file=-"
    given = ["-f", "f32le", "-ar", str(rate_hz), "-ac", str(samples.shape[1]), "-i", "pipe:0"]
    command = ["ffmpeg", "-v", "error", *given, "-af", meter, "-f", "null", "-"]
    printed = subprocess.run(command, input=samples.tobytes(), capture_output=True, check=True).stdout.decode()
    return {key: float(number) for key, number in re.findall(r"lavfi\.r128\.(\w+)=(\S+)", printed)}


# --------------------------------------------------------------------------------------------------------- properties
@pytest.fixture(scope="module")
def music() -> npt.NDArray[np.float32]:
    """Six seconds of stereo noise at 22.05 kHz that swells and fades, and ends in silence."""
    rng = np.random.default_rng(3)
    noise = signal.sosfilt(signal.butter(2, 0.3, output="sos"), rng.standard_normal((2, 6 * 22050)))
    swell = np.interp(np.arange(6 * 22050) / 22050, [0, 2, 3, 4, 5, 5.5, 6], [0.02, 0.3, 0.05, 0.3, 0.1, 0, 0])
    return (noise * swell).astype(np.float32)


def readings(found: Loudness, names: tuple[str, ...]) -> Samples:
    return np.array([getattr(found, name) for name in names])


def assert_same(found: Loudness, expected: Loudness, *, but: tuple[str, ...] = ()) -> None:
    names = tuple(name for name in (*LEVELS, *DISTANCES) if name not in but)
    assert readings(found, names) == pytest.approx(readings(expected, names), abs=1e-3)


@settings(max_examples=20, deadline=None)
@given(gain_db=st.floats(-30, 20))
def test_gain_moves_levels_and_nothing_else(music: npt.NDArray[np.float32], gain_db: float) -> None:
    before, after = measure(music, 22050), measure(music * np.float32(10 ** (gain_db / 20)), 22050)
    assert readings(after, LEVELS) == pytest.approx(readings(before, LEVELS) + gain_db, abs=1e-3)
    assert readings(after, DISTANCES) == pytest.approx(readings(before, DISTANCES), abs=1e-3)
    assert after.short_term_lufs == pytest.approx(before.short_term_lufs + gain_db, abs=1e-3)


def test_one_channel_on_both_sides_is_three_lu_louder(music: npt.NDArray[np.float32]) -> None:
    mono, stereo = measure(music[0], 22050), measure([music[0], music[0]], 22050)
    loudnesses = ("integrated_lufs", "max_momentary_lufs", "max_short_term_lufs")
    assert readings(stereo, loudnesses) == pytest.approx(readings(mono, loudnesses) + 10 * math.log10(2), abs=1e-6)
    assert stereo.plr_lu == pytest.approx(mono.plr_lu - 10 * math.log10(2), abs=1e-6)
    assert_same(stereo, mono, but=(*loudnesses, "plr_lu"))


def test_silence_after_the_end_changes_no_level(music: npt.NDArray[np.float32]) -> None:
    before, after = measure(music, 22050), measure(np.pad(music, [(0, 0), (0, 10 * 22050)]), 22050)
    assert_same(after, before, but=("range_lu", "crest_db"))
    assert np.isnan(after.short_term_lufs[-50:]).all()


def test_silence_before_the_start_shifts_time_and_no_maximum(music: npt.NDArray[np.float32]) -> None:
    before, after = measure(music, 22050), measure(np.pad(music, [(0, 0), (round(4.7 * 22050), 0)]), 22050)
    maxima = ("max_momentary_lufs", "max_short_term_lufs", "true_peak_dbtp", "sample_peak_dbfs")
    assert readings(after, maxima) == pytest.approx(readings(before, maxima), abs=1e-3)
    assert after.short_term_lufs[47:] == pytest.approx(before.short_term_lufs, abs=1e-3)


def test_polarity_and_the_sides_do_not_matter(music: npt.NDArray[np.float32]) -> None:
    assert_same(measure(-music[::-1], 22050), measure(music, 22050))


def test_the_same_twice_and_the_input_unharmed(music: npt.NDArray[np.float32]) -> None:
    audio = audio_of(music, 22050)
    first, second = loudness(audio), loudness(audio)
    assert readings(first, (*LEVELS, *DISTANCES)).tolist() == readings(second, (*LEVELS, *DISTANCES)).tolist()
    assert np.array_equal(audio.samples, music)


@pytest.mark.parametrize("rate_hz", [4000, 8000, 11025, 22050, 32000, 44107, 88200, 96000, 192000, 768000])
def test_a_tone_is_as_loud_at_any_sample_rate(rate_hz: int) -> None:
    found = measure(tone((4, -23), rate_hz=rate_hz, hz=997), rate_hz)
    assert found.integrated_lufs == pytest.approx(-23, abs=0.05)
    assert found.max_momentary_lufs == pytest.approx(-23, abs=0.05)
    assert found.max_short_term_lufs == pytest.approx(-23, abs=0.05)


def test_a_sine_of_a_quarter_of_the_rate_peaks_three_db_above_its_samples() -> None:
    sine = 0.5 * np.sin(np.pi / 2 * np.arange(48000) + np.pi / 4)
    found = measure(sine * signal.windows.tukey(48000, 0.02))
    assert found.sample_peak_dbfs == pytest.approx(-9.03, abs=0.01)
    assert found.true_peak_dbtp - found.sample_peak_dbfs == pytest.approx(3.01, abs=0.05)


def test_crest_factors_of_a_sine_and_a_square_wave() -> None:
    sine = tone((5, -6), rate_hz=48000)
    assert measure(sine).crest_db == pytest.approx(3.01, abs=0.01)
    assert measure(np.sign(sine + 1e-9)).crest_db == pytest.approx(0, abs=0.01)


def test_a_clipped_wave_overshoots_between_its_samples() -> None:
    clipped = np.clip(tone((2, 12), rate_hz=44100, hz=3001), -1, 1)
    found = measure(clipped, 44100)
    assert found.sample_peak_dbfs == pytest.approx(0, abs=1e-6)
    assert 0.3 < found.true_peak_dbtp < 3


def test_the_curve_is_placed_at_the_middle_of_its_windows() -> None:
    """A step in level shows half its power when the window is centred on it."""
    found = measure(tone((5, SILENT), (5, -20), rate_hz=48000))
    at_step = round((5 - found.first_s) / found.step_s)
    assert found.short_term_lufs[at_step] == pytest.approx(-20 + 10 * math.log10(0.5), abs=0.1)
    assert np.isnan(found.short_term_lufs[:20]).all()
    assert len(found.short_term_lufs) == 71


# ----------------------------------------------------------------------------------------------- what has no loudness
@pytest.mark.parametrize("level", [SILENT, -80])
def test_silence_is_missing_and_says_so(level: float) -> None:
    with pytest.raises(CannotMeasure, match=r"silent: nothing is above -70 LUFS"):
        measure(tone((5, level), rate_hz=48000))


@pytest.mark.parametrize("samples", [1, 2400, 19199])
def test_a_loudness_takes_400_ms(samples: int) -> None:
    with pytest.raises(CannotMeasure, match="too short"):
        measure(np.full((2, samples), 0.5))


def test_under_three_seconds_there_is_no_range() -> None:
    found = measure(tone((2.9, -23), rate_hz=48000))
    assert found.integrated_lufs == pytest.approx(-23, abs=0.1)
    assert found.range_lu is None
    assert found.max_short_term_lufs is None
    assert found.short_term_lufs.size == 0


# ---------------------------------------------------------------------------------------------------------- streaming
def test_loud_songs_are_turned_down_by_every_service() -> None:
    gains_db = {name: streaming_gain_db(target, -8.0, 0.5) for name, target in STREAMING_TARGETS.items()}
    assert gains_db == {name: target.target_lufs + 8 for name, target in STREAMING_TARGETS.items()}
    assert gains_db["Apple Music"] == -8


def test_quiet_songs_are_raised_as_far_as_their_peaks_allow() -> None:
    """Spotify's own example: -20 LUFS with peaks at -5 dB is lifted only to -16."""
    assert streaming_gain_db(STREAMING_TARGETS["Spotify"], -20.0, -5.0) == 4
    assert streaming_gain_db(STREAMING_TARGETS["Spotify"], -20.0, -12.0) == 6
    assert streaming_gain_db(STREAMING_TARGETS["Spotify"], -20.0, 1.0) == 0
    assert streaming_gain_db(STREAMING_TARGETS["YouTube"], -20.0, -12.0) == 0


def test_mono_is_turned_by_services_as_two_loudspeakers_play_it(music: npt.NDArray[np.float32]) -> None:
    """The file's own loudness stays as BS.1770 has it for one channel."""
    mono, both = measure(music[0], 22050), measure([music[0], music[0]], 22050)
    assert mono.integrated_lufs == pytest.approx(both.integrated_lufs - 10 * math.log10(2), abs=1e-6)
    assert mono.played_lufs == pytest.approx(both.played_lufs, abs=1e-6)
    assert both.played_lufs == both.integrated_lufs
    assert mono.streaming_gain_db == pytest.approx(both.streaming_gain_db, abs=1e-6)
    assert f"{mono.played_lufs:.1f}".replace("-", "\N{MINUS SIGN}") in mono.summary


# ------------------------------------------------------------------------------------------------------------ surround
SURROUND = ("L", "R", "C", "LFE", "Ls", "Rs")


@pytest.mark.parametrize("order", [SURROUND, ("L", "C", "R", "Ls", "Rs", "LFE"), ("LFE", "Rs", "Ls", "C", "R", "L")])
@pytest.mark.parametrize(("speaker", "more_db"), [("C", 0.0), ("R", 0.0), ("Ls", 1.49), ("Rs", 1.49)])
def test_a_channel_weighs_as_what_it_is(order: tuple[str, ...], speaker: str, more_db: float) -> None:
    sound = np.zeros((6, 3 * 48000))
    sound[order.index(speaker)] = tone((3, -20), rate_hz=48000, hz=997, channels=1)[0]
    audio = replace(audio_of(sound, 48000), speakers=order)
    found = loudness(audio)
    assert found.integrated_lufs == pytest.approx(-23.01 + more_db, abs=0.02)
    assert found.channel_layout == found.layout == " ".join(order)


def test_the_low_channel_alone_has_no_loudness_but_a_peak() -> None:
    sound = np.zeros((6, 3 * 48000))
    sound[3] = tone((3, -20), rate_hz=48000, channels=1)[0]
    with pytest.raises(CannotMeasure, match="silent"):
        loudness(replace(audio_of(sound, 48000), speakers=SURROUND))
    sound[0] = 1e-2 * sound[3]
    assert loudness(replace(audio_of(sound, 48000), speakers=SURROUND)).true_peak_dbtp == pytest.approx(-20, abs=0.1)


# -------------------------------------------------------------------------------------------------------------- costs
def test_a_long_song_costs_little_time_and_memory() -> None:
    """Three and a half minutes of full-scale noise: 0.25 CPU seconds and 1.5 MB where this was written."""
    noise = np.random.default_rng(1).uniform(-1, 1, (2, 215 * 44100)).astype(np.float32)
    audio = audio_of(noise, 44100)
    loudness(audio_of(noise[:, :44100], 44100))
    begin = time.process_time()
    loudness(audio)
    assert time.process_time() - begin < 2
    tracemalloc.start()
    loudness(audio)
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak_bytes < 10e6
