"""The strongest pitch of the mix and how sure it is, frame by frame, by SwiftF0."""

import functools
from typing import TYPE_CHECKING, Annotated

import numpy as np

from riffscope.dsp.resample import resample
from riffscope.model import Floats, value
from riffscope.steps import view
from riffscope.units import HZ, PROBABILITY, SECONDS
from riffscope.views.mono import Mono

if TYPE_CHECKING:
    from swift_f0 import SwiftF0

SWIFT_F0_RATE_HZ = 16000
# From C2, below any chart singer, to C6; the detector itself reaches from 47 to 2,094 Hz.
LOWEST_HZ, HIGHEST_HZ = 65.4, 1046.5


@value
class PitchTrack:
    """Pitch candidates of the whole mix; whether a voice makes them is another question.

    Attributes
    ----------
    times_s, f0_hz, confidence : arrays, shape (n,)
        Every 16 ms; the confidence, 0..1, is SwiftF0's that the frame has one clear pitch.
    """

    times_s: Annotated[Floats, SECONDS]
    f0_hz: Annotated[Floats, HZ]
    confidence: Annotated[Floats, PROBABILITY]

    @property
    def midi(self) -> Floats:
        """The pitch in semitones, A4 = 69."""
        return 69 + 12 * np.log2(self.f0_hz / 440)


@view
def track_pitch(mono: Mono) -> PitchTrack:
    """Run SwiftF0 over the mono mix.

    References
    ----------
    Nieradzik, "SwiftF0: Fast and accurate monophonic pitch detection", 2025 (weights in the swift-f0 package, MIT).
    """
    samples = resample(mono.samples, mono.sample_rate_hz, SWIFT_F0_RATE_HZ)
    found = _detector().detect(samples, SWIFT_F0_RATE_HZ, fmin=LOWEST_HZ, fmax=HIGHEST_HZ)
    return PitchTrack(
        times_s=found.timestamps,
        f0_hz=np.clip(found.pitch_hz, LOWEST_HZ, HIGHEST_HZ),
        confidence=np.clip(found.confidence, 0, 1),
    )


@functools.cache
def _detector() -> "SwiftF0":
    from swift_f0 import SwiftF0

    # One thread: other steps run beside it, and a spinning pool would burn the cores they need.
    return SwiftF0(threads=1, spin=False)
