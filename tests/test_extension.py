"""What one adds is one file: an analyzer, a figure, a chapter, a claim, an export that nothing else knows of."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from songs_heard import song_excerpt

ROOT = Path(__file__).parents[1]

ANALYZER = '''
"""Zero-crossing rate: how often the waveform changes its sign."""

from typing import Annotated

import numpy as np

from riffscope.model import value
from riffscope.steps import analyzer
from riffscope.units import PER_SECOND
from riffscope.views.mono import Mono


@value
class ZeroCrossings:
    """How often the sign changes."""

    rate_per_s: Annotated[float, PER_SECOND]

    @property
    def summary(self):
        return f"{PER_SECOND.format(self.rate_per_s)}"


@analyzer(version=1)
def measure_zero_crossings(mono: Mono) -> ZeroCrossings:
    """Count the changes of sign of the mono mix."""
    mono.check_it_sounds()
    count = np.count_nonzero(np.diff(np.signbit(mono.samples)))
    return ZeroCrossings(rate_per_s=float(count * mono.sample_rate_hz / mono.samples.size))
'''

CLAIM = '''
"""A number is even."""

from riffscope.claims.reading import Reading
from riffscope.model import Finding, Ruling
from riffscope.steps import claim


@claim
def is_even(reading: Reading) -> Finding:
    """Ask whether a number, rounded, is even."""
    even = round(reading.found.value) % 2 == 0
    return Finding(ruling=Ruling.SUPPORTED if even else Ruling.REFUTED, because=f"It is {reading.in_words()}")
'''

EXPORT = '''
"""Plain text."""

from riffscope.files import write_atomically
from riffscope.song import SongAnalysis
from riffscope.steps import export


@export
def text(song: SongAnalysis, *, folder):
    """Write the summaries."""
    write_atomically(folder / "song.txt", "\\n".join(line for _, line in song.summaries()).encode())
    return [folder / "song.txt"]
'''

CLAIMS = """
[even]
text = "Its rate of zero crossings is even"
kind = "is_even"
measure = "zero_crossings.rate_per_s"
"""

# The packages look for modules in one folder more. What each command says ends with a separator.
RUN = """
import importlib, shlex, sys
for room in ("analyzers", "claims", "export", "plots", "report.chapters"):
    package = importlib.import_module(f"riffscope.{room}") if room in sys.argv[1].split(",") else None
    if package is not None:
        package.__path__.append(f"{sys.argv[2]}/{room}")
from riffscope.cli import main
for command in sys.argv[3:]:
    if status := main(shlex.split(command)):
        sys.exit(status)
    print(end="\\x1e")
"""


@pytest.fixture
def run(tmp_path):
    """Run command lines with files added to rooms of the package: what each says, if none fails."""
    excerpt = song_excerpt(duration_s=5.0)
    soundfile.write(tmp_path / "song.wav", excerpt.samples.T, excerpt.sample_rate_hz)

    def run_with(files, *commands):
        rooms = set()
        for name, content in files.items():
            path = tmp_path / "added" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            rooms.add(Path(name).parent.as_posix())
        command = [sys.executable, "-c", RUN, ",".join(rooms), str(tmp_path / "added"), *commands]
        environment = os.environ | {"PYTHONPATH": str(ROOT / "analysis")}
        ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, env=environment, check=False)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.split("\x1e")[:-1]

    run_with.folder = tmp_path
    return run_with


def test_an_analyzer_is_measured_printed_compared_and_reported(run):
    added = {"analyzers/zero_crossings.py": ANALYZER}
    analyzed, compared, claims, _ = run(
        added,
        "analyze song.wav --json song.json",
        "compare song.json song.json --all",
        "claims",
        "report song.json --full --format html --no-audio --out .",
    )
    assert "Zero crossings" in analyzed
    entry = json.loads((run.folder / "song.json").read_text())["measurements"]["zero_crossings"]
    assert 100 < entry["value"]["rate_per_s"] < 10_000
    assert "Zero crossings: rate" in compared
    assert "zero_crossings.rate_per_s" in claims
    assert "zero_crossings.rate_per_s" in (run.folder / "song.html").read_text()
    # Who does not have the analyzer reads the analysis all the same.
    run({}, "analyze song.json")


def test_a_kind_of_claim_rules_on_an_added_measure(run):
    (run.folder / "mine.toml").write_text(CLAIMS)
    added = {"analyzers/zero_crossings.py": ANALYZER, "claims/is_even.py": CLAIM}
    (said,) = run(added, "analyze song.wav --claims mine.toml --json -")
    (verdict,) = json.loads(said)["verdicts"]
    assert verdict["ruling"] in {"supported", "refuted"}
    assert verdict["because"].startswith("It is ")


def test_an_export_is_a_format(run):
    run({"export/text.py": EXPORT}, "export song.wav --to text --out out")
    assert "LUFS" in (run.folder / "out" / "song.txt").read_text()
