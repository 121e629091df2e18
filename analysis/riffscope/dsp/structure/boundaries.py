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
# Bars on either side of a downbeat over which repeats of the harmony are compared. Chosen, not fitted.
HARMONY_REACH = 2
# The same for timbre: for what changes at once, and for what changes for long. Chosen, not fitted.
TIMBRE_REACH, LASTING_REACH = 2, 8
# The same for what bass and cymbals play: patterns take longer to tell. Chosen, not fitted.
RHYTHM_REACH = 4
# Downbeats on either side that a cue has to stand out from. Chosen, not fitted.
CONTRAST_REACH = 3
# A tatum is a quarter of a beat, so this is the last beat of a bar: few fills are shorter.
FILL_TATUMS = 4
# The bands from 6.4 kHz up: hi-hat and ride, which a drummer leaves to play a fill.
CYMBALS = slice(14, 16)
# The lowest band, up to 270 Hz: kick and toms, which a fill is played on.
LOWEST = 0
# The bands of bass, kick and cymbals.
RHYTHM = (0, 1, 2, 12, 13, 14, 15)
# Log-odds of a boundary for each cue, in the order of `boundary_cues`: a logistic regression on the downbeats of 176
# rendered songs, rounded. Each song counts once as it is and once without the three cues of a fill, so that what else
# changes weighs as much as it should where drummers play none.
CUE_WEIGHTS = np.array([5.0, 2.5, 2.5, 20.0, 1.5, 1.0, 2.0, 2.0])
# Log-odds without any cue: by the same regression -2.55; a little lower, since few songs have as many sections as the
# rendered ones.
BASE_ODDS = -2.75
# Where a voice enters or falls silent for bars on end. By hand: in rendered songs a fill says it already. From 1 to 3,
# F on them is the same.
ENTRANCE_WEIGHT = 2.0
# Where words begin or cease to come back. By hand: rendered singers never come back to their words, so a fit cannot
# tell. Nothing else marks the ends of a chorus as sharply. The same choruses are found with 8 to 12.
RETELLING_WEIGHT = 8.0
# A stretch without a beat begins and ends here, whatever else does.
FREE_ODDS = 12.0
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
class Singing:
    """What the singing does at the start of each bar, each of shape (n_bars,), 0..1.

    Attributes
    ----------
    rests : float64 array
        How little is sung just before.
    entrances : float64 array
        How much more, or less, is sung in the bars after than in those before.
    retelling : float64 array
        How much more, or less, of what is sung comes back elsewhere word for word, after than before.
    """

    rests: Floats
    entrances: Floats
    retelling: Floats


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Bar-synchronous features, each of shape (n_bars, tatums per bar, k).

    Attributes
    ----------
    notes : float32 array
        Presence of each semitone, 0..1, from `riffscope.dsp.harmonic.presence`.
    bands : float32 array
        Log magnitude of 16 bands, low to high.
    onsets : float32 array
        Onset strength in five bands, low to high.
    singing : Singing or None
        None where nobody sings.
    """

    notes: Float32s
    bands: Float32s
    onsets: Float32s
    singing: Singing | None = None

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
    odds: Floats = boundary_cues(bars) @ CUE_WEIGHTS + singing_odds(bars) + BASE_ODDS
    return odds


def boundary_cues(bars: Bars) -> Floats:
    """Return the boundary cues at each inner downbeat, relative to the downbeats around it: (n_bars - 1, 8).

    In this order, of the last beat before it: the drums differ from those of the bars around, the cymbals stop, and
    kick and toms are louder (a fill). Then: what follows repeats other parts of the song than what precedes [2]_;
    timbre is more similar within either side than across, for two bars and for eight [1]_, and so is what bass and
    cymbals play; the singer rests.
    """
    drums = bars.onsets[:, -FILL_TATUMS:].reshape(len(bars), -1)
    fill = bars.bands[:, -FILL_TATUMS:]
    timbre = similarity(normalized_by_change(bars.bands.mean(axis=1)))
    cues = (
        np.sqrt((_unlike_neighbours(drums) ** 2).mean(axis=1)),
        -_unlike_neighbours(fill[:, 0, CYMBALS].mean(axis=1)),
        _unlike_neighbours(fill[:, 1:, LOWEST].mean(axis=1)),
        relation_change(similarity(bars.notes), reach=HARMONY_REACH),
        checkerboard(timbre, reach=TIMBRE_REACH),
        checkerboard(timbre, reach=LASTING_REACH),
        checkerboard(similarity(bars.bands[:, :, RHYTHM]), reach=RHYTHM_REACH),
        np.zeros(len(bars) - 1) if bars.singing is None else bars.singing.rests[1:],
    )
    return np.stack([_contrast(cue) for cue in cues], axis=1)


def singing_odds(bars: Bars) -> Floats:
    """Return what entrances and words that come back add to the log-odds at each inner downbeat: (n_bars - 1,)."""
    if bars.singing is None:
        return np.zeros(len(bars) - 1)
    odds: Floats = ENTRANCE_WEIGHT * bars.singing.entrances[1:] + RETELLING_WEIGHT * _contrast(
        bars.singing.retelling[1:]
    )
    return odds


def _unlike_neighbours(features: Float32s) -> Float32s:
    """Return features of each bar but the last (n, ...) less the median of four bars on either side, mirrored."""
    last = len(features) - 1
    offsets = np.array([k for k in range(-FILL_REACH, FILL_REACH + 1) if k != 0])
    near = np.abs(np.arange(last)[:, None] + offsets)
    beside = features[np.clip(last - np.abs(last - near), 0, last)]
    unlike: Float32s = features[:-1] - np.median(beside, axis=1)
    return unlike


def relation_change(similarities: Float32s, *, reach: int) -> Floats:
    """Return how much the similarity at equal lags changes at each inner downbeat [2]_: (n, n) -> (n - 1,).

    It is averaged over `reach` bars on either side, or as many as there are.
    """
    count = len(similarities)
    padded = np.zeros((2, count + 2 * reach, count + 2 * reach))
    padded[0, reach : reach + count, reach : reach + count] = similarities
    padded[1, reach : reach + count, reach : reach + count] = 1

    def mean(offsets: range) -> Floats:
        first, size = reach + 1, count - 1
        shifted = [padded[:, first + k : first + k + size, first + k : first + k + size] for k in offsets]
        total, number = np.sum(shifted, axis=0)
        average: Floats = total / number
        return average

    change: Floats = np.sqrt(((mean(range(reach)) - mean(range(-reach, 0))) ** 2).mean(axis=1))
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
