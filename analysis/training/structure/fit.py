"""Fit how much each cue speaks for a section's beginning, when two sections are the same music, and what sections do.

    python -m training.structure.fit SET [SET ...]

Constants
    Of `riffscope.dsp.structure.boundaries`: ``CUE_WEIGHTS`` (in the order of `boundary_cues`), ``BASE_ODDS``. Of
    `riffscope.dsp.structure.sections`: ``SAME_MUSIC``, ``SAME_MUSIC_PER_SIMILARITY``. What sections do is fitted in
    `training.structure.functions`.
Data
    Rendered songs, whose sections are known exactly.
Method
    Boundaries: logistic regression over the inner bar lines that riffscope finds; a line is a boundary where a section
    begins within half a bar. Each song counts once as it is, and once without the cues of drum fills, since drummers
    mark each section of these songs by one. What entrances and words that come back add is not fitted. Same music:
    logistic regression over the pairs of true sections, on how alike they are and how alike bars of the song usually
    are; the limit is where both are equally likely. The same loop is the same music; another loop, and what is new in
    every bar, is not. Pairs of chord vamps, drums alone, and sections of fewer than two bars are left out. Sets are
    held back in turn, or songs where there is one set.
Prints
    ``log loss`` of single lines, in nats, ``area``: how often a boundary has higher odds than another line, and ``F``
    of the boundaries chosen from the odds, within .5 s, before repeats are joined; for pairs, the share ``right`` and
    the mean of the right share among the pairs that are the same and among the others (``balanced``).

References
----------
Turnbull et al., "A supervised approach for detecting boundaries in music", ISMIR 2007 (within .5 s).
"""

import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import mir_eval
import numpy as np

from riffscope.analyzers import structure
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.structure import boundaries, sections
from training.common.command import read_command_line
from training.common.constants import Constants, number, overheard, today
from training.common.features import run
from training.common.fitting import CannotFit, area_under_curve, log_loss, logistic
from training.common.report import Figures, Group, report
from training.common.songs import Song, nearest_distance, section_contents, section_starts
from training.structure import functions

CUES = ("CUE_WEIGHTS", "BASE_ODDS")
SAME = ("SAME_MUSIC", "SAME_MUSIC_PER_SIMILARITY")
FINE_S, MIN_BARS = 0.5, 2
# The first so many cues are of drum fills.
FILL_CUES = 3
LOOPS, NEW = {"riff", "riff_b", "loop"}, "through"


@dataclass(frozen=True, kw_only=True)
class Lines:
    """The inner bar lines of a song, and the pairs of its sections.

    Attributes
    ----------
    cues : float64 array, shape (n_bars - 1, 8)
    sung : float64 array, shape (n_bars - 1,)
        What the singing adds to the log-odds.
    lines_s : float64 array, shape (n_bars + 1,)
        Where the music begins, the inner bar lines, where it ends.
    is_boundary : bool array, shape (n_bars - 1,)
    starts_s : float64 array, shape (n_sections,)
        Where sections begin.
    likeness : float64 array, shape (n_pairs,)
        How alike the two sections are.
    usual : float64 array, shape ()
        How alike bars are in the middle.
    is_same : bool array, shape (n_pairs,)
    """

    cues: Floats
    sung: Floats
    lines_s: Floats
    is_boundary: Mask
    starts_s: Floats
    likeness: Floats
    usual: Floats
    is_same: Mask


def read(song: Song) -> Lines | None:
    """Gather the cues at the bar lines of a song."""
    starts_s = section_starts(song.item)
    if starts_s is None:
        return None
    with overheard(structure, "boundary_odds") as heard, overheard(structure, "segment") as divided:
        run(song, [Structure])[Structure]
    if not heard:  # too few bars
        return None
    bars, lines_s = heard[0].given[0], np.asarray(divided[0].given[1], np.float64)
    bar_s = float(np.median(np.diff(lines_s)))
    alike = boundaries.similarity(bars.notes)
    likeness, is_same = pairs(alike, lines_s, starts_s, section_contents(song.item))
    return Lines(
        cues=boundaries.boundary_cues(bars),
        sung=boundaries.singing_odds(bars),
        lines_s=lines_s,
        is_boundary=nearest_distance(lines_s[1:-1], starts_s[1:]) < bar_s / 2,
        starts_s=starts_s,
        likeness=likeness,
        usual=np.array(max(float(np.median(alike[np.triu_indices(len(alike), 1)])), 0.0)),
        is_same=is_same,
    )


def pairs(alike: Float32s, lines_s: Floats, starts_s: Floats, contents: list[str]) -> tuple[Floats, Mask]:
    """Return how alike the true sections of a song are, two by two, and which are the same music: twice (n_pairs,)."""
    if len(contents) != starts_s.size:
        return np.zeros(0), np.zeros(0, np.bool_)
    edges: Ints = np.append(np.abs(lines_s[:-1, None] - starts_s).argmin(axis=0), len(alike))
    whole = [k for k in range(starts_s.size) if edges[k + 1] - edges[k] >= MIN_BARS]
    slices = [slice(int(edges[k]), int(edges[k + 1])) for k in whole]
    likeness = sections.music_similarity(alike, slices)
    found, same = [], []
    for (i, a), (j, b) in itertools.combinations(enumerate(contents[k] for k in whole), 2):
        if {a, b} <= {*LOOPS, NEW}:
            found.append(float(likeness[i, j]))
            same.append(a == b and a in LOOPS)
    return np.array(found, np.float64), np.array(same, np.bool_)


def learn_boundaries(songs: Sequence[Lines]) -> Constants:
    """Fit the odds of a boundary."""
    if not songs:
        raise CannotFit("no song")
    cues = np.concatenate([song.cues for song in songs])
    is_boundary = np.concatenate([song.is_boundary for song in songs])
    without_fills = cues * (np.arange(cues.shape[1]) >= FILL_CUES)
    slopes, base = logistic(np.concatenate([cues, without_fills]), np.concatenate([is_boundary, is_boundary]))
    return {"CUE_WEIGHTS": tuple(slopes.tolist()), "BASE_ODDS": base}


def judge_boundaries(song: Lines, constants: Constants) -> Figures:
    """Judge the odds at the lines of a song, and the sections chosen by them."""
    odds = song.cues @ np.array(constants["CUE_WEIGHTS"]) + song.sung + number(constants, "BASE_ODDS")
    found_s = np.concatenate(
        [song.lines_s[:1], song.lines_s[boundaries.segment(odds, song.lines_s)], song.lines_s[-1:]]
    )
    true_s = np.unique([song.lines_s[0], *song.starts_s[1:], song.lines_s[-1]])
    *_, f = mir_eval.segment.detection(_intervals(true_s), _intervals(found_s), window=FINE_S, trim=True)
    return {
        "log loss": log_loss(1 / (1 + np.exp(-odds)), song.is_boundary),
        "area": area_under_curve(odds, song.is_boundary),
        "F": float(f) if len(true_s) > 2 else np.nan,
    }


def learn_same(songs: Sequence[Lines]) -> Constants:
    """Fit the limit from which on sections are the same music."""
    if not songs:
        raise CannotFit("no song")
    likeness = np.concatenate([song.likeness for song in songs])
    usual = np.concatenate([np.full(song.likeness.size, float(song.usual)) for song in songs])
    slopes, base = logistic(np.stack([likeness, usual], axis=1), np.concatenate([song.is_same for song in songs]))
    return {"SAME_MUSIC": -base / float(slopes[0]), "SAME_MUSIC_PER_SIMILARITY": -float(slopes[1] / slopes[0])}


def judge_same(song: Lines, constants: Constants) -> Figures:
    """Judge which pairs of a song's sections are called the same."""
    limit = number(constants, "SAME_MUSIC") + number(constants, "SAME_MUSIC_PER_SIMILARITY") * float(song.usual)
    right = (song.likeness > limit) == song.is_same
    if not right.size:
        return {}
    parts = [right[song.is_same == is_same] for is_same in (True, False)]
    return {
        "right": float(right.mean()),
        "balanced": float(np.mean([part.mean() for part in parts])) if all(map(len, parts)) else np.nan,
    }


def _intervals(times_s: Floats) -> Floats:
    return np.stack([times_s[:-1], times_s[1:]], axis=1)


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Lines, chosen.songs, read, of="structure")
    of_boundaries = Group(
        title="Section boundaries", today=today(boundaries, CUES), learn=learn_boundaries, judge=judge_boundaries
    )
    of_pairs = Group(title="The same music", today=today(sections, SAME), learn=learn_same, judge=judge_same)
    report(of_boundaries, known)
    report(of_pairs, known)
    of_functions = Group(
        title="What sections do", today=functions.of_today(), learn=functions.learn, judge=functions.judge
    )
    report(of_functions, chosen.shelf.gather(functions.Sections, chosen.songs, functions.read, of="functions"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
