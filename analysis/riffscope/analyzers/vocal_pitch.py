"""Vocal pitch: the fundamental frequency of the lead voice, every 10 ms."""

from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riffscope.dsp.runs import drop_short
from riffscope.dsp.singing import (
    FRAME_S,
    JUMPS_SEMITONES,
    held_share,
    mean_movement,
    moves,
    singing_cues,
    singing_probability,
)
from riffscope.errors import CannotMeasure
from riffscope.model import Floats, value
from riffscope.steps import analyzer
from riffscope.units import HZ, PROBABILITY, SECONDS
from riffscope.views.voice_track import VoiceTrack

Mask = npt.NDArray[np.bool_]

STEP_S = 0.01
SHORTEST_SONG_S = 3.0
# E2, the lowest note of an ordinary bass singer; bass guitars and kick drums live below.
LOWEST_SUNG_MIDI = 40.0

# Three thresholds for the probability that someone sings: a pitch is shown from the first, singing is claimed from the
# second, and the range is counted from the third, where that lasts as long as a note.
SHOWN, CLAIMED, CERTAIN = 0.3, 0.4, 0.55
SHORTEST_SHOWN_S, SHORTEST_CERTAIN_S = 0.05, 0.12
# A tone once shown is followed for as long as it goes on, down to this: held notes fade before they end.
FOLLOWED = 0.12
# Below this confidence a frame has no pitch worth showing: breath, consonants, the tail of the room.
CLEAR = 0.2

# In a song, at least this share of the time is this surely sung. Of 38 instrumentals 23 have less, and the stillness of
# the lead's pitch tells 13 of the others.
GATE, GATE_FRACTION = 0.7, 0.02
# Song holds notes, speech glides: the share of voiced time within a semitone for 0.24 s is .01 to .05 in speech, and
# .13 or more in all songs known.
HELD_S, HELD_FRACTION = 0.24, 0.10
# The pitch of voices wavers and slides by 5.1 semitones a second or more in the mean; that of a lead guitar or
# synthesiser, with its vibrato, by 3.6 to 4.9.
VOICE_SEMITONES_PER_S = 5.0

# In the mix, without the voice taken out: a frame this sure has one pitch that dominates the mix ...
SURE = 0.9
# ... and counts as living when half of its steps within 150 ms move. Beside such frames the tone is followed while it
# stays clear.
NEIGHBOURHOOD_FRAMES = 9
LIVING_SHARE = 0.5
MIX_GATE_FRACTION = 0.03
# Share of frames in which someone does sing, counted on 300,000 frames of mixes with known voices.
LIVING_IS_SUNG, CONNECTED_IS_SUNG, OTHERWISE_IS_SUNG = 0.95, (0.70, 0.88), (0.10, 0.49)


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
    method : str
        What was listened to: ``mix``, ``stem``, ``separated:NAME``.
    """

    times_s: Annotated[Floats, SECONDS]
    f0_hz: Annotated[Floats, HZ]
    voiced_probability: Annotated[Floats, PROBABILITY]
    certain: npt.NDArray[np.int64]
    method: str

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


@analyzer(version=3)
def measure_vocal_pitch(track: VoiceTrack) -> VocalPitch:
    """Follow the lead voice.

    Where the voice was taken out of the mix, five cues say how likely each moment is sung: how clear its pitch is, how
    much the tone moves, how far the voice stands over the backing and below its own loudest, and whether it lies so low
    that a bass is likelier. Without that, the strongest pitch of the mix is taken for the voice where it is sure and
    *lives*: sung pitch glides and wavers from frame to frame, while keys, frets and synthesisers hold it to the cent.

    Raises
    ------
    CannotMeasure
        The song is too short, no one sings, someone only speaks, or the lead is an instrument.
    """
    if track.duration_s < SHORTEST_SONG_S:
        raise CannotMeasure(f"{track.duration_s:.1f} s is too short to tell a voice (needs {SHORTEST_SONG_S:.0f} s)")
    heard = hear_in_mix(track) if track.vocals_dbfs is None else hear_in_stem(track)
    contour = np.where(heard.probability > CLAIMED, track.midi, np.nan)
    check_notes_are_held(contour)
    if track.vocals_dbfs is not None:  # in a mix, instruments lend the voice's contour their own stillness
        check_pitch_moves(contour)
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


def hear_in_stem(track: VoiceTrack) -> Heard:
    """Find the sung frames where voice and backing are apart.

    Raises
    ------
    CannotMeasure
        No one sings.
    """
    if track.vocals_dbfs is None or track.backing_dbfs is None:
        raise ValueError("voice and backing are not apart")
    midi = track.midi
    each = singing_probability(singing_cues(midi, track.confidence, track.vocals_dbfs, track.backing_dbfs))
    _check_share(float((each > GATE).mean()), GATE_FRACTION)
    probability = ndimage.uniform_filter1d(each, 5)
    clear = track.confidence > CLEAR
    return Heard(
        probability,
        drop_short(
            follow(clear & (probability > SHOWN), clear & (probability > FOLLOWED), midi),
            round(SHORTEST_SHOWN_S / FRAME_S),
        ),
        drop_short(each > CERTAIN, round(SHORTEST_CERTAIN_S / FRAME_S)),
    )


def hear_in_mix(track: VoiceTrack) -> Heard:
    """Find the sung frames in the mix.

    Raises
    ------
    CannotMeasure
        No one sings: hardly any clear pitch moves like a voice.
    """
    living = find_living(track.midi, track.confidence)
    _check_share(float(living.mean()), MIX_GATE_FRACTION)
    sung = follow(living, (track.confidence > CLEAR) & (track.midi >= LOWEST_SUNG_MIDI), track.midi)
    low, high = CONNECTED_IS_SUNG
    quiet_low, quiet_high = OTHERWISE_IS_SUNG
    connected = low + (high - low) * track.confidence
    otherwise = quiet_low + (quiet_high - quiet_low) * track.confidence
    return Heard(np.where(living, LIVING_IS_SUNG, np.where(sung, connected, otherwise)), sung, living)


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
            f"no one sings: notes are held for {held:.0%} of the voiced time, as in speech "
            f"(in songs {HELD_FRACTION:.0%} or more)"
        )


def check_pitch_moves(contour: Floats) -> None:
    """Refuse a leading instrument: a contour (n,) of 16 ms frames, NaN where unvoiced.

    Raises
    ------
    CannotMeasure
        The pitch is steadier than a voice's.
    """
    moving = mean_movement(contour)
    if moving < VOICE_SEMITONES_PER_S:
        raise CannotMeasure(
            f"no one sings: the lead's pitch moves {moving:.1f} semitones a second, as an instrument's does "
            f"(voices {VOICE_SEMITONES_PER_S:.0f} or more)"
        )


def find_living(midi: Floats, confidence: Floats) -> Mask:
    """Find the frames whose pitch is sure and moves as voices do: two arrays (n,) -> (n,)."""
    sure = (confidence > SURE) & (midi >= LOWEST_SUNG_MIDI)
    steady = np.concatenate([[False], sure[1:] & sure[:-1]])
    over = np.stack([steady & moves(midi), steady]).astype(np.float64)
    moving, pairs = ndimage.uniform_filter1d(over, NEIGHBOURHOOD_FRAMES, axis=1)
    # Fewer than two pairs around a frame say nothing.
    living: Mask = sure & (pairs > 1.5 / NEIGHBOURHOOD_FRAMES) & (moving > LIVING_SHARE * pairs)
    return living


def follow(begun: Mask, goes_on: Mask, midi: Floats) -> Mask:
    """Follow tones outwards from where they are sure, through frames where they may go on, up to a jump: (n,)."""
    connects = goes_on & (np.abs(np.diff(midi, prepend=midi[:1])) < JUMPS_SEMITONES)
    return np.asarray(ndimage.binary_propagation(begun, mask=connects | begun), dtype=np.bool_)


def _check_share(share: float, gate: float) -> None:
    if share < gate:
        raise CannotMeasure(f"no one sings: {share:.1%} of the time sounds surely sung (in songs {gate:.1%} or more)")


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
