"""Fit how chords are decided on from what the network hears (`riffscope.dsp.tonality.chord_path`).

    python -m training.chords.fit SET [SET ...]

Constants
    ``TRUST``, ``CHANGE_COSTS``, ``KEY_TRUST``, ``VOTE``: how much the network's evidence counts, what changing the
    chord costs by the place in the bar, how much the key counts, and other passes. And ``RIGHT_WEIGHTS``,
    ``RIGHT_BASE``: how probable it is that a chord's root and third are right.
Data
    Songs whose chords are known; of rendered ones, bars whose chord someone strikes.
Method
    One constant after the other over a grid, twice round, by the share of the time whose root and third are right; then
    logistic regression over half beats, each for its length. Sets are held back in turn, or songs where there is one.
Prints
    ``root`` and ``majmin``: shares of the time in which the root, and root and third, are right; and of the
    probabilities the ``log loss``, their mean (``told``) and the share that is right.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers import chords as analyzer
from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import Loops
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.dsp.tonality import chord_path
from riffscope.dsp.tonality.chord_features import STEPS_PER_BEAT
from riffscope.views.beat_track import BeatTrack
from riffscope.views.chord_activation import ChordActivation
from training.chords.qualities import read_harte
from training.common.command import read_command_line
from training.common.constants import Constants, today, tried
from training.common.features import run
from training.common.fitting import CannotFit, logistic
from training.common.report import Figures, Group, report
from training.common.songs import Song

PATH = ("TRUST", "CHANGE_COSTS", "KEY_TRUST", "VOTE")
RIGHT = ("RIGHT_WEIGHTS", "RIGHT_BASE")
GRID = {
    "TRUST": (0.3, 0.4, 0.5, 0.6, 0.8, 1.0),
    "KEY_TRUST": (0.0, 0.25, 0.5, 0.75, 1.0),
    "VOTE": (0.0, 0.5, 1.0, 1.5, 2.0),
}
COSTS = ((-3.0, -2.0, -1.0, 0.0, 1.0, 2.0), (0.0, 1.0, 2.0, 3.0), (0.5, 1.5, 2.5, 4.0), (3.0, 4.5, 6.0, 8.0))
# Nothing is surer than this, where the loss of a wrong answer would have no end.
SUREST = 1e-3


@dataclass(frozen=True, kw_only=True)
class Steps:
    """The half beats of a song.

    Attributes
    ----------
    evidence : float64 array, shape (n, 133)
    shares : float64 array, shape (k, 133)
        How usual chords are in the song's keys, before `KEY_TRUST`; a row of ones where there is no key.
    key : int64 array, shape (n,)
        Which of these rows holds.
    places : int64 array, shape (m, n)
    downbeats : int64 array, shape (n_bars,)
    root, family : int64 array, shape (n,)
        What is true; -1 where it is not known, or has no third.
    length_s : float64 array, shape (n,)
    """

    evidence: Floats
    shares: Floats
    key: Ints
    places: Ints
    downbeats: Ints
    root: Ints
    family: Ints
    length_s: Floats


def read(song: Song) -> Steps | None:
    """Read what is heard of a song whose chords are known, and what is true of each half beat."""
    truth = song.item.whole_truth().get("chords")
    if not truth:
        return None
    made = run(song, [ChordActivation, BeatTrack, Key, Loops, Structure])
    activation, track = made[ChordActivation], made[BeatTrack]
    edges_s = activation.edges_s
    count = len(edges_s) - 1
    root, family = np.full((2, count), -1)
    for chord in truth:
        known = read_harte(chord["label"] if ":" in chord["label"] else f"{chord['label']}:maj")
        if known is None or not chord.get("struck", True):
            continue
        first, last = np.searchsorted((edges_s[:-1] + edges_s[1:]) / 2, [chord["start"], chord["end"]])
        root[first:last] = known.root
        own = analyzer.FAMILIES[analyzer.NAMES.index(known.quality)]
        family[first:last] = own if own in analyzer.WITH_THIRD else -1
    with tried(chord_path, {"KEY_TRUST": 1.0}):
        usual = np.exp(analyzer.usual_chords(edges_s, made.get(Key)))
    shares, key = np.unique(usual, axis=0, return_inverse=True)
    places = analyzer.repeats(edges_s, made.get(Loops), made.get(Structure))
    return Steps(
        evidence=activation.chord_log_probability,
        shares=shares,
        key=key.ravel(),
        places=np.array(places).reshape(len(places), count),
        downbeats=STEPS_PER_BEAT * track.downbeat_index,
        root=root,
        family=family,
        length_s=np.diff(edges_s),
    )


def follow(song: Steps) -> tuple[Ints, Floats]:
    """Return the path under today's constants, and what its probability is told from: (n, 2)."""
    shares = song.shares**chord_path.KEY_TRUST
    usual = np.log(shares / shares.sum(axis=1, keepdims=True))[song.key]
    voted = chord_path.vote(song.evidence, list(song.places))
    costs = chord_path.change_costs(len(voted), song.downbeats, steps_per_beat=STEPS_PER_BEAT)
    path, probability = chord_path.follow_chords(voted, costs, usual)
    return path, analyzer.how_sure(path, probability, song.evidence)


def right_steps(song: Steps, path: Ints) -> tuple[Floats, Floats]:
    """Return in which steps the root, and the root and third, are right: 1 or 0, NaN where nothing is known."""
    heard = path < analyzer.NONE
    same_root = heard & (path % 12 == song.root)
    families = analyzer.FAMILIES[np.minimum(path, analyzer.NONE - 1) // 12]
    root = np.where(song.root >= 0, same_root, np.nan)
    return root, np.where(song.family >= 0, same_root & (families == song.family), np.nan)


def share(right: Floats, length_s: Floats) -> float:
    """Return the share of the time that is right, of what is known."""
    known = np.isfinite(right)
    return float(np.average(right[known], weights=length_s[known])) if known.any() else np.nan


def learn_path(songs: Sequence[Steps]) -> Constants:
    """Choose the constants of the path, one after the other."""
    if not songs:
        raise CannotFit("no song was read")

    def worth(constants: Constants) -> float:
        with tried(chord_path, constants):
            paths = [follow(song)[0] for song in songs]
        return float(
            np.nanmean(
                [share(right_steps(song, path)[1], song.length_s) for song, path in zip(songs, paths, strict=True)]
            )
        )

    chosen = today(chord_path, PATH)
    best = worth(chosen)
    for _ in range(2):
        tries: list[tuple[str, int | None, float]] = [
            *((name, None, value) for name, values in GRID.items() for value in values),
            *(("CHANGE_COSTS", place, value) for place, values in enumerate(COSTS) for value in values),
        ]
        for name, place, value in tries:
            other = dict(chosen)
            if place is None:
                other[name] = value
            else:
                costs = list(np.atleast_1d(chosen["CHANGE_COSTS"]).tolist())
                costs[place] = value
                other[name] = tuple(costs)
            found = worth(other)
            if found > best + 1e-4:
                best, chosen = found, other
    return chosen


def learn_right(songs: Sequence[Steps]) -> Constants:
    """Fit the probability that root and third are right."""
    rows, rights, weights = [], [], []
    for song in songs:
        path, cues = follow(song)
        right = right_steps(song, path)[1]
        known = np.isfinite(right) & (path < analyzer.NONE)
        rows.append(cues[known])
        rights.append(right[known] > 0)
        weights.append(song.length_s[known])
    if not rows:
        raise CannotFit("no song was read")
    slopes, base = logistic(np.concatenate(rows), np.concatenate(rights), weights=np.concatenate(weights))
    return {"RIGHT_WEIGHTS": tuple(slopes.tolist()), "RIGHT_BASE": base}


def judge(song: Steps, constants: Constants) -> Figures:
    """Judge the chords of a song under some constants."""
    with tried(chord_path, constants):
        path, cues = follow(song)
        told = chord_path.right_probability(cues)
    root, right = right_steps(song, path)
    known = np.isfinite(right)
    if not known.any():
        return {"root": share(root, song.length_s)}
    of_right = np.where(right[known] > 0, told[known], 1 - told[known]).clip(SUREST, 1)
    return {
        "root": share(root, song.length_s),
        "majmin": share(right, song.length_s),
        "log loss": float(-np.average(np.log(of_right), weights=song.length_s[known])),
        "told": float(np.average(told[known], weights=song.length_s[known])),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Steps, chosen.songs, read, of="chords")
    report(Group(title="Chords, the path", today=today(chord_path, PATH), learn=learn_path, judge=judge), known)
    report(Group(title="Chords, how sure", today=today(chord_path, RIGHT), learn=learn_right, judge=judge), known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
