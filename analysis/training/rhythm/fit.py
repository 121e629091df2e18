"""Fit the weights of metrical levels, how sure beats are, and how much the downbeat curve is believed.

    python -m training.rhythm.fit SET [SET ...]

Constants
    Of `riffscope.dsp.rhythm.levels`: ``BEATS_WEIGHT``, ``BARS_WEIGHT``, ``AUTOCORRELATION_WEIGHT``,
    ``OCTAVE_WEIGHT``, ``TEMPO_WEIGHT``, ``DOWNBEATS_WEIGHT``, and
    ``RIGHT_BASE``, ``RIGHT_LEVEL_WEIGHT``, ``RIGHT_BEATS_WEIGHT``. Of `riffscope.dsp.rhythm.bars`: ``DOWNBEAT_SLOPE``,
    ``DOWNBEAT_BASE``, ``RIGHT_BASE``, ``RIGHT_MARK_WEIGHT``. The curves come from the network, which `training.beats`
    trains.
Data
    Songs annotated with a tempo, with beats, with downbeats.
Method
    Levels: conditional logit, with a ridge, over the metrical levels of a song, of which the one within 4 % of the
    annotated
    tempo is right; songs without such a one are left out. Sureness: logistic regression on whether the beats of the
    likeliest level are right (F above .8). Downbeats: logistic regression over the beats, right ones only, each song
    counting the same. Sureness of bars: logistic regression on whether they are right (F above .8), where the beats
    are. Sets are held back in turn, or songs where there is one set.
Prints
    ``right``: the likeliest level is the annotated one; ``log loss`` in nats; for sureness, the ``log loss`` of the
    confidence and its mean beside the share of songs whose beats are right; for downbeats, the ``log loss`` of single
    beats and the ``F`` of the bars that are found with these constants, where the beats are right; for the sureness of
    bars, as for that of beats.

References
----------
Davies, Degara & Plumbley, "Evaluation methods for musical audio beat tracking algorithms", 2009 (within 70 ms).
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import mir_eval
import numpy as np

from benchmarks.tasks.beats import counted
from riffscope.arrays import Floats, Ints, Mask
from riffscope.dsp.rhythm import bars, levels
from riffscope.views import beat_track
from riffscope.views.beat_track import BeatTrack
from training.common.command import read_command_line
from training.common.constants import Call, Constants, number, overheard, today, tried
from training.common.features import run
from training.common.fitting import Choice, conditional_logit, log_loss, logistic
from training.common.report import Figures, Group, report
from training.common.songs import Song, nearest_distance, tempo_of

LEVELS = ("BEATS_WEIGHT", "BARS_WEIGHT", "AUTOCORRELATION_WEIGHT", "OCTAVE_WEIGHT", "TEMPO_WEIGHT", "DOWNBEATS_WEIGHT")
SURE = ("RIGHT_BASE", "RIGHT_LEVEL_WEIGHT", "RIGHT_BEATS_WEIGHT")
DOWNBEATS = ("DOWNBEAT_SLOPE", "DOWNBEAT_BASE")
SURE_OF_BARS = ("RIGHT_BASE", "RIGHT_MARK_WEIGHT")
SAME_TEMPO, RIGHT_F, NEAR_S = 0.04, 0.8, 0.07
NO_TEMPO = 0.0


@dataclass(frozen=True, kw_only=True)
class Levels:
    """The metrical levels of a song.

    Attributes
    ----------
    evidence : float64 array, shape (n_levels, 6)
        In the order of `LEVELS`.
    bpm : float64 array, shape (n_levels,)
    true_bpm : float64 array, shape ()
        0 where it is not annotated.
    beat_f : float64 array, shape ()
        F-measure of the beats found today; NaN where they are not annotated.
    """

    evidence: Floats
    bpm: Floats
    true_bpm: Floats
    beat_f: Floats

    @property
    def right(self) -> int | None:
        """Which level has the annotated tempo, if one has."""
        off = np.abs(self.bpm / self.true_bpm - 1) if self.true_bpm > NO_TEMPO else np.array([np.inf])
        return int(off.argmin()) if off.min() < SAME_TEMPO else None


@dataclass(frozen=True, kw_only=True)
class Downbeats:
    """What is heard on the beats of a song.

    Attributes
    ----------
    times_s : float64 array, shape (n,)
    log_odds : float64 array, shape (n,)
        Of the downbeat curve.
    onsets : float64 array, shape (n_bands, n)
    thirds : float64 array, shape ()
        As `riffscope.dsp.rhythm.bars.find_bars` takes them.
    is_beat, is_downbeat : bool arrays, shape (n,)
        Which of the beats are right, and which begin a bar.
    true_s : float64 array, shape (m,)
        The downbeats.
    """

    times_s: Floats
    log_odds: Floats
    onsets: Floats
    thirds: Floats
    is_beat: Mask
    is_downbeat: Mask
    true_s: Floats


def read_levels(song: Song) -> Levels | None:
    """Gather what speaks for each way to count a song."""
    item = song.item
    if item.kinds.isdisjoint({"tempo", "beats"}):
        return None
    with overheard(beat_track, "level_weights") as calls:
        track = run(song, [BeatTrack])[BeatTrack]
    each = calls[-1].given[0]  # first all levels, then those that differ, the likeliest first
    evidence = [
        (
            one.beat_log_odds,
            one.bar_log_probability,
            one.autocorrelation,
            float(np.log2(one.bpm)),
            one.tempo_log_probability,
            one.downbeats_on_beats,
        )
        for one in each
    ]
    f = np.nan
    if "beats" in item.kinds:
        f = mir_eval.beat.f_measure(counted(item.beats()[0], item), counted(track.times_s, item))
    return Levels(
        evidence=np.array(evidence),
        bpm=np.array([one.bpm for one in each]),
        true_bpm=np.array(tempo_of(item) or NO_TEMPO),
        beat_f=np.array(f),
    )


def read_downbeats(song: Song) -> Downbeats | None:
    """Gather what is heard on the beats of a song that is annotated with downbeats."""
    item = song.item
    if not {"beats", "downbeats"} <= item.kinds:
        return None
    with overheard(beat_track, "find_bars") as calls:
        track = run(song, [BeatTrack])[BeatTrack]
    log_odds, onsets, thirds = _of_the_track(track, calls).given[:3]
    beats_s, downbeats_s = item.beats()
    return Downbeats(
        times_s=track.times_s,
        log_odds=np.asarray(log_odds, np.float64),
        onsets=np.asarray(onsets, np.float64),
        thirds=np.array(thirds),
        is_beat=nearest_distance(track.times_s, beats_s) < NEAR_S,
        is_downbeat=nearest_distance(track.times_s, downbeats_s) < NEAR_S,
        true_s=downbeats_s,
    )


def _of_the_track(track: BeatTrack, calls: list[Call]) -> Call:
    """Return the call that found the bars of the level that was chosen."""
    return next(
        call
        for call in calls
        if len(call.given[0]) == len(track.times_s) and np.array_equal(call.gave.downbeats, track.downbeat_index)
    )


def weigh(song: Levels, constants: Constants) -> Floats:
    """Return the log odds of each level under some constants: (n_levels,)."""
    odds: Floats = song.evidence @ np.array([number(constants, name) for name in LEVELS])
    return odds


def learn_levels(songs: Sequence[Levels]) -> Constants:
    """Fit the weights of the evidence for a level."""
    choices = [
        Choice(options=song.evidence, chosen=right)
        for song in songs
        if (right := song.right) is not None and len(song.bpm) > 1
    ]
    return dict(zip(LEVELS, conditional_logit(choices).tolist(), strict=True))


def judge_levels(song: Levels, constants: Constants) -> Figures:
    """Judge which level is the likeliest; songs whose tempo no level has are judged wrong, without a log loss."""
    if song.right is None:
        return {"right": 0.0 if song.true_bpm > NO_TEMPO else float("nan")}
    odds = weigh(song, constants)
    probability = np.exp(odds - odds.max())
    probability /= probability.sum()
    return {
        "right": float(probability.argmax() == song.right),
        "log loss": log_loss(float(probability[song.right]), True),
    }


def _sure_evidence(song: Levels) -> Floats:
    """Log odds of the likeliest level, as today's weights have it, and how clearly its beats are heard: (2,)."""
    odds = weigh(song, today(levels, LEVELS))
    best = int(odds.argmax())
    share = float(np.clip(np.exp(odds[best] - np.logaddexp.reduce(odds)), 0.01, 0.99))
    return np.array([np.log(share / (1 - share)), song.evidence[best, 0]])


def learn_sureness(songs: Sequence[Levels]) -> Constants:
    """Fit how likely the beats are right."""
    known = [song for song in songs if np.isfinite(song.beat_f)]
    evidence = np.array([_sure_evidence(song) for song in known]).reshape(-1, 2)
    slopes, base = logistic(evidence, np.array([song.beat_f > RIGHT_F for song in known], np.bool_))
    return {"RIGHT_BASE": base, "RIGHT_LEVEL_WEIGHT": float(slopes[0]), "RIGHT_BEATS_WEIGHT": float(slopes[1])}


def judge_sureness(song: Levels, constants: Constants) -> Figures:
    """Judge the confidence given to the beats of a song."""
    if not np.isfinite(song.beat_f):
        return {}
    level, heard = _sure_evidence(song)
    with tried(levels, constants):
        sure = levels.beats_right(float(1 / (1 + np.exp(-level))), float(heard))
    right = bool(song.beat_f > RIGHT_F)
    return {"beats right": float(right), "confidence": sure, "log loss": log_loss(sure, right)}


def learn_downbeats(songs: Sequence[Downbeats]) -> Constants:
    """Fit how likely a beat begins a bar where the curve says so."""
    heard = [song for song in songs if song.is_beat.any()]
    odds = np.concatenate([song.log_odds[song.is_beat] for song in heard] or [np.zeros(0)])
    truth = np.concatenate([song.is_downbeat[song.is_beat] for song in heard] or [np.zeros(0, np.bool_)])
    weights = np.concatenate([np.full(n, 100 / n) for n in (song.is_beat.sum() for song in heard)] or [np.zeros(0)])
    slopes, base = logistic(odds[:, None], truth, weights=weights)
    return {"DOWNBEAT_SLOPE": float(slopes[0]), "DOWNBEAT_BASE": base}


def judge_downbeats(song: Downbeats, constants: Constants) -> Figures:
    """Judge single beats, and the bars that are found."""
    if not song.is_beat.any():
        return {}
    odds = number(constants, "DOWNBEAT_SLOPE") * song.log_odds + number(constants, "DOWNBEAT_BASE")
    probability = 1 / (1 + np.exp(-odds[song.is_beat]))
    with tried(bars, constants):
        lines: Ints = bars.find_bars(song.log_odds, song.onsets, thirds=float(song.thirds)).downbeats
    figures = {"log loss": log_loss(probability, song.is_downbeat[song.is_beat])}
    if song.is_beat.mean() > RIGHT_F:
        figures["F"] = float(mir_eval.beat.f_measure(song.true_s, song.times_s[lines]))
    return figures


def _bars_right(song: Downbeats) -> tuple[float, bool] | None:
    """How clearly the bars of a song are marked, and whether they are right; None where the beats are not."""
    if song.is_beat.mean() <= RIGHT_F:
        return None
    found = bars.find_bars(song.log_odds, song.onsets, thirds=float(song.thirds))
    f = mir_eval.beat.f_measure(song.true_s, song.times_s[found.downbeats])
    return bars.mark_of(song.log_odds, found), bool(f > RIGHT_F)


def learn_sureness_of_bars(songs: Sequence[Downbeats]) -> Constants:
    """Fit how likely the bars are right."""
    known = [each for song in songs if (each := _bars_right(song)) is not None]
    marks, right = (np.array([each[k] for each in known]) for k in (0, 1))
    slopes, base = logistic(marks.reshape(-1, 1), right.astype(np.bool_))
    return {"RIGHT_BASE": base, "RIGHT_MARK_WEIGHT": float(slopes[0])}


def judge_sureness_of_bars(song: Downbeats, constants: Constants) -> Figures:
    """Judge the confidence given to the bars of a song."""
    known = _bars_right(song)
    if known is None:
        return {}
    mark, right = known
    odds = number(constants, "RIGHT_BASE") + number(constants, "RIGHT_MARK_WEIGHT") * mark
    sure = float(1 / (1 + np.exp(-odds)))
    return {"bars right": float(right), "confidence": sure, "log loss": log_loss(sure, right)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    of_levels = chosen.shelf.gather(Levels, chosen.songs, read_levels, of="levels")
    of_bars = chosen.shelf.gather(Downbeats, chosen.songs, read_downbeats, of="downbeats")
    report(
        Group(title="Metrical levels", today=today(levels, LEVELS), learn=learn_levels, judge=judge_levels), of_levels
    )
    report(
        Group(title="How sure beats are", today=today(levels, SURE), learn=learn_sureness, judge=judge_sureness),
        of_levels,
    )
    report(
        Group(title="Downbeats", today=today(bars, DOWNBEATS), learn=learn_downbeats, judge=judge_downbeats), of_bars
    )
    report(
        Group(
            title="How sure bars are",
            today=today(bars, SURE_OF_BARS),
            learn=learn_sureness_of_bars,
            judge=judge_sureness_of_bars,
        ),
        of_bars,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
