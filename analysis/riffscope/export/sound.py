"""Sound written as a WAV file."""

from pathlib import Path

from riffscope.arrays import Float32s
from riffscope.dsp.blocks import frames_in_blocks
from riffscope.files import written_beside


def write_sound(path: Path, samples: Float32s, rate_hz: int) -> Path:
    """Write samples (channels, n) as 32-bit float, which keeps what lies beyond full scale; returns the path."""
    import soundfile

    with (
        written_beside(path) as beside,
        soundfile.SoundFile(beside, "w", rate_hz, len(samples), subtype="FLOAT", format="WAV") as file,
    ):
        for block in frames_in_blocks(samples):
            file.write(block)
    return path
