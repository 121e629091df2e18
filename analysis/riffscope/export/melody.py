"""The sung melody that several formats write."""

import numpy as np

from riffscope.analyzers.key import Key
from riffscope.analyzers.vocal_pitch import CLAIMED, STEP_S, VocalPitch
from riffscope.dsp.melody import SungNote, sung_notes
from riffscope.song import SongAnalysis


def sung_melody(song: SongAnalysis) -> list[SungNote]:
    """Return the notes of the lead voice, in the song's own tuning, that are likelier sung than not."""
    pitch, key = song.get(VocalPitch), song.get(Key)
    if pitch is None:
        return []
    notes = sung_notes(pitch.midi, step_s=STEP_S, tuning_semitones=key.tuning_cents / 100 if key else 0.0)
    edges_s = pitch.times_s - STEP_S / 2
    return [note for note in notes if _likely(pitch, *np.searchsorted(edges_s, note[:2]))]


def _likely(pitch: VocalPitch, first: int, last: int) -> bool:
    return bool(np.median(pitch.voiced_probability[first:last]) > CLAIMED)
