"""The tutorial's analyzer, its test and its figure work as they stand on the page."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TUTORIAL = (ROOT / "analysis" / "docs" / "pages" / "tutorial.md").read_text("utf-8")
FILES = dict(re.findall(r'```python title="([^"]+)"\n(.*?)```', TUTORIAL, re.DOTALL))
(CLAIM,) = re.findall(r"```toml\n(.*?)```", TUTORIAL, re.DOTALL)

# The packages are walked along their paths, so what lies in a further folder is found like what lies in them.
WITH_THE_NEW_FILES = """
import sys
sys.path[:0] = {paths!r}
import riffscope.analyzers, riffscope.plots
riffscope.analyzers.__path__.append({analyzers!r})
riffscope.plots.__path__.append({plots!r})
"""

USES = """
import warnings
from riffscope.cli import main
from riffscope.judge import judge, read_claims
from riffscope.measures import all_measures
from riffscope.schema import json_schema
from riffscope.song import analyze
from riffscope.analyzers.zero_crossings import ZeroCrossings
from riffscope.plots.zero_crossings import zero_crossings
from riffscope.plots import to_svg
from pathlib import Path
from signals import audio_of, sine
song = analyze(audio_of(sine(440, 12.0)), only=[ZeroCrossings])
assert "zero_crossings.rate_per_s" in [measure.path for measure in all_measures()]
assert json_schema()["$defs"]["ZeroCrossings"]["properties"]["rate_per_s"]["x-unit"] == "per s"
assert "<svg" in to_svg(zero_crossings(song))
(verdict,) = judge(song, read_claims(Path("claims.toml")))
assert verdict.ruling == "supported", verdict
assert dict(song.summaries())["zero_crossings"].startswith("the waveform crosses zero 8")
"""


@pytest.fixture(scope="module")
def new_files(tmp_path_factory):
    """A folder with the files of the tutorial, under the names that it gives them."""
    folder = tmp_path_factory.mktemp("tutorial")
    for name, code in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code, "utf-8")
    (folder / "claims.toml").write_text(CLAIM, "utf-8")
    return folder


def run(folder, code):
    """Run code in a Python of its own that has the new files in the package."""
    package = folder / "analysis" / "riffscope"
    begin = WITH_THE_NEW_FILES.format(
        paths=[str(ROOT / "analysis"), str(ROOT / "tests")],
        analyzers=str(package / "analyzers"),
        plots=str(package / "plots"),
    )
    command = [sys.executable, "-W", "error", "-c", begin + code]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_there_are_the_three_files():
    assert [Path(name).parts[-2] for name in FILES] == ["analyzers", "analyzers", "plots"]


def test_the_measurement_is_found_claimed_described_and_drawn(new_files):
    ended = run(new_files, USES)
    assert ended.returncode == 0, ended.stderr


def test_its_own_test_passes_and_so_does_the_conformance_suite(new_files):
    own = str(new_files / "tests" / "analyzers" / "test_zero_crossings.py")
    conformance = str(ROOT / "tests" / "test_conformance.py")
    options = [
        "-q",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        f"--rootdir={ROOT}",
        f"--config-file={ROOT}/pyproject.toml",
    ]
    both = [own, *options], [conformance, "-k", "zero_crossings", *options]
    ended = run(new_files, f"import pytest\nsys.exit(any([pytest.main(one) for one in {both!r}]))")
    assert ended.returncode == 0, ended.stdout + ended.stderr
    own_passed, conformance_passed = re.findall(r"(\d+) passed", ended.stdout)
    assert int(own_passed) == 3
    assert int(conformance_passed) >= 10


def test_they_are_in_the_project_s_style(new_files):
    """As `make test` would judge them in the project; there, the checker sees that riffscope is the project's own."""
    own = 'lint.isort.known-first-party = ["riffscope", "signals"]'
    command = [sys.executable, "-m", "ruff", "check", "--config", str(ROOT / "pyproject.toml"), "--config", own, *FILES]
    run_there = subprocess.run(command, cwd=new_files, capture_output=True, text=True, check=False)
    assert run_there.returncode == 0, run_there.stdout + run_there.stderr
