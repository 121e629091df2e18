"""How much what is heard in a section speaks for what it does in the song (`riffscope.dsp.structure.functions`).

Constants
    ``WEIGHTS``, in the order of `Weights`. What words that come back are worth, and what follows what, is not fitted:
    rendered singers never come back to their words, and rendered songs have few forms.
Data
    Rendered songs with singing, whose sections are named; those that are named by letters are left out.
Method
    The most likely weights, given which share of each section that riffscope finds has which name in truth. Each is
    held near what was chosen before anything was fitted, by a normal prior with a deviation of its own, so that what
    is rare in rendered songs hardly moves it. ``solo`` and ``pre_chorus`` stay, for they are in no rendered song, and
    ``bridge_sung``, for rendered bridges are often left to the band.
Prints
    ``log loss`` of a section, in nats, and ``named``: the share of the time that has the right name.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from riffscope.analyzers import structure
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats
from riffscope.dsp.structure import functions
from riffscope.dsp.structure.functions import FUNCTIONS, Parts, Weights, function_probabilities
from training.common.constants import Constants, overheard, today
from training.common.features import run
from training.common.fitting import CannotFit
from training.common.report import Figures
from training.common.songs import Song, section_starts

NAMES = ("WEIGHTS",)
# Chosen before anything was fitted, and by how much each may be off.
CHOSEN = Weights(
    sung=3.0,
    intro_unsung=2.5,
    instrumental_unsung=3.0,
    outro_unsung=1.0,
    bridge_sung=1.5,
    loud=3.0,
    high=0.1,
    new=0.7,
    returns=1.0,
    early=4.0,
    alike=1.0,
    solo=1.5,
    pre_chorus=1.5,
)
STEPS = Weights(
    sung=1.0,
    intro_unsung=1.0,
    instrumental_unsung=1.0,
    outro_unsung=1.0,
    bridge_sung=0.0,
    loud=3.0,
    high=0.1,
    new=1.0,
    returns=1.0,
    early=2.0,
    alike=1.0,
    solo=0.0,
    pre_chorus=0.0,
)
# What drums alone do.
ALSO_CALLED = {"drum_intro": "intro", "drum_break": "instrumental", "drum_outro": "outro"}
ITERATIONS = 15


@dataclass(frozen=True, kw_only=True)
class Sections:
    """The sections that riffscope finds in a song.

    Attributes
    ----------
    starts_s, ends_s, level, sung, height, retold : float64 arrays, shape (n,)
        As in `Parts`.
    labels : array of str, shape (n,)
    told_again : float64 array, shape (n, n)
    certain : float64 array, shape ()
    truth : float64 array, shape (n, 8)
        Share of each section that has each function.
    """

    starts_s: Floats
    ends_s: Floats
    level: Floats
    sung: Floats
    height: Floats
    retold: Floats
    labels: npt.NDArray[np.str_]
    told_again: Floats
    certain: Floats
    truth: Floats

    @property
    def parts(self) -> Parts:
        """What the package is given."""
        return Parts(
            starts_s=self.starts_s,
            ends_s=self.ends_s,
            labels=tuple(self.labels.tolist()),
            level=self.level,
            sung=self.sung,
            height=self.height,
            retold=self.retold,
            told_again=self.told_again,
            certain=float(self.certain),
        )


def read(song: Song) -> Sections | None:
    """Gather what is heard in the sections of a song, and what they do."""
    if section_starts(song.item) is None or not all(isinstance(part, dict) for part in song.item.truth["sections"]):
        return None
    with overheard(structure, "function_probabilities") as heard:
        run(song, [Structure])[Structure]
    parts: Parts | None = heard[0].given[0] if heard else None
    if parts is None or parts.sung is None or len(parts.labels) < 2:
        return None
    truth = shares(parts.starts_s, parts.ends_s, song.item.truth["sections"])
    if not truth.any():
        return None
    return Sections(
        starts_s=parts.starts_s,
        ends_s=parts.ends_s,
        level=parts.level,
        sung=parts.sung,
        height=parts.height,
        retold=parts.retold,
        labels=np.array(parts.labels),
        told_again=parts.told_again,
        certain=np.array(parts.certain),
        truth=truth,
    )


def shares(starts_s: Floats, ends_s: Floats, known: Sequence[dict[str, Any]]) -> Floats:
    """Return the share of each section in which the song does each of the functions: (n, 8)."""
    out = np.zeros((len(starts_s), len(FUNCTIONS)))
    for part in known:
        name = ALSO_CALLED.get(part["name"], part["name"])
        if name in FUNCTIONS:
            common_s = np.minimum(ends_s, part["end"]) - np.maximum(starts_s, part["start"])
            out[:, FUNCTIONS.index(name)] += np.maximum(common_s, 0) / (ends_s - starts_s)
    return out


def learn(songs: Sequence[Sections]) -> Constants:
    """Fit the weights."""
    if not songs:
        raise CannotFit("no song")
    chosen, steps = np.array(CHOSEN), np.array(STEPS)
    free = np.flatnonzero(steps)

    def loss(off: Floats) -> float:
        weights = chosen.copy()
        weights[free] += off * steps[free]
        return sum(_surprise(song, Weights(*weights.tolist())) for song in songs) + 0.5 * float(off @ off)

    found = minimize(loss, np.zeros(free.size), method="L-BFGS-B", options={"maxiter": ITERATIONS})
    chosen[free] += found.x * steps[free]
    return {"WEIGHTS": tuple(chosen.tolist())}


def judge(song: Sections, constants: Constants) -> Figures:
    """Judge the names of the sections of a song."""
    weights = Weights(*np.array(constants["WEIGHTS"]).tolist())
    named = function_probabilities(song.parts, weights).argmax(axis=1)
    lengths_s = song.ends_s - song.starts_s
    right = song.truth[np.arange(len(named)), named]
    return {
        "log loss": _surprise(song, weights) / float(song.truth.sum()),
        "named": float(lengths_s @ right / (lengths_s @ song.truth.sum(axis=1))),
    }


def _surprise(song: Sections, weights: Weights) -> float:
    likely = function_probabilities(song.parts, weights)
    return -float((song.truth * np.log(likely + 1e-6)).sum())


def of_today() -> Constants:
    """Return today's weights."""
    return today(functions, NAMES)
