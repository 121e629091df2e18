"""How much memory a process takes that measures one song after another, and that it gives back what it can."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from riffscope import memory
from riffscope.dsp import mel
from riffscope.dsp.structure import singing
from riffscope.views import mel_spectrum, mono

ROOT = Path(__file__).parents[1]
# Of a song of 3.5 minutes on two threads, once the sound itself was made.
MOST_MB = 500
LINUX = sys.platform.startswith("linux") and Path("/proc/self/clear_refs").exists()

# A song of 3.5 minutes in stereo: chords that go round, drums and a voice of six partials, at 44.1 kHz.
SONG = """
import numpy as np
from signals import audio_of

RATE_HZ, BEAT_S, BEATS = 44100, 0.5, 420
rng = np.random.default_rng(0)
t = np.arange(round(BEAT_S * RATE_HZ)) / RATE_HZ
drum = rng.normal(0, 0.2, t.size) * np.exp(-t / 0.03)
beats = []
for beat in range(BEATS):
    roots = (48, 55, 57, 53)[beat // 4 % 4]
    band = sum(0.06 * np.sin(2 * np.pi * 440 * 2 ** ((roots + step - 69) / 12) * t) for step in (0, 4, 7))
    f0_hz = 440 * 2 ** (((60, 62, 64, 67)[beat * 5 // 3 % 4] - 69) / 12)
    voice = sum(0.15 / n * np.sin(2 * np.pi * n * f0_hz * t) for n in range(1, 7)) * (beat % 8 < 6)
    beats.append(np.stack([band + voice + drum, 0.8 * band + voice + drum]).astype(np.float32))
audio = audio_of(np.concatenate(beats, axis=1), RATE_HZ)
del beats
"""
MEASURED = """
import sys
from pathlib import Path
from riffscope import memory
from riffscope.model import Measured
from riffscope.workflow import Options, listen

def resident_mb(which):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(which))

def measure():
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    song = listen(audio, claims=(), options=Options(threads=int(sys.argv[1]))).song
    assert isinstance(song.outcomes["beats"], Measured)
    memory.give_back()
    return resident_mb("VmHWM"), resident_mb("VmRSS")

memory.keep_little()
for _ in range(2):
    print(*measure())
# None is needed to measure a song, and they take as much memory as it does.
print([name for name in ("matplotlib", "polars", "librosa", "scipy.signal") if name in sys.modules])
"""


@pytest.fixture(scope="module")
def filters_kept():
    """The filters that librosa makes once a machine, for which it takes 80 MB."""
    mel_spectrum.mel_filters(mono.MONO_RATE_HZ)
    singing.formant_filters()
    mel.mel_middles_hz(bands=mel_spectrum.N_MELS, lowest_hz=mel_spectrum.MIN_HZ, highest_hz=mel_spectrum.MAX_HZ)


@pytest.mark.usefixtures("filters_kept")
@pytest.mark.whole_songs
@pytest.mark.skipif(not LINUX, reason="only Linux tells the peak of a process and lets it begin anew")
@pytest.mark.parametrize(("separated", "threads"), [(True, 2), (False, 1)])
def test_a_song_of_ordinary_length_takes_little_memory_and_the_next_one_no_more(separated, threads, request):
    if separated:
        request.getfixturevalue("spleeter_installed")
    places = os.pathsep.join([str(ROOT / "analysis"), str(ROOT / "tests")])
    alone = {"PYTHONPATH": places, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run(
        [sys.executable, "-c", SONG + MEASURED, str(threads)],
        env=os.environ | alone,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    *sizes, heavy = told.splitlines()
    (first_peak_mb, first_left_mb), (peak_mb, left_mb) = (map(float, line.split()) for line in sizes)
    assert heavy == "[]"
    # 436 and 471 MB where the vocals are separated by the model.
    assert max(first_peak_mb, peak_mb) < MOST_MB
    assert left_mb < first_left_mb + 40


@pytest.mark.skipif(not LINUX, reason="glibc alone keeps what was dropped")
def test_memory_that_was_dropped_is_given_back():
    code = """
import numpy as np
from pathlib import Path
from riffscope import memory

def resident_mb():
    return next(int(l.split()[1]) / 1024 for l in Path("/proc/self/status").read_text().splitlines() if "VmRSS" in l)

held = [np.ones(100_000) for _ in range(100)]  # 76 MB in small pieces ...
kept = np.ones(10_000)  # ... and one behind them
before = resident_mb()
del held
print(before - resident_mb(), memory.give_back(), before - resident_mb(), memory.keep_little())
"""
    run = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ROOT / "analysis")},
        capture_output=True,
        text=True,
        check=True,
    )
    _, given, freed_mb, can = run.stdout.split()
    if can == "True":  # not so with musl
        assert given == "True"
        assert float(freed_mb) > 60


def test_without_glibc_nothing_is_done(monkeypatch):
    monkeypatch.setattr(memory, "_glibc", lambda: None)
    assert memory.give_back() is False
    assert memory.keep_little() is False
