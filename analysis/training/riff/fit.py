"""Fit the odds that what was found to come round is a riff (`riffscope.dsp.repetition.loops`).

    python -m training.riff.fit SET [SET ...]

Constants
    ``EVIDENCE_FROM``: likeness beyond other bars from which on it counts; ``EVEN_ODDS_AT``: evidence at which a
    riff is as
    likely as not; ``EVIDENCE_SLOPE``: of the log odds over the logarithm of the evidence.
Data
    What riffscope finds to come round in rendered songs. It is a riff where it lies in the true spans of the riff or of
    another loop for two thirds of its beats or more, and none in songs without a riff, chord vamps included; what lies
    half in a riff is left out.
Method
    For each of a row of values of ``EVIDENCE_FROM``, logistic regression on the logarithm of the evidence, each find
    counting the same; the value with the least log loss is taken. Sets are held back in turn, or songs where there is
    one set.
Prints
    ``right``: finds on the right side of one half; ``log loss`` in nats, ``Brier``: mean square of probability against
    truth, .25 where nothing is known. Both are means over songs.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers.loops import Loops
from riffscope.arrays import Float32s, Floats, Mask
from riffscope.dsp.repetition import loops
from riffscope.dsp.repetition.loop_path import LoopPath
from riffscope.views.beat_track import BeatTrack
from training.common.command import read_command_line
from training.common.constants import Constants, number, overheard, today
from training.common.features import run
from training.common.fitting import CannotFit, log_loss, logistic
from training.common.report import Figures, Group, report
from training.common.songs import Song, other_loops, riff_spans, within

NAMES = ("EVIDENCE_FROM", "EVEN_ODDS_AT", "EVIDENCE_SLOPE")
TRIED_FROM = tuple(np.arange(0.0, 0.25, 0.02).round(2).tolist())
# A tenth of the evidence that is even is as good as none: nothing less may pull at the slope.
LEAST_EVIDENCE = 0.03
MOSTLY = 2 / 3
NOTE = "Riffs and other finds hardly overlap, so the slope is a matter of few songs."


@dataclass(frozen=True, kw_only=True)
class Finds:
    """What was found to come round in a song, each in two ways of listening at most.

    Attributes
    ----------
    beyond_others : float64 array, shape (n_finds, 2)
        How much more alike passes are than bars at other places; -inf where there is one way of listening.
    strength : float64 array, shape (n_finds, 2)
        Beats that repeat those of the pass before, as far as they count, times how alike they are.
    is_riff : bool array, shape (n_finds,)
    """

    beyond_others: Floats
    strength: Floats
    is_riff: Mask


def read(song: Song) -> Finds | None:
    """Gather what comes round in a song and what speaks for it."""
    spans = riff_spans(song.item)
    if spans is None:
        return None
    with overheard(loops, "riff_probability") as calls:
        # Whether anything was taken for a riff in the end is not asked: what was not says something, too.
        times_s = run(song, [Loops, BeatTrack])[BeatTrack].times_s
    finds: dict[int, list[tuple[float, float]]] = {}
    paths: dict[int, LoopPath] = {}
    for call in calls:
        path, similarity, beats_per_bar = call.given
        paths[id(path)] = path
        finds.setdefault(id(path), []).append(evidence_parts(path, similarity, beats_per_bar))
    rows = [
        (finds[key], truth)
        for key, path in paths.items()
        if (truth := is_riff(path, times_s, [*spans, *other_loops(song.item)], riff_present=bool(spans))) is not None
    ]
    if not rows:
        return None
    parts = np.full((len(rows), 2, 2), -np.inf)
    for row, (listened, _) in enumerate(rows):
        parts[row, : len(listened)] = listened
    return Finds(
        beyond_others=parts[:, :, 0],
        strength=np.maximum(parts[:, :, 1], 0),
        is_riff=np.array([truth for _, truth in rows], np.bool_),
    )


def evidence_parts(path: LoopPath, similarity: Float32s, beats_per_bar: int) -> tuple[float, float]:
    """Return the two parts of the evidence in `riffscope.dsp.repetition.loops.riff_probability`.

    A test holds both together: evidence is (first part - EVIDENCE_FROM) x second part.
    """
    own = float(loops.own_similarity(path, similarity)[path.inside].mean())
    others = loops.similarity_to_other_bars(path, similarity, beats_per_bar)
    return own - max(others, 0.0), loops.repeats_that_count(path, beats_per_bar) * max(own, 0.0)


def is_riff(
    path: LoopPath, times_s: Floats, spans: Sequence[tuple[float, float]], *, riff_present: bool
) -> bool | None:
    """Tell whether a find lies in what does come round; None where it lies in part of it."""
    if not riff_present:
        return False
    share = float(within(times_s[path.inside], spans).mean())
    if share >= MOSTLY:
        return True
    return False if share <= 1 - MOSTLY else None


def evidence(song: Finds, counts_from: float) -> Floats:
    """Return the evidence for each find, in the better way of listening: (n_finds,)."""
    each = np.maximum(song.beyond_others - counts_from, 0) * song.strength
    most: Floats = each.max(axis=1)
    return most


def learn(songs: Sequence[Finds]) -> Constants:
    """Fit the odds of a riff."""
    if not songs:
        raise CannotFit("nothing was found to come round")
    truth = np.concatenate([song.is_riff for song in songs])
    best, least = {}, np.inf
    for counts_from in TRIED_FROM:
        strength = np.concatenate([evidence(song, counts_from) for song in songs])
        slopes, base = logistic(np.log(np.maximum(strength, LEAST_EVIDENCE))[:, None], truth)
        if slopes[0] <= 0:
            continue
        tried = {
            "EVIDENCE_FROM": counts_from,
            "EVEN_ODDS_AT": float(np.exp(-base / slopes[0])),
            "EVIDENCE_SLOPE": float(slopes[0]),
        }
        loss = log_loss(probability(strength, tried), truth)
        if loss < least:
            best, least = tried, loss
    if not best:
        raise CannotFit("riffs have no more evidence than other finds")
    return best


def probability(strength: Floats, constants: Constants) -> Floats:
    """Return how probable finds are riffs, by their evidence (n,): as `riff_probability` has it."""
    even_at, slope = number(constants, "EVEN_ODDS_AT"), number(constants, "EVIDENCE_SLOPE")
    likely: Floats = 1 / (1 + (even_at / np.maximum(strength, 1e-6)) ** slope)
    return likely


def judge(song: Finds, constants: Constants) -> Figures:
    """Judge the probabilities of a song's finds."""
    likely = probability(evidence(song, number(constants, "EVIDENCE_FROM")), constants)
    return {
        "right": float(((likely > 0.5) == song.is_riff).mean()),
        "log loss": log_loss(likely, song.is_riff),
        "Brier": float(np.square(likely - song.is_riff).mean()),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Finds, chosen.songs, read, of="riff")
    found = sum(int(each.features.is_riff.size) for each in known)
    print(f"{found} finds, {sum(int(each.features.is_riff.sum()) for each in known)} of them riffs")
    group = Group(title="Riff odds", today=today(loops, NAMES), learn=learn, judge=judge, note=NOTE)
    report(group, known)
    return 0


if __name__ == "__main__":
    sys.exit(main())
