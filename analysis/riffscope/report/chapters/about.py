"""About this report: the file, the settings and the program in a few lines, and how to see more."""

from collections.abc import Iterator

from riffscope import words
from riffscope.report.blocks import Block, Paragraph
from riffscope.report.chapter import InFull, chapter
from riffscope.song import SongAnalysis
from riffscope.units import clock

# So much of the hash tells a file from any other that somebody has.
HASH_LETTERS = 12


@chapter(place=75)
def about(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Name what the report was made from; a report in full says so at length."""
    yield InFull(instead=[Paragraph(text=_about(song), note=True)])


def _about(song: SongAnalysis) -> str:
    source = song.source
    program = f"riffscope {song.made_by.get('riffscope', '')}".strip()
    settings = ", ".join(f"{name} {choice}" for name, choice in song.settings.items())
    return (
        f"About this report: {words.plain(source.name, 80)}, {clock(source.duration_s, decimals=1)}, SHA-256"
        f" {source.sha256[:HASH_LETTERS]}…, measured by {program}{f' ({settings})' if settings else ''}. A 90% range"
        " holds the true value in nine of ten songs. The full report (--full; on the local page: Full PDF) has every"
        " number, the caveats, the methods with their sources and more figures as well."
    )
