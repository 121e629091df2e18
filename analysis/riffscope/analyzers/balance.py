"""Balance: how the loudness is spread from bass to treble."""

import itertools
from typing import Annotated

import numpy as np
from scipy import signal

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.loudness import k_weighting
from riffscope.dsp.stft import magnitude_blocks
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, value
from riffscope.steps import analyzer
from riffscope.units import DB_PER_OCTAVE, FRACTION, HZ, LU

# Frames of at least this length tell 20 Hz from 60 Hz.
MIN_FRAME_S = 0.15
# Octave bands around 31.5 Hz ... 16 kHz (IEC 61260: centres 1000 x 2^k Hz).
BAND_EDGES_HZ = tuple(1000 * 2.0**k for k in np.arange(-5.5, 5.0))
BASS_HZ = (20.0, 100.0)
LOW_BASS_BELOW_HZ, BASS_BELOW_HZ = 60.0, 250.0
TILT_HZ = (60.0, 8500.0)
# The gates of BS.1770: silence, and then what is 10 LU quieter than the rest.
SILENCE_LUFS, RELATIVE_GATE_LU = -70.0, 10.0


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
    power, weighted, frequencies_hz = mean_power_spectrum(audio)
    edges_hz = band_edges_hz(frequencies_hz[-1])
    bands = np.array([_band(power, frequencies_hz, low, high) for low, high in itertools.pairwise(edges_hz)])
    with np.errstate(divide="ignore"):
        band_lu = np.where(bands > 1e-12 * weighted, 10 * np.log10(bands / weighted), np.nan)
    bass = _band(power, frequencies_hz, *BASS_HZ)
    all_bass = _band(power, frequencies_hz, 0, BASS_BELOW_HZ)
    return Balance(
        band_edges_hz=edges_hz,
        band_lu=band_lu,
        bass_lu=float(10 * np.log10(max(bass / weighted, 1e-9))),
        low_bass_fraction=_band(power, frequencies_hz, 0, LOW_BASS_BELOW_HZ) / all_bass if all_bass > 0 else 0.0,
        centroid_hz=float((frequencies_hz * power).sum() / power.sum()),
        tilt_db_per_octave=_tilt(edges_hz, band_lu),
    )


def band_edges_hz(nyquist_hz: float) -> Floats:
    """Return the edges of the octaves that a sampling rate holds, the last one cut where it must be."""
    return np.unique(np.minimum(BAND_EDGES_HZ, nyquist_hz))


def frame_of(audio: Audio) -> tuple[int, Floats]:
    """Return the length of frame that the octaves are read from, in samples, and the frequencies of its bins in Hz.

    Raises
    ------
    CannotMeasure
        The song is shorter than one frame.
    """
    rate_hz = audio.sample_rate_hz
    n_fft = 1 << int(np.ceil(np.log2(MIN_FRAME_S * rate_hz)))
    if audio.samples.shape[1] < n_fft:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{audio.duration_s:.2f} s is too short for a spectrum (needs {n_fft / rate_hz:.2f} s)"
        )
    return n_fft, np.arange(1 + n_fft // 2) * rate_hz / n_fft


def mean_power_spectrum(audio: Audio) -> tuple[Floats, float, Floats]:
    """Return the gated mean power by bin (n,), the K-weighted power of it all, and the bins' frequencies in Hz (n,)."""
    n_fft, frequencies_hz = frame_of(audio)
    weight = k_power(frequencies_hz, audio.sample_rate_hz)
    frames: list[Floats] = []
    loudness: list[Floats] = []
    for blocks in zip(*(magnitude_blocks(c, n_fft=n_fft, hop_length=n_fft // 2) for c in audio.samples), strict=True):
        # Parseval, both halves of the spectrum, Hann window (mean square 3/8): power of a full-scale sine is 1/2.
        block = sum(np.square(magnitudes) for magnitudes in blocks) * np.float32(2 / (n_fft * n_fft * 3 / 8))
        frames.append(block)
        loudness.append(block @ weight)
    power, heard = np.concatenate(frames), np.concatenate(loudness)
    kept = heard > 10 ** ((SILENCE_LUFS + 0.691) / 10)
    if not kept.any():
        raise CannotMeasure(Absence.SILENT, "silent")
    kept &= heard > heard[kept].mean() * 10 ** (-RELATIVE_GATE_LU / 10)
    return power[kept].mean(axis=0, dtype=np.float64), float(heard[kept].mean()), frequencies_hz


def k_power(frequencies_hz: Floats, sample_rate_hz: int) -> Float32s:
    """Power gain of the K-weighting at each frequency (n,)."""
    _, response = signal.sosfreqz(k_weighting(sample_rate_hz), worN=frequencies_hz, fs=sample_rate_hz)
    power: Float32s = np.square(np.abs(response)).astype(np.float32)
    return power


def _band(power: Floats, frequencies_hz: Floats, low_hz: float, high_hz: float) -> float:
    """Power between two frequencies; a bin that an edge cuts counts by its share."""
    half_bin_hz = frequencies_hz[1] / 2
    below = np.concatenate([[0.0], np.cumsum(power)])
    upper_edges_hz = np.concatenate([[-half_bin_hz], frequencies_hz + half_bin_hz])
    low, high = np.interp([low_hz, high_hz], upper_edges_hz, below)
    return float(high - low)


def _tilt(edges_hz: Floats, band_lu: Floats) -> float:
    octave = np.log2(np.sqrt(edges_hz[1:] * edges_hz[:-1]) / 1000)
    use = np.isfinite(band_lu) & (edges_hz[1:] > TILT_HZ[0]) & (edges_hz[:-1] < TILT_HZ[1])
    return float(np.polyfit(octave[use], band_lu[use], 1)[0]) if use.sum() >= 2 else 0.0
