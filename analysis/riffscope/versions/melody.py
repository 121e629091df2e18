"""Version identification by melody: whether two songs share a sung melody, in whatever key and tempo.

Conventions: the notes of `riffscope.analyzers.vocal_notes`, MIDI semitones; lengths in beats, or in seconds where there
is no beat; transpositions in semitones, above 0 where the second song lies higher. Scores are given as multiples of
what unrelated melodies reach.

Source: `riffscope.dsp.matching.melody` (Smith & Waterman 1981; van Kranenburg, Volk & Wiering 2013); the thresholds are
our own.
"""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from riffscope.analyzers.beats import Beats
from riffscope.analyzers.vocal_notes import VocalNote, VocalNotes, beat_places
from riffscope.arrays import Floats
from riffscope.dsp.matching.melody import Melody, best_match, chance_score
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Ruling, Span, value
from riffscope.song import SongAnalysis
from riffscope.units import COUNT, FRACTION
from riffscope.words import TITLE_LETTERS, moved_by, shorten

# A note that is sung again after so short a pause counts as one: such a pause is found in one song and not in another.
JOINED_S = 0.25
# A note that lasts longer than a bar of four, with the rest after it, counts as this long. Chosen by hand.
MAX_NOTE_BEATS = 4.0
# And no note counts as shorter than this, for ratios of lengths are compared. Chosen by hand.
MIN_NOTE_BEATS = 0.05
# Fewer notes than this make no melody that could be told from another. Chosen by hand, not fitted.
MIN_NOTES = 12
# So many times the chance score, or less, is another melody. Of 435 pairs of unrelated songs none comes to more than
# 1.5, of another 260 none to more than 1.3; of a third set of 78, two came to more than 1.5.
UNLIKE = 1.8
# So many times the chance score, or more, is the same melody: a song and its stripped-back version come to 3, the
# halves of songs whose verses and choruses return in both to 2 to 7.
ALIKE = 2.0


@value
class SharedMelody:
    """What the melodies of two songs share.

    Attributes
    ----------
    ruling : Ruling
        Whether they are the same: refuted where no more agrees than by chance.
    times_chance : float
        Score of the best alignment over the chance score: the best one against the second melody backwards and upside
        down.
    common_notes : int
        How many notes of the alignment are the same.
    common_fraction : float
        Their share of the shorter melody.
    transposition_semitones : float
        How much higher the second song is there.
    first, second : Span
        Where the shared stretch is in each song.
    """

    ruling: Ruling
    times_chance: float
    common_notes: int
    common_fraction: float
    transposition_semitones: float
    first: Span
    second: Span

    @property
    def summary(self) -> str:
        """The result in one line."""
        notes, times = f"{COUNT.format(self.common_notes)} notes in a row", f"{self.times_chance:.1f} times chance"
        if self.ruling is Ruling.REFUTED:
            return f"The melodies differ: only {notes} match, {times} (needs {ALIKE:g})"
        if self.ruling is Ruling.INCONCLUSIVE:
            # A reader must not take this for a hint: so much is found between unrelated songs, too.
            return f"Too little to call it the same melody: {notes} match, {times} (unrelated songs reach {UNLIKE:g})"
        share, moved = FRACTION.format(self.common_fraction), moved_by(self.transposition_semitones)
        return f"The same melody: {notes} ({share} of the shorter one), {moved}, {times} (needs {ALIKE:g})"


def sung_melody(song: SongAnalysis) -> tuple[VocalNote, ...]:
    """Return the notes of the lead voice; none where nobody sings."""
    found = song.get(VocalNotes)
    return () if found is None else found.notes


def share_melody(first: SongAnalysis, second: SongAnalysis) -> SharedMelody:
    """Find out whether two songs have the same melody, in whatever key and tempo.

    Raises
    ------
    CannotMeasure
        Too little is sung in one of them.
    """
    notes = [_joined(sung_melody(song)) for song in (first, second)]
    for song, sung in zip((first, second), notes, strict=True):
        if len(sung) < MIN_NOTES:
            raise CannotMeasure(
                Absence.TOO_LITTLE,
                f"too little singing was found in {shorten(song.source.title, TITLE_LETTERS)}",
            )
    melodies = [_melody(sung, song.get(Beats)) for sung, song in zip(notes, (first, second), strict=True)]
    match = best_match(*melodies)
    times_chance = match.score / chance_score(*melodies)
    spans = [
        Span(start_s=sung[start].start_s, end_s=sung[end - 1].end_s)
        for sung, (start, end) in zip(notes, (match.first, match.second), strict=True)
    ]
    ruling = Ruling.INCONCLUSIVE
    if times_chance >= ALIKE:
        ruling = Ruling.SUPPORTED
    elif times_chance <= UNLIKE:
        ruling = Ruling.REFUTED
    return SharedMelody(
        ruling=ruling,
        times_chance=round(times_chance, 2),
        common_notes=match.common,
        common_fraction=round(match.common / min(len(melody) for melody in melodies), 3),
        transposition_semitones=float(match.transposition),
        first=spans[0],
        second=spans[1],
    )


def _joined(notes: Iterable[VocalNote]) -> list[VocalNote]:
    """Join notes of one pitch with hardly a pause between them."""
    out: list[VocalNote] = []
    for note in notes:
        if out and note.midi == out[-1].midi and note.start_s - out[-1].end_s <= JOINED_S:
            out[-1] = replace(out[-1], end_s=note.end_s)
        else:
            out.append(note)
    return out


def _melody(notes: list[VocalNote], beats: Beats | None) -> Melody:
    """Measure notes from the beginning of each to that of the next, in beats where there are any."""
    starts: Floats = np.array([note.start_s for note in notes])
    if beats is not None:
        starts = beat_places(starts, beats.times_s)
    length = np.clip(np.append(np.diff(starts), 1.0), MIN_NOTE_BEATS, MAX_NOTE_BEATS)
    return Melody(midi=np.array([note.midi for note in notes]), length=length)
