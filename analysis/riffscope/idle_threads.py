"""Idle threads: those of a run do some parts of a step that works part by part.

How many threads a run has is decided where it begins (`riffscope.song.make`). A step only says what may be done side by
side; on one thread, and where the others are busy with other steps, it does all of it itself. The parts are the same
either way, so the answer is too.
"""

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextvars import ContextVar
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

# So many parts of a step are there at a time, however many threads are idle: each takes its memory.
AT_ONCE = 2

_HELPERS: ContextVar[Executor | None] = ContextVar("helpers", default=None)


class Abandoned(BaseException):
    """Nobody waits for the step any more: its run was interrupted.

    It is no fault of the step's, so nothing that catches those catches it.
    """


@contextlib.contextmanager
def lent_by(helpers: Executor) -> Iterator[None]:
    """While this is open, let what runs on this thread use the idle threads of an executor."""
    before = _HELPERS.set(helpers)
    try:
        yield
    finally:
        _HELPERS.reset(before)


def are_lent() -> bool:
    """Tell whether what runs on this thread may use others."""
    return _HELPERS.get() is not None


def in_order(work: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Give what work makes of each item, in order, as `map` does; the next is begun on another thread if one is idle.

    Raises
    ------
    Abandoned
        The run was interrupted.
    """
    helpers = _HELPERS.get()
    if helpers is None:
        yield from map(work, items)
        return
    left = iter(items)
    parts: deque[tuple[T, Future[R]]] = deque()
    try:
        while True:
            while len(parts) < AT_ONCE:
                try:
                    item = next(left)
                except StopIteration:
                    break
                parts.append((item, _hand_out(helpers, work, item)))
            if not parts:
                return
            while not parts[0][1].done() and _do_one(work, parts):
                pass
            yield parts.popleft()[1].result()
    finally:
        for _, part in parts:
            part.cancel()


def _hand_out(helpers: Executor, work: Callable[[T], R], item: T) -> Future[R]:
    try:
        return helpers.submit(work, item)
    except RuntimeError as why:  # it takes no more
        raise Abandoned from why


def _do_one(work: Callable[[T], R], parts: deque[tuple[T, Future[R]]]) -> bool:
    """Do the first part here that was not begun elsewhere; tell whether there was one."""
    for place, (item, part) in enumerate(parts):
        if not part.cancel():
            continue
        mine: Future[R] = Future()
        parts[place] = item, mine
        try:
            mine.set_result(work(item))
        except BaseException as why:  # noqa: BLE001 - raised again when it is the turn of this part
            mine.set_exception(why)
        return True
    return False
