"""Layer odds: from what tells other voices than the lead, frame by frame and of a whole song, to how likely they are.

Frames are told by small logistic regressions; a model of two states gathers their evidence over seconds. How far all of
it would have to be shifted until a share of the song reaches a limit, and signs of the song as a whole, give the odds
that it does; and the share and its range are what comes of shifts that agree with these odds.

Conventions: frames are 50 ms apart, (n,); log odds are natural.

Source: own, fitted by ``analysis/training/voice/layers.py``.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import expit, ndtri

from riffscope.arrays import Floats, Ints
from riffscope.dsp.two_states import second_state

# Energies are measured this often.
HOP_S = 0.05


class HarmonyOdds(NamedTuple):
    """Log odds of other notes than the lead's. One clear pitch makes them unlikely.

    Attributes
    ----------
    intercept, others_db, confidence : float
        A number, so much for each dB of `Cues.others_db`, and so much for a confidence of 1.
    """

    intercept: float
    others_db: float
    confidence: float


class DoubleOdds(NamedTuple):
    """Log odds of a second take of the lead.

    Attributes
    ----------
    intercept, beside_db, at_once_db : float
        A number, and so much for each dB of the cues.
    """

    intercept: float
    beside_db: float
    at_once_db: float


class GapOdds(NamedTuple):
    """Log odds of voices without the lead.

    Attributes
    ----------
    intercept, others_db, level_db, beside_db : float
        A number, and so much for each unit of the cues.
    """

    intercept: float
    others_db: float
    level_db: float
    beside_db: float


class HarmonizedOdds(NamedTuple):
    """Log odds of a song with other notes in more than `LAYERED_LIMIT` of the sung time.

    Attributes
    ----------
    intercept, needed : float
        A number, and so much for each unit by which the frames' log odds have to be shifted until they say so.
    contrast_db, parallel_db : float
        So much for each dB of the song's signs.
    """

    intercept: float
    needed: float
    contrast_db: float
    parallel_db: float


class DoubledOdds(NamedTuple):
    """Log odds of a song with a second take of the lead.

    Attributes
    ----------
    intercept, at_once_db, steady_beside_db, beating_db : float
        A number, and so much for each dB of the song's signs.
    """

    intercept: float
    at_once_db: float
    steady_beside_db: float
    beating_db: float


class FilledOdds(NamedTuple):
    """Log odds of a song whose voices fill `FILLED_LIMIT` of the lead's gaps.

    Attributes
    ----------
    intercept, needed, clear_when_loud, parallel_db, resting_db : float
        A number, so much for each unit by which the frames' log odds have to be shifted until they say so, and so much
        for each unit of the song's signs.
    """

    intercept: float
    needed: float
    clear_when_loud: float
    parallel_db: float
    resting_db: float


# These and those of songs below are fitted on 194 rendered songs of five sets, a third of them mono.
HARMONY = HarmonyOdds(intercept=16.293, others_db=0.219, confidence=-15.794)
DOUBLE = DoubleOdds(intercept=10.852, beside_db=0.372, at_once_db=0.377)
# In the mix the accompaniment hides what begins and ends with the lead. A fifth of the energy on the lead's partials
# from beside its direction is as likely a second take as not; the slope is that of separated vocals without the second
# cue.
DOUBLE_IN_MIX = DoubleOdds(intercept=3.15, beside_db=0.45, at_once_db=0.0)
GAP = GapOdds(intercept=3.9, others_db=0.25, level_db=-0.433, beside_db=0.22)
# A mono file has nothing beside.
GAP_IN_MONO = GapOdds(intercept=0.759, others_db=0.228, level_db=-0.325, beside_db=0.0)
# One frame says no more than this, however far its cues lie from those of known songs. Chosen by hand, not fitted.
MOST_LAYERED, MOST_GAP = 3.0, 4.0
# What frames without evidence count for: that there is no other voice. Chosen by hand, not fitted.
UNHEARD_LAYERED, UNHEARD_GAP = -1.0, -2.0
# Neighbouring frames share most of their sound, so that each counts for a fifth of one. Chosen by hand; with twice or
# half as much, as many songs are told rightly.
EACH_FRAME = 0.2
# How long layers, and voices in the gaps, last, and what share of the time they take: of the model of two states.
# Chosen by hand: half and twice as long tells as many songs rightly.
LAYERS_LAST_S, LAYERED_SHARE = 6.0, 0.3
GAPS_LAST_S, GAPS_SHARE = 3.0, 0.2
# Songs are told apart by whether so much of the sung time is layered, and so much of the lead's gaps filled: the limits
# of the built-in claims, between songs that have either and songs that do not.
LAYERED_LIMIT, FILLED_LIMIT = 0.25, 0.3
# By how much the evidence is tried to be shifted, of log odds: at the ends every song is layered, or none.
LAYERED_SHIFTS = np.arange(-10.0, 10.01, 0.5)
GAP_SHIFTS = np.arange(-6.0, 6.01, 1.0)
HARMONIZED = HarmonizedOdds(intercept=-9.224, needed=-0.845, contrast_db=0.391, parallel_db=2.174)
DOUBLED = DoubledOdds(intercept=0.559, at_once_db=0.568, steady_beside_db=0.119, beating_db=4.203)
# A mono file has nothing beside.
DOUBLED_IN_MONO = DoubledOdds(intercept=-35.831, at_once_db=0.0, steady_beside_db=0.0, beating_db=12.022)
FILLED = FilledOdds(intercept=4.196, needed=-0.661, clear_when_loud=4.399, parallel_db=-0.806, resting_db=0.188)
# No song is surer than this, of log odds: one in two hundred is misheard outright, whatever its signs.
MOST_OF_SONG = 5.3
# Odds of 19 to 1: each end of a range is as sure. It lies so many standard deviations of normal errors from the middle.
CERTAIN, SIGMAS = 2.944, 1.6449
# How far the ends of a range lie from its middle, as a shift of the evidence; the share of one shift is uncertain too.
LAYERED_UNSURE, GAP_UNSURE = 1.5, 2.0
# The edges of notes are not found to the frame: a share may be off by so much, on top.
EDGES = 0.02
# In the mix, doubles are told by the frames alone: so far their evidence is off, and may be off either way.
SHIFT_IN_MIX, UNSURE_IN_MIX = -0.69, 0.92


@dataclass(frozen=True, kw_only=True)
class Cues:
    """What tells the sung frames, every 50 ms.

    Attributes
    ----------
    span_index : array, shape (n,)
        The number of the sung span that each frame is in.
    separated, stereo : bool
        Whether the vocals were separated, and whether anything can come from beside: else those cues say nothing.
    others_db : array, shape (n,)
        Energy between the lead's partials against that on them, and more where it rises above the rest of the song.
    confidence : array, shape (n,)
        That the frame has one clear pitch, 0..`CLEAR_CONFIDENCE`.
    beside_db : array, shape (n,)
        Energy on the lead's partials from beside its direction against that from its direction, less what lingers.
    at_once_db : float
        Power from beside the lead that begins and ends with it against the lead's, over the song.
    heard : array, shape (n,)
        How much the frame's evidence counts, 0..1: little where the accompaniment covers the voice.
    level_db : array, shape (n,)
        Energy on the partials followed against that of the lead alone.
    contrast_db : float
        How far the energy between the partials rises from the song's quiet to its loud passages.
    parallel_db : float
        How far notes that move with the lead stand out (`riffscope.dsp.voice.parallel`); 0 for the mix.
    beating_db : float
        How unevenly the lead's partials swell and fade (`riffscope.dsp.voice.beating`).
    steady_beside_db : float
        Energy on the partials from beside the lead in the song's drier quarter: a second take is there all the time.
    clear_when_loud : float
        Correlation of the level with the confidence, -1..1: voices without the lead are soft, and of several pitches.
    resting_db : float
        What sounds in the vocals while the lead rests, against the lead.
    """

    span_index: Ints
    separated: bool
    stereo: bool
    others_db: Floats
    confidence: Floats
    beside_db: Floats
    at_once_db: float
    heard: Floats
    level_db: Floats
    contrast_db: float
    parallel_db: float
    beating_db: float
    steady_beside_db: float
    clear_when_loud: float
    resting_db: float


def harmony_log_odds(cues: Cues) -> Floats:
    """Return the log odds of other notes than the lead's, (n,): -inf where the vocals were not separated."""
    if not cues.separated:
        return np.full(len(cues.others_db), -np.inf)
    return HARMONY.intercept + HARMONY.others_db * cues.others_db + HARMONY.confidence * cues.confidence


def double_log_odds(cues: Cues) -> Floats:
    """Return the log odds of a second take, (n,): -inf for mono."""
    if not cues.stereo:
        return np.full(len(cues.beside_db), -np.inf)
    odds = DOUBLE if cues.separated else DOUBLE_IN_MIX
    return odds.intercept + odds.beside_db * cues.beside_db + odds.at_once_db * cues.at_once_db


def gap_log_odds(cues: Cues) -> Floats:
    """Return the log odds of voices without the lead, (n,), of separated vocals."""
    odds = GAP if cues.stereo else GAP_IN_MONO
    return (
        odds.intercept
        + odds.others_db * cues.others_db
        + odds.level_db * cues.level_db
        + odds.beside_db * cues.beside_db
    )


def either(first: Floats, second: Floats) -> Floats:
    """Return the log odds of one or the other, or both, as of independent things: (n,)."""
    found: Floats = np.logaddexp(np.logaddexp(first, second), first + second)
    return found


def layered_song_log_odds(cues: Cues, needed: float) -> float:
    """Return the log odds of a song that is layered for `LAYERED_LIMIT` of its sung time, of separated vocals.

    Parameters
    ----------
    needed : float
        By how much the evidence of its frames has to be shifted until it is.
    """
    harmonies = (
        HARMONIZED.intercept
        + HARMONIZED.needed * needed
        + HARMONIZED.contrast_db * cues.contrast_db
        + HARMONIZED.parallel_db * cues.parallel_db
    )
    odds = DOUBLED if cues.stereo else DOUBLED_IN_MONO
    doubles = (
        odds.intercept
        + odds.at_once_db * cues.at_once_db
        + odds.steady_beside_db * cues.steady_beside_db
        + odds.beating_db * cues.beating_db
    )
    return float(either(np.array(harmonies), np.array(doubles)).clip(-MOST_OF_SONG, MOST_OF_SONG))


def filled_song_log_odds(cues: Cues, needed: float) -> float:
    """Return the log odds of a song whose voices fill `FILLED_LIMIT` of the lead's gaps, for the shift needed."""
    odds = (
        FILLED.intercept
        + FILLED.needed * needed
        + FILLED.clear_when_loud * cues.clear_when_loud
        + FILLED.parallel_db * cues.parallel_db
        + FILLED.resting_db * cues.resting_db
    )
    return min(max(odds, -MOST_OF_SONG), MOST_OF_SONG)


def crossing(shifts: Floats, shares: Floats, limit: float) -> float:
    """Return at which shift a share that rises with it reaches a limit; the last where it does not: (k,) and (k,)."""
    if shares[-1] < limit:
        return float(shifts[-1])
    after = int(np.argmax(shares >= limit))
    if after == 0:
        return float(shifts[0])
    part = (limit - shares[after - 1]) / (shares[after] - shares[after - 1])
    return float(shifts[after - 1] + part * (shifts[after] - shifts[after - 1]))


def share_at(
    shifts: Floats, shares: Floats, middle: float, log_odds: float, *, limit: float, unsure: float
) -> tuple[float, float, float]:
    """Return a share with its range: what it comes to at a shift, within a range as sure of the limit as the song is.

    Low end, share, high end.

    Parameters
    ----------
    shifts, shares : arrays, shape (k,)
        What the share comes to at some shifts.
    middle, unsure : float
        The likeliest shift, and how far from it the ends of the range lie.
    log_odds : float
        That the share reaches the limit. The end of the range on the limit's side lies where errors that are normal
        give the limit these odds.
    """
    low, share, high = np.interp(middle + unsure * np.array([-1.0, 0.0, 1.0]), shifts, shares).tolist()
    low, high = low - EDGES, high + EDGES
    # How many times as far from the share as the limit the end of the range lies.
    farther = SIGMAS / max(abs(float(ndtri(expit(log_odds)))), 1e-6)
    if log_odds > 0:
        # No range reaches below 0, or above 1: where the song is hardly sure, the share lies near the limit.
        most = limit * farther / (farther - 1) if farther > 1 else 1.0
        share = min(max(share, limit), most)
        low, high = share - (share - limit) * farther, max(high, limit)
    else:
        least = (limit * farther - 1) / (farther - 1) if farther > 1 else 0.0
        share = max(min(share, limit), least)
        low, high = min(low, limit), share + (limit - share) * farther
    share, low, high = (round(min(max(each, 0.0), 1.0), 4) for each in (share, low, high))
    return min(low, share), share, max(high, share)


def nearest_step(shifts: Floats, wanted: float) -> int:
    """Return which of some shifts, (k,), is the nearest to another one."""
    return int(np.argmin(np.abs(shifts - wanted)))


def likely_layered(log_odds: Floats, heard: Floats, shifts: Floats) -> Floats:
    """Return the probability of more than one voice in each frame, for each shift of the evidence: (n, k)."""
    return _likely(
        log_odds, heard, shifts, most=MOST_LAYERED, unheard=UNHEARD_LAYERED, lasts_s=LAYERS_LAST_S, share=LAYERED_SHARE
    )


def likely_leadless(log_odds: Floats, heard: Floats, shifts: Floats) -> Floats:
    """Return the probability of voices without the lead in each frame, for each shift of the evidence: (n, k)."""
    return _likely(log_odds, heard, shifts, most=MOST_GAP, unheard=UNHEARD_GAP, lasts_s=GAPS_LAST_S, share=GAPS_SHARE)


def _likely(
    log_odds: Floats, heard: Floats, shifts: Floats, *, most: float, unheard: float, lasts_s: float, share: float
) -> Floats:
    evidence = heard * log_odds.clip(-most, most) + (1 - heard) * unheard
    return second_state(EACH_FRAME * (evidence[:, np.newaxis] + shifts), lasts_frames=lasts_s / HOP_S, share=share)
