"""Sound stands where the clock of its container puts it."""

import struct

import numpy as np
import pytest

from encoded import RATE_HZ, bursts, onsets_s, write_av
from riffscope.decoding import ffmpeg
from riffscope.load import load

VIDEO = ("a video: only its sound was taken",)
CLOCKED = [
    ("mp4", "aac"),
    ("mp4", "alac"),
    ("mp4", "libopus"),
    ("mov", "aac"),
    ("mov", "pcm_s16le"),
    ("mkv", "aac"),
    ("mkv", "libopus"),
    ("mkv", "flac"),
    ("mkv", "pcm_s16le"),
]


@pytest.mark.parametrize(("container", "codec"), CLOCKED)
@pytest.mark.parametrize("video_s", [0.0, 6.0])
def test_sound_that_begins_late_begins_late(tmp_path, container, codec, video_s):
    path = write_av(tmp_path / f"a.{container}", bursts(4.0), codec, starts_s=2.5, video_s=video_s)
    audio = load(path)
    assert onsets_s(audio.samples, audio.sample_rate_hz) == pytest.approx(np.arange(2.5, 6.5, 0.5), abs=0.01)
    assert audio.duration_s == pytest.approx(6.5, abs=0.02)
    assert (audio.source.status, audio.source.warnings) == ("ok", VIDEO if video_s else ())


@pytest.mark.parametrize(
    ("container", "codec"),
    # QuickTime has no room for pauses in PCM; an Ogg has no video here, but a clock.
    [
        *(one for one in CLOCKED if one != ("mov", "pcm_s16le")),
        ("webm", "libopus"),
        ("ogg", "libopus"),
        ("ogg", "flac"),
    ],
)
def test_a_recording_that_was_paused_has_a_silence_there(tmp_path, container, codec):
    # Of the packets in one page of an Ogg only the last has a time.
    options = {"page_duration": "20000"} if container == "ogg" else {}
    pauses = [(2.75, 3.0), (4.75, 1.0)]
    path = write_av(tmp_path / f"a.{container}", bursts(6.0), codec, pauses=pauses, options=options)
    audio = load(path)
    expected = [0, 0.5, 1, 1.5, 2, 2.5, 6, 6.5, 7, 7.5, 9, 9.5]
    assert onsets_s(audio.samples, audio.sample_rate_hz) == pytest.approx(expected, abs=0.01)
    assert audio.duration_s == pytest.approx(10, abs=0.02)
    assert (audio.source.status, audio.source.warnings) == ("ok", ())


@pytest.mark.parametrize(("container", "codec"), [*CLOCKED, ("webm", "libopus"), ("ogg", "libopus"), ("ogg", "flac")])
def test_what_neither_pauses_nor_is_late_stays_as_it_is(tmp_path, container, codec):
    audio = load(write_av(tmp_path / f"a.{container}", bursts(4.0), codec))
    assert onsets_s(audio.samples, audio.sample_rate_hz) == pytest.approx(np.arange(0, 4, 0.5), abs=0.002)
    assert audio.duration_s == pytest.approx(4, abs=0.03)
    assert (audio.source.status, audio.source.warnings) == ("ok", ())


@pytest.mark.parametrize("codec", ["aac", "alac", "libopus"])
def test_an_mp4_is_as_long_as_it_says_to_the_sample(tmp_path, codec):
    """Encoders fill their last block; what they put before the first is in the edit list.

    FFmpeg 8.0 and before write that in whole milliseconds.
    """
    sound = bursts(1.234)
    assert load(write_av(tmp_path / "a.mp4", sound, codec)).samples.shape == sound.shape


@pytest.mark.parametrize(("container", "codec"), [("mkv", "flac"), ("mp4", "alac"), ("mp4", "aac")])
def test_a_clock_that_ran_before_the_recording_began_is_no_silence(tmp_path, container, codec):
    audio = load(write_av(tmp_path / f"a.{container}", bursts(3.0), codec, starts_s=1000.0))
    assert audio.duration_s == pytest.approx(3, abs=0.05)
    assert audio.source.status == "ok"
    (said,) = audio.source.warnings
    assert "1000.0 s" in said


def test_a_first_silence_is_limited_like_any_sound(tmp_path):
    path = write_av(tmp_path / "a.mp4", bursts(2.0), "alac", starts_s=50.0)
    assert load(path).duration_s == pytest.approx(52, abs=0.01)
    with pytest.raises(ffmpeg.CannotRead, match=r"longer than 0\.5 minutes"):
        load(path, max_minutes=0.5)


def test_a_time_stamp_that_is_damaged_is_not_believed(tmp_path):
    """From one cluster on a Matroska says that it is half a minute later or more, and its header knows better."""
    path = write_av(tmp_path / "a.mkv", bursts(12.0), "flac", options={"cluster_time_limit": "1000"})
    content = bytearray(path.read_bytes())
    # A cluster, its size, and its time in milliseconds.
    at = [n for n in range(len(content) - 16) if content[n : n + 4] == b"\x1f\x43\xb6\x75"]
    assert len(at) > 4
    for start in at[len(at) // 2 :]:
        place = content.index(b"\xe7", start + 4)
        size = content[place + 1] & 0x7F
        stamp = int.from_bytes(content[place + 2 : place + 2 + size]) + 2 ** (8 * size - 1)
        content[place + 2 : place + 2 + size] = stamp.to_bytes(size)
    path.write_bytes(content)
    audio = load(path)
    assert audio.duration_s == pytest.approx(12, abs=0.1)
    assert any("jumps" in text for text in audio.source.warnings)


def test_a_small_file_holds_no_hour_of_silence(tmp_path):
    path = write_av(tmp_path / "a.mp4", bursts(1.0), "aac", pauses=[(0.5, 3000.0)])
    assert path.stat().st_size < 30_000
    source = load(path).source
    assert source.duration_s < 2
    assert any("jumps by 3000" in text for text in source.warnings)
    assert load(write_av(tmp_path / "b.mp4", bursts(1.0), "aac", pauses=[(0.5, 100.0)])).duration_s > 100


def shifted_ogg(content, frames):
    """The same pages, so many frames later."""
    from riffscope.decoding.containers import _ogg_crc

    out, at = bytearray(), 0
    while at < len(content):
        end = at + 27 + content[at + 26]
        end += sum(content[at + 27 : end])
        page = bytearray(content[at:end])
        (granule,) = struct.unpack_from("<q", page, 6)
        if granule > 0:
            struct.pack_into("<q", page, 6, granule + frames)
        page[22:26] = bytes(4)
        page[22:26] = struct.pack("<I", _ogg_crc(bytes(page)))
        out += page
        at = end
    return bytes(out)


@pytest.mark.parametrize("codec", ["libopus", "flac"])
def test_what_was_taken_from_a_radio_stream_begins_at_once(tmp_path, codec):
    path = write_av(tmp_path / "a.ogg", bursts(3.0), codec)
    path.write_bytes(shifted_ogg(path.read_bytes(), 3600 * RATE_HZ))
    audio = load(path)
    assert audio.duration_s == pytest.approx(3, abs=0.02)
    assert (audio.source.status, audio.source.warnings) == ("ok", ())


def test_a_hole_in_an_ogg_keeps_what_follows_in_time(tmp_path):
    path = write_av(tmp_path / "a.ogg", bursts(20.0), "libopus", options={"page_duration": "200000"})
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 3000] = b"\x55" * 3000
    path.write_bytes(content)
    audio = load(path)
    assert audio.duration_s == pytest.approx(20, abs=0.02)
    assert "damaged" in audio.source.warnings[0]
    found = onsets_s(audio.samples, audio.sample_rate_hz)
    assert found[-10:] == pytest.approx(np.arange(15, 20, 0.5), abs=0.01)


def test_what_itunes_says_of_its_encoder_is_taken_off(tmp_path):
    """2112 samples before the sound, in a tag and not in an edit list."""
    sound = bursts(3.0, rate_hz=44100)
    path = write_av(tmp_path / "a.m4a", sound, "aac", rate_hz=44100, options={"use_editlist": "0"})
    without = load(path)
    assert onsets_s(without.samples, 44100)[1] == pytest.approx(0.5 + 1024 / 44100, abs=0.005)
    text = f" 00000000 00000400 00000000 {sound.shape[1]:016X}" + 8 * " 00000000"
    tagged = with_itunes_tag(path.read_bytes(), text.encode())
    path.write_bytes(tagged)
    audio = load(path)
    assert onsets_s(audio.samples, 44100) == pytest.approx(np.arange(0, 3, 0.5), abs=0.005)
    assert audio.duration_s == pytest.approx(3, abs=0.03)
    assert (audio.source.status, audio.source.warnings) == ("ok", ())


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def with_itunes_tag(content, text):
    """Put a freeform tag at the end of an MP4 whose index comes last."""
    at = content.index(b"moov") - 4
    assert at + int.from_bytes(content[at : at + 4]) == len(content)
    tag = box(
        b"----",
        box(b"mean", bytes(4), b"com.apple.iTunes"),
        box(b"name", bytes(4), b"iTunSMPB"),
        box(b"data", struct.pack(">II", 1, 0), text),
    )
    handler = box(b"hdlr", bytes(8), b"mdirappl", bytes(9))
    tags = box(b"udta", box(b"meta", bytes(4), handler, box(b"ilst", tag)))
    moov = content[at + 8 :]
    # The tags that the muxer wrote, if any, give way.
    if (old := moov.find(b"udta")) >= 0:
        size = int.from_bytes(moov[old - 4 : old])
        moov = moov[: old - 4] + moov[old - 4 + size :]
    return content[:at] + box(b"moov", moov, tags)
