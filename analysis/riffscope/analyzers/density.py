"""Density: onsets per second, active frequency bands, how both develop, and pumping on the beat.

Conventions
-----------
Levels are in dB, times in seconds; frames are those of the mel spectrogram (20 ms). Ranges are 90% ranges.

References
----------
Own. Onsets are peaks of the SuperFlux onset strength of `riffscope.dsp.onsets`; pumping is read by
`riffscope.dsp.rhythm.pumping`.
"""

from collections.abc import Mapping
from typing import Annotated, NamedTuple

import numpy as np
from scipy.ndimage import maximum_filter1d
from scipy.special import expit, ndtri

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.mel import mel_middles_hz
from riffscope.dsp.resample import resample
from riffscope.dsp.rhythm.pumping import RATE_HZ, PumpingCues, pumping_cues
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, Span, value
from riffscope.steps import analyzer
from riffscope.units import BANDS, DB, PER_SECOND, SECONDS, STEP_SECONDS, Said
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import MAX_HZ, MIN_HZ, N_MELS, MelSpectrum
from riffscope.views.mono import Mono
from riffscope.views.onset_strength import OnsetStrength

# Less sound has too few onsets to count. Chosen, not fitted.
MIN_DURATION_S = 3.0
# Density is measured from the first to the last frame within this of the loudest. Chosen, not fitted.
QUIET_DB = 50.0
# An onset is a peak of the onset strength, averaged over all bands, of at least a quarter of an ordinary onset in every
# band. On 24 songs rendered from random scores, precision is .98 and recall .8: soft notes under loud ones are missed.
MIN_STRENGTH = 0.25
# It is the greatest within this time on either side; what begins closer together counts once. Chosen with it.
PEAK_REACH_S = 0.04
# The bass is one band, since the frames of the spectrogram cannot separate its octaves; above are the octaves around
# 250 Hz ... 8 kHz.
BAND_EDGES_HZ = (44.0, *(1000 * 2.0**k for k in np.arange(-2.5, 4.0)))
# The loud level of a band is this percentile of its levels. Chosen, not fitted.
LOUD_PERCENTILE = 95
# A band sounds while it is within this of its own loud level. Chosen, not fitted.
BAND_SOUNDS_DB = 20.0
# A band whose loud level lies this far below that of the loudest band does not count. Chosen, not fitted.
BAND_HEARD_DB = 50.0
# Step of both curves.
STEP_S = 1.0
# Window of the onset curve: a few bars' worth of beats. Over a single second it would mostly show where the seconds
# fall.
ONSET_WINDOW_S = 4.0

# --- Ranges
# Of the onsets that are counted, so many are none: see the precision of MIN_STRENGTH.
MADE_UP_SHARE = 0.02
# Onsets below MIN_STRENGTH show as peaks of this strength or more, and hide others. So many for each such peak bring
# the count up to the score's, or further, in 19 of 20 of 66 backings rendered from random scores.
SOFT_STRENGTH = 0.05
HIDDEN_PER_SOFT = 2.4
# How far the loud level of a band is known: between every other 4 s of a song and the rest it differs by twice as much
# at most, nine times in ten (88 rendered songs and 20 recordings).
BAND_UNSURE_DB = 0.7

# --- Pumping
# Fewer beats are too few to tell a dip from chance. Chosen, not fitted.
MIN_BEATS = 16
# Log-odds that a song pumps: weights of the cues of `riffscope.dsp.rhythm.pumping` (four slopes in dB a second, the
# level after the beat in dB, the log of how many partials are held), and the base. A logistic regression over 168
# rendered songs, of which 39 pump by 3 to 10 dB, and 198 rendered backings, each with such a dip and without, which
# count as one song in all.
PUMPING_WEIGHTS = (0.867, 0.179, -0.167, -0.22, -1.184, -2.253)
PUMPING_BASE = -1.311
# Where chords are let go before the beat, or swell after it, these cues take them for pumping. So the log-odds are no
# higher than this much, and so much more for the share of dips among what sounds through the beat. From a grid: over
# the same songs and 72 pieces with chords off the beat, short ones, swelling and broken ones, higher numbers tell the
# songs better and the pieces worse.
DIPPING_WEIGHT = 50.0
DIPPING_BASE = 0.6
# Where fewer partials are held at once, that many are taken to be: without a sign in either direction a song pumps as
# probably as any rendered one, a quarter of which do.
MIN_HELD = 1.0
# No song is surer than a few hundred can teach. Chosen, not fitted.
MAX_PROBABILITY = 0.997
# The depth of the dip of a song that pumps, in dB: weights of the slopes, the base, and the standard deviation of what
# they leave open; a linear regression over the same songs. The slopes tell little of it.
DEPTH_WEIGHTS = (0.168, 0.016, -0.167, -0.072)
DEPTH_BASE = 3.85
DEPTH_SPREAD_DB = 1.8
# A smaller dip is no pumping. Chosen, not fitted; those that the weights were fitted on begin at 3 dB.
PUMPS_DB = 2.0
# Dips of songs that pump are not thought shallower than this ...
MIN_DEPTH_DB = 3.0
# ... nor does any range reach beyond this: how deep the dips of the same songs are.
MAX_DEPTH_DB = 10.0
# Nine in ten normal errors lie within so many standard deviations.
SIGMAS = 1.645


@value
class Density:
    """How busy and how full the song is.

    Attributes
    ----------
    onsets_per_s : Estimate
        Onsets per second from the first to the last sound; those within 40 ms of each other count once. The range
        reaches up to what soft onsets, which loud ones hide, would add.
    active_bands_mean : Estimate
        How many of seven bands sound at once, on average over the same time: bass (44-177 Hz) and the six octaves above
        it, each while it is within 20 dB of its own loud level. Pauses count as none. The ends of the range are for
        loud levels that lie .7 dB higher and lower.
    pumping_db : Estimate or None
        How far all but the drums dips just after the beat, as a side chain from the kick makes it. It is 0 where no dip
        of 2 dB is likely; the range reaches beyond 2 dB as far as one may be there: where little is held through the
        beat, a dip cannot be heard. None where there are fewer than 16 steady beats.
    curve : array, shape (n,)
        How many bands sound at once, averaged over each step.
    onset_curve : array, shape (n,)
        Onsets per second in the 4 s around the middle of each step.
    step_s : float
    """

    onsets_per_s: Annotated[
        Estimate, PER_SECOND, Said(one="{number} notes or hits start per second", subject="the onset rate")
    ]
    active_bands_mean: Annotated[
        Estimate,
        BANDS,
        "active frequency bands",
        Said(one="On average {number} of 7 frequency bands are active", subject="", more="fuller", less="sparser"),
    ]
    pumping_db: (
        Annotated[
            Estimate,
            DB,
            Said(
                one="Sustained sounds dip by {} on the beat",
                subject="the dip on the beat",
                more="deeper",
                less="shallower",
            ),
        ]
        | None
    )
    curve: Annotated[Floats, BANDS]
    onset_curve: Annotated[Floats, PER_SECOND]
    step_s: Annotated[float, STEP_SECONDS, "time step"]

    def __post_init__(self) -> None:
        if self.curve.shape != self.onset_curve.shape:
            raise ValueError("curve and onset_curve have one value a step each")

    @property
    def lacking(self) -> Mapping[str, tuple[Absence, str]]:
        """Why a field has no value."""
        return {"pumping_db": (Absence.NO_BEAT, f"fewer than {MIN_BEATS} steady beats were found")}

    @property
    def where(self) -> Mapping[str, tuple[Span, ...]]:
        """Where to listen: the fullest and the busiest four seconds."""
        return {"active_bands_mean": self._highest(self.curve), "onsets_per_s": self._highest(self.onset_curve)}

    def _highest(self, curve: Floats) -> tuple[Span, ...]:
        count = round(ONSET_WINDOW_S / self.step_s)
        if curve.size < count:
            return ()
        first = int(np.convolve(curve, np.ones(count), "valid").argmax())
        return (Span(start_s=first * self.step_s, end_s=(first + count) * self.step_s),)

    @property
    def summary(self) -> str:
        """The result in one line."""
        pumping = "" if self.pumping_db is None else f", {pumping_in_words(self.pumping_db)}"
        active, bands = BANDS.number(self.active_bands_mean.value), len(BAND_EDGES_HZ) - 1
        return (
            f"on average {active} of {bands} frequency bands active, "
            f"{PER_SECOND.number(self.onsets_per_s.value)} onsets per second{pumping}"
        )


def pumping_in_words(found: Estimate) -> str:
    """Say whether a song pumps: ``no pumping found``, ``pumping by 6.1 dB``, or that it may."""
    if found.high <= PUMPS_DB:
        return "no pumping found"
    return f"pumping by {DB.format(found.value)}" if found.low > PUMPS_DB else "pumping unclear"


@analyzer(version=2)
def measure_density(spectrum: MelSpectrum, onsets: OnsetStrength, mono: Mono, track: BeatTrack | None) -> Density:
    """Count onsets and active frequency bands, and look for sustained sounds that dip on the beat.

    Raises
    ------
    CannotMeasure
        There are less than 3 s of sound.

    Notes
    -----
    This does not count instruments: one piano fills several bands, and two guitars may share one. Pumping is measured
    on sustained notes in the full mix; leaving out the vocals is no more accurate. In rendered songs, dips of 5 dB or
    more are found in nine of ten, shallower ones in six of ten.
    """
    rate_hz = spectrum.frame_rate_hz
    bands = count_bands(spectrum)
    first, last, active = bands.first, bands.last, bands.active
    sounding_s = (last + 1 - first) / rate_hz
    if sounding_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT,
            f"{SECONDS.format(sounding_s)} of sound is too short to measure density (needs {MIN_DURATION_S:g} s)",
        )
    times_s, strengths = pick_onsets(onsets)
    here = (times_s >= first / rate_hz - PEAK_REACH_S) & (times_s <= (last + 1) / rate_hz)
    times_s, strengths = times_s[here], strengths[here]
    clear_s = times_s[strengths >= MIN_STRENGTH]
    starts_s = np.arange(0, (len(active) - 1) / rate_hz, STEP_S)  # the last frame lies at the end
    return Density(
        onsets_per_s=onset_rate(len(clear_s), len(times_s) - len(clear_s), sounding_s),
        active_bands_mean=Estimate(
            low=float(bands.fewest[first : last + 1].mean()),
            value=float(active[first : last + 1].mean()),
            high=float(bands.most[first : last + 1].mean()),
        ),
        pumping_db=None if track is None else _pumping_db(mono, track.times_s),
        curve=_step_means(active, np.round(starts_s * rate_hz).astype(np.int64)).round(2),
        onset_curve=_rate(clear_s, starts_s + STEP_S / 2, len(active) / rate_hz).round(2),
        step_s=STEP_S,
    )


# ------------------------------------------------------------------------------------------------------------- onsets
def onset_rate(clear: int, soft: int, sounding_s: float) -> Estimate:
    """Return the onsets a second; the range leaves out those that may be made up, and takes in soft and hidden ones."""
    return Estimate(
        low=(1 - MADE_UP_SHARE) * clear / sounding_s,
        value=clear / sounding_s,
        high=(clear + HIDDEN_PER_SOFT * soft) / sounding_s,
    )


def pick_onsets(onsets: OnsetStrength) -> tuple[Floats, Float32s]:
    """Return the times of all onsets in seconds, soft ones as well, and their strengths: (n,) each."""
    strength = onsets.bands.mean(axis=0)
    reach = round(PEAK_REACH_S * onsets.frame_rate_hz)
    is_peak = strength == maximum_filter1d(strength, 2 * reach + 1, mode="constant")
    peaks = np.flatnonzero(is_peak & (strength >= SOFT_STRENGTH))
    return peaks / onsets.frame_rate_hz, strength[peaks]


def _rate(times_s: Floats, around_s: Floats, duration_s: float) -> Floats:
    """Return how many times a second fall in the window around some moments; windows end where the song does."""
    begin, end = (np.clip(around_s + half, 0, duration_s) for half in (-ONSET_WINDOW_S / 2, ONSET_WINDOW_S / 2))
    count: Floats = (np.searchsorted(times_s, end) - np.searchsorted(times_s, begin)) / (end - begin)
    return count


# -------------------------------------------------------------------------------------------------------------- bands
class BandCounts(NamedTuple):
    """How many bands sound in each frame.

    Attributes
    ----------
    first, last : int
        The first and the last frame that sound.
    active : array, shape (n_frames,)
    fewest, most : arrays, shape (n_frames,)
        The same if the loud levels of the bands lay higher, and lower, by as much as they are unsure.
    """

    first: int
    last: int
    active: Ints
    fewest: Ints
    most: Ints


def count_bands(spectrum: MelSpectrum) -> BandCounts:
    """Count the bands that sound in each frame, each against its own loud level in the song."""
    power = _band_powers(spectrum)
    first, last = _sounding(power.sum(axis=0))
    fewest, active, most = (
        _active_bands(power, first, last, within_db=BAND_SOUNDS_DB + by_db)
        for by_db in (-BAND_UNSURE_DB, 0.0, BAND_UNSURE_DB)
    )
    return BandCounts(first=first, last=last, active=active, fewest=fewest, most=most)


def _band_powers(spectrum: MelSpectrum) -> Floats:
    """Return the power of each band, summed over the mel bands centred in it: (7, n_frames)."""
    middles_hz = mel_middles_hz(bands=N_MELS, lowest_hz=MIN_HZ, highest_hz=MAX_HZ)
    inside = slice(*np.searchsorted(middles_hz, [BAND_EDGES_HZ[0], BAND_EDGES_HZ[-1]]))
    first_bands = np.searchsorted(middles_hz[inside], BAND_EDGES_HZ[:-1])
    power: Floats = np.add.reduceat(np.square(spectrum.magnitudes[inside]), first_bands, axis=0, dtype=np.float64)
    return power


def _sounding(power: Floats) -> tuple[int, int]:
    """Return the first and the last frame that sound."""
    frames = np.flatnonzero(power >= power.max() * 10 ** (-QUIET_DB / 10))
    return int(frames[0]), int(frames[-1])


def _active_bands(power: Floats, first: int, last: int, *, within_db: float) -> Ints:
    """Return how many bands sound in each frame: (n_bands, n_frames) -> (n_frames,)."""
    loud = np.percentile(power[:, first : last + 1], LOUD_PERCENTILE, axis=1)
    heard = loud > loud.max() * 10 ** (-BAND_HEARD_DB / 10)
    sounds = power > (loud * 10 ** (-within_db / 10))[:, None]
    count: Ints = (sounds & heard[:, None]).sum(axis=0)
    return count


def _step_means(frames: Ints, starts: Ints) -> Floats:
    """Average between successive frames, the last to the end."""
    means: Floats = np.add.reduceat(frames, starts) / np.diff(starts, append=len(frames))
    return means


# ------------------------------------------------------------------------------------------------------------ pumping
def _pumping_db(mono: Mono, times_s: Floats) -> Estimate | None:
    """Estimate how far what is held dips after the beats (n,); None with too few of them."""
    if len(times_s) <= MIN_BEATS:
        return None
    cues = pumping_cues(resample(mono.samples, mono.sample_rate_hz, RATE_HZ), times_s)
    return dip_estimate(pumping_probability(cues), float(cues.slopes @ DEPTH_WEIGHTS + DEPTH_BASE))


def pumping_probability(cues: PumpingCues) -> float:
    """Return how probable it is that a song pumps."""
    seen = np.array([*cues.slopes, cues.ducked_db, np.log(max(cues.held, MIN_HELD))])
    log_odds = float(seen @ PUMPING_WEIGHTS + PUMPING_BASE)
    at_most = DIPPING_WEIGHT * cues.dipping_share + DIPPING_BASE
    return float(np.clip(expit(min(log_odds, at_most)), 1 - MAX_PROBABILITY, MAX_PROBABILITY))


def dip_estimate(probability: float, depth_db: float) -> Estimate:
    """Estimate a dip that is there with some probability, inside 0..1, and then about so deep.

    Normal errors of the widths of the range leave as much beyond 2 dB as a dip is probable. So a dip that is certainly
    not there has a range below 2 dB, one that certainly is has one above, and one of even odds lies at 2 dB.
    """
    doubt = float(abs(ndtri(probability)))  # in standard deviations: how far the value lies from 2 dB
    if probability < 0.5:
        # As far from 2 dB as `doubt` asks, with an upper end of 10 dB at most.
        high = min(PUMPS_DB * SIGMAS / doubt, MAX_DEPTH_DB) if doubt > 0 else MAX_DEPTH_DB
        value_db = max(PUMPS_DB - doubt * (MAX_DEPTH_DB - PUMPS_DB) / (SIGMAS - doubt), 0.0) if doubt < SIGMAS else 0.0
        return Estimate(low=0.0, value=value_db, high=high)
    value_db = float(np.clip(depth_db, MIN_DEPTH_DB, MAX_DEPTH_DB))
    if doubt < SIGMAS:  # the lower end is 0 or more
        value_db = min(value_db, PUMPS_DB * SIGMAS / (SIGMAS - doubt))
    low = value_db - (value_db - PUMPS_DB) * SIGMAS / doubt if doubt > 0 else 0.0
    high = min(max(depth_db, value_db) + SIGMAS * DEPTH_SPREAD_DB, MAX_DEPTH_DB)
    return Estimate(low=max(low, 0.0), value=value_db, high=max(high, value_db))
