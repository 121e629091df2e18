"""A comparison in sentences: what a listener notices, the largest differences first.

An opening of the biggest facts comes first, then a short sentence for each further one, then what sounds the same. All
is taken from the comparison; what its ranges leave open is not mentioned.

Conventions: the first song is the one that the others are compared with; songs are called by `Comparison.names`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from riffscope import words
from riffscope.analyzers.loudness import DUAL_MONO_LU
from riffscope.compare import KEY, Comparison, Difference, Shared, Word
from riffscope.measures import capitalised
from riffscope.model import Estimate
from riffscope.notes import Spelling, music_type, pitch_class
from riffscope.units import LU, MIDI, Unit

# So many facts open a comparison, so many follow in a sentence each, and so much is named that sounds the same.
MAX_OPENING = 3
MAX_FOLLOWING = 4
MAX_ALIKE = 3
MAX_OF_SEVERAL = 8
MAX_OF_ONE = 3
# What a melody's transposition tells as well: how high the voice lies, and the key.
PITCH = "vocal_range.median_midi"
LOUDNESS = "loudness.integrated_lufs"


@dataclass(frozen=True, kw_only=True)
class _Fact:
    """What sets a song apart: ``is slower``, with the numbers behind that."""

    predicate: str
    numbers: str


def sentences_of(comparison: Comparison) -> tuple[str, ...]:
    """Put a comparison into sentences."""
    said = _of_two(comparison) if len(comparison.songs) == 2 else _of_several(comparison)
    return tuple(f"{one}." for one in (*said, *_played(comparison)))


def _played(comparison: Comparison) -> Iterator[str]:
    """Say of mono beside stereo that its loudness is not the one of its file."""
    mono = [name for name, song in zip(comparison.names, comparison.songs, strict=True) if song.channels == 1]
    measured = any(row.measure == LOUDNESS and row.difference is not None for row in comparison.rows)
    if measured and 0 < len(mono) < len(comparison.songs):
        are = "are" if len(mono) > 1 else "is"
        yield (
            f"{words.joined(mono)} {are} mono: loudness is given as two loudspeakers play it,"
            f" {LU.format(DUAL_MONO_LU)} above that of the file"
        )


# ------------------------------------------------------------------------------------------------------------ two songs
def _of_two(comparison: Comparison) -> Iterator[str]:
    first, second = comparison.names
    (shared,) = comparison.shared or (None,)
    if comparison.same_recording:
        yield "These are the same recording"
        if not comparison.nothing_differs:
            yield _measured_in_two_ways(comparison)
        return
    rows = [row for row in _ranked(comparison) if not _is_told(row, shared)]
    facts = [_fact_of_two(row, comparison.spelling) for row in rows]
    opening, following = facts[: MAX_OPENING - bool(shared)], facts[MAX_OPENING - bool(shared) :]
    if shared is not None:
        same = _same_piece(second, first, shared)
        yield f"{same}; it {_clause(opening)}" if opening else same
    elif opening:
        yield f"Compared with {first}, {second} {_clause(opening)}"
    yield from _singing(comparison)
    yield from _same_chords(comparison)
    key = next((fact for fact in comparison.facts if fact.measure == KEY), None)
    if key is not None and key.same is False:
        yield _keys_apart(key, comparison.names)
    yield from (f"It {fact.predicate}: {fact.numbers}" for fact in following[:MAX_FOLLOWING])
    yield from _alike(comparison, none_differs=not facts)


def _measured_in_two_ways(comparison: Comparison) -> str:
    labels = [row.label.lower() for row in comparison.everything if row.ear != "same"]
    what = words.joined(labels) if len(labels) <= MAX_FOLLOWING else f"{len(labels)} measures"
    return f"It was measured in two ways, which differ in {what}"


def _is_told(row: Difference, shared: Shared | None) -> bool:
    """Tell whether a difference in pitch is that by which a shared melody was moved."""
    if shared is None or row.measure != PITCH or row.difference is None:
        return False
    return abs(row.difference.value - shared.transposition_semitones) <= row.unit.same_within


def _fact_of_two(row: Difference, spelling: Spelling) -> _Fact:
    heard, (first, second) = row.heard, row.values
    if heard is None or first is None or second is None:
        raise ValueError(f"{row.measure} says nothing to a listener")
    more = second.value > first.value
    numbers = _against(first, second, row.unit, spelling, heard.told)
    if row.counted_apart:
        return _Fact(predicate=f"is counted at {'twice' if more else 'half'} the tempo", numbers=numbers)
    return _Fact(predicate=heard.says(more=more), numbers=numbers)


def _keys_apart(key: Word, names: Sequence[str]) -> str:
    """Say which keys two songs are in, and that these are near relatives where they are."""
    (first, second), (name, _) = (str(one) for one in key.values), names
    (tonic, mode), (other_tonic, other_mode) = first.split(), second.split()
    told = f"It is in {music_type(second)}, {name} in {music_type(first)}"
    apart = (pitch_class(other_tonic) - pitch_class(tonic)) % 12
    if mode == other_mode:
        return told
    if apart == 0:
        return f"{told}: parallel keys, with the same tonic"
    if apart == (9 if mode == "major" else 3):
        return f"{told}: relative keys, with the same notes"
    return told


# -------------------------------------------------------------------------------------------------------- several songs
def _of_several(comparison: Comparison) -> Iterator[str]:
    names = comparison.names
    if comparison.same_recording:
        yield f"These {len(names)} are all the same recording"
        return
    seen: dict[str, str] = {}
    for name, source in zip(names, comparison.songs, strict=True):
        if source.sha256 in seen:
            yield f"{name} is the same recording as {seen[source.sha256]}"
        seen.setdefault(source.sha256, name)
    for name, source, shared in zip(names[1:], comparison.songs[1:], comparison.shared, strict=False):
        if shared is not None and source.sha256 != comparison.songs[0].sha256:
            yield _same_piece(name, names[0], shared)
    yield from _same_chords(comparison)
    rows = _ranked(comparison)[:MAX_OF_SEVERAL]
    by_song: dict[str, list[_Fact]] = {}
    for row in rows:
        if not row.counted_apart and row.standout is not None:
            place, more = row.standout
            by_song.setdefault(names[place], []).append(_fact_of_one(row, place, more, comparison.spelling))
    yield from (f"{name} {_clause(facts[:MAX_OF_ONE])}" for name, facts in by_song.items())
    for row in rows:
        if row.counted_apart or row.standout is None:
            yield _from_to(row, names, comparison.spelling)
    yield from _singing(comparison)
    yield from _alike(comparison, none_differs=not rows)


def _fact_of_one(row: Difference, place: int, more: bool, spelling: Spelling) -> _Fact:
    """Say what sets one song off against all others."""
    if row.heard is None:
        raise ValueError(f"{row.measure} says nothing to a listener")
    others = [one.value for k, one in enumerate(row.values) if one is not None and k != place]
    own, low, high = _trimmed(
        words.amount(row.values[place] or 0.0, row.unit, spelling),
        *(_number(end, row.unit, spelling) for end in (min(others), max(others))),
    )
    rest = low if low == high else f"{low} to {high}"
    numbers = f"{row.heard.told.format(own)}, the others {rest}"
    return _Fact(predicate=row.heard.says_most(more=more), numbers=numbers)


def _from_to(row: Difference, names: Sequence[str], spelling: Spelling) -> str:
    """Say from where to where songs reach of which none stands apart."""
    found = [(one.value, name) for one, name in zip(row.values, names, strict=True) if one is not None]
    (low, lowest), (high, highest) = min(found), max(found)
    low_end, high_end = _trimmed(*(words.amount(end, row.unit, spelling) for end in (low, high)))
    counted = ", which may be the same tempo, counted twice as fast" if row.counted_apart else ""
    return f"{row.title}: {low_end} ({lowest}) to {high_end} ({highest}){counted}"


# --------------------------------------------------------------------------------------------------------------- shared
def _ranked(comparison: Comparison) -> list[Difference]:
    """Return what a listener notices, the largest first; tempi that are counted apart count half."""
    noticed = [row for row in comparison.rows if row.heard is not None and (row.same is False or row.counted_apart)]
    return sorted(noticed, key=lambda row: -row.score / (1 + row.counted_apart))


def _singing(comparison: Comparison) -> Iterator[str]:
    """Say who sings where not all do."""
    sung = [name for name, sings in zip(comparison.names, comparison.sung, strict=False) if sings]
    unsung = [name for name, sings in zip(comparison.names, comparison.sung, strict=False) if sings is False]
    if sung and unsung:
        yield f"No singing was found in {words.joined(unsung)}"


def _alike(comparison: Comparison, *, none_differs: bool) -> Iterator[str]:
    """Name what sounds the same, what counts most first; or say that nothing was found to differ."""
    measured = [row for row in comparison.rows if row.heard is not None and row.difference is not None]
    if not measured and not any(fact.same is not None for fact in comparison.facts):
        yield "Nothing was measured in all of these songs, so there is nothing to compare"
        return
    if none_differs:
        yield "No measured difference is large enough to hear"
    alike = sorted((row for row in measured if row.same is True), key=lambda row: -row.heard.weight if row.heard else 0)
    nouns = [row.heard.noun for row in alike if row.heard is not None]
    if any(fact.measure == KEY and fact.same for fact in comparison.facts):
        nouns.insert(0, "key")
    if nouns and not none_differs:
        named = nouns[:MAX_ALIKE]
        yield f"{capitalised(words.joined(named))} {'is' if len(named) == 1 else 'are'} the same to the ear"


def _clause(facts: Sequence[_Fact]) -> str:
    """Join facts of one song, those with the same verb under that: ``is slower (...) and has a lighter bass (...)``."""
    by_verb: dict[str, list[str]] = {}
    for fact in facts:
        verb, _, rest = fact.predicate.partition(" ")
        by_verb.setdefault(verb, []).append(f"{rest} ({fact.numbers})")
    clauses = [f"{verb} {words.joined(rest)}" for verb, rest in by_verb.items()]
    if len(clauses) == 1 or len(facts) == len(clauses):
        return words.joined(clauses)
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"


def _same_piece(name: str, first: str, shared: Shared) -> str:
    what = "melody" if shared.by == "melody" else "chords and tune"
    return f"{name} has the same {what} as {first}, {words.moved_by(shared.transposition_semitones)}"


def _same_chords(comparison: Comparison) -> Iterator[str]:
    """Say which songs go round the chords of the first, and how far they are moved where no melody tells that."""
    first = comparison.names[0]
    sources = [source.sha256 for source in comparison.songs]
    shared = comparison.shared or (None,) * len(comparison.rounds)
    for name, source, found, same in zip(comparison.names[1:], sources[1:], comparison.rounds, shared, strict=True):
        if found is None or source == sources[0]:
            continue
        told = same is not None and (round(same.transposition_semitones) - found.transposition_semitones) % 12 == 0
        moved = "" if told else f", {words.moved_by(found.transposition_semitones)}"
        who = "It" if len(sources) == 2 else name
        yield f"{who} goes round the same {len(set(found.labels))} chords as {first}{moved}"


def _against(first: Estimate, second: Estimate, unit: Unit, spelling: Spelling, told: str) -> str:
    """Write two numbers with the unit once and as many decimals: ``80 BPM against 92``, ``10.0 LU against 4.1``."""
    mine, its = _trimmed(words.amount(second, unit, spelling), _number(first.value, unit, spelling))
    return f"{told.format(mine)} against {its}"


def _number(number: float, unit: Unit, spelling: Spelling) -> str:
    """Write a number without its unit, but for percent, and a pitch as its note."""
    return words.amount(number, unit, spelling) if unit == MIDI or unit.symbol == "%" else unit.number(number)


def _trimmed(*texts: str) -> list[str]:
    """Leave out decimals that are nought in all of them: ``80.0 BPM``, ``92.0`` -> ``80 BPM``, ``92``."""
    numbers = [text.partition(" ")[0] for text in texts]
    if any("." in number and not number.endswith(".0") for number in numbers):
        return list(texts)
    return [f"{number.removesuffix('.0')}{text[len(number) :]}" for number, text in zip(numbers, texts, strict=True)]
