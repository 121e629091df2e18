"""When there is more than one voice (`riffscope.analyzers.vocal_layers`).

Constants
    ``HARMONY_DB``: energy between the lead's partials against that on them; ``DOUBLE_DB``: energy on them from beside
    the lead against that from its direction; ``UNSURE_DB``: how much higher and lower both could be.
Data
    Rendered songs, of whose voices it is known when each sings. In mono files no double is looked for; where the vocals
    were not separated, no harmony.
Method
    Each limit is the one that tells most frames rightly, those with such voices and those with the lead alone counting
    the same, and each song as much as another. UNSURE_DB is the least that holds, with today's limits, nine in ten of
    the true shares of layered time between the shares at both (conformal, in steps of .25 dB).
Prints
    ``found``: share of the frames with such voices in which they are heard; ``kept out``: of those with the lead alone,
    in which they are not; ``covered``: how often the range of the layered share holds the truth, aimed at .9;
    ``width``: of that range.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers import vocal_layers
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.arrays import Floats, Mask
from riffscope.model import Separator
from training.common.constants import Constants, number, overheard, today
from training.common.features import run
from training.common.fitting import CannotFit, best_threshold, conformal_margin
from training.common.report import Figures
from training.common.songs import Song, layers_at

HARMONY, DOUBLE, UNSURE = "HARMONY_DB", "DOUBLE_DB", "UNSURE_DB"
LIMITS = (HARMONY, DOUBLE)
# What is nothing at all is not farther from a limit than this.
SILENT_DB = -60.0
UNSURE_STEPS_DB = np.arange(0.0, 20.25, 0.25)


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The sung frames of a song, every 50 ms.

    Attributes
    ----------
    harmony_db, double_db : float64 arrays, shape (n,)
        What the limits are compared with.
    is_harmony, is_double : bool arrays, shape (n,)
        When other notes than the lead's are sung, and the same notes once more.
    layered_fraction : float64 array, shape ()
        The true share of the sung time with more than one voice.
    """

    harmony_db: Floats
    double_db: Floats
    is_harmony: Mask
    is_double: Mask
    layered_fraction: Floats


def read(song: Song, separator: Separator) -> Frames | None:
    """Gather the energies of a song's voices."""
    if layers_at(song.item, np.zeros(1)) is None:
        return None
    with overheard(vocal_layers, "compare_energies") as calls:
        run(song, [VocalLayers], separator=separator)[VocalLayers]
    energy = calls[0].given[0]
    harmony_db, double_db = calls[0].gave
    voices = layers_at(song.item, energy.times_s) or {}
    return Frames(
        harmony_db=np.maximum(harmony_db, SILENT_DB),
        double_db=np.maximum(double_db, SILENT_DB),
        is_harmony=voices["harmony"] | voices["oohs"],
        is_double=voices["double"],
        layered_fraction=np.array(song.item.truth["vocal"]["layered_fraction"]),
    )


def _limit(songs: Sequence[Frames], values: Callable[[Frames], Floats], truth: Callable[[Frames], Mask]) -> float:
    """Return the best limit between frames with such voices and those with the lead alone."""
    parts = []
    for song in songs:
        alone = ~(song.is_harmony | song.is_double)
        asked = (truth(song) | alone) & (values(song) > SILENT_DB)
        if asked.any():
            parts.append((values(song)[asked], truth(song)[asked], np.full(asked.sum(), 100 / asked.sum())))
    if not parts:
        raise CannotFit("no song with voices to tell")
    db, true, weights = (np.concatenate(part) for part in zip(*parts, strict=True))
    return best_threshold(db, true, weights=weights)


def learn_harmonies(songs: Sequence[Frames]) -> Constants:
    """Fit the limit of harmonies."""
    return {HARMONY: round(_limit(songs, lambda song: song.harmony_db, lambda song: song.is_harmony), 2)}


def learn_doubles(songs: Sequence[Frames]) -> Constants:
    """Fit the limit of doubles."""
    return {DOUBLE: round(_limit(songs, lambda song: song.double_db, lambda song: song.is_double), 2)}


def learn_unsure(songs: Sequence[Frames]) -> Constants:
    """Fit how far today's limits are known."""
    return {UNSURE: conformal_margin(np.array([_unsure_db(song) for song in songs]))}


def _unsure_db(song: Frames) -> float:
    """Return how far the limits must be moved for the range to hold the truth: the last step where none does."""
    truth = float(song.layered_fraction)
    for unsure_db in UNSURE_STEPS_DB.tolist():
        low, high = shares(song, unsure_db)
        if low <= truth <= high:
            return float(unsure_db)
    return float(UNSURE_STEPS_DB[-1])


def shares(song: Frames, unsure_db: float) -> tuple[float, float]:
    """Return the least and the greatest share of layered time: as the analyzer has them, with its leeway for edges."""
    limits = today(vocal_layers, LIMITS)

    def share(over_db: float) -> float:
        harmony = song.harmony_db > number(limits, HARMONY) + over_db
        return float((harmony | (song.double_db > number(limits, DOUBLE) + over_db)).mean())

    edges = vocal_layers.EDGES_SHARE
    return max(share(unsure_db) - edges, 0.0), min(share(-unsure_db) + edges, 1.0)


def judge_harmonies(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames harmonies are heard."""
    return _told(song, song.harmony_db > number(constants, HARMONY), song.is_harmony)


def judge_doubles(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames doubles are heard."""
    return _told(song, song.double_db > number(constants, DOUBLE), song.is_double)


def judge_unsure(song: Frames, constants: Constants) -> Figures:
    """Judge the range of the layered share."""
    low, high = shares(song, number(constants, UNSURE))
    return {"covered": float(low <= float(song.layered_fraction) <= high), "width": high - low}


def _told(song: Frames, called: Mask, is_such: Mask) -> Figures:
    figures = {}
    if is_such.any():
        figures["found"] = float(called[is_such].mean())
    if (alone := ~(song.is_harmony | song.is_double)).any():
        figures["kept out"] = float(1 - called[alone].mean())
    return figures
