"""A small made-up set: two labelled songs, and a song that is read in no time."""

import json

import numpy as np

from benchmarks.items import Item
from training.common.features import Known
from training.common.songs import Song

RENDERED = ["tempo", "beats", "key", "riff_spans", "vocal_f0", "vocal_range", "vocal_layers"]
SPANS = [[0.0, 6.0]]


def write_set(folder):
    """Write a set of a rendered song that is sung from 2 to 4 s, and of one in which nobody sings."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [f"{time_s:.2f},{440.0 if 2 <= time_s < 4 else 0.0}" for time_s in np.arange(0, 8, 0.01)]
    (folder / "sung.f0.csv").write_text("\n".join(rows))
    (folder / "sung.wav").write_bytes(b"sound")
    (folder / "played.wav").write_bytes(b"sound")
    layers = [{"kind": "lead", "spans": [[2.0, 4.0]]}, {"kind": "harmony", "spans": [[3.0, 4.0]]}]
    truth = {
        "tempo": {"bpm": 120.0},
        "key": {"tonic": "Bb", "mode": "minor"},
        "riff": {"present": True, "spans": SPANS},
        "other_loops": [{"start": 6.0, "end": 7.0}],
        "chord_vamp": {"spans": [[7.0, 8.0]]},
        "sections": [
            {"name": "verse", "start": 0.0, "end": 4.0, "content": "riff"},
            {"name": "chorus", "start": 4.0, "end": 8.0, "content": "through"},
        ],
        "vocal": {"p2_midi": 60.0, "p98_midi": 69.0, "layers": layers},
    }
    items = [
        {"file": "sung.wav", "duration_s": 8.0, "annotation_types": RENDERED, "truth": truth, "f0_file": "sung.f0.csv"},
        {"file": "played.wav", "duration_s": 8.0, "annotation_types": ["no_vocal"], "truth": {}},
    ]
    (folder / "manifest.json").write_text(json.dumps({"items": items}))
    return folder


def song_of(folder, name="a", set_name="one"):
    item = Item(folder=folder, file=f"{name}.wav", duration_s=8.0, kinds=frozenset(), truth={})
    return Song(set_name=set_name, item=item)


def known_of(features, folder, *, sets=("one",)):
    """Features as those of songs that belong to some sets in turn."""
    return [
        Known(song=song_of(folder, str(number), sets[number % len(sets)]), features=each)
        for number, each in enumerate(features)
    ]
