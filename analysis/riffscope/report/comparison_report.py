"""The report of a comparison: what a listener notices, what holds of the claims, and every measure side by side."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from riffscope import standings, words
from riffscope.analyzers.balance import Balance
from riffscope.compare import LETTERS, MAX_SONGS, MISSING, Comparison, Difference, Word, too_many_songs
from riffscope.measures import in_words
from riffscope.model import Estimate, Source
from riffscope.notes import Spelling
from riffscope.plots.octaves import bass_hz
from riffscope.report.blocks import (
    Block,
    Column,
    Document,
    Fact,
    Facts,
    Heading,
    Headline,
    Notice,
    Paragraph,
    Table,
    VerdictList,
)
from riffscope.report.drawing import draw
from riffscope.report.key_figures import further_key_figures, key_figures
from riffscope.report.played_song import played_song
from riffscope.report.song_report import details
from riffscope.report.tidy import tidy
from riffscope.report.verdicts import claim_lines, tally, verdict_item
from riffscope.report.write import report_name
from riffscope.song import SongAnalysis
from riffscope.units import Unit, clock

# A number's range fits beside it where no more songs than this share a line; each song's share of the line.
MAX_SONGS_WITH_RANGES = 3
SHARES = {2: 2.1, 3: 1.75}


def comparison_document(comparison: Comparison, songs: Sequence[SongAnalysis]) -> Document:
    """Write the report of a comparison as a document.

    Raises
    ------
    ValueError
        More songs than fit beside each other on a page, or not the songs that were compared.
    """
    if len(songs) > MAX_SONGS:
        raise ValueError(too_many_songs(len(songs)))
    if len(songs) != len(comparison.songs):
        raise ValueError("give the songs that were compared, in their order")
    songs = [song.spelled(comparison.spelling) for song in songs]
    titles = [words.plain(source.title, 80) or "Untitled" for source in comparison.songs]
    blocks = [
        *_songs(comparison.songs),
        *_sentences(comparison),
        *(_at_a_glance(songs) if len(songs) > 2 else ()),
        *_claims(comparison),
        *(_at_a_glance(songs) if len(songs) == 2 else ()),
        *_figures(comparison, songs),
        *_timelines(songs),
        *_table(comparison),
        *_reasons(comparison),
    ]
    made_by = songs[0].made_by.get("riffscope", "")
    return tidy(
        Document(
            title=words.joined(titles),
            subtitle="",
            details=f"Comparison of {len(titles)} songs",
            name=report_name([source.name for source in comparison.songs]),
            made_by=f"riffscope {made_by}".strip(),
            blocks=tuple(blocks),
            songs=tuple(played_song(song, letter) for letter, song in zip(LETTERS, songs, strict=False)),
        )
    )


def _songs(sources: Sequence[Source]) -> Iterator[Block]:
    yield Facts(
        facts=tuple(
            Fact(
                label=f"Song {letter}",
                text=" · ".join(part for part in (words.plain(source.title, 120), source.tags.artist or "") if part),
                note=" · ".join(part for part in (source.name, clock(source.duration_s), source.codec) if part),
            )
            for letter, source in zip(LETTERS, sources, strict=False)
        )
    )


def _sentences(comparison: Comparison) -> Iterator[Block]:
    """What a listener notices: the first sentence large, the others as a paragraph."""
    first, *others = comparison.sentences
    yield Headline(text=first)
    if others:
        yield Paragraph(text=" ".join(others))


def _claims(comparison: Comparison) -> Iterator[Block]:
    """A line for each claim about each song against the first, and how many are ruled on in which way."""
    if not any(comparison.verdicts):
        return
    yield Heading(text="Claims")
    yield tally([verdict for verdicts in comparison.verdicts for verdict in verdicts])
    for letter, verdicts in zip(LETTERS[1:], comparison.verdicts, strict=False):
        if len(comparison.verdicts) > 1:
            yield Heading(text=f"Song {letter} against song {LETTERS[0]}", level=2)
        yield claim_lines(verdicts)


def _at_a_glance(songs: Sequence[SongAnalysis]) -> Iterator[Block]:
    """The key figures of the songs' own reports, side by side."""
    rows: dict[str, list[str]] = {}
    for place, song in enumerate(songs):
        for figure in (*key_figures(song), *further_key_figures(song)):
            if figure is not None:
                cells = rows.setdefault(figure.label, [MISSING] * len(songs))
                cells[place] = f"{figure.value} {figure.unit}".strip() or "not measured"
    columns = (Column(heading="Key figures", share=1.4), *(Column(heading=f"Song {c}") for c in LETTERS[: len(songs)]))
    if rows:
        yield Table(columns=columns, rows=tuple((label, *cells) for label, cells in rows.items()))


def _figures(comparison: Comparison, songs: Sequence[SongAnalysis]) -> Iterator[Block]:
    """The clearest differences of those that a listener notices, and the songs on shared axes."""
    yield Heading(text="The songs in pictures")
    if comparison.clearest:
        caption = (
            "What a listener notices most: how far the other songs lie from song A. A thin line is the 90% range. A"
            " difference within the shaded step is too small to notice."
        )
        said = " ".join(_in_words(row, comparison.spelling) for row in comparison.clearest)
        yield from draw("differences", comparison, caption=caption, alt=f"{caption} {said}")
    caption = (
        "The songs on shared axes. Dashed: the loudness of each whole song. Shaded: the tessitura, the middle 80% of"
        " the singing."
    )
    if (balance := next((found for song in songs if (found := song.get(Balance)) is not None), None)) is not None:
        low_hz, high_hz = bass_hz(balance.band_edges_hz)
        caption += f" Purple: the octaves from {low_hz} to {high_hz} Hz, most of the bass."
    yield from draw("side_by_side", songs, caption=caption, alt=caption)


def _reasons(comparison: Comparison) -> Iterator[Block]:
    """Each verdict with its reason; of two songs with what it rests on as well, which would fill pages for more."""
    several = len(comparison.songs) > 2
    if several and any(comparison.verdicts):
        yield Heading(text="The reasons")
    for letter, verdicts in zip(LETTERS[1:], comparison.verdicts, strict=False):
        items = [verdict_item(verdict, comparison.spelling) for verdict in standings.tested(verdicts)]
        if several:
            items = [replace(item, evidence=(), caveats=()) for item in items]
        if items:
            told = f"Song {letter} against song {LETTERS[0]}"
            yield Heading(text=told, level=2) if several else Heading(text=f"{told}: the reasons")
            yield VerdictList(verdicts=tuple(items))


def _in_words(row: Difference, spelling: Spelling) -> str:
    amounts = zip(LETTERS, row.amounts(spelling), strict=False)
    values = words.joined([f"{letter} {amount}" for letter, amount in amounts])
    return f"{row.title}: {values}, {row.in_a_word}."


def _table(comparison: Comparison) -> Iterator[Block]:
    """Every measure of every song, measurement by measurement."""
    count = len(comparison.songs)
    heard, ranges = comparison.tally, count <= MAX_SONGS_WITH_RANGES
    told = "Numbers in brackets are the 90% range, where one is known. " if ranges else ""
    yield Heading(text="Every measure side by side")
    difference = "B minus A" if count == 2 else "the highest minus the lowest"
    yield Paragraph(
        text=f"{told}The difference is {difference}. “Different” means that the whole range of the difference is larger"
        " than what a listener would notice in that unit, such as 1 LU of loudness; “same” that all of it is smaller;"
        f" “unclear” that it could be either. Of {words.count(heard.total(), 'number')} that every song has,"
        f" {heard['different']} are different, {heard['same']} the same and {heard['unclear']} unclear. See each song's"
        " report for how it was measured.",
        note=True,
    )
    yield from _missing(comparison)
    rows: list[tuple[str, ...]] = []
    group = ""
    for row in comparison.everything:
        if row.measurement != group:
            group = row.measurement
            rows.append((in_words(group),))
        label = words.row_label(row.label)
        rows.append((label, *_cells(row, comparison.spelling, ranges=ranges), row.apart(), row.ear))
    columns = (
        Column(heading="Measure", share=1.6),
        *(Column(heading=letter, align="right", share=SHARES.get(count, 1.3)) for letter in LETTERS[:count]),
        Column(heading="Difference", align="right", share=1.25),
        Column(heading="To the ear", share=0.85),
    )
    yield Table(columns=columns, rows=tuple(rows))


def _cells(row: Difference | Word, spelling: Spelling, *, ranges: bool) -> tuple[str, ...]:
    amounts = row.amounts(spelling)
    if isinstance(row, Word) or not ranges:
        return amounts
    return tuple(
        f"{amount}{_range(found, row.unit, spelling)}" for amount, found in zip(amounts, row.values, strict=True)
    )


def _range(found: Estimate | None, unit: Unit, spelling: Spelling) -> str:
    """Write the range of a number behind it, where it has one."""
    if found is None or found.low == found.high:
        return ""
    return f" ({words.between(found, unit, spelling)})"


def _missing(comparison: Comparison) -> Iterator[Block]:
    """Say in a line for each song and reason what is missing."""
    for letter, lacks in zip(LETTERS, comparison.lacks, strict=False):
        for lack in lacks:
            yield Notice(
                text=words.sentence(f"Not in song {letter}: {words.joined([*lack.what])}, because {lack.reason}")
            )


def _timelines(songs: Sequence[SongAnalysis]) -> Iterator[Block]:
    for place, (letter, song) in enumerate(zip(LETTERS, songs, strict=False)):
        yield Heading(text=f"{letter}: {words.plain(song.source.title, 80)}", level=2)
        alt = f"Timeline of song {letter}: {details(song)}"
        yield from draw("timeline", song, caption=details(song), alt=alt, place=place, compact=True)
