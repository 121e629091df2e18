"""Vocal pitch: the fundamental frequency of the lead voice, every 10 ms."""

from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riffscope.arrays import Floats, Mask
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

STEP_S = 0.01
MIN_SONG_S = 3.0

# Three thresholds for the probability that someone sings: a pitch is shown from the first; singing is claimed from the
# second, and whether it is song at all is judged by what is claimed; the range is counted where the mean of 0.4 s
# passes the third, and lasts as long as a note.
SHOWN, CLAIMED, CERTAIN = 0.3, 0.4, 0.55
CERTAIN_OVER_S = 0.4
MIN_SHOWN_S, MIN_CERTAIN_S = 0.05, 0.12
# A tone once shown is followed for as long as it goes on, down to this: held notes fade before they end.
FOLLOWED = 0.12
# Below this confidence a frame has no pitch worth showing: breath, consonants, the tail of the room.
CLEAR = 0.2

# A frame this likely sung is counted when a song is judged.
GATE = 0.6
# Song holds notes, speech glides: the share of voiced time within a semitone for 0.24 s is .01 to .08 in speech, and
# .12 or more in all songs known.
HELD_S, HELD_FRACTION = 0.24, 0.10
# Notes of half a second prevail where they make up this share of the voiced time.
LONG_NOTE_S, LONG_NOTES_PREVAIL = 0.5, 0.45
# Where notes are short a voice glides from one to the next, and fingers do not: songs that hold their notes for less
# than .3 of the time move by 12 or more, arpeggios by 5 to 11.
SHORT_NOTES_BELOW, GLIDES_BETWEEN_SEMITONES_PER_S = 0.4, 30.0


class SignsOfSong(NamedTuple):
    """What tells a song from an instrumental.

    ``sung_share``: at least this share of the time is likely sung. ``on_long_notes``, ``otherwise``: a voice's pitch
    wavers and slides by at least so many semitones a second in the mean, where long notes prevail, on which it has time
    to waver, and elsewhere.
    """

    sung_share: float
    on_long_notes: float
    otherwise: float


# Of 38 instrumentals these tell 34 where the voice is apart, and 31 in the mix, where what plays beside a steady lead
# lends it movement; of 178 songs they refuse 5 either way.
SONG_SEPARATED, SONG_IN_MIX = SignsOfSong(0.02, 5.2, 4.0), SignsOfSong(0.03, 5.5, 5.5)


@value
class VocalPitch:
    """The lead voice's pitch over the song.

    Attributes
    ----------
    times_s : array, shape (n,)
        Frame centres, 10 ms apart.
    f0_hz : array, shape (n,)
        Fundamental frequency; NaN where no one sings.
    voiced_probability : array, shape (n,)
        How likely it is that someone sings then, 0..1.
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
        """The pitch in semitones, A4 = 69; NaN where no one sings."""
        return 69 + 12 * np.log2(self.f0_hz / 440)


class Heard(NamedTuple):
    """What the track's frames (n,) were found to be: how likely sung, where a pitch is shown, where it is certain."""

    probability: Floats
    shown: Mask
    certain: Mask


@analyzer(version=4)
def measure_vocal_pitch(track: VoiceTrack) -> VocalPitch:
    """Follow the lead voice.

    Four cues say how likely each moment is sung: how clear its pitch is, how much the tone *lives*, for sung pitch
    glides and wavers from frame to frame while keys, frets and synthesisers hold it to the cent, how loud the tone is
    in the middle of the mix beside the loudest of the song, and whether it lies so low that a bass is likelier. Where
    the voice was taken out of the mix, two more do: how far the voice stands over the backing and below its own
    loudest.

    Raises
    ------
    CannotMeasure
        The song is too short, no one sings, someone only speaks, or the lead is an instrument.
    """
    if track.duration_s < MIN_SONG_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{track.duration_s:.1f} s is too short to tell a voice (needs {MIN_SONG_S:.0f} s)"
        )
    heard = hear(track)
    contour = np.where(heard.probability > CLAIMED, track.midi, np.nan)
    check_notes_are_held(contour)
    check_pitch_moves(contour, SONG_SEPARATED if track.method.separated else SONG_IN_MIX)
    times_s = np.arange(0, track.duration_s, STEP_S)
    nearest = np.rint(times_s / FRAME_S).astype(int).clip(0, track.times_s.size - 1)
    f0_hz = _interpolate_pitch(times_s, track, heard.shown)
    return VocalPitch(
        times_s=times_s,
        f0_hz=f0_hz,
        voiced_probability=heard.probability[nearest],
        certain=(heard.certain[nearest] & np.isfinite(f0_hz)).astype(np.int64),
        method=track.method,
    )


def hear(track: VoiceTrack) -> Heard:
    """Find the sung frames.

    Raises
    ------
    CannotMeasure
        No one sings.
    """
    midi = track.midi
    judgement, song = (SEPARATED, SONG_SEPARATED) if track.method.separated else (IN_MIX, SONG_IN_MIX)
    each = singing_probability(cues_of(track), judgement)
    share = float((each > GATE).mean())
    if share < song.sung_share:
        raise CannotMeasure(
            Absence.NO_VOICE,
            f"no one sings: {share:.1%} of the time sounds likely sung (in songs {song.sung_share:.1%} or more)",
        )
    probability = ndimage.uniform_filter1d(each, 5)
    around = ndimage.uniform_filter1d(each, round(CERTAIN_OVER_S / FRAME_S))
    clear = track.confidence > CLEAR
    return Heard(
        probability,
        drop_short(
            follow(clear & (probability > SHOWN), clear & (probability > FOLLOWED), midi),
            round(MIN_SHOWN_S / FRAME_S),
        ),
        drop_short((around > CERTAIN) & (each > CLAIMED), round(MIN_CERTAIN_S / FRAME_S)),
    )


def cues_of(track: VoiceTrack) -> Floats:
    """Gather what tells singing, (n, 4), or (n, 8) where the vocals were separated."""
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
            f"(in songs {HELD_FRACTION:.0%} or more)",
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
            f"(voices with such notes {needed:.1f} or more)",
        )


def follow(begun: Mask, goes_on: Mask, midi: Floats) -> Mask:
    """Follow tones outwards from where they are sure, through frames where they may go on, up to a jump: (n,)."""
    connects = goes_on & (np.abs(np.diff(midi, prepend=midi[:1])) < JUMPS_SEMITONES)
    return np.asarray(ndimage.binary_propagation(begun, mask=connects | begun), dtype=np.bool_)


def _interpolate_pitch(times_s: Floats, track: VoiceTrack, sung: Mask) -> Floats:
    """Bring the sung pitch onto the 10 ms grid, linear in semitones between neighbours, NaN elsewhere."""
    midi = track.midi
    between = np.interp(times_s, track.times_s, midi)
    before = np.floor(times_s / FRAME_S).astype(int).clip(0, sung.size - 1)
    after = (before + 1).clip(0, sung.size - 1)
    near = np.rint(times_s / FRAME_S).astype(int).clip(0, sung.size - 1)
    # Beside an unsung frame, or a jump, the sung one's own pitch holds up to half a frame.
    smooth = sung[before] & sung[after] & (np.abs(midi[after] - midi[before]) < JUMPS_SEMITONES)
    pitch = np.where(smooth, between, midi[near])
    return np.where(sung[near], 440 * 2 ** ((pitch - 69) / 12), np.nan)
