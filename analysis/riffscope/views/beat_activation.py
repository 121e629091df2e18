"""Beat activation: how likely a beat and a downbeat are at each moment, which is where beats are searched.

Conventions
-----------
Frame k lies around k / `frame_rate_hz` seconds, 50 frames a second. Probabilities are 0..1, tempi in BPM.

References
----------
The network is our own (`riffscope.models.beat_net`), trained by `analysis/training/beats`.
"""

from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.onsets import on_own_scale
from riffscope.dsp.rhythm.beat_features import harmonic_change, scaled_mel
from riffscope.model import value
from riffscope.models.beat_net import CLASSES_PER_OCTAVE, MIN_BPM, TEMPO_CLASSES, load_beat_reader
from riffscope.steps import heavy_view
from riffscope.units import BPM, HZ, PROBABILITY
from riffscope.views.mel_spectrum import MelSpectrum
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram

# Of the five bands of `OnsetStrength`, low to high: the kick carries the beat in most music. Chosen, not fitted.
BAND_WEIGHTS = np.array([1.3, 1.0, 0.8, 0.8, 0.8], np.float32)
# Onsets of all bands together that are a fifth of an ordinary one stay below 1, even where nothing else sounds.
SMALLEST_ONSET = 0.2


@value
class BeatActivation:
    """How likely beats, downbeats and tempi are.

    Attributes
    ----------
    probability, downbeat_probability : float32 array, shape (n_frames,)
        0..1; a downbeat is a beat as well.
    tempo_bpm : float64 array, shape (64,)
        Tempi from 40 to 247 BPM.
    tempo_logits : float32 array, shape (n_seconds, 64)
        How strongly each second speaks for each tempo: their mean over a stretch, exponentiated and made to sum to 1,
        is the probability of each tempo in that stretch.
    onset_envelope : float32 array, shape (n_frames,)
        Onset strength of all bands together: about 1 at an ordinary onset.
    frame_rate_hz : float
        Frame k lies around k / `frame_rate_hz` seconds.
    """

    probability: Annotated[Float32s, PROBABILITY]
    downbeat_probability: Annotated[Float32s, PROBABILITY]
    tempo_bpm: Annotated[Floats, BPM]
    tempo_logits: Float32s
    onset_envelope: Float32s
    frame_rate_hz: Annotated[float, HZ]


@heavy_view
def activate_beats(spectrum: MelSpectrum, semitones: SemitoneSpectrogram, onsets: OnsetStrength) -> BeatActivation:
    """Run the beat network on the mel spectrogram and the changes of harmony.

    Raises
    ------
    CannotMeasure
        From `MelSpectrum`: nothing can be heard.
    """
    rate_hz = spectrum.frame_rate_hz
    frames_s = np.arange(spectrum.magnitudes.shape[1]) / rate_hz
    change = harmonic_change(semitones.magnitudes, frame_rate_hz=semitones.frame_rate_hz, at_s=frames_s)
    activations, tempo = load_beat_reader()(scaled_mel(spectrum.magnitudes), change)
    mixed = (BAND_WEIGHTS[:, None] * onsets.bands).sum(axis=0) / BAND_WEIGHTS.sum()
    return BeatActivation(
        probability=activations[0],
        downbeat_probability=activations[1],
        tempo_bpm=MIN_BPM * 2 ** (np.arange(TEMPO_CLASSES) / CLASSES_PER_OCTAVE),
        tempo_logits=tempo,
        onset_envelope=on_own_scale(mixed, frame_rate_hz=rate_hz, smallest=SMALLEST_ONSET),
        frame_rate_hz=rate_hz,
    )
