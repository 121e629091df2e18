"""What drummers play: patterns of a bar by style, with variations, fills, crashes and pauses."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from training.beats.composition import Composition, Groups
from training.beats.kits import Role

# A hit: place in the bar in steps, velocity 0..1.
Pattern = dict[str, list[tuple[float, float]]]
# Sixteenths in a beat of two, eighths in a beat of three.
STEPS = {2: 4, 3: 3}
# From here on what is played is played on beats and halves of them.
FAST_BPM = 165.0


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A drum struck at a beat."""

    beat: float
    role: Role
    velocity: float


@dataclass(frozen=True, kw_only=True)
class Drummer:
    """One song's way of drumming: for each metre pattern A in verses, B in choruses."""

    patterns: dict[Groups, tuple[Pattern, Pattern]]
    fills: float  # chance of a fill before a new section
    ghosts: float  # chance of a soft stroke on each sixteenth
    drops: frozenset[int]  # groups of four bars in which the drums pause
    first_bar: int


def _hits(*steps: float, velocity: float = 0.9) -> list[tuple[float, float]]:
    return [(step, velocity) for step in steps]


def _cymbal(steps: int, every: float, per_beat: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    soft = float(rng.uniform(0.35, 0.8))
    return [(step, 0.75 if step % per_beat == 0 else soft) for step in np.arange(0, steps, every)]


def _kicks(steps: int, rng: np.random.Generator, *, busy: float) -> list[tuple[float, float]]:
    """A kick on the one, and others the likelier the stronger their place."""
    places = [0]
    for step in range(1, steps):
        chance = busy * (0.5 if step % 8 == 0 else 0.3 if step % 4 == 2 else 0.12)
        if rng.random() < chance:
            places.append(step)
    return _hits(*places)


def in_four(style: str, rng: np.random.Generator) -> Pattern:
    """Return a bar of 4/4 in sixteenths."""
    ride: str = "ride" if rng.random() < 0.25 else "open_hat" if rng.random() < 0.15 else "closed_hat"
    snare: str = "clap" if rng.random() < 0.12 else "side_stick" if rng.random() < 0.1 else "snare"
    eighths = _cymbal(16, float(rng.choice([2, 2, 2, 4, 1])), 4, rng)
    back = _hits(4, 12)
    tables: dict[str, Callable[[], Pattern]] = {
        "rock": lambda: {"kick": _kicks(16, rng, busy=1.0), snare: back, ride: eighths},
        "backbeat": lambda: {"kick": _hits(0, 8, *([10] if rng.random() < 0.5 else [])), snare: back, ride: eighths},
        "four": lambda: {
            "kick": _hits(0, 4, 8, 12),
            snare: back if rng.random() < 0.75 else [],
            "open_hat": _hits(2, 6, 10, 14, velocity=0.7),
            "closed_hat": _cymbal(16, float(rng.choice([1, 2])), 4, rng),
        },
        "disco": lambda: {"kick": _hits(0, 4, 8, 12), snare: back, "closed_hat": _cymbal(16, 1, 4, rng)},
        "half": lambda: {"kick": [*_hits(0), *_hits(*rng.choice([3, 6, 7, 10, 11, 14], 2, False))], snare: _hits(8),
                         ride: eighths},
        "funk": lambda: {
            "kick": [*_hits(0), *_hits(*rng.choice([2, 3, 6, 7, 10, 11, 14], 3, False))],
            snare: [*back, *_hits(*rng.choice([1, 7, 9, 15], 2, False), velocity=0.35)],
            "closed_hat": _cymbal(16, 1, 4, rng),
        },
        "metal": lambda: {
            "kick": _hits(*range(0, 16, int(rng.choice([1, 2]))), velocity=0.8),
            "snare": back,
            "crash" if rng.random() < 0.4 else "ride": _cymbal(16, 4, 4, rng),
        },
        "blast": lambda: {
            "kick": _hits(*range(0, 16, 2)),
            "snare": _hits(*range(int(rng.choice([0, 1])), 16, 2), velocity=0.8),
            "ride": _cymbal(16, 2, 4, rng),
            "crash": _hits(0),
        },
        "punk": lambda: {"kick": _hits(0, 2, 8, 10) if rng.random() < 0.5 else _hits(0, 6, 8, 10), "snare": back,
                         "open_hat": _cymbal(16, 2, 4, rng)},
        "gallop": lambda: {"kick": _hits(0, 2, 3, 4, 6, 7, 8, 10, 11, 12, 14, 15, velocity=0.75), "snare": back,
                           "ride": _cymbal(16, 2, 4, rng)},
        "break": lambda: {
            "kick": _hits(0, 2, 10) if rng.random() < 0.5 else _hits(0, 10, *rng.choice([3, 7, 11], 1)),
            "snare": [*back, *_hits(*rng.choice([7, 9, 15], 2, False), velocity=0.5)],
            "closed_hat": eighths,
        },
        "brushes": lambda: {"snare": [(4, 0.5), (12, 0.5), *[(k, 0.2) for k in range(0, 16, 2)]],
                            "kick": _hits(0, 8, velocity=0.5)},
        "latin": lambda: {"kick": _hits(0, 6, 8, 14),
                          "side_stick": _hits(*((0, 3, 6, 10, 12) if rng.random() < 0.5 else (2, 4, 8, 11, 14))),
                          "shaker": _cymbal(16, 1, 4, rng), "conga": _hits(6, 7, 14, 15, velocity=0.6)},
        "swing": lambda: {"ride": _hits(0, 4, 6, 8, 12, 14, velocity=0.7), "pedal_hat": _hits(4, 12, velocity=0.6),
                          "kick": _hits(0, 8, velocity=0.4),
                          "snare": _hits(*rng.choice([2, 6, 10, 14], 1), velocity=0.3)},
        "hiphop": lambda: {"kick": [*_hits(0), *_hits(*rng.choice([3, 5, 7, 10, 11], 2, False))], snare: back,
                           "closed_hat": _cymbal(16, 2, 4, rng)},
        "trap": lambda: {"kick": [*_hits(0), *_hits(*rng.choice([3, 6, 10, 11, 14], 2, False))], "clap": _hits(8),
                         "closed_hat": _cymbal(16, 1, 4, rng)},
        "one drop": lambda: {"kick": _hits(8), "side_stick": _hits(8), "closed_hat": _cymbal(16, 2, 4, rng)},
        "train": lambda: {"snare": [(k, 0.75 if k % 4 == 2 else 0.35) for k in range(16)],
                          "kick": _hits(0, 4, 8, 12, velocity=0.6)},
        "every beat": lambda: {"kick": _hits(0, 6, 8, 14), "snare": _hits(0, 4, 8, 12),
                               "tambourine": _cymbal(16, 2, 4, rng)},
        "toms": lambda: {"low_tom": _hits(0, 6, 8, 14), "mid_tom": _hits(3, 11), "kick": _hits(0, 8),
                         "snare": _hits(12)},
        "kick only": lambda: {"kick": _hits(0, 4, 8, 12)},
        "hardcore": lambda: {"kick": _hits(0, 4, 8, 12), "open_hat": _hits(2, 6, 10, 14, velocity=0.7),
                             snare: back if rng.random() < 0.4 else []},
        "two step": lambda: {"kick": _hits(0, 10), snare: back, ride: _cymbal(16, float(rng.choice([2, 4])), 4, rng)},
        "d-beat": lambda: {"kick": _hits(0, 6, 10) if rng.random() < 0.5 else _hits(0, 6, 8, 14), snare: back,
                           ride: _cymbal(16, float(rng.choice([2, 4])), 4, rng)},
        "skank": lambda: {"kick": _hits(0, 4, 8, 12), "snare": _hits(2, 6, 10, 14),
                          ride: _cymbal(16, float(rng.choice([2, 4])), 4, rng)},
        "slow over fast": lambda: {"kick": _hits(0, *([6] if rng.random() < 0.4 else [])), snare: _hits(8),
                                   ride: _cymbal(16, 4, 4, rng)},
        "hats only": lambda: {"closed_hat": eighths, "kick": _hits(0)},
    }  # fmt: skip
    return tables[style]()


def in_three(style: str, rng: np.random.Generator) -> Pattern:
    """Return a bar of 3/4 in sixteenths."""
    eighths = _cymbal(12, float(rng.choice([2, 2, 4])), 4, rng)
    tables: dict[str, Pattern] = {
        "waltz": {"kick": _hits(0), "snare": _hits(4, 8, velocity=0.6), "closed_hat": eighths},
        "waltz rock": {"kick": [*_hits(0), *_hits(*rng.choice([2, 6, 10], 1))],
                       "snare": _hits(8) if rng.random() < 0.5 else _hits(4), "closed_hat": eighths},
        "waltz half": {"kick": _hits(0, *([6] if rng.random() < 0.4 else [])), "snare": _hits(4), "ride": eighths},
        "waltz jazz": {"ride": _hits(0, 4, 6, 8, velocity=0.7), "pedal_hat": _hits(4, 8, velocity=0.6),
                       "kick": _hits(0, velocity=0.5)},
        "waltz light": {"kick": _hits(0, velocity=0.6), "side_stick": _hits(4, 8, velocity=0.5)},
        "waltz one": {"kick": _hits(0), "pedal_hat": _hits(4, 8, velocity=0.6)},
    }  # fmt: skip
    return tables[style]


def in_compound(style: str, rng: np.random.Generator, beats: int) -> Pattern:
    """Return a bar of 6/8 (two beats) or 12/8 (four), in eighths."""
    steps = 3 * beats
    hats = _cymbal(steps, float(rng.choice([1, 1, 3])), 3, rng)
    extra = _hits(*rng.choice([2, 4, 5], 1)) if rng.random() < 0.5 else []
    back = _hits(*range(3, steps, 6))
    tables: dict[str, Pattern] = {
        "compound": {"kick": [*_hits(*range(0, steps, 6)), *extra], "snare": back, "closed_hat": hats},
        "compound ride": {"kick": _hits(*range(0, steps, 6)), "snare": back, "ride": hats},
        "shuffle": {"kick": _hits(*range(0, steps, 6)), "snare": back,
                    "closed_hat": [(k, 0.7) for k in range(steps) if k % 3 != 1]},
        "compound half": {"kick": [*_hits(0), *extra], "snare": _hits(steps // 2) if beats == 4 else back,
                          "closed_hat": hats},
    }  # fmt: skip
    return tables[style]


def in_groups(style: str, rng: np.random.Generator, groups: Groups, *, fast: bool) -> Pattern:
    """Return a bar in sixteenths that shows its groups: 5/4 and 7/4, or 5/8 and 7/8 counted in eighths."""
    steps = 4 * sum(groups)
    starts = [4 * start for start in itertools.accumulate(groups[:-1], initial=0)]
    late = int(rng.integers(2))
    # A snare answers each group: on its second beat, or the third of three; one of four has two.
    answers = {2: [1], 3: [1 + late], 4: [1, 3], 5: [[1, 3], [2, 4], [3]][int(rng.integers(3))]}
    snares = _hits(*(start + 4 * beat for start, size in zip(starts, groups, strict=True) for beat in answers[size]))
    snare: str = "clap" if rng.random() < 0.1 else "side_stick" if rng.random() < 0.1 else "snare"
    hats = _cymbal(steps, float(rng.choice([4, 4, 2] if fast else [2, 2, 4])), 4, rng)
    extra = _hits(*rng.choice(np.arange(2, steps, 4 if fast else 2), 2, False), velocity=0.7)
    tables: dict[str, Pattern] = {
        "backbeats": {"kick": _hits(*starts), snare: snares, "closed_hat": hats},
        "rock": {"kick": [*_hits(*starts), *extra], snare: snares, "ride" if late else "closed_hat": hats},
        "one snare": {"kick": _hits(0), snare: _hits(starts[-1] or 8), "closed_hat": hats},
        "jazz": {"ride": [*_hits(*range(0, steps, 4), velocity=0.7), *([] if fast else _hits(6, velocity=0.5))],
                 "pedal_hat": [(place, 0.6) for place, _ in snares], "kick": _hits(0, velocity=0.5)},
        "four": {"kick": _hits(*range(0, steps, 4)), snare: snares, "open_hat": _hits(*range(2, steps, 4))},
        "toms": {"low_tom": _hits(*starts), "mid_tom": [(place, 0.7) for place, _ in snares], "kick": _hits(0)},
        "light": {"kick": _hits(0, velocity=0.6), "side_stick": [(place, 0.5) for place, _ in snares],
                  "shaker": hats},
    }  # fmt: skip
    return tables[style]


def draw_style(groups: Groups, division: int, bpm: float, rng: np.random.Generator) -> Pattern:
    """Draw a pattern of one bar that is played in such a metre at such a tempo."""
    beats = sum(groups)
    if division == 3:
        return in_compound(str(rng.choice(["compound", "compound ride", "shuffle", "compound half"])), rng, beats)
    if beats == 3:
        fast_waltzes = ["waltz", "waltz", "waltz half", "waltz jazz", "waltz jazz", "waltz light", "waltz one"]
        waltzes = ["waltz", "waltz rock", "waltz half", "waltz jazz", "waltz light"]
        return in_three(str(rng.choice(waltzes if bpm < 150 else fast_waltzes)), rng)
    if beats > 4:
        styles = ["backbeats", "backbeats", "rock", "rock", "one snare", "jazz", "four", "toms", "light"]
        return in_groups(str(rng.choice(styles)), rng, groups, fast=bpm >= FAST_BPM)
    slow = ["rock", "backbeat", "half", "funk", "hiphop", "brushes", "latin", "four", "one drop", "toms"]
    middle = ["rock", "rock", "backbeat", "four", "four", "disco", "funk", "latin", "swing", "metal", "every beat",
              "train", "toms", "kick only", "hats only", "punk", "hiphop", "half", "half"]  # fmt: skip
    fast = ["backbeat", "rock", "rock", "punk", "punk", "metal", "metal", "gallop", "break", "break", "four", "swing",
            "blast", "train", "every beat", "half", "trap"]  # fmt: skip
    fastest = ["backbeat", "backbeat", "punk", "punk", "d-beat", "d-beat", "metal", "gallop", "skank", "break",
               "break", "two step", "two step", "hardcore", "hardcore", "hardcore", "four", "kick only", "swing",
               "train", "every beat", "blast", "half", "slow over fast"]  # fmt: skip
    styles = slow if bpm < 90 else middle if bpm < 140 else fast if bpm < FAST_BPM else fastest
    return in_four(str(rng.choice(styles)), rng)


def hire(song: Composition, bpm: float, rng: np.random.Generator) -> Drummer:
    """Draw the drummer of a song."""
    patterns: dict[Groups, tuple[Pattern, Pattern]] = {}
    for groups in (song.groups_of(bar) for bar in range(len(song.bar_starts))):
        if groups not in patterns:
            first = draw_style(groups, song.division, bpm, rng)
            second = draw_style(groups, song.division, bpm, rng) if rng.random() < 0.25 else _varied(first, rng)
            patterns[groups] = first, second
    pauses = rng.choice(64, int(rng.integers(1, 8))).tolist() if rng.random() < 0.45 else []
    return Drummer(
        patterns=patterns,
        fills=float(rng.choice([0.0, 0.4, 0.9])),
        ghosts=float(rng.choice([0.0, 0.0, 0.04, 0.1])),
        drops=frozenset(pauses),
        first_bar=int(rng.choice([0, 0, 0, 2, 4, 8])),
    )


def _varied(pattern: Pattern, rng: np.random.Generator) -> Pattern:
    """Swap hi-hat and ride, as choruses do."""
    swap = {"closed_hat": "ride", "ride": "crash", "open_hat": "ride"}
    if rng.random() < 0.4:
        return pattern
    return {swap.get(role, role): hits for role, hits in pattern.items()}


def play_song(song: Composition, drummer: Drummer, rng: np.random.Generator) -> list[Hit]:
    """Play the whole song, in beats."""
    per_beat = STEPS[song.division]
    bars = [*song.bar_starts, song.beat_count]
    sections = set(song.section_starts)
    out: list[Hit] = []
    section = 0
    for bar, (begin, end) in enumerate(itertools.pairwise(bars)):
        section += bar in sections
        if bar < drummer.first_bar or bar // 4 in drummer.drops:
            continue
        groups = song.groups_of(bar)
        pattern = drummer.patterns[groups][section % 2]
        steps = (end - begin) * per_beat
        length = sum(groups) * per_beat
        fill_from = steps - per_beat if bar + 1 in sections and rng.random() < drummer.fills else steps
        if fill_from < steps and rng.random() < 0.3:
            fill_from = max(0, steps - 2 * per_beat)
        for role, hits in pattern.items():
            for place, velocity in hits:
                # A bar that is longer than the pattern goes on with its beginning.
                out += [
                    Hit(beat=begin + step / per_beat, role=Role(role), velocity=velocity)
                    for step in (place, place + length)
                    if step < min(steps, fill_from)
                ]
        if fill_from < steps:
            for step in np.arange(fill_from, steps, 1 if rng.random() < 0.7 else 0.5):
                drum = ("snare", "high_tom", "mid_tom", "low_tom", "kick")[int(rng.integers(5))]
                out.append(Hit(beat=begin + step / per_beat, role=Role(drum), velocity=float(rng.uniform(0.6, 1))))
        if bar in sections and rng.random() < 0.7:
            out.append(Hit(beat=float(begin), role=Role.CRASH, velocity=0.9))
        soft = np.flatnonzero(rng.random(steps) < drummer.ghosts)
        out += [Hit(beat=begin + float(step) / per_beat, role=Role.SNARE, velocity=0.3) for step in soft]
    return out
