"""The weights that tell sung frames from others (`riffscope.dsp.voice.singing`).

Constants
    The weights and the bias of ``IN_MIX``, for a mix left whole, and of ``SEPARATED``, where the vocals were separated,
    which needs the voice-separation model (riffscope models get spleeter).
Data
    Songs annotated with the pitch of their voice; songs without one count as unsung throughout. Speech is left out,
    since it is told from song elsewhere.
Method
    Logistic regression over frames of 16 ms, every song counting the same, however long it is.
Prints
    ``area``: how often a sung frame of a song has higher odds than another one of it; ``log loss`` in nats, of all
    frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from riffscope.analyzers.vocal_pitch import cues_of
from riffscope.arrays import Floats, Mask
from riffscope.dsp.voice import singing
from riffscope.views.voice_track import VoiceTrack
from training.common.constants import Constants, number
from training.common.features import run
from training.common.fitting import CannotFit, area_under_curve, log_loss, logistic
from training.common.report import Figures
from training.common.songs import Song, sung_at

Listening = Literal["spleeter", "none"]
BIAS = "bias"


@dataclass(frozen=True, kw_only=True)
class Frames:
    """The frames of a song.

    Attributes
    ----------
    cues : float64 array, shape (n, 8) or (n, 4)
    sung : bool array, shape (n,)
    """

    cues: Floats
    sung: Mask


def cue_names(separator: Listening) -> tuple[str, ...]:
    """Return what the cues are called, in order."""
    return singing.CUES if separator == "none" else (*singing.CUES, *singing.SEPARATED_CUES)


def today(separator: Listening) -> Constants:
    """Return the package's weights and bias."""
    judgement = singing.IN_MIX if separator == "none" else singing.SEPARATED
    return dict(zip(cue_names(separator), judgement.weights.tolist(), strict=True)) | {BIAS: judgement.bias}


def read(song: Song, separator: Listening) -> Frames | None:
    """Gather the cues of a song's frames."""
    if sung_at(song.item, np.zeros(1)) is None:
        return None
    track = run(song, [VoiceTrack], separator=separator)[VoiceTrack]
    sung = sung_at(song.item, track.times_s)
    return None if sung is None else Frames(cues=cues_of(track), sung=sung)


def learn(songs: Sequence[Frames], separator: Listening) -> Constants:
    """Fit weights and bias."""
    if not songs:
        raise CannotFit("no song")
    weights = np.concatenate([np.full(song.sung.size, 1e4 / song.sung.size) for song in songs])
    cues, sung = (np.concatenate([getattr(song, name) for song in songs]) for name in ("cues", "sung"))
    slopes, bias = logistic(cues, sung, weights=weights)
    return dict(zip(cue_names(separator), slopes.tolist(), strict=True)) | {BIAS: bias}


def judge(song: Frames, constants: Constants) -> Figures:
    """Judge the probabilities of a song's frames."""
    weights = np.array([number(constants, name) for name in constants if name != BIAS])
    probability = singing.singing_probability(song.cues, singing.VoicingModel(weights, number(constants, BIAS)))
    return {"area": area_under_curve(probability, song.sung), "log loss": log_loss(probability, song.sung)}
