"""Balance: how the loudness is spread from bass to treble.

Conventions: frequencies in Hz; levels of bands in LU against the K-weighted level of the whole song, over the same
frames, so that two songs compare at equal loudness. Frames of at least 0.15 s overlap by half.

Source: ITU-R BS.1770-5 (weighting and gates); IEC 61260-1 (octave bands); for the bass, Hove, Vuust & Stupacher,
"Increased levels of bass in popular music recordings 1955-2016 and their relation to loudness", J. Acoust. Soc. Am.
145(4), 2019. Centroid and tilt are common descriptions of a spectrum.
"""

import itertools
from typing import Annotated

import numpy as np

from riffscope.arrays import Floats
from riffscope.dsp.decibels import power_db
from riffscope.dsp.loudness import above_both_gates, k_weighting_power
from riffscope.dsp.octaves import band_edges_hz, frame_length
from riffscope.dsp.stft import bin_frequencies_hz, magnitude_blocks, power_scale
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, value
from riffscope.steps import analyzer
from riffscope.units import DB_PER_OCTAVE, FRACTION, HZ, LU

# The range whose weight rose in chart music (Hove, Vuust & Stupacher 2019).
BASS_HZ = (20.0, 100.0)
# The share of low bass is that of what lies below this ...
LOW_BASS_BELOW_HZ = 60.0
# ... in what lies below this. Both chosen by hand, not fitted.
BASS_BELOW_HZ = 250.0
# The slope is that of the bands around 63 Hz to 8 kHz. Chosen by hand, not fitted.
TILT_HZ = (60.0, 8500.0)
# A band 120 dB below the whole holds nothing but rounding.
EMPTY_BAND = 1e-12
# The bass of a song that has none reads -90 LU, so that it stays a number. Chosen by hand.
MIN_BASS = 1e-9


@value
class Balance:
    """Loudness by frequency band, against the whole song, so that two songs compare at equal loudness.

    Attributes
    ----------
    band_edges_hz : array, shape (n + 1,)
        Edges of octave bands, up to half the sample rate.
    band_lu : array, shape (n,)
        Each band's unweighted level minus the song's K-weighted level, over the same frames; NaN where a band is empty.
    bass_lu : float
        The same for 20-100 Hz, the range whose weight rose in chart music (Hove et al. 2019).
    low_bass_fraction : float
        Share below 60 Hz of the energy below 250 Hz.
    centroid_hz : float
        Centre of gravity of the mean power spectrum.
    tilt_db_per_octave : float
        Slope of the straight line through the octave bands from 63 Hz to 8 kHz.
    """

    band_edges_hz: Annotated[Floats, HZ]
    band_lu: Annotated[Floats, LU]
    bass_lu: Annotated[float, LU]
    low_bass_fraction: Annotated[float, FRACTION]
    centroid_hz: Annotated[float, HZ]
    tilt_db_per_octave: Annotated[float, DB_PER_OCTAVE]

    @property
    def summary(self) -> str:
        """The result in one line."""
        return (
            f"20\N{EN DASH}100 Hz at {LU.format(self.bass_lu, signed=True)} against the whole, "
            f"tilt {DB_PER_OCTAVE.format(self.tilt_db_per_octave)}"
        )


@analyzer(version=1)
def measure_balance(audio: Audio) -> Balance:
    """Measure the level of each octave against the loudness of the whole.

    All channels count alike, at the song's own sample rate. Frames that the gates of BS.1770 leave out (silence, and
    what is 10 LU below the rest) do not count, so fades and pauses do not tilt the picture.

    Raises
    ------
    CannotMeasure
        Shorter than one frame, or silent.
    """
    power, weighted, frequencies_hz = gated_mean_spectrum(audio)
    edges_hz = band_edges_hz(frequencies_hz[-1])
    bands = np.array([_band(power, frequencies_hz, low, high) for low, high in itertools.pairwise(edges_hz)])
    band_lu = np.where(bands > EMPTY_BAND * weighted, power_db(bands / weighted), np.nan)
    bass = _band(power, frequencies_hz, *BASS_HZ)
    all_bass = _band(power, frequencies_hz, 0, BASS_BELOW_HZ)
    return Balance(
        band_edges_hz=edges_hz,
        band_lu=band_lu,
        bass_lu=float(power_db(max(bass / weighted, MIN_BASS))),
        low_bass_fraction=_band(power, frequencies_hz, 0, LOW_BASS_BELOW_HZ) / all_bass if all_bass > 0 else 0.0,
        centroid_hz=float((frequencies_hz * power).sum() / power.sum()),
        tilt_db_per_octave=_tilt(edges_hz, band_lu),
    )


def gated_mean_spectrum(audio: Audio) -> tuple[Floats, float, Floats]:
    """Return the gated mean power by bin (n,), the K-weighted power of it all, and the bins' frequencies in Hz (n,).

    Raises
    ------
    CannotMeasure
        Shorter than one frame, or silent.
    """
    n_fft = frame_length(audio.sample_rate_hz)
    audio.check_lasts(n_fft / audio.sample_rate_hz, "for a spectrum")
    frequencies_hz = bin_frequencies_hz(audio.sample_rate_hz, n_fft)
    weight = k_weighting_power(frequencies_hz, audio.sample_rate_hz)
    frames: list[Floats] = []
    loudness: list[Floats] = []
    for blocks in zip(*(magnitude_blocks(c, n_fft=n_fft, hop_length=n_fft // 2) for c in audio.samples), strict=True):
        block = sum(np.square(magnitudes) for magnitudes in blocks) * power_scale(n_fft)
        frames.append(block)
        loudness.append(block @ weight)
    power, heard = np.concatenate(frames), np.concatenate(loudness)
    kept = above_both_gates(heard)
    if not kept.any():
        raise CannotMeasure(Absence.SILENT, "silent")
    return power[kept].mean(axis=0, dtype=np.float64), float(heard[kept].mean()), frequencies_hz


def _band(power: Floats, frequencies_hz: Floats, low_hz: float, high_hz: float) -> float:
    """Power between two frequencies; a bin that an edge cuts counts by its share."""
    half_bin_hz = frequencies_hz[1] / 2
    below = np.concatenate([[0.0], np.cumsum(power)])
    upper_edges_hz = np.concatenate([[-half_bin_hz], frequencies_hz + half_bin_hz])
    low, high = np.interp([low_hz, high_hz], upper_edges_hz, below)
    return float(high - low)


def _tilt(edges_hz: Floats, band_lu: Floats) -> float:
    """Return the slope of the line through the levels of the bands, in dB per octave; 0 where only one sounds."""
    octave = np.log2(np.sqrt(edges_hz[1:] * edges_hz[:-1]) / 1000)
    use = np.isfinite(band_lu) & (edges_hz[1:] > TILT_HZ[0]) & (edges_hz[:-1] < TILT_HZ[1])
    return float(np.polyfit(octave[use], band_lu[use], 1)[0]) if use.sum() >= 2 else 0.0
