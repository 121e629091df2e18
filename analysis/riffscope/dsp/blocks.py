"""Cut sound into blocks, to write files with, and to read and change it in little memory.

Conventions
-----------
Sound is float32 of shape (channels, n); blocks are (frames, channels), as soundfile writes them. Own.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from riffscope import long_arrays
from riffscope.arrays import Float32s

# libsndfile crashes when it has to write a whole song as Vorbis at once. 64 Ki frames last 1.5 s at 44.1 kHz; chosen,
# not fitted.
BLOCK_FRAMES = 65_536
# After so many frames of a long song what was read of them is let go of: 17 MB of each channel.
LET_GO_FRAMES = 64 * BLOCK_FRAMES


class Channel(Protocol):
    """One channel of sound that is read part by part: an array (n,), or `Derived`."""

    def __len__(self) -> int:
        """Return how many samples there are."""

    def __getitem__(self, part: slice, /) -> Float32s:
        """Return the samples of a part."""


@dataclass(frozen=True, kw_only=True)
class Derived:
    """A channel that is worked out where it is read, and nowhere kept.

    Attributes
    ----------
    count : int
        How many samples there are.
    read : callable
        Gives those of a part, (k,), whose ends lie within the sound.
    """

    count: int
    read: Callable[[slice], Float32s]

    def __len__(self) -> int:
        """Return how many samples there are."""
        return self.count

    def __getitem__(self, part: slice, /) -> Float32s:
        """Return the samples of a part."""
        start, stop, _ = part.indices(self.count)
        return self.read(slice(start, stop))


def slices(count: int) -> Iterator[slice]:
    """Give the parts of so many samples, in order, a block each."""
    for first in range(0, count, BLOCK_FRAMES):
        yield slice(first, min(first + BLOCK_FRAMES, count))
        if (first + BLOCK_FRAMES) % LET_GO_FRAMES == 0:
            long_arrays.let_go()


def extremes(samples: Float32s) -> tuple[Float32s, Float32s]:
    """Return the lowest and the highest value of each channel, (..., n) -> (...) twice; n is 1 or more."""
    parts = [(samples[..., part].min(axis=-1), samples[..., part].max(axis=-1)) for part in slices(samples.shape[-1])]
    lowest, highest = zip(*parts, strict=True)
    return np.min(lowest, axis=0), np.max(highest, axis=0)


def peak(samples: Float32s) -> float:
    """Return the greatest distance from 0 of samples (..., n); 0 where there are none."""
    if samples.size == 0:
        return 0.0
    lowest, highest = extremes(samples)
    return max(float(highest.max()), -float(lowest.min()))


def frames_in_blocks(samples: Float32s) -> Iterator[Float32s]:
    """Yield samples (channels, n) in order, in blocks (frames, channels)."""
    for start in range(0, samples.shape[1], BLOCK_FRAMES):
        yield np.ascontiguousarray(samples[:, start : start + BLOCK_FRAMES].T)
