"""Stems: the voice and its backing as sound files."""

from pathlib import Path

from riffscope.errors import CannotMeasure
from riffscope.export.sound import write_sound
from riffscope.steps import export
from riffscope.views.stems import Stems


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
    return [write_sound(folder / f"{name}.wav", sound, parts.sample_rate_hz) for name, sound in sounds.items()]
