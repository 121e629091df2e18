"""Spoils what riffscope reads, at random: sounds and archives, saved analyses, texts. What it is given, it leaves."""

import copy
import json
import random
import re
import struct

import seeds

# Where the headers of containers begin: chunks, boxes, pages, frames, elements.
MARKS = re.compile(
    rb"RIFF|WAVE|fmt |data|LIST|FORM|AIFF|COMM|SSND|riff|caff|desc|pakt|fLaC|OggS|vorbis|OpusHead|OpusTags|ID3|Xing"
    rb"|Info|ftyp|moov|mdat|trak|mdia|minf|stbl|stsd|stts|stsc|stsz|stco|esds|moof|traf|trun|tfhd|mvex|edts|elst"
    rb"|\xff[\xf1\xf9\xfb]|\x1a\x45\xdf\xa3|\x16\x54\xae\x6b|\x1f\x43\xb6\x75|\x30\x26\xb2\x75|PK\x03\x04|PK\x01\x02"
)
FIELDS = (0, 1, 2**31 - 1, 2**31, 2**32 - 1)


# -------------------------------------------------------------------------------------------------------------- bytes
def places(content: bytes, rng: random.Random) -> int:
    """Choose a place: most often near a header."""
    marks = [match.start() for match in MARKS.finditer(content[:4000])] + [0]
    near = rng.choice(marks) + rng.randrange(48) if rng.random() < 0.5 else rng.randrange(len(content))
    return min(near, len(content) - 1)


def flip(content: bytes, rng: random.Random) -> bytes:
    out = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8, 64))):
        out[places(content, rng)] ^= 1 << rng.randrange(8)
    return bytes(out)


def truncate(content: bytes, rng: random.Random) -> bytes:
    return content[: places(content, rng)]


def set_field(content: bytes, rng: random.Random) -> bytes:
    at = places(content, rng)
    return content[:at] + struct.pack(rng.choice("<>") + "I", rng.choice(FIELDS)) + content[at + 4 :]


def reorder(content: bytes, rng: random.Random) -> bytes:
    """Swap two stretches that begin with a header."""
    marks = sorted({match.start() for match in MARKS.finditer(content)} | {len(content)})
    if len(marks) < 4:
        return flip(content, rng)
    a, b, c = sorted(rng.sample(marks, 3))
    return content[:a] + content[b:c] + content[a:b] + content[c:]


def splice(content: bytes, rng: random.Random) -> bytes:
    """Go on in the middle of another file, of the same kind or not."""
    other = seeds.song(rng.choice(seeds.SONGS))
    return content[: places(content, rng)] + other[places(other, rng) :]


def repeat(content: bytes, rng: random.Random) -> bytes:
    a, b = sorted((places(content, rng), places(content, rng)))
    return content[:b] + content[a:b] * rng.choice((1, 2, 100)) + content[b:]


def leave_out(content: bytes, rng: random.Random) -> bytes:
    a, b = sorted((places(content, rng), places(content, rng)))
    return content[:a] + content[b:]


BYTES = (flip, flip, truncate, set_field, set_field, set_field, reorder, splice, repeat, leave_out)


def spoil_bytes(content: bytes, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        content = rng.choice(BYTES)(content, rng) or b"\0"
    return with_checksums(content) if content[:4] == b"OggS" and rng.random() < 0.7 else content


def with_checksums(content: bytes) -> bytes:
    """Make the checksums of Ogg's pages right again, so that what is spoilt is looked at (RFC 3533, 6)."""
    out = bytearray(content)
    for match in re.finditer(b"OggS", content):
        at = match.start()
        if at + 27 > len(out):
            break
        segments = out[at + 26]
        end = at + 27 + segments + sum(out[at + 27 : at + 27 + segments])
        if end <= len(out):
            out[at + 22 : at + 26] = bytes(4)
            out[at + 22 : at + 26] = struct.pack("<I", _crc(bytes(out[at:end])))
    return bytes(out)


_TABLE = []
for _byte in range(256):
    _crc_of = _byte << 24
    for _ in range(8):
        _crc_of = (_crc_of << 1 ^ 0x04C11DB7 if _crc_of >> 31 else _crc_of << 1) & 0xFFFFFFFF
    _TABLE.append(_crc_of)


def _crc(content: bytes) -> int:
    crc = 0
    for byte in content:
        crc = (crc << 8 & 0xFFFFFFFF) ^ _TABLE[crc >> 24 ^ byte]
    return crc


# --------------------------------------------------------------------------------------------------------------- texts
ODD = (
    *(None, True, False, 0, 1, -1, 0.5, -0.0, 1e9, -1e9, 1e12, 1e300, 5e-324, 2**31, 2**63, -(2**63), 10**30),
    *("", "x", "\x1b[2J", "a\nb", "\u202e", "$\\frac{$", "\u0000", "x" * 4000, "x" * 100_000, "<script>", "C#4", "N"),
    *([], {}, [[]], [None], [0] * 3, {"value": 1}, {"value": 1, "low": 0, "high": 2}),
)


def spoil_json(content: bytes, rng: random.Random) -> bytes:
    """Change places in a saved analysis; sometimes its letters."""
    if rng.random() < 0.1:
        return flip(content, rng)
    document = json.loads(content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        _change(document, rng)
    return json.dumps(document, allow_nan=True).encode()


def _change(document: object, rng: random.Random) -> None:
    place = document
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = rng.choice(keys)
        deeper = isinstance(place[key], dict | list) and rng.random() < 0.9
        if not deeper:
            break
        place = place[key]
    match rng.randrange(6):
        case 0:
            del place[key]
        case 1 if isinstance(place[key], int | float):
            place[key] = place[key] * rng.choice((-1, 0, 1.5, 2, 10, 1e3, 1e6)) + rng.choice((0, 1, -1))
        case 2 if isinstance(place, list) and len(place) > 1:
            rng.shuffle(place) if rng.random() < 0.5 else place.__delitem__(slice(rng.randrange(len(place)), None))
        case 3 if isinstance(place, dict):
            place[key] = copy.deepcopy(place[rng.choice(list(place))])
        case _:
            place[key] = copy.deepcopy(rng.choice(ODD))  # it may be changed in its turn


TOKENS = (*"\"'[]{}=\n\t,\0#", "\x1b[2J", "9" * 400, "nan", "-1", "1e999", "true")


def spoil_text(content: bytes, rng: random.Random) -> bytes:
    if rng.random() < 0.3:
        return spoil_bytes(content, rng)
    parts = re.findall(r"\w+|\s+|.", content.decode())
    for _ in range(rng.choice((1, 1, 2, 6))):
        at = rng.randrange(len(parts))
        match rng.randrange(4):
            case 0:
                parts[at] = rng.choice(TOKENS)
            case 1:
                parts.insert(at, rng.choice(TOKENS) * rng.choice((1, 1, 2000)))
            case 2:
                parts[at] = rng.choice(parts)
            case _:
                del parts[at : at + rng.choice((1, 3, 20))]
                parts = parts or [""]
    return "".join(parts).encode()
