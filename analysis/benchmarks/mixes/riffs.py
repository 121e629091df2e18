"""Riffs: bars of line that come round, without a shorter period inside them; and chords that do not come round."""

from dataclasses import dataclass

import numpy as np

# The bars of a riff by letter, for each length in bars.
PLANS: dict[int, tuple[str, ...]] = {
    1: ("a",),
    2: ("ab",),
    3: ("abc", "aab"),
    4: ("abac", "abcd", "aabc", "aaab"),
    6: ("abacad", "abcabd", "abcdef"),
    8: ("abacadae", "abcdaefg", "aabcaade", "abcdefgh"),
    16: ("abacadaeabafagah", "abcdaefgahciajkl", "abcdefghijklmnop"),
}
LEAST_NOTES = 3
ATTEMPTS = 60
ROOTS = (3, 4, 5, -1, -2, 1)


@dataclass(frozen=True, kw_only=True)
class LineNote:
    """A note of a line: place and length in beats, degree of the scale, accent (0..1)."""

    beat: float
    beats: float
    degree: int
    accent: float


@dataclass(frozen=True, kw_only=True)
class Riff:
    """One pass of a riff: its notes, the degree its chord is built on in each bar, and its bars by letter."""

    notes: tuple[LineNote, ...]
    roots: tuple[int, ...]
    plan: str

    @property
    def bars(self) -> int:
        """Its period in bars."""
        return len(self.plan)

    def repeats(self) -> dict[str, float]:
        """Return the share of its bars that are the same so many bars on, for each lag below the period."""
        bars = self.bars
        same = {lag: sum(self.plan[i] == self.plan[(i + lag) % bars] for i in range(bars)) for lag in range(1, bars)}
        return {str(lag): round(count / bars, 3) for lag, count in same.items()}


def write_bar(
    root: int, *, meter: int, steps_per_beat: int, density: float, rng: np.random.Generator
) -> list[LineNote]:
    """Write a bar of line that begins on the root and is likelier to strike where the metre is strong."""
    steps = meter * steps_per_beat
    strong, middle = (6, 2) if steps_per_beat == 6 else (4, 2)
    grid = np.arange(steps)
    weights = np.where(grid % strong == 0, 0.9, np.where(grid % middle == 0, 0.62, 0.22)) * density
    onsets = [0, *(step for step in range(1, steps) if rng.random() < weights[step])]
    if len(onsets) < LEAST_NOTES:
        onsets = sorted({0, strong, steps - 2})
    notes, degree = [], root
    for place, step in enumerate(onsets):
        after = onsets[place + 1] if place + 1 < len(onsets) else steps
        if place:
            degree = int(np.clip(degree + rng.choice([-3, -2, -1, 0, 0, 1, 2, 4]), root - 3, root + 7))
        notes.append(
            LineNote(
                beat=step / steps_per_beat,
                beats=float((after - step) / steps_per_beat * rng.choice([0.5, 0.85, 0.95])),
                degree=degree,
                accent=1.0 if step % strong == 0 else 0.82,
            )
        )
    return notes


def write_riff(
    bars: int,
    *,
    meter: int,
    steps_per_beat: int,
    density: float,
    rng: np.random.Generator,
    first_root: int = 0,
) -> Riff:
    """Write a riff of so many bars in which bars of different letters differ in most of their notes."""
    plan = str(rng.choice(PLANS[bars]))
    written: dict[str, tuple[list[LineNote], int]] = {}
    for letter in sorted(set(plan)):
        root = first_root
        if written:
            before = written.get(chr(ord(letter) - 1))
            taken = {first_root, before[1]} if before else {first_root}
            root = int(rng.choice([each for each in ROOTS if each not in taken]))
        for _ in range(ATTEMPTS):
            notes = write_bar(root, meter=meter, steps_per_beat=steps_per_beat, density=density, rng=rng)
            if all(_differ(notes, other) for other, _ in written.values()):
                break
        written[letter] = (notes, root)
    return Riff(
        notes=tuple(
            LineNote(beat=note.beat + bar * meter, beats=note.beats, degree=note.degree, accent=note.accent)
            for bar, letter in enumerate(plan)
            for note in written[letter][0]
        ),
        roots=tuple(written[letter][1] for letter in plan),
        plan=plan,
    )


def _differ(notes: list[LineNote], others: list[LineNote]) -> bool:
    mine = {(note.beat, note.degree) for note in notes}
    common = mine & {(note.beat, note.degree) for note in others}
    return len(common) <= 0.5 * min(len(mine), len(others))


def draw_fresh_roots(count: int, rng: np.random.Generator) -> list[int]:
    """Draw chord roots from tonic to tonic with no pair in a row used twice, while that is possible: nothing loops."""
    roots, seen = [0], set[tuple[int, int]]()
    while len(roots) < count:
        last = roots[-1]
        others = [root for root in range(7) if root != last]
        root = int(rng.choice([each for each in others if (last, each) not in seen] or others))
        seen.add((last, root))
        roots.append(root)
    if count > 2 and roots[-2] != 0:
        roots[-1] = 0
    return roots
