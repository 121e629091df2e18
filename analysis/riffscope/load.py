"""Read a song: a path in, its sound out. The only decoder.

Files are taken for hostile. FFmpeg's libraries (PyAV) decode them all: they read every format named here, keep what a
container claims, and print nothing on stderr. But they are told which container to expect, from the file's first bytes
and never from its name; they see the one open file and nothing else; and they may use audio decoders only. No memory is
taken on the word of a header: sound is read piece by piece until the data end.
"""

import hashlib
import io
import math
import os
import re
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from riffscope.containers import (
    KNOWN,
    Found,
    check_mp4_index,
    mp3_claimed_s,
    readable_bytes,
    share_present,
    sniff,
)
from riffscope.dsp.phase import cancels
from riffscope.errors import CannotRead
from riffscope.model import Audio, Float32s, Source, Tags

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

LOWEST_RATE_HZ, HIGHEST_RATE_HZ = 4_000, 768_000
MOST_CHANNELS = 64
# Music stays near full scale; floats beyond +24 dB are a file of something else, or damage.
LOUDEST = 16.0
# 1.6 GB of float32: an hour in stereo at 55 kHz. A FLAC of silence could fill any memory from a few kilobytes.
MOST_SAMPLES = 400_000_000
# Less than this share of what the file claims to hold makes it partial.
WHOLE_SHARE = 0.98
# Codecs that work in blocks may end up to one before or after what their container claims.
BLOCK_SLACK_S = 0.05
# Shorter gaps are not worth a word.
MISSED_S = 0.02
# Music takes more bytes a second than this, whatever the codec: a longer claim is not believed before it is heard.
CREDIBLE_BYTES_PER_S = 500
# FFmpeg takes time quadratic in the number of tags: 80,000 in a 1 MB file took it a minute.
OPENS_WITHIN_S = 5.0
# As many packets in a row that cannot be decoded are the end of the sound.
GIVE_UP_AFTER = 1_000
# Sound is gathered in slabs of 32 MiB: smaller ones the C library does not give back to the system at once.
SLAB_SAMPLES = 2**23
LONGEST_TAG = 1_000

FULL_SCALE = 32767 / 32768
CLIPPED_RUN = 3
# A few clipped peaks are in most masters.
CLIPPED_SHARE = 1e-4
# One step of 16 bits: dither may be all there is.
SILENT_BELOW = 1.5 / 32768
OFFSET_ABOVE = 0.05
DULL_BELOW_HZ = 16_000

PCM = ("u8", "s8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "f64be")
# All that may be decoded. Pictures and video may not: a cover of 3 MB has taken 800 MB when FFmpeg looked at it.
DECODERS = (
    *(f"pcm_{kind}" for kind in PCM),
    *("pcm_mulaw", "pcm_alaw", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "gsm", "gsm_ms"),
    *("flac", "alac", "mp1float", "mp2float", "mp3float", "mp1", "mp2", "mp3", "aac", "vorbis", "opus", "libopus"),
    *("wmav1", "wmav2", "wmapro", "wmalossless", "ac3", "eac3", "libspeex", "speex"),
)


def load(path: str | os.PathLike[str], *, max_minutes: float = 60.0) -> Audio:
    """Decode a song at its own sample rate, with its own channels, neither scaled nor clipped.

    What could be read of a damaged or cut file is kept, and its `Source` is then ``partial`` and says so.

    Parameters
    ----------
    path : path of a regular file, or of a link to one
    max_minutes : float
        Longer songs are refused.

    Raises
    ------
    CannotRead
        In one line: there is no such file, it is no audio, nothing could be decoded, or it is beyond the limits.
    """
    if not max_minutes > 0:
        raise ValueError(f"max_minutes must be above 0, not {max_minutes}")
    path = Path(path)
    try:
        with _open(path) as file:
            return _read(file, _printable(path.name), max_minutes)
    except CannotRead as why:
        problem = str(why)
    except OSError as why:
        problem = f"cannot be read: {why.strerror or why} (check the disk)"
    raise CannotRead(f"{_printable(str(path))}: {problem}")


def _read(file: io.FileIO, name: str, max_minutes: float) -> Audio:
    size_bytes = os.fstat(file.fileno()).st_size
    found = sniff(file)
    if found is None:
        raise CannotRead(f"is not an audio file riffscope knows (give it {KNOWN})")
    if found.container == "mov":
        check_mp4_index(file, size_bytes)

    reader = _Reader(file, readable_bytes(file, found.container, size_bytes))
    with _open_container(reader, found.container) as opened:
        stream = _first_sound(opened)
        codec = _codec_name(stream)
        claimed_s = _claimed_s(opened, stream, found)
        if max_minutes * 60 < claimed_s < size_bytes / CREDIBLE_BYTES_PER_S:
            raise _too_long(max_minutes)
        sound = _decode(opened, stream, max_minutes)
        tags = _tags(opened, stream, found.container)
        notes = _notes_on_streams(opened)
    if reader.error:
        raise CannotRead(f"cannot be read: {reader.error} (check the disk)")

    samples = sound.join()
    _check_level(samples)
    duration_s = samples.shape[1] / sound.rate_hz
    promised_s = max(claimed_s, duration_s / share_present(file, found.container, size_bytes))
    slack_s = 0.0 if _is_exact(codec) else BLOCK_SLACK_S
    cut = duration_s < WHOLE_SHARE * promised_s - slack_s
    if cut:
        promised = f"{promised_s:.1f} s" if promised_s < size_bytes / CREDIBLE_BYTES_PER_S else "a longer song"
        notes.append(f"the file is cut off or damaged: {duration_s:.1f} s of {promised} could be read")
    elif sound.ends:
        notes.append(f"{sound.ends} at {duration_s:.1f} s: what follows was left out")
    elif duration_s < promised_s - slack_s - MISSED_S:
        notes.append(f"damaged: {promised_s - duration_s:.2f} s are missing")
    elif sound.damaged:
        notes.append(f"damaged: {sound.damaged} {'piece was' if sound.damaged == 1 else 'pieces were'} left out")
    return Audio(
        samples=samples,
        sample_rate_hz=sound.rate_hz,
        source=Source(
            name=name,
            sha256=_sha256(file),
            duration_s=duration_s,
            sample_rate_hz=sound.rate_hz,
            channels=len(samples),
            codec=codec,
            tags=tags,
            status="partial" if cut or sound.ends else "ok",
            warnings=(*notes, *_oddities(samples, sound.rate_hz)),
        ),
    )


# ----------------------------------------------------------------------------------------------------------- the file
def _open(path: Path) -> io.FileIO:
    """Open a regular file. Never waits: a FIFO without a writer would keep an ordinary open waiting for ever."""
    try:
        _check_regular(path.stat().st_mode)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        file = io.FileIO(os.open(path, flags))
    except FileNotFoundError:
        if path.is_symlink():
            raise CannotRead("is a link to a file that is not there (give the file itself)") from None
        raise CannotRead("no such file (check the path)") from None
    except PermissionError:
        raise CannotRead("may not be opened (allow reading it)") from None
    except OSError as why:
        raise CannotRead(f"cannot be opened: {why.strerror or why} (check the path)") from None
    except ValueError:  # a NUL in the name
        raise CannotRead("is no file name (check the path)") from None
    try:
        found = os.fstat(file.fileno())
        _check_regular(found.st_mode)  # it may have been swapped since
        if found.st_size == 0:
            raise CannotRead("is empty (copy or download it again)")
    except CannotRead:
        file.close()
        raise
    return file


def _check_regular(mode: int) -> None:
    if stat.S_ISDIR(mode):
        raise CannotRead("is a folder (name a file in it)")
    if not stat.S_ISREG(mode):
        raise CannotRead("is a pipe or a device, not a file (save the sound to a file first)")


def _sha256(file: io.FileIO) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _printable(text: str) -> str:
    """Show control characters, line ends, text direction marks and undecodable bytes as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)


# ------------------------------------------------------------------------------------------------------------ decoding
class _Reader:
    """As much of the open file as FFmpeg may see.

    It never raises: PyAV prints a second exception in a callback on stderr. After `stop` the file is at its end.
    """

    def __init__(self, file: io.FileIO, size_bytes: int) -> None:
        self._file = file
        self._size_bytes = size_bytes
        self._at = 0
        self._stopped = False
        self.error = ""

    def read(self, size: int) -> bytes:
        left = self._size_bytes - self._at
        if self._stopped or left <= 0:
            return b""
        try:
            self._file.seek(self._at)
            data = self._file.read(min(size, left))
        except OSError as why:
            self.error = why.strerror or str(why)
            return b""
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        at = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size_bytes}[whence]
        if not 0 <= at < 2**63:
            return -1
        self._at = at
        return at

    def tell(self) -> int:
        return self._at

    def stop(self) -> None:
        self._stopped = True


def _open_container(reader: _Reader, container: str) -> "InputContainer":
    """Let FFmpeg read the header, in a thread of its own that is left behind where it does not come back."""
    import av

    result: list[InputContainer | av.FFmpegError] = []

    def work() -> None:
        try:
            result.append(
                av.open(
                    reader,
                    mode="r",
                    format=container,
                    container_options={"codec_whitelist": ",".join(DECODERS)},
                    metadata_errors="surrogateescape",
                    io_open=_open_nothing_else,
                )
            )
        except av.FFmpegError as why:
            result.append(why)

    thread = threading.Thread(target=work, name="riffscope-open", daemon=True)
    thread.start()
    thread.join(OPENS_WITHIN_S)
    if not result:
        reader.stop()
        raise CannotRead("takes too long to open (save it again without its tags)")
    if isinstance(result[0], av.FFmpegError):
        if reader.error:
            raise CannotRead(f"cannot be read: {reader.error} (check the disk)")
        raise CannotRead("is damaged, or not what its first bytes say (copy or download it again)")
    return result[0]


def _open_nothing_else(url: str, flags: int, options: dict[str, str]) -> Any:  # noqa: ARG001 - FFmpeg's signature
    raise PermissionError("a song is one file")


def _first_sound(opened: "InputContainer") -> "AudioStream":
    if not opened.streams.audio:
        raise CannotRead("holds no sound (give it a file with music)")
    stream = opened.streams.audio[0]
    # PyAV has no context where FFmpeg has no decoder, as for protected songs.
    context: Any = stream.codec_context
    if context is None or context.name not in DECODERS:
        raise CannotRead("is coded in a way riffscope does not read, or protected (convert it to FLAC or WAV)")
    return stream


def _claimed_s(opened: "InputContainer", stream: "AudioStream", found: Found) -> float:
    """Return the duration that the container states; 0 where it states none, and FFmpeg guesses from the bit rate."""
    if found.container == "mp3":
        return mp3_claimed_s(found.start)
    if found.container == "aac":
        return 0.0
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if opened.duration is not None and len(opened.streams) == 1:
        return opened.duration / 1e6
    return 0.0


def _codec_name(stream: "AudioStream") -> str:
    """Name the codec in one short word: ``mp3``, ``pcm_24``, ``float_32``."""
    name = stream.codec_context.codec.canonical_name
    if pcm := re.fullmatch(r"pcm_([fsu])(\d+)(?:[bl]e)?", name):
        return f"{'float' if pcm[1] == 'f' else 'pcm'}_{pcm[2]}"
    return "wma" if name.startswith("wma") else name.removeprefix("pcm_")


def _is_exact(codec: str) -> bool:
    return codec in {"flac", "mulaw", "alaw"} or codec.startswith(("pcm_", "float_"))


class _Sound:
    """What has been decoded so far.

    Attributes
    ----------
    rate_hz, channels : int
        Of the first frame; 0 before there is one.
    frames : int
        How many there are.
    damaged : int
        Packets that could not be decoded.
    ends : str
        Why it ends before the file does; empty where it does not.
    """

    def __init__(self, max_minutes: float) -> None:
        self.rate_hz = self.channels = self.damaged = 0
        self.ends = ""
        self._max_minutes = max_minutes
        self.frames = 0
        self._slabs: list[Float32s] = []  # each (channels, n), the last one filled in part
        self._kind = ("", "")
        self._converter: Any = None

    def take(self, frame: "AudioFrame") -> None:
        """Add one frame of any sample format as float32."""
        import av

        if not frame.samples:
            return
        if not self.frames:
            self.rate_hz, self.channels = frame.sample_rate, frame.layout.nb_channels
            _check_form(self.rate_hz, self.channels)
        if (frame.sample_rate, frame.layout.nb_channels) != (self.rate_hz, self.channels):
            self.ends = "the sample rate or the channels change"
        if self.ends:
            return
        if self._kind != (frame.format.name, frame.layout.name):
            self._kind = frame.format.name, frame.layout.name
            # PyAV reads beyond the end of planar frames of 8 channels and more, and crashes: those come packed.
            self._converter = av.AudioResampler(format="fltp" if self.channels < 8 else "flt")
        for converted in self._converter.resample(frame):
            block = converted.to_ndarray()
            self._add(block if len(block) == self.channels else block.reshape(-1, self.channels).T)
        if self.frames > self._max_minutes * 60 * self.rate_hz:
            raise _too_long(self._max_minutes)
        if self.frames * self.channels > MOST_SAMPLES:
            raise CannotRead("takes more than 1.6 GB when decoded (cut it, or convert it to a lower rate)")

    def _add(self, block: Float32s) -> None:
        slab_frames = SLAB_SAMPLES // self.channels
        while block.size:
            at = self.frames % slab_frames
            if at == 0:
                self._slabs.append(np.empty((self.channels, slab_frames), np.float32))
            fits = block[:, : slab_frames - at]
            self._slabs[-1][:, at : at + fits.shape[1]] = fits
            self.frames += fits.shape[1]
            block = block[:, fits.shape[1] :]

    def join(self) -> Float32s:
        """Return all in one read-only array, (channels, n), letting go of each slab as it is copied."""
        samples = np.empty((self.channels, self.frames), np.float32)
        self._slabs.reverse()
        at = 0
        while self._slabs:
            slab = self._slabs.pop()[:, : self.frames - at]
            samples[:, at : at + slab.shape[1]] = slab
            at += slab.shape[1]
        samples.flags.writeable = False
        return samples


def _check_form(rate_hz: int, channels: int) -> None:
    if not LOWEST_RATE_HZ <= rate_hz <= HIGHEST_RATE_HZ:
        limits = f"{LOWEST_RATE_HZ} to {HIGHEST_RATE_HZ} Hz"
        raise CannotRead(f"has a sample rate of {rate_hz} Hz (convert it to one of {limits})")
    if not 1 <= channels <= MOST_CHANNELS:
        raise CannotRead(f"has {channels} channels (convert it to 1 to {MOST_CHANNELS})")


def _check_level(samples: Float32s) -> None:
    peak = max(float(samples.max()), -float(samples.min()))
    if not math.isfinite(peak):
        raise CannotRead("holds samples that are not numbers (export it again)")
    if peak > LOUDEST:
        raise CannotRead(f"reaches {peak:.3g} times full scale: damaged, or no sound (export it again)")


def _too_long(max_minutes: float) -> CannotRead:
    return CannotRead(f"is longer than {max_minutes:g} minutes (raise --max-minutes, or cut it)")


def _decode(opened: "InputContainer", stream: "AudioStream", max_minutes: float) -> _Sound:
    """Decode to the end of the data, stepping over what is damaged."""
    import av

    sound = _Sound(max_minutes)
    damaged_in_a_row = 0
    try:
        for packet in opened.demux(stream):
            try:
                frames = packet.decode()
            except av.FFmpegError:
                sound.damaged += 1
                damaged_in_a_row += 1
                if damaged_in_a_row == GIVE_UP_AFTER:
                    sound.ends = "the file is damaged"
                    break
                continue
            damaged_in_a_row = 0
            for frame in frames:
                sound.take(frame)
            if sound.ends:
                break
    except av.FFmpegError:
        sound.ends = "the file is damaged"
    if not sound.frames:
        raise CannotRead("has no sound that could be decoded (copy or download it again)")
    return sound


# --------------------------------------------------------------------------------------------------- what is said of it
def _tags(opened: "InputContainer", stream: "AudioStream", container: str) -> Tags:
    found = {key.casefold(): text for key, text in opened.metadata.items()}
    if container == "ogg":  # the tags belong to the stream
        found = {key.casefold(): text for key, text in stream.metadata.items()} | found
    date = _clean(found.get("date") or found.get("year"))
    year = re.search(r"[0-9]{4}", date or "")
    return Tags(
        title=_clean(found.get("title")),
        artist=_clean(found.get("artist")),
        album=_clean(found.get("album")),
        year=year.group() if year else date,
    )


def _clean(text: str | None) -> str | None:
    """Return one line of printable text of bearable length, or None."""
    text = (text or "")[: 4 * LONGEST_TAG]
    if any("\udc80" <= c <= "\udcff" for c in text):  # bytes that are not UTF-8: an old tag in Latin-1
        text = text.encode(errors="surrogateescape").decode("cp1252", errors="replace")
    kept = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(kept.split())[:LONGEST_TAG].rstrip() or None


def _notes_on_streams(opened: "InputContainer") -> list[str]:
    from av.stream import Disposition

    notes = []
    if any(not stream.disposition & Disposition.attached_pic for stream in opened.streams.video):
        notes.append("a video: only its sound was taken")
    if len(opened.streams.audio) > 1:
        notes.append(f"the first of {len(opened.streams.audio)} sound tracks was taken")
    return notes


def _oddities(samples: Float32s, rate_hz: int) -> Iterator[str]:
    """Tell what a listener should know before trusting a number: samples (channels, n)."""
    if rate_hz < DULL_BELOW_HZ:
        yield f"sampled at {rate_hz} Hz: high notes and cymbals are missing"
    highest, lowest = samples.max(axis=1), samples.min(axis=1)
    silent = np.maximum(highest, -lowest) < SILENT_BELOW
    if silent.all():
        yield "silent"
        return
    names = ("left", "right") if len(samples) == 2 else tuple(f"channel {n}" for n in range(1, len(samples) + 1))
    if silent.any():
        yield f"silent: {', '.join(name for name, is_silent in zip(names, silent, strict=True) if is_silent)}"
    elif len(samples) > 1 and cancels(samples):
        subject = "left and right are" if len(samples) == 2 else "the channels are"
        yield f"{subject} in antiphase: a mono mix would cancel"
    if max(highest.max(), -lowest.min()) >= FULL_SCALE and (share := _clipped_share(samples)) >= CLIPPED_SHARE:
        yield f"clipped: {100 * share:.2g} % of the samples stay at full scale"
    offset = max((float(channel.mean(dtype=np.float64)) for channel in samples), key=abs)
    if abs(offset) > OFFSET_ABOVE:
        yield f"off centre by {offset:+.2f} of full scale (DC offset)"


def _clipped_share(samples: Float32s) -> float:
    """Return the share of samples, (channels, n), in runs of at least `CLIPPED_RUN` at full scale."""
    clipped = 0
    for channel in samples:
        for start in range(0, channel.size, 2**20):  # by the piece, for memory's sake
            piece = channel[start : start + 2**20]
            for at_full_scale in (piece >= FULL_SCALE, piece <= -FULL_SCALE):
                where = np.flatnonzero(at_full_scale)
                begins = np.flatnonzero(np.diff(where, prepend=-2) > 1)
                lengths = np.diff(begins, append=where.size)
                clipped += int(lengths[lengths >= CLIPPED_RUN].sum())
    return clipped / samples.size
