"""What a mix goes through: amplifiers, rooms, equalisers, pumping, limiters, noise, fades."""

import numpy as np
import numpy.typing as npt
from scipy.signal import butter, fftconvolve, sosfilt

Float32s = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]


def rms(samples: Float32s) -> float:
    """Return the effective value of the loudest half of the sound: pauses do not count."""
    frames = samples[: len(samples) // 2048 * 2048].reshape(-1, 2048).astype(np.float64)
    power = np.sort((frames**2).mean(axis=1))
    return float(np.sqrt(power[len(power) // 2 :].mean() + 1e-12)) if len(power) else 1e-6


def at_level(samples: Float32s, level_db: float) -> Float32s:
    """Bring sound to an effective value; silence stays silence."""
    level = rms(samples)
    return samples * np.float32(10 ** (level_db / 20) / level) if level > 1e-5 else samples


def filtered(samples: Float32s, kind: str, cutoff_hz: float, *, sample_rate_hz: int, order: int = 1) -> Float32s:
    """Cut what is low ("highpass") or high ("lowpass")."""
    out: Float32s = sosfilt(butter(order, cutoff_hz, kind, fs=sample_rate_hz, output="sos"), samples).astype(np.float32)
    return out


def amplifier(samples: Float32s, rng: np.random.Generator, *, sample_rate_hz: int) -> Float32s:
    """Distort as a guitar amplifier does: bass cut before the tube, treble cut by the speaker after it."""
    drive = float(10 ** rng.uniform(0.3, 1.7))
    tight = filtered(at_level(samples, -12), "highpass", float(rng.uniform(70, 250)), sample_rate_hz=sample_rate_hz)
    driven = np.tanh(drive * tight + 0.1) - np.float32(np.tanh(0.1))
    return filtered(
        driven.astype(np.float32), "lowpass", float(rng.uniform(2500, 6500)), sample_rate_hz=sample_rate_hz, order=2
    )


def room(samples: Float32s, rng: np.random.Generator, *, sample_rate_hz: int) -> Float32s:
    """Add a room of .2 to 1.5 s: noise that dies away."""
    decay_s = float(rng.uniform(0.2, 1.5))
    length = int(decay_s * sample_rate_hz)
    times_s = np.arange(length) / sample_rate_hz
    echo = rng.normal(0, 1, length) * np.exp(-6.9 * times_s / decay_s)
    echo /= np.sqrt((echo**2).sum())
    wet = fftconvolve(samples, echo)[: len(samples)]
    out: Float32s = (samples + float(rng.uniform(0.05, 0.45)) * wet).astype(np.float32)
    return out


def equaliser(samples: Float32s, rng: np.random.Generator, *, sample_rate_hz: int) -> Float32s:
    """Tilt and narrow the spectrum, as recordings and codecs differ."""
    if rng.random() < 0.4:
        low = filtered(samples, "highpass", float(rng.uniform(50, 400)), sample_rate_hz=sample_rate_hz)
        samples = (samples * np.float32(0.5) + low * np.float32(rng.uniform(0.2, 0.9))).astype(np.float32)
    if rng.random() < 0.35:
        high = filtered(samples, "highpass", float(rng.uniform(1500, 5000)), sample_rate_hz=sample_rate_hz)
        samples = (samples + high * np.float32(rng.uniform(-0.7, 1.5))).astype(np.float32)
    if rng.random() < 0.25:
        samples = filtered(samples, "lowpass", float(rng.uniform(2500, 9500)), sample_rate_hz=sample_rate_hz, order=2)
    if rng.random() < 0.06:  # a telephone, a small radio
        samples = filtered(samples, "highpass", float(rng.uniform(200, 500)), sample_rate_hz=sample_rate_hz, order=2)
    return samples


def pumping(samples: Float32s, beat_times_s: Floats, rng: np.random.Generator, *, sample_rate_hz: int) -> Float32s:
    """Duck the sound at each beat, as a compressor keyed by the kick drum does."""
    depth_db, recovery_s = float(rng.uniform(3, 12)), float(rng.uniform(0.12, 0.4))
    times_s = np.arange(len(samples)) / sample_rate_hz
    last = np.searchsorted(beat_times_s, times_s, "right") - 1
    since_s = np.where(last >= 0, times_s - beat_times_s[np.maximum(last, 0)], 10.0)
    gain_db = -depth_db * np.exp(-since_s / recovery_s)
    out: Float32s = (samples * 10 ** (gain_db / 20)).astype(np.float32)
    return out


def master(samples: Float32s, rng: np.random.Generator, *, sample_rate_hz: int) -> Float32s:
    """Limit, add noise, fade: the last of it, with peaks below 1."""
    samples = at_level(samples, -18)
    if rng.random() < 0.55:
        drive = float(10 ** rng.uniform(0, 0.9))
        samples = (np.tanh(drive * 2 * samples) / drive).astype(np.float32)
    if rng.random() < 0.5:
        noise = rng.normal(0, 10 ** (rng.uniform(-85, -42) / 20), len(samples))
        samples = (samples + noise).astype(np.float32)
    seconds = len(samples) / sample_rate_hz
    ramp = np.ones(len(samples), np.float32)
    if rng.random() < 0.06:
        count = int(min(0.25 * seconds, rng.uniform(3, 10)) * sample_rate_hz)
        ramp[:count] = np.linspace(0.02, 1, count)
    if rng.random() < 0.08:
        count = int(min(0.25 * seconds, rng.uniform(3, 10)) * sample_rate_hz)
        ramp[-count:] = np.linspace(1, 0.02, count)
    samples = samples * ramp
    levelled = samples / (np.abs(samples).max() + 1e-6) * np.float32(rng.uniform(0.2, 0.99))
    out: Float32s = levelled.astype(np.float32)
    return out
