"""Songs whose chords are known, made from plain values."""

import dataclasses
from typing import Any

import numpy as np

from melodies import beats_at, song_with
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.progressions import ChordSpan
from songs import example_song


def key_of(tonic, mode="major"):
    """A song's key."""
    return dataclasses.replace(example_song()[Key], tonic=tonic, mode=mode)


def chords_at(*changes, end_s, probability=0.9):
    """Chords from their starts on, each up to the next: (start_s, label) or (start_s, label, probability)."""
    ends_s = [*(change[0] for change in changes[1:]), end_s]
    return Chords(
        spans=tuple(
            ChordSpan(start_s=start_s, end_s=stop_s, label=label, probability=(*sure, probability)[0])
            for (start_s, label, *sure), stop_s in zip(changes, ends_s, strict=True)
        )
    )


def charted_song(bars, *results: Any, beats_per_bar=4, beat_s=0.5, start_s=1.0, pickup=0, sizes=None, **about):
    """A song with bars of chords: each a label, or (beat, label) pairs with beats from 1; beats are half a second."""
    sizes = sizes or [beats_per_bar] * len(bars)
    first = pickup + np.concatenate([[0], np.cumsum(sizes)])
    times_s = start_s + beat_s * np.arange(first[-1])
    changes = [(start_s, "N")] if pickup else []
    for place, bar in zip(first, bars, strict=False):
        for beat, label in [(1, bar)] if isinstance(bar, str) else bar:
            changes.append((float(start_s + beat_s * (place + beat - 1)), label))
    beats = dataclasses.replace(beats_at(times_s, beats_per_bar=beats_per_bar), downbeat_index=first[:-1])
    chords = chords_at(*changes, end_s=float(start_s + beat_s * first[-1]))
    return song_with(beats, chords, *results, duration_s=float(times_s[-1] + 2), **about)
