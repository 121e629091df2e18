"""Measurements in the order that people read them, and what each is called: tempo and key first, details last.

A measurement that no group names comes after all others under its own name, so a new one is seen at once.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from riffscope.measures import in_words
from riffscope.model import value


@value
class Group:
    """Measurements that belong together.

    Attributes
    ----------
    heading : str
    labels : mapping
        Measurements to what each is called below the heading and in a list of all, in order.
    """

    heading: str
    labels: Mapping[str, str]


def _group(heading: str, **labels: str) -> Group:
    return Group(heading=heading, labels=MappingProxyType(labels))


# What other measurements are made of: it says little about the song by itself.
MATERIAL = frozenset({"chroma", "envelope"})


GROUPS = (
    _group("Tempo", tempo="Tempo", beats="Beats"),
    _group("Key", key="Key"),
    _group(
        "Voice",
        vocal_range="Vocal range",
        vocal_activity="Singing",
        vocal_layers="Layers",
        vocal_tone="Vocal tone",
        vocal_notes="Sung notes",
        vocal_pitch="Sung pitch",
    ),
    _group("Riff", loops="Loop", riff_notes="Riff notes"),
    _group("Chords", chords="Chords"),
    _group("Form", structure="Form", section_profile="Sections"),
    _group("Loudness", loudness="Loudness"),
    _group("Balance", balance="Balance"),
    _group("Stereo", stereo="Stereo"),
    _group("Density", density="Density"),
    _group("Curves", chroma="Pitch classes", envelope="Envelope"),
)


def grouped(names: Iterable[str]) -> tuple[Group, ...]:
    """Put measurements into their groups, in order; each that no group names is one of its own, at the end."""
    given = list(names)
    known = {name for group in GROUPS for name in group.labels}
    found = [
        Group(heading=group.heading, labels={name: label for name, label in group.labels.items() if name in given})
        for group in GROUPS
    ]
    new = [Group(heading=in_words(name), labels={name: in_words(name)}) for name in given if name not in known]
    return tuple(group for group in (*found, *new) if group.labels)


def labelled(names: Iterable[str]) -> Mapping[str, str]:
    """Return measurements in order with what each is called."""
    return {name: label for group in grouped(names) for name, label in group.labels.items()}
