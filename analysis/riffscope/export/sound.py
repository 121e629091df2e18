"""Sound written as a WAV file, whole or as a loop that samplers repeat.

References
----------
IBM & Microsoft, "Multimedia Programming Interface and Data Specifications 1.0" (1991) and its "New Multimedia Data
Types" (1994): RIFF chunks, and the sampler chunk, ``smpl``.
"""

import errno
import os
import struct
from pathlib import Path

from riffscope.arrays import Float32s
from riffscope.dsp.blocks import frames_in_blocks
from riffscope.files import written_beside

# A disk that is full has no room for so much more.
PROBE_BYTES = 1 << 20
# The key that plays a loop at its own pitch: middle C, as samplers have it.
UNITY_NOTE = 60


def write_sound(path: Path, samples: Float32s, rate_hz: int, *, comment: str = "", loops: bool = False) -> Path:
    """Write samples (channels, n) as 32-bit float, which keeps what lies beyond full scale; returns the path.

    Parameters
    ----------
    path : Path
    samples : float32 array, shape (channels, n)
    rate_hz : int
    comment : str
        Kept in the file, in ASCII.
    loops : bool
        Say in the file that it is one loop from its first sample to its last.
    """
    import soundfile

    with written_beside(path) as beside:
        try:
            with soundfile.SoundFile(beside, "w", rate_hz, len(samples), subtype="FLOAT", format="WAV") as file:
                if comment:
                    file.comment = comment
                for block in frames_in_blocks(samples):
                    file.write(block)
        except soundfile.LibsndfileError as why:
            raise _reason(beside, why) from None
        if loops:
            _append_chunk(beside, b"smpl", _sampler_loop(samples.shape[1], rate_hz))
    return path


def _reason(path: Path, why: Exception) -> OSError:
    """Find out what libsndfile ran into: of a full disk it says no more than "System error"."""
    try:
        with path.open("ab") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as reason:
        return reason
    return OSError(errno.EIO, str(why), str(path))


def _sampler_loop(frames: int, rate_hz: int) -> bytes:
    """Return a sampler chunk with one forward loop over all frames, repeated for as long as the key is held."""
    nanoseconds = round(1e9 / rate_hz)
    # Maker, product, sample period, key, its fraction, SMPTE format and offset, how many loops, bytes that follow them.
    head = struct.pack("<9I", 0, 0, nanoseconds, UNITY_NOTE, 0, 0, 0, 1, 0)
    # Name, type (0: forward), first and last frame, its fraction, how often (0: for ever).
    return head + struct.pack("<6I", 0, 0, 0, frames - 1, 0, 0)


def _append_chunk(path: Path, name: bytes, content: bytes) -> None:
    """Append a chunk to a RIFF file, and count it in the file's own length."""
    with path.open("r+b") as file:
        if file.seek(0, os.SEEK_END) % 2:  # chunks begin on even bytes
            file.write(b"\0")
        file.write(name + struct.pack("<I", len(content)) + content)
        length = file.tell()
        file.seek(4)
        file.write(struct.pack("<I", length - 8))
