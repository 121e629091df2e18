"""Fit how probable it is that a song pumps, and how deep its dips are thought to be (`riffscope.analyzers.density`).

    python -m training.density.fit SET [SET ...]

Constants
    ``PUMPING_WEIGHTS``, ``PUMPING_BASE``: the log-odds, from what held notes and the level do between beats. And
    ``DEPTH_WEIGHTS``, ``DEPTH_BASE``, ``DEPTH_SPREAD_DB``: the depth of the dips of a song that pumps.
Data
    Rendered songs, of which it is known whether a side chain dips all but the drums on each beat, and how deep. Today's
    were fitted with 198 backings more, each rendered with a dip and without: sets of it alone find fewer dips.
Method
    Pumping: logistic regression with a ridge. Depth: linear regression over the songs that pump, each weight with a
    prior of as much as ten songs tell. Sets are held back in turn, or songs where there is one set.
Prints
    ``log loss`` and ``Brier`` score of the probability; the share ``decided``, more than 95 % sure of either, and how
    many of those are ``right``. Of songs that pump: the mean ``error`` of the depth in dB.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers import density
from riffscope.arrays import Floats
from riffscope.dsp.resample import resample
from riffscope.dsp.rhythm.pumping import RATE_HZ, PumpingCues, pumping_cues
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mono import Mono
from training.common.command import read_command_line
from training.common.constants import Constants, number, today, tried
from training.common.features import run
from training.common.fitting import CannotFit, log_loss, logistic
from training.common.report import Figures, Group, report
from training.common.songs import RENDERED, Song

PUMPING = ("PUMPING_WEIGHTS", "PUMPING_BASE")
DEPTH = ("DEPTH_WEIGHTS", "DEPTH_BASE", "DEPTH_SPREAD_DB")
SLOPES = 4
DECIDED = 0.95
PRIOR_SONGS = 10.0


@dataclass(frozen=True, kw_only=True)
class Pumping:
    """What was read of a song, and what is true of it.

    Attributes
    ----------
    cues : float64 array, shape (7,)
        Four slopes, the level after the beat, how many partials are held, and the share that dips.
    depth_db : float64 array, shape ()
        0 where nothing pumps.
    """

    cues: Floats
    depth_db: Floats

    @property
    def as_read(self) -> PumpingCues:
        """The cues as the package knows them."""
        *slopes, ducked_db, held, dipping_share = self.cues.tolist()
        return PumpingCues(slopes=np.array(slopes), ducked_db=ducked_db, held=held, dipping_share=dipping_share)

    @property
    def seen(self) -> Floats:
        """What the weights count, (6,)."""
        return np.append(self.cues[: SLOPES + 1], np.log(max(self.cues[SLOPES + 1], density.MIN_HELD)))


def read(song: Song) -> Pumping | None:
    """Read the cues of a rendered song with a beat."""
    if RENDERED not in song.item.kinds or "mix" not in song.item.truth:
        return None
    made = run(song, [Mono, BeatTrack], separator="none")
    mono, beats_s = made[Mono], made[BeatTrack].times_s
    if len(beats_s) <= density.MIN_BEATS:
        return None
    cues = pumping_cues(resample(mono.samples, mono.sample_rate_hz, RATE_HZ), beats_s)
    truth = song.item.truth["mix"]["pumping"]
    return Pumping(
        cues=np.array([*cues.slopes, cues.ducked_db, cues.held, cues.dipping_share]),
        depth_db=np.array(float(truth["depth_db"]) if truth["present"] else 0.0),
    )


def learn_pumping(songs: Sequence[Pumping]) -> Constants:
    """Fit the log-odds that a song pumps."""
    if not songs:
        raise CannotFit("no song was read")
    slopes, base = logistic(np.array([song.seen for song in songs]), np.array([song.depth_db > 0 for song in songs]))
    return {"PUMPING_WEIGHTS": tuple(slopes.tolist()), "PUMPING_BASE": base}


def judge_pumping(song: Pumping, constants: Constants) -> Figures:
    """Judge the probability under some constants."""
    pumps = bool(song.depth_db > 0)
    with tried(density, constants):
        probability = density.pumping_probability(song.as_read)
    decided = not 1 - DECIDED < probability < DECIDED
    return {
        "log loss": log_loss(probability, pumps),
        "Brier": (probability - pumps) ** 2,
        "decided": float(decided),
        "right": float((probability > 0.5) == pumps) if decided else np.nan,
    }


def learn_depth(songs: Sequence[Pumping]) -> Constants:
    """Fit the depth of the dips of songs that pump, and how far it is off."""
    pumping = [song for song in songs if song.depth_db > 0]
    if len(pumping) <= SLOPES:
        raise CannotFit(f"{len(pumping)} songs pump")
    slopes = np.array([song.cues[:SLOPES] for song in pumping])
    depths_db = np.array([float(song.depth_db) for song in pumping])
    middle, spread = slopes.mean(axis=0), slopes.std(axis=0)
    scaled = (slopes - middle) / spread
    ridge = PRIOR_SONGS * np.eye(SLOPES)
    weights = np.linalg.solve(scaled.T @ scaled + ridge, scaled.T @ (depths_db - depths_db.mean())) / spread
    base = float(depths_db.mean() - middle @ weights)
    return {
        "DEPTH_WEIGHTS": tuple(weights.tolist()),
        "DEPTH_BASE": base,
        "DEPTH_SPREAD_DB": float((depths_db - slopes @ weights - base).std()),
    }


def judge_depth(song: Pumping, constants: Constants) -> Figures:
    """Judge the depth of a song that pumps."""
    if not song.depth_db > 0:
        return {"error": np.nan}
    thought_db = song.cues[:SLOPES] @ np.array(constants["DEPTH_WEIGHTS"]) + number(constants, "DEPTH_BASE")
    return {"error": abs(float(thought_db - song.depth_db))}


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Pumping, chosen.songs, read, of="pumping")
    report(
        Group(title="Pumping", today=today(density, PUMPING), learn=learn_pumping, judge=judge_pumping),
        known,
    )
    report(
        Group(title="Depth of the dips", today=today(density, DEPTH), learn=learn_depth, judge=judge_depth),
        known,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
