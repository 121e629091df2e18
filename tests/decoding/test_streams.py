"""Streams that begin anywhere, and recordings that are joined in one file."""

import struct

import numpy as np
import pytest

from encoded import RATE_HZ, bursts, onsets_s, wave, write_av
from riffscope.decoding.containers import sniff
from riffscope.errors import CannotRead
from riffscope.load import load
from signals import noise, sweep, write_sound


def song(seconds, rate_hz=RATE_HZ, channels=2, seed=0):
    """A rising tone over noise: streams of it have no two packets alike."""
    return np.stack(
        [
            sweep(110, 880, seconds, rate_hz, amplitude=0.3) + noise(seconds, rate_hz, 0.1, seed=seed + n)
            for n in range(channels)
        ]
    ).astype(np.float32)


def stream(tmp_path, kind, seconds=6.0):
    """The bytes of a stream without a header for the whole."""
    if kind == "mp3":
        path = write_av(tmp_path / "whole.mp3", song(seconds), "libmp3lame", options={"write_xing": "0"})
        content = path.read_bytes()
        return content[10 + int.from_bytes(bytes(content[6:10])) :] if content.startswith(b"ID3") else content
    if kind == "aac":
        return write_av(tmp_path / "whole.aac", song(seconds), "aac").read_bytes()
    return write_sound(tmp_path / "whole.flac", song(seconds), RATE_HZ).read_bytes()


JUNK = {
    "line end": b"\r\n",
    "noise": np.random.default_rng(1).bytes(3000),
    "answer of a server": b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\n\r\n",
    "zeros": bytes(5000),
    "text with marks": "\ufeffaé".encode("utf-16") * 40,
    "picture": b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(200),
}


@pytest.mark.parametrize("kind", ["mp3", "aac", "flac"])
@pytest.mark.parametrize("cut", [1, 777, 3001, 20_011, 40_000])
def test_a_stream_that_was_cut_anywhere_gives_the_rest(tmp_path, kind, cut):
    content = stream(tmp_path, kind)
    (tmp_path / "cut").write_bytes(content[cut:])
    audio = load(tmp_path / "cut")
    # FLAC has the longest frames, a tenth of a second.
    assert audio.duration_s == pytest.approx(6 * (1 - cut / len(content)), abs=0.2)
    assert audio.source.status == "ok"
    assert not any("damaged" in text for text in audio.source.warnings)


@pytest.mark.parametrize("kind", ["mp3", "aac"])
@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK)
def test_junk_before_a_stream_is_stepped_over(tmp_path, kind, junk):
    content = stream(tmp_path, kind)
    (tmp_path / "plain").write_bytes(content)
    (tmp_path / "junk").write_bytes(junk + content)
    plain, found = load(tmp_path / "plain"), load(tmp_path / "junk")
    assert np.array_equal(plain.samples, found.samples)
    assert found.source.warnings == ()


@pytest.mark.parametrize("form", ["wav", "aiff", "flac", "ogg", "caf", "au", "m4a", "mkv"])
@pytest.mark.parametrize("before", [b"\r\n", b"\n", b"\xef\xbb\xbf", b"  \t\r\n"])
def test_line_ends_before_a_header_are_stepped_over(tmp_path, form, before):
    path = tmp_path / f"a.{form}"
    if form in {"m4a", "mkv"}:
        write_av(path, song(1.0), "alac" if form == "m4a" else "flac")
    else:
        write_sound(path, song(1.0), RATE_HZ)
    (tmp_path / "b").write_bytes(before + path.read_bytes())
    assert np.array_equal(load(tmp_path / "b").samples, load(path).samples)


def test_frames_by_chance_are_no_stream(tmp_path):
    """Ten megabytes in which every place may be the head of a frame."""
    rng = np.random.default_rng(0)
    for trial in range(40):
        content = rng.integers(0, 256, 2**18, dtype=np.uint8)
        content[:: trial % 7 + 2] = 0xFF
        content[1 :: trial % 7 + 2] = rng.choice([0xFB, 0xF1, 0xF9, 0xF8, 0xFA])
        (tmp_path / "noise").write_bytes(content.tobytes())
        with (tmp_path / "noise").open("rb", buffering=0) as file:
            assert sniff(file) is None


# ------------------------------------------------------------------------------------------------ one behind another
def id3(*parts, cover=0):
    """An ID3v2.3 tag with a title, and a picture of so many random bytes."""
    body = b"TIT2" + struct.pack(">IH", 4, 0) + b"\0One"
    if cover:
        picture = b"\0image/png\0\3\0" + np.random.default_rng(2).bytes(cover)
        body += b"APIC" + struct.pack(">IH", len(picture), 0) + picture
    return b"ID3\3\0\0" + bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0)) + body


V1 = b"TAG" + b"One".ljust(125, b"\0")
APE = b"APETAGEX" + struct.pack("<IIII8x", 2000, 32, 0, 0)


def encoded(tmp_path, kind, seconds, hz, **options):
    sound = (bursts(seconds, hz=hz) + noise(seconds, RATE_HZ, 0.01)).astype(np.float32)
    if kind == "mp3 without a count":
        return write_av(tmp_path / "one.mp3", sound, "libmp3lame", options={"write_xing": "0", "id3v2_version": "0"})
    if kind in {"mp3", "vorbis", "flac"}:
        name = f"one.{'ogg' if kind == 'vorbis' else kind}"
        return write_sound(tmp_path / name, sound, RATE_HZ, **options)
    container = {"opus": "ogg", "ogg flac": "ogg", "aac": "adts"}[kind]
    codec = {"opus": "libopus", "ogg flac": "flac", "aac": "aac"}[kind]
    return write_av(tmp_path / "one", sound, codec, container=container)


@pytest.mark.parametrize("kind", ["mp3", "mp3 without a count", "vorbis", "opus", "ogg flac", "flac", "aac"])
@pytest.mark.parametrize("count", [2, 3])
def test_recordings_one_behind_the_other_are_whole(tmp_path, kind, count):
    parts = [encoded(tmp_path, kind, 3.0, 440 + 110 * n).read_bytes() for n in range(count)]
    (tmp_path / "joined").write_bytes(b"".join(parts))
    audio = load(tmp_path / "joined")
    assert audio.source.status == "ok"
    assert not any("damaged" in text or "cut off" in text for text in audio.source.warnings)
    loose = 0.06 * count if kind in {"aac", "mp3 without a count"} else 0.001
    assert audio.duration_s == pytest.approx(3 * count, abs=loose)
    found = onsets_s(audio.samples, audio.sample_rate_hz)
    assert found == pytest.approx(np.arange(0, 3 * count, 0.5), abs=0.005 + loose)


@pytest.mark.parametrize(
    "between",
    [b"", V1, id3(), id3(cover=200_000), V1 + id3(cover=3000), APE + V1 + id3(), bytes(1000)],
    ids=["nothing", "v1", "v2", "cover", "v1 and v2", "ape", "zeros"],
)
@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_tags_between_joined_streams_are_no_damage(tmp_path, kind, between):
    first, second = (encoded(tmp_path, kind, 2.0, hz).read_bytes() for hz in (440, 660))
    (tmp_path / "joined").write_bytes(id3() + first + between + second + V1)
    audio = load(tmp_path / "joined")
    assert audio.duration_s == pytest.approx(4, abs=0.12)
    assert audio.source.status == "ok"
    if any(between):  # zeros are neither sound nor a tag
        assert not any("damaged" in text for text in audio.source.warnings)


def test_a_flac_behind_the_tag_of_another_is_found(tmp_path):
    content = encoded(tmp_path, "flac", 2.0, 440).read_bytes()
    (tmp_path / "joined").write_bytes(id3() + content + id3(cover=5000) + content)
    audio = load(tmp_path / "joined")
    assert audio.duration_s == 4
    assert audio.source.warnings == ("2 recordings that are joined in one file",)


@pytest.mark.parametrize("kind", ["mp3", "flac", "vorbis", "opus"])
def test_half_of_the_second_is_told_from_a_whole_one(tmp_path, kind):
    content = encoded(tmp_path, kind, 4.0, 440).read_bytes()
    (tmp_path / "joined").write_bytes(content + content[: len(content) // 2])
    source = load(tmp_path / "joined").source
    assert 4.5 < source.duration_s < 7
    assert source.status == "partial" or any("damaged" in text for text in source.warnings)


def test_what_follows_in_another_form_is_left_out_and_said(tmp_path):
    first = encoded(tmp_path, "mp3", 2.0, 440).read_bytes()
    second = write_sound(tmp_path / "b.mp3", song(2.0, 22050, channels=1), 22050).read_bytes()
    (tmp_path / "joined").write_bytes(first + second)
    source = load(tmp_path / "joined").source
    assert (source.status, source.duration_s) == ("partial", pytest.approx(2, abs=0.01))
    assert "change at 2.0 s" in source.warnings[-1]


def test_joined_recordings_are_limited_together(tmp_path):
    content = encoded(tmp_path, "flac", 2.0, 440).read_bytes()
    (tmp_path / "joined").write_bytes(content * 3)
    with pytest.raises(CannotRead, match=r"longer than 0\.08 minutes"):
        load(tmp_path / "joined", max_minutes=0.08)


def test_a_wave_within_a_wave_is_no_second_song(tmp_path):
    """Whatever follows the sound of a WAVE is none of it."""
    content = wave(song(1.0))
    (tmp_path / "a.wav").write_bytes(content + content)
    assert load(tmp_path / "a.wav").duration_s == 1


# ------------------------------------------------------------------------------------------------------ old QuickTime
@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("pcm_s16be", "pcm_16"),
        ("pcm_s16le", "pcm_16"),
        ("pcm_u8", "pcm_8"),
        ("pcm_s24be", "pcm_24"),
        ("pcm_f32le", "float_32"),
        ("pcm_mulaw", "mulaw"),
        ("pcm_alaw", "alaw"),
        ("adpcm_ima_qt", "adpcm_ima_qt"),
    ],
)
@pytest.mark.parametrize("first", [b"ftyp", b"wide", b"free", b"skip"])
def test_quicktime_of_any_age_is_read(tmp_path, codec, name, first):
    path = write_av(tmp_path / "a.mov", song(1.0), codec)
    content = path.read_bytes()
    assert content[4:8] == b"ftyp"
    path.write_bytes(content[:4] + first + content[8:])
    audio = load(path)
    assert audio.source.codec == name
    assert audio.duration_s == pytest.approx(1, abs=0.01)
    assert (audio.source.status, audio.source.warnings) == ("ok", ())


@pytest.mark.parametrize("at", ["front", "back"])
def test_quicktime_may_begin_with_its_index_or_its_sound(tmp_path, at):
    options = {"movflags": "faststart"} if at == "front" else {}
    content = write_av(tmp_path / "a.mov", song(1.0), "pcm_s16be", options=options).read_bytes()
    head = int.from_bytes(content[:4])
    # The first box goes, and room for it stays, so that places in the file are right.
    (tmp_path / "b.mov").write_bytes(struct.pack(">I4s", head, b"free") + bytes(head - 8) + content[head:])
    assert load(tmp_path / "b.mov").samples.shape == (2, RATE_HZ)
