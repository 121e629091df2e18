"""Channels are what their file says they are, in whatever order it has them."""

import struct

import numpy as np
import pytest
import soundfile

from encoded import RATE_HZ, wave, write_av
from riffscope.analyzers.loudness import measure_loudness
from riffscope.load import load
from riffscope.views.mono import mix_to_mono
from riffscope.views.weighted_power import weigh_power
from signals import noise, sine, write_sound

# In the order of WAVE files and of FFmpeg.
SURROUND = ("L", "R", "C", "LFE", "Ls", "Rs")
# A tone of 997 Hz at 0.3 reads -13.5 LUFS, and 1.5 dB more at the side.
TONE_LUFS = -13.47


def tone_in(place, channels=6, seconds=2.0):
    """A tone in one channel and a trace of it in the first."""
    samples = np.zeros((channels, round(seconds * RATE_HZ)), np.float32)
    samples[place] = 0.3 * sine(997, seconds, RATE_HZ, amplitude=1.0)
    samples[0] += 0.01 * sine(997, seconds, RATE_HZ, amplitude=1.0)
    return samples


def loudness(audio):
    return measure_loudness(audio, weigh_power(audio))


# The pairs at the back and at the sides, and what else a mask may name.
@pytest.mark.parametrize(
    ("mask", "speakers"),
    [
        (0x3, "L R"),
        (0xB, "L R LFE"),
        (0x7, "L R C"),
        (0x33, "L R Ls Rs"),
        (0x603, "L R Ls Rs"),
        (0x107, "L R C Cs"),
        (0x37, "L R C Ls Rs"),
        (0x3F, "L R C LFE Ls Rs"),
        (0x60F, "L R C LFE Ls Rs"),
        (0x70F, "L R C LFE Cs Ls Rs"),
        (0x63F, "L R C LFE Lrs Rrs Lss Rss"),
        (0xFF, "L R C LFE Ls Rs Lc Rc"),
        (0x2D03F, "L R C LFE Ls Rs Ltf Rtf Ltr Rtr"),
        (0xC, "C LFE"),
        (0x30, "Ls Rs"),
        (0x4, "C"),
    ],
)
def test_the_mask_of_a_wave_names_its_channels(tmp_path, mask, speakers):
    names = speakers.split()
    samples = np.stack([noise(0.1, RATE_HZ, seed=n) for n in range(len(names))])
    (tmp_path / "a.wav").write_bytes(wave(samples, mask=mask))
    audio = load(tmp_path / "a.wav")
    assert audio.speakers == tuple(names)
    assert audio.samples == pytest.approx(samples, abs=1e-4)


@pytest.mark.parametrize("form", ["wav", "mask of none", "aiff", "au", "caf", "w64", "mkv"])
def test_where_a_file_says_nothing_its_layout_is_unknown(tmp_path, form):
    samples = tone_in(4)
    path = tmp_path / f"a.{form}"
    if form == "mkv":
        write_av(path, samples, "pcm_s16le", layout="5.1")
    elif form == "mask of none":
        path.write_bytes(wave(samples, mask=0))
    else:
        write_sound(path, samples, RATE_HZ)
    audio = load(path)
    assert audio.speakers == ()
    assert any("does not say" in text and "L R C LFE Ls Rs" in text for text in audio.source.warnings)
    found = loudness(audio)
    assert (found.channel_layout, found.layout) == ("unknown", "L R C LFE Ls Rs")


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("form", ["wav", "aiff", "au", "caf", "w64", "flac", "ogg", "mp3"])
def test_one_channel_is_mono_and_two_are_stereo(tmp_path, form, channels):
    audio = load(write_sound(tmp_path / f"a.{form}", tone_in(0, channels), RATE_HZ))
    assert audio.speakers == (("C",) if channels == 1 else ("L", "R"))
    assert loudness(audio).channel_layout == ("mono" if channels == 1 else "stereo")


# Codecs that reorder channels, and containers that name them.
ORDERS = [
    ("a.flac", "flac"),
    ("a.m4a", "aac"),
    ("a.aac", "aac"),
    ("alac.m4a", "alac"),
    ("a.opus", "libopus"),
    ("opus.mkv", "libopus"),
    ("flac.ogg", "flac"),
    ("flac.mkv", "flac"),
    ("pcm.mov", "pcm_s16le"),
    ("ac3.mkv", "ac3"),
    ("a.aiff", "pcm_s16be"),
    ("a.caf", "pcm_s16le"),
    ("a.wav", "pcm_s16le"),
    ("a.w64", "pcm_s16le"),
]


@pytest.mark.parametrize("speaker", ["C", "LFE", "Ls", "Rs"])
@pytest.mark.parametrize(("name", "codec"), ORDERS)
def test_a_tone_is_found_in_its_channel_and_weighs_as_that(tmp_path, name, codec, speaker):
    container = {"a.opus": "ogg"}.get(name)
    sound = tone_in(SURROUND.index(speaker), seconds=3.0)
    audio = load(write_av(tmp_path / name, sound, codec, layout="5.1", container=container))
    assert audio.speakers == SURROUND
    levels = dict(zip(audio.speakers, np.abs(audio.samples[:, 20_000:-20_000]).max(axis=1), strict=True))
    if speaker != "LFE" or codec not in {"aac", "ac3", "libopus"}:  # which hold nothing of a kilohertz in theirs
        assert max(levels, key=levels.get) == speaker
    expected = {"C": TONE_LUFS, "LFE": TONE_LUFS - 29.54, "Ls": TONE_LUFS + 1.49, "Rs": TONE_LUFS + 1.49}[speaker]
    # A trace in another channel is not what codecs are best at.
    assert loudness(audio).integrated_lufs == pytest.approx(expected, abs=3 if speaker == "LFE" else 0.2)


@pytest.mark.parametrize(
    ("channels", "speakers"),
    [
        (3, "L C R"),
        (4, "L R Ls Rs"),
        (5, "L C R Ls Rs"),
        (6, "L C R Ls Rs LFE"),
        (7, "L C R Ls Rs Cs LFE"),
        (8, "L C R Lss Rss Lrs Rrs LFE"),
    ],
)
def test_vorbis_has_an_order_of_its_own(tmp_path, channels, speakers):
    """`soundfile` hands Vorbis the channels as they come."""
    for place, speaker in enumerate(speakers.split()):
        audio = load(write_sound(tmp_path / "a.ogg", tone_in(place, channels, 0.5), RATE_HZ))
        assert audio.speakers[np.abs(audio.samples).max(axis=1).argmax()] == speaker
        assert sorted(audio.speakers) == sorted(speakers.split())
    if channels == 6:  # in the order of WAVE, like everything
        assert audio.speakers == SURROUND


def test_a_flac_names_other_channels_in_a_comment(tmp_path):
    path = write_sound(tmp_path / "a.flac", tone_in(2, 3), RATE_HZ)
    assert load(path).speakers == ("L", "R", "C")
    content = path.read_bytes()
    comment = b"WAVEFORMATEXTENSIBLE_CHANNEL_MASK=0xB"
    block = struct.pack("<II", 0, 1) + struct.pack("<I", len(comment)) + comment
    at = content.index(b"\xff\xf8", 42)
    path.write_bytes(content[:4] + b"\0" + content[5:42] + b"\x84" + len(block).to_bytes(3) + block + content[at:])
    audio = load(path)
    assert audio.speakers == ("L", "R", "LFE")
    assert loudness(audio).integrated_lufs == pytest.approx(TONE_LUFS - 29.54, abs=0.1)


@pytest.mark.parametrize("form", ["WAVEX", "RF64"])
def test_surround_by_soundfile_has_its_mask(tmp_path, form):
    soundfile.write(tmp_path / "a.wav", tone_in(4).T, RATE_HZ, format=form)
    assert load(tmp_path / "a.wav").speakers == SURROUND


def test_a_wave_with_its_bytes_the_other_way_round_is_read(tmp_path):
    sound = np.stack([sine(440, 0.5, RATE_HZ), sine(550, 0.5, RATE_HZ)])
    (tmp_path / "a.wav").write_bytes(wave(sound, order=">"))
    audio = load(tmp_path / "a.wav")
    assert audio.samples == pytest.approx(sound, abs=1e-4)
    assert (audio.source.status, audio.source.warnings) == ("ok", ())


def test_the_mono_mix_leaves_out_the_low_channel_and_keeps_the_others(tmp_path):
    for place, speaker in enumerate(SURROUND):
        (tmp_path / "a.wav").write_bytes(wave(tone_in(place), mask=0x3F))
        heard = np.abs(mix_to_mono(load(tmp_path / "a.wav")).samples).max()
        assert heard < 0.01 if speaker == "LFE" else heard > 0.03


def test_silent_channels_are_named(tmp_path):
    (tmp_path / "a.wav").write_bytes(wave(tone_in(4), mask=0x3F))
    assert load(tmp_path / "a.wav").source.warnings == ("silent: R, C, LFE, Rs",)
