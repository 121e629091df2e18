"""Features that the chord network reads: what sounds in each half beat, and in the bar around it.

Conventions
-----------
Features are float32 of shape (3, 72, n): three pictures, the notes C1 to B6 in the song's own tuning, n half beats. The
pictures are the spectrum as it is, explained by notes with overtones, and these notes averaged over the bar. Changing a
constant here means training the network anew: its weights fit these features only.

References
----------
The notes are those of `riffscope.dsp.tonality.notes`; averages between beats are common since Bartsch & Wakefield, "To
catch a chorus", WASPAA 2001.
"""

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.rhythm.bars import beat_means
from riffscope.dsp.tonality.chords import BASS_NOTES
from riffscope.dsp.tonality.notes import LOWEST_NOTE, note_strengths

# Chords change on beats, and now and then half a beat early.
STEPS_PER_BEAT = 2
# C1 to B6.
NOTES = 72
# What is as it is, as notes, and as the notes of the bar.
PICTURES = 3
# The square root keeps one loud note from outweighing all others.
COMPRESSION = 0.5
# Notes are compressed further, as in `riffscope.dsp.tonality.chords`: a loud one counts little more than a soft one.
NOTE_COMPRESSION = 0.3
# A quiet step's notes are damped by this share of the song's median, as there.
QUIET_SHARE = 0.2
# Brings the notes' shares, a fifth each at most, to the scale of the spectrum.
SHARE_SCALE = 20.0


def half_beats(beats_s: Floats) -> Floats:
    """Return where half beats begin and the last ends: (2 n + 1,) of beats (n,), n >= 2.

    The last beat lasts as long as the one before.
    """
    whole_s = np.append(beats_s, 2 * beats_s[-1] - beats_s[-2])
    places = np.arange(STEPS_PER_BEAT * len(beats_s) + 1) / STEPS_PER_BEAT
    edges_s: Floats = np.interp(places, np.arange(len(whole_s)), whole_s)
    return edges_s


def chord_features(
    magnitudes: Float32s, edges_s: Floats, *, frame_rate_hz: float, lowest_midi: int, sample_rate_hz: int, n_fft: int
) -> Float32s:
    """Return the first two pictures of the steps between some moments: (2, 72, n), the same at any gain.

    Parameters
    ----------
    magnitudes : float32 array, shape (n_frames, n_semitones)
        Of the harmonic part by semitone, as `riffscope.views.semitone_spectrogram` has them.
    edges_s : float64 array, shape (n + 1,)
        Where the steps begin and the last ends.
    frame_rate_hz, lowest_midi, sample_rate_hz, n_fft
        Of the spectrogram and the short-time Fourier transform behind it.
    """
    spectra = beat_means(magnitudes, edges_s, frame_rate_hz=frame_rate_hz)
    strength = note_strengths(spectra, lowest_midi=lowest_midi, sample_rate_hz=sample_rate_hz, n_fft=n_fft)
    out = np.zeros((2, NOTES, len(spectra)), np.float32)
    heard = spectra**COMPRESSION
    first = lowest_midi - LOWEST_NOTE
    out[0, first : first + heard.shape[1]] = (heard / max(float(heard.mean()), 1e-12)).T
    notes = strength**NOTE_COMPRESSION
    total = notes.sum(axis=1, keepdims=True)
    sounding = total[total > 0]
    middle = float(np.median(sounding)) if sounding.size else 1.0
    out[1, : notes.shape[1]] = (SHARE_SCALE * notes / (total + QUIET_SHARE * middle)).T
    return out


def with_bars(pictures: Float32s, downbeats: Ints) -> Float32s:
    """Return the pictures (2, 72, n) with the third, the notes of the bar around each step: (3, 72, n).

    Chords mostly last for bars, and a line that wanders tells its chord by all of its notes.

    Parameters
    ----------
    pictures : float32 array, shape (2, 72, n)
        As `chord_features` returns them.
    downbeats : int64 array, shape (n_bars,)
        Steps at which bars begin.
    """
    count = pictures.shape[2]
    inside = downbeats[(downbeats > 0) & (downbeats < count)]
    bars = np.unique(np.concatenate([[0], inside]))
    lengths = np.diff(np.append(bars, count))
    means = np.add.reduceat(pictures[1], bars, axis=1) / lengths.astype(np.float32)
    return np.concatenate([pictures, np.repeat(means, lengths, axis=1)[None]])


def beat_shares(pictures: Float32s) -> Floats:
    """Return the share of each pitch class in each beat, below and above the bass's border: (n // 2, 2, 12).

    What `riffscope.dsp.tonality.chords.chord_probabilities` reads. Parameters are those of `with_bars`.
    """
    beats = pictures.shape[2] // STEPS_PER_BEAT
    notes = (
        pictures[1, :, : STEPS_PER_BEAT * beats].reshape(NOTES, beats, STEPS_PER_BEAT).mean(axis=2, dtype=np.float64)
    )
    registers = np.split(notes.T / SHARE_SCALE, [BASS_NOTES], axis=1)
    return np.stack([part.reshape(beats, -1, 12).sum(axis=1) for part in registers], axis=1)
