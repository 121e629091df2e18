"""Compositions of our own: riffs, vamps, progressions and through-composed pieces in two to seven.

POP909 is piano pop in four with a chord in every bar. What it lacks is drawn here: music that turns on a riff, holds
one chord, counts three, five or seven, changes metre, is fast, is played off the beat, or anticipates the bar line.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

import numpy as np

from training.beats.composition import Chord, Composition, Groups, Note, PartName

SCALES: dict[str, tuple[int, ...]] = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
    "blues": (0, 3, 5, 6, 7, 10, 12),
    "pentatonic": (0, 3, 5, 7, 10, 12, 15),
}


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of song.

    Attributes
    ----------
    name : str
    share : float
        Of all compositions.
    metres : tuple of (Groups, int, float)
        The groups of a bar, the parts of a beat, and how often: 6/8 is counted in two dotted quarters, 12/8 in four.
    bpm_range : (float, float) or None
        None: what the metre bears.
    drummed : bool or None
        As in `Composition`.
    broad : bool
        Notes last half a beat or more, and chords long.
    """

    name: str
    share: float
    metres: tuple[tuple[Groups, int, float], ...]
    bpm_range: tuple[float, float] | None = None
    drummed: bool | None = None
    broad: bool = False


KINDS: tuple[Kind, ...] = (
    Kind(name="any", share=0.4, metres=(((2, 2), 2, 0.44), ((3,), 2, 0.22), ((2,), 3, 0.2), ((2, 2), 3, 0.14))),
    # A riff that goes round without drums: bars are told by its start, the bass and the chords alone.
    Kind(
        name="riff alone",
        share=0.11,
        metres=(((2, 2), 2, 0.66), ((3,), 2, 0.2), ((2,), 3, 0.07), ((2, 2), 3, 0.07)),
        drummed=False,
    ),
    Kind(
        name="five or seven",
        share=0.1,
        metres=(
            ((3, 2), 2, 0.3),
            ((2, 3), 2, 0.15),
            ((5,), 2, 0.1),
            ((4, 3), 2, 0.15),
            ((3, 4), 2, 0.1),
            ((2, 2, 3), 2, 0.1),
            ((3, 2, 2), 2, 0.1),
        ),
    ),
    # 5/8 and 7/8, counted in eighths.
    Kind(
        name="five or seven, fast",
        share=0.04,
        metres=(((3, 2), 2, 0.25), ((2, 3), 2, 0.15), ((2, 2, 3), 2, 0.35), ((3, 2, 2), 2, 0.25)),
        bpm_range=(165, 250),
        broad=True,
    ),
    Kind(name="changing metre", share=0.09, metres=(((2, 2), 2, 0.75), ((3,), 2, 0.25))),
    # Punk, hardcore, drum and bass: dancers and charts count the fast level, whatever the band plays over it.
    Kind(name="fast", share=0.12, metres=(((2, 2), 2, 1.0),), bpm_range=(165, 250), drummed=True, broad=True),
    # Oom-pah-pah, jazz waltz, valse musette.
    Kind(name="fast waltz", share=0.08, metres=(((3,), 2, 1.0),), bpm_range=(135, 215), broad=True),
    # What sounds slow over drums that do not.
    Kind(name="broad", share=0.06, metres=(((2, 2), 2, 1.0),), bpm_range=(94, 142), drummed=True, broad=True),
)
# What a song may change to from its first metre, section by section.
CHANGES: dict[Groups, tuple[Groups, ...]] = {
    (2, 2): ((3,), (3,), (3, 2), (2, 3), (4, 3), (2, 2)),
    (3,): ((2, 2), (2, 2), (3, 2), (3,)),
}
# In a song that changes metre: so often it does between sections, and so often within them (odd bars).
SECTIONS_CHANGE, BARS_CHANGE = 0.6, 0.6
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
# A note may ring so far into the next bar.
RING_BEATS = 0.2


@dataclass(frozen=True, kw_only=True)
class Grid:
    """The steps of a bar: sixteenths, four to a beat or six to a dotted one, or eighths, two or three of them."""

    groups: Groups
    division: int
    per_beat: int

    @property
    def beats(self) -> int:
        """Beats in a bar."""
        return sum(self.groups)

    @property
    def group_starts(self) -> tuple[int, ...]:
        """The beats that begin a group, from 0."""
        return tuple(accumulate(self.groups[:-1], initial=0))

    @property
    def uneven(self) -> bool:
        """Whether the bar has five or seven beats."""
        return self.beats > 4

    @property
    def steps(self) -> int:
        """Steps in a bar."""
        return self.beats * self.per_beat

    def weight(self, step: int) -> float:
        """How strong a place in the bar is: 1 the first, less for beats, eighths and sixteenths."""
        if step == 0:
            return 1.0
        if step % self.per_beat == 0:
            return 0.75 if step // self.per_beat in self.group_starts else 0.6
        return 0.45 if step % (self.per_beat // self.division) == 0 else 0.15


@dataclass(frozen=True, kw_only=True)
class Material:
    """What one kind of section is made of."""

    grid: Grid
    roots: tuple[tuple[int, ...], ...]  # scale degrees of the chords of each bar, then from the start again
    riff: tuple[tuple[Note, ...], ...]  # notes of each bar (midi: scale degree)
    comp: tuple[float, ...]  # onsets of a chord in a bar, beats
    comp_style: str
    bass_style: str
    push: bool  # chords come an eighth early
    roles: frozenset[PartName]


@dataclass(frozen=True, kw_only=True)
class Bar:
    """Where a bar begins and how many beats it has, fewer than its metre says where it is cut short."""

    begin: int
    beats: int


@dataclass(frozen=True, kw_only=True)
class OddBars:
    """Every so many bars comes one that is cut short: a bar of 2/4 between bars of 4/4."""

    every: int
    beats: int


def compose(rng: np.random.Generator) -> Composition:
    """Draw a piece of some 300 beats."""
    kind = KINDS[int(rng.choice(len(KINDS), p=[kind.share for kind in KINDS]))]
    groups, division, _ = kind.metres[int(rng.choice(len(kind.metres), p=[share for *_, share in kind.metres]))]
    per_beat = int(rng.choice([3, 6])) if division == 3 else 2 if kind.broad else 4
    grid = Grid(groups=groups, division=division, per_beat=per_beat)
    scale = SCALES[str(rng.choice(list(SCALES), p=(0.26, 0.26, 0.1, 0.1, 0.08, 0.1, 0.1)))]
    key = int(rng.integers(12))
    through = rng.random() < 0.12
    grids = [grid] * int(rng.integers(2, 4))
    odd: OddBars | None = None
    if kind.name == "changing metre":
        within = rng.random() < BARS_CHANGE
        if not within or rng.random() < SECTIONS_CHANGE:
            others = CHANGES[groups]
            grids[1:] = [replace(grid, groups=others[int(rng.integers(len(others)))]) for _ in grids[1:]]
        if within:
            shorter = int(rng.choice([2, 2, 3])) if grid.beats == 4 else 2
            odd = OddBars(every=int(rng.choice([2, 4, 4, 5, 8, 9])), beats=shorter)
    kinds = [_draw_material(grid, kind, rng) for grid in grids]
    parts: dict[PartName, list[Note]] = {}
    chords: list[Chord] = []
    bar_starts: list[int] = []
    bar_groups: list[Groups] = []
    section_starts: list[int] = []
    begin, place = 0, 0
    while begin < SONG_BEATS:
        section_starts.append(len(bar_starts))
        material = _draw_material(grid, kind, rng) if through else kinds[place % len(kinds)]
        length = int(rng.choice([4, 8, 8, 8, 12, 16])) if rng.random() < 0.93 else int(rng.integers(3, 10))
        bars: list[Bar] = []
        for offset in range(length):
            if begin >= SONG_BEATS:
                break
            if through and offset % 2 == 0:
                material = _draw_material(grid, kind, rng, like=material)
            whole = material.grid.beats
            cut_short = odd is not None and offset % odd.every == odd.every - 1
            bar = Bar(begin=begin, beats=min(whole, odd.beats) if odd and cut_short else whole)
            _write_bar(parts, chords, material, bar, offset % odd.every if odd else offset, scale, key, rng)
            bars.append(bar)
            bar_starts.append(begin)
            bar_groups.append(material.grid.groups)
            begin += bar.beats
        if "lead" in material.roles:
            _write_melody(parts, bars, material, scale, key, rng)
        place = place + 1 if rng.random() < 0.8 else int(rng.integers(len(kinds)))
    return Composition(
        beat_count=begin,
        bar_starts=tuple(bar_starts),
        division=division,
        bar_groups=tuple(bar_groups),
        section_starts=tuple(section_starts),
        parts=parts,
        chords=tuple(chords),
        bpm_range=kind.bpm_range,
        drummed=kind.drummed,
        kind=kind.name,
    )


def _draw_material(grid: Grid, kind: Kind, rng: np.random.Generator, *, like: Material | None = None) -> Material:
    roots = _draw_roots(grid, rng, broad=kind.broad)
    period = int(rng.choice([1, 2, 2, 4, 4, 8]))
    density = float(rng.uniform(0.35, 0.75 if kind.broad else 1.0))
    syncopation = float(
        rng.choice([0.0, 0.15, 0.35] if grid.uneven or kind.drummed is False else [0.0, 0.15, 0.35, 0.6])
    )
    bars = {letter: _draw_riff_bar(grid, density, syncopation, rng) for letter in "abcd"}
    form = {1: "a", 2: "ab", 4: str(rng.choice(["abac", "aaab", "abcd", "aabb"])), 8: "abacabad"}[period]
    roles: set[PartName] = set()
    for role, share in (("riff", 0.55), ("comp", 0.6), ("bass", 0.85), ("pad", 0.35), ("lead", 0.55), ("second", 0.15)):
        if rng.random() < share:
            roles.add(role)  # type: ignore[arg-type]
    if not roles & {"riff", "comp", "pad"}:
        roles.add("riff" if rng.random() < 0.6 else "comp")
    comp_style = str(rng.choice(["stab", "hold", "strum", "arpeggio", "offbeat"], p=(0.25, 0.25, 0.22, 0.2, 0.08)))
    bass_style = str(rng.choice(["hold", "root", "pulse", "riff", "walk", "offbeat", "octaves"]))
    if kind.name == "fast waltz":
        comp_style = str(rng.choice(["pah", comp_style], p=(0.65, 0.35)))
        bass_style = str(rng.choice(["oom", "walk", bass_style], p=(0.6, 0.15, 0.25)))
        roles |= {"comp", "bass"} if rng.random() < 0.7 else set()
    elif grid.uneven:
        comp_style = str(rng.choice(["groups", "pah", comp_style], p=(0.35, 0.15, 0.5)))
        bass_style = str(rng.choice(["groups", "oom", bass_style], p=(0.35, 0.15, 0.5)))
    elif kind.name == "riff alone":
        others: tuple[PartName, ...] = ("bass", "pad", "comp")
        roles = {role for role in others if role in roles and rng.random() < 0.6}
        roles.add("riff")
    if like is not None:  # through-composed: the players stay
        roles = set(like.roles)
    return Material(
        grid=grid,
        roots=roots,
        riff=tuple(bars[letter] for letter in form),
        comp=tuple(_draw_cell(grid, float(rng.uniform(0.3, 0.9)), syncopation, rng)),
        comp_style=comp_style,
        bass_style=bass_style,
        push=bool(rng.random() < 0.15),
        roles=frozenset(roles),
    )


def _draw_roots(grid: Grid, rng: np.random.Generator, *, broad: bool) -> tuple[tuple[int, ...], ...]:
    """Draw which chords each bar of a round holds: one, one for each group, or the one of the bar before."""
    shares = (0.34, 0.06, 0.42, 0.18) if broad else (0.52, 0.16, 0.14, 0.18)
    pace = str(rng.choice(["bar", "groups", "two bars", "vamp"], p=shares))
    if pace == "vamp":
        return ((0,),)
    progression = PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))]
    if pace == "groups" and len(grid.groups) > 1:
        count = len(grid.groups)
        return tuple(
            tuple(progression[(first + k) % len(progression)] for k in range(count))
            for first in range(0, len(progression), count)
        )
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
    bar: Bar,
    offset: int,
    scale: Sequence[int],
    key: int,
    rng: np.random.Generator,
) -> None:
    """Write one bar of all roles but the melody; `offset` counts from where the riff and the chords began."""
    grid = material.grid
    written: dict[PartName, list[Note]] = {}
    begin, end = float(bar.begin), float(bar.begin + bar.beats)
    roots = material.roots[offset % len(material.roots)]
    early = 0.5 if material.push and bar.begin > 0 and grid.division == 2 else 0.0
    starts = grid.group_starts if len(roots) > 1 else (0,)
    for root, start, stop in zip(roots, starts, (*starts[1:], grid.beats), strict=True):
        low, span = begin + start, float(stop - start)
        if low >= end:
            break
        pitch_class = _pitch(root, scale, key, 0) % 12
        intervals = _triad(root, scale)
        chords.append(Chord(start_beats=low, end_beats=min(low + span, end), root=pitch_class, intervals=intervals))
        if "comp" in material.roles:
            _write_comp(written, material, begin, low, low - early if start == 0 else low, span, pitch_class, intervals)
        if "pad" in material.roles:
            notes = [48 + (pitch_class + k) % 12 for k in intervals]
            written.setdefault("pad", []).extend(
                Note(start_beats=max(0.0, low - early), length_beats=span + early - 0.05, midi=midi, accent=0.6)
                for midi in notes
            )
        if "bass" in material.roles and material.bass_style != "riff":
            _write_bass(written, material, begin, low, span, pitch_class, scale, root, key, offset, rng)
    line = material.riff[offset % len(material.riff)]
    shift = roots[0] if len(material.roots) > 1 else 0
    if "riff" in material.roles:
        written.setdefault("riff", []).extend(_moved(note, begin, shift, scale, key, 48) for note in line)
    if "bass" in material.roles and material.bass_style == "riff":
        written.setdefault("bass", []).extend(_moved(note, begin, shift, scale, key, 24) for note in line)
    if "second" in material.roles and offset % 2:
        written.setdefault("second", []).extend(_moved(note, begin, shift + 4, scale, key, 60) for note in line[-3:])
    for role, notes_of_role in written.items():
        parts.setdefault(role, []).extend(
            replace(note, length_beats=min(note.length_beats, end + RING_BEATS - note.start_beats))
            for note in notes_of_role
            if note.start_beats < end
        )


def _moved(note: Note, begin: float, shift: int, scale: Sequence[int], key: int, base: int) -> Note:
    midi = _pitch(note.midi + shift, scale, key, base)
    return replace(note, start_beats=begin + note.start_beats, length_beats=max(0.1, note.length_beats), midi=midi)


def _write_comp(
    parts: dict[PartName, list[Note]],
    material: Material,
    base: float,
    low: float,
    early_low: float,
    span: float,
    pitch_class: int,
    intervals: tuple[int, ...],
) -> None:
    """Write the chords of one span, from `low` on in the bar that begins at `base`, in the section's manner."""
    grid = material.grid
    chord = [54 + (pitch_class + k - 54) % 12 for k in intervals]
    out = parts.setdefault("comp", [])
    step = 0.5 if grid.division == 2 else 1 / 3
    count = round(span / step)
    if material.comp_style == "hold":
        out += [
            Note(start_beats=max(0.0, early_low), length_beats=low + span - early_low - 0.05, midi=midi)
            for midi in chord
        ]
    elif material.comp_style == "groups":  # one for each group of the bar
        for start, size in zip(grid.group_starts, grid.groups, strict=True):
            if low <= base + start < low + span:
                held = float(size) * 0.9
                out += [Note(start_beats=base + start, length_beats=held, midi=midi, accent=0.85) for midi in chord]
    elif material.comp_style == "pah":  # on the beats that the bass leaves free
        for beat in range(round(low - base), round(low - base + span)):
            if beat not in grid.group_starts:
                out += [Note(start_beats=base + beat, length_beats=0.45, midi=midi, accent=0.65) for midi in chord]
    elif material.comp_style == "stab":
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
    base: float,
    low: float,
    span: float,
    pitch_class: int,
    scale: Sequence[int],
    root: int,
    key: int,
    offset: int,
    rng: np.random.Generator,
) -> None:
    """Write the bass of one span, from `low` on in bar `offset` of the section, which begins at `base`."""
    grid = material.grid
    midi = 28 + (pitch_class - 28) % 12
    out = parts.setdefault("bass", [])
    step = 0.5 if grid.division == 2 else 1 / 3
    if material.bass_style == "hold":
        out.append(Note(start_beats=low, length_beats=0.95 * span, midi=midi, accent=0.9))
    elif material.bass_style in ("groups", "oom"):  # held through each group, or short, with the fifth by turns
        for place, (start, size) in enumerate(zip(grid.group_starts, grid.groups, strict=True)):
            if low <= base + start < low + span:
                held = 0.95 * size if material.bass_style == "groups" else 0.8
                fifth = 7 if material.bass_style == "oom" and (place + offset * len(grid.groups)) % 2 else 0
                out.append(Note(start_beats=base + start, length_beats=held, midi=midi + fifth, accent=0.9))
    elif material.bass_style == "root":
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
    bars: Sequence[Bar],
    material: Material,
    scale: Sequence[int],
    key: int,
    rng: np.random.Generator,
) -> None:
    """Write phrases of two or four bars with a breath at the end; half of them begin before the bar line."""
    out = parts.setdefault("lead", [])
    phrase = int(rng.choice([2, 2, 4]))
    cells = [_draw_cell(material.grid, float(rng.uniform(0.3, 0.75)), 0.4, rng) for _ in range(2)]
    pickup = rng.random() < 0.5
    for place, bar in enumerate(bars):
        root = material.roots[place % len(material.roots)][0]
        degree = root + int(rng.choice([0, 2, 4]))
        onsets = [onset for onset in cells[place % 2] if onset < bar.beats]
        if place % phrase == phrase - 1:
            onsets = [onset for onset in onsets if onset < bar.beats / 2]
            if pickup:
                onsets = [*onsets, bar.beats - 1, bar.beats - 0.5]
        if not onsets:
            continue
        for start, end in zip(onsets, [*onsets[1:], float(bar.beats)], strict=True):
            out.append(
                Note(
                    start_beats=bar.begin + start,
                    length_beats=max(0.15, min(end - start, 2.0) * 0.9),
                    midi=_pitch(degree, scale, key, 60),
                    accent=0.85,
                )
            )
            degree = int(np.clip(degree + rng.choice([-2, -1, -1, 0, 1, 1, 2]), -3, 9))
