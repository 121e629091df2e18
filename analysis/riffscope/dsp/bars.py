"""Where bars begin: what changes on each beat, bars of three or four, and the bar lines.

References
----------
.. [1] Klapuri, Eronen & Astola, "Analysis of the meter of acoustic musical signals", IEEE TASLP 14(1), 2006.
.. [2] Papadopoulos & Peeters, "Joint estimation of chords and downbeats from an audio signal", IEEE TASLP 19(1), 2011.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Float32s = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

PITCH_CLASSES = 12
# The lowest 20 semitones from C2 up are where the bass plays.
BASS_NOTES = 20
# What each cue is worth, in standard deviations. Chords change on the bar line more than anywhere else [2]_; the bass
# strikes anew; the kick drum sounds and the snare does not. Thirteen fitted weights did no better than such round ones.
CHORD_OVER_TWO_BEATS, CHORD_OVER_ONE_BEAT, NEW_BASS, KICK, SNARE = 0.5, 0.2, 0.5, 0.3, -0.3
# A change of mind about the bar line costs as much as a dozen beats of evidence: songs hardly ever shift their bars,
# and trackers now and then lose a beat.
SLIP_COST = 12.0
# Bars of four are so much commoner that three has to show clearly. Right on 107 of 110 rendered songs in three or four.
THREE_SHOWS = 0.15


@dataclass(frozen=True, kw_only=True)
class BarCues:
    """What happens on each beat: votes for a bar line (n,) and the accents behind them (n, n_accents), standardised."""

    votes: Floats
    accents: Floats


def beat_means(features: npt.ArrayLike, times_s: Floats, *, frame_rate_hz: float) -> Floats:
    """Average features (n_frames, k) between successive times (n + 1,): (n, k)."""
    frames = np.asarray(features)
    edges = np.clip(np.round(times_s * frame_rate_hz).astype(np.int64), 0, len(frames) - 1)
    sums = np.concatenate([np.zeros((1, frames.shape[1])), np.cumsum(frames, axis=0, dtype=np.float64)])
    ends = np.maximum(edges[1:], edges[:-1] + 1)
    means: Floats = (sums[ends] - sums[edges[:-1]]) / (ends - edges[:-1])[:, None]
    return means


def bar_cues(semitones: Float32s, onsets: Floats, times_s: Floats, *, frame_rate_hz: float) -> BarCues:
    """Gather what tends to happen on the first beat of a bar.

    Parameters
    ----------
    semitones : float32 array, shape (n_frames, n_notes)
        Held sound by semitone from C2 up.
    onsets : float64 array, shape (5, n)
        Onset strength on each beat, low to high.
    times_s : float64 array, shape (n,)
        The beats, n >= 3.
    frame_rate_hz : float
        Of the semitones.
    """
    count = len(times_s)
    ends_s = np.append(times_s, 2 * times_s[-1] - times_s[-2])
    quarters_s = np.interp(np.arange(4 * count + 1) / 4, np.arange(count + 1), ends_s)
    # The root keeps one loud note from being all there is.
    quarters = beat_means(np.sqrt(semitones), quarters_s, frame_rate_hz=frame_rate_hz).reshape(count, 4, -1)
    notes = quarters.mean(axis=1)
    chroma = np.stack([notes[:, k::PITCH_CLASSES].sum(axis=1) for k in range(PITCH_CLASSES)], axis=1)
    bass = quarters[:, :, :BASS_NOTES]
    before = np.concatenate([bass[:1, 3], bass[:-1, 3]])
    new_bass = np.maximum(bass[:, 0] - before, 0).sum(axis=1)
    kick, snare = onsets[0], onsets[2:4].mean(axis=0)
    chord_2, chord_1 = _change(chroma, beats=2), _change(chroma, beats=1)
    votes = (
        CHORD_OVER_TWO_BEATS * _standard(chord_2)
        + CHORD_OVER_ONE_BEAT * _standard(chord_1)
        + NEW_BASS * _standard(new_bass)
        + KICK * _standard(kick)
        + SNARE * _standard(snare)
    )
    accents = np.column_stack([*onsets, chord_2, new_bass])
    return BarCues(votes=votes, accents=np.column_stack([_standard(accent) for accent in accents.T]))


def _change(chroma: Floats, *, beats: int) -> Floats:
    """Cosine distance between the chroma of so many beats before each beat and of so many from it on: (n,)."""
    padded = np.pad(chroma, ((beats, beats), (0, 0)), mode="edge")
    sums = np.concatenate([np.zeros((1, chroma.shape[1])), np.cumsum(padded, axis=0)])
    here = np.arange(len(chroma))
    past, coming = sums[here + beats] - sums[here], sums[here + 2 * beats] - sums[here + beats]
    lengths = np.linalg.norm(past, axis=1) * np.linalg.norm(coming, axis=1)
    distance: Floats = 1 - (past * coming).sum(axis=1) / (lengths + 1e-9)
    return distance


def _standard(x: Floats) -> Floats:
    # Clipped, so that one outburst does not decide for the whole song.
    standard: Floats = np.clip((x - x.mean()) / (x.std() + 1e-6), -3, 4)
    return standard


def place_bar_lines(votes: Floats, *, beats_per_bar: int) -> Ints:
    """Return which beats begin a bar, indexes (m,): every bar votes, and a shift of the bar line is dear."""
    return _count_bars(votes, beats_per_bar)[0]


def choose_metre(cues: BarCues) -> int:
    """Tell bars of three from bars of four: 3 or 4.

    Two views of one question, neither reliable alone: do accents return after three beats rather than four (and after
    six rather than eight) [1]_, and which bar length gathers the votes better?
    """
    count = len(cues.votes)
    if count < 16:  # eight beats on, less than half of the beats are left to compare
        return 4
    returns = np.mean([_return(x, 3) - _return(x, 4) + _return(x, 6) - _return(x, 8) for x in cues.accents.T])
    gathers = (_count_bars(cues.votes, 3)[1] - _count_bars(cues.votes, 4)[1]) / count
    return 3 if returns + 2 * gathers > THREE_SHOWS else 4


def _return(accent: Floats, lag: int) -> float:
    return float((accent[lag:] * accent[:-lag]).sum() / ((accent**2).sum() + 1e-6))


def _count_bars(votes: Floats, beats_per_bar: int) -> tuple[Ints, float]:
    """Count through the song, 1, 2, 3 (4), by Viterbi: the indexes of the ones, and what they gather."""
    places = np.arange(beats_per_bar)
    gain = np.where(places == 0, 1.0, -1.0 / (beats_per_bar - 1))
    total = np.zeros(beats_per_bar)
    came_from = np.zeros((len(votes), beats_per_bar), np.int64)
    for beat, vote in enumerate(votes):
        on = np.roll(total, 1)
        best = int(total.argmax())
        slipped = total[best] - SLIP_COST
        came_from[beat] = np.where(on >= slipped, (places - 1) % beats_per_bar, best)
        total = np.maximum(on, slipped) + gain * vote
    place = int(total.argmax())
    gathered = float(total[place])
    ones = []
    for beat in range(len(votes) - 1, -1, -1):
        if place == 0:
            ones.append(beat)
        place = int(came_from[beat, place])
    return np.array(ones[::-1], np.int64), gathered
