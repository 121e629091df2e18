"""librosa and pyloudnorm: chained as a typical script does, printed in riffscope's JSON.

    python librosa_chain.py SONG           # in an environment with: pip install librosa pyloudnorm

`beat_track`, the mean of `chroma_cqt` against the profiles of Krumhansl and Kessler, pyloudnorm's meter, and `pyin` on
the mix: every voiced frame counts as sung.
"""

import json
import math
import sys
import warnings
from typing import Any

import librosa
import numpy as np
import pyloudnorm
import soundfile
from numpy.typing import NDArray

Floats = NDArray[np.float64]
TONICS = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
# Krumhansl & Kessler, "Tracing the dynamic changes in perceived tonal organization", Psychological Review 89(4), 1982.
PROFILES = {
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.6, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
LOWEST_HZ, HIGHEST_HZ = 65.0, 1046.0  # C2 to C6


def main() -> int:
    """Measure the song that the command line names, and print the JSON."""
    warnings.filterwarnings("ignore")
    path = sys.argv[1]
    mono, rate_hz = librosa.load(path)
    values = rhythm(mono, rate_hz) | key(mono, rate_hz) | loudness(path) | voice(mono, rate_hz)
    print(
        json.dumps({"measurements": {name: {"status": "measured", "value": value} for name, value in values.items()}})
    )
    return 0


def rhythm(mono: Floats, rate_hz: float) -> dict[str, Any]:
    """Return tempo and beats; librosa tells no downbeats."""
    bpm, beats_s = librosa.beat.beat_track(y=mono, sr=rate_hz, units="time")
    beats = {"times_s": [float(beat_s) for beat_s in beats_s], "downbeat_index": []}
    return {"tempo": {"bpm": {"value": float(np.atleast_1d(bpm)[0])}}, "beats": beats}


def key(mono: Floats, rate_hz: float) -> dict[str, Any]:
    """Return the key whose profile the song's mean chroma is most like."""
    chroma = librosa.feature.chroma_cqt(y=mono, sr=rate_hz).mean(axis=1)
    likeness = {
        (tonic, mode): float(np.corrcoef(chroma, np.roll(profile, tonic))[0, 1])
        for mode, profile in PROFILES.items()
        for tonic in range(12)
    }
    tonic, mode = max(likeness, key=lambda each: likeness[each])
    return {"key": {"tonic": TONICS[tonic], "mode": mode}}


def loudness(path: str) -> dict[str, Any]:
    """Return integrated loudness and the sample peak; nothing for what is too short for a meter."""
    samples, rate_hz = soundfile.read(path)
    try:
        integrated_lufs = float(pyloudnorm.Meter(rate_hz).integrated_loudness(samples))
    except ValueError:
        return {}
    peak_db = 20 * math.log10(float(np.abs(samples).max()) + 1e-12)
    read = integrated_lufs if math.isfinite(integrated_lufs) else None
    return {"loudness": {"integrated_lufs": read, "range_lu": None, "true_peak_dbtp": peak_db}}


def voice(mono: Floats, rate_hz: float) -> dict[str, Any]:
    """Return what pYIN hears in the mix as the voice: contour, range, and where there is any."""
    pitch_hz, *_ = librosa.pyin(mono, sr=rate_hz, fmin=LOWEST_HZ, fmax=HIGHEST_HZ)
    times_s = librosa.times_like(pitch_hz, sr=rate_hz)
    sung = ~np.isnan(pitch_hz)
    contour = {"times_s": times_s.tolist(), "f0_hz": [float(hz) if hz == hz else None for hz in pitch_hz]}
    values: dict[str, Any] = {"vocal_pitch": contour}
    if sung.any():
        low, high = np.percentile(librosa.hz_to_midi(pitch_hz[sung]), [2, 98])
        edges = np.flatnonzero(np.diff(np.r_[0, sung.astype(int), 0])) * float(times_s[1])
        spans = [{"start_s": float(a), "end_s": float(b)} for a, b in zip(edges[::2], edges[1::2], strict=True)]
        values["vocal_range"] = {"lowest_midi": float(low), "highest_midi": float(high)}
        values["vocal_activity"] = {"spans": spans}
    return values


if __name__ == "__main__":
    sys.exit(main())
