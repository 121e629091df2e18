"""A synthetic singer and speaker: voices over the music without a recording of anybody.

A glottal pulse train follows a sung pitch contour through formant resonances, with consonants, breath and the
imprecision of people. Nobody would take it for a human; what it has in common with one is where a beat network gets
lost: strong harmonics that glide, hissing consonants that are no hi-hat, and onsets beside the beat.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import sosfilt

Samples = NDArray[np.float32]

CONTROL_HZ = 200
"""Rate of the pitch and loudness contours; nothing a voice does with them is faster than 100 Hz."""

PULSE_SAMPLES = 2048

# First to fourth formant and their bandwidths, Hz, of an adult male voice (Peterson & Barney 1952, table II, with the
# usual 3300 for the fourth); `Voice.formant_shift` scales them.
_VOWELS_HZ: tuple[tuple[float, float, float, float], ...] = (
    (730, 1090, 2440, 3400),  # a, "father"
    (660, 1720, 2410, 3400),  # ae, "had"
    (530, 1840, 2480, 3400),  # e, "head"
    (390, 1990, 2550, 3400),  # i, "hid"
    (270, 2290, 3010, 3600),  # ee, "heed"
    (570, 840, 2410, 3300),  # o, "hawed"
    (440, 1020, 2240, 3200),  # u, "hood"
    (300, 870, 2240, 3200),  # oo, "who'd"
    (640, 1190, 2390, 3300),  # uh, "hud"
    (490, 1350, 1690, 3100),  # er, "heard"
)
_NASAL_HZ = (250.0, 1100.0, 2200.0, 3300.0)
_BANDWIDTHS_HZ = (80.0, 100.0, 140.0, 220.0)
# A throat resonates every kHz on and up. Without these a cascade falls by 60 dB an octave from 4 kHz, and the voice
# has no air.
_HIGH_FORMANTS_HZ = (4300.0, 5300.0, 6300.0, 7300.0, 8300.0, 9300.0, 10300.0, 11300.0)


class Hiss(NamedTuple):
    """A consonant's noise: where it sounds, how long, and how loud beside a vowel (linear RMS)."""

    low_hz: float
    high_hz: float
    shortest_s: float
    longest_s: float
    level: float
    is_plosive: bool


_CONSONANTS: tuple[Hiss, ...] = (
    Hiss(4500, 10500, 0.07, 0.15, 0.55, False),  # s
    Hiss(2200, 6500, 0.07, 0.14, 0.55, False),  # sh
    Hiss(1500, 9500, 0.05, 0.10, 0.18, False),  # f, th
    Hiss(600, 3500, 0.04, 0.09, 0.20, False),  # h
    Hiss(2800, 8500, 0.02, 0.06, 0.60, True),  # t
    Hiss(1200, 3200, 0.02, 0.06, 0.50, True),  # k
    Hiss(300, 1600, 0.01, 0.03, 0.45, True),  # p
)


@dataclass(frozen=True, kw_only=True)
class Voice:
    """Who sings: what stays the same from note to note."""

    formant_shift: float
    """Formants over an adult man's, .85 (a deep bass) .. 1.25 (a child)."""
    breathiness: float
    """Breath noise beside the tone, 0..1."""
    brightness_db_per_octave: float
    """Tilt of the source's harmonics at the lips, about -4 (belted) .. -9 (soft)."""
    vibrato_semitones: float
    vibrato_hz: float
    portamento_s: float
    untuned_semitones: float
    """Standard deviation of the notes' pitch errors."""
    late_s: float
    """Latest onset of a vowel after its note's start."""
    diction: float
    """Share of the notes that begin with a consonant."""
    is_doubled: bool

    @staticmethod
    def draw(rng: np.random.Generator, *, middle_midi: float = 60.0) -> "Voice":
        """Draw a singer for notes around ``middle_midi``: higher voices have shorter throats, mostly."""
        tuned_by_machine = rng.random() < 0.15
        return Voice(
            formant_shift=float(np.clip(1.03 + 0.011 * (middle_midi - 60) + rng.normal(0, 0.07), 0.85, 1.25)),
            breathiness=float(rng.beta(1.3, 3)),
            brightness_db_per_octave=float(rng.uniform(-9, -4)),
            vibrato_semitones=0.0 if tuned_by_machine else float(rng.choice([0.0, 0.15, 0.3, 0.45, 0.7])),
            vibrato_hz=float(rng.uniform(4.6, 6.6)),
            portamento_s=0.015 if tuned_by_machine else float(rng.uniform(0.04, 0.14)),
            untuned_semitones=0.0 if tuned_by_machine else float(rng.uniform(0.03, 0.2)),
            late_s=float(rng.uniform(0.01, 0.06)),
            diction=float(rng.uniform(0.4, 0.95)),
            is_doubled=bool(rng.random() < 0.25),
        )


class Syllable(NamedTuple):
    """One note as it is really sung: when its vowel sounds, how it starts, and its pitch."""

    start_s: float
    end_s: float
    midi: float
    loudness: float
    is_legato: bool
    """Whether it goes on from the one before without a breath."""


def sing(
    notes: Sequence[tuple[float, float, int]],
    length_samples: int,
    rng: np.random.Generator,
    *,
    sample_rate_hz: int = 22050,
    voice: Voice | None = None,
) -> Samples:
    """Sing a melody on random syllables.

    Parameters
    ----------
    notes
        Notes as (start in seconds, end in seconds, MIDI number). Where two overlap, the later one cuts the earlier.
    length_samples
        Length of the result.
    rng
        Decides the syllables, the imprecision, and the singer if none is given.
    sample_rate_hz
        Sample rate of the result, 16000 or more (consonants need the room).
    voice
        The singer; drawn to suit the notes' pitch if not given.

    Returns
    -------
    Samples ``(length_samples,)``: RMS .12 where there is singing, peak at most 1. Silence if no note is inside.
    """
    length_s = length_samples / sample_rate_hz
    inside = sorted((start, min(end, length_s), midi) for start, end, midi in notes if 0 <= start < min(end, length_s))
    if not inside:
        return np.zeros(length_samples, dtype=np.float32)
    voice = voice or Voice.draw(rng, middle_midi=float(np.median([midi for _, _, midi in inside])))
    syllables = _perform(inside, voice, rng)
    out = _utter(syllables, voice, length_samples, rng, sample_rate_hz=sample_rate_hz)
    if voice.is_doubled:
        # A second take: other consonants, errors and drift, and some 20 ms beside the first.
        second = replace(voice, diction=0.4 * voice.diction, untuned_semitones=max(0.08, voice.untuned_semitones))
        late_s = float(rng.uniform(0.005, 0.03))
        take = _perform([(start + late_s, end + late_s, midi) for start, end, midi in inside], second, rng)
        out += np.float32(rng.uniform(0.4, 0.9)) * _utter(
            take, second, length_samples, rng, sample_rate_hz=sample_rate_hz
        )
    return _level(out)


def talk(
    length_samples: int,
    rng: np.random.Generator,
    *,
    sample_rate_hz: int = 22050,
    voice: Voice | None = None,
) -> Samples:
    """Talk: phrases of syllables without a beat, on a pitch that glides and falls, with pauses between them.

    Parameters
    ----------
    length_samples
        Length of the result.
    rng
        Decides everything, the speaker included if none is given.
    sample_rate_hz
        Sample rate of the result, 16000 or more.
    voice
        The speaker.

    Returns
    -------
    Samples ``(length_samples,)``: RMS .12 where there is speech, peak at most 1.
    """
    middle_midi = float(rng.uniform(43, 58))  # 100..230 Hz, men's and women's speaking pitch
    voice = voice or Voice.draw(rng, middle_midi=middle_midi + 6)
    # Slow speakers say 4 syllables a second, fast ones 7; pauses make both look slower.
    syllables_per_s = float(rng.uniform(4, 7))
    voice = replace(voice, vibrato_semitones=0.0, portamento_s=0.09, late_s=0.0, diction=0.85, is_doubled=False)
    length_s = length_samples / sample_rate_hz
    syllables = []
    at_s = float(rng.uniform(0, 0.6))
    while at_s < length_s - 0.3:
        count = int(rng.integers(3, 22))
        range_semitones = float(rng.uniform(2, 6))
        for place in range(count):
            is_stressed = rng.random() < 0.35
            # Log-normal, since syllables are many short ones and a few long; the last of a phrase is drawn out.
            lasts_s = float(np.exp(rng.normal(0, 0.35))) / syllables_per_s
            lasts_s *= (1.3 if is_stressed else 0.9) * (1.6 if place == count - 1 else 1)
            midi = middle_midi + range_semitones * (0.5 - place / count) + (range_semitones * 0.5 if is_stressed else 0)
            midi += float(rng.normal(0, 0.8))
            gap_s = float(rng.uniform(0.01, 0.05))
            if at_s + lasts_s > length_s:
                break
            loudness = (1.0 if is_stressed else 0.6) * (1 - 0.4 * place / count) * float(rng.uniform(0.8, 1.2))
            syllables.append(Syllable(at_s, at_s + max(0.06, lasts_s - gap_s), midi, loudness, place > 0))
            at_s += lasts_s
        at_s += float(rng.gamma(2, 0.3)) + 0.15
    if not syllables:
        return np.zeros(length_samples, dtype=np.float32)
    return _level(_utter(syllables, voice, length_samples, rng, sample_rate_hz=sample_rate_hz))


def _perform(notes: Sequence[tuple[float, float, float]], voice: Voice, rng: np.random.Generator) -> list[Syllable]:
    """Turn written notes into sung ones: late, untuned, and with the loudness of a phrase."""
    middle_midi = float(np.median([midi for _, _, midi in notes]))
    syllables: list[Syllable] = []
    for place, (start_s, end_s, midi) in enumerate(notes):
        next_s = notes[place + 1][0] if place + 1 < len(notes) else np.inf
        late_s = min(float(rng.uniform(0, voice.late_s)), 0.3 * (end_s - start_s))
        sung_to_s = min(end_s + float(rng.uniform(-0.03, 0.02)), next_s - 0.005)
        if sung_to_s - start_s - late_s < 0.04:
            continue
        # Higher is louder, 3 dB an octave or so, as singers do without being asked.
        loudness = 2 ** ((midi - middle_midi) / 24) * float(np.exp(rng.normal(0, 0.15)))
        is_legato = bool(syllables) and start_s - syllables[-1].end_s < 0.09
        sung_midi = midi + voice.untuned_semitones * float(rng.standard_normal())
        syllables.append(Syllable(start_s + late_s, sung_to_s, sung_midi, loudness, is_legato))
    return syllables


def _utter(
    syllables: Sequence[Syllable],
    voice: Voice,
    length_samples: int,
    rng: np.random.Generator,
    *,
    sample_rate_hz: int,
) -> Samples:
    """Sound the syllables: pitch contour, pulses, formants, consonants."""
    out = np.zeros(length_samples, dtype=np.float32)
    if not syllables:
        return out
    f0_hz = _contour_hz(syllables, voice, length_samples / sample_rate_hz, rng)
    white = rng.standard_normal(int(1.5 * sample_rate_hz)).astype(np.float32)
    breaths: dict[Hiss, Samples] = {}
    vowel = int(rng.integers(len(_VOWELS_HZ)))
    for place, syllable in enumerate(syllables):
        is_sung_on = place + 1 < len(syllables) and syllables[place + 1].is_legato
        consonant: Hiss | None = None
        if rng.random() < voice.diction:
            consonant = _CONSONANTS[int(rng.integers(len(_CONSONANTS)))]
        # A vowel runs a little into the next, whose own fades in meanwhile: the mouth moves in 30..60 ms.
        attack_s = float(rng.uniform(0.02, 0.08)) if consonant is None or not consonant.is_plosive else 0.015
        release_s = 0.04 if is_sung_on else float(rng.uniform(0.06, 0.18))
        start = max(0, int(syllable.start_s * sample_rate_hz))
        stop = min(length_samples, int((syllable.end_s + release_s) * sample_rate_hz))
        if stop - start < 64:
            continue
        # Sung words repeat vowels, so it is not a new one every time.
        if rng.random() < 0.8:
            vowel = int(rng.integers(len(_VOWELS_HZ)))
        hz = _over_time(f0_hz, start, stop, sample_rate_hz)
        source = _pulses(hz, voice.brightness_db_per_octave, sample_rate_hz, phase=float(rng.random()))
        source += _breath(hz, white, voice.breathiness, rng, sample_rate_hz)
        tone = _shape(source, vowel, voice, float(hz.mean()), rng, sample_rate_hz, is_nasal=consonant is None)
        tone *= _envelope(len(tone), attack_s, release_s, rng, sample_rate_hz)
        # The filters' gain depends on vowel and pitch far more than ears find a singer's loudness to.
        tone *= np.float32(syllable.loudness / (np.sqrt(float(np.dot(tone, tone)) / len(tone)) + 1e-6))
        out[start:stop] += tone
        if consonant is not None:
            noise, lead_s = _consonant(consonant, voice, breaths, white, rng, sample_rate_hz)
            _add(out, noise * np.float32(syllable.loudness), start - int(lead_s * sample_rate_hz))
        if not is_sung_on and rng.random() < 0.3 * voice.diction:
            last = _CONSONANTS[int(rng.choice([0, 1, 4, 5]))]
            noise, _ = _consonant(last, voice, breaths, white, rng, sample_rate_hz)
            _add(out, noise * np.float32(0.7 * syllable.loudness), int(syllable.end_s * sample_rate_hz))
        if not syllable.is_legato and rng.random() < 0.4:
            _add(out, _gasp(voice, white, rng, sample_rate_hz), start - int(rng.uniform(0.35, 0.5) * sample_rate_hz))
    return out


def _contour_hz(
    syllables: Sequence[Syllable], voice: Voice, length_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Give the pitch ``(n,)`` in Hz at `CONTROL_HZ`: glides, late vibrato, drift and jitter."""
    count = int(length_s * CONTROL_HZ) + 2
    time_s = np.arange(count) / CONTROL_HZ
    starts_s = np.array([one.start_s for one in syllables])
    midis = np.array([one.midi for one in syllables])
    # The glide is half over at the new note's start, where it is heard to begin.
    target = midis[np.clip(np.searchsorted(starts_s, time_s, side="right") - 1, 0, None)]
    for one in syllables:
        if not one.is_legato:
            # Out of silence many singers scoop up to the note.
            begin, end = int(one.start_s * CONTROL_HZ), int((one.start_s + 0.08) * CONTROL_HZ)
            target[begin:end] -= float(rng.choice([0.0, 0.0, 0.5, 1.5])) if voice.portamento_s > 0.02 else 0.0
    width = max(1, int(voice.portamento_s * CONTROL_HZ))
    window = np.hanning(width + 2)[1:-1]
    contour = np.convolve(np.pad(target, width, mode="edge"), window / window.sum(), mode="same")[width : width + count]
    if voice.portamento_s > 0.02:
        drift = np.cumsum(rng.standard_normal(count))
        drift -= np.convolve(drift, np.full(CONTROL_HZ, 1 / CONTROL_HZ), mode="same")
        contour += 0.08 * drift / (drift.std() + 1e-9)
        contour += np.convolve(rng.normal(0, 0.06, count), np.full(3, 1 / 3), mode="same")
    phase = 2 * np.pi * np.cumsum(voice.vibrato_hz * (1 + 0.04 * rng.standard_normal(count))) / CONTROL_HZ
    for one in syllables:
        # Vibrato sets in on long notes only, after the pitch is settled.
        wait_s = float(rng.uniform(0.2, 0.4))
        if voice.vibrato_semitones and one.end_s - one.start_s > wait_s + 0.15:
            begin, end = int((one.start_s + wait_s) * CONTROL_HZ), int((one.end_s + 0.1) * CONTROL_HZ)
            swell = np.clip((time_s[begin:end] - one.start_s - wait_s) / 0.35, 0, 1)
            contour[begin:end] += voice.vibrato_semitones * swell * np.sin(phase[begin:end])
    return 440 * 2 ** ((contour - 69) / 12)


def _over_time(contour: NDArray[np.float64], start: int, stop: int, sample_rate_hz: int) -> Samples:
    """Read a contour at `CONTROL_HZ` at every sample from ``start`` to ``stop``."""
    place = np.arange(start, stop) * (CONTROL_HZ / sample_rate_hz)
    out: Samples = np.interp(place, np.arange(len(contour)), contour).astype(np.float32)
    return out


@lru_cache(maxsize=256)
def _pulse(harmonics: int, tilt_db_per_octave: float) -> Samples:
    # One period as a table: a sum of sines costs a hundred times the look-up. The phases, quadratic as in a chirp,
    # spread the pulse a little, as the closing of the vocal folds is no single instant.
    number = np.arange(1, harmonics + 1)
    spectrum = np.zeros(PULSE_SAMPLES // 2 + 1, dtype=np.complex128)
    spectrum[1 : harmonics + 1] = number ** (tilt_db_per_octave / 6.02) * np.exp(-0.04j * number**1.5)
    table = np.fft.irfft(spectrum)
    out: Samples = (table / np.sqrt((table**2).mean())).astype(np.float32)
    return out


def _pulses(hz: Samples, tilt_db_per_octave: float, sample_rate_hz: int, *, phase: float) -> Samples:
    harmonics = max(2, min(int(0.47 * sample_rate_hz / float(hz.max())), PULSE_SAMPLES // 2 - 1))
    turns = np.cumsum(hz, dtype=np.float64) / sample_rate_hz + phase
    table = _pulse(harmonics, round(tilt_db_per_octave, 1))
    out: Samples = table[(turns * PULSE_SAMPLES).astype(np.int64) & (PULSE_SAMPLES - 1)]
    return out


def _breath(hz: Samples, white: Samples, breathiness: float, rng: np.random.Generator, sample_rate_hz: int) -> Samples:
    noise = _slice(white, len(hz), rng)
    # Air flows while the folds are open: noise that pulses with the tone fuses with it instead of lying over it.
    turns = np.cumsum(hz, dtype=np.float64) / sample_rate_hz
    flow = _pulse(1, 0.0)[(turns * PULSE_SAMPLES).astype(np.int64) & (PULSE_SAMPLES - 1)]
    out: Samples = noise * (1 + 0.5 * flow) * np.float32(0.02 + 0.22 * breathiness)
    return out


def _shape(
    source: Samples,
    vowel: int,
    voice: Voice,
    f0_hz: float,
    rng: np.random.Generator,
    sample_rate_hz: int,
    *,
    is_nasal: bool,
) -> Samples:
    """Pass the source through the mouth, which moves from one shape to another within the syllable."""
    steady: Samples = sosfilt(_formants(_VOWELS_HZ[vowel], voice, f0_hz, sample_rate_hz), source).astype(np.float32)
    length_s = len(source) / sample_rate_hz
    if is_nasal and rng.random() < 0.7:
        # "m", "n", "l": no noise, but the vowel opens out of a hum.
        span = min(len(source), int(rng.uniform(0.05, 0.12) * sample_rate_hz))
        closed = sosfilt(_formants(_NASAL_HZ, voice, f0_hz, sample_rate_hz), source[:span]).astype(np.float32)
        level = 0.5 * np.sqrt(float((steady[:span] ** 2).mean()) / (float((closed**2).mean()) + 1e-12))
        return _glide(closed * np.float32(level), steady, 0.6 * span, 0.4 * span)
    if length_s > 0.25 and rng.random() < 0.5:
        # Diphthongs, and vowels that wander on long notes.
        other = _VOWELS_HZ[int(rng.integers(len(_VOWELS_HZ)))]
        second = sosfilt(_formants(other, voice, f0_hz, sample_rate_hz), source).astype(np.float32)
        glide = float(rng.uniform(0.05, 0.2)) * sample_rate_hz
        return _glide(steady, second, float(rng.uniform(0.3, 0.8)) * (len(source) - glide), glide)
    return steady


def _glide(first: Samples, second: Samples, begin: float, length: float) -> Samples:
    """Crossfade from one to the other; the first may be the shorter."""
    begin_at, end_at = int(begin), min(int(begin + length) + 1, len(first))
    mixed = second.copy()
    mixed[:begin_at] = first[:begin_at]
    share = np.linspace(0, 1, max(1, end_at - begin_at), dtype=np.float32)[: end_at - begin_at]
    mixed[begin_at:end_at] = (1 - share) * first[begin_at:end_at] + share * second[begin_at:end_at]
    return mixed


def _formants(
    vowel_hz: tuple[float, float, float, float], voice: Voice, f0_hz: float, sample_rate_hz: int
) -> NDArray[np.float64]:
    """Give a cascade of resonators ``(sections, 6)`` for `sosfilt` (Klatt 1980, eq. 1-2), unity at 0 Hz."""
    hz = np.array([*vowel_hz, *_HIGH_FORMANTS_HZ]) * voice.formant_shift
    # Sopranos open their mouth until the first formant meets the pitch, or nothing would be heard.
    hz[0] = max(hz[0], 1.02 * f0_hz)
    hz[1] = max(hz[1], hz[0] + 200)
    width_hz = np.array([*_BANDWIDTHS_HZ, *np.linspace(350, 800, len(_HIGH_FORMANTS_HZ))]) * (
        1 + 0.5 * voice.breathiness
    )
    below_nyquist = hz < 0.48 * sample_rate_hz
    hz, width_hz = hz[below_nyquist], width_hz[below_nyquist]
    radius = np.exp(-np.pi * width_hz / sample_rate_hz)
    middle = -2 * radius * np.cos(2 * np.pi * hz / sample_rate_hz)
    zeros, ones = np.zeros(len(hz)), np.ones(len(hz))
    return np.stack([1 + middle + radius**2, zeros, zeros, ones, middle, radius**2], axis=1)


def _envelope(length: int, attack_s: float, release_s: float, rng: np.random.Generator, sample_rate_hz: int) -> Samples:
    envelope = np.ones(length, dtype=np.float32)
    attack = min(length // 2, int(attack_s * sample_rate_hz))
    release = min(length // 2, int(release_s * sample_rate_hz))
    envelope[:attack] = np.sin(np.linspace(0, np.pi / 2, attack, dtype=np.float32)) ** 2
    envelope[length - release :] = np.cos(np.linspace(0, np.pi / 2, release, dtype=np.float32)) ** 2
    # Swelled or let go over the note, up to 4 dB either way.
    envelope *= np.linspace(1, 10 ** float(rng.uniform(-0.2, 0.12)), length, dtype=np.float32)
    return envelope


def _consonant(
    hiss: Hiss,
    voice: Voice,
    breaths: dict[Hiss, Samples],
    white: Samples,
    rng: np.random.Generator,
    sample_rate_hz: int,
) -> tuple[Samples, float]:
    """Give a consonant's noise and how long before its vowel it begins, in seconds."""
    if hiss not in breaths:
        shift = voice.formant_shift**0.5
        high_hz = min(hiss.high_hz * shift, 0.46 * sample_rate_hz)
        breaths[hiss] = _band(white, hiss.low_hz * shift, high_hz, sample_rate_hz)
    lasts_s = float(rng.uniform(hiss.shortest_s, hiss.longest_s))
    noise = _slice(breaths[hiss], int(lasts_s * sample_rate_hz), rng)
    place = np.linspace(0, 1, len(noise), dtype=np.float32)
    if hiss.is_plosive:
        # The stop bursts open at once and dies away into the vowel.
        return noise * np.float32(hiss.level * rng.uniform(0.7, 1.5)) * np.exp(-4 * place), 0.8 * lasts_s
    rise = np.minimum(1, np.minimum(place / 0.35, (1 - place) / 0.25))
    return noise * np.float32(hiss.level * rng.uniform(0.5, 1.3)) * rise, 0.85 * lasts_s


def _gasp(voice: Voice, white: Samples, rng: np.random.Generator, sample_rate_hz: int) -> Samples:
    """Breathe in before a phrase."""
    noise = _slice(white, int(rng.uniform(0.2, 0.35) * sample_rate_hz), rng)
    noise = sosfilt(_formants(_VOWELS_HZ[8], voice, 100.0, sample_rate_hz)[1:], noise).astype(np.float32)
    noise /= np.sqrt(float((noise**2).mean())) + 1e-6
    out: Samples = noise * np.hanning(len(noise)).astype(np.float32) * np.float32(rng.uniform(0.03, 0.15))
    return out


def _band(noise: Samples, low_hz: float, high_hz: float, sample_rate_hz: int) -> Samples:
    """Keep a band, its edges an octave's slope wide, and bring it to an RMS of 1."""
    spectrum = np.fft.rfft(noise)
    hz = np.fft.rfftfreq(len(noise), 1 / sample_rate_hz) + 1e-9
    spectrum *= 1 / np.sqrt(1 + (low_hz / hz) ** 6) / np.sqrt(1 + (hz / high_hz) ** 6)
    band = np.fft.irfft(spectrum, len(noise)).astype(np.float32)
    out: Samples = band / (np.sqrt((band**2).mean()) + np.float32(1e-9))
    return out


def _slice(noise: Samples, length: int, rng: np.random.Generator) -> Samples:
    """Give ``length`` samples of a noise from a random place, round and round."""
    start = int(rng.integers(len(noise)))
    if start + length <= len(noise):
        return noise[start : start + length].copy()
    return np.resize(np.roll(noise, -start), length)


def _add(out: Samples, part: Samples, start: int) -> None:
    part = part[max(0, -start) :]
    start = max(0, start)
    stop = min(len(out), start + len(part))
    if stop > start:
        out[start:stop] += part[: stop - start]


def _level(voice: Samples) -> Samples:
    """Bring what sounds to an RMS of .12, and the peak to 1 at most."""
    sounding = voice[np.abs(voice) > 1e-3]
    if not len(sounding):
        return voice
    scaled = voice * np.float32(0.12 / np.sqrt(float((sounding**2).mean())))
    peak = float(np.abs(scaled).max())
    return scaled / np.float32(max(1.0, peak))
