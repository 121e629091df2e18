"""Every measurement that no other chapter shows and that has a figure of its own name, with its summary."""

import inspect
from collections.abc import Iterator

from riffscope import plots, words
from riffscope.measures import in_words
from riffscope.model import Measured
from riffscope.report.absences import absences
from riffscope.report.blocks import Block, Heading, Paragraph
from riffscope.report.chapter import chapter, chapters
from riffscope.report.drawing import draw
from riffscope.song import SongAnalysis


@chapter(place=70)
def others(song: SongAnalysis) -> Iterator[Block]:
    """Write the summary of each such measurement, and draw it."""
    shown = {name for one in chapters() for name in one.measurements}
    names = [name for name in song.outcomes if name in plots.FIGURES and name not in shown]
    if names:
        yield Heading(text="Other measurements")
    for name in names:
        yield Heading(text=in_words(name), level=2)
        yield from absences(song, name)
        outcome = song.outcomes[name]
        if isinstance(outcome, Measured):
            summary = words.sentence(getattr(outcome.value, "summary", ""))
            if summary:
                yield Paragraph(text=summary)
            caption = (inspect.getdoc(plots.FIGURES[name]) or "").partition("\n")[0]
            yield from draw(name, song, caption=caption, alt=f"{in_words(name)}. {summary} {caption}")
