"""Read a song: a path in, its sound out. Nothing else reads songs.

Files are taken for hostile. Their first bytes tell what they are, never their names. Decoders see the one open file and
nothing else. No memory is taken on the word of a header: sound is read piece by piece until the data end.

Conventions: sound is float32 (channels, n) at the file's own sample rate, full scale is 1, neither scaled nor clipped.
"""

import hashlib
import io
import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from riffscope.arrays import Float32s
from riffscope.decoding.containers import (
    KNOWN,
    Found,
    Pieces,
    check_mp4_index,
    pieces,
    readable_bytes,
    share_present,
    sniff,
)
from riffscope.decoding.interrupt import interruptible
from riffscope.decoding.sound import CREDIBLE_BYTES_PER_S, NOTHING_DECODED, BeyondLimits, Decoded
from riffscope.decoding.tags import first_of, read_tags
from riffscope.decoding.window import Window
from riffscope.decoding.zeros import without_zeros_behind
from riffscope.dsp.blocks import extremes
from riffscope.dsp.downmix import cancels
from riffscope.dsp.speakers import usual_speakers
from riffscope.errors import CannotRead, one_line
from riffscope.files import open_regular
from riffscope.model import Audio, Source

# Music stays near full scale; floats beyond +24 dBFS are a file of something else, or damage.
MAX_PEAK = 16.0
# With less than this share of what the file claims to hold, it is partial. Chosen by hand.
WHOLE_SHARE = 0.98
# Shorter gaps are not worth a warning. Chosen by hand.
MISSED_S = 0.02

# An address on a network; a path has made one slash of two. A single letter is a drive.
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+):/{1,2}(.+)", re.DOTALL)
# The largest sample that 16 bits hold.
FULL_SCALE = 32767 / 32768
# So many samples in a row at full scale are a clipped peak: one or two may be a peak that just fits. Chosen by hand.
CLIPPED_RUN = 3
# A few clipped peaks are in most masters: a larger share of samples than this is worth a warning. Chosen by hand.
CLIPPED_SHARE = 1e-4
# One step of 16 bits, and half of the next: dither may be all there is.
SILENT_BELOW = 1.5 / 32768
# A constant offset of more than this share of full scale is worth a warning. Chosen by hand.
OFFSET_ABOVE = 0.05
# A lower sample rate than this holds nothing above 8 kHz: no cymbals.
DULL_BELOW_HZ = 16_000


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
    address = _ADDRESS.match(os.fspath(path))
    path = Path(path)
    if address and not path.exists():
        raise CannotRead(
            f"{one_line(f'{address[1]}://{address[2]}')}: is a web address, and riffscope reads only files on this"
            " machine (download it first)"
        )
    try:
        with open_regular(path) as file:
            return _read(file, one_line(path.name), max_minutes)
    except CannotRead as why:
        problem = str(why)
    except OSError as why:
        problem = f"cannot be read: {why.strerror or why} (check the disk)"
    raise CannotRead(f"{one_line(str(path))}: {problem}")


def _read(file: io.FileIO, name: str, max_minutes: float) -> Audio:
    before = os.fstat(file.fileno())
    size_bytes = before.st_size
    found = sniff(file)
    if found is None:
        raise CannotRead(f"is not an audio file that riffscope can read (give it {KNOWN})")
    window = Window(file, found.at, size_bytes)
    window.size_bytes = readable_bytes(window, found.container)
    window.size_bytes = without_zeros_behind(window, found.container)
    if found.container == "mov":
        check_mp4_index(window)
    decoded = interruptible(lambda: _decode(window, found, max_minutes), window.stop)
    tags = first_of(read_tags(file, found.container, found.at), decoded.tags)
    rate_hz, duration_s = decoded.sound.rate_hz, decoded.sound.duration_s
    samples = decoded.sound.join()
    lowest, highest = extremes(samples)
    _check_level(lowest, highest)
    damage = _damage(decoded, window, found)
    sha256 = _sha256(file)
    after = os.fstat(file.fileno())
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise CannotRead("was changed while it was read (wait until it is whole)")
    return Audio(
        samples=samples,
        sample_rate_hz=rate_hz,
        speakers=decoded.speakers,
        source=Source(
            name=name,
            sha256=sha256,
            duration_s=duration_s,
            sample_rate_hz=rate_hz,
            channels=len(samples),
            codec=decoded.codec,
            tags=tags,
            status="partial" if damage and damage.partial else "ok",
            warnings=(
                *decoded.notes,
                *([damage.text] if damage else []),
                *_oddities(samples, lowest, highest, rate_hz, decoded.speakers),
            ),
        ),
    )


def _sha256(file: io.FileIO) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


# ------------------------------------------------------------------------------------------------------------ decoding
def _decode(window: Window, found: Found, max_minutes: float) -> Decoded:
    """Decode by libsndfile what it can read; whatever it cannot, or not to the end, by FFmpeg, which goes further."""
    from riffscope.decoding import libsndfile

    can_first = found.container in libsndfile.FORMATS
    first = libsndfile.decode(window, found, max_minutes) if can_first else None
    _check_disk(window)
    if first is not None and not _damage(first, window, found):
        return first
    # Not kept: an hour of sound would be in memory twice. It is decoded again where it turns out to be more.
    heard_s = 0.0 if first is None else first.sound.duration_s
    del first

    joined = pieces(window, found.container)
    if len(joined.places) > 1:
        return _decode_pieces(window, found, joined, max_minutes)

    from riffscope.decoding import ffmpeg  # a song that is whole needs no second decoder

    try:
        second: Decoded | None = ffmpeg.decode(window, found, max_minutes)
    except CannotRead as why:
        _check_disk(window)
        if not heard_s or isinstance(why, BeyondLimits):
            raise
        second = None
    _check_disk(window)
    # As much from both: FFmpeg tells better what is wrong.
    if second is not None and second.sound.duration_s >= heard_s:
        second.sound.damaged = max(second.sound.damaged, joined.damaged)
        return second
    del second
    again = libsndfile.decode(window, found, max_minutes)
    if again is None:
        raise CannotRead(NOTHING_DECODED)
    return again


def _decode_pieces(window: Window, found: Found, joined: Pieces, max_minutes: float) -> Decoded:
    """Decode recordings that are joined in one file, each by itself, and put their sound together."""
    whole: Decoded | None = None
    damaged, claimed_s = joined.damaged, 0.0
    problem = CannotRead(NOTHING_DECODED)
    for start, end in joined.places:
        part = window.part(start, end)
        one = Found(container=found.container, at=found.at + start, start=part.read(len(found.start)))
        try:
            decoded = _decode(part, one, max_minutes)
        except BeyondLimits:
            raise
        except CannotRead as why:
            damaged += 1
            problem = why
            continue
        # An MP3 counts what its encoder added: what is whole is as long as it is.
        whole_s = decoded.sound.duration_s
        promised_s = max(decoded.claimed_s, whole_s) if _damage(decoded, part, one) else whole_s
        if whole is None:
            whole = decoded
        else:
            whole.sound.extend(decoded.sound)
        if whole.sound.ends:
            break
        claimed_s += promised_s
    if whole is None:
        raise problem
    whole.sound.damaged += damaged
    notes = (*whole.notes, f"{len(joined.places)} recordings that are joined in one file")
    return replace(whole, claimed_s=claimed_s, notes=notes)


def _check_disk(window: Window) -> None:
    if window.error:
        raise CannotRead(f"cannot be read: {window.error} (check the disk)")


def _check_level(lowest: Float32s, highest: Float32s) -> None:
    """Refuse what no music reaches: the extremes of each channel, (channels,)."""
    peak = max(float(highest.max()), -float(lowest.min()))
    if not math.isfinite(peak):
        raise CannotRead("contains samples that are not numbers (export it again)")
    if peak > MAX_PEAK:
        raise CannotRead(f"reaches {peak:.3g} times full scale, so it is damaged or not audio (export it again)")


# --------------------------------------------------------------------------------------------------- what is said of it
@dataclass(frozen=True, kw_only=True)
class _Damage:
    text: str
    partial: bool = False


def _damage(decoded: Decoded, window: Window, found: Found) -> _Damage | None:
    """Tell what is wrong with a file: what was heard of it, against its own word."""
    sound, duration_s, slack_s = decoded.sound, decoded.sound.duration_s, decoded.slack_s
    promised_s = max(decoded.claimed_s, duration_s / share_present(window, found.container))
    duration_s -= sound.lost / sound.rate_hz
    if duration_s < WHOLE_SHARE * promised_s - slack_s:
        promised = f"{promised_s:.1f} s" if promised_s < window.size_bytes / CREDIBLE_BYTES_PER_S else "a longer song"
        return _Damage(
            text=f"the file is cut off or damaged: {duration_s:.1f} s of {promised} could be read", partial=True
        )
    if sound.ends:
        return _Damage(text=f"{sound.ends} at {duration_s:.1f} s: what follows was left out", partial=True)
    if duration_s < promised_s - slack_s - MISSED_S:
        return _Damage(text=f"damaged: {promised_s - duration_s:.2f} s are missing")
    if sound.damaged:
        pieces = "1 piece was" if sound.damaged == 1 else f"{sound.damaged} pieces were"
        return _Damage(text=f"damaged: {pieces} left out")
    return None


def _oddities(
    samples: Float32s, lowest: Float32s, highest: Float32s, rate_hz: int, speakers: tuple[str, ...]
) -> Iterator[str]:
    """Tell what a listener should know before trusting a number: samples (channels, n), their extremes (channels,)."""
    if rate_hz < DULL_BELOW_HZ:
        yield f"sampled at {rate_hz} Hz: high notes and cymbals are missing"
    silent = np.maximum(highest, -lowest) < SILENT_BELOW
    if silent.all():
        yield "silent"
        return
    if not speakers and (taken := usual_speakers(len(samples))):
        yield f"the file does not say what its {len(samples)} channels are: taken for {' '.join(taken)}"
    names = ("left", "right") if len(samples) == 2 else speakers or [f"channel {n}" for n in range(1, len(samples) + 1)]
    if silent.any():
        yield f"silent: {', '.join(name for name, is_silent in zip(names, silent, strict=True) if is_silent)}"
    elif len(samples) > 1 and cancels(samples, speakers):
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
