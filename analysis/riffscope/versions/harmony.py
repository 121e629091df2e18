"""Version identification by chroma: whether two songs have the same harmonies and tunes. For songs without singing.

Conventions: chroma beat by beat, from `riffscope.analyzers.chroma`; times in seconds; transpositions in semitones,
above 0 where the second song lies higher. Scores are given as multiples of what unrelated music reaches.

Names of chords say what is shared, and do not decide. Of 12 pieces rendered again with other instruments in another
key and tempo, chroma tells .995 of the pairs with 66 unrelated ones apart, the chords that are heard .84, their true
chords .89, and chroma with chords .991: where a piece goes round four chords, all is in the tune.

Source: `riffscope.dsp.matching.chroma` (Serra, Serra & Andrzejak 2009); the thresholds are our own.
"""

import math

from riffscope.analyzers.chords import Chords
from riffscope.analyzers.chroma import Chroma
from riffscope.chord_names import ChordName, written
from riffscope.dsp.matching.chroma import best_chroma_match, chance_chroma_score, stand_out
from riffscope.dsp.tonality.progressions import same_round, transposed
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Ruling, Span, value
from riffscope.notes import music_type
from riffscope.progressions import RIFF, Progression, place_of
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION
from riffscope.words import moved_by

# Eight bars of four: less holds no more than one round of chords.
MIN_BEATS = 32
# Longer songs are aligned by several beats at a time: a table of more beats than this, squared, takes minutes.
MAX_BEATS = 1600
# So many times the chance score, or less, is no version: five in six of 231 unrelated pairs stay below, and 2 of 22
# pieces rendered twice (other instruments, key and tempo), which share too little of what is played.
UNLIKE = 1.2
# So many times the chance score, or more, is a version, if it is in one place: 18 of those 22 pieces come to it.
ALIKE = 2.0
# The best alignment is in one place where its score is so many times that of the next best: in all of those 18 pieces,
# and in none of the pairs of ten songs over the same four chords, whose tunes differ. No unrelated pair comes to both
# this and the figure above.
ONE_PLACE = 1.5
# A song goes round these chords where they fill so much of it; and fewer chords than this are in most songs. Chosen.
MIN_ROUND_SHARE = 0.5
MIN_ROUND_CHORDS = 3
# A sentence names so many chords at most.
MOST_NAMED = 6
# Keeps a ratio finite where the other score is 0.
_TINY = 1e-9


@value
class SharedHarmony:
    """What two songs share by their chroma.

    Attributes
    ----------
    ruling : Ruling
        Whether they are versions of one piece: refuted where no more agrees than by chance, inconclusive where what
        they share fits in several places, as a common chord progression does.
    times_chance : float
        Score of the best alignment over the chance score: the best one against the second song backwards and upside
        down.
    times_next : float
        Score of the best alignment over that of the next best, elsewhere in the songs.
    common_fraction : float
        Share of the shorter song's beats that the alignment covers.
    transposition_semitones : float
        How much higher the second song is there, -5..6.
    first, second : Span
        Where the shared stretch is in each song.
    common_round : tuple of str
        The chords that both go round, as they are in the first song, in Harte's notation; empty where there is no such
        round, or none is known.
    """

    ruling: Ruling
    times_chance: float
    times_next: float
    common_fraction: float
    transposition_semitones: float
    first: Span
    second: Span
    common_round: tuple[str, ...] = ()

    @property
    def summary(self) -> str:
        """The result in one line."""
        share, times = FRACTION.format(self.common_fraction), f"{self.times_chance:.1f} times chance (needs {ALIKE:g})"
        if self.ruling is Ruling.REFUTED:
            return f"Different chords and tunes: {share} of the beats match, only {times}"
        moved = moved_by(self.transposition_semitones)
        if self.ruling is Ruling.SUPPORTED:
            return f"The same piece: chords and tunes match over {share} of the shorter song, {moved}, at {times}"
        if self.times_chance >= ALIKE:
            names = " ".join(music_type(written(label)) for label in self.common_round[:MOST_NAMED])
            return (
                f"Both repeat {names or 'the same chords'} ({moved}), as many songs do; "
                f"{share} of the shorter song matches, but not in one place only"
            )
        return f"Some chords and tunes match, as in unrelated songs: {share} of the shorter song, {moved}, at {times}"


def share_harmony(first: SongAnalysis, second: SongAnalysis) -> SharedHarmony:
    """Find out whether two songs have the same chords and tunes in the same order, in whatever key and tempo.

    Raises
    ------
    CannotMeasure
        One of them has too few beats, or the same harmony throughout.
    """
    found = [song.get(Chroma) for song in (first, second)]
    heard = [one for one in found if one is not None and one.times_s.size >= MIN_BEATS]
    if len(heard) < len(found):
        raise CannotMeasure(Absence.TOO_LITTLE, f"one song has fewer than {MIN_BEATS} beats with harmony")
    several = math.ceil(max(one.times_s.size for one in heard) / MAX_BEATS)
    heard = [_joined(one, several) for one in heard]
    outlines = [stand_out(one.pitch_class_fraction) for one in heard]
    match = best_chroma_match(*outlines)
    if not match.path:
        raise CannotMeasure(Absence.NO_PITCH, "one song has the same harmony throughout")
    times_chance = match.score / max(chance_chroma_score(*outlines), _TINY)
    times_next = match.score / max(match.second_score, _TINY)
    begin, end = match.path[0], match.path[-1]
    spans = [
        Span(
            start_s=round(float(one.times_s[a]), 3),
            end_s=round(float(one.times_s[min(b + 1, one.times_s.size - 1)]), 3),
        )
        for one, a, b in zip(heard, begin, end, strict=True)
    ]
    return SharedHarmony(
        ruling=_ruling(times_chance, times_next),
        times_chance=round(times_chance, 2),
        times_next=round(times_next, 2),
        common_fraction=round(len(match.path) / min(one.times_s.size for one in heard), 3),
        transposition_semitones=float(match.transposition),
        first=spans[0],
        second=spans[1],
        common_round=_common_round(first, second, match.transposition),
    )


@value
class SharedRound:
    """The round of chords that two songs go through for most of their time.

    Attributes
    ----------
    labels : tuple of str
        The chords as they are in the first song, in Harte's notation.
    transposition_semitones : int
        How much higher the second song is, -5..6.
    """

    labels: tuple[str, ...]
    transposition_semitones: int


def share_round(first: SongAnalysis, second: SongAnalysis) -> SharedRound | None:
    """Return the round that both songs are made of, in whatever key; None where they are not made of the same one."""
    one, other = _main_round(first), _main_round(second)
    if one is None or other is None:
        return None
    for semitones in range(-5, 7):
        if same_round(transposed(_places(one), semitones), _places(other)):
            return SharedRound(labels=one.labels, transposition_semitones=semitones)
    return None


def _main_round(song: SongAnalysis) -> Progression | None:
    """Return the round that sections go through for longest; None where it does not fill enough of the song."""
    seconds: dict[tuple[str, ...], float] = {}
    rounds: dict[tuple[str, ...], Progression] = {}
    for one in _progressions(song):
        if one.section != RIFF:
            seconds[one.labels] = seconds.get(one.labels, 0.0) + one.end_s - one.start_s
            rounds[one.labels] = one
    longest = max(seconds, key=lambda labels: seconds[labels], default=())
    fills = seconds.get(longest, 0.0) >= MIN_ROUND_SHARE * song.source.duration_s
    return rounds[longest] if fills and len(set(longest)) >= MIN_ROUND_CHORDS else None


def _common_round(first: SongAnalysis, second: SongAnalysis, semitones: int) -> tuple[str, ...]:
    """Return the round that both songs go through for longest, the second so much higher; none where there is none."""
    found: dict[tuple[str, ...], float] = {}
    for one in _progressions(first):
        places = transposed(_places(one), semitones)
        if len(set(places)) > 1 and any(same_round(places, _places(other)) for other in _progressions(second)):
            found[one.labels] = found.get(one.labels, 0.0) + one.end_s - one.start_s
    return max(found, key=lambda labels: found[labels], default=())


def _progressions(song: SongAnalysis) -> tuple[Progression, ...]:
    chords = song.get(Chords)
    return () if chords is None else chords.progressions


def _places(progression: Progression) -> list[int]:
    return [place_of(ChordName.parse(label)) for label in progression.labels]


def _joined(found: Chroma, beats: int) -> Chroma:
    """Average so many beats at a time; what is left over at the end is left out."""
    count = found.times_s.size // beats
    rows = found.pitch_class_fraction[: count * beats].reshape(count, beats, 12).mean(axis=1)
    return Chroma(times_s=found.times_s[: count * beats : beats], pitch_class_fraction=rows)


def _ruling(times_chance: float, times_next: float) -> Ruling:
    if times_chance <= UNLIKE:
        return Ruling.REFUTED
    return Ruling.SUPPORTED if times_chance >= ALIKE and times_next >= ONE_PLACE else Ruling.INCONCLUSIVE
