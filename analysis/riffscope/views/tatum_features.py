"""Tatum-synchronous features: harmony, timbre and onsets of each quarter of a beat, whatever the tempo.

Conventions
-----------
A tatum is a quarter of a beat: a sixteenth, where the beat is a quarter note. Features are float32 of shape (n_beats,
4, k).

References
----------
Own. The word is Bilmes's ("Timing is of the essence", MIT 1993): the smallest time step of the music.
"""

import numpy as np

from riffscope.arrays import Float32s, Floats
from riffscope.dsp.onsets import compress
from riffscope.dsp.rhythm.bars import beat_means
from riffscope.model import value
from riffscope.steps import view
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import MelSpectrum
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram

# Sixteenths, where the beat is a quarter note. Chosen, not fitted.
TATUMS_PER_BEAT = 4
# Five mel bands each: instruments come and go in regions, not in single bands. Chosen, not fitted.
BANDS = 16


@value
class TatumFeatures:
    """What sounds in each tatum.

    Attributes
    ----------
    notes : float32 array, shape (n_beats, 4, 60)
        Square root of the harmonic part's magnitude by semitone, C2 to B6: harmony, bass, riff. The root keeps one loud
        note from outweighing all others.
    bands : float32 array, shape (n_beats, 4, 16)
        Log magnitude from bass to cymbals, relative to the song's mean level: the timbre.
    onsets : float32 array, shape (n_beats, 4, 5)
        Square root of the onset strength at the start of the tatum, from kick to cymbals.
    """

    notes: Float32s
    bands: Float32s
    onsets: Float32s


@view
def cut_at_beats(
    track: BeatTrack, semitones: SemitoneSpectrogram, spectrum: MelSpectrum, onsets: OnsetStrength
) -> TatumFeatures:
    """Average the semitone and mel spectrograms over each tatum, and take the onset strength at its start.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 2.5 s, silent, or without a steady beat.
    """
    edges_s = tatum_edges(track.times_s)
    levels = compress(spectrum.magnitudes)
    levels = levels.reshape(BANDS, -1, levels.shape[1]).mean(axis=1)
    notes = beat_means(np.sqrt(semitones.magnitudes), edges_s, frame_rate_hz=semitones.frame_rate_hz)
    bands = beat_means(levels.T, edges_s, frame_rate_hz=spectrum.frame_rate_hz)
    strength = np.sqrt(_strength_near(onsets, edges_s[:-1]))
    shape = (len(track.times_s), TATUMS_PER_BEAT, -1)
    return TatumFeatures(
        notes=notes.reshape(shape).astype(np.float32),
        bands=bands.reshape(shape).astype(np.float32),
        onsets=strength.reshape(shape).astype(np.float32),
    )


def tatum_edges(times_s: Floats) -> Floats:
    """Return where the tatums of beats (n,) begin and the last ends: (4 n + 1,). The last beat lasts as the one before.

    Parameters
    ----------
    times_s : float64 array, shape (n,)
        The beats, n >= 2.
    """
    count = len(times_s)
    beats_s = np.append(times_s, 2 * times_s[-1] - times_s[-2])
    positions = np.arange(TATUMS_PER_BEAT * count + 1) / TATUMS_PER_BEAT
    edges_s: Floats = np.interp(positions, np.arange(count + 1), beats_s)
    return edges_s


def _strength_near(onsets: OnsetStrength, times_s: Floats) -> Float32s:
    """Return the maximum onset strength of each band within a frame of some times: (n, 5)."""
    last = onsets.bands.shape[1] - 1
    frames = np.round(times_s * onsets.frame_rate_hz).astype(np.int64) + np.array([-1, 0, 1])[:, None]
    strongest: Float32s = onsets.bands.T[np.clip(frames, 0, last)].max(axis=0)
    return strongest
