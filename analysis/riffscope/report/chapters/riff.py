"""What repeats, a riff, chords or a passage: how long it is, where it sounds, how exactly, and what else loops."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.riff_notes import RiffNotes
from riffscope.measures import capitalised
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Figure, Heading, Paragraph
from riffscope.report.chapter import InFull, chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, SECONDS

# What is said of a loop that is not a riff.
WHAT_IT_IS = {
    LoopKind.CHORDS: ("The chords repeat; no fixed figure does, and what is played over them may vary.",),
    LoopKind.PASSAGE: ("It returns as a section does, so it is not called a riff.",),
}


@chapter(place=40, shows=("loops", "riff_notes"))
def riff(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Write about the riff, draw its map and the self-similarity, say how to check it, and write its notes down."""
    found = song.get(Loops)
    yield Heading(text="Riff" if found is None else capitalised(found.kind.noun))
    yield from absences(song, "loops", "riff_notes")
    if found is None:
        return
    text = _riff_in_words(found)
    yield Paragraph(text=text)
    noun = found.kind.noun
    caption = (
        f"Every bar of the song, row by row through the {noun}. Strong: the bar matches the {noun}; faint: it is"
        f" varied, or something covers it; a small square: the {noun} does not sound."
    )
    yield from draw("loop_map", song, caption=caption, alt=f"Map of the song's bars. {text}")
    yield Paragraph(text=_how_to_check_riff(found), note=True)
    caption = (
        "The self-similarity of the song's bars, beyond what they share by chance; the song begins at the top left. A"
        " diagonal stripe is music that repeats; its distance from the main diagonal is the time until it returns."
    )
    yield InFull(blocks=draw("similarity", song, caption=caption, alt=f"Self-similarity of the song's bars. {text}"))
    yield from _notes(song) if found.kind is LoopKind.RIFF else [InFull(blocks=_notes_in_full(song))]


def _notes(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Write about the notes of the riff, and draw them on a staff, or on a roll where they do not fit on one."""
    notes = song.get(RiffNotes)
    if notes is None:
        return
    staff = list(_staff(song, notes))
    yield InFull(blocks=[_heading(notes)])
    yield Paragraph(text=_notes_in_words(notes, song))
    yield from [InFull(blocks=_roll(song, notes))] if staff else _roll(song, notes)
    yield from staff


def _notes_in_full(song: SongAnalysis) -> Iterator[Block]:
    notes = song.get(RiffNotes)
    if notes is None:
        return
    yield _heading(notes)
    yield Paragraph(text=_notes_in_words(notes, song))
    yield from _roll(song, notes)
    yield from _staff(song, notes)


def _heading(notes: RiffNotes) -> Heading:
    return Heading(text=f"The notes of the {notes.kind.noun}", level=2)


def _roll(song: SongAnalysis, notes: RiffNotes) -> Iterator[Block]:
    above = "; above, the chords of its cleanest repeat" if song.get(Chords) is not None else ""
    caption = f"One pass of the {notes.kind.noun}, bar by bar{above}. The fainter a note, the less sure."
    yield from draw("riff_notes", song, caption=caption, alt=f"Piano roll. {_notes_in_words(notes, song)}")


def _staff(song: SongAnalysis, notes: RiffNotes) -> Iterator[Figure]:
    """Draw the notes on a staff. That a line is too long for two systems needs no words: it is drawn on a roll."""
    swung = " Eighths are written straight and swing." if notes.swing_fraction is not None else ""
    caption = f"The notes on a staff, to be repeated.{swung} Where a note ends is less certain than where it begins."
    drawn = draw("riff_staff", song, caption=caption, alt=f"Musical notation. {_notes_in_words(notes, song)}")
    yield from (block for block in drawn if isinstance(block, Figure))


def _notes_in_words(notes: RiffNotes, song: SongAnalysis) -> str:
    low, high = (song.spelling.print(midi) for midi in (notes.lowest_midi, notes.highest_midi))
    count = words.count(len(notes.notes), "note")
    grid = "triplets" if notes.steps_per_beat != 4 and not notes.is_compound else "sixteenths"
    what = "It is a bass line of" if notes.is_bass_line else "Its line has"
    parts = [
        f"{what} {count} from {low} to {high} on a grid of {grid}, transcribed from"
        f" {words.count(notes.passes, 'repeat')}; on average a note is"
        f" {words.percent_of(notes.mean_probability)} sure."
    ]
    if notes.bass_notes:
        parts.append(f"The bass under it plays {words.count(len(notes.bass_notes), 'note')}.")
    return " ".join(parts)


def _riff_in_words(found: Loops) -> str:
    coverage = found.coverage_fraction
    gap = round(found.longest_gap_bars)
    length, noun = words.bars_long(found.period_bars), found.kind.noun
    parts = [
        f"{capitalised(words.with_article(f'{length} {noun}'))} ({SECONDS.format(found.period_s)}) repeats"
        f" {words.count(round(found.passes), 'time')} and"
        f" sounds in {FRACTION.format(coverage.value)} of the song (90% range {words.between(coverage, FRACTION)}).",
        f"It is away for {words.count(gap, 'bar')} at most." if gap else "It never stops for a whole bar.",
        f"The closest repeats match in {FRACTION.format(found.exactness_fraction)} of their notes; a copied loop with"
        " nothing on top would match in all.",
        *WHAT_IT_IS.get(found.kind, ()),
        f"That it is a {noun}, and not chance, is {words.percent_of(found.probability)} likely.",
    ]
    if found.others:
        each = [
            f"a {words.bars_long(other.period_bars)} {other.kind.noun} from {words.span(other.spans[0])}"
            for other in found.others
        ]
        parts.append(f"Elsewhere something else loops: {words.joined(each)}.")
    return " ".join(parts)


def _how_to_check_riff(found: Loops) -> str:
    heard = "the full mix and the accompaniment" if found.method.separated else "the full mix"
    return (
        f"To check: play the cleanest repeat, {words.span(found.example)}, and then other rows of the map. Where the"
        f" same notes come at the same moments, the {found.kind.noun} sounds, whatever is on top. Measured on"
        f" {heard}."
    )
