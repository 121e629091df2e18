"""The first page: what is wrong with the file, the verdicts, the key figures and the timeline."""

from collections.abc import Iterator

from riffscope import words
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.structure import Structure
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.headline import headline
from riffscope.report.blocks import Block, Headline, KeyFigures, Notice
from riffscope.report.chapter import InFull, chapter
from riffscope.report.drawing import draw
from riffscope.report.key_figures import key_figures
from riffscope.report.verdicts import claim_lines, tally
from riffscope.song import SongAnalysis
from riffscope.units import FRACTION, LUFS, clock


@chapter(place=0)
def at_a_glance(song: SongAnalysis) -> Iterator[Block | InFull]:
    """Warn, rule, count and draw."""
    if song.source.status == "partial":
        yield Notice(
            text="Only part of the file could be decoded; everything here describes that part.", kind="warning"
        )
    for warning in song.source.warnings:
        yield Notice(text=words.sentence(warning), kind="warning")
    yield Headline(text=headline(song))
    if song.verdicts:
        yield tally(song.verdicts)
        yield claim_lines(song.verdicts)
    figures = tuple(figure for figure in key_figures(song) if figure is not None)
    if figures:
        yield KeyFigures(figures=figures)
    alt = f"Timeline of the song. {_timeline_in_words(song)}"
    yield InFull(
        blocks=draw("timeline", song, caption="", alt=alt),
        instead=draw("timeline", song, caption="", alt=alt, compact=True),
    )


def _timeline_in_words(song: SongAnalysis) -> str:
    parts = [f"It lasts {clock(song.source.duration_s)}."]
    activity, loudness = song.get(VocalActivity), song.get(Loudness)
    if activity is not None:
        parts.append(f"Someone sings for {FRACTION.format(activity.sung_fraction)} of the time.")
    if loudness is not None:
        parts.append(f"Its integrated loudness is {LUFS.format(loudness.integrated_lufs)}.")
    structure = song.get(Structure)
    if structure is not None:
        parts.append(f"Its sections: {structure.form}.")
    return " ".join(parts)
