"""What repeats in a song, as every chapter calls it."""

from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.song import SongAnalysis


def loop_of(song: SongAnalysis) -> str:
    """Name what repeats in a song; a riff where that is not known."""
    found = song.get(Loops)
    return (LoopKind.RIFF if found is None else found.kind).noun
