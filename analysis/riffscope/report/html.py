"""A document as one HTML page that needs nothing else: styles, drawings and the sound are inside, no addresses.

The page forbids itself everything but its own style, its drawings and the one script whose hash it names, so that it
sends nothing and runs nothing, whatever stands in a song's tags. A page without sound has no script at all.
"""

import base64
import functools
import hashlib
import importlib.resources
import re
from dataclasses import dataclass
from datetime import UTC, datetime

import jinja2
from markupsafe import Markup

from riffscope import words
from riffscope.model import Measured, Outcome, snake_case
from riffscope.plots import style
from riffscope.report.blocks import SIGNS, Block, ChordBar, Document, Figure, Mark, MarkedParagraph, Passage, Table
from riffscope.report.outline import outline_of
from riffscope.report.page_drawings import page_drawings
from riffscope.song import why_missing
from riffscope.units import CLOCK, clock, read_clock
from riffscope.views.listening_copy import ListeningCopy

# A time, or a stretch from one to another, which is played from its beginning.
_TIMES = re.compile(f"({CLOCK.pattern})(?: to {CLOCK.pattern})?")
# What a bar of chords has room for in a line, on a screen of 375 pixels.
MAX_BAR_LETTERS = 13
MAX_BAR_CHORDS = 4
# Browsers play at no lower rate.
MIN_RATE_HZ = 8000


@dataclass(frozen=True, kw_only=True)
class Player:
    """What the page's player is given.

    Attributes
    ----------
    streams : dict
        Each Ogg Vorbis file in base64, by name.
    script : str
        The player itself.
    bars : str
        Where bars begin, in seconds, with spaces between them.
    """

    streams: dict[str, str]
    duration_s: float
    rate_hz: int
    loop: Passage | None
    bars: str
    script: Markup

    @property
    def length(self) -> str:
        """How long the song is, as a clock shows it."""
        return clock(self.duration_s)


@dataclass(frozen=True, kw_only=True)
class Track:
    """A part of a drawing, in percent of it, that a playhead runs through: panels that share one time axis are one."""

    left: float
    top: float
    width: float
    height: float
    edges_s: tuple[float, ...]


def render_html(document: Document, *, listening: Outcome | None = None, timestamp: datetime | None = None) -> bytes:
    """Set a document as one HTML page, in UTF-8.

    Parameters
    ----------
    document : Document
    listening : outcome of `riffscope.views.listening_copy.compress`, optional
        The song to be played from the page; where there is none, the page says why. Without it there is no player.
    timestamp : datetime, optional
        When the report says it was made, with its time zone; now by default.
    """
    moment = (timestamp or datetime.now(UTC)).astimezone(UTC)
    player = _player(document, listening.value) if isinstance(listening, Measured) else None
    figures = [place for place, block in enumerate(document.blocks) if isinstance(block, Figure)]
    drawn = page_drawings(block for block in document.blocks if isinstance(block, Figure))
    page = _template().render(
        document=document,
        outline=outline_of(document.blocks),
        drawn=drawn,
        drawings=dict(zip(figures, drawn.drawings, strict=True)),
        made_at=words.date(moment) if document.dated else "",
        colors=_colors() | {"edge": "#00000026"},
        night={name: style.at_night(color) for name, color in _colors().items()} | {"edge": "#ffffff2e"},
        player=player,
        kinds={_kind(block) for block in document.blocks},
        policy=_policy(player),
        no_player="" if listening is None or player else words.sentence(f"no player: {why_missing(listening)}"),
        said=functools.partial(linked, until_s=player.duration_s) if player else lambda text: text,
    )
    return page.encode()


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
    environment.filters["numbers"] = _numbers
    environment.filters["groups"] = groups
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


def _colors() -> dict[str, str]:
    grey = ("ground", "ink", "muted", "rule", "pale")
    names = (*grey, "loudness", "voice", "voice_words", "voice_pale", "rhythm", "rhythm_pale")
    return {name: getattr(style, name.upper()) for name in names}


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
    said = mark.ruling.replace("_", " ")
    return Markup(
        '<a class="sign {}" href="#note-{}" id="mark-{}"><span aria-hidden="true">{}</span>'
        '<span class="unseen">{}, note </span>{}</a>'
    ).format(mark.ruling, mark.note, mark.name, SIGNS[mark.ruling], said, mark.note)


# ------------------------------------------------------------------------------------------------------------- player
def _player(document: Document, copy: ListeningCopy) -> Player:
    return Player(
        streams={stream.name: base64.b64encode(stream.ogg).decode() for stream in copy.streams},
        duration_s=round(copy.duration_s, 3),
        rate_hz=max(MIN_RATE_HZ, copy.sample_rate_hz),
        loop=document.loop,
        bars=_numbers(document.bar_starts_s),
        script=_script(chords=bool(document.chords)),
    )


@functools.cache
def _script(*, chords: bool) -> Markup:
    templates = importlib.resources.files("riffscope.report") / "templates"
    names = ("player.js", "chords.js") if chords else ("player.js",)
    return Markup("".join((templates / name).read_text("utf-8") for name in names))  # noqa: S704 - our own, and the page's policy names its hash


def _policy(player: Player | None) -> Markup:
    """Say in a browser's words what the page may do: show its own style and drawings, and run the player."""
    script = "'none'"
    if player is not None:
        script = f"'sha256-{base64.b64encode(hashlib.sha256(player.script.encode()).digest()).decode()}'"
    return Markup(  # noqa: S704 - nothing in it is from outside
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src {script};"
        " base-uri 'none'; form-action 'none'"
    )


def _numbers(times_s: tuple[float, ...]) -> str:
    """Write times for the script, to a millisecond."""
    return " ".join(f"{round(time_s, 3):.12g}" for time_s in times_s)


def linked(text: str, *, until_s: float) -> Markup:
    """Make each time of the song in a text a button that plays from there; all else is escaped.

    Examples
    --------
    >>> linked("<b> at 1:23", until_s=100.0)
    Markup('&lt;b&gt; at <button type="button" class="time" data-s="83">1:23</button>')
    """
    parts, end = [], 0
    for found in _TIMES.finditer(text):
        start_s = read_clock(found[1])
        if start_s <= until_s:  # a later one is no time of this song
            button = Markup('<button type="button" class="time" data-s="{}">{}</button>')
            parts += [Markup.escape(text[end : found.start()]), button.format(f"{start_s:g}", found[0])]
            end = found.end()
    return Markup("").join([*parts, text[end:]])


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
