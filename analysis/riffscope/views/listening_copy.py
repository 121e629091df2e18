"""Listening copy: the song as small Opus files, to be heard in the page of its report.

A view, though it writes a file format: the sound is at hand only while a song is analysed, and a report is written from
values alone, later and without the song. So the copy is made here, as bytes, and whoever writes a page puts it in.

Conventions: streams are (1 or 2, n) at one sample rate and with one gain, so that vocals and accompaniment still add up
to the mix. The encoder is libopus, by way of FFmpeg.

References
----------
RFC 6716 (Opus). WebM and not Ogg: Safari's Web Audio hands all files but WebM to a system library that knew no Opus
before 2026 (WebKit pull request 58484), and decodes WebM itself.
"""

import io
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from typing import Annotated, Literal

import numpy as np

from riffscope.arrays import Float32s
from riffscope.dsp.blocks import frames_in_blocks, peak, slices
from riffscope.dsp.resample import resample
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, value
from riffscope.steps import view
from riffscope.units import HZ, SECONDS
from riffscope.views.stems import Stems, mix_of

Name = Literal["mix", "vocals", "accompaniment"]

# Opus knows no others.
RATES_HZ = (8_000, 12_000, 16_000, 24_000, 48_000)
# Bits a second of two channels, on average. A song of 3.5 minutes in two streams makes 2.9 MB, and a page of less
# than 5 MB. Vorbis of as many bits takes twice the time.
TARGET_BPS: dict[Name, int] = {"mix": 96_000, "vocals": 42_000, "accompaniment": 58_000}
# Of a song that shares its page with others.
SHARED_BPS = 64_000
# One channel needs so much of that.
MONO_SHARE = 0.6
# Left to itself, the encoder spends 60% more on dense music. Half of its effort (10 is all) saves a third of the time,
# and sounds as near to the song: 15.4 dB below it where all effort makes 15.2.
ENCODER = {"vbr": "constrained", "compression_level": "5"}
# A player holds the whole song as floats: 10 minutes of two stereo streams are 460 MB at 48 kHz. Songs longer than
# this ...
LONG_S = 600.0
# ... are kept at this rate, lose what is above 12 kHz, and take as much for 20 minutes.
LONG_RATE_HZ = 24_000
# Longer songs do not go into a page: a player would need more memory than that.
MAX_DURATION_S = 1200.0
# Vocals and accompaniment whose sum differs from the mix by more than this share of full scale (-60 dBFS) are not its
# two parts. Chosen by hand; rounding is far less.
SAME_WITHIN = 1e-3


@value
class Stream:
    """One sound of a listening copy: Opus in a WebM file."""

    name: Name
    webm: bytes


@value
class ListeningCopy:
    """The song, to listen to in a page.

    Attributes
    ----------
    streams : tuple of Stream
        The mix; or the vocals and the accompaniment, which add up to it sample by sample.
    sample_rate_hz : int
        Of each stream: 48 kHz, or less where the song has less.
    gain : float
        What the song was multiplied by, so that nothing lies beyond full scale; at most 1.
    """

    streams: tuple[Stream, ...]
    sample_rate_hz: Annotated[int, HZ]
    duration_s: Annotated[float, SECONDS]
    gain: float = 1.0


@value
class MixCopy(ListeningCopy):
    """The song in one small stream, for a page that holds several songs."""


@view
def compress(audio: Audio, stems: Stems | None) -> ListeningCopy:
    """Compress the song as Opus: in two streams where the vocals were separated, else in one.

    Parameters
    ----------
    audio : Audio
    stems : Stems, optional
        Where there are none, as when the stem that the user gave belongs to another song, the mix is compressed.

    Raises
    ------
    CannotMeasure
        The song lasts more than 20 minutes.
    """
    _check_length(audio)
    sounds = _sounds(mix_of(audio), stems)
    # One gain for all, so that they still add up: what lies beyond full scale would be clipped where it is played.
    gain = 1 / max(1.0, *map(peak, sounds.values()))
    rate_hz = _rate_hz(audio)
    with ThreadPoolExecutor(len(sounds)) as pool:
        streams = pool.map(lambda name: _stream(name, sounds[name], audio, gain, TARGET_BPS[name]), sounds)
        return ListeningCopy(streams=tuple(streams), sample_rate_hz=rate_hz, duration_s=audio.duration_s, gain=gain)


@view
def compress_mix(audio: Audio) -> MixCopy:
    """Compress the song in one stream, small enough to stand in a page beside others.

    Raises
    ------
    CannotMeasure
        The song lasts more than 20 minutes.
    """
    _check_length(audio)
    mix = mix_of(audio)
    gain = 1 / max(1.0, peak(mix))
    stream = _stream("mix", mix, audio, gain, SHARED_BPS)
    return MixCopy(streams=(stream,), sample_rate_hz=_rate_hz(audio), duration_s=audio.duration_s, gain=gain)


def _check_length(audio: Audio) -> None:
    if audio.duration_s > MAX_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_LONG, f"the song is longer than {MAX_DURATION_S / 60:.0f} minutes, too long to go into a page"
        )


def _rate_hz(audio: Audio) -> int:
    """Return the lowest rate of Opus that keeps all the song has, or all that there is room for."""
    most_hz = LONG_RATE_HZ if audio.duration_s > LONG_S else RATES_HZ[-1]
    wanted_hz = min(audio.sample_rate_hz, most_hz)
    return next(rate_hz for rate_hz in RATES_HZ if rate_hz >= wanted_hz)


def _sounds(mix: Float32s, stems: Stems | None) -> dict[Name, Float32s]:
    """Return the vocals and the accompaniment where they add up to the mix, else the mix: each (1 or 2, n)."""
    accompaniment = None if stems is None else stems.accompaniment
    if stems is not None and accompaniment is not None and _add_up(stems.vocals, accompaniment, mix):
        return {"vocals": stems.vocals, "accompaniment": accompaniment}
    return {"mix": mix}


def _add_up(vocals: Float32s, accompaniment: Float32s, mix: Float32s) -> bool:
    """Tell whether two sounds add up to a mix; those of a stem at another level, or out of time, do not."""
    return all(
        np.abs(vocals[:, part] + accompaniment[:, part] - mix[:, part]).max() <= SAME_WITHIN
        for part in slices(mix.shape[1])
    )


def _stream(name: Name, samples: Float32s, audio: Audio, gain: float, target_bps: int) -> Stream:
    rate_hz = _rate_hz(audio)
    if rate_hz != audio.sample_rate_hz:
        samples = resample(samples, audio.sample_rate_hz, rate_hz)
    return Stream(name=name, webm=_opus(samples, rate_hz, gain, target_bps))


def _opus(samples: Float32s, rate_hz: int, gain: float, target_bps: int) -> bytes:
    """Compress samples (channels, n) times a gain as Opus in a WebM file: the same bytes for the same samples."""
    import av

    layout = "stereo" if len(samples) == 2 else "mono"
    buffer = io.BytesIO()
    # Else the file would have a number of its own, drawn by chance.
    with av.open(buffer, "w", format="webm", options={"fflags": "+bitexact"}) as file:
        stream = file.add_stream("libopus", rate=rate_hz, layout=layout, options=ENCODER)
        stream.bit_rate = target_bps if len(samples) == 2 else round(MONO_SHARE * target_bps)
        done = 0
        for block in frames_in_blocks(samples):
            frame = av.AudioFrame.from_ndarray((block * np.float32(gain)).reshape(1, -1), format="flt", layout=layout)
            frame.sample_rate, frame.pts, frame.time_base = rate_hz, done, Fraction(1, rate_hz)
            done += len(block)
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return buffer.getvalue()
