"""Density: how much begins and how much sounds at once, how that builds up, and whether it ducks on the beat."""

from collections.abc import Mapping
from typing import Annotated

import numpy as np
from scipy.ndimage import maximum_filter1d

from riffscope.arrays import Floats, Ints
from riffscope.errors import Absence, CannotMeasure
from riffscope.model import Span, value
from riffscope.steps import analyzer
from riffscope.units import BANDS, DB, PER_SECOND, SECONDS, STEP_SECONDS
from riffscope.views.beat_track import BeatTrack
from riffscope.views.mel_spectrum import MAX_HZ, MIN_HZ, N_MELS, MelSpectrum
from riffscope.views.onset_strength import OnsetStrength
from riffscope.views.semitone_spectrogram import SemitoneSpectrogram

MIN_DURATION_S = 3.0
# From the first to the last frame within 50 dB of the loudest.
QUIET_DB = 50.0
# An onset is a summit of the mean strength over all bands of a quarter of what an ordinary onset has where it sounds in
# every band, the highest within 40 ms. Of 24 songs rendered from random scores, .98 of what is counted are onsets, and
# .8 of the onsets are counted: a soft note under a loud one is not.
MIN_STRENGTH, BESIDE_S = 0.25, 0.04
# The bass in one, for the spectrum's frame does not tell its octaves apart, and octaves around 250 Hz ... 8 kHz above.
BAND_EDGES_HZ = (44.0, *(1000 * 2.0**k for k in np.arange(-2.5, 4.0)))
# A band sounds while it is within 20 dB of its own loud level (that of its loudest twentieth), unless that level is
# itself 50 dB below the loudest band's.
LOUD_PERCENTILE, BAND_SOUNDS_DB, BAND_HEARD_DB = 95, 20.0, 50.0
STEP_S = 1.0
# Long enough to hold a few bars' worth of beats: an onset curve over one second mostly shows where the seconds fall.
ONSET_WINDOW_S = 4.0

# --- Pumping
# Above kick and bass: G3, 196 Hz.
HELD_FROM_MIDI = 55
# Levels are read at sixteenths of each beat; a note within 25 dB of the loud ones sounds in that beat.
PLACES, NOTE_SOUNDS_DB, NOTE_FLOOR_DB = 16, 25.0, 40.0
# A ducked level is lowest in the first quarter of the beat, once the attack of the drum is over, and back in the second
# half; the last eighth is left out: the spectrum's window hears the next beat there.
DUCKED, BACK = slice(1, 5), slice(8, 14)
MIN_BEATS = 16
# The dip must show in three beats of five, and be one of 2 dB: drums that mask some of what is held look like .6 dB,
# notes struck off the beat like 1.8 dB at most in 77 songs.
MIN_SHARE, MIN_DB = 0.6, 2.0
# What the difference between the two parts of the beat comes to for a held chord whose gain dips by 1 dB on each beat
# and is back to 1/e of that after .2 to .45 of a beat, at 75 to 175 BPM: .34 to .44.
DIFFERENCE_PER_DB = 0.4


@value
class Density:
    """How busy and how full the song is.

    Attributes
    ----------
    onsets_per_s : float
        Moments at which something begins, from the first to the last sound; what begins within 40 ms counts once.
    active_bands_mean : float
        How many of seven bands sound at once: bass (44-177 Hz) and the six octaves above it, each while it is within
        20 dB of its own loud level. Over the same time; pauses hold none.
    pumping_db : float or None
        How far the held sound above 196 Hz is lower just after the beat than before the next, as a side chain from the
        kick makes it; 0 where that is less than 2 dB or not so on most beats. A held chord reads the depth of its dip
        within a sixth; drums, struck notes and a voice fill the dip, and the song reads less. None without a steady
        beat, and where there are fewer than 16.
    curve : array, shape (n,)
        How many bands sound at once, each value over `step_s`.
    onset_curve : array, shape (n,)
        Onsets a second, in the 4 s around the middle of the same steps.
    step_s : float
    """

    onsets_per_s: Annotated[float, PER_SECOND]
    active_bands_mean: Annotated[float, BANDS, "bands that sound at once"]
    pumping_db: Annotated[float, DB] | None
    curve: Annotated[Floats, BANDS]
    onset_curve: Annotated[Floats, PER_SECOND]
    step_s: Annotated[float, STEP_SECONDS]

    def __post_init__(self) -> None:
        if self.curve.shape != self.onset_curve.shape:
            raise ValueError("both curves have one value a step")

    @property
    def lacking(self) -> Mapping[str, tuple[Absence, str]]:
        """Why fields hold nothing."""
        return {"pumping_db": (Absence.NO_BEAT, f"there are fewer than {MIN_BEATS} steady beats")}

    @property
    def where(self) -> Mapping[str, tuple[Span, ...]]:
        """Where to listen for the fullest and the busiest stretch."""
        return {"active_bands_mean": self._highest(self.curve), "onsets_per_s": self._highest(self.onset_curve)}

    def _highest(self, curve: Floats) -> tuple[Span, ...]:
        count = round(ONSET_WINDOW_S / self.step_s)
        if curve.size < count:
            return ()
        first = int(np.convolve(curve, np.ones(count), "valid").argmax())
        return (Span(start_s=first * self.step_s, end_s=(first + count) * self.step_s),)

    @property
    def summary(self) -> str:
        """The result in one line."""
        pumping = f", pumping by {DB.format(self.pumping_db)}" if self.pumping_db else ", no pumping"
        return (
            f"{BANDS.number(self.active_bands_mean)} of {len(BAND_EDGES_HZ) - 1} bands sound at once, "
            f"{PER_SECOND.number(self.onsets_per_s)} onsets a second{'' if self.pumping_db is None else pumping}"
        )


@analyzer(version=1)
def measure_density(
    spectrum: MelSpectrum, onsets: OnsetStrength, semitones: SemitoneSpectrogram, track: BeatTrack | None
) -> Density:
    """Count what begins and what sounds at once, and look for a level that dips on the beat.

    Raises
    ------
    CannotMeasure
        Less than 3 s of sound.

    Notes
    -----
    How many instruments play is not counted: one piano fills several bands, and two guitars one. The dip is looked for
    in what is left when the percussion is masked. Struck notes, loudest on the beat, hide it: of ten songs rendered
    with dips of 4 to 9 dB under such notes two are found; of 80 others three, all of them dance music.
    """
    rate_hz = spectrum.frame_rate_hz
    power = _band_powers(spectrum)
    first, last = _sounding(power.sum(axis=0))
    sounding_s = (last + 1 - first) / rate_hz
    if sounding_s < MIN_DURATION_S:
        raise CannotMeasure(
            Absence.TOO_SHORT,
            f"{SECONDS.format(sounding_s)} of sound is too short to count in (needs {MIN_DURATION_S:g} s)",
        )
    active = _active_bands(power, first, last)
    times_s = _pick_onsets(onsets)
    times_s = times_s[(times_s >= first / rate_hz - BESIDE_S) & (times_s <= (last + 1) / rate_hz)]
    starts_s = np.arange(0, (len(active) - 1) / rate_hz, STEP_S)  # the last frame lies on the end
    return Density(
        onsets_per_s=len(times_s) / sounding_s,
        active_bands_mean=float(active[first : last + 1].mean()),
        pumping_db=None if track is None else _pumping_db(semitones, track.times_s),
        curve=_step_means(active, np.round(starts_s * rate_hz).astype(np.int64)).round(2),
        onset_curve=_rate(times_s, starts_s + STEP_S / 2, len(active) / rate_hz).round(2),
        step_s=STEP_S,
    )


# ------------------------------------------------------------------------------------------------------------- onsets
def _pick_onsets(onsets: OnsetStrength) -> Floats:
    """Return when something begins: (n,), in seconds."""
    strength = onsets.bands.mean(axis=0)
    beside = round(BESIDE_S * onsets.frame_rate_hz)
    summit = strength == maximum_filter1d(strength, 2 * beside + 1, mode="constant")
    return np.flatnonzero(summit & (strength >= MIN_STRENGTH)) / onsets.frame_rate_hz


def _rate(times_s: Floats, around_s: Floats, duration_s: float) -> Floats:
    """Return how many of some times fall in the window around others, a second; windows end where the song does."""
    begin, end = (np.clip(around_s + half, 0, duration_s) for half in (-ONSET_WINDOW_S / 2, ONSET_WINDOW_S / 2))
    count: Floats = (np.searchsorted(times_s, end) - np.searchsorted(times_s, begin)) / (end - begin)
    return count


# -------------------------------------------------------------------------------------------------------------- bands
def _band_powers(spectrum: MelSpectrum) -> Floats:
    """Return the power of each band, (7, n_frames): of the mel bands whose middle lies in it."""
    import librosa

    middles_hz = librosa.mel_frequencies(n_mels=N_MELS + 2, fmin=MIN_HZ, fmax=MAX_HZ)[1:-1]
    inside = slice(*np.searchsorted(middles_hz, [BAND_EDGES_HZ[0], BAND_EDGES_HZ[-1]]))
    first_bands = np.searchsorted(middles_hz[inside], BAND_EDGES_HZ[:-1])
    power: Floats = np.add.reduceat(np.square(spectrum.magnitudes[inside]), first_bands, axis=0, dtype=np.float64)
    return power


def _sounding(power: Floats) -> tuple[int, int]:
    """Return the first and the last frame that sound."""
    frames = np.flatnonzero(power >= power.max() * 10 ** (-QUIET_DB / 10))
    return int(frames[0]), int(frames[-1])


def _active_bands(power: Floats, first: int, last: int) -> Ints:
    """Return how many bands sound in each frame: (n_bands, n_frames) -> (n_frames,)."""
    loud = np.percentile(power[:, first : last + 1], LOUD_PERCENTILE, axis=1)
    heard = loud > loud.max() * 10 ** (-BAND_HEARD_DB / 10)
    sounds = power > (loud * 10 ** (-BAND_SOUNDS_DB / 10))[:, None]
    count: Ints = (sounds & heard[:, None]).sum(axis=0)
    return count


def _step_means(frames: Ints, starts: Ints) -> Floats:
    """Average between successive frames, the last to the end."""
    means: Floats = np.add.reduceat(frames, starts) / np.diff(starts, append=len(frames))
    return means


# ------------------------------------------------------------------------------------------------------------ pumping
def _pumping_db(semitones: SemitoneSpectrogram, times_s: Floats) -> float | None:
    """Return how far held sound dips after the beats (n,); 0 where it does not, None where too few beats can tell."""
    course = _course_of_the_beat(semitones, times_s)
    if len(course) < MIN_BEATS:
        return None
    # The same comparison, begun at every other place of the beat: a dip that is deeper elsewhere is not the beat's own.
    begun = np.stack([np.roll(course, -place, axis=1) for place in range(PLACES)])
    differences = begun[..., BACK].mean(axis=-1) - begun[..., DUCKED].mean(axis=-1)
    deepest = int(np.median(differences, axis=1).argmax())
    share = float((differences[0] > 0).mean())
    by_chance = 1.64 * 0.5 / np.sqrt(len(course))  # one in twenty would be this far above one half
    dip_db = float(np.median(differences[0])) / DIFFERENCE_PER_DB
    consistent = share >= max(MIN_SHARE, 0.5 + by_chance) and min(deepest, PLACES - deepest) <= 2
    return dip_db if consistent and dip_db >= MIN_DB else 0.0


def _course_of_the_beat(semitones: SemitoneSpectrogram, times_s: Floats) -> Floats:
    """Return the level of what is held through each beat against its mean: (n_beats, 16), in dB."""
    energy = semitones.magnitudes[:, HELD_FROM_MIDI - semitones.lowest_midi :]
    beats = len(times_s) - 1
    places = np.interp(np.arange(beats * PLACES) / PLACES, np.arange(beats + 1), times_s) * semitones.frame_rate_hz
    before = np.clip(places.astype(np.int64), 0, len(energy) - 2)
    level_db = 20 * np.log10(np.maximum(energy, max(1e-9, 1e-6 * float(energy.max()))))
    share = np.clip(places - before, 0, 1)[:, None]
    level_db = (level_db[before] * (1 - share) + level_db[before + 1] * share).reshape(beats, PLACES, -1)
    loud_db = np.percentile(level_db, 99)
    np.maximum(level_db, loud_db - NOTE_FLOOR_DB, out=level_db)
    sounds = level_db.max(axis=1) > loud_db - NOTE_SOUNDS_DB
    level_db -= level_db.mean(axis=1, keepdims=True)
    notes = sounds.sum(axis=1)
    course: Floats = np.einsum("bpn,bn->bp", level_db, sounds)[notes > 0] / notes[notes > 0, None]
    return course
