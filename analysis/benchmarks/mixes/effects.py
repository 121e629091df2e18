"""What a mix goes through: levels, a room, pumping, loudness."""

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.arrays import Floats
from benchmarks.mixes.soundfont import RATE_HZ, Stereo
from benchmarks.mixes.spec import Reverb

KNEE, CEILING = 0.8, 0.97
ATTACK_S = 0.004
BLOCK = 65536
VORBIS_QUALITY = 0.6  # of libsndfile, counted down: q4


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What ffmpeg's meter (EBU R 128) reads; peaks to a tenth of a decibel."""

    integrated_lufs: float
    lra_lu: float
    true_peak_dbfs: float


def rms(samples: NDArray[np.float64]) -> float:
    """Return the effective value."""
    return float(np.sqrt(np.mean(np.square(samples))))


def decibels(ratio: float) -> float:
    """Return a ratio of amplitudes in decibels, -180 at the least."""
    return 20 * float(np.log10(max(ratio, 1e-9)))


def amplitude(level_db: float) -> float:
    """Return the ratio of amplitudes of a level in decibels."""
    return float(10 ** (level_db / 20))


def add_room(dry: Stereo, room: Reverb, rng: np.random.Generator) -> Stereo:
    """Return sound with a room around it: noise that dies away, different on both sides, (n, 2)."""
    count = int(1.2 * room.rt60_s * RATE_HZ)
    decay = np.exp(-np.arange(count) / RATE_HZ * 6.91 / room.rt60_s)
    response = rng.normal(0, 1, (count, 2)) * decay[:, None]
    response = np.pad(response, ((int(room.predelay_s * RATE_HZ), 0), (0, 0)))
    size = 1 << int(np.ceil(np.log2(len(dry) + len(response))))
    spectrum = np.fft.rfft(dry.mean(axis=1), size)
    sides = [np.fft.irfft(spectrum * np.fft.rfft(response[:, side], size), size)[: len(dry)] for side in (0, 1)]
    wet = np.stack(sides, axis=1)
    sound: Stereo = dry + wet * (rms(dry) / rms(wet)) * amplitude(room.wet_db)
    return sound


def pumping_gain(beats_s: Floats, count: int, *, depth_db: float, recovery_s: float) -> Floats:
    """Return the gain of a dip on every beat, (count,): -depth * exp(-time since / recovery) dB, reached in 4 ms."""
    times_s = np.arange(count) / RATE_HZ
    last = np.searchsorted(beats_s, times_s, side="right") - 1
    since_s = np.where(last >= 0, times_s - beats_s[np.maximum(last, 0)], 9.0)
    gain: Floats = 10 ** (-depth_db * np.exp(-since_s / recovery_s) * np.clip(since_s / ATTACK_S, 0, 1) / 20)
    return gain


def read_loudness(path: Path) -> Heard:
    """Read the loudness of a file with ffmpeg: another program than the one that is measured."""
    command = ["ffmpeg", "-nostdin", "-nostats", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    summary = told[told.rindex("Summary:") :]

    def read(name: str) -> float:
        found = re.search(rf"{name}:\s+(-?[\d.]+|-inf)", summary)
        if found is None:
            raise ValueError(f"ffmpeg told no {name}")
        return float(found[1])

    return Heard(integrated_lufs=read("I"), lra_lu=read("LRA"), true_peak_dbfs=read("Peak"))


def at_loudness(sound: Stereo, lufs: float, scratch: Path) -> Stereo:
    """Bring sound to a loudness, with peaks above .8 clipped softly; twice, since the clipping costs loudness.

    Parameters
    ----------
    scratch : Path
        A file to be measured, which is removed again.
    """
    sound = sound / np.abs(sound).max() * 0.9
    for _ in range(2):
        soundfile.write(scratch, sound, RATE_HZ, "FLOAT")
        sound = sound * amplitude(lufs - read_loudness(scratch).integrated_lufs)
        loud = np.abs(sound) > KNEE
        room = CEILING - KNEE
        sound[loud] = np.sign(sound[loud]) * (KNEE + room * np.tanh((np.abs(sound[loud]) - KNEE) / room))
    scratch.unlink()
    return sound


def write_vorbis(path: Path, sound: Stereo) -> None:
    """Write an Ogg Vorbis file, in blocks: libsndfile can crash on one long write."""
    with soundfile.SoundFile(
        path, "w", RATE_HZ, sound.shape[1], format="OGG", subtype="VORBIS", compression_level=VORBIS_QUALITY
    ) as file:
        for begin in range(0, len(sound), BLOCK):
            file.write(sound[begin : begin + BLOCK])
