"""Ctrl-C at any time: one line, exit status 130, nothing half written; and so does a request to end."""

import os
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
