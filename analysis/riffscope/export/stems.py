"""Stems: the separated vocals and the accompaniment as sound files."""

from pathlib import Path

from riffscope.errors import Absence, CannotMeasure
from riffscope.export.sound import write_sound
from riffscope.files import safe_name
from riffscope.model import Audio
from riffscope.steps import export
from riffscope.views.stems import Stems


@export
def stems(parts: Stems, audio: Audio, *, folder: Path) -> list[Path]:
    """Write ``SONG.vocals.wav`` and ``SONG.accompaniment.wav``: 32-bit float that adds up to the mix.

    Raises
    ------
    CannotMeasure
        Nothing took the voice out of the mix.
    """
    if parts.accompaniment is None:
        raise CannotMeasure(
            Absence.NOT_SEPARATED,
            "the voice was not taken out of the mix (fetch the model: riffscope models get spleeter)",
        )
    song = safe_name(Path(audio.source.name).stem)
    sounds = {"vocals": parts.vocals, "accompaniment": parts.accompaniment}
    return [write_sound(folder / f"{song}.{name}.wav", sound, parts.sample_rate_hz) for name, sound in sounds.items()]
