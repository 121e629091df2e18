"""Two songs have the same melody."""

from riffscope.claims.reading import SongPair
from riffscope.errors import CannotMeasure, NotMeasured
from riffscope.melody import share_melody
from riffscope.model import Evidence, Finding
from riffscope.steps import claim


@claim(version=1)
def same_melody(pair: SongPair) -> Finding:
    """Ask whether the second song is sung to the melody of the first, in whatever key and tempo."""
    try:
        shared = share_melody(pair.first, pair.second)
    except CannotMeasure as why:
        raise NotMeasured(f"vocal_pitch: {why}") from why
    stretches = zip((pair.first, pair.second), (shared.first, shared.second), strict=True)
    return Finding(
        ruling=shared.ruling,
        because=shared.summary,
        evidence=tuple(
            Evidence(label=f"The melody in {song.source.title}", measure="vocal_pitch.f0_hz", spans=(span,))
            for song, span in stretches
        ),
    )
