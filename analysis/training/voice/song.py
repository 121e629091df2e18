"""What tells a song from an instrumental (`riffscope.analyzers.vocal_pitch`).

Constants
    ``SONG_SEPARATED``, where the vocals were separated, and ``SONG_IN_MIX``: the share of the time that must be likely
    sung, and how much the pitch must move, in semitones a second, where long notes prevail and elsewhere.
Data
    Songs annotated with a sung pitch, and songs without a voice; speech is left out.
Method
    Three limits, each the one that tells most songs and most instrumentals rightly, both counting the same; those of
    movement over the songs of which enough is likely sung.
Prints
    ``found``: the share of songs that are taken for sung; ``refused``: of instrumentals that are not.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from riffscope.analyzers import vocal_pitch
from riffscope.analyzers.vocal_pitch import SignsOfSong
from riffscope.arrays import Floats, Mask
from riffscope.dsp.voice import singing
from riffscope.views.voice_track import VoiceTrack
from training.common.constants import Constants, tried
from training.common.features import run
from training.common.fitting import CannotFit, best_threshold
from training.common.report import Figures
from training.common.songs import Song, sung_at
from training.voice.singing import Listening

ANYTHING = SignsOfSong(0.0, 0.0, 0.0)


@dataclass(frozen=True, kw_only=True)
class Signs:
    """What tells a song.

    Attributes
    ----------
    share : float64 array, shape ()
        Of the time that is likely sung.
    movement : float64 array, shape ()
        Of the pitch, in semitones a second, less what short notes must have on top.
    holds_long, is_sung : bool arrays, shape ()
        Whether long notes prevail, and whether somebody sings.
    """

    share: Floats
    movement: Floats
    holds_long: Mask
    is_sung: Mask


def constant(separator: Listening) -> str:
    """Return the name of the constant that is used with a separator."""
    return "SONG_IN_MIX" if separator == "none" else "SONG_SEPARATED"


def read(song: Song, separator: Listening) -> Signs | None:
    """Gather what tells whether somebody sings."""
    if sung_at(song.item, np.zeros(1)) is None:
        return None
    track = run(song, [VoiceTrack], separator=separator)[VoiceTrack]
    sung = sung_at(song.item, track.times_s)
    with tried(vocal_pitch, {constant(separator): ANYTHING}):
        probability = vocal_pitch.find_voicing(track).probability
    judgement = singing.IN_MIX if separator == "none" else singing.SEPARATED
    each = singing.singing_probability(vocal_pitch.cues_of(track), judgement)
    contour = np.where(probability > vocal_pitch.CLAIMED, track.midi, np.nan)

    def held(seconds: float) -> float:
        return singing.held_share(contour, shortest=round(seconds / singing.FRAME_S))

    short_of_held = max(0.0, vocal_pitch.SHORT_NOTES_BELOW - held(vocal_pitch.HELD_S))
    glides = vocal_pitch.GLIDES_BETWEEN_SEMITONES_PER_S * short_of_held
    return Signs(
        share=np.array((each > vocal_pitch.GATE).mean()),
        movement=np.array(singing.mean_movement(contour) - glides),
        holds_long=np.array(held(vocal_pitch.LONG_NOTE_S) > vocal_pitch.LONG_NOTES_PREVAIL),
        is_sung=np.array(sung is not None and bool(sung.any())),
    )


def learn(songs: Sequence[Signs], separator: Listening) -> Constants:
    """Fit the three limits; where there are no two kinds of song to tell by movement, that limit stays as it is."""
    if not songs:
        raise CannotFit("no song")
    share, movement = (np.array([float(getattr(song, name)) for song in songs]) for name in ("share", "movement"))
    holds_long, is_sung = (
        np.array([bool(getattr(song, name)) for song in songs]) for name in ("holds_long", "is_sung")
    )
    least = best_threshold(share, is_sung)
    limits = list(getattr(vocal_pitch, constant(separator)))
    for place, kind in ((1, holds_long), (2, ~holds_long)):
        asked = kind & (share >= least)
        if is_sung[asked].any() and not is_sung[asked].all():
            limits[place] = best_threshold(movement[asked], is_sung[asked])
    return {constant(separator): (least, limits[1], limits[2])}


def judge(song: Signs, constants: Constants) -> Figures:
    """Judge whether a song is taken for sung."""
    (limits,) = constants.values()
    least, on_long_notes, otherwise = np.atleast_1d(limits).tolist()
    taken = bool(song.share >= least) and bool(song.movement >= (on_long_notes if song.holds_long else otherwise))
    return {"found": float(taken)} if song.is_sung else {"refused": float(not taken)}
