"""Balance: how the loudness is spread from bass to treble.

Conventions: frequencies in Hz; levels of bands in LU against the K-weighted level of the whole song, over the same
frames, so that two songs compare at equal loudness. Frames are those of `riffscope.views.frame_levels`.

Source: ITU-R BS.1770-5 (weighting and gates); IEC 61260-1 (octave bands); for the bass, Hove, Vuust & Stupacher,
"Increased levels of bass in popular music recordings 1955-2016 and their relation to loudness", J. Acoust. Soc. Am.
145(4), 2019. Centroid and tilt are common descriptions of a spectrum.
"""

import itertools
from typing import Annotated

import numpy as np
import numpy.typing as npt

from riffscope.arrays import Floats
from riffscope.dsp.decibels import power_db
from riffscope.dsp.loudness import above_both_gates
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import value
from riffscope.steps import analyzer
from riffscope.units import DB_PER_OCTAVE, FRACTION, HZ, LU, Said
from riffscope.views.frame_levels import FrameLevels

# The range whose weight rose in chart music (Hove, Vuust & Stupacher 2019).
BASS_HZ = (20.0, 100.0)
# The share of low bass is that of what lies below this ...
LOW_BASS_BELOW_HZ = 60.0
# ... in what lies below this. Both chosen by hand, not fitted.
BASS_BELOW_HZ = 250.0
# The slope is that of the bands around 63 Hz to 8 kHz. Chosen by hand, not fitted.
TILT_HZ = (60.0, 8500.0)
# A band 120 dB below the whole holds nothing but rounding.
EMPTY_BAND = 1e-12
# The bass of a song that has none reads -90 LU, so that it stays a number. Chosen by hand.
MIN_BASS = 1e-9


@value
class Balance:
    """Loudness by frequency band, against the whole song, so that two songs compare at equal loudness.

    Attributes
    ----------
    band_edges_hz : array, shape (n + 1,)
        Edges of octave bands, up to half the sample rate.
    band_lu : array, shape (n,)
        Each band's unweighted level minus the song's K-weighted level, over the same frames; NaN where a band is empty.
    bass_lu : float
        The same for 20-100 Hz, the range whose weight rose in chart music (Hove et al. 2019).
    low_bass_fraction : float
        Share below 60 Hz of the energy below 250 Hz.
    centroid_hz : float
        Centre of gravity of the mean power spectrum.
    tilt_db_per_octave : float
        Slope of the straight line through the octave bands from 63 Hz to 8 kHz.
    """

    band_edges_hz: Annotated[Floats, HZ]
    band_lu: Annotated[Floats, LU]
    bass_lu: Annotated[
        float,
        LU,
        Said(
            one="The bass (20\N{EN DASH}100 Hz) is at {} against the whole song",
            subject="the bass",
            more="stronger",
            less="weaker",
            signed=True,
        ),
    ]
    low_bass_fraction: Annotated[
        float,
        FRACTION,
        Said(
            one="{} of the bass energy lies below 60 Hz", subject="the share of low bass", more="larger", less="smaller"
        ),
    ]
    centroid_hz: Annotated[float, HZ, Said(one="The spectral centroid is {}", subject="the spectral centroid")]
    tilt_db_per_octave: Annotated[
        float, DB_PER_OCTAVE, Said(one="The spectrum tilts by {}", subject="the spectral tilt")
    ]

    @property
    def summary(self) -> str:
        """The result in one line."""
        return (
            f"bass (20\N{EN DASH}100 Hz) at {LU.format(self.bass_lu, signed=True)} against the whole song, "
            f"spectral tilt {DB_PER_OCTAVE.format(self.tilt_db_per_octave, signed=True)}"
        )


@analyzer(version=1)
def measure_balance(levels: FrameLevels) -> Balance:
    """Measure the level of each octave band against the loudness of the whole song.

    All channels count equally, at the song's own sample rate. Frames below the gates of BS.1770 (silence, and anything
    10 LU below the rest) are left out, so fades and pauses do not skew the result.

    Raises
    ------
    CannotMeasure
        Shorter than one frame, or silent.
    """
    kept = above_both_gates(levels.weighted)
    if not kept.any():
        raise CannotMeasure(Absence.SILENT, "the song is silent")
    edges_hz = levels.octave_edges_hz
    weighted = float(levels.weighted[kept].mean())

    def band(low_hz: float, high_hz: float) -> float:
        return float(levels.band(low_hz, high_hz)[kept].mean())

    bands = np.array([band(low, high) for low, high in itertools.pairwise(edges_hz.tolist())])
    band_lu = np.where(bands > EMPTY_BAND * weighted, power_db(bands / weighted), np.nan)
    all_bass = band(0.0, BASS_BELOW_HZ)
    return Balance(
        band_edges_hz=edges_hz,
        band_lu=band_lu,
        bass_lu=float(bass_level_lu(band(*BASS_HZ), weighted)),
        low_bass_fraction=band(0.0, LOW_BASS_BELOW_HZ) / all_bass if all_bass > 0 else 0.0,
        centroid_hz=float(levels.moment[kept].sum() / levels.power[kept].sum()),
        tilt_db_per_octave=_tilt(edges_hz, band_lu),
    )


def bass_level_lu(bass: npt.ArrayLike, weighted: npt.ArrayLike) -> Floats:
    """Return the level of the bass against the loudness, from the power of both over the same frames, (...)."""
    return power_db(np.maximum(np.asarray(bass) / np.asarray(weighted), MIN_BASS))


def _tilt(edges_hz: Floats, band_lu: Floats) -> float:
    """Return the slope of the line through the levels of the bands, in dB per octave; 0 where only one sounds."""
    octave = np.log2(np.sqrt(edges_hz[1:] * edges_hz[:-1]) / 1000)
    use = np.isfinite(band_lu) & (edges_hz[1:] > TILT_HZ[0]) & (edges_hz[:-1] < TILT_HZ[1])
    return float(np.polyfit(octave[use], band_lu[use], 1)[0]) if use.sum() >= 2 else 0.0
