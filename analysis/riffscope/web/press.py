"""The press, seen from the page's server: started when something is to be made, asked, listened to, and let go.

The server never imports what makes documents, so it stays small; the press takes some hundred megabytes, and is let go
after a minute in which nobody asks for anything. What it made is kept as files until what it was made from changes.
"""

import asyncio
import contextlib
import itertools
import os
import shutil
import sys
import tempfile
from collections import OrderedDict
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path

import msgspec

from riffscope.errors import RiffscopeError, one_line
from riffscope.library.heads import CORRECTIONS, FILES, analysis_name, copy_name
from riffscope.library.place import LocalPlace, open_place
from riffscope.library.workers import ONE_THREAD, apart, signal_in_words
from riffscope.web.errands import ABOUT, Answer, Errand, Made, Order, Refused

# Nothing in the current folder is taken for a module of riffscope's or of Python's own.
COMMAND = (sys.executable, "-P", "-m", "riffscope.web.press_worker")
# So long it waits for the next errand.
IDLE_S = 60.0
# The vocals of a song of an hour are separated in less; what takes longer hangs.
LONGEST_S = 900.0
# What was made is kept up to so much; the stems of a song are 150 MB. Small files are kept up to so many.
MOST_KEPT_BYTES, MOST_KEPT = 300_000_000, 200
# A stream has to be told how long a line may be. Answers are shorter.
LONGEST_ANSWER_BYTES = 1 << 20
# Of what is printed in it so much is kept, to tell why it ended.
LAST_WORDS_BYTES = 4096
# So long what it printed last may be on its way when it has ended.
LAST_WORDS_S = 1.0
# Made anew each time: it says whether files are there that lie anywhere on this machine.
MADE_ANEW = {ABOUT}

ENDING = Refused("riffscope is ending (start it again)")

Key = tuple[Errand, tuple[object, ...]]


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """What was made, in a folder of its own."""

    made: Made
    folder: Path
    size_bytes: int


class Press:
    """Makes documents in a process of its own, one at a time, in the order in which they are asked for.

    All of it belongs to one event loop.

    Parameters
    ----------
    folder : path
        Takes what is made, in a folder within it that `close` removes.
    idle_s, longest_s : float
        How long the process waits for an errand, and how long it may take for one.
    most_kept_bytes : int
        How much of what was made is kept.
    """

    def __init__(
        self,
        folder: Path,
        *,
        idle_s: float = IDLE_S,
        longest_s: float = LONGEST_S,
        most_kept_bytes: int = MOST_KEPT_BYTES,
    ) -> None:
        self._parent = folder
        self._folder: Path | None = None
        self._idle_s, self._longest_s, self._most_kept_bytes = idle_s, longest_s, most_kept_bytes
        self._kept: OrderedDict[Key, _Kept] = OrderedDict()
        self._under_way: dict[Key, asyncio.Task[Answer]] = {}
        self._numbers = itertools.count(1)
        self._turn = asyncio.Lock()
        self._process: _Process | None = None
        self._idle: asyncio.TimerHandle | None = None
        self._beside: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The number of its process; None while there is none."""
        return self._process.pid if self._process is not None and self._process.lives else None

    async def make(self, errand: Errand) -> Answer:
        """Make what an errand asks for, or say why that is not possible.

        The same errand is done once: who asks meanwhile gets the same answer, and so does who asks later, until the
        analysis, the corrections, the copy to listen to or the text changes. Who stops waiting does not stop it.
        """
        if self._closed:
            return ENDING
        try:
            key = self._key(errand)
        except RiffscopeError as why:
            return Refused(one_line(str(why)))
        kept = self._kept.get(key)
        if kept is not None and Path(kept.made.path).is_file():
            self._kept.move_to_end(key)
            return kept.made
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._make(errand, key))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():  # by `close`, and not who waits
                return ENDING
            raise

    def warm(self) -> None:
        """Start the process ahead of the first errand: what it needs takes seconds to import."""
        if not self._closed:
            self._aside(self._warm())

    async def close(self) -> None:
        """End the process at once, and remove what was made."""
        self._closed = True
        self._stay()
        for task in (*self._under_way.values(), *self._beside):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), *self._beside, return_exceptions=True)
        if self._process is not None:
            await self._process.kill()
        self._kept.clear()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    # ---------------------------------------------------------------------------------------------------------- making
    async def _make(self, errand: Errand, key: Key) -> Answer:
        async with self._turn:
            self._stay()
            folder = self._new_folder()
            try:
                answer = await self._answer(Order(errand, str(folder)))
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            if isinstance(answer, Made):
                self._keep(key, answer, folder)
            else:
                shutil.rmtree(folder, ignore_errors=True)
            self._wait_for_more()
            return answer

    async def _answer(self, order: Order) -> Answer:
        try:
            process = await self._running()
        except OSError as why:
            return Refused(one_line(f"what makes documents cannot be started: {why.strerror or why}"))
        try:
            answer = await asyncio.wait_for(process.ask(order), self._longest_s)
        except TimeoutError:
            await process.kill()
            minutes = f"{self._longest_s / 60:.3g} minutes"
            return Refused(f"this took more than {minutes} and was stopped (try a shorter song)")
        if answer is not None:
            return answer
        return Refused(f"{await process.end_in_words()} while it made this (try again)")

    async def _running(self) -> "_Process":
        """Return the process; a new one where there is none, or it has ended."""
        if self._process is None or not self._process.lives:
            self._process = await _Process.start()
        return self._process

    async def _warm(self) -> None:
        async with self._turn:
            self._stay()
            with contextlib.suppress(OSError):  # the first errand says so
                await self._running()
            self._wait_for_more()

    def _aside(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    # ------------------------------------------------------------------------------------------------------ letting go
    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _wait_for_more(self) -> None:
        self._stay()
        self._idle = asyncio.get_running_loop().call_later(self._idle_s, self._let_go)

    def _let_go(self) -> None:
        """End a process that nobody needs."""
        self._idle = None
        if self._process is not None and not self._turn.locked():
            self._aside(self._process.let_go())
            self._process = None

    # ---------------------------------------------------------------------------------------------------- what was made
    def _new_folder(self) -> Path:
        if self._folder is None:
            self._parent.mkdir(parents=True, exist_ok=True)
            self._folder = Path(tempfile.mkdtemp(prefix="press-", dir=self._parent))
        return self._folder / str(next(self._numbers))

    def _key(self, errand: Errand) -> Key:
        """Return an errand with what tells whether the files have changed that it is made from.

        Raises
        ------
        RiffscopeError
            The library's address is none, or the hash of a song.
        """
        place = open_place(errand.library)
        if errand.form in MADE_ANEW or not isinstance(place, LocalPlace):
            return errand, (next(self._numbers),)
        names = [name for sha256 in errand.songs for name in files_of(sha256)]
        paths = [place.folder / name for name in names]
        return errand, tuple(map(_stamp, [*paths, *([] if errand.text is None else [Path(errand.text)])]))

    def _keep(self, key: Key, made: Made, folder: Path) -> None:
        size_bytes = sum(path.stat().st_size for path in folder.iterdir())
        self._kept[key] = _Kept(made=made, folder=folder, size_bytes=size_bytes)
        self._kept.move_to_end(key)
        # The last one stays, however large it is: somebody is about to open it.
        while len(self._kept) > 1 and (
            len(self._kept) > MOST_KEPT or sum(one.size_bytes for one in self._kept.values()) > self._most_kept_bytes
        ):
            _, oldest = self._kept.popitem(last=False)
            shutil.rmtree(oldest.folder, ignore_errors=True)


def files_of(sha256: str) -> tuple[str, ...]:
    """Name the files of a library that what is made of a song depends on.

    Raises
    ------
    BadDocument
        What is no hash names no song.
    """
    return (analysis_name(sha256), copy_name(sha256), f"{CORRECTIONS}/{sha256}.json", f"{FILES}/{sha256}/song")


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what tells a file from what it was before: files of a library are replaced, not written to."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


class _Process:
    """The process of a press."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._last_words = b""
        self._overhearing = asyncio.create_task(self._overhear())

    @classmethod
    async def start(cls) -> "_Process":
        """Start one; it imports what it needs by itself."""
        return cls(
            await asyncio.create_subprocess_exec(
                *COMMAND,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                env=os.environ | ONE_THREAD,
                limit=LONGEST_ANSWER_BYTES,
                **apart(),
            )
        )

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    @property
    def lives(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.returncode is None

    async def ask(self, order: Order) -> Answer | None:
        """Give it an order, and return its answer; None where it ends instead."""
        assert self._process.stdin is not None  # noqa: S101 - it was asked for above
        assert self._process.stdout is not None  # noqa: S101 - it was asked for above
        try:
            self._process.stdin.write(msgspec.json.encode(order) + b"\n")
            await self._process.stdin.drain()
            answer: Answer = msgspec.json.decode(await self._process.stdout.readline(), type=Answer)
            return answer
        except (OSError, ValueError, msgspec.DecodeError):  # it died before it spoke or while it did, or is out of step
            await self.kill()
            return None

    async def end_in_words(self) -> str:
        """Say why it ended."""
        code = await self._process.wait()
        if code < 0:
            return f"what makes documents was ended by signal {-code}{signal_in_words(-code)}"
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._overhearing), LAST_WORDS_S)
        said = self._last_words.decode(errors="replace").strip().splitlines()
        return f"what makes documents ended with status {code}{f', {one_line(said[-1])},' if said else ''}"

    async def let_go(self) -> None:
        """End one that has nothing to do."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            await asyncio.wait_for(self._process.wait(), LAST_WORDS_S)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it at once, whatever it does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()

    async def _overhear(self) -> None:
        """Read what is printed in it: else it would stop once nobody takes what it prints."""
        assert self._process.stderr is not None  # noqa: S101 - it was asked for above
        while printed := await self._process.stderr.read(LAST_WORDS_BYTES):
            self._last_words = (self._last_words + printed)[-LAST_WORDS_BYTES:]
