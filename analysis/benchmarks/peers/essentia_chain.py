"""Essentia: its extractors chained as its tutorials do, printed in riffscope's JSON.

    python essentia_chain.py SONG          # in an environment with: pip install --pre essentia

RhythmExtractor2013 for tempo and beats, KeyExtractor, LoudnessEBUR128 and TruePeakDetector, PredominantPitchMelodia for
the voice: every frame with a melody counts as sung, for Essentia does not tell voices from instruments.
"""

import json
import math
import sys
from typing import Any

import essentia
import essentia.standard as es
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
RATE_HZ = 44100
HOP = 128
KEPT_EVERY = 3  # frames: 9 ms, near the 10 ms of the annotations


def main() -> int:
    """Measure the song that the command line names, and print the JSON."""
    essentia.log.infoActive = essentia.log.warningActive = False
    path = sys.argv[1]
    sound, rate_hz, channels, *_ = es.AudioLoader(filename=path)()
    mono = es.MonoLoader(filename=path, sampleRate=RATE_HZ)()
    stereo, rate_hz = (sound, rate_hz) if channels == 2 else (np.stack([mono, mono], axis=1), RATE_HZ)
    values = rhythm(mono) | key(mono) | loudness(stereo, float(rate_hz)) | voice(mono)
    print(
        json.dumps({"measurements": {name: {"status": "measured", "value": value} for name, value in values.items()}})
    )
    return 0


def rhythm(mono: Floats) -> dict[str, Any]:
    """Return tempo and beats; Essentia tells no downbeats."""
    bpm, ticks_s, *_ = es.RhythmExtractor2013(method="multifeature")(mono)
    beats = {"times_s": [float(tick_s) for tick_s in ticks_s], "downbeat_index": []}
    return {"tempo": {"bpm": {"value": float(bpm)}}, "beats": beats}


def key(mono: Floats) -> dict[str, Any]:
    """Return the key by the profiles for electronic dance music."""
    tonic, mode, _ = es.KeyExtractor(profileType="edma")(mono)
    return {"key": {"tonic": tonic, "mode": mode}}


def loudness(stereo: Floats, rate_hz: float) -> dict[str, Any]:
    """Return integrated loudness, range and true peak."""
    _, _, integrated_lufs, range_lu = es.LoudnessEBUR128(sampleRate=rate_hz)(stereo)
    detect = es.TruePeakDetector(sampleRate=rate_hz)
    peak = max(float(np.max(detect(np.ascontiguousarray(stereo[:, side]))[1])) for side in range(2))
    fields = {"integrated_lufs": float(integrated_lufs), "range_lu": float(range_lu)}
    return {"loudness": fields | {"true_peak_dbtp": 20 * math.log10(max(peak, 1e-9))}}


def voice(mono: Floats) -> dict[str, Any]:
    """Return the predominant melody as the voice: contour, range, and where there is any."""
    pitch_hz, _ = es.PredominantPitchMelodia(frameSize=2048, hopSize=HOP)(es.EqualLoudness()(mono))
    times_s = np.arange(len(pitch_hz)) * HOP / RATE_HZ
    values: dict[str, Any] = {
        "vocal_pitch": {
            "times_s": [round(float(time_s), 4) for time_s in times_s[::KEPT_EVERY]],
            "f0_hz": [float(hz) if hz > 0 else None for hz in pitch_hz[::KEPT_EVERY]],
        }
    }
    sung = pitch_hz > 0
    if sung.any():
        low, high = np.percentile(69 + 12 * np.log2(pitch_hz[sung] / 440), [2, 98])
        edges = np.flatnonzero(np.diff(np.r_[0, sung.astype(int), 0])) * HOP / RATE_HZ
        spans = [{"start_s": float(a), "end_s": float(b)} for a, b in zip(edges[::2], edges[1::2], strict=True)]
        values["vocal_range"] = {"lowest_midi": float(low), "highest_midi": float(high)}
        values["vocal_activity"] = {"spans": spans}
    return values


if __name__ == "__main__":
    sys.exit(main())
