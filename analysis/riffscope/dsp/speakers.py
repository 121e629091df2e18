"""Speakers: where the loudspeaker of each channel stands, how much it weighs in loudness, how it is mixed down.

Conventions: a channel is named as in ITU-R BS.2051-3 and BS.775-4 (``L R C LFE Ls Rs``); azimuth in degrees to the left
of the front, elevation in degrees above the ears. Weights are of power for loudness, of amplitude for a downmix.

Source: ITU-R BS.1770-5 Annex 1 Table 3 and Annex 3 Table 4 (loudness), BS.775-4 Table 2 (downmix), BS.2051-3 (places).
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from riffscope.arrays import Float32s

MONO = ("C",)
STEREO = ("L", "R")
# What is said of a layout that the file does not name.
UNKNOWN = "unknown"


class _Place(NamedTuple):
    azimuth_degrees: float
    elevation_degrees: float = 0.0


_PLACES = {
    "C": _Place(0),
    "L": _Place(30),
    "R": _Place(-30),
    "Lc": _Place(15),
    "Rc": _Place(-15),
    "Lw": _Place(60),
    "Rw": _Place(-60),
    "Ls": _Place(110),
    "Rs": _Place(-110),
    "Lss": _Place(90),
    "Rss": _Place(-90),
    "Lrs": _Place(135),
    "Rrs": _Place(-135),
    "Cs": _Place(180),
    "Ltf": _Place(45, 45),
    "Ctf": _Place(0, 45),
    "Rtf": _Place(-45, 45),
    "Lts": _Place(90, 45),
    "Rts": _Place(-90, 45),
    "Ltr": _Place(135, 45),
    "Ctr": _Place(180, 45),
    "Rtr": _Place(-135, 45),
    "Ts": _Place(0, 90),
    "Lbf": _Place(45, -30),
    "Cbf": _Place(0, -30),
    "Rbf": _Place(-45, -30),
}
# Low-frequency channels have no place: they do not count for loudness, and no downmix has them.
_LOW = frozenset({"LFE", "LFE2"})
NAMES = frozenset({*_PLACES, *_LOW})

# BS.1770-5 Table 4: channels at the height of the ears and from 60 to 120 degrees off the front weigh 1.5 dB more.
_SIDE_WEIGHT = 1.41
_SIDES_DEGREES = (60, 120)
_LEVEL_WITHIN_DEGREES = 30

# What so many channels are taken for where the file does not say: the order of WAVE files, as other meters have it.
_BY_NUMBER = {
    1: MONO,
    2: STEREO,
    3: ("L", "R", "C"),
    4: ("L", "R", "Ls", "Rs"),
    5: ("L", "R", "C", "Ls", "Rs"),
    6: ("L", "R", "C", "LFE", "Ls", "Rs"),
    7: ("L", "R", "C", "LFE", "Cs", "Ls", "Rs"),
    8: ("L", "R", "C", "LFE", "Lrs", "Rrs", "Lss", "Rss"),
}


def usual_speakers(channels: int) -> tuple[str, ...]:
    """Return what so many channels mostly are, where nothing is said of them; of more than eight nothing is known."""
    return _BY_NUMBER.get(channels, ())


def name_of(speakers: Sequence[str]) -> str:
    """Return the name of a layout: ``mono``, ``stereo``, ``L R C LFE Ls Rs``, or ``unknown`` where there are none."""
    if len(speakers) == 1:
        return "mono"
    return "stereo" if tuple(speakers) == STEREO else " ".join(speakers) or UNKNOWN


def name_taken_for(speakers: Sequence[str], channels: int) -> str:
    """Return the same of what channels are taken for, known or not."""
    taken = speakers or usual_speakers(channels)
    return name_of(taken) if taken else f"{channels} channels, layout unknown, equal weights"


def loudness_weights(speakers: Sequence[str], channels: int) -> tuple[float, ...]:
    """Return how much the power of each channel weighs in loudness (BS.1770-5 Annex 1, eq. 2, and Annex 3).

    Of channels without names, those that so many mostly are; where there are none either, all weigh the same.
    """
    taken = speakers or usual_speakers(channels)
    # One channel is the whole song, whatever it is called.
    return tuple(map(_loudness_weight, taken)) if taken and channels > 1 else (1.0,) * channels


def _loudness_weight(speaker: str) -> float:
    if speaker in _LOW:
        return 0.0
    place = _PLACES[speaker]
    low, high = _SIDES_DEGREES
    at_side = low <= abs(place.azimuth_degrees) <= high and abs(place.elevation_degrees) < _LEVEL_WITHIN_DEGREES
    return _SIDE_WEIGHT if at_side else 1.0


def stereo_weights(speakers: Sequence[str], channels: int) -> Float32s:
    """Return how much of each channel goes into the left and the right of a downmix: (2, channels).

    The two rows add up to 2: stereo stays as it is, and no peak of the downmix is higher than those of the channels.
    Of more channels than are known, all go to both sides.
    """
    taken = speakers or usual_speakers(channels)
    if not taken or (channels > 1 and set(taken) <= _LOW):
        return np.full((2, channels), 1 / channels, np.float32)
    if channels == 1:
        return np.ones((2, 1), np.float32)
    sides = np.array([_sides(speaker) for speaker in taken]).T
    weights: Float32s = (2 * sides / sides.sum()).astype(np.float32)
    return weights


def mono_weights(speakers: Sequence[str], channels: int) -> Float32s:
    """Return how much of each channel goes into one: (channels,), with a sum of 1."""
    weights: Float32s = stereo_weights(speakers, channels).mean(axis=0)
    return weights


def _sides(speaker: str) -> tuple[float, float]:
    """Return the shares of a channel in left and right: BS.775-4 Table 2, and by its place where that has none."""
    if speaker in _LOW:
        return 0.0, 0.0
    azimuth, elevation = _PLACES[speaker]
    if speaker == "C":
        return 0.5**0.5, 0.5**0.5
    if abs(azimuth) in {0, 180}:
        return 0.5, 0.5
    share = 1.0 if abs(azimuth) <= 60 and elevation == 0 else 0.5**0.5
    return (share, 0.0) if azimuth > 0 else (0.0, share)
