"""Compare songs: every measure's difference, unit by unit, with its range, and whether it is one that can be heard."""

import math
from collections.abc import Sequence

from riffscope import steps
from riffscope.errors import CannotMeasure, NotMeasured
from riffscope.measures import Measure, all_measures, label_of, read_measure
from riffscope.melody import SharedMelody, share_melody
from riffscope.model import Estimate, Source, field_types, value
from riffscope.song import SongAnalysis
from riffscope.units import NAME, PROBABILITY, Unit


@value
class Difference:
    """One measure of all songs.

    Attributes
    ----------
    measure : str
        Its path, such as ``loudness.integrated_lufs``.
    values : tuple of Estimate or None
        One for each song; None where it is missing, and then `missing` says why.
    difference : Estimate or None
        Of two songs the second minus the first, of more the highest minus the lowest; None where one is missing.
    same : bool or None
        True: no listener would notice, within the unit's tolerance. False: the songs differ. None: the range leaves
        both open, or a value is missing.
    """

    measure: str
    label: str
    unit: Unit
    values: tuple[Estimate | None, ...]
    difference: Estimate | None
    same: bool | None
    missing: tuple[str | None, ...]


@value
class Fact:
    """What is a word rather than a number, such as the tonic: one for each song, None where it is missing."""

    measure: str
    label: str
    values: tuple[str | None, ...]

    @property
    def same(self) -> bool | None:
        """Whether all songs have the same word; None where one is missing."""
        return None if None in self.values else len(set(self.values)) == 1


@value
class Comparison:
    """Two or more songs side by side: the numbers, the words and the melodies.

    Attributes
    ----------
    melodies : tuple of SharedMelody or str
        Of each song but the first, what its melody has in common with the first one's; or why that cannot be told.
    """

    songs: tuple[Source, ...]
    rows: tuple[Difference, ...]
    facts: tuple[Fact, ...]
    melodies: tuple[SharedMelody | str, ...] = ()


def compare(songs: Sequence[SongAnalysis]) -> Comparison:
    """Set two or more songs side by side, measure by measure.

    Measures that no song has are left out.

    Raises
    ------
    ValueError
        Fewer than two songs.
    """
    if len(songs) < 2:
        raise ValueError("a comparison needs two songs or more")
    # How sure a measurement is says nothing of the song.
    rows = [_row(songs, measure) for measure in all_measures() if measure.unit is not PROBABILITY]
    return Comparison(
        songs=tuple(song.source for song in songs),
        rows=tuple(row for row in rows if any(row.values)),
        facts=tuple(fact for fact in _facts(songs) if any(fact.values)),
        melodies=tuple(_melody(songs[0], song) for song in songs[1:]),
    )


def _melody(first: SongAnalysis, second: SongAnalysis) -> SharedMelody | str:
    try:
        return share_melody(first, second)
    except CannotMeasure as why:
        return str(why)


def subtract(first: Estimate, second: Estimate) -> Estimate:
    """Return second minus first; the ranges add as independent errors do, by the root of their squares."""
    difference = second.value - first.value
    return Estimate(
        value=difference,
        low=difference - math.hypot(second.value - second.low, first.high - first.value),
        high=difference + math.hypot(second.high - second.value, first.value - first.low),
    )


def sounds_same(difference: Estimate, unit: Unit) -> bool | None:
    """Tell whether a difference lies within the unit's tolerance; None where its range leaves that open."""
    if -unit.same_within <= difference.low and difference.high <= unit.same_within:
        return True
    if difference.low > unit.same_within or difference.high < -unit.same_within:
        return False
    return None


def _row(songs: Sequence[SongAnalysis], measure: Measure) -> Difference:
    values: list[Estimate | None] = []
    missing: list[str | None] = []
    for song in songs:
        try:
            values.append(read_measure(song, measure.path))
            missing.append(None)
        except NotMeasured as why:
            values.append(None)
            missing.append(str(why).partition(": ")[2])
    difference = None
    present = [found for found in values if found is not None]
    if len(present) == len(songs):
        first, last = present if len(present) == 2 else (min(present, key=_value), max(present, key=_value))
        difference = subtract(first, last)
    return Difference(
        measure=measure.path,
        label=measure.label,
        unit=measure.unit,
        values=tuple(values),
        difference=difference,
        same=None if difference is None else sounds_same(difference, measure.unit),
        missing=tuple(missing),
    )


def _value(estimate: Estimate) -> float:
    return estimate.value


def _facts(songs: Sequence[SongAnalysis]) -> list[Fact]:
    out = []
    for step in steps.analyzers():
        for name, (_, unit) in field_types(step.produces).items():
            if unit is NAME:
                values = tuple(_word(song, f"{step.name}.{name}") for song in songs)
                label = label_of(step.name, name)
                out.append(Fact(measure=f"{step.name}.{name}", label=label, values=values))
    return out


def _word(song: SongAnalysis, path: str) -> str | None:
    try:
        return str(song.measure(path))
    except NotMeasured:
        return None
