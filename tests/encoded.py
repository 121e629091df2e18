"""Files of known sound, written by PyAV or byte by byte: containers, clocks and layouts of every kind."""

import struct
from fractions import Fraction

import av
import numpy as np
import pytest

RATE_HZ = 48000
# Samples of a frame that any encoder takes.
BLOCK = 960


def bursts(duration_s, rate_hz=RATE_HZ, channels=2, hz=440.0):
    """Short tones, one each half second from the very start, float32 (channels, n)."""
    t = np.arange(round(duration_s * rate_hz)) / rate_hz
    tone = 0.4 * np.sin(2 * np.pi * hz * t) * (t % 0.5 < 0.1)
    return np.tile(tone, (channels, 1)).astype(np.float32)


def onsets_s(samples, rate_hz, above=0.1):
    """Where it begins to sound after at least 0.2 s of silence."""
    loud = np.flatnonzero(np.abs(samples).max(axis=0) > above) / rate_hz
    return loud[np.diff(loud, prepend=-1.0) > 0.2]


def needs(codec):
    """Skip a test where PyAV was built without an encoder."""
    try:
        av.Codec(codec, "w")
    except (ValueError, av.FFmpegError):
        pytest.skip(f"PyAV has no encoder for {codec} here")


def write_av(
    path, samples, codec, *, rate_hz=RATE_HZ, layout="stereo", starts_s=0.0, pauses=(), video_s=0.0, container=None,
    options=None, tags=None,
):  # fmt: skip
    """Encode samples (channels, n) with a clock of its own.

    Parameters
    ----------
    starts_s : float
        The time of the first sample.
    pauses : pairs (at_s, lasts_s)
        From that moment of the sound on, everything is later by so much.
    video_s : float
        So long a black picture goes with it, from 0 on.
    """
    needs(codec)
    with av.open(str(path), "w", format=container, options=options or {}) as file:
        file.metadata.update(tags or {})
        picture = None
        if video_s:
            needs("mpeg4")
            picture = file.add_stream("mpeg4", rate=10)
            picture.width = picture.height = 64
            picture.pix_fmt = "yuv420p"
        stream = file.add_stream(codec, rate=rate_hz, layout=layout)
        formats = [one.name for one in stream.codec_context.codec.audio_formats or ()]
        wanted = next((name for name in ("fltp", "flt", "s16p", "s16", "s32") if name in formats), "s16")
        convert = av.AudioResampler(format=wanted, layout=layout, rate=rate_hz)
        for number in range(round(video_s * 10)):
            shown = av.VideoFrame(64, 64, "yuv420p")
            shown.pts, shown.time_base = number, Fraction(1, 10)
            file.mux(picture.encode(shown))
        if picture is not None:
            file.mux(picture.encode(None))
        size = stream.codec_context.frame_size or BLOCK
        fifo, first = av.AudioFifo(), True
        for start in range(0, samples.shape[1], BLOCK):
            block = np.ascontiguousarray(samples[:, start : start + BLOCK])
            frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
            frame.sample_rate, frame.time_base, frame.pts = rate_hz, Fraction(1, rate_hz), start
            for converted in convert.resample(frame):
                converted.pts = start
                fifo.write(converted)
            while fifo.samples >= size or (fifo.samples and start + BLOCK >= samples.shape[1]):
                out = fifo.read(size, partial=True)
                at_s = out.pts / rate_hz
                late_s = starts_s + sum(lasts_s for pause_s, lasts_s in pauses if at_s >= pause_s)
                out.pts += round(late_s * rate_hz)
                out.time_base = Fraction(1, rate_hz)
                file.mux(stream.encode(out))
                first = False
        assert not first
        file.mux(stream.encode(None))
    return path


def wave(samples, *, rate_hz=RATE_HZ, mask=None, order="<"):
    """The bytes of a 16-bit WAVE of samples (channels, n); with a mask it is a WAVEFORMATEXTENSIBLE."""
    channels = len(samples)
    data = np.round(samples.T * 32767).astype(f"{order}i2").tobytes()
    head = struct.pack(f"{order}HIIHH", channels, rate_hz, 2 * channels * rate_hz, 2 * channels, 16)
    if mask is None:
        form = struct.pack(f"{order}H", 1) + head
    else:
        guid = struct.pack("<IHH", 1, 0, 16) + b"\x80\0\0\xaa\0\x38\x9b\x71"
        form = struct.pack("<H", 0xFFFE) + head + struct.pack("<HHI", 22, 16, mask) + guid
    chunks = b"fmt " + struct.pack(f"{order}I", len(form)) + form + b"data" + struct.pack(f"{order}I", len(data)) + data
    kind = b"RIFF" if order == "<" else b"RIFX"
    return kind + struct.pack(f"{order}I", 4 + len(chunks)) + b"WAVE" + chunks
