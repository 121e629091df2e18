"""Whether two songs have the same harmony and tune underneath: told from chroma, where nobody sings."""

import math

from riffscope.analyzers.chroma import Chroma
from riffscope.dsp.matching.chroma import best_chroma_match, chance_chroma_score, stand_out
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Ruling, Span, value
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, SEMITONES

# Eight bars of four: less holds no more than one round of chords.
MIN_BEATS = 32
# An hour of music is aligned by several beats at a time: a table of more than so many squared takes minutes.
MAX_BEATS = 1600
# Against chance, five in six of 231 unrelated pairs stay below the first figure. Of 22 pieces rendered twice (other
# instruments, key and tempo) 18 come to the second, 2 fall below the first: too little of what is played is the same.
UNLIKE, ALIKE = 1.2, 2.0
# The best alignment against the next best: all of those 18 come to this; of the pairs of ten songs over one and the
# same round of four chords, whose tunes differ, none. No unrelated pair comes to both this and the figure above.
ONE_PLACE = 1.5


@value
class SharedHarmony:
    """What the chroma of two songs have in common.

    Attributes
    ----------
    ruling : Ruling
        Whether they are the same: refuted where no more agrees than by chance; inconclusive where what they share fits
        in several places, as a common round of chords does.
    times_chance : float
        Score of the best alignment, in the best of those with the second song backwards and upside down.
    times_next : float
        Score of the best alignment, in that of the best elsewhere.
    common_fraction : float
        Share of the shorter song's beats that it covers.
    transposition_semitones : float
        How much higher the second song has it, -5..6.
    first, second : Span
        Where it sounds in each.
    """

    ruling: Ruling
    times_chance: float
    times_next: float
    common_fraction: float
    transposition_semitones: float
    first: Span
    second: Span

    @property
    def summary(self) -> str:
        """The result in one line."""
        share, times = FRACTION.format(self.common_fraction), f"{self.times_chance:.1f} times as well as by chance"
        if self.ruling is Ruling.REFUTED:
            return f"Other chords and tunes: {share} of the beats agree, {times}"
        moved = SEMITONES.format(self.transposition_semitones, signed=True)
        agree = f"chords and tunes agree over {share} of the shorter song, moved by {moved}, {times}"
        if self.ruling is Ruling.SUPPORTED:
            return f"The same piece: {agree}, and in no other place as well"
        if self.times_chance >= ALIKE:
            return f"Both go round the same chords, as many songs do: {agree}, but elsewhere nearly as well"
        return f"Perhaps the same piece: {agree}"


def share_harmony(first: SongAnalysis, second: SongAnalysis) -> SharedHarmony:
    """Find out whether two songs have the same chords and tunes in the same order, in whatever key and tempo.

    Raises
    ------
    CannotMeasure
        One of them is too short, or has no harmony.
    """
    found = [song.get(Chroma) for song in (first, second)]
    heard = [one for one in found if one is not None and one.times_s.size >= MIN_BEATS]
    if len(heard) < len(found):
        raise CannotMeasure(Absence.TOO_LITTLE, f"one of them has fewer than {MIN_BEATS} beats with a harmony")
    several = math.ceil(max(one.times_s.size for one in heard) / MAX_BEATS)
    heard = [_joined(one, several) for one in heard]
    outlines = [stand_out(one.pitch_class_fraction) for one in heard]
    match = best_chroma_match(*outlines)
    if not match.path:
        raise CannotMeasure(Absence.NO_PITCH, "one of them has the same harmony throughout")
    times_chance = match.score / max(chance_chroma_score(*outlines), 1e-9)
    times_next = match.score / max(match.second_score, 1e-9)
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
    )


def _joined(found: Chroma, beats: int) -> Chroma:
    """Join so many beats to one; a rest shorter than that is left out."""
    count = found.times_s.size // beats
    rows = found.pitch_class_fraction[: count * beats].reshape(count, beats, 12).mean(axis=1)
    return Chroma(times_s=found.times_s[: count * beats : beats], pitch_class_fraction=rows)


def _ruling(times_chance: float, times_next: float) -> Ruling:
    if times_chance <= UNLIKE:
        return Ruling.REFUTED
    return Ruling.SUPPORTED if times_chance >= ALIKE and times_next >= ONE_PLACE else Ruling.INCONCLUSIVE
