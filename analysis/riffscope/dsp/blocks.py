"""Sound in pieces, as files are written."""

from collections.abc import Iterator

import numpy as np

from riffscope.arrays import Float32s

# libsndfile crashes where it is given a whole song to write as Vorbis at once.
BLOCK_FRAMES = 65_536


def frames_in_blocks(samples: Float32s) -> Iterator[Float32s]:
    """Cut samples (channels, n) into pieces (frames, channels) in order."""
    for start in range(0, samples.shape[1], BLOCK_FRAMES):
        yield np.ascontiguousarray(samples[:, start : start + BLOCK_FRAMES].T)
