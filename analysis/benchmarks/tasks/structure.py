"""Structure: where sections begin, and what they are.

Conventions
    Boundaries in seconds; the ends of the song do not count. Functions are intro, verse, chorus, bridge and outro.

Metrics
    ``structure_f3``, ``structure_f05``  F-measure of the boundaries within 3 s and within .5 s (0..1)
    ``section_named``  share of the time of named sections whose function is told rightly (0..1)

References
----------
Turnbull et al., "A supervised approach for detecting boundaries in music", ISMIR 2007. `mir_eval.segment.detection`.
"""

from collections.abc import Sequence

import mir_eval
import numpy as np

from benchmarks.answers import Answer, spans_of
from benchmarks.arrays import Floats
from benchmarks.items import Item, Json
from benchmarks.tasks import Scores, task

FUNCTIONS = {"intro", "verse", "chorus", "bridge", "outro"}
COARSE_S, FINE_S = 3.0, 0.5


@task("structure", "riff_spans", reads="structure.sections")
def score_structure(item: Item, answer: Answer) -> Scores:
    """Score boundaries, and functions where the truth names them."""
    sections = item.truth["sections"]
    starts_s = [section[0] if isinstance(section, list) else section["start"] for section in sections]
    truth = np.unique([*starts_s, item.duration_s])
    told = answer.fields("structure").get("sections") or []
    found = np.unique([*([start_s for start_s, _ in spans_of(told)] or [0.0]), item.duration_s])
    scores = {"structure_f3": _boundary_f(truth, found, COARSE_S), "structure_f05": _boundary_f(truth, found, FINE_S)}
    named = [section for section in sections if isinstance(section, dict) and section.get("name") in FUNCTIONS]
    if named:
        scores["section_named"] = _named_share(named, told)
    return scores


def _boundary_f(truth: Floats, found: Floats, window_s: float) -> float:
    """F-measure of the boundaries between sections that follow each other."""
    *_, f = mir_eval.segment.detection(_intervals(truth), _intervals(found), window=window_s, trim=True)
    return float(f)


def _intervals(boundaries: Floats) -> Floats:
    return np.stack([boundaries[:-1], boundaries[1:]], axis=1)


def _named_share(named: Sequence[Json], told: Sequence[Json]) -> float:
    """Share of the named sections' time in which the answer names the same function."""
    right_s = sum(
        max(0.0, min(section["end"], other["end_s"]) - max(section["start"], other["start_s"]))
        for section in named
        for other in told
        if other.get("function") == section["name"]
    )
    return float(right_s / max(1e-9, sum(section["end"] - section["start"] for section in named)))
