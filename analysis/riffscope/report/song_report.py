"""The report of one song as a document: its chapters in their order, and what a player needs."""

from riffscope import words
from riffscope.report.blocks import Document, Paper
from riffscope.report.chapter import chapters
from riffscope.report.played_song import played_song
from riffscope.report.tidy import tidy
from riffscope.report.write import report_name
from riffscope.song import SongAnalysis
from riffscope.units import clock


def song_document(song: SongAnalysis, *, full: bool = False, paper: Paper = "a4") -> Document:
    """Write the report of one song as a document; in full with every number, the methods and where it comes from."""
    blocks = [block for chapter in chapters() for block in chapter.write(song, full=full)]
    source = song.source
    return tidy(
        Document(
            title=words.plain(source.title, words.MAX_TITLE_LETTERS) or "Untitled",
            subtitle=words.plain(source.tags.artist or "", words.MAX_TITLE_LETTERS),
            details=details(song),
            name=report_name([source.name]),
            made_by=f"riffscope {song.made_by.get('riffscope', '')}".strip(),
            blocks=tuple(blocks),
            songs=(played_song(song),),
            paper=paper,
        )
    )


def details(song: SongAnalysis) -> str:
    """Say in one line what was measured: file, album, length and format."""
    source = song.source
    tags = source.tags
    parts = [
        source.name,
        ", ".join(part for part in (tags.album, tags.year) if part),
        clock(source.duration_s),
        source.codec,
        f"{source.sample_rate_hz / 1000:g} kHz",
        source.layout,
    ]
    return " · ".join(part for part in parts if part)
