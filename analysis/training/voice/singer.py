"""Whether somebody sings at all (`riffscope.analyzers.vocal_pitch`), by the cues and a network for voices together.

Constants
    ``SINGER_SEPARATED``, where the vocals were separated, and ``SINGER_IN_MIX``: the weights of what the network hears,
    of how much the pitch moves and of the share of the time that is likely sung, and the bias.
Data
    Songs annotated with a sung pitch, and songs without a voice (`python -m benchmarks.mixes --instrumental` renders
    such with all kinds of leads); speech is left out. Those of which too little is likely sung are refused before, and
    left out too.
Method
    Logistic regression over songs, singers and instruments as many as there are.
Prints
    ``found``: the share of songs that are taken for sung; ``refused``: of instrumentals that are not; ``Brier``: the
    mean square of what the probability is off.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers import vocal_pitch
from riffscope.arrays import Floats, Mask
from riffscope.views.voice_detection import VoiceDetection
from riffscope.views.voice_track import VoiceTrack
from training.common.constants import Constants
from training.common.features import run
from training.common.fitting import CannotFit, logistic
from training.common.report import Figures
from training.common.songs import Song, sung_at
from training.voice.singing import Listening


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What tells a singer.

    Attributes
    ----------
    signs : float64 array, shape (3,)
        As of `vocal_pitch.signs_of_singer`.
    is_sung : bool array, shape ()
        Whether somebody sings.
    """

    signs: Floats
    is_sung: Mask


def constant(separator: Listening) -> str:
    """Return the name of the constant that is used with a separator."""
    return "SINGER_IN_MIX" if separator == "none" else "SINGER_SEPARATED"


def read(song: Song, separator: Listening) -> Signs | None:
    """Gather what tells whether somebody sings."""
    if sung_at(song.item, np.zeros(1)) is None:
        return None
    made = run(song, [VoiceTrack, VoiceDetection], separator=separator)
    return signs_of(made[VoiceTrack], made[VoiceDetection], is_sung=_is_sung(song, made[VoiceTrack]))


def _is_sung(song: Song, track: VoiceTrack) -> bool:
    sung = sung_at(song.item, track.times_s)
    return sung is not None and bool(sung.any())


def signs_of(track: VoiceTrack, detection: VoiceDetection, *, is_sung: bool) -> Signs:
    """Return what tells a singer in a voice track, and whether there is one.

    Raises
    ------
    CannotMeasure
        Too little is likely sung.
    """
    voicing = vocal_pitch.find_voicing(track)
    contour = np.where(voicing.probability > vocal_pitch.CLAIMED, track.midi, np.nan)
    signs = vocal_pitch.signs_of_singer(contour, voicing.likely_share, detection)
    return Signs(signs=np.array(signs), is_sung=np.array(is_sung))


def learn(songs: Sequence[Signs], separator: Listening) -> Constants:
    """Fit weights and bias."""
    is_sung = np.array([bool(song.is_sung) for song in songs])
    if not is_sung.any() or is_sung.all():
        raise CannotFit("needs songs with and without a singer")
    weights, bias = logistic(np.stack([song.signs for song in songs]), is_sung, weights=np.ones(len(songs)))
    return {constant(separator): (*weights.tolist(), bias)}


def judge(song: Signs, constants: Constants) -> Figures:
    """Judge whether a song is taken for sung."""
    ((*weights, bias),) = (np.atleast_1d(each).tolist() for each in constants.values())
    probability = 1 / (1 + float(np.exp(-(float(song.signs @ np.array(weights)) + bias))))
    taken = probability >= vocal_pitch.LIKELIER_SUNG
    brier = {"Brier": (probability - bool(song.is_sung)) ** 2}
    return brier | ({"found": float(taken)} if song.is_sung else {"refused": float(not taken)})
