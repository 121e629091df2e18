"""The README's commands and code do what it says, and what it shows is what they print."""

import os
import re
import shlex
import urllib.request
from pathlib import Path

import pytest

from riffscope.cli import main
from serving import Serving

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
COMMANDS = re.findall(r"^\.venv/bin/riffscope (.*?)(?: +#.*)?$", README, re.MULTILINE)
# A block of commands, a line between, and what the first of them prints.
SHOWN = re.findall(r"```\n\.venv/bin/riffscope ([^\n]*)\n(?:[^`\n]*\n)*```\n\n```text\n([^`]*)```", README)


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder with the samples."""
    (tmp_path / "samples").symlink_to(ROOT / "samples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.whole_songs
def test_every_command_runs_in_the_order_given(home, capsys):
    assert len(COMMANDS) >= 4
    for command in COMMANDS:
        assert run(shlex.split(command), home) == 0, command
    assert (home / "closet.json").is_file()
    assert {path.suffix for path in (home / "reports").iterdir()} == {".pdf", ".html"}


def run(words, home):
    """Run a command; the one that would go on for ever is asked for its page and then ended."""
    if words[0] != "serve":
        return main(words)
    if os.name != "posix":
        return 0  # there is no Ctrl-C for one process alone
    page = Serving(*words[1:], library=home / "library of the page")
    try:
        browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())  # the key is in a cookie
        with browser.open(page.address) as answer:
            assert answer.status == 200
    finally:
        status = page.stop()
    return status


def test_a_sample_of_output_goes_with_each_job():
    assert [command.partition(" ")[0] for command, _ in SHOWN] == ["analyze", "compare", "check"]


@pytest.mark.whole_songs
@pytest.mark.usefixtures("spleeter_installed")
@pytest.mark.parametrize(("command", "shown"), SHOWN, ids=[command.partition(" ")[0] for command, _ in SHOWN])
def test_what_is_shown_is_what_is_printed(command, shown, home, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(shlex.split(command)) == 0
    printed = in_short(capsys.readouterr().out)
    # What is left out is marked by dots. Numbers are left to other tests: they differ a little between machines.
    for part in re.split(r"^ *\.\.\.$", shown, flags=re.MULTILINE):
        assert in_short(part) in printed


def in_short(text):
    """A text without its numbers and its spaces at line ends."""
    return "\n".join(re.sub(r"\d+", "0", line).rstrip() for line in text.strip().splitlines())


def test_the_python_example_runs(home, capsys):
    (code,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(code, "README.md", "exec"), {})
    assert float(capsys.readouterr().out.split()[0]) == pytest.approx(-20, abs=0.2)


def test_set_up_is_two_commands():
    assert "```\nmake demo\nmake test\n```" in README
