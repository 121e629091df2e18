"""Two states: how likely each of two states is in every frame, when either lasts for a while.

Conventions: log odds are natural logarithms of the probability of the second state over that of the first; frames are
evenly spaced.

References
----------
.. [1] Rabiner, "A tutorial on hidden Markov models and selected applications in speech recognition", Proceedings of the
   IEEE 77(2), 1989 (the forward-backward procedure).
"""

import numpy as np

from riffscope.arrays import Floats

# Beyond these log odds of one frame a state is certain.
_CERTAIN = 30.0


def second_state(log_odds: Floats, *, lasts_frames: float, share: float) -> Floats:
    """Return the probability of the second state in each frame, by the forward-backward procedure [1]_.

    Parameters
    ----------
    log_odds : float64 array, shape (n,) or (n, k)
        What each frame says by itself, before any other; k columns are k sequences.
    lasts_frames : float
        The states alternate about every so many frames.
    share : float
        How much of the time the second state takes, by itself: 0..1.

    Returns
    -------
    float64 array of the same shape, 0..1
    """
    odds = np.exp(np.clip(log_odds, -_CERTAIN, _CERTAIN))
    begins, ends = 2 * share / lasts_frames, 2 * (1 - share) / lasts_frames
    stays, stays_away = 1 - ends, 1 - begins
    out = np.empty_like(odds)
    # All is in odds: before[i] of the second state given the frames up to i, after of those that follow.
    before = np.full(odds.shape[1:], share / (1 - share))
    for i, of_frame in enumerate(odds):
        moved = before if i == 0 else (begins + stays * before) / (stays_away + ends * before)
        before = of_frame * moved
        out[i] = before
    after = np.ones(odds.shape[1:])
    for i in range(len(odds) - 2, -1, -1):
        following = after * odds[i + 1]
        after = (stays * following + ends) / (stays_away + begins * following)
        out[i] *= after
    probability: Floats = out / (1 + out)
    return probability
