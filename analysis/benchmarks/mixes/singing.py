"""Singing: syllables of a recorded solo voice, resynthesised on other notes.

A recorded voice is cut into syllables and analysed into pitch, spectral envelope and aperiodicity, 200 times a second.
A take lays syllables on the notes of a melody: the consonant before, the vowel stretched, with a scoop into the note,
vibrato on long ones and a glide from the note before. The pitch contour given to the synthesiser is the truth.

References
----------
Morise, Yokomori & Ozawa, "WORLD: a vocoder-based high-quality speech synthesis system for real-time applications",
IEICE Trans. Inf. & Syst. E99-D(7), 2016; with Harvest, StoneMask, CheapTrick and D4C.
"""

import functools
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from benchmarks.arrays import Floats
from benchmarks.mixes.melodies import Line, Sung
from benchmarks.mixes.music import hz_to_midi
from benchmarks.mixes.soundfont import RATE_HZ
from benchmarks.mixes.spec import Singer

HOP_S = 0.005
LOWEST_HZ, HIGHEST_HZ = 65.0, 1100.0
# A syllable: steady within these, at least so long and so loud.
JUMP_ST, WANDER_ST = 1.2, 1.6
SHORTEST_S, SOFTEST_RMS = 0.11, 0.02
CONSONANT_FRAMES = 14
OOH_SYLLABLES = 6
SILENT_POWER = 1e-12
HARMONICS_TO_HZ = 5000.0
FIRST_FORMANT_HZ = (150.0, 1200.0)
BREATH_FROM_HZ, BREATH_RAMP_HZ = 300.0, 2700.0
STRETCH_COST = 3.2
VIBRATO_FROM_S = 0.38
GLIDE_WITHIN_S = 0.06


@dataclass(frozen=True, kw_only=True)
class Syllable:
    """A stretch of a recording that is sung on one pitch: its frames, the last one included, and its median."""

    first: int
    last: int
    midi: float

    @property
    def frames(self) -> int:
        """Its length."""
        return self.last - self.first


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A dry solo voice, analysed: pitch (n,) in hertz, spectral envelope and aperiodicity (n, bins)."""

    syllables: tuple[Syllable, ...]
    pitch_hz: Floats
    envelope: Floats
    aperiodicity: Floats

    @property
    def bins(self) -> int:
        """Frequencies from 0 to half the sample rate."""
        return int(self.envelope.shape[1])


@dataclass(frozen=True, kw_only=True)
class Take:
    """A line as sung: samples (n,) at 44.1 kHz, and pitch (k,) in hertz at 5 ms, 0 where it is silent."""

    samples: Floats
    pitch_hz: Floats


def load_world() -> Any:
    """Return pyworld, which is asked for only where somebody sings."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it asks for pkg_resources, which warns of its own end
        import pyworld
    return pyworld


@functools.lru_cache(maxsize=4)
def read_voice(path: Path) -> Voice:
    """Analyse a recording of a solo voice.

    Its pitch is read from ``NAME.f0.csv`` (seconds, hertz) where that lies beside it, so that the same songs come out
    wherever they are rendered.
    """
    world = load_world()
    samples, rate_hz = soundfile.read(path)
    if rate_hz != RATE_HZ:
        samples = soxr.resample(samples, rate_hz, RATE_HZ)
    samples = samples / (np.abs(samples).max() + 1e-9) * 0.7
    kept = path.with_suffix(".f0.csv")
    if kept.exists():
        times_s, pitch_hz = np.loadtxt(kept, delimiter=",").T.copy()
    else:
        pitch_hz, times_s = world.harvest(
            samples, RATE_HZ, f0_floor=LOWEST_HZ, f0_ceil=HIGHEST_HZ, frame_period=HOP_S * 1000
        )
        pitch_hz = world.stonemask(samples, pitch_hz, times_s, RATE_HZ)
    pitch_hz, times_s = np.ascontiguousarray(pitch_hz), np.ascontiguousarray(times_s)
    return Voice(
        syllables=tuple(_cut(samples, pitch_hz)),
        pitch_hz=pitch_hz,
        envelope=world.cheaptrick(samples, pitch_hz, times_s, RATE_HZ),
        aperiodicity=world.d4c(samples, pitch_hz, times_s, RATE_HZ),
    )


def _cut(samples: Floats, pitch_hz: Floats) -> list[Syllable]:
    """Cut a voice into voiced stretches, and these where the pitch jumps."""
    midi = hz_to_midi(pitch_hz)
    syllables = []
    first = 0
    while first < len(midi):
        if np.isnan(midi[first]):
            first += 1
            continue
        last = first
        while last + 1 < len(midi) and _goes_on(midi, first, last):
            last += 1
        sound = samples[int(first * HOP_S * RATE_HZ) : int(last * HOP_S * RATE_HZ)]
        is_long = (last - first) * HOP_S > SHORTEST_S
        if is_long and len(sound) and np.sqrt((sound**2).mean()) > SOFTEST_RMS:
            syllables.append(Syllable(first=first, last=last, midi=float(np.median(midi[first : last + 1]))))
        first = last + 1
    return syllables


def _goes_on(midi: Floats, first: int, last: int) -> bool:
    after = midi[last + 1]
    if np.isnan(after):
        return False
    return bool(abs(after - midi[last]) < JUMP_ST and abs(after - np.median(midi[first : last + 1])) < WANDER_ST)


def sing(
    notes: Line,
    *,
    length_s: float,
    singer: Singer,
    voice: Voice,
    rng: np.random.Generator,
    held: bool = False,
    detune_cents: float = 0.0,
) -> Take:
    """Sing a line.

    Parameters
    ----------
    held : bool
        Use the longest syllables alone, without consonants, and let them swell: oohs.
    """
    syllables: Sequence[Syllable] = voice.syllables
    if held:
        syllables = sorted(syllables, key=lambda syllable: -syllable.frames)[:OOH_SYLLABLES]
    own_low, own_high = np.percentile([syllable.midi for syllable in syllables], [10, 90])
    sheet = _Sheet.blank(int(length_s / HOP_S) + 1, voice, singer)
    before: Sung | None = None
    for note in notes:
        # The low end of the melody takes the low syllables, and so on.
        wanted = float(np.interp(note.midi, (singer.lowest_midi, singer.highest_midi), (own_low, own_high)))
        syllable = _choose(syllables, wanted, note, rng)
        frames, at = max(8, int((note.end_s - note.start_s) / HOP_S)), int(note.start_s / HOP_S)
        if at + frames >= len(sheet.pitch_hz):
            break
        contour = _contour(note, frames, before, detune_cents, rng)
        sheet.lay(syllable, at, contour, swell=_swell(frames, held=held), rng=rng, consonant=not held)
        before = note
    aperiodicity = np.clip(sheet.aperiodicity, 1e-6, 1)
    samples = load_world().synthesize(sheet.pitch_hz, sheet.envelope, aperiodicity, RATE_HZ, HOP_S * 1000)
    return Take(samples=samples, pitch_hz=sheet.pitch_hz)


def _choose(syllables: Sequence[Syllable], wanted: float, note: Sung, rng: np.random.Generator) -> Syllable:
    """Return a syllable near in pitch that needs little stretching, with some luck."""
    length_s = note.end_s - note.start_s
    costs = [
        abs(syllable.midi - wanted) + STRETCH_COST * max(0, length_s - syllable.frames * HOP_S) + rng.random() * 2.5
        for syllable in syllables
    ]
    return syllables[int(np.argmin(costs))]


def _swell(frames: int, *, held: bool) -> Floats:
    """Return how a note's level goes, (frames,)."""
    swell = np.ones(frames)
    release = min(40 if held else 6, frames // 4)
    swell[-release:] = np.linspace(1, 0.1, release)
    rise = min(30 if held else 4, frames // 4)
    swell[:rise] *= np.linspace(0.15 if held else 0.4, 1, rise)
    return swell


def _contour(note: Sung, frames: int, before: Sung | None, detune_cents: float, rng: np.random.Generator) -> Floats:
    """Return the pitch of a note as sung, in hertz, (frames,)."""
    times_s = np.arange(frames) * HOP_S
    cents = np.cumsum(rng.normal(0, 0.8, frames))
    cents -= cents.mean()
    cents += detune_cents + rng.normal(0, 7) - 45 * rng.random() * np.exp(-times_s / 0.05)  # a scoop into the note
    if note.end_s - note.start_s > VIBRATO_FROM_S:
        depth = (22 + 28 * rng.random()) * np.clip((times_s - 0.18) / 0.2, 0, 1)
        cents += depth * np.sin(2 * np.pi * (5 + 1.2 * rng.random()) * times_s + rng.random() * 6)
    midi = note.midi + cents / 100
    if before and note.start_s - before.end_s < GLIDE_WITHIN_S:
        glide = min(10, frames // 2)
        midi[:glide] += (before.midi - note.midi) * (0.5 + 0.5 * np.cos(np.pi * np.arange(glide) / glide))
    pitch_hz: Floats = 440 * 2 ** ((midi - 69) / 12)
    return pitch_hz


@dataclass(kw_only=True)
class _Sheet:
    """What the synthesiser is given: pitch (n,), spectral envelope and aperiodicity (n, bins), filled note by note."""

    voice: Voice
    formant: float
    breath: Floats
    pitch_hz: Floats
    envelope: Floats
    aperiodicity: Floats

    @classmethod
    def blank(cls, frames: int, voice: Voice, singer: Singer) -> "_Sheet":
        """Return a sheet on which nobody sings."""
        above_hz = np.arange(voice.bins) * RATE_HZ / 2 / (voice.bins - 1) - BREATH_FROM_HZ
        return cls(
            voice=voice,
            formant=singer.formant,
            breath=singer.breathiness * np.clip(above_hz / BREATH_RAMP_HZ, 0, 1),
            pitch_hz=np.zeros(frames),
            envelope=np.full((frames, voice.bins), SILENT_POWER),
            aperiodicity=np.ones((frames, voice.bins)),
        )

    @property
    def bin_hz(self) -> float:
        return RATE_HZ / 2 / (self.voice.bins - 1)

    def lay(
        self,
        syllable: Syllable,
        at: int,
        contour_hz: Floats,
        *,
        swell: Floats,
        rng: np.random.Generator,
        consonant: bool,
    ) -> None:
        """Lay a syllable on a note that begins at a frame."""
        frames = slice(at, at + len(contour_hz))
        source = _stretched(syllable, len(contour_hz))
        self.pitch_hz[frames] = contour_hz
        envelope, aperiodicity = self._tuned(
            self._moved(self.voice.envelope[source]), self._moved(self.voice.aperiodicity[source]), contour_hz
        )
        gain = (0.9 + 0.25 * rng.random()) / max(self._harmonic_rms(envelope, contour_hz), 1e-9)
        self.envelope[frames] = envelope * (gain * swell[:, None]) ** 2
        self.aperiodicity[frames] = aperiodicity + self.breath * (1 - aperiodicity)
        if consonant:
            self._lay_consonant(syllable, at, gain)

    def _lay_consonant(self, syllable: Syllable, at: int, gain: float) -> None:
        """Lay what the recording has before the vowel, backwards from the note, where there is room."""
        frames = np.arange(max(0, syllable.first - CONSONANT_FRAMES), syllable.first)
        for back, source in enumerate(frames[self.voice.pitch_hz[frames] == 0][::-1]):
            frame = at - 1 - back
            if frame < 0 or self.pitch_hz[frame] > 0:
                break
            self.envelope[frame] = self._moved(self.voice.envelope[source : source + 1])[0] * (gain * 0.8) ** 2
            self.aperiodicity[frame] = 1

    def _moved(self, spectra: Floats) -> Floats:
        """Return spectra with their formants moved, (n, bins)."""
        bins = np.arange(self.voice.bins)
        return np.array([np.interp(bins / self.formant, bins, spectrum) for spectrum in spectra])

    def _tuned(self, envelope: Floats, aperiodicity: Floats, contour_hz: Floats) -> tuple[Floats, Floats]:
        """Raise the first formant to the note where it lies below, as sopranos do: else the note is all but silent."""
        count = self.voice.bins
        bins = np.arange(count)
        low, high = (int(hz / self.bin_hz) for hz in FIRST_FORMANT_HZ)
        top = HARMONICS_TO_HZ / self.bin_hz
        for frame, hz in enumerate(contour_hz):
            formant, note = low + int(np.argmax(envelope[frame, low:high])), hz / self.bin_hz
            if formant < note:
                source = np.interp(bins, [0, note, top, count], [0, formant, top, count])
                envelope[frame] = np.interp(source, bins, envelope[frame])
                aperiodicity[frame] = np.interp(source, bins, aperiodicity[frame])
        return envelope, aperiodicity

    def _harmonic_rms(self, envelope: Floats, contour_hz: Floats) -> float:
        """Return the level of the harmonics, which is what is heard, not of the whole envelope."""
        bins, bin_hz = np.arange(self.voice.bins), self.bin_hz
        powers = [
            np.interp(np.arange(1, int(HARMONICS_TO_HZ / hz) + 1) * hz / bin_hz, bins, spectrum).sum() * hz / bin_hz
            for spectrum, hz in zip(envelope[::4], contour_hz[::4], strict=True)
        ]
        return float(np.sqrt(np.mean(powers)))


def _stretched(syllable: Syllable, frames: int) -> NDArray[np.int64]:
    """Return the frames of a recording that make a syllable of another length: its edges are kept, its vowel gives."""
    length = syllable.frames
    attack, release = min(12, length // 3), min(8, length // 3)
    if frames > attack + release:
        vowel = attack + np.linspace(0, length - attack - release - 1, frames - attack - release)
        places = np.r_[np.arange(attack), vowel, length - release + np.arange(release)]
    else:
        places = np.linspace(0, length - 1, frames)
    source: NDArray[np.int64] = np.clip(syllable.first + np.round(places).astype(int), syllable.first, syllable.last)
    return source
