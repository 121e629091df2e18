"""The report of a comparison: what sets songs apart, measure by measure, and how each of them runs."""

from collections.abc import Iterator, Sequence

from riffscope import words
from riffscope.compare import Comparison, Difference
from riffscope.measures import in_words, topic_of
from riffscope.model import Estimate, Source
from riffscope.notes import Spelling, music_type
from riffscope.plots.style import SONGS
from riffscope.report.blocks import Block, Column, Document, Fact, Facts, Heading, Notice, Paragraph, Table, VerdictList
from riffscope.report.drawing import draw
from riffscope.report.key_figures import further_key_figures, key_figures
from riffscope.report.played_song import played_song
from riffscope.report.song_report import details
from riffscope.report.tidy import tidy
from riffscope.report.verdicts import verdict_item, verdicts_at_a_glance
from riffscope.song import SongAnalysis
from riffscope.units import MIDI, SEMITONES, Unit, clock

# How many of the clearest differences open the report.
FOREMOST = 6


def comparison_document(comparison: Comparison, songs: Sequence[SongAnalysis]) -> Document:
    """Write the report of a comparison as a document.

    Raises
    ------
    ValueError
        More songs than fit beside each other on a page, or not the songs that were compared.
    """
    if len(songs) != len(comparison.songs) or not 2 <= len(songs) <= len(SONGS):
        raise ValueError(f"a comparison of 2 to {len(SONGS)} songs fits on a page; give the songs that were compared")
    songs = [song.spelled(comparison.spelling) for song in songs]
    titles = [words.plain(source.title, 80) or "Untitled" for source in comparison.songs]
    blocks = [
        *_songs(comparison.songs),
        *_at_a_glance(songs),
        *_foremost(comparison, songs),
        *_claims(comparison),
        *_table(comparison),
        *_missing(comparison),
        *_timelines(songs),
    ]
    made_by = songs[0].made_by.get("riffscope", "")
    return tidy(
        Document(
            title=words.joined(titles),
            subtitle="",
            details=f"Comparison of {len(titles)} songs",
            name="-and-".join(source.name.rpartition(".")[0][:30] or source.name[:30] for source in comparison.songs),
            made_by=f"riffscope {made_by}".strip(),
            blocks=tuple(blocks),
            songs=tuple(played_song(song, letter) for letter, song in zip(SONGS, songs, strict=False)),
        )
    )


def _songs(sources: Sequence[Source]) -> Iterator[Block]:
    yield Facts(
        facts=tuple(
            Fact(
                label=f"Song {letter}",
                text=" · ".join(part for part in (words.plain(source.title, 120), source.tags.artist or "") if part),
                note=" · ".join(
                    part
                    for part in (source.name if source.tags.title else "", clock(source.duration_s), source.codec)
                    if part
                ),
            )
            for letter, source in zip(SONGS, sources, strict=False)
        )
    )


def _at_a_glance(songs: Sequence[SongAnalysis]) -> Iterator[Block]:
    """The key figures of the songs' own reports, side by side."""
    rows: dict[str, list[str]] = {}
    for place, song in enumerate(songs):
        for figure in (*key_figures(song), *further_key_figures(song)):
            if figure is not None:
                cells = rows.setdefault(figure.label, ["–"] * len(songs))
                cells[place] = f"{figure.value} {figure.unit}".strip() or "not measured"
    columns = (Column(heading="At a glance", share=1.4), *(Column(heading=f"Song {c}") for c in SONGS[: len(songs)]))
    if rows:
        yield Table(columns=columns, rows=tuple((label, *cells) for label, cells in rows.items()))


def _foremost(comparison: Comparison, songs: Sequence[SongAnalysis]) -> Iterator[Block]:
    """The clearest differences, in words and drawn, the largest against what a listener notices first."""
    apart = [row for row in comparison.rows if row.same is False]
    foremost = [row for row in comparison.clearest if row.same is False]
    yield Heading(text="What sets them apart")
    if not foremost:
        yield Paragraph(text="No measure differs by more than a listener would notice.")
    for row in foremost[:FOREMOST]:
        yield Paragraph(text=_in_words(row, comparison.spelling))
    if foremost:
        caption = (
            "The clearest differences from song A, three of a measurement at most; a thin line is the range that should"
            " hold the truth nine times in ten."
        )
        yield from draw(
            "differences",
            comparison,
            caption=caption,
            alt=f"{caption} {' '.join(_in_words(row, comparison.spelling) for row in foremost)}",
        )
    caption = (
        "The songs on shared axes. Dashed: the loudness of each whole song; pale: the tessitura, the middle 80% of"
        " the singing; purple: up to 125 Hz."
    )
    yield from draw("side_by_side", songs, caption=caption, alt=caption)
    same = sum(row.same is True for row in comparison.rows)
    unsure = sum(row.same is None and row.difference is not None for row in comparison.rows)
    yield Paragraph(
        text=f"Of {words.count(len(comparison.rows), 'measure')}, {len(apart)} differ, {same} are alike to a listener"
        f" and {unsure} are open. A measure differs when the whole range of the difference lies beyond what listeners"
        " tell apart in its unit, such as 1 LU of loudness; it is alike when the whole range lies within. The ranges of"
        " two songs are added as independent errors. How each measure is made stands in the reports of the songs.",
        note=True,
    )


def _claims(comparison: Comparison) -> Iterator[Block]:
    """What is claimed of each song against the first."""
    for letter, verdicts in zip(SONGS[1:], comparison.verdicts, strict=False):
        yield Heading(text=f"Song {letter} against song {SONGS[0]}: the claims")
        if len(comparison.songs) == 2:
            yield VerdictList(verdicts=tuple(verdict_item(verdict, comparison.spelling) for verdict in verdicts))
        else:
            yield VerdictList(verdicts=tuple(verdicts_at_a_glance(verdicts, reasons=True)))


def _in_words(row: Difference, spelling: Spelling) -> str:
    values = [
        f"{letter} {_amount(value, row.unit, spelling)}" for letter, value in zip(SONGS, row.values, strict=False)
    ]
    return f"{topic_of(row.label)}: {words.joined(values, 'against')} ({_difference(row)})."


def _table(comparison: Comparison) -> Iterator[Block]:
    count = len(comparison.songs)
    yield Heading(text="Side by side")
    yield Paragraph(
        text="In brackets: the range that should hold the truth nine times in ten, where one is known. The difference"
        f" is {'B minus A' if count == 2 else 'the highest minus the lowest'}.",
        note=True,
    )
    rows: list[tuple[str, ...]] = []
    group = ""
    facts = {fact.measure: fact for fact in comparison.facts}
    measures = [fact.measure for fact in comparison.facts] + [row.measure for row in comparison.rows]
    names = list(dict.fromkeys(measure.partition(".")[0] for measure in measures))
    for name in names:
        mine: list[tuple[str, ...]] = []
        for fact in facts.values():
            if fact.measure.startswith(f"{name}."):
                cells = [music_type(value) if value is not None else "–" for value in fact.values]
                verdict = {True: "the same", False: "different", None: ""}[fact.same]
                mine.append((words.row_label(fact.label), *cells, "", verdict))
        for row in comparison.rows:
            if row.measure.startswith(f"{name}."):
                cells = [_cell(value, row.unit, comparison.spelling) for value in row.values]
                mine.append((words.row_label(row.label), *cells, _difference(row), _verdict(row)))
        if mine and name != group:
            rows += [(in_words(name),), *mine]
            group = name
    columns = (
        Column(heading="Measure", share=1.6),
        *(Column(heading=letter, align="right", share=2.1 if count == 2 else 1.3) for letter in SONGS[:count]),
        Column(heading="Difference", align="right", share=1.25),
        Column(heading="Listener", share=0.85),
    )
    yield Table(columns=columns, rows=tuple(rows))


def _amount(value: Estimate | None, unit: Unit, spelling: Spelling) -> str:
    return "–" if value is None else words.amount(value, unit, spelling)


def _cell(value: Estimate | None, unit: Unit, spelling: Spelling) -> str:
    if value is None or value.low == value.high:
        return _amount(value, unit, spelling)
    if unit == MIDI:
        return f"{words.amount(value, unit, spelling)} ({words.range_of(value, unit, spelling)})"
    return f"{words.amount(value, unit, spelling)} ({unit.number(value.low)} to {unit.number(value.high)})"


def _difference(row: Difference) -> str:
    if row.difference is None:
        return ""
    unit = SEMITONES if row.unit == MIDI else row.unit  # notes are a number of semitones apart
    return unit.format(row.difference.value, signed=len(row.values) == 2)


def _verdict(row: Difference) -> str:
    if row.difference is None:
        return ""
    return {True: "alike", False: "different", None: "open"}[row.same]


def _missing(comparison: Comparison) -> Iterator[Block]:
    """Say once for each song and reason what is missing: a whole measurement, or single measures of it."""
    for place, letter in enumerate(SONGS[: len(comparison.songs)]):
        said: dict[str, list[str]] = {}
        by_measurement: dict[str, list[Difference]] = {}
        for row in comparison.rows:
            by_measurement.setdefault(row.measurement, []).append(row)
        for name, rows in by_measurement.items():
            lacking = [row for row in rows if row.missing[place] is not None]
            for row in lacking:
                what = in_words(name).lower()
                if len(lacking) < len(rows):
                    what = f"{what}, {words.row_label(row.label).lower()}"
                kinds = said.setdefault(row.missing[place] or "", [])
                if what not in kinds:
                    kinds.append(what)
        for reason, kinds in said.items():
            yield Notice(text=words.sentence(f"{letter} lacks {words.joined(kinds)}: {reason}"))


def _timelines(songs: Sequence[SongAnalysis]) -> Iterator[Block]:
    for place, (letter, song) in enumerate(zip(SONGS, songs, strict=False)):
        yield Heading(text=f"{letter}: {words.plain(song.source.title, 80)}", new_page=place % 2 == 0)
        alt = f"Timeline of song {letter}: {details(song)}"
        yield from draw("timeline", song, caption=details(song), alt=alt, place=place, compact=True)
