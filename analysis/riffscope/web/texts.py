"""Texts and claims files that the page was given: kept in a temporary folder, under names of our own, until it ends."""

import secrets
from pathlib import Path
from typing import Literal

import msgspec

from riffscope.errors import one_line

# So many are kept; of more, the oldest go.
MAX_TEXTS = 200
# What a text may be is told by its name as well; of its name, nothing else is ever part of a path.
_ENDINGS = {".md", ".markdown", ".html", ".htm", ".xhtml", ".toml"}
CLAIMS_ENDING, OTHER_ENDING = ".toml", ".txt"
# A name is shown to this length.
MAX_NAME_LETTERS, MAX_ENDING_LETTERS = 200, 12


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """A text about songs, or a file of claims."""

    id: str
    name: str
    kind: Literal["article", "claims"]


class Texts:
    """Keeps texts in a folder.

    Parameters
    ----------
    folder : Path
        It is there, and nobody else's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[str, tuple[Text, Path]] = {}

    def add(self, name: str, content: bytes) -> Text:
        """Keep a text."""
        name = shown_name(name, otherwise="text")
        ending = Path(name).suffix.lower()
        path = self._folder / f"{secrets.token_hex(16)}{ending if ending in _ENDINGS else OTHER_ENDING}"
        text = Text(id=path.stem, name=name, kind="claims" if ending == CLAIMS_ENDING else "article")
        path.write_bytes(content)
        self._kept[text.id] = text, path
        while len(self._kept) > MAX_TEXTS:
            _, oldest = self._kept.pop(next(iter(self._kept)))
            oldest.unlink(missing_ok=True)
        return text

    def find(self, number: str) -> tuple[Text, Path] | None:
        """Return a text and where it is, by its number."""
        return self._kept.get(number)


def shown_name(name: str, *, otherwise: str) -> str:
    """Return what a user's file is called, without the folders that it was in, safe for one line and not too long."""
    last = one_line(name.replace("\\", "/").rpartition("/")[2].strip())
    if len(last) > MAX_NAME_LETTERS:
        ending = Path(last).suffix[:MAX_ENDING_LETTERS]
        last = f"{last[: MAX_NAME_LETTERS - len(ending) - 1]}…{ending}"
    return last or otherwise
