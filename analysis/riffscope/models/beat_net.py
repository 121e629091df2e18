"""The network for beats and downbeats; its weights come with the package.

``weights/beats.md`` says what it was trained on, how, and how well it does; ``analysis/training/beats`` made it.
Conventions: features and probabilities are (rows, frames); `riffscope.dsp.rhythm.beat_features` says which.

References
----------
Böck & Davies, "Deconstruct, analyse, reconstruct: how to improve tempo, beat, and downbeat estimation", ISMIR 2020.
"""

from collections.abc import Callable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

import numpy as np

from riffscope.arrays import Float32s
from riffscope.models.sessions import giving_back, open_session

BeatReader = Callable[[Float32s, Float32s], tuple[Float32s, Float32s]]
"""Scaled mel spectrum (80, n) and harmonic change (8, n) -> beat and downbeat probabilities (2, n) and, for each whole
second, how strongly it speaks for each tempo class (n_seconds, 64); see `riffscope.dsp.rhythm.beat_features`."""

# Tempo class k stands for MIN_BPM x 2 ** (k / CLASSES_PER_OCTAVE), as the network was trained.
MIN_BPM = 40.0
# Classes lie 3 % apart.
CLASSES_PER_OCTAVE = 24
# They reach up to 247 BPM.
TEMPO_CLASSES = 64

# The convolutions over the spectrum, frame by frame ...
LOCAL_GRAPH = "beats-local.onnx"
# ... and what looks at all of the song.
CONTEXT_GRAPH = "beats-context.onnx"
# The convolutions see so many frames to either side ...
MARGIN_FRAMES = 2
# ... and are run on so many at a time: what they hold meanwhile stays in the processor's cache.
BLOCK_FRAMES = 512
# What looks at all of the song sees 2046 frames to either side: two more for the harmony than 41 s (the last of nine
# layers 20 s, each one before it half as much). So it is run on ten minutes at a time, in whole seconds, for memory: an
# hour in one piece takes 0.7 GB.
FRAMES_PER_S = 50
PIECE_FRAMES, CONTEXT_FRAMES = 600 * FRAMES_PER_S, 41 * FRAMES_PER_S


@cache
def load_beat_reader() -> BeatReader:
    """Return the function that reads beats out of features: 0.03 CPU s for a minute of song."""
    return beat_reader(resources.files("riffscope.models") / "weights")


def beat_reader(weights: Traversable) -> BeatReader:
    """Return the function that reads beats with the two graphs of a folder."""
    local, context = (open_session((weights / name).read_bytes()) for name in (LOCAL_GRAPH, CONTEXT_GRAPH))

    def read(mel: Float32s, change: Float32s) -> tuple[Float32s, Float32s]:
        count = mel.shape[1]
        wide = np.pad(mel, ((0, 0), (MARGIN_FRAMES, MARGIN_FRAMES)))
        pieces = []
        for first in range(0, count, BLOCK_FRAMES):
            last = min(first + BLOCK_FRAMES, count)
            block = np.ascontiguousarray(wide[np.newaxis, :, first : last + 2 * MARGIN_FRAMES])
            (seen,) = local.run(["seen"], {"mel": block})
            pieces.append(seen[:, :, MARGIN_FRAMES : MARGIN_FRAMES + last - first])
        return look_around(np.concatenate(pieces, axis=2)[0], change)

    def look_around(seen: Float32s, change: Float32s) -> tuple[Float32s, Float32s]:
        count = seen.shape[1]
        curves, tempi = [], []
        for first in range(0, count, PIECE_FRAMES):
            last = min(first + PIECE_FRAMES, count)
            begin, end = max(0, first - CONTEXT_FRAMES), min(last + CONTEXT_FRAMES, count)
            inputs = {"seen": seen[np.newaxis, :, begin:end], "change": change[np.newaxis, :, begin:end]}
            (curve,), (tempo,) = context.run(["curves", "tempo"], inputs, giving_back())
            curves.append(curve[:, first - begin : last - begin])
            seconds = [(frame - begin) // FRAMES_PER_S for frame in (first, last)]
            tempi.append(tempo.T[slice(*seconds)])
        return np.concatenate(curves, axis=1), np.concatenate(tempi)

    return read
