"""Placing: a song's numbers among those of a reference set, and what of that stands out, in sentences.

Conventions: percentiles are 0..100. Source: own.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from riffscope import words
from riffscope.errors import BadReference, NotMeasured, RiffscopeError
from riffscope.listener import HEARD
from riffscope.measures import Measure, capitalised, comparable_measures, measure_of, read_measure
from riffscope.model import Estimate, value
from riffscope.places import PlacedNumber, Places
from riffscope.reference.table import Reference, read, unsure_percent
from riffscope.song import SongAnalysis
from riffscope.units import MIDI

# A number stands out where it is surely in the highest or in the lowest quarter of the songs.
OUTSTANDING_PERCENT = 25.0
MOST_OUTSTANDING = 6
# Numbers this close in how far out they surely are stand out alike, and then what a listener notices first counts.
ALIKE_PERCENT = 5.0
# Among fewer songs the sampling error alone reaches out of the outer quarters.
FEWEST_SONGS = 20


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
                median=reference.median,
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
        What it is, as it stands above a number: ``Vocal range``, ``Pitch of the voice``.
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

    They are of those that a listener notices, and so far from the middle song that the difference is heard.
    """
    numbers = sorted(
        (one for one in places.numbers if _stands_out(song, one)),
        key=lambda one: (-(_surely_out(one) // ALIKE_PERCENT), -HEARD[one.path].weight),
    )
    return tuple(_told(song, one) for one in numbers[:MOST_OUTSTANDING])


def why_nothing_stands_out(places: Places) -> str:
    """Say why no number stands out among a set of songs."""
    if places.songs < FEWEST_SONGS:
        return f"{words.count(places.songs, 'song')} are too few to tell what stands out (needs {FEWEST_SONGS})."
    return "Nothing stands out: no number is clearly in the highest or the lowest quarter of these songs."


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


def _stands_out(song: SongAnalysis, number: PlacedNumber) -> bool:
    if number.path not in HEARD or _surely_out(number) < OUTSTANDING_PERCENT:
        return False
    alike = read_measure(song, number.path).value - number.reads_lower_by / 2
    return abs(alike - number.median) >= measure_of(number.path).unit.same_within


def _surely_out(number: PlacedNumber) -> float:
    """Return how far a number surely is from the middle of the songs, 0..50; 0 where it may be on either side.

    The bound of one beyond the outermost percentile has a sampling error as well.
    """
    low, high = number.percentile.low, number.percentile.high
    if number.beyond:
        low, high = low - unsure_percent(low, number.songs), high + unsure_percent(high, number.songs)
    return max(low - 50, 50 - high, 0.0)


def _told(song: SongAnalysis, number: PlacedNumber) -> ToldPlace:
    found, measure = read_measure(song, number.path), measure_of(number.path)
    unit, signed = measure.unit, measure.said.signed
    amount = unit.format(found.value, signed=True) if signed else words.amount(found, unit, song.spelling)
    alone = amount if unit == MIDI else unit.number(found.value, signed=signed)
    place, label = _place(number, measure), capitalised(HEARD[number.path].noun)
    said = words.sentence(f"{measure.sentence(amount, alone)}: {place}")
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
