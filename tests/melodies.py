"""Analyses of songs whose melody and beats are known, made from plain values."""

import types
from typing import Any

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.model import Measured, Missing, Source, Tags, snake_case
from riffscope.song import SongAnalysis

STEP_S = 0.01


def contour_of(notes, duration_s, *, vibrato_semitones=0.0, vibrato_hz=5.5):
    """A pitch contour (n,) in semitones every 10 ms from notes (start_s, end_s, midi); NaN where no one sings."""
    times_s = np.arange(round(duration_s / STEP_S)) * STEP_S
    midi = np.full(times_s.size, np.nan)
    for start_s, end_s, note in notes:
        inside = (times_s >= start_s - 1e-9) & (times_s < end_s - 1e-9)
        midi[inside] = note + vibrato_semitones * np.sin(2 * np.pi * vibrato_hz * (times_s[inside] - start_s))
    return midi


def sung(midi):
    """A voice that sings a contour."""
    voiced = np.isfinite(midi)
    return VocalPitch(
        times_s=np.arange(midi.size) * STEP_S,
        f0_hz=440 * 2 ** ((midi - 69) / 12),
        voiced_probability=np.where(voiced, 0.95, 0.05),
        certain=voiced.astype(np.int64),
        method="stem",
    )


def beats_at(times_s, *, first_downbeat=0, beats_per_bar=4):
    """Beats at given times, in bars from the first downbeat on."""
    times_s = np.asarray(times_s, float)
    return Beats(
        times_s=times_s,
        downbeat_index=np.arange(first_downbeat, times_s.size, beats_per_bar),
        beats_per_bar=beats_per_bar,
        confidence_fraction=0.9,
        beat_probability=np.zeros(10),
        downbeat_probability=np.zeros(10),
        step_s=0.02,
    )


def song_with(*results: Any, duration_s=40.0, title="A song", name="a song.wav", missing=()):
    """The analysis of a song in which just these results were measured."""
    outcomes = {snake_case(type(result).__name__): Measured(value=result, version=2, seconds=0.1) for result in results}
    outcomes |= {gone: Missing(reason="silent") for gone in missing}
    source = Source(
        name=name,
        sha256="ab" * 32,
        duration_s=duration_s,
        sample_rate_hz=44100,
        channels=2,
        codec="pcm_16",
        tags=Tags(title=title),
    )
    return SongAnalysis(source=source, outcomes=types.MappingProxyType(outcomes), made_by={"riffscope": "0.1.0"})
