"""Vocal layers: more than one voice at once: doubles, harmonies, voices that fill the lead's gaps."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from scipy import ndimage

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.panning import in_one_place, main_and_beside
from riffscope.dsp.partials import near_partials, powers_at
from riffscope.dsp.runs import drop_short, fill_gaps, runs
from riffscope.dsp.stft import window_length
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import FRACTION, SECONDS
from riffscope.views.stems import Stems

Kind = Literal["one voice", "doubles", "harmonies", "voices in the gaps"]

HOP_S = 0.05
# A window of 4096 samples at 44.1 kHz keeps the partials of two voices a third apart from each other.
WINDOW_S = 0.093
# Where voices have most of their partials; higher ones are smeared by the pitch's own movement within the window.
MIN_HZ, MAX_HZ = 150.0, 2000.0
SMOOTHED_S = 1.0

# A tenth of the voices' energy between the lead's partials is another voice (one voice, breath and room: up to 9 %).
# So is a fifth of the energy on its partials that comes from beside it (one voice in the strongest room: 13 %, takes
# panned to the sides: half).
HARMONY_DB, DOUBLE_DB = -10.0, -7.0
# How far a whole song may be misread: between both limits so much higher and so much lower the truth lies nine times in
# ten (87 % of 105 songs rendered with known voices).
UNSURE_DB = 6.0
MIN_DURATION_S, JOINED_S, MIN_NOTE_S = 0.5, 0.5, 0.08
# The edges of what is layered are not heard to the frame.
EDGES_SHARE = 0.08
# Where others sing with the lead, the lead is as loud as alone. Where it rests, the voice followed is one of theirs,
# and weaker. To know how loud the lead is alone, it must be alone for this share of the time.
LEADLESS_DB, ALONE_SHARE = -1.5, 0.15
# The lead rests this long before it is missed.
MIN_GAP_S = 1.2
MIN_SUNG_S = 2.0
# What happens less often than this does not name the song.
OFTEN = 0.1


@value
class VocalLayers:
    """More than one voice at once.

    Attributes
    ----------
    layered_fraction : Estimate
        Share of the sung time with more than one voice.
    spans : tuple of Span
        Where that is so.
    doubled_fraction : float or None
        Share of the sung time in which the lead's own notes come from more than one place. None for a mono sound.
    harmony_fraction : float or None
        Share in which other notes than the lead's are sung. None where the voice was not taken out of the mix.
    width_fraction : float
        Energy of the voices that comes from elsewhere than their main direction: 0 for one voice, dry or in a mono
        room, .5 for voices or reverberation all around.
    gap_fill_fraction : float or None
        Share of the lead's gaps of 1.2 s and more that other voices fill. None where it has no such gaps, and where the
        voice was not taken out of the mix.
    kind : str
        What there is most: ``doubles``, ``harmonies``, ``voices in the gaps``; or ``one voice``.
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
        in_the_mix = (Absence.NOT_SEPARATED, "the voice was not taken out of the mix")
        no_gaps = (Absence.NO_GAPS, "the lead leaves no gaps of 1.2 s")
        return {
            "doubled_fraction": (Absence.NOT_STEREO, "voices in a mono sound all come from one place"),
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
        The sung span that each is in.
    on_lead, between : arrays
        From the voices' main direction.
    on_lead_beside, between_beside : arrays
        From elsewhere; zero for a mono sound.
    """

    times_s: Floats
    span_index: Ints
    on_lead: Floats
    between: Floats
    on_lead_beside: Floats
    between_beside: Floats


@analyzer(version=3)
def measure_vocal_layers(stems: Stems, pitch: VocalPitch) -> VocalLayers:
    """Find where more than one voice sings, by what sounds between the lead's partials and by what sounds beside it.

    Each frame's energy is split into what lies on the partials of the followed voice and what lies between them, both
    from the voices' main direction and from beside it. Other notes lie between the partials. A second take of the same
    note, panned elsewhere, lies on them and beside the lead. Where the voice was not taken out of the mix only doubles
    are listened for, after what the band has between the partials was taken off what lies on them.

    Raises
    ------
    CannotMeasure
        Hardly anything is sung, or the mix is mono and the voice was not taken out of it.

    Notes
    -----
    A double from the same place as the lead is not told from one voice; in a mono file no double is, and the range
    reaches to 100 %. Doubles far below a lead in the middle measure as a room does, and are missed. Octaves lie on the
    lead's own partials. What the model takes of the band for a voice counts as one; what it leaves of the voices in the
    band does not.
    """
    mono = in_one_place(stems.vocals) and in_one_place(stems.accompaniment_or_mix)
    separated = stems.method.separated
    if mono and not separated:
        raise CannotMeasure(
            Absence.NOT_STEREO,
            "the mix is mono: other voices cannot be told from the band without taking the voice out",
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
    """Find where the pitch is certain, over short pauses.

    At the edges of all that may be sung the band is heard between the partials of a voice that rests: of 108 songs with
    known voices 61 are named right from there, 70 from where it is certain.
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
    directions = [voices[0]] if in_one_place(voices) else main_and_beside(voices, pitch.sung)
    main, *others = (powers_at(d, rate_hz, times_s, n_fft=n_fft, highest_hz=MAX_HZ) for d in directions)
    frequencies_hz = np.arange(main.shape[1]) * rate_hz / n_fft
    near = near_partials(f0_hz, frequencies_hz, bin_hz=rate_hz / n_fft)
    near, far = near & (frequencies_hz > MIN_HZ), ~near & (frequencies_hz > MIN_HZ)
    # The band lies on the lead's partials as it lies between them.
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
    """Return how strong other notes and other places are against the lead, in dB, over a second: twice (n,).

    Both are -inf where nothing of them is heard; without the voice taken out, all other notes are.
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
    """Join what is layered within a sung span, and drop what is short: (n,) -> first and one-past-last frames."""
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
    limit = followed[alone].mean() * 10 ** (LEADLESS_DB / 10)
    return [(first, end) for first, end in parts if followed[first:end].mean() < limit]


def fill_of_gaps(sung: Sequence[Span], leadless: list[Span]) -> float | None:
    """Return which share of the lead's gaps is filled by voices without it; None where it leaves no gaps."""
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
    """Average over a second, within each sung span."""
    out = np.empty_like(energy)
    for first, end in _spans(span_index):
        size = min(round(SMOOTHED_S / HOP_S), end - first)
        out[first:end] = ndimage.uniform_filter1d(energy[first:end], size, mode="nearest")
    return out


def _energy(power: Float32s, where: Mask) -> Floats:
    total: Floats = np.einsum("ij,ij->i", power, where, dtype=np.float64)
    return total


def _ratio_db(part: Floats, whole: Floats) -> Floats:
    """Return a ratio of energies in dB; -inf where either is nothing."""
    heard = (part > 0) & (whole > 0)
    ratio = np.divide(part, whole, out=np.zeros_like(part), where=heard)
    return 10 * np.log10(ratio, out=np.full_like(ratio, -np.inf), where=heard)


def _nearest(places: Floats, wanted: Floats) -> Ints:
    """Return the index of the place nearest to each that is wanted; both rising: (m,) and (n,) -> (n,)."""
    after = np.searchsorted(places, wanted).clip(1, max(len(places) - 1, 1))
    before = after - 1
    after = after.clip(max=len(places) - 1)
    nearest: Ints = np.where(wanted - places[before] <= places[after] - wanted, before, after)
    return nearest
