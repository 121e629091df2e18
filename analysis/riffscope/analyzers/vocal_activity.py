"""Vocal activity: when someone sings."""

from typing import Annotated

from riffscope.analyzers.vocal_pitch import CLAIMED, STEP_S, VocalPitch
from riffscope.dsp.runs import drop_short, fill_gaps, runs
from riffscope.model import Span, value
from riffscope.steps import analyzer
from riffscope.units import FRACTION

# Consonants and breaths inside a phrase do not end it.
LONGEST_BREATH_S = 0.7
# The shortest sung syllable; less is a slide of a guitar string.
SHORTEST_NOTE_S = 0.08


@value
class VocalActivity:
    """The spans in which someone sings.

    Attributes
    ----------
    sung_fraction : float
        Share of the song's length that the spans cover, 0..1.
    method : str
        What was listened to: ``mix``, ``stem``, ``separated:NAME``.
    """

    spans: tuple[Span, ...]
    sung_fraction: Annotated[float, FRACTION]
    method: str

    @property
    def summary(self) -> str:
        """The result in one line."""
        return f"sung {FRACTION.format(self.sung_fraction)} of the time, in {len(self.spans)} stretches"


@analyzer(version=3)
def measure_vocal_activity(pitch: VocalPitch) -> VocalActivity:
    """Join what is claimed as sung into phrases; notes under 80 ms are dropped, breaths up to 0.7 s bridged."""
    notes = drop_short(pitch.voiced_probability > CLAIMED, round(SHORTEST_NOTE_S / STEP_S))
    phrases = fill_gaps(notes, round(LONGEST_BREATH_S / STEP_S))
    spans = tuple(Span(start_s=round(a * STEP_S, 3), end_s=round(b * STEP_S, 3)) for a, b in runs(phrases))
    return VocalActivity(spans=spans, sung_fraction=float(phrases.mean()), method=pitch.method)
