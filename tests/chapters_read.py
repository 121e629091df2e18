"""What a chapter of a report says and draws, for tests of its words."""

import dataclasses
import re

from riffscope import plots
from riffscope.model import Measured, snake_case
from riffscope.plots import style
from riffscope.report.blocks import Figure, Notice, Paragraph, Table
from songs import example_song, with_outcomes


def changed(result, song=None, /, **fields):
    """The made-up song, with some fields of a measurement changed."""
    song = example_song() if song is None else song
    value = dataclasses.replace(song[result], **fields)
    return with_outcomes(song, {snake_case(result.__name__): Measured(value=value, version=1, seconds=0.1)})


def said(blocks):
    """Everything that blocks say in sentences."""
    return " ".join(block.text for block in blocks if isinstance(block, Paragraph | Notice))


def sentences(blocks):
    """The sentences that blocks say, in a set."""
    return set(re.split(r"(?<=[.:;]) ", said(blocks)))


def rows(blocks):
    """The rows of all tables."""
    return [row for block in blocks if isinstance(block, Table) for row in block.rows]


def captions(blocks):
    """The captions of all figures."""
    return [block.caption for block in blocks if isinstance(block, Figure)]


class Sketches(dict):
    """Figures that take no time to draw; which were asked for stands in `drawn`."""

    def __init__(self):
        super().__init__({name: self._sketch(name, draw.__doc__) for name, draw in plots.FIGURES.items()})
        self.drawn = []

    def _sketch(self, name, doc):
        def draw(*_, **__):
            self.drawn.append(name)
            return style.new_figure(1.0)

        draw.__doc__ = doc
        return draw
