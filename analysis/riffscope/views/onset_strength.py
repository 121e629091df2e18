"""Onset strength: how strongly something begins at each moment, in five bands.

Conventions
-----------
Frames are those of the mel spectrogram, 20 ms apart; strength has no unit: 1 is an ordinary onset of the song.

References
----------
SuperFlux; see `riffscope.dsp.onsets`.
"""

import itertools

import numpy as np

from riffscope.arrays import Float32s
from riffscope.dsp.onsets import on_own_scale, superflux
from riffscope.model import value
from riffscope.steps import view
from riffscope.views.mel_spectrum import MelSpectrum

# The 80 mel bands are grouped into: kick and bass; low mids; voice, guitar, body of the snare; its rattle; cymbals.
BAND_EDGES = (0, 8, 20, 40, 60, 80)
# Rises up to this, averaged over a group of bands, stay below an ordinary onset: 1 dB. Vibrato of a quarter tone
# reaches .04, drums in dense metal .08.
SMALLEST_RISE = 0.05
# Outliers are clipped at this multiple of an ordinary onset. Chosen, not fitted.
MAX_STRENGTH = 4


@value
class OnsetStrength:
    """How strongly something begins at each moment, band by band.

    Attributes
    ----------
    bands : float32 array, shape (5, n_frames)
        Low (kick, bass) to high (cymbals), each on its own scale: 0 is no onset, 1 an ordinary one, 4 the maximum.
    frame_rate_hz : float
        Frame k lies around k / `frame_rate_hz` seconds.
    """

    bands: Float32s
    frame_rate_hz: float


@view
def hear_onsets(spectrum: MelSpectrum) -> OnsetStrength:
    """Measure the onset strength of each band, every 20 ms.

    Raises
    ------
    CannotMeasure
        From `MelSpectrum`: nothing can be heard.
    """
    rise = superflux(spectrum.magnitudes)
    bands = np.stack([rise[low:high].mean(axis=0) for low, high in itertools.pairwise(BAND_EDGES)])
    scaled = on_own_scale(bands, frame_rate_hz=spectrum.frame_rate_hz, smallest=SMALLEST_RISE)
    return OnsetStrength(bands=np.minimum(scaled, MAX_STRENGTH), frame_rate_hz=spectrum.frame_rate_hz)
