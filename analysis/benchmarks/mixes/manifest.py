"""The manifest of a rendered set: what the scorers read of each song, without its single notes."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from benchmarks.mixes.soundfont import RATE_HZ

KINDS = ("tempo", "beats", "downbeats", "key", "riff_period", "riff_spans", "loudness")
SUNG_KINDS = ("vocal_f0", "vocal_range", "vocal_activity", "vocal_notes", "vocal_layers")
KEPT = (
    "tempo",
    "key",
    "riff",
    "other_loops",
    "chord_vamp",
    "sections",
    "loudness",
    "drums",
    "drums_varied",
    "form",
    "mix",
    "silence",
    "lead_instrument",
    "note",
)
NOTES = (
    "every song is drawn and rendered by benchmarks.mixes; the docstring of its module truth explains each field",
    "through-composed and chord-vamp songs (riff period null): the pitches are exact, the tonic is only implied",
    "chord_vamp songs: the chords come round every 4 bars, no line does; riff.present is false",
    "6/8: the beat of the truth is the dotted quarter, two in a bar",
    "vocal f0, range and notes are the lead's; where oohs fill the gaps, vocal_line_spans is the truth of activity",
    "doubled without a centre take: the pitch is that of the left take; the right one differs by a few cents and 30 ms",
)


def write_manifest(out: Path, seed: int) -> int:
    """Write ``manifest.json`` for all songs in ``out/mixes``, and return how many there are."""
    truths = [json.loads(path.read_text("utf-8")) for path in sorted((out / "mixes").glob("*.truth.json"))]
    items = [_item(truth) for truth in truths]
    manifest = {
        "set": out.name,
        "made_by": f"benchmarks.mixes --seed {seed}",
        "notes": NOTES,
        "counts": dict(Counter(kind for item in items for kind in item["annotation_types"])),
        "items": items,
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
    return len(items)


def _item(truth: dict[str, Any]) -> dict[str, Any]:
    vocal, stem = truth["vocal"], f"mixes/{truth['name']}"
    sings = vocal["present"]
    licence = "backing: written and rendered by benchmarks.mixes with FluidR3_GM (MIT)"
    return {
        "file": f"{stem}.ogg",
        "source_repo": "own (benchmarks.mixes)",
        "source_path": f"seed {truth['seed']}",
        "licence": licence + ("; voice: vocadito, CC BY 4.0" if sings else ""),
        "duration_s": truth["duration_s"],
        "sample_rate": RATE_HZ,
        "channels": truth["channels"],
        "codec": "vorbis",
        "annotation_types": [*KINDS, *(SUNG_KINDS if sings else ("no_vocal",))],
        "truth": _without_notes(truth),
        "truth_file": f"{stem}.truth.json",
        "beats_file": f"{stem}.beats",
        "f0_file": f"{stem}.f0.csv" if sings else None,
        "loudness_ffmpeg": {key: value for key, value in truth["loudness"].items() if key != "target_lufs"},
        "annotation_quality": "exact by construction; notes sound about 5 ms after their truth time "
        f"(fluidsynth attack, 25% of peak); playing jitter as stated; voice f0: {vocal.get('f0_truth', 'none')}",
    }


def _without_notes(truth: dict[str, Any]) -> dict[str, Any]:
    def without(mapping: dict[str, Any], name: str) -> dict[str, Any]:
        return {key: value for key, value in mapping.items() if key != name}

    vocal = without(truth["vocal"], "notes")
    if vocal["present"]:
        vocal["layers"] = [without(layer, "notes") for layer in vocal["layers"]]
    kept = {key: truth[key] for key in KEPT} | {"riff": without(truth["riff"], "occurrences"), "vocal": vocal}
    if truth["lead_instrument"]:
        kept["lead_instrument"] = without(truth["lead_instrument"], "notes")
    if "vocal_line_spans" in truth:
        kept["vocal_line_spans"] = truth["vocal_line_spans"]
    return kept
