"""Signals with known truth, shared by the tests."""

import numpy as np
import soundfile

from riffscope.model import Audio, Source


def audio_of(samples, sample_rate_hz=44100, name="signal"):
    """Wrap samples, (n,) or (channels, n), as a decoded song."""
    samples = np.ascontiguousarray(np.atleast_2d(samples), dtype=np.float32)
    return Audio(
        samples=samples,
        sample_rate_hz=sample_rate_hz,
        source=Source(
            name=name,
            sha256="0" * 64,
            duration_s=samples.shape[1] / sample_rate_hz,
            sample_rate_hz=sample_rate_hz,
            channels=len(samples),
            codec="pcm_f32",
        ),
    )


def sine(frequency_hz, duration_s=1.0, sample_rate_hz=44100, amplitude=0.5):
    """A steady tone, shape (n,)."""
    return amplitude * np.sin(2 * np.pi * frequency_hz * np.arange(round(duration_s * sample_rate_hz)) / sample_rate_hz)


def noise(duration_s=1.0, sample_rate_hz=44100, amplitude=0.1, seed=0):
    """White noise, the same for the same seed, shape (n,)."""
    return amplitude * np.random.default_rng(seed).uniform(-1, 1, round(duration_s * sample_rate_hz))


def sweep(from_hz, to_hz, duration_s=1.0, sample_rate_hz=44100, amplitude=0.5):
    """A tone that rises or falls evenly in pitch, shape (n,)."""
    t = np.arange(round(duration_s * sample_rate_hz)) / sample_rate_hz
    octaves_per_s = np.log2(to_hz / from_hz) / duration_s
    return amplitude * np.sin(2 * np.pi * from_hz * (2 ** (octaves_per_s * t) - 1) / (octaves_per_s * np.log(2)))


def write_sound(path, samples, sample_rate_hz=44100, **form):
    """Write samples, (n,) or (channels, n), as a sound file: the format by the name, or by soundfile's ``form``."""
    soundfile.write(path, np.atleast_2d(samples).T, sample_rate_hz, **form)
    return path


def harmonic_tone(f0_hz, sample_rate_hz=44100, harmonics=12, amplitude=0.3):
    """A tone with falling harmonics along a pitch contour f0_hz (n,), such as a bowed string or a vowel holds."""
    phase = 2 * np.pi * np.cumsum(f0_hz) / sample_rate_hz
    out = np.zeros(len(phase))
    for k in range(1, harmonics + 1):
        out += np.where(k * f0_hz < 0.45 * sample_rate_hz, np.sin(k * phase) / k, 0)
    return amplitude * out


def place(hits, times_s, duration_s, sample_rate_hz=44100):
    """Put a sound, (n,), at each of the times: shape (duration,)."""
    out = np.zeros(round(duration_s * sample_rate_hz) + len(hits))
    for time_s in times_s:
        start = round(time_s * sample_rate_hz)
        if 0 <= start < len(out) - len(hits):
            out[start : start + len(hits)] += hits
    return out[: round(duration_s * sample_rate_hz)]


def click(sample_rate_hz=44100, frequency_hz=1500.0, decay_s=0.01):
    """A metronome's click: a decaying tone that begins at once."""
    t = np.arange(round(6 * decay_s * sample_rate_hz)) / sample_rate_hz
    return 0.8 * np.cos(2 * np.pi * frequency_hz * t) * np.exp(-t / decay_s)


def metronome(bpm, duration_s=20.0, sample_rate_hz=44100, start_s=0.5):
    """Clicks at a tempo: the sound, (n,), and the times of the clicks."""
    times_s = np.arange(start_s, duration_s - 0.1, 60 / bpm)
    return place(click(sample_rate_hz), times_s, duration_s, sample_rate_hz), times_s


def kick(sample_rate_hz=44100):
    """A bass drum: a falling tone of 120 to 50 Hz."""
    t = np.arange(round(0.25 * sample_rate_hz)) / sample_rate_hz
    return 0.9 * np.sin(2 * np.pi * (50 * t + 70 * 0.03 * (1 - np.exp(-t / 0.03)))) * np.exp(-t / 0.08)


def snare(sample_rate_hz=44100, seed=1):
    """A snare drum: noise over a tone of 190 Hz."""
    t = np.arange(round(0.2 * sample_rate_hz)) / sample_rate_hz
    noise = np.random.default_rng(seed).standard_normal(len(t))
    return 0.35 * noise * np.exp(-t / 0.05) + 0.3 * np.sin(2 * np.pi * 190 * t) * np.exp(-t / 0.06)


def hat(sample_rate_hz=44100, seed=2):
    """A closed hi-hat: the treble of a short noise."""
    noise = np.random.default_rng(seed).standard_normal(round(0.05 * sample_rate_hz))
    treble = np.diff(noise, prepend=0.0, n=2)
    return 0.05 * treble * np.exp(-np.arange(len(treble)) / (0.012 * sample_rate_hz))


CHORDS_MIDI = ((48, 60, 64, 67), (45, 57, 60, 64), (41, 57, 60, 65), (43, 55, 59, 62))
"""C, A minor, F, G, each over its root."""


def band(
    bpm, bars=12, beats_per_bar=4, offbeat=0.5, sample_rate_hz=22050, start_s=0.3, drums=True, chords=True, higher=0
):
    """A band that plays a chord and a bar's drums over and over.

    Kick on the first beat of the bar (and the third of four), snare on the second and fourth (second and third of
    three), hi-hat on the beat and at `offbeat` between two; a new chord on each bar line, C Am F G, so many semitones
    `higher`.

    Returns
    -------
    samples (n,), beat times (bars x beats_per_bar,), times of the bar lines (bars,)
    """
    beat_s = 60 / bpm
    beats_s = start_s + beat_s * np.arange(bars * beats_per_bar)
    duration_s = start_s + beat_s * bars * beats_per_bar + 0.3
    place_in_bar = np.arange(len(beats_s)) % beats_per_bar
    out = np.zeros(round(duration_s * sample_rate_hz))
    if drums:
        kicks = beats_s[(place_in_bar == 0) | ((beats_per_bar == 4) & (place_in_bar == 2))]
        snares = beats_s[place_in_bar % 2 == 1 if beats_per_bar == 4 else place_in_bar > 0]
        out += place(kick(sample_rate_hz), kicks, duration_s, sample_rate_hz)
        out += (1.0 if beats_per_bar == 4 else 0.5) * place(snare(sample_rate_hz), snares, duration_s, sample_rate_hz)
        hats = np.concatenate([beats_s, beats_s + offbeat * beat_s])
        out += place(hat(sample_rate_hz), hats, duration_s, sample_rate_hz)
    if chords:
        bar_s = beat_s * beats_per_bar
        for bar, start in enumerate(beats_s[::beats_per_bar]):
            count = round(bar_s * 0.98 * sample_rate_hz)
            shape = np.minimum(np.minimum(np.arange(count) / 200, 1), (count - np.arange(count)) / 400)
            for midi in CHORDS_MIDI[bar % len(CHORDS_MIDI)]:
                f0_hz = np.full(count, 440 * 2 ** ((midi + higher - 69) / 12))
                tone = shape * harmonic_tone(f0_hz, sample_rate_hz, harmonics=6, amplitude=0.06)
                first = round(start * sample_rate_hz)
                out[first : first + count] += tone[: len(out) - first]
    return out, beats_s, beats_s[::beats_per_bar]
