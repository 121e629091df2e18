"""How quickly the local page answers, beside the command line, and what it costs while nobody asks for anything.

    python -m benchmarks.page                    # 3.5 minutes made of the bundled samples
    python -m benchmarks.page song.mp3 --rounds 5 --idle 75

Each round starts `riffscope serve` anew with an empty library, drops the song, and then asks the same of
`riffscope analyze` and `riffscope report`. Both sides take turns, so that their ratio can be compared;
times differ from machine to machine. Memory is what each process has alone (USS), and its share of what it has together
with others (PSS). What an installation grows by is the size of starlette, uvicorn and what only they need.
"""

import argparse
import http.client
import importlib.metadata
import json
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import soundfile
import soxr

from benchmarks.children import run_child
from benchmarks.programs import ROOT, environment

SAMPLES = ROOT / "samples"
TIMEOUT_S = 600.0
MINUTES = 3.5
RATE_HZ = 44_100
# What starts it and shows it; all else that it needs is there without it.
PAGE_PACKAGES = ("starlette", "uvicorn")
Times = Mapping[str, float]


class CannotMeasure(Exception):
    """The page or the command line did not do what it was asked to."""


class Page:
    """A running `riffscope serve`, and one who uses it."""

    def __init__(self, library: Path) -> None:
        command = [
            sys.executable,
            "-P",
            "-m",
            "riffscope",
            "serve",
            "--no-open",
            "--store",
            str(library),
        ]
        self.began = time.monotonic()
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment())
        self.host, token = self._address()
        self.up_s = time.monotonic() - self.began
        response, _ = self._ask("GET", f"/?token={token}", {})
        self._cookie = response.headers["Set-Cookie"].partition(";")[0]

    def _address(self) -> tuple[str, str]:
        for line in self.process.stdout or ():
            found = re.search(r"http://(127\.0\.0\.1:\d+)/\?token=([\w-]+)", line)
            if found:
                return found[1], found[2]
        raise CannotMeasure("riffscope serve printed no address")

    def ask(self, method: str, path: str, body: object = None) -> Any:
        """Return the answer to a request: what its JSON holds, else its bytes."""
        response, answer = self._ask(method, path, {"Cookie": self._cookie, "Origin": f"http://{self.host}"}, body)
        if response.status >= 400:
            raise CannotMeasure(f"{method} {path}: {response.status} {answer[:300]!r}")
        return json.loads(answer) if response.headers.get_content_type() == "application/json" else answer

    def _ask(
        self, method: str, path: str, headers: Mapping[str, str], body: object = None
    ) -> tuple[http.client.HTTPResponse, bytes]:
        connection = http.client.HTTPConnection(self.host, timeout=TIMEOUT_S)
        raw = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        kind = {} if body is None or isinstance(body, bytes) else {"Content-Type": "application/json"}
        connection.request(method, path, body=raw, headers={**headers, **kind})
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response, answer

    def changes(self) -> Iterator[dict[str, Any]]:
        """Give each task as it changes, from the moment that the stream stands."""
        connection = http.client.HTTPConnection(self.host, timeout=TIMEOUT_S)
        connection.request("GET", "/api/events", headers={"Cookie": self._cookie})
        event = ""
        for raw in connection.getresponse():
            line = raw.decode().rstrip("\n")
            if line.startswith("event:"):
                event = line.partition(":")[2].strip()
            elif line.startswith("data:") and event in {"tasks", "task"}:
                data = json.loads(line.partition(":")[2])
                yield from data["tasks"] if event == "tasks" else [data]

    def close(self) -> None:
        """End it as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise CannotMeasure("riffscope serve did not end") from None


@contextmanager
def running(library: Path) -> Iterator[Page]:
    """Start the page, and end it."""
    page = Page(library)
    try:
        yield page
    finally:
        page.close()


def drop(page: Page, song: Path) -> dict[str, float]:
    """Drop a song, wait for its report, and return when what was there, in seconds from the drop."""
    body, times = song.read_bytes(), dict[str, float]()
    stands, ended = threading.Event(), threading.Event()
    last: dict[str, Any] = {}
    begin_s = 0.0

    def listen() -> None:
        stands.set()
        for task in page.changes():
            if task["name"] != song.name or not begin_s:
                continue
            now_s = time.monotonic() - begin_s
            last.update(task)
            if task["state"] == "measuring":
                times.setdefault("first progress", now_s)
            if task["numbers"]:
                times.setdefault("first number", now_s)
            if task["state"] in {"done", "failed"}:
                times.setdefault("measured", now_s)
                break
        ended.set()

    threading.Thread(target=listen, daemon=True).start()
    stands.wait(TIMEOUT_S)
    time.sleep(0.2)
    begin_s = time.monotonic()
    task = page.ask("POST", "/api/tasks", {"song": {"name": song.name, "size": len(body)}, "vocals": None,
                                           "keep": False, "text": None})  # fmt: skip
    page.ask("PUT", f"/api/tasks/{task['id']}/song", body)
    if not ended.wait(TIMEOUT_S) or last["state"] != "done":
        raise CannotMeasure(f"{song.name}: {last.get('reason') or 'not measured'}")
    page.ask("GET", f"/songs/{last['song']}/report.html")
    times["report read"] = time.monotonic() - begin_s
    return times


def typed(song: Path, folder: Path) -> dict[str, float]:
    """Ask the same of the command line, and return what it took."""
    riffscope = (sys.executable, "-P", "-m", "riffscope")
    saved = folder / f"{song.stem}.json"
    first = run_child([*riffscope, "analyze", str(song), "--json", str(saved), "--quiet"], timeout_s=TIMEOUT_S,
                      environment=environment())  # fmt: skip
    second = run_child([*riffscope, "report", str(song), "--format", "html", "--out", str(folder)],
                       timeout_s=TIMEOUT_S, environment=environment())  # fmt: skip
    if first.error or second.error:
        raise CannotMeasure(first.error or second.error)
    return {"analyze": first.cost.wall_s, "report": second.cost.wall_s}


def memory(page: Page) -> list[tuple[str, float, float]]:
    """Return for each process of the page its name, and the MB that it has alone and as its share."""
    root = psutil.Process(page.process.pid)
    rows = []
    for process in (root, *root.children(recursive=True)):
        held = process.memory_full_info()
        words = [word for word in process.cmdline() if word.startswith("riffscope")]
        rows.append((" ".join(words[:2]) or process.name(), held.uss / 1e6, getattr(held, "pss", held.uss) / 1e6))
    return rows


def grown_mb() -> dict[str, float]:
    """Return how many MB each package takes that is installed for the page alone."""
    without = _needed(
        [one for one in importlib.metadata.requires("riffscope") or () if _name(one) not in PAGE_PACKAGES]
    )
    return {name: _size_mb(name) for name in sorted(_needed(PAGE_PACKAGES) - without)}


def _needed(requirements: Sequence[str]) -> set[str]:
    found: set[str] = set()
    ahead = list(requirements)
    while ahead:
        requirement = ahead.pop()
        name = _name(requirement)
        if "extra ==" in requirement or name in found:
            continue
        try:
            ahead += importlib.metadata.requires(name) or ()
        except importlib.metadata.PackageNotFoundError:
            continue  # for other systems
        found.add(name)
    return found


def _name(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _size_mb(name: str) -> float:
    files = importlib.metadata.files(name) or ()
    return sum(Path(str(one.locate())).stat().st_size for one in files if Path(str(one.locate())).is_file()) / 1e6


def long_song(folder: Path) -> Path:
    """Write a song of some minutes, made of the samples one after the other."""
    parts = []
    for path in sorted(SAMPLES.glob("*.ogg")):
        samples, rate_hz = soundfile.read(path, always_2d=True)
        parts.append(soxr.resample(samples, rate_hz, RATE_HZ))
    whole = np.concatenate(parts)
    frames = int(MINUTES * 60 * RATE_HZ)
    whole = np.tile(whole, (-(-frames // len(whole)), 1))[:frames]
    path = folder / "long.flac"
    soundfile.write(path, whole, RATE_HZ)
    return path


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("song", nargs="?", type=Path, help="a song (default: 3.5 minutes of the samples)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=float, default=75.0, help="seconds of idleness before memory is read")
    options = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            song = options.song or long_song(folder)
            _print_times(_rounds(song, folder, options.rounds))
            with running(folder / "idle") as page:
                drop(page, song)
                print("\nat once after a report:")
                _print_memory(page)
                time.sleep(options.idle)
                print(f"\nafter {options.idle:.0f} s of idleness:")
                _print_memory(page)
    except CannotMeasure as why:
        print(why, file=sys.stderr)
        return 1
    grown = grown_mb()
    print(f"\ninstalled for the page alone: {sum(grown.values()):.1f} MB")
    print("  " + ", ".join(f"{package} {size:.1f}" for package, size in grown.items()))
    return 0


def _rounds(song: Path, folder: Path, rounds: int) -> list[Times]:
    taken: list[Times] = []
    for number in range(rounds):
        out = folder / f"round-{number}"
        out.mkdir()
        with running(out / "library") as page:
            cold = {"page is up": page.up_s} | drop(page, song)
        taken.append(cold | typed(song, out))
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return taken


def _print_times(taken: Sequence[Times]) -> None:
    print(f"{'':18}{'median s':>10}   lowest to highest")
    for name in taken[0]:
        seconds = [times[name] for times in taken]
        print(f"{name:18}{statistics.median(seconds):10.2f}   {min(seconds):.2f} to {max(seconds):.2f}")
    for part, whole in (("first number", "analyze"), ("measured", "analyze"), ("report read", "report")):
        ratios = [times[part] / times[whole] for times in taken]
        print(f"{part} / {whole}: {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


def _print_memory(page: Page) -> None:
    rows = memory(page)
    for name, alone_mb, share_mb in rows:
        print(f"  {name:40}{alone_mb:8.0f} MB alone{share_mb:8.0f} MB share")
    print(f"  {'in all':40}{'':14}{sum(share for *_, share in rows):8.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
