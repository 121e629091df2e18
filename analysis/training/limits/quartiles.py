"""Quartiles of what texts judge without a number, such as bright or busy: the limits of `riffscope.articles.topics`.

    python -m training.limits.quartiles ANALYSIS.json ...

The limits in the topics' files were taken from the 54 rendered songs and 40 recordings of the sets `dev`, `dev2` and
`mixes2` (`analysis/benchmarks/README.md`), analysed with the voice apart: a quarter of them lie beyond each.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from riffscope.codec import read_analysis
from riffscope.errors import NotMeasured
from riffscope.measures import read_measure
from riffscope.song import SongAnalysis

MEASURES = (
    "balance.bass_lu",
    "balance.centroid_hz",
    "density.active_bands_mean",
    "density.onsets_per_s",
    "loudness.integrated_lufs",
    "loudness.plr_lu",
    "stereo.width_fraction",
    "tempo.drift_percent",
    "vocal_range.median_midi",
    "vocal_range.stepwise_fraction",
    "vocal_tone.breathiness_db",
    "vocal_tone.dryness_db",
    "vocal_tone.forwardness_lu",
)


def quartiles(songs: Iterable[SongAnalysis], path: str) -> tuple[int, list[float]]:
    """Return how many songs have a number, and its quartiles among them; none where no song has it."""
    found = []
    for song in songs:
        try:
            found.append(read_measure(song, path).value)
        except NotMeasured:
            continue
    return len(found), np.percentile(found, [25, 50, 75]).tolist() if found else []


def main() -> int:
    """Print a line for each measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("analyses", nargs="+", type=Path, metavar="ANALYSIS.json")
    songs = [read_analysis(path) for path in parser.parse_args().analyses]
    for path in MEASURES:
        count, found = quartiles(songs, path)
        print(f"{path:34}{count:5}" + "".join(f"{quartile:10.2f}" for quartile in found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
