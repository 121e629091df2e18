"""Bands that play riffs without a singer: more for the network of the riff's notes to learn from.

Songs are drawn and written as `benchmarks.mixes` does, and played through several sound fonts by turns. Nothing is sung
and nothing separated, and the beats are the truth's, displaced as tracked beats are: a song takes two seconds, not 20.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.mixes.composing import BASS_BASE, compose
from benchmarks.mixes.draw import draw_spec
from benchmarks.mixes.effects import rms
from benchmarks.mixes.mixing import lead_gain, mix_backing, play_lead
from benchmarks.mixes.soundfont import RATE_HZ, Stereo
from benchmarks.mixes.spec import Spec
from benchmarks.mixes.timing import RELEASE_S, STRAIGHT
from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.repetition.riff_image import MAX_PASSES, frame_times, pass_spectra
from riffscope.dsp.repetition.riff_line import spread
from riffscope.dsp.resample import resample
from riffscope.views.mono import MONO_RATE_HZ

# fluidsynth's notes reach a quarter of their peak this long after they begin.
ATTACK_S = 0.004
# How far beats are displaced: all alike, and each by itself.
ALL_APART_S, EACH_APART_S = 0.004, 0.003


@dataclass(frozen=True, kw_only=True)
class Backing:
    """A band's riff: what it was drawn from, the spectra of its passes, the notes of one as (beat, MIDI number)."""

    spec: Spec
    spectra: Float32s
    notes: tuple[tuple[float, int], ...]


def render_backings(seed: int, count: int, soundfonts: list[Path]) -> Iterator[Backing]:
    """Play the songs of a seed that have a riff, by one sound font after another."""
    for index in range(count):
        spec = draw_spec(seed, index)
        if spec.riff_bars and (backing := _render(spec, soundfonts[index % len(soundfonts)])) is not None:
            yield backing


def _render(spec: Spec, soundfont: Path) -> Backing | None:
    """Play a song; None where no pass of its riff is whole."""
    random = np.random.default_rng([spec.seed, spec.index, 1000 + spec.attempt])
    piece = compose(spec, random)
    length_s = float(piece.clock.beats_s[-1]) + RELEASE_S
    lead = play_lead(spec, piece, random)
    sound, _, solo = mix_backing(spec, piece, length_s, soundfont)
    if lead:
        sound = sound + solo * lead_gain(spec, lead, sound, solo, length_s)
    beats_s = piece.clock.beats_s[:-1]
    period = spec.riff_bars * spec.meter
    edges = [
        (_nearest(beats_s, each.start_s), _nearest(piece.clock.beats_s, each.end_s)) for each in piece.written.passes
    ]
    starts = np.array([start for start, end in edges if end - start == period], np.int64)
    if not starts.size:
        return None
    times_s = frame_times(
        _displaced(beats_s + ATTACK_S, spec.index),
        spread(starts, MAX_PASSES),
        period,
        swing=None if spec.swing == STRAIGHT else spec.swing,
    )
    spectra = pass_spectra(_mono(spec, sound), MONO_RATE_HZ, times_s, tuning_semitones=0.0)
    notes = tuple((note.beat, note.midi) for note in piece.written.riff_notes)
    return Backing(spec=spec, spectra=spectra, notes=notes)


def _nearest(beats_s: Floats, time_s: float) -> int:
    return int(np.abs(beats_s - time_s).argmin())


def _displaced(beats_s: Floats, seed: int) -> Floats:
    random = np.random.default_rng(seed)
    displaced: Floats = beats_s + random.normal(0, ALL_APART_S) + random.normal(0, EACH_APART_S, len(beats_s))
    return displaced


def _mono(spec: Spec, sound: Stereo) -> Float32s:
    driven = np.tanh(sound / rms(sound) * 0.25 * spec.drive) if spec.drive else sound
    return resample(driven.mean(axis=1).astype(np.float32), RATE_HZ, MONO_RATE_HZ)


def bass_of(spec: Spec, notes: tuple[tuple[float, int], ...]) -> tuple[tuple[float, int], ...]:
    """Return the bass under a riff: its notes some octaves lower, or the root of each bar in eighths."""
    lower = BASS_BASE - spec.band.riff_base
    if spec.band.bass_line == "none":
        return ()
    if spec.band.bass_line == "doubles":
        return tuple((beat, midi + lower) for beat, midi in notes)
    # Each bar of a riff begins on its root.
    roots = {round(beat): midi + lower for beat, midi in notes if round(beat, 3) % spec.meter == 0}
    places: Ints | Floats = np.arange(0, spec.meter, 1 / 3 if spec.in_threes else 1 / 2)
    return tuple((bar + float(place), midi) for bar, midi in sorted(roots.items()) for place in places)
