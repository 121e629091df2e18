"""What repeats, a riff, chords or a passage: how long it is, where it sounds, how exactly, and what else loops."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.loops import LoopKind, Loops, bars_in_words
from riffscope.analyzers.riff_notes import RiffNotes
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Figure, Heading, Paragraph
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, PROBABILITY, SECONDS

# What is said of a loop that is not a riff, by kind.
WHAT_IT_IS = {
    LoopKind.CHORDS: ("The chords come round; no figure in them does, and what is played over them may vary.",),
    LoopKind.PASSAGE: ("It returns as a section does, so it is not a riff.",),
}


@chapter(place=30, shows=("loops", "riff_notes"))
def riff(song: SongAnalysis) -> Iterator[Block]:
    """Write about the riff, draw its map and the self-similarity, say how to check it, and write its notes down."""
    yield Heading(text="Riff")
    yield from absences(song, "loops", "riff_notes")
    found = song.get(Loops)
    if found is None:
        return
    text = _riff_in_words(found)
    yield Paragraph(text=text)
    noun = found.kind.noun
    caption = (
        f"Every bar of the song, row by row through the {noun}. Dark: the bar is similar to the {noun} at its place;"
        f" pale: it is varied, or something covers it; a small square: the {noun} does not sound."
    )
    yield from draw("loop_map", song, caption=caption, alt=f"Map of the song's bars. {text}")
    yield Paragraph(text=_how_to_check_riff(found), note=True)
    caption = (
        "The self-similarity of the song's bars, beyond what they share by chance; the song begins at the top left. A"
        " stripe beside the diagonal is music that repeats, as much later as it lies away from it."
    )
    yield from draw("similarity", song, caption=caption, alt=f"Self-similarity of the song's bars. {text}")
    yield from _notes(song)


def _notes(song: SongAnalysis) -> Iterator[Block]:
    """Write about the notes of the riff, and draw them as a piano roll and, where they fit, on a staff."""
    notes = song.get(RiffNotes)
    if notes is None:
        return
    yield Heading(text=f"The notes of the {notes.kind.noun}", level=2)
    text = _notes_in_words(notes, song)
    yield Paragraph(text=text)
    above = "; above, the chords of its cleanest repeat" if song.get(Chords) is not None else ""
    caption = f"One pass of the {notes.kind.noun}, from bar line to bar line{above}. The fainter a note, the less sure."
    yield from draw("riff_notes", song, caption=caption, alt=f"Piano roll. {text}")
    swung = " Eighths are written straight and swing." if notes.swing_fraction is not None else ""
    caption = (
        f"The same line as notation, to be repeated.{swung} Where a note ends is less certain than where it begins."
    )
    # A line that is too long for two systems is in the piano roll and in the MIDI file: that it is missing here needs
    # no words.
    drawn = draw("riff_staff", song, caption=caption, alt=f"Musical notation. {text}")
    yield from (block for block in drawn if isinstance(block, Figure))


def _notes_in_words(notes: RiffNotes, song: SongAnalysis) -> str:
    low, high = (song.spelling.print(midi) for midi in (notes.lowest_midi, notes.highest_midi))
    count = words.count(len(notes.notes), "note")
    grid = "triplets" if notes.steps_per_beat != 4 and not notes.is_compound else "sixteenths"
    what = "It is a bass line of" if notes.is_bass_line else "Its line has"
    parts = [
        f"{what} {count} from {low} to {high} on a grid of {grid}, transcribed from"
        f" {words.count(notes.passes, 'repeat')}; on average a note is"
        f" {PROBABILITY.format(notes.mean_probability)} sure."
    ]
    if notes.bass_notes:
        parts.append(f"The bass under it plays {words.count(len(notes.bass_notes), 'note')}.")
    return " ".join(parts)


def _riff_in_words(found: Loops) -> str:
    coverage = found.coverage_fraction
    gap = round(found.longest_gap_bars)
    parts = [
        f"A {found.kind.noun} of {bars_in_words(found.period_bars)}, {SECONDS.format(found.period_s)} long, repeats"
        f" {words.count(round(found.passes), 'time')} and sounds in {FRACTION.format(coverage.value)} of the song,"
        f" range {words.range_of(coverage, FRACTION)}.",
        f"The longest segment of the music without it lasts {words.count(gap, 'bar')}."
        if gap
        else "It sounds from the first bar of the music to the last.",
        f"From one repeat to the next, the better ones share {FRACTION.format(found.exactness_fraction)} of the notes"
        " of a beat; a copied loop with nothing else on top would share them all.",
        f"With such evidence it is a {found.kind.noun} in {words.of_hundred(found.probability)} songs.",
        *WHAT_IT_IS.get(found.kind, ()),
    ]
    if found.others:
        each = [
            f"a {other.kind.noun} of {bars_in_words(other.period_bars)} from {words.span(other.spans[0])}"
            for other in found.others
        ]
        parts.append(f"Something else loops where it does not sound: {words.joined(each)}.")
    heard = "the whole mix, and the accompaniment" if found.method.separated else "the whole mix"
    return f"{' '.join(parts)} Listened to: {heard}."


def _how_to_check_riff(found: Loops) -> str:
    return (
        f"To check: play the cleanest repeat, {words.span(found.example)}, and then other rows of the map. Where"
        f" the same notes come at the same moments, the {found.kind.noun} sounds, whatever is played or sung on top."
    )
