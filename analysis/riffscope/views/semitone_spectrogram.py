"""Semitone spectrogram of the harmonic part of the sound: what key, chroma and riffs are measured on.

Conventions
-----------
Magnitudes are float32 of shape (n_frames, 60), notes from C2 to B6 in the song's own tuning; frame k is centred on
k / `frame_rate_hz` seconds.

References
----------
Harmonic part and filters: `riffscope.dsp.harmonic`. The tuning: `riffscope.dsp.pitch`.
"""

from typing import Annotated

import numpy as np

from riffscope.arrays import Float32s
from riffscope.dsp.harmonic import REACH_BINS, by_semitone, keep_harmonic, peak_frequencies, semitone_filters
from riffscope.dsp.pitch import tuning_of
from riffscope.dsp.stft import lowest_bins
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.steps import view
from riffscope.units import CENTS, FRACTION, MIDI
from riffscope.views.mono import Mono

# 186 ms resolves semitones from A2 up.
N_FFT = 4096
# A frame every 46 ms: a quarter of the window, and shorter than a sixteenth at 240 BPM. Chosen, not fitted.
HOP_LENGTH = 1024
# C2, the lowest note: basses.
MIN_MIDI = 36
# Up to B6: five octaves hold basses, chords and riffs.
NOTES = 60
# Tuning is measured on peaks from 100 Hz, below which bins are wider than a semitone, ...
MIN_TUNING_HZ = 100.0
# ... to 1.5 kHz, above which partials are stretched.
MAX_TUNING_HZ = 1500.0
# Cents: the resolution of the tuning, in semitones.
TUNING_STEP = 0.01
# The harmonic fraction is measured above this: below, drums ring as long as short notes.
MIN_HARMONIC_HZ = 350.0
# A quiet frame's chroma is damped by this share of the song's median strength. Chosen, not fitted.
QUIET_SHARE = 0.2


@value
class SemitoneSpectrogram:
    """The harmonic part of the song by semitone and frame.

    Attributes
    ----------
    magnitudes : float32 array, shape (n_frames, 60)
        Magnitude by note, from C2 to B6.
    frame_rate_hz : float
    lowest_midi : int
        The note of the first column.
    tuning_cents : float
        How far the song's A4 lies from 440 Hz, -50..50; the notes are in this tuning.
    harmonic_fraction : float
        Share of the energy from 350 Hz to 2.2 kHz in the harmonic part, 0..1. Drums alone reach .16 at most, dense
        metal .21 at least, other music .4 and more.
    """

    magnitudes: Float32s
    frame_rate_hz: float
    lowest_midi: Annotated[int, MIDI]
    tuning_cents: Annotated[float, CENTS]
    harmonic_fraction: Annotated[float, FRACTION]

    def chroma(self) -> Float32s:
        """Return the share of each pitch class in each frame, from C: (n_frames, 12), rows sum to 1 or less.

        The square root of the magnitude tempers loud notes. Each frame counts the same, except that quiet ones count
        less.

        Raises
        ------
        CannotMeasure
            The harmonic part is empty.
        """
        notes = np.sqrt(self.magnitudes)
        octaves = notes.reshape(len(notes), -1, 12).sum(axis=1)
        classes = np.roll(octaves, self.lowest_midi % 12, axis=1)
        strength = classes.sum(axis=1, keepdims=True)
        middle = float(np.median(strength))
        if middle <= 0:
            raise CannotMeasure(Absence.NO_PITCH, "no pitched sound was found")
        return np.asarray(classes / (strength + QUIET_SHARE * middle), dtype=np.float32)


@view
def gather_semitones(mono: Mono) -> SemitoneSpectrogram:
    """Gather the harmonic part of the mono mix into semitones, in the song's own tuning.

    Raises
    ------
    CannotMeasure
        Nothing can be heard.
    """
    mono.check_it_sounds()
    return semitone_spectrogram_of(mono)


def semitone_spectrogram_of(mono: Mono) -> SemitoneSpectrogram:
    """Gather the harmonic part of a sound, which must not be silent, into semitones."""
    rate_hz = mono.sample_rate_hz
    used = (
        semitone_filters(
            sample_rate_hz=rate_hz, n_fft=N_FFT, lowest_midi=MIN_MIDI, count=NOTES, tuning_semitones=0.5
        ).shape[1]
        + REACH_BINS  # the mask reads this many bins more
    )
    whole = lowest_bins(mono.samples, n_fft=N_FFT, hop_length=HOP_LENGTH, bins=used)
    harmonic = keep_harmonic(whole)
    above = slice(round(MIN_HARMONIC_HZ * N_FFT / rate_hz), None)
    harmonic_energy, energy = (
        float(np.einsum("ij,ij->", part[:, above], part[:, above])) for part in (harmonic, whole)
    )
    del whole
    peaks_hz = peak_frequencies(harmonic, sample_rate_hz=rate_hz, n_fft=N_FFT)
    peaks_hz = peaks_hz[(peaks_hz > MIN_TUNING_HZ) & (peaks_hz < MAX_TUNING_HZ)]
    tuning_semitones = tuning_of(peaks_hz, step_semitones=TUNING_STEP) if peaks_hz.size else 0.0
    filters = semitone_filters(
        sample_rate_hz=rate_hz, n_fft=N_FFT, lowest_midi=MIN_MIDI, count=NOTES, tuning_semitones=tuning_semitones
    )
    magnitudes = by_semitone(harmonic, filters)
    magnitudes.flags.writeable = False
    return SemitoneSpectrogram(
        magnitudes=magnitudes,
        frame_rate_hz=rate_hz / HOP_LENGTH,
        lowest_midi=MIN_MIDI,
        tuning_cents=round(100 * tuning_semitones, 1),
        harmonic_fraction=harmonic_energy / energy if energy > 0 else 0.0,
    )
