"""What a file says it is: title, artist, album and year. Hostile text, and hostile in number."""

import html
import io
import os
import re
import time
from collections.abc import Mapping

from riffscope.model import Tags

# Longer tags are cut. Chosen by hand: it is what fits on a page.
MAX_TAG_LETTERS = 1_000
# Containers that tinytag is asked about; the decoders themselves give the tags of the others.
BY_TINYTAG = {"wav", "aiff", "mp3", "aac", "mov", "asf"}
# tinytag compares each value of a kind with each other, 20,000 titles with 20,000. What it reads at once is cut to this
# length ...
MAX_PIECE_BYTES = 2**14
# ... and after so much work the file seems to be at its end. Both chosen by hand.
ENOUGH_CPU_S = 0.5


def read_tags(file: io.FileIO, container: str) -> Tags:
    """Read the tags of the containers that tinytag knows; of others, and of what it stumbles over, there are none."""
    if container not in BY_TINYTAG:
        return Tags()
    import tinytag

    try:
        # By the bytes, never by the name; the duration is the decoders' business.
        found = tinytag.TinyTag.get(file_obj=_InPieces(file), duration=False)  # type: ignore[arg-type]  # as it reads
    except tinytag.TinyTagException:
        return Tags()
    return tags_of({"title": found.title, "artist": found.artist, "album": found.album, "date": found.year})


class _InPieces:
    """A file that gives at most `MAX_PIECE_BYTES` of any piece asked for, but moves on by the whole of it."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._size_bytes = os.fstat(file.fileno()).st_size
        self._at = 0
        self._until_s = time.thread_time() + ENOUGH_CPU_S

    def read(self, size: int) -> bytes:
        left = self._size_bytes - self._at
        if left <= 0 or time.thread_time() > self._until_s:
            return b""
        self._file.seek(self._at)
        data = self._file.read(min(size, left, MAX_PIECE_BYTES))
        self._at += min(size, left)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size_bytes}[whence]
        if at < 0:
            raise OSError("before the start of the file")
        self._at = at
        return at

    def tell(self) -> int:
        return self._at


def tags_of(found: Mapping[str, str | None]) -> Tags:
    """Return tags fit to be shown: found by lower-case name, ``date`` or ``year`` among them."""
    date = _clean(found.get("date") or found.get("year"))
    year = re.search(r"[0-9]{4}", date or "")
    return Tags(
        title=_clean(found.get("title")),
        artist=_clean(found.get("artist")),
        album=_clean(found.get("album")),
        year=year.group() if year else date,
    )


def first_of(first: Tags, second: Tags) -> Tags:
    """Fill in from the second what the first does not tell."""
    return Tags(
        title=first.title or second.title,
        artist=first.artist or second.artist,
        album=first.album or second.album,
        year=first.year or second.year,
    )


def _clean(text: str | None) -> str | None:
    """Return one line of printable text of bearable length, or None."""
    text = (text or "")[: 4 * MAX_TAG_LETTERS]
    if any("\udc80" <= c <= "\udcff" for c in text):  # bytes that are not UTF-8: an old tag in Latin-1
        text = text.encode(errors="surrogateescape").decode("cp1252", errors="replace")
    # Some programs write tags as they stand in a web page.
    text = re.sub(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z]\w{1,30});", lambda entity: html.unescape(entity[0]), text)
    kept = "".join(c if c.isprintable() else " " for c in text)
    if not kept.replace("\ufffd", " ").strip():  # nothing of it could be decoded
        return None
    return " ".join(kept.split())[:MAX_TAG_LETTERS].rstrip() or None
