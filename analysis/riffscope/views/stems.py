"""Stems: the vocals and the accompaniment, separated from the mix."""

import numpy as np

from riffscope.arrays import Float32s
from riffscope.dsp.downmix import cancels, downmix
from riffscope.dsp.resample import resample
from riffscope.dsp.voice.separation import RATE_HZ as MODEL_RATE_HZ
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Audio, Settings, VocalSource, value
from riffscope.models import store
from riffscope.steps import view

# A stem may be this much shorter or longer than its song: exports differ in their tails.
LENGTH_TOLERANCE_S = 3.0


@value
class Stems:
    """The song in two parts.

    Attributes
    ----------
    vocals : float32 array, shape (1 or 2, n)
        At `sample_rate_hz`; the mix itself where nothing was separated. More than two channels are mixed to one.
    accompaniment : float32 array of the same shape, or None
        What plays behind the voice: added to the vocals it gives the mix. None where nothing was separated; the mix
        where the user's stem does not line up with it.
    method : VocalSource
        What was listened to for the voice.
    """

    vocals: Float32s
    accompaniment: Float32s | None
    sample_rate_hz: int
    method: VocalSource

    def __post_init__(self) -> None:
        if (self.accompaniment is not None) != self.method.separated:
            raise ValueError("there is an accompaniment where the vocals were separated, and only there")

    @property
    def accompaniment_or_mix(self) -> Float32s:
        """What plays behind the voice, or the mix, voice and all, where nothing was separated."""
        return self.vocals if self.accompaniment is None else self.accompaniment


@view
def separate(audio: Audio, settings: Settings) -> Stems:
    """Take the voice out of the mix by the model, where it is installed, or by the stem that the user gave.

    Raises
    ------
    CannotMeasure
        The stem given is not as long as the song.

    References
    ----------
    Hennequin et al., "Spleeter: a fast and efficient music source separation tool with pre-trained models", Journal of
    Open Source Software 5(50), 2154, 2020 (2-stem weights, MIT).
    """
    mix = mix_of(audio)
    if settings.vocals is not None:
        return _from_stem(mix, audio.sample_rate_hz, settings.vocals)
    if settings.separator == "none" or (settings.separator == "auto" and store.where("spleeter") is None):
        return Stems(vocals=mix, accompaniment=None, sample_rate_hz=audio.sample_rate_hz, method=VocalSource.MIX)
    voice = _take_voice(mix, audio.sample_rate_hz)
    return _separated(voice, mix, audio.sample_rate_hz, VocalSource.SPLEETER)


def mix_of(audio: Audio) -> Float32s:
    """Return what is taken apart, (1 or 2, n): the song, mixed to one channel where it has more than two."""
    return audio.samples if len(audio.samples) <= 2 else downmix(audio.samples)[np.newaxis]


def _take_voice(mix: Float32s, rate_hz: int) -> Float32s:
    """Run the model over a mix (1 or 2, n) at its own rate, through stereo at 44.1 kHz and back.

    Where the channels cancel each other, what they have in common is heard alone as well: a band in antiphase drowns a
    voice in the middle in either channel, and is gone from their sum. The louder of the two voices is the voice.
    """
    from riffscope.models.spleeter import load_separator

    separate_stereo = load_separator()
    heard = mix if rate_hz == MODEL_RATE_HZ else resample(mix, rate_hz, MODEL_RATE_HZ)
    sides = heard if len(heard) == 2 else np.repeat(heard, 2, axis=0)
    voice = separate_stereo(sides)
    if cancels(sides):
        middle = separate_stereo(np.repeat(sides.mean(axis=0, keepdims=True, dtype=np.float32), 2, axis=0))
        voice = max(voice, middle, key=lambda found: float(np.square(found).sum(dtype=np.float64)))
    if len(mix) == 1:
        voice = voice.mean(axis=0, keepdims=True, dtype=np.float32)
    return voice if rate_hz == MODEL_RATE_HZ else _fit(resample(voice, MODEL_RATE_HZ, rate_hz), mix.shape[1])


def _from_stem(mix: Float32s, rate_hz: int, stem: Audio) -> Stems:
    """Take the user's own track of the voice; what it leaves of the mix is the accompaniment, where they line up."""
    length_s = mix.shape[1] / rate_hz
    if abs(stem.duration_s - length_s) > LENGTH_TOLERANCE_S:
        raise CannotMeasure(
            Absence.MISMATCH,
            f"the vocal stem lasts {stem.duration_s:.1f} s and the song {length_s:.1f} s (give the stem of this song)",
        )
    voice = (
        stem.samples if len(stem.samples) == len(mix) else stem.samples.mean(axis=0, keepdims=True, dtype=np.float32)
    )
    voice = _fit(resample(voice, stem.sample_rate_hz, rate_hz), mix.shape[1])
    voice = np.broadcast_to(voice, mix.shape)
    # A stem at another level, or out of time, would add itself to the mix rather than leave it.
    lines_up = np.square(mix - voice).sum(dtype=np.float64) < np.square(mix).sum(dtype=np.float64)
    if lines_up:
        return _separated(voice, mix, rate_hz, VocalSource.STEM)
    return Stems(vocals=_owned(voice), accompaniment=mix, sample_rate_hz=rate_hz, method=VocalSource.STEM)


def _separated(voice: Float32s, mix: Float32s, rate_hz: int, method: VocalSource) -> Stems:
    return Stems(vocals=_owned(voice), accompaniment=_owned(mix - voice), sample_rate_hz=rate_hz, method=method)


def _owned(samples: Float32s) -> Float32s:
    """Make an array that a value may keep without copying it."""
    own = samples if samples.base is None else samples.copy()
    own.flags.writeable = False
    return own


def _fit(samples: Float32s, length: int) -> Float32s:
    """Cut or lengthen with silence: (channels, m) -> (channels, length)."""
    return np.pad(samples[:, :length], ((0, 0), (0, max(0, length - samples.shape[1]))))
