"""Vocal activity: when someone sings."""

from typing import Annotated

from scipy import ndimage

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.dsp.runs import fill_gaps, runs
from riffscope.model import Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import FRACTION

# Someone sings where the mean probability of 0.4 s passes this: one tone of the band is no phrase, and a soft note or a
# consonant within a phrase is part of it. Taken frame by frame at .3, real songs lose up to .01 of the F measure.
SUNG, SUNG_OVER_S = 0.35, 0.4
# Consonants and breaths inside a phrase do not end it.
MAX_BREATH_S = 0.7


@value
class VocalActivity:
    """The spans in which someone sings.

    Attributes
    ----------
    sung_fraction : float
        Share of the song's length that the spans cover, 0..1.
    method : VocalSource
        What was listened to.
    """

    spans: tuple[Span, ...]
    sung_fraction: Annotated[float, FRACTION]
    method: VocalSource

    @property
    def summary(self) -> str:
        """The result in one line."""
        return f"sung {FRACTION.format(self.sung_fraction)} of the time, in {len(self.spans)} stretches"


@analyzer(version=4)
def measure_vocal_activity(pitch: VocalPitch) -> VocalActivity:
    """Join what is likely sung, in the mean of 0.4 s, into phrases: breaths up to 0.7 s are bridged."""
    probability = ndimage.uniform_filter1d(pitch.voiced_probability, round(SUNG_OVER_S / STEP_S) + 1)
    phrases = fill_gaps(probability > SUNG, round(MAX_BREATH_S / STEP_S))
    spans = tuple(Span(start_s=round(a * STEP_S, 3), end_s=round(b * STEP_S, 3)) for a, b in runs(phrases))
    return VocalActivity(spans=spans, sung_fraction=float(phrases.mean()), method=pitch.method)
