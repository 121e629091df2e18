"""What changes, told to all pages that are open (server-sent events).

Each page is told all tasks at first, and every change from then on. A page that reads slowly gets what has changed
since, once: of two changes of a task it is told the later one.

References
----------
HTML Living Standard, 9.2: server-sent events.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence

import msgspec

from riffscope.web.tasks import Change, LibraryChanged, Task, TaskChanged, TaskGone

# A connection that says nothing would be taken for dead.
HEARTBEAT_S = 15.0
# A page that lost its connection asks again after this.
AGAIN_MS = 1000
_HEARTBEAT = ": still here\n\n"


class Listener:
    """A page that listens."""

    def __init__(self) -> None:
        self._pending: dict[tuple[str, str], Change] = {}
        self._there = asyncio.Event()
        self._ended = False

    def tell(self, change: Change) -> None:
        """Note a change."""
        match change:
            case TaskChanged(task=task):
                key = ("task", task.id)
            case TaskGone(id=number):
                key = ("task", number)
            case LibraryChanged(song=song):
                key = ("library", song)
        self._pending.pop(key, None)  # what is told last, changed last
        self._pending[key] = change
        self._there.set()

    def end(self) -> None:
        """Let it go."""
        self._ended = True
        self._there.set()

    async def next(self) -> list[Change] | None:
        """Wait for changes; give none after a while, and None at the end."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(HEARTBEAT_S):
                await self._there.wait()
        if self._ended:
            return None
        self._there.clear()
        changes = list(self._pending.values())
        self._pending.clear()
        return changes


class Listeners:
    """All pages that listen. Whoever tells them may do so from any thread."""

    def __init__(self) -> None:
        self._all: set[Listener] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ended = False

    def tell(self, change: Change) -> None:
        """Tell all of a change."""
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the server has ended
                self._loop.call_soon_threadsafe(self._spread, change)

    def end(self) -> None:
        """Let all go, and whoever comes."""
        self._ended = True
        for one in self._all:
            one.end()

    @contextlib.contextmanager
    def listening(self) -> Iterator[Listener]:
        """While this is open, a page listens."""
        self._loop = asyncio.get_running_loop()
        one = Listener()
        if self._ended:
            one.end()
        self._all.add(one)
        try:
            yield one
        finally:
            self._all.discard(one)

    def _spread(self, change: Change) -> None:
        for one in self._all:
            one.tell(change)


async def events(listeners: Listeners, tasks: Callable[[], Sequence[Task]]) -> AsyncIterator[str]:
    """Give the lines for a page that listens: how things stand, then what changes."""
    with listeners.listening() as one:
        yield f"retry: {AGAIN_MS}\n{_event('tasks', {'tasks': tasks()})}"
        while (changes := await one.next()) is not None:
            yield "".join(map(_line, changes)) or _HEARTBEAT


def _line(change: Change) -> str:
    match change:
        case TaskChanged(task=task):
            return _event("task", task)
        case TaskGone(id=number):
            return _event("gone", {"id": number})
        case LibraryChanged(song=song):
            return _event("library", {"song": song})


def _event(name: str, content: object) -> str:
    return f"event: {name}\ndata: {msgspec.json.encode(content).decode()}\n\n"
