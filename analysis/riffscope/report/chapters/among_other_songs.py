"""Where the song stands among other songs: the numbers that stand out most, each with its place."""

from collections.abc import Iterator

from riffscope import words
from riffscope.reference.placing import ToldPlace, allowances, outstanding, why_nothing_stands_out
from riffscope.report.blocks import Block, Heading, KeyFigure, KeyFigures, Paragraph, Place
from riffscope.report.chapter import chapter
from riffscope.song import SongAnalysis


@chapter(place=15)
def among_other_songs(song: SongAnalysis) -> Iterator[Block]:
    """Set what stands out among other songs, by each set of songs; nothing where no reference set was given."""
    for places in song.places:
        yield Heading(text=f"Among {places.set_in_words}")
        told = outstanding(song, places)
        if told:
            yield KeyFigures(figures=tuple(_figure(one) for one in told))
        else:
            yield Paragraph(text=why_nothing_stands_out(places))
        yield Paragraph(
            text=" ".join(
                [
                    f"{words.count(places.songs, 'song')} from {places.source}, {places.years}.",
                    "In brackets is the 90% range: wider if the number is uncertain, or if the songs are few.",
                    *allowances(told),
                ]
            ),
            note=True,
        )


def _figure(told: ToldPlace) -> KeyFigure:
    where = told.number.percentile
    # A percent sign belongs to its number; a name of a unit is set smaller.
    number, _, unit = told.amount.partition(" ")
    return KeyFigure(
        label=told.label,
        value=number,
        unit=unit,
        place=Place(percent=where.value, low=where.low, high=where.high, text=told.place),
    )
