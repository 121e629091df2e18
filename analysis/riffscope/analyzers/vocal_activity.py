"""Vocal activity: when someone sings, phrase by phrase.

Conventions: spans in seconds from the start of the file. Source: the voicing of `riffscope.analyzers.vocal_pitch`.
"""

from typing import Annotated

from scipy import ndimage

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.dsp.runs import fill_gaps, runs
from riffscope.model import Span, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import FRACTION, Said
from riffscope.words import count

# Someone sings where the mean probability of `SUNG_OVER_S` passes this. Of .2 to .45 it is the best for recordings and
# rendered songs together: the F measure is .92, .95, .96 and .92 on four sets of recordings (at .25 .92, .95, .96 and
# .91), and .90 and .90 on two of rendered songs (.91 and .91; at .35 .89 and .88).
SUNG = 0.3
# One tone of the band is no phrase, and a soft note or a consonant within a phrase is part of it.
SUNG_OVER_S = 0.4
# Consonants and breaths within a phrase do not end it. The mean reaches a tenth of a second beyond what is sung on
# either side, so that pauses of up to 0.9 s are bridged. Chosen by hand, not fitted.
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
    sung_fraction: Annotated[
        float,
        FRACTION,
        Said(one="Singing fills {} of {where}", subject="the share of singing", more="larger", less="smaller"),
    ]
    method: Annotated[VocalSource, "voice from"]

    @property
    def summary(self) -> str:
        """The result in one line."""
        return f"{FRACTION.format(self.sung_fraction)} of the song, in {count(len(self.spans), 'segment')}"


@analyzer(version=5)
def measure_vocal_activity(pitch: VocalPitch) -> VocalActivity:
    """Find the sung phrases: where singing is likely, averaged over 0.4 s; pauses of up to 0.9 s are bridged."""
    probability = ndimage.uniform_filter1d(pitch.voiced_probability, round(SUNG_OVER_S / STEP_S) + 1)
    phrases = fill_gaps(probability > SUNG, round(MAX_BREATH_S / STEP_S))
    spans = tuple(Span(start_s=round(a * STEP_S, 3), end_s=round(b * STEP_S, 3)) for a, b in runs(phrases))
    return VocalActivity(spans=spans, sung_fraction=float(phrases.mean()), method=pitch.method)
