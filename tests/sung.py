"""Voices with known notes, room, breath and place, for the tests of what is measured of voices."""

import numpy as np

from riffscope.analyzers.vocal_pitch import STEP_S, VocalPitch
from riffscope.model import VocalSource
from riffscope.views.stems import Stems
from signals import CHORDS_MIDI, harmonic_tone

RATE_HZ = 22050
MELODY = (57, 60, 62, 64, 62, 60, 59, 57, 60, 64, 65, 62)


def sing(notes=MELODY, note_s=0.8, rest_s=0.4, detune_cents=0.0, late_s=0.0, seed=0, amplitude=0.3):
    """Notes with vibrato, each followed by a rest; None is a rest as long as a note.

    Returns
    -------
    samples (n,), f0 in Hz every 10 ms (m,), NaN between the notes
    """
    rng = np.random.default_rng(seed)
    steps, rest = round(note_s / STEP_S), round(rest_s / STEP_S)
    t = np.arange(steps) * STEP_S
    midi = []
    for note in notes:
        vibrato = 0.25 * np.sin(2 * np.pi * (5.2 + 0.6 * rng.random()) * t + 6 * rng.random())
        midi += [np.full(steps, np.nan) if note is None else note + detune_cents / 100 + vibrato, np.full(rest, np.nan)]
    f0_hz = 440 * 2 ** ((np.roll(np.concatenate(midi), round(late_s / STEP_S)) - 69) / 12)
    at = np.arange(round(len(f0_hz) * STEP_S * RATE_HZ)) / RATE_HZ / STEP_S
    sounding = np.isfinite(f0_hz)[at.astype(int)]
    held = np.interp(np.arange(len(f0_hz)), np.flatnonzero(np.isfinite(f0_hz)), f0_hz[np.isfinite(f0_hz)])
    # Ends that take 20 ms, so that nothing clicks.
    edges = np.convolve(sounding, np.hanning(441) / np.hanning(441).sum(), mode="same")
    return harmonic_tone(np.interp(at, np.arange(len(f0_hz)), held), RATE_HZ, 20, amplitude) * edges, f0_hz


def placed(samples, pan):
    """Put a voice, (n,), from -1 (left) to 1 (right) with equal power: (2, n)."""
    angle = (pan + 1) * np.pi / 4
    return np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]]) * samples


def in_room(voice, rt60_s=1.8, wet_db=-8.0, seed=3):
    """Add stereo reverberation to a voice (2, n), so far below it."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(rt60_s * RATE_HZ)) / RATE_HZ
    impulse = rng.normal(size=(2, len(t))) * np.exp(-6.9 * t / rt60_s)
    length = voice.shape[1]
    size = length + len(t)
    dry = np.fft.rfft(voice.mean(axis=0), size)
    wet = np.stack([np.fft.irfft(dry * np.fft.rfft(one, size), size)[:length] for one in impulse])
    return voice + wet * 10 ** (wet_db / 20) * np.sqrt(np.mean(voice**2) / np.mean(wet**2))


def breath(voice, level_db=-15.0, seed=4):
    """Add noise to a voice (2, n) while it sings, so far below it: the same on both sides, as the voice is."""
    envelope = np.sqrt(np.convolve(voice.mean(axis=0) ** 2, np.ones(441) / 441, mode="same"))
    noise = np.random.default_rng(seed).normal(size=voice.shape[1])
    return voice + 10 ** (level_db / 20) * envelope * noise


def chords(length, amplitude=0.05):
    """An accompaniment of held chords: (2, n)."""
    out = np.zeros((2, length))
    for i, first in enumerate(range(0, length, RATE_HZ)):
        count = min(RATE_HZ, length - first)
        for j, midi in enumerate(CHORDS_MIDI[i % len(CHORDS_MIDI)]):
            tone = harmonic_tone(np.full(count, 440 * 2 ** ((midi - 69) / 12)), RATE_HZ, 6, amplitude)
            out[:, first : first + count] += placed(tone, (-0.6, 0.6, -0.3, 0.3)[j])
    return out


def stems_of(vocals, accompaniment, method=VocalSource.SPLEETER):
    """Wrap vocals and accompaniment, (channels, n) each; without the latter the former are the mix."""
    return Stems(
        vocals=np.asarray(vocals, np.float32),
        mix=np.asarray(vocals if accompaniment is None else vocals + accompaniment, np.float32),
        sample_rate_hz=RATE_HZ,
        method=method,
    )


def mix_of(stems):
    """The same song, not taken apart."""
    return stems_of(stems.vocals + stems.accompaniment, None, method=VocalSource.MIX)


def pitch_of(f0_hz):
    """Wrap a contour every 10 ms, NaN where no one sings."""
    sung = np.isfinite(f0_hz)
    return VocalPitch(
        times_s=np.arange(len(f0_hz)) * STEP_S,
        f0_hz=f0_hz,
        voiced_probability=sung.astype(float),
        certain=sung.astype(np.int64),
        method=VocalSource.SPLEETER,
    )
