"""The local page served in a thread: nothing is measured at its desk, and its press prints what it is told."""

import asyncio
import contextlib
import http.client
import json
import threading
import time
from pathlib import Path

import msgspec

from riffscope.web.app import make_app
from riffscope.web.desk import Desk
from riffscope.web.errands import About, Made, Refused
from riffscope.web.events import Listeners
from riffscope.web.guard import Guard
from riffscope.web.preferences import PreferencesFile
from riffscope.web.rows import Shelf
from riffscope.web.server import LocalUvicorn, open_socket
from riffscope.web.site import Site
from riffscope.web.texts import Texts
from riffscope.web.uploads import Uploads

TOKEN = "key"
WAIT_S = 10.0


class PrintingPress:
    """Answers each errand with a file that says what was asked, or as it is told to."""

    def __init__(self, folder):
        self.folder, self.errands, self.refuses, self.breaks = folder, [], None, None
        self.seen_at = None
        self.name = "closet.pdf"

    async def make(self, errand):
        self.errands.append(errand)
        if self.breaks is not None:
            raise self.breaks
        if self.refuses is not None:
            return Refused(self.refuses)
        path = self.folder / f"{len(self.errands)}"
        path.write_bytes(msgspec.json.encode(self.about(errand)) if errand.form == "about" else self.said(errand))
        media = {"html": "text/html; charset=utf-8", "about": "application/json"}.get(errand.form, "application/pdf")
        return Made(path=str(path), name=self.name, media_type=media)

    def said(self, errand):
        return f"<p>{errand.form}</p>".encode()

    def about(self, errand):
        """What is known of a song: nothing, but where a batch saw its file."""
        kinds = {"beats_s": (), "downbeats_s": (), "sections": (), "forms": (), "has_file": False, "has_copy": False}
        kinds["is_corrected"] = True
        known = dict.fromkeys(About.__struct_fields__) | kinds | {"title": "", "file": "", "duration_s": 1.0}
        return About(**known | {"sha256": errand.songs[0], "path": self.seen_at})


class Served:
    """A page that is served, and one who asks it."""

    def __init__(self, folder):
        self.library, self.texts = folder / "library", folder / "texts"
        for one in (self.library, self.texts):
            one.mkdir()
        self.listeners = Listeners()
        self.desk = Desk(self.library, separator="none", workers=1, tell=self.listeners.tell)
        self.shelf = Shelf(self.library)
        self.shelf.start()
        self.press = PrintingPress(folder)
        self.socket = open_socket(None)
        self.port = self.socket.getsockname()[1]
        self.host = f"127.0.0.1:{self.port}"
        self.site = Site(
            library=self.library,
            desk=self.desk,
            shelf=self.shelf,
            press=self.press,
            listeners=self.listeners,
            uploads=Uploads(self.desk, self.library),
            texts=Texts(self.texts),
            preferences=PreferencesFile(self.library),
        )
        self.guard = Guard(make_app(self.site), port=self.port, token=TOKEN)

    def run(self, begun):
        self.server = LocalUvicorn(self.guard, begun.set, self.listeners.end)
        asyncio.run(self.server.serve(sockets=[self.socket]))

    # ----------------------------------------------------------------------------------------------------------- asking
    def headers(self, **more):
        """What the page's own scripts send; None leaves a header away."""
        usual = {"Host": self.host, "Cookie": f"riffscope-{self.port}={TOKEN}", "Origin": f"http://{self.host}"}
        return {name: text for name, text in {**usual, **more}.items() if text is not None}

    def connect(self, method, path, headers=None, *, length=None):
        """Begin a request, and return the connection that takes the body."""
        one = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_S)
        one.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, text in (self.headers() if headers is None else headers).items():
            for part in text if isinstance(text, tuple) else (text,):
                one.putheader(name, part)
        if length is not None:
            one.putheader("Content-Length", str(length))
        one.endheaders()
        return one

    def ask(self, method, path, body=None, headers=None):
        """Ask for something, and return the answer: status, headers, body."""
        length = None if body is None else len(body)
        one = self.connect(method, path, headers, length=length)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may be answered before it was sent
            if body is not None:
                one.send(body)
        return answer_of(one)

    def json(self, method, path, content=None, *, status=200):
        """Ask for something in JSON, which has to be answered so."""
        got, _, body = self.ask(method, path, None if content is None else json.dumps(content).encode())
        assert got == status, body
        return json.loads(body) if body else None

    def open(self, size, name="song.wav", **more):
        """Announce a song, and return the number of its task."""
        return self.json("POST", "/api/tasks", {"song": {"name": name, "size": size}, **more}, status=201)["id"]

    def task(self, number):
        """Return a task as the page tells of it, or None."""
        return next((one for one in self.json("GET", "/api/tasks")["tasks"] if one["id"] == number), None)

    def becomes(self, number, state):
        """Wait until a task is in a state, and return it."""
        until = time.monotonic() + WAIT_S
        while (task := self.task(number))["state"] != state:
            assert time.monotonic() < until, task
            time.sleep(0.02)
        return task

    def files(self):
        """Name all files of uploads, but for what the desk notes of each."""
        uploads = self.library / "uploads"
        return sorted(
            str(one.relative_to(uploads)) for one in uploads.rglob("*") if one.is_file() and one.name != "task.json"
        )

    def left_behind(self):
        """Tell whether uploads left anything."""
        return [one for one in (self.library / "uploads").rglob("*") if one.is_file()]


def answer_of(connection):
    """Return an answer: status, headers with small letters, body."""
    with contextlib.closing(connection):
        answer = connection.getresponse()
        return answer.status, {name.lower(): text for name, text in answer.getheaders()}, answer.read()


class Events:
    """A page that listens."""

    def __init__(self, served):
        self._connection = served.connect("GET", "/api/events")
        self._answer = self._connection.getresponse()
        assert self._answer.status == 200
        assert self._answer.getheader("content-type").startswith("text/event-stream")

    def next(self):
        """Return the next event: its name and what it says; None at the end."""
        name = None
        while line := self._answer.readline():
            kind, _, text = line.decode().rstrip("\n").partition(": ")
            if kind == "event":
                name = text
            elif kind == "data":
                return name, json.loads(text)
        return None

    def close(self):
        self._answer.close()
        self._connection.close()


@contextlib.contextmanager
def serving(folder: Path):
    """Serve a page while this is open."""
    served, begun = Served(folder), threading.Event()
    thread = threading.Thread(target=served.run, args=(begun,))
    thread.start()
    try:
        assert begun.wait(WAIT_S)
        yield served
    finally:
        served.server.should_exit = True
        thread.join(WAIT_S)
        served.socket.close()
        served.desk.stop()
    assert not thread.is_alive()
