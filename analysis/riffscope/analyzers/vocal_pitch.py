"""Vocal pitch: the fundamental frequency of the lead voice, and when it is sung.

Where `riffscope.views.voice_track` gives a pitch in every frame, whoever makes it, this gives one only where someone
sings (voicing), with the probability that someone does, and refuses songs in which nobody sings.

Conventions: frames 10 ms apart from the start of the file; pitch in Hz, NaN where nobody sings; probabilities 0..1. The
voice track has frames of 16 ms.

Source: own. Voicing by the logistic regression of `riffscope.dsp.voice.singing`; speech and leading instruments by how
long notes are held, how much the pitch moves, and what a network for voices hears (`riffscope.views.voice_detection`).
"""

from typing import Annotated, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from riffscope.arrays import Float32s, Floats, Mask
from riffscope.dsp.pitch import hz_to_midi, midi_to_hz
from riffscope.dsp.runs import drop_short
from riffscope.dsp.voice.singing import (
    FRAME_S,
    IN_MIX,
    JUMPS_SEMITONES,
    LOW_MIDI,
    NO_LOWER_MIDI,
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
from riffscope.units import HZ, PROBABILITY, SECONDS, Said
from riffscope.views.voice_detection import VoiceDetection, at_frames
from riffscope.views.voice_track import MAX_HZ, MIN_HZ, VoiceTrack
from riffscope.words import percent_of

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


# With separated vocals 34 of 38 instrumentals are told, and 5 of 178 songs refused. Another 41 of 52 are told in which
# all kinds of instruments lead.
SONG_SEPARATED = SignsOfSong(0.02, 5.2, 4.0)
# In a mix 31 of them are told, for what plays beside a steady lead lends it movement; again 5 of 178 songs are refused.
SONG_IN_MIX = SignsOfSong(0.03, 5.5, 5.5)
# Of songs that pass these, so many are sung.
SUNG_OF_SONGS = 0.92


class SingerModel(NamedTuple):
    """How much speaks for it that somebody sings: the weights of a logistic regression over the song.

    Attributes
    ----------
    heard : float
        Per unit of the mean log odds with which the network hears singing, where the cues claim it.
    movement : float
        Per semitone a second that the pitch moves.
    log_share : float
        Per e-fold of the share of frames that are likely sung.
    bias : float
        The log odds where all of them are 0.
    """

    heard: float
    movement: float
    log_share: float
    bias: float


# Of 289 rendered songs and recordings, a fifth of them without a voice, .97 of those that are sung and .98 of the
# others are told rightly when each tenth is held back (Brier score .024). The limits above let 10 of 52 instrumentals
# pass.
SINGER_SEPARATED = SingerModel(heard=0.973, movement=1.37, log_share=0.537, bias=-5.213)
# In a mix, .95 of both are told, with a Brier score of .043.
SINGER_IN_MIX = SingerModel(heard=1.106, movement=1.001, log_share=0.38, bias=-3.019)
# From this probability on somebody is taken to sing: four to one, for what is said of a singer who is not there is
# worse than nothing. Of 250 rendered songs three with a singer lie between this and even odds, and two without; all
# recordings of singers that are known come to .999 ...
LIKELIER_SUNG = 0.8
# ... and from this one on without a doubt. Chosen by hand, not fitted.
SURE_OF_SINGER = 0.85
# What songs have in the middle: by what is short of it most is said why no one is taken to sing.
TYPICAL_HEARD, TYPICAL_MOVEMENT = 3.0, 8.0
# Beyond these log odds either way the network's word says no more.
MAX_HEARD = 4.0
# Faster than this no instrument of those known moves, in semitones a second, and more of it says no more.
MAX_MOVEMENT = 8.0
# With less of the time likely sung than this, about a bar in a song, there is nothing to judge by.
LEAST_SUNG_SHARE = 0.0125
# Probabilities of the network are kept this far from 0 and 1.
_SURE = 0.003
# Where the network hears speech with log odds so much above those of singing ...
SPEECH_OVER_SINGING = 3.5
# ... and notes are held for less than this share of the voiced time, someone speaks or raps over the band: 3.6 and
# more, and .20 at most, in 12 mixes of speech and instrumentals; .4 at most in songs.
SPOKEN_HELD_FRACTION = 0.3
# It hears speech, or singing, from this probability on.
SPOKEN = 0.5
# Where it hears speech for this share of the time, and so many times as long as singing, someone speaks, whatever the
# band holds: for .78 and more in those mixes, for .39 at most in songs, and there for three times as long.
SPOKEN_SHARE, SPOKEN_TO_SUNG = 0.5, 3.0


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
    reach_hz : (float, float)
        The lowest and the highest pitch that was looked for: a voice may go on beyond.
    singer_probability : float
        Probability that somebody sings in the song at all, .8..1.
    method : VocalSource
        What was listened to.
    """

    times_s: Annotated[Floats, SECONDS]
    f0_hz: Annotated[Floats, HZ, "pitch"]
    voiced_probability: Annotated[Floats, PROBABILITY]
    certain: npt.NDArray[np.int64]
    method: Annotated[VocalSource, "voice from"]
    reach_hz: Annotated[tuple[float, float], HZ, "pitches looked for"] = (MIN_HZ, MAX_HZ)
    singer_probability: Annotated[
        float, PROBABILITY, "probability of singing", Said(one="It is {} certain that somebody sings")
    ] = 1.0

    def __post_init__(self) -> None:
        if len({self.times_s.size, self.f0_hz.size, self.voiced_probability.size, self.certain.size}) != 1:
            raise ValueError("times, pitch, probability and certainty have one value a frame")
        if np.any(self.f0_hz <= 0):
            raise ValueError("a pitch is above 0 Hz")

    @property
    def sung(self) -> Mask:
        """The frames in which someone sings, shape (n,)."""
        return np.isfinite(self.f0_hz)

    @property
    def midi(self) -> Floats:
        """The pitch in semitones, A4 = 69; NaN where nobody sings."""
        return hz_to_midi(self.f0_hz)

    @property
    def sung_s(self) -> float:
        """For how long someone sings, in seconds."""
        return float(self.sung.sum()) * STEP_S

    @property
    def doubt(self) -> str:
        """What is in doubt about there being a singer at all, in one sentence; empty where nothing is."""
        if self.singer_probability >= SURE_OF_SINGER:
            return ""
        return f"It is only {percent_of(self.singer_probability)} likely that somebody sings at all."


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
    likely_share : float
        Share of the frames that are likely sung, each by its own cues.
    """

    probability: Floats
    shown: Mask
    certain: Mask
    likely_share: float


@analyzer(version=5)
def measure_vocal_pitch(track: VoiceTrack, detection: VoiceDetection | None) -> VocalPitch:
    """Find when the lead voice sings, and its pitch there.

    Four cues give the probability that a frame is sung: how clear its pitch is; how much that pitch wavers, because a
    voice glides from frame to frame while keys, frets and synthesisers hold it to the cent; how loud the tone is in the
    centre of the mix, compared with the loudest of the song; and whether it is so low that a bass is likelier. Where
    the vocals were separated there are two more: how far they stand above the accompaniment, and how far below their
    own loudest.

    Whether anybody sings at all is decided by how much of the song these cues call sung, by how much the pitch moves
    there, and by a second opinion: a neural network that recognises voices by their timbre.

    Parameters
    ----------
    track : VoiceTrack
    detection : VoiceDetection, optional
        Without it, how much the pitch moves decides alone.

    Raises
    ------
    CannotMeasure
        The song is too short, nobody sings, someone only speaks, or the lead is an instrument.
    """
    if track.duration_s < MIN_SONG_S:
        raise CannotMeasure(
            Absence.TOO_SHORT, f"{track.duration_s:.1f} s is too short to find singing (needs {MIN_SONG_S:.0f} s)"
        )
    # It knows no voice beyond the pitches that are usually looked for, and hears none there.
    heard = None if detection is None or not _usual(track) else detection
    voicing = find_voicing(track, least_share=_signs(track).sung_share if heard is None else LEAST_SUNG_SHARE)
    contour = np.where(voicing.probability > CLAIMED, track.midi, np.nan)
    check_notes_are_held(contour, heard)
    if heard is None:
        check_pitch_moves(contour, _signs(track))
        singer_probability = SUNG_OF_SONGS
    else:
        singer_probability = check_someone_sings(contour, voicing.likely_share, heard, separated=track.method.separated)
    times_s = np.arange(0, track.duration_s, STEP_S)
    nearest = np.rint(times_s / FRAME_S).astype(int).clip(0, track.times_s.size - 1)
    f0_hz = _interpolate_pitch(times_s, track, voicing.shown)
    if not np.isfinite(f0_hz).any():
        raise CannotMeasure(Absence.NO_VOICE, "no singing was found: nowhere is a pitch clear enough to be a voice's")
    return VocalPitch(
        times_s=times_s,
        f0_hz=f0_hz,
        voiced_probability=voicing.probability[nearest],
        certain=(voicing.certain[nearest] & np.isfinite(f0_hz)).astype(np.int64),
        method=track.method,
        reach_hz=track.reach_hz,
        singer_probability=singer_probability,
    )


def _signs(track: VoiceTrack) -> SignsOfSong:
    return SONG_SEPARATED if track.method.separated else SONG_IN_MIX


def _usual(track: VoiceTrack) -> bool:
    """Tell whether the voice stays within the pitches that are usually looked for."""
    lowest_hz, highest_hz = track.reach_hz
    return lowest_hz >= MIN_HZ and highest_hz <= MAX_HZ


def find_voicing(track: VoiceTrack, *, least_share: float = LEAST_SUNG_SHARE) -> Voicing:
    """Find the sung frames of a voice track; in songs at least `least_share` of the frames is likely sung.

    Raises
    ------
    CannotMeasure
        Nobody sings.
    """
    each = singing_probability(cues_of(track), SEPARATED if track.method.separated else IN_MIX)
    share = float((each > GATE).mean())
    if share < least_share:
        heard = f"only {share:.1%} of the time sounds sung" if share >= 0.0005 else "nothing sounds sung"
        raise CannotMeasure(
            Absence.NO_VOICE,
            f"no singing was found: {heard} (needs {least_share:.1%} of the time)",
        )
    probability = ndimage.uniform_filter1d(each, SMOOTHED_FRAMES)
    around = ndimage.uniform_filter1d(each, round(CERTAIN_OVER_S / FRAME_S))
    clear = track.confidence > CLEAR
    shown = follow_tones(clear & (probability > SHOWN), clear & (probability > FOLLOWED), track.midi)
    return Voicing(
        probability=probability,
        shown=drop_short(shown, round(MIN_SHOWN_S / FRAME_S)),
        certain=drop_short((around > CERTAIN) & (each > CLAIMED), round(MIN_CERTAIN_S / FRAME_S)),
        likely_share=share,
    )


def cues_of(track: VoiceTrack) -> Floats:
    """Gather the cues of each frame: (n, 4), or (n, 8) where the vocals were separated."""
    low_midi = NO_LOWER_MIDI if track.reach_hz[0] < MIN_HZ else LOW_MIDI
    cues = singing_cues(track.midi, track.confidence, track.tone_dbfs, low_midi=low_midi)
    if track.vocals_dbfs is None or track.accompaniment_dbfs is None:
        return cues
    return np.concatenate([cues, separated_cues(track.vocals_dbfs, track.accompaniment_dbfs)], axis=1)


def check_notes_are_held(contour: Floats, detection: VoiceDetection | None = None) -> None:
    """Refuse speech, and rap: a contour (n,) of 16 ms frames, NaN where unvoiced.

    Raises
    ------
    CannotMeasure
        Someone speaks.
    """
    held = held_share(contour, shortest=round(HELD_S / FRAME_S))
    least = HELD_FRACTION
    if detection is not None:
        spoken, sung = (float((heard > SPOKEN).mean()) for heard in (detection.speech, detection.singing))
        if spoken > SPOKEN_SHARE and spoken > SPOKEN_TO_SUNG * sung:
            raise CannotMeasure(
                Absence.NO_VOICE,
                f"no singing was found: a voice detector hears speech in {spoken:.0%} of the song "
                f"and singing in {sung:.0%}",
            )
        speech, singing = (mean_log_odds(heard, contour) for heard in (detection.speech, detection.singing))
        least = SPOKEN_HELD_FRACTION if speech - singing > SPEECH_OVER_SINGING else HELD_FRACTION
    if held < least:
        raise CannotMeasure(
            Absence.NO_VOICE,
            f"no singing was found: only {held:.0%} of the voice is held notes, as in speech (needs {least:.0%})",
        )


def mean_log_odds(heard: Float32s, contour: Floats) -> float:
    """Return the mean log odds of what a network hears each 10 ms (m,), where a contour (n,) of 16 ms frames is voiced.

    Over the whole song where nothing is voiced.
    """
    voiced = np.isfinite(contour)
    frames = np.flatnonzero(voiced) if voiced.any() else np.arange(contour.size)
    probability = at_frames(heard, frames).astype(np.float64)
    return float(np.log((probability + _SURE) / (1 - probability + _SURE)).mean())


def check_someone_sings(contour: Floats, likely_share: float, detection: VoiceDetection, *, separated: bool) -> float:
    """Return the probability that somebody sings in the song, at least .8, by the cues and the network together.

    Parameters
    ----------
    contour : array, shape (n,)
        The pitch where singing is claimed, in semitones, NaN elsewhere; frames of 16 ms.
    likely_share : float
        Share of the frames that are likely sung.
    detection : VoiceDetection
    separated : bool
        Whether the vocals were.

    Raises
    ------
    CannotMeasure
        Nobody sings; says what speaks most against it.
    """
    model = SINGER_SEPARATED if separated else SINGER_IN_MIX
    signs = signs_of_singer(contour, likely_share, detection)
    log_odds = float(np.dot(model[:3], signs)) + model.bias
    probability = 1 / (1 + float(np.exp(-log_odds)))
    if probability >= LIKELIER_SUNG:
        return probability
    heard, movement = signs[0], signs[1]
    by_network = model.heard * (heard - TYPICAL_HEARD) < model.movement * (movement - TYPICAL_MOVEMENT)
    because = (
        "a voice detector hears none"
        if by_network
        else f"the lead's pitch moves {movement:.1f} semitones a second, like an instrument's"
    )
    raise CannotMeasure(
        Absence.NO_VOICE, f"no singing was found: {because} ({percent_of(probability)} likely that somebody sings)"
    )


def signs_of_singer(contour: Floats, likely_share: float, detection: VoiceDetection) -> tuple[float, float, float]:
    """Return what tells a singer: the network's mean log odds, movement in semitones a second, log share of frames."""
    heard = min(max(mean_log_odds(detection.singing, contour), -MAX_HEARD), MAX_HEARD)
    movement = min(mean_movement(contour), MAX_MOVEMENT)
    return heard, movement, float(np.log(max(likely_share, LEAST_SUNG_SHARE)))


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
            f"no singing was found: the lead's pitch moves {moving:.1f} semitones a second, like an instrument's "
            f"(a voice needs {needed:.1f})",
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
