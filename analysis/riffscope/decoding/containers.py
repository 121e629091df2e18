"""What a file is by its first bytes, and what its container claims to hold.

Nothing is decoded here, and nothing a file says is believed: sizes are only compared.

Sources: RF64 (EBU Tech 3306), MPEG audio (ISO 11172-3, 13818-3), ADTS (ISO 13818-7), MP4 (ISO 14496-12); the others by
the specifications of their makers.
"""

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Literal

from riffscope.decoding.window import Window
from riffscope.errors import CannotRead

# What FFmpeg calls the container, and the bytes that it must have at the places given.
CONTAINERS: tuple[tuple[str, tuple[tuple[int, bytes], ...]], ...] = (
    ("wav", ((0, b"RIFF"), (8, b"WAVE"))),
    ("wav", ((0, b"RIFX"), (8, b"WAVE"))),
    ("wav", ((0, b"RF64"), (8, b"WAVE"))),
    ("wav", ((0, b"BW64"), (8, b"WAVE"))),
    ("w64", ((0, b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00"), (24, b"wave\xf3\xac\xd3\x11"))),
    ("aiff", ((0, b"FORM"), (8, b"AIFF"))),
    ("aiff", ((0, b"FORM"), (8, b"AIFC"))),
    ("flac", ((0, b"fLaC"),)),
    ("ogg", ((0, b"OggS\x00"),)),
    ("caf", ((0, b"caff\x00\x01"),)),
    ("au", ((0, b".snd"),)),
    *(("mov", ((4, box),)) for box in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot")),
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

# What programs that take songs for text put before them.
TEXT_MARKS = b"\xef\xbb\xbf\r\n\t "
# A tag may state a wrong size, and a stream may be cut anywhere: its first frame is looked for in as many bytes. Chosen
# by hand.
SEARCHED_BYTES = 2**16
# So many frames in a row are a stream wherever they begin; after a tag, or at the start of a file, fewer will do.
# Chosen by hand: noise has three in a row once in 2**50 bytes.
FRAMES_OF_A_STREAM = 6
FRAMES_AFTER_A_TAG = 3
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
    """Tell what a file is from its first bytes; None where that is not known.

    ID3 tags and line ends may stand before any of it, anything before a stream of frames, which may begin in the midst
    of one.
    """
    head, begin = _after_tags(file)
    for skipped in (0, len(head) - len(head.lstrip(TEXT_MARKS))):
        for container, marks in CONTAINERS:
            if all(head.startswith(mark, skipped + at) for at, mark in marks):
                file.seek(begin + skipped)
                return Found(container=container, at=begin + skipped, start=file.read(SEARCHED_BYTES))
    first = len(head) - len(head.lstrip(b"\0"))  # some encoders pad
    at, least = first, FRAMES_AFTER_A_TAG
    while 0 <= at < len(head):
        if name := _mpeg_audio(head, at, least):
            return Found(container=name, at=begin + at, start=head[at:])
        at, least = head.find(b"\xff", at + 1), FRAMES_AFTER_A_TAG if begin else FRAMES_OF_A_STREAM
    frames = _flac_frames(head)
    return None if frames is None else Found(container="flac", at=begin + frames, start=head[frames:])


def _after_tags(file: BinaryIO) -> tuple[bytes, int]:
    """Return the first bytes after the ID3 tags, and where they are."""
    at = 0
    for _ in range(MAX_ID3_TAGS):
        file.seek(at)
        head = file.read(SEARCHED_BYTES)
        if not head.startswith(b"ID3") or len(head) < 10:
            break
        at += _id3_bytes(head)
    return head, at


def _id3_bytes(head: bytes) -> int:
    """Return how long an ID3v2 tag is, from its first 10 bytes."""
    size = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + size + (10 if head[5] & 0x10 else 0)


# ---------------------------------------------------------------------------------------------------------------- FLAC
def _flac_frames(head: bytes) -> int | None:
    """Return where the first of two FLAC frames of one form begins: a stream that was cut still has its frames."""
    first: dict[tuple[int, int, int], int] = {}
    for found in re.finditer(rb"\xff[\xf8\xf9]", head):
        at = found.start()
        if not _is_flac_frame(head[at : at + 16]):
            continue
        form = head[at + 1], head[at + 2] & 15, head[at + 3] & 15  # the kind of blocks, the rate, the bits
        if form in first:
            return first[form]
        first[form] = at
    return None


def _is_flac_frame(header: bytes) -> bool:
    """Tell whether bytes are the header of a FLAC frame, by its CRC (RFC 9639, section 9.1)."""
    if len(header) < 16:
        return False
    size, rate, channels, bits = header[2] >> 4, header[2] & 15, header[3] >> 4, header[3] >> 1 & 7
    if size == 0 or rate in {0, 15} or channels > 10 or bits in {0, 3} or header[3] & 1:
        return False
    # A number as in UTF-8, of one to seven bytes, and what the block size and the rate need.
    ones = 8 - (header[4] ^ 0xFF).bit_length()
    if ones == 1 or ones == 8:
        return False
    end = 4 + max(ones, 1) + {6: 1, 7: 2}.get(size, 0) + {12: 1, 13: 2, 14: 2}.get(rate, 0)
    crc = 0
    for byte in header[:end]:
        crc ^= byte
        for _ in range(8):
            crc = crc << 1 ^ (0x107 if crc & 0x80 else 0)
    return end < 16 and crc == header[end]


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
    header: bytes

    @property
    def form(self) -> tuple[str, int, int]:
        """What stays the same from frame to frame: version and layer, and the sample rate."""
        rate = self.header[2] & (0x3C if self.container == "aac" else 0x0C)
        return self.container, self.header[1] & 0xFE, rate


def _mpeg_frame(header: bytes) -> _Frame | None:
    """Read the 7 bytes at the head of an MPEG audio or ADTS frame."""
    if len(header) < 7 or header[0] != 0xFF or header[1] < 0xE0:
        return None
    if header[1] & 0xF6 == 0xF0:  # ADTS
        length = (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
        known = length > 7 and header[2] >> 2 & 15 < 13
        return _Frame(container="aac", length_bytes=length, duration_s=0.0, header=header) if known else None
    version_bits, layer = header[1] >> 3 & 3, 4 - (header[1] >> 1 & 3)
    bitrate, rate, padding = header[2] >> 4, header[2] >> 2 & 3, header[2] >> 1 & 1
    if version_bits == 1 or layer == 4 or bitrate in {0, 15} or rate == 3:
        return None
    version = 1 if version_bits == 3 else 2
    rate_hz = (44100, 48000, 32000)[rate] >> {3: 0, 2: 1, 0: 2}[version_bits]
    samples = 384 if layer == 1 else 576 if (version, layer) == (2, 3) else 1152
    slot_bytes = 4 if layer == 1 else 1
    slots = samples // 8 // slot_bytes * 1000 * _KBPS[version, layer][bitrate - 1] // rate_hz + padding
    length = slots * slot_bytes
    return _Frame(container="mp3", length_bytes=length, duration_s=samples / rate_hz, header=header)


def _mpeg_audio(head: bytes, at: int, least: int) -> str | None:
    """Return the container of the frames that begin here: one header is soon alike, several in a row are not."""
    form = None
    for place in range(least):
        frame = _mpeg_frame(head[at : at + 7])
        if frame is None or form not in {None, frame.form}:
            return None
        form = frame.form
        at += frame.length_bytes
        if at + 7 > len(head):  # a very short song
            ends = len(head) < SEARCHED_BYTES and place >= FRAMES_AFTER_A_TAG - 1
            return frame.container if ends or least == FRAMES_AFTER_A_TAG else None
    return form[0] if form else None


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
    layout = form.head.replace("<", ">") if _bytes_at(window, 0, 4) == b"RIFX" else form.head
    sound_bytes = 0
    for _ in range(MAX_CHUNKS):
        window.seek(at)
        head = window.read(head_bytes)
        if len(head) < head_bytes:
            return
        name, claimed = struct.unpack(layout, head)
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


# The name of the chunk that describes the sound, a GUID in Sony's Wave64.
_FORMATS = (b"fmt ", b"fmt \xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a")


def wave_mask(window: Window, container: str) -> int:
    """Return which channels a WAVE says that it has, a bit each (WAVEFORMATEXTENSIBLE); 0 where it does not say."""
    for name, at, claimed in _chunks(window, _CHUNKED[container]):
        if name in _FORMATS and claimed >= 40:
            window.seek(at)
            content = window.read(24)
            order: Literal["little", "big"] = "big" if content[:1] == b"\xff" else "little"
            return int.from_bytes(content[20:24], order) if set(content[:2]) == {0xFE, 0xFF} else 0
    return 0


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
        begin = end - size - (32 if flags >> 31 else 0)
        # What says that it is larger than the file, or that it has a head where there is none, is a footer alone.
        is_whole = begin >= 0 and (not flags >> 31 or _bytes_at(window, begin, 8) == b"APETAGEX")
        end = begin if is_whole else end - 32
    return end


def _bytes_at(window: Window, at: int, size: int) -> bytes:
    return window.read(size) if window.seek(at) == at else b""


# -------------------------------------------------------------------------------------- one recording behind another
# More pages than an hour of music has in an Ogg, unless each is empty. Chosen by hand.
MAX_PAGES = 2_000_000
_BITS_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, kw_only=True)
class Pieces:
    """The recordings that are joined in one file.

    Attributes
    ----------
    places : tuple of (int, int)
        Where each begins and ends.
    damaged : int
        In how many places there is something between frames that is neither sound nor a tag.
    """

    places: tuple[tuple[int, int], ...]
    damaged: int = 0


def pieces(window: Window, container: str) -> Pieces:
    """Find the recordings of a file that was joined from several, or that is a chained Ogg; one in most."""
    if container in {"mp3", "aac"}:
        return _joined_mpeg(window, container)
    if container == "ogg":
        return _chained_ogg(window)
    if container == "flac":
        return _joined_flac(window)
    return Pieces(places=((0, window.size_bytes),))


def _joined_mpeg(window: Window, container: str) -> Pieces:
    """Walk from frame to frame: a recording begins after a tag, and with a frame that counts others (Xing, VBRI)."""
    places: list[tuple[int, int]] = []
    begin = at = damaged = base = 0
    block = b""
    while at < window.size_bytes:
        if at + 2**12 > base + len(block) and base + len(block) < window.size_bytes:
            base, block = at, _bytes_at(window, at, 2**20)
        head = block[at - base : at - base + 48]
        frame = _mpeg_frame(head[:7])
        if frame is not None and frame.container == container:
            if at > begin and any(mark in head for mark in (b"Xing", b"Info", b"VBRI")):
                places.append((begin, at))
                begin = at
            at += frame.length_bytes
        elif tag_bytes := _tag_bytes(window, at):
            if at > begin:
                places.append((begin, at))
            begin = at = at + tag_bytes
        else:
            # The last frame of a file is often cut.
            ahead = _bytes_at(window, at, SEARCHED_BYTES)
            following = (found.start() for found in re.finditer(rb"\xff|TAG|ID3|APETAGEX", ahead[1:]))
            skipped = next((place + 1 for place in following if _goes_on(ahead, place + 1, container)), len(ahead))
            damaged += at + skipped < window.size_bytes
            at += skipped
            base, block = at, b""
    if begin < window.size_bytes:
        places.append((begin, window.size_bytes))
    return Pieces(places=tuple(places) or ((0, window.size_bytes),), damaged=damaged)


def _goes_on(head: bytes, at: int, container: str) -> bool:
    """Tell whether a stream goes on here, with frames or with a tag."""
    return head[at] != 0xFF or _mpeg_audio(head, at, FRAMES_AFTER_A_TAG) == container


def _tag_bytes(window: Window, at: int) -> int:
    """Return how long a tag is that stands here in a stream; 0 where there is none."""
    head = _bytes_at(window, at, 32)
    if head.startswith(b"ID3") and len(head) >= 10:
        return _id3_bytes(head)
    if head.startswith(b"APETAGEX") and len(head) == 32:
        size, flags = struct.unpack_from("<I4xI", head, 12)
        return size + 32 if flags >> 29 & 1 else 32  # at its head, or a footer whose head is missing
    return 128 if head.startswith(b"TAG") else 0


def _chained_ogg(window: Window) -> Pieces:
    """Walk from page to page: a chain begins with the first pages of its streams, and pages are numbered."""
    starts, at, begins, damaged = [0], 0, True, 0
    numbers: dict[bytes, int] = {}
    for _ in range(MAX_PAGES):
        head = _bytes_at(window, at, 27)
        if len(head) < 27:
            break
        if not head.startswith(b"OggS"):
            ahead = _bytes_at(window, at, SEARCHED_BYTES)
            found = ahead.find(b"OggS", 1)
            at += found if found > 0 else max(len(ahead) - 3, 1)
            continue
        serial, number = head[14:18], int.from_bytes(head[18:22], "little")
        if head[5] & 2:
            if not begins:
                starts.append(at)
            numbers[serial] = number
        damaged += number != numbers.get(serial, number)
        numbers[serial] = number + 1
        begins = bool(head[5] & 2)
        lengths = window.read(head[26])
        page = head[:22] + bytes(4) + head[26:] + lengths + window.read(sum(lengths))
        damaged += _ogg_crc(page) != int.from_bytes(head[22:26], "little")
        at += len(page)
    ends = [*starts[1:], window.size_bytes]
    return Pieces(places=tuple(zip(starts, ends, strict=True)), damaged=damaged)


def _ogg_crc(page: bytes) -> int:
    """Return the checksum of a page (RFC 3533, section 6): zlib's, with the bits of each byte the other way round."""
    crc = zlib.crc32(page.translate(_BITS_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(_BITS_REVERSED))


def _joined_flac(window: Window) -> Pieces:
    """Look for further headers of FLAC, behind an ID3 tag of their own or not."""
    starts, at, before = [(0, 0)], 0, b""  # where one ends and the next one begins
    while block := _bytes_at(window, at, 2**20):
        for found in re.finditer(rb"fLaC[\x00\x80]\x00\x00\x22", before + block):
            begin = at - len(before) + found.start()
            if begin > starts[-1][1]:
                ahead = max(begin - 2**20, starts[-1][1])
                tag = _bytes_at(window, ahead, begin - ahead)
                place = tag.rfind(b"ID3")
                has_tag = place >= 0 and _id3_bytes(tag[place : place + 10].ljust(10, b"\0")) == len(tag) - place
                starts.append((ahead + place if has_tag else begin, begin))
        at, before = at + len(block), block[-7:]
    begins = [begin for _, begin in starts]
    ends = [*(end for end, _ in starts[1:]), window.size_bytes]
    return Pieces(places=tuple(zip(begins, ends, strict=True)))


# ----------------------------------------------------------------------------------------------------------------- MP4
# FFmpeg keeps 40 bytes or so of each packet that an MP4 index lists; an hour has 170,000.
MAX_PACKETS = 2_000_000
# All boxes but the sound itself; covers and texts are among them. Chosen by hand.
MAX_INDEX_BYTES = 2**26
# Old QuickTime counts as a byte what its codecs pack into a fraction of one (ima4 into half). Chosen by hand.
MOST_COMPRESSED = 16
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
    # Sound of one frame a packet is PCM, or what old QuickTime compressed: FFmpeg takes both by the chunk.
    pcm_counts = set(re.findall(rb"stts\x00{4}\x00\x00\x00\x01(.{4})\x00\x00\x00\x01", box, re.DOTALL))
    packets = 0
    for found in re.finditer(rb"(stsz|stz2|trun)(?=.{4}(.{4})(.{4})?)", box, re.DOTALL):
        kind, first, second = found.groups(b"")
        if kind == b"trun":
            packets += int.from_bytes(first)
        elif kind == b"stz2" or first == b"\0\0\0\0":  # a table of sizes follows: it cannot be longer than its box
            packets += min(int.from_bytes(second), 2 * len(box))
        elif second not in pcm_counts or int.from_bytes(first) * int.from_bytes(second) > MOST_COMPRESSED * size_bytes:
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
