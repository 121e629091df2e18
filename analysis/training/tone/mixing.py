"""Solo voices laid over instrumentals: mixes of which the voice alone is known.

Level and room are drawn, always the same for the same voice and song. Where the voice lasts longer than the
instrumental it is cut, and the other way round.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.mixes.effects import add_room, amplitude, rms
from benchmarks.mixes.soundfont import RATE_HZ, Stereo
from benchmarks.mixes.spec import Reverb
from riffscope.arrays import Float32s
from riffscope.dsp.resample import resample
from riffscope.load import load
from riffscope.model import Audio, Source

LEVELS_DB = (-6.0, 6.0)
# One voice in three is dry; rooms are as wet and as large as those of `benchmarks.mixes`.
DRY_SHARE, WET_DB, RT60_S, PREDELAY_S = 1 / 3, (-20.0, -6.0), (0.4, 2.2), 0.02
# Instrumentals are heard from here on, for their first bars may be a solo.
FROM_S = 8.0
PEAK = 0.9


@dataclass(frozen=True, kw_only=True)
class Mix:
    """A mix, and the two parts that it is the sum of."""

    sound: Audio
    voice: Audio
    backing: Float32s


def mix_over(voice: Path, backing: Path) -> Mix:
    """Lay a voice over an instrumental."""
    rng = np.random.default_rng([zlib.crc32(voice.name.encode()), zlib.crc32(backing.name.encode())])
    sung, played = _stereo(voice), _stereo(backing)
    first = round(FROM_S * RATE_HZ) if len(played) > 2 * FROM_S * RATE_HZ else 0
    length = min(len(sung), len(played) - first)
    sung, played = sung[:length], played[first : first + length]
    level = amplitude(float(rng.uniform(*LEVELS_DB)))
    if rng.random() > DRY_SHARE:
        room = Reverb(wet_db=float(rng.uniform(*WET_DB)), rt60_s=float(rng.uniform(*RT60_S)), predelay_s=PREDELAY_S)
        sung = add_room(sung, room, rng)
    sung = sung * level * rms(played) / (rms(sung) + 1e-9)
    gain = PEAK / max(float(np.abs(sung + played).max()), 1e-9)
    parts = [np.ascontiguousarray((gain * part).T, np.float32) for part in (sung, played)]
    return Mix(
        sound=_audio(parts[0] + parts[1], f"{voice.stem} over {backing.stem}"),
        voice=_audio(parts[0], voice.stem),
        backing=parts[1],
    )


def _stereo(file: Path) -> Stereo:
    """Read a file as stereo at 44.1 kHz, (n, 2)."""
    sound = load(file)
    samples = resample(sound.samples[:2], sound.sample_rate_hz, RATE_HZ)
    both: Stereo = np.repeat(samples, 3 - len(samples), axis=0)[:2].T.astype(np.float64)
    return both


def _audio(samples: Float32s, name: str) -> Audio:
    channels, count = samples.shape
    source = Source(
        name=name, sha256="0" * 64, duration_s=count / RATE_HZ, sample_rate_hz=RATE_HZ, channels=channels, codec="pcm"
    )
    return Audio(samples=samples, sample_rate_hz=RATE_HZ, source=source)


def spread(voices: Sequence[Path], count: int, *, first: int) -> list[Path]:
    """Choose so many voices, beginning with another one for each song."""
    return [voices[(first + k) % len(voices)] for k in range(min(count, len(voices)))]
