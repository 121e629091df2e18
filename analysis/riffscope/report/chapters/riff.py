"""What repeats, a riff, chords or a passage: how long it is, where it sounds, how exactly, and what else loops."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.loops import LoopKind, Loops, bars_in_words
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, SECONDS

# What is said of a loop that is not a riff, by kind.
WHAT_IT_IS = {
    LoopKind.CHORDS: ("The chords come round; no figure in them does, and what is played over them may vary.",),
    LoopKind.PASSAGE: ("It returns as a section does, so it is not a riff.",),
}


@chapter(place=30, shows=("loops",))
def riff(song: SongAnalysis) -> Iterator[Block]:
    """Write about the riff, draw its map and the self-similarity, and say how to check it."""
    yield Heading(text="Riff")
    yield from absences(song, "loops")
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
