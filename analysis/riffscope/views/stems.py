"""Stems: the vocals and the accompaniment, separated from the mix.

Conventions: float32 (1 or 2, n) at the song's own sample rate; vocals and accompaniment add up to the mix, sample by
sample, except where the user's own stem does not line up with it. The accompaniment is as large as the song and only a
subtraction away, so it is not kept: it is made anew where it is asked for, of some samples at a time.

Source: Spleeter (`riffscope.models.spleeter`), where it is installed, or the vocal stem that the user gave.
"""

import functools
import logging
from collections.abc import Callable, Iterator

import numpy as np

from riffscope import long_arrays
from riffscope.arrays import Float32s
from riffscope.choices import Separator
from riffscope.dsp.blocks import Channel, Derived, slices
from riffscope.dsp.downmix import cancels, downmix_to_stereo, mean_of, weights_for_blocks
from riffscope.dsp.panning import is_mono, is_mono_in
from riffscope.dsp.resample import resample, resample_blocks
from riffscope.dsp.voice.separation import RATE_HZ as MODEL_RATE_HZ
from riffscope.errors import Absence, BadModel, CannotMeasure
from riffscope.long_arrays import copied, owns
from riffscope.model import Audio, Settings, VocalSource, value
from riffscope.models import store
from riffscope.steps import large_view

log = logging.getLogger(__name__)

# A stem may be this much shorter or longer than its song: exports differ in their tails. Chosen by hand.
LENGTH_TOLERANCE_S = 3.0


@value
class Stems:
    """The vocals and the accompaniment of a song.

    Attributes
    ----------
    vocals : float32 array, shape (1 or 2, n)
        At `sample_rate_hz`; the mix itself where nothing was separated.
    mix : float32 array of the same shape
        The song; more than two channels are mixed down to stereo.
    method : VocalSource
        Where the vocals are from.
    lines_up : bool
        Whether the vocals are in the mix, sample by sample: the user's own stem may be at another level, or out of
        time. Then the accompaniment is the whole mix.
    """

    vocals: Float32s
    mix: Float32s
    sample_rate_hz: int
    method: VocalSource
    lines_up: bool = True

    def __post_init__(self) -> None:
        if self.vocals.shape != self.mix.shape:
            raise ValueError(f"the vocals have shape {self.vocals.shape} and the mix {self.mix.shape}")

    @property
    def accompaniment(self) -> Float32s | None:
        """The mix minus the vocals, (1 or 2, n), made anew each time; None where nothing was separated."""
        return self._whole_accompaniment() if self.method.separated else None

    @property
    def accompaniment_or_mix(self) -> Float32s:
        """The accompaniment, or the whole mix where nothing was separated."""
        return self._whole_accompaniment() if self.method.separated else self.mix

    def _whole_accompaniment(self) -> Float32s:
        whole = long_arrays.empty(self.mix.shape)
        for part in slices(whole.shape[1]):
            whole[:, part] = self.accompaniment_in(part)
        return whole

    def has_mono_backing(self) -> bool:
        """Tell whether the accompaniment, or the mix where nothing was separated, is the same in both channels."""
        if not self.method.separated:
            return is_mono(self.mix)
        return is_mono_in(self.accompaniment_in(part) for part in slices(self.mix.shape[1]))

    def accompaniment_in(self, part: slice) -> Float32s:
        """Return some samples of the accompaniment, (1 or 2, k).

        Raises
        ------
        ValueError
            Nothing was separated.
        """
        if not self.method.separated:
            raise ValueError("there is no accompaniment where nothing was separated")
        samples: Float32s = self.mix[:, part]
        if self.lines_up:
            samples = samples - self.vocals[:, part]
        return samples

    def accompaniment_channels(self) -> Iterator[Channel]:
        """Give the accompaniment one channel at a time, (n,)."""
        return (
            Derived(count=self.mix.shape[1], read=functools.partial(self._accompaniment_of, channel))
            for channel in range(len(self.mix))
        )

    def _accompaniment_of(self, channel: int, part: slice) -> Float32s:
        """Return some samples of one channel of the accompaniment, (k,)."""
        samples: Float32s = self.mix[channel, part]
        return samples - self.vocals[channel, part] if self.lines_up else samples

    def accompaniment_at(self, rate_hz: int) -> Float32s:
        """Return the accompaniment at another sample rate, (1 or 2, n)."""
        count = self.mix.shape[1]
        for channel in range(len(self.mix)):
            blocks = (self.accompaniment_in(part)[channel] for part in slices(count))
            row = resample_blocks(blocks, self.sample_rate_hz, rate_hz, count=count)
            if channel == 0:
                out = long_arrays.empty((len(self.mix), row.size))
            out[channel] = row
        return out

    def accompaniment_downmix_at(self, rate_hz: int) -> Float32s:
        """Return the accompaniment in one channel, as `downmix` mixes it, at another sample rate: (n,)."""
        weights = weights_for_blocks(self.accompaniment_in(part) for part in slices(self.mix.shape[1]))
        mixed = (weights @ self.accompaniment_in(part) for part in slices(self.mix.shape[1]))
        return resample_blocks(mixed, self.sample_rate_hz, rate_hz, count=self.mix.shape[1])

    def accompaniment_as_one(self, mixed: Callable[[Float32s], Float32s]) -> Channel:
        """Return what a function makes of the accompaniment where it is read, sample by sample, (1 or 2, k) -> (k,)."""
        return Derived(count=self.mix.shape[1], read=lambda part: mixed(self.accompaniment_in(part)))


@large_view
def separate(audio: Audio, settings: Settings) -> Stems:
    """Separate the vocals from the accompaniment: with the model where it is installed, or with a stem that is given.

    Raises
    ------
    CannotMeasure
        The stem is not as long as the song.

    References
    ----------
    Hennequin et al., "Spleeter: a fast and efficient music source separation tool with pre-trained models", Journal of
    Open Source Software 5(50), 2154, 2020 (2-stem weights, MIT).
    """
    mix = mix_of(audio)
    if settings.vocals is not None:
        return _from_stem(mix, audio.sample_rate_hz, settings.vocals)
    vocals = _separate_if_possible(mix, audio.sample_rate_hz, settings) if separates(settings.separator) else None
    if vocals is None:
        return Stems(vocals=mix, mix=mix, sample_rate_hz=audio.sample_rate_hz, method=VocalSource.MIX)
    return Stems(vocals=_owned(vocals), mix=mix, sample_rate_hz=audio.sample_rate_hz, method=VocalSource.SPLEETER)


def _separate_if_possible(mix: Float32s, rate_hz: int, settings: Settings) -> Float32s | None:
    """Return the vocals that the model finds; None where it was damaged, and was not asked for."""
    try:
        return _separate_by_model(mix, rate_hz)
    except BadModel as why:
        if settings.separator != "auto":
            raise
        log.warning("the full mix is heard instead: %s", why)
        return None


def separates(separator: Separator) -> bool:
    """Tell whether a separator takes the vocals out of the mix on this machine."""
    return separator == "spleeter" or (separator == "auto" and store.where("spleeter") is not None)


def mix_of(audio: Audio) -> Float32s:
    """Return what is separated, (1 or 2, n): the song, mixed down to stereo where it has more than two channels."""
    return audio.samples if len(audio.samples) <= 2 else _owned(downmix_to_stereo(audio.samples, audio.speakers))


def _separate_by_model(mix: Float32s, rate_hz: int) -> Float32s:
    """Return the vocals that the model finds in a mix (1 or 2, n); it runs in stereo at its own rate, 44.1 kHz.

    Where the channels cancel each other, it also hears their downmix: a band in antiphase drowns a voice in the centre
    in either channel, and is gone from their sum. Of the two results the louder one is taken.
    """
    from riffscope.models.spleeter import load_separator

    separate_stereo = load_separator()
    resampled = mix if rate_hz == MODEL_RATE_HZ else resample(mix, rate_hz, MODEL_RATE_HZ)
    stereo = np.broadcast_to(resampled, (2, resampled.shape[1]))
    vocals = separate_stereo(stereo)
    if cancels(stereo):
        from_downmix = separate_stereo(np.broadcast_to(mean_of(stereo), stereo.shape))
        vocals = max(vocals, from_downmix, key=_energy)
    if len(mix) == 1:
        vocals = mean_of(vocals)
    return vocals if rate_hz == MODEL_RATE_HZ else _fit(resample(vocals, MODEL_RATE_HZ, rate_hz), mix.shape[1])


def _from_stem(mix: Float32s, rate_hz: int, stem: Audio) -> Stems:
    """Take the user's own vocal stem; where it lines up with the mix, the mix minus the stem is the accompaniment."""
    length_s = mix.shape[1] / rate_hz
    if abs(stem.duration_s - length_s) > LENGTH_TOLERANCE_S:
        raise CannotMeasure(
            Absence.MISMATCH,
            f"the vocal stem lasts {stem.duration_s:.1f} s and the song {length_s:.1f} s (give the stem of this song)",
        )
    vocals = mix_of(stem)
    if len(vocals) != len(mix):
        vocals = mean_of(vocals)
    vocals = _fit(resample(vocals, stem.sample_rate_hz, rate_hz), mix.shape[1])
    vocals = np.broadcast_to(vocals, mix.shape)
    # A stem at another level, or out of time, would add itself to the mix rather than leave it.
    left = sum(float(np.square(mix[:, part] - vocals[:, part]).sum(dtype=np.float64)) for part in slices(mix.shape[1]))
    lines_up = left < _energy(mix)
    return Stems(vocals=_owned(vocals), mix=mix, sample_rate_hz=rate_hz, method=VocalSource.STEM, lines_up=lines_up)


def _energy(samples: Float32s) -> float:
    """Return the sum of the squares of samples (channels, n)."""
    return sum(float(np.square(samples[:, part]).sum(dtype=np.float64)) for part in slices(samples.shape[1]))


def _owned(samples: Float32s) -> Float32s:
    """Make an array that a value may keep without copying it."""
    own = samples if owns(samples) else copied(samples)
    own.flags.writeable = False
    return own


def _fit(samples: Float32s, length: int) -> Float32s:
    """Cut or lengthen with silence: (channels, m) -> (channels, length)."""
    if samples.shape[1] == length:
        return samples
    fitted = long_arrays.zeros((len(samples), length))
    fitted[:, : samples.shape[1]] = samples[:, :length]
    return fitted
