"""The README's commands and code do what it says."""

import re
import shlex
from pathlib import Path
from typing import Annotated

import numpy as np
import pytest

from riffscope.cli import main
from riffscope.judge import parse_claims
from riffscope.model import value
from riffscope.steps import analyzer, read_step
from riffscope.units import FRACTION
from riffscope.views.mono import Mono

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^\.venv/bin/riffscope (.*?)(?: +#.*)?$", README, re.MULTILINE)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with the samples and the files that the README speaks of."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    (tmp_path / "song.mp3").symlink_to(ROOT / "samples" / "closet.ogg")
    (tmp_path / "my-claims.toml").write_text(re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_there_are_commands():
    assert len(COMMANDS) >= 6


def test_every_command_runs_in_the_order_given(home, capsys):
    for command in COMMANDS:
        assert main(shlex.split(command)) == 0, command
    assert (home / "closet.json").is_file()
    assert {path.suffix for path in (home / "reports").iterdir()} == {".pdf", ".html"}


def test_the_python_example_runs(home, capsys):
    code = re.search(r"```python\n(.*?)```", README, re.DOTALL)[1]
    exec(compile(code, "README.md", "exec"), {})
    assert float(capsys.readouterr().out.split()[0]) == pytest.approx(-20, abs=0.2)


def test_the_example_of_a_measurement_measures():
    code = re.findall(r"```python\n(.*?)```", README, re.DOTALL)[1]
    names = {"value": value, "analyzer": analyzer, "Annotated": Annotated, "FRACTION": FRACTION, "Mono": Mono}
    exec(compile(code, "README.md", "exec"), names)
    step = read_step(names["measure_silence"])
    assert step.name == "silence"
    half = np.concatenate([np.zeros(500, np.float32), np.full(500, 0.1, np.float32)])
    assert step.function(Mono(samples=half, sample_rate_hz=22050)).silent_fraction == 0.5


def test_the_claims_example_is_valid():
    assert parse_claims(re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1], name="README")


def test_set_up_is_two_commands():
    assert "```\nmake demo\nmake test\n```" in README
