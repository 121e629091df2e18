"""A document as PDF, set by typst: tagged, with bookmarks, the same bytes for the same document and time.

The document is handed over as data, so nothing in it can be taken for markup. Type is set in the fonts that come with
typst and matplotlib, on every machine alike. Only where a text needs letters that those lack are the system's fonts
used as well, and such a PDF can differ between machines. Letters that no font has would vanish without a word: they are
shown as boxes and a notice says so.
"""

import dataclasses
import functools
import importlib.resources
import json
import re
import shutil
import unicodedata
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib as mpl
import typst
from fontTools.ttLib import TTFont, TTLibError  # type: ignore[import-untyped]

from riffscope import words
from riffscope.files import temporary_folder
from riffscope.model import snake_case
from riffscope.palette import DAY_PAGE
from riffscope.report.blocks import SIGNS, Document, Notice

# typst's own serif for reading; DejaVu for musical signs and other scripts.
_OWN_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf", "DejaVuSans-Oblique.ttf")
# Fonts that draw a box for every letter there is.
_PLACEHOLDER_FONTS = ("last resort", "lastresort", "adobe blank", "unicode bmp fallback")
BOX = "□"
NOT_SHOWN = "(not shown: its script is in none of the fonts here)"
# Longer words than this run out of the page unless they may be broken.
MAX_WORD_LETTERS = 28


class MissingGlyphs(UserWarning):
    """A PDF shows boxes in place of letters, since no font of this machine has them."""


def render_pdf(document: Document, *, timestamp: datetime | None = None) -> bytes:
    """Set a document as PDF.

    Parameters
    ----------
    document : Document
    timestamp : datetime, optional
        When the report says it was made, with its time zone; now by default.
    """
    moment = (timestamp or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    lacking = _letters(document) - _own_letters()
    found = _system_letters(lacking) if lacking else set()
    if found:
        try:
            pdf = _set(document, moment, boxed=lacking - found, system_fonts=True)
            _warn_of(document, lacking - found)
            return pdf
        except typst.TypstError:
            # Letters that are set together, such as a base and its accents, may have no font in common.
            pass
    _warn_of(document, lacking)
    return _set(document, moment, boxed=lacking, system_fonts=False)


def render_pages(
    document: Document, *, pixels_per_inch: float = 100.0, timestamp: datetime | None = None
) -> list[bytes]:
    """Set a document as PNG pictures, one a page, to be shown where a PDF cannot be.

    Letters that riffscope's own fonts lack are shown as boxes.
    """
    moment = (timestamp or datetime.now(UTC)).astimezone(UTC).replace(microsecond=0)
    lacking = _letters(document) - _own_letters()
    _warn_of(document, lacking)
    options = {"format": "png", "ppi": pixels_per_inch}
    pages = _compile(document, moment, boxed=lacking, system_fonts=False, options=options)
    return pages if isinstance(pages, list) else [pages]


def _warn_of(document: Document, boxed: set[str]) -> None:
    if boxed:
        letters = words.count(len(boxed), "letter")
        message = f"{document.title}: {letters} in none of the fonts here, shown as {BOX}"
        warnings.warn(message, MissingGlyphs, stacklevel=3)


def _set(document: Document, moment: datetime, *, boxed: set[str], system_fonts: bool) -> bytes:
    # PDF/UA asks for titles, alternative texts and an order of reading, and refuses letters without a shape.
    options = {"pdf_standards": "ua-1"}
    pdf = _compile(document, moment, boxed=boxed, system_fonts=system_fonts, options=options)
    return pdf if isinstance(pdf, bytes) else b"".join(pdf)


def _compile(
    document: Document, moment: datetime, *, boxed: set[str], system_fonts: bool, options: dict[str, Any]
) -> bytes | list[bytes]:
    content = _plain(document, boxed)
    if boxed:
        content["blocks"].insert(0, _plain(_missing_glyphs_notice(), set()))
    data = {
        "document": content,
        "colors": dict(DAY_PAGE),
        "signs": {ruling.value: sign for ruling, sign in SIGNS.items()},
        "made_at": words.date(moment) if document.dated else "",
    }
    template = (importlib.resources.files("riffscope.report") / "templates" / "report.typ").read_bytes()
    with temporary_folder() as folder:
        try:
            for name in _OWN_FONTS:
                shutil.copyfile(_font_folder() / name, folder / name)
        except OSError as why:  # it would name a font
            raise OSError(why.errno, why.strerror, str(folder)) from why
        made: bytes | list[bytes] = typst.compile(
            template,
            font_paths=typst.Fonts(include_system_fonts=system_fonts, font_paths=[str(folder)]),
            ignore_system_fonts=not system_fonts,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            timestamp=moment,
            **options,
        )
    return made


# ----------------------------------------------------------------------------------------------------------- as data
def _plain(content: Any, boxed: set[str], field: str = "") -> Any:
    """Turn blocks into dictionaries that say which block they are, and texts into what can be drawn."""
    if isinstance(content, str):
        return content if field in {"svg", "alt"} else breakable(drawable(content, boxed))
    if isinstance(content, tuple):
        return [_plain(part, boxed) for part in content]
    if dataclasses.is_dataclass(content) and not isinstance(content, type):
        fields = {f.name: _plain(getattr(content, f.name), boxed, f.name) for f in dataclasses.fields(content)}
        return {"block": snake_case(type(content).__name__), **fields}
    return content


def drawable(text: str, boxed: set[str]) -> str:
    """Replace letters that cannot be drawn by boxes; a text mostly of such letters by a remark.

    Examples
    --------
    >>> drawable("Love 💔", {"💔"}), drawable("夜に", {"夜", "に"})
    ('Love □', '(not shown: its script is in none of the fonts here)')
    """
    if not boxed & set(text):
        return text
    letters = [c for c in text if not c.isspace()]
    if sum(c in boxed for c in letters) > len(letters) / 2:
        return NOT_SHOWN
    return "".join(BOX if c in boxed else c for c in text)


def breakable(text: str) -> str:
    """Let words that are too long for a line be broken: after ``_``, ``-``, ``.`` and ``/``, else every few letters."""
    return " ".join(_broken(word) if len(word) > MAX_WORD_LETTERS else word for word in text.split(" "))


def _broken(word: str) -> str:
    chunk = MAX_WORD_LETTERS // 2
    parts = re.split(r"(?<=[_\-./])", word)
    return "\u200b".join(part[i : i + chunk] for part in parts for i in range(0, len(part), chunk))


def _missing_glyphs_notice() -> Notice:
    return Notice(
        text=f"Some letters are in none of the fonts of this machine and are shown as {BOX}. The HTML report shows"
        " them wherever the reader's device has such a font.",
        kind="warning",
    )


# ----------------------------------------------------------------------------------------------------------- letters
def _letters(document: Document) -> set[str]:
    """Every letter that the document wants drawn; spaces, joiners and other signs without a shape are none."""
    return {
        c for text in _texts(document) for c in text if unicodedata.category(c) not in {"Zs", "Zl", "Zp", "Cc", "Cf"}
    } - {chr(selector) for selector in range(0xFE00, 0xFE10)}


def _texts(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, tuple):
        for part in content:
            yield from _texts(part)
    elif dataclasses.is_dataclass(content) and not isinstance(content, type):
        for f in dataclasses.fields(content):
            if f.name not in {"svg", "alt", "name"}:
                yield from _texts(getattr(content, f.name))


def _font_folder() -> Path:
    return Path(mpl.get_data_path()) / "fonts" / "ttf"


@functools.cache
def _own_letters() -> frozenset[str]:
    return frozenset(_covered(_font_folder() / _OWN_FONTS[0], 0))


def _system_letters(wanted: Iterable[str]) -> set[str]:
    """Return which of the letters some font of the system has."""
    missing = set(wanted)
    found: set[str] = set()
    for font in typst.Fonts(include_system_fonts=True, include_embedded_fonts=False).fonts():
        if font.path is None or any(name in font.family.lower() for name in _PLACEHOLDER_FONTS):
            continue
        found |= missing & _covered(Path(font.path), font.index)
        missing -= found
        if not missing:
            break
    return found


def _covered(path: Path, index: int) -> set[str]:
    """Return the letters that a font draws; none where the font cannot be read."""
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return {chr(code) for code in font.getBestCmap() or {}}
    except (TTLibError, OSError, KeyError, AssertionError):
        return set()
