"""Two songs have the same melody."""

from typing import Literal

from riffscope.claims.reading import SongPair, turned
from riffscope.errors import CannotMeasure, NotMeasured
from riffscope.model import Evidence, Finding
from riffscope.steps import claim
from riffscope.versions.harmony import SharedHarmony, share_harmony
from riffscope.versions.melody import SharedMelody, share_melody


@claim
def same_melody(pair: SongPair, *, relation: Literal["present", "absent"] = "present") -> Finding:
    """Ask whether the second song has the melody of the first, in any key and tempo; with `absent`, whether not.

    If too little is sung in either, chords and tunes are compared by chroma, beat by beat (version identification).
    """
    found = _compared(pair)
    return found if relation == "present" else turned(found)


def _compared(pair: SongPair) -> Finding:
    try:
        return _finding(pair, share_melody(pair.first, pair.second), "The melody", "vocal_pitch.f0_hz")
    except CannotMeasure as why:
        unsung = why.reason
    try:
        shared = share_harmony(pair.first, pair.second)
    except CannotMeasure as why:
        raise NotMeasured("vocal_pitch", why.code, f"{unsung}, and {why.reason}") from why
    return _finding(
        pair,
        shared,
        "The chords and tunes",
        "chroma.pitch_class_fraction",
        f"Compared by chords and tunes, because {unsung}.",
    )


def _finding(pair: SongPair, shared: SharedMelody | SharedHarmony, what: str, measure: str, *caveats: str) -> Finding:
    stretches = zip((pair.first, pair.second), (shared.first, shared.second), strict=True)
    return Finding(
        ruling=shared.ruling,
        because=shared.summary,
        evidence=tuple(
            Evidence(label=f"{what} in {song.source.title}", measure=measure, spans=(span,)) for song, span in stretches
        ),
        caveats=caveats,
    )
