"""AAC, ALAC, WMA, Matroska, and whatever is damaged, decoded by FFmpeg's libraries (PyAV).

FFmpeg is told which container to expect, from the file's first bytes and never from its name; it sees the one open file
and nothing else; and it may use audio decoders only. It steps over what is damaged.

Where a container has a clock, sound stands where the clock puts it: what begins late begins late, and a recording that
was paused has a silence there.
"""

import re
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from riffscope.decoding.containers import Found, mp3_claimed_s
from riffscope.decoding.layouts import order_of, speakers_of
from riffscope.decoding.sound import NOTHING_DECODED, Decoded, Sound, check_claim
from riffscope.decoding.tags import tags_of
from riffscope.decoding.window import Window
from riffscope.errors import CannotRead
from riffscope.model import Tags

if TYPE_CHECKING:
    from av.audio.frame import AudioFrame
    from av.audio.stream import AudioStream
    from av.container import InputContainer

# FFmpeg takes time quadratic in the number of tags: 80,000 in a 1 MB file took it a minute.
OPENS_WITHIN_S = 5.0
# As many packets in a row that cannot be decoded are the end of the sound. Chosen by hand.
GIVE_UP_AFTER = 1_000
# The containers whose time stamps say when something sounds; the others are streams of sound and nothing else.
CLOCKS = frozenset({"mov", "matroska", "asf", "ogg"})
# A first sound this late is no rounding of time stamps, nor what an encoder added. Chosen by hand.
LATE_S = 0.02
_GAPLESS = re.compile(r" ?0{8} [0-9A-F]{8} [0-9A-F]{8} ([0-9A-F]{16})(?: |$)")
# Encoders put less than this before the sound. Chosen by hand.
MOST_PRIMED_S = 0.25
# Time stamps jitter by less than this, or the recording was paused. Chosen by hand.
GAP_S = 0.1
# A clock that goes back by more has begun anew. Chosen by hand.
RESTART_S = 1.0
# Nobody puts as much silence before a song: a clock that begins here was running before. Chosen by hand.
LATE_START_S = 60.0
# A longer pause is not believed where the file does not say how long it is. Chosen by hand.
PAUSE_S = 600.0
# Nor are longer pauses altogether, besides the first minute, than one second for so many bytes. Chosen by hand.
PAUSED_BYTES_PER_S = 100
# No codec has longer blocks. In samples.
LONGEST_BLOCK = 8192

# The sample formats of uncompressed sound, as FFmpeg calls them.
PCM = ("u8", "s8", "s16le", "s16be", "s24le", "s24be", "s32le", "s32be", "f32le", "f32be", "f64le", "f64be")
# All that may be decoded. Pictures and video may not: a cover of 3 MB has taken 800 MB when FFmpeg looked at it.
DECODERS = (
    *(f"pcm_{kind}" for kind in PCM),
    *("pcm_mulaw", "pcm_alaw", "adpcm_ms", "adpcm_ima_wav", "adpcm_ima_qt", "gsm", "gsm_ms"),
    *("flac", "alac", "mp1float", "mp2float", "mp3float", "mp1", "mp2", "mp3", "aac", "vorbis", "opus", "libopus"),
    *("wmav1", "wmav2", "wmapro", "wmalossless", "ac3", "eac3", "libspeex", "speex"),
)


def decode(window: Window, found: Found, max_minutes: float) -> Decoded:
    """Decode all that can be, stepping over the rest.

    Raises
    ------
    CannotRead
        There is no sound, none that could be decoded, or too much.
    """
    window.seek(0)
    with _open(window, found.container) as opened:
        stream = _first_sound(opened)
        codec = _codec_name(stream)
        claimed_s = _claimed_s(opened, stream, found)
        check_claim(claimed_s, window.size_bytes, max_minutes)
        clock = _Clock(opened, stream, found.container, claimed_s, window.size_bytes)
        sound, speakers = _decode(opened, stream, clock, max_minutes)
        if found.container == "mov":
            _end_where_claimed(sound, claimed_s, codec)
        return Decoded(
            sound=sound,
            codec=codec,
            claimed_s=max(claimed_s - clock.left_out_s, 0.0),
            tags=_tags(opened, stream, found.container),
            speakers=speakers,
            notes=(*_notes_on_streams(opened), *clock.notes),
        )


def _open(window: Window, container: str) -> "InputContainer":
    """Let FFmpeg read the header, in a thread of its own that is left behind where it does not come back."""
    import av
    from av.container import Container

    options: dict[str, Any] = {
        "format": container,
        "container_options": {"codec_whitelist": ",".join(DECODERS)},
        "io_open": _open_nothing_else,
    }
    if hasattr(Container, "metadata_errors"):  # from PyAV 19 on tags are always read so
        options["metadata_errors"] = "surrogateescape"
    results: list[InputContainer | BaseException] = []

    def work() -> None:
        try:
            results.append(av.open(window, mode="r", **options))
        except BaseException as why:  # noqa: BLE001 - raised again below, where it can be caught
            results.append(why)

    thread = threading.Thread(target=work, name="riffscope-open", daemon=True)
    thread.start()
    thread.join(OPENS_WITHIN_S)
    if not results:
        window.stop()
        raise CannotRead("takes too long to open (save it again without its tags)")
    (result,) = results
    if isinstance(result, av.FFmpegError):
        raise CannotRead("is damaged, or of another type than it claims (copy or download it again)")
    if isinstance(result, BaseException):
        raise result
    return result


def _open_nothing_else(url: str, flags: int, options: dict[str, str]) -> Any:  # noqa: ARG001 - FFmpeg's signature
    raise CannotRead("only points to another file (choose the song itself)")


def _first_sound(opened: "InputContainer") -> "AudioStream":
    import av

    if not opened.streams.audio:
        raise CannotRead("contains no audio (choose a file with music)")
    stream = opened.streams.audio[0]
    # PyAV has no context where FFmpeg has no decoder, as for protected songs.
    context: Any = stream.codec_context
    if context is None or context.name not in DECODERS:
        raise CannotRead("uses a codec that riffscope cannot read, or is copy-protected (convert it to FLAC or WAV)")
    try:
        # Once only: PyAV would try again with each packet, and from version 19 on say that the codec is unknown.
        context.open(strict=False)
    except av.FFmpegError:
        raise CannotRead(NOTHING_DECODED) from None
    return stream


def _claimed_s(opened: "InputContainer", stream: "AudioStream", found: Found) -> float:
    """Return the duration that the container states; 0 where it states none, and FFmpeg guesses from the bit rate."""
    if found.container == "mp3":
        return mp3_claimed_s(found.start)
    if found.container == "aac":
        return 0.0
    if stream.duration is not None and stream.time_base is not None:
        stated_s = float(stream.duration * stream.time_base)
        start_s = float((stream.start_time or 0) * stream.time_base)
        if found.container == "asf":  # the duration of the file, counted from 0
            return max(stated_s - start_s, 0.0) if len(opened.streams) == 1 else 0.0
        if found.container == "mov" and 0.9 * stated_s < (gapless_s := _gapless_s(opened, stream)) <= stated_s:
            return gapless_s
        return stated_s + (max(start_s, 0.0) if found.container in {"mov", "matroska"} else 0.0)
    if opened.duration is not None and len(opened.streams) == 1:
        return opened.duration / 1e6
    return 0.0


def _gapless_s(opened: "InputContainer", stream: "AudioStream") -> float:
    """Return how long the song is without what its encoder added, which iTunes writes into a tag; 0 where it does not.

    The numbers are in hexadecimal: 0, samples before the sound, samples behind it, samples of the sound.
    """
    told = _GAPLESS.match(opened.metadata.get("iTunSMPB", ""))
    return int(told[1], 16) / stream.codec_context.sample_rate if told else 0.0


def _codec_name(stream: "AudioStream") -> str:
    name = stream.codec_context.name.removesuffix("float").removeprefix("lib")  # mp3float, libopus: decoders of them
    if pcm := re.fullmatch(r"pcm_([fsu])(\d+)(?:[bl]e)?", name):
        return f"{'float' if pcm[1] == 'f' else 'pcm'}_{pcm[2]}"
    return "wma" if name.startswith("wma") else name.removeprefix("pcm_")


def _decode(
    opened: "InputContainer", stream: "AudioStream", clock: "_Clock", max_minutes: float
) -> tuple[Sound, tuple[str, ...]]:
    """Decode to the end of the data; what each channel is, too."""
    import av

    sound = Sound(max_minutes)
    converter = _Converter()
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
            for frame in frames:
                if not frame.samples:
                    continue
                if not sound.channels:
                    sound.begin(frame.sample_rate, frame.layout.nb_channels)
                silence = clock.silence_before(frame, sound)
                if damaged_in_a_row:
                    sound.lost += silence
                sound.add_silence(silence)
                converter.convert(frame, sound)
                damaged_in_a_row = 0
            if sound.ends:
                break
    except av.FFmpegError:
        sound.ends = "the file is damaged"
    if not converter.names:
        raise CannotRead(NOTHING_DECODED)
    return sound, speakers_of(converter.names)


def _end_where_claimed(sound: Sound, claimed_s: float, codec: str) -> None:
    """Take off what an encoder added to fill its last block: an edit list or a shorter last packet tells the end."""
    end = round(claimed_s * sound.rate_hz)
    if 0 < end < sound.frames <= end + LONGEST_BLOCK and codec not in {"flac", "alac"}:
        sound.end_at(end)


class _Clock:
    """Tells where frames belong, by their time stamps.

    Attributes
    ----------
    left_out_s : float
        Time of the container that is not in the sound: before its first sound, or in a jump that is not believed.
    notes : list of str
        What a listener should know of it.
    """

    def __init__(
        self, opened: "InputContainer", stream: "AudioStream", container: str, claimed_s: float, size_bytes: int
    ) -> None:
        self.left_out_s = 0.0
        self._room_s = LATE_START_S + size_bytes / PAUSED_BYTES_PER_S
        self.notes: list[str] = []
        self._runs = container in CLOCKS and stream.time_base is not None
        self._tick_s = float(stream.time_base or 0)
        self._begun = False
        self._claimed_s = claimed_s or (opened.duration or 0) / 1e6
        starts_s = {
            one.index: float(one.start_time * (one.time_base or 0))
            for one in opened.streams
            if one.start_time is not None and one.type in {"audio", "video"}
        }
        # FFmpeg counts the first page of FLAC in an Ogg from 0, whatever the page says.
        self._settles_s = 2.0 if container == "ogg" and stream.codec_context.name == "flac" else 0.0
        # The timelines of MP4 and Matroska begin at 0, but what was recorded from a running programme has the time of
        # that. Others begin with what comes first.
        first_s = min(starts_s.values(), default=0.0)
        self._zero_s = first_s if container in {"asf", "ogg"} else 0.0
        if container in {"mov", "matroska"} and first_s > LATE_START_S:
            self._zero_s = first_s
            self._leave_out(first_s, "its clock begins at")
        if container == "mov" and (length_s := _gapless_s(opened, stream)):
            # Of what iTunes put before the sound FFmpeg takes away the samples, and not the time.
            own_s = starts_s.get(stream.index, 0.0)
            self._zero_s = own_s if 0 < own_s < MOST_PRIMED_S and length_s < self._claimed_s + own_s else 0.0
        # The decoders of WMA give sound with the time of a later packet.
        self._starts_s = starts_s[stream.index] - first_s if container == "asf" and stream.index in starts_s else None

    def silence_before(self, frame: "AudioFrame", sound: Sound) -> int:
        """Return how many frames of silence come before a frame."""
        if not self._runs or frame.pts is None:
            return 0
        at_s = frame.pts * self._tick_s - self._zero_s
        if not self._begun and self._starts_s is not None:
            self._zero_s += at_s - self._starts_s
            at_s = self._starts_s
        gap_s = at_s - sound.frames / sound.rate_hz
        if gap_s < -RESTART_S:  # one recording behind another
            self._zero_s += gap_s
            return 0
        tolerance_s = GAP_S if self._begun else LATE_S
        self._begun = True
        if gap_s < tolerance_s:
            return 0
        if sound.duration_s < self._settles_s:
            self._zero_s += gap_s
            self.left_out_s += gap_s
            return 0
        # Not a time stamp that is damaged, nor one that would fill the memory from a few bytes.
        left_s = max(self._claimed_s - self.left_out_s - sound.duration_s, 0) + GAP_S if self._claimed_s else PAUSE_S
        if gap_s > min(left_s, self._room_s):
            self._zero_s += gap_s
            self._leave_out(gap_s, "its clock jumps by")
            return 0
        self._room_s -= gap_s
        return round(gap_s * sound.rate_hz)

    def _leave_out(self, seconds: float, what: str) -> None:
        self.left_out_s += seconds
        self.notes.append(f"{what} {seconds:.1f} s: that was left out")


class _Converter:
    """Turns frames of any sample format into float32."""

    def __init__(self) -> None:
        self._kind = ("", "", 0)
        self._resampler: Any = None
        self.names: tuple[str, ...] = ()
        self._order: list[int] | None = None

    def convert(self, frame: "AudioFrame", sound: Sound) -> None:
        """Add one frame to the sound."""
        import av

        layout = frame.layout
        channels = layout.nb_channels
        if not self.names:
            names = [channel.name for channel in layout.channels]
            self._order = order_of(names)
            self.names = tuple(names if self._order is None else (names[place] for place in self._order))
        # PyAV reads beyond the end of planar frames of 8 channels and more, and crashes: those come packed.
        wanted = "fltp" if channels < 8 else "flt"
        kind = frame.format.name, layout.name, frame.sample_rate
        if self._kind != kind:
            self._kind = kind
            self._resampler = None if kind[0] == wanted == "fltp" else av.AudioResampler(format=wanted)
        for converted in [frame] if self._resampler is None else self._resampler.resample(frame):
            block = np.asarray(converted.to_ndarray(), np.float32)
            if len(block) != channels:
                block = block.reshape(-1, channels).T
            if self._order is not None and len(self._order) == channels:
                block = block[self._order]
            sound.add(block, frame.sample_rate)


def _tags(opened: "InputContainer", stream: "AudioStream", container: str) -> Tags:
    found = {key.casefold(): text for key, text in opened.metadata.items()}
    if container == "ogg":  # the tags belong to the stream
        found = {key.casefold(): text for key, text in stream.metadata.items()} | found
    return tags_of(found)


def _notes_on_streams(opened: "InputContainer") -> tuple[str, ...]:
    from av.stream import Disposition

    notes = []
    if any(not stream.disposition & Disposition.attached_pic for stream in opened.streams.video):
        notes.append("a video: only its sound was taken")
    if len(opened.streams.audio) > 1:
        notes.append(f"the first of {len(opened.streams.audio)} sound tracks was taken")
    return tuple(notes)
