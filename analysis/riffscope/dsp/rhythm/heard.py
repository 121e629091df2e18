"""Find where in a row of beats a beat is heard: not in silence, applause or free playing.

Conventions
-----------
Beats are seconds from the start of the file; stretches are (n, 2) indexes into the beats, from the first to the one
past the last. Log-odds are natural logarithms.

References
----------
Own: a path through two states, a beat and none, that changes seldom.
"""

import numpy as np

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp.onsets import frame_power
from riffscope.dsp.runs import runs

# A beat speaks for a beat where its log-odds exceed this. In music they are 3 on average, in applause, noise and held
# chords -1.4; beats under a held chord lie below it one at a time.
EVEN_LOG_ODDS = -0.5
# One beat alone says no more than this: the log-odds above are cut off here.
MAX_GAIN = 2.0
# The evidence of a beat counts by its length: two beats at 120 BPM say as much as one at 60.
UNIT_S = 0.5
# The cost of going over into the other state, and as much of going back: 6 s of applause, say.
CHANGE_COST = 9.0
# What speaks against a beat of this length that falls into silence: two seconds of it settle the matter.
SILENT_GAIN = -5.0
# Frames more than 60 dB below the loudest are silent, as a ratio of powers. Chosen, not fitted.
SILENT_POWER = 1e-6
# Shorter silences are rests, through which one counts on. Chosen, not fitted.
MIN_SILENCE_S = 1.5


def silent_frames(samples: Float32s, *, hop_length: int) -> Mask:
    """Tell which frames of samples (n,) lie more than 60 dB below the loudest: (n_frames,)."""
    power = frame_power(samples, hop_length=hop_length)
    silent: Mask = power <= SILENT_POWER * power.max(initial=0.0)
    return silent


def heard_stretches(log_odds: Floats, times_s: Floats, is_silent: Mask) -> Ints:
    """Find the stretches in which a beat is heard.

    Parameters
    ----------
    log_odds : float64 array, shape (n,)
        Log-odds of the beat activation on each beat.
    times_s : float64 array, shape (n,)
        The beats; n >= 2.
    is_silent : bool array, shape (n,)
        Which beats fall into a long silence.

    Returns
    -------
    int64 array, shape (n_stretches, 2)
    """
    steps = np.diff(times_s)
    lengths = np.append(steps, steps[-1])
    # A beat does not last through a gap that the search left between two.
    lengths = np.minimum(lengths, 2 * float(np.median(lengths))) / UNIT_S
    gain = np.minimum(log_odds - EVEN_LOG_ODDS, MAX_GAIN)
    gain = np.where(is_silent, SILENT_GAIN, gain) * lengths
    # total[0]: the best that ends without a beat, total[1]: with one.
    total = np.zeros(2)
    came_from = np.empty((len(gain), 2), np.int64)
    for k, heard in enumerate(gain.tolist()):
        none, beat = float(total[0]), float(total[1])
        cost = CHANGE_COST if k else 0.0
        came_from[k] = (0 if none >= beat - cost else 1, 1 if beat >= none - cost else 0)
        total = np.array([max(none, beat - cost), max(beat, none - cost) + heard])
    state = int(total.argmax())
    states = np.empty(len(gain), np.bool_)
    for k in range(len(gain) - 1, -1, -1):
        states[k] = bool(state)
        state = int(came_from[k, state])
    return runs(states)
