"""Picture one pass of a riff: what all its passes have in common, note by note and twelfth of a beat by twelfth.

Conventions
-----------
A pass has twelve frames to a beat, the first common multiple of sixteenths and triplets. Frame k lies at beat k / 12
of the pass; pictures begin a beat before the pass and end a beat after it, so frame 0 is their row `TICKS`. Rows are
notes from C1 (MIDI 24) in the song's own tuning. Where the beat swings, frames follow: eighths are as in straight time.

References
----------
The median over repetitions is that of Rafii & Pardo, "REpeating Pattern Extraction Technique (REPET)", IEEE Trans.
Audio, Speech, and Language Processing 21(1), 2013, here kept for what repeats; notes with overtones are explained by
`riffscope.dsp.tonality.notes`.
"""

from collections.abc import Iterable, Iterator

import numpy as np
from scipy.sparse import csr_array

from riffscope.arrays import Float32s, Floats, Ints
from riffscope.dsp.harmonic import semitone_filters
from riffscope.dsp.partials import powers_at
from riffscope.dsp.tonality.notes import LOWEST_NOTE, note_strengths

TICKS = 12
# Three octaves above the highest note that is looked for lie its loudest overtones: up to B7.
NOTES = 84
# E1 is the lowest note whose own frequency is looked for; lower ones are heard by their overtones.
MIN_MIDI = 28
# A window of 186 ms tells semitones apart from A2 up; one of 93 ms tells when notes begin.
LONG, SHORT = 4096, 2048
# Pictures hold log(1 + x / (mean / GAIN)): soft notes count beside loud ones. Chosen, not fitted.
GAIN = 10.0
# As many passes tell what repeats as well as more would, and a riff of one bar may have a hundred. Chosen, not fitted.
MAX_PASSES = 16
# Off-beat eighths are taken for swung from here on, about half way from straight to triplets.
SWUNG_FROM = 0.575
# They are straight all the same where as much begins on the half of the beat as there: these shares of the onsets tell.
STRAIGHT_SHARE = 0.7
# From two thirds on they may as well be triplets, whose second note then begins this often: swung rendered songs have
# .36 at most and 6/8 has .5 at least where four beats are counted, and .31 and .34 where two are, as 6/8 has.
TRIPLETS_FROM, TRIPLET_SHARE, TRIPLET_SHARE_OF_TWO = 0.64, 0.45, 0.325


def swing_of_grid(offbeat: float | None, onsets: Floats, *, beats_per_bar: int) -> float | None:
    """Return where in the beat the off-beat eighth lies, if the music swings; None where it is straight or in triplets.

    Parameters
    ----------
    offbeat : float or None
        Where in the beat the onsets between beats gather.
    onsets : float64 array, shape (3,)
        Onset strength at a third of the beat, at half of it and at `offbeat`, on average.
    """
    if offbeat is None or offbeat < SWUNG_FROM:
        return None
    at_third, at_half, at_offbeat = onsets.tolist()
    if at_half >= STRAIGHT_SHARE * at_offbeat:
        return None
    share = TRIPLET_SHARE_OF_TWO if beats_per_bar == 2 else TRIPLET_SHARE
    return None if offbeat >= TRIPLETS_FROM and at_third >= share * at_offbeat else offbeat


def frame_times(beats_s: Floats, starts: Ints, period_beats: int, *, swing: float | None) -> Floats:
    """Return the moments of the frames of each pass: (n_passes, 12 * (period_beats + 2)).

    Parameters
    ----------
    beats_s : float64 array, shape (n_beats,)
    starts : int64 array, shape (n_passes,)
        The beats with which passes begin.
    """
    places = np.arange(-TICKS, (period_beats + 1) * TICKS) / TICKS
    if swing is not None:
        whole = np.floor(places)
        places = whole + np.interp(places - whole, [0.0, 0.5, 1.0], [0.0, swing, 1.0])
    # One beat before the first and one after the last, as long as their neighbours.
    wide = np.concatenate([[2 * beats_s[0] - beats_s[1]], beats_s, [2 * beats_s[-1] - beats_s[-2]]])
    at = starts[:, np.newaxis] + 1 + places
    times_s: Floats = np.interp(at, np.arange(len(wide)), wide)
    return times_s


def pass_spectra(samples: Float32s, sample_rate_hz: int, times_s: Floats, *, tuning_semitones: float) -> Float32s:
    """Return the magnitude of each note in each frame, with the long and the short window: (..., 84, 2).

    Parameters
    ----------
    samples : float32 array, shape (n,)
    times_s : float64 array of any shape
    """
    out = np.zeros((times_s.size, NOTES, 2), np.float32)
    first = MIN_MIDI - LOWEST_NOTE
    for window, n_fft in enumerate((LONG, SHORT)):
        filters = semitone_filters(
            sample_rate_hz=sample_rate_hz,
            n_fft=n_fft,
            lowest_midi=MIN_MIDI,
            count=NOTES - first,
            tuning_semitones=tuning_semitones,
        )
        bins = filters.shape[1]
        highest_hz = bins * sample_rate_hz / n_fft
        power = powers_at(samples, sample_rate_hz, times_s.ravel(), n_fft=n_fft, highest_hz=highest_hz)[:, :bins]
        out[:, first:, window] = (csr_array(filters) @ np.sqrt(power).T).T
    return out.reshape(*times_s.shape, NOTES, 2)


def picture(spectra: Float32s, *, sample_rate_hz: int) -> Float32s:
    """Picture what the passes have in common: (3, n_frames, 84).

    The median over the passes of the spectra with the long and with the short window, and the notes that explain the
    first; each compressed against its own mean.

    Parameters
    ----------
    spectra : float32 array, shape (n_passes, n_frames, 84, 2)
    """
    common = np.median(spectra, axis=0) if len(spectra) > 1 else spectra[0]
    first = MIN_MIDI - LOWEST_NOTE
    notes = note_strengths(common[:, first:, 0], lowest_midi=MIN_MIDI, sample_rate_hz=sample_rate_hz, n_fft=LONG)
    images = np.stack([_compressed(common[..., 0]), _compressed(common[..., 1]), _compressed(notes)])
    return images.astype(np.float32)


def _compressed(strength: Float32s | Floats) -> Floats:
    mean = max(float(strength.mean()), 1e-12)
    out: Floats = np.log1p(GAIN * strength / mean).astype(np.float64)
    return out


# ------------------------------------------------------------------------------------------------------------- patches
# Lines and basses lie between C1 and E6.
CANDIDATES = 65
# What is seen around a note: the semitones near it, and where the overtones of the note lie, and the notes whose
# overtone it may be.
_AROUND = np.array([-24, -19, -16, -12, *range(-7, 8), 11, 12, 13, 16, 19, 24, 28, 31, 36])
_AROUND_NOTES = np.array([-24, -19, -12, *range(-7, 8), 12, 19, 24])
# ... and when: from a third of a beat before to two thirds after. The long window sees less far into the past and
# longer into the note, the short one what begins.
_WHEN_LONG = np.array([-4, -2, 0, 1, 2, 3, 5, 8])
_WHEN_SHORT = np.arange(-3, 4)
_WHEN_NOTES = np.array([-3, -1, 0, 1, 3, 6])
# Numbers that describe a note at a moment: what the net reads.
PATCH = len(_AROUND) * (len(_WHEN_LONG) + len(_WHEN_SHORT) + 2) + len(_AROUND_NOTES) * (len(_WHEN_NOTES) + 1)


def patches(images: Float32s, frames: Ints) -> Float32s:
    """Describe each note at some moments by what is seen around it: (623, n, 65).

    By the picture with the long and with the short window, by the average of the long one over the pass and over the
    beat before and after; by the notes that explain it, now and on average over the pass.

    Parameters
    ----------
    images : float32 array, shape (3, n_frames, 84)
        As `picture` returns them.
    frames : int64 array, shape (n,)
        Their rows: `TICKS` is the beginning of the pass.
    """
    reach = int(np.abs(_AROUND).max())
    wide = np.pad(images, ((0, 0), (0, 0), (reach, reach)))
    long, short, explained = wide
    sums = np.concatenate([np.zeros((1, wide.shape[2])), np.cumsum(long, axis=0, dtype=np.float64)])
    low, high = np.clip(frames - TICKS, 0, len(long)), np.clip(frames + TICKS, 0, len(long))
    nearby = (sums[high] - sums[low]) / (high - low)[:, np.newaxis]
    usual, usual_notes = (image[TICKS:-TICKS].mean(axis=0, dtype=np.float64)[np.newaxis] for image in (long, explained))
    out = np.empty((PATCH, len(frames), CANDIDATES), np.float32)
    rows = iter(out)
    for image, when, where in ((long, _WHEN_LONG, _AROUND), (short, _WHEN_SHORT, _AROUND)):
        _fill(rows, (image[np.clip(frames + offset, 0, len(image) - 1)] for offset in when), where, reach)
    _fill(rows, (usual, nearby), _AROUND, reach)
    _fill(rows, (explained[np.clip(frames + offset, 0, len(explained) - 1)] for offset in _WHEN_NOTES), _AROUND_NOTES,
          reach)  # fmt: skip
    _fill(rows, (usual_notes,), _AROUND_NOTES, reach)
    return out


def _fill(rows: Iterator[Float32s], seen: Iterable[Float32s | Floats], where: Ints, reach: int) -> None:
    """Write what is seen at each distance from each note into the next rows, (n, 65) each."""
    for image in seen:
        for offset in where.tolist():
            next(rows)[:] = image[:, reach + offset : reach + offset + CANDIDATES]
