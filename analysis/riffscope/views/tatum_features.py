"""The song cut into quarters of beats: what sounds and what begins in each, however fast it is played."""

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

QUARTERS = 4  # sixteenths, where the beat is a crotchet
BANDS = 16  # five mel bands each: instruments come and go in regions, not in single bands


@value
class TatumFeatures:
    """What sounds in each quarter of each beat.

    Attributes
    ----------
    notes : float32 array, shape (n_beats, 4, 60)
        Root of the held sound's magnitude by semitone from C2 to B6: harmony, bass, riff. The root keeps one loud note
        from being all there is.
    bands : float32 array, shape (n_beats, 4, 16)
        Level from bass to cymbals, compressed, on the song's own scale: the timbre.
    onsets : float32 array, shape (n_beats, 4, 5)
        Root of how strongly something begins there, from kick to cymbals.
    """

    notes: Float32s
    bands: Float32s
    onsets: Float32s


@view
def cut_at_beats(
    track: BeatTrack, semitones: SemitoneSpectrogram, spectrum: MelSpectrum, onsets: OnsetStrength
) -> TatumFeatures:
    """Average held sound and spectrum over each quarter of a beat, and take the onsets at its start.

    Raises
    ------
    CannotMeasure
        From `BeatTrack`: shorter than 2.5 s, silent, or without a steady beat.
    """
    edges_s = quarter_edges(track.times_s)
    levels = compress(spectrum.magnitudes)
    levels = levels.reshape(BANDS, -1, levels.shape[1]).mean(axis=1)
    notes = beat_means(np.sqrt(semitones.magnitudes), edges_s, frame_rate_hz=semitones.frame_rate_hz)
    bands = beat_means(levels.T, edges_s, frame_rate_hz=spectrum.frame_rate_hz)
    begins = np.sqrt(_strength_near(onsets, edges_s[:-1]))
    shape = (len(track.times_s), QUARTERS, -1)
    return TatumFeatures(
        notes=notes.reshape(shape).astype(np.float32),
        bands=bands.reshape(shape).astype(np.float32),
        onsets=begins.reshape(shape).astype(np.float32),
    )


def quarter_edges(times_s: Floats) -> Floats:
    """Return where the quarters of beats (n,) begin and the last ends, a beat as long as the one before: (4 n + 1,).

    Parameters
    ----------
    times_s : float64 array, shape (n,)
        The beats, n >= 2.
    """
    count = len(times_s)
    beats_s = np.append(times_s, 2 * times_s[-1] - times_s[-2])
    edges_s: Floats = np.interp(np.arange(QUARTERS * count + 1) / QUARTERS, np.arange(count + 1), beats_s)
    return edges_s


def _strength_near(onsets: OnsetStrength, times_s: Floats) -> Float32s:
    """Return the onset strength of each band within a frame of some times: (n, 5)."""
    last = onsets.bands.shape[1] - 1
    frames = np.round(times_s * onsets.frame_rate_hz).astype(np.int64) + np.array([-1, 0, 1])[:, None]
    strongest: Float32s = onsets.bands.T[np.clip(frames, 0, last)].max(axis=0)
    return strongest
