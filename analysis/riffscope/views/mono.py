"""Mono mix at 22.05 kHz: what rhythm, harmony and voice are measured on.

Conventions
-----------
Samples are float32 of shape (n,), full scale 1. Own.
"""

from riffscope.arrays import Float32s
from riffscope.dsp.blocks import peak, slices
from riffscope.dsp.downmix import weights_for_blocks
from riffscope.dsp.resample import resample_blocks
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, value
from riffscope.steps import view

# It keeps all that pitch and rhythm are measured on, at half the work of 44.1 kHz.
MONO_RATE_HZ = 22050
# -80 dBFS: below, nothing can be heard at any usual volume. Chosen, not fitted.
INAUDIBLE = 1e-4


@value
class Mono:
    """The song mixed to one channel.

    Attributes
    ----------
    samples : float32 array, shape (n,)
        At `sample_rate_hz`.
    """

    samples: Float32s
    sample_rate_hz: int

    def check_it_sounds(self) -> None:
        """Refuse silence.

        Raises
        ------
        CannotMeasure
            No sample reaches -80 dBFS.
        """
        if peak(self.samples) < INAUDIBLE:
            raise CannotMeasure(Absence.SILENT, "the song is silent")


@view
def mix_to_mono(audio: Audio) -> Mono:
    """Mix all channels to one and resample to 22.05 kHz.

    Where the channels cancel each other (antiphase stereo), the loudest channel is taken.
    """
    count = audio.samples.shape[1]
    weights = weights_for_blocks((audio.samples[:, part] for part in slices(count)), audio.speakers)
    mixed = (weights @ audio.samples[:, part] for part in slices(count))
    samples = resample_blocks(mixed, audio.sample_rate_hz, MONO_RATE_HZ, count=count)
    samples.flags.writeable = False
    return Mono(samples=samples, sample_rate_hz=MONO_RATE_HZ)
