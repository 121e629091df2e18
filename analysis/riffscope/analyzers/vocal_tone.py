"""Vocal tone: breath noise, how fast the room dies away after a note, and vocals against accompaniment.

Conventions: breath noise and late decay in dB of power, the ratio of vocals to accompaniment in LU (K-weighted); each
with a range that should hold the truth nine times in ten. Frames are Hann windows around chosen moments, in seconds.

References
----------
.. [1] de Krom, "A cepstrum-based technique for determining a harmonics-to-noise ratio in speech signals", J. Speech
   Hear. Res. 36, 1993: the ratio by bands.
.. [2] Hillenbrand & Houde, "Acoustic correlates of breathy vocal quality", J. Speech Hear. Res. 39, 1996: the cepstral
   peak, which did less well here.
.. [3] ITU-R BS.1770-5: the weighting.

The late decay level is our own.
"""

import itertools
from typing import Annotated, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from riffscope.analyzers.vocal_pitch import CLAIMED, STEP_S, VocalPitch
from riffscope.arrays import Float32s, Floats, Mask
from riffscope.dsp.decibels import power_db
from riffscope.dsp.loudness import k_weighting_power
from riffscope.dsp.panning import main_direction
from riffscope.dsp.partials import distance_to_partials, near_partials, powers_at, powers_near
from riffscope.dsp.stft import bin_frequencies_hz, window_length
from riffscope.dsp.voice.singing import held_stretches
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import DB, LU, SECONDS
from riffscope.views.stems import Stems

Scalar = TypeVar("Scalar", bound=np.generic)

# With less singing than this there is no tone to measure. Chosen by hand, not fitted.
MIN_SUNG_S = 1.0
# Frames of 93 ms resolve the partials of any voice.
LONG_S = 0.093
# Frames of 46 ms follow vibrato better, and suffice for all voices ...
SHORT_S = 0.046
# ... but those whose median pitch lies below this.
LOW_VOICE_HZ = 160.0

# Loudness is read this often: frames with gaps between them give about the same, over a song, at a fraction of the
# cost. Chosen for speed ...
LOUDNESS_HOP_S = 0.1
# ... as is the largest number of them: long songs are read less often.
MAX_LOUDNESS_FRAMES = 3000
# The vocals on their partials are told from the accompaniment octave by octave, each with its own level between the
# partials. Chosen by hand, not fitted.
VOICE_EDGES_HZ = (80.0, 300.0, 600.0, 1200.0, 2500.0, 5000.0)
# What the accompaniment has on the partials is scaled up from what it has between them. The share of a band that lies
# between them counts as this at least, so that the scale stays finite.
MIN_BETWEEN_SHARE = 0.01

# Where a voice's partials have become weak, and the model still tells its noise from cymbals.
BREATH_HZ = (1000.0, 4000.0)
# Breath noise is read from notes held for this long ...
HELD_S = 0.12
# ... without this much at either end, where consonants are ...
HELD_MARGIN_S = 0.04
# ... this often ...
HELD_HOP_S = 0.03
# ... from at most so many frames, for speed ...
MAX_HELD_FRAMES = 400
# ... and from so many at least. All five chosen by hand, not fitted.
MIN_HELD_FRAMES = 20
# Noise is read between the partials: farther from both than this share of their distance. Chosen by hand, not fitted.
BETWEEN = 0.35
# Breath and room are there all the time, what the model leaves of the accompaniment in the vocals is not: this quantile
# of the frames, and of the ends of notes, counts. Rendered reverberation is told with a rank correlation of .71 by it,
# and of .50 by the median.
QUIETER = 0.25

# The decay is read after notes of this length ...
MIN_NOTE_S = 0.15
# ... that stay within so many semitones, vibrato included ...
NOTE_SEMITONES = 1.5
# ... from so many notes at least ...
MIN_NOTES = 5
# ... and from at most so many, for speed. All four chosen by hand, not fitted.
MAX_NOTES = 200
# It is read on the partials below this ...
MAX_PARTIAL_HZ = 4000.0
# ... of which there are so many ...
MAX_PARTIALS = 12
# ... where so many values, over moments and partials, are not hidden by another note. All three chosen by hand.
MIN_PARTIALS_HEARD = 4
# The level of a note is read so long before its end ...
HELD_OFFSETS_S = np.array([-0.25, -0.15, -0.06])
# ... its late decay so long after its end ...
LATE_OFFSETS_S = np.arange(0.08, 0.4, 0.05)
# ... and what sounded there anyway so long before its beginning. All three chosen by hand.
BEFORE_OFFSETS_S = np.arange(-0.28, -0.07, 0.05)
# A partial of another note hides one nearer than so many bins, about the main lobes of both. Chosen by hand.
HIDES_BINS = 4.5
# What sounds on a note's partials before it begins is not its room; but it is never all that sounds after it. At least
# this share is the room's. Chosen by hand, not fitted.
MIN_ROOM_SHARE = 0.25

# Beyond these limits a value says no more. A decay 40 dB below its note drowns in what else sounds ...
MAX_DECAY_DB = 40.0
# ... and so does noise 40 dB below the partials ...
MIN_NOISE_DB = -40.0
# ... noise 10 dB above the partials is no voice ...
MAX_NOISE_DB = 10.0
# ... and vocals 40 LU above the accompaniment are as good as alone, 40 LU below it as good as absent. All four chosen
# by hand.
MAX_RATIO_LU = 40.0


class Reach(NamedTuple):
    """Where the truth lies around what was found: down to, most likely, and up to, all in the measure's unit."""

    down_to: float
    middle: float
    up_to: float


# The reaches hold, nine times in ten, what the same measures say of the vocals alone before they were mixed (59 songs
# rendered with known voices). The model takes breath for cymbals and leaves cymbals in the vocals.
SEPARATED_NOISE = Reach(-10.0, 0.0, 9.0)
# What it leaves of the accompaniment sounds as a room does.
SEPARATED_DECAY = Reach(-11.5, 0.0, 12.0)
# The greater of two readings (`vocal_ratio_lu`) is this near to the truth.
SEPARATED_RATIO = Reach(-3.0, 0.0, 3.5)
# In a mix, the noise of the voice is at most what is found ...
MIX_NOISE = Reach(-28.5, -12.0, 0.0)
# ... and so is its room: the decay is at least as deep as it is found.
MIX_DECAY = Reach(-2.0, 10.0, 27.0)
# Where voices sing other notes than the lead, the ratio is higher than its partials show.
MIX_RATIO = Reach(-2.5, 0.0, 6.5)


@value
class VocalTone:
    """How breathy, dry and loud the voice is.

    Attributes
    ----------
    breathiness_db : Estimate or None
        Noise between the partials against the partials, 1 to 4 kHz, in held notes: about -25 dB for a clear voice, -10
        dB for a breathy one. Other voices, where there are any, count as noise. None where too little is held.
    dryness_db : Estimate or None
        Late decay level: how far the partials of a note have fallen 0.08 to 0.4 s after its end, in the voice's
        direction. 15 dB in a large hall, 30 dB and more in a dry room. None where too few notes end.
    forwardness_lu : Estimate
        Vocal-to-accompaniment ratio: loudness of the vocals minus that of the accompaniment, while someone sings.
    method : VocalSource
        What was listened to.
    """

    breathiness_db: Annotated[Estimate, DB] | None
    dryness_db: Annotated[Estimate, DB, "late decay level"] | None
    forwardness_lu: Annotated[Estimate, LU, "vocal-to-accompaniment ratio"]
    method: VocalSource

    @property
    def summary(self) -> str:
        """The result in one line."""
        ratio = self.forwardness_lu
        parts = [
            f"vocals {LU.format(ratio.value, signed=True)} against the accompaniment "
            f"({LU.number(ratio.low, signed=True)} to {LU.number(ratio.high, signed=True)})"
        ]
        for name, found in (("breath noise", self.breathiness_db), ("late decay", self.dryness_db)):
            if found is not None:
                parts.append(f"{name} {DB.format(found.value)} ({DB.number(found.low)} to {DB.number(found.high)})")
        return "; ".join(parts)


@analyzer(version=2)
def measure_vocal_tone(stems: Stems, pitch: VocalPitch) -> VocalTone:
    """Measure the noise between the voice's partials, the late decay of its notes, and its loudness.

    Raises
    ------
    CannotMeasure
        Less than a second is sung.

    Notes
    -----
    Breath noise differs more between singers and vowels than between ways of singing: it compares two songs of one
    singer better than two singers. A long release, or an echo, decays like a room. In a mix both are little more than
    bounds: noise and room of the accompaniment hide those of the voice. Nothing here tells a small dry room from a
    voice recorded close, or a quiet singer from a fader. A stem at another level than in the mix is compared as it is.
    """
    sung = pitch.sung & (pitch.voiced_probability > CLAIMED)
    if sung.sum() * STEP_S < MIN_SUNG_S:
        raise CannotMeasure(
            Absence.TOO_LITTLE, f"too little is sung to tell its tone (needs {SECONDS.format(MIN_SUNG_S)})"
        )
    rate_hz = stems.sample_rate_hz
    times_s = _spread(pitch.times_s[sung], round(LOUDNESS_HOP_S / STEP_S), MAX_LOUDNESS_FRAMES)
    ratio_lu = vocal_ratio_lu(stems, times_s, _pitch_at(pitch, times_s))
    voice = main_direction(stems.vocals, pitch.sung)
    noise_db, decay_db = breath_noise_db(voice, rate_hz, pitch), late_decay_db(voice, rate_hz, pitch)
    noise, decay, ratio = (SEPARATED_NOISE, SEPARATED_DECAY, SEPARATED_RATIO)
    if not stems.method.separated:
        noise, decay, ratio = (MIX_NOISE, MIX_DECAY, MIX_RATIO)
    return VocalTone(
        breathiness_db=None if noise_db is None else _estimate(noise_db, noise, MIN_NOISE_DB, MAX_NOISE_DB),
        dryness_db=None if decay_db is None else _estimate(decay_db, decay, 0.0, MAX_DECAY_DB),
        forwardness_lu=_estimate(ratio_lu, ratio, -MAX_RATIO_LU, MAX_RATIO_LU),
        method=stems.method,
    )


def vocal_ratio_lu(stems: Stems, times_s: Floats, f0_hz: Floats) -> float:
    """Loudness of the vocals against the accompaniment, at some moments (k,) of known pitch (k,).

    With separated vocals it is the greater of two readings: their own loudness, and that of what stands out of the mix
    on their partials. It is within 3.5 LU of the truth in nine songs of ten.
    """
    if stems.accompaniment is None:
        return partials_ratio_lu(stems.vocals, stems.sample_rate_hz, times_s, f0_hz)
    mix = stems.vocals + stems.accompaniment
    return max(
        partials_ratio_lu(mix, stems.sample_rate_hz, times_s, f0_hz),
        loudness_difference_lu(stems.vocals, stems.accompaniment, stems.sample_rate_hz, times_s),
    )


def loudness_difference_lu(vocals: Float32s, accompaniment: Float32s, sample_rate_hz: int, times_s: Floats) -> float:
    """Loudness of the vocals against the accompaniment, (channels, n) each, around some moments (k,)."""
    voice, others = (_k_powers(part, sample_rate_hz, times_s).sum() for part in (vocals, accompaniment))
    return _ratio_db(float(voice), float(others), MAX_RATIO_LU)


def partials_ratio_lu(mix: Float32s, sample_rate_hz: int, times_s: Floats, f0_hz: Floats) -> float:
    """Loudness of what stands out of a mix on the voice's partials, against the rest of the mix.

    Where the model leaves the voice in the accompaniment, this is nearer to the truth than the loudness of the vocals
    that it separated; where voices sing other notes than the lead, it is less than the truth.

    Parameters
    ----------
    mix : float32 array, shape (channels, n)
    sample_rate_hz : int
    times_s, f0_hz : float64 arrays, shape (k,)
        Moments, and the voice's pitch at each.
    """
    n_fft = window_length(sample_rate_hz, about_s=LONG_S)
    frequencies_hz = bin_frequencies_hz(sample_rate_hz, n_fft)
    power = _k_powers(mix, sample_rate_hz, times_s)
    voice = 0.0
    for low_hz, high_hz in itertools.pairwise(VOICE_EDGES_HZ):
        first, end = np.searchsorted(frequencies_hz, (low_hz, high_hz))
        near = near_partials(f0_hz, frequencies_hz[first:end], bin_hz=sample_rate_hz / n_fft)
        on, whole = float(power[:, first:end][near].sum()), float(power[:, first:end].sum())
        # The accompaniment has as much on each bin of the partials as on each bin between them.
        share = float(near.mean())
        voice += max(on - (whole - on) * share / max(1 - share, MIN_BETWEEN_SHARE), 0.0)
    return _ratio_db(voice, float(power.sum()) - voice, MAX_RATIO_LU)


def breath_noise_db(voice: Float32s, sample_rate_hz: int, pitch: VocalPitch) -> float | None:
    """Measure the noise between the partials of held notes against the partials [1]_; None where too little is held.

    Of 42 rendered songs it tells the breathy ones with an area under the ROC curve of .82, the cepstral peak [2]_ with
    .71.

    Parameters
    ----------
    voice : float32 array, shape (n,)
    sample_rate_hz : int
    pitch : VocalPitch
    """
    times_s = held_times(pitch)
    if len(times_s) < MIN_HELD_FRAMES:
        return None
    f0_hz = _pitch_at(pitch, times_s)
    n_fft = window_length(sample_rate_hz, about_s=LONG_S if np.median(f0_hz) < LOW_VOICE_HZ else SHORT_S)
    power = powers_at(voice, sample_rate_hz, times_s, n_fft=n_fft, highest_hz=BREATH_HZ[1]).astype(np.float64)
    frequencies_hz = np.arange(power.shape[1]) * sample_rate_hz / n_fft
    first = int(np.searchsorted(frequencies_hz, BREATH_HZ[0]))
    power, frequencies_hz = power[:, first:], frequencies_hz[first:]
    between = distance_to_partials(f0_hz, frequencies_hz) > BETWEEN * f0_hz[:, np.newaxis]
    count = between.sum(axis=1)
    whole = power.mean(axis=1)
    heard = (count > 0) & (whole > 0)
    if heard.sum() < MIN_HELD_FRAMES:
        return None
    noise = np.where(between, power, 0).sum(axis=1)[heard] / count[heard] / whole[heard]
    quiet = float(np.quantile(noise, QUIETER))
    return float(np.clip(_ratio_db(quiet, 1 - quiet, -MIN_NOISE_DB), MIN_NOISE_DB, MAX_NOISE_DB))


def held_times(pitch: VocalPitch) -> Floats:
    """Moments within held notes, evenly chosen: (k,) in seconds."""
    margin, hop = round(HELD_MARGIN_S / STEP_S), round(HELD_HOP_S / STEP_S)
    held = [
        np.arange(start + margin, end - margin, hop)
        for start, end in held_stretches(pitch.midi).tolist()
        if (end - start) * STEP_S >= HELD_S
    ]
    times_s: Floats = np.concatenate([np.zeros(0, np.int64), *held]) * STEP_S
    return _spread(times_s, 1, MAX_HELD_FRAMES)


def late_decay_db(voice: Float32s, sample_rate_hz: int, pitch: VocalPitch) -> float | None:
    """Measure how far the partials of notes have fallen soon after they end; None where too few notes end.

    Partials that another note hides are left out, and what sounded there before the note began is subtracted.

    Parameters
    ----------
    voice : float32 array, shape (n,)
    sample_rate_hz : int
    pitch : VocalPitch
    """
    notes = held_stretches(pitch.midi, within_semitones=NOTE_SEMITONES)
    notes = _spread(notes[np.diff(notes, axis=1)[:, 0] * STEP_S >= MIN_NOTE_S], 1, MAX_NOTES)
    if len(notes) < MIN_NOTES:
        return None
    middle = np.array([np.median(pitch.f0_hz[start:end]) for start, end in notes.tolist()])
    listener = _Listener(voice=voice, sample_rate_hz=sample_rate_hz, pitch=pitch, f0_hz=middle)
    starts_s, ends_s = notes.T * STEP_S
    held, _ = listener.hear(ends_s, HELD_OFFSETS_S)
    level = held.mean(axis=1)
    late = _against(level, *listener.hear(ends_s, LATE_OFFSETS_S))
    if len(late) < MIN_NOTES:
        return None
    before = _against(level, *listener.hear(starts_s, BEFORE_OFFSETS_S))
    after = float(np.quantile(late, QUIETER))
    earlier = float(np.quantile(before, QUIETER)) if len(before) >= MIN_NOTES else 0.0
    room = max(after - earlier, MIN_ROOM_SHARE * after)
    return min(max(-_ratio_db(room, 1.0, MAX_DECAY_DB), 0.0), MAX_DECAY_DB)


@value
class _Listener:
    """Reads the power of the partials of some notes, whose pitch is `f0_hz` (notes,)."""

    voice: Float32s
    sample_rate_hz: int
    pitch: VocalPitch
    f0_hz: Floats

    def hear(self, edges_s: Floats, offsets_s: Floats) -> tuple[Floats, Mask]:
        """Power of partials around the edges of notes, and which are not hidden: (notes, offsets, partials) each."""
        shape = (len(edges_s), len(offsets_s), MAX_PARTIALS)
        times_s = (edges_s[:, np.newaxis] + offsets_s).ravel()
        partials_hz = np.repeat(self.f0_hz, len(offsets_s))[:, np.newaxis] * np.arange(1, MAX_PARTIALS + 1)
        n_fft = window_length(self.sample_rate_hz, about_s=LONG_S)
        heard = (partials_hz < MAX_PARTIAL_HZ) & (times_s >= 0)[:, np.newaxis]
        heard &= (times_s <= len(self.voice) / self.sample_rate_hz)[:, np.newaxis]
        places_hz = np.minimum(partials_hz, MAX_PARTIAL_HZ)
        power = powers_near(self.voice, self.sample_rate_hz, times_s, places_hz, n_fft=n_fft)
        for aside_s in (-LONG_S / 2, 0.0, LONG_S / 2):
            distance_hz = distance_to_partials(_pitch_at(self.pitch, times_s + aside_s), partials_hz)
            heard &= ~(distance_hz < HIDES_BINS * self.sample_rate_hz / n_fft)  # unsung: no distance, nothing hides
        return power.reshape(shape), heard.reshape(shape)


def _against(level: Floats, power: Floats, heard: Mask) -> Floats:
    """Power of each note's partials, where they are heard, against their level before (notes, partials).

    Notes of which too little is heard are left out.
    """
    had = (level[:, np.newaxis] * heard).sum(axis=(1, 2))
    enough = (heard.sum(axis=(1, 2)) >= MIN_PARTIALS_HEARD) & (had > 0)
    shares: Floats = (power * heard).sum(axis=(1, 2))[enough] / had[enough]
    return shares


def _k_powers(channels: Float32s, sample_rate_hz: int, times_s: Floats) -> Floats:
    """K-weighted power spectra of all channels around some moments: (channels, n) and (k,) -> (k, bins)."""
    n_fft = window_length(sample_rate_hz, about_s=LONG_S)
    weights = k_weighting_power(bin_frequencies_hz(sample_rate_hz, n_fft), sample_rate_hz)
    summed = np.zeros((len(times_s), len(weights)))
    for channel in channels:
        summed += powers_at(channel, sample_rate_hz, times_s, n_fft=n_fft, highest_hz=sample_rate_hz / 2) * weights
    return summed


def _pitch_at(pitch: VocalPitch, times_s: Floats) -> Floats:
    at: Floats = pitch.f0_hz[np.rint(times_s / STEP_S).astype(np.int64).clip(0, len(pitch.f0_hz) - 1)]
    return at


def _spread(items: npt.NDArray[Scalar], step: int, most: int) -> npt.NDArray[Scalar]:
    """Take one item in so many steps, or fewer where that is still more than ``most``."""
    return items[:: max(step, -(-len(items) // most))]


def _ratio_db(part: float, other: float, limit_db: float) -> float:
    """Return a ratio of powers in dB, within limits either way."""
    if part <= 0 or other <= 0:
        return limit_db if part > 0 else -limit_db
    return min(max(float(power_db(part / other)), -limit_db), limit_db)


def _estimate(found: float, reach: Reach, lowest: float, highest: float) -> Estimate:
    """Put a range around what was found, within the limits of the measure."""
    low, middle, high = (min(max(found + by, lowest), highest) for by in reach)
    return Estimate(value=round(middle, 2), low=round(low, 2), high=round(high, 2))
