"""The workers of a batch, seen from the batch: started, given songs, listened to, stopped, and started anew.

A worker is a process, so whatever ends it, a crash in a decoder or more memory than there is, costs the song that it
was measuring and nothing else. Only processes can be stopped that hang in a library's own code.
"""

import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from riffscope.errors import one_line
from riffscope.library.messages import Job, Message, Orders, Ready
from riffscope.library.worker import NEEDS_MEMORY, WRITING_S

log = logging.getLogger(__name__)

# One song, one core: several threads of one song would take the cores of the other songs.
_POOLS = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM", "NUMEXPR")
ONE_THREAD = {f"{pool}{'' if '_' in pool else '_NUM'}_THREADS": "1" for pool in _POOLS}
# So long what a worker printed last may be on its way when it has ended.
LAST_WORDS_S = 1.0
# Nothing in the current folder is taken for a module of riffscope's or of Python's own.
COMMAND = (sys.executable, "-P", "-m", "riffscope.library.worker")


class Worker:
    """A process that measures songs.

    Parameters
    ----------
    orders : Orders
    heard : queue
        Takes what the worker says, as (worker, message); None for a message when it has ended.
    without : collection of str
        Variables of the environment that it does not inherit.
    """

    def __init__(
        self,
        orders: Orders,
        heard: "queue.SimpleQueue[tuple[Worker, Message | None]]",
        *,
        without: Collection[str] = (),
    ) -> None:
        self.job: Job | None = None
        self.began = 0.0
        self.stopped_by_us = ""
        self._ready = False
        self._process = subprocess.Popen(  # noqa: S603 - this very Python
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={name: content for name, content in os.environ.items() if name not in without} | ONE_THREAD,
            **apart(),
        )
        self._heard = heard
        self._last_words, self._overheard = "", threading.Event()
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._overhear, daemon=True).start()
        self._say(orders)

    @property
    def pid(self) -> int:
        """The number of its process."""
        return self._process.pid

    def give(self, job: Job) -> None:
        """Let it measure a song."""
        self.job, self.began = job, time.monotonic()
        self._say(job)

    def stop(self, why: str) -> None:
        """End it at once."""
        self.stopped_by_us = why
        self._process.kill()

    def let_go(self) -> None:
        """End it as soon as what it is writing is written."""
        if self._process.stdin is not None:
            try:
                self._process.stdin.close()
            except OSError:
                return

    def end(self) -> None:
        """Wait for the end of one that has nothing more to say."""
        self.let_go()
        self.wait(time.monotonic() + WRITING_S)

    def wait(self, until: float) -> None:
        """Wait for its end until a moment of the monotonic clock, and end it then."""
        try:
            self._process.wait(max(0.0, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def end_in_words(self) -> str:
        """Why it ended, once it has."""
        if self.stopped_by_us:
            return self.stopped_by_us
        code = self._process.wait()
        if code < 0:
            return f"its worker was ended by signal {-code}{signal_in_words(-code)}"
        return f"its worker ended with status {code}"

    @property
    def needed_memory(self) -> bool:
        """Whether it ended because it needed more memory than it may have."""
        return not self.stopped_by_us and self._process.wait() == NEEDS_MEMORY

    @property
    def never_started(self) -> bool:
        """Whether riffscope does not run here: it ended by itself before it had anything to do with a song."""
        return not self._ready and not self.needed_memory and self._process.wait() > 0

    @property
    def last_words(self) -> str:
        """The last line that it printed, or a library in it: where riffscope does not start, Python says there why."""
        self._process.wait()
        self._overheard.wait(LAST_WORDS_S)
        return self._last_words

    def _say(self, message: Orders | Job) -> None:
        try:
            assert self._process.stdin is not None  # noqa: S101 - it was asked for above
            self._process.stdin.write(msgspec.json.encode(message) + b"\n")
            self._process.stdin.flush()
        except OSError:
            return  # it has ended: who listens to it hears so

    def _listen(self) -> None:
        assert self._process.stdout is not None  # noqa: S101 - it was asked for above
        with self._process.stdout as said:
            for line in said:
                try:
                    message = msgspec.json.decode(line, type=Message)
                except msgspec.DecodeError:
                    break  # it died while it spoke
                self._ready = self._ready or isinstance(message, Ready)
                self._heard.put((self, message))
        self._heard.put((self, None))

    def _overhear(self) -> None:
        """Read what is printed in it, such as a decoder's complaints: it would get between the lines of progress."""
        assert self._process.stderr is not None  # noqa: S101 - it was asked for above
        with self._process.stderr as printed:
            for line in printed:
                if text := one_line(line.decode(errors="replace").strip()):
                    self._last_words = text
                    log.debug("worker %d: %s", self.pid, text)
        self._overheard.set()


class Crew:
    """The workers of a batch, and what they say.

    Parameters
    ----------
    orders : Orders
    without : collection of str
        Variables of the environment that they do not inherit.

    Attributes
    ----------
    heard : queue
        What they say, as (worker, message).
    workers : dict
        Those that live, with the moment of the monotonic clock until which each may take for its song.
    """

    def __init__(self, orders: Orders, *, without: Collection[str] = ()) -> None:
        self.heard: queue.SimpleQueue[tuple[Worker, Message | None]] = queue.SimpleQueue()
        self.workers: dict[Worker, float] = {}
        self._orders = orders
        self._without = without

    def another(self) -> Worker:
        """Start one more worker."""
        return Worker(self._orders, self.heard, without=self._without)

    def let_go(self) -> None:
        """End all workers, each as soon as what it is writing is written."""
        for worker in self.workers:
            worker.let_go()
        until = time.monotonic() + WRITING_S + 0.2
        for worker in self.workers:
            worker.wait(until)
        self.workers.clear()


def apart() -> Mapping[str, Any]:
    """Keep Ctrl-C in a terminal from a worker: whoever started it decides."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def signal_in_words(number: int) -> str:
    """Return what goes behind the number of a signal: a space and its name in brackets, or nothing."""
    import signal

    try:
        return f" ({signal.Signals(number).name})"
    except ValueError:
        return ""
