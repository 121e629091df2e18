"""riffscope serve as a person starts and ends it: a process of its own."""

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import soundfile

from riffscope.cli import main
from riffscope.errors import RiffscopeError
from riffscope.web import server as server_module
from riffscope.web.server import USUAL_PORT, local_library, open_socket, usual_library
from signals import metronome

pytestmark = [pytest.mark.processes, pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")]

COMMAND = [sys.executable, "-m", "riffscope", "serve", "--no-open", "--separator", "none", "--workers", "1"]
LONGEST_S = 60.0
# What the server never imports: the first of these takes as much memory as all that it needs.
HEAVY = (
    "scipy",
    "matplotlib",
    "librosa",
    "onnxruntime",
    "polars",
    "soundfile",
    "av",
    "typst",
    "riffscope.library.store",
)
MOST_BYTES = 150e6
# It ends within two seconds, where nothing else keeps the machine busy.
MOST_S = 5.0


def listening():
    # A shell that starts the tests in the background has them ignore interrupts, and children inherit that.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Running:
    """A page that runs, and one who asks it."""

    def __init__(self, library, *more, **environment):
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [*COMMAND, "--store", str(library), *more]
        self.process = subprocess.Popen(command, preexec_fn=listening, env=os.environ | environment, **pipes)  # noqa: PLW1509
        self.address = self.process.stdout.readline().rstrip("\n")
        found = re.fullmatch(r"http://127\.0\.0\.1:(\d+)/\?token=([\w-]{40,})", self.address)
        assert found, (self.address, self.process.stderr.read())
        self.port, self.token = int(found[1]), found[2]

    def asked(self, method, path, body=None, **more):
        """Ask for something, and return the connection that brings the answer."""
        one = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LONGEST_S)
        mine = {"Cookie": f"riffscope-{self.port}={self.token}", "Origin": f"http://127.0.0.1:{self.port}"}
        one.request(method, path, body, mine | more)
        return one

    def ask(self, method, path, body=None):
        """Ask for something, and return status and body."""
        with contextlib.closing(self.asked(method, path, body)) as one:
            answer = one.getresponse()
            return answer.status, answer.read()

    def tasks(self):
        return json.loads(self.ask("GET", "/api/tasks")[1])["tasks"]

    def send(self, song):
        wanted = {"song": {"name": song.name, "size": song.stat().st_size}}
        number = json.loads(self.ask("POST", "/api/tasks", json.dumps(wanted))[1])["id"]
        assert self.ask("PUT", f"/api/tasks/{number}/song", song.read_bytes())[0] == 204
        return number

    def becomes(self, number, state):
        until = time.monotonic() + LONGEST_S
        while (task := next(one for one in self.tasks() if one["id"] == number))["state"] != state:
            assert time.monotonic() < until, task
            time.sleep(0.05)
        return task

    def end(self, number=signal.SIGINT):
        """End it, and return its status, how long that took, and what it said."""
        begin = time.monotonic()
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=LONGEST_S)
        assert out == ""
        return self.process.returncode, time.monotonic() - begin, err

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def children(pid):
    """Return the processes that a process started."""
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


def lives(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def memory(pid):
    return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())[1]) * 1024


def refused(capsys, *arguments):
    """Return the one line with which it does not start."""
    assert main(["serve", "--no-open", *map(str, arguments)]) == 1
    said = capsys.readouterr()
    (line,) = said.err.splitlines()
    assert said.out == ""
    return line


def test_it_prints_the_address_and_ends_in_order_while_pages_are_open_and_stays_small(tmp_path):
    with Running(tmp_path / "library", RIFFSCOPE_MODELS=str(tmp_path)) as page, contextlib.ExitStack() as opened:
        assert page.ask("GET", "/")[0] == 200
        assert page.ask("GET", "/api/songs")[0] == 200
        streams = [opened.enter_context(contextlib.closing(page.asked("GET", "/api/events"))) for _ in range(3)]
        answers = [one.getresponse() for one in streams]
        assert b"event: tasks" in answers[0].read1()
        opened.enter_context(socket.create_connection(("127.0.0.1", page.port)))  # one that never asks
        if sys.platform == "linux":
            assert memory(page.process.pid) < MOST_BYTES
            assert children(page.process.pid) == []
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.2", page.port), timeout=1.0)
        status, took_s, said = page.end()
        assert (status, took_s < MOST_S) == (0, True), took_s
        first, last = said.splitlines()
        assert "Ctrl-C" in first
        assert str(tmp_path / "library") in first
        assert last == "Stopped."
        assert answers[0].read() == b""


def test_a_song_at_work_is_taken_up_by_the_next_server(tmp_path):
    soundfile.write(tmp_path / "clicks.wav", metronome(100.0, 12.0, 22050)[0], 22050)
    library = tmp_path / "library"
    with Running(library) as page:
        number = page.send(tmp_path / "clicks.wav")
        page.becomes(number, "measuring")
        workers = children(page.process.pid) if sys.platform == "linux" else []
        status, took_s, said = page.end(signal.SIGTERM)
        assert (status, took_s < MOST_S) == (0, True), took_s
        assert "1 song" in said.splitlines()[-1]
        assert not any(map(lives, workers))
    with Running(library) as page:
        (task,) = page.tasks()
        assert (task["id"], task["name"]) == (number, "clicks.wav")
        assert task["state"] in {"waiting", "measuring"}
        assert page.ask("DELETE", f"/api/tasks/{number}")[0] == 204
        assert page.end()[0] == 0
    assert list((library / "uploads").rglob("song")) == []


def test_a_second_interrupt_ends_it_at_once(tmp_path):
    with Running(tmp_path / "library") as page:
        number = json.loads(page.ask("POST", "/api/tasks", b'{"song": {"name": "a", "size": 20}}')[1])["id"]
        # An answer under way is waited for. Of two signals of one kind at once, only one would arrive.
        with contextlib.closing(page.asked("PUT", f"/api/tasks/{number}/song", b"x" * 10, **{"Content-Length": "20"})):
            page.process.send_signal(signal.SIGINT)
            assert page.end(signal.SIGTERM)[0] == 130


def test_two_servers_do_not_serve_one_library(tmp_path, capsys):
    with Running(tmp_path) as page:
        line = refused(capsys, "--store", tmp_path)
        assert str(tmp_path) in line
        assert "riffscope serve" in line
        assert page.ask("GET", "/api/songs")[0] == 200
    with server_module.alone_with(tmp_path):  # the lock went with the process
        pass


def test_a_port_that_is_taken_is_one_line_where_it_was_asked_for(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert str(port) in refused(capsys, "--store", tmp_path / "library", "--port", port)


def test_where_the_usual_port_is_taken_another_is_found(monkeypatch):
    with open_socket(None) as first:
        monkeypatch.setattr(server_module, "USUAL_PORT", first.getsockname()[1])
        first.listen()
        with open_socket(None) as second:
            assert second.getsockname()[0] == "127.0.0.1"
            assert second.getsockname()[1] != first.getsockname()[1]
    assert USUAL_PORT == 8177


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_what_is_no_port_is_wrong_usage(port, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["serve", "--port", port])
    assert ended.value.code == 2
    assert port in capsys.readouterr().err


def test_a_library_that_cannot_be_is_one_line(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert "is a file" in refused(capsys, "--store", tmp_path / "file")
    assert str(tmp_path / "file" / "library") in refused(capsys, "--store", tmp_path / "file" / "library")
    (tmp_path / "songs").mkdir()
    (tmp_path / "songs" / "song.wav").write_bytes(b"x")
    assert "is no library" in refused(capsys, "--store", tmp_path / "songs")
    assert "on this machine" in refused(capsys, "--store", "memory://songs")
    assert list((tmp_path / "songs").iterdir()) == [tmp_path / "songs" / "song.wav"]


def test_a_library_that_may_not_be_written_to_is_one_line(tmp_path, capsys, monkeypatch):
    def protected(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(server_module.tempfile, "TemporaryFile", protected)
    assert "Permission denied" in refused(capsys, "--store", tmp_path)


def test_the_library_is_where_the_user_says_or_in_the_users_data(tmp_path, monkeypatch):
    monkeypatch.setenv("RIFFSCOPE_LIBRARY", str(tmp_path / "mine"))
    assert local_library(usual_library()) == tmp_path / "mine"
    monkeypatch.delenv("RIFFSCOPE_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert usual_library().parts[-2:] == ("riffscope", "library")
    assert usual_library().is_absolute()
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: Path("~/.local/share/riffscope"))
    with pytest.raises(RiffscopeError, match="--store"):
        usual_library()


def test_a_library_that_only_knows_preferences_is_one(tmp_path):
    (tmp_path / "preferences.json").write_text("{}")
    assert local_library(tmp_path) == tmp_path


def test_the_server_imports_nothing_heavy_whatever_it_is_asked(tmp_path):
    code = f"""
import http.client, sys, threading
from pathlib import Path
from riffscope.web.server import PageServer

def ask():
    for path in ("/", "/api/songs", "/api/tasks", "/api/preferences", "/static/colors.css", "/nothing"):
        one = http.client.HTTPConnection("127.0.0.1", port)
        one.request("GET", path, headers={{"Cookie": f"riffscope-{{port}}={{token}}"}})
        statuses.append(one.getresponse().status)
    server.end()

server, statuses = PageServer(Path({str(tmp_path)!r})), []
_, port, token = server.address.replace("/?token=", ":").rsplit(":", 2)
port = int(port)
server.run(begun=threading.Thread(target=ask).start)
assert statuses == [200] * 5 + [404], statuses
sys.exit(" ".join(name for name in {HEAVY} if name in sys.modules) or 0)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
