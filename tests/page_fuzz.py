"""Mutants of what is sent to the local page, and a page of its own process that must bear them.

A mutant is the bytes of one request. What differs from one server to the next stands in it as a mark, such as
``$TASK$``, and is put there just before it is sent. So a mutant that was kept can be sent again.

What must never come of one: an answer that says it is our fault, or tells where a file lies; no answer at all, where
the request is whole; a word in the server's log; a file outside the library; the end of the server; the loss of a song.
"""

import contextlib
import http.client
import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import h11
import psutil

import riffscope
import seeds
from riffscope.library.store import Store
from songs import example_song
from spoiling import spoil_bytes, spoil_json, spoil_text

# Of its own work, a request may take the server so long; to wait for an answer, longer, as the machine may be busy.
CPU_S, WALL_S = 10.0, 60.0
# A server that ends in order has ended by then.
END_S = 20.0
# One that sends only a part hears nothing until it gives up; it does so after this.
GIVES_UP_S = 0.05
# uvicorn takes so much of a request's head.
MAX_HEAD_BYTES = 64 << 10
# Of so many songs and texts that came through, one has its report made.
REPORTED_ONE_IN = 6

SERVER = """
import logging, sys
logging.basicConfig(level=logging.WARNING)
from riffscope.cli import run
run()
"""
TITLES = ("Closet Heartbeat", "Arena")
HASHES = tuple(f"{number + 1:064x}" for number in range(len(TITLES)))
# What a library, and the folder for temporary files, may hold; all else is somewhere else.
KEPT_FILES = re.compile(
    r"\.serve\.lock|preferences\.json|corrections/[0-9a-f]{64}\.json|seen/[\w.-]+|failures/[\w.-]+(/[\w.-]+)?"
    r"|(analyses|copies)/[0-9a-f]{2}/[0-9a-f]{64}\.[\w.]+|uploads/[0-9a-f]{16}/(song|vocals|task\.json)"
    r"|files/[0-9a-f]{64}/(song|vocals)[\w.]*|(\w+/){0,2}\.[0-9a-f]{16}\.part"
)
TEMPORARY_FILES = re.compile(
    r"(riffscope-|tmp|typst)[\w-]*(/texts/[0-9a-f]{32}\.\w{1,8}|/press-\w+/\d+/[^/]{1,120})?|[\w.-]+"
)


# ------------------------------------------------------------------------------------------------------------ requests
def request(method: str, target: str, body: bytes | None = None, *more: str) -> bytes:
    """The bytes of a request as the page's own scripts send it."""
    lines = [f"{method} {target} HTTP/1.1", "Host: $HOST$", "Cookie: $COOKIE$", "Origin: http://$HOST$", *more]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


ARRIVAL = {"song": {"name": "a.wav", "size": 1000}, "vocals": {"name": "b.wav", "size": 10}, "keep": False}
CORRECTED = {
    "tempo_bpm": 92.0,
    "beats_per_bar": 4,
    "downbeat_s": 0.5,
    "sections": [{"start_s": 0.0, "end_s": 10.0, "name": "verse"}, {"start_s": 10.0, "end_s": 20.0, "name": "chorus"}],
}
PREFERRED = {"keep": True, "range": "A2-E4"}
IN_JSON = (
    ("POST", "/api/tasks", ARRIVAL),
    ("POST", "/api/tasks", {"song": {"name": "a.wav", "size": 1000}, "text": "$TEXT$"}),
    ("PUT", "/api/songs/$SONG$/corrections", CORRECTED),
    ("PUT", "/api/preferences", PREFERRED),
)
ASKED = (
    *("/", "/songs/$SONG$", "/compare?songs=$SONG$,$OTHER$", "/texts/$TEXT$?songs=$SONG$,$OTHER$", "/favicon.ico"),
    *("/songs/$SONG$/download/csv", "/songs/$SONG$/download/midi", "/songs/$SONG$/download/json", "/api/songs/$SONG$"),
    *("/texts/$TEXT$/download/json?songs=$SONG$", "/static/shared.js", "/static/colors.css", "/api/tasks"),
    *("/api/songs?search=heart&sort=title&order=up&from=0&count=10", "/api/events", "/api/preferences"),
)
REQUESTS = (
    *(request("GET", target) for target in ASKED),
    request("GET", "/static/page.css", None, 'If-None-Match: "x"', "Accept: text/css"),
    *(request(method, target, json.dumps(body).encode()) for method, target, body in IN_JSON),
    request("DELETE", "/api/tasks/$TASK$"),
    request("DELETE", "/api/songs/$GONE$"),
    request("DELETE", "/api/songs/$SONG$/corrections"),
    request("POST", "/api/texts?name=a.md", seeds.ARTICLE.encode(), "Content-Type: text/plain"),
    request("POST", "/api/texts?name=claims.toml", seeds.CLAIMS.encode()),
    request("PUT", "/api/tasks/$TASK$/song", b"RIFF" + bytes(400), "Content-Type: application/octet-stream"),
    request("PUT", "/api/tasks/$TASK$/vocals", b"RIFF" + bytes(400)),
)


def whole_song() -> bytes:
    return request("PUT", "/api/tasks/$TASK$/song", seeds.song("wav"))


def whole_text() -> bytes:
    return request("POST", "/api/texts?name=a.md", seeds.ARTICLE.encode())


def whole_claims() -> bytes:
    return request("POST", "/api/texts?name=a.toml", seeds.CLAIMS.encode())


def whole_json() -> bytes:
    return request("PUT", "/api/preferences", json.dumps(PREFERRED).encode())


def whole_request() -> bytes:
    return REQUESTS[0]


# ------------------------------------------------------------------------------------------------------------- mutants
def spoil_song(_: bytes, rng: random.Random) -> bytes:
    """Send a mutant of a song, whole."""
    target = f"/api/tasks/$TASK$/{'vocals' if rng.random() < 0.1 else 'song'}"
    return request("PUT", target, spoil_bytes(seeds.song(rng.choice(seeds.SONGS)), rng))


NAMES = (
    *("a.md", "a.txt", "a.html", "a.toml", "a.xhtml", "", "..", "%00", "..%2F..%2F$OUTSIDE$", "$OUTSIDE$%2Fx.md"),
    *("C:%5Cx.md", "a%0D%0Ab.md", "x" * 3000 + ".md", "%F0%9F%8E%B5.md", "%FF%FE.md", "%E2%80%AEdm.a", "CON.md"),
    *("a" * 300, "%3Cscript%3E.html", "-rf.md", "a.md&name=b.toml", "%ED%A0%80.md", "a.tOmL", ".toml", "%1B%5B2J.md"),
)


def spoil_article(_: bytes, rng: random.Random) -> bytes:
    body = spoil_text(rng.choice((seeds.ARTICLE, f"<html><body><p>{seeds.ARTICLE}</p></body></html>")).encode(), rng)
    return request("POST", f"/api/texts?name={rng.choice(NAMES)}", body)


def spoil_claims(_: bytes, rng: random.Random) -> bytes:
    return request("POST", "/api/texts?name=a.toml", spoil_text(seeds.CLAIMS.encode(), rng))


JSON_BODIES = (
    *(b"", b"null", b"[]", b'"x"', b"0", b"{", b"[" * 100_000, b"[" * 30_000 + b"]" * 30_000, b'{"a":' * 20_000),
    *(b"9" * 5000, b"-", b"NaN", b"\xff\xfe{}", b"\xef\xbb\xbf{}", b"{}", b'{"song": {"name": "\xff", "size": 1}}'),
    *(b'{"song": {"name": "\\ud800.wav", "size": 1}}', b'{"song": {"name": "a", "size": 1e3}}', b" " * 60_000),
    *(b'{"song": {"name": "a", "size": ' + b"9" * 400 + b"}}", b'{"song": {"name": "a", "size": 1, "size": -1}}'),
    *(b'{"tempo_bpm": 1e999}', b'{"tempo_bpm": ' + b"9" * 400 + b"}", b'{"beats_per_bar": 3.5}', b"{\0}"),
    b"x" * 70_000,
)


def spoil_in_json(_: bytes, rng: random.Random) -> bytes:
    """Send JSON of other types, numbers, names and depths than what is asked for."""
    method, target, document = rng.choice(IN_JSON)
    if rng.random() < 0.25:
        return request(method, target, rng.choice(JSON_BODIES))
    body = spoil_json(json.dumps(document).encode(), rng)
    return request(method, target, body, *(["Content-Type: application/json"] if rng.random() < 0.5 else []))


METHODS = (
    *("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get", "M" * 3000, ""),
    "P\x00T",
)
PARTS = (
    *("..", ".", "", "%2e%2e", "..%2f..%2f", "%00", "%", "%f", "%zz", "%ff%fe", "\xff\xfe", "~", "*", "a" * 9000),
    *("A" * 64, "0" * 64, "0" * 65, "%F0%9F%8E%B5", "C:%5Cx", "..%5Cx", "%3Cscript%3E", "%0d%0aX:%20y", "?", "#x"),
    *(";x=1", "$SONG$", "$OUTSIDE$", "%2Fetc%2Fpasswd", "%ED%A0%80", "about", "download", "report.html"),
    *("corrections", "song", "{sha}"),
)
QUERIES = (
    *("songs=", "songs=$SONG$", "songs=" + ",".join(["$SONG$"] * 3000), "songs=$SONG$&songs=$OTHER$"),
    *("songs=%00,%ff", "from=-1", "from=1e9", "from=" + "9" * 5000, "from=%D9%A3", "count=0", "count=999999999"),
    *("count=", "from=0x1", "sort=x", "sort=added&order=sideways", "search=" + "%F0%9F%8E%B5" * 500),
    *("search=%25_%00%5C", "search=.*(a%2B)%2B$", "search=%ED%A0%80", "token=x", "token=", "token=" + "%ff" * 50),
    *("token=$KEY$", "name=", "=", "&&&", "a" * 9000, "%", "name=a&name=b", "+", ";", "search=%0d%0a"),
    *("search=" + "x" * 30_000, "&".join(f"a{k}=b" for k in range(2000))),
)
HEADERS = (
    *("Content-Length: -1", "Content-Length: 0", "Content-Length: 1", "Content-Length: 99999999"),
    *("Content-Length: +5", "Content-Length: " + "9" * 30, "Content-Length: 0x10", "Content-Length: 5, 5"),
    *("Content-Length: 5\r\nContent-Length: 6", "Content-Length: 600000000", "Content-Length: \xb2"),
    *("Content-Length:", "Transfer-Encoding: chunked", "Transfer-Encoding: gzip, chunked"),
    *("Transfer-Encoding: xchunked", "Transfer-Encoding: identity", "Expect: 100-continue", "Expect: 200-ok"),
    *("Connection: close", "Connection: upgrade", "Upgrade: websocket"),
    *("Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQ", "Content-Encoding: gzip"),
    "Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\nConnection: Upgrade",
    *("TE: trailers", "Range: bytes=0-0", "Range: bytes=5-2", "Range: bytes=-1"),
    *("Range: bytes=" + ",".join(["0-1"] * 800), "Range: bytes=999999999999-", "Range: lines=1-2"),
    *("Range: bytes=a-b", "Range: bytes=-", "Range: bytes=,", "If-Range: x", 'If-None-Match: "' + "x" * 5000),
    *("If-Modified-Since: yesterday", "Accept: application/json", "Accept: \xff", "Accept-Encoding: gzip;q=\xff"),
    *("Content-Type: multipart/form-data; boundary=x", "Content-Type: text/html; charset=\xff"),
    *("Content-Type: application/json; charset=utf-16", "Cookie: a=b; ; =; ====", "Cookie: " + "a=b; " * 2000),
    *("Cookie: \xff=\xfe", "Cookie: riffscope-1=x", "Host: evil.example", "Host: $HOST$", "Host:", "Host: [::1]"),
    *("Origin: null", "Origin: \xff", "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-origin"),
    *("X-Forwarded-For: \x7f", "X: " + "y" * 60_000, "X: a\x00b", "X: a\r\n b", ": x", "X", "X : y", "X\t: y"),
    *("X-\xff: y", "\r\n", "Referer: file:///etc/passwd", "X-HTTP-Method-Override: PUT"),
    "\r\n".join(f"X-{k}: y" for k in range(300)),
)
CHUNKED = (
    *(b"", b"0\r\n\r\n", b"5\r\nhello\r\n0\r\n\r\n", b"5\r\nhello\r\n", b"5\r\nhel", b"-5\r\nhello\r\n0\r\n\r\n"),
    *(b"zz\r\nhello\r\n0\r\n\r\n", b"ffffffffffffffffffff\r\nhello", b"7fffffff\r\nhello", b"5\nhello\n0\n\n"),
    *(b"5;a=b\r\nhello\r\n0\r\n\r\n", b"5;" + b"x" * 9000 + b"\r\nhello\r\n0\r\n\r\n", b"0\r\nX: y\r\n\r\n"),
    *(b"3\r\nhello\r\n0\r\n\r\n", b"1\r\na\r\n" * 2000 + b"0\r\n\r\n", b'5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'),
    *(b" 5\r\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"000000000000000000000005\r\nhello\r\n0\r\n\r\n"),
)


def spoil_request(_: bytes, rng: random.Random) -> bytes:
    """Change places of a request: its line, its headers, its body, its ends of lines; sometimes its letters."""
    head, _, body = rng.choice(REQUESTS).partition(b"\r\n\r\n")
    first, *headers = head.decode("latin-1").split("\r\n")
    method, target, version = first.split(" ")
    end = "\r\n"
    for _ in range(rng.choice((1, 1, 2, 3))):
        match rng.randrange(11):
            case 0:
                method = rng.choice(METHODS)
            case 1 | 2:
                target = _elsewhere(target, rng)
            case 3:
                path, _, query = target.partition("?")
                target = f"{path}?{query + '&' if query and rng.random() < 0.5 else ''}{rng.choice(QUERIES)}"
            case 4 | 5:
                headers.insert(rng.randrange(len(headers) + 1), rng.choice(HEADERS))
            case 6:
                del headers[rng.randrange(len(headers))]
                headers = headers or ["X: y"]
            case 7:
                at = rng.randrange(len(headers))
                headers[at] = rng.choice(
                    (headers[at] + ", x", headers[at].lower(), headers[at] + "\xff", headers[at] * 2)
                )
            case 8:
                version = rng.choice(
                    ("HTTP/1.0", "HTTP/0.9", "HTTP/2.0", "HTTP/1.2", "http/1.1", "HTTP/9", "", "x" * 999)
                )
            case 9:
                headers = [one for one in headers if not one.startswith("Content-Length")]
                if rng.random() < 0.8:
                    headers.append("Transfer-Encoding: chunked")
                    body = rng.choice(CHUNKED)
            case 10:
                body = rng.choice(
                    (body[: rng.randrange(len(body) + 1)], body + b"x" * rng.choice((1, 70_000)), body * 2)
                )
    if rng.random() < 0.05:
        end = rng.choice(("\n", "\r", "\r\r\n", "\n\n"))
    content = (
        end.join((f"{method} {target} {version}", *headers)).encode("latin-1", "replace") + 2 * end.encode() + body
    )
    if rng.random() < 0.1:
        at = rng.randrange(len(content))
        content = content[:at] + bytes([rng.randrange(256)]) + content[at + 1 :]
    return content + (rng.choice(REQUESTS) if rng.random() < 0.03 else b"")


def _elsewhere(target: str, rng: random.Random) -> str:
    path, mark, query = target.partition("?")
    parts = path.split("/")
    match rng.randrange(5):
        case 0:
            parts[rng.randrange(len(parts))] = rng.choice(PARTS)
        case 1:
            parts.insert(rng.randrange(len(parts) + 1), rng.choice(PARTS))
        case 2:
            del parts[rng.randrange(len(parts))]
        case 3:
            return rng.choice(("*", "http://$HOST$" + target, "http://evil.example/", "//" + target, "x", target + "/"))
        case 4:
            at = rng.randrange(len(parts))
            parts[at] += rng.choice(PARTS)
    return "/".join(parts) + mark + query


# ------------------------------------------------------------------------------------------------- the page under them
class Page:
    """A local page of its own process, with two songs, in a folder that shows what lands where."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None

    # ----------------------------------------------------------------------------------------------- its start and end
    def start(self) -> None:
        """Start it, where it does not run."""
        if self._process is not None and self._process.poll() is None:
            return
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="riffscope-fuzz-page-"))
        self.library, self.log = self._folder / "library", self._folder / "log"
        self.outside = "outside-of-all"
        here = self._folder / "a" / "b" / "c" / "here"
        for one in (self.library, here, self._folder / "tmp", self._folder / "home"):
            one.mkdir(parents=True, exist_ok=True)
        store = Store(self.library)
        for sha256, title in zip(HASHES, TITLES, strict=True):
            song = example_song(duration_s=60.0, title=title)
            store.keep(replace(song, source=replace(song.source, sha256=sha256)))
        options = ("--no-open", "--separator", "none", "--workers", "1", "--store", str(self.library))
        printed = self._folder / "printed"
        with self.log.open("wb") as log, printed.open("wb") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", SERVER, "serve", *options],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
                cwd=here,
                env=self._environment(),
                start_new_session=True,
            )
        until = time.monotonic() + WALL_S
        address = re.compile(rb"http://127\.0\.0\.1:(\d+)/\?token=(\S+)\n")
        while not (found := address.search(printed.read_bytes())) or b"Ctrl-C" not in self.log.read_bytes():
            if time.monotonic() > until or self._process.poll() is not None:
                raise AssertionError(f"the page does not start: {self.log.read_text()}")
            time.sleep(0.02)
        self.port, self.key = int(found[1]), found[2].decode()
        self._said = self.log.stat().st_size

    def _environment(self) -> dict[str, str]:
        code = Path(riffscope.__file__).parents[1]
        places = {"HOME": "home", "TMPDIR": "tmp", "RIFFSCOPE_MODELS": "models"}
        return os.environ | {
            **{name: str(self._folder / place) for name, place in places.items()},
            "PYTHONPATH": os.pathsep.join((str(code), os.environ.get("PYTHONPATH", ""))),
            "OMP_NUM_THREADS": "1",
        }

    def stop(self) -> str:
        """End it as Ctrl-C does; return what was wrong with that, or nothing."""
        process, self._process = self._process, None
        wrong = ""
        if process is not None:
            if process.poll() is not None:
                wrong = f"the server had ended with {process.returncode}: {self.log.read_text()[-500:]}"
            else:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(END_S)
                except subprocess.TimeoutExpired:
                    wrong = "the server does not end"
                    process.kill()
                    process.wait()
            if not wrong and (left := [one.name for one in (self._folder / "tmp").glob("riffscope-*")]):
                wrong = f"left behind: {left}"
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None
        return wrong

    # ------------------------------------------------------------------------------------------------------ asking it
    def ask(self, method: str, target: str, body: bytes | None = None) -> tuple[int, bytes]:
        """Ask it for something as its scripts do."""
        answer = self._exchange(self._filled(request(method, target, body), {}), method)
        assert answer is not None
        return answer[0], answer[2]

    def json(self, method: str, target: str, content: object = None, *, status: int = 200) -> dict:
        """Ask it for something in JSON, which has to be answered so."""
        got, body = self.ask(method, target, None if content is None else json.dumps(content).encode())
        if got != status:
            raise AssertionError(f"{method} {target}: {got}: {body[:300]!r}")
        return json.loads(body) if body else {}

    def _filled(self, content: bytes, marks: dict[str, str]) -> bytes:
        usual = {
            "HOST": f"127.0.0.1:{self.port}",
            "KEY": self.key,
            "COOKIE": f"riffscope-{self.port}={self.key}",
            **dict(zip(("SONG", "OTHER"), HASHES, strict=True)),
            "GONE": "f" * 64,
            "OUTSIDE": self.outside,
        }
        for name, text in (usual | marks).items():
            content = content.replace(f"${name}$".encode(), text.encode())
        return content

    def _exchange(self, content: bytes, method: str | None) -> tuple[int, dict[str, str], bytes] | None:
        """Send a request, and return the answer: status, headers, body; None where it is none that is whole.

        Parameters
        ----------
        method : str or None
            None where the server waits for more, and is left waiting.
        """
        with socket.create_connection(("127.0.0.1", self.port), timeout=WALL_S) as one:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may be answered before it was sent
                one.sendall(content)
            if method is None:
                one.settimeout(GIVES_UP_S)
            answer = http.client.HTTPResponse(one, method=method)
            try:
                answer.begin()
                one.settimeout(WALL_S)
                headers = {name.lower(): text for name, text in answer.getheaders()}
                stream = headers.get("content-type", "").startswith("text/event-stream")
                return answer.status, headers, b"" if stream else answer.read()
            except TimeoutError:
                if method is None:
                    return None
                raise AssertionError(f"no answer in {WALL_S:.0f} s") from None
            except (ConnectionResetError, BrokenPipeError, http.client.HTTPException):
                if method is None:
                    return None
                raise

    def take(self, content: bytes, luck: random.Random) -> str:
        """Send a mutant, look at all that may come of it, and say what was answered."""
        before_s = self._cpu_s()
        marks = {}
        if b"$TEXT$" in content:
            added = self.json_of(request("POST", "/api/texts?name=a.md", seeds.ARTICLE.encode()), 201)
            marks["TEXT"] = added["id"]
        if b"$TASK$" in content:
            marks["TASK"] = self._awaited(content)
        asked = self._filled(content, marks)
        method = _method_if_whole(asked)
        answer = self._exchange(asked, method)
        found = "left" if answer is None else self._looked_at(answer, asked)
        if "TASK" in marks:
            found = self._what_became_of(marks["TASK"], found, luck)
        if found == "text":
            found = self._ruled(json.loads(answer[2]), luck)
        self.check(before_s)
        return found

    def json_of(self, content: bytes, status: int) -> dict:
        answer = self._exchange(self._filled(content, {}), "POST")
        if answer is None or answer[0] != status:
            raise AssertionError(f"not {status}: {answer}")
        return json.loads(answer[2])

    def _awaited(self, content: bytes) -> str:
        size = max(1, len(content.partition(b"\r\n\r\n")[2]))
        wanted = {"song": {"name": "song.bin", "size": size}}
        if b"/vocals" in content:
            wanted = {
                "song": {"name": "song.wav", "size": len(seeds.song("wav"))},
                "vocals": {"name": "v", "size": size},
            }
        return self.json("POST", "/api/tasks", wanted, status=201)["id"]

    # -------------------------------------------------------------------------------------------------- what is checked
    def _looked_at(self, answer: tuple[int, dict[str, str], bytes], asked: bytes) -> str:
        status, headers, body = answer
        if status >= 500 and not (status == 507 and b"not enough room" in body):
            raise AssertionError(f"{status}: {body[:300]!r}")
        self._tells_no_path(body + repr(headers).encode())
        if status >= 400 and body and headers.get("content-type") == "application/json":
            check_line(json.loads(body)["error"])
        if status == 201 and b" /api/texts" in asked:
            return "text"
        return "fine" if status < 400 else "refused"

    def _tells_no_path(self, text: bytes) -> None:
        for secret in (str(self._folder), str(Path(riffscope.__file__).parent), "Traceback", "itself failed"):
            if secret.encode() in text:
                at = text.index(secret.encode())
                raise AssertionError(f"the answer says {text[max(0, at - 100) : at + 200]!r}")

    def _what_became_of(self, number: str, found: str, luck: random.Random) -> str:
        """Wait until a song is measured or refused, look at what is told of it, and take it out of the library."""
        until = time.monotonic() + WALL_S
        while (task := self._task(number)) is not None and task["state"] in {"waiting", "measuring"}:
            if time.monotonic() > until:
                raise AssertionError(f"not measured in {WALL_S:.0f} s: {task}")
            time.sleep(0.01)
        if task is None:
            return found  # it was taken back
        self._tells_no_path(json.dumps(task).encode())
        for text in (task["name"], task["reason"], task["doing"], task["title"] or "", *task["warnings"]):
            check_line(text)
        if task["state"] == "done":
            found = self._reported(task["song"]) if luck.randrange(REPORTED_ONE_IN) == 0 else "measured"
            self.json("DELETE", f"/api/songs/{task['song']}", status=204)
        elif task["state"] == "failed":
            found = "refused"
        self.json("DELETE", f"/api/tasks/{number}", status=204)
        if (self.library / "uploads" / number).exists():
            raise AssertionError("the files of a song that was dismissed are still there")
        return found

    def _task(self, number: str) -> dict | None:
        return next((one for one in self.json("GET", "/api/tasks")["tasks"] if one["id"] == number), None)

    def _reported(self, sha256: str) -> str:
        for target in (f"/songs/{sha256}", f"/songs/{sha256}/report.html", f"/songs/{sha256}/download/csv"):
            status, body = self.ask("GET", target)
            if status != 200 and status != 409:
                raise AssertionError(f"{target}: {status}: {body[:300]!r}")
            self._tells_no_path(body)
        return "reported"

    def _ruled(self, text: dict, luck: random.Random) -> str:
        check_line(text["name"])
        if luck.randrange(REPORTED_ONE_IN):
            return "fine"
        songs = f"songs={HASHES[0]},{HASHES[1]}"
        for target in (f"/texts/{text['id']}?{songs}", f"/texts/{text['id']}/report.html?{songs}"):
            status, body = self.ask("GET", target)
            if status not in {200, 409}:
                raise AssertionError(f"{target}: {status}: {body[:300]!r}")
            self._tells_no_path(body)
        return "reported" if status == 200 else "refused"

    def check(self, before_s: float) -> None:
        """Look whether it still does what it should, and did no more."""
        assert self._process is not None
        if psutil.Process(self._process.pid).status() == psutil.STATUS_ZOMBIE:
            raise AssertionError(f"the server ended: {self.log.read_text()[-500:]}")
        listed = {row["sha256"] for row in self.json("GET", "/api/songs")["songs"]}
        if not set(HASHES) <= listed:
            raise AssertionError(f"songs are lost: {listed}")
        if (took_s := self._cpu_s() - before_s) > CPU_S:
            raise AssertionError(f"hangs: the server worked {took_s:.0f} s")
        if self.log.stat().st_size != self._said:
            raise AssertionError(f"in the log: {self.log.read_text()[self._said :][-600:]}")
        for path in self._folder.rglob("*"):
            name = str(path.relative_to(self._folder))
            known = name.startswith(("home", "models")) or name in {
                "library",
                "tmp",
                "log",
                "printed",
                "a",
                "a/b",
                "a/b/c",
            }
            place, _, within = name.partition("/")
            allowed = {"library": KEPT_FILES, "tmp": TEMPORARY_FILES}.get(place)
            if not known and name != "a/b/c/here" and not path.is_dir() and not (allowed and allowed.fullmatch(within)):
                raise AssertionError(f"a file where none belongs: {name}")

    def _cpu_s(self) -> float:
        """Of the server alone: what measures and what makes reports are processes of their own."""
        assert self._process is not None
        times = psutil.Process(self._process.pid).cpu_times()
        return times.user + times.system


def check_line(text: str) -> None:
    if not text.isprintable() or len(text) > 1100:
        raise AssertionError(f"not one line of bearable length: {text[:200]!r}")


def _method_if_whole(content: bytes) -> str | None:
    """Return the method of a request that has to be answered, for it is whole or breaks a rule; else None."""
    if len(content.partition(b"\r\n\r\n")[0]) > MAX_HEAD_BYTES:
        return None  # it is refused while it is still sent, and the refusal may be lost
    ours = h11.Connection(h11.SERVER)
    ours.receive_data(content)
    method = None
    try:
        while True:
            event = ours.next_event()
            if isinstance(event, h11.Request):
                method = event.method.decode()
            if isinstance(event, h11.EndOfMessage):
                return method
            if event is h11.NEED_DATA or isinstance(event, h11.ConnectionClosed):
                return None
    except h11.RemoteProtocolError:
        # What breaks a rule behind its head is lost without an answer to anybody.
        return "GET" if method is None else None


PAGE = Page()
