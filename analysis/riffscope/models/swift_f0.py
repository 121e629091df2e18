"""SwiftF0, a pitch detector for one voice, with its scores of all pitches rather than only the best one.

Conventions: sound is float32 (n,) at 16 kHz; frame k begins at sample 256 k, 16 ms after the one before.

References
----------
.. [1] Nieradzik, "SwiftF0: Fast and accurate monophonic pitch detection", 2025 (weights in the swift-f0 package, MIT).
"""

import functools
import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riffscope import idle_threads
from riffscope.arrays import Float32s, Floats, Mask
from riffscope.dsp.runs import runs
from riffscope.models.sessions import giving_back, open_session

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# The rate that the network was trained at.
RATE_HZ = 16000
# Its step: 16 ms.
HOP_LENGTH = 256
# The 95 pitches that it scores, 0.7 semitones apart.
PITCHES_HZ: Floats = np.geomspace(46.875, 2093.75, 95)
# It is run on 4 s at a time, which takes 30 MB. Half a minute takes 190 MB, and a third more time, for less of it stays
# in the processor's cache ...
BLOCK_FRAMES = 256
# ... with the frames before that it looks back at ...
FRAMES_BEFORE = 11
# ... and those after that it looks ahead at, so that blocks leave no trace.
FRAMES_AFTER = 10
# It can be run on as little as this.
LEAST_SAMPLES = HOP_LENGTH
# It was never shown digital silence, and hears voices in it: frames that stay below this (-60 dBFS) have no pitch.
# Chosen by hand, not fitted.
SILENCE_PEAK = 1e-3
# What the graph of version 0.3 calls its scores of the pitches, before it picks the best one.
_SCORES = "v429"


class PitchScores(NamedTuple):
    """How the network scores each frame.

    Attributes
    ----------
    scores : float32 array, shape (n, 95)
        One for each of `PITCHES_HZ`, logarithmic and not normalised.
    confidence : array, shape (n,)
        How sure it is that the frame has one clear pitch at all, 0..1.
    """

    scores: Float32s
    confidence: Floats


def frame_count(samples: Float32s) -> int:
    """Return how many frames a sound (n,) of at least one sample has."""
    return max(1, samples.size // HOP_LENGTH)


def score_pitches(samples: Float32s, where: Mask | None = None) -> PitchScores:
    """Score the pitches in a sound (n,) of at least one sample, frame by frame [1]_.

    Parameters
    ----------
    samples : float32 array, shape (n,)
    where : mask of `frame_count` frames, optional
        Where to score; elsewhere all pitches score the same, with no confidence. By default everywhere.
    """
    count = frame_count(samples)
    scores, confidence = np.zeros((count, PITCHES_HZ.size), np.float32), np.zeros(count, np.float32)
    bounds = {"fmin": PITCHES_HZ[:1], "fmax": PITCHES_HZ[-1:]}
    limits = {name: np.float32(hz).reshape(()) for name, hz in bounds.items()}
    blocks = [
        (first, min(first + BLOCK_FRAMES, end))
        for start, end in ([(0, count)] if where is None else runs(where).tolist())
        for first in range(start, end, BLOCK_FRAMES)
    ]

    def score(block: tuple[int, int]) -> list[Float32s]:
        first, last = block
        begin = max(0, first - FRAMES_BEFORE)
        heard = samples[begin * HOP_LENGTH : (last + FRAMES_AFTER) * HOP_LENGTH if last < count else None]
        found = _session().run([_SCORES, "confidence"], limits | {"audio": heard[np.newaxis]})
        return [np.asarray(values)[0, first - begin : last - begin] for values in found]

    for (first, last), found in zip(blocks, idle_threads.in_order(score, blocks), strict=True):
        scores[first:last], confidence[first:last] = found
    if blocks:
        # The least that it can be run on, after which it gives back what it held for the blocks.
        least = np.zeros((1, LEAST_SAMPLES), np.float32)
        _session().run(["confidence"], limits | {"audio": least}, giving_back())
    whole = samples[: count * HOP_LENGTH]
    if samples.size < HOP_LENGTH:
        whole = np.pad(whole, (0, HOP_LENGTH - samples.size))
    frames = whole.reshape(count, HOP_LENGTH)
    silent = np.maximum(frames.max(axis=1), -frames.min(axis=1)) < SILENCE_PEAK
    return PitchScores(scores, np.where(silent, 0.0, np.clip(confidence, 0, 1).astype(np.float64)))


@functools.cache
def _session() -> "InferenceSession":
    # Found, not imported: the package imports onnxruntime before `open_session` can switch its telemetry off.
    package = importlib.util.find_spec("swift_f0")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("the package swift-f0 is not installed", name="swift_f0")
    return open_session(with_output((Path(package.origin).parent / "model.onnx").read_bytes(), _SCORES))


def with_output(graph: bytes, name: str) -> bytes:
    """Return an ONNX model that gives out one of its inner values too.

    Serialised messages that follow one another are merged by the reader: so a second, otherwise empty graph (field 7 of
    the model) with a single output (field 12) of that name (field 1) adds it to the first.
    """
    message = name.encode()
    for field in (1, 12, 7):
        message = bytes([field << 3 | 2, len(message)]) + message
    return graph + message
