"""WAV, AIFF, FLAC, Ogg, MP3, CAF and AU, decoded by libsndfile."""

import contextlib
import os
import re
import sys
import threading
from collections.abc import Iterator

import numpy as np
import soundfile

from riffscope.decoding.containers import Found, aiff_claimed_frames, mp3_claimed_s, wave_mask
from riffscope.decoding.layouts import VORBIS, is_plain, order_of, speakers_of
from riffscope.decoding.sound import Decoded, Sound, check_claim, check_form
from riffscope.decoding.tags import tags_of
from riffscope.decoding.window import Window
from riffscope.dsp.speakers import MONO, STEREO

# What libsndfile calls the containers that it is trusted with: it must come to the same word as our sniffing.
FORMATS = {
    "wav": {"WAV", "WAVEX", "RF64"},
    "w64": {"W64"},
    "aiff": {"AIFF"},
    "flac": {"FLAC"},
    "ogg": {"OGG"},
    "mp3": {"MP3"},
    "caf": {"CAF"},
    "au": {"AU"},
}
# By the names that FFmpeg has for them: a codec is called the same whoever decodes it. ADPCM and GSM are left to
# FFmpeg, which decodes the last block of a cut file too: they round ADPCM differently, and one song must sound one way.
CODECS = {
    "PCM_S8": "pcm_8",
    "PCM_U8": "pcm_8",
    "PCM_16": "pcm_16",
    "PCM_24": "pcm_24",
    "PCM_32": "pcm_32",
    "FLOAT": "float_32",
    "DOUBLE": "float_64",
    "ULAW": "mulaw",
    "ALAW": "alaw",
    "VORBIS": "vorbis",
    "OPUS": "opus",
    "MPEG_LAYER_I": "mp1",
    "MPEG_LAYER_II": "mp2",
    "MPEG_LAYER_III": "mp3",
    **{f"ALAC_{bits}": "alac" for bits in (16, 20, 24, 32)},
}

# A WAV of MP3: mpg123 would be let loose on it, and counts the encoder's padding as sound.
MPEG_IN_WAV = re.compile(rb"fmt .{4}[\x50\x55]\0", re.DOTALL)

# These are read to their last byte; a WAV may have chunks behind its sound.
STREAMS = {"flac", "ogg", "mp3"}
# So much may be left unread at the end: a piece of a frame, or zeros. Chosen by hand.
UNREAD_BYTES = 2_000
# What libsndfile says where the length is not known; no song is as long.
UNKNOWN_FRAMES = 2**62
# Samples of all channels that are decoded at a time: 1 MiB.
BLOCK_SAMPLES = 2**18


class _Forward(soundfile.SoundFile):  # type: ignore[misc]  # untyped
    """A file that is read from its start to its end.

    `soundfile` seeks after each block to where it should be by then, where it may: in an Ogg with a hole that is not
    where it is, and the hole is gone without a word.
    """

    def seekable(self) -> bool:
        return False


def decode(window: Window, found: Found, max_minutes: float) -> Decoded | None:
    """Decode as far as libsndfile gets; None where it gets nowhere.

    Raises
    ------
    BeyondLimits
        The song is too long, too large, or no music by its form.
    """
    if found.container == "wav" and MPEG_IN_WAV.search(found.start):
        return None
    window.seek(0)
    with _quiet() if found.container == "mp3" else contextlib.nullcontext():
        try:
            with _Forward(window) as file:
                return _decode(file, window, found, max_minutes)
        except soundfile.LibsndfileError:
            return None


def _decode(file: _Forward, window: Window, found: Found, max_minutes: float) -> Decoded | None:
    codec = _codec_name(file, found.container)
    if codec is None:
        return None
    check_form(file.samplerate, file.channels)
    speakers = _speakers(file, window, found.container, codec)
    if not speakers:
        return None
    order = order_of(VORBIS[file.channels]) if codec == "vorbis" else None
    claimed_s = _claimed_s(file, window, found)
    check_claim(claimed_s, window.size_bytes, max_minutes)
    sound = Sound(max_minutes)
    room = np.empty((BLOCK_SAMPLES // file.channels, file.channels), np.float32)
    try:
        # No further than it believes the end to be: it would decode what follows, and throw that away.
        while len(block := file.read(out=room[: file.frames - sound.frames])):
            sound.add(block.T if order is None else block.T[order], file.samplerate)
    except soundfile.LibsndfileError:
        sound.ends = "the file is damaged"
    if not sound.frames:
        return None
    if found.container in STREAMS and window.size_bytes - window.tell() > UNREAD_BYTES:
        sound.ends = "the file is damaged"  # or one song behind another, or an MP3 longer than its first frame hints
    return Decoded(sound=sound, codec=codec, claimed_s=claimed_s, tags=tags_of(file.copy_metadata()), speakers=speakers)


def _claimed_s(file: _Forward, window: Window, found: Found) -> float:
    """Return the duration that the container states; 0 where it states none, and libsndfile guesses from a frame."""
    if found.container == "mp3":
        return mp3_claimed_s(found.start)
    frames = file.frames if file.frames < UNKNOWN_FRAMES else 0
    if found.container == "aiff":  # libsndfile believes the file's size instead
        place = window.tell()
        frames = max(frames, aiff_claimed_frames(window))
        window.seek(place)
    return float(frames / file.samplerate)


def _speakers(file: _Forward, window: Window, container: str, codec: str) -> tuple[str, ...]:
    """Return what the channels are: mono, stereo, or those of Vorbis. Nothing of others: FFmpeg reads their names."""
    if codec == "vorbis":  # FFmpeg loses its last 3 ms
        names = VORBIS.get(file.channels, ())
        return speakers_of([names[place] for place in order_of(names) or range(len(names))])
    if container in {"wav", "w64"}:
        place = window.tell()
        mask = wave_mask(window, container)
        window.seek(place)
        if not is_plain(mask, file.channels):
            return ()
    return {1: MONO, 2: STEREO}.get(file.channels, ())


def _codec_name(file: _Forward, container: str) -> str | None:
    if file.format not in FORMATS[container]:
        return None
    if container == "ogg" and file.subtype not in {"VORBIS", "OPUS"}:
        return None
    return "flac" if container == "flac" else CODECS.get(file.subtype)


_one_at_a_time = threading.Lock()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep stderr from mpg123, which libsndfile has for MP3: of a damaged file it prints what it thinks, line by line.

    It writes to the file descriptor, past `sys.stderr`, and there is no option that libsndfile would pass on. So the
    descriptor leads nowhere for as long: other threads' words on stderr are lost with it.
    """
    with _one_at_a_time:
        try:
            if sys.__stderr__ is None or sys.__stderr__.fileno() != 2:  # then 2 may be any file
                raise OSError
            kept = os.dup(2)
        except (OSError, ValueError):
            yield
            return
        try:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            try:
                with contextlib.suppress(OSError, ValueError):  # what it holds back would be lost
                    if sys.stderr is not None:
                        sys.stderr.flush()
                os.dup2(nowhere, 2)
            finally:
                os.close(nowhere)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
