"""Ctrl-C at any time: one line, exit status 130, nothing half written; and so does a request to end."""

import os
import signal
import subprocess
import sys

import pytest

from riffscope.codec import to_json
from songs import example_song

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

# Interrupts itself as a module is looked for; as it is, or as a package that makes another error of whatever it meets.
INTERRUPTED_AT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background has it ignored
wanted, raised = sys.argv[1:3]
del sys.argv[1:3]

class Looking:
    def find_spec(self, name, *_):
        if name == wanted:
            sys.meta_path.remove(self)
            try:
                os.kill(os.getpid(), signal.SIGINT)
                for _ in range(100):
                    pass
            except KeyboardInterrupt:
                if not raised:
                    raise
                raise SystemError(raised)

sys.meta_path.insert(0, Looking())
from riffscope.__main__ import run
run()
"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("interrupts") / "kept.json"
    path.write_bytes(to_json(example_song()))
    return path


def interrupted(module, *arguments, raised=""):
    command = [sys.executable, "-c", INTERRUPTED_AT, module, raised, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.mark.parametrize(
    "module",
    [
        *("riffscope.cli", "argparse", "riffscope.cli.console", "riffscope.cli.commands.report"),
        *("riffscope.workflow", "numpy", "rich.console", "riffscope.analyzers.key", "riffscope.codec"),
    ],
)
@pytest.mark.parametrize("raised", ["", "initialization failed"], ids=["as it is", "as another error"])
def test_an_interrupt_within_an_import_is_one_line(module, raised, kept):
    run = interrupted(module, "analyze", kept, raised=raised)
    assert (run.returncode, run.stdout) == (130, "")
    (line,) = run.stderr.splitlines()
    assert line.startswith("interrupted")


@pytest.mark.parametrize("module", ["matplotlib.figure", "typst", "jinja2", "riffscope.report.html"])
def test_an_interrupt_while_a_report_is_made_leaves_nothing(module, kept, tmp_path):
    run = interrupted(module, "report", kept, "--no-audio", "--format", "html,pdf", "--out", tmp_path)
    assert (run.returncode, run.stderr) == (130, "interrupted\n")
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_without_an_interrupt_nothing_is_different(kept):
    run = interrupted("no.such.module", "analyze", kept)
    assert (run.returncode, run.stderr) == (0, "")
    assert "Closet Heartbeat" in run.stdout


# Ends a process, or interrupts it, when what it wrote is about to be put in its place.
ENDED_AT_THE_END = """
import os, signal, sys
from pathlib import Path
from riffscope.files import replacing, write_atomically
signal.signal(signal.SIGINT, signal.default_int_handler)
Path.replace = lambda *_: os.kill(os.getpid(), int(sys.argv[2]))
with replacing():
    write_atomically(Path(sys.argv[1]), b"new" * 100_000)
"""
WRITES_AGAIN_AND_AGAIN = """
import sys
from pathlib import Path
from riffscope.files import replacing, write_atomically
with replacing():
    for _ in range(50):
        write_atomically(Path(sys.argv[1]), sys.argv[2].encode() * 100_000)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_whoever_ends_it_before_the_last_step_finds_the_old_file(number, tmp_path):
    (tmp_path / "a.json").write_bytes(b"old")
    command = [sys.executable, "-c", ENDED_AT_THE_END, str(tmp_path / "a.json"), str(int(number))]
    run = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert run.returncode == -number
    assert (tmp_path / "a.json").read_bytes() == b"old"
    # What was killed could tidy nothing up: the next day's runs do.
    assert len(list(tmp_path.iterdir())) == (1 if number == signal.SIGINT else 2)


def test_two_that_write_one_file_leave_the_whole_of_one(tmp_path):
    path = tmp_path / "a.json"
    writers = [subprocess.Popen([sys.executable, "-c", WRITES_AGAIN_AND_AGAIN, str(path), what]) for what in "xy"]
    seen = set()
    while any(one.poll() is None for one in writers):
        if path.exists():
            seen.add(path.read_bytes())
    assert [one.returncode for one in writers] == [0, 0]
    assert seen | {path.read_bytes()} <= {b"x" * 100_000, b"y" * 100_000}
    assert list(tmp_path.iterdir()) == [path]
