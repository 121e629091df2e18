"""The same song gives the same numbers: on one thread or two, on one Python or another."""

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

import riffscope
from riffscope import long_arrays, steps
from riffscope.codec import from_json, to_json
from riffscope.dsp.resample import resample
from riffscope.model import Measured, Settings
from riffscope.song import analyze, failures
from signals import audio_of, click, noise, sine, sweep
from songs_heard import song_excerpt

# As the page on the Python API says. Arrays are kept with six decimals, and the last may be rounded either way.
ABSOLUTE, RELATIVE = 2e-6, 1e-5
EXCERPT_S = 8.0
MEASURE = """
import sys
import numpy as np
from riffscope.codec import to_json
from riffscope.model import Settings
from riffscope.song import analyze
from signals import audio_of
song = analyze(audio_of(np.load(sys.argv[1])), settings=Settings(separator="none"), threads=2)
sys.stdout.write(to_json(song).decode())
"""


def measured(threads=1):
    """The JSON of an excerpt, without how long each step took."""
    song = analyze(song_excerpt(duration_s=EXCERPT_S), settings=Settings(separator="none"), threads=threads)
    document = json.loads(to_json(song))
    for entry in document["measurements"].values():
        entry.pop("seconds", None)
    return document


@pytest.fixture(scope="module")
def on_one_thread():
    return measured()


def differences(one, other, path=""):
    """Where two documents differ by more than is allowed."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in one.keys() | other.keys():
            yield from differences(one.get(name), other.get(name), f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, f"{path}[{i}]")
    elif isinstance(one, int | float) and isinstance(other, int | float):
        if one != pytest.approx(other, rel=RELATIVE, abs=ABSOLUTE):
            yield path, one, other
    elif one != other:
        yield path, one, other


def test_one_thread_and_two_give_the_same_json(on_one_thread):
    assert measured(threads=2) == on_one_thread


def test_a_song_whose_arrays_lie_in_files_gives_the_same_json(on_one_thread, monkeypatch):
    monkeypatch.setattr(long_arrays, "LONG_BYTES", 1 << 18)
    kept = []
    monkeypatch.setattr(long_arrays, "_watch", kept.append)
    assert measured() == on_one_thread
    assert len(kept) > 5


def test_what_differs_is_seen():
    assert list(differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.0001]})) == [(".a[1]", 2.0, 2.0001)]
    assert not list(differences({"a": [1.0, 2.0]}, {"a": [1.0, 2.0000005]}))


@pytest.mark.processes
def test_another_python_gives_the_same_numbers(on_one_thread, tmp_path):
    """RIFFSCOPE_OTHER_PYTHON is the interpreter of another version that has what riffscope needs."""
    other = os.environ.get("RIFFSCOPE_OTHER_PYTHON")
    if not other:
        pytest.skip("no other Python is named (RIFFSCOPE_OTHER_PYTHON)")
    np.save(tmp_path / "samples.npy", song_excerpt(duration_s=EXCERPT_S).samples)
    path = str(Path(riffscope.__file__).parents[1])
    run = subprocess.run(
        [other, "-c", MEASURE, str(tmp_path / "samples.npy")],
        env=os.environ | {"PYTHONPATH": os.pathsep.join((path, str(Path(__file__).parent)))},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    theirs = json.loads(run.stdout)["measurements"]
    for entry in theirs.values():
        entry.pop("seconds", None)
    assert not list(differences(on_one_thread["measurements"], theirs)), sys.version


# ------------------------------------------------------------------------------------------------------- any sound
RATES_HZ = (4_000, 8_000, 22_050, 44_100, 96_000, 192_000)
# From denormal numbers, which are slow, to the loudest that is let in.
LEVELS = (0.0, 1e-40, 1e-30, 1e-6, 0.1, 1.0, 8.0, 15.8)


def part(kind, duration_s, rate_hz, level, seed):
    """One sound: (n,)."""
    count = round(duration_s * rate_hz)
    frequency_hz = min(55.0 * 2 ** (seed % 5), rate_hz / 4)
    sounds = {
        "silence": lambda: np.zeros(count),
        "noise": lambda: noise(duration_s, rate_hz, amplitude=1.0, seed=seed),
        "tone": lambda: sine(frequency_hz, duration_s, rate_hz, amplitude=1.0),
        "glide": lambda: sweep(frequency_hz, 1.8 * frequency_hz, duration_s, rate_hz, amplitude=1.0),
        "clicks": lambda: np.convolve(np.arange(count) % max(1, rate_hz // 2) == 0, click(rate_hz))[:count],
        "square": lambda: np.sign(sine(frequency_hz, duration_s, rate_hz)),
        "pressure": lambda: np.ones(count),
        "one sample": lambda: np.eye(1, count, count // 2)[0],
    }
    return level * sounds[kind]()[:count]


@st.composite
def anything(draw):
    """Sound of any kind: parts one after the other, a second on each channel, at any rate and level."""
    rate_hz, channels = draw(st.sampled_from(RATES_HZ)), draw(st.integers(1, 8))
    durations = draw(st.lists(st.sampled_from((0.001, 0.1, 0.7, 1.5, 3.0)), min_size=1, max_size=2))
    kinds = st.sampled_from(("silence", "noise", "tone", "glide", "clicks", "square", "pressure", "one sample"))
    levels = st.sampled_from(LEVELS)
    rows = []
    for _ in range(channels):
        parts = [part(draw(kinds), one, rate_hz, draw(levels), draw(st.integers(0, 9))) for one in durations]
        rows.append(draw(st.sampled_from((-1, 1))) * np.concatenate(parts))
    samples = np.stack(rows).astype(np.float32)
    return audio_of(samples if samples.shape[1] else np.zeros((channels, 1), np.float32), rate_hz)


def check(song):
    assert not failures(song)
    written = to_json(song)
    assert to_json(from_json(written)) == written  # reading refuses what no song can have


@hypothesis_settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(audio=anything())
def test_every_analyzer_takes_any_sound_and_its_numbers_are_a_songs(audio):
    check(analyze(audio, settings=Settings(separator="none"), threads=1))


# ------------------------------------------------------------------------------------------------------- any song
# Of what has no beat, key or voice, most analyzers say just that. So this is a song of which each finds something, ...
SONG_S, SONG_RATE_HZ = 12.0, 22_050


@functools.cache
def whole_song():
    """A song with all that there is to measure: (2, n)."""
    excerpt = song_excerpt(duration_s=SONG_S)
    samples = resample(excerpt.samples, excerpt.sample_rate_hz, SONG_RATE_HZ)
    samples.flags.writeable = False
    return samples


def cut(samples, share):
    return samples[:, : max(1, round(share * samples.shape[1]))]


def hushed(samples, share):
    """Silent from there on, but for what is too quiet to be a number in full."""
    out = samples.copy()
    out[:, round(share * samples.shape[1]) :] = 1e-40
    return out


def one_side(samples, share):
    out = samples.copy()
    out[round(share)] = 0.0
    return out


def clicked(samples, share):
    out = samples.copy()
    out[:, :: max(1, round(share * 20_000))] = 15.8
    return out


# ... to which this is done.
HARMS = {
    "nothing": lambda samples, _: samples,
    "cut": cut,
    "hushed": hushed,
    "one side": one_side,
    "clicks": clicked,
    "clipped": lambda samples, share: np.clip(samples, -share / 10, share / 10),
    "backwards": lambda samples, _: samples[:, ::-1],
    "pressure": lambda samples, share: samples + share,
    "antiphase": lambda samples, _: samples * np.array([[1], [-1]], np.float32),
    "loud": lambda samples, share: samples * 15.8 * share,
    "quiet": lambda samples, share: samples * 10.0 ** np.round(-40 * share),
    "few steps": lambda samples, share: np.round(samples * 4 / max(share, 0.1)) / 4,
    "noise": lambda samples, share: samples + noise(SONG_S, SONG_RATE_HZ, amplitude=share)[: samples.shape[1]],
}


@st.composite
def any_song(draw):
    """The song with harm done to it, in 1 to 8 channels, at any rate, and perhaps with a stem that goes with it."""
    samples = whole_song()
    for _ in range(draw(st.integers(1, 2))):
        samples = HARMS[draw(st.sampled_from(sorted(HARMS)))](samples, draw(st.floats(0.0, 1.0)))
    channels, rate_hz = draw(st.integers(1, 8)), draw(st.sampled_from((8_000, 11_025, SONG_RATE_HZ, 44_100)))
    samples = np.concatenate([samples] * 4)[:channels].clip(-15.8, 15.8).astype(np.float32)
    stem = draw(st.sampled_from((None, 0.0, 0.6, 1.0)))
    return audio_of(samples, rate_hz), None if stem is None else audio_of(stem * samples, rate_hz)


@pytest.mark.parametrize(
    ("harm", "share", "rate_hz", "stem"),
    [
        pytest.param("hushed", 0.5, 8_000, None, id="a level far below any sound was not read back"),
        pytest.param("quiet", 0.125, SONG_RATE_HZ, 0.6, id="a voice without any pitch was not read back"),
    ],
)
def test_what_was_once_found_is_taken(harm, share, rate_hz, stem):
    audio, vocals = (
        None if gain is None else audio_of(gain * HARMS[harm](whole_song(), share)[:1], rate_hz) for gain in (1.0, stem)
    )
    check(analyze(audio, settings=Settings(separator="none", vocals=vocals), threads=1))


@hypothesis_settings(max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(drawn=any_song())
def test_every_analyzer_takes_a_song_whatever_was_done_to_it(drawn):
    audio, stem = drawn
    check(analyze(audio, settings=Settings(separator="none", vocals=stem), threads=1))


@pytest.mark.parametrize("stem", [None, 0.6])
def test_of_the_song_before_that_every_analyzer_measures_something(stem):
    """One that is new and finds nothing here needs another song, or it is tested in name alone."""
    audio = audio_of(whole_song(), SONG_RATE_HZ)
    vocals = None if stem is None else audio_of(stem * whole_song(), SONG_RATE_HZ)
    song = analyze(audio, settings=Settings(separator="none", vocals=vocals), threads=1)
    found = {name for name, outcome in song.outcomes.items() if isinstance(outcome, Measured)}
    assert found == {step.name for step in steps.analyzers()}
