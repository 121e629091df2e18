"""Songs given to workers, and what becomes of each.

A worker that takes too long is ended, and a song whose worker was lost is tried once more.
"""

import os
import queue
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from riffscope.errors import RiffscopeError
from riffscope.library.messages import Ended, Found, Job, Loaded, Message, Ready, Step
from riffscope.library.workers import Crew, Worker

# A worker that starts reads some hundred megabytes of programs, which a slow disk takes time for.
START_S = 120.0
# A song may take so long, and so long again for each second of it; an ordinary one takes a twentieth of its length.
SONG_S, PER_SECOND = 60.0, 2.0
# So many bytes a second are read and decoded, at the very least, before it is known how long a song lasts.
READ_BYTES_PER_S = 1e6
# A song whose worker was lost is tried so often.
TRIES = 2
# A worker may take this share of the memory among all of them, and needs so much for a song of a few minutes.
MEMORY_SHARE, USUAL_BYTES = 0.8, 560 << 20


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a worker said of its song."""

    job: Job
    message: Loaded | Step | Found | Ended


@dataclass(frozen=True, kw_only=True)
class TryAgain:
    """A song whose worker was lost, and how, in one line; it is tried once more."""

    job: Job
    reason: str


@dataclass(frozen=True, kw_only=True)
class Lost:
    """A song that is given up: its workers were lost.

    Attributes
    ----------
    kind : str
        ``timeout``, ``memory`` or ``crashed``.
    reason : str
        One line.
    tries : int
        How often it was tried.
    """

    job: Job
    kind: str
    reason: str
    tries: int


class Hands:
    """Workers that songs are given to.

    Parameters
    ----------
    crew : Crew
    workers : int
        How many songs are measured at the same time.
    memory_bytes : int
        What each may need, for people to be told.
    timeout_s : float, optional
        How long a song may take; by its length where it is None.
    """

    def __init__(self, crew: Crew, *, workers: int, memory_bytes: int, timeout_s: float | None = None) -> None:
        self._crew = crew
        self._wanted = workers
        self._memory_bytes = memory_bytes
        self._timeout_s = timeout_s
        self._tries: dict[str, int] = {}
        self.again: deque[Job] = deque()

    @property
    def busy(self) -> bool:
        """Whether a song is being measured."""
        return any(worker.job is not None for worker in self._crew.workers)

    @property
    def has_room(self) -> bool:
        """Whether another song could begin at once."""
        return len(self._crew.workers) < self._wanted or any(worker.job is None for worker in self._crew.workers)

    def tries(self, job: Job) -> int:
        """Tell how often a song has been tried, this time included."""
        return self._tries.get(job.path, 0) + 1

    def hand_out(self, ready: deque[Job]) -> Iterator[Job]:
        """Give each idle worker a song, and start workers while there are songs for them; tell which songs begin."""
        workers = self._crew.workers
        while ready or self.again:
            idle = next((worker for worker in workers if worker.job is None), None)
            fresh = idle is None and len(workers) < self._wanted
            if idle is None and not fresh:
                return
            worker = idle or self._crew.another()
            # Songs whose worker was lost come last: what is wrong with them does not keep the others waiting.
            job = ready.popleft() if ready else self.again.popleft()
            worker.give(job)
            workers[worker] = worker.began + (START_S if fresh else self._first_s(job))
            yield job

    def warm_up(self) -> None:
        """Start a worker ahead of its first song, where none lives."""
        if not self._crew.workers:
            self._crew.workers[self._crew.another()] = time.monotonic()

    def give_up(self, path: str) -> bool:
        """End the worker that measures a song, which is not tried again; tell whether there was one."""
        for worker in self._crew.workers:
            if worker.job is not None and worker.job.path == path:
                worker.job = None
                worker.stop("it was cancelled")
                del self._crew.workers[worker]  # no song is given to one that is ending
                return True
        return False

    def hear(self, longest_s: float) -> Said | TryAgain | Lost | None:
        """Take what a worker says within a time, None where that is nothing; end workers that take too long.

        Raises
        ------
        RiffscopeError
            No worker can start.
        """
        workers, now = self._crew.workers, time.monotonic()
        for worker, until in workers.items():
            if worker.job is not None and now > until and not worker.stopped_by_us:
                worker.stop(f"it took longer than {until - worker.began:.0f} s")
        until = min((one for worker, one in workers.items() if worker.job is not None), default=now + longest_s)
        try:
            worker, message = self._crew.heard.get(timeout=max(min(until - now + 0.05, longest_s), 0.005))
        except queue.Empty:
            return None
        if message is None:
            return self._lose(worker)
        return None if worker.job is None else self._take(worker, worker.job, message)

    def _take(self, worker: Worker, job: Job, message: Message) -> Said | TryAgain | Lost | None:
        workers = self._crew.workers
        match message:
            case Ready():
                worker.began = time.monotonic()
                if worker in workers:
                    workers[worker] = worker.began + self._first_s(job)
                return None
            case Loaded(duration_s=duration_s):
                if self._timeout_s is None and worker in workers:
                    workers[worker] = time.monotonic() + SONG_S + PER_SECOND * duration_s
            case Ended(how="memory", reason=reason):
                worker.job = None
                return self._try_again(job, "memory", reason)
            case Ended():
                worker.job = None
        return Said(job=job, message=message)

    def _lose(self, worker: Worker) -> TryAgain | Lost | None:
        self._crew.workers.pop(worker, None)
        worker.end()
        if worker.never_started:
            why = worker.last_words or worker.end_in_words
            raise RiffscopeError(f"riffscope does not start here: {why} (install it again)")
        return None if worker.job is None else self._try_again(worker.job, *self._loss(worker))

    def _loss(self, worker: Worker) -> tuple[str, str]:
        """Say of which kind the loss of a worker was, and in words."""
        if worker.stopped_by_us:
            return "timeout", worker.stopped_by_us
        if worker.needed_memory:
            return "memory", f"it needed more than {self._memory_bytes / 2**30:.1f} GB of memory"
        return "crashed", worker.end_in_words

    def _try_again(self, job: Job, kind: str, reason: str) -> TryAgain | Lost:
        """Try a song once more, or give it up."""
        tried = self._tries[job.path] = self.tries(job)
        if tried < TRIES:
            self.again.append(job)
            return TryAgain(job=job, reason=reason)
        return Lost(job=job, kind=kind, reason=f"{reason} ({tried} tries)", tries=tried)

    def _first_s(self, job: Job) -> float:
        """Return how long a song may take before it is known how long it lasts."""
        if self._timeout_s is not None:
            return self._timeout_s
        try:
            size = Path(job.path).stat().st_size
        except (OSError, ValueError):
            size = 0
        return SONG_S + size / READ_BYTES_PER_S


def usual_workers() -> int:
    """Return how many workers this machine has cores and free memory for."""
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    fitting = int(MEMORY_SHARE * psutil.virtual_memory().available // USUAL_BYTES)
    return max(1, min(cores, fitting))


def memory_for_each(workers: int) -> int:
    """Return how many bytes of memory each of so many workers may take."""
    import psutil

    return max(int(MEMORY_SHARE * psutil.virtual_memory().total / workers), 2 * USUAL_BYTES)
