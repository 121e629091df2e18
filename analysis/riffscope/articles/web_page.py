"""Web pages: the running text of an HTML page, in paragraphs, without menus, scripts and comments.

Tags are read as browsers read them (https://html.spec.whatwg.org/multipage/parsing.html), far enough to tell text from
markup: nothing is run, fetched or looked up. The work grows with the length of the page and no faster, whatever the
page holds, which `html.parser` does not promise before Python 3.13.6. Source: own.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Form = Literal["text", "heading", "item"]

HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LISTED = {"li", "dt", "dd"}
ITEMS = {*LISTED, "tr"}
# What begins and ends a paragraph.
BLOCKS = {
    *HEADINGS,
    *ITEMS,
    *("address", "article", "aside", "blockquote", "body", "caption", "center", "details", "dialog", "div", "dl"),
    *("fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "html", "legend", "main", "menu"),
    *("nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "tfoot", "thead", "ul"),
}
# What never holds anything, so that no end tag follows.
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
# What is no markup within, up to its end tag.
RAW = {"iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp"}
# What is never read.
UNREAD = {"audio", "button", "canvas", "datalist", "dialog", "head", "math", "noscript", "object", "select", "svg"}
UNREAD |= {"template", "video"}
# What stands around an article, and not in it.
AROUND = {"aside", "footer", "nav"}
AROUND_ROLES = {"banner", "complementary", "contentinfo", "navigation", "search"}
# Classes and ids of the same, and of comments: those of WordPress, Disqus and Wikipedia.
AROUND_NAMES = {
    *("comments", "comment-list", "commentlist", "comments-area", "comment-respond", "respond", "disqus_thread"),
    *("sidebar", "breadcrumbs", "related-posts", "sharedaddy", "newsletter-signup", "cookie-banner"),
    *("catlinks", "metadata", "mw-editsection", "navbox", "noprint", "printfooter", "reference", "references"),
    *("reflist", "toc"),
}
# The longest <article> is the page's where it holds so much of its text; else it is a teaser. Chosen, not fitted.
ARTICLE_SHARE = 0.25

# A paragraph is a link where so much of it is; a link of more letters was never closed. Chosen, not fitted.
LINK_SHARE, LONGEST_LINK = 0.9, 1000

_MARKUP = re.compile(r"<(?:!--|[!?]|/?[A-Za-z])")
# A quote counts after "=" alone. Possessive, so that no input makes it try again.
_TAG = re.compile(r"""<(/?)([A-Za-z][^\s/>]*+)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')|=)*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s"'>/=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?+""")
_HIDING = re.compile(r"(?:display\s*+:\s*+none|visibility\s*+:\s*+hidden)\b")
# Character references of more digits than any character has: Python takes a long while over such numbers, or refuses.
_IMPOSSIBLE = re.compile(r"&#(?:0*+[0-9]{8,}+|[xX]0*+[0-9a-fA-F]{7,}+);?+")


@dataclass(frozen=True, kw_only=True)
class Block:
    """A paragraph of a page.

    Attributes
    ----------
    text : str
        In one piece: space is single, a line ends where the page breaks it.
    form : {"text", "heading", "item"}
    """

    text: str
    form: Form


@dataclass(frozen=True, kw_only=True)
class Page:
    """What a page holds for its reader.

    Attributes
    ----------
    title : str or None
        As the page names itself.
    """

    blocks: tuple[Block, ...]
    title: str | None


def read_page(page: str, *, has_menus: bool = True) -> Page:
    """Read the text of a page: its longest ``<article>`` or its ``<main>`` where it has one, else all that is no menu.

    A page of nothing but menus is read whole: its tags are not to be trusted.

    Parameters
    ----------
    has_menus : bool
        Take a paragraph that is nothing but a link for part of a menu, and leave it out.
    """
    for wanted in (UNREAD | AROUND, UNREAD):
        reading = _Reading(passed_over=wanted)
        for piece in _pieces(page):
            reading.take(piece)
        reading.end_paragraph()
        found = [one for one in reading.found if not (one.linked and has_menus)]
        if found:
            break
    return Page(blocks=tuple(one.block for one in _article(found or reading.found)), title=reading.title or None)


# --------------------------------------------------------------------------------------------------------------- markup
@dataclass(frozen=True, kw_only=True)
class _Piece:
    """Text between two tags, or a tag with its attributes.

    Attributes
    ----------
    name : str
        Of a tag, in lower case; empty for text.
    text : str
        Of the text, or what stands in an element without markup within.
    """

    name: str = ""
    ends: bool = False
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)


def _pieces(page: str) -> Iterator[_Piece]:
    """Cut a page into text and tags. What is opened and never closed, a comment or a tag, lasts to the end."""
    at = 0
    while found := _MARKUP.search(page, at):
        if found.start() > at:
            yield _Piece(text=_unescaped(page[at : found.start()]))
        if found[0][1] in "!?":
            closing = "-->" if found[0] == "<!--" else ">"
            # A comment may close with the dashes that open it: <!-->
            end = page.find(closing, found.start() + 2)
            if end < 0:
                return
            at = end + len(closing)
            continue
        tag = _TAG.match(page, found.start())
        if tag is None:
            return
        at, name = tag.end(), tag[2].lower()
        if tag[1]:
            yield _Piece(name=name, ends=True)
            continue
        if name not in RAW:
            # Outside of HTML's own elements a slash ends what it begins, as in <svg/>.
            if not (name in {"math", "svg"} and tag[3].endswith("/")):
                yield _Piece(name=name, attributes=_attributes(tag[3]))
            continue
        closed = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(page, at)
        end = closed.start() if closed else len(page)
        if name == "title":
            yield _Piece(name=name, text=_unescaped(page[at:end]))
        at = end
    if at < len(page):
        yield _Piece(text=_unescaped(page[at:]))


def _attributes(written: str) -> dict[str, str]:
    if not written.strip(" /"):
        return {}
    found: dict[str, str] = {}
    for one in _ATTRIBUTE.finditer(written):
        found.setdefault(one[1].lower(), _unescaped((one[2] or "").strip("\"'")))
    return found


def _unescaped(text: str) -> str:
    return html.unescape(_IMPOSSIBLE.sub("\N{REPLACEMENT CHARACTER}", text)) if "&" in text else text


# ----------------------------------------------------------------------------------------------------------------- text
@dataclass(frozen=True, kw_only=True)
class _Found:
    """A paragraph and where in the page it is: which ``<article>``, whether in ``<main>``; and whether it is a link."""

    block: Block
    article: int | None
    main: bool
    linked: bool


@dataclass(frozen=True, kw_only=True)
class _Open:
    """An element that is open: whether what is within is passed over, and whether it is the page's main part."""

    name: str
    silent: bool
    main: bool


class _Reading:
    """A page as far as it was read: the elements that are open, and the paragraphs so far."""

    def __init__(self, *, passed_over: Iterable[str]) -> None:
        self.passed_over = frozenset(passed_over)
        self.found: list[_Found] = []
        self.title = ""
        self._open: list[_Open] = []
        self._count = Counter[str]()
        self._silent = self._mains = 0
        self._articles = 0
        self._text: list[str] = []
        # How many letters of the paragraph are in links, and of the link that is open; None outside of one.
        self._linked = 0
        self._link: int | None = None

    def take(self, piece: _Piece) -> None:
        """Read the next piece."""
        if not piece.name:
            self._add(piece.text)
        elif piece.ends:
            self._close(piece.name)
        elif piece.name == "title":
            # An image may have a title of its own, the page has the first.
            self.title = self.title or ("" if self._count["svg"] else " ".join(piece.text.split()))
        else:
            self._start(piece)

    def end_paragraph(self) -> None:
        """Keep what was said since the last paragraph as one, or as several where lines are empty in between."""
        said = "".join(self._text)
        linked = self._linked >= LINK_SHARE * len(said.strip())
        self._text.clear()
        self._linked = 0
        if not said.strip():
            return
        form = self._form()
        for part in re.split(r"\n[^\S\n]*+\n", said):
            text = "\n".join(line for written in part.split("\n") if (line := " ".join(written.split())))
            if text:
                self.found.append(
                    _Found(
                        block=Block(text=text, form=form),
                        article=self._articles if self._count["article"] else None,
                        main=self._mains > 0,
                        linked=linked and form != "heading",
                    )
                )

    def _add(self, text: str) -> None:
        if self._silent:
            return
        self._text.append(text if self._count["pre"] else re.sub(r"\s+", " ", text))
        if self._link is not None:
            self._linked += len(text.strip())
            self._link += len(text)
            if self._link > LONGEST_LINK:
                self._link, self._linked = None, 0

    def _form(self) -> Form:
        if any(self._count[name] for name in HEADINGS):
            return "heading"
        # Old pages are laid out in tables: running text in a cell is no item.
        listed = any(self._count[name] for name in LISTED) or (self._count["tr"] and not self._count["p"])
        return "item" if listed else "text"

    def _start(self, piece: _Piece) -> None:
        name = piece.name
        if name in BLOCKS:
            self.end_paragraph()
            self._close_implied(name)
        if name == "article" and not self._count["article"]:
            self._articles += 1
        if not self._silent:
            self._text.append({"br": "\n", "td": " ", "th": " ", "q": "\N{LEFT DOUBLE QUOTATION MARK}"}.get(name, ""))
        if name == "a" and "href" in piece.attributes:
            self._link = 0
        silent = self._passes_over(piece)
        # Emphasis and links may cross paragraphs: they close nothing, so they are not kept.
        if name not in VOID and (name in BLOCKS or silent or self._silent):
            opened = _Open(name=name, silent=silent, main=name == "main" or piece.attributes.get("role") == "main")
            self._open.append(opened)
            self._count[name] += 1
            self._silent += silent
            self._mains += opened.main

    def _close_implied(self, name: str) -> None:
        """Close a paragraph, or an item of a list, whose end tag was left out, as may be."""
        last = self._open[-1].name if self._open else ""
        if last == "p" or (last == name and name in {*ITEMS, *HEADINGS}) or {last, name} == {"dt", "dd"}:
            self._close(last)

    def _close(self, name: str) -> None:
        """Close an element and all that was left open within; an end tag without a start is none."""
        if name in BLOCKS:
            self.end_paragraph()
        if name == "a":
            self._link = None
        if name == "q" and not self._silent:
            self._text.append("\N{RIGHT DOUBLE QUOTATION MARK}")
        if not self._count[name]:
            return
        closed = None
        while closed is None or closed.name != name:
            closed = self._open.pop()
            self._count[closed.name] -= 1
            self._silent -= closed.silent
            self._mains -= closed.main

    def _passes_over(self, piece: _Piece) -> bool:
        name, attributes = piece.name, piece.attributes
        hidden = "hidden" in attributes or attributes.get("aria-hidden") == "true"
        if name in self.passed_over or hidden or _HIDING.search(attributes.get("style", "")):
            return name not in {"html", "body"}
        if "nav" not in self.passed_over or name in {"html", "body", "main", "article"}:
            return False
        if name == "header":
            return not (self._count["article"] or self._mains)
        named = {*attributes.get("class", "").split(), attributes.get("id", "")}
        return attributes.get("role") in AROUND_ROLES or not AROUND_NAMES.isdisjoint(named)


def _article(found: list[_Found]) -> list[_Found]:
    """Choose the paragraphs that are the article."""
    lengths = Counter[int | None]()
    for one in found:
        lengths[one.article] += len(one.block.text)
    longest = max((article for article in lengths if article is not None), key=lengths.__getitem__, default=None)
    if longest is not None and lengths[longest] >= ARTICLE_SHARE * lengths.total():
        return [one for one in found if one.article == longest]
    return [one for one in found if one.main] or found
