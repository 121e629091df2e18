"""The list of the recordings that figures are measured on: where from, under which licence, how good the truth is.

    python -m benchmarks.recordings            # writes recordings.toml from the manifests of the sets
    python -m benchmarks.recordings --check    # tells which files here are not those of the list

The recordings themselves are not part of the project: several licences allow tests, but no copies. With the list
somebody else can gather the same ones.
"""

import argparse
import hashlib
import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import soundfile

from benchmarks.programs import ROOT

DATA = ROOT.parent / "shared" / "data"
LIST = Path(__file__).parent / "recordings.toml"
OWN = {
    "own (make_mixes.py)": "rendered by benchmarks.mixes",
    "own (benchmarks.mixes)": "rendered by benchmarks.mixes",
    "own (duets.py)": "a solo voice laid over a recording",
}
FIRST_MIXES = "rendered by a forerunner of benchmarks.mixes"  # listed by hand; seeds of today do not give them
SOLO_VOICES = "vocadito, zenodo.org/record/5578807"
HEADING = """\
# The recordings that figures are measured on. Written by `python -m benchmarks.recordings` from the sets' manifests.
# `source` is a public repository, a Debian package, a data set, or how it was made; `path` is where it lies therein.
"""


@dataclass(frozen=True, kw_only=True)
class Recording:
    """One recording; `annotated` and `truth` say what is known of it, and how well."""

    set: str
    file: str
    sha256: str
    duration_s: float
    source: str
    path: str
    commit: str
    licence: str
    annotated: tuple[str, ...]
    truth: str


def list_set(folder: Path) -> Iterator[Recording]:
    """List a set; a folder without a manifest is one of solo voices to sing with."""
    manifest = folder / "manifest.json"
    if not manifest.exists():
        for path in sorted(folder.glob("*.wav")):
            yield _recording(folder, {"file": path.name, "source_repo": SOLO_VOICES, "licence": "CC BY 4.0"})
        return
    told = json.loads(manifest.read_text("utf-8"))
    for item in told["items"]:
        yield _recording(folder, {"licence": told.get("licence", ""), **item})


def _recording(folder: Path, item: Mapping[str, Any]) -> Recording:
    path = folder / item["file"]
    source = item.get("source_repo") or item["licence"].partition(",")[0]
    if source in OWN and folder.name == "dev":
        source = FIRST_MIXES
    quality = item.get("annotation_quality") or item.get("technique") or ""
    duration_s = item["duration_s"] if "duration_s" in item else soundfile.info(path).duration
    return Recording(
        set=folder.name,
        file=item["file"],
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        duration_s=round(float(duration_s), 3),
        source=OWN.get(source, source),
        path=item.get("source_path") or item.get("pair") or "",
        commit=item.get("source_commit") or "",
        licence=_today(item["licence"]),
        annotated=tuple(item.get("annotation_types", ())),
        truth=_today(quality),
    )


def _today(text: str) -> str:
    return text.replace("make_mixes.py", "benchmarks.mixes")


def as_toml(recordings: Sequence[Recording]) -> str:
    """Return the list; what is empty is left out."""
    blocks = [HEADING]
    for recording in recordings:
        fields = {name: value for name, value in vars(recording).items() if value not in {"", ()}}
        # A JSON string is one of TOML as well, and so is a list of them.
        lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items()]
        blocks.append("\n".join(["[[recording]]", *lines]) + "\n")
    return "\n".join(blocks)


def read_list(path: Path = LIST) -> list[Recording]:
    """Read the list."""
    empty: dict[str, Any] = {"path": "", "commit": "", "licence": "", "truth": "", "annotated": ()}
    entries = tomllib.loads(path.read_text("utf-8"))["recording"]
    return [Recording(**(empty | entry | {"annotated": tuple(entry.get("annotated", ()))})) for entry in entries]


def differences(recordings: Sequence[Recording], data: Path) -> list[str]:
    """Return what is missing here, or not the file of the list."""
    told = []
    for recording in recordings:
        path = data / recording.set / recording.file
        if not path.exists():
            told.append(f"{recording.set}/{recording.file}: not here")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != recording.sha256:
            told.append(f"{recording.set}/{recording.file}: not the file of the list")
    return told


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the list, or check the files against it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=DATA, help="the folder of the sets (default: ../shared/data)")
    parser.add_argument("--check", action="store_true", help="write nothing")
    options = parser.parse_args(arguments)
    if options.check:
        told = differences(read_list(), options.data)
        print("\n".join(told) or "All recordings are here.")
        return int(bool(told))
    folders = sorted(path for path in options.data.iterdir() if (path / "manifest.json").exists())
    voices = [path for path in (options.data / "voices",) if path.is_dir()]
    recordings = [recording for folder in [*folders, *voices] for recording in list_set(folder)]
    LIST.write_text(as_toml(recordings), "utf-8")
    print(f"{len(recordings)} recordings in {LIST.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
