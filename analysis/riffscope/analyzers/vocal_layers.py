"""Vocal layers: more than one voice at once, as doubles, harmonies, or voices that fill the lead's gaps.

Each frame of 50 ms has cues: how much of the vocals lies between the lead's partials (other notes); how much lies on
them but comes from beside the lead, and begins and ends with it (second takes; what lingers is a room); how loud the
notes are against the lead alone (voices without the lead are weaker). Logistic regressions turn them into log odds.
Layers come and go with sections, not with frames, so a model of two states gathers the evidence. What a frame says is
off by more from song to song than from frame to frame, so the song as a whole is read as well: by how much the evidence
would have to be shifted for a claim to hold, and by signs that only a song shows, as notes that move with the lead
(`riffscope.dsp.voice.parallel`) or partials that beat (`riffscope.dsp.voice.beating`). From these follows how likely
the claim is; the evidence is shifted so that the share of the time agrees.

Conventions: energies are squared magnitudes of frames 50 ms apart, (n,), of which only ratios mean anything; ratios in
dB; log odds are natural; spans in seconds. Where the partials of the lead lie says `riffscope.dsp.partials`; what does
not come from the voices' main direction (`riffscope.dsp.panning`) comes from beside it.

Source: own; fitted by ``analysis/training/voice/layers.py`` on songs rendered with known voices.
"""

import functools
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from scipy import ndimage
from scipy.special import expit

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp import panning
from riffscope.dsp.blocks import Channel
from riffscope.dsp.decibels import power_db
from riffscope.dsp.partials import near_partials, powers_at
from riffscope.dsp.runs import drop_short, fill_gaps, runs
from riffscope.dsp.stft import window_length
from riffscope.dsp.voice import beside, layer_odds
from riffscope.dsp.voice.beating import UNKNOWN_DB, beating_db
from riffscope.dsp.voice.layer_odds import HOP_S, Cues
from riffscope.dsp.voice.parallel import parallel_db
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import FRACTION, SECONDS, Said
from riffscope.views.stems import Stems
from riffscope.views.voice_track import VoiceTrack

Kind = Literal["one voice", "doubles", "harmonies", "voices in the gaps"]
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
# How far the energy between the partials rises from the quiet to the loud passages counts to here, in dB, between
# these percentiles. Chosen by hand, not fitted.
QUIET_AND_LOUD, MOST_CONTRAST_DB = (15, 85), 25.0
# A room has died away this long after a phrase, and the next begins this long before it is found, in s.
AFTER_PHRASE_S, BEFORE_PHRASE_S = 0.5, 0.15
# What sounds while the lead rests counts within these, in dB: the separation gates what it holds for nothing.
RESTING_DB = (-40.0, 5.0)
# What is taken of a lead that never rests for long, and of songs too short to tell how clear soft singing is: the
# average of known songs.
RESTING_UNKNOWN_DB, CLEAR_UNKNOWN = -32.0, 0.5
# Where the separated lead stands this far above the accompaniment on its own partials, in dB, half of the evidence
# counts, and 3 dB change the odds of that by a factor of e: below, too little of the voices is left. Chosen by hand.
HEARD_DB, HEARD_WIDTH_DB = -3.0, 3.0
# From this weight of its evidence on, a frame counts among the song's signs; with less than so much of them, all do.
COUNTED_HEARD, MIN_COUNTED_S = 0.5, 1.0
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

    layered_fraction: Annotated[
        Estimate,
        FRACTION,
        "several voices",
        Said(
            one="More than one voice is heard in {} of the singing",
            subject="the share with several voices",
            more="larger",
            less="smaller",
        ),
    ]
    spans: tuple[Span, ...]
    doubled_fraction: (
        Annotated[
            float,
            FRACTION,
            Said(
                one="The lead is doubled in {} of the singing",
                subject="the share of doubled singing",
                more="larger",
                less="smaller",
            ),
        ]
        | None
    )
    harmony_fraction: (
        Annotated[
            float,
            FRACTION,
            Said(
                one="Harmony notes are sung in {} of the singing",
                subject="the share of sung harmony",
                more="larger",
                less="smaller",
            ),
        ]
        | None
    )
    width_fraction: Annotated[
        float,
        FRACTION,
        Said(
            one="{} of the voices' energy comes from the sides",
            subject="the width of the voices",
            more="larger",
            less="smaller",
        ),
    ]
    gap_fill_fraction: (
        Annotated[
            Estimate,
            FRACTION,
            Said(
                one="Other voices fill {} of the lead's gaps",
                subject="the share of filled gaps",
                more="larger",
                less="smaller",
            ),
        ]
        | None
    )
    kind: Kind
    method: Annotated[VocalSource, "voice from"]

    @property
    def lacking(self) -> Mapping[str, tuple[Absence, str]]:
        """Why fields hold nothing."""
        in_the_mix = (Absence.NOT_SEPARATED, "the vocals were not separated from the mix")
        no_gaps = (Absence.NO_GAPS, "the lead leaves no gaps of 1.2 s or more")
        return {
            "doubled_fraction": (Absence.NOT_STEREO, "the song is mono, so doubled voices cannot be found"),
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
        mostly = "mostly one voice" if self.kind == "one voice" else self.kind
        return (
            f"{mostly}; several voices in {FRACTION.format(layered.value)} of the singing "
            f"(90% range {FRACTION.number(layered.low)} to {FRACTION.format(layered.high)})"
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
    parallel_db : float
        How far notes that move with the lead stand out, voices and accompaniment together; 0 for the mix.
    beating_db : float
        How unevenly the lead's partials swell and fade (`riffscope.dsp.voice.beating`).
    """

    times_s: Floats
    span_index: Ints
    on_lead: Floats
    between: Floats
    on_lead_beside: Floats
    between_beside: Floats
    accompaniment: Floats
    parallel_db: float
    beating_db: float


@dataclass(frozen=True, kw_only=True)
class Voices:
    """The vocals, and where they come from.

    Attributes
    ----------
    vocals : float32 array, shape (1 or 2, n)
    angle : float or None
        The voices' main direction (`riffscope.dsp.panning`); None where both channels are the same.
    mono : bool
        Whether nothing in the song can come from beside.
    """

    vocals: Float32s
    angle: float | None
    mono: bool

    def directions(self) -> Iterator[Channel]:
        """Give what comes from the main direction and, of stereo, what comes from beside it, one at a time: (n,)."""
        if self.angle is None:
            yield self.vocals[0]
            return
        yield panning.derived(self.vocals, functools.partial(panning.along, angle=self.angle))
        yield panning.derived(self.vocals, functools.partial(panning.beside, angle=self.angle))


@analyzer(version=5, heavy=True)
def measure_vocal_layers(stems: Stems, pitch: VocalPitch, track: VoiceTrack) -> VocalLayers:
    """Find where more than one voice sings, by energy between the lead's partials and energy away from its direction.

    The energy of each frame is split into what lies on the partials of the lead and what lies between them, each from
    the voices' main direction and from beside it. Harmony notes lie between the partials. A second take of the lead,
    panned elsewhere, lies on its partials but beside it, and starts and stops with it, unlike reverberation. Other
    voices without the lead are weaker than the lead. Where the vocals were not separated, only doubles are looked for,
    after the accompaniment's share has been subtracted.

    Raises
    ------
    CannotMeasure
        Hardly anything is sung, or the mix is mono and the vocals were not separated.

    Notes
    -----
    A double panned to the same spot as the lead, as in a mono file, shows only for the song as a whole, by the beating
    of its partials. An octave cannot be told from a single voice, because it lies on the lead's own partials. Sounds
    that the separation mistakes for vocals count as voices; voices that it leaves in the accompaniment do not.
    """
    voices = take_apart(stems, pitch)
    separated = stems.method.separated
    if voices.mono and not separated:
        raise CannotMeasure(
            Absence.NOT_STEREO,
            "the mix is mono, so more voices can be found only in separated vocals",
        )
    sung = surely_sung(pitch)
    if sum(span.duration_s for span in sung) < MIN_SUNG_S or not pitch.sung.any():
        raise CannotMeasure(
            Absence.TOO_LITTLE, f"too little singing was found to count voices (needs {SECONDS.given(MIN_SUNG_S)})"
        )
    energy = measure_energy(stems, voices, pitch, sung)
    cues = gather_cues(stems, voices, pitch, track, sung, energy)
    harmony, double = layer_odds.harmony_log_odds(cues), layer_odds.double_log_odds(cues)
    fraction, likely = read_layers(cues, layer_odds.either(harmony, double))
    parts = layered_parts(likely > 0.5, energy.span_index)
    gaps, leadless = read_gaps(cues, energy, sung) if separated else (None, [])
    in_parts = _mask(parts, len(energy.times_s))
    return VocalLayers(
        layered_fraction=fraction,
        spans=tuple(_span(energy, part) for part in parts),
        doubled_fraction=None if voices.mono else _share_of(in_parts & (double > 0)),
        harmony_fraction=_share_of(in_parts & (harmony > 0)) if separated else None,
        width_fraction=_width(energy),
        gap_fill_fraction=gaps,
        kind=_kind(in_parts, harmony, double, _mask(leadless, len(in_parts))),
        method=stems.method,
    )


def take_apart(stems: Stems, pitch: VocalPitch) -> Voices:
    """Split the vocals by direction."""
    if panning.is_mono(stems.vocals):
        return Voices(vocals=stems.vocals, angle=None, mono=stems.has_mono_backing())
    return Voices(vocals=stems.vocals, angle=panning.main_angle(stems.vocals, pitch.sung), mono=False)


def surely_sung(pitch: VocalPitch) -> list[Span]:
    """Find where the pitch is certain, across short pauses.

    At the edges of all that may be sung, the accompaniment sounds between the partials of a voice that rests: of 108
    songs with known voices 61 are named right from there, and 70 from where the pitch is certain.
    """
    certain = fill_gaps(drop_short(pitch.certain == 1, round(MIN_NOTE_S / STEP_S)), round(JOINED_S / STEP_S))
    return [Span(start_s=round(a * STEP_S, 3), end_s=round(b * STEP_S, 3)) for a, b in runs(certain).tolist()]


def measure_energy(stems: Stems, voices: Voices, pitch: VocalPitch, sung: Sequence[Span]) -> VoiceEnergy:
    """Measure the energies of the sung frames. Where a frame has no pitch, in a breath, the nearest pitch holds."""
    frames = [np.arange(span.start_s + HOP_S / 2, span.end_s, HOP_S) for span in sung]
    times_s = np.concatenate(frames)
    f0_hz = _pitch_at(pitch, times_s)
    rate_hz = stems.sample_rate_hz
    n_fft = window_length(rate_hz, about_s=WINDOW_S)
    main, *others = (
        powers_at(direction, rate_hz, times_s, n_fft=n_fft, highest_hz=MAX_HZ) for direction in voices.directions()
    )
    frequencies_hz = np.arange(main.shape[1]) * rate_hz / n_fft
    near = near_partials(f0_hz, frequencies_hz, bin_hz=rate_hz / n_fft)
    near, far = near & (frequencies_hz > MIN_HZ), ~near & (frequencies_hz > MIN_HZ)
    # The accompaniment has as much on each bin of the lead's partials as on each bin between them.
    band = 0.0 if stems.method.separated else near.sum(axis=1) / np.maximum(far.sum(axis=1), 1)
    between = _energy(main, far)
    between_beside = _energy(others[0], far) if others else np.zeros_like(between)
    span_index = np.repeat(np.arange(len(frames)), [len(f) for f in frames])
    accompaniment, parallel, beating = np.zeros_like(between), 0.0, UNKNOWN_DB
    if stems.method.separated:
        whole = powers_at(
            stems.accompaniment_as_one(_with_energy_of_all), rate_hz, times_s, n_fft=n_fft, highest_hz=MAX_HZ
        )
        accompaniment = _energy(whole, near)
        voices_power = main + others[0] if others else main
        beating = beating_db(voices_power, whole, f0_hz, span_index, bin_hz=rate_hz / n_fft)
        # What the separation takes for the accompaniment moves with the lead as well, where it is a voice.
        whole += voices_power
        pitched = (pitch.certain == 1)[(times_s / STEP_S).astype(np.int64).clip(max=len(pitch.certain) - 1)]
        parallel = parallel_db(whole[pitched], f0_hz[pitched], bin_hz=rate_hz / n_fft)
    return VoiceEnergy(
        times_s=times_s,
        span_index=span_index,
        on_lead=_energy(main, near) - band * between,
        between=between,
        on_lead_beside=(_energy(others[0], near) if others else np.zeros_like(between)) - band * between_beside,
        between_beside=between_beside,
        accompaniment=accompaniment,
        parallel_db=parallel,
        beating_db=beating,
    )


def _with_energy_of_all(channels: Float32s) -> Float32s:
    """Mix one channel or two down to one, (n,), with the energy of all: where they differ it is a little less."""
    one: Float32s = channels[0] if len(channels) == 1 else (channels[0] + channels[1]) * np.float32(np.sqrt(0.5))
    return one


def gather_cues(
    stems: Stems, voices: Voices, pitch: VocalPitch, track: VoiceTrack, sung: Sequence[Span], energy: VoiceEnergy
) -> Cues:
    """Turn the energies of the sung frames into what tells layers."""
    smooth = {
        name: _smooth(getattr(energy, name), energy.span_index, over_s=SMOOTHED_S)
        for name in ("on_lead", "between", "on_lead_beside", "between_beside", "accompaniment")
    }
    on_lead = smooth["on_lead"] + smooth["on_lead_beside"]
    others_db = _ratio_db(smooth["between"] + smooth["between_beside"], on_lead)
    separated = stems.method.separated
    beside_db, at_once_db, resting_db = _ratio_db(smooth["on_lead_beside"], smooth["on_lead"]), AT_ONCE_OF_ONE_DB, 0.0
    heard = np.ones_like(on_lead)
    if separated:
        heard = expit((_ratio_db(on_lead, smooth["accompaniment"]) - HEARD_DB) / HEARD_WIDTH_DB)
    counted = heard > COUNTED_HEARD
    if counted.sum() * HOP_S < MIN_COUNTED_S:
        counted[:] = True
    steady_beside_db = float(np.percentile(beside_db[counted], QUIET_PERCENTILE))
    if separated:
        powers = [beside.powers_of(direction, stems.sample_rate_hz) for direction in voices.directions()]
        resting_db = _resting_db(np.sum(powers, axis=0), sung)
        parted = _part_beside(powers, pitch) if len(powers) > 1 else None
        if parted is not None:
            at = (energy.times_s / beside.STEP_S).astype(np.int64).clip(max=len(parted.share_at_once) - 1)
            beside_db = beside_db + power_db(np.maximum(parted.share_at_once[at], 1e-4))
            at_once_db = max(float(power_db(parted.at_once)), AT_ONCE_DB)
    alone = others_db < ALONE_DB
    followed = energy.on_lead + energy.on_lead_beside
    lead = float(
        np.median(followed[alone]) if alone.sum() * HOP_S >= MIN_ALONE_S else np.percentile(followed, LOUD_PERCENTILE)
    )
    level_db = _ratio_db(on_lead, np.full_like(on_lead, lead))
    confidence = np.minimum(track.confidence[_nearest(track.times_s, energy.times_s)], CLEAR_CONFIDENCE)
    passages_db = power_db(_smooth(10 ** (others_db / 10), energy.span_index, over_s=RISE_OVER_S))
    quiet_db, loud_db = np.percentile(passages_db[counted], QUIET_AND_LOUD).tolist()
    return Cues(
        span_index=energy.span_index,
        separated=separated,
        stereo=not voices.mono,
        others_db=others_db + RISE_COUNTS * _rise_db(passages_db, heard),
        confidence=confidence,
        beside_db=np.maximum(beside_db, BESIDE_DB),
        at_once_db=at_once_db,
        heard=heard,
        level_db=level_db,
        contrast_db=min(loud_db - quiet_db, MOST_CONTRAST_DB),
        parallel_db=energy.parallel_db,
        beating_db=energy.beating_db,
        steady_beside_db=steady_beside_db,
        clear_when_loud=_correlation(
            level_db[counted], _smooth(confidence, energy.span_index, over_s=SMOOTHED_S)[counted]
        ),
        resting_db=resting_db,
    )


def _correlation(first: Floats, second: Floats) -> float:
    """Return the correlation of two cues, (n,); that of known songs where they are too short, or do not change."""
    if len(first) * HOP_S < MIN_COUNTED_S or min(np.ptp(first), np.ptp(second)) == 0:
        return CLEAR_UNKNOWN
    return float(np.corrcoef(first, second)[0, 1])


def _resting_db(power: Floats, sung: Sequence[Span]) -> float:
    """Return what the vocals hold while the lead rests, against while it sings: powers every 10 ms, (steps,)."""
    at = [(round(span.start_s / beside.STEP_S), round(span.end_s / beside.STEP_S)) for span in sung]
    lead = float(np.median(np.concatenate([power[first:end] for first, end in at])))
    after, before = round(AFTER_PHRASE_S / beside.STEP_S), round(BEFORE_PHRASE_S / beside.STEP_S)
    rests = [
        power[end + after : first - before]
        for (_, end), (first, _) in itertools.pairwise(at)
        if (first - end) * beside.STEP_S >= MIN_GAP_S
    ]
    if not rests or lead == 0:
        return RESTING_UNKNOWN_DB
    least, most = RESTING_DB
    return float(power_db(np.maximum(np.concatenate(rests) / lead, 10 ** (least / 10))).clip(max=most).mean())


def _rise_db(passages_db: Floats, heard: Floats) -> Floats:
    """Return how far the energy between the partials rises, for seconds, above the song's own quiet passages: (n,)."""
    counted = heard > COUNTED_HEARD
    enough = counted.sum() * HOP_S >= MIN_ALONE_S
    quiet_db = np.percentile(passages_db[counted], QUIET_PERCENTILE) if enough else np.median(passages_db)
    rise_db: Floats = (passages_db - quiet_db).clip(0, MOST_RISE_DB)
    return rise_db


def read_layers(cues: Cues, log_odds: Floats) -> tuple[Estimate, Floats]:
    """Return the share of layered time with its range, and how likely each frame is layered: (n,)."""
    if not cues.separated:
        shifts = layer_odds.SHIFT_IN_MIX + layer_odds.UNSURE_IN_MIX * np.array([-1.0, 0.0, 1.0])
        likely = layer_odds.likely_layered(log_odds, cues.heard, shifts)
        low, middle, _ = likely.mean(axis=0).tolist()
        return Estimate(value=round(middle, 4), low=round(low, 4), high=1.0), likely[:, 1]
    likely = layer_odds.likely_layered(log_odds, cues.heard, layer_odds.LAYERED_SHIFTS)
    shares = likely.mean(axis=0)
    needed = layer_odds.crossing(layer_odds.LAYERED_SHIFTS, shares, layer_odds.LAYERED_LIMIT)
    odds = layer_odds.layered_song_log_odds(cues, needed)
    middle = needed + layer_odds.LAYERED_UNSURE * odds / layer_odds.CERTAIN
    shifts, limit, unsure = layer_odds.LAYERED_SHIFTS, layer_odds.LAYERED_LIMIT, layer_odds.LAYERED_UNSURE
    low, share, high = layer_odds.share_at(shifts, shares, middle, odds, limit=limit, unsure=unsure)
    step = layer_odds.nearest_step(shifts, layer_odds.crossing(shifts, shares, share))
    return Estimate(value=share, low=low, high=high), likely[:, step]


def read_gaps(cues: Cues, energy: VoiceEnergy, sung: Sequence[Span]) -> tuple[Estimate | None, list[tuple[int, int]]]:
    """Return how much of the lead's gaps is filled, None where it leaves none, and the parts without the lead."""
    likely = layer_odds.likely_leadless(layer_odds.gap_log_odds(cues), cues.heard, layer_odds.GAP_SHIFTS)
    parts = [layered_parts(column > 0.5, energy.span_index) for column in likely.T]
    fills = [fill_of_gaps(sung, [_span(energy, part) for part in each]) for each in parts]
    if all(fill is None for fill in fills):
        return None, []
    shares = np.maximum.accumulate([fill or 0.0 for fill in fills])
    needed = layer_odds.crossing(layer_odds.GAP_SHIFTS, shares, layer_odds.FILLED_LIMIT)
    odds = layer_odds.filled_song_log_odds(cues, needed)
    middle = needed + layer_odds.GAP_UNSURE * odds / layer_odds.CERTAIN
    low, share, high = layer_odds.share_at(
        layer_odds.GAP_SHIFTS, shares, middle, odds, limit=layer_odds.FILLED_LIMIT, unsure=layer_odds.GAP_UNSURE
    )
    return Estimate(value=share, low=low, high=high), parts[layer_odds.nearest_step(layer_odds.GAP_SHIFTS, middle)]


def layered_parts(layered: Mask, span_index: Ints) -> list[tuple[int, int]]:
    """Join what is layered within each sung span, and drop what is short: (n,) -> first and one-past-last frames."""
    parts = []
    for first, end in _spans(span_index):
        whole = drop_short(fill_gaps(layered[first:end], round(JOINED_S / HOP_S)), round(MIN_DURATION_S / HOP_S))
        parts += [(first + a, first + b) for a, b in runs(whole).tolist()]
    return parts


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


def _part_beside(powers: Sequence[Floats], pitch: VocalPitch) -> beside.Beside | None:
    """Part the vocals from beside the lead into what begins and ends with it and what lingers."""
    lead, others = powers
    heard = ndimage.binary_dilation(pitch.certain == 1, iterations=round(ANSWERED_S / STEP_S))
    steps = (np.arange(len(lead)) * beside.STEP_S / STEP_S).astype(np.int64).clip(max=len(heard) - 1)
    return beside.part_beside(lead, others, heard[steps])


def _pitch_at(pitch: VocalPitch, times_s: Floats) -> Floats:
    """Return the pitch at some moments, the nearest where there is none: (n,) -> (n,), in Hz."""
    pitched = np.flatnonzero(pitch.sung)
    f0_hz: Floats = pitch.f0_hz[pitched[_nearest(pitch.times_s[pitched], times_s)]]
    return f0_hz


def _share_of(frames: Mask) -> float:
    return round(float(frames.mean()), 4)


def _width(energy: VoiceEnergy) -> float:
    """Return the share of all energy that comes from beside the voices' main direction, 0..1."""
    aside = float(energy.on_lead_beside.sum() + energy.between_beside.sum())
    whole = aside + float(energy.on_lead.sum() + energy.between.sum())
    return round(min(max(aside / whole, 0.0), 1.0), 4) if whole > 0 else 0.0


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
