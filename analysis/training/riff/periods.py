"""Fit what tells the right period of a loop, and what tells chords from a figure.

    python -m training.riff.periods SET [SET ...]

Constants
    ``SAME_BAR``: share of its best repeats' similarity from which on a bar is the same bar; ``TOLD_BAR``: what a bar of
    the round still costs where another tells it (`riffscope.dsp.repetition.description_length`).
    ``CHORDS_STILLNESS``: stillness from which on a loop is one of chords (`riffscope.dsp.repetition.loops`).
Data
    The self-similarity of rendered songs with a riff, whose period is known; and what riffscope finds to come round in
    them, where two thirds of it lie in riffs alone or in rounds of chords alone.
Method
    A grid for the first two: the values with which most periods are right, of these the nearest to today's. Logistic
    regression on the stillness for the third, riffs and chords counting the same: where the odds are even.
Prints
    ``right``: periods within 4 %, in the loop that is named first; finds on the right side of the threshold.
"""

import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.items import Spans
from riffscope.analyzers import loops as analyzer
from riffscope.arrays import Float32s, Floats, Mask
from riffscope.dsp.repetition import description_length, loops
from riffscope.views.beat_track import BeatTrack
from training.common.command import read_command_line
from training.common.constants import Constants, number, overheard, today, tried
from training.common.features import run
from training.common.fitting import CannotFit, logistic
from training.common.report import Figures, Group, report
from training.common.songs import Song, riff_spans, within

NAMES = ("SAME_BAR", "TOLD_BAR")
TRIED = {"SAME_BAR": (0.6, 0.65, 0.7, 0.75, 0.8), "TOLD_BAR": (0.25, 0.35, 0.45)}
KIND_NAMES = ("CHORDS_STILLNESS",)
GRID: tuple[Constants, ...] = tuple(
    dict(zip(NAMES, values, strict=True)) for values in itertools.product(*(TRIED[name] for name in NAMES))
)
SAME_PERIOD = 0.04
MOSTLY = 2 / 3


@dataclass(frozen=True, kw_only=True)
class Rounds:
    """What a song's loops are found in, and what was found.

    Attributes
    ----------
    similarity : float32 array, shape (n_beats, n_beats)
    is_downbeat : bool array, shape (n_beats,)
    beats_per_bar : int
    times_s : float64 array, shape (n_beats,)
    period_s : float
        Of the riff.
    right : bool array, shape (n_tries,)
        Whether its period is right under the constants of `GRID`, each.
    stillness : float64 array, shape (n_finds,)
    is_chords : bool array, shape (n_finds,)
    """

    similarity: Float32s
    is_downbeat: Mask
    beats_per_bar: int
    times_s: Floats
    period_s: float
    right: Mask
    stillness: Floats
    is_chords: Mask


def read(song: Song) -> Rounds | None:
    """Read the self-similarity of a song with a riff."""
    if not riff_spans(song.item):
        return None
    with overheard(loops, "find_loop_paths") as searched, overheard(analyzer, "find_loops") as found:
        times_s = run(song, [analyzer.Loops, BeatTrack])[BeatTrack].times_s
    if not found:
        return None
    similarity, is_downbeat, beats_per_bar = searched[0].given[:3]
    figures, chords = spans_by_kind(song)
    finds = [
        (find.stillness, is_chords)
        for find in found[0].gave
        if (is_chords := tell_chords(times_s[find.inside], figures, chords)) is not None
    ]
    unknown = Rounds(
        similarity=similarity,
        is_downbeat=is_downbeat,
        beats_per_bar=beats_per_bar,
        times_s=times_s,
        period_s=float(song.item.truth["riff"]["period_s"]),
        right=np.zeros(0, np.bool_),
        stillness=np.array([stillness for stillness, _ in finds], np.float64),
        is_chords=np.array([chords for _, chords in finds], np.bool_),
    )
    return replace(unknown, right=try_all(unknown))


def try_all(song: Rounds) -> Mask:
    """Tell under which constants of `GRID` the period of a song's riff is right: (n_tries,)."""
    return np.array([is_right(song, constants) for constants in GRID], np.bool_)


def spans_by_kind(song: Song) -> tuple[Spans, Spans]:
    """Return where figures come round in a song, and where chords do."""
    others = song.item.truth.get("other_loops", ())
    figures = [(each["start"], each["end"]) for each in others if each["kind"] == "riff"]
    chords = [(each["start"], each["end"]) for each in others if each["kind"] != "riff"]
    vamps = song.item.truth.get("chord_vamp", {}).get("spans", ())
    return [*(riff_spans(song.item) or ()), *figures], [*chords, *vamps]


def tell_chords(times_s: Floats, figures: Spans, chords: Spans) -> bool | None:
    """Tell whether what is found at some times is chords; None where it is neither for the most part."""
    if within(times_s, chords).mean() >= MOSTLY:
        return True
    return False if within(times_s, figures).mean() >= MOSTLY else None


def is_right(song: Rounds, constants: Constants) -> bool:
    """Tell whether the loop that sounds longest has the period of the riff."""
    with tried(description_length, constants):
        paths = loops.find_loop_paths(
            song.similarity, song.is_downbeat, song.beats_per_bar, max_loops=analyzer.MAX_LOOPS
        )
    if not paths:
        return False
    period = max(paths, key=lambda path: int(path.inside.sum())).period
    period_s = float(np.median(song.times_s[period:] - song.times_s[:-period]))
    return abs(period_s / song.period_s - 1) <= SAME_PERIOD


def learn(songs: Sequence[Rounds]) -> Constants:
    """Find the values with which most periods are right."""
    if not songs:
        raise CannotFit("no song has a riff of known period")
    present = today(description_length, NAMES)
    right = np.sum([song.right for song in songs], axis=0)
    away = [sum(abs(number(each, name) - number(present, name)) for name in NAMES) for each in GRID]
    return GRID[max(range(len(GRID)), key=lambda index: (right[index], -away[index]))]


def judge(song: Rounds, constants: Constants) -> Figures:
    """Judge the period of a song's riff."""
    return {"right": float(is_right(song, constants))}


def learn_kind(songs: Sequence[Rounds]) -> Constants:
    """Fit from which stillness on a loop is one of chords."""
    stillness = np.concatenate([song.stillness for song in songs]) if songs else np.zeros(0)
    is_chords = np.concatenate([song.is_chords for song in songs]) if songs else np.zeros(0, np.bool_)
    if is_chords.all() or not is_chords.any():
        raise CannotFit("riffs and rounds of chords are both needed")
    weights = np.where(is_chords, 1 / is_chords.mean(), 1 / (~is_chords).mean())
    slopes, base = logistic(stillness[:, None], is_chords, weights=weights)
    return {"CHORDS_STILLNESS": float(-base / slopes[0])}


def judge_kind(song: Rounds, constants: Constants) -> Figures:
    """Judge what a song's finds are called."""
    if not song.stillness.size:
        return {}
    return {"right": float(((song.stillness >= number(constants, "CHORDS_STILLNESS")) == song.is_chords).mean())}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Rounds, chosen.songs, read, of="periods")
    report(Group(title="Periods", today=today(description_length, NAMES), learn=learn, judge=judge), known)
    kinds = today(loops, KIND_NAMES)
    report(Group(title="Chords or figures", today=kinds, learn=learn_kind, judge=judge_kind), known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
