"""A worker of a batch: a process of its own that measures one song after another, on one thread.

Started by `riffscope.library.workers`. Standard input brings its orders, then songs, a line of JSON each; standard
output takes what it says of them. When its input ends, as it does when whoever started it dies by whatever cause, it
ends too, at once, but for a file of the library that it is just writing.
"""

import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

import msgspec

from riffscope import memory
from riffscope.errors import one_line
from riffscope.library.messages import Ended, Job, Message, Orders, Ready

# So long an ending worker waits for a file that is being written.
WRITING_S = 1.0
# How often it looks at how much memory it needs. Memory can be filled at a few gigabytes a second.
MEMORY_EVERY_S = 0.1
# What a worker ends with that needed more memory than it may have.
NEEDS_MEMORY = 77


def main() -> None:
    """Measure the songs that standard input names until there are no more."""
    ignore_interrupts()
    memory.keep_little()
    jobs, said = take_streams()
    orders = msgspec.json.decode(jobs.readline(), type=Orders)
    writing, speaking = threading.Lock(), threading.Lock()
    waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def tell(message: Message) -> None:
        with speaking:
            try:
                said.write(msgspec.json.encode(message) + b"\n")
                said.flush()
            except OSError:  # whoever started this process has gone
                os._exit(0)

    def listen() -> None:
        for line in jobs:
            waiting.put(msgspec.json.decode(line, type=Job))
        writing.acquire(timeout=WRITING_S)
        os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    threading.Thread(target=_watch_memory, args=(orders.memory_bytes,), daemon=True).start()

    @contextmanager
    def while_writing() -> Iterator[None]:
        with writing:
            yield

    # What measures takes a second or two to import: orders are there by then, and the threads above run.
    from riffscope.library.measuring import Measuring

    measuring = Measuring(orders, tell, while_writing)
    tell(Ready())
    while True:
        job = waiting.get()
        try:
            tell(measuring.measure(job))
        except Exception as bug:  # noqa: BLE001 - a bug of ours costs this song alone, and is told
            reason = f"{job.path}: riffscope itself failed: {type(bug).__name__}: {bug}"
            tell(Ended(how="failed", reason=one_line(reason)))
        memory.give_back()


def ignore_interrupts() -> None:
    """Leave Ctrl-C to whoever started this process: a terminal sends it to both."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def take_streams() -> tuple[BinaryIO, BinaryIO]:
    """Take standard input and output for this worker alone: what a library prints goes to standard error."""
    jobs, said = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # whoever started this process has closed standard error
        os.dup2(nothing, 1)
        os.dup2(nothing, 2)
    if nothing > 2:
        os.close(nothing)
    return jobs, said


def _watch_memory(limit_bytes: int) -> None:
    """End this process where it needs more memory than it may have: the machine's other work goes on."""
    import psutil

    process = psutil.Process()
    while process.memory_info().rss <= limit_bytes:
        time.sleep(MEMORY_EVERY_S)
    os._exit(NEEDS_MEMORY)


if __name__ == "__main__":
    main()
    sys.exit(0)
