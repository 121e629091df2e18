"""A report as data: a closed set of blocks that every renderer knows how to set.

Text in a block is plain text, never markup; a title such as ``#1 *Hit* $`` or ``<script>`` is shown as it is. A block
holds finished words and numbers: a renderer lays out and computes nothing.
"""

from typing import Literal

from riffscope.model import Ruling, Span, value

Align = Literal["left", "right"]
Paper = Literal["a4", "us-letter"]

# What stands before a ruling, and for it: to be told apart in grey as well.
SIGNS = {
    Ruling.SUPPORTED: "●",
    Ruling.REFUTED: "■",
    Ruling.INCONCLUSIVE: "◐",
    Ruling.NOT_TESTABLE: "○",
}


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
        The 90% range in words; empty where nothing was estimated.
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
    """A drawing, with what it shows for those who cannot see it, and where in it time runs.

    Attributes
    ----------
    song : int
        Which of the document's songs its time is that of.
    """

    svg: str
    caption: str
    alt: str
    time_axes: tuple[TimeAxis, ...] = ()
    song: int = 0


@value
class VerdictItem:
    """A claim, what the sound says of it, and the numbers behind that.

    Attributes
    ----------
    label : str
        How it is ruled on, in words: ``probably true, 8 in 10``; where empty, what its ruling is called.
    places : str
        Where to listen, as a sentence behind the reason; may be empty.
    """

    text: str
    ruling: Ruling
    because: str
    evidence: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()
    label: str = ""
    places: str = ""


@value
class VerdictList:
    """Claims and what the sound says of them."""

    verdicts: tuple[VerdictItem, ...]


@value
class Headline:
    """What a report says in one sentence, set large above all else."""

    text: str


@value
class ClaimLine:
    """A claim in one line.

    Attributes
    ----------
    label : str
        How it is ruled on, in words: ``supported``; of an inconclusive one that leans ``probably true, 8 in 10``.
    claim : str
        Its name in the claims file: what is said of it in full can be found by that.
    """

    ruling: Ruling
    label: str
    text: str
    claim: str


@value
class Untested:
    """Claims that cannot be tested for one and the same reason."""

    reason: str
    claims: tuple[str, ...]


@value
class ClaimLines:
    """Claims at a glance: a line each for those that are tested, and the others by their reasons, each said once."""

    lines: tuple[ClaimLine, ...]
    untested: tuple[Untested, ...] = ()


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


@value
class Mark:
    """A sign behind a sentence: how a statement of it is ruled on, and the note that says why.

    Attributes
    ----------
    name : str
        Its own: that of its note, with a number behind it where others lead there as well.
    note : str
        The name of the note, or of the reason.
    """

    ruling: Ruling
    note: str
    name: str


@value
class Piece:
    """A piece of running text, most often a sentence; it is marked where it states something about the sound.

    Attributes
    ----------
    marks : tuple of Mark
        One for each of its statements; none for plain text.
    ruling : Ruling or None
        How the piece is shown: as what its statements are ruled on taken together.
    joined : bool
        Whether it follows the piece before it without a space.
    """

    text: str
    marks: tuple[Mark, ...] = ()
    ruling: Ruling | None = None
    joined: bool = False


@value
class Note:
    """What stands beside a text on one of its statements.

    Attributes
    ----------
    name : str
        What its mark in the text calls it: ``3``.
    understood : str
        The statement as it was understood.
    because : str
        Why it is ruled on so, with the numbers.
    places : str
        Where to listen, with times that a page plays; may be empty.
    figures, caveats : tuple of str
        Further numbers, and what to bear in mind, a sentence each.
    """

    name: str
    ruling: Ruling
    understood: str
    because: str
    places: str = ""
    figures: tuple[str, ...] = ()
    caveats: tuple[str, ...] = ()


@value
class MarkedParagraph:
    """A paragraph of somebody's text, as it was written, and the notes on it."""

    pieces: tuple[Piece, ...]
    form: Literal["text", "heading", "item"] = "text"
    notes: tuple[Note, ...] = ()


@value
class Remark:
    """A caveat, and the notes that it belongs to, as in ``1, 2 and 5``."""

    notes: str
    text: str


@value
class MarkedText:
    """Somebody's text with marks in it, and notes beside it.

    Attributes
    ----------
    remarks : tuple of Remark
        The caveats of all notes, each once: for paper, where notes have no room to unfold them.
    """

    paragraphs: tuple[MarkedParagraph, ...]
    remarks: tuple[Remark, ...] = ()


@value
class Count:
    """How many statements are ruled on so."""

    ruling: Ruling
    number: int


@value
class Tally:
    """How many statements are ruled on in each way."""

    counts: tuple[Count, ...]


@value
class Quote:
    """Sentences of a text, in short, that a reason is about, with the mark in the text that each belongs to."""

    text: str
    mark: str


@value
class Reason:
    """A reason that marks in a text refer to, and the sentences that it is given for."""

    name: str
    text: str
    quotes: tuple[Quote, ...]


@value
class Reasons:
    """Reasons, each said once for all that it is about."""

    ruling: Ruling
    reasons: tuple[Reason, ...]


Block = (
    Heading
    | Headline
    | Paragraph
    | KeyFigures
    | Table
    | Figure
    | ClaimLines
    | VerdictList
    | Notice
    | Facts
    | ChordBars
    | MarkedText
    | Tally
    | Reasons
)


@value
class Passage:
    """A stretch of the song that is worth hearing over and over, what it is called, and where and how long it is."""

    span: Span
    label: str
    detail: str


@value
class Waveform:
    """The outline of a song: the height of each step, 0..1."""

    heights: tuple[float, ...]
    step_s: float


@value
class PlayedSection:
    """A section as a player shows it.

    Attributes
    ----------
    name : str
        What it does in the song, or its letter.
    kind : int
        The same number for the same music, from 0 in the order of the song.
    variation : int
        0 where the music of its kind is heard as it is first, more where it is varied.
    """

    start_s: float
    end_s: float
    name: str
    kind: int
    variation: int = 0


@value
class PlayedSong:
    """What a player shows beside the sound of a song.

    Attributes
    ----------
    letter : str
        What the document calls it, where it is about several; else empty.
    loop : Passage or None
        What can be repeated.
    bar_starts_s : tuple of float
        Where bars begin, from the first on.
    integrated_lufs : float or None
        How loud two loudspeakers play it as a whole.
    """

    title: str
    letter: str = ""
    waveform: Waveform | None = None
    sections: tuple[PlayedSection, ...] = ()
    loop: Passage | None = None
    bar_starts_s: tuple[float, ...] = ()
    chords: tuple[ChordBar, ...] = ()
    integrated_lufs: float | None = None


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
    songs : tuple of PlayedSong
        Those that it is about, in its order, for a player.
    dated : bool
        Whether it says when it was made.
    paper : {"a4", "us-letter"}
        What it is printed on.
    """

    title: str
    subtitle: str
    details: str
    name: str
    made_by: str
    blocks: tuple[Block, ...]
    songs: tuple[PlayedSong, ...] = ()
    dated: bool = True
    paper: Paper = "a4"
