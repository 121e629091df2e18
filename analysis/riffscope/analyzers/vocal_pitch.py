"""Vocal pitch: the fundamental frequency of the lead voice, every 10 ms."""

from typing import Annotated

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riffscope.errors import CannotMeasure
from riffscope.model import Floats, value
from riffscope.steps import analyzer
from riffscope.units import HZ, PROBABILITY, SECONDS
from riffscope.views.pitch_track import PitchTrack

Mask = npt.NDArray[np.bool_]

STEP_S = 0.01
SHORTEST_SONG_S = 3.0

# A frame this sure has one pitch that dominates the mix.
SURE = 0.9
# Beside sure frames the same tone may be followed down to here: note onsets and endings.
CONNECTED = 0.3
# E2, the lowest note of an ordinary bass singer; bass guitars and kick drums live below.
LOWEST_SUNG_MIDI = 40.0
# Voices glide even within a note; keys and frets hold a pitch to the cent. From frame to frame (16 ms) a change of this
# many semitones is movement, and more than the second figure is a jump between sounds.
MOVES_SEMITONES, JUMPS_SEMITONES = 0.03, 0.8
# A note counts as living when half of its steps within 150 ms move.
NEIGHBOURHOOD_FRAMES = 9
LIVING_SHARE = 0.5
# Of instrumental recordings, four in five have fewer living frames than this; songs have .05 to .5.
GATE_FRACTION = 0.03

# Share of frames in which someone does sing, counted on 300,000 frames of mixes with known voices.
LIVING_IS_SUNG, CONNECTED_IS_SUNG, OTHERWISE_IS_SUNG = 0.95, (0.70, 0.88), (0.10, 0.55)


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


@analyzer(version=1)
def measure_vocal_pitch(track: PitchTrack) -> VocalPitch:
    """Follow the lead voice through the mix.

    The strongest pitch of the mix is taken for the voice where it is sure and *lives*: sung pitch glides and wavers
    from frame to frame, while keys, frets and synthesisers hold it to the cent. From those frames the contour is
    followed outwards as long as the tone connects.

    Raises
    ------
    CannotMeasure
        The song is too short, or hardly any pitch in it moves like a voice.
    """
    duration_s = track.times_s.size * (track.times_s[1] - track.times_s[0]) if track.times_s.size > 1 else 0.0
    if duration_s < SHORTEST_SONG_S:
        raise CannotMeasure(f"{duration_s:.1f} s is too short to tell a voice (needs {SHORTEST_SONG_S:.0f} s)")
    living = find_living(track.midi, track.confidence)
    share = float(living.mean())
    if share < GATE_FRACTION:
        raise CannotMeasure(
            f"no one sings: only {share:.1%} of the time does a clear pitch move as voices do "
            f"(in songs {GATE_FRACTION:.0%} or more)"
        )
    sung = follow(living, track.midi, track.confidence)
    low, high = CONNECTED_IS_SUNG
    quiet_low, quiet_high = OTHERWISE_IS_SUNG
    probability = np.where(
        living,
        LIVING_IS_SUNG,
        np.where(
            sung,
            low + (high - low) * track.confidence,
            quiet_low + (quiet_high - quiet_low) * track.confidence,
        ),
    )
    times_s = np.arange(0, duration_s, STEP_S)
    nearest = np.abs(np.rint(times_s / (duration_s / track.times_s.size)).astype(int)).clip(0, track.times_s.size - 1)
    f0_hz = _interpolate_pitch(times_s, track, sung)
    return VocalPitch(
        times_s=times_s,
        f0_hz=f0_hz,
        voiced_probability=probability[nearest],
        certain=(living[nearest] & np.isfinite(f0_hz)).astype(np.int64),
        method="mix",
    )


def find_living(midi: Floats, confidence: Floats) -> Mask:
    """Find the frames whose pitch is sure and moves as voices do: two arrays (n,) -> (n,)."""
    sure = (confidence > SURE) & (midi >= LOWEST_SUNG_MIDI)
    steady = np.concatenate([[False], sure[1:] & sure[:-1]])
    change = np.abs(np.diff(midi, prepend=midi[:1]))
    moving = steady & (change > MOVES_SEMITONES) & (change < JUMPS_SEMITONES)
    pairs = ndimage.uniform_filter1d(steady.astype(float), NEIGHBOURHOOD_FRAMES)
    moves = ndimage.uniform_filter1d(moving.astype(float), NEIGHBOURHOOD_FRAMES)
    # Fewer than two pairs around a frame say nothing.
    living: Mask = sure & (pairs > 1.5 / NEIGHBOURHOOD_FRAMES) & (moves > LIVING_SHARE * pairs)
    return living


def follow(living: Mask, midi: Floats, confidence: Floats) -> Mask:
    """Follow the tone outwards from its living frames while it connects: arrays (n,) -> (n,)."""
    change = np.abs(np.diff(midi, prepend=midi[:1]))
    connects = (confidence > CONNECTED) & (midi >= LOWEST_SUNG_MIDI) & (change < JUMPS_SEMITONES)
    return np.asarray(ndimage.binary_propagation(living, mask=connects | living), dtype=np.bool_)


def _interpolate_pitch(times_s: Floats, track: PitchTrack, sung: Mask) -> Floats:
    """Bring the sung pitch onto the 10 ms grid, linear in semitones between neighbours, NaN elsewhere."""
    midi = np.interp(times_s, track.times_s, track.midi)
    step_s = track.times_s[1] - track.times_s[0]
    before = np.floor(times_s / step_s).astype(int).clip(0, sung.size - 1)
    after = (before + 1).clip(0, sung.size - 1)
    near = np.rint(times_s / step_s).astype(int).clip(0, sung.size - 1)
    # Between a sung and an unsung frame the sung one's own pitch holds up to half a frame.
    smooth = sung[before] & sung[after] & (np.abs(track.midi[after] - track.midi[before]) < JUMPS_SEMITONES)
    out = np.where(smooth, midi, track.midi[near])
    return np.where(sung[near], 440 * 2 ** ((out - 69) / 12), np.nan)
