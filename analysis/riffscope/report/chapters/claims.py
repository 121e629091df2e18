"""The claims about the song, each with its reason and where to listen."""

from collections.abc import Iterator

from riffscope import standings
from riffscope.report.blocks import Block, Heading, Paragraph, VerdictList
from riffscope.report.chapter import InFull, chapter
from riffscope.report.verdicts import brief_verdict_item, verdict_item
from riffscope.song import SongAnalysis


@chapter(place=10)
def claims(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Give the reason of each claim that was tested; in full those of all, with every number and caveat."""
    if not song.verdicts:
        return
    tested = standings.tested(song.verdicts)
    if tested:
        yield InFull(instead=[Heading(text="Why"), VerdictList(verdicts=tuple(map(brief_verdict_item, tested)))])
    yield InFull(blocks=_in_full(song))


def _in_full(song: SongAnalysis) -> Iterator[Block]:
    yield Heading(text="The claims")
    yield Paragraph(
        text="A claim is inconclusive where the range of a number reaches over its limit, and not testable where sound"
        " alone cannot decide it.",
        note=True,
    )
    verdicts = standings.in_order(song.verdicts)
    yield VerdictList(verdicts=tuple(verdict_item(verdict, song.spelling) for verdict in verdicts))
