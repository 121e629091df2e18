"""When there is more than one voice, and when voices fill the lead's gaps (`riffscope.analyzers.vocal_layers`).

Constants
    ``HARMONY``, ``DOUBLE``, ``GAP``, ``GAP_IN_MONO``: the log odds of other notes than the lead's, of a second take,
    and of voices without the lead, for the cues of a frame; ``LAYERED_MISREAD``, ``GAP_MISREAD``: by how much the
    evidence of a song is shifted, and how far it may still be off.
Data
    Rendered songs, of whose voices it is known when each sings, with the vocals separated. Doubles are learnt from
    stereo songs; what a mono file hides of them counts for nothing.
Method
    Logistic regressions. A song gives each of them one case for each kind of singing that it has: the medians of its
    cues where the lead is heard over the accompaniment, for songs differ far more than frames do, and both sides weigh
    the same. The misreading is told under today's log odds: by how much all evidence of a song must be shifted for its
    share to reach the claims' limit, against the truth of the claim, in a logistic regression over songs; ``shift`` is
    where either is as likely, ``unsure`` how far from there either is certain to 95 %. Songs near the limit are left
    out.
Prints
    ``found``: of the frames with such voices, the share with log odds above 0; ``kept out``: of those with the lead
    alone, below. ``decided``: whether the range of the share leaves the limit on one side; ``right``: of these, whether
    on the right one; ``covered``: how often the range holds the true share.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from riffscope.analyzers import vocal_layers
from riffscope.analyzers.vocal_layers import (
    HOP_S,
    Cues,
    Misread,
    VocalLayers,
    VoiceEnergy,
)
from riffscope.arrays import Floats, Ints, Mask
from riffscope.model import Separator, Span
from training.common.constants import Constants, overheard, tried
from training.common.features import run
from training.common.fitting import CannotFit, logistic
from training.common.report import Figures
from training.common.songs import Song, layers_at, within

ODDS = ("HARMONY", "DOUBLE", "GAP", "GAP_IN_MONO")
LAYERED, GAPS = "LAYERED_MISREAD", "GAP_MISREAD"

NOBODY, LEAD, HARMONY, OOHS, DOUBLE = range(5)
"""Kinds of singing: nobody or unknown, the lead alone, with other notes, others without it, with its own notes."""

# Where frames count half or more of what they could, by `Cues.heard`, and how many of a kind a song must have.
HEARD, MIN_S = 0.73, 0.75
# The limits of the built-in claims, and how far from them a song must lie for its truth to be clear.
LAYERED_LIMIT, LAYERED_CLEAR = 0.25, (0.15, 0.35)
GAPS_LIMIT, GAPS_CLEAR = 0.3, (0.2, 0.4)
# Evidence is shifted within these log odds, in steps; what never reaches the limit counts as if it did at the end.
SHIFTS = np.arange(-4.0, 4.01, 0.25)
# Beyond this probability a claim is ruled on: each end of a range is certain to so much.
CERTAIN = 0.95
# Of songs that are and of songs that are not so, this share is misheard outright: the separation lost the other
# voices, or the pitch followed is an instrument's. No range of layers would be wide enough for those. The separation
# loses soft voices without a lead so often that the range of gaps has to allow for it.
LAYERS_MISHEARD, GAPS_MISHEARD = 0.03, 0.01
# How unlikely it is that ranges grow much where little is heard: of the exponential prior of `Misread.unheard`.
PRIOR = 0.2
# How much the cases of the regressions count against the prior that no cue tells anything: 4 for sklearn's C = 4.
CASES_COUNT = 4.0


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The sung frames of a song, every 50 ms, with what tells its layers.

    Attributes
    ----------
    others_db, confidence, beside_db, at_once_db, heard, level_db, span_index, stereo
        As in `riffscope.analyzers.vocal_layers.Cues`; one number of a song has no shape.
    kind : int array, shape (n,)
        Who sings.
    times_s : float64 array, shape (n,)
        The middle of each frame.
    sung_s : float64 array, shape (k, 2)
        When each sung span begins and ends.
    layered_fraction, gap_fill_fraction : float64 arrays, shape ()
        The truth.
    """

    others_db: Floats
    confidence: Floats
    beside_db: Floats
    at_once_db: Floats
    heard: Floats
    level_db: Floats
    span_index: Ints
    stereo: Mask
    kind: Ints
    times_s: Floats
    sung_s: Floats
    layered_fraction: Floats
    gap_fill_fraction: Floats

    @property
    def cues(self) -> Cues:
        """What the analyzer goes by."""
        return Cues(
            span_index=self.span_index,
            separated=True,
            stereo=bool(self.stereo),
            others_db=self.others_db,
            confidence=self.confidence,
            beside_db=self.beside_db,
            at_once_db=float(self.at_once_db),
            heard=self.heard,
            level_db=self.level_db,
        )

    @property
    def hides_doubles(self) -> bool:
        """Whether there are doubles in a mono file."""
        return not self.stereo and bool((self.kind == DOUBLE).any())


def read(song: Song, separator: Separator) -> Frames | None:
    """Gather the cues of a song's voices; None where it is not known who sings, or the vocals were not separated."""
    if layers_at(song.item, np.zeros(1)) is None or separator == "none":
        return None
    with overheard(vocal_layers, "gather_cues") as calls, overheard(vocal_layers, "surely_sung") as sung:
        run(song, [VocalLayers], separator=separator)[VocalLayers]
    return frames_of(song, calls[0].gave, calls[0].given[-1], sung[0].gave)


def frames_of(song: Song, cues: Cues, energy: VoiceEnergy, sung: Sequence[Span]) -> Frames | None:
    """Label the cues of a song by who sings."""
    voices = layers_at(song.item, energy.times_s)
    if voices is None or not cues.separated:
        return None
    vocal = song.item.truth["vocal"]
    lead = within(
        energy.times_s, [span for layer in vocal["layers"] if layer["kind"] == "lead" for span in layer["spans"]]
    )
    kind = np.where(lead, LEAD, NOBODY)
    kind[lead & voices["harmony"]] = HARMONY
    kind[lead & voices["double"]] = DOUBLE
    kind[~lead & voices["oohs"]] = OOHS
    return Frames(
        others_db=cues.others_db,
        confidence=np.asarray(cues.confidence, np.float64),
        beside_db=cues.beside_db,
        at_once_db=np.array(cues.at_once_db),
        heard=cues.heard,
        level_db=cues.level_db,
        span_index=cues.span_index,
        stereo=np.array(cues.stereo),
        kind=kind,
        times_s=energy.times_s,
        sung_s=np.array([(span.start_s, span.end_s) for span in sung]),
        layered_fraction=np.array(vocal["layered_fraction"]),
        gap_fill_fraction=np.array(vocal["gap_fill_fraction"]),
    )


def _cases(
    songs: Sequence[Frames], names: Sequence[str], kinds: Sequence[int], *, true: Sequence[int]
) -> tuple[Floats, float]:
    """Regress one kind of singing against others, by the medians of some cues in each song: slopes and intercept."""
    rows, is_true = [], []
    for song in songs:
        for kind in kinds:
            chosen = (song.kind == kind) & (song.heard > HEARD)
            if chosen.sum() * HOP_S >= MIN_S:
                rows.append(
                    [float(np.median(np.broadcast_to(getattr(song, name), chosen.shape)[chosen])) for name in names]
                )
                is_true.append(kind in true)
    truth = np.array(is_true, np.bool_)
    if truth.all() or not truth.any():
        raise CannotFit(f"all {truth.size} cases are alike")
    weights = CASES_COUNT * np.where(truth, 0.5 / truth.mean(), 0.5 / (1 - truth.mean()))
    return logistic(np.array(rows), truth, weights=weights)


def learn_harmonies(songs: Sequence[Frames]) -> Constants:
    """Fit the log odds of other notes than the lead's."""
    slopes, base = _cases(songs, ("others_db", "confidence"), (LEAD, HARMONY, OOHS, DOUBLE), true=(HARMONY, OOHS))
    return {"HARMONY": _rounded(base, slopes)}


def learn_doubles(songs: Sequence[Frames]) -> Constants:
    """Fit the log odds of second takes, by stereo songs."""
    stereo = [song for song in songs if song.stereo]
    slopes, base = _cases(stereo, ("beside_db", "at_once_db"), (LEAD, DOUBLE), true=(DOUBLE,))
    return {"DOUBLE": _rounded(base, slopes)}


def learn_gap_voices(songs: Sequence[Frames]) -> Constants:
    """Fit the log odds of voices without the lead; those of mono files by all songs, without what is beside."""
    kinds = (LEAD, HARMONY, OOHS, DOUBLE)
    cues = ("others_db", "level_db")
    slopes, base = _cases([song for song in songs if song.stereo], (*cues, "beside_db"), kinds, true=(OOHS,))
    of_all, base_of_all = _cases(songs, cues, kinds, true=(OOHS,))
    return {"GAP": _rounded(base, slopes), "GAP_IN_MONO": _rounded(base_of_all, np.append(of_all, 0.0))}


def _rounded(base: float, slopes: Floats) -> tuple[float, ...]:
    return tuple(round(float(each), 3) for each in (base, *slopes))


def layered_shares(song: Frames, shifts: Floats) -> Floats:
    """Return the share of layered time at each shift of the evidence: (k,) -> (k,)."""
    cues = song.cues
    odds = vocal_layers.either(vocal_layers.harmony_log_odds(cues), vocal_layers.double_log_odds(cues))
    shares: Floats = vocal_layers.likely_layered(odds, cues.heard, shifts).mean(axis=0)
    return shares


def gap_shares(song: Frames, shifts: Floats) -> Floats:
    """Return the filled share of the lead's gaps at each shift of the evidence, 0 where it has none: (k,) -> (k,)."""
    cues = song.cues
    likely = vocal_layers.likely_leadless(vocal_layers.gap_log_odds(cues), cues.heard, shifts)
    sung = [Span(start_s=float(start_s), end_s=float(end_s)) for start_s, end_s in song.sung_s]
    fills = []
    for column in likely.T:
        parts = vocal_layers.layered_parts(column > 0.5, song.span_index)
        spans = [
            Span(start_s=max(0.0, float(song.times_s[a]) - HOP_S / 2), end_s=float(song.times_s[b - 1]) + HOP_S / 2)
            for a, b in parts
        ]
        fills.append(vocal_layers.fill_of_gaps(sung, spans) or 0.0)
    return np.array(fills)


class Question(NamedTuple):
    """A claim about a share: how it comes out at shifts, its limit, when it is clear, its truth, how often misheard."""

    shares: Callable[[Frames, Floats], Floats]
    limit: float
    clear: tuple[float, float]
    truth: str
    misheard: float


ASKED = {
    LAYERED: Question(layered_shares, LAYERED_LIMIT, LAYERED_CLEAR, "layered_fraction", LAYERS_MISHEARD),
    GAPS: Question(gap_shares, GAPS_LIMIT, GAPS_CLEAR, "gap_fill_fraction", GAPS_MISHEARD),
}


def learn_misread(songs: Sequence[Frames], name: str) -> Constants:
    """Fit by how much the evidence of a song is shifted, and how far it may still be off."""
    asked = ASKED[name]
    crossings, unheard, is_true = [], [], []
    for song in songs:
        truth = float(getattr(song, asked.truth))
        if asked.clear[0] < truth < asked.clear[1] or song.hides_doubles:
            continue
        crossings.append(crossing(np.maximum.accumulate(asked.shares(song, SHIFTS)), asked.limit))
        unheard.append(1 - float(song.heard.mean()))
        is_true.append(truth >= asked.clear[1])
    return {name: _fit_misread(np.array(crossings), np.array(unheard), np.array(is_true, np.bool_), asked.misheard)}


def crossing(shares: Floats, limit: float) -> float:
    """Return at which of `SHIFTS` a share, rising with them, reaches a limit; the last where it does not."""
    if shares[-1] < limit:
        return float(SHIFTS[-1])
    first = int(np.argmax(shares >= limit))
    if first == 0:
        return float(SHIFTS[0])
    part = (limit - shares[first - 1]) / (shares[first] - shares[first - 1])
    return float(SHIFTS[first - 1] + part * (SHIFTS[first] - SHIFTS[first - 1]))


def _fit_misread(crossings: Floats, unheard: Floats, is_true: Mask, misheard: float) -> tuple[float, float, float]:
    """Fit where a claim is as likely true as not, how far from there it is certain, and what is added if unheard."""
    if is_true.all() or not is_true.any():
        raise CannotFit(f"all {is_true.size} songs are alike")
    certain = float(np.log(CERTAIN / (1 - CERTAIN)))

    def loss(guess: Floats) -> float:
        middle, unsure, more = guess[0], np.exp(guess[1]), guess[2] ** 2
        odds = certain * (middle - crossings) / (unsure * (1 + more * unheard))
        likely = misheard + (1 - 2 * misheard) * expit(odds)
        return PRIOR * float(more) - float(np.log(np.where(is_true, likely, 1 - likely)).sum())

    start = (crossings[is_true].mean() + crossings[~is_true].mean()) / 2
    found = minimize(loss, np.array([start, 0.0, 1.0]), method="Nelder-Mead")
    return round(float(found.x[0]), 2), round(float(np.exp(found.x[1])), 2), round(float(found.x[2] ** 2), 2)


def judge_harmonies(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames other notes are heard."""
    with tried(vocal_layers, constants):
        called = vocal_layers.harmony_log_odds(song.cues) > 0
    return _told(song, called, (HARMONY, OOHS))


def judge_doubles(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames second takes are heard."""
    with tried(vocal_layers, constants):
        called = vocal_layers.double_log_odds(song.cues) > 0
    return _told(song, called, (DOUBLE,)) if song.stereo else {}


def judge_gap_voices(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames voices without the lead are heard."""
    with tried(vocal_layers, constants):
        called = vocal_layers.gap_log_odds(song.cues) > 0
    return _told(song, called, (OOHS,))


def judge_misread(song: Frames, constants: Constants) -> Figures:
    """Judge the range of a share, and what is ruled by it."""
    ((name, numbers),) = constants.items()
    asked = ASKED[name]
    shifts = vocal_layers.range_of(Misread(*np.atleast_1d(numbers).tolist()), song.heard)
    truth = float(getattr(song, asked.truth))
    found = vocal_layers.estimate_of(asked.shares(song, shifts), all_heard=name != LAYERED or bool(song.stereo))
    figures = {"covered": float(found.low <= truth <= found.high)}
    if not asked.clear[0] < truth < asked.clear[1]:
        supported, refuted = found.low >= asked.limit, found.high < asked.limit
        figures["decided"] = float(supported or refuted)
        if supported or refuted:
            figures["right"] = float(supported == (truth >= asked.limit))
    return figures


def _told(song: Frames, called: Mask, kinds: Sequence[int]) -> Figures:
    figures = {}
    such, heard = np.isin(song.kind, kinds), song.heard > HEARD
    if (such & heard).any():
        figures["found"] = float(called[such & heard].mean())
    if (alone := (song.kind == LEAD) & heard).any():
        figures["kept out"] = float(1 - called[alone].mean())
    return figures
