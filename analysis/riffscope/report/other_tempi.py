"""What a song can be counted at as well: metrical levels that are likely enough to be worth a reader's time."""

from riffscope.analyzers.tempo import MetricalLevel, Tempo

# A level less likely than this is one that hardly anybody would count.
MIN_WEIGHT = 0.01


def other_tempi(found: Tempo) -> list[MetricalLevel]:
    """Return the other metrical levels that somebody may count, as in `Tempo.other_counts`."""
    return list(found.other_counts(MIN_WEIGHT))


def takes_in_another(found: Tempo) -> bool:
    """Tell whether the range of the tempo reaches to another metrical level: a choice of two, with nothing between."""
    return any(found.bpm.low <= level.bpm <= found.bpm.high for level in other_tempi(found))
