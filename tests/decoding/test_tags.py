"""Tags are found wherever they stand, and all artists are named."""

import base64
import struct
import time

import numpy as np
import pytest

from encoded import RATE_HZ, write_av
from riffscope.load import load
from signals import noise, write_sound

SOUND = np.tile(noise(0.5, RATE_HZ), (2, 1)).astype(np.float32)
ARTISTS = ("Ann", "Bob & Co", "Café AC/DC")
ALL = "Ann, Bob & Co, Café AC/DC"


def id3(*artists, version=4, title="Song", separate=False):
    """An ID3v2 tag: in version 4 a field holds several artists, in version 3 programs write several fields."""
    texts = [b"\3" + name.encode() for name in artists] if separate else [b"\3" + "\0".join(artists).encode()]
    frames = [*((b"TPE1", text) for text in texts), (b"TIT2", b"\3" + title.encode()), (b"TALB", b"\3Album")]

    def sized(size):
        return bytes(size >> shift & 127 for shift in (21, 14, 7, 0)) if version == 4 else struct.pack(">I", size)

    body = b"".join(name + sized(len(text)) + b"\0\0" + text for name, text in frames)
    return b"ID3" + bytes([version, 0, 0]) + bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0)) + body


def ape(*artists, header=True, title="Song"):
    """An APEv2 tag, in which a field may hold several artists."""
    fields = {"Artist": "\0".join(artists), "title": title, "Album": "Album", "Year": "2001-05-01"}
    items = b"".join(
        struct.pack("<II", len(text.encode()), 0) + name.encode() + b"\0" + text.encode()
        for name, text in fields.items()
    )
    numbers = struct.pack("<III", 2000, len(items) + 32, len(fields))
    head = b"APETAGEX" + numbers + struct.pack("<I8x", 0xA0000000)
    return (head if header else b"") + items + b"APETAGEX" + numbers + struct.pack("<I8x", 0x80000000 * header)


def v1(artist):
    return b"TAG" + b"Song".ljust(30, b"\0") + artist.encode("latin-1")[:30].ljust(30, b"\0") + bytes(65)


def comments(*artists, more=()):
    texts = [*(b"ARTIST=" + name.encode() for name in artists), b"title=Song", b"ALBUM=Album", b"DATE=2001", *more]
    return (
        struct.pack("<I", 4)
        + b"none"
        + struct.pack("<I", len(texts))
        + b"".join(struct.pack("<I", len(text)) + text for text in texts)
    )


def made(tmp_path, form):
    return write_sound(tmp_path / f"plain.{form}", SOUND, RATE_HZ).read_bytes()


def with_flac_comments(content, block):
    at = content.index(b"\xff\xf8", 42)
    return content[:4] + b"\0" + content[5:42] + b"\x84" + len(block).to_bytes(3) + block + content[at:]


def ogg_page(serial, number, content, flags=0):
    from riffscope.decoding.containers import _ogg_crc

    lengths = bytes([255] * (len(content) // 255) + [len(content) % 255])
    head = b"OggS\0" + bytes([flags]) + struct.pack("<qIII", 0, serial, number, 0)
    page = head + bytes([len(lengths)]) + lengths + content
    return page[:22] + struct.pack("<I", _ogg_crc(page)) + page[26:]


def with_opus_comments(content, block):
    """The second page of an Opus is its comments and nothing else."""
    first = 28 + content[27]
    assert content[first : first + 4] == b"OggS"
    second = first + 27 + content[first + 26]
    second += sum(content[first + 27 : second])
    (serial,) = struct.unpack_from("<I", content, 14)
    return content[:first] + ogg_page(serial, 1, b"OpusTags" + block) + content[second:]


def riff_chunk(name, content):
    return name + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def with_chunk(content, chunk):
    """A WAVE or an AIFF with a chunk behind its sound."""
    order = "<" if content.startswith(b"RIFF") else ">"
    (size,) = struct.unpack_from(f"{order}I", content, 4)
    return content[:4] + struct.pack(f"{order}I", size + len(chunk)) + content[8:] + chunk


def aiff_chunk(name, content):
    return name + struct.pack(">I", len(content)) + content + b"\0" * (len(content) % 2)


MADE = {
    "ID3v2.4": lambda folder: id3(*ARTISTS) + made(folder, "mp3"),
    "ID3v2.3, several fields": lambda folder: id3(*ARTISTS, version=3, separate=True) + made(folder, "mp3"),
    "ID3 before and behind": lambda folder: id3(*ARTISTS) + made(folder, "mp3") + v1("Ann"),
    "APE": lambda folder: made(folder, "mp3") + ape(*ARTISTS),
    "APE without a head": lambda folder: made(folder, "mp3") + ape(*ARTISTS, header=False),
    "APE before ID3v1": lambda folder: made(folder, "mp3") + ape(*ARTISTS) + v1("Ann"),
    "ID3 in a WAVE": lambda folder: with_chunk(made(folder, "wav"), riff_chunk(b"id3 ", id3(*ARTISTS))),
    "ID3 in an AIFF": lambda folder: with_chunk(made(folder, "aiff"), aiff_chunk(b"ID3 ", id3(*ARTISTS))),
    "FLAC": lambda folder: with_flac_comments(made(folder, "flac"), comments(*ARTISTS)),
    "ID3 before FLAC": lambda folder: id3(*ARTISTS) + made(folder, "flac"),
    "ID3 before WAVE": lambda folder: id3(*ARTISTS) + made(folder, "wav"),
    "ID3 before Ogg": lambda folder: id3(*ARTISTS) + made(folder, "ogg"),
    "ID3 before CAF": lambda folder: id3(*ARTISTS) + made(folder, "caf"),
    "ID3 before AU": lambda folder: id3(*ARTISTS) + made(folder, "au"),
    "APE behind FLAC": lambda folder: made(folder, "flac") + ape(*ARTISTS),
    "Opus": lambda folder: with_opus_comments(
        write_av(folder / "a.ogg", SOUND, "libopus").read_bytes(), comments(*ARTISTS)
    ),
    "ID3 before ADTS": lambda folder: id3(*ARTISTS) + write_av(folder / "a.aac", SOUND, "aac").read_bytes(),
}


@pytest.mark.parametrize("kind", MADE)
def test_all_artists_are_named_in_order(tmp_path, kind):
    (tmp_path / "song").write_bytes(MADE[kind](tmp_path))
    source = load(tmp_path / "song").source
    assert (source.tags.title, source.tags.artist, source.tags.album) == ("Song", ALL, "Album")
    assert (source.status, source.warnings) == ("ok", ())


def test_the_tags_of_the_container_come_before_others(tmp_path):
    content = with_flac_comments(made(tmp_path, "flac"), comments("Ann"))
    (tmp_path / "song").write_bytes(id3("Bob", title="Other") + content + ape("Eve", title="Third"))
    tags = load(tmp_path / "song").source.tags
    assert (tags.title, tags.artist, tags.year) == ("Song", "Ann", "2001")


def test_what_one_tag_lacks_another_fills_in(tmp_path):
    (tmp_path / "song").write_bytes(id3("Ann") + made(tmp_path, "mp3") + ape("Bob"))
    tags = load(tmp_path / "song").source.tags
    assert (tags.title, tags.artist, tags.year) == ("Song", "Ann", "2001")


@pytest.mark.parametrize(
    ("artists", "told"),
    [
        (["Ann", "Ann", "Bob"], "Ann, Bob"),
        (["Ann feat. Bob & Eve", "Ann", "Bob", "Eve"], "Ann feat. Bob & Eve"),
        (["Ann", "Ann Lee"], "Ann, Ann Lee"),
        (["Ann", "Bob", "Bobby and Ann's Band"], "Ann, Bob, Bobby and Ann's Band"),
        (["AC/DC"], "AC/DC"),
    ],
)
def test_an_artist_is_named_once(tmp_path, artists, told):
    content = with_flac_comments(made(tmp_path, "flac"), comments(*artists))
    (tmp_path / "song").write_bytes(content)
    assert load(tmp_path / "song").source.tags.artist == told


def test_comments_behind_a_large_cover_are_read(tmp_path):
    picture = b"METADATA_BLOCK_PICTURE=" + base64.b64encode(bytes(40_000))
    block = comments("Ann", more=[picture, b"ARTIST=Bob"])
    (tmp_path / "song").write_bytes(with_flac_comments(made(tmp_path, "flac"), block))
    assert load(tmp_path / "song").source.tags.artist == "Ann, Bob"


@pytest.mark.parametrize("kind", ["flac", "opus", "ape"])
def test_artists_without_number_cost_no_time(tmp_path, kind):
    artists = [f"Artist {n}" for n in range(20_000)]
    if kind == "flac":
        content = with_flac_comments(made(tmp_path, "flac"), comments(*artists))
    elif kind == "ape":
        content = made(tmp_path, "mp3") + ape(*artists)
    else:
        # A page holds 64 kB.
        plain = write_av(tmp_path / "a.ogg", SOUND, "libopus").read_bytes()
        content = with_opus_comments(plain, comments(*artists[:2500]))
    (tmp_path / "song").write_bytes(content)
    begin = time.perf_counter()
    tags = load(tmp_path / "song").source.tags
    assert time.perf_counter() - begin < 2
    assert tags.artist.startswith("Artist 0, Artist 1, ")
    assert len(tags.artist) <= 1000


@pytest.mark.parametrize("form", ["flac", "mp3"])
def test_damaged_tags_cost_neither_the_song_nor_an_error(tmp_path, form):
    """Of the fields; FLAC has the length of all of them before."""
    if form == "flac":
        content = with_flac_comments(made(tmp_path, "flac"), comments(*ARTISTS))
        first, last = content.index(b"none") - 4, content.index(b"DATE=") + 9
    else:
        content = made(tmp_path, "mp3") + ape(*ARTISTS)
        first, last = content.index(b"APETAGEX"), len(content)
    rng = np.random.default_rng(0)
    for _ in range(100):
        damaged = bytearray(content)
        for at in rng.integers(first, last, size=4):
            damaged[at] = rng.choice([0, 255, rng.integers(256)])
        (tmp_path / "song").write_bytes(damaged)
        source = load(tmp_path / "song").source
        assert source.duration_s == pytest.approx(0.5, abs=0.1)
        assert (source.tags.artist or "").isprintable()
