"""Sound as it comes out of a decoder: gathered piece by piece, within limits, whatever a header claims.

Conventions: float32 (channels, n), full scale is 1.
"""

from dataclasses import dataclass

import numpy as np

from riffscope import long_arrays
from riffscope.arrays import Float32s
from riffscope.errors import CannotRead
from riffscope.long_arrays import PutAside
from riffscope.model import Tags

# The lowest rate at which loudness is still measured within 0.4 dB (`riffscope.dsp.loudness`).
MIN_RATE_HZ = 4_000
# No music is sampled faster. Chosen by hand.
MAX_RATE_HZ = 768_000
# The layouts of immersive sound have 24 channels or fewer. Chosen by hand.
MAX_CHANNELS = 64
# 1.6 GB of float32: an hour in stereo at 55 kHz. A FLAC of silence could fill any memory from a few kilobytes.
MAX_SAMPLES = 400_000_000
# Music takes more bytes a second than this, whatever the codec: a longer claim is not believed before it is heard.
CREDIBLE_BYTES_PER_S = 500
# Codecs that work in blocks may end up to one before or after what their container claims.
BLOCK_SLACK_S = 0.05
# Said in several places.
NOTHING_DECODED = "contains no audio that could be decoded (copy or download it again)"
# Sound is gathered in slabs of 32 MiB: smaller ones the C library does not give back to the system at once.
SLAB_SAMPLES = 2**23


class BeyondLimits(CannotRead):
    """The song is too much, whichever decoder reads it."""


class Sound:
    """What has been decoded so far.

    Attributes
    ----------
    rate_hz, channels : int
        Of the first piece; 0 before there is one.
    frames : int
        How many there are.
    damaged : int
        Pieces that could not be decoded.
    lost : int
        Frames of silence that stand for such pieces, where the file's clock tells how long they are.
    ends : str
        Why it ends before the file does; empty where it does not.
    """

    def __init__(self, max_minutes: float) -> None:
        self.rate_hz = self.channels = self.frames = self.damaged = self.lost = 0
        self.ends = ""
        self._max_minutes = max_minutes
        self._slabs: list[Float32s | PutAside] = []  # each (channels, n), the last one filled in part
        self._aside = long_arrays.Aside()

    @property
    def duration_s(self) -> float:
        """How long it is by now."""
        return self.frames / self.rate_hz if self.frames else 0.0

    def add(self, block: Float32s, rate_hz: int) -> None:
        """Add a piece, (channels, n)."""
        if not block.shape[1] or self.ends:
            return
        if not self.channels:
            self.begin(rate_hz, len(block))
        if (rate_hz, len(block)) != (self.rate_hz, self.channels):
            self.ends = "the sample rate or the channels change"
            return
        slab_frames = SLAB_SAMPLES // self.channels
        while block.size:
            at = self.frames % slab_frames
            slab = self._next_slab(slab_frames) if at == 0 else self._last_slab()
            fits = block[:, : slab_frames - at]
            slab[:, at : at + fits.shape[1]] = fits
            self.frames += fits.shape[1]
            block = block[:, fits.shape[1] :]
        if self.frames > self._max_minutes * 60 * self.rate_hz:
            raise too_long(self._max_minutes)
        if self.frames * self.channels > MAX_SAMPLES:
            raise BeyondLimits("needs more than 1.6 GB when decoded (shorten it, or convert it to a lower rate)")

    def _next_slab(self, frames: int) -> Float32s:
        """Begin a slab; where there is much already, the one before goes to the disk."""
        if len(self._slabs) * 4 * SLAB_SAMPLES >= long_arrays.LONG_BYTES:
            self._slabs[-1] = self._aside.put(self._last_slab())
        slab = np.empty((self.channels, frames), np.float32)
        self._slabs.append(slab)
        return slab

    def _last_slab(self) -> Float32s:
        slab = self._slabs[-1] = _fetched(self._slabs[-1])
        return slab

    def add_silence(self, frames: int) -> None:
        """Add so many frames in which nothing sounds; there is sound already, or a form was given by `begin`."""
        nothing = np.zeros((self.channels, min(frames, SLAB_SAMPLES // self.channels)), np.float32)
        while frames > 0 and not self.ends:
            self.add(nothing[:, :frames], self.rate_hz)
            frames -= nothing.shape[1]

    def begin(self, rate_hz: int, channels: int) -> None:
        """Say what is to come."""
        check_form(rate_hz, channels)
        self.rate_hz, self.channels = rate_hz, channels

    def end_at(self, frames: int) -> None:
        """Take off what goes beyond so many frames: less than a slab."""
        self.frames = min(self.frames, max(frames, 1))
        while len(self._slabs) * (SLAB_SAMPLES // self.channels) - self.frames >= SLAB_SAMPLES // self.channels:
            self._slabs.pop()

    def extend(self, other: "Sound") -> None:
        """Add all of another one, which is empty then."""
        self.damaged += other.damaged
        self.lost += other.lost
        left, rate_hz = other.frames, other.rate_hz
        other._slabs.reverse()
        while other._slabs:
            slab = _fetched(other._slabs.pop())[:, :left]
            left -= slab.shape[1]
            self.add(slab, rate_hz)
        other.frames = 0
        self.ends = self.ends or other.ends

    def join(self) -> Float32s:
        """Return all in one read-only array, (channels, n), letting go of each slab as it is copied."""
        samples = long_arrays.empty((self.channels, self.frames))
        self._slabs.reverse()
        at = 0
        while self._slabs:
            slab = _fetched(self._slabs.pop())[:, : self.frames - at]
            samples[:, at : at + slab.shape[1]] = slab
            at += slab.shape[1]
        samples.flags.writeable = False
        return samples


@dataclass(frozen=True, kw_only=True)
class Decoded:
    """What a decoder made of a file.

    Attributes
    ----------
    sound : Sound
        All that could be decoded; at least one frame.
    codec : str
        In one short word: ``mp3``, ``pcm_24``, ``float_32``.
    claimed_s : float
        The duration that the file states; 0 where it states none.
    tags : Tags
        Those that the decoder gives by the way.
    speakers : tuple of str
        What each channel is, as the file has it (`riffscope.dsp.speakers`); empty where it says nothing.
    notes : tuple of str
        What else a listener should know.
    """

    sound: Sound
    codec: str
    claimed_s: float
    tags: Tags
    speakers: tuple[str, ...]
    notes: tuple[str, ...] = ()

    @property
    def slack_s(self) -> float:
        """By how much it may honestly differ from the claim: not at all where the codec keeps each sample."""
        keeps_each = self.codec in {"flac", "mulaw", "alaw"} or self.codec.startswith(("pcm_", "float_"))
        return 0.0 if keeps_each else BLOCK_SLACK_S


def _fetched(slab: Float32s | PutAside) -> Float32s:
    return slab.fetch() if isinstance(slab, PutAside) else slab


def check_form(rate_hz: int, channels: int) -> None:
    """Refuse what no music is sampled with."""
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        limits = f"{MIN_RATE_HZ} to {MAX_RATE_HZ} Hz"
        raise BeyondLimits(f"has a sample rate of {rate_hz} Hz (convert it to one of {limits})")
    if not 1 <= channels <= MAX_CHANNELS:
        raise BeyondLimits(f"has {channels} channels (convert it to 1 to {MAX_CHANNELS})")


def check_claim(claimed_s: float, size_bytes: int, max_minutes: float) -> None:
    """Refuse a song that is too long by its own word, if that can be believed, before it is decoded."""
    if max_minutes * 60 < claimed_s < size_bytes / CREDIBLE_BYTES_PER_S:
        raise too_long(max_minutes)


def too_long(max_minutes: float) -> BeyondLimits:
    """Say that a song is longer than allowed."""
    return BeyondLimits(f"is longer than {max_minutes:g} minutes (raise --max-minutes, or shorten it)")
