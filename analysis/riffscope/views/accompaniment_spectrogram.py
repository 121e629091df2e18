"""Semitone spectrogram of the accompaniment, from which riffs are read where the vocals were separated.

Conventions: those of `riffscope.views.semitone_spectrogram`, with the accompaniment in place of the mix. Source: own.
"""

from riffscope.errors import Absence, CannotMeasure
from riffscope.model import VocalSource, value
from riffscope.steps import heavy_view
from riffscope.views.mono import INAUDIBLE, MONO_RATE_HZ, Mono
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram, semitone_spectrogram_of
from riffscope.views.stems import Stems


@value
class AccompanimentSpectrogram:
    """The harmonic part of the accompaniment on a grid of semitones.

    Attributes
    ----------
    semitones : SemitoneSpectrogram or None
        None where the vocals were not separated.
    method : VocalSource
        How they were.
    """

    semitones: SemitoneSpectrogram | None
    method: VocalSource


@heavy_view
def gather_accompaniment_spectrogram(stems: Stems) -> AccompanimentSpectrogram:
    """Gather the spectrum of the accompaniment into semitones, as `SemitoneSpectrogram` does with the mix.

    Raises
    ------
    CannotMeasure
        The vocals were separated, and nothing but them can be heard.
    """
    if not stems.method.separated:
        return AccompanimentSpectrogram(semitones=None, method=stems.method)
    samples = stems.accompaniment_downmix_at(MONO_RATE_HZ)
    if abs(samples).max(initial=0) < INAUDIBLE:
        raise CannotMeasure(Absence.NO_ACCOMPANIMENT, "no accompaniment was found")
    mono = Mono(samples=samples, sample_rate_hz=MONO_RATE_HZ)
    return AccompanimentSpectrogram(semitones=semitone_spectrogram_of(mono), method=stems.method)
