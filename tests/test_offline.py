"""Nothing leaves the machine: no name is looked up and no connection is tried, by riffscope or anything it runs."""

import functools
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from songs_heard import SAMPLES

# onnxruntime's telemetry client tries its host this long after the import.
TELEMETRY_AFTER_S = 10.0

# Python's own calls are seen by an audit hook, those of C libraries by what the kernel counts in a network of the
# process's own: packets sent, connections begun, and packets for which there was no way out.
WATCHED = """
    import sys, time
    from pathlib import Path

    began, tried = time.monotonic(), []
    CALLS = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.sendto")
    sys.addaudithook(lambda event, args: tried.append(f"{event} {args[1:]}") if event in CALLS else None)

    def counted():
        lines = [line.split() for line in Path("/proc/self/net/snmp").read_text().splitlines()]
        wanted = {"Ip:": ("OutRequests", "OutNoRoutes"), "Tcp:": ("ActiveOpens",), "Udp:": ("OutDatagrams",)}
        out = {}
        for names, numbers in zip(lines[::2], lines[1::2]):
            row = dict(zip(names, numbers))
            out |= {f"{names[0]} {name}": int(row[name]) for name in wanted.get(names[0], ())}
        return out

    alone, until_s = sys.argv[1] == "alone", float(sys.argv[2])
    before = counted() if alone else {}
    exec(sys.argv[3])
    time.sleep(max(0.0, until_s - (time.monotonic() - began)))
    after = counted() if alone else {}
    tried += [f"{name}: {after[name] - before[name]}" for name in before if after[name] != before[name]]
    sys.exit("; ".join(tried) if tried else 0)
"""


def runs(command):
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


# In a network of its own a process reaches nothing, and the kernel counts what it tries.
OWN_NETWORK = next(
    (
        prefix
        for prefix in (["unshare", "--net"], ["unshare", "--net", "--map-root-user"])
        if shutil.which("unshare") and Path("/proc/self/net/snmp").is_file() and runs([*prefix, "true"])
    ),
    None,
)


def watched(code, folder, *, until_s=0.0, alone=OWN_NETWORK is not None):
    """Start code in a process of its own; what it tried to reach is what the process ends with."""
    prefix = (OWN_NETWORK or []) if alone else []
    arguments = ["alone" if alone else "shared", str(until_s), textwrap.dedent(code)]
    environment = {name: text for name, text in os.environ.items() if not name.startswith(("ORT_", "RIFFSCOPE_"))}
    environment["RIFFSCOPE_MODELS"] = str(folder / "models")
    return subprocess.Popen(
        [*prefix, sys.executable, "-c", textwrap.dedent(WATCHED), *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        cwd=folder,
        env=environment,
    )


def ended(process):
    """Wait for a process: its exit status, and what it said on stderr."""
    with process:
        said = process.stderr.read()
    return process.returncode, said


COMMANDS = (
    "analyze short.wav --json short.json",
    "analyze short.json",
    "compare short.json closet.json",
    "report short.wav --out reports",
    "check review.txt short.json --out reports",
    "export short.json --to csv --out exports",
)


@pytest.fixture
def folder(tmp_path):
    from riffscope.codec import to_json
    from songs import example_song
    from songs_heard import song_excerpt

    soundfile = pytest.importorskip("soundfile")
    excerpt = song_excerpt(duration_s=6.0)
    soundfile.write(tmp_path / "short.wav", excerpt.samples.T, excerpt.sample_rate_hz)
    (tmp_path / "review.txt").write_text("It runs at 92 BPM.", encoding="utf-8")
    (tmp_path / "closet.json").write_bytes(to_json(example_song()))
    return tmp_path


@pytest.fixture(scope="module")
def onnxruntime_alone(tmp_path_factory):
    """What comes of onnxruntime by itself, which is started here and waits while other tests run."""
    process = watched("import onnxruntime", tmp_path_factory.mktemp("alone"), until_s=TELEMETRY_AFTER_S + 3)
    result = functools.cache(lambda: ended(process))
    yield result
    result()


@pytest.mark.processes
def test_no_command_looks_up_a_name_or_connects(folder, onnxruntime_alone):
    code = f"""
        import shlex
        from riffscope.cli import main
        for command in {COMMANDS!r}:
            assert main(shlex.split(command)) == 0, command
    """
    status, said = ended(watched(code, folder, until_s=TELEMETRY_AFTER_S + 3))
    assert status == 0, said
    assert "onnxruntime" not in said


# What the page asks of its server; in a process of its own, for asking is connecting.
ASKED = """
    import http.client, json, sys
    port, token = int(sys.argv[1]), sys.argv[2]
    def ask(method, path, body=None):
        one = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        mine = {"Cookie": f"riffscope-{port}={token}", "Origin": f"http://127.0.0.1:{port}"}
        one.request(method, path, body, mine)
        answer = one.getresponse()
        return answer.status, answer.read()
    status, text = ask("POST", "/api/texts?name=a.txt", b"It runs at 92 BPM.")
    assert status == 201
    songs = json.loads(ask("GET", "/api/songs")[1])["songs"]
    path = "/songs/" + songs[0]["sha256"]
    checked = "/texts/" + json.loads(text)["id"] + "?songs=" + songs[0]["sha256"]
    asked = ["/", "/static/page.css", path, checked, "/api" + path, path + "/download/midi", "/nothing"]
    assert [ask("GET", one)[0] for one in asked] == [200] * 6 + [404]
"""


def test_the_local_page_looks_up_no_name_and_connects_to_nothing(tmp_path):
    """Its own process is watched while it answers; the press, another, looks up no name by the test above."""
    from riffscope.library.store import Store
    from songs import example_song

    code = f"""
        import subprocess, sys, threading
        from pathlib import Path
        from riffscope.web.server import PageServer

        server, statuses = PageServer(Path("library").absolute()), []
        _, port, token = server.address.replace("/?token=", ":").rsplit(":", 2)

        def ask():
            statuses.append(subprocess.run([sys.executable, "-c", {textwrap.dedent(ASKED)!r}, port, token]).returncode)
            server.end()

        server.run(begun=threading.Thread(target=ask).start)
        assert statuses == [0]
    """
    Store(tmp_path / "library").keep(example_song(duration_s=60.0))
    status, said = ended(watched(code, tmp_path, alone=False))
    assert status == 0, said


@pytest.mark.parametrize(
    "code",
    [
        'import socket\ntry: socket.getaddrinfo("name.invalid", 443)\nexcept OSError: pass',
        'import socket\nwith socket.socket() as one: one.settimeout(0.1); one.connect_ex(("192.0.2.1", 443))',
    ],
)
def test_an_attempt_would_be_seen(code, tmp_path):
    if OWN_NETWORK is None:
        pytest.skip("no network of one's own here: what is tried would leave the machine")
    status, said = ended(watched(code, tmp_path))
    assert status == 1
    assert "socket." in said
    assert "Ip: OutNoRoutes" in said or "Udp: OutDatagrams" in said


@pytest.mark.processes
def test_the_telemetry_of_onnxruntime_would_be_seen(onnxruntime_alone):
    if OWN_NETWORK is None:
        pytest.skip("no network of one's own here: what is tried would leave the machine")
    if not sys.platform.startswith("linux") or not SAMPLES.is_dir():
        pytest.skip("only watched on Linux")
    status, said = onnxruntime_alone()
    if status == 0:
        pytest.skip("this onnxruntime carries no telemetry")
    assert "Udp" in said or "Ip" in said
