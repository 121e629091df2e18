"""The claims about the song, each with its verdict and what that rests on."""

from collections.abc import Iterator

from riffscope.report.blocks import Block, Heading, Paragraph, VerdictList
from riffscope.report.chapter import chapter
from riffscope.report.verdicts import verdict_item
from riffscope.song import SongAnalysis


@chapter(place=10)
def claims(song: SongAnalysis) -> Iterator[Block]:
    """Write each verdict in full."""
    if not song.verdicts:
        return
    yield Heading(text="The claims", new_page=True)
    yield Paragraph(
        text="Each claim is tried against the measurements. It is inconclusive where the range of a number straddles"
        " the limit, and not testable where sound alone cannot tell.",
        note=True,
    )
    yield VerdictList(verdicts=tuple(verdict_item(verdict, song.spelling) for verdict in song.verdicts))
