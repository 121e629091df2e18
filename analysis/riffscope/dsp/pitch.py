"""Pitch: frequencies as notes on the MIDI scale, and back.

Conventions: frequencies in Hz, pitches in semitones with fractions, A4 = 440 Hz = 69; any shape, NaN stays NaN.

Source: MIDI 1.0 Detailed Specification, MIDI Tuning Standard: note 69 is 440 Hz, twelve equal semitones to the octave.
"""

import math

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Floats

# Concert pitch (ISO 16) ...
A4_HZ = 440.0
# ... and the number of its note, by the standard above.
A4_MIDI = 69


def hz_to_midi(frequencies_hz: npt.ArrayLike) -> Floats:
    """Return frequencies above 0 Hz as semitones on the MIDI scale; same shape.

    Examples
    --------
    >>> hz_to_midi([220.0, 440.0, 880.0]).tolist()
    [57.0, 69.0, 81.0]
    """
    midi: Floats = A4_MIDI + 12 * np.log2(np.asarray(frequencies_hz, np.float64) / A4_HZ)
    return midi


def midi_to_hz(midi: npt.ArrayLike) -> Floats:
    """Return semitones on the MIDI scale as frequencies in Hz; same shape.

    Examples
    --------
    >>> midi_to_hz([57, 69, 81]).tolist()
    [220.0, 440.0, 880.0]
    """
    frequencies_hz: Floats = A4_HZ * 2 ** ((np.asarray(midi, np.float64) - A4_MIDI) / 12)
    return frequencies_hz


def tuning_of(frequencies_hz: npt.NDArray[np.floating], *, step_semitones: float) -> float:
    """Return how far most frequencies lie from the notes of concert pitch, in semitones: -0.5..0.5.

    It is the lower end of the fullest step, as in librosa: a mean would be drawn to what is off the scale.

    Parameters
    ----------
    frequencies_hz : float array, shape (n,)
        Above 0 Hz, one or more.
    step_semitones : float
        Deviations are counted in steps of this.
    """
    # Counted from A0 on, as librosa does: 12 log2 of a ratio to A4 rounds another way, at the edges of the steps.
    off = np.mod(12 * np.log2(frequencies_hz / (A4_HZ / 16)), 1.0)
    off[off >= 0.5] -= 1.0
    counts, edges = np.histogram(off, np.linspace(-0.5, 0.5, math.ceil(1 / step_semitones) + 1))
    return float(edges[np.argmax(counts)])
