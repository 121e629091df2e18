"""Name the chord of a bar as far as keys need it: how likely each major, minor and diminished triad is.

Conventions
-----------
Notes are numbered from C1; pitch classes from C. Chords are numbered 0..35: C major to B major, the minor triads, the
diminished ones. A bar is read as a whole, and by its first beat, on which chords change.

References
----------
Softmax regression on the notes of each candidate (its root, third, fifth and minor seventh), in the bass and above it.
The features are after Mauch & Dixon, "Approximate note transcription for the improved identification of difficult
chords", ISMIR 2010, who also read bass and treble apart.
"""

import numpy as np

from riffscope.arrays import Floats, Ints

CHORDS = 36
# The bass: C1 to B2, two octaves; what lies above is harmony and melody. With three registers no more is found.
BASS_NOTES = 24
# A loud note counts little more than a soft one: with .5, fewer roots are found in rendered songs (.77 against .80).
COMPRESSION = 0.3
# A quiet beat's notes are damped by this share of the song's median strength, as in `SemitoneSpectrogram.chroma`.
QUIET_SHARE = 0.2
# Chords change no faster. With pieces of a beat to half a bar fewer keys of POP909 are wrong than with whole bars (9 %
# against 11 %), and as few of the rendered songs, most of whose chords last for a bar.
LEAST_CHORD_S = 0.5
# Semitones from the root to third, fifth and minor seventh of a major, minor and diminished chord.
INTERVALS = ((4, 7, 10), (3, 7, 10), (3, 6, 10))
# What the share of each of a chord's notes (root, third, fifth, seventh) weighs: in the bass and above it over the
# whole bar, in the bass and above it on the first beat. Softmax regression on 9930 bars, half of 176 rendered songs
# and half of 120 of POP909, rounded. Of bars of songs held back it names the root of .80 (rendered, where riffs only
# imply chords) and .92 (POP909).
NOTE_WEIGHTS = np.array(
    [[28.0, 6.0, 8.0, -6.0], [31.0, 34.0, 29.0, -1.0], [31.0, 0.0, 4.0, -3.0], [19.0, 10.0, 11.0, 7.0]]
)
# Log-odds of a major, minor and diminished chord by themselves, from the same regression.
QUALITY_ODDS = np.array([0.6, 0.5, -1.1])


def note_shares(strength: Floats) -> Floats:
    """Return the share of each pitch class, below and above the bass's border: (n, 2, 12), rows sum to 1 or less.

    Parameters
    ----------
    strength : float64 array, shape (n, n_notes)
        Notes from C1 up, as `riffscope.dsp.tonality.notes.note_strengths` returns them.
    """
    notes = strength**COMPRESSION
    total = notes.sum(axis=1, keepdims=True)
    heard = total[total > 0]
    shares = notes / (total + QUIET_SHARE * (float(np.median(heard)) if heard.size else 1.0))
    registers = (shares[:, :BASS_NOTES], shares[:, BASS_NOTES:])
    out: Floats = np.stack([part.reshape(len(part), -1, 12).sum(axis=1) for part in registers], axis=1)
    return out


def chord_probabilities(shares: Floats, edges: Ints) -> Floats:
    """Return the probability of each triad in some bars, or pieces of bars: (n_bars, 36), rows sum to 1.

    Parameters
    ----------
    shares : float64 array, shape (n_beats, 2, 12)
        Of the pitch classes in each beat's bass and above it.
    edges : int64 array, shape (n_bars + 1,)
        Indexes of the beats at which bars begin, and at which the last ends; increasing.
    """
    odds = np.einsum("nqtri,ri->nqt", chord_notes(shares, edges), NOTE_WEIGHTS) + QUALITY_ODDS[:, None]
    flat = odds.reshape(len(odds), CHORDS)
    likelihood = np.exp(flat - flat.max(axis=1, keepdims=True))
    probability: Floats = likelihood / likelihood.sum(axis=1, keepdims=True)
    return probability


def chord_notes(shares: Floats, edges: Ints) -> Floats:
    """Return how much each note of each triad sounds in some bars, or pieces of bars: (n_bars, 3, 12, 4, 4).

    By quality (major, minor, diminished) and root from C; in the bass and above it, of the whole and of its first beat;
    root, third, fifth and minor seventh. Parameters are those of `chord_probabilities`.
    """
    whole = bar_means(shares.reshape(len(shares), -1), edges).reshape(-1, 2, 12)
    read = np.concatenate([whole, shares[edges[:-1]]], axis=1)
    # Rolled back by an interval, a chord's notes stand where its root does.
    notes = [
        np.stack([np.roll(read, -interval, axis=2) for interval in (0, *intervals)], axis=-1) for intervals in INTERVALS
    ]
    return np.stack(notes, axis=1).swapaxes(2, 3)


def cut_bars(bars: Ints, beats_s: Floats) -> tuple[Ints, Ints]:
    """Cut bars into equal pieces, each long enough for a chord.

    Parameters
    ----------
    bars : int64 array, shape (n_bars + 1,)
        Indexes of the beats at which bars begin, and at which the last ends; increasing.
    beats_s : float64 array, shape (n_beats + 1,)
        Where the beats begin and the last ends.

    Returns
    -------
    edges : int64 array, shape (n_pieces + 1,)
        Indexes of the beats at which pieces begin, and at which the last ends.
    firsts : int64 array, shape (n_bars + 1,)
        Indexes of the pieces with which bars begin, and the number of pieces.
    """
    beats, length_s = np.diff(bars), np.diff(beats_s[bars])
    counts = np.array([_pieces(int(n), float(s)) for n, s in zip(beats, length_s, strict=True)], np.int64)
    starts = [begin + np.arange(n) * (size // n) for begin, n, size in zip(bars[:-1], counts, beats, strict=True)]
    return np.concatenate([*starts, bars[-1:]]), np.concatenate([[0], np.cumsum(counts)])


def _pieces(beats: int, length_s: float) -> int:
    """Return into how many equal pieces of whole beats a bar is cut."""
    fitting = [n for n in range(1, beats + 1) if beats % n == 0 and length_s / n >= LEAST_CHORD_S]
    return max(fitting, default=1)


def bar_means(values: Floats, edges: Ints) -> Floats:
    """Average the values (n_beats, k) of the beats of each bar: (n_bars, k)."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
    means: Floats = (sums[edges[1:]] - sums[edges[:-1]]) / np.diff(edges)[:, None]
    return means
