"""The mel spectrum: how loud each of 80 bands from bass to cymbals is, every 20 ms."""

import numpy as np

from riffscope.arrays import Float32s
from riffscope.dsp.stft import filtered_stft
from riffscope.model import value
from riffscope.steps import view
from riffscope.views.mono import Mono

HOP_LENGTH = 441  # 20 ms at 22.05 kHz
N_FFT = 2048  # 93 ms: the shortest frame that tells kick drum and bass apart from what lies above
N_MELS = 80
MIN_HZ, MAX_HZ = 30, 10_000


@value
class MelSpectrum:
    """Magnitude by mel band over time.

    Attributes
    ----------
    magnitudes : float32 array, shape (80, n_frames)
        Bands of equal width up to 1 kHz and of equal ratio above, low to high.
    frame_rate_hz : float
        Frame k lies around k / `frame_rate_hz` seconds.
    """

    magnitudes: Float32s
    frame_rate_hz: float


@view
def take_mel_spectrum(mono: Mono) -> MelSpectrum:
    """Gather the spectrum of every 20 ms into mel bands.

    Raises
    ------
    CannotMeasure
        Nothing can be heard.
    """
    mono.check_it_sounds()
    magnitudes = filtered_stft(mono.samples, mel_filters(mono.sample_rate_hz), n_fft=N_FFT, hop_length=HOP_LENGTH)
    magnitudes.flags.writeable = False
    return MelSpectrum(magnitudes=magnitudes, frame_rate_hz=mono.sample_rate_hz / HOP_LENGTH)


def mel_filters(sample_rate_hz: int) -> Float32s:
    """Return triangles of one height, (80, 1 + N_FFT // 2)."""
    import librosa

    filters: Float32s = librosa.filters.mel(
        sr=sample_rate_hz,
        n_fft=N_FFT,
        n_mels=N_MELS,
        fmin=MIN_HZ,
        fmax=MAX_HZ,
        norm=None,
        dtype=np.float32,
    )
    return filters
