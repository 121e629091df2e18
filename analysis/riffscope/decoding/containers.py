"""What a file is by its first bytes, and what its container claims to hold.

Nothing is decoded here, and nothing a file says is believed: sizes are only compared.

Sources: RF64 (EBU Tech 3306), MPEG audio (ISO 11172-3, 13818-3), ADTS (ISO 13818-7), MP4 (ISO 14496-12); the others by
the specifications of their makers.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from riffscope.decoding.window import Window
from riffscope.errors import CannotRead

# What FFmpeg calls the container, and the bytes that it must have at the places given.
CONTAINERS: tuple[tuple[str, tuple[tuple[int, bytes], ...]], ...] = (
    ("wav", ((0, b"RIFF"), (8, b"WAVE"))),
    ("wav", ((0, b"RF64"), (8, b"WAVE"))),
    ("wav", ((0, b"BW64"), (8, b"WAVE"))),
    ("w64", ((0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"), (24, b"wave\xf3\xac\xd3\x11"))),
    ("aiff", ((0, b"FORM"), (8, b"AIFF"))),
    ("aiff", ((0, b"FORM"), (8, b"AIFC"))),
    ("flac", ((0, b"fLaC"),)),
    ("ogg", ((0, b"OggS\x00"),)),
    ("caf", ((0, b"caff\x00\x01"),)),
    ("au", ((0, b".snd"),)),
    ("mov", ((4, b"ftyp"),)),
    ("asf", ((0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9\x00\xaa\x00\x62\xce\x6c"),)),
    ("matroska", ((0, b"\x1a\x45\xdf\xa3"),)),
)
# What files of such kinds are commonly called, to find them in a folder: a file is never refused by its name.
ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "caf", "au", "snd", "flac", "ogg", "oga", "opus"),
        *("mp3", "mp2", "aac", "m4a", "m4b", "mp4", "mov", "wma", "asf", "mka", "mkv", "webm"),
    )
)
# The kinds for people.
KNOWN = "WAV, AIFF, FLAC, Ogg, Opus, MP3, AAC, M4A, WMA, CAF, AU or Matroska"

# A tag may state a wrong size: the first MPEG frame is looked for in as many bytes after it. Chosen by hand.
SEARCHED_BYTES = 2**16
# So many ID3 tags one after the other are read over. Chosen by hand: more than any song has.
MAX_ID3_TAGS = 16


@dataclass(frozen=True, kw_only=True)
class Found:
    """What a file is.

    Attributes
    ----------
    container : str
        FFmpeg's name for it.
    at : int
        Where it begins in the file, after any tags.
    start : bytes
        Its first bytes, or for MPEG audio those of its first frame.
    """

    container: str
    at: int
    start: bytes


def sniff(file: BinaryIO) -> Found | None:
    """Tell what a file is from its first bytes; None where that is not known. An ID3 tag may stand before any of it."""
    head, begin = _after_tags(file)
    for container, marks in CONTAINERS:
        if all(head.startswith(mark, at) for at, mark in marks):
            return Found(container=container, at=begin, start=head)
    at = len(head) - len(head.lstrip(b"\0"))  # some encoders pad
    while 0 <= at < len(head):
        if name := _mpeg_audio(head, at):
            return Found(container=name, at=begin + at, start=head[at:])
        at = head.find(b"\xff", at + 1) if begin else -1
    return None


def _after_tags(file: BinaryIO) -> tuple[bytes, int]:
    """Return the first bytes after the ID3 tags, and where they are."""
    at = 0
    for _ in range(MAX_ID3_TAGS):
        file.seek(at)
        head = file.read(SEARCHED_BYTES)
        if not head.startswith(b"ID3") or len(head) < 10:
            break
        size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
        at += 10 + size + (10 if head[5] & 0x10 else 0)
    return head, at


# ---------------------------------------------------------------------------------------------------------- MPEG audio
# Kilobits per second by the index in a frame's header, by version and layer (ISO 11172-3, 2.4.2.3; ISO 13818-3).
_KBPS = {
    (1, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (1, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (1, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@dataclass(frozen=True, kw_only=True)
class _Frame:
    container: str
    length_bytes: int
    duration_s: float


def _mpeg_frame(header: bytes) -> _Frame | None:
    """Read the 7 bytes at the head of an MPEG audio or ADTS frame."""
    if len(header) < 7 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    if header[1] & 0xF6 == 0xF0:  # ADTS
        length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        known = length > 7 and header[2] >> 2 & 15 < 13
        return _Frame(container="aac", length_bytes=length, duration_s=0.0) if known else None
    version_bits, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version_bits == 1 or layer == 4 or bitrate in {0, 15} or rate == 3:
        return None
    version = 1 if version_bits == 3 else 2
    rate_hz = (44100, 48000, 32000)[rate] >> {3: 0, 2: 1, 0: 2}[version_bits]
    samples = 384 if layer == 1 else 576 if (version, layer) == (2, 3) else 1152
    slot_bytes = 4 if layer == 1 else 1
    slots = samples // 8 // slot_bytes * 1000 * _KBPS[version, layer][bitrate - 1] // rate_hz + padding
    return _Frame(container="mp3", length_bytes=slots * slot_bytes, duration_s=samples / rate_hz)


def _mpeg_audio(head: bytes, at: int) -> str | None:
    """Return the container of the frames that begin here: one header is soon alike, three in a row are not."""
    container = None
    for _ in range(3):
        frame = _mpeg_frame(head[at : at + 7])
        if frame is None or container not in {None, frame.container}:
            return None
        container = frame.container
        at += frame.length_bytes
        if at + 7 > len(head):  # a very short song
            break
    return container


def mp3_claimed_s(start: bytes) -> float:
    """Return the duration that the first frame of an MP3 states in a Xing or Info header; 0 where it has none."""
    frame = _mpeg_frame(start[:7])
    counted = re.search(rb"(?:Xing|Info)\0\0\0[\x01-\x0f](.{4})", start[:200], re.DOTALL)
    return frame.duration_s * int.from_bytes(counted[1]) if frame and counted else 0.0


# ----------------------------------------------------------------------------------------------------- RIFF and its kin
@dataclass(frozen=True, kw_only=True)
class _Chunks:
    """How a container lays out its chunks: their heads, the place of the first, the name of the one with the sound."""

    head: str
    first: int
    align: int
    sound: bytes
    counts_head: bool = False


# The name of the chunk with the sound, a GUID in Sony's Wave64.
_W64_DATA = b"data\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a"
# AIFF is read for the frames that it states; the layouts of the others for the size of their sound.
_AIFF = _Chunks(head=">4sI", first=12, align=2, sound=b"SSND")
# By their specifications.
_CHUNKED = {
    "wav": _Chunks(head="<4sI", first=12, align=2, sound=b"data"),
    "w64": _Chunks(head="<16sQ", first=40, align=8, sound=_W64_DATA, counts_head=True),
    "caf": _Chunks(head=">4sQ", first=8, align=1, sound=b"data"),
}
# More chunks than any song has: a file of nothing but heads would keep us busy. Chosen by hand.
MAX_CHUNKS = 1_000


def _chunks(window: Window, form: _Chunks) -> Iterator[tuple[bytes, int, int]]:
    """Yield the name of each chunk, where its content begins, and how long it claims to be."""
    at, head_bytes = form.first, struct.calcsize(form.head)
    sound_bytes = 0
    for _ in range(MAX_CHUNKS):
        window.seek(at)
        head = window.read(head_bytes)
        if len(head) < head_bytes:
            return
        name, claimed = struct.unpack(form.head, head)
        if form.counts_head:
            claimed = max(claimed - head_bytes, 0)
        at += head_bytes
        if name == b"ds64":  # RF64: its 32 bits do not hold the size of the sound, these 64 do
            (sound_bytes,) = struct.unpack("<8xQ", window.read(16).ljust(16, b"\0"))
        if name == form.sound and claimed == 2**32 - 1 and sound_bytes:
            claimed = sound_bytes
        yield name, at, claimed
        at += claimed + -claimed % form.align
    yield b"", at, window.size_bytes  # no song has as many


def share_present(window: Window, container: str) -> float:
    """Return the share of the claimed sound that the file has, 0..1: decoders believe the file's size instead."""
    start = claimed = 0
    if container == "au":
        window.seek(4)
        start, claimed = struct.unpack(">II", window.read(8).ljust(8, b"\0"))
    elif form := _CHUNKED.get(container):
        start, claimed = next(((at, size) for name, at, size in _chunks(window, form) if name == form.sound), (0, 0))
    return 1.0 if _is_open_ended(claimed) else min(max(window.size_bytes - start, 1) / claimed, 1.0)


def aiff_claimed_frames(window: Window) -> int:
    """Return how many frames an AIFF states; 0 where it states none."""
    for name, at, _ in _chunks(window, _AIFF):
        if name == b"COMM":
            window.seek(at + 2)
            return int.from_bytes(window.read(4))
    return 0


def _is_open_ended(size: int) -> bool:
    """Tell whether a size is what encoders write that cannot go back: 0, or about all of 31, 32 or 64 bits."""
    return size == 0 or 2**31 - 2**12 <= size <= 2**31 or 2**32 - 2**12 <= size < 2**32 or size >= 2**62


def readable_bytes(window: Window, container: str) -> int:
    """Return how much of a file a decoder may see.

    Not a chunk of text that claims more than there is: FFmpeg takes memory for the text of a WAV at its word, 2 GB for
    a file of a hundred bytes. And not the tags behind a stream, which are no sound.
    """
    if container in {"mp3", "aac", "flac"}:
        return _end_of_stream(window)
    if container == "wav":
        form = _CHUNKED[container]
        for name, start, claimed in _chunks(window, form):
            if name == form.sound and _is_open_ended(claimed):
                break
            if name != form.sound and start + claimed > window.size_bytes:
                return start - struct.calcsize(form.head)
    return window.size_bytes


def _end_of_stream(window: Window) -> int:
    """Return where the tags begin that stand at the end of a file: ID3v1, and APEv2 before it."""
    end = window.size_bytes
    if _bytes_at(window, end - 128, 3) == b"TAG":
        end -= 128
    footer = _bytes_at(window, end - 32, 32)
    if footer.startswith(b"APETAGEX"):
        size, flags = struct.unpack_from("<I4xI", footer, 12)
        end -= min(size + (32 if flags >> 31 else 0), end)
    return end


def _bytes_at(window: Window, at: int, size: int) -> bytes:
    return window.read(size) if window.seek(at) == at else b""


# ----------------------------------------------------------------------------------------------------------------- MP4
# FFmpeg keeps 40 bytes or so of each packet that an MP4 index lists; an hour has 170,000.
MAX_PACKETS = 2_000_000
# All boxes but the sound itself; covers and texts are among them. Chosen by hand.
MAX_INDEX_BYTES = 2**26
# More boxes than any song has. Chosen by hand.
MAX_BOXES = 100_000


def check_mp4_index(window: Window) -> None:
    """Refuse an MP4 whose index claims packets without number: twenty bytes could make FFmpeg take gigabytes.

    Raises
    ------
    CannotRead
        The index is larger than any song's, or packed so that it cannot be looked into.
    """
    packets = index_bytes = 0
    for box in _boxes(window):
        if b"cmov" in box:
            raise CannotRead("has a compressed index (convert it to M4A, FLAC or WAV)")
        packets += _packets_claimed(box, window.size_bytes)
        index_bytes += len(box)
        if packets > MAX_PACKETS or index_bytes > MAX_INDEX_BYTES:
            raise CannotRead("has a damaged index (copy or download it again)")


def _packets_claimed(box: bytes, size_bytes: int) -> int:
    """Count the packets that the tables in a box claim to describe."""
    # Sound of one frame a packet is PCM, which FFmpeg takes by the chunk.
    pcm_counts = set(re.findall(rb"stts\x00{4}\x00\x00\x00\x01(.{4})\x00\x00\x00\x01", box, re.DOTALL))
    packets = 0
    for found in re.finditer(rb"(stsz|stz2|trun)(?=.{4}(.{4})(.{4})?)", box, re.DOTALL):
        kind, first, second = found.groups(b"")
        if kind == b"trun":
            packets += int.from_bytes(first)
        elif kind == b"stz2" or first == b"\0\0\0\0":  # a table of sizes follows: it cannot be longer than its box
            packets += min(int.from_bytes(second), 2 * len(box))
        elif second not in pcm_counts or int.from_bytes(first) * int.from_bytes(second) > size_bytes:
            packets += int.from_bytes(second)
    return packets


def _boxes(window: Window) -> Iterator[bytes]:
    """Yield the boxes of an MP4 but for the sound itself."""
    at = 0
    for _ in range(MAX_BOXES):
        window.seek(at)
        head = window.read(16)
        if len(head) < 8:
            return
        length, kind = struct.unpack_from(">I4s", head)
        if length == 1 and len(head) == 16:
            (length,) = struct.unpack_from(">Q", head, 8)
        elif length == 0:
            length = window.size_bytes - at
        if length < 8:
            return
        if kind != b"mdat":
            window.seek(at)
            yield window.read(min(length, MAX_INDEX_BYTES + 1))
        at += length
    raise CannotRead("has a damaged index (copy or download it again)")
