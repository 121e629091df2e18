"""Compare songs: every measure's difference, unit by unit, with its range, and whether it is one that can be heard.

`riffscope.listener` says which measures a listener notices, `riffscope.comparison_words` puts a comparison into
sentences.
"""

import html
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from riffscope import standings, steps, words
from riffscope.errors import Absence, CannotMeasure, NotMeasured
from riffscope.judge import Claim, built_in_comparisons, judge_pair
from riffscope.listener import HEARD, Heard
from riffscope.measures import (
    Measure,
    capitalised,
    comparable_measures,
    in_words,
    label_of,
    read_as_played,
    read_measure,
)
from riffscope.model import LEANING_FROM, Estimate, Ruling, Source, Verdict, fields_of, subtract, value
from riffscope.notes import Spelling, music_type
from riffscope.song import SongAnalysis
from riffscope.units import NAME, Unit

# What listens to music is imported where it is used: it brings scipy along, which importing riffscope does not need.
if TYPE_CHECKING:
    from riffscope.versions.harmony import SharedRound

# So many songs fit beside each other, in a table and on a page; they are called by these letters.
LETTERS = "ABCDEF"
MAX_SONGS = len(LETTERS)
# The clearest differences, and so many of one measurement that the others are seen as well.
MAX_ROWS = 14
MAX_ROWS_OF_ONE = 3
# What is shown first: the key, and so many numbers.
MAX_TELLING = 9
MISSING = "\N{EM DASH}"

# A longer title is not repeated in every sentence.
MAX_NAME_LETTERS = 32
KEY, TEMPO = "key", "tempo.bpm"

Ear = Literal["same", "different", "unclear", ""]
_EAR: dict[bool | None, Ear] = {True: "same", False: "different", None: "unclear"}


def letter_of(place: int) -> str:
    """Return what the song at a place is called in tables: a letter, or from the seventh on a number."""
    return LETTERS[place] if place < MAX_SONGS else str(place + 1)


def _not_in(values: Sequence[object]) -> str:
    lacking = [letter_of(place) for place, found in enumerate(values) if found is None]
    return f"not in {words.joined(lacking)}"


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
    counted_apart : bool
        Tempi that are the same but for being counted at half or twice the speed; whether they are is unclear then.
    """

    measure: str
    label: str
    unit: Unit
    values: tuple[Estimate | None, ...]
    difference: Estimate | None
    same: bool | None
    missing: tuple[str | None, ...]
    counted_apart: bool = False

    @property
    def measurement(self) -> str:
        """The measurement that it belongs to."""
        return self.measure.partition(".")[0]

    @property
    def title(self) -> str:
        """What a listener calls it, ``Loudness``; its label where no listener hears it."""
        return self.label if self.heard is None else capitalised(self.heard.noun)

    @property
    def heard(self) -> Heard | None:
        """How a listener hears it; None where a listener does not."""
        return HEARD.get(self.measure)

    @property
    def score(self) -> float:
        """How much a listener notices the difference: its weight, and how many just noticeable steps it is."""
        if self.heard is None or self.difference is None or self.unit.same_within <= 0:
            return 0.0
        return self.heard.score(self.difference.value / self.unit.same_within)

    @property
    def ear(self) -> Ear:
        """What it is to the ear; empty where a song lacks it."""
        return "" if self.difference is None else _EAR[self.same]

    @property
    def standout(self) -> tuple[int, bool] | None:
        """Of three songs or more the one that differs from all others, and whether it has more; None where none does.

        Where one has more than all others and another one less, the one that lies farther away.
        """
        present = [(found.value, place) for place, found in enumerate(self.values) if found is not None]
        if len(present) < len(self.values) or len(present) < 3:
            return None
        ordered = [place for _, place in sorted(present)]
        ends = [(ordered[0], ordered[1], False), (ordered[-1], ordered[-2], True)]
        alone = []
        for place, neighbour, more in ends:
            gap = subtract(self._at(neighbour), self._at(place))
            if sounds_same(gap, self.unit) is False:
                alone.append((abs(gap.value), place, more))
        return max(alone)[1:] if alone else None

    def _at(self, place: int) -> Estimate:
        found = self.values[place]
        if found is None:
            raise ValueError(f"{self.measure} is missing in song {place}")
        return found

    @property
    def in_a_word(self) -> str:
        """What the ear makes of it: ``slower``, ``C fastest``, ``same``, ``unclear``; or ``not in B``."""
        if self.difference is None:
            return _not_in(self.values)
        if self.counted_apart:
            return "counted double" if len(self.values) > 2 or self._more else "counted half"
        if self.same is not False or self.heard is None:
            return self.ear
        if len(self.values) == 2:
            return (self.heard.more if self._more else self.heard.less).word
        if self.standout is None:
            return self.ear
        place, more = self.standout
        return f"{letter_of(place)} {(self.heard.more if more else self.heard.less).most}"

    @property
    def _more(self) -> bool:
        return self.difference is not None and self.difference.value > 0

    def amounts(self, spelling: Spelling) -> tuple[str, ...]:
        """Write the value of each song with its unit; a dash where it is missing."""
        return tuple(MISSING if found is None else words.amount(found, self.unit, spelling) for found in self.values)

    def apart(self) -> str:
        """Write the difference of two songs with its sign, of more how far they reach; empty where one is missing."""
        if self.difference is None:
            return ""
        unit = self.unit.of_differences
        signed = len(self.values) == 2 and unit.number(self.difference.value) != unit.number(0)
        return unit.format(self.difference.value, signed=signed)

    def in_a_line(self, spelling: Spelling) -> str:
        """Write the values of two songs with the unit once: ``92.0 → 80.0 BPM``."""
        first, last = self.amounts(spelling)
        if MISSING not in {first, last}:
            for symbol in filter(None, (self.unit.symbol, self.unit.singular)):
                first = first.removesuffix(f" {symbol}")
        return f"{first} \N{RIGHTWARDS ARROW} {last}"

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
    unsure: bool = False

    @property
    def measurement(self) -> str:
        """The measurement that it belongs to."""
        return self.measure.partition(".")[0]

    @property
    def title(self) -> str:
        """Its label: a word is called the same by everybody."""
        return self.label

    @property
    def same(self) -> bool | None:
        """Whether all songs have the same word; None where one is missing, or they differ and one is not sure."""
        if None in self.values:
            return None
        alike = len(set(self.values)) == 1
        return None if self.unsure and not alike else alike

    @property
    def ear(self) -> Ear:
        """What it is to the ear; empty where a song lacks it."""
        return "" if None in self.values else _EAR[self.same]

    @property
    def in_a_word(self) -> str:
        """The same as `ear`, as words have no more or less; or ``not in B``."""
        return self.ear or _not_in(self.values)

    def amounts(self, spelling: Spelling) -> tuple[str, ...]:  # noqa: ARG002 - as of a number
        """Write the word of each song; a dash where it is missing."""
        return tuple(MISSING if word is None else music_type(word) for word in self.values)

    def apart(self) -> str:
        """Return nothing: words are not so much apart."""
        return ""

    def in_a_line(self, spelling: Spelling) -> str:
        """Write the words of two songs: ``C minor → A minor``."""
        return " \N{RIGHTWARDS ARROW} ".join(self.amounts(spelling))


@value
class Shared:
    """What a song shares with the first.

    Attributes
    ----------
    by : {"melody", "harmony"}
        Its sung melody; or, where too little is sung, its chords and tunes.
    transposition_semitones : float
        How much higher it lies in this song.
    """

    by: Literal["melody", "harmony"]
    transposition_semitones: float


@value
class Lack:
    """What a song lacks for one reason: whole measurements, or single measures of one."""

    reason: str
    what: tuple[str, ...]


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
    shared : tuple of Shared or None
        For each song but the first, what it shares with the first where a claim on that was found true.
    rounds : tuple of SharedRound or None
        For each song but the first, the round of chords that most of it has in common with the first.
    sung : tuple of bool or None
        For each song, whether somebody sings; None where that was not measured.
    """

    songs: tuple[Source, ...]
    rows: tuple[Difference, ...]
    facts: tuple[Word, ...]
    verdicts: tuple[tuple[Verdict, ...], ...] = ()
    spelling: Spelling = Spelling.SHARPS
    shared: tuple[Shared | None, ...] = ()
    rounds: "tuple[SharedRound | None, ...]" = ()
    sung: tuple[bool | None, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """What the songs are called in sentences: by their titles where these are short and differ, else by letters."""
        titles = tuple(words.plain(source.title) for source in self.songs)
        called_by_title = len(set(titles)) == len(titles) and all(0 < len(one) <= MAX_NAME_LETTERS for one in titles)
        return titles if called_by_title else tuple(letter_of(place) for place in range(len(titles)))

    @property
    def same_recording(self) -> bool:
        """Whether all songs are one and the same file."""
        return len({source.sha256 for source in self.songs}) == 1

    @property
    def nothing_differs(self) -> bool:
        """Whether all songs are one recording, in which the same was measured each time."""
        return self.same_recording and all(row.ear == "same" for row in self.everything)

    @property
    def sentences(self) -> tuple[str, ...]:
        """What a listener notices, in a few sentences, the largest differences first."""
        from riffscope.comparison_words import sentences_of

        return sentences_of(self)

    @property
    def clearest(self) -> tuple[Difference, ...]:
        """The numbers that differ most of those that a listener notices, of which every song has one."""
        held = [row for row in self.rows if row.heard is not None and row.difference is not None]
        held = [row for row in held if row.same is not True and not row.counted_apart and row.unit.same_within > 0]
        held.sort(key=_size, reverse=True)
        picked: list[Difference] = []
        for row in held:
            if sum(other.measurement == row.measurement for other in picked) < MAX_ROWS_OF_ONE:
                picked.append(row)
        return tuple(picked[:MAX_ROWS])

    @property
    def telling(self) -> tuple[Word | Difference, ...]:
        """The few rows that tell a listener most: the key and the tempo, then what differs most, then what is alike."""
        heard = [row for row in self.rows if row.heard is not None]
        heard.sort(key=_telling)
        return (*(fact for fact in self.facts if fact.measure == KEY), *heard[:MAX_TELLING])

    @property
    def everything(self) -> tuple[Word | Difference, ...]:
        """All rows, measurement by measurement: what is heard of most first, the words of each before its numbers."""
        names = [measure.partition(".")[0] for measure in HEARD]
        order = {name: place for place, name in reversed(list(enumerate(["tempo", "key", *names])))}
        rows: list[Word | Difference] = [*self.facts, *self.rows]
        return tuple(sorted(rows, key=lambda row: (order.get(row.measurement, len(names) + 2), row.measurement)))

    @property
    def tally(self) -> Counter[Ear]:
        """How many of the numbers that all songs have are same, different and unclear to the ear."""
        return Counter(row.ear for row in self.rows if row.ear)

    @property
    def lacks(self) -> tuple[tuple[Lack, ...], ...]:
        """For each song what it lacks that another one has, once for each reason."""
        by_measurement: dict[str, list[Difference]] = {}
        for row in self.rows:
            by_measurement.setdefault(row.measurement, []).append(row)
        out = []
        for place in range(len(self.songs)):
            said: dict[str, dict[str, None]] = {}
            for name, rows in by_measurement.items():
                lacking = [row for row in rows if row.missing[place] is not None]
                for row in lacking:
                    part = "" if len(lacking) == len(rows) else f" ({words.row_label(row.label).lower()})"
                    said.setdefault(row.missing[place] or "", {})[f"{in_words(name).lower()}{part}"] = None
            out.append(tuple(Lack(reason=reason, what=tuple(what)) for reason, what in said.items()))
        return tuple(out)

    def __repr__(self) -> str:
        """Say in one line which songs were compared and how much differs."""
        titles = ", ".join(repr(words.plain(source.title, MAX_NAME_LETTERS)) for source in self.songs)
        return f"Comparison({titles}; {self._counted})"

    def _repr_html_(self) -> str:
        """Show the sentences and the rows that tell most, for notebooks; titles are text, whatever stands in them."""
        titles = [html.escape(words.plain(source.title, 80)) for source in self.songs]
        heads = "".join(f'<th scope="col">{one}</th>' for one in titles)
        rows = "".join(
            f'<tr><th scope="row" style="text-align:left">{html.escape(row.title)}</th>'
            + "".join(f"<td>{html.escape(cell)}</td>" for cell in row.amounts(self.spelling))
            + f"<td>{html.escape(row.in_a_word)}</td></tr>"
            for row in self.telling
        )
        said = "".join(f"<p>{html.escape(one)}</p>" for one in self.sentences)
        return (
            f"{said}<table><thead><tr><td></td>{heads}<th>to the ear</th></tr></thead><tbody>{rows}</tbody></table>"
            f"<p><small>{html.escape(self._counted)}</small></p>"
        )

    @property
    def _counted(self) -> str:
        tally = self.tally
        ruled = standings.tally(verdict for verdicts in self.verdicts for verdict in verdicts)
        parts = [", ".join(f"{tally[ear]} {ear}" for ear in ("different", "same", "unclear"))]
        counted = [f"{count} {standings.ruling_in_words(ruling)}" for ruling, count in ruled.items() if count]
        if counted:
            parts.append(", ".join(counted))
        return f"{words.count(len(self.rows), 'measure')}: {'; claims: '.join(parts)}"


def compare(songs: Sequence[SongAnalysis], claims: Iterable[Claim] | None = None) -> Comparison:
    """Set two or more songs side by side, measure by measure, and test claims about them; the built-in ones by default.

    Measures that no song has are left out.

    Raises
    ------
    ValueError
        Fewer than two songs.
    """
    from riffscope.versions.harmony import share_round

    if len(songs) < 2:
        raise ValueError("a comparison needs two songs or more")
    tested = None if claims is None else tuple(claims)
    spelling = common_spelling(songs)
    songs = [song.spelled(spelling) for song in songs]
    rows = [_row(songs, measure) for measure in comparable_measures()]
    verdicts = [_ruled_on(songs[0], song, tested) for song in songs[1:]]
    melody = {claim.name for claim in (built_in_comparisons() if tested is None else tested) if _asks_for_melody(claim)}
    return Comparison(
        songs=tuple(song.source for song in songs),
        rows=tuple(row for row in rows if any(row.values)),
        facts=tuple(fact for fact in _facts(songs) if any(fact.values)),
        verdicts=tuple(verdicts),
        spelling=spelling,
        shared=tuple(
            _shared(songs[0], song) if _is_supported(ruled, melody) else None
            for song, ruled in zip(songs[1:], verdicts, strict=True)
        ),
        rounds=tuple(share_round(songs[0], song) for song in songs[1:]),
        sung=tuple(_is_sung(song) for song in songs),
    )


def _ruled_on(first: SongAnalysis, second: SongAnalysis, claims: tuple[Claim, ...] | None) -> tuple[Verdict, ...]:
    """Rule on claims; on none of the built-in ones where both are one recording, which nothing sets apart."""
    if claims is None and _is_same_analysis(first, second):
        return ()
    return judge_pair(first, second, built_in_comparisons() if claims is None else claims)


def _is_same_analysis(first: SongAnalysis, second: SongAnalysis) -> bool:
    """Tell whether two analyses are of one file and found the same in it, in however many seconds."""
    if first.source.sha256 != second.source.sha256:
        return False
    from riffscope.codec import to_json

    found: list[dict[str, Any]] = [json.loads(to_json(song))["measurements"] for song in (first, second)]
    for measurements in found:
        for outcome in measurements.values():
            outcome.pop("seconds", None)
    return found[0] == found[1]


def _asks_for_melody(claim: Claim) -> bool:
    return claim.kind.name == "same_melody" and claim.options.get("relation", "present") == "present"


def _is_supported(verdicts: Iterable[Verdict], names: set[str]) -> bool:
    return any(verdict.claim in names and verdict.ruling is Ruling.SUPPORTED for verdict in verdicts)


def _shared(first: SongAnalysis, second: SongAnalysis) -> Shared | None:
    """Find how far the second song is moved against the first, whose melody, or chords and tunes, it has."""
    from riffscope.versions.harmony import share_harmony
    from riffscope.versions.melody import share_melody

    try:
        melody = share_melody(first, second)
        return Shared(by="melody", transposition_semitones=melody.transposition_semitones)
    except CannotMeasure:
        pass
    try:
        harmony = share_harmony(first, second)
    except CannotMeasure:
        return None
    return Shared(by="harmony", transposition_semitones=harmony.transposition_semitones)


def _is_sung(song: SongAnalysis) -> bool | None:
    try:
        return song.measure("vocal_activity") is not None
    except NotMeasured as why:
        return False if why.code is Absence.NO_VOICE else None


def too_many_songs(count: int) -> str:
    """Say that so many songs do not fit side by side, and what to do."""
    return f"{count} songs do not fit side by side: compare up to {MAX_SONGS}"


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
    # Mono and stereo are heard side by side from two loudspeakers.
    read = read_as_played if len({song.source.channels == 1 for song in songs}) > 1 else read_measure
    for song in songs:
        try:
            values.append(read(song, measure.path))
            missing.append(None)
        except NotMeasured as why:
            values.append(None)
            missing.append(why.reason)
    difference, same, counted_apart = None, None, False
    present = [found for found in values if found is not None]
    if len(present) == len(songs):
        first, last = present if len(present) == 2 else (min(present, key=_value), max(present, key=_value))
        difference = subtract(first, last)
        same = sounds_same(difference, measure.unit)
        # A recording is as high, as loud and as fast as itself, however unsure it is how high, how loud and how fast.
        if difference.value == 0 and len({song.source.sha256 for song in songs}) == 1:
            same = True
        counted_apart = measure.path == TEMPO and _are_octaves([found.value for found in present])
    return Difference(
        measure=measure.path,
        label=measure.label,
        unit=measure.unit,
        values=tuple(values),
        difference=difference,
        same=None if counted_apart else same,
        missing=tuple(missing),
        counted_apart=counted_apart,
    )


def _are_octaves(tempi_bpm: Sequence[float]) -> bool:
    """Tell whether tempi are all the same but for some that are counted twice as fast."""
    from riffscope.dsp.rhythm.tempo import SAME_TEMPO

    slowest, fastest = min(tempi_bpm), max(tempi_bpm)
    if slowest <= 0 or abs(fastest / slowest / 2 - 1) > SAME_TEMPO:
        return False
    return all(min(abs(bpm / slowest - 1), abs(bpm / fastest - 1)) <= SAME_TEMPO for bpm in tempi_bpm)


def _telling(row: Difference) -> tuple[int, float]:
    """Order rows for a listener: the tempo, then what differs most, what is not sure to differ, what is missing."""
    if row.measure == TEMPO:
        return 0, 0.0
    if row.same is False:
        return 1, -row.score
    weight = 0.0 if row.heard is None else row.heard.weight
    return (2 if row.ear else 3), -weight


def _size(row: Difference) -> float:
    """Return how large a difference is, in steps that a listener can just tell."""
    return 0.0 if row.difference is None else abs(row.difference.value) / row.unit.same_within


def _value(estimate: Estimate) -> float:
    return estimate.value


def _facts(songs: Sequence[SongAnalysis]) -> list[Word]:
    from riffscope.analyzers.key import Key

    out = [_keys(songs)]
    for step in steps.analyzers():
        for name, field in fields_of(step.produces).items():
            if step.produces is Key and name in {"tonic", "mode"}:
                continue
            if field.unit is NAME:  # the notes at the ends of a range stand there as pitches
                values = tuple(_word(song, f"{step.name}.{name}") for song in songs)
                label = label_of(step.name, name, field)
                out.append(Word(measure=f"{step.name}.{name}", label=label, values=values))
    return out


def _keys(songs: Sequence[SongAnalysis]) -> Word:
    """Return the keys of the songs; unsure where it is not likely that all of them are right."""
    from riffscope.analyzers.key import Key

    keys = [song.get(Key) for song in songs]
    right = math.prod(key.confidence_fraction for key in keys if key is not None)
    values = tuple(None if key is None else f"{key.tonic} {key.mode}" for key in keys)
    return Word(measure=KEY, label="Key", values=values, unsure=right < LEANING_FROM)


def _word(song: SongAnalysis, path: str) -> str | None:
    try:
        return str(song.measure(path))
    except NotMeasured:
        return None
