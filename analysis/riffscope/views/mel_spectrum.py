"""Mel spectrogram: the magnitude of 80 bands from bass to cymbals, every 20 ms.

Conventions
-----------
Magnitudes are float32 of shape (80, n_frames), low to high; frame k is centred on k / `frame_rate_hz` seconds.

References
----------
Slaney's mel scale and filters: `riffscope.dsp.mel`.
"""

from riffscope.arrays import Float32s
from riffscope.dsp import mel
from riffscope.dsp.stft import filtered_stft
from riffscope.model import value
from riffscope.steps import view
from riffscope.views.mono import Mono

# 20 ms at 22.05 kHz: the beat network is trained on it.
HOP_LENGTH = 441
# 93 ms: the shortest frame that separates kick drum and bass from what lies above.
N_FFT = 2048
# The beat network is trained on 80 bands; chosen, not fitted.
N_MELS = 80
# The lowest note of a five-string bass is 31 Hz. Chosen, not fitted.
MIN_HZ = 30
# Cymbals show below 10 kHz, which lossy files keep as well. Chosen, not fitted.
MAX_HZ = 10_000


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
    """Compute the mel spectrogram of the mono mix.

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
    """Return triangular filters of equal height: (80, 1 + N_FFT // 2)."""
    return mel.mel_filters(
        sample_rate_hz=sample_rate_hz, n_fft=N_FFT, bands=N_MELS, lowest_hz=MIN_HZ, highest_hz=MAX_HZ
    )
