"""Analyses of songs whose melody and beats are known, made from plain values."""

import dataclasses
import types
from typing import Any

import numpy as np

from outcomes import missing
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.chroma import Chroma
from riffscope.analyzers.key import Key
from riffscope.analyzers.vocal_notes import notes_of_contour
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.model import Measured, Source, Tags, VocalSource, snake_case
from riffscope.song import SongAnalysis
from songs import example_song, with_outcomes

STEP_S = 0.01
TUNE = [57, 59, 61, 62, 61, 59, 64, 62, 61, 57, 56, 57, 59, 64, 66, 64, 62, 61, 59, 57, 61, 64, 69, 68]
OTHER = [57, 57, 64, 63, 58, 70, 69, 66, 58, 60, 67, 56, 68, 61, 55, 70, 63, 57, 66, 59, 69, 62, 55, 64]
MAJOR, MINOR = (0, 4, 7), (0, 3, 7)


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
        method=VocalSource.STEM,
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


def song_with(*results: Any, duration_s=40.0, title="A song", name="a song.wav", without=()):
    """The analysis of a song in which just these results were measured."""
    pitch = next((result for result in results if isinstance(result, VocalPitch)), None)
    if pitch is not None and pitch.sung.any():
        tuning_cents = next((result.tuning_cents for result in results if isinstance(result, Key)), 0.0)
        beats_s = next((result.times_s for result in results if isinstance(result, Beats)), None)
        results = (*results, notes_of_contour(pitch, tuning_semitones=tuning_cents / 100, beats_s=beats_s))
    outcomes = {snake_case(type(result).__name__): Measured(value=result, version=2, seconds=0.1) for result in results}
    outcomes |= {gone: missing(gone) for gone in without}
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


def singing(tune, *, beat_s=0.5, start_s=1.0, semitones=0.0):
    """A song in which someone sings a tune, a note to a beat, with vibrato."""
    count = int((start_s + len(tune) * beat_s + 2) / STEP_S)
    times_s = STEP_S * np.arange(count)
    midi = np.full(count, np.nan)
    for k, note in enumerate(tune):
        at = (times_s >= start_s + k * beat_s) & (times_s < start_s + (k + 0.9) * beat_s)
        midi[at] = note + semitones + 0.3 * np.sin(2 * np.pi * 5.5 * times_s[at])
    song = example_song()
    pitch = dataclasses.replace(
        song[VocalPitch],
        times_s=times_s,
        f0_hz=440 * 2 ** ((midi - 69) / 12),
        voiced_probability=np.where(np.isnan(midi), 0.02, 0.98).astype(np.float32),
        certain=np.where(np.isnan(midi), 0, 1),
    )
    beats = dataclasses.replace(
        song[Beats],
        times_s=start_s + beat_s * np.arange(len(tune)),
        downbeat_index=np.arange(0, len(tune), 4),
    )
    key = song.outcomes["key"].value
    key = dataclasses.replace(key, tuning_cents=100 * (semitones - round(semitones)))
    notes = notes_of_contour(pitch, tuning_semitones=key.tuning_cents / 100, beats_s=beats.times_s)
    values = {"vocal_pitch": pitch, "vocal_notes": notes, "beats": beats, "key": key}
    return with_outcomes(song, {name: Measured(value=v, version=1, seconds=0.0) for name, v in values.items()})


def piece(seed, *, semitones=0, beat_s=0.5, looping=False, chords=48, seed_of_band=0, title="A piece"):
    """An instrumental: chords of a key, two beats each, that come round every eight beats or never."""
    random = np.random.default_rng(seed)
    names = [(0, MAJOR), (5, MAJOR), (7, MAJOR), (2, MINOR), (4, MINOR), (9, MINOR)]
    order = [0, 3, 4, 2] * (chords // 4) if looping else random.integers(0, len(names), chords)
    rows = np.full((2 * chords, 12), 0.02)
    for k, name in enumerate(order):
        root, tones = names[name]
        rows[2 * k : 2 * k + 2, [(root + tone + semitones) % 12 for tone in tones]] = 0.25
    rows *= np.random.default_rng(seed_of_band).uniform(0.5, 1.2, rows.shape)
    times_s = 1 + beat_s * np.arange(len(rows))
    return song_with(Chroma(times_s=times_s, pitch_class_fraction=rows), title=title)
