"""Vocal layers: more than one voice at once, as doubles, harmonies, or voices that fill the lead's gaps.

Conventions: energies are squared magnitudes of frames 50 ms apart, (n,), of which only ratios mean anything; ratios in
dB; spans in seconds. Where the partials of the lead lie says `riffscope.dsp.partials`; what does not come from the
voices' main direction (`riffscope.dsp.panning`) comes from beside it.

Source: own; the limits are from songs rendered with known voices.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from scipy import ndimage

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.decibels import db_to_power, power_db
from riffscope.dsp.panning import is_mono, main_and_beside
from riffscope.dsp.partials import near_partials, powers_at
from riffscope.dsp.runs import drop_short, fill_gaps, runs
from riffscope.dsp.stft import window_length
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import FRACTION, SECONDS
from riffscope.views.stems import Stems

Kind = Literal["one voice", "doubles", "harmonies", "voices in the gaps"]

# Energies are measured this often.
HOP_S = 0.05
# A window of 4096 samples at 44.1 kHz keeps the partials of two voices a third apart from each other.
WINDOW_S = 0.093
# Voices have most of their partials from here ...
MIN_HZ = 150.0
# ... to here; higher ones are smeared by the movement of the pitch within the window.
MAX_HZ = 2000.0
# Energies are averaged over a second before they are compared. Chosen by hand, not fitted.
SMOOTHED_S = 1.0

# A tenth of the voices' energy between the lead's partials is another voice. One voice, breath and room come to 9 %.
HARMONY_DB = -10.0
# A fifth of the energy on the lead's partials that comes from beside its direction is another take of it. One voice in
# the strongest room comes to 13 %, takes panned to the sides to half.
DOUBLE_DB = -7.0
# How far a whole song may be misread: with both limits higher by this, and lower by this, the two results enclose the
# truth nine times in ten (87 % of 105 songs rendered with known voices).
UNSURE_DB = 6.0
# What is layered for less than this is an accident. Chosen by hand, not fitted.
MIN_DURATION_S = 0.5
# Pauses of up to this length within layered or sung stretches are bridged. Chosen by hand, not fitted.
JOINED_S = 0.5
# Certain singing shorter than this is no note. Chosen by hand, not fitted.
MIN_NOTE_S = 0.08
# The edges of layered stretches are not found to the frame: their share may be off by this much for it. Chosen by hand.
EDGES_SHARE = 0.08
# Where others sing with the lead, the lead is as loud as alone. Where it rests, the voice followed is one of theirs,
# and weaker than the lead by this.
LEADLESS_DB = -1.5
# To know how loud the lead is alone, it must be alone for this share of the sung time. Chosen by hand, not fitted.
ALONE_SHARE = 0.15
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
    gap_fill_fraction : float or None
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
    gap_fill_fraction: Annotated[float, FRACTION] | None
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
    """

    times_s: Floats
    span_index: Ints
    on_lead: Floats
    between: Floats
    on_lead_beside: Floats
    between_beside: Floats


@analyzer(version=3)
def measure_vocal_layers(stems: Stems, pitch: VocalPitch) -> VocalLayers:
    """Find where more than one voice sings, by the energy between the lead's partials and from beside its direction.

    Each frame's energy is split into what lies on the partials of the lead and what lies between them, both from the
    voices' main direction and from beside it. Other notes lie between the partials. A second take of the same note,
    panned elsewhere, lies on them and beside the lead. Where the vocals were not separated only doubles are looked for,
    after as much as the accompaniment has between the partials was subtracted from what lies on them.

    Raises
    ------
    CannotMeasure
        Hardly anything is sung, or the mix is mono and the vocals were not separated.

    Notes
    -----
    A double from the direction of the lead is not told from one voice; in a mono file no double is, and the range
    reaches to 100 %. Doubles far below a lead in the centre measure as a room does, and are missed. Octaves lie on the
    lead's own partials. What the model mistakes for vocals counts as a voice; the voices that it leaves in the
    accompaniment do not.
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
    harmony_db, double_db = compare_energies(energy, separated=separated)
    parts = layered_parts((harmony_db > HARMONY_DB) | (double_db > DOUBLE_DB), energy.span_index)
    layered = _mask(parts, len(energy.times_s))
    leadless = find_leadless(energy, parts) if separated else []
    shares = [_share(harmony_db, double_db, over_db=over_db) for over_db in (UNSURE_DB, -UNSURE_DB)]
    return VocalLayers(
        layered_fraction=_estimate(float(layered.mean()), *shares, all_heard=separated and not mono),
        spans=tuple(_span(energy, part) for part in parts),
        doubled_fraction=None if mono else _share_of(layered & (double_db > DOUBLE_DB)),
        harmony_fraction=_share_of(layered & (harmony_db > HARMONY_DB)) if separated else None,
        width_fraction=_width(energy),
        gap_fill_fraction=fill_of_gaps(sung, [_span(energy, part) for part in leadless]) if separated else None,
        kind=_kind(layered, harmony_db > HARMONY_DB, double_db > DOUBLE_DB, _mask(leadless, len(layered))),
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
    pitched = np.flatnonzero(pitch.sung)
    f0_hz = pitch.f0_hz[pitched[_nearest(pitch.times_s[pitched], times_s)]]
    rate_hz, voices = stems.sample_rate_hz, stems.vocals
    n_fft = window_length(rate_hz, about_s=WINDOW_S)
    directions = [voices[0]] if is_mono(voices) else main_and_beside(voices, pitch.sung)
    main, *others = (powers_at(d, rate_hz, times_s, n_fft=n_fft, highest_hz=MAX_HZ) for d in directions)
    frequencies_hz = np.arange(main.shape[1]) * rate_hz / n_fft
    near = near_partials(f0_hz, frequencies_hz, bin_hz=rate_hz / n_fft)
    near, far = near & (frequencies_hz > MIN_HZ), ~near & (frequencies_hz > MIN_HZ)
    # The accompaniment has as much on each bin of the lead's partials as on each bin between them.
    band = 0.0 if stems.method.separated else near.sum(axis=1) / np.maximum(far.sum(axis=1), 1)
    between = _energy(main, far)
    between_beside = _energy(others[0], far) if others else np.zeros_like(between)
    return VoiceEnergy(
        times_s=times_s,
        span_index=np.repeat(np.arange(len(frames)), [len(f) for f in frames]),
        on_lead=_energy(main, near) - band * between,
        between=between,
        on_lead_beside=(_energy(others[0], near) if others else np.zeros_like(between)) - band * between_beside,
        between_beside=between_beside,
    )


def compare_energies(energy: VoiceEnergy, *, separated: bool) -> tuple[Floats, Floats]:
    """Return how strong other notes, and other directions, are against the lead, in dB, over a second: twice (n,).

    Both are -inf where there is none; where the vocals were not separated, that of other notes always is.
    """
    on_lead, between, on_lead_beside, between_beside = (
        _smooth(part, energy.span_index)
        for part in (energy.on_lead, energy.between, energy.on_lead_beside, energy.between_beside)
    )
    if separated:
        harmony_db = _ratio_db(between + between_beside, on_lead + on_lead_beside)
    else:
        harmony_db = np.full(len(on_lead), -np.inf)
    return harmony_db, _ratio_db(on_lead_beside, on_lead)


def layered_parts(layered: Mask, span_index: Ints) -> list[tuple[int, int]]:
    """Join what is layered within each sung span, and drop what is short: (n,) -> first and one-past-last frames."""
    parts = []
    for first, end in _spans(span_index):
        whole = drop_short(fill_gaps(layered[first:end], round(JOINED_S / HOP_S)), round(MIN_DURATION_S / HOP_S))
        parts += [(first + a, first + b) for a, b in runs(whole).tolist()]
    return parts


def find_leadless(energy: VoiceEnergy, parts: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the layered parts in which the lead rests: the voice followed is weaker there than the lead is alone."""
    alone = ~_mask(parts, len(energy.times_s))
    if alone.mean() < ALONE_SHARE:
        return []
    followed = energy.on_lead + energy.on_lead_beside
    limit = followed[alone].mean() * db_to_power(LEADLESS_DB)
    return [(first, end) for first, end in parts if followed[first:end].mean() < limit]


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


def _estimate(middle: float, low: float, high: float, *, all_heard: bool) -> Estimate:
    low, high = min(low - EDGES_SHARE, middle), max(high + EDGES_SHARE, middle) if all_heard else 1.0
    return Estimate(value=round(middle, 4), low=round(max(low, 0.0), 4), high=round(min(high, 1.0), 4))


def _share(harmony_db: Floats, double_db: Floats, *, over_db: float) -> float:
    return float(((harmony_db > HARMONY_DB + over_db) | (double_db > DOUBLE_DB + over_db)).mean())


def _share_of(frames: Mask) -> float:
    return round(float(frames.mean()), 4)


def _width(energy: VoiceEnergy) -> float:
    """Return the share of all energy that comes from beside the voices' main direction, 0..1."""
    beside = float(energy.on_lead_beside.sum() + energy.between_beside.sum())
    whole = beside + float(energy.on_lead.sum() + energy.between.sum())
    return round(min(max(beside / whole, 0.0), 1.0), 4) if whole > 0 else 0.0


def _kind(layered: Mask, harmony: Mask, double: Mask, leadless: Mask) -> Kind:
    """Name what there is most of in what is layered."""
    if layered.mean() < OFTEN:
        return "one voice"
    if leadless.sum() > layered.sum() / 2:
        return "voices in the gaps"
    return "harmonies" if (layered & harmony).sum() > (layered & double).sum() else "doubles"


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


def _smooth(energy: Floats, span_index: Ints) -> Floats:
    """Average over a second, within each sung span: (n,) -> (n,)."""
    out = np.empty_like(energy)
    for first, end in _spans(span_index):
        size = min(round(SMOOTHED_S / HOP_S), end - first)
        out[first:end] = ndimage.uniform_filter1d(energy[first:end], size, mode="nearest")
    return out


def _energy(power: Float32s, where: Mask) -> Floats:
    total: Floats = np.einsum("ij,ij->i", power, where, dtype=np.float64)
    return total


def _ratio_db(part: Floats, whole: Floats) -> Floats:
    """Return a ratio of energies in dB; -inf where either is 0 or less."""
    return power_db(np.divide(part, whole, out=np.zeros_like(part), where=(part > 0) & (whole > 0)))


def _nearest(places: Floats, wanted: Floats) -> Ints:
    """Return the index of the place nearest to each wanted one; both rising: (m,) and (n,) -> (n,)."""
    after = np.searchsorted(places, wanted).clip(1, max(len(places) - 1, 1))
    before = after - 1
    after = after.clip(max=len(places) - 1)
    nearest: Ints = np.where(wanted - places[before] <= places[after] - wanted, before, after)
    return nearest
