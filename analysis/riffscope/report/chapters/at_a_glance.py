"""The first page: what is wrong with the file, the verdicts, the key figures and the timeline."""

import math
from collections.abc import Iterator, Sequence

from riffscope import words
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.model import Source
from riffscope.report.blocks import Block, KeyFigures, Notice, VerdictItem, VerdictList
from riffscope.report.chapter import chapter
from riffscope.report.drawing import draw
from riffscope.report.key_figures import key_figures
from riffscope.report.verdicts import verdicts_at_a_glance
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, LUFS, clock

# The first page has room for so many lines above the key figures and the timeline; counted on printed pages.
ROOM_LINES = 19.0
# How many letters fit into a line of the title, of a claim's text and of its reason.
TITLE_LETTERS = 40
TEXT_LETTERS = 85
REASON_LETTERS = 120
# How high a line of the title, a line of a reason and a notice are against a line of text.
TITLE_LINES = 2.0
REASON_LINES = 0.75
NOTICE_LINES = 2.2


@chapter(place=0)
def at_a_glance(song: SongAnalysis) -> Iterator[Block]:
    """Warn, rule, count and draw."""
    if song.source.status == "partial":
        yield Notice(
            text="Only part of the file could be decoded; everything here describes that part.", kind="warning"
        )
    for warning in song.source.warnings:
        yield Notice(text=words.sentence(warning), kind="warning")
    if song.verdicts:
        brief, full = (tuple(verdicts_at_a_glance(song.verdicts, reasons=reasons)) for reasons in (False, True))
        yield VerdictList(verdicts=full if _lines_of(song.source, full) <= ROOM_LINES else brief)
    figures = tuple(figure for figure in key_figures(song) if figure is not None)
    if figures:
        yield KeyFigures(figures=figures)
    caption = "The song from beginning to end; every panel shares the time axis."
    alt = f"Timeline of the song. {_timeline_in_words(song)}"
    yield from draw("timeline", song, caption=caption, alt=alt, compact=bool(song.verdicts))


def _lines_of(source: Source, verdicts: Sequence[VerdictItem]) -> float:
    """Say how many lines the first page has above its key figures."""
    notices = len(source.warnings) + (source.status == "partial")
    lines = NOTICE_LINES * notices + TITLE_LINES * (math.ceil(len(source.title) / TITLE_LETTERS) - 1)
    for item in verdicts:
        lines += math.ceil(len(item.text) / TEXT_LETTERS) + REASON_LINES * math.ceil(len(item.because) / REASON_LETTERS)
    return lines


def _timeline_in_words(song: SongAnalysis) -> str:
    parts = [f"It lasts {clock(song.source.duration_s)}."]
    activity, loudness = song.get(VocalActivity), song.get(Loudness)
    if activity is not None:
        parts.append(f"Someone sings for {FRACTION.format(activity.sung_fraction)} of it.")
    if loudness is not None:
        parts.append(f"Its integrated loudness is {LUFS.format(loudness.integrated_lufs)}.")
    structure = song.get(Structure)
    if structure is not None:
        parts.append(f"Its sections: {structure.form}.")
    return " ".join(parts)
