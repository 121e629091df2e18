"""Vocal activity: when someone sings.

Conventions
    Frames of 100 ms. Notes and sung frames are widened by 150 ms on both sides, since consonants and breaths between
    them belong to the singing; hand-aligned lines of lyrics are taken as they are.

Metrics
    ``activity_f``         F-measure of the sung frames (0..1)
    ``activity_accuracy``  frames that are right (0..1)

References
----------
Lee, Choi & Nam, "Revisiting singing voice detection", ISMIR 2018.
"""

from benchmarks.answers import Answer, spans_of
from benchmarks.items import Item, Spans
from benchmarks.masks import f_measure, mask_of
from benchmarks.tasks import Scores, task

WIDENED_S = 0.15
PITCH_FRAME_S = 0.01


@task("vocal_activity", reads="vocal_activity.spans")
def score_activity(item: Item, answer: Answer) -> Scores:
    """Score the sung spans."""
    spans = _sung_spans(item)
    if spans is None:
        return {}
    truth = mask_of(spans, item.duration_s)
    found = mask_of(spans_of(answer.fields("vocal_activity").get("spans")), item.duration_s)
    return {"activity_f": f_measure(truth, found), "activity_accuracy": float((truth == found).mean())}


def _sung_spans(item: Item) -> Spans | None:
    """Return the best truth there is: of any voice, of the notes, of the lead's contour."""
    if "vocal_line_spans" in item.truth:
        spans: Spans = item.truth["vocal_line_spans"]
        return spans
    if "notes_file" in item.truth:
        return [(start_s - WIDENED_S, end_s + WIDENED_S) for start_s, end_s in item.note_spans()]
    if item.f0_file:
        times_s, pitch_hz = item.pitch()
        return [(time_s - WIDENED_S, time_s + PITCH_FRAME_S + WIDENED_S) for time_s in times_s[pitch_hz > 0]]
    return None
