"""Progressions: the rounds that the chords go in, section by section and in the riff.

Conventions
-----------
Times are seconds from the start of the file. Bars are those of the beat track, cut in halves where they have an even
number of beats: a chord of a round lasts for halves of bars, or in other meters for bars. Sections of one letter are
the same music and share their evidence; sections of different letters do where one round describes both.

References
----------
`riffscope.dsp.tonality.progressions` finds the shortest round.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from riffscope.analyzers.key import Key
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.structure import Structure
from riffscope.arrays import Floats, Ints
from riffscope.chord_names import NO_CHORD, QUALITIES, ChordName
from riffscope.dsp.tonality.progressions import (
    MIN_ROUNDS,
    NO_PLACE,
    Piece,
    agreement,
    alike,
    changes_of,
    find_round,
    join_alike,
    same_round,
)
from riffscope.model import value
from riffscope.notes import Spelling, pitch_class
from riffscope.units import BARS, CHORD, COUNT, NAME, PROBABILITY, SECONDS
from riffscope.views.beat_track import BeatTrack

# What the progression of the riff is called, beside those of sections.
RIFF = "riff"
# So much of a section, by how sure its chords are, has to go as the round does. Chosen: one bar in four may differ.
MIN_AGREEMENT = 0.7
# Chords that come but once are told in order up to this length: more are no progression that one would name. Chosen.
LONGEST_ONCE_BARS = 8


@value
class ChordSpan:
    """A chord and where it sounds.

    Attributes
    ----------
    label : str
        In Harte's notation.
    probability : float
        That its root and its third are right: whether there is a seventh is a matter of taste in many songs.
    """

    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]
    label: Annotated[str, CHORD]
    probability: Annotated[float, PROBABILITY]


@value
class Progression:
    """A round of chords: what a section, or the riff, goes through again and again.

    Attributes
    ----------
    section : str
        The section's name, or ``riff``.
    labels : tuple of str
        The chords of one round in order, in Harte's notation.
    roman : tuple of str
        The same as degrees of the key: ``vi``, ``IV``, ``I``, ``V``.
    bars : tuple of float
        How long each lasts.
    period_bars : float
        Length of the round.
    rounds : float
        How often it goes round.
    start_s, end_s : float
        From where to where.
    """

    section: Annotated[str, NAME]
    labels: Annotated[tuple[str, ...], CHORD]
    roman: tuple[str, ...]
    bars: Annotated[tuple[float, ...], BARS]
    period_bars: Annotated[float, BARS]
    rounds: Annotated[float, COUNT]
    start_s: Annotated[float, SECONDS]
    end_s: Annotated[float, SECONDS]


@dataclass(frozen=True, kw_only=True)
class _Stretch:
    """A stretch with its chords, cell by cell: a section, or a pass of the riff."""

    name: str
    start_s: float
    end_s: float
    piece: Piece
    votes: tuple[Counter[str], ...]

    @property
    def cells(self) -> int:
        return len(self.votes)


def find_progressions(
    spans: Sequence[ChordSpan],
    track: BeatTrack,
    structure: Structure | None,
    loops: Loops | None,
    key: Key | None,
) -> tuple[Progression, ...]:
    """Find the round of each section in which the chords go round, and that of the riff, which comes last.

    A round is named from the chord on the first bar of its section, of most sections of the same music where they
    differ. A short section whose chords come but once has them in order, as one round.

    Parameters
    ----------
    spans : sequence of ChordSpan
        In order of time; each label is parsed once.
    """
    if not spans:
        return ()
    edges_s, cells_per_bar = _cells(track)
    chords = _ChordTable(spans)
    groups: dict[str, list[_Stretch]] = {}
    for section in () if structure is None else structure.sections:
        begin, end = _whole_bars(edges_s, section.start_s, section.end_s, cells_per_bar)
        if end > begin:
            stretch = chords.stretch(section.name, section.start_s, section.end_s, edges_s[begin : end + 1])
            groups.setdefault(section.letter, []).append(stretch)
    naming = _Naming(key=key)
    found = _of_sections(list(groups.values()), cells_per_bar, naming)
    riff = _of_riff(chords, loops, cells_per_bar, naming)
    return (*sorted(found, key=lambda one: one.start_s), *riff)


def share_round(first: Progression, second: Progression) -> bool:
    """Tell whether two sections go through the same chords in the same order, whichever comes first.

    Sevenths and inversions do not count, nor does how long each chord lasts.
    """
    return same_round(*([place_of(ChordName.parse(label)) for label in one.labels] for one in (first, second)))


class _ChordTable:
    """The chords of a song, to be read in cells."""

    def __init__(self, spans: Sequence[ChordSpan]) -> None:
        self.starts_s: Floats = np.array([span.start_s for span in spans])
        self.ends_s: Floats = np.array([span.end_s for span in spans])
        self.labels = [span.label for span in spans]
        self.probability = [span.probability for span in spans]
        self.places = [place_of(ChordName.parse(span.label)) for span in spans]

    def stretch(self, name: str, start_s: float, end_s: float, edges_s: Floats) -> _Stretch:
        """Read a stretch whose cells have these edges."""
        votes: list[Counter[str]] = []
        places, weights = [], []
        for begin_s, stop_s in zip(edges_s[:-1].tolist(), edges_s[1:].tolist(), strict=True):
            vote: Counter[str] = Counter()
            by_place: Counter[int] = Counter()
            first, last = np.searchsorted(self.ends_s, begin_s, "right"), np.searchsorted(self.starts_s, stop_s)
            for k in range(int(first), int(last)):
                share = (min(stop_s, self.ends_s[k]) - max(begin_s, self.starts_s[k])) / (stop_s - begin_s)
                vote[self.labels[k]] += share * self.probability[k]
                by_place[self.places[k]] += share * self.probability[k]
            place = max(by_place, key=lambda one: by_place[one], default=NO_PLACE)
            votes.append(vote)
            places.append(place)
            weights.append(min(1.0, by_place[place]))
        piece = Piece(places=np.array(places, np.int64), weights=np.array(weights))
        return _Stretch(name=name, start_s=start_s, end_s=end_s, piece=piece, votes=tuple(votes))


def _cells(track: BeatTrack) -> tuple[Floats, int]:
    """Return the edges of the cells of all bars, those cut short at either end too, and how many a bar has."""
    beats, per_bar = len(track.times_s), track.beats_per_bar
    downbeats = track.downbeat_index if track.downbeat_index.size else np.zeros(1, np.int64)
    before = np.arange(downbeats[0] - per_bar, -per_bar, -per_bar)[::-1]
    after = np.arange(downbeats[-1] + per_bar, beats + per_bar, per_bar)
    bars = np.concatenate([before, downbeats, after]).astype(np.float64)
    cells_per_bar = 1 if per_bar % 2 else 2
    places = bars if cells_per_bar == 1 else np.interp(np.arange(2 * len(bars) - 1) / 2, np.arange(len(bars)), bars)
    beat_s = float(np.median(np.diff(track.times_s)))
    far = np.arange(1, per_bar + 1) * beat_s
    times_s = np.concatenate([track.times_s[0] - far[::-1], track.times_s, track.times_s[-1] + far])
    edges_s: Floats = np.interp(places, np.arange(-per_bar, beats + per_bar), times_s)
    return edges_s, cells_per_bar


def _whole_bars(edges_s: Floats, start_s: float, end_s: float, cells_per_bar: int) -> tuple[int, int]:
    """Return where the bars begin and end whose middles lie in a stretch: a pick-up is left out."""
    bars_s = edges_s[::cells_per_bar]
    middles_s = (bars_s[1:] + bars_s[:-1]) / 2
    first, last = np.searchsorted(middles_s, [start_s, end_s])
    return int(first) * cells_per_bar, int(last) * cells_per_bar


def _of_sections(groups: list[list[_Stretch]], cells_per_bar: int, naming: "_Naming") -> Iterable[Progression]:
    """Give the progression of each section that has one."""
    for members, found in join_alike([[one.piece for one in group] for group in groups], cells_per_bar=cells_per_bar):
        period, shifts = len(found.places), iter(found.shifts)
        entered = [[(stretch, next(shifts)) for stretch in groups[k]] for k in members]
        everybody = _votes_by_cell([one for group in entered for one in group], period)
        for group in entered:
            entries: Counter[int] = Counter()
            for stretch, shift in group:
                entries[shift] += stretch.cells
            ((entry, _),) = entries.most_common(1)
            votes = _votes_by_cell(group, period)
            for stretch, shift in group:
                length = min(period, stretch.cells)
                once = stretch.cells < MIN_ROUNDS * length
                if agreement([stretch.piece], found.places, [shift]) < MIN_AGREEMENT or (
                    once and length > LONGEST_ONCE_BARS * cells_per_bar
                ):
                    continue
                # The same music is named alike where the section has a whole round.
                begin = entry if stretch.cells >= period else shift
                begin = _on_change(found.places, begin, cells_per_bar)
                order = [(begin + cell) % period for cell in range(length)]
                yield from naming.progression(
                    stretch,
                    found.places[order],
                    [(votes[cell], everybody[cell]) for cell in order],
                    rounds=stretch.cells / length,
                    cell_bars=1 / cells_per_bar,
                )


def _of_riff(chords: _ChordTable, loops: Loops | None, cells_per_bar: int, naming: "_Naming") -> Iterable[Progression]:
    """Give the progression of the riff: of its passes, each of which begins the round anew."""
    if loops is None or loops.kind is LoopKind.PASSAGE:
        return
    cells = max(1, round(loops.period_bars * cells_per_bar))
    passes = [one for one in loops.riff_passes if one.is_whole]
    stretches = [
        chords.stretch(RIFF, one.start_s, one.end_s, np.linspace(one.start_s, one.end_s, cells + 1)) for one in passes
    ]
    if not stretches:
        return
    # A riff that is no whole number of bars keeps its length.
    whole = cells % cells_per_bar == 0
    periods = [n for n in range(1, cells + 1) if cells % n == 0 and not (whole and n % cells_per_bar)]
    found = find_round([one.piece for one in stretches], cells_per_bar=cells_per_bar, periods=periods)
    if found.agreement < MIN_AGREEMENT:
        return
    # The riff begins where it begins: a pass that enters elsewhere has other chords.
    period, ordinary = len(found.places), Counter(found.shifts).most_common(1)[0][0]
    votes = _votes_by_cell([(one, shift) for one, shift in zip(stretches, found.shifts, strict=True)], period)
    order = [(ordinary + cell) % period for cell in range(period)]
    riff = replace(stretches[0], end_s=stretches[-1].end_s)
    yield from naming.progression(
        riff,
        found.places[order],
        [(votes[cell], votes[cell]) for cell in order],
        rounds=loops.passes * cells / period,
        cell_bars=loops.period_bars / cells,
    )


def _votes_by_cell(entered: Sequence[tuple[_Stretch, int]], period: int) -> list[Counter[str]]:
    """Add up the chords of some stretches by cell of the round, each from where it enters the round."""
    out: list[Counter[str]] = [Counter() for _ in range(period)]
    for stretch, shift in entered:
        for cell, vote in enumerate(stretch.votes):
            out[(cell + shift) % period].update(vote)
    return out


def _on_change(places: Ints, begin: int, cells_per_bar: int) -> int:
    """Move the start of a round by half a bar where its chords change there and not on the bar lines.

    Then what counts as the first beat is the third: the chord that is still held at the bar line is the last one.
    """
    changes = changes_of(places)
    late = (begin + 1) % len(places)
    within = np.mod(changes - begin, cells_per_bar) > 0
    return late if begin not in changes and late in changes and within.mean() > 0.5 else begin


@dataclass(frozen=True, kw_only=True)
class _Naming:
    """Names chords and degrees as the song's key has them."""

    key: Key | None

    def progression(
        self,
        stretch: _Stretch,
        places: Ints,
        votes: Sequence[tuple[Counter[str], Counter[str]]],
        *,
        rounds: float,
        cell_bars: float,
    ) -> Iterable[Progression]:
        """Give a stretch the progression with these places; none where no chord sounds in it.

        Parameters
        ----------
        votes : sequence of (Counter, Counter)
            For each cell, the labels that are heard there: in the same music, and wherever the round is played.
        """
        if (places == NO_PLACE).all():
            return
        starts = np.flatnonzero(np.diff(places, prepend=-1)).tolist()
        ends = [*starts[1:], len(places)]
        names = [_commonest(int(places[a]), votes[a:b]) for a, b in zip(starts, ends, strict=True)]
        # What is named alike is one chord.
        for k in range(len(names) - 1, 0, -1):
            if names[k] == names[k - 1]:
                del names[k], starts[k], ends[k - 1]
        key = self._key_of(stretch)
        spelling = Spelling.SHARPS if key is None else Spelling.of_key(*key)
        yield Progression(
            section=stretch.name,
            labels=tuple(NO_CHORD if name is None else name.harte(spelling) for name in names),
            roman=_roman(names, key),
            bars=tuple((b - a) * cell_bars for a, b in zip(starts, ends, strict=True)),
            period_bars=len(places) * cell_bars,
            rounds=round(rounds, 2),
            start_s=stretch.start_s,
            end_s=stretch.end_s,
        )

    def _key_of(self, stretch: _Stretch) -> tuple[str, str] | None:
        """Return tonic and mode of the key that most of a stretch is in."""
        if self.key is None:
            return None
        name, longest_s = (self.key.tonic, self.key.mode), 0.0
        for part in self.key.parts:
            shared_s = min(part.end_s, stretch.end_s) - max(part.start_s, stretch.start_s)
            if shared_s > longest_s:
                name, longest_s = (part.tonic, part.mode), shared_s
        return name


def _roman(names: Sequence[ChordName | None], key: tuple[str, str] | None) -> tuple[str, ...]:
    """Return the chords as degrees of a key; none where no key is known."""
    if key is None:
        return ()
    tonic, mode = pitch_class(key[0]), key[1]
    return tuple(NO_CHORD if name is None else name.roman(tonic, mode) for name in names)


def _commonest(place: int, votes: Sequence[tuple[Counter[str], Counter[str]]]) -> ChordName | None:
    """Return the chord that is heard most at a place; the bass that it has half of the time, or its root."""
    if place == NO_PLACE:
        return None
    for which in (0, 1):
        kinds: Counter[tuple[int, str]] = Counter()
        basses: Counter[tuple[int, str, int]] = Counter()
        for vote in votes:
            for label, weight in vote[which].items():
                name = ChordName.parse(label)
                if name is not None and alike(place, place_of(name)):
                    kinds[name.root, name.quality] += weight
                    basses[name.root, name.quality, name.bass] += weight
        if kinds:
            root, quality = max(kinds, key=lambda kind: kinds[kind])
            bass = max((b for r, q, b in basses if (r, q) == (root, quality)), key=lambda b: basses[root, quality, b])
            often = basses[root, quality, bass] > kinds[root, quality] / 2
            return ChordName(root=root, quality=quality, bass=bass if often else 0)
    return ChordName(root=place % 12, quality=("maj", "min", "5")[place // 12])


def place_of(name: ChordName | None) -> int:
    """Return a chord's place, in which its sevenths and inversions are one.

    As `riffscope.dsp.tonality.progressions` numbers them: 0..11 for roots with a major third, 12..23 with a minor one,
    24..35 with neither, 36 for no chord.
    """
    if name is None:
        return NO_PLACE
    intervals = QUALITIES[name.quality]
    return name.root + (0 if 4 in intervals else 12 if 3 in intervals else 24)
