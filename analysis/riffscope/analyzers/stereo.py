"""Stereo: how wide the song is, how alike its two channels are, and how loud its mono downmix still is.

Conventions: mid is (L + R) / 2, side (L - R) / 2. Widths and correlations weigh each frame by its energy; frames below
-70 LUFS are left out. Frames of at least 0.15 s overlap by half; bands are octaves.

Source: Blumlein, British patent 394,325 (1933) for mid and side; ITU-R BS.1770-5 for the loudness.
"""

from typing import Annotated

import numpy as np

from riffscope.arrays import Floats, Mask
from riffscope.dsp.decibels import power_db
from riffscope.dsp.loudness import above_absolute_gate
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, value
from riffscope.steps import analyzer
from riffscope.units import CORRELATION, FRACTION, HZ, LU, Said
from riffscope.views.frame_levels import FrameLevels

# A channel, or a downmix, that lies 60 dB below the rest is not heard beside it. Chosen by hand, not fitted.
NOTHING_LEFT = 1e-6
# A band 80 dB below the whole holds what coding and dither left there. Chosen by hand, not fitted.
EMPTY_BAND = 1e-8


@value
class Stereo:
    """What the two channels share and in what they differ, over all that sounds; what is louder counts for more.

    Attributes
    ----------
    width_fraction : float
        Energy of the side (L - R) / 2 in that of mid and side together: 0 mono, .5 for channels that share nothing and
        for a sound on one side only, 1 for antiphase. The bass, mostly in the centre, weighs heavily: see the bands.
    correlation : float or None
        Of the two channels, whatever their levels: 1 the same, 0 unrelated, -1 antiphase. None where only one sounds.
    mono_loss_lu : float or None
        K-weighted loudness that the mono downmix loses: 0 for mono, 3.0 for unrelated channels. None where nothing of
        it is left.
    band_edges_hz : array, shape (n + 1,)
        Edges of the octave bands of `riffscope.dsp.octaves`.
    band_width_fraction, band_correlation : arrays, shape (n,)
        The same for each band; NaN where it is empty, and where only one channel sounds in it.
    """

    width_fraction: Annotated[
        float, FRACTION, Said(one="The stereo width is {}", subject="the stereo image", more="wider", less="narrower")
    ]
    correlation: (
        Annotated[
            float,
            CORRELATION,
            Said(
                one="The correlation of left and right is {}", subject="the correlation of left and right", signed=True
            ),
        ]
        | None
    )
    mono_loss_lu: (
        Annotated[
            float,
            LU,
            Said(one="A mono player loses {} of loudness", subject="the loss in mono", more="larger", less="smaller"),
        ]
        | None
    )
    band_edges_hz: Annotated[Floats, HZ]
    band_width_fraction: Annotated[Floats, FRACTION]
    band_correlation: Annotated[Floats, CORRELATION]

    @property
    def summary(self) -> str:
        """The result in one line."""
        if self.width_fraction == 0:
            return "mono: both sides are the same"
        alike = (
            "only one side sounds"
            if self.correlation is None
            else f"correlation {CORRELATION.format(self.correlation, signed=True)}"
        )
        if self.mono_loss_lu is None:
            lost = "silent"
        elif LU.number(self.mono_loss_lu) == LU.number(0.0):
            lost = "as loud"
        else:
            lost = f"{LU.format(self.mono_loss_lu)} quieter"
        return f"width {FRACTION.format(self.width_fraction)}, {alike}, {lost} in mono"


@analyzer(version=1)
def measure_stereo(levels: FrameLevels, audio: Audio) -> Stereo:
    """Measure the energy of mid and side and the correlation of the channels, overall and by octave from 22 Hz up.

    A mono file is measured as two equal channels.

    Raises
    ------
    CannotMeasure
        More than two channels, shorter than one frame, or silent.

    References
    ----------
    Blumlein, British patent 394,325 (1933): sum and difference of two channels.
    """
    if len(audio.samples) > 2:
        raise CannotMeasure(
            Absence.NOT_STEREO, f"the song has {audio.source.layout}, and stereo is measured on two (mix it to stereo)"
        )
    kept = sounding_frames(levels)
    if not kept.any():
        raise CannotMeasure(Absence.SILENT, "the song is silent")
    by_band = levels.octaves[kept].sum(axis=0)
    whole = by_band.sum(axis=1)
    width, correlation = compare_sides(by_band)
    sounds = by_band[:2].sum(axis=0) > EMPTY_BAND * whole[:2].sum()
    all_width, all_correlation = compare_sides(whole)
    left, right, mid = levels.sides_weighted[kept].sum(axis=0)
    left_over = float(2 * mid / (left + right))
    return Stereo(
        width_fraction=float(all_width),
        correlation=None if np.isnan(all_correlation) else float(all_correlation),
        mono_loss_lu=float(power_db(max(1 / left_over, 1.0))) if left_over > NOTHING_LEFT else None,
        band_edges_hz=levels.octave_edges_hz,
        band_width_fraction=np.where(sounds, width, np.nan),
        band_correlation=np.where(sounds, correlation, np.nan),
    )


def sounding_frames(levels: FrameLevels) -> Mask:
    """Return which frames of one or two channels are louder than -70 LUFS: (n,)."""
    return above_absolute_gate(levels.sides_weighted[:, 0] + levels.sides_weighted[:, 1])


def compare_sides(powers: Floats) -> tuple[Floats, Floats]:
    """Return width and correlation from the power of left, right and mid, (3, ...); NaN where there is none."""
    left, right, mid = powers
    both = (left + right) / 2  # that of mid and side
    with np.errstate(invalid="ignore", divide="ignore"):
        width = np.clip((both - mid) / both, 0, 1)
        # The product of the channels is mid less side.
        correlation = np.clip((2 * mid - both) / np.sqrt(left * right), -1, 1)
    one_sided = np.minimum(left, right) <= NOTHING_LEFT * np.maximum(left, right)
    return width, np.where(one_sided, np.nan, correlation)
