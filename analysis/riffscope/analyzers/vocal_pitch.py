"""Vocal pitch: the fundamental frequency of the lead voice, and when it is sung.

Where `riffscope.views.voice_track` gives a pitch in every frame, whoever makes it, this gives one only where someone
sings (voicing), with the probability that someone does, and refuses songs in which nobody sings.

Conventions: frames 10 ms apart from the start of the file; pitch in Hz, NaN where nobody sings; probabilities 0..1. The
voice track has frames of 16 ms.

Source: own. Voicing by the logistic regression of `riffscope.dsp.voice.singing`; speech and leading instruments by how
long notes are held and how much the pitch moves.
"""

from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riffscope.arrays import Floats, Mask
from riffscope.dsp.pitch import hz_to_midi, midi_to_hz
from riffscope.dsp.runs import drop_short
from riffscope.dsp.voice.singing import (
    FRAME_S,
    IN_MIX,
    JUMPS_SEMITONES,
    SEPARATED,
    held_share,
    mean_movement,
    separated_cues,
    singing_cues,
    singing_probability,
)
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import VocalSource, value
from riffscope.steps import analyzer
from riffscope.units import HZ, PROBABILITY, SECONDS
from riffscope.views.voice_track import VoiceTrack

# The usual step of pitch contours, as in mir_eval.melody.
STEP_S = 0.01
# A shorter song has too few notes to tell a voice from an instrument. Chosen by hand, not fitted.
MIN_SONG_S = 3.0

# Thresholds for the probability that someone sings. From this one on a pitch is shown ...
SHOWN = 0.3
# ... from this one on singing is claimed, and whether it is song at all is judged by what is claimed ...
CLAIMED = 0.4
# ... and where the mean of `CERTAIN_OVER_S` passes this one, the range is counted.
CERTAIN = 0.55
# One doubtful frame within a phrase does not make it uncertain.
CERTAIN_OVER_S = 0.4
# What is shown for a shorter time than this is a click or a slip of the tracking. Chosen by hand, not fitted.
MIN_SHOWN_S = 0.05
# The range is counted from what lasts as long as a short note. Chosen by hand, not fitted.
MIN_CERTAIN_S = 0.12
# A tone once shown is followed for as long as it goes on, down to this probability: held notes fade before they end.
FOLLOWED = 0.12
# Below this confidence a frame has no pitch worth showing: breath, consonants, the tail of the room.
CLEAR = 0.2
# The probability is averaged over so many frames, 80 ms, before it is shown. Chosen by hand, not fitted.
SMOOTHED_FRAMES = 5

# A frame this likely sung counts towards the sung share of the song (`SignsOfSong`).
GATE = 0.6
# A stretch this long within a semitone is a held note.
HELD_S = 0.24
# Song holds notes, speech glides: held notes take .01 to .08 of the voiced time in speech, and .12 or more in all songs
# known.
HELD_FRACTION = 0.10
# A note of this length leaves a voice time to waver.
LONG_NOTE_S = 0.5
# Long notes prevail where they take this share of the voiced time.
LONG_NOTES_PREVAIL = 0.45
# Where notes are short a voice glides from one to the next, and fingers do not: songs that hold their notes for less
# than .3 of the time move by 12 semitones a second or more, arpeggios by 5 to 11. Below this share of held notes ...
SHORT_NOTES_BELOW = 0.4
# ... each .1 less asks for 3 semitones a second more.
GLIDES_BETWEEN_SEMITONES_PER_S = 30.0


class SignsOfSong(NamedTuple):
    """What tells a song from an instrumental.

    Attributes
    ----------
    sung_share : float
        At least this share of the frames is likely sung.
    on_long_notes, otherwise : float
        A voice's pitch moves by at least so many semitones a second in the mean: where long notes prevail, on which it
        has time to waver, and elsewhere.
    """

    sung_share: float
    on_long_notes: float
    otherwise: float


# With separated vocals 34 of 38 instrumentals are told, and 5 of 178 songs refused.
SONG_SEPARATED = SignsOfSong(0.02, 5.2, 4.0)
# In a mix 31 of them are told, for what plays beside a steady lead lends it movement; again 5 of 178 songs are refused.
SONG_IN_MIX = SignsOfSong(0.03, 5.5, 5.5)


@value
class VocalPitch:
    """The lead voice's pitch over the song.

    Attributes
    ----------
    times_s : array, shape (n,)
        Frame centres, 10 ms apart.
    f0_hz : array, shape (n,)
        Fundamental frequency; NaN where nobody sings.
    voiced_probability : array, shape (n,)
        Probability that someone sings then, 0..1.
    certain : array of 0 and 1, shape (n,)
        1 where the pitch is sure enough for the range to be counted from it.
    method : VocalSource
        What was listened to.
    """

    times_s: Annotated[Floats, SECONDS]
    f0_hz: Annotated[Floats, HZ]
    voiced_probability: Annotated[Floats, PROBABILITY]
    certain: npt.NDArray[np.int64]
    method: VocalSource

    def __post_init__(self) -> None:
        if len({self.times_s.size, self.f0_hz.size, self.voiced_probability.size, self.certain.size}) != 1:
            raise ValueError("times, pitch, probability and certainty have one value a frame")

    @property
    def sung(self) -> Mask:
        """The frames in which someone sings, shape (n,)."""
        return np.isfinite(self.f0_hz)

    @property
    def midi(self) -> Floats:
        """The pitch in semitones, A4 = 69; NaN where nobody sings."""
        return hz_to_midi(self.f0_hz)


class Voicing(NamedTuple):
    """Which frames of a voice track are sung, all of shape (n,).

    Attributes
    ----------
    probability : array
        That someone sings, 0..1.
    shown : mask
        Where there is a pitch to show.
    certain : mask
        Where it is sure enough for the range.
    """

    probability: Floats
    shown: Mask
    certain: Mask


@analyzer(version=4)
def measure_vocal_pitch(track: VoiceTrack) -> VocalPitch:
    """Find when the lead voice sings, and its pitch there.

    Four cues give the probability that a frame is sung: how clear its pitch is; its micro-modulation, for sung pitch
    glides and wavers from frame to frame while keys, frets and synthesisers hold it to the cent; how loud the tone is
    in the centre of the mix, against the loudest of the song; and whether it lies so low that a bass is likelier. Where
    the vocals were separated there are two more: how far they stand over the accompaniment, and how far below their own
    loudest.

    Raises
    ------
    CannotMeasure
        The song is too short, nobody sings, someone only speaks, or the lead is an instrument.
    """
    if track.duration_s < MIN_SONG_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{track.duration_s:.1f} s is too short to tell a voice (needs {MIN_SONG_S:.0f} s)"
        )
    voicing = find_voicing(track)
    contour = np.where(voicing.probability > CLAIMED, track.midi, np.nan)
    check_notes_are_held(contour)
    check_pitch_moves(contour, SONG_SEPARATED if track.method.separated else SONG_IN_MIX)
    times_s = np.arange(0, track.duration_s, STEP_S)
    nearest = np.rint(times_s / FRAME_S).astype(int).clip(0, track.times_s.size - 1)
    f0_hz = _interpolate_pitch(times_s, track, voicing.shown)
    return VocalPitch(
        times_s=times_s,
        f0_hz=f0_hz,
        voiced_probability=voicing.probability[nearest],
        certain=(voicing.certain[nearest] & np.isfinite(f0_hz)).astype(np.int64),
        method=track.method,
    )


def find_voicing(track: VoiceTrack) -> Voicing:
    """Find the sung frames of a voice track.

    Raises
    ------
    CannotMeasure
        Nobody sings.
    """
    model, song = (SEPARATED, SONG_SEPARATED) if track.method.separated else (IN_MIX, SONG_IN_MIX)
    each = singing_probability(cues_of(track), model)
    share = float((each > GATE).mean())
    if share < song.sung_share:
        raise CannotMeasure(
            Absence.NO_VOICE,
            f"no one sings: {share:.1%} of the time sounds sung (in songs at least {song.sung_share:.1%})",
        )
    probability = ndimage.uniform_filter1d(each, SMOOTHED_FRAMES)
    around = ndimage.uniform_filter1d(each, round(CERTAIN_OVER_S / FRAME_S))
    clear = track.confidence > CLEAR
    shown = follow_tones(clear & (probability > SHOWN), clear & (probability > FOLLOWED), track.midi)
    return Voicing(
        probability=probability,
        shown=drop_short(shown, round(MIN_SHOWN_S / FRAME_S)),
        certain=drop_short((around > CERTAIN) & (each > CLAIMED), round(MIN_CERTAIN_S / FRAME_S)),
    )


def cues_of(track: VoiceTrack) -> Floats:
    """Gather the cues of each frame: (n, 4), or (n, 8) where the vocals were separated."""
    cues = singing_cues(track.midi, track.confidence, track.tone_dbfs)
    if track.vocals_dbfs is None or track.accompaniment_dbfs is None:
        return cues
    return np.concatenate([cues, separated_cues(track.vocals_dbfs, track.accompaniment_dbfs)], axis=1)


def check_notes_are_held(contour: Floats) -> None:
    """Refuse speech: a contour (n,) of 16 ms frames, NaN where unvoiced.

    Raises
    ------
    CannotMeasure
        Someone speaks.
    """
    held = held_share(contour, shortest=round(HELD_S / FRAME_S))
    if held < HELD_FRACTION:
        raise CannotMeasure(
            Absence.NO_VOICE,
            f"no one sings: notes are held for {held:.0%} of the voiced time, as in speech "
            f"(in songs for at least {HELD_FRACTION:.0%})",
        )


def check_pitch_moves(contour: Floats, song: SignsOfSong) -> None:
    """Refuse a leading instrument: a contour (n,) of 16 ms frames, NaN where unvoiced.

    Raises
    ------
    CannotMeasure
        The pitch is steadier than a voice's.
    """
    moving = mean_movement(contour)
    holds_long = held_share(contour, shortest=round(LONG_NOTE_S / FRAME_S)) > LONG_NOTES_PREVAIL
    short_of_held = max(0.0, SHORT_NOTES_BELOW - held_share(contour, shortest=round(HELD_S / FRAME_S)))
    needed = (song.on_long_notes if holds_long else song.otherwise) + GLIDES_BETWEEN_SEMITONES_PER_S * short_of_held
    if moving < needed:
        raise CannotMeasure(
            Absence.NO_VOICE,
            f"no one sings: the lead's pitch moves {moving:.1f} semitones a second, as an instrument's does "
            f"(a voice with such notes moves at least {needed:.1f})",
        )


def follow_tones(begun: Mask, goes_on: Mask, midi: Floats) -> Mask:
    """Follow tones outwards from where they are sure, through frames where they may go on, up to a jump: (n,)."""
    connects = goes_on & (np.abs(np.diff(midi, prepend=midi[:1])) < JUMPS_SEMITONES)
    return np.asarray(ndimage.binary_propagation(begun, mask=connects | begun), dtype=np.bool_)


def _interpolate_pitch(times_s: Floats, track: VoiceTrack, sung: Mask) -> Floats:
    """Interpolate the sung pitch on the 10 ms grid, linearly in semitones between neighbours; NaN elsewhere."""
    midi = track.midi
    between = np.interp(times_s, track.times_s, midi)
    before = np.floor(times_s / FRAME_S).astype(int).clip(0, sung.size - 1)
    after = (before + 1).clip(0, sung.size - 1)
    near = np.rint(times_s / FRAME_S).astype(int).clip(0, sung.size - 1)
    # Next to an unsung frame, or to a jump, the pitch of the sung frame holds for half a frame.
    smooth = sung[before] & sung[after] & (np.abs(midi[after] - midi[before]) < JUMPS_SEMITONES)
    pitch = np.where(smooth, between, midi[near])
    return np.where(sung[near], midi_to_hz(pitch), np.nan)
