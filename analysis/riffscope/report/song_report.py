"""The report of one song as a document: its chapters in their order, and what a player needs."""

from riffscope import words
from riffscope.analyzers.beats import Beats
from riffscope.analyzers.loops import Loops, bars_in_words
from riffscope.chord_chart import chord_chart
from riffscope.errors import NotMeasured
from riffscope.report.blocks import ChordBar, Document, Paper, Passage
from riffscope.report.chapter import chapters
from riffscope.report.chord_bars import chord_bars
from riffscope.report.tidy import tidy
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
            name=source.name.rpartition(".")[0] or source.name,
            made_by=f"riffscope {song.made_by.get('riffscope', '')}".strip(),
            blocks=tuple(blocks),
            loop=riff_to_loop(song),
            bar_starts_s=bar_starts_s(song),
            chords=_chords_by_bar(song),
            paper=paper,
        )
    )


def details(song: SongAnalysis) -> str:
    """Say in one line what was measured: file, album, length and format."""
    source = song.source
    tags = source.tags
    parts = [
        source.name if tags.title else "",
        ", ".join(part for part in (tags.album, tags.year) if part),
        clock(source.duration_s),
        source.codec,
        f"{source.sample_rate_hz / 1000:g} kHz",
        source.layout,
    ]
    return " · ".join(part for part in parts if part)


def riff_to_loop(song: SongAnalysis) -> Passage | None:
    """Return the cleanest repeat of the riff, named for a button."""
    found = song.get(Loops)
    if found is None or not found.example.duration_s:
        return None
    detail = f"{bars_in_words(found.period_bars)}, {clock(found.example.start_s)}"
    return Passage(span=found.example, label=f"Loop the {found.kind.noun}", detail=detail)


def bar_starts_s(song: SongAnalysis) -> tuple[float, ...]:
    """Return where bars begin, for a player that goes from bar to bar; none where they are not known."""
    beats = song.get(Beats)
    return () if beats is None else tuple(beats.times_s[beats.downbeat_index].round(3).tolist())


def _chords_by_bar(song: SongAnalysis) -> tuple[ChordBar, ...]:
    try:
        chart = chord_chart(song)
    except NotMeasured:
        return ()
    return tuple(chord_bars(chart.bars, chart, meter=chart.meter))
