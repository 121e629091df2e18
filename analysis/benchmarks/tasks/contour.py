"""The lead's pitch contour: what is sung, frame by frame, and whether anything is.

Conventions
    Frames of 10 ms; pitches in hertz, 0 (truth) or null (answer) where nobody sings. No contour is read as "never
    sung", so its overall accuracy is the unsung share of the song.

Metrics
    ``vocal_rpa``                  sung frames whose pitch is right within 50 cents (0..1)
    ``vocal_rca``                  the same, in any octave (0..1)
    ``vocal_oa``                   all frames that are right: pitch where sung, silence where not (0..1)
    ``vocal_voicing_recall``       sung frames heard as sung (0..1)
    ``vocal_voicing_false_alarm``  unsung frames heard as sung (0..1, less is better)

References
----------
Salamon et al., "Melody extraction from polyphonic music signals", IEEE SPM 31(2), 2014. `mir_eval.melody`.
"""

import mir_eval
import numpy as np

from benchmarks.answers import Answer
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

NAMES = {
    "Raw Pitch Accuracy": "vocal_rpa",
    "Raw Chroma Accuracy": "vocal_rca",
    "Overall Accuracy": "vocal_oa",
    "Voicing Recall": "vocal_voicing_recall",
    "Voicing False Alarm": "vocal_voicing_false_alarm",
}


@task("vocal_f0", "vocal_f0_silver", reads="vocal_pitch.f0_hz")
def score_contour(item: Item, answer: Answer) -> Scores:
    """Score pitch and voicing."""
    fields = answer.fields("vocal_pitch")
    times_s = np.asarray(fields.get("times_s") or [0.0], np.float64)
    pitch_hz = np.asarray([hz or 0.0 for hz in fields.get("f0_hz") or [0.0]], np.float64)
    scores = mir_eval.melody.evaluate(*item.pitch(), times_s, pitch_hz)
    return {ours: float(scores[theirs]) for theirs, ours in NAMES.items()}
