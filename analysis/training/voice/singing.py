"""Fit the weights that tell sung frames from others (`riffscope.dsp.voice.singing`), on recordings of known voices.

    python analysis/training/singing/fit.py FOLDER [FOLDER ...]

Each FOLDER has a ``manifest.json`` that lists items with ``file``, ``annotation_types`` and ``f0_file`` (CSV: seconds,
hertz; 0 = unsung). Items without a voice count as unsung throughout; speech is left out, since it is told from song
elsewhere. One judgement is fitted for voices apart from their backing, which needs the voice-separation model
(riffscope models get spleeter), and one for the mix.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from riffscope import load
from riffscope.analyzers.vocal_pitch import cues_of
from riffscope.dsp.voice.singing import CUES, SEPARATED_CUES
from riffscope.model import Measured, Settings
from riffscope.song import make
from riffscope.views.voice_track import VoiceTrack

WITHOUT_VOICE, WITH_PITCH = {"no_vocal", "negative"}, {"vocal_f0", "vocal_f0_silver"}


def main() -> int:
    """Gather the cues of every item, fit, and print the weights and how well a set is told by the others."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    folders = parser.parse_args().folders
    for separator, names in (("spleeter", (*CUES, *SEPARATED_CUES)), ("none", CUES)):
        print(f"separator: {separator}")
        report({folder.name: list(read_set(folder, separator)) for folder in folders}, names)
    return 0


def report(sets: dict[str, list[tuple[np.ndarray, np.ndarray]]], names: tuple[str, ...]) -> None:
    """Print how well each set is told by the others, and the weights that all of them give."""
    for left_out, held_back in sets.items():
        others = [item for name, items in sets.items() if name != left_out for item in items]
        if others and any(sung.any() for _, sung in held_back):
            cues, sung = (np.concatenate(part) for part in zip(*held_back, strict=True))
            area = roc_auc_score(sung, cues @ fit(others)[0])
            print(f"{left_out}, told by the others: area under the curve {area:.3f}")
    weights, bias = fit([item for items in sets.values() for item in items])
    for cue, weight in zip((*names, "bias"), (*weights, bias), strict=True):
        print(f"{cue:28} {weight:9.5f}")


def read_set(folder: Path, separator: str) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Give the cues (n, k) and which frames are sung (n,) of each item that tells."""
    for item in json.loads((folder / "manifest.json").read_text())["items"]:
        kinds = set(item["annotation_types"])
        if not kinds & (WITHOUT_VOICE | WITH_PITCH) or "speech" in str(item["truth"].get("content", item["file"])):
            continue
        track = make(load(folder / item["file"]), [VoiceTrack], settings=Settings(separator=separator))[VoiceTrack]
        if not isinstance(track, Measured):
            continue
        heard: VoiceTrack = track.value
        sung = np.zeros(heard.times_s.size, bool)
        if kinds & WITH_PITCH:
            truth = np.loadtxt(folder / (item.get("f0_file") or item["truth"]["f0_file"]), delimiter=",")
            sung = np.interp(heard.times_s, truth[:, 0], truth[:, 1] > 0) > 0.5
        print(item["file"], file=sys.stderr)
        yield cues_of(heard), sung


def fit(items: list[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, float]:
    """Fit weights and bias, with every item counting the same, however long it is."""
    weights = np.concatenate([np.full(sung.size, 1e4 / sung.size) for _, sung in items])
    cues, sung = (np.concatenate(part) for part in zip(*items, strict=True))
    scale = cues.std(axis=0)
    model = LogisticRegression(max_iter=1000).fit(cues / scale, sung, sample_weight=weights)
    return model.coef_[0] / scale, float(model.intercept_[0])


if __name__ == "__main__":
    sys.exit(main())
