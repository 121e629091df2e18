"""Key: tonic and mode.

Conventions
    The truth and the answer are one key each, the one that lasts longest. In rendered songs where nothing comes round
    the pitches are exact but the tonic is only implied, so the relative key counts as right.

Metrics
    ``key_weighted``  1 right, .5 a fifth above, .3 the relative, .2 the parallel key, else 0
    ``key_exact``     right (0 or 1)

References
----------
MIREX "Audio Key Detection", 2005 and later. `mir_eval.key.weighted_score`.
"""

import mir_eval

from benchmarks.answers import Answer
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

RELATIVE_KEY = 0.3


@task("key", reads="key.tonic")
def score_key(item: Item, answer: Answer) -> Scores:
    """Score tonic and mode."""
    found = answer.value("key")
    if not found:
        return {"key_weighted": 0.0, "key_exact": 0.0}
    weighted = float(mir_eval.key.weighted_score(_key_of(item), f"{found['tonic']} {found['mode']}"))
    riff = item.truth.get("riff")
    if riff is not None and not riff.get("present") and weighted == RELATIVE_KEY:
        weighted = 1.0
    return {"key_weighted": weighted, "key_exact": float(weighted == 1.0)}


def _key_of(item: Item) -> str:
    key = item.truth["key"]
    if isinstance(key, str):  # "E minor", with remarks after it
        return " ".join(key.split()[:2])
    return f"{key['tonic']} {key['mode']}"
