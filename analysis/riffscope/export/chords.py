"""A chord sheet: what to play along with the song, as a page, on paper and as plain text."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from riffscope import words
from riffscope.analyzers.chords import GOES_ROUND
from riffscope.analyzers.tempo import Tempo
from riffscope.chord_chart import ChartedBar, ChartedSection, ChordChart, chord_chart
from riffscope.chord_names import NO_CHORD, WRITTEN_NO_CHORD, print_degrees, written
from riffscope.errors import CannotMeasure, NotMeasured
from riffscope.export.song_files import made_from, write_song_files
from riffscope.measures import capitalised
from riffscope.progressions import Progression
from riffscope.report.blocks import Block, ChordBars, Document, Paragraph
from riffscope.report.chord_bars import chord_bars
from riffscope.report.tidy import tidy
from riffscope.song import SongAnalysis
from riffscope.steps import export
from riffscope.units import clock

# A sheet does not say when it was made, so that the same analysis gives the same files.
UNDATED = datetime(1980, 1, 1, tzinfo=UTC)
BARS_PER_LINE = 4
# So many chords are named as what one plays with a capo, or in a section, where they do not go round.
CHORDS_NAMED = 6


@export
def chords(song: SongAnalysis, *, folder: Path, capo: int = 0) -> list[Path]:
    """Write a chord sheet: ``NAME.chord-sheet.html``, ``.pdf`` and ``.txt``.

    It has the sections by name, their bars four in a row with the chords at their beats, and the round that a section
    goes in with its degrees. Chords that are likelier wrong than right have a question mark.

    Parameters
    ----------
    capo : int
        The fret of a capo, 0..11: the chords are the shapes that are played with it.

    Raises
    ------
    CannotMeasure
        It has no chords, or no beats to set them on.
    """
    try:
        chart = chord_chart(song, capo=capo)
    except NotMeasured as why:
        raise CannotMeasure(why.code, f"there are no chords to write ({why})") from why
    from riffscope.report.html import render_html
    from riffscope.report.pdf import render_pdf

    document = chord_sheet(song, chart)
    sheets = {
        "html": render_html(document, timestamp=UNDATED),
        "pdf": render_pdf(document, timestamp=UNDATED),
        "txt": f"{_as_text(document, chart)}\n({made_from(song.source)})\n".encode(),
    }
    return write_song_files(song.source, folder, {f"chord-sheet.{kind}": sheet for kind, sheet in sheets.items()})


def chord_sheet(song: SongAnalysis, chart: ChordChart) -> Document:
    """Set a chart as a document."""
    source = song.source
    return tidy(
        Document(
            title=words.plain(source.title, words.MAX_TITLE_LETTERS) or "Untitled",
            subtitle=words.plain(source.tags.artist or "", words.MAX_TITLE_LETTERS),
            details=_details(song, chart),
            name=Path(source.name).stem,
            made_by=f"riffscope {song.made_by.get('riffscope', '')}".strip(),
            blocks=tuple(_blocks(chart)),
            dated=False,
        )
    )


def _details(song: SongAnalysis, chart: ChordChart) -> str:
    """Name key, tempo, meter and length in one line."""
    tempo = song.get(Tempo)
    meters = {bar.meter for bar in chart.bars if bar.number}
    parts = [
        chart.sounding_key,
        "" if tempo is None else f"{tempo.bpm.value:.0f} BPM",
        f"{chart.meter}{', changing' if len(meters) > 1 else ''}" if chart.has_bars else "",
        clock(song.source.duration_s),
    ]
    return " · ".join(part for part in parts if part)


def _blocks(chart: ChordChart) -> Iterator[Block]:
    yield Paragraph(text=_capo_in_words(chart))
    legend = _legend(chart)
    if legend:
        yield Paragraph(text=legend, note=True)
    # The first bar's own meter is told where it is not the usual one, which stands at the head.
    meter = chart.meter
    for section in chart.sections:
        yield ChordBars(
            title=capitalised(section.name or "chords"),
            detail=clock(section.start_s),
            note=_round_in_words(section.progression, chart),
            bars=tuple(chord_bars(section.bars, chart, meter=meter)),
        )
        meter = section.bars[-1].meter if section.bars[-1].number else meter


def _capo_in_words(chart: ChordChart) -> str:
    """Say what to play where, as in ``Capo 3: play Am F C G; sounds in C minor.``."""
    if not chart.capo:
        return "No capo: the chords as they sound."
    named = " ".join(dict.fromkeys(chart.print(label.partition("/")[0]) for label in _named(chart)))
    higher = f"{words.count(chart.capo, 'semitone')} higher"
    return f"Capo {chart.capo}: play {named}; sounds {f'in {chart.sounding_key}' if chart.sounding_key else higher}."


def _named(chart: ChordChart) -> tuple[str, ...]:
    """Return the chords of the round that is played the most; without one, the commonest."""
    rounds = [(one.rounds * one.period_bars, one.labels) for one in _rounds(chart)]
    found = max(rounds, default=(0.0, chart.commonest[:CHORDS_NAMED]))[1]
    return tuple(dict.fromkeys(label for label in found if label != NO_CHORD)) or chart.commonest[:CHORDS_NAMED]


def _rounds(chart: ChordChart) -> list[Progression]:
    every = [section.progression for section in chart.sections]
    return [one for one in every if one is not None and one.rounds >= GOES_ROUND]


def _legend(chart: ChordChart) -> str:
    """Explain the marks that the sheet has."""
    every = [chord for bar in chart.bars for chord in bar.chords]
    parts = [
        "Chords with a question mark are likelier wrong than right" if any(c.unsure for c in every) else "",
        f"{WRITTEN_NO_CHORD}: no chord" if any(c.label == NO_CHORD for c in every) else "",
        "" if chart.has_bars else "No bar lines were found, so beats are counted in fours",
    ]
    return " ".join(f"{part}." for part in parts if part)


def _round_in_words(found: Progression | None, chart: ChordChart) -> str:
    """Write a section's round with its degrees: ``C♯m A E B (vi IV I V), 4 bars, 2 times``.

    Where the chords do not go round and are many, the bars tell them.
    """
    if found is None or (len(found.labels) > CHORDS_NAMED and found.rounds < GOES_ROUND):
        return ""
    named = " ".join(chart.print(label) for label in found.labels)
    degrees = print_degrees(found.roman)
    bars, times = words.count(round(found.period_bars), "bar"), round(found.rounds)
    again = f", {times} times" if times > 1 else ""
    return f"{named}{f' ({degrees})' if degrees else ''}, {bars}{again}"


# --------------------------------------------------------------------------------------------------------------- text
def _as_text(document: Document, chart: ChordChart) -> str:
    """Write the sheet in plain letters: a bar has a place for each beat, a dot where its chord goes on."""
    lines = [line for line in (document.title, document.subtitle, _plain_letters(document.details)) if line]
    lines += ["", *(_plain_letters(block.text) for block in document.blocks if isinstance(block, Paragraph))]
    shown = (block for block in document.blocks if isinstance(block, ChordBars))
    for section, block in zip(chart.sections, shown, strict=True):
        about = "  ".join(part for part in (block.detail, _plain_letters(block.note)) if part)
        lines += ["", f"[{block.title}]  {about}", *_lines(section, chart)]
    return "\n".join(lines) + "\n"


def _lines(section: ChartedSection, chart: ChordChart) -> Iterator[str]:
    bars = [(bar.number, _bar_as_text(bar, chart)) for bar in section.bars]
    width = max(len(text) for _, text in bars)
    for pickup, some in itertools.groupby(bars, key=lambda one: one[0] == 0):
        texts = [text for _, text in some]
        for first in range(0, len(texts), BARS_PER_LINE):
            line = texts[first : first + BARS_PER_LINE]
            yield "| " + " | ".join(text if pickup else text.ljust(width) for text in line) + " |"


def _bar_as_text(bar: ChartedBar, chart: ChordChart) -> str:
    by_halves = any(chord.beat % 1 or chord.beats % 1 for chord in bar.chords)
    places = []
    for chord in bar.chords:
        count = round(chord.beats * (2 if by_halves else 1))
        name = written(chord.label, chart.spelling) + ("?" if chord.unsure else "")
        places += [name, *["."] * (count - 1)]
    return " ".join(places)


def _plain_letters(text: str) -> str:
    return text.replace("♯", "#").replace("♭", "b")
