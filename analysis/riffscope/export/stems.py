"""Stems: the separated vocals and the accompaniment as sound files."""

from pathlib import Path

from riffscope.errors import Absence, CannotMeasure
from riffscope.export.song_files import made_from, song_paths
from riffscope.export.sound import write_sound
from riffscope.model import Audio
from riffscope.steps import export
from riffscope.views.stems import Stems


@export
def stems(parts: Stems, audio: Audio, *, folder: Path) -> list[Path]:
    """Write ``SONG.vocals.wav`` and ``SONG.accompaniment.wav``: 32-bit float that adds up to the mix.

    Where the mix is beyond full scale they are, too: turn both down alike before you convert them.

    Raises
    ------
    CannotMeasure
        Nothing took the voice out of the mix.
    """
    accompaniment = parts.accompaniment
    if accompaniment is None:
        raise CannotMeasure(
            Absence.NOT_SEPARATED,
            "the voice was not taken out of the mix (fetch the model: riffscope models get spleeter)",
        )
    paths = song_paths(audio.source, folder, ["vocals.wav", "accompaniment.wav"])
    for path, sound in zip(paths, (parts.vocals, accompaniment), strict=True):
        write_sound(path, sound, parts.sample_rate_hz, comment=made_from(audio.source))
    return paths
