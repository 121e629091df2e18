"""A document as one HTML page that needs nothing else: styles, drawings and the sound are inside, no addresses.

The page forbids itself everything but its own style, its drawings and the one script whose hash it names, so that it
sends nothing and runs nothing, whatever stands in a song's tags. A page without sound has no script at all.
"""

import base64
import functools
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import jinja2
from markupsafe import Markup

from riffscope import words
from riffscope.model import Measured, Outcome, snake_case
from riffscope.palette import DAY_PAGE, NIGHT_PAGE
from riffscope.report.blocks import SIGNS, Block, ChordBar, Document, Figure, Mark, MarkedParagraph, PlayedSong, Table
from riffscope.report.outline import outline_of
from riffscope.report.page_drawings import page_drawings
from riffscope.report.player import Player, numbers, player_of
from riffscope.song import why_missing
from riffscope.standings import ruling_in_words
from riffscope.units import CLOCK, read_clock

# A time, or a stretch from one to another, which is played from its beginning.
_TIMES = re.compile(f"({CLOCK.pattern})(?: to ({CLOCK.pattern}))?")
# What a bar of chords has room for in a line, on a screen of 375 pixels.
MAX_BAR_LETTERS = 13
MAX_BAR_CHORDS = 4


@dataclass(frozen=True, kw_only=True)
class Track:
    """A part of a drawing, in percent of it, that a playhead runs through: panels that share one time axis are one."""

    left: float
    top: float
    width: float
    height: float
    edges_s: tuple[float, ...]


def render_html(
    document: Document, *, listening: Sequence[Outcome | None] = (), timestamp: datetime | None = None
) -> bytes:
    """Set a document as one HTML page, in UTF-8.

    Parameters
    ----------
    document : Document
    listening : sequence of outcomes of `riffscope.views.listening_copy`, optional
        Each of the document's songs, to be played from the page; where there is none, the page says why. None stands
        for a song that is left out without a word.
    timestamp : datetime, optional
        When the report says it was made, with its time zone; now by default.
    """
    moment = (timestamp or datetime.now(UTC)).astimezone(UTC)
    player = player_of(document, listening)
    figures = [place for place, block in enumerate(document.blocks) if isinstance(block, Figure)]
    drawn = page_drawings(block for block in document.blocks if isinstance(block, Figure))
    page = _template().render(
        document=document,
        outline=outline_of(document.blocks),
        drawn=drawn,
        drawings=dict(zip(figures, drawn.drawings, strict=True)),
        made_at=words.date(moment) if document.dated else "",
        colors=DAY_PAGE,
        night=NIGHT_PAGE,
        player=player,
        kinds={_kind(block) for block in document.blocks},
        policy=_policy(player),
        no_player=_not_played(document, listening),
        said=_said(document, player),
    )
    return page.encode()


def _not_played(document: Document, listening: Sequence[Outcome | None]) -> str:
    """Say which songs cannot be played, and why."""
    missing: dict[str, list[str]] = {}
    for song, copy in zip(document.songs, listening, strict=False):
        if copy is not None and not isinstance(copy, Measured):
            missing.setdefault(why_missing(copy), []).append(song.letter)
    sentences = []
    for reason, letters in missing.items():
        some = len(letters) < len(document.songs)
        sentences.append(words.sentence(f"no player{f' for {words.joined(letters)}' if some else ''}: {reason}"))
    return " ".join(sentences)


def _said(document: Document, player: Player | None) -> Callable[[str], str]:
    """Return how a text is set: with its times to be played, where the page plays."""
    if player is None:
        return lambda text: text
    if len(document.songs) == 1:
        return functools.partial(linked, until_s=player.until_s(0))
    lengths_s = tuple(player.until_s(place) for place in range(len(document.songs)))
    return functools.partial(linked_by_song, songs=document.songs, lengths_s=lengths_s)


@functools.cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("riffscope.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = _kind
    environment.filters["columns"] = columns
    environment.filters["crowded"] = crowded
    environment.filters["broken"] = _broken_at_bass
    environment.globals["tracks"] = tracks
    environment.globals["marked"] = marked
    environment.globals["signs"] = SIGNS
    environment.filters["numbers"] = numbers
    environment.filters["groups"] = groups
    environment.filters["ruling"] = ruling_in_words
    return environment.get_template("report.html")


def _kind(block: Block) -> str:
    return snake_case(type(block).__name__)


def columns(bar: ChordBar) -> str:
    """Return the columns of a bar's chords: each as wide as it is long, and at least as its name."""
    first = bar.chords[0].beat if bar.chords else 0.0
    gap = f"{first:g}fr " if first else ""
    rest = bar.beats - sum(chord.beats for chord in bar.chords) - first
    widths = " ".join(f"minmax(min-content,{chord.beats:g}fr)" for chord in bar.chords)
    return f"{gap}{widths}{f' {rest:g}fr' if rest > 0 else ''}"


def crowded(bar: ChordBar) -> bool:
    """Tell whether a bar's chords go without their places, one after the other, since names are wider than beats."""
    letters = [max(len(part) for part in f"{chord.text}{'?' * chord.unsure}".split("/")) for chord in bar.chords]
    return sum(letters) > MAX_BAR_LETTERS or len(letters) > MAX_BAR_CHORDS


def _broken_at_bass(chord: str) -> Markup:
    """Let a chord that is too wide go on below with its bass."""
    return Markup("<wbr>/").join(chord.split("/"))


def groups(table: Table) -> list[tuple[str, list[tuple[str, ...]]]]:
    """Part a table's rows by the headings within it: each heading with its rows; rows before the first have none."""
    parts: list[tuple[str, list[tuple[str, ...]]]] = []
    for row in table.rows:
        if len(row) == 1 < len(table.columns):
            parts.append((row[0], []))
        else:
            if not parts:
                parts.append(("", []))
            parts[-1][1].append(row)
    return parts


# --------------------------------------------------------------------------------------------------------- marked text
def marked(paragraph: MarkedParagraph) -> Markup:
    """Return the text of a paragraph with its marks, each sign a link to its note; all text is escaped."""
    parts: list[str] = []
    for piece in paragraph.pieces:
        parts.append("" if piece.joined or not parts else " ")
        if piece.ruling is None:
            parts.append(Markup.escape(piece.text))
            continue
        signs = Markup("").join(_sign(mark) for mark in piece.marks)
        parts.append(Markup('<mark class="{}">{}</mark>\u2060{}').format(piece.ruling, piece.text, signs))
    return Markup("").join(parts)


def _sign(mark: Mark) -> Markup:
    said = ruling_in_words(mark.ruling)
    return Markup(
        '<a class="sign {}" href="#note-{}" id="mark-{}"><span aria-hidden="true">{}</span>'
        '<span class="unseen">{}, note </span>{}</a>'
    ).format(mark.ruling, mark.note, mark.name, SIGNS[mark.ruling], said, mark.note)


# ------------------------------------------------------------------------------------------------------------- player
def _policy(player: Player | None) -> Markup:
    """Say in a browser's words what the page may do: show its own style and drawings, and run the player."""
    script = "'none'"
    if player is not None:
        script = f"'sha256-{base64.b64encode(hashlib.sha256(player.script.encode()).digest()).decode()}'"
    return Markup(  # noqa: S704 - nothing in it is from outside
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {script};"
        " base-uri 'none'; form-action 'none'"
    )


def linked(text: str, *, until_s: float, place: int | None = None) -> Markup:
    """Make each time of the song in a text a button that plays from there; all else is escaped.

    Parameters
    ----------
    until_s : float
        How long the song is: a later time is none of this song.
    place : int, optional
        Which of the document's songs it is, where there are several.

    Examples
    --------
    >>> linked("<b> at 1:23", until_s=100.0)
    Markup('&lt;b&gt; at <button type="button" class="time" data-s="83">1:23</button>')
    """
    parts, end = [], 0
    for found in _TIMES.finditer(text):
        start_s = read_clock(found[1])
        if start_s > until_s:
            continue
        ends = Markup(' data-e="{}"').format(f"{read_clock(found[2]):g}") if found[2] else ""
        song = "" if place is None else Markup(' data-song="{}"').format(place)
        button = Markup('<button type="button" class="time" data-s="{}"{}{}>{}</button>')
        parts += [Markup.escape(text[end : found.start()]), button.format(f"{start_s:g}", ends, song, found[0])]
        end = found.end()
    return Markup("").join([*parts, text[end:]])


def linked_by_song(text: str, *, songs: Sequence[PlayedSong], lengths_s: Sequence[float]) -> Markup:
    """Make times in a text about several songs buttons, where the text says of which song they are.

    It says so by ``song B``, or by ``in TITLE:`` where no other song has that title.

    Examples
    --------
    >>> songs = (PlayedSong(title="One", letter="A"), PlayedSong(title="Two", letter="B"))
    >>> linked_by_song("at 0:01; in Two: 0:02", songs=songs, lengths_s=(9.0, 9.0))
    Markup('at 0:01; in Two: <button type="button" class="time" data-s="2" data-song="1">0:02</button>')
    """
    titles = [song.title for song in songs]
    by_title = {title: place for place, title in enumerate(titles) if titles.count(title) == 1}
    by_letter = {song.letter: place for place, song in enumerate(songs)}
    named = "|".join(re.escape(title) for title in sorted(titles, key=len, reverse=True))
    found = list(re.finditer(rf"(?<!\w)(?:[Ss]ong (?P<letter>[A-F])(?!\w)|in (?P<title>{named}):)", text))
    ends = [*(one.start() for one in found[1:]), len(text)]
    parts = [Markup.escape(text[: found[0].start()] if found else text)]
    for one, end in zip(found, ends, strict=False):
        place = by_letter.get(one["letter"]) if one["letter"] else by_title.get(one["title"])
        rest = text[one.end() : end]
        linked_rest = Markup.escape(rest) if place is None else linked(rest, until_s=lengths_s[place], place=place)
        parts += [Markup.escape(one[0]), linked_rest]
    return Markup("").join(parts)


# ----------------------------------------------------------------------------------------------------------- drawings
def tracks(figure: Figure) -> list[Track]:
    """Join the time axes of a figure that stand above each other and show the same stretch."""
    joined: dict[tuple[float, float, tuple[float, ...]], list[float]] = {}
    for axis in figure.time_axes:
        heights = joined.setdefault((round(axis.left, 5), round(axis.width, 5), axis.edges_s), [])
        heights += [axis.top, axis.top + axis.height]
    return [
        Track(
            left=round(100 * left, 3),
            top=round(100 * min(heights), 3),
            width=round(100 * width, 3),
            height=round(100 * (max(heights) - min(heights)), 3),
            edges_s=edges_s,
        )
        for (left, width, edges_s), heights in joined.items()
    ]
