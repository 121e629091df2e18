"""Progressions of our own: what lead sheets and piano pop have little of.

Power chords, suspended ones, sevenths in pop, borrowed chords, roots that follow no key at all, a chord in every beat
and one for four bars.
"""

from dataclasses import replace

import numpy as np

from training.beats.compose import PROGRESSIONS, SCALES
from training.beats.composition import Chord, Composition
from training.chords.qualities import HARTE

# The manner of a song's chords, and its share of the songs.
MANNERS = {"triads": 0.26, "pop": 0.3, "sevenths": 0.16, "power": 0.14, "any": 0.14}
# Shares of the qualities where they follow nothing but a draw.
ANY = {
    "maj": 0.2, "min": 0.2, "dim": 0.07, "aug": 0.06, "sus2": 0.08, "sus4": 0.08, "7": 0.1, "maj7": 0.08, "min7": 0.08,
    "hdim7": 0.05,
}  # fmt: skip
# How long chords last, in bars, and how often.
PACE = ((0.25, 0.06), (0.5, 0.24), (1.0, 0.44), (2.0, 0.2), (4.0, 0.06))
METRES = ((4, 2, 0.72), (3, 2, 0.14), (2, 3, 0.1), (4, 3, 0.04))
SONG_BEATS = 200
# A chord stands on another of its notes so often; in so many songs.
INVERTED, SONG_INVERTS = 0.4, 0.35


def draw_progressions(rng: np.random.Generator) -> Composition:
    """Draw a song of chords alone: sections with one round each, which come back."""
    meter, division, _ = METRES[int(rng.choice(len(METRES), p=[share for *_, share in METRES]))]
    manner = str(rng.choice(list(MANNERS), p=list(MANNERS.values())))
    scale = SCALES[str(rng.choice(["major", "minor", "dorian", "mixolydian"], p=(0.42, 0.38, 0.1, 0.1)))]
    key = int(rng.integers(12))
    inverts = rng.random() < SONG_INVERTS
    rounds = [_draw_round(manner, scale, key, meter, rng) for _ in range(int(rng.integers(1, 4)))]
    if inverts:
        rounds = [[_inverted(chord, rng) for chord in chords] for chords in rounds]
    chords: list[Chord] = []
    section_starts: list[int] = []
    begin = 0.0
    while begin < SONG_BEATS:
        section_starts.append(round(begin / meter))
        one = rounds[int(rng.integers(len(rounds)))]
        length = max(chord.end_beats for chord in one)
        for _ in range(max(1, round(int(rng.choice([4, 8, 8, 16])) * meter / length))):
            chords += [
                replace(chord, start_beats=chord.start_beats + begin, end_beats=chord.end_beats + begin)
                for chord in one
            ]
            begin += length
    bars = round(begin / meter)
    return Composition(
        beat_count=bars * meter,
        bar_starts=tuple(range(0, bars * meter, meter)),
        division=division,
        section_starts=tuple(section_starts),
        chords=tuple(chords),
        kind=f"drawn, {manner}",
    )


def _draw_round(manner: str, scale: tuple[int, ...], key: int, meter: int, rng: np.random.Generator) -> list[Chord]:
    """Draw the chords of one round, whole bars of them, from beat 0 on."""
    if rng.random() < 0.5:
        degrees = list(PROGRESSIONS[int(rng.integers(len(PROGRESSIONS)))])
    else:
        degrees = [int(degree) for degree in rng.integers(0, 7, int(rng.choice([1, 2, 3, 4, 4, 6, 8])))]
    bars = float(rng.choice([pace for pace, _ in PACE], p=[share for _, share in PACE]))
    length = max(1.0, round(bars * meter))
    chords: list[Chord] = []
    begin = 0.0
    for place, degree in enumerate(degrees):
        root, quality = _name(manner, degree, scale, key, rng)
        own = length
        if rng.random() < 0.12 and length > 1:  # a little later or earlier than its turn
            own = length + float(rng.choice([-1, 1]))
        if place == len(degrees) - 1:
            own = max(1.0, np.ceil((begin + own) / meter) * meter - begin)
        chords.append(
            Chord(
                start_beats=begin,
                end_beats=begin + own,
                root=root,
                intervals=HARTE[quality][0],
                quality=HARTE[quality][1],
            )
        )
        begin += own
    return chords


def _name(manner: str, degree: int, scale: tuple[int, ...], key: int, rng: np.random.Generator) -> tuple[int, str]:
    """Draw the chord on a degree of the scale: its root and its name."""
    if manner == "any":
        return int(rng.integers(12)), str(rng.choice(list(ANY), p=np.array(list(ANY.values())) / sum(ANY.values())))
    steps = [scale[(degree + k) % 7] + 12 * ((degree + k) // 7) - scale[degree % 7] for k in (0, 2, 4, 6)]
    root = (key + scale[degree % 7]) % 12
    if manner == "power":
        return root, "5" if rng.random() < 0.9 else ("maj" if steps[1] == 4 else "min")
    if rng.random() < 0.12:  # borrowed: a flat seventh or sixth, a dominant of another degree, the other third
        shift = int(rng.choice([10, 8, 3, 0, 0]))
        if shift:
            return (key + shift) % 12, "maj"
        return root, str(rng.choice(["7", "maj", "min"]))
    triad = {(4, 7): "maj", (3, 7): "min", (3, 6): "dim", (4, 8): "aug"}.get((steps[1], steps[2]), "maj")
    seventh = {
        (4, 7, 11): "maj7",
        (4, 7, 10): "7",
        (3, 7, 10): "min7",
        (3, 6, 10): "hdim7",
    }.get((steps[1], steps[2], steps[3]))
    if manner == "sevenths" and seventh and rng.random() < 0.85:
        return root, seventh
    if manner == "pop" and triad in ("maj", "min"):
        draw = rng.random()
        if draw < 0.12:
            return root, "sus4" if draw < 0.07 else "sus2"
        if draw < 0.26 and seventh:
            return root, seventh
        if draw < 0.32:
            return root, {"maj": "add9", "min": "min9"}[triad]
        if draw < 0.36:
            return root, {"maj": "maj6", "min": "min6"}[triad]
    return root, triad


def _inverted(chord: Chord, rng: np.random.Generator) -> Chord:
    """Let some chords stand on their third or fifth, or their seventh."""
    if rng.random() > INVERTED or chord.quality == "5":
        return chord
    return replace(chord, bass=int(rng.choice(chord.intervals[1:])))
