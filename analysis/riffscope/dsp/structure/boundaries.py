"""Segment a song into sections: boundary evidence at each downbeat, and the best segmentation of all.

Conventions
-----------
Features are per bar, shape (n_bars, ...). Boundaries lie at the inner downbeats: index k - 1 of an array of shape
(n_bars - 1,) is the start of bar k. Log-odds are natural logarithms.

References
----------
Cues are after [1]_ and [2]_, the segmentation by dynamic programming after [3]_; drum fills and all weights are our
own.

.. [1] Foote, "Automatic audio segmentation using a measure of audio novelty", ICME 2000.
.. [2] Serrà, Müller, Grosche & Arcos, "Unsupervised detection of music boundaries by time series structure features",
   AAAI 2012.
.. [3] Sargent, Bimbot & Vincent, "A regularity-constrained Viterbi algorithm and its application to the structural
   segmentation of songs", ISMIR 2011.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from riffscope.arrays import Float32s, Floats, Ints

# Bars that differ by less than a twentieth of their energy are the same: a loop that repeats almost exactly is one
# loop. Chosen, not fitted.
SHARED = 0.05
# A feature that hardly changes is not scaled up beyond this share of the mean change. Chosen, not fitted.
MIN_CHANGE = 0.3
# Bars on either side with which a drum fill is compared. Chosen, not fitted.
FILL_REACH = 4
# Bars on either side of a downbeat over which timbre is compared. Chosen, not fitted.
TIMBRE_REACH = 2
# Downbeats on either side that a cue has to stand out from. Chosen, not fitted.
CONTRAST_REACH = 3
# The bands of onsets in which fills are found: all but the last, since cymbals ring into fills and out of them.
DRUMS = slice(0, 4)
# Log-odds of a boundary for each cue, in the order of `boundary_cues`: a logistic regression on the downbeats of 55
# rendered songs, rounded. With any one 40 % lower or 50 % higher, F on 85 other songs falls by .03 at most.
CUE_WEIGHTS = np.array([6.0, 2.5, 6.0, 10.0, -2.9, 3.3])
# Log-odds without any cue; from the same regression.
BASE_ODDS = -2.65
# The typical section lasts 11 s in a song of one minute, and twice that in one of four: it grows with the square root.
TYPICAL_S = 11.0
# Standard deviation of the log of a song's own typical length; chosen, not fitted.
TYPICAL_SPREAD = 0.18
# Standard deviation of the log of a section's length around that; chosen, not fitted.
SECTION_SPREAD = 0.4
# The lengths that are tried as a song's own, relative to the typical one: a half to 2.8 times.
LENGTH_FACTORS = 2.0 ** np.arange(-1, 1.51, 0.25)
# The penalty of short intros and endings is multiplied by this, for they may be short. Chosen, not fitted.
SHORT_ENDS = 0.3
# Gain of a section with a multiple of four bars: half of the known sections have one.
FOURS = 0.5
# Of a section with any other even number of bars: a third of them.
TWOS = 0.2
# Of a section with an odd number of bars: the rest.
ODD = -0.5
# Gain of every section: it balances missed boundaries against false ones. Chosen, not fitted.
SECTION_REWARD = 0.35
# A song marks all its sections with similar clarity: where its clearest boundaries are very clear, faint ones are none.
# This is the mean log-odds of the clearest boundaries (`_clarity`) in most songs.
ORDINARY_CLARITY = 3.5
# Below this, clarity tells nothing about a song.
MIN_CLARITY = 2.0
# How much a clearer song lowers the log-odds of all its boundaries. Chosen, not fitted.
CLARITY_WEIGHT = 0.35
# One bar is a fill or an upbeat, not a section. Chosen, not fitted.
MIN_SECTION_BARS = 2
# Bounds the search; no section is as long (17 minutes at 120 BPM).
MAX_SECTION_BARS = 512


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Bar-synchronous features, each of shape (n_bars, tatums per bar, k).

    Attributes
    ----------
    notes : float32 array
        Presence of each semitone, 0..1, from `riffscope.dsp.harmonic.presence`.
    bands : float32 array
        Log magnitude of bands, low to high.
    onsets : float32 array
        Onset strength in five bands, low to high.
    """

    notes: Float32s
    bands: Float32s
    onsets: Float32s

    def __len__(self) -> int:
        return len(self.notes)


def similarity(features: Float32s) -> Float32s:
    """Return the self-similarity of bars, at most 1: features (n, ...) less their mean over the song -> (n, n).

    Much like cosine similarity, except that bars which hardly differ from the song's mean count as similar.
    """
    flat = features.reshape(len(features), -1)
    shared = SHARED * float((flat * flat).sum(axis=1).mean()) + 1e-9
    own = flat - flat.mean(axis=0)
    size = (own * own).sum(axis=1)
    similarities: Float32s = (2 * (own @ own.T) + shared) / (size[:, None] + size + shared)
    return similarities


def normalized_by_change(features: Float32s) -> Float32s:
    """Scale features (n, k) to mean 0 and equal change from one bar to the next; same shape."""
    change = np.sqrt((np.diff(features, axis=0) ** 2).mean(axis=0) / 2)
    scaled = (features - features.mean(axis=0)) / (change + MIN_CHANGE * change.mean() + 1e-6)
    out: Float32s = scaled.astype(np.float32)
    return out


# ------------------------------------------------------------------------------------------------------- the evidence
def boundary_odds(bars: Bars) -> Floats:
    """Return the log-odds of a boundary at each inner downbeat: (n_bars - 1,)."""
    odds: Floats = boundary_cues(bars) @ CUE_WEIGHTS + BASE_ODDS
    return odds


def boundary_cues(bars: Bars) -> Floats:
    """Return the boundary cues at each inner downbeat, relative to the downbeats around it: (n_bars - 1, 6).

    In this order: the drums in the last quarter of the bar before differ from those of the bars around, and are busier
    (a fill); the timbre, then the harmony, of the two bars relates differently to the rest of the song [2]_; the
    harmony of the two bars is similar (speaks against a boundary); timbre is more similar within either side than
    across [1]_.
    """
    last_quarter = bars.onsets.shape[1] // 4
    drums = bars.onsets[:, -last_quarter:].reshape(len(bars), -1)
    amount = bars.onsets[:, -last_quarter:, DRUMS].mean(axis=(1, 2))
    harmony = similarity(bars.notes)
    cues = (
        np.sqrt(((drums[:-1] - np.median(_neighbours(drums), axis=1)) ** 2).mean(axis=1)),
        amount[:-1] - _neighbours(amount).mean(axis=1),
        relation_change(similarity(bars.bands)),
        relation_change(harmony),
        np.diag(harmony, 1),
        checkerboard(similarity(normalized_by_change(bars.bands.mean(axis=1))), reach=TIMBRE_REACH),
    )
    return np.stack([_contrast(cue) for cue in cues], axis=1)


def _neighbours(features: Float32s) -> Float32s:
    """Return the four bars on either side of each bar but the last, mirrored at the ends: (n - 1, 8, k)."""
    last = len(features) - 1
    offsets = np.array([k for k in range(-FILL_REACH, FILL_REACH + 1) if k != 0])
    near = np.abs(np.arange(last)[:, None] + offsets)
    beside: Float32s = features[np.clip(last - np.abs(last - near), 0, last)]
    return beside


def relation_change(similarities: Float32s) -> Float32s:
    """Return how much the similarity at equal lags changes at each inner downbeat [2]_: (n, n) -> (n - 1,)."""
    change: Float32s = np.sqrt(((similarities[:-1, :-1] - similarities[1:, 1:]) ** 2).mean(axis=1))
    return change


def checkerboard(similarities: Float32s, *, reach: int) -> Floats:
    """Return Foote's novelty [1]_: mean similarity within `reach` bars on either side, less that across: (n - 1,)."""
    count = len(similarities)
    sums = np.zeros((count + 1, count + 1))
    sums[1:, 1:] = similarities.cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
    here = np.arange(1, count)
    low, high = np.maximum(here - reach, 0), np.minimum(here + reach, count)

    def mean(top: Ints, bottom: Ints, left: Ints, right: Ints) -> Floats:
        total = sums[bottom, right] - sums[top, right] - sums[bottom, left] + sums[top, left]
        average: Floats = total / ((bottom - top) * (right - left))
        return average

    within = (mean(low, here, low, here) + mean(here, high, here, high)) / 2
    return within - mean(low, here, here, high)


def _contrast(cue: npt.ArrayLike) -> Floats:
    plain = np.asarray(cue, np.float64)
    contrast: Floats = plain - uniform_filter1d(plain, 2 * CONTRAST_REACH + 1, mode="mirror")
    return contrast


# --------------------------------------------------------------------------------------------------- the segmentation
def segment(odds: Floats, bar_edges_s: Floats) -> Ints:
    """Choose the downbeats at which sections begin: boundary evidence weighed against section lengths [3]_.

    Parameters
    ----------
    odds : float64 array, shape (n_bars - 1,)
        Log-odds of a boundary at each inner downbeat.
    bar_edges_s : float64 array, shape (n_bars + 1,)
        Increasing: the start of the music, the inner downbeats, the end of the music.

    Returns
    -------
    int64 array, shape (n_sections - 1,)
        Indexes into `bar_edges_s`.
    """
    count = len(bar_edges_s) - 1
    prior = float(np.log(TYPICAL_S) + 0.5 * np.log((bar_edges_s[-1] - bar_edges_s[0]) / 60))
    typical = prior + np.log(LENGTH_FACTORS)
    clearer = _clarity(odds, bar_edges_s, prior) - ORDINARY_CLARITY
    gains = np.concatenate([[0.0], odds - CLARITY_WEIGHT * clearer, [0.0]])
    # The search runs for all typical lengths at once, one column each.
    total = np.full((count + 1, len(typical)), -np.inf)
    total[0] = 0
    came_from = np.zeros((count + 1, len(typical)), np.int64)
    columns = np.arange(len(typical))
    for end in range(1, count + 1):
        begins = np.arange(max(0, end - MAX_SECTION_BARS), end)
        scores = total[begins] + _length_score(begins, end, bar_edges_s, typical)
        best = scores.argmax(axis=0)
        came_from[end] = begins[best]
        total[end] = scores[best, columns] + gains[end]
    chosen = int((total[-1] - 0.5 * ((typical - prior) / TYPICAL_SPREAD) ** 2).argmax())
    starts: list[int] = []
    end = count
    while end > 0:
        end = int(came_from[end, chosen])
        starts.append(end)
    return np.array(starts[-2::-1], np.int64)


def _clarity(odds: Floats, bar_edges_s: Floats, typical: float) -> float:
    """Return the mean log-odds of the clearest boundaries: half as many as a song of typical sections has."""
    expected = max(2, round((bar_edges_s[-1] - bar_edges_s[0]) / np.exp(typical)) - 1)
    return max(float(np.sort(odds)[-((expected + 1) // 2) :].mean()), MIN_CLARITY)


def _length_score(begins: Ints, end: int, bar_edges_s: Floats, typical: Floats) -> Floats:
    """Score the lengths of sections from each of some bars up to another: (n_begins, n_typical)."""
    last = len(bar_edges_s) - 1
    at_edge = (begins == 0) | (end == last)
    off = (np.log(bar_edges_s[end] - bar_edges_s[begins])[:, None] - typical) / SECTION_SPREAD
    score = -0.5 * off**2 * np.where(at_edge[:, None] & (off < 0), SHORT_ENDS, 1.0)
    bars = end - begins
    shape = np.select([at_edge, bars % 4 == 0, bars % 2 == 0], [0.0, FOURS, TWOS], ODD)
    shape[(bars < MIN_SECTION_BARS) & (bars < last)] = -np.inf
    scores: Floats = score + (shape + SECTION_REWARD)[:, None]
    return scores
