"""Chord activation: how likely each chord is in each half beat, before beats, key and repeats have their say.

Conventions
-----------
Step k is half a beat, from `edges_s` k to k + 1. Chords are numbered root + 12 * quality, in the order of
`riffscope.chord_names.QUALITIES`, roots and basses as semitones above C; no chord comes last. Probabilities are natural
logarithms.

References
----------
The network is our own (`riffscope.models.chord_net`), trained by `analysis/training/chords`.
"""

from typing import Annotated

import numpy as np
from scipy.special import log_softmax

from riffscope.arrays import Floats
from riffscope.dsp.tonality.chord_features import STEPS_PER_BEAT, chord_features, half_beats, with_bars
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import VocalSource, value
from riffscope.models.chord_net import load_chord_reader
from riffscope.steps import view
from riffscope.units import SECONDS
from riffscope.views.accompaniment_spectrogram import AccompanimentSpectrogram
from riffscope.views.beat_track import BeatTrack
from riffscope.views.semitone_spectrogram import HOP_LENGTH, N_FFT, SemitoneSpectrogram

# As for the key: drums alone, noise and speech hold no pitch.
MIN_HARMONIC_FRACTION = 0.19


@value
class ChordActivation:
    """How likely each chord is.

    Attributes
    ----------
    edges_s : float64 array, shape (n + 1,)
        Where the steps begin and the last ends.
    chord_log_probability : float64 array, shape (n, 133)
    bass_log_probability : float64 array, shape (n, 12)
        Of the lowest note's pitch class.
    method : VocalSource
        Which sound was read: the mix, or the accompaniment where the vocals were separated.
    """

    edges_s: Annotated[Floats, SECONDS]
    chord_log_probability: Floats
    bass_log_probability: Floats
    method: VocalSource


@view
def activate_chords(
    track: BeatTrack, semitones: SemitoneSpectrogram, accompaniment: AccompanimentSpectrogram
) -> ChordActivation:
    """Run the chord network on what plays behind the voice, half beat by half beat.

    Raises
    ------
    CannotMeasure
        There is no beat, nothing plays behind the voice, or nothing that plays has a pitch.
    """
    heard = semitones if accompaniment.semitones is None else accompaniment.semitones
    if heard.harmonic_fraction < MIN_HARMONIC_FRACTION:
        raise CannotMeasure(Absence.NO_PITCH, "nothing holds a pitch long enough to make a chord")
    edges_s = half_beats(track.times_s)
    features = chord_features(
        heard.magnitudes,
        edges_s,
        frame_rate_hz=heard.frame_rate_hz,
        lowest_midi=heard.lowest_midi,
        sample_rate_hz=round(heard.frame_rate_hz * HOP_LENGTH),
        n_fft=N_FFT,
    )
    bars = STEPS_PER_BEAT * track.downbeat_index
    chord, bass = load_chord_reader()(with_bars(features, bars))
    return ChordActivation(
        edges_s=edges_s,
        chord_log_probability=log_softmax(chord.T.astype(np.float64), axis=1),
        bass_log_probability=log_softmax(bass.T.astype(np.float64), axis=1),
        method=accompaniment.method,
    )
