"""Fit how probable it is that drums play in a window of 4 s (`riffscope.dsp.rhythm.drums`).

    python -m training.drums.fit SET [SET ...]

Constants
    ``CUE_WEIGHTS``, ``BASE``: the log odds, from what begins all over the treble, how much of the energy that is,
    whether it returns, and how far the level varies. And ``COUNTS``, ``LASTS_WINDOWS``, ``PLAYS_SHARE``: how much the
    odds of each window count beside those of its neighbours.
Data
    Rendered songs, of which it is known in which sections drums play. Windows that lie across a boundary between
    sections with drums and without do not count.
Method
    Logistic regression over windows, with and without drums weighing the same; then a grid over the other three, by
    the log loss of what the windows of a song say together. Sets are held back in turn, or songs where there is one.
Prints
    ``log loss``; and the shares of windows ``with drums`` and of those ``without`` that are told rightly, by song.
"""

import itertools
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.arrays import Floats, Ints
from riffscope.dsp.rhythm import drums
from riffscope.views.mel_spectrum import MelSpectrum
from riffscope.views.onset_strength import BAND_EDGES
from training.common.command import read_command_line
from training.common.constants import Constants, today, tried
from training.common.features import run
from training.common.fitting import CannotFit, logistic
from training.common.report import Figures, Group, report
from training.common.songs import RENDERED, Song

ODDS = ("CUE_WEIGHTS", "BASE")
TOGETHER = ("COUNTS", "LASTS_WINDOWS", "PLAYS_SHARE")
GRID = {"COUNTS": (0.3, 0.4, 0.5, 0.7), "LASTS_WINDOWS": (8.0, 16.0, 30.0), "PLAYS_SHARE": (0.5, 0.6, 0.7)}
# Nothing is surer than this, where the loss of a wrong answer would have no end.
SUREST = 1e-3


@dataclass(frozen=True, kw_only=True)
class Windows:
    """The windows of a song.

    Attributes
    ----------
    cues : float64 array, shape (n, 4)
    plays : int64 array, shape (n,)
        1 where drums play throughout, 0 where they do not, -1 where both are so.
    """

    cues: Floats
    plays: Ints


def read(song: Song) -> Windows | None:
    """Read the cues of a rendered song, and what is true of each window."""
    if RENDERED not in song.item.kinds or "sections" not in (truth := song.item.whole_truth()):
        return None
    spectrum = run(song, [MelSpectrum], separator="none")[MelSpectrum]
    cues, _ = drums.drum_cues(spectrum.magnitudes, treble_from=BAND_EDGES[-2], frame_rate_hz=spectrum.frame_rate_hz)
    played_s = np.zeros((2, len(cues)))
    starts_s = drums.STEP_S * np.arange(len(cues))
    for section in truth["sections"]:
        inside_s = np.minimum(starts_s + drums.WINDOW_S, section["end"]) - np.maximum(starts_s, section["start"])
        played_s[int(section["drums"] != "none")] += inside_s.clip(0)
    without, with_drums = played_s > drums.WINDOW_S - 0.1
    return Windows(cues=cues, plays=np.where(with_drums, 1, np.where(without, 0, -1)))


def learn_odds(songs: Sequence[Windows]) -> Constants:
    """Fit the log odds of a window by itself."""
    if not songs:
        raise CannotFit("no song was read")
    cues, plays = np.concatenate([song.cues for song in songs]), np.concatenate([song.plays for song in songs])
    told = cues[plays >= 0].clip(*np.array(drums.CUE_LIMITS))
    with_drums = plays[plays >= 0] == 1
    share = float(with_drums.mean()) if with_drums.size else 0.0
    weights = np.where(with_drums, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))
    slopes, base = logistic(told, with_drums, weights=weights)
    return {"CUE_WEIGHTS": tuple(slopes.tolist()), "BASE": base}


def learn_together(songs: Sequence[Windows]) -> Constants:
    """Choose how much windows count beside their neighbours."""
    if not songs:
        raise CannotFit("no song was read")

    def loss(constants: Constants) -> float:
        return float(np.nanmean([judge(song, constants)["log loss"] for song in songs]))

    tries: list[Constants] = [dict(zip(GRID, values, strict=True)) for values in itertools.product(*GRID.values())]
    return min(tries, key=loss)


def judge(song: Windows, constants: Constants) -> Figures:
    """Judge the windows of a song under some constants."""
    with tried(drums, constants):
        probability = drums.probability_of(song.cues)
    plays, without = song.plays == 1, song.plays == 0
    right = np.where(plays, probability, 1 - probability)[plays | without].clip(SUREST, 1 - SUREST)
    return {
        "log loss": float(-np.log(right).mean()) if right.size else np.nan,
        "with drums": float((probability[plays] > 0.5).mean()) if plays.any() else np.nan,
        "without": float((probability[without] < 0.5).mean()) if without.any() else np.nan,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, fit, print."""
    chosen = read_command_line(__doc__, arguments)
    known = chosen.shelf.gather(Windows, chosen.songs, read, of="drums")
    report(Group(title="Drums, window by window", today=today(drums, ODDS), learn=learn_odds, judge=judge), known)
    report(
        Group(title="Drums, windows together", today=today(drums, TOGETHER), learn=learn_together, judge=judge), known
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
