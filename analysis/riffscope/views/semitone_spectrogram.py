"""Semitone spectrogram of the harmonic part of the sound, percussion masked: what harmony and riffs are read from."""

from typing import Annotated

import numpy as np
from scipy.sparse import csr_array

from riffscope.arrays import Float32s
from riffscope.dsp.harmonic import keep_harmonic, peak_frequencies, semitone_filters
from riffscope.dsp.stft import magnitude_blocks
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.steps import view
from riffscope.units import CENTS, FRACTION, MIDI
from riffscope.views.mono import Mono

N_FFT, HOP_LENGTH = 4096, 1024  # 186 ms tells semitones apart from A2 up; a frame every 46 ms
MIN_MIDI, NOTES = 36, 60  # C2 to B6: basses, chords, riffs
# Tuning is read from 100 Hz to 1.5 kHz: below, bins are wider than a semitone; above, partials are stretched.
TUNING_HZ = (100.0, 1500.0)
# Below, the tone of drums holds as long as short notes do.
ABOVE_DRUMS_HZ = 350.0


@value
class SemitoneSpectrogram:
    """The held sound of the song on a grid of semitones.

    Attributes
    ----------
    magnitudes : float32 array, shape (n_frames, 60)
        Magnitude by note from C2 to B6; row k lies around k / `frame_rate_hz` seconds.
    tuning_cents : float
        How far the song's A4 lies from 440 Hz, -50..50; the notes are in this tuning.
    held_fraction : float
        Share of the sound from 350 Hz to 2.2 kHz that holds rather than strikes, 0..1. Drums alone come to .16 at most,
        dense metal to .21 at least, other music to .4 and more.
    """

    magnitudes: Float32s
    frame_rate_hz: float
    lowest_midi: Annotated[int, MIDI]
    tuning_cents: Annotated[float, CENTS]
    held_fraction: Annotated[float, FRACTION]

    def chroma(self) -> Float32s:
        """How much of each pitch class sounds in each frame, from C: shape (n_frames, 12), rows of 1 or less.

        The root of the magnitude tempers loud notes, and each frame counts the same, but for quiet ones.

        Raises
        ------
        CannotMeasure
            Nothing remains once the percussion is masked.
        """
        notes = np.sqrt(self.magnitudes)
        octaves = notes.reshape(len(notes), -1, 12).sum(axis=1)
        classes = np.roll(octaves, self.lowest_midi % 12, axis=1)
        strength = classes.sum(axis=1, keepdims=True)
        middle = float(np.median(strength))
        if middle <= 0:
            raise CannotMeasure(Absence.NO_PITCH, "nothing has a pitch")
        return np.asarray(classes / (strength + 0.2 * middle), dtype=np.float32)


@view
def gather_semitones(mono: Mono) -> SemitoneSpectrogram:
    """Gather the spectrum into semitones, with the percussion masked, in the song's own tuning.

    Raises
    ------
    CannotMeasure
        Nothing can be heard.
    """
    mono.check_it_sounds()
    return semitone_spectrogram_of(mono)


def semitone_spectrogram_of(mono: Mono) -> SemitoneSpectrogram:
    """Gather the spectrum of a sound that can be heard into semitones."""
    import librosa

    rate_hz = mono.sample_rate_hz
    used = (
        semitone_filters(
            sample_rate_hz=rate_hz, n_fft=N_FFT, lowest_midi=MIN_MIDI, count=NOTES, tuning_semitones=0.5
        ).shape[1]
        + 11
    )  # the mask looks 11 bins around
    blocks = [block[:, :used] for block in magnitude_blocks(mono.samples, n_fft=N_FFT, hop_length=HOP_LENGTH)]
    whole = np.concatenate(blocks)
    held = keep_harmonic(whole)
    above = slice(round(ABOVE_DRUMS_HZ * N_FFT / rate_hz), None)
    held_energy, all_energy = (float(np.einsum("ij,ij->", part[:, above], part[:, above])) for part in (held, whole))
    peaks_hz = peak_frequencies(held, sample_rate_hz=rate_hz, n_fft=N_FFT)
    peaks_hz = peaks_hz[(peaks_hz > TUNING_HZ[0]) & (peaks_hz < TUNING_HZ[1])]
    tuning_semitones = float(librosa.pitch_tuning(peaks_hz, resolution=0.01)) if peaks_hz.size else 0.0
    filters = semitone_filters(
        sample_rate_hz=rate_hz, n_fft=N_FFT, lowest_midi=MIN_MIDI, count=NOTES, tuning_semitones=tuning_semitones
    )
    # Sparse: most of a filter is zero, and a small dense product would be shared out among busy processors.
    magnitudes = np.ascontiguousarray((csr_array(filters) @ held[:, : filters.shape[1]].T).T)
    magnitudes.flags.writeable = False
    return SemitoneSpectrogram(
        magnitudes=magnitudes,
        frame_rate_hz=rate_hz / HOP_LENGTH,
        lowest_midi=MIN_MIDI,
        tuning_cents=round(100 * tuning_semitones, 1),
        held_fraction=held_energy / all_energy if all_energy > 0 else 0.0,
    )
