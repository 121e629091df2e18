"""Compositions of our own: riffs, vamps, progressions and through-composed pieces in 4/4, 3/4, 6/8 and 12/8.

POP909 is piano pop in four with a chord in every bar. What it lacks is drawn here: music that turns on a riff, holds
one chord, counts three, is played off the beat, or anticipates the bar line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from training.beats.composition import Chord, Composition, Note, PartName

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "blues": (0, 3, 5, 6, 7, 10, 12),
    "pentatonic": (0, 3, 5, 7, 10, 12, 15),
}
# Beats in a bar, parts of a beat, and how often; 6/8 is counted in two dotted quarters, 12/8 in four.
METRES: tuple[tuple[int, int, float], ...] = ((4, 2, 0.44), (3, 2, 0.22), (2, 3, 0.2), (4, 3, 0.14))
# Scale degrees that progressions turn on.
PROGRESSIONS: tuple[tuple[int, ...], ...] = (
    (0, 4, 5, 3),
    (0, 5, 3, 4),
    (5, 3, 0, 4),
    (0, 3, 4, 3),
    (0, 3, 0, 4),
    (0, 6, 3, 0),
    (0, 6, 5, 6),
    (0, 1, 0, 6),
    (1, 4, 0, 0),
    (0, 2, 3, 4),
    (0, 0, 3, 3, 0, 0, 4, 3),
    (0, 5, 1, 4),
)
SONG_BEATS = 300


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The steps of a bar: sixteenths, four to a beat or six to a dotted one, or the dotted one's three eighths."""

    beats: int
    division: int
    per_beat: int

    @property
    def steps(self) -> int:
        """Steps in a bar."""
        return self.beats * self.per_beat

    def weight(self, step: int) -> float:
        """How strong a place in the bar is: 1 the first, less for beats, eighths and sixteenths."""
        if step == 0:
            return 1.0
        if step % self.per_beat == 0:
            beat = step // self.per_beat
            return 0.75 if self.beats == 4 and beat == 2 else 0.6
        return 0.45 if step % (self.per_beat // self.division) == 0 else 0.15


@dataclass(frozen=True, kw_only=True)
class Material:
    """What one kind of section is made of."""

    roots: tuple[tuple[int, ...], ...]  # scale degrees of the chords of each bar, then from the start again
    riff: tuple[tuple[Note, ...], ...]  # notes of each bar (midi: scale degree)
    comp: tuple[float, ...]  # onsets of a chord in a bar, beats
    comp_style: str
    bass_style: str
    push: bool  # chords come an eighth early
    roles: frozenset[PartName]


def compose(rng: np.random.Generator) -> Composition:
    """Draw a piece of some 300 beats."""
    beats, division, _ = METRES[int(rng.choice(len(METRES), p=[share for *_, share in METRES]))]
    grid = Grid(beats=beats, division=division, per_beat=4 if division == 2 else int(rng.choice([3, 6])))
    scale = SCALES[str(rng.choice(list(SCALES), p=(0.26, 0.26, 0.1, 0.1, 0.08, 0.1, 0.1)))]
    key = int(rng.integers(12))
    through = rng.random() < 0.12
    kinds = [_draw_material(grid, rng) for _ in range(int(rng.integers(2, 4)))]
    bars_in_all = SONG_BEATS // beats
    parts: dict[PartName, list[Note]] = {}
    chords: list[Chord] = []
    section_starts: list[int] = []
    bar, kind = 0, 0
    while bar < bars_in_all:
        section_starts.append(bar)
        length = int(rng.choice([4, 8, 8, 8, 12, 16])) if rng.random() < 0.93 else int(rng.integers(3, 10))
        material = _draw_material(grid, rng) if through else kinds[kind % len(kinds)]
        for offset in range(min(length, bars_in_all - bar)):
            if through and offset % 2 == 0:
                material = _draw_material(grid, rng, like=material)
            _write_bar(parts, chords, material, bar + offset, offset, grid, scale, key, rng)
        if "lead" in material.roles:
            _write_melody(parts, bar, min(length, bars_in_all - bar), material, grid, scale, key, rng)
        bar += length
        kind = kind + 1 if rng.random() < 0.8 else int(rng.integers(len(kinds)))
    return Composition(
        beat_count=bars_in_all * beats,
        bar_starts=tuple(range(0, bars_in_all * beats, beats)),
        division=division,
        section_starts=tuple(section_starts),
        parts=parts,
        chords=tuple(chords),
    )


def _draw_material(grid: Grid, rng: np.random.Generator, *, like: Material | None = None) -> Material:
    roots = _draw_roots(grid, rng)
    period = int(rng.choice([1, 2, 2, 4, 4, 8]))
    density = float(rng.uniform(0.35, 1.0))
    syncopation = float(rng.choice([0.0, 0.15, 0.35, 0.6]))
    bars = {letter: _draw_riff_bar(grid, density, syncopation, rng) for letter in "abcd"}
    form = {1: "a", 2: "ab", 4: str(rng.choice(["abac", "aaab", "abcd", "aabb"])), 8: "abacabad"}[period]
    roles: set[PartName] = set()
    for role, share in (("riff", 0.55), ("comp", 0.6), ("bass", 0.85), ("pad", 0.35), ("lead", 0.55), ("second", 0.15)):
        if rng.random() < share:
            roles.add(role)  # type: ignore[arg-type]
    if not roles & {"riff", "comp", "pad"}:
        roles.add("riff" if rng.random() < 0.6 else "comp")
    if like is not None:  # through-composed: the players stay
        roles = set(like.roles)
    return Material(
        roots=roots,
        riff=tuple(bars[letter] for letter in form),
        comp=tuple(_draw_cell(grid, float(rng.uniform(0.3, 0.9)), syncopation, rng)),
        comp_style=str(rng.choice(["stab", "hold", "strum", "arpeggio", "offbeat"], p=(0.25, 0.25, 0.22, 0.2, 0.08))),
        bass_style=str(rng.choice(["hold", "root", "pulse", "riff", "walk", "offbeat", "octaves"])),
        push=bool(rng.random() < 0.15),
        roles=frozenset(roles),
    )


def _draw_roots(grid: Grid, rng: np.random.Generator) -> tuple[tuple[int, ...], ...]:
    """Draw which chords each bar of a round holds: one, two, or the one of the bar before."""
    pace = str(rng.choice(["bar", "half", "two bars", "vamp"], p=(0.52, 0.16, 0.14, 0.18)))
    if pace == "vamp":
        return ((0,),)
    progression = PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))]
    if pace == "half" and grid.beats == 4:
        return tuple((a, b) for a, b in zip(progression[::2], progression[1::2], strict=True))
    if pace == "two bars":
        return tuple((root,) for root in progression for _ in range(2))
    return tuple((root,) for root in progression)


def _draw_cell(grid: Grid, density: float, syncopation: float, rng: np.random.Generator) -> list[float]:
    """Draw a rhythm of a bar: onsets in beats, more of them where the metre is strong unless it is syncopated."""
    onsets = []
    for step in range(grid.steps):
        strength = grid.weight(step)
        chance = density * ((1 - syncopation) * strength + syncopation * 0.4)
        if step == 0:
            chance = 0.95 - 0.4 * syncopation
        if rng.random() < chance:
            onsets.append(step / grid.per_beat)
    return onsets or [0.0]


def _draw_riff_bar(grid: Grid, density: float, syncopation: float, rng: np.random.Generator) -> tuple[Note, ...]:
    onsets = _draw_cell(grid, density, syncopation, rng)
    ends = [*onsets[1:], float(grid.beats)]
    chugging = rng.random() < 0.3
    degree = 0
    notes = []
    for place, (start, end) in enumerate(zip(onsets, ends, strict=True)):
        if place and not (chugging and rng.random() < 0.7):
            degree = int(np.clip(degree + rng.choice([-3, -2, -1, 1, 1, 2, 3]), -3, 7))
        elif place:
            degree = 0
        held = float(rng.choice([0.45, 0.8, 0.95]))
        accent = 0.75 + 0.25 * grid.weight(round(start * grid.per_beat))
        notes.append(Note(start_beats=start, length_beats=(end - start) * held, midi=degree, accent=accent))
    return tuple(notes)


def _pitch(degree: int, scale: Sequence[int], key: int, base: int) -> int:
    octave, step = divmod(degree, 7)
    return base + key + 12 * octave + scale[step]


def _triad(root: int, scale: Sequence[int]) -> tuple[int, ...]:
    low = _pitch(root, scale, 0, 0)
    return tuple(sorted({(_pitch(root + step, scale, 0, 0) - low) % 12 for step in (0, 2, 4)}))


def _write_bar(
    parts: dict[PartName, list[Note]],
    chords: list[Chord],
    material: Material,
    bar: int,
    offset: int,
    grid: Grid,
    scale: Sequence[int],
    key: int,
    rng: np.random.Generator,
) -> None:
    """Write one bar of all roles but the melody."""
    begin = float(bar * grid.beats)
    roots = material.roots[offset % len(material.roots)]
    span = grid.beats / len(roots)
    early = 0.5 if material.push and bar > 0 and grid.division == 2 else 0.0
    for place, root in enumerate(roots):
        low = begin + place * span
        pitch_class = _pitch(root, scale, key, 0) % 12
        intervals = _triad(root, scale)
        chords.append(Chord(start_beats=low, end_beats=low + span, root=pitch_class, intervals=intervals))
        if "comp" in material.roles:
            _write_comp(parts, material, low, low - early if place == 0 else low, span, pitch_class, intervals, grid)
        if "pad" in material.roles:
            notes = [48 + (pitch_class + k) % 12 for k in intervals]
            parts.setdefault("pad", []).extend(
                Note(start_beats=max(0.0, low - early), length_beats=span + early - 0.05, midi=midi, accent=0.6)
                for midi in notes
            )
        if "bass" in material.roles and material.bass_style != "riff":
            _write_bass(parts, material, low, span, pitch_class, scale, root, key, grid, rng)
    line = material.riff[offset % len(material.riff)]
    shift = roots[0] if len(material.roots) > 1 else 0
    if "riff" in material.roles:
        parts.setdefault("riff", []).extend(_moved(note, begin, shift, scale, key, 48) for note in line)
    if "bass" in material.roles and material.bass_style == "riff":
        parts.setdefault("bass", []).extend(_moved(note, begin, shift, scale, key, 24) for note in line)
    if "second" in material.roles and offset % 2:
        parts.setdefault("second", []).extend(_moved(note, begin, shift + 4, scale, key, 60) for note in line[-3:])


def _moved(note: Note, begin: float, shift: int, scale: Sequence[int], key: int, base: int) -> Note:
    midi = _pitch(note.midi + shift, scale, key, base)
    return replace(note, start_beats=begin + note.start_beats, length_beats=max(0.1, note.length_beats), midi=midi)


def _write_comp(
    parts: dict[PartName, list[Note]],
    material: Material,
    low: float,
    early_low: float,
    span: float,
    pitch_class: int,
    intervals: tuple[int, ...],
    grid: Grid,
) -> None:
    """Write the chords of one span in the section's manner."""
    chord = [54 + (pitch_class + k - 54) % 12 for k in intervals]
    out = parts.setdefault("comp", [])
    step = 0.5 if grid.division == 2 else 1 / 3
    count = round(span / step)
    if material.comp_style == "hold":
        out += [
            Note(start_beats=max(0.0, early_low), length_beats=low + span - early_low - 0.05, midi=midi)
            for midi in chord
        ]
    elif material.comp_style == "stab":
        base = low - low % grid.beats
        for onset in material.comp:
            if low <= base + onset < low + span:
                out += [Note(start_beats=base + onset, length_beats=step, midi=midi) for midi in chord]
    elif material.comp_style == "strum":
        for k in range(count):
            accent = 0.9 if k % 2 == 0 else 0.55
            out += [
                Note(start_beats=low + k * step + 0.012 * place, length_beats=0.9 * step, midi=midi, accent=accent)
                for place, midi in enumerate(chord)
            ]
    elif material.comp_style == "arpeggio":
        ladder = [*chord, chord[0] + 12, *reversed(chord[1:])]
        for k in range(count):
            accent = 0.85 if k == 0 else 0.65
            out.append(
                Note(start_beats=low + k * step, length_beats=1.5 * step, midi=ladder[k % len(ladder)], accent=accent)
            )
    else:  # on the offbeat, as ska and polka do; in threes on the second and third
        for beat in range(round(span)):
            places = (0.5,) if grid.division == 2 else (1 / 3, 2 / 3)
            for place in places:
                out += [Note(start_beats=low + beat + place, length_beats=0.8 * step, midi=midi) for midi in chord]


def _write_bass(
    parts: dict[PartName, list[Note]],
    material: Material,
    low: float,
    span: float,
    pitch_class: int,
    scale: Sequence[int],
    root: int,
    key: int,
    grid: Grid,
    rng: np.random.Generator,
) -> None:
    midi = 28 + (pitch_class - 28) % 12
    out = parts.setdefault("bass", [])
    step = 0.5 if grid.division == 2 else 1 / 3
    if material.bass_style == "hold":
        out.append(Note(start_beats=low, length_beats=0.95 * span, midi=midi, accent=0.9))
    elif material.bass_style == "root":
        base = low - low % grid.beats
        onsets = [onset for onset in material.comp if low <= base + onset < low + span] or [low - base]
        out += [Note(start_beats=base + onset, length_beats=0.6, midi=midi, accent=0.85) for onset in onsets]
    elif material.bass_style == "walk":
        for beat in range(round(span)):
            degree = root + (0 if beat == 0 else int(rng.choice([1, 2, 4, -1, -3])))
            walked = 28 + (_pitch(degree, scale, key, 0) - 28) % 12
            out.append(Note(start_beats=low + beat, length_beats=0.9, midi=walked, accent=0.8))
    elif material.bass_style == "offbeat" and grid.division == 2:
        out += [
            Note(start_beats=low + beat + 0.5, length_beats=0.45, midi=midi, accent=0.85) for beat in range(round(span))
        ]
    else:  # an even pulse, in octaves or on one note
        for k in range(round(span / step)):
            jump = 12 if material.bass_style == "octaves" and k % 2 else 0
            out.append(Note(start_beats=low + k * step, length_beats=0.85 * step, midi=midi + jump, accent=0.8))


def _write_melody(
    parts: dict[PartName, list[Note]],
    first_bar: int,
    bars: int,
    material: Material,
    grid: Grid,
    scale: Sequence[int],
    key: int,
    rng: np.random.Generator,
) -> None:
    """Write phrases of two or four bars with a breath at the end; half of them begin before the bar line."""
    out = parts.setdefault("lead", [])
    phrase = int(rng.choice([2, 2, 4]))
    cells = [_draw_cell(grid, float(rng.uniform(0.3, 0.75)), 0.4, rng) for _ in range(2)]
    pickup = rng.random() < 0.5
    for bar in range(bars):
        begin = float((first_bar + bar) * grid.beats)
        last = bar % phrase == phrase - 1
        root = material.roots[bar % len(material.roots)][0]
        degree = root + int(rng.choice([0, 2, 4]))
        onsets = cells[bar % 2]
        if last:
            onsets = [onset for onset in onsets if onset < grid.beats / 2]
            if pickup:
                onsets = [*onsets, grid.beats - 1, grid.beats - 0.5]
        if not onsets:
            continue
        ends = [*onsets[1:], float(grid.beats)]
        for start, end in zip(onsets, ends, strict=True):
            out.append(
                Note(
                    start_beats=begin + start,
                    length_beats=max(0.15, min(end - start, 2.0) * 0.9),
                    midi=_pitch(degree, scale, key, 60),
                    accent=0.85,
                )
            )
            degree = int(np.clip(degree + rng.choice([-2, -1, -1, 0, 1, 1, 2]), -3, 9))
