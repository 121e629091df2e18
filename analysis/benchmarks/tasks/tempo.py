"""Tempo: beats per minute.

Conventions
    The truth is one tempo, or one for each steady part of the song; the answer counts by its main estimate alone.

Metrics
    ``tempo_acc1``  within 4 % of the truth (0 or 1)
    ``tempo_acc2``  the same, or twice, three times, half or a third of it: another level of the metre (0 or 1)

References
----------
Gouyon et al., "An experimental comparison of audio tempo induction algorithms", IEEE TASLP 14(5), 2006.
"""

from benchmarks.answers import Answer, number
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

TOLERANCE = 0.04
OTHER_LEVELS = (1.0, 2.0, 3.0, 1 / 2, 1 / 3)


@task("tempo", reads="tempo.bpm")
def score_tempo(item: Item, answer: Answer) -> Scores:
    """Score the main tempo."""
    truth = item.truth.get("tempo", item.truth)
    right_bpm = [part["bpm"] for part in truth.get("segments", [])] or [truth["bpm"]]
    found_bpm = number(answer.fields("tempo").get("bpm"))

    def is_near(factors: tuple[float, ...]) -> float:
        wanted = [bpm * factor for bpm in right_bpm for factor in factors]
        return float(any(abs(found_bpm - bpm) <= TOLERANCE * bpm for bpm in wanted))

    return {"tempo_acc1": is_near((1.0,)), "tempo_acc2": is_near(OTHER_LEVELS)}
