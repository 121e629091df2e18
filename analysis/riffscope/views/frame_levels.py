"""Frame levels: power below some frequencies, and of left, right and mid by octave, frame by frame.

What balance and width are read from, over the whole song and over each section: all of it are sums over frames.

Conventions
-----------
Power is a mean square, and 1 is full scale squared; frames of at least 0.15 s overlap by half, and frame k lies around
`times_s` [k]; bands are the octaves of `riffscope.dsp.octaves`. Mid is (L + R) / 2.

References
----------
ITU-R BS.1770-5 (weighting); IEC 61260-1 (octave bands); Blumlein, British patent 394,325 (1933) for the mid.
"""

import numpy as np

from riffscope.arrays import Complex64s, Float32s, Floats
from riffscope.dsp.loudness import k_weighting_power
from riffscope.dsp.octaves import band_edges_hz, frame_length
from riffscope.dsp.speakers import loudness_weights
from riffscope.dsp.stft import bin_frequencies_hz, power_scale, spectrum_blocks
from riffscope.model import Audio, value
from riffscope.steps import heavy_view

# Edges between and beside the octaves: the bass of charts and what counts as low in it (`riffscope.analyzers.balance`),
# and the fundamentals of a bass (`riffscope.analyzers.section_profile`).
MORE_EDGES_HZ = (0.0, 20.0, 60.0, 100.0, 150.0, 250.0)


@value
class FrameLevels:
    """The power of each frame.

    Attributes
    ----------
    times_s : array, shape (n,)
        The middle of each frame.
    edges_hz : array, shape (e,)
    below : array, shape (n, e)
        Power of all channels together, weighted as for loudness, below each of the edges; a bin that an edge cuts
        counts by its share.
    power : array, shape (n,)
        Of all channels together, at all frequencies.
    moment : array, shape (n,)
        The same times frequency in Hz: over the power it is the centroid.
    weighted : array, shape (n,)
        K-weighted power of all channels together.
    octave_edges_hz : array, shape (b + 1,)
    octaves : array, shape (n, 3, b)
        Power of left, right and mid in each octave; bands share no bin. None of more than two channels: (n, 0, b).
    sides_weighted : array, shape (n, 3)
        K-weighted power of left, right and mid; of more than two channels (n, 0).
    """

    times_s: Floats
    edges_hz: Floats
    below: Floats
    power: Floats
    moment: Floats
    weighted: Floats
    octave_edges_hz: Floats
    octaves: Floats
    sides_weighted: Floats

    def band(self, low_hz: float, high_hz: float) -> Floats:
        """Return the power between two of the edges, (n,)."""
        low, high = (int(np.flatnonzero(self.edges_hz == edge_hz)[0]) for edge_hz in (low_hz, high_hz))
        power: Floats = self.below[:, high] - self.below[:, low]
        return power


@heavy_view
def take_frame_levels(audio: Audio) -> FrameLevels:
    """Compute the spectrum of each channel, and of the mid of two, in frames of at least 0.15 s, and sum it by band.

    Raises
    ------
    CannotMeasure
        Shorter than one frame.
    """
    rate_hz = audio.sample_rate_hz
    n_fft = frame_length(rate_hz)
    audio.check_lasts(n_fft / rate_hz, "for a spectrum")
    frequencies_hz = bin_frequencies_hz(rate_hz, n_fft)
    octave_edges_hz = band_edges_hz(frequencies_hz[-1])
    edges_hz = np.unique([*MORE_EDGES_HZ, *octave_edges_hz])
    # What lies below the first octave, such as a constant offset, is not heard and belongs to none.
    first_bins = np.searchsorted(frequencies_hz, octave_edges_hz)
    weight = k_weighting_power(frequencies_hz, rate_hz)
    channels = len(audio.samples)
    signals, weights = _counted(audio)
    parts: dict[str, list[Floats]] = {
        name: [] for name in ("below", "power", "moment", "weighted", "octaves", "sides_weighted")
    }
    hop_length = n_fft // 2
    blocks = (spectrum_blocks(one, n_fft=n_fft, hop_length=hop_length) for one in signals)
    for spectra in zip(*blocks, strict=True):
        # The spectrum of the mid is the mean of those of left and right.
        mid = [(spectra[0] + spectra[1]) * np.float32(0.5)] if channels == 2 else []
        squares = [_squares(one) * power_scale(n_fft) for one in (*spectra, *mid)]
        whole: Float32s = np.sum(
            squares[:channels] if weights is None else list(map(np.multiply, squares, weights)), axis=0
        )
        parts["below"].append(_power_below(whole, frequencies_hz, edges_hz))
        parts["power"].append(whole.sum(axis=1, dtype=np.float64))
        parts["moment"].append(whole @ frequencies_hz)
        parts["weighted"].append((whole @ weight).astype(np.float64))
        sides = [] if channels > 2 else [squares[0]] * 3 if channels == 1 else squares
        used = slice(0, int(first_bins[-1]))
        octaves = [np.add.reduceat(one[:, used], first_bins[:-1], axis=1, dtype=np.float64) for one in sides]
        shape = len(whole), len(sides), len(first_bins) - 1
        parts["octaves"].append(np.stack(octaves, axis=1) if sides else np.empty(shape))
        parts["sides_weighted"].append(
            np.stack([one @ weight for one in sides], axis=1).astype(np.float64) if sides else np.empty(shape[:2])
        )
    joined = {name: np.concatenate(blocks) for name, blocks in parts.items()}
    count = len(joined["power"])
    return FrameLevels(
        times_s=np.arange(count) * hop_length / rate_hz,
        edges_hz=edges_hz,
        octave_edges_hz=octave_edges_hz,
        **joined,
    )


def _counted(audio: Audio) -> tuple[list[Float32s], Float32s | None]:
    """Return the channels that count for loudness, and their weights: None for mono and stereo, which weigh alike."""
    channels = list(audio.samples)
    weights = np.array(loudness_weights(audio.speakers, len(channels)), np.float32)
    if len(channels) <= 2 or not weights.any():
        return channels, None
    return [channel for channel, weight in zip(channels, weights, strict=True) if weight], weights[weights > 0]


def _squares(spectra: Complex64s) -> Float32s:
    squares: Float32s = spectra.real**2 + spectra.imag**2
    return squares


def _power_below(power: Float32s, frequencies_hz: Floats, edges_hz: Floats) -> Floats:
    """Return the power below each edge, where a bin reaches halfway to its neighbours: (n, bins) -> (n, e)."""
    half_bin_hz = frequencies_hz[1] / 2
    # Which bin each edge cuts, and how much of that lies below the edge.
    at = (edges_hz + half_bin_hz) / (2 * half_bin_hz)
    cut = np.floor(at).astype(np.int64).clip(0, len(frequencies_hz) - 1)
    share = (at - cut).clip(0, 1)
    # Summed up from cut to cut: there are far fewer of these than bins.
    starts = np.union1d(0, cut)
    sums = np.add.reduceat(power, starts, axis=1, dtype=np.float64)
    below = np.cumsum(sums, axis=1) - sums  # before each start
    cumulated: Floats = below[:, np.searchsorted(starts, cut)] + share * power[:, cut]
    return cumulated
