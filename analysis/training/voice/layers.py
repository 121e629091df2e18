"""When there is more than one voice, and when voices fill the lead's gaps (`riffscope.analyzers.vocal_layers`).

Constants
    ``HARMONY``, ``DOUBLE``, ``GAP``, ``GAP_IN_MONO``: the log odds of other notes than the lead's, of a second take,
    and of voices without the lead, for the cues of a frame; ``HARMONIZED``, ``DOUBLED``, ``DOUBLED_IN_MONO``,
    ``FILLED``: the log odds of a song in which either takes a good share of the time, for what it shows as a whole.
Data
    Rendered songs, of whose voices it is known when each sings, with the vocals separated. Frames of
    doubles are learnt from stereo songs: in a mono file only the song as a whole shows them.
Method
    Logistic regressions. A song gives those of frames one case for each kind of singing that it has: the medians of its
    cues where the lead is heard over the accompaniment, for songs differ far more than frames do, and both sides weigh
    the same. Those of songs are fitted under today's log odds of frames, on songs that lie clear of the claims' limits.
    Layers are harmonies, doubles, or both: the odds of the two are fitted at once, to the odds that one or the other is
    there.
Prints
    ``found``: of the frames with such voices, the share with log odds above 0; ``kept out``: of those with the lead
    alone, below. ``decided``: whether the range of the share leaves the limit on one side; ``right``: of these, whether
    on the right one; ``covered``: how often the range holds the true share.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from riffscope.analyzers import vocal_layers
from riffscope.analyzers.vocal_layers import VocalLayers, VoiceEnergy
from riffscope.arrays import Floats, Ints, Mask
from riffscope.choices import Separator
from riffscope.dsp.voice import layer_odds
from riffscope.dsp.voice.layer_odds import HOP_S, Cues
from riffscope.model import Estimate, Span
from training.common.constants import Constants, overheard, tried
from training.common.features import run
from training.common.fitting import CannotFit, logistic
from training.common.report import Figures
from training.common.songs import Song, layers_at, within

ODDS = ("HARMONY", "DOUBLE", "GAP", "GAP_IN_MONO")
LAYERED, FILLED = ("HARMONIZED", "DOUBLED", "DOUBLED_IN_MONO"), ("FILLED",)

NOBODY, LEAD, HARMONY, OOHS, DOUBLE = range(5)
"""Kinds of singing: nobody or unknown, the lead alone, with other notes, others without it, with its own notes."""

# Where frames count half or more of what they could, by `Cues.heard`, and how many of a kind a song must have.
HEARD, MIN_S = 0.73, 0.75
# How far from the limits a song must lie for its truth to be clear.
LAYERED_CLEAR, FILLED_CLEAR = (0.15, 0.35), (0.2, 0.4)
# Of songs that are and of songs that are not so, this share is misheard outright, whatever its signs.
MISHEARD = 0.005
# The ridge on the weights of songs' signs, each divided by its standard deviation: a third as much is surer of songs
# not fitted on than these bear out, three times as much decides fewer.
RIDGE = 0.03
FILLED_CASES_COUNT = 10.0
# How much the cases of the regressions count against the prior that no cue tells anything: 4 for sklearn's C = 4.
CASES_COUNT = 4.0


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The sung frames of a song, every 50 ms, with what tells its layers.

    Attributes
    ----------
    others_db, confidence, beside_db, at_once_db, heard, level_db, contrast_db, parallel_db, beating_db,
    steady_beside_db, clear_when_loud, resting_db, span_index, stereo
        As in `riffscope.dsp.voice.layer_odds.Cues`; one number of a song has no shape.
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
    contrast_db: Floats
    parallel_db: Floats
    beating_db: Floats
    steady_beside_db: Floats
    clear_when_loud: Floats
    resting_db: Floats
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
            contrast_db=float(self.contrast_db),
            parallel_db=float(self.parallel_db),
            beating_db=float(self.beating_db),
            steady_beside_db=float(self.steady_beside_db),
            clear_when_loud=float(self.clear_when_loud),
            resting_db=float(self.resting_db),
        )


def read(song: Song, separator: Separator) -> Frames | None:
    """Gather the cues of a song's voices; None where it is not known who sings, or the vocals were not separated."""
    if layers_at(song.item, np.zeros(1)) is None or separator == "none":
        return None
    with overheard(vocal_layers, "gather_cues") as calls:
        run(song, [VocalLayers], separator=separator)[VocalLayers]
    *_, sung, energy = calls[0].given
    return frames_of(song, calls[0].gave, energy, sung)


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
        contrast_db=np.array(cues.contrast_db),
        parallel_db=np.array(cues.parallel_db),
        beating_db=np.array(cues.beating_db),
        steady_beside_db=np.array(cues.steady_beside_db),
        clear_when_loud=np.array(cues.clear_when_loud),
        resting_db=np.array(cues.resting_db),
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


def read_layers(song: Frames) -> tuple[float, Estimate]:
    """Return by how much the evidence is to be shifted for a song to count as layered, and the share as it is read."""
    cues = song.cues
    odds = layer_odds.either(layer_odds.harmony_log_odds(cues), layer_odds.double_log_odds(cues))
    with overheard(layer_odds, "crossing") as calls:
        found, _ = vocal_layers.read_layers(cues, odds)
    return float(calls[0].gave), found


def read_gaps(song: Frames) -> tuple[float, Estimate] | None:
    """Return by how much the evidence is to be shifted for gaps to count as filled, and the share; None without gaps.

    Only where the frames are is read of their energies.
    """
    nothing = np.zeros_like(song.times_s)
    energy = VoiceEnergy(
        times_s=song.times_s,
        span_index=song.span_index,
        on_lead=nothing,
        between=nothing,
        on_lead_beside=nothing,
        between_beside=nothing,
        accompaniment=nothing,
        parallel_db=0.0,
        beating_db=0.0,
    )
    sung = [Span(start_s=float(start_s), end_s=float(end_s)) for start_s, end_s in song.sung_s]
    with overheard(layer_odds, "crossing") as calls:
        found, _ = vocal_layers.read_gaps(song.cues, energy, sung)
    return None if found is None else (float(calls[0].gave), found)


def is_clear(share: float, clear: tuple[float, float]) -> bool:
    """Tell whether a share lies clear of a claim's limit, so that its truth is no matter of the edges of notes."""
    return not clear[0] < share < clear[1]


def learn_layered_songs(songs: Sequence[Frames]) -> Constants:
    """Fit the log odds of songs with harmonies and with doubles, at once, to whether there is one or the other."""
    used = [song for song in songs if is_clear(float(song.layered_fraction), LAYERED_CLEAR)]
    stereo = np.array([bool(song.stereo) for song in used])
    is_true = np.array([song.layered_fraction >= LAYERED_CLEAR[1] for song in used])
    if is_true.all() or not is_true.any() or not stereo.any():
        raise CannotFit(f"all {is_true.size} songs are alike")
    harmonies = _Signs(np.array([(read_layers(song)[0], song.contrast_db, song.parallel_db) for song in used]))
    doubles = _Signs(np.array([(s.at_once_db, s.steady_beside_db, s.beating_db) for s in used])[stereo])
    in_mono = _Signs(np.array([[song.beating_db] for song in used])[~stereo])

    def log_odds(weights: Floats) -> Floats:
        second = np.empty(len(used))
        second[stereo], second[~stereo] = doubles.log_odds(weights[4:8]), in_mono.log_odds(weights[8:])
        return layer_odds.either(harmonies.log_odds(weights[:4]), second)

    def loss(weights: Floats) -> float:
        likely = MISHEARD + (1 - 2 * MISHEARD) * expit(log_odds(weights))
        slopes = np.delete(weights, [0, 4, 8])
        return RIDGE * float(slopes @ slopes) - float(np.log(np.where(is_true, likely, 1 - likely)).sum())

    # From where each sign counts in the direction that it has a reason to.
    found = minimize(loss, np.array([-0.7, -0.5, 0.5, 0.5, -0.7, 0.5, 0.5, 0.5, -0.7, 0.5]), method="BFGS").x
    mono_base, mono_slope = in_mono.as_measured(found[8:])
    return {
        "HARMONIZED": harmonies.as_measured(found[:4]),
        "DOUBLED": doubles.as_measured(found[4:8]),
        "DOUBLED_IN_MONO": (mono_base, 0.0, 0.0, mono_slope),
    }


class _Signs:
    """Signs of songs, (n, k), brought to one scale, so that the ridge weighs on all alike."""

    def __init__(self, signs: Floats) -> None:
        self.middle = signs.mean(axis=0) if len(signs) else np.zeros(signs.shape[1])
        self.scale = signs.std(axis=0) + 1e-9 if len(signs) else np.ones(signs.shape[1])
        self.signs = (signs - self.middle) / self.scale

    def log_odds(self, weights: Floats) -> Floats:
        found: Floats = weights[0] + self.signs @ weights[1:]
        return found

    def as_measured(self, weights: Floats) -> tuple[float, ...]:
        """Return the intercept and the slopes for the signs as they are measured."""
        slopes = weights[1:] / self.scale
        return _rounded(float(weights[0] - slopes @ self.middle), slopes)


def learn_filled_songs(songs: Sequence[Frames]) -> Constants:
    """Fit the log odds of songs whose voices fill the lead's gaps; songs without gaps tell nothing."""
    rows, is_true = [], []
    for song in songs:
        read = read_gaps(song) if is_clear(float(song.gap_fill_fraction), FILLED_CLEAR) else None
        if read is not None:
            rows.append([read[0], float(song.clear_when_loud), float(song.parallel_db), float(song.resting_db)])
            is_true.append(float(song.gap_fill_fraction) >= FILLED_CLEAR[1])
    truth = np.array(is_true, np.bool_)
    slopes, base = logistic(np.array(rows), truth, weights=np.full(truth.size, FILLED_CASES_COUNT))
    return {"FILLED": _rounded(base, slopes)}


def judge_harmonies(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames other notes are heard."""
    with tried(layer_odds, constants):
        called = layer_odds.harmony_log_odds(song.cues) > 0
    return _told(song, called, (HARMONY, OOHS))


def judge_doubles(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames second takes are heard."""
    with tried(layer_odds, constants):
        called = layer_odds.double_log_odds(song.cues) > 0
    return _told(song, called, (DOUBLE,)) if song.stereo else {}


def judge_gap_voices(song: Frames, constants: Constants) -> Figures:
    """Judge in which frames voices without the lead are heard."""
    with tried(layer_odds, constants):
        called = layer_odds.gap_log_odds(song.cues) > 0
    return _told(song, called, (OOHS,))


def judge_layered_songs(song: Frames, constants: Constants) -> Figures:
    """Judge the range of the layered share, and what is ruled by it."""
    with tried(layer_odds, constants):
        _, found = read_layers(song)
    return _ruled(found, float(song.layered_fraction), layer_odds.LAYERED_LIMIT, LAYERED_CLEAR)


def judge_filled_songs(song: Frames, constants: Constants) -> Figures:
    """Judge the range of the filled share, and what is ruled by it."""
    with tried(layer_odds, constants):
        read = read_gaps(song)
    if read is None:
        return {}
    return _ruled(read[1], float(song.gap_fill_fraction), layer_odds.FILLED_LIMIT, FILLED_CLEAR)


def _ruled(found: Estimate, truth: float, limit: float, clear: tuple[float, float]) -> Figures:
    figures = {"covered": float(found.low <= truth <= found.high)}
    if is_clear(truth, clear):
        supported, refuted = found.low >= limit, found.high < limit
        figures["decided"] = float(supported or refuted)
        if supported or refuted:
            figures["right"] = float(supported == (truth >= limit))
    return figures


def _told(song: Frames, called: Mask, kinds: Sequence[int]) -> Figures:
    figures = {}
    such, heard = np.isin(song.kind, kinds), song.heard > HEARD
    if (such & heard).any():
        figures["found"] = float(called[such & heard].mean())
    if (alone := (song.kind == LEAD) & heard).any():
        figures["kept out"] = float(1 - called[alone].mean())
    return figures
