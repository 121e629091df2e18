"""Energy by semitone of what plays behind the voice: what riffs are read from."""

from riffscope.dsp.phase import mix_to_one
from riffscope.dsp.resample import resample
from riffscope.errors import CannotMeasure
from riffscope.model import value
from riffscope.steps import view
from riffscope.views.mono import INAUDIBLE, MONO_RATE_HZ, Mono
from riffscope.views.semitones import Semitones, semitones_of
from riffscope.views.stems import Stems


@value
class BackingSemitones:
    """The held sound behind the voice on a grid of semitones.

    Attributes
    ----------
    semitones : Semitones
        Where nothing could take the voice out, that of the whole mix.
    method : str
        As of `riffscope.views.stems.Stems`.
    """

    semitones: Semitones
    method: str


@view
def gather_backing_semitones(stems: Stems, semitones: Semitones) -> BackingSemitones:
    """Gather the spectrum of the backing into semitones, as `Semitones` does with the mix.

    Raises
    ------
    CannotMeasure
        Nothing can be heard, or nothing but the voice.
    """
    if not stems.apart:
        return BackingSemitones(semitones=semitones, method=stems.method)
    samples = resample(mix_to_one(stems.backing), stems.sample_rate_hz, MONO_RATE_HZ)
    if abs(samples).max(initial=0) < INAUDIBLE:
        raise CannotMeasure("nothing plays behind the voice")
    backing = Mono(samples=samples, sample_rate_hz=MONO_RATE_HZ)
    return BackingSemitones(semitones=semitones_of(backing), method=stems.method)
