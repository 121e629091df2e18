"""Load an article: a text file, Markdown, a web page or standard input, as text in paragraphs.

Files are taken for hostile: what they are is told by their first bytes before their names are believed, and none takes
longer than its length allows. Nothing that a page links to is fetched.

Conventions: places are in characters of the text that comes out. For plain text it is the file's own, character by
character, with each line end as one; for Markdown and HTML it is what is left without the markup, paragraphs parted by
an empty line. Control characters, and marks that hide or turn the direction of text, become spaces. Source: own.
"""

import io
import os
import re
import sys
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path

from riffscope.articles.article import Paragraph, Text
from riffscope.articles.web_page import Block, Form, Page, read_page
from riffscope.decoding.containers import sniff
from riffscope.errors import CannotRead, one_line
from riffscope.files import open_regular
from riffscope.words import MAX_TITLE_LETTERS, plain

# Pages that are saved with their pictures in them are as large as this. Chosen, not fitted.
MAX_BYTES = 8_000_000
# Thirty thousand words, in so many sentences and paragraphs: several times the longest article. What is longer is a
# book, or no text. Chosen, not fitted.
MAX_CHARACTERS, MAX_SENTENCES, MAX_PARAGRAPHS = 200_000, 8_000, 5_000
# A parser of Markdown takes 10 to 30 microseconds for each mark or line: so many are half a second. A long article has
# 5,000. Chosen, not fitted.
MAX_MARKS = 20_000
# A tag of HTML takes 10 microseconds; a long page has 20,000. Chosen, not fitted.
MAX_TAGS = 80_000
# So many control characters may stray into a text, or one in fifty; where there are more, it is something else.
# Chosen, not fitted.
STRAY, STRAY_SHARE = 5, 0.02
# What a file is shows within so much of it. Chosen, not fitted.
HEAD_BYTES = 100_000
# Nobody wraps lines as late as this: in longer ones, each line is a paragraph. Chosen, not fitted.
LONGEST_WRAPPED = 120
# What a text may be called on the command line for standard input.
STANDARD_INPUT = "-"

# Control characters, those that format, and private ones, which no font has.
UNSEEN = {"Cc", "Cf", "Co", "Cs"}

_BYTE_ORDER = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
# What people give in the place of a text, by the first bytes.
_OTHER_FILES = (
    (b"%PDF", "is a PDF, not a text (copy its text into a file)"),
    (b"PK\3\4", "is an archive such as .docx or .epub, not a text (save it as plain text or HTML)"),
    (b"\xd0\xcf\x11\xe0", "is a document of an older office program, not a text (save it as plain text or HTML)"),
    (b"{\\rtf", "is RTF, not a text (save it as plain text or HTML)"),
)
_HTML_SUFFIXES = {".html", ".htm", ".xhtml"}
_MARKDOWN_SUFFIXES = {".md", ".markdown", ".mdown"}
# A page begins with one of these, after comments and an XML declaration.
_PAGE = re.compile(
    r"\s*+(?:(?:<!--(?s:.){0,2000}?-->|<\?[^>]{0,200}+>)\s*+){0,9}+<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE
)
_CLAIMS = re.compile(r"(?:[^\S\n]*(?:#.*)?\n)*+\[[^\]\n]+\]\s*\n(?:.*\n){0,20}?kind\s*=\s*[\"']")
_LINE_ENDS = re.compile(r"\r\n?|[\v\f\x85\u2028\u2029]")
_LINE = re.compile(r"[^\n]+")
_HEADING = re.compile(r"[^\S\n]*#{1,6}[^\S\n]+(?=\S)")
_SENTENCE_ENDS = re.compile(r"[.!?…]\s")
_UNDERLINE = re.compile(r"\s*(?:={3,}|-{3,})\s*")
_ITEM = re.compile(r"[^\S\n]*(?:[-*+\u2022\u2023\u25e6]|\d{1,2}[.)])[^\S\n]+(?=\S)")
_FRONT_MATTER = re.compile(r"---[^\S\n]*\n((?:(?!---[^\S\n]*$).*\n)*+)---[^\S\n]*(?:\n|$)", re.MULTILINE)
_MARKS = re.compile(r"[^\w\s.,;:'-]|[\n_]")


def load_text(source: str | os.PathLike[str], *, called: str | None = None) -> Text:
    """Load the text of an article.

    Parameters
    ----------
    source : path, or "-" for standard input
        Plain text, Markdown (``.md``) or HTML; in UTF-8, UTF-16 with a byte order mark, or else Windows' Latin.
    called : str, optional
        The name that its user knows a file by, where that is not the name that it has here.

    Raises
    ------
    CannotRead
        In one line: there is no such file, it is no text, it holds none, or it is beyond the limits.
    """
    from_stdin = str(source) == STANDARD_INPUT
    path = Path(source)
    known = path if called is None else Path(called)
    where = "standard input" if from_stdin else one_line(str(known))
    try:
        text = _decoded(_standard_input() if from_stdin else _content(path))
        name, suffix = ("text", "") if from_stdin else (plain(known.name) or "text", known.suffix.lower())
        if _PAGE.match(text) or suffix in _HTML_SUFFIXES:
            if text.count("<") > MAX_TAGS:
                raise CannotRead(f"is too large a page: more than {MAX_TAGS:,} tags (copy its text into a file)")
            return _of_page(read_page(text), name)
        _check_length(text)
        if suffix in _MARKDOWN_SUFFIXES and len(_MARKS.findall(text)) <= MAX_MARKS:
            return _of_markdown(text, name)
        return _of_plain(text, name)
    except CannotRead as why:
        problem = str(why)
    except OSError as why:
        problem = f"cannot be read: {why.strerror or why} (check the disk)"
    raise CannotRead(f"{where}: {problem}")


# ---------------------------------------------------------------------------------------------------------------- bytes
def _content(path: Path) -> bytes:
    with open_regular(path) as file:
        return file.read(MAX_BYTES + 1) or b""


def _standard_input() -> bytes:
    """Read what is piped in; where the caller closed standard input, that is nothing."""
    stream = getattr(sys.stdin, "buffer", None)
    content: bytes = b"" if stream is None else stream.read(MAX_BYTES + 1)
    if not content:
        raise CannotRead("is empty (pipe a text into it)")
    return content


def _decoded(content: bytes) -> str:
    """Turn bytes into text, or say what else they are; what is no text need not be read to its end."""
    encoding = next((name for mark, name in _BYTE_ORDER if content.startswith(mark)), None)
    if encoding is None:
        if found := sniff(io.BytesIO(content)):
            raise CannotRead(f"is a sound file ({found.container}), not a text (the article comes before the song)")
        for start, problem in _OTHER_FILES:
            if content.startswith(start):
                raise CannotRead(problem)
    head = _in_encoding(content[:HEAD_BYTES], encoding)
    stray = sum(head.count(c) for c in {*head} if unicodedata.category(c) == "Cc" and not c.isspace())
    if stray > max(STRAY, STRAY_SHARE * len(head)):
        raise CannotRead("is not a text (give plain text, Markdown or HTML)")
    if _CLAIMS.match(head):
        raise CannotRead("is a claims file, not a text (riffscope analyze SONG --claims FILE)")
    if head.lstrip().startswith("{") and '"made_by"' in head:
        raise CannotRead("is a saved analysis, not a text (the article comes before the song)")
    if len(content) > MAX_BYTES:
        raise CannotRead(f"is too long for an article (at most {MAX_BYTES / 1e6:.0f} MB)")
    return _LINE_ENDS.sub("\n", _in_encoding(content, encoding))


def _in_encoding(content: bytes, encoding: str | None) -> str:
    if encoding is not None:
        return content.decode(encoding, "replace")
    text = content.decode("utf-8", "replace")
    # A text that is cut off, or pasted together, has some bytes that are not UTF-8, but more characters that are.
    broken = text.count("\N{REPLACEMENT CHARACTER}")
    if 2 * broken <= len(text) - len(text.encode("ascii", "ignore")):
        return text
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _check_length(text: str, paragraphs: Sequence[Paragraph] = ()) -> None:
    for number, most, noun in (
        (len(text), MAX_CHARACTERS, "characters"),
        (len(_SENTENCE_ENDS.findall(text)), MAX_SENTENCES, "sentences"),
        (len(paragraphs), MAX_PARAGRAPHS, "paragraphs"),
    ):
        if number > most:
            raise CannotRead(f"is too long for an article: {number:,} {noun} (at most {most:,})")


def _harmless(text: str, *, instead: str) -> str:
    """Put something else for each character that cannot be seen: controls, turns of direction, private ones.

    The two joiners stay, which Persian and emoji need.
    """
    unseen = {c for c in {*text} if c not in "\n\u200c\u200d" and unicodedata.category(c) in UNSEEN}
    return text.translate({ord(c): " " if c.isspace() else instead for c in unseen})


# ----------------------------------------------------------------------------------------------------------- plain text
def _of_plain(text: str, name: str) -> Text:
    """Find the paragraphs of a text as it stands; no character moves."""
    seen = _harmless(text, instead=" ")
    paragraphs = tuple(_paragraphs(seen))
    if not paragraphs:
        raise CannotRead("holds no text (nothing but space)")
    _check_length(seen, paragraphs)
    first = paragraphs[0]
    title = plain(seen[first.start : first.end], MAX_TITLE_LETTERS) if first.form == "heading" else None
    return Text(text=seen, paragraphs=paragraphs, name=name, title=title)


def _paragraphs(text: str) -> Iterator[Paragraph]:
    for lines in _stretches(text):
        first = text[lines[0][0] : lines[0][1]]
        if (len(lines) == 2 and _UNDERLINE.fullmatch(text, *lines[1])) or (len(lines) == 1 and _HEADING.match(first)):
            yield _paragraph(text, *lines[0], form="heading")
        elif _ITEM.match(first):
            yield from _items(text, lines)
        elif _HEADING.match(first):
            yield _paragraph(text, *lines[0], form="heading")
            yield _paragraph(text, lines[1][0], lines[-1][1])
        elif max(end - start for start, end in lines) > LONGEST_WRAPPED:
            yield from (_paragraph(text, *line) for line in lines)
        else:
            yield _paragraph(text, lines[0][0], lines[-1][1])


def _stretches(text: str) -> Iterator[list[tuple[int, int]]]:
    """Give the lines between empty ones, each by its first character and its end."""
    lines: list[tuple[int, int]] = []
    ended = 0
    for line in _LINE.finditer(text):
        if not line[0].strip():
            continue
        if lines and text.count("\n", ended, line.start()) > 1:
            yield lines
            lines = []
        lines.append(line.span())
        ended = line.end()
    if lines:
        yield lines


def _items(text: str, lines: list[tuple[int, int]]) -> Iterator[Paragraph]:
    """Give the items of a list; a line without a mark goes on with the item before."""
    start, end = lines[0]
    for following in lines[1:]:
        if _ITEM.match(text[slice(*following)]):
            yield _paragraph(text, start, end, form="item")
            start = following[0]
        end = following[1]
    yield _paragraph(text, start, end, form="item")


def _paragraph(text: str, start: int, end: int, *, form: Form = "text") -> Paragraph:
    """Make a paragraph without the space around it and the mark before it."""
    mark = {"heading": _HEADING, "item": _ITEM}.get(form)
    if mark and (found := mark.match(text, start, end)):
        start = found.end()
    said = text[start:end]
    start += len(said) - len(said.lstrip())
    return Paragraph(start=start, end=start + len(said.strip()), form=form)


# --------------------------------------------------------------------------------------------------------------- markup
def _of_markdown(text: str, name: str) -> Text:
    """Turn Markdown into HTML, and that into text: tags may stand in either."""
    from markdown_it import MarkdownIt

    front = _FRONT_MATTER.match(text)
    body = text[front.end() :] if front else text
    page = read_page(MarkdownIt("commonmark").enable("table").render(body), has_menus=False)
    given = re.search(r"^title:[^\S\n]*(.+)$", front[1], re.MULTILINE) if front else None
    first = page.blocks[0] if page.blocks else None
    title = given[1].strip().strip("\"'") if given else first.text if first and first.form == "heading" else None
    return _of_page(Page(blocks=page.blocks, title=title), name)


def _of_page(page: Page, name: str) -> Text:
    """Put the paragraphs of a page below each other."""
    parts, paragraphs, at = [], list[Paragraph](), 0
    for block in (Block(text=_harmless(one.text, instead="").strip(), form=one.form) for one in page.blocks):
        if block.text:
            paragraphs.append(Paragraph(start=at, end=at + len(block.text), form=block.form))
            parts.append(block.text)
            at += len(block.text) + 2
    if not parts:
        raise CannotRead("holds no text (a page that scripts fill has none in its file: copy the text itself)")
    text = "\n\n".join(parts)
    _check_length(text, paragraphs)
    title = plain(page.title or "", MAX_TITLE_LETTERS) or None
    return Text(text=text, paragraphs=tuple(paragraphs), name=name, title=title)
