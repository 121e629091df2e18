"""Small files of every kind that riffscope reads, made by script: what tests spoil, and what must be read as it is."""

import functools
import io
import zipfile

import numpy as np
import soundfile

from riffscope.codec import to_json
from signals import noise, sweep
from songs import example_song

SECONDS = 0.4
# By its name: what soundfile writes it as, ...
BY_SOUNDFILE = {
    "wav": ("WAV", "PCM_16"),
    "flac": ("FLAC", "PCM_16"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
    "ogg": ("OGG", "VORBIS"),
    "opus": ("OGG", "OPUS"),
    "aiff": ("AIFF", "PCM_16"),
    "w64": ("W64", "PCM_16"),
    "caf": ("CAF", "PCM_16"),
}
# ... or the container, the codec and the options that FFmpeg has for it.
BY_FFMPEG = {
    "m4a": ("mp4", "aac", {}),
    "m4a in pieces": ("mp4", "aac", {"movflags": "frag_keyframe+empty_moov"}),
    "alac": ("mp4", "alac", {}),
    "aac": ("adts", "aac", {}),
    "mka": ("matroska", "flac", {}),
    "wma": ("asf", "wmav2", {}),
}

CLAIMS = """
[loud]
text = "It is loud"
kind = "at_least"
measure = "loudness.integrated_lufs"
limit = -10

[round]
text = "The chorus goes round four chords"
kind = "chords_are"
chords = ["C#m", "A", "E", "B"]
scope = "chorus"
share = "80%"

[wide]
text = "Her range is wider than most"
kind = "above_reference"
measure = "vocal_range.span_semitones"
reference = "chart_melodies"
percentile = 75
"""
REFERENCE = """
[loudness]
about = "songs of mine"
measures = ["loudness.integrated_lufs"]
source = "my library"
years = "2020"
measured_on = "recordings"
songs = 20
quantiles = [[10, -15.0], [50, -12.0], [90, -9.0]]
"""
ARTICLE = """# Closet

The tempo is 92 BPM, and the song is in C minor. "The chorus is louder than the verse," she said.

- The voice spans an octave, from G3 to E♭4.
"""
SECTIONS = "0:00 intro\n0:10 verse\n0:20.5 chorus\n"


def sound(rate_hz=44100):
    """Tones that rise, over noise, in two channels."""
    return np.stack(
        [sweep(110 * k, 440 * k, SECONDS, rate_hz, amplitude=0.3) + noise(SECONDS, rate_hz, seed=k) for k in (1, 2)]
    ).astype(np.float32)


@functools.cache
def song(form):
    """Return a song of so many formats as bytes."""
    file = io.BytesIO()
    if form in BY_SOUNDFILE:
        container, subtype = BY_SOUNDFILE[form]
        rate_hz = 48000 if subtype == "OPUS" else 44100
        soundfile.write(file, sound(rate_hz).T, rate_hz, format=container, subtype=subtype)
        return file.getvalue()
    import av

    container, codec, options = BY_FFMPEG[form]
    with av.open(file, "w", format=container, options=options) as out:
        stream = out.add_stream(codec, rate=44100, layout="stereo")
        if codec in {"aac", "wmav2"}:
            stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(sound(), format="fltp", layout="stereo")
        frame.sample_rate = 44100
        frame.pts = 0
        kind = av.AudioFormat("s16" if codec == "flac" else stream.format.name)
        resampler = av.AudioResampler(format=kind, layout="stereo", rate=44100, frame_size=stream.frame_size or 1024)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            out.mux(stream.encode(part))
        out.mux(stream.encode(None))
    return file.getvalue()


SONGS = (*BY_SOUNDFILE, *BY_FFMPEG)


@functools.cache
def analysis():
    """Return a saved analysis as bytes."""
    return to_json(example_song())


@functools.cache
def archive():
    """Return an archive with one file of a model, whose content `MEMBER` knows."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("package/__init__.py", "")
        made.writestr("package/model.data", MODEL)
    return file.getvalue()


MODEL = bytes(range(256)) * 40
