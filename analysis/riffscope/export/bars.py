"""Where in its bar each beat lies, as several formats write it."""

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.arrays import Ints


def bar_positions(beats: Beats) -> tuple[Ints, Ints]:
    """Return each beat's bar, from 1 (0 before the first downbeat), and its place in the bar, from 1: (n,), (n,)."""
    index, numbers = np.arange(beats.times_s.size), beats.numbers
    downbeats = beats.downbeat_index if beats.downbeat_index.size else np.array([0])
    bar = np.searchsorted(downbeats, index, side="right")
    since = numbers - numbers[downbeats[np.maximum(bar - 1, 0)]] if numbers.size else index
    # A pickup counts up to the bar that it leads into.
    place = np.where(bar > 0, since, since % (beats.counted_per_bar)) + 1
    return bar.astype(np.int64), place.astype(np.int64)
