"""A report as data: a closed set of blocks that every renderer knows how to set.

Text in a block is plain text, never markup; a title such as ``#1 *Hit* $`` or ``<script>`` is shown as it is. A block
holds finished words and numbers: a renderer lays out and computes nothing.
"""

from typing import Literal

from riffscope.model import Ruling, Span, value

Align = Literal["left", "right"]


@value
class Heading:
    """A heading; level 1 begins a chapter, which starts a new page on paper where it says so."""

    text: str
    level: Literal[1, 2] = 1
    new_page: bool = False


@value
class Paragraph:
    """Running text; a note is set smaller and paler."""

    text: str
    note: bool = False


@value
class Place:
    """Where a number stands among those of other songs, 0..100: a bar with a mark.

    Attributes
    ----------
    percent, low, high : float
        How many songs of a hundred lie below it, and the range of that.
    text : str
        The same in words: ``above 48% of chart melodies since 1950``.
    """

    percent: float
    low: float
    high: float
    text: str

    def __post_init__(self) -> None:
        if not 0 <= self.low <= self.percent <= self.high <= 100:
            raise ValueError("a place lies within its range, between 0 and 100")


@value
class KeyFigure:
    """One number, large.

    Attributes
    ----------
    value, unit : str
        ``"123.0"`` and ``"BPM"``; a value that was not measured is empty.
    range : str
        The range that should hold the truth nine times in ten, in words; empty where nothing was estimated.
    note : str
        A few words that put it into place, or the reason why there is no value.
    place : Place or None
        Where it stands among other songs, where that was published.
    """

    label: str
    value: str
    unit: str = ""
    range: str = ""
    note: str = ""
    place: Place | None = None


@value
class KeyFigures:
    """A grid of key figures."""

    figures: tuple[KeyFigure, ...]


@value
class Column:
    """A column of a table: its heading, how it aligns, and its share of the width."""

    heading: str
    align: Align = "left"
    share: float = 1.0


@value
class Table:
    """A table; each row has a cell for each column. A row with a single cell is a heading within the table."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""

    def __post_init__(self) -> None:
        if any(len(row) not in {1, len(self.columns)} for row in self.rows):
            raise ValueError("each row of a table has a cell for each column, or one")


@value
class TimeAxis:
    """A part of a drawing through which time runs from left to right, in cells of equal width.

    Attributes
    ----------
    left, top, width, height : float
        As fractions of the drawing, from its top left corner.
    edges_s : tuple of float
        Where each cell begins and the last one ends: two numbers for an even time axis, more where each bar is as wide.
    """

    left: float
    top: float
    width: float
    height: float
    edges_s: tuple[float, ...]

    def __post_init__(self) -> None:
        if len(self.edges_s) < 2 or list(self.edges_s) != sorted(self.edges_s):
            raise ValueError("a time axis has two edges or more, each later than the one before")


@value
class Figure:
    """A drawing, with what it shows for those who cannot see it, and where in it time runs."""

    svg: str
    caption: str
    alt: str
    time_axes: tuple[TimeAxis, ...] = ()


@value
class VerdictItem:
    """A claim, what the sound says of it, and the numbers behind that."""

    text: str
    ruling: Ruling
    because: str
    evidence: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


@value
class VerdictList:
    """Claims and what the sound says of them."""

    verdicts: tuple[VerdictItem, ...]


@value
class Notice:
    """A line that stands in for something that is not there, or warns of something that is."""

    text: str
    kind: Literal["missing", "warning"] = "missing"


@value
class Fact:
    """A name and what belongs to it, with a remark below; code is set in a typewriter face."""

    label: str
    text: str
    note: str = ""
    code: bool = False


@value
class Facts:
    """A list of facts, such as where a file came from."""

    facts: tuple[Fact, ...]


@value
class BarChord:
    """A chord in a bar.

    Attributes
    ----------
    text : str
        As musicians write it.
    beat : float
        Where it begins, in beats from the start of the bar.
    beats : float
        How long it lasts in this bar.
    start_s : float
        When it begins in this bar.
    unsure : bool
        It is likelier wrong than right, and is marked.
    """

    text: str
    beat: float
    beats: float
    start_s: float
    unsure: bool = False


@value
class ChordBar:
    """A bar of chords.

    Attributes
    ----------
    number : int
        From 1; 0 for a pick-up, which leads into the first.
    beats : float
        How many it has.
    meter : str
        Where it is another than that of the bar before, else empty.
    """

    number: int
    beats: float
    chords: tuple[BarChord, ...]
    meter: str = ""


@value
class ChordBars:
    """A section's bars of chords, four in a row where there is room.

    Attributes
    ----------
    title, detail : str
        What the section is called, and a few words beside that; both may be empty.
    note : str
        A line below them; may be empty.
    """

    bars: tuple[ChordBar, ...]
    title: str = ""
    detail: str = ""
    note: str = ""


Block = Heading | Paragraph | KeyFigures | Table | Figure | VerdictList | Notice | Facts | ChordBars


@value
class Passage:
    """A stretch of the song that is worth hearing over and over, what it is called, and where and how long it is."""

    span: Span
    label: str
    detail: str


@value
class Document:
    """A report.

    Attributes
    ----------
    title, subtitle : str
        Set large at the head; the subtitle may be empty.
    details : str
        One line below them: the file, its length and format.
    name : str
        What its files are called, without ending; made safe when they are written.
    made_by : str
        The program and its version.
    loop : Passage, optional
        What a player can repeat.
    bar_starts_s : tuple of float
        Where a player can stop from bar to bar, from the first on.
    chords : tuple of ChordBar
        What a player shows beside what it plays.
    dated : bool
        Whether it says when it was made.
    """

    title: str
    subtitle: str
    details: str
    name: str
    made_by: str
    blocks: tuple[Block, ...]
    loop: Passage | None = None
    bar_starts_s: tuple[float, ...] = ()
    chords: tuple[ChordBar, ...] = ()
    dated: bool = True
