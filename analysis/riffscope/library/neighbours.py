"""The songs of a library that are nearest to a song, by the measures that one names, and why.

Conventions
-----------
The difference of two songs in a measure is 0..1: 0 where they are the same, 1 where they differ as much as songs of the
library do. The distance of two songs is the weighted average of their differences.

- Tempi differ by the logarithm of their ratio, half an octave (1.41 times as fast) at most; half and double the tempo
  are nearly the same, as a listener may count a song either way.
- Keys differ as their profiles do [2]_: the relative key least, then those a fifth apart, the parallel key, and so on
  round the circle of fifths. Each key counts as far as it is sure.
- All other numbers differ by their distance in the library's spread, from its 10th to its 90th percentile, 1 at most.
  In a library too small to have a spread, ten times as much as listeners take for the same is 1.
- What only one of the songs has is a difference of a half. What neither has is passed over.
- A number whose 90% range is as wide as the library's spread counts half.

References
----------
.. [1] Gower, "A general coefficient of similarity and some of its properties", Biometrics 27, 1971: the average of
   differences by the range of each variable, without what is missing.
.. [2] Krumhansl, "Cognitive Foundations of Musical Pitch", Oxford University Press 1990: the distances of keys by the
   correlation of their profiles.

What half a tempo, a missing number and a wide range count are our own choices.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from riffscope.arrays import Floats
from riffscope.dsp.tonality.keys import DEGREES
from riffscope.errors import RiffscopeError
from riffscope.frames import Column, Row, Table
from riffscope.library.usual import USUAL
from riffscope.library.where import nearest as nearest_name
from riffscope.measures import Measure, comparable_measures, decapitalised, measure_of
from riffscope.notes import FLATS, SHARPS, Spelling, pitch_class
from riffscope.units import BPM, Unit
from riffscope.words import amount

if TYPE_CHECKING:
    import polars as pl

TEMPO, KEY = "tempo.bpm", "key"
# The columns that say which song a row is.
SONG = ("sha256", "title", "artist", "year", "path")
# From so many songs on, a library has a spread of its own.
SONGS_FOR_SPREAD = 20
# What listeners take for the same is at least this share of a difference, and a tenth where there is no spread.
SAME_SHARE, SAME_SHARE_WITHOUT_SPREAD = 0.25, 0.1
# What only one of two songs has.
MISSING = 0.5
# Tempi an octave apart differ by this much of an octave; those half an octave apart are as far as tempi get.
OCTAVE_OFF, FARTHEST_OCTAVES = 0.05, 0.5
# Up to this difference two songs are called alike in a measure.
ALIKE = 0.15


@dataclass(frozen=True, kw_only=True)
class Difference:
    """How two songs differ in a measure.

    Attributes
    ----------
    name : str
        Of the measure, as in ``tempo.bpm``, or ``key``.
    like, found : float, str or None
        Of the song that others are compared with, and of the other; None where it has none.
    amount : float
        0..1.
    weight : float
        How much it counts, 0..1.
    in_words : str
        Both side by side, the other's first: ``the voice spans 8.3 semitones against 8.1``.
    """

    name: str
    like: float | str | None
    found: float | str | None
    amount: float
    weight: float
    in_words: str


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A song and how it differs from the one that it was compared with.

    Attributes
    ----------
    distance : float
        The weighted average of the differences, 0..1.
    differences : tuple of Difference
        In the order of the measures; without what neither song has.
    """

    sha256: str
    title: str
    artist: str | None
    year: int | None
    path: str | None
    distance: float
    differences: tuple[Difference, ...]

    @property
    def alike(self) -> tuple[Difference, ...]:
        """In what it is alike, most first; what it is most alike in where it is not alike in anything."""
        ordered = sorted(self.differences, key=lambda one: one.amount)
        return tuple(one for one in ordered if one.amount <= ALIKE) or tuple(ordered[:1])

    @property
    def different(self) -> tuple[Difference, ...]:
        """In what else it differs, what counts most first."""
        return tuple(
            sorted((one for one in self.differences if one not in self.alike), key=lambda one: -one.amount * one.weight)
        )


def measures_named(names: Iterable[str]) -> tuple[str, ...]:
    """Return the measures that are named, each once: by their paths, ``key``, or ``loudness`` for all of loudness.

    Raises
    ------
    RiffscopeError
        There is none of a name; says which is nearest.
    """
    paths = [KEY, *(measure.path for measure in comparable_measures()), "duration_s"]
    found: list[str] = []
    for name in names:
        wanted = name.strip().casefold()
        within = [wanted] if wanted in paths else [path for path in paths if path.startswith(f"{wanted}.")]
        if not within or not wanted:
            groups = [*paths, *{path.partition(".")[0] for path in paths}]
            raise RiffscopeError(f"there is no measure '{name}' (the nearest is '{nearest_name(name, groups)}')")
        found += within
    if not found:
        raise RiffscopeError("no measure is named (write them with commas, as in tempo.bpm,key)")
    return tuple(dict.fromkeys(found))


def columns_for(by: Sequence[str]) -> list[str]:
    """Return the columns of songs that comparing them by some measures needs."""
    needed = [*SONG, "key.tonic", "key.mode"]
    for name in by:
        needed += ["key.confidence_fraction"] if name == KEY else [name, *_ends(name)]
    return list(dict.fromkeys(needed))


def nearest(
    songs: "pl.DataFrame",
    like: Mapping[str, Any],
    *,
    by: Sequence[str] = tuple(USUAL),
    count: int = 10,
    among: "pl.DataFrame | None" = None,
) -> tuple[Neighbour, ...]:
    """Return the songs that are nearest to a song, nearest first.

    Parameters
    ----------
    songs : polars.DataFrame
        Of a library, with the columns of `columns_for`: their spread tells how much a difference is.
    like : mapping
        The song that they are compared with: a row of such a frame, by column. It is not among the nearest itself.
    by : sequence of str
        Measures, as of `measures_named`.
    count : int
        How many.
    among : polars.DataFrame, optional
        Only these of the songs.

    Raises
    ------
    RiffscopeError
        The song has none of the measures.
    """
    chosen = songs if among is None else among
    chosen = chosen.filter(chosen["sha256"] != like["sha256"])
    compared = [_compare(name, songs, chosen, like) for name in by]
    if all(one.like is None for one in compared):
        raise RiffscopeError(f"“{like['title']}” has none of these measures, so nothing is near it: {', '.join(by)}")
    amounts = np.array([one.amounts for one in compared])
    weights = np.array([one.weights for one in compared])
    total = weights.sum(axis=0)
    distances = np.divide((weights * amounts).sum(axis=0), total, out=np.full(total.shape, np.inf), where=total > 0)
    order = np.argsort(distances, kind="stable")[:count]
    rows = chosen[order.tolist()].rows(named=True)
    spelling = _spelling(like)
    return tuple(
        Neighbour(
            **{name: row[name] for name in SONG},
            distance=float(distances[at]),
            differences=tuple(one.told(int(at), row, spelling) for one in compared if one.weights[at] > 0),
        )
        for at, row in zip(order, rows, strict=True)
        if np.isfinite(distances[at])
    )


def table_of(like: Mapping[str, Any], neighbours: Sequence[Neighbour], by: Sequence[str]) -> Table:
    """Return a table of the song itself, of rank 0, and of those near it: their numbers, and how far each is off."""
    song = {"sha256": str, "title": str, "artist": str, "year": int, "path": str}
    kinds: dict[str, type] = {"rank": int, "distance": float, **song}
    for name in by:
        kinds |= {name: str if name == KEY else float, f"{name}.difference": float}
    own: dict[str, Any] = {name: _key_of(like) if name == KEY else _plain(like[name]) for name in by}
    rows = [{"rank": 0, "distance": 0.0, **{name: like.get(name) for name in SONG}, **own}]
    for rank, one in enumerate(neighbours, 1):
        row: dict[str, Any] = {"rank": rank, "distance": one.distance, **{name: getattr(one, name) for name in SONG}}
        for difference in one.differences:
            row |= {difference.name: difference.found, f"{difference.name}.difference": difference.amount}
        rows.append(row)
    columns = tuple(Column(name=name, heading=name, kind=kind) for name, kind in kinds.items())
    made: list[Row] = [[row.get(name) for name in kinds] for row in rows]
    return Table(columns=columns, made=made)


# ---------------------------------------------------------------------------------------------------------- a measure
@dataclass(frozen=True, kw_only=True)
class _Compared:
    """How all songs differ from one in a measure, with a value a song."""

    name: str
    like: Any
    amounts: Floats
    weights: Floats

    def told(self, at: int, row: Mapping[str, Any], spelling: Spelling) -> Difference:
        if self.name == KEY:
            key = _key_of(row)
            return self._difference(at, key, _keys_in_words(self.like, key))
        number = row[self.name]
        return self._difference(at, number, _in_words(self.name, self.like, number, spelling))

    def _difference(self, at: int, found: float | str | None, told: str) -> Difference:
        return Difference(
            name=self.name,
            like=_plain(self.like),
            found=_plain(found),
            amount=float(self.amounts[at]),
            weight=float(self.weights[at]),
            in_words=told,
        )


def _compare(name: str, songs: "pl.DataFrame", chosen: "pl.DataFrame", like: Mapping[str, Any]) -> _Compared:
    if name == KEY:
        return _compare_keys(chosen, like)
    found, given = _numbers(chosen[name]), _number(like[name])
    low, high = (_numbers(chosen[end]) if end in chosen.columns else found for end in _both_ends(name))
    width = np.nan_to_num(high - low) + _width_of(name, like)
    if name == TEMPO:
        spread = FARTHEST_OCTAVES
        with np.errstate(invalid="ignore", divide="ignore"):
            octaves = np.abs(np.log2(found / given))
            widths = np.nan_to_num(_octaves_in_doubt(low, high)) + _octaves_in_doubt(
                *(_number(like.get(end)) for end in _both_ends(name))
            )
        # One count of a song and the double of it are hardly told apart.
        differences, width = np.minimum(octaves, np.abs(octaves - 1) + OCTAVE_OFF), np.nan_to_num(widths)
    else:
        spread = _spread(_numbers(songs[name]), _unit(name))
        differences = np.abs(found - given)
    amounts = np.minimum(differences / spread, 1.0)
    return _filled(name, like[name], found, given, amounts, spread / (spread + width / 2))


def _compare_keys(chosen: "pl.DataFrame", like: Mapping[str, Any]) -> _Compared:
    tonics, modes = (chosen[column].to_list() for column in ("key.tonic", "key.mode"))
    found = np.array([_key_number(tonic, mode) for tonic, mode in zip(tonics, modes, strict=True)], dtype=np.float64)
    given = _key_number(like["key.tonic"], like["key.mode"])
    amounts = np.full(found.shape, np.nan)
    if np.isfinite(given):
        known = np.isfinite(found)
        amounts[known] = _key_distances()[int(given), found[known].astype(int)]
    sure = np.nan_to_num(_numbers(chosen["key.confidence_fraction"]) * _number(like["key.confidence_fraction"]))
    return _filled(KEY, _key_of(like), found, given, amounts, sure)


def _filled(name: str, like: Any, found: Floats, given: float, amounts: Floats, weights: Floats) -> _Compared:
    """Let what one song has and the other has not cost something, and what neither has nothing."""
    there, wanted = np.isfinite(found), bool(np.isfinite(given))
    one_alone = there != wanted
    return _Compared(
        name=name,
        like=like if wanted else None,
        amounts=np.where(one_alone, MISSING, np.nan_to_num(amounts)),
        weights=np.where(one_alone, 1.0, np.where(there & wanted, weights, 0.0)),
    )


def _spread(numbers: Floats, unit: Unit) -> float:
    """Return what makes songs of a library as different as they get in a measure."""
    there = numbers[np.isfinite(numbers)]
    if there.size < SONGS_FOR_SPREAD:
        return unit.same_within / SAME_SHARE_WITHOUT_SPREAD
    low, high = np.quantile(there, [0.1, 0.9])
    return float(max(high - low, unit.same_within / SAME_SHARE))


def _octaves_in_doubt(low: Any, high: Any) -> Any:
    """Return how wide the range of a tempo is, in octaves; that it may be half or double does not make it wide."""
    octaves = np.log2(high / low)
    return np.abs(octaves - np.round(octaves))


@functools.cache
def _key_distances() -> Floats:
    """Return how far each of 24 keys is from each, 0..1, C major to B major and then C minor to B minor."""
    profiles = [np.roll(DEGREES[mode], tonic) for mode in ("major", "minor") for tonic in range(12)]
    apart: Floats = 1 - np.corrcoef(profiles)
    apart /= apart.max()
    return apart


def _key_number(tonic: str | None, mode: str | None) -> float:
    """Number the 24 keys; what is none, as a damaged table may hold it, has no number."""
    if tonic is None or mode not in {"major", "minor"} or _ascii(tonic) not in {*SHARPS, *FLATS}:
        return np.nan
    return pitch_class(_ascii(tonic)) + (12 if mode == "minor" else 0)


def _numbers(column: "pl.Series") -> Floats:
    import polars as pl

    return column.cast(pl.Float64).fill_null(np.nan).to_numpy()


def _number(content: Any) -> float:
    return np.nan if content is None else float(content)


def _both_ends(name: str) -> tuple[str, str]:
    return f"{name}.low", f"{name}.high"


def _ends(name: str) -> tuple[str, ...]:
    from riffscope.tables import scalar_kinds

    return tuple(end for end in _both_ends(name) if end in scalar_kinds())


def _width_of(name: str, like: Mapping[str, Any]) -> float:
    low, high = (_number(like.get(end)) for end in _both_ends(name))
    return float(np.nan_to_num(high - low))


def _measure(name: str) -> Measure:
    return measure_of("source.duration_s" if name == "duration_s" else name)


def _unit(name: str) -> Unit:
    return _measure(name).unit


# ------------------------------------------------------------------------------------------------------------ in words
def _in_words(name: str, like: float | None, found: float | None, spelling: Spelling) -> str:
    measure = _measure(name)
    unit = measure.unit
    if like is None or found is None:
        shown = ["none" if number is None else amount(number, unit, spelling) for number in (found, like)]
        return f"{decapitalised(measure.label.replace(':', ','))}: {shown[0]} against {shown[1]}"
    first, second = (amount(number, unit, spelling) for number in (found, like))
    if first == second:
        return f"{decapitalised(measure.sentence(first, unit.number(found)))} in both"
    # A unit is said once; percent and notes are part of the number.
    number = unit.number(like)
    second = number if second.startswith(f"{number} ") else second
    against = "rather than" if " against " in measure.said.one else "against"
    told = measure.sentence(f"{first} {against} {second}", f"{unit.number(found)} {against} {number}")
    return f"{decapitalised(told)}{_octave_in_words(like, found) if name == TEMPO else ''}"


def _octave_in_words(like: float, found: float) -> str:
    """Say which tempi were compared where one of them was counted half or twice as fast."""
    if min(like, found) <= 0:  # as a damaged summary may say
        return ""
    octaves = np.log2(found / like)
    if abs(abs(octaves) - 1) + OCTAVE_OFF >= abs(octaves):
        return ""
    times, how = (2, "twice") if octaves < 0 else (0.5, "half")
    return f" ({BPM.number(times * found)} counted {how} as fast)"


def _keys_in_words(like: str | None, found: str | None) -> str:
    if like is None or found is None:
        return f"in {found or 'no key'} against {like or 'no key'}"
    return f"both in {like}" if like == found else f"in {found} against {like}{_related(like, found)}"


def _related(like: str, found: str) -> str:
    (tonic, mode), (other, other_mode) = like.split(), found.split()
    up = (pitch_class(_ascii(other)) - pitch_class(_ascii(tonic))) % 12
    if mode == other_mode:
        return ", a fifth apart" if up in {5, 7} else ""
    if up == 0:
        return ", the parallel key"
    return ", the relative key" if up == (9 if mode == "major" else 3) else ""


def _key_of(row: Mapping[str, Any]) -> str | None:
    tonic, mode = row["key.tonic"], row["key.mode"]
    return None if np.isnan(_key_number(tonic, mode)) else f"{tonic} {mode}"


def _spelling(row: Mapping[str, Any]) -> Spelling:
    tonic, mode = row["key.tonic"], row["key.mode"]
    return Spelling.SHARPS if _key_of(row) is None else Spelling.of_key(_ascii(tonic), mode)


def _ascii(tonic: str) -> str:
    return tonic.replace("\N{MUSIC SHARP SIGN}", "#").replace("\N{MUSIC FLAT SIGN}", "b")


def _plain(content: Any) -> float | str | None:
    return content if content is None or isinstance(content, str) else float(content)
