"""Vocal tone: breath noise, how dry the voice was recorded, and how far it stands in front of the accompaniment.

Conventions: all three are in dB or LU, each with its 90% range. Each is a linear
regression on readings of the voice, fitted on rendered songs of which it is known how loud the voice is, and whether it
is breathy and dry (``analysis/training/tone/fit.py``). Of breath and room the regression gives log odds, brought to the
scale of the measure by a factor: a range ends where the odds are 19 to 1.

Source: own; the papers stand with the readings, in `riffscope.dsp.voice.breath`, `riffscope.dsp.voice.room` and
`riffscope.dsp.voice.prominence`.
"""

import functools
import math
from typing import Annotated, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riffscope.analyzers.vocal_pitch import CLAIMED, STEP_S, VocalPitch
from riffscope.arrays import Float32s, Floats
from riffscope.dsp.blocks import Channel, Derived, slices
from riffscope.dsp.panning import along, beside, derived, is_mono_in, main_angle
from riffscope.dsp.voice.breath import excess, read_noise
from riffscope.dsp.voice.prominence import MAX_DB, read_prominence
from riffscope.dsp.voice.room import answer_db, frame_times_s, partials_at, read_tails, spectra_of
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Estimate, VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import DB, LU, SECONDS, Said
from riffscope.views.stems import Stems

Scalar = TypeVar("Scalar", bound=np.generic)

# With less singing than this there is no tone to measure. Chosen by hand, not fitted.
MIN_SUNG_S = 1.0

# Loudness is read this often: frames with gaps between them give about the same, over a song, at a fraction of the
# cost. Chosen for speed ...
LOUDNESS_HOP_S = 0.1
# ... as is the largest number of them: long songs are read less often.
MAX_LOUDNESS_FRAMES = 600

# Breath is read from sung frames this far from either end, where consonants are ...
BREATH_MARGIN_S = 0.03
# ... this often ...
BREATH_HOP_S = 0.02
# ... from at most so many frames, for speed ...
MAX_BREATH_FRAMES = 1000
# ... and from so many at least. All four chosen by hand, not fitted.
MIN_BREATH_FRAMES = 20

# The room is read from the stretch of this length in which most is sung: longer ones tell no more. For speed.
MAX_ROOM_S = 60.0

# Readings count within these limits, in dB, beyond which they say no more. Chosen by hand: stems that have lost the
# voice read far below its partials ...
STEMS_BELOW_PARTIALS_DB = 6.0
# ... no song of the fit has a voice farther in front, or behind ...
MAX_RATIO_DB = 15.0
# ... an answer of 2 dB is a room for certain, and how much more it is depends on the accompaniment ...
MAX_ANSWER_DB = 2.0
# ... tails fall into what else sounds ...
MIN_TENTH_DB, MIN_QUARTER_DB = -40.0, -35.0
# ... vocals 10 dB below the accompaniment hide their room for the most part, and from 6 dB above it on they show it.
LEVEL_OF_ROOM_DB = (-10.0, 6.0)

# All that follows was fitted on 195 rendered songs (analysis/training/tone/fit.py), in 60 of which more voices are dry,
# breathy or in mono than usual. What is said to be told is of songs held back, one set at a time.
# Noise of clear voices at 200 Hz, by the bands of `riffscope.dsp.voice.breath`, as if each were as loud as the low
# ones, ...
CLEAR_DB = np.array([-42.30, -38.74, -37.70, -30.97, -22.98, -16.76, -12.54, -9.33, -6.82, -5.62])
# ... how it changes with the octave, for the higher the voice, the farther its partials lie apart, ...
CLEAR_DB_PER_OCTAVE = np.array([-8.98, -8.36, -7.82, -7.86, -6.38, -4.75, -3.90, -2.03, -2.35, -1.81])
# ... and with each dB by which the partials of the band are louder: what hiss there is stands out less from them, ...
CLEAR_DB_PER_DB = np.array([-0.921, -0.350, -0.510, -0.275, -0.095, 0.051, 0.042, 0.031, 0.025, 0.007])
# ... and its standard deviation over singers and songs.
CLEAR_SPREAD_DB = np.array([5.05, 4.01, 4.51, 5.37, 4.64, 4.57, 5.28, 2.68, 2.87, 1.64])

# Weights of what `Prominence` has as `partials`, `typical`, `frame`, `stems` and `backing`, and of a mono file, in
# which the accompaniment has lost what is out of phase; last the value where all are 0, ...
SEPARATED_LEVEL = np.array([-0.712, 0.606, -0.290, 0.118, 1.261, -1.010, -0.018])
# ... and how far to either side the truth lies in nine songs of ten. Of voices 1.5 LU or more to either side of 0,
# 78 % are told, all of them rightly.
SEPARATED_LEVEL_REACH_LU = 2.34
# The same without stems: 51 % are told.
MIX_LEVEL = np.array([0.531, 0.900, -0.394, -0.622, 0.675])
MIX_LEVEL_REACH_LU = 3.33
# Weights of the answer of the room, the quieter tails and the level of the stems. A dry voice has no answer; a wet one
# that is hidden has none either, so that a low voice is not called dry. 70 % of stereo and mono songs are told, 99 % of
# them rightly.
SEPARATED_ROOM = np.array([-5.528, -0.195, 0.410, 21.154])
# Weights of the tenth and the quarter of the tails, and of the level of the stems.
MONO_ROOM = np.array([-1.076, -0.073, 0.285, -9.253])
# As `SEPARATED_ROOM`: in a mix the accompaniment has a room of its own, and nothing is told for certain.
MIX_ROOM = np.array([-1.947, -0.185, -0.079, 19.763])
# Weights of the noise beyond that of clear voices, of how sure it is, for what is surely no noisier is clear, and of
# the noise of the lowest band, which is not breath but what adds to all bands. 56 % are told, 99 % of them rightly;
# where the accompaniment hides the voice nothing is.
SEPARATED_BREATH = np.array([3.449, -1.912, -2.728, -20.568])
# In a mix all frames count, and the noise of the accompaniment with them: nothing is told for certain.
MIX_BREATH = np.array([0.741, 0.000, 0.000, -24.586])

# How much dryness and noise go with a factor of e in the odds, so that dryness is that of the rooms rendered, and noise
# that of voices alone. In a mix the same evidence says less of the voice.
SEPARATED_ROOM_SCALE_DB, MIX_ROOM_SCALE_DB = 1.25, 2.5
SEPARATED_BREATH_SCALE_DB, MIX_BREATH_SCALE_DB = 1.8, 3.0

# Beyond these limits a value says no more. A room 40 dB below its voice is none ...
MAX_DRYNESS_DB = 40.0
# ... noise 40 dB below the partials drowns in what else sounds, ...
MIN_NOISE_DB = -40.0
# ... noise above the partials is no voice. All chosen by hand.
MAX_NOISE_DB = 0.0


@value
class VocalTone:
    """How breathy, dry and loud the voice is.

    Attributes
    ----------
    breathiness_db : Estimate or None
        Noise between the partials against the partials, 1 to 4 kHz, that the voice would show alone in held notes:
        about -25 dB for a clear voice, -10 dB for a breathy one. None where too little is held.
    dryness_db : Estimate or None
        Level of the voice over the reverberation around it: 5 to 20 dB in rooms and halls, 25 dB and more for a dry
        voice. None where too few notes end, or nothing tells it.
    forwardness_lu : Estimate
        Vocal-to-accompaniment ratio: level of the lead and its doubles minus that of the accompaniment, while someone
        sings; of their powers, not weighted.
    method : VocalSource
        What was listened to.
    """

    breathiness_db: (
        Annotated[
            Estimate,
            DB,
            Said(one="Breath noise is at {} against the voice's tone", subject="", more="breathier", less="clearer"),
        ]
        | None
    )
    dryness_db: (
        Annotated[
            Estimate,
            DB,
            "voice over its room",
            Said(one="The voice stands {} above its room sound", subject="", more="drier", less="wetter"),
        ]
        | None
    )
    forwardness_lu: Annotated[
        Estimate,
        LU,
        "vocal-to-accompaniment ratio",
        Said(
            one="The voice is at {} against the accompaniment",
            subject="the voice",
            more="further forward",
            less="further back",
            signed=True,
        ),
    ]
    method: Annotated[VocalSource, "voice from"]

    @property
    def summary(self) -> str:
        """The result in one line."""
        ratio = self.forwardness_lu
        parts = [
            f"voice {LU.format(ratio.value, signed=True)} against the accompaniment "
            f"(90% range {LU.number(ratio.low, signed=True)} to {LU.number(ratio.high, signed=True)})"
        ]
        for name, found in (("breath noise", self.breathiness_db), ("voice over its room", self.dryness_db)):
            if found is not None:
                parts.append(f"{name} {DB.format(found.value)} ({DB.number(found.low)} to {DB.number(found.high)})")
        return "; ".join(parts)


class Readings(NamedTuple):
    """What is read of a voice, as the regressions take it.

    Attributes
    ----------
    level : float64 array
        `SEPARATED_LEVEL` says of what, or `MIX_LEVEL`.
    beyond_db : float
        By how much the level lies beyond what the songs of the fit have.
    room : float64 array or None
        `SEPARATED_ROOM` says of what, or `MONO_ROOM`, or `MIX_ROOM`.
    breath : float64 array or None
        `SEPARATED_BREATH` says of what.
    stereo : bool
    """

    level: Floats
    beyond_db: float
    room: Floats | None
    breath: Floats | None
    stereo: bool


@analyzer(version=4, heavy=True)
def measure_vocal_tone(stems: Stems, pitch: VocalPitch) -> VocalTone:
    """Measure breath noise, dryness and level of the voice.

    Raises
    ------
    CannotMeasure
        Less than a second is sung.

    Notes
    -----
    Breath noise differs more between singers and vowels than between ways of singing, so it compares two songs by one
    singer better than two singers. Harmonies in a room may be taken for breath. Echo and chorus effects count as a
    room. In a mono file only the tails of notes show the room, and a long release is taken for one; without separation
    a mono file shows nothing of it. A small dry room cannot be told from a close microphone, nor a quiet singer from a
    low fader. A vocal stem is compared at its own level, even where the mix has it louder or quieter.
    """
    found = read_tone(stems, pitch)
    separated = stems.method.separated
    if separated:
        level, level_reach_lu = SEPARATED_LEVEL, SEPARATED_LEVEL_REACH_LU
        room, room_scale_db = SEPARATED_ROOM if found.stereo else MONO_ROOM, SEPARATED_ROOM_SCALE_DB
        breath, breath_scale_db = SEPARATED_BREATH, SEPARATED_BREATH_SCALE_DB
    else:
        level, level_reach_lu = MIX_LEVEL, MIX_LEVEL_REACH_LU
        room, room_scale_db = MIX_ROOM, MIX_ROOM_SCALE_DB
        breath, breath_scale_db = MIX_BREATH, MIX_BREATH_SCALE_DB
    return VocalTone(
        breathiness_db=None
        if found.breath is None
        else _estimate(_regress(found.breath, breath), math.log(19) * breath_scale_db, MIN_NOISE_DB, MAX_NOISE_DB),
        dryness_db=None
        if found.room is None
        else _estimate(_regress(found.room, room), math.log(19) * room_scale_db, 0.0, MAX_DRYNESS_DB),
        forwardness_lu=_estimate(_regress(found.level, level) + found.beyond_db, level_reach_lu, -MAX_DB, MAX_DB),
        method=stems.method,
    )


def read_tone(stems: Stems, pitch: VocalPitch) -> Readings:
    """Read a voice.

    Raises
    ------
    CannotMeasure
        Less than a second is sung.
    """
    sung = pitch.sung & (pitch.voiced_probability > CLAIMED)
    if sung.sum() * STEP_S < MIN_SUNG_S:
        raise CannotMeasure(
            Absence.TOO_LITTLE, f"too little singing was found to judge its tone (needs {SECONDS.given(MIN_SUNG_S)})"
        )
    rate_hz = stems.sample_rate_hz
    times_s = _spread(pitch.times_s[sung], round(LOUDNESS_HOP_S / STEP_S), MAX_LOUDNESS_FRAMES)
    separated = stems.method.separated
    played = stems.accompaniment_channels() if separated else None
    level = read_prominence(stems.vocals, played, rate_hz, times_s, _pitch_at(pitch, times_s))
    blocks = slices(stems.mix.shape[1])
    stereo = not is_mono_in(
        stems.mix[:, at] if stems.lines_up else stems.vocals[:, at] + stems.mix[:, at] for at in blocks
    )
    ratios = [level.partials, level.typical, level.frame]
    if level.stems is not None:
        ratios += [max(level.stems, level.partials - STEMS_BELOW_PARTIALS_DB), level.backing]
    ratio_db = level.partials if level.stems is None else level.stems
    angle = main_angle(stems.vocals, pitch.sung) if stereo else None
    voice = derived(stems.vocals, functools.partial(_voice, angle=angle))
    return Readings(
        level=np.append(np.clip(ratios, -MAX_RATIO_DB, MAX_RATIO_DB), 0.0 if stereo else 1.0),
        beyond_db=ratio_db - min(max(ratio_db, -MAX_RATIO_DB), MAX_RATIO_DB),
        room=_read_room(stems, voice, angle, pitch, ratio_db),
        breath=_read_breath(stems, voice, angle, pitch),
        stereo=stereo,
    )


def _read_room(stems: Stems, voice: Channel, angle: float | None, pitch: VocalPitch, level_db: float) -> Floats | None:
    """Read what tells the room: of a stereo song how it answers, and how notes end where they can be heard."""
    rate_hz = stems.sample_rate_hz
    if angle is None and not stems.method.separated:
        return None
    part = _most_sung(pitch, len(voice), rate_hz)
    spectra = spectra_of(voice[part], rate_hz)
    frames_s = part.start / rate_hz + frame_times_s(len(spectra), rate_hz)
    on = partials_at(_pitch_at(pitch, frames_s), rate_hz)
    tails = read_tails(spectra, on)
    if tails is None:
        return None
    tenth, quarter = max(tails.tenth, MIN_TENTH_DB), max(tails.quarter, MIN_QUARTER_DB)
    level_db = min(max(level_db, LEVEL_OF_ROOM_DB[0]), LEVEL_OF_ROOM_DB[1])
    if angle is None:
        return np.array([tenth, quarter, level_db])
    around = Derived(
        count=part.stop - part.start,
        read=lambda some: beside(_vocals_and_all(stems, slice(part.start + some.start, part.start + some.stop)), angle),
    )
    answer = answer_db(spectra, spectra_of(around, rate_hz), on)
    return np.array([min(answer, MAX_ANSWER_DB), quarter, level_db])


def _vocals_and_all(stems: Stems, part: slice) -> Float32s:
    """Return some samples of the vocals together with the accompaniment, (channels, k)."""
    vocals: Float32s = stems.vocals[:, part]
    return vocals + stems.accompaniment_in(part) if stems.method.separated else vocals


def _read_breath(stems: Stems, voice: Channel, angle: float | None, pitch: VocalPitch) -> Floats | None:
    """Read the noise of the voice beyond that of clear ones; None where too little is sung."""
    margin = 2 * round(BREATH_MARGIN_S / STEP_S) + 1
    sung = pitch.sung & (pitch.voiced_probability > CLAIMED)
    inner = ndimage.binary_erosion(sung, np.ones(margin))
    times_s = _spread(pitch.times_s[inner], round(BREATH_HOP_S / STEP_S), MAX_BREATH_FRAMES)
    if len(times_s) < MIN_BREATH_FRAMES:
        return None
    played = stems.accompaniment_as_one(lambda channels: _voice(channels, angle)) if stems.method.separated else None
    noise = read_noise(voice, played, stems.sample_rate_hz, times_s, pitch.f0_hz, step_s=STEP_S)
    return np.array(
        excess(
            noise,
            _pitch_at(pitch, times_s),
            usual=CLEAR_DB,
            per_octave=CLEAR_DB_PER_OCTAVE,
            per_tilt=CLEAR_DB_PER_DB,
            spread=CLEAR_SPREAD_DB,
        )
    )


def _most_sung(pitch: VocalPitch, count: int, sample_rate_hz: int) -> slice:
    """Return the samples of the stretch in which most is sung."""
    length = round(MAX_ROOM_S / STEP_S)
    if len(pitch.f0_hz) <= length:
        return slice(0, count)
    so_far = np.concatenate([[0], np.cumsum(pitch.sung)])
    start_s = int(np.argmax(so_far[length:] - so_far[:-length])) * STEP_S
    start = round(start_s * sample_rate_hz)
    return slice(start, min(start + round(MAX_ROOM_S * sample_rate_hz), count))


def _voice(channels: Float32s, angle: float | None) -> Float32s:
    """Return what comes from the voice's direction, (channels, n) -> (n,); of a mono song all does."""
    if angle is not None:
        return along(channels, angle)
    only: Float32s = channels[0]
    return only


def _pitch_at(pitch: VocalPitch, times_s: Floats) -> Floats:
    at: Floats = pitch.f0_hz[np.rint(times_s / STEP_S).astype(np.int64).clip(0, len(pitch.f0_hz) - 1)]
    return at


def _spread(items: npt.NDArray[Scalar], step: int, most: int) -> npt.NDArray[Scalar]:
    """Take one item in so many steps, or fewer where that is still more than ``most``."""
    return items[:: max(step, -(-len(items) // most))]


def _regress(readings: Floats, weights: Floats) -> float:
    """Return the value of a regression: readings (k,), and their weights and the value where they are 0, (k + 1,)."""
    return float(readings @ weights[:-1] + weights[-1])


def _estimate(found: float, reach: float, lowest: float, highest: float) -> Estimate:
    """Put a range around what was found, within the limits of the measure."""
    low, middle, high = (min(max(found + by, lowest), highest) for by in (-reach, 0.0, reach))
    return Estimate(value=round(middle, 2), low=round(low, 2), high=round(high, 2))
