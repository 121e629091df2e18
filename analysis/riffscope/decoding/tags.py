"""What a file says it is: title, artist, album and year. Hostile text, and hostile in number."""

import html
import io
import os
import re
import struct
import time
from collections.abc import Mapping

from riffscope.decoding.window import Window
from riffscope.model import Tags

# Longer tags are cut. Chosen by hand: it is what fits on a page.
MAX_TAG_LETTERS = 1_000
# Containers that tinytag is asked about; Vorbis comments and APE tags are read here, and the decoders themselves give
# the tags of the others.
BY_TINYTAG = {"wav", "aiff", "mp3", "aac", "mov", "asf"}
# tinytag compares each value of a kind with each other, 20,000 titles with 20,000. What it reads at once is cut to this
# length ...
MAX_PIECE_BYTES = 2**14
# ... and after so much work the file seems to be at its end. Both chosen by hand.
ENOUGH_CPU_S = 0.5
# Comments may hold a cover of a few megabytes; those behind more than this are not read. Chosen by hand.
MAX_COMMENTS_BYTES = 2**24
# More fields than any song has, and more artists. Chosen by hand.
MAX_FIELDS = 2_000
MAX_ARTISTS = 30

# What is read of a tag, by lower-case name.
Fields = dict[str, list[str]]
_READ = ("title", "artist", "album", "date", "year")


def read_tags(file: io.FileIO, container: str, at: int) -> Tags:
    """Read the tags of a song that begins at a place in its file; what cannot be read is as if it were not there.

    Those of its container come first, then what stands before and behind it: ID3 and APE tags may stand in any file.
    """
    window = Window(file, at, os.fstat(file.fileno()).st_size)
    stream = container in {"mp3", "aac"}
    before = _by_tinytag(Window(file, 0, at)) if at and not stream else Tags()
    if stream:  # ID3 before and behind is one to tinytag; an APE tag knows more than 30 letters, as ID3v1 does not
        whole = Window(file, 0, os.fstat(file.fileno()).st_size)
        own, behind = _by_tinytag(whole), _told(_ape(window))
        if at == 0:
            own, behind = behind, own
        return first_of(own, behind)
    if container == "flac":
        own = _told(_of_flac(window))
    elif container == "ogg":
        own = _told(_of_ogg(window))
    else:
        own = _by_tinytag(window) if container in BY_TINYTAG else Tags()
    return first_of(first_of(own, before), _told(_ape(window)))


def _by_tinytag(window: Window) -> Tags:
    import tinytag

    try:
        # By the bytes, never by the name; the duration is the decoders' business.
        found = tinytag.TinyTag.get(file_obj=_InPieces(window), duration=False)  # type: ignore[arg-type]  # as it reads
    except tinytag.TinyTagException:
        return Tags()
    artists = [found.artist or "", *found.other.get("artist", [])]
    return tags_of({"title": found.title, "artist": _joined(artists), "album": found.album, "date": found.year})


def _told(fields: Fields) -> Tags:
    """Return tags of fields that may stand there several times: all artists, and of anything else the first."""
    first: dict[str, str | None] = {name: values[0] for name, values in fields.items() if values}
    return tags_of(first | {"artist": _joined(fields.get("artist", []))})


def _joined(artists: list[str]) -> str:
    """Name all artists, once each; one that already names the others stands alone."""
    names = list(dict.fromkeys(name for artist in artists[:MAX_ARTISTS] if (name := _clean(artist))))
    if len(names) > 2:
        longest = max(names, key=len)
        left = longest
        for name in sorted(names, key=len, reverse=True):
            if name != longest:
                left = left.replace(name, "", 1)
        if all(name in longest for name in names) and _BETWEEN_ARTISTS.fullmatch(left):
            return longest
    return ", ".join(names)


# What stands between artists who are named in one field.
_BETWEEN_ARTISTS = re.compile(r"(?:[\s,;/&+|.()\[\]]|feat|ft|featuring|and|with|vs|x|y|et|und)*", re.IGNORECASE)


# ---------------------------------------------------------------------------------------------- Vorbis comments and APE
def _of_flac(window: Window) -> Fields:
    """Read the comments in the metadata of a FLAC (RFC 9639, section 8.6)."""
    at = 4
    for _ in range(MAX_FIELDS):
        window.seek(at)
        head = window.read(4)
        if len(head) < 4:
            break
        size = int.from_bytes(head[1:])
        if head[0] & 0x7F == 4:
            return _comments(window.read(min(size, MAX_COMMENTS_BYTES)))
        if head[0] & 0x80:
            break
        at += 4 + size
    return {}


def _of_ogg(window: Window) -> Fields:
    """Read the comments in the second packet of a stream of Vorbis, Opus or FLAC in an Ogg (RFC 3533)."""
    packets: dict[bytes, bytearray] = {}
    counts: dict[bytes, int] = {}
    at = read_bytes = 0
    while read_bytes < MAX_COMMENTS_BYTES:
        window.seek(at)
        head = window.read(27)
        if len(head) < 27 or not head.startswith(b"OggS"):
            break
        serial, lengths = head[14:18], window.read(head[26])
        content = window.read(sum(lengths))
        at += 27 + len(lengths) + len(content)
        read_bytes += len(content)
        packet, place = packets.setdefault(serial, bytearray()), 0
        for length in lengths:
            packet += content[place : place + length]
            place += length
            if length == 255:
                continue
            counts[serial] = counts.get(serial, 0) + 1
            for start, skipped in ((b"\x03vorbis", 7), (b"OpusTags", 8), (b"\x04", 4), (b"\x84", 4)):
                if counts[serial] == 2 and packet.startswith(start):
                    return _comments(bytes(packet[skipped:]))
            packet.clear()
        if min(counts.values(), default=0) >= 2:
            break
    return {}


def _comments(content: bytes) -> Fields:
    """Read Vorbis comments (Vorbis I, section 5)."""
    fields: Fields = {}
    at = 4 + int.from_bytes(content[:4], "little")
    count = int.from_bytes(content[at : at + 4], "little")
    at += 4
    for _ in range(min(count, MAX_FIELDS)):
        size = int.from_bytes(content[at : at + 4], "little")
        name, equals, text = content[at + 4 : at + 4 + size].partition(b"=")
        at += 4 + size
        if at > len(content):
            break
        key = name[:20].decode("ascii", "replace").casefold()
        if equals and text and key in _READ:
            fields.setdefault(key, []).append(text[: 4 * MAX_TAG_LETTERS].decode(errors="surrogateescape"))
    return fields


def _ape(window: Window) -> Fields:
    """Read the APEv2 tag at the end of a file, before an ID3v1 tag if there is one (wiki.hydrogenaud.io: APEv2)."""
    fields: Fields = {}
    for behind in (32, 32 + 128):
        if window.seek(-behind, os.SEEK_END) < 0:
            break
        footer = window.read(32)
        if not footer.startswith(b"APETAGEX") or len(footer) < 32:
            continue
        size, count = struct.unpack_from("<II", footer, 12)
        if not 32 <= size <= MAX_COMMENTS_BYTES or window.seek(-behind - size + 32, os.SEEK_END) < 0:
            break
        content, at = window.read(size - 32), 0
        for _ in range(min(count, MAX_FIELDS)):
            if at + 8 > len(content):
                break
            length, flags = struct.unpack_from("<II", content, at)
            end_of_name = content.find(b"\0", at + 8)
            if end_of_name < 0:
                break
            key = content[at + 8 : end_of_name][:20].decode("ascii", "replace").casefold()
            at = end_of_name + 1 + length
            if key in _READ and not flags & 6:  # text
                text = content[end_of_name + 1 : at][: 4 * MAX_TAG_LETTERS].decode(errors="surrogateescape")
                fields.setdefault(key, []).extend(filter(None, text.split("\0")))
        break
    return fields


class _InPieces:
    """A part of a file that gives at most `MAX_PIECE_BYTES` of any piece asked for, but moves on by the whole of it."""

    def __init__(self, file: Window) -> None:
        self._file = file
        self._size_bytes = file.size_bytes
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
