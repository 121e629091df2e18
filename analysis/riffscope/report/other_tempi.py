"""The metrical levels at which a song may be counted as well, as far as they are worth a reader's time."""

from riffscope.analyzers.tempo import MetricalLevel, Tempo

# Less than this speaks for a metrical level that nobody would choose.
MIN_WEIGHT = 0.01


def other_tempi(found: Tempo) -> list[MetricalLevel]:
    """Return the other metrical levels for which anything speaks."""
    return [level for level in found.alternatives_bpm if level.weight_fraction >= MIN_WEIGHT]
