"""What of an earlier analysis still holds: which measurements would come out the same today, and which are due.

A measurement is due where its method has changed since, where it is new, and where one that it is made from is due. All
of a song is due where the user's choices have changed.
"""

import functools
import re
from collections.abc import Mapping

from riffscope import steps
from riffscope.model import Measured, Outcome, Settings, VocalSource, value
from riffscope.song import ROOTS, SongAnalysis, made_by

# How `riffscope.library.corrections` calls them.
_BY_HAND = re.compile(r"by hand \([0-9a-f]{12}\)")


@value
class Record:
    """What is to be known of an analysis to tell whether it still holds.

    Attributes
    ----------
    settings : mapping
        The choices that it was made with, as `Settings.described` says them.
    versions : mapping
        By the names of its measurements: the versions of the steps that made them, or found nothing to measure.
    from_mix : bool
        Whether the voice was looked for in the whole mix, as nothing separated it.
    """

    settings: Mapping[str, str]
    versions: Mapping[str, int]
    from_mix: bool


def record_of(song: SongAnalysis) -> Record:
    """Return what is to be known of an analysis."""
    values = (outcome.value for outcome in song.outcomes.values() if isinstance(outcome, Measured))
    return Record(
        settings=song.settings,
        versions={name: _version(song, name, outcome) for name, outcome in song.outcomes.items()},
        from_mix=any(getattr(found, "method", None) is VocalSource.MIX for found in values),
    )


def _version(song: SongAnalysis, name: str, outcome: Outcome) -> int:
    """Return the version of a step; of what is missing without one, today's if it was found so by today's riffscope."""
    bears_one = isinstance(outcome, Measured) or outcome.version > 0
    if bears_one or song.made_by.get("riffscope") != made_by()["riffscope"]:
        return outcome.version
    return _present_versions().get(name, 0)


def due(record: Record, settings: Settings) -> tuple[steps.Step, ...]:
    """Return the measurements of a song that are to be made again, or for the first time; none where all still hold."""
    everything = steps.analyzers()
    # Of a stem and of a file with sections the record has the names alone; sections by hand are named by what they say.
    by_name = settings.sections is not None and _BY_HAND.fullmatch(settings.sections) is None
    if settings.vocals is not None or by_name or record.settings != settings.described():
        return everything
    if settings.separator == "auto" and record.from_mix and _can_separate():
        return everything
    changed = {step.name for step in everything if record.versions.get(step.name) != step.version}
    return tuple(step for step in everything if changed & _made_from(step.name)) if changed else ()


@functools.cache
def _present_versions() -> Mapping[str, int]:
    return {step.name: step.version for step in steps.analyzers()}


@functools.cache
def _made_from(name: str) -> frozenset[str]:
    """Return the names of the measurements that one is made from, through whatever views, and its own."""
    step = next(step for step in steps.analyzers() if step.name == name)
    return frozenset(one.name for one in steps.closure([step], ROOTS).values() if one.kind == "analyzer")


def _can_separate() -> bool:
    from riffscope.models import store

    return store.where("spleeter") is not None and store.damage("spleeter") is None
