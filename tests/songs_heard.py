"""Real sound for the tests: the bundled songs."""

import functools
from pathlib import Path

import numpy as np
import soundfile

from signals import audio_of

SAMPLES = Path(__file__).parents[1] / "samples"


@functools.cache
def song_excerpt(name="closet", start_s=12.0, duration_s=16.0):
    """A stretch of a bundled song in which there are voice, riff and drums."""
    with soundfile.SoundFile(SAMPLES / f"{name}.ogg") as file:
        file.seek(round(start_s * file.samplerate))
        samples = file.read(round(duration_s * file.samplerate), dtype="float32", always_2d=True)
        return audio_of(np.ascontiguousarray(samples.T), file.samplerate, name=f"{name}.ogg")
