"""Vocal layers: more than one voice at once, as doubles, harmonies, or voices that fill the lead's gaps.

Each frame of 50 ms has cues: how much of the vocals lies between the lead's partials (other notes); how much lies on
them but comes from beside the lead, and begins and ends with it (second takes; what lingers is a room); how loud the
notes are against the lead alone (voices without the lead are weaker). Logistic regressions turn them into log odds.
Layers come and go with sections, not with frames, so a model of two states gathers the evidence. How far a whole song
may be misread is known from rendered songs: the evidence is shifted by that much for the ends of a range.

Conventions: energies are squared magnitudes of frames 50 ms apart, (n,), of which only ratios mean anything; ratios in
dB; log odds are natural; spans in seconds. Where the partials of the lead lie says `riffscope.dsp.partials`; what does
not come from the voices' main direction (`riffscope.dsp.panning`) comes from beside it.

Source: own; fitted by ``analysis/training/voice/layers.py`` on songs rendered with known voices.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal, NamedTuple

import numpy as np
from scipy import ndimage
from scipy.special import expit

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.decibels import power_db
from riffscope.dsp.panning import is_mono, main_and_beside
from riffscope.dsp.partials import near_partials, powers_at
from riffscope.dsp.runs import drop_short, fill_gaps, runs
from riffscope.dsp.stft import window_length
from riffscope.dsp.two_states import second_state
from riffscope.dsp.voice import beside
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import FRACTION, SECONDS
from riffscope.views.stems import Stems
from riffscope.views.voice_track import VoiceTrack

Kind = Literal["one voice", "doubles", "harmonies", "voices in the gaps"]

# Energies are measured this often.
HOP_S = 0.05
# A window of 4096 samples at 44.1 kHz keeps the partials of two voices a third apart from each other.
WINDOW_S = 0.093
# Voices have most of their partials from here ...
MIN_HZ = 150.0
# ... to here; higher ones are smeared by the movement of the pitch within the window.
MAX_HZ = 2000.0
# Energies are averaged over about a note before they are compared. Chosen by hand, not fitted.
SMOOTHED_S = 0.55
# Ratios of energies matter no more beyond these, in dB. Chosen by hand, not fitted.
RATIO_DB = (-45.0, 25.0)
# Soft voices are told by the contrast with the rest of the song alone: what lies between the partials for two seconds
# counts by this part of a dB more for each dB that it rises above the song's own quiet quarter, up to 12 dB. Chosen by
# hand: more of it tells fewer of the rendered songs, in which other voices are 3 to 10 dB below the lead.
RISE_COUNTS, RISE_OVER_S, QUIET_PERCENTILE, MOST_RISE_DB = 0.4, 2.0, 25, 12.0
# What comes from beside the lead counts no less than this, in dB: there it is a codec's, or rounding. By hand.
BESIDE_DB = -40.0
# A room answers a voice for this long after its notes. Chosen by hand, not fitted.
ANSWERED_S = 0.4
# A pitch with this confidence is clear; how far above it the confidence lies says nothing of other notes. Chosen by
# hand, not fitted.
CLEAR_CONFIDENCE = 0.9
# Power at once with the lead counts no less than this, in dB: less is told from none by chance alone. By hand.
AT_ONCE_DB = -30.0
# What is taken where a song is too short to tell the room from second takes: what one voice comes to.
AT_ONCE_OF_ONE_DB = -22.0


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


# These and the misreadings below are fitted on 103 rendered songs of three sets.
HARMONY = HarmonyOdds(intercept=13.249, others_db=0.228, confidence=-12.24)
DOUBLE = DoubleOdds(intercept=11.816, beside_db=0.14, at_once_db=0.641)
# In the mix the accompaniment hides what begins and ends with the lead. A fifth of the energy on the lead's partials
# from beside its direction is as likely a second take as not; the slope is that of separated vocals without the second
# cue.
DOUBLE_IN_MIX = DoubleOdds(intercept=3.15, beside_db=0.45, at_once_db=0.0)
GAP = GapOdds(intercept=3.2, others_db=0.209, level_db=-0.332, beside_db=0.164)
# A mono file has nothing beside.
GAP_IN_MONO = GapOdds(intercept=1.028, others_db=0.208, level_db=-0.188, beside_db=0.0)
# One frame says no more than this, however far its cues lie from those of known songs. Chosen by hand, not fitted.
MOST_LAYERED, MOST_GAP = 3.0, 4.0
# Where the separated lead stands this far above the accompaniment on its own partials, in dB, half of the evidence
# counts, and 3 dB change the odds of that by a factor of e: below, too little of the voices is left. Chosen by hand.
HEARD_DB, HEARD_WIDTH_DB = -3.0, 3.0
# What frames without evidence count for: that there is no other voice. Chosen by hand, not fitted.
UNHEARD_LAYERED, UNHEARD_GAP = -1.0, -2.0
# Neighbouring frames share most of their sound, so that each counts for a fifth of one. Chosen by hand; with twice or
# half as much, as many songs are told rightly.
EACH_FRAME = 0.2
# How long layers, and voices in the gaps, last, and what share of the time they take: of the model of two states.
# Chosen by hand: half and twice as long tells as many songs rightly.
LAYERS_LAST_S, LAYERED_SHARE = 6.0, 0.3
GAPS_LAST_S, GAPS_SHARE = 3.0, 0.2


class Misread(NamedTuple):
    """How far the evidence of a whole song is off.

    Attributes
    ----------
    shift : float
        What to add to the log odds.
    unsure : float
        How far they may still be off either way in nine of ten songs, where all singing is heard ...
    unheard : float
        ... and by how many times as much that grows where none is heard over the accompaniment.
    """

    shift: float
    unsure: float
    unheard: float


# Of songs not fitted on, 41 % are ruled on by the range of layered time, and 33 of these 35 rightly; 45 % by that of
# filled gaps, 45 of 46 rightly. Those wrong were misheard outright: the separation lost the other voices, or left an
# instrument.
LAYERED_MISREAD = Misread(shift=-0.69, unsure=0.92, unheard=2.1)
GAP_MISREAD = Misread(shift=-1.59, unsure=3.43, unheard=1.3)

# The edges of what is found are not found to the frame, and notes begin and end softly: a share may be off by this much
# of itself, and by this much of the time, on top. With both, the ranges hold 88 % of the true shares of songs that
# were not fitted on.
EDGES_OF_SHARE, EDGES_OF_TIME = 0.1, 0.02
# What is layered for less than this is an accident. Chosen by hand, not fitted.
MIN_DURATION_S = 0.5
# Pauses of up to this length within layered or sung stretches are bridged. Chosen by hand, not fitted.
JOINED_S = 0.5
# Certain singing shorter than this is no note. Chosen by hand, not fitted.
MIN_NOTE_S = 0.08
# The lead sings alone where the energy between its partials stays below this, in dB; its level is told from there if
# that is so for long enough, and from its loud notes if not. Chosen by hand, not fitted.
ALONE_DB, MIN_ALONE_S, LOUD_PERCENTILE = -12.0, 2.0, 75
# A rest of the lead counts as a gap from this length on, longer than a breath. Chosen by hand, not fitted.
MIN_GAP_S = 1.2
# With less certain singing than this no share of it means anything. Chosen by hand, not fitted.
MIN_SUNG_S = 2.0
# A song with layers in less than this share of its sung time is called one voice. Chosen by hand, not fitted.
OFTEN = 0.1


@value
class VocalLayers:
    """More than one voice at once.

    Attributes
    ----------
    layered_fraction : Estimate
        Share of the sung time with more than one voice.
    spans : tuple of Span
        Where there is more than one voice.
    doubled_fraction : float or None
        Share of the sung time in which the lead's own notes come from more than one direction. None for mono.
    harmony_fraction : float or None
        Share of the sung time in which notes other than the lead's are sung. None where the vocals were not separated.
    width_fraction : float
        Share of the voices' energy that comes from beside their main direction: 0 for one voice, dry or in a mono room,
        .5 for voices or reverberation all around.
    gap_fill_fraction : Estimate or None
        Share of the lead's gaps of 1.2 s and more that other voices fill. None where it has no such gaps, and where the
        vocals were not separated.
    kind : str
        What there is most of: ``doubles``, ``harmonies``, ``voices in the gaps``; or ``one voice``.
    method : VocalSource
        What was listened to.
    """

    layered_fraction: Annotated[Estimate, FRACTION]
    spans: tuple[Span, ...]
    doubled_fraction: Annotated[float, FRACTION] | None
    harmony_fraction: Annotated[float, FRACTION] | None
    width_fraction: Annotated[float, FRACTION]
    gap_fill_fraction: Annotated[Estimate, FRACTION] | None
    kind: Kind
    method: VocalSource

    @property
    def lacking(self) -> Mapping[str, tuple[Absence, str]]:
        """Why fields hold nothing."""
        in_the_mix = (Absence.NOT_SEPARATED, "the vocals were not separated from the mix")
        no_gaps = (Absence.NO_GAPS, "the lead leaves no gaps of 1.2 s")
        return {
            "doubled_fraction": (Absence.NOT_STEREO, "in a mono song all voices come from one direction"),
            "harmony_fraction": in_the_mix,
            "gap_fill_fraction": no_gaps if self.method.separated else in_the_mix,
        }

    @property
    def where(self) -> Mapping[str, tuple[Span, ...]]:
        """Where to listen for more than one voice."""
        return {"layered_fraction": self.spans}

    @property
    def summary(self) -> str:
        """The result in one line."""
        layered = self.layered_fraction
        return (
            f"{self.kind}: {FRACTION.format(layered.value)} of the sung time layered "
            f"({FRACTION.number(layered.low)} to {FRACTION.format(layered.high)})"
        )


@dataclass(frozen=True, kw_only=True)
class VoiceEnergy:
    """Energies of the sung frames, every 50 ms, shape (n,): what lies on the lead's partials, and between them.

    Attributes
    ----------
    times_s : array
        The middle of each frame.
    span_index : array
        The number of the sung span that each frame is in.
    on_lead, between : arrays
        From the voices' main direction.
    on_lead_beside, between_beside : arrays
        From beside it; zero for mono.
    accompaniment : array
        On the lead's partials; zero where the vocals were not separated.
    """

    times_s: Floats
    span_index: Ints
    on_lead: Floats
    between: Floats
    on_lead_beside: Floats
    between_beside: Floats
    accompaniment: Floats


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


@analyzer(version=4)
def measure_vocal_layers(stems: Stems, pitch: VocalPitch, track: VoiceTrack) -> VocalLayers:
    """Find where more than one voice sings, by the energy between the lead's partials and from beside its direction.

    Each frame's energy is split into what lies on the partials of the lead and what lies between them, both from the
    voices' main direction and from beside it. Other notes lie between the partials. A second take of the same note,
    panned elsewhere, lies on them and beside the lead, and comes and goes with it, as a room does not. Voices without
    the lead are weaker than it. Where the vocals were not separated only doubles are looked for, after as
    much as the accompaniment has between the partials was subtracted from what lies on them.

    Raises
    ------
    CannotMeasure
        Hardly anything is sung, or the mix is mono and the vocals were not separated.

    Notes
    -----
    A double from the direction of the lead is not told from one voice; in a mono file no double is, and the range
    reaches to 100 %. Octaves lie on the lead's own partials. What the model mistakes for vocals counts as a voice; the
    voices that it leaves in the accompaniment do not.
    """
    mono = is_mono(stems.vocals) and is_mono(stems.accompaniment_or_mix)
    separated = stems.method.separated
    if mono and not separated:
        raise CannotMeasure(
            Absence.NOT_STEREO,
            "the mix is mono: without separated vocals, other voices cannot be told from the accompaniment",
        )
    sung = surely_sung(pitch)
    if sum(span.duration_s for span in sung) < MIN_SUNG_S or not pitch.sung.any():
        raise CannotMeasure(
            Absence.TOO_LITTLE, f"too little is sung to tell its layers (needs {SECONDS.format(MIN_SUNG_S)})"
        )
    energy = measure_energy(stems, pitch, sung)
    cues = gather_cues(stems, pitch, track, energy)
    harmony, double = harmony_log_odds(cues), double_log_odds(cues)
    layered = likely_layered(either(harmony, double), cues.heard, range_of(LAYERED_MISREAD, cues.heard))
    parts = layered_parts(layered[:, MIDDLE] > 0.5, energy.span_index)
    gaps, leadless = _read_gaps(cues, energy, sung) if separated else (None, [])
    in_parts = _mask(parts, len(energy.times_s))
    return VocalLayers(
        layered_fraction=estimate_of(layered.mean(axis=0), all_heard=separated and not mono),
        spans=tuple(_span(energy, part) for part in parts),
        doubled_fraction=None if mono else _share_of(in_parts & (double > 0)),
        harmony_fraction=_share_of(in_parts & (harmony > 0)) if separated else None,
        width_fraction=_width(energy),
        gap_fill_fraction=gaps,
        kind=_kind(in_parts, harmony, double, _mask(leadless, len(in_parts))),
        method=stems.method,
    )


def surely_sung(pitch: VocalPitch) -> list[Span]:
    """Find where the pitch is certain, across short pauses.

    At the edges of all that may be sung, the accompaniment sounds between the partials of a voice that rests: of 108
    songs with known voices 61 are named right from there, and 70 from where the pitch is certain.
    """
    certain = fill_gaps(drop_short(pitch.certain == 1, round(MIN_NOTE_S / STEP_S)), round(JOINED_S / STEP_S))
    return [Span(start_s=round(a * STEP_S, 3), end_s=round(b * STEP_S, 3)) for a, b in runs(certain).tolist()]


def measure_energy(stems: Stems, pitch: VocalPitch, sung: Sequence[Span]) -> VoiceEnergy:
    """Measure the energies of the sung frames. Where a frame has no pitch, in a breath, the nearest pitch holds."""
    frames = [np.arange(span.start_s + HOP_S / 2, span.end_s, HOP_S) for span in sung]
    times_s = np.concatenate(frames)
    f0_hz = _pitch_at(pitch, times_s)
    rate_hz = stems.sample_rate_hz
    n_fft = window_length(rate_hz, about_s=WINDOW_S)
    main, *others = (
        powers_at(d, rate_hz, times_s, n_fft=n_fft, highest_hz=MAX_HZ) for d in _directions(stems.vocals, pitch)
    )
    frequencies_hz = np.arange(main.shape[1]) * rate_hz / n_fft
    near = near_partials(f0_hz, frequencies_hz, bin_hz=rate_hz / n_fft)
    near, far = near & (frequencies_hz > MIN_HZ), ~near & (frequencies_hz > MIN_HZ)
    # The accompaniment has as much on each bin of the lead's partials as on each bin between them.
    band = 0.0 if stems.method.separated else near.sum(axis=1) / np.maximum(far.sum(axis=1), 1)
    between = _energy(main, far)
    between_beside = _energy(others[0], far) if others else np.zeros_like(between)
    accompaniment = np.zeros_like(between)
    if stems.accompaniment is not None and stems.method.separated:
        # Of one channel, with the energy of all: where they differ it is a little less.
        channels = stems.accompaniment
        one = channels.mean(axis=0) * np.float32(np.sqrt(len(channels)))
        accompaniment = _energy(powers_at(one, rate_hz, times_s, n_fft=n_fft, highest_hz=MAX_HZ), near)
    return VoiceEnergy(
        times_s=times_s,
        span_index=np.repeat(np.arange(len(frames)), [len(f) for f in frames]),
        on_lead=_energy(main, near) - band * between,
        between=between,
        on_lead_beside=(_energy(others[0], near) if others else np.zeros_like(between)) - band * between_beside,
        between_beside=between_beside,
        accompaniment=accompaniment,
    )


def gather_cues(stems: Stems, pitch: VocalPitch, track: VoiceTrack, energy: VoiceEnergy) -> Cues:
    """Turn the energies of the sung frames into what tells layers."""
    smooth = {
        name: _smooth(getattr(energy, name), energy.span_index, over_s=SMOOTHED_S)
        for name in ("on_lead", "between", "on_lead_beside", "between_beside", "accompaniment")
    }
    on_lead = smooth["on_lead"] + smooth["on_lead_beside"]
    others_db = _ratio_db(smooth["between"] + smooth["between_beside"], on_lead)
    separated = stems.method.separated
    beside_db, at_once_db = _ratio_db(smooth["on_lead_beside"], smooth["on_lead"]), AT_ONCE_OF_ONE_DB
    parted = _part_beside(stems, pitch) if separated and not is_mono(stems.vocals) else None
    if parted is not None:
        at = (energy.times_s / beside.STEP_S).astype(np.int64).clip(max=len(parted.share_at_once) - 1)
        beside_db = beside_db + power_db(np.maximum(parted.share_at_once[at], 1e-4))
        at_once_db = max(float(power_db(parted.at_once)), AT_ONCE_DB)
    heard = np.ones_like(on_lead)
    if separated:
        heard = expit((_ratio_db(on_lead, smooth["accompaniment"]) - HEARD_DB) / HEARD_WIDTH_DB)
    alone = others_db < ALONE_DB
    followed = energy.on_lead + energy.on_lead_beside
    lead = float(
        np.median(followed[alone]) if alone.sum() * HOP_S >= MIN_ALONE_S else np.percentile(followed, LOUD_PERCENTILE)
    )
    return Cues(
        span_index=energy.span_index,
        separated=separated,
        stereo=not (is_mono(stems.vocals) and is_mono(stems.accompaniment_or_mix)),
        others_db=others_db + RISE_COUNTS * _rise_db(others_db, heard, energy.span_index),
        confidence=np.minimum(track.confidence[_nearest(track.times_s, energy.times_s)], CLEAR_CONFIDENCE),
        beside_db=np.maximum(beside_db, BESIDE_DB),
        at_once_db=at_once_db,
        heard=heard,
        level_db=_ratio_db(on_lead, np.full_like(on_lead, lead)),
    )


def _rise_db(others_db: Floats, heard: Floats, span_index: Ints) -> Floats:
    """Return how far the energy between the partials rises, for seconds, above the song's own quiet passages: (n,)."""
    ratio_db = power_db(_smooth(10 ** (others_db / 10), span_index, over_s=RISE_OVER_S))
    counted = heard > 0.5
    enough = counted.sum() * HOP_S >= MIN_ALONE_S
    quiet_db = np.percentile(ratio_db[counted], QUIET_PERCENTILE) if enough else np.median(ratio_db)
    rise_db: Floats = (ratio_db - quiet_db).clip(0, MOST_RISE_DB)
    return rise_db


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


def range_of(misread: Misread, heard: Floats) -> Floats:
    """Return by how much the evidence of a song is shifted for the low end of a range, between, and for the high: (5,).

    The steps between the ends are there since shares of gaps need not rise with the shift.

    Parameters
    ----------
    heard : array, shape (n,)
        How much the evidence of each frame counts, 0..1.
    """
    unsure = misread.unsure * (1 + misread.unheard * (1 - float(heard.mean())))
    shifts: Floats = misread.shift + unsure * np.linspace(-1, 1, 5)
    return shifts


MIDDLE = 2
"""Which of `range_of` is the likeliest."""


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


def layered_parts(layered: Mask, span_index: Ints) -> list[tuple[int, int]]:
    """Join what is layered within each sung span, and drop what is short: (n,) -> first and one-past-last frames."""
    parts = []
    for first, end in _spans(span_index):
        whole = drop_short(fill_gaps(layered[first:end], round(JOINED_S / HOP_S)), round(MIN_DURATION_S / HOP_S))
        parts += [(first + a, first + b) for a, b in runs(whole).tolist()]
    return parts


def _read_gaps(cues: Cues, energy: VoiceEnergy, sung: Sequence[Span]) -> tuple[Estimate | None, list[tuple[int, int]]]:
    """Return how much of the lead's gaps is filled, None where it leaves none, and the parts without the lead."""
    likely = likely_leadless(gap_log_odds(cues), cues.heard, range_of(GAP_MISREAD, cues.heard))
    parts = [layered_parts(column > 0.5, energy.span_index) for column in likely.T]
    return fill_range(sung, [[_span(energy, part) for part in each] for each in parts]), parts[MIDDLE]


def fill_range(sung: Sequence[Span], leadless: Sequence[list[Span]]) -> Estimate | None:
    """Return the share of the lead's gaps that is filled, with its range, from parts without the lead for each shift.

    None where the lead leaves no gaps, whatever the shift.
    """
    fills = [fill_of_gaps(sung, each) for each in leadless]
    return None if all(fill is None for fill in fills) else estimate_of(np.array([fill or 0.0 for fill in fills]))


def estimate_of(shares: Floats, *, all_heard: bool = True) -> Estimate:
    """Return a share with its range, from what it comes to for each shift of `range_of`.

    Parameters
    ----------
    all_heard : bool
        Whether all kinds of other voices could be heard; if not, anything up to 1 may be so.
    """
    low = float(shares[: MIDDLE + 1].min()) * (1 - EDGES_OF_SHARE) - EDGES_OF_TIME
    high = float(shares[MIDDLE:].max()) * (1 + EDGES_OF_SHARE) + EDGES_OF_TIME if all_heard else 1.0
    return Estimate(value=round(float(shares[MIDDLE]), 4), low=round(max(low, 0.0), 4), high=round(min(high, 1.0), 4))


def fill_of_gaps(sung: Sequence[Span], leadless: list[Span]) -> float | None:
    """Return the share of the lead's gaps that voices without it fill; None where it leaves no gaps."""
    steps = round(sung[-1].end_s / HOP_S) + 1
    lead, voices = np.zeros(steps, np.bool_), np.zeros(steps, np.bool_)
    for mask, spans in ((lead, sung), (voices, leadless)):
        for span in spans:
            mask[round(span.start_s / HOP_S) : round(span.end_s / HOP_S)] = True
    lead &= ~voices
    gaps = [
        (first, end)
        for first, end in runs(~lead).tolist()
        if first > 0 and end < steps - 1 and (end - first) * HOP_S >= MIN_GAP_S
    ]
    if not gaps:
        return None
    return _share_of(np.concatenate([voices[first:end] for first, end in gaps]))


def _part_beside(stems: Stems, pitch: VocalPitch) -> beside.Beside | None:
    """Part the vocals from beside the lead into what begins and ends with it and what lingers."""
    lead, others = (beside.powers_of(d, stems.sample_rate_hz) for d in _directions(stems.vocals, pitch))
    heard = ndimage.binary_dilation(pitch.certain == 1, iterations=round(ANSWERED_S / STEP_S))
    steps = (np.arange(len(lead)) * beside.STEP_S / STEP_S).astype(np.int64).clip(max=len(heard) - 1)
    return beside.part_beside(lead, others, heard[steps])


def _directions(voices: Float32s, pitch: VocalPitch) -> tuple[Float32s, ...]:
    """Return what comes from the voices' main direction and, of stereo, what comes from beside it: (n,) each."""
    return (voices[0],) if is_mono(voices) else main_and_beside(voices, pitch.sung)


def _pitch_at(pitch: VocalPitch, times_s: Floats) -> Floats:
    """Return the pitch at some moments, the nearest where there is none: (n,) -> (n,), in Hz."""
    pitched = np.flatnonzero(pitch.sung)
    f0_hz: Floats = pitch.f0_hz[pitched[_nearest(pitch.times_s[pitched], times_s)]]
    return f0_hz


def _share_of(frames: Mask) -> float:
    return round(float(frames.mean()), 4)


def _width(energy: VoiceEnergy) -> float:
    """Return the share of all energy that comes from beside the voices' main direction, 0..1."""
    beside_s = float(energy.on_lead_beside.sum() + energy.between_beside.sum())
    whole = beside_s + float(energy.on_lead.sum() + energy.between.sum())
    return round(min(max(beside_s / whole, 0.0), 1.0), 4) if whole > 0 else 0.0


def _kind(layered: Mask, harmony: Floats, double: Floats, leadless: Mask) -> Kind:
    """Name what there is most of in what is layered."""
    if layered.mean() < OFTEN:
        return "one voice"
    if leadless.sum() > layered.sum() / 2:
        return "voices in the gaps"
    return "harmonies" if (layered & (harmony > 0)).sum() > (layered & (double > 0)).sum() else "doubles"


def _span(energy: VoiceEnergy, part: tuple[int, int]) -> Span:
    first, end = part
    start_s, end_s = energy.times_s[first] - HOP_S / 2, energy.times_s[end - 1] + HOP_S / 2
    return Span(start_s=round(max(float(start_s), 0.0), 3), end_s=round(float(end_s), 3))


def _mask(parts: list[tuple[int, int]], length: int) -> Mask:
    out = np.zeros(length, np.bool_)
    for first, end in parts:
        out[first:end] = True
    return out


def _spans(span_index: Ints) -> list[tuple[int, int]]:
    edges = [0, *(np.flatnonzero(np.diff(span_index)) + 1).tolist(), len(span_index)]
    return list(itertools.pairwise(edges))


def _smooth(values: Floats, span_index: Ints, *, over_s: float) -> Floats:
    """Average over some time, within each sung span: (n,) -> (n,)."""
    out = np.empty_like(values)
    for first, end in _spans(span_index):
        size = min(round(over_s / HOP_S), end - first)
        out[first:end] = ndimage.uniform_filter1d(values[first:end], size, mode="nearest")
    return out


def _energy(power: Float32s, where: Mask) -> Floats:
    total: Floats = np.einsum("ij,ij->i", power, where, dtype=np.float64)
    return total


def _ratio_db(part: Floats, whole: Floats) -> Floats:
    """Return a ratio of energies in dB, within `RATIO_DB`; the lower end where there is no part."""
    low, high = RATIO_DB
    some = np.divide(part, whole, out=np.full_like(part, np.inf), where=whole > 0)
    found: Floats = np.where(part > 0, power_db(np.maximum(some, 1e-9)), low).clip(low, high)
    return found


def _nearest(places: Floats, wanted: Floats) -> Ints:
    """Return the index of the place nearest to each wanted one; both rising: (m,) and (n,) -> (n,)."""
    after = np.searchsorted(places, wanted).clip(1, max(len(places) - 1, 1))
    before = after - 1
    after = after.clip(max=len(places) - 1)
    nearest: Ints = np.where(wanted - places[before] <= places[after] - wanted, before, after)
    return nearest
