"""Loudness: of compliance signals, and against another program's meter.

Conventions
    LUFS, LU and dBTP. Compliance signals state what a meter must read, and how far it may be off. Other recordings of
    more than 3 s are compared with what ffmpeg's ``ebur128`` reads, which keeps peaks to a tenth of a decibel.

Metrics
    ``lufs_compliant``, ``lra_compliant``  within the signal's tolerance (0 or 1)
    ``lufs_err_vs_ffmpeg``, ``true_peak_err_vs_ffmpeg``  distance in LU and in dB (less is better)

References
----------
ITU-R BS.1770-5, BS.2217; EBU Tech 3341 and 3342.
"""

from benchmarks.answers import Answer, number
from benchmarks.items import Item
from benchmarks.tasks import Scores, task

ROUNDING_LU = 1e-9
RANGE_TOLERANCE_LU = 1.0
SHORTEST_S = 3.0
SILENT_LUFS, UNKNOWN_LUFS = -60.0, -99.0


@task(reads="loudness.integrated_lufs")
def score_loudness(item: Item, answer: Answer) -> Scores:
    """Score loudness and peak."""
    fields, truth = answer.fields("loudness"), item.truth
    lufs, range_lu = number(fields.get("integrated_lufs")), number(fields.get("range_lu"))
    scores = {}
    if "integrated_lufs" in truth or "lra_lu" in truth:
        if truth.get("integrated_lufs") is not None:
            off_lu = abs(lufs - truth["integrated_lufs"])
            scores["lufs_compliant"] = float(off_lu <= truth["tolerance_lu"] + ROUNDING_LU)
        if truth.get("lra_lu") is not None:
            allowed_lu = truth.get("tolerance_lra_lu", RANGE_TOLERANCE_LU)
            scores["lra_compliant"] = float(abs(range_lu - truth["lra_lu"]) <= allowed_lu)
    elif item.heard and item.duration_s > SHORTEST_S and _loudness_heard(item) > SILENT_LUFS:
        scores["lufs_err_vs_ffmpeg"] = abs(lufs - _loudness_heard(item))
        peak_dbtp = number(fields.get("true_peak_dbtp"))
        scores["true_peak_err_vs_ffmpeg"] = abs(peak_dbtp - item.heard["true_peak_dbfs"])
    return scores


def _loudness_heard(item: Item) -> float:
    return float((item.heard or {}).get("integrated_lufs", UNKNOWN_LUFS))
