"""K-weighted power: how loud the song is from moment to moment, every 10 ms.

Conventions: power is a mean square, weighted and summed over the channels as ITU-R BS.1770-5 has it; 1 is full scale
squared. Source: `riffscope.dsp.loudness`.
"""

from riffscope.arrays import Floats
from riffscope.dsp.loudness import hop_powers
from riffscope.model import Audio, value
from riffscope.steps import view


@value
class WeightedPower:
    """The K-weighted power of the song.

    Attributes
    ----------
    hops : float64 array, shape (n,)
        Hop k lasts from k x 10 ms to (k + 1) x 10 ms; what is left over at the end is left out.
    """

    hops: Floats


@view
def weigh_power(audio: Audio) -> WeightedPower:
    """Filter the song with the K-weighting of BS.1770 and take its power in hops of 10 ms."""
    hops = hop_powers(audio.samples, audio.sample_rate_hz, audio.speakers)
    hops.flags.writeable = False
    return WeightedPower(hops=hops)
