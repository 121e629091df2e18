"""Renders a set of songs.

    python -m benchmarks.mixes --out FOLDER --voices FOLDER --count 44 --seed 7
    python -m benchmarks.mixes --out FOLDER --voices FOLDER --seed 7 --only 3,17   # these two again, the same
    python -m benchmarks.mixes --count 22 --seed 1 --specs                         # what would be drawn
    python -m benchmarks.mixes --out FOLDER --voices FOLDER --instrumental         # nobody sings, all kinds of leads
    python -m benchmarks.mixes --out FOLDER --voices FOLDER --even                 # sung; half breathy, mono, pumping

FOLDER/mixes gets the songs with what is known of them, FOLDER/manifest.json what the scorers read. The voices are
tracks 1, 10 and 14 of vocadito (CC BY 4.0, zenodo.org/record/5578807) as ``vocadito_1.wav`` and so on. Needs the
commands fluidsynth and ffmpeg, the sound font FluidR3_GM, and riffscope's extra ``bench``.
"""

import argparse
import dataclasses
import json
import multiprocessing
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.mixes.draw import VOICES, draw_even, draw_instrumental, draw_spec
from benchmarks.mixes.jobs import Job, render_song
from benchmarks.mixes.manifest import write_manifest
from benchmarks.mixes.soundfont import FILE, find_soundfont


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, draw, render, and write the manifest."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="folder for mixes/ and manifest.json")
    parser.add_argument("--voices", type=Path, help="folder of the recorded solo voices")
    parser.add_argument("--count", type=int, default=22)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", help="indexes, with commas")
    kinds = parser.add_mutually_exclusive_group()
    kinds.add_argument("--instrumental", action="store_true", help="an instrument leads in every song")
    kinds.add_argument("--even", action="store_true", help="what is rare in songs comes in even shares")
    parser.add_argument("--soundfont", type=Path, default=find_soundfont(), help=FILE)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--specs", action="store_true", help="print what would be drawn, render nothing")
    options = parser.parse_args(arguments)
    indexes = sorted({int(index) for index in options.only.split(",")}) if options.only else range(options.count)
    draw = draw_instrumental if options.instrumental else draw_even if options.even else draw_spec
    specs = [draw(options.seed, index) for index in indexes]
    if options.specs:
        for spec in specs:
            print(json.dumps(dataclasses.asdict(spec)))
        return 0
    if missing := _missing(options):
        print(missing, file=sys.stderr)
        return 1
    folder = options.out / "mixes"
    folder.mkdir(parents=True, exist_ok=True)
    jobs = [Job(spec=spec, out=folder, voices=options.voices, soundfont=options.soundfont) for spec in specs]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        for line in pool.imap_unordered(render_song, jobs):
            print(line, flush=True)
    print(f"{write_manifest(options.out, options.seed)} songs in {options.out / 'manifest.json'}")
    return 0


def _missing(options: argparse.Namespace) -> str:
    """Return what has to be there first, or nothing."""
    if options.out is None or options.voices is None:
        return "say where to with --out, and where the solo voices are with --voices"
    if absent := [name for name in VOICES if not (options.voices / f"{name}.wav").exists()]:
        return f"{options.voices}: {', '.join(absent)} not there (vocadito, zenodo.org/record/5578807)"
    if options.soundfont is None:
        return f"{FILE} was not found (Debian: fluid-soundfont-gm; or say where with --soundfont)"
    if absent := [name for name in ("fluidsynth", "ffmpeg") if shutil.which(name) is None]:
        return f"needs {' and '.join(absent)}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
