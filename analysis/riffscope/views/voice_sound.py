"""Voice sound: the song at 16 kHz in one channel, as the voice is listened for in it.

Conventions: float32 (n,) at 16 kHz. A voice that is upside down in one channel is turned back first, band by band
(`riffscope.dsp.voice.polarity`), so that no downmix loses it.
"""

import numpy as np

from riffscope import long_arrays
from riffscope.arrays import Float32s
from riffscope.dsp.downmix import downmix_weights, weighted_sum
from riffscope.dsp.resample import resample
from riffscope.dsp.voice.centre import extract_centre
from riffscope.dsp.voice.polarity import signs_by_band, turn_bands
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import VocalSource, value
from riffscope.steps import large_view
from riffscope.views.stems import Stems

# The rate that the networks for pitch and for voices were trained at.
RATE_HZ = 16000


@value
class VoiceSound:
    """Vocals, accompaniment and the centre of the mix, one channel each, at 16 kHz.

    Attributes
    ----------
    vocals : float32 array, shape (n,)
        The mix where nothing was separated.
    accompaniment : float32 array, shape (n,), or None
        None where nothing was separated.
    centre : float32 array, shape (n,)
        What is panned to the middle of the mix, where lead singers stand.
    method : VocalSource
        What the vocals are.
    """

    vocals: Float32s
    accompaniment: Float32s | None
    centre: Float32s
    method: VocalSource

    def with_accompaniment(self, share: float) -> Float32s:
        """Return the vocals with so much of the accompaniment left in; the mix where nothing was separated."""
        if self.accompaniment is None:
            return self.vocals
        mixed = long_arrays.empty(self.vocals.shape)
        np.multiply(np.float32(share), self.accompaniment, out=mixed)
        mixed += self.vocals
        return mixed


@large_view
def prepare_voice(stems: Stems) -> VoiceSound:
    """Bring vocals and accompaniment to 16 kHz and to one channel, and extract the centre of the mix.

    Raises
    ------
    CannotMeasure
        A song of a few samples.
    """
    vocals = resample(stems.vocals, stems.sample_rate_hz, RATE_HZ)
    if vocals.size == 0:
        raise CannotMeasure(Absence.TOO_SHORT, "the song is too short to find a pitch")
    if not stems.method.separated:
        return VoiceSound(
            vocals=weighted_sum(downmix_weights(vocals), vocals),
            accompaniment=None,
            centre=extract_centre(vocals),
            method=stems.method,
        )
    accompaniment = stems.accompaniment_at(RATE_HZ)
    if len(vocals) == 2:
        signs = signs_by_band(vocals, RATE_HZ)
        vocals, accompaniment = (turn_bands(part, signs, RATE_HZ) for part in (vocals, accompaniment))
    # Both by the weights of the vocals: an accompaniment that cancels itself where the vocals add up does no harm.
    weights = downmix_weights(vocals)
    voice, played = weighted_sum(weights, vocals), weighted_sum(weights, accompaniment)
    vocals += accompaniment  # the mix
    del accompaniment
    parts = voice, played, extract_centre(vocals)
    for part in parts:  # read-only ones are not copied
        part.flags.writeable = False
    return VoiceSound(vocals=parts[0], accompaniment=parts[1], centre=parts[2], method=stems.method)
