"""Stems: the voice and its backing as sound files."""

from pathlib import Path

from riffscope.errors import CannotMeasure
from riffscope.files import written_beside
from riffscope.model import Float32s
from riffscope.steps import export
from riffscope.views.stems import Stems

BLOCK_FRAMES = 65_536


@export
def stems(parts: Stems, *, folder: Path) -> list[Path]:
    """Write ``vocals.wav`` and ``backing.wav``, 32-bit float at the song's own rate: added up they are the mix.

    Raises
    ------
    CannotMeasure
        Nothing took the voice out of the mix.
    """
    if not parts.apart:
        raise CannotMeasure("the voice was not taken out of the mix (fetch the model: riffscope models get spleeter)")
    sounds = {"vocals": parts.vocals, "backing": parts.backing}
    return [_write(folder / f"{name}.wav", sound, parts.sample_rate_hz) for name, sound in sounds.items()]


def _write(path: Path, samples: Float32s, rate_hz: int) -> Path:
    import soundfile

    with (
        written_beside(path) as beside,
        soundfile.SoundFile(beside, "w", rate_hz, len(samples), subtype="FLOAT", format="WAV") as file,
    ):
        for start in range(0, samples.shape[1], BLOCK_FRAMES):
            file.write(samples[:, start : start + BLOCK_FRAMES].T)
    return path
