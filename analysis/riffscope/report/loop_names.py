"""What repeats in a song, as every chapter calls it."""

from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.song import SongAnalysis

_CALLED = {LoopKind.RIFF: "riff", LoopKind.CHORDS: "chord loop", LoopKind.PASSAGE: "repeated passage"}


def called(kind: LoopKind) -> str:
    """Name what repeats: ``chord loop``."""
    return _CALLED[kind]


def loop_of(song: SongAnalysis) -> str:
    """Name what repeats in a song; a riff where that is not known."""
    found = song.get(Loops)
    return called(LoopKind.RIFF if found is None else found.kind)
