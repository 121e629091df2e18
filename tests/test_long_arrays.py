"""Arrays as long as a long song lie in a file, hold what others hold, and count to the process for a moment only."""

import mmap
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest

from riffscope import long_arrays
from riffscope.decoding import sound as decoding_sound
from riffscope.decoding.sound import Sound

ANALYSIS = Path(__file__).parents[1] / "analysis"
LINUX = sys.platform.startswith("linux") and Path("/proc/self/clear_refs").exists()


@pytest.fixture
def short_is_long(monkeypatch):
    """Let arrays of 4 kB be long."""
    monkeypatch.setattr(long_arrays, "LONG_BYTES", 4096)
    monkeypatch.setattr(long_arrays, "LEFT_FREE_BYTES", 0)


def lies_in_a_file(array):
    return isinstance(array.base, mmap.mmap)


def test_short_arrays_lie_in_memory():
    for make in (long_arrays.empty, long_arrays.zeros):
        array = make((2, 1000))
        assert array.flags.owndata
        assert array.shape == (2, 1000)
        assert array.dtype == np.float32
    assert not long_arrays.zeros((2, 1000)).any()


@pytest.mark.usefixtures("short_is_long")
def test_long_arrays_keep_what_is_written_while_memory_is_let_go_of():
    rng = np.random.default_rng(0)
    content = rng.normal(size=(2, 50_000)).astype(np.float32)
    array = long_arrays.zeros(content.shape)
    assert lies_in_a_file(array)
    assert long_arrays.owns(array)
    assert not array.any()
    array[:] = content
    long_arrays.let_go()
    np.testing.assert_array_equal(array, content)
    copy = long_arrays.copied(array)
    array[:] = 0
    assert lies_in_a_file(copy)
    np.testing.assert_array_equal(copy, content)


@pytest.mark.usefixtures("short_is_long")
def test_a_long_array_is_cut_without_a_copy():
    array = long_arrays.empty((3000,))
    array[:] = np.arange(3000)
    short = long_arrays.cut(array, 1100)
    assert lies_in_a_file(short)
    assert short.shape == (1100,)
    array[5] = 7
    assert short[5] == 7
    assert not long_arrays.owns(short[:10])


@pytest.mark.usefixtures("short_is_long")
def test_its_file_has_no_name_and_goes_with_it(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    free = shutil.disk_usage(tmp_path).free
    array = long_arrays.empty((50_000_000,))
    assert lies_in_a_file(array)
    if sys.platform.startswith("linux"):
        assert not list(tmp_path.iterdir())
    del array
    assert shutil.disk_usage(tmp_path).free > free - 100_000_000


def full(*_args, **_more):
    raise OSError(28, "No space left on device")


@pytest.mark.usefixtures("short_is_long")
@pytest.mark.parametrize("fault", ["no folder", "disk almost full", "disk full"])
def test_without_room_on_the_disk_they_lie_in_memory(fault, monkeypatch):
    match fault:
        case "no folder":
            monkeypatch.setattr(tempfile, "TemporaryFile", full)
        case "disk almost full":
            monkeypatch.setattr(long_arrays, "LEFT_FREE_BYTES", 1 << 60)
        case _:
            monkeypatch.setattr(long_arrays, "_fill", full)
    array = long_arrays.zeros((2, 5000))
    assert array.flags.owndata
    assert not array.any()


def gathered(rng, lengths):
    """Return sound of two channels made of pieces, and the pieces joined."""
    pieces = [rng.normal(size=(2, n)).astype(np.float32) for n in lengths]
    sound = Sound(max_minutes=60)
    for piece in pieces:
        sound.add(piece, 44100)
    return sound, np.concatenate(pieces, axis=1)


@pytest.mark.usefixtures("short_is_long")
@pytest.mark.parametrize("disk", ["has room", "is full"])
def test_long_sound_is_gathered_on_the_disk_sample_by_sample(disk, monkeypatch):
    monkeypatch.setattr(decoding_sound, "SLAB_SAMPLES", 2048)
    if disk == "is full":
        monkeypatch.setattr(tempfile, "TemporaryFile", full)
    rng = np.random.default_rng(1)
    first, one = gathered(rng, [700, 5000, 1, 4097])
    put_aside = [isinstance(slab, long_arrays.PutAside) for slab in first._slabs]
    assert any(put_aside) is (disk == "has room")
    assert not put_aside[-1]
    first.end_at(9000)
    second, other = gathered(rng, [3000, 30])
    first.extend(second)
    samples = first.join()
    np.testing.assert_array_equal(samples, np.concatenate([one[:, :9000], other], axis=1))
    assert lies_in_a_file(samples) is (disk == "has room")


@pytest.mark.skipif(not LINUX, reason="only Linux tells the peak of a process and lets it begin anew")
def test_what_is_read_and_written_is_let_go_of():
    code = """
from pathlib import Path
import numpy as np
from riffscope import long_arrays
from riffscope.dsp.blocks import peak, slices

def most_mb():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

before = most_mb()
array = long_arrays.empty((2, 100_000_000))  # 800 MB
for part in slices(array.shape[1]):
    array[:, part] = 0.5
print(peak(array), most_mb() - before)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": str(ANALYSIS)},
        capture_output=True,
        text=True,
        check=True,
    )
    highest, grown_mb = map(float, done.stdout.split())
    assert highest == 0.5
    assert grown_mb < 200
