"""Reading: the number that a claim is about, and the probability that it lies on one side of a limit.

Conventions: numbers and limits are in the unit of the measure as it is stored. Errors are taken for normal, with a
width of their own to either side, of which the range holds nine tenths. Source: own.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from riffscope.measures import Measure, as_estimate, capitalised, measure_of
from riffscope.model import Estimate, Evidence, Finding, Ruling, Span, leaning_of, value
from riffscope.notes import Spelling
from riffscope.reference.table import SIGMAS, Reference
from riffscope.song import SongAnalysis
from riffscope.units import BPM, MIDI, PERCENT, PROBABILITY, Unit
from riffscope.words import TITLE_LETTERS, amount, percent_of, sentence, shorten

# From this probability on sections are taken to be what they are called: where they are not, a ruling is right as often
# as wrong, so that nine in ten rulings are right.
SURE_OF_NAMES = 0.8
# A verdict's reason is one sentence of so many words; what does not fit becomes a caveat.
MOST_WORDS = 25
# What a sentence ends with where the range holds the limit and either side is about as likely.
TOO_CLOSE = ": too close to call"


@value
class Reading:
    """One number of a song, as measured.

    Attributes
    ----------
    where : tuple of Span
        Where to listen for it.
    certainty : float
        How likely it is about what it says, 0..1, as that what is called a chorus is one.
    spelling : Spelling
        How the song's notes are spelled: pitches are told as notes.
    """

    measure: Measure
    found: Estimate
    where: tuple[Span, ...] = ()
    certainty: float = 1.0
    spelling: Spelling = Spelling.SHARPS

    def evidence(
        self,
        *,
        limit: float | None = None,
        percentile: float | None = None,
        reference: str | None = None,
        spans: tuple[Span, ...] = (),
    ) -> Evidence:
        """Return the number with its range and what it was compared with, for a verdict."""
        return Evidence(
            label=self.measure.label,
            measure=self.measure.path,
            value=self.found.value,
            low=self.found.low,
            high=self.found.high,
            unit=self.measure.unit.stored_symbol,
            limit=limit,
            percentile=percentile,
            reference=reference,
            spans=spans or self.where,
        )

    def in_words(self) -> str:
        """Return the number with its unit, and its range where it has one: ``17.2 semitones (16.0 to 18.5)``.

        A pitch is a note: ``E4 (D4 to F4)``.
        """
        within = self.range_in_words()
        return f"{self._amount()} ({within})" if within else self._amount()

    def range_in_words(self, *, signed: bool = False) -> str:
        """Return its range: ``16.0 to 18.5``, ``8 to 58%``; empty where both ends are written alike."""
        unit, found = self.measure.unit, self.found
        if unit == MIDI:
            low, high = (amount(end, unit, self.spelling) for end in (found.low, found.high))
        else:
            low, high = (unit.number(end, signed=signed or self.measure.said.signed) for end in (found.low, found.high))
        if low == high:
            return ""
        return f"{low} to {high}{unit.symbol if unit.symbol == PERCENT.symbol else ''}"

    def sentence(self, *, asked: str = "", rest: str = "") -> str:
        """Say the number, with its range and what the claim asks for in brackets.

        As in ``The voice spans 8.3 semitones (7.7 to 8.7; at most 12 semitones allowed)``.

        Parameters
        ----------
        asked : str
            What the claim asks for, in a few words.
        rest : str
            How the sentence goes on between the two; each then has its own brackets.
        """
        unit, value_ = self.measure.unit, self.found.value
        number = amount(value_, unit, self.spelling) if unit == MIDI else unit.number(value_)
        told, within = self.measure.sentence(self._amount(), number), self.range_in_words()
        if rest:
            return f"{told}{f' ({within})' if within else ''}{rest}{f' ({asked})' if asked else ''}"
        brackets = "; ".join(part for part in (within, asked) if part)
        return f"{told} ({brackets})" if brackets else told

    def _amount(self) -> str:
        """Return the number with its unit."""
        unit = self.measure.unit
        if unit == MIDI:
            return amount(self.found, unit, self.spelling)
        if unit is PROBABILITY:
            return percent_of(self.found.value)
        return unit.format(self.found.value, signed=self.measure.said.signed)

    def limit_in_words(self, limit: float, give_or_take: float = 0.0) -> str:
        """Return a limit with its unit, and how sharp it is: ``12 ± 2 semitones``; that of a pitch is a note."""
        said = self._limit(limit)
        if not give_or_take:
            return said
        within = self.measure.unit.of_differences.given(give_or_take)
        number, space, unit = said.partition(" ")
        return (
            f"{number} ± {within.partition(' ')[0]}{space}{unit}" if self.measure.unit != MIDI else f"{said} ± {within}"
        )

    def _limit(self, limit: float) -> str:
        unit = self.measure.unit
        if unit == MIDI:
            return amount(limit, unit, self.spelling)
        # A sentence that gives the number without its unit says what it counts.
        return unit.given(limit).split(" ")[0] if "{number}" in self.measure.said.one else unit.given(limit)

    def widened(self, by: float) -> "Reading":
        """Return the number with a wider range: by what is not known of a limit that it is held against."""
        found = self.found
        if by == 0:
            return self
        down, up = math.hypot(found.value - found.low, by), math.hypot(found.high - found.value, by)
        return replace(self, found=Estimate(value=found.value, low=found.value - down, high=found.value + up))

    def probability_at_most(self, limit: float) -> float:
        """Return the probability that the true number is at most the limit; 0 or 1 for a number without a range."""
        spread = (
            (self.found.high - self.found.value) if limit >= self.found.value else (self.found.value - self.found.low)
        )
        if spread == 0:
            return 1.0 if self.found.value <= limit else 0.0
        return 0.5 * (1 + math.erf((limit - self.found.value) * SIGMAS / spread / math.sqrt(2)))


@value
class PairReading:
    """One number of two songs, or of two parts of one song, as measured.

    Attributes
    ----------
    first, second : Reading
    difference : Estimate
        The second's minus the first's, with its range.
    titles : (str, str)
        Of the two songs, or what the two parts are called.
    """

    first: Reading
    second: Reading
    difference: Estimate
    titles: tuple[str, str] = ("the first song", "the second song")

    @property
    def certainty(self) -> float:
        """How likely both numbers are about what they say, 0..1: what makes one doubtful often does so to the other."""
        return min(self.first.certainty, self.second.certainty)

    def at_least(self, by: float, *, sign: int, give_or_take: float = 0.0) -> Finding:
        """Rule on whether the second number is higher (sign 1) or lower (-1) by at least so much, give or take some."""
        measure = replace(self.first.measure, unit=self.first.measure.unit.of_differences)
        surplus = Reading(measure=measure, found=self.difference if sign > 0 else negative(self.difference))
        unsure = surplus.widened(give_or_take)
        finding = Finding(
            ruling=unsure.found.at_least(by),
            because="",
            probability=1 - unsure.probability_at_most(by),
            evidence=(
                *(
                    replace(one.evidence(), label=f"{measure.label} in {title}")
                    for one, title in zip((self.first, self.second), self.titles, strict=True)
                ),
                surplus.evidence(limit=by),
            ),
        )
        asked = self._asked(by, sign, give_or_take)
        return replace(finding, because=self._sentence(asked, too_close=_is_too_close(finding)))

    def _asked(self, by: float, sign: int, give_or_take: float) -> str:
        """``needs 1 LU louder``, ``needs 0.3 fuller``."""
        said, unit = self.first.measure.said, self.first.measure.unit.of_differences
        than = said.more if sign > 0 else said.less
        if not by:
            return f"needs {than}"
        number, space, symbol = _briefly(by, unit).partition(" ")
        sharp = f" ± {unit.given(give_or_take).partition(' ')[0]}" if give_or_take else ""
        return f"needs {number}{sharp}{space}{symbol} {than}"

    def _sentence(self, asked: str, *, too_close: bool) -> str:
        """``The chorus is 0.7 LU quieter than the verse, −19.6 against −18.9 LUFS (−3.9 to +2.5; needs 1 LU louder)``.

        Where that is too close to call it says so, and leaves the two values to the evidence.
        """
        measure, said, subject = self.first.measure, self.first.measure.said, self.first.measure.subject
        unit, change = measure.unit.of_differences, self.difference.value
        first, second = (shorten(title, TITLE_LETTERS) for title in self.titles)
        # The difference of two shares is so many points: 12% less of 57% would be another number.
        by = f"{unit.number(abs(change))} points" if unit.symbol == PERCENT.symbol else unit.format(abs(change))
        than = f"{by} {said.more if change > 0 else said.less}"
        if unit.number(abs(change)) == unit.number(0.0):
            told = (
                f"{subject} is the same in {second} and {first}"
                if subject
                else f"{second} and {first} measure the same"
            )
        else:
            told = f"{subject} is {than} in {second} than in {first}" if subject else f"{second} is {than} than {first}"
        within = Reading(measure=replace(measure, unit=unit), found=self.difference).range_in_words(signed=True)
        brackets = f"({'; '.join(part for part in (within, asked) if part)})"
        if too_close:
            return f"{capitalised(told)} {brackets}{TOO_CLOSE}"
        values = [amount(one.found, measure.unit, one.spelling) for one in (self.second, self.first)]
        if values[0] == values[1]:
            return f"{capitalised(told)}, {values[0]} {brackets}"
        if measure.unit != MIDI:
            values[0] = measure.unit.number(self.second.found.value) + ("%" if unit.symbol == PERCENT.symbol else "")
        if measure.unit == unit and unit.symbol not in {PERCENT.symbol, ""}:
            values[1] = unit.number(self.first.found.value)
        return f"{capitalised(told)}, {' against '.join(values)} {brackets}"


def _briefly(number: float, unit: Unit) -> str:
    """Write a number that a claim asks for, with its unit where that is short: ``1 LU``; semitones are understood."""
    given = unit.given(number)
    return given.split(" ")[0] if len(unit.symbol) > len(BPM.symbol) else given


@value
class SongPair:
    """Two songs, for kinds of claims that need more than one number of each."""

    first: SongAnalysis
    second: SongAnalysis


def negative(found: Estimate) -> Estimate:
    """Return an estimate with its sign turned."""
    return Estimate(value=-found.value, low=-found.high, high=-found.low)


def reading_of(path: str, found: float | Estimate) -> Reading:
    """Take a field of a measurement as the number that a claim is about."""
    return Reading(measure=measure_of(path), found=as_estimate(found, path))


def all_of(rulings: Sequence[Ruling]) -> Ruling:
    """Rule on a claim that asks for several things: refuted with any of them, supported with all."""
    for decisive in (Ruling.REFUTED, Ruling.NOT_TESTABLE, Ruling.INCONCLUSIVE):
        if decisive in rulings:
            return decisive
    return Ruling.SUPPORTED


def turned(finding: Finding) -> Finding:
    """Rule on the opposite: that something is not so, or absent."""
    other = {Ruling.SUPPORTED: Ruling.REFUTED, Ruling.REFUTED: Ruling.SUPPORTED}
    return replace(
        finding,
        ruling=other.get(finding.ruling, finding.ruling),
        probability=None if finding.probability is None else 1 - finding.probability,
    )


def in_doubt(finding: Finding, certainty: float) -> Finding:
    """Count with sections that may not be what they are called: then either ruling would be right half of the time.

    Parameters
    ----------
    certainty : float
        How likely they are what they are called, 0..1.
    """
    if certainty == 1.0 or finding.ruling is Ruling.NOT_TESTABLE:
        return finding
    if finding.probability is not None:
        finding = replace(finding, probability=certainty * finding.probability + (1 - certainty) / 2)
    if certainty >= SURE_OF_NAMES:
        return finding
    decided = finding.ruling in {Ruling.SUPPORTED, Ruling.REFUTED}
    ruling = Ruling.INCONCLUSIVE if decided else finding.ruling
    doubt = f"the section names are only {percent_of(certainty)} likely"
    because = f"{finding.because}, but {doubt}"
    if decided and len(because.split()) <= MOST_WORDS:
        return replace(finding, ruling=ruling, because=because)
    return replace(finding, ruling=ruling, caveats=(*finding.caveats, sentence(doubt)))


def _is_too_close(finding: Finding) -> bool:
    """Tell whether a finding is inconclusive and leans to neither side."""
    return finding.ruling is Ruling.INCONCLUSIVE and leaning_of(finding) is None


def with_open_question(finding: Finding) -> Finding:
    """Say of a finding that is inconclusive and leans to neither side that it is too close to call."""
    return replace(finding, because=f"{finding.because}{TOO_CLOSE}") if _is_too_close(finding) else finding


def within_limits(reading: Reading, lowest: float, highest: float, *, asked: str, limit: float) -> Finding:
    """Rule on whether a number lies between two limits.

    Parameters
    ----------
    asked : str
        What the claim asks for, in a few words.
    limit : float
        What the number is shown against.
    """
    inside = reading.probability_at_most(highest) - reading.probability_at_most(lowest)
    if reading.found.low == reading.found.high:
        inside = float(lowest <= reading.found.value <= highest)
    return with_open_question(
        Finding(
            ruling=reading.found.within(lowest, highest),
            because=reading.sentence(asked=asked),
            probability=inside,
            evidence=(reading.evidence(limit=limit),),
        )
    )


def against_reference(reading: Reading, reference: Reference, percentile: float, *, below: bool) -> Finding:
    """Compare a number with a percentile of other songs; the sampling error of the percentile widens the range.

    A reference that was not measured by riffscope may read lower, by nothing or by as much as it says. The number is
    taken to be lower by half of that, and its range to be wider by as much, so that no claim is refuted, or supported,
    by the way of measuring alone.
    """
    unit, found = reading.measure.unit, reading.found
    limit = reference.quantile(percentile)
    lower_by = reference.reads_lower_by / 2
    # What counts is the difference of the two, whose errors are independent.
    down = math.hypot(found.value - found.low, limit.high - limit.value, lower_by)
    up = math.hypot(found.high - found.value, limit.value - limit.low, lower_by)
    alike = reference.alike(found.value)
    unsure = Reading(measure=reading.measure, found=Estimate(value=alike, low=alike - down, high=alike + up))
    at_most = unsure.probability_at_most(limit.value)
    place = reference.percentile(alike)
    rank, end = (100 - percentile, "at most") if below else (percentile, "at least")
    return with_open_question(
        Finding(
            ruling=unsure.found.at_most(limit.value) if below else unsure.found.at_least(limit.value),
            because=reading.sentence(
                rest=f", {reference.place_in_words(alike, reading.measure)}",
                asked=f"needs {rank:g}%: {end} {unit.given(limit.value)}",
            ),
            probability=at_most if below else 1 - at_most,
            evidence=(reading.evidence(limit=limit.value, percentile=place.value, reference=reference.about),),
            caveats=tuple(_how_unlike(reference, unit.symbol)),
        )
    )


def _how_unlike(reference: Reference, symbol: str) -> Iterator[str]:
    """Say which songs it was compared with, and how their numbers differ from riffscope's."""
    yield f"Compared with {reference.songs} songs from {reference.source} ({reference.years})."
    if reference.like_for_like:
        yield f"Those songs were measured on {reference.measured_on}."
    else:
        kind = capitalised(reference.measured_on.partition(",")[0])
        yield f"{kind} read up to {reference.reads_lower_by:g} {symbol} lower than recordings; we allow for this."
