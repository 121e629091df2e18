"""The chorus of real songs: where lines of the lyrics come back word for word.

Conventions
    Frames of 100 ms, against the sections that the answer calls a chorus.

Metrics
    ``chorus_f``  F-measure of the frames (0..1)

A definition of our own.
"""

from benchmarks.answers import Answer, spans_of
from benchmarks.items import Item
from benchmarks.masks import f_measure, mask_of
from benchmarks.tasks import Scores, task


@task("chorus", reads="structure.sections")
def score_chorus(item: Item, answer: Answer) -> Scores:
    """Score the time that is called chorus."""
    sections = answer.fields("structure").get("sections") or []
    called = [section for section in sections if section.get("function") == "chorus"]
    truth = mask_of(item.truth["chorus_spans"], item.duration_s)
    return {"chorus_f": f_measure(truth, mask_of(spans_of(called), item.duration_s))}
