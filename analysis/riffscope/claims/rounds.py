"""Rounds of chords for claims: what some sections go through, how sure its chords are, and whether it is what is said.

Conventions: a chord is as sure as the spans in which it sounds, and no surer where it comes round, for a chord that is
misheard is misheard in every round. Chords are compared by root and third: sevenths and inversions do not
count. Source: own; chords are aligned as Levenshtein (1966) aligns letters.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

from riffscope.analyzers.chords import GOES_ROUND, Chords
from riffscope.analyzers.section_profile import SectionProfile, naming_probability
from riffscope.chord_names import ChordName, print_degrees, written
from riffscope.claims.scope import Scope
from riffscope.dsp.tonality.progressions import NO_PLACE, alike
from riffscope.errors import Absence, NotMeasured
from riffscope.model import Evidence, Ruling, Span, value
from riffscope.notes import music_type
from riffscope.progressions import RIFF, ChordSpan, Progression, place_of
from riffscope.song import SongAnalysis

# A claim about chords is ruled on from this probability on, and against from its complement on: of those that are,
# nine in ten are then right on average. Chosen.
SURE = 0.8
# The next five were chosen together so that rulings hold: of claims about 134 sections of 44 rendered songs (seed 401),
# as many true as with one chord of the round changed at random, nine in ten that are refuted are false, and nine in ten
# that are supported true. Of 90 sections of other songs (seed 517) 62 of 67 and 63 of 63 are. No chord is surer than
# this, however often it comes round: a network that takes a chord for another does so every time.
SUREST = 0.92
# A chord that differs was misheard with these odds, times those that it is wrong: a claim names a chord for a reason,
# and is as often right where riffscope is wrong.
CONFUSED = 2.0
# And with these at most, however unsure it is: chords that all differ are other chords. Chosen.
MOST_ODDS = 0.6
# A false claim, and riffscope, have the same chord wrong so often, where riffscope has it wrong.
COINCIDENCE = 0.12
# That a chord of the round was missed, or is one too many.
MISSED = 0.26
# A sentence names so many chords at most, and their degrees as well up to so many.
MOST_NAMED, MOST_WITH_ROMAN = 8, 4
# Where no round was found, there may be one all the same. Chosen: rather not.
UNFOUND = 0.25


@value
class HeardRound:
    """A progression with how sure its chords are.

    Attributes
    ----------
    places : tuple of int
        The place of each chord in order; one that follows itself counts once.
    sure : tuple of float
        How sure each is, 0..1.
    """

    progression: Progression
    places: tuple[int, ...]
    sure: tuple[float, ...]

    @property
    def odds_of_error(self) -> Mapping[int, float]:
        """The odds of each place that another chord, which a claim names, was played and not this one."""
        return {
            place: min(MOST_ODDS, CONFUSED * (1 - sure) / sure)
            for place, sure in zip(self.places, self.sure, strict=True)
        }

    @property
    def duration_s(self) -> float:
        """How long the section lasts."""
        return self.progression.end_s - self.progression.start_s

    @property
    def span(self) -> Span:
        """Where it is."""
        return Span(start_s=self.progression.start_s, end_s=self.progression.end_s)

    @property
    def in_words(self) -> str:
        """``C♯m A E B (i VI III VII)``; of many chords the first, and no degrees, so that a sentence stays short."""
        labels = self.progression.labels
        names = " ".join(music_type(written(label)) for label in labels[:MOST_NAMED])
        if len(labels) > MOST_NAMED:
            return f"{names} …"
        with_roman = self.progression.roman and len(labels) <= MOST_WITH_ROMAN
        return f"{names} ({print_degrees(self.progression.roman)})" if with_roman else names

    def evidence(self, label: str) -> Evidence:
        """Return it for a verdict."""
        return Evidence(label=label, measure="chords.progressions", spans=(self.span,))


@value
class HeardRounds:
    """The rounds of some sections.

    Attributes
    ----------
    rounds : tuple of HeardRound
        Of those sections in which the chords go round, or come once and are few.
    duration_s : float
        How long all the sections last.
    certainty : float
        How likely they are what they are called, 0..1.
    """

    rounds: tuple[HeardRound, ...]
    duration_s: float
    certainty: float = 1.0

    def goes(self, heard: HeardRound) -> str:
        """Say what they do with a round: chords that come only once, in all of them, do not go round."""
        times = sum(one.progression.rounds for one in self.rounds if one.places == heard.places)
        if len(heard.places) == 1:
            return "stays on"
        return "repeats" if times >= GOES_ROUND else "has"

    @property
    def prevailing(self) -> HeardRound | None:
        """The one that lasts longest; of equals the one that goes round more often."""
        lasts_s = {one.places: 0.0 for one in self.rounds}
        for one in self.rounds:
            lasts_s[one.places] += one.duration_s
        return max(self.rounds, key=lambda one: (lasts_s[one.places], one.progression.rounds), default=None)


def rounds_of(song: SongAnalysis, scope: Scope | None) -> HeardRounds:
    """Take the rounds of some sections; of all of them, or of the riff where there are no sections, without a scope.

    Raises
    ------
    NotMeasured
        The song has no chords, or no such section.
    """
    chords = song[Chords]
    sounding = [span for span in chords.spans if place_of(ChordName.parse(span.label)) != NO_PLACE]
    if not sounding:
        raise NotMeasured("chords", Absence.NO_PITCH, "no chords were found")
    heard = [_heard(one, sounding) for one in chords.progressions if one.section != RIFF]
    if scope is None:
        whole_s = sum(span.end_s - span.start_s for span in sounding)
        riff = [_heard(one, sounding) for one in chords.progressions if one.section == RIFF]
        return HeardRounds(rounds=tuple(heard or riff), duration_s=whole_s)
    sections = scope.sections(song[SectionProfile])
    within = [
        one
        for one in heard
        if any(s.start_s <= (one.progression.start_s + one.progression.end_s) / 2 < s.end_s for s in sections)
    ]
    return HeardRounds(
        rounds=tuple(within),
        duration_s=sum(section.end_s - section.start_s for section in sections),
        certainty=naming_probability(sections, scope.kind),
    )


def _heard(progression: Progression, sounding: Iterable[ChordSpan]) -> HeardRound:
    """Say how sure the chords of a progression are: as sure as the spans in which they sound."""
    places = _once_each([place_of(ChordName.parse(label)) for label in progression.labels])
    within = [
        (
            place_of(ChordName.parse(span.label)),
            min(span.end_s, progression.end_s) - max(span.start_s, progression.start_s),
            span,
        )
        for span in sounding
        if span.start_s < progression.end_s and span.end_s > progression.start_s
    ]
    sure = []
    for place in places:
        theirs = [(lasts_s, span.probability) for other, lasts_s, span in within if alike(place, other)]
        whole_s = sum(lasts_s for lasts_s, _ in theirs)
        mean = sum(lasts_s * p for lasts_s, p in theirs) / whole_s if whole_s else 0.5
        sure.append(min(SUREST, max(mean, 1 - SUREST)))
    return HeardRound(progression=progression, places=tuple(places), sure=tuple(sure))


def _once_each(places: Sequence[int]) -> list[int]:
    """Count a chord that follows itself once, also where the round begins anew."""
    kept = [place for k, place in enumerate(places) if place != places[k - 1]]
    return kept or list(places[:1])


def probability_of(said: Sequence[int], heard: HeardRound) -> float:
    """Return the probability that a section goes through these places, whichever comes first.

    Twice the same round counts as the round.
    """
    wanted, found = _once_each(said), list(heard.places)
    if len(found) % len(wanted) == 0:
        wanted = wanted * (len(found) // len(wanted))
    elif len(wanted) % len(found) == 0:
        found = found * (len(wanted) // len(found))
    odds = heard.odds_of_error
    price = min(_price(wanted[turn:] + wanted[:turn], found, odds) for turn in range(len(wanted)))
    return _probability(math.exp(-price), odds.values(), as_heard=price == 0)


def _price(wanted: list[int], found: list[int], odds: Mapping[int, float]) -> float:
    """Return -ln of the odds that `found` was heard where `wanted` was played."""
    missed = -math.log(MISSED)
    row = [missed * k for k in range(len(found) + 1)]
    for i, place in enumerate(wanted, 1):
        above, row = row, [missed * i]
        for j, other in enumerate(found, 1):
            right = 0.0 if alike(place, other) else -math.log(odds[other])
            row.append(min(above[j - 1] + right, above[j] + missed, row[j - 1] + missed))
    return row[-1]


def probability_of_same(first: HeardRound, second: HeardRound) -> float:
    """Return the probability that two sections have the same chords, in whatever order.

    What one lacks of the other's chords was misheard, each once, where they are the same.
    """
    one, other = first.odds_of_error, second.odds_of_error
    alone = [
        sorted((odds for place, odds in mine.items() if not any(alike(place, twin) for twin in theirs)), reverse=True)
        for mine, theirs in ((one, other), (other, one))
    ]
    shared = [odds for place, odds in one.items() if any(alike(place, twin) for twin in other)]
    misheard = max(alone, key=len)
    return _probability(math.prod(misheard), [*shared, *alone[0], *alone[1]], as_heard=not misheard)


def _probability(odds: float, errors: Iterable[float], *, as_heard: bool) -> float:
    """Return a probability from the odds that what is said was misheard as what was heard.

    What is said as it was heard is wrong only where it is wrong as riffscope is.
    """
    return 1 / (1 + COINCIDENCE * sum(errors)) if as_heard else odds / (odds + 1)


def ruled_by(probability: float) -> Ruling:
    """Rule by how likely a claim is."""
    if probability >= SURE:
        return Ruling.SUPPORTED
    return Ruling.REFUTED if probability <= 1 - SURE else Ruling.INCONCLUSIVE


def share_probability(rounds: HeardRounds, likely: Sequence[float], share: float) -> float:
    """Return the probability that so large a share of some sections is as said.

    What makes one section doubtful makes the others so: the claim is as likely as the least likely of the sections that
    it takes.

    Parameters
    ----------
    likely : sequence of float
        For each round, the probability that it is what is said.
    """
    lengths = [(p, one.duration_s) for p, one in zip(likely, rounds.rounds, strict=True)]
    lengths.append((UNFOUND, max(0.0, rounds.duration_s - sum(s for _, s in lengths))))
    needed_s = share * rounds.duration_s
    for p, lasts_s in sorted(lengths, reverse=True):
        needed_s -= lasts_s
        if needed_s <= 1e-6 * rounds.duration_s:
            return p
    return 0.0
