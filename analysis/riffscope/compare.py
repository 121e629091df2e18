"""Compare songs: every measure's difference, unit by unit, with its range, and whether it is one that can be heard."""

from collections.abc import Iterable, Sequence

from riffscope import steps
from riffscope.errors import NotMeasured
from riffscope.judge import Claim, built_in_comparisons, judge_pair
from riffscope.measures import Measure, comparable_measures, label_of, read_measure
from riffscope.model import Estimate, Source, Verdict, fields_of, subtract, value
from riffscope.notes import Spelling
from riffscope.song import SongAnalysis
from riffscope.units import NAME, NOTE, Unit

# The clearest differences, and so many of one measurement that the others are seen as well.
MAX_ROWS = 14
MAX_ROWS_OF_ONE = 3
# These tell how long the songs are, and what the true peak tells as well.
LEFT_OUT = {"vocal_range.sung_s", "loops.passes", "loudness.sample_peak_dbfs"}


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

    @property
    def measurement(self) -> str:
        """The measurement that it belongs to."""
        return self.measure.partition(".")[0]

    @property
    def steps(self) -> tuple[Estimate, ...]:
        """How far each song lies from the first, in steps that a listener can just tell: the unit's tolerance.

        Raises
        ------
        ValueError
            It is missing in a song.
        """
        first, *_ = present = [found for found in self.values if found is not None]
        if len(present) < len(self.values):
            raise ValueError(f"{self.measure} is missing in a song")
        apart, step = [subtract(first, found) for found in present], self.unit.same_within
        return tuple(Estimate(value=one.value / step, low=one.low / step, high=one.high / step) for one in apart)


@value
class Word:
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
    """Two or more songs side by side: the numbers, the words, and what is claimed of the one against the other.

    Attributes
    ----------
    rows : tuple of Difference
        The numbers.
    facts : tuple of Word
        What is told in a word, such as the tonic.
    verdicts : tuple of tuple of Verdict
        For each song but the first, those on the claims that set it against the first.
    spelling : Spelling
        How notes are spelled in the one document that shows all the songs.
    """

    songs: tuple[Source, ...]
    rows: tuple[Difference, ...]
    facts: tuple[Word, ...]
    verdicts: tuple[tuple[Verdict, ...], ...] = ()
    spelling: Spelling = Spelling.SHARPS

    @property
    def clearest(self) -> tuple[Difference, ...]:
        """The numbers that differ most against what a listener notices, of which every song has one."""
        held = [row for row in self.rows if row.difference is not None and row.same is not True]
        held = [row for row in held if row.unit.same_within > 0 and row.measure not in LEFT_OUT]
        held.sort(key=_size, reverse=True)
        picked: list[Difference] = []
        for row in held:
            if sum(other.measurement == row.measurement for other in picked) < MAX_ROWS_OF_ONE:
                picked.append(row)
        return tuple(picked[:MAX_ROWS])


def compare(songs: Sequence[SongAnalysis], claims: Iterable[Claim] | None = None) -> Comparison:
    """Set two or more songs side by side, measure by measure, and test claims about them; the built-in ones by default.

    Measures that no song has are left out.

    Raises
    ------
    ValueError
        Fewer than two songs.
    """
    if len(songs) < 2:
        raise ValueError("a comparison needs two songs or more")
    tested = built_in_comparisons() if claims is None else tuple(claims)
    spelling = common_spelling(songs)
    songs = [song.spelled(spelling) for song in songs]
    rows = [_row(songs, measure) for measure in comparable_measures()]
    return Comparison(
        songs=tuple(song.source for song in songs),
        rows=tuple(row for row in rows if any(row.values)),
        facts=tuple(fact for fact in _facts(songs) if any(fact.values)),
        verdicts=tuple(judge_pair(songs[0], song, tested) for song in songs[1:]),
        spelling=spelling,
    )


def common_spelling(songs: Iterable[SongAnalysis]) -> Spelling:
    """Return how notes are spelled where songs stand in one document: with flats where all their keys have them."""
    spellings = {song.spelling for song in songs}
    return spellings.pop() if len(spellings) == 1 else Spelling.SHARPS


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
            missing.append(why.reason)
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


def _size(row: Difference) -> float:
    """Return how large a difference is, in steps that a listener can just tell."""
    return 0.0 if row.difference is None else abs(row.difference.value) / row.unit.same_within


def _value(estimate: Estimate) -> float:
    return estimate.value


def _facts(songs: Sequence[SongAnalysis]) -> list[Word]:
    out = []
    for step in steps.analyzers():
        for name, field in fields_of(step.produces).items():
            if field.unit is NAME or field.unit is NOTE:
                values = tuple(_word(song, f"{step.name}.{name}") for song in songs)
                label = label_of(step.name, name, field)
                out.append(Word(measure=f"{step.name}.{name}", label=label, values=values))
    return out


def _word(song: SongAnalysis, path: str) -> str | None:
    try:
        return str(song.measure(path))
    except NotMeasured:
        return None
