"""Stereo: how wide the song is, how alike its two channels are, and what is lost when they are mixed to one."""

from typing import Annotated

import numpy as np

from riffscope.analyzers.balance import SILENCE_LUFS, band_edges_hz, frame_of, k_power
from riffscope.arrays import Float32s, Floats
from riffscope.dsp.stft import magnitude_blocks
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, value
from riffscope.steps import analyzer
from riffscope.units import CORRELATION, FRACTION, HZ, LU

# A channel, or what a mix to one leaves, that lies 60 dB below the rest is not heard beside it.
NOTHING_LEFT = 1e-6
# A band 80 dB below the whole holds what coding and dither left there.
EMPTY_BAND = 1e-8


@value
class Stereo:
    """What the two channels share and in what they differ, over all that sounds; what is louder counts for more.

    Attributes
    ----------
    width_fraction : float
        Energy of the side (L - R) / 2 in that of mid and side together: 0 mono, .5 for channels that share nothing and
        for a sound on one side only, 1 for antiphase. The bass, mostly in the middle, weighs heavily: see the bands.
    correlation : float or None
        Of the two channels, whatever their levels: 1 the same, 0 unrelated, -1 antiphase. None where only one sounds.
    mono_loss_lu : float or None
        K-weighted loudness lost when both are mixed to one: 0 for mono, 3.0 for unrelated channels. None where nothing
        is left.
    band_edges_hz : array, shape (n + 1,)
        Edges of the octave bands of `riffscope.analyzers.balance`.
    band_width_fraction, band_correlation : arrays, shape (n,)
        The same for each band; NaN where it is empty, and where only one channel sounds in it.
    """

    width_fraction: Annotated[float, FRACTION]
    correlation: Annotated[float, CORRELATION] | None
    mono_loss_lu: Annotated[float, LU] | None
    band_edges_hz: Annotated[Floats, HZ]
    band_width_fraction: Annotated[Floats, FRACTION]
    band_correlation: Annotated[Floats, CORRELATION]

    @property
    def summary(self) -> str:
        """The result in one line."""
        if self.width_fraction == 0:
            return "mono: the same on both sides"
        alike = (
            "only one side sounds"
            if self.correlation is None
            else f"correlation {CORRELATION.format(self.correlation, signed=True)}"
        )
        lost = "everything" if self.mono_loss_lu is None else LU.format(self.mono_loss_lu)
        return f"width {FRACTION.format(self.width_fraction)}, {alike}, {lost} lost in mono"


@analyzer(version=1)
def measure_stereo(audio: Audio) -> Stereo:
    """Measure the energy of mid and side and the correlation of the channels, in all and by octave, from 22 Hz up.

    A mono file is heard from both sides: it measures as two equal channels.

    Raises
    ------
    CannotMeasure
        More than two channels, shorter than one frame, or silent.

    References
    ----------
    Blumlein, British patent 394,325 (1933): sum and difference of two channels.
    """
    if len(audio.samples) > 2:
        raise CannotMeasure(
            Absence.NOT_STEREO, f"{audio.source.layout}: width and correlation are those of two (mix it to stereo)"
        )
    powers, frequencies_hz = _powers(audio)
    edges_hz = band_edges_hz(frequencies_hz[-1])
    # Bands share no bin; what lies below the first, such as a constant offset, is not heard and belongs to none.
    first_bins = np.searchsorted(frequencies_hz, edges_hz)
    by_band = np.add.reduceat(powers[:, : first_bins[-1]], first_bins[:-1], axis=1)
    whole = by_band.sum(axis=1)
    width, correlation = _compare(by_band)
    sounds = by_band[:2].sum(axis=0) > EMPTY_BAND * whole[:2].sum()
    all_width, all_correlation = _compare(whole)
    weight = k_power(frequencies_hz, audio.sample_rate_hz)
    left, right, mid = powers @ weight
    left_over = float(2 * mid / (left + right))
    return Stereo(
        width_fraction=float(all_width),
        correlation=None if np.isnan(all_correlation) else float(all_correlation),
        mono_loss_lu=10 * float(np.log10(max(1 / left_over, 1.0))) if left_over > NOTHING_LEFT else None,
        band_edges_hz=edges_hz,
        band_width_fraction=np.where(sounds, width, np.nan),
        band_correlation=np.where(sounds, correlation, np.nan),
    )


def _powers(audio: Audio) -> tuple[Floats, Floats]:
    """Return the power of left, right and mid by bin, summed over the frames that sound, (3, n), and the bins in Hz."""
    n_fft, frequencies_hz = frame_of(audio)
    # Parseval, both halves of the spectrum, Hann window (mean square 3/8), as in `balance`.
    weight = k_power(frequencies_hz, audio.sample_rate_hz) * np.float32(2 / (n_fft * n_fft * 3 / 8))
    left, right = audio.samples[0], audio.samples[-1]
    mid: Float32s = (left + right) * np.float32(0.5)
    powers, sounding = np.zeros((3, len(frequencies_hz))), False
    signals = (magnitude_blocks(signal, n_fft=n_fft, hop_length=n_fft // 2) for signal in (left, right, mid))
    for blocks in zip(*signals, strict=True):
        squares = np.square(np.stack(blocks))
        kept = (squares[0] + squares[1]) @ weight > 10 ** ((SILENCE_LUFS + 0.691) / 10)
        powers += squares[:, kept].sum(axis=1, dtype=np.float64)
        sounding = sounding or bool(kept.any())
    if not sounding:
        raise CannotMeasure(Absence.SILENT, "silent")
    return powers, frequencies_hz


def _compare(powers: Floats) -> tuple[Floats, Floats]:
    """Return width and correlation from the power of left, right and mid, (3, ...); NaN where there is none."""
    left, right, mid = powers
    both = (left + right) / 2  # that of mid and side
    with np.errstate(invalid="ignore", divide="ignore"):
        width = np.clip((both - mid) / both, 0, 1)
        # The product of the channels is mid less side.
        correlation = np.clip((2 * mid - both) / np.sqrt(left * right), -1, 1)
    one_sided = np.minimum(left, right) <= NOTHING_LEFT * np.maximum(left, right)
    return width, np.where(one_sided, np.nan, correlation)
