"""From sound to what the network reads, by the very functions that riffscope uses at run time."""

import numpy as np
import numpy.typing as npt

from riffscope.dsp.rhythm.beat_features import harmonic_change, scaled_mel
from riffscope.views.mel_spectrum import take_mel_spectrum
from riffscope.views.mono import MONO_RATE_HZ, Mono
from riffscope.views.semitone_spectrogram import gather_semitones

Float32s = npt.NDArray[np.float32]


def read_features(samples: Float32s) -> tuple[Float32s, Float32s]:
    """Return the scaled mel spectrum (80, n) and the harmonic change (8, n), every 20 ms, of sound at 22.05 kHz."""
    mono = Mono(samples=samples, sample_rate_hz=MONO_RATE_HZ)
    spectrum = take_mel_spectrum(mono)
    semitones = gather_semitones(mono)
    moments_s = np.arange(spectrum.magnitudes.shape[1]) / spectrum.frame_rate_hz
    change = harmonic_change(semitones.magnitudes, frame_rate_hz=semitones.frame_rate_hz, at_s=moments_s)
    return scaled_mel(spectrum.magnitudes), change
