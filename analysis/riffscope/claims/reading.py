"""Reading: the number that a claim is about, and the probability that it lies on one side of a limit.

Conventions: numbers and limits are in the unit of the measure as it is stored. Errors are taken for normal, with a
width of their own to either side, of which the range holds nine tenths. Source: own.
"""

import math
from collections.abc import Sequence
from dataclasses import replace

from riffscope.measures import Measure, all_measures, as_estimate
from riffscope.model import Estimate, Evidence, Finding, Ruling, Span, value
from riffscope.notes import Spelling
from riffscope.reference.table import SIGMAS, Reference
from riffscope.song import SongAnalysis
from riffscope.units import MIDI, PROBABILITY
from riffscope.words import amount, range_of

# From this probability on sections are taken to be what they are called: where they are not, a ruling is right as often
# as wrong, so that nine in ten rulings are right.
SURE_OF_NAMES = 0.8


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

    def in_words(self, *, signed: bool = False) -> str:
        """Return the number with its unit, and its range where it has one: ``17.2 semitones (16.0 to 18.5)``.

        A pitch is a note: ``E4 (D4 to F4)``.
        """
        unit, found = self.measure.unit, self.found
        if unit == MIDI:
            within = "" if found.low == found.high else f" ({range_of(found, unit, self.spelling)})"
            return f"{amount(found, unit, self.spelling)}{within}"
        if found.low == found.high:
            return unit.format(found.value, signed=signed)
        ends = (unit.number(end, signed=signed) for end in (found.low, found.high))
        return f"{unit.format(found.value, signed=signed)} ({' to '.join(ends)})"

    def limit_in_words(self, limit: float) -> str:
        """Return a limit with the unit of the number; that of a pitch is a note."""
        unit = self.measure.unit
        return amount(limit, unit, self.spelling) if unit == MIDI else unit.given(limit)

    def give_or_take_in_words(self, within: float) -> str:
        """Say how sharp a limit is: ``, give or take 2 LU``; nothing for one that is sharp."""
        return f", give or take {self.measure.unit.of_differences.given(within)}" if within else ""

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
    topic : str
        What is compared, as a sentence about it begins; that of the measure by default.
    """

    first: Reading
    second: Reading
    difference: Estimate
    titles: tuple[str, str] = ("the first song", "the second song")
    topic: str = ""

    @property
    def certainty(self) -> float:
        """How likely both numbers are about what they say, 0..1: what makes one doubtful often does so to the other."""
        return min(self.first.certainty, self.second.certainty)

    def at_least(self, by: float, *, sign: int, give_or_take: float = 0.0) -> Finding:
        """Rule on whether the second number is higher (sign 1) or lower (-1) by at least so much, give or take some."""
        measure = replace(self.first.measure, unit=self.first.measure.unit.of_differences)
        surplus = Reading(measure=measure, found=self.difference if sign > 0 else negative(self.difference))
        word = "more" if sign > 0 else "less"
        unsure = surplus.widened(give_or_take)
        asked = f"at least {measure.unit.given(by)} {word}" if by else word
        asked += surplus.give_or_take_in_words(give_or_take)
        change = Reading(measure=measure, found=self.difference)
        return Finding(
            ruling=unsure.found.at_least(by),
            because=f"{self.topic or measure.topic}: {self.first.in_words()} in {self.titles[0]}, "
            f"{self.second.in_words()} in {self.titles[1]}, a difference of {change.in_words(signed=True)}; the claim "
            f"needs {asked}",
            probability=1 - unsure.probability_at_most(by),
            evidence=(
                *(
                    replace(one.evidence(), label=f"{measure.label} in {title}")
                    for one, title in zip((self.first, self.second), self.titles, strict=True)
                ),
                surplus.evidence(limit=by),
            ),
        )


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
    measure = next(measure for measure in all_measures() if measure.path == path)
    return Reading(measure=measure, found=as_estimate(found, path))


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
    doubt = f"Whether these sections are what they are called is in doubt: {PROBABILITY.format(certainty)} likely."
    ruling = Ruling.INCONCLUSIVE if finding.ruling in {Ruling.SUPPORTED, Ruling.REFUTED} else finding.ruling
    return replace(finding, ruling=ruling, caveats=(*finding.caveats, doubt))


def within_limits(reading: Reading, lowest: float, highest: float, *, asked: str, limit: float) -> Finding:
    """Rule on whether a number lies between two limits.

    Parameters
    ----------
    asked : str
        What the claim asks for, as a clause.
    limit : float
        What the number is shown against.
    """
    inside = reading.probability_at_most(highest) - reading.probability_at_most(lowest)
    if reading.found.low == reading.found.high:
        inside = float(lowest <= reading.found.value <= highest)
    return Finding(
        ruling=reading.found.within(lowest, highest),
        because=f"{reading.measure.topic}: {reading.in_words()}; {asked}",
        probability=inside,
        evidence=(reading.evidence(limit=limit),),
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
    alike = found.value - lower_by
    unsure = Reading(measure=reading.measure, found=Estimate(value=alike, low=alike - down, high=alike + up))
    at_most = unsure.probability_at_most(limit.value)
    place = reference.percentile(alike)
    return Finding(
        ruling=unsure.found.at_most(limit.value) if below else unsure.found.at_least(limit.value),
        because=f"{reading.measure.topic}: {reading.in_words()}; {percentile:g}% of {reference.about} lie below "
        f"{unit.given(limit.value)}",
        probability=at_most if below else 1 - at_most,
        evidence=(reading.evidence(limit=limit.value, percentile=place.value, reference=reference.about),),
        caveats=_how_unlike(reference, unit.symbol),
    )


def _how_unlike(reference: Reference, symbol: str) -> tuple[str, ...]:
    """Say which songs it was compared with, and how their numbers differ from riffscope's."""
    songs = f"{reference.songs} songs, {reference.years}; {reference.source}; from {reference.measured_on}"
    lower = f", which may read up to {reference.reads_lower_by:g} {symbol} lower: allowed for"
    return (f"Compared with {reference.about} ({songs}){'' if reference.like_for_like else lower}.",)
