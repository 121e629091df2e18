"""Real sound for the tests: the bundled songs."""

import functools
from pathlib import Path

import numpy as np
import soundfile

from riffscope.model import Measured, VocalSource
from riffscope.views.listening_copy import compress
from riffscope.views.stems import Stems
from signals import audio_of, noise, sine

SAMPLES = Path(__file__).parents[1] / "samples"


@functools.cache
def song_excerpt(name="closet", start_s=12.0, duration_s=16.0):
    """A stretch of a bundled song in which there are voice, riff and drums."""
    with soundfile.SoundFile(SAMPLES / f"{name}.ogg") as file:
        file.seek(round(start_s * file.samplerate))
        samples = file.read(round(duration_s * file.samplerate), dtype="float32", always_2d=True)
        return audio_of(np.ascontiguousarray(samples.T), file.samplerate, name=f"{name}.ogg")


@functools.cache
def listening_copy(duration_s=24.0, *, apart=True):
    """A tone for the voice and noise for the accompaniment, compressed for a page as `make` returns it."""
    voice, band = sine(330, duration_s), noise(duration_s)
    audio = audio_of(np.stack([voice + band] * 2))
    parts = [np.stack([part] * 2).astype(np.float32) for part in (voice, band)]
    stems = Stems(vocals=parts[0], mix=sum(parts), sample_rate_hz=44100, method=VocalSource.STEM) if apart else None
    return Measured(value=compress(audio, stems), version=0, seconds=0.1)
