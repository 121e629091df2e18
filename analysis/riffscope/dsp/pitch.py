"""Pitch: frequencies as notes on the MIDI scale, and back.

Conventions: frequencies in Hz, pitches in semitones with fractions, A4 = 440 Hz = 69; any shape, NaN stays NaN.

Source: MIDI 1.0 Detailed Specification, MIDI Tuning Standard: note 69 is 440 Hz, twelve equal semitones to the octave.
"""

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
