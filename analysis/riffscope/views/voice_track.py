"""Voice track: the pitch that a lead voice would have in every frame of the song, and levels that show if it sings.

The voice track always has a pitch, that of the likeliest path, even where a guitar leads or nothing sounds. Whether
someone sings is decided later, from this track, by `riffscope.analyzers.vocal_pitch`: its `VocalPitch` has a pitch only
where someone does, on a grid of 10 ms, and a probability that someone sings. The confidence here is another thing: that
the frame has one clear pitch, whoever makes it.

Conventions: frames are 16 ms apart, frame k begins at k x 16 ms; pitches in Hz, levels in dBFS, silence at -100 dBFS.

References
----------
.. [1] Nieradzik, "SwiftF0: Fast and accurate monophonic pitch detection", 2025 (weights in the swift-f0 package, MIT).
.. [2] Avendano, "Frequency-domain source identification and manipulation in stereo mixes for enhancement, suppression
   and re-panning applications", WASPAA 2003 (centre extraction).
"""

from typing import Annotated, TypeVar

import numpy as np
import numpy.typing as npt
import scipy.ndimage

from riffscope.arrays import Float32s, Floats, Ints, Mask
from riffscope.dsp import decibels
from riffscope.dsp.onsets import frame_power
from riffscope.dsp.pitch import hz_to_midi
from riffscope.dsp.voice.centre import whiten
from riffscope.dsp.voice.overtones import missing_fundamental, spectrum_of, tone_level_dbfs
from riffscope.dsp.voice.pitch_path import between_pitches, follow_pitch
from riffscope.dsp.voice.singing import LOUDEST_PERCENTILE
from riffscope.model import VocalSource, value
from riffscope.models.swift_f0 import HOP_LENGTH, PITCHES_HZ, frame_count, score_pitches
from riffscope.models.swift_f0 import RATE_HZ as SWIFT_F0_RATE_HZ
from riffscope.steps import heavy_view
from riffscope.units import DBFS, HZ, PROBABILITY, SECONDS
from riffscope.views.voice_detection import VoiceDetection
from riffscope.views.voice_sound import VoiceSound

T = TypeVar("T", bound=np.generic)

# Pitches are looked for from C2, below any chart singer ...
MIN_HZ = 65.4
# ... to C6. Looked for in all that the network scores, 47 to 2,094 Hz, the pitch of ordinary singers is right in 1 to
# 2 % less of the frames, for basses lie below, and overtones above ...
MAX_HZ = 1046.5
# ... so they are looked for beyond an end only where the voice goes there: where the network's favourite lies beyond it
# in this share of the frames in which the vocals are loud and clear. None of 42 rendered songs with a voice has it.
BEYOND_SHARE = 0.05
# They are loud no more than this below their loudest, in dB, ...
NEAR_LOUDEST_DB = 15.0
# ... and clear with a confidence of at least this. Above, where overtones lead astray, ...
CLEAR = 0.7
# ... they must also stand so far over the accompaniment, in dB; below, the model leaves a voice in the accompaniment.
OVER_ACCOMPANIMENT_DB = 6.0
# With fewer such frames, a second's worth, nothing is looked for beyond. All four chosen by hand, not fitted.
MIN_FRAMES = 60
# Where separated vocals stay so far below their loudest, in dB, for so many frames around, a second, ...
UNHEARD_DB, PAUSE_FRAMES = 35.0, 63
# ... and the network for voices hears next to no singing in two seconds around, no pitch is looked for, which takes
# most of the time: in a tenth to a third of a song. Of the sung frames .1 to .9 % are lost so in five sets of rendered
# songs, many with voices far below the band, and none in four of recordings. Without the network's word it would be 3
# to 5 %. All four chosen by hand, not fitted.
UNHEARD_PROBABILITY, UNHEARD_FRAMES = 0.02, 125
# A neighbour on the network's grid is no sign of a pitch beyond an end; so many steps away is one.
_STEPS_BEYOND = 2

# The pitch is tracked in the separated vocals with a tenth of the accompaniment (-20 dB) left in: where the model took
# notes of the voice for instruments they are still there, and the instruments stay too quiet to lead. On mixes of known
# pitch the likeliest pitch is right in 96, 79 and 82 % of sung frames (three sets), in 89, 73 and 65 % from the vocals
# alone, in 92, 61 and 71 % from the mix; twice or half as much of the accompaniment is 0 to 2 % worse. More of the
# centre of the mix helps in wide mixes (1 %) and harms in narrow ones (2 to 4 %).
ACCOMPANIMENT_LEFT = 0.1


@value
class VoiceTrack:
    """The likeliest pitch of a lead voice and its levels, in every frame; whether it is sung is another question.

    Attributes
    ----------
    times_s, f0_hz, confidence : arrays, shape (n,)
        The confidence, 0..1, is SwiftF0's that the frame has one clear pitch, whoever makes it.
    tone_dbfs : array, shape (n,)
        How loud the tone of that pitch is in the centre of the mix.
    vocals_dbfs, accompaniment_dbfs : arrays, shape (n,), or None
        Level of the vocals and of the accompaniment; None where they were not separated.
    reach_hz : (float, float)
        The lowest and the highest pitch that was looked for.
    method : VocalSource
        What was listened to.
    """

    times_s: Annotated[Floats, SECONDS]
    f0_hz: Annotated[Floats, HZ]
    confidence: Annotated[Floats, PROBABILITY]
    tone_dbfs: Annotated[Floats, DBFS]
    vocals_dbfs: Annotated[Floats, DBFS] | None
    accompaniment_dbfs: Annotated[Floats, DBFS] | None
    reach_hz: Annotated[tuple[float, float], HZ]
    method: VocalSource

    @property
    def midi(self) -> Floats:
        """The pitch in semitones, A4 = 69."""
        return hz_to_midi(self.f0_hz)

    @property
    def duration_s(self) -> float:
        """How much sound the frames cover."""
        return self.times_s.size * HOP_LENGTH / SWIFT_F0_RATE_HZ


@heavy_view
def track_voice(sound: VoiceSound, detection: VoiceDetection | None) -> VoiceTrack:
    """Track the pitch of the lead voice: the likeliest path through the pitches that SwiftF0 [1]_ scores.

    Where the vocals were separated, it listens to them with a little of the accompaniment. In a full mix it listens to
    the centre [2]_, where lead singers are usually panned, whitened so that loud registers do not dominate. Pitches
    without a fundamental count for less. Where neither the vocals nor a voice detector suggests singing, no pitch is
    looked for.
    """
    if sound.accompaniment is None:
        return _track(whiten(sound.centre), sound, detection)
    left = 0.0 if sound.method is VocalSource.STEM else ACCOMPANIMENT_LEFT
    return _track(sound.with_accompaniment(left), sound, detection)


def _track(tracked: Float32s, sound: VoiceSound, detection: VoiceDetection | None) -> VoiceTrack:
    """Track the pitch in what it is read from, (n,) at 16 kHz; levels are measured in the rest."""
    count = frame_count(tracked)
    vocals_dbfs = frame_levels_dbfs(sound.vocals, count)
    accompaniment_dbfs = None if sound.accompaniment is None else frame_levels_dbfs(sound.accompaniment, count)
    separated = accompaniment_dbfs is not None
    all_scores, confidence = score_pitches(tracked, _heard(vocals_dbfs, detection) if separated else None)
    favourites = all_scores.argmax(axis=1)
    in_reach = _reach(favourites, confidence, vocals_dbfs, accompaniment_dbfs)
    pitches_hz, scores = PITCHES_HZ[in_reach], all_scores[:, in_reach]
    doubt = missing_fundamental(spectrum_of(tracked if separated else sound.centre), pitches_hz)
    del tracked, all_scores
    path = follow_pitch(scores, confidence, _every_frame(doubt, count))
    f0_hz = np.exp(between_pitches(scores, path, np.log(pitches_hz)))
    tone_dbfs = tone_level_dbfs(spectrum_of(sound.centre)[: -(-count // 2)], f0_hz[::2])
    return VoiceTrack(
        times_s=np.arange(count) * HOP_LENGTH / SWIFT_F0_RATE_HZ,
        f0_hz=f0_hz,
        # Where the network's favourite is a pitch that nobody sings, its confidence is not that of a voice.
        confidence=np.where(in_reach[favourites], confidence, 0.0),
        tone_dbfs=_every_frame(tone_dbfs, count),
        vocals_dbfs=vocals_dbfs if separated else None,
        accompaniment_dbfs=accompaniment_dbfs,
        reach_hz=(float(pitches_hz[0]), float(pitches_hz[-1])),
        method=sound.method,
    )


def _heard(vocals_dbfs: Floats, detection: VoiceDetection | None) -> Mask | None:
    """Tell where a voice may be heard, (n,): everywhere (None) without the word of a network for voices."""
    if detection is None:
        return None
    loudest_dbfs = np.percentile(vocals_dbfs, LOUDEST_PERCENTILE)
    around_dbfs = scipy.ndimage.maximum_filter1d(vocals_dbfs, PAUSE_FRAMES)
    singing = scipy.ndimage.maximum_filter1d(detection.singing_at(vocals_dbfs.size), UNHEARD_FRAMES)
    found: Mask = (around_dbfs >= loudest_dbfs - UNHEARD_DB) | (singing >= UNHEARD_PROBABILITY)
    return found


def _reach(favourites: Ints, confidence: Floats, vocals_dbfs: Floats, accompaniment_dbfs: Floats | None) -> Mask:
    """Tell which of the network's pitches are looked for, (95,): more of them where the voice goes beyond the usual.

    Parameters
    ----------
    favourites : int64 array, shape (n,)
        The pitch that the network likes best in each frame.
    confidence : array, shape (n,)
        How clear it is.
    vocals_dbfs, accompaniment_dbfs : arrays, shape (n,); the second may be None
        Their levels.
    """
    in_reach = (PITCHES_HZ >= MIN_HZ) & (PITCHES_HZ <= MAX_HZ)
    if accompaniment_dbfs is None:  # in a mix, what is loud and clear down there is a bass
        return in_reach
    first, last = np.flatnonzero(in_reach)[[0, -1]]
    leads = (confidence >= CLEAR) & (vocals_dbfs >= vocals_dbfs.max() - NEAR_LOUDEST_DB)
    alone = leads & (vocals_dbfs >= accompaniment_dbfs + OVER_ACCOMPANIMENT_DB)
    if leads.sum() >= MIN_FRAMES and (favourites[leads] <= first - _STEPS_BEYOND).mean() >= BEYOND_SHARE:
        in_reach[:first] = True
    if alone.sum() >= MIN_FRAMES and (favourites[alone] >= last + _STEPS_BEYOND).mean() >= BEYOND_SHARE:
        in_reach[last:] = True
    return in_reach


def _every_frame(values: npt.NDArray[T], count: int) -> npt.NDArray[T]:
    """Repeat values of frames of 32 ms for SwiftF0's frames of 16 ms: (m, ...) -> (count, ...)."""
    return np.repeat(values, 2, axis=0)[:count]


def frame_levels_dbfs(samples: Float32s, count: int) -> Floats:
    """Return the level of the two hops around the start of each of ``count`` frames: (n,) -> (count,)."""
    power = np.zeros(count + 1)
    hops = frame_power(samples[: samples.size // HOP_LENGTH * HOP_LENGTH], hop_length=HOP_LENGTH)
    power[1 : 1 + min(count, hops.size)] = hops[:count]
    return decibels.level_dbfs((power[:-1] + power[1:]) / 2)
