"""Energy by semitone of what plays behind the voice: what riffs are read from."""

from riffscope.dsp.downmix import downmix
from riffscope.dsp.resample import resample
from riffscope.errors import CannotMeasure
from riffscope.model import value
from riffscope.steps import view
from riffscope.views.mono import INAUDIBLE, MONO_RATE_HZ, Mono
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram, semitone_spectrogram_of
from riffscope.views.stems import Stems


@value
class AccompanimentSpectrogram:
    """The held sound behind the voice on a grid of semitones.

    Attributes
    ----------
    semitones : Semitones
        Where nothing could take the voice out, that of the whole mix.
    method : str
        As of `riffscope.views.stems.Stems`.
    """

    semitones: SemitoneSpectrogram
    method: str


@view
def gather_accompaniment_spectrogram(stems: Stems, semitones: SemitoneSpectrogram) -> AccompanimentSpectrogram:
    """Gather the spectrum of the backing into semitones, as `SemitoneSpectrogram` does with the mix.

    Raises
    ------
    CannotMeasure
        Nothing can be heard, or nothing but the voice.
    """
    if not stems.apart:
        return AccompanimentSpectrogram(semitones=semitones, method=stems.method)
    samples = resample(downmix(stems.backing), stems.sample_rate_hz, MONO_RATE_HZ)
    if abs(samples).max(initial=0) < INAUDIBLE:
        raise CannotMeasure("nothing plays behind the voice")
    backing = Mono(samples=samples, sample_rate_hz=MONO_RATE_HZ)
    return AccompanimentSpectrogram(semitones=semitone_spectrogram_of(backing), method=stems.method)
