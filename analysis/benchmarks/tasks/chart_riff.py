"""The riff of real songs, from charts of games: the periods at which the guitar's bars come back.

Conventions
    The chart tells, for lags of 1, 2, 3, 4, 6, 8 and 16 bars, which share of its bars is the same so many bars on.
    Chart makers vary what the recording repeats, so the truth is a set of good periods, not one.

Metrics
    ``loop_chart_ok``  the period found is a lag at which the chart repeats at least .8 as often as at its best (0 or 1)

A definition of our own.
"""

import math

from benchmarks.answers import Answer, number
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

NEARLY_AS_GOOD = 0.8


@task("riff_from_chart", reads="loops.period_s")
def score_chart_riff(item: Item, answer: Answer) -> Scores:
    """Score the period against the chart's own repeats."""
    chart = item.truth["chart_riff"]
    bar_s = chart["period_s"] / chart["shortest_good_period_bars"]
    period_s = number(answer.fields("loops").get("period_s"))
    repeats = {int(lag): share for lag, share in chart["repeat_fraction_at_lag_bars"].items()}
    lag_bars = 0 if math.isnan(period_s) else round(period_s / bar_s)
    return {"loop_chart_ok": float(repeats.get(lag_bars, 0.0) >= NEARLY_AS_GOOD * max(repeats.values()))}
