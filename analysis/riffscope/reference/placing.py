"""Placing: a song's numbers among those of a reference set, and what of that stands out, in sentences.

Conventions: percentiles are 0..100. Source: own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from riffscope import words
from riffscope.errors import BadReference, NotMeasured, RiffscopeError
from riffscope.groups import labelled
from riffscope.measures import Measure, capitalised, comparable_measures, read_measure
from riffscope.model import Estimate, value
from riffscope.places import PlacedNumber, Places
from riffscope.reference.table import Reference, read
from riffscope.song import SongAnalysis
from riffscope.units import MIDI

# A number stands out where it is surely in the highest or in the lowest quarter of the songs.
OUTSTANDING_PERCENT = 25.0
MOST_OUTSTANDING = 6
# Numbers this close in how far out they surely are stand out alike, and then the one that people ask for first counts.
ALIKE_PERCENT = 5.0
# What is said where nothing does.
NOTHING_STANDS_OUT = "Nothing stands out: no number is clearly in the highest or the lowest quarter of these songs."


# ------------------------------------------------------------------------------------------------------------- placing
def read_references(path: Path) -> tuple[Reference, ...]:
    """Read a file of references to place songs by: those of measures that riffscope knows.

    Raises
    ------
    BadReference
        It is no such file, or riffscope knows none of its measures; says so in one line.
    """
    try:
        tables = tuple(read(path).values())
    except RiffscopeError as why:
        if not path.is_file():
            raise BadReference(str(why)) from why
        raise BadReference(f"{why} (a reference set is made by riffscope reference FOLDER -o FILE)") from why
    known = {measure.path for measure in comparable_measures()}
    found = tuple(table for table in tables if not known.isdisjoint(table.measures))
    if not found:
        named = next((measure for table in tables for measure in table.measures), None)
        unknown = "" if named is None else f" (its first is {words.shorten(named, words.TITLE_LETTERS)!r})"
        raise BadReference(f"{path}: has no measure that riffscope knows{unknown}")
    return found


def places_of(song: SongAnalysis, references: Iterable[Reference]) -> tuple[Places, ...]:
    """Place a song's numbers among other songs: by each set of songs, the numbers that it has.

    Of several sets that have a measure, one that riffscope measured goes before others, and of these the largest: a
    number has one place.
    """
    chosen: dict[str, Reference] = {}
    given = list(references)
    for measure in comparable_measures():
        having = [one for one in given if measure.path in one.measures]
        if having:
            chosen[measure.path] = max(having, key=lambda one: (one.like_for_like, one.songs))
    sets: dict[str, dict[str, Reference]] = {}
    for path, reference in chosen.items():
        sets.setdefault(reference.about, {})[path] = reference
    placed = (_places(song, about, by_path) for about, by_path in sets.items())
    return tuple(one for one in placed if one.numbers)


def _places(song: SongAnalysis, about: str, by_path: Mapping[str, Reference]) -> Places:
    numbers = []
    for path, reference in by_path.items():
        try:
            found = read_measure(song, path)
        except NotMeasured:
            continue
        numbers.append(
            PlacedNumber(
                path=path,
                percentile=_rounded(reference.place(found)),
                beyond=not reference.holds(reference.alike(found.value)),
                songs=reference.songs,
                reads_lower_by=reference.reads_lower_by,
            )
        )
    first = next(iter(by_path.values()))
    most = max(reference.songs for reference in by_path.values())
    return Places(about=about, songs=most, years=first.years, source=first.source, numbers=tuple(numbers))


def _rounded(percentile: Estimate) -> Estimate:
    """Leave out decimals that no number of songs could tell."""
    low, middle, high = (round(one, 2) for one in (percentile.low, percentile.value, percentile.high))
    return Estimate(low=low, value=middle, high=high)


# ------------------------------------------------------------------------------------------------------------ in words
@value
class ToldPlace:
    """A number that stands out among other songs, in words.

    Attributes
    ----------
    measure : Measure
    number : PlacedNumber
    label : str
        What it is, as it stands above a number: ``Vocal range``, ``Entry of the voice``.
    amount : str
        The number with its unit: ``8.3 semitones``; a pitch as its note, ``E4``.
    place : str
        ``narrower than 82% (70 to 91)``.
    sentence : str
        Both: ``The voice spans 8.3 semitones: narrower than 82% (70 to 91).``
    """

    measure: Measure
    number: PlacedNumber
    label: str
    amount: str
    place: str
    sentence: str


def outstanding(song: SongAnalysis, places: Places) -> tuple[ToldPlace, ...]:
    """Return the numbers that surely stand out among a set of songs, at most six, the furthest out first.

    Of each measurement it is one at most, for its numbers often say the same.
    """
    known = {measure.path: measure for measure in comparable_measures()}
    order = {path: rank for rank, path in enumerate(_in_order(known))}
    numbers = sorted(
        (one for one in places.numbers if one.distance_percent >= OUTSTANDING_PERCENT and one.path in known),
        key=lambda one: (-(one.distance_percent // ALIKE_PERCENT), order[one.path]),
    )
    first_of_each: dict[str, ToldPlace] = {}
    for number in numbers:
        measure = known[number.path]
        if measure.measurement not in first_of_each and len(first_of_each) < MOST_OUTSTANDING:
            first_of_each[measure.measurement] = _told(song, measure, number)
    return tuple(first_of_each.values())


def allowances(told: Iterable[ToldPlace]) -> Iterator[str]:
    """Say of which numbers the other songs' were read otherwise than riffscope reads them, a sentence each."""
    for one in told:
        if one.number.reads_lower_by:
            less = one.measure.unit.of_differences.given(one.number.reads_lower_by)
            yield f"{one.measure.topic}: those songs may read up to {less} lower than recordings; we allow for this."


def share_below(number: PlacedNumber, *, below: str = "") -> str:
    """Say how many of the songs have a lower number: ``82% (70 to 91)``; beyond what is known, only a bound.

    Parameters
    ----------
    below : str
        Said behind the percentage: `` below``, where no heading says what it is.
    """
    if number.beyond:
        low = number.percentile.value < 50
        bound = _percent(number.percentile.high if low else number.percentile.low)
        return f"{'at most' if low else 'at least'} {bound}%{below}"
    return f"{_percent(number.percentile.value)}%{below} ({_range(number.percentile)})"


def _in_order(paths: Iterable[str]) -> Sequence[str]:
    """Put measures in the order that people read them."""
    given = list(paths)
    of_measurements = labelled(dict.fromkeys(path.partition(".")[0] for path in given))
    return [path for name in of_measurements for path in given if path.partition(".")[0] == name]


def _told(song: SongAnalysis, measure: Measure, number: PlacedNumber) -> ToldPlace:
    found, unit, signed = read_measure(song, measure.path), measure.unit, measure.said.signed
    amount = unit.format(found.value, signed=True) if signed else words.amount(found, unit, song.spelling)
    alone = amount if unit == MIDI else unit.number(found.value, signed=signed)
    place = _place(number, measure)
    said = words.sentence(f"{measure.sentence(amount, alone)}: {place}")
    label = capitalised((measure.said.subject or "").removeprefix("the ")) or measure.label
    return ToldPlace(measure=measure, number=number, label=label, amount=amount, place=place, sentence=said)


def _place(number: PlacedNumber, measure: Measure) -> str:
    """Say where it stands, from the side on which most songs lie."""
    place = number.percentile
    above = place.value >= 50
    than = measure.said.more if above else measure.said.less
    if not above:
        place = Estimate(low=100 - place.high, value=100 - place.value, high=100 - place.low)
    if number.beyond:
        return f"{than} than at least {_percent(place.low)}%"
    return f"{than} than {_percent(place.value)}% ({_range(place)})"


def _percent(share: float) -> str:
    """Write a share of other songs, never as none or as all of them."""
    return f"{min(max(share, 1), 99):.0f}"


def _range(place: Estimate) -> str:
    return f"{place.low:.0f} to {place.high:.0f}"
