"""The README's commands and code do what it says."""

import re
import shlex
from pathlib import Path

import pytest

from riffscope.cli import main
from riffscope.judge import parse_claims

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


def test_the_claims_example_is_valid():
    assert parse_claims(re.search(r"```toml\n(.*?)```", README, re.DOTALL)[1], name="README")


def test_set_up_is_two_commands():
    assert "```\nmake demo\nmake test\n```" in README
