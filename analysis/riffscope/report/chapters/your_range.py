"""The song in a singer's range: how far to move it, what stays outside, and the chords to play."""

from collections.abc import Iterator

from riffscope.notes import music_type
from riffscope.report.blocks import Block, Column, Heading, Paragraph, Table
from riffscope.report.chapter import chapter
from riffscope.song import SongAnalysis
from riffscope.transposition import Transposition
from riffscope.units import FRACTION


@chapter(place=35)
def your_range(song: SongAnalysis) -> Iterator[Block]:
    """Say how to sing the song in a range that was given, and what to play; nothing without one."""
    moved = song.transposition
    if moved is None:
        return
    yield Heading(text=f"In your range, {moved.singer.in_words(moved.spelling)}")
    yield Paragraph(text=" ".join(moved.sentences))
    if moved.chords:
        yield _chords(moved)
    yield Paragraph(
        text="The lowest and the highest 2% of the singing do not count. How hard a note is to sing is not measured.",
        note=True,
    )


def _chords(moved: Transposition) -> Table:
    """Set each chord beside what it becomes, and its shape behind the capo where there is one."""
    with_capo = bool(moved.capo)
    columns = [Column(heading="In the recording"), Column(heading="In your key")]
    if with_capo:
        columns.append(Column(heading=f"Shape, capo on fret {moved.capo}"))
    columns.append(Column(heading="Of the time", align="right"))
    rows = [
        tuple(
            [
                music_type(name)
                for name in ((one.before, one.after, one.shape) if with_capo else (one.before, one.after))
            ]
            + [FRACTION.format(one.share_fraction)]
        )
        for one in moved.chords
    ]
    return Table(columns=tuple(columns), rows=tuple(rows))
