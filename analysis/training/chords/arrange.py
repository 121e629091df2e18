"""Writes parts that play given chords: strummed and picked guitars, pianos, pads, power chords, basses, a tune.

Voicings are those of the instruments: a guitar's chord takes what lies under the hand at one place of the neck, a
pianist's lies close, open or with its root left to the bass.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from training.beats.composition import Chord, Composition, Note, PartName, held

# The open strings of a guitar, E2 to E4, and how many frets a hand spans.
STRINGS = (40, 45, 50, 55, 59, 64)
SPAN_FRETS = 3
LOWEST_BASS = 28
STYLES = ("hold", "stabs", "strum", "arpeggio", "picked", "offbeat", "pah", "broken", "push")
BASS_STYLES = ("hold", "beats", "eighths", "root and fifth", "rhythm", "octaves", "walk", "none")
# Chord tones make so much of a tune.
IN_CHORD = 0.72

Voicing = Callable[[Chord], list[int]]


def arrange(song: Composition, rng: np.random.Generator) -> Composition:
    """Return the song with parts that play its chords, beside those that it has.

    A song that brings its accompaniment keeps it. Every chord that has a third is played with it by someone; power
    chords are played by nobody who knows of thirds.
    """
    parts: dict[PartName, list[Note]] = dict(song.parts)
    power = bool(song.chords) and np.mean([chord.quality == "5" for chord in song.chords]) > 0.5
    amplified: frozenset[PartName] = frozenset()
    if power:
        parts["riff"] = _chug(song, rng)
        amplified = frozenset({"riff"})
        parts.setdefault("comp", [])
        parts["pad"] = []
    else:
        if not parts.get("comp"):
            parts["comp"] = _comp(song, rng)
        # Both by chance: what `record` adds of its own would not know of every chord.
        parts["pad"] = held(song.chords, base=int(rng.choice([48, 52, 60])), accent=0.6) if rng.random() < 0.35 else []
        parts.setdefault("riff", _figure(song, rng) if rng.random() < 0.3 else [])
    parts["bass"] = _bass(song, rng) if rng.random() < 0.88 else []
    if not parts.get("lead") and rng.random() < 0.7:
        parts["lead"] = _tune(song, rng)
    return replace(song, parts=parts, amplified=amplified)


def guitar_voicing(rng: np.random.Generator) -> Voicing:
    """Return a way to play chords on a guitar: at one place of the neck, where all of the chord can be had."""
    place = int(rng.choice([0, 0, 0, 2, 3, 5, 7]))
    strings = STRINGS if rng.random() < 0.7 else STRINGS[1:] if rng.random() < 0.5 else STRINGS[2:]

    def play(chord: Chord) -> list[int]:
        wanted = {(chord.root + k) % 12 for k in chord.intervals}
        lowest = (chord.root + chord.bass) % 12
        for fret in (*range(place, place + 8), 0):
            notes: list[int] = []
            for string in strings:
                reach = [0, *range(fret, fret + SPAN_FRETS + 1)] if fret < 3 else range(fret, fret + SPAN_FRETS + 1)
                allowed = wanted if notes else {lowest}
                held = next((string + k for k in reach if (string + k) % 12 in allowed), None)
                if held is not None and (not notes or held > notes[-1]):
                    notes.append(held)
            if wanted <= {note % 12 for note in notes}:
                return notes
        return [48 + (chord.root + k) % 12 for k in chord.intervals]

    return play


def piano_voicing(rng: np.random.Generator) -> Voicing:
    """Return a way to play chords on keys: close, open, or over a bass of their own."""
    kind = str(rng.choice(["close", "close", "open", "left hand"]))
    low = int(rng.integers(50, 62))

    def play(chord: Chord) -> list[int]:
        close = sorted(low + (chord.root + k - low) % 12 for k in chord.intervals)
        if kind == "open":
            return sorted([close[0], *(note + 12 if k % 2 else note for k, note in enumerate(close[1:], 1))])
        if kind == "left hand":
            return [36 + (chord.root + chord.bass) % 12, *close]
        return close

    return play


def _beats(chord: Chord, step: float) -> list[float]:
    """Return the steps of a chord's time."""
    first = np.ceil(chord.start_beats / step - 1e-6) * step
    steps = [float(at) for at in np.arange(first, chord.end_beats - 1e-3, step)]
    return steps or [chord.start_beats]


def _comp(song: Composition, rng: np.random.Generator) -> list[Note]:
    voicing = guitar_voicing(rng) if rng.random() < 0.55 else piano_voicing(rng)
    style = str(rng.choice(STYLES))
    step = 0.5 if song.division == 2 else 1 / 3
    finer = step / 2 if song.division == 2 and rng.random() < 0.3 else step
    pattern = rng.random(round(4 / step)) < 0.55
    meter = song.beats_per_bar
    out: list[Note] = []
    for chord in song.chords:
        notes = voicing(chord)
        begin, end = chord.start_beats, chord.end_beats
        if style in ("hold", "push"):
            begin = max(0.0, begin - 0.5) if style == "push" and song.division == 2 else begin
            out += [Note(start_beats=begin, length_beats=max(0.2, end - begin - 0.05), midi=midi) for midi in notes]
        elif style in ("arpeggio", "picked", "broken"):
            ladder = [*notes, *notes[-2:0:-1]] if style == "arpeggio" else notes
            for k, at in enumerate(_beats(chord, finer)):
                place = k % len(ladder) if style != "picked" else int(rng.integers(len(ladder))) if k else 0
                struck = [ladder[place]] if style != "broken" or k % 2 else [ladder[0], *ladder[2:]]
                held = min(end - at, float(rng.choice([1.0, 2.0, 4.0]))) if style != "broken" else step
                out += [Note(start_beats=at, length_beats=max(0.1, held), midi=midi, accent=0.7) for midi in struck]
        else:
            for at in _onsets(style, chord, step, pattern, meter):
                held = min({"strum": step, "stabs": 0.4, "offbeat": 0.3, "pah": 0.4}[style], end - at)
                accent = 0.85 if at % 1 == 0 else 0.65
                spread = 0.012 if style == "strum" else 0.0
                out += [
                    Note(start_beats=at + spread * k, length_beats=max(0.1, 0.95 * held), midi=midi, accent=accent)
                    for k, midi in enumerate(notes)
                ]
    return out


def _onsets(style: str, chord: Chord, step: float, pattern: np.ndarray, meter: int) -> list[float]:
    """Return where a chord is struck, at its start wherever it would be missed out."""
    steps = _beats(chord, step)
    if style == "strum":
        chosen = [at for at in steps if pattern[round(at / step) % len(pattern)] or at % meter == 0]
    elif style == "stabs":
        chosen = [at for at in steps if pattern[round(at / step) % len(pattern)]]
    elif style == "offbeat":
        chosen = [at for at in steps if at % 1 > 0.1]
    else:
        chosen = [at for at in steps if at % meter >= 1 - 1e-6 and at % 1 < 0.1]
    return chosen or [chord.start_beats]


def _chug(song: Composition, rng: np.random.Generator) -> list[Note]:
    """Write the roots of power chords with a rhythm of their own; the amplifier's player adds the fifths."""
    step = float(rng.choice([0.5, 0.5, 0.25])) if song.division == 2 else 1 / 3
    pattern = rng.random(round(4 / step)) < float(rng.choice([0.4, 0.7, 1.0]))
    held = float(rng.choice([0.5, 0.9, 1.0]))
    out: list[Note] = []
    for chord in song.chords:
        steps = _beats(chord, step)
        chosen = [at for k, at in enumerate(steps) if k == 0 or pattern[round(at / step) % len(pattern)]]
        for at, following in zip(chosen, [*chosen[1:], chord.end_beats], strict=True):
            out.append(
                Note(
                    start_beats=at,
                    length_beats=max(0.1, held * (following - at)),
                    midi=40 + (chord.root - 40) % 12,
                    accent=0.9 if at % 1 == 0 else 0.75,
                )
            )
    return out


def _figure(song: Composition, rng: np.random.Generator) -> list[Note]:
    """Write a figure that moves with the chords: their notes, and neighbours in passing."""
    step = 0.5 if song.division == 2 else 1 / 3
    cell = [(int(rng.integers(0, 4)), rng.random() < IN_CHORD) for _ in range(8)]
    rests = rng.random(8) < 0.25
    base = int(rng.choice([48, 60]))
    out: list[Note] = []
    for chord in song.chords:
        for k, at in enumerate(_beats(chord, step)):
            place, inside = cell[k % 8]
            if rests[k % 8] and k:
                continue
            midi = base + (chord.root + chord.intervals[place % len(chord.intervals)] - base) % 12
            out.append(Note(start_beats=at, length_beats=0.9 * step, midi=midi if inside else midi + 2, accent=0.75))
    return out


def _bass(song: Composition, rng: np.random.Generator) -> list[Note]:
    style = str(rng.choice(BASS_STYLES))
    step = {"beats": 1.0, "root and fifth": 1.0, "walk": 1.0}.get(style, 0.5 if song.division == 2 else 1 / 3)
    pattern = rng.random(16) < 0.5
    out: list[Note] = []
    if style == "none":
        return out
    for chord in song.chords:
        midi = LOWEST_BASS + (chord.root + chord.bass - LOWEST_BASS) % 12
        if style == "hold":
            length = max(0.2, chord.end_beats - chord.start_beats - 0.05)
            out.append(Note(start_beats=chord.start_beats, length_beats=length, midi=midi, accent=0.9))
            continue
        for k, at in enumerate(_beats(chord, step)):
            if style == "rhythm" and k and not pattern[round(at / step) % 16]:
                continue
            up = 0
            if style == "octaves" and k % 2:
                up = 12
            elif style == "root and fifth" and k % 2 and not chord.bass:
                up = next((i for i in chord.intervals if i in (6, 7, 8)), 7)
            elif style == "walk" and k:
                up = int(rng.choice([*chord.intervals, 2, 9, -1, -2]))
            out.append(Note(start_beats=at, length_beats=0.85 * step, midi=midi + up, accent=0.8))
    return out


def _tune(song: Composition, rng: np.random.Generator) -> list[Note]:
    """Write a tune that mostly sings the chords' notes and moves by step between them."""
    out: list[Note] = []
    last = int(rng.integers(60, 72))
    at = 0.0
    chords: Sequence[Chord] = song.chords
    place = 0
    while at < song.beat_count and place < len(chords):
        while place < len(chords) - 1 and chords[place].end_beats <= at:
            place += 1
        chord = chords[place]
        length = float(rng.choice([0.5, 0.5, 1.0, 1.0, 1.5, 2.0]))
        inside = [(chord.root + k) % 12 for k in chord.intervals]
        near = [midi for midi in range(last - 5, last + 6) if midi % 12 in inside and 55 <= midi <= 79]
        midi = int(rng.choice(near)) if near and rng.random() < IN_CHORD else last + int(rng.choice([-2, -1, 1, 2]))
        last = int(np.clip(midi, 55, 79))
        if rng.random() < 0.8:
            out.append(Note(start_beats=at, length_beats=0.9 * length, midi=last, accent=0.8))
        at += length
    return out
