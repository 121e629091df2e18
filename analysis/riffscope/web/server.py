"""Serves the local page: a socket on this machine alone, and everything behind the page from its start to its end.

The process stays small, for it may be left open all day: songs are measured and documents are made by others. Nothing
is ever connected to, and no name looked up.
"""

import asyncio
import contextlib
import errno
import logging
import os
import secrets
import shutil
import signal
import socket
import tempfile
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import h11
import uvicorn
from filelock import FileLock, Timeout
from uvicorn.protocols.http.h11_impl import H11Protocol

from riffscope import words
from riffscope.choices import MAX_MINUTES, Separator
from riffscope.errors import RiffscopeError
from riffscope.files import temporary_folder
from riffscope.library.hands import memory_for_each, usual_workers
from riffscope.library.heads import Heads
from riffscope.library.place import LocalPlace
from riffscope.web.app import make_app
from riffscope.web.desk import Desk
from riffscope.web.events import Listeners
from riffscope.web.guard import Guard
from riffscope.web.preferences import PreferencesFile
from riffscope.web.press import Press
from riffscope.web.rows import Shelf
from riffscope.web.site import Site
from riffscope.web.tasks import Change, LibraryChanged, TaskChanged
from riffscope.web.texts import Texts
from riffscope.web.uploads import Uploads

log = logging.getLogger(__name__)

HOST, USUAL_PORT = "127.0.0.1", 8177
# What says where the library is, in the place of the user's data folder.
LIBRARY_VARIABLE = "RIFFSCOPE_LIBRARY"
# What a server holds while it serves a library.
LOCK = ".serve.lock"
# Answers that are under way at the end get so long.
GRACE_S = 1
# Signals that end it; who started it with some of them ignored wants that.
ENDING = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, name))
INTERRUPTED = 130


def usual_library() -> Path:
    """Return where the library of this user's page is.

    Raises
    ------
    RiffscopeError
        There is no home to put it.
    """
    chosen = os.environ.get(LIBRARY_VARIABLE)
    if chosen:
        return Path(chosen)
    import platformdirs

    folder = platformdirs.user_data_path("riffscope", appauthor=False) / "library"
    if not folder.is_absolute():
        raise RiffscopeError("there is no home folder to keep the library in (name a folder with --store)")
    return folder


def local_library(address: str | os.PathLike[str]) -> Path:
    """Return the folder of a library of this machine; it is made where there is none.

    Raises
    ------
    RiffscopeError
        It is elsewhere, holds something else, or cannot be written to.
    """
    heads = None if "://" in os.fspath(address) else Heads(address)
    if heads is None or not isinstance(heads.place, LocalPlace):
        raise RiffscopeError(f"{address}: the page needs a library on this machine (name a folder)")
    heads.check_may_be_library()
    folder = heads.place.folder.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as why:
        raise RiffscopeError(f"{folder}: cannot be written to: {why.strerror} (name another with --store)") from None
    return folder


@contextlib.contextmanager
def alone_with(library: Path) -> Iterator[None]:
    """While this is open, no other server serves a library.

    Raises
    ------
    RiffscopeError
        Another one does.
    """
    lock = FileLock(library / LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise RiffscopeError(
            f"{library}: another riffscope serve has this library open (use that one, or end it first)"
        ) from None
    except OSError as why:
        raise RiffscopeError(f"{library}: cannot be locked: {why.strerror} (name another with --store)") from None
    try:
        yield
    finally:
        lock.release()


def open_socket(port: int | None) -> socket.socket:
    """Open a socket that only this machine reaches: at a port, or at the usual one, or else at one that is free.

    Raises
    ------
    RiffscopeError
        The port that is asked for is taken.
    """
    wanted = USUAL_PORT if port is None else port
    try:
        return _bound(wanted)
    except OSError as why:
        if port is None:
            return _bound(0)
        taken = why.errno == errno.EADDRINUSE
        reason = "is taken by another program" if taken else f"cannot be used: {why.strerror}"
        raise RiffscopeError(f"port {port} {reason} (choose another, or leave --port away)") from None


def _bound(port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        if os.name == "posix":  # a port that was let go a moment ago is free; elsewhere this would share taken ones
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        opened.bind((HOST, port))
    except OSError:
        opened.close()
        raise
    return opened


class PageServer:
    """The page of a library, from start to end.

    Parameters
    ----------
    library : Path
        As of `local_library`.
    port : int, optional
    separator, max_minutes, workers
        As of `riffscope.web.desk.Desk`.

    Attributes
    ----------
    address : str
        Opens the page; it holds the secret.
    """

    def __init__(
        self,
        library: Path,
        *,
        port: int | None = None,
        separator: Separator = "auto",
        max_minutes: float = MAX_MINUTES,
        workers: int | None = None,
    ) -> None:
        self._library = library
        self._max_minutes = max_minutes
        self._socket = open_socket(port)
        self._separator: Separator = separator
        self._workers = usual_workers() if workers is None else workers
        self._token = secrets.token_urlsafe(32)
        self._port = self._socket.getsockname()[1]
        self.address = self._opened_with(self._token)
        self._uvicorn: LocalUvicorn | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = False
        self._temporary: Path | None = None

    def run(self, *, begun: Callable[[], None] = lambda: None, browse: bool = False) -> int:
        """Serve until `end`, Ctrl-C or a request to end; return how many songs are left for the next time.

        Parameters
        ----------
        begun : callable
            Called when the page can be opened.
        browse : bool
            Open the page in the user's browser.
        """
        with self._socket, alone_with(self._library), self._ended_by_signals(), self._folder() as folder:
            listeners, shelf, press = Listeners(), Shelf(self._library), Press(folder)

            def warm() -> None:
                if self._loop is not None:
                    with contextlib.suppress(RuntimeError):  # it has ended
                        self._loop.call_soon_threadsafe(press.warm)

            def tell(change: Change) -> None:
                if isinstance(change, LibraryChanged):
                    shelf.renew(change.song)
                listeners.tell(change)
                if isinstance(change, TaskChanged) and change.task.state == "done":
                    warm()  # its report will be asked for

            desk = Desk(
                self._library,
                separator=self._separator,
                max_minutes=self._max_minutes,
                workers=self._workers,
                memory_bytes=memory_for_each(self._workers),
                tell=tell,
            )
            shelf.start()
            desk.start()
            try:
                asyncio.run(self._serve(desk, shelf, press, listeners, folder, begun, browse))
            finally:
                desk.stop()
            return desk.left

    def end(self) -> None:
        """End it, from any thread or from a signal."""
        self._ending = True
        if self._uvicorn is not None:
            self._uvicorn.should_exit = True

    async def _serve(
        self,
        desk: Desk,
        shelf: Shelf,
        press: Press,
        listeners: Listeners,
        folder: Path,
        begun: Callable[[], None],
        browse: bool,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        texts = folder / "texts"
        texts.mkdir()
        site = Site(
            library=self._library,
            desk=desk,
            shelf=shelf,
            press=press,
            listeners=listeners,
            uploads=Uploads(desk, self._library),
            texts=Texts(texts),
            preferences=PreferencesFile(self._library),
        )
        guard = Guard(make_app(site), port=self._port, token=self._token)

        def started() -> None:
            begun()
            if browse:
                address = self._opened_with(guard.ticket())
                threading.Thread(target=_browse, args=(address,), daemon=True).start()

        self._uvicorn = LocalUvicorn(guard, started, listeners.end)
        self._uvicorn.should_exit = self._ending
        try:
            await self._uvicorn.serve(sockets=[self._socket])
        finally:
            await press.close()

    def _opened_with(self, secret: str) -> str:
        return f"http://{HOST}:{self._port}/?token={secret}"

    @contextlib.contextmanager
    def _folder(self) -> Iterator[Path]:
        with temporary_folder() as self._temporary:
            yield self._temporary

    @contextlib.contextmanager
    def _ended_by_signals(self) -> Iterator[None]:
        """While this is open, signals end the server in order; a second one ends it at once."""

        def take(number: int, _: FrameType | None) -> None:
            if self._ending:
                if self._temporary is not None:
                    shutil.rmtree(self._temporary, ignore_errors=True)
                os._exit(INTERRUPTED)  # workers and the press hear that they are alone, and end
            log.debug("ended by signal %d", number)
            self.end()

        before = {}
        if threading.current_thread() is threading.main_thread():
            for number in ENDING:
                if signal.getsignal(number) is not signal.SIG_IGN or number == signal.SIGINT:
                    before[number] = signal.signal(number, take)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Connection(H11Protocol):
    """uvicorn's side of a connection, which also bears what breaks the rules of HTTP after its head.

    It says so to whoever asked, which cannot be done where the answer has begun, or may have no body (HEAD).
    """

    def send_400_response(self, msg: str) -> None:
        try:
            super().send_400_response(msg)
        except h11.LocalProtocolError:
            self.transport.close()


class LocalUvicorn(uvicorn.Server):
    """uvicorn, which says when it has started and when it is about to end, and leaves signals alone."""

    def __init__(self, app: Guard, started: Callable[[], None], ends: Callable[[], None]) -> None:
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=_Connection,
            ws="none",
            lifespan="off",
            interface="asgi3",
            log_config=None,
            log_level=logging.CRITICAL,
            access_log=False,
            # Whoever asks is this machine: nobody stands between, and nobody may say so.
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)
        self._says_started, self._ends = started, ends

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._says_started()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End what would go on for ever, then the rest."""
        self._ends()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to `PageServer`."""
        yield


def _browse(address: str) -> None:
    try:
        browser = webbrowser.get()
        # Where there is no screen, Python would open one of letters, in the terminal that Ctrl-C is to be typed in.
        if type(browser) is not webbrowser.GenericBrowser or "BROWSER" in os.environ:
            browser.open(address)
    except Exception:
        log.debug("no browser was opened", exc_info=True)


def farewell(left: int) -> str:
    """Say that the page has ended, and what becomes of songs that were waiting."""
    if not left:
        return "Stopped."
    return f"Stopped; {words.count(left, 'song')} not measured yet will be taken up next time."
