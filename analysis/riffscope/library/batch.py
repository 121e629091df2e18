"""A batch: every song in some folders into a library, by several workers; stopped and taken up again at any time.

What is done is told by the library alone, so a batch that was killed has lost only the songs that were being measured.
"""

import os
import queue
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from riffscope.errors import CannotRead, RiffscopeError, one_line
from riffscope.folders import songs_below
from riffscope.library.messages import Ended, Job, Loaded, Orders, Ready, Step
from riffscope.library.place import LocalPlace, Place
from riffscope.library.seen import Files, is_text
from riffscope.library.store import Failure, Store
from riffscope.library.workers import Crew, Worker
from riffscope.model import Settings
from riffscope.song import made_by
from riffscope.workflow import is_saved

# A worker that starts reads some hundred megabytes of programs, which a slow disk takes time for.
START_S = 120.0
# A song may take so long, and so long again for each second of it; an ordinary one takes a twentieth of its length.
SONG_S, PER_SECOND = 60.0, 2.0
# So many bytes a second are read and decoded, at the very least, before it is known how long a song lasts.
READ_BYTES_PER_S = 1e6
# A song whose worker was lost is tried so often.
TRIES = 2
# A worker may take this share of the memory among all of them, and needs so much for a song of a few minutes.
MEMORY_SHARE, USUAL_BYTES = 0.8, 700 << 20
# The next songs are looked up while others are measured.
AHEAD = 4
# What a batch holds while it fills a library.
BATCH_LOCK = ".batch.lock"


@dataclass
class Count:
    """How many songs ended in which way.

    Attributes
    ----------
    measured, kept, failed_before : int
        How many were measured, are in the library as they would be measured, or failed in an earlier batch.
    renewed, warned : int
        Of those that were measured: how many only in part, and how many have a file that something is wrong with.
    failures : list of Failure
        Those that there is no analysis of.
    """

    measured: int = 0
    renewed: int = 0
    warned: int = 0
    kept: int = 0
    failed_before: int = 0
    failures: list[Failure] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """How many songs there is nothing more to do for."""
        return self.measured + self.kept + self.failed_before + len(self.failures)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a batch tells while it runs.

    Attributes
    ----------
    path : str
        Of the song that it is about.
    what : str
        ``began``, ``step``, ``measured``, ``kept``, ``failed before``, ``again`` (its worker was lost) or ``failed``;
        or ``waiting``: for a cluster, and for no song in particular.
    reason : str
        Why it failed, or what is waited for, in one line.
    notes : tuple of str
        What riffscope broke down on in a song that was measured all the same, a line each.
    share : float
        Of a step: how much of the song is done, 0..1.
    seconds : float
        How long it took.
    """

    path: str
    what: str
    reason: str = ""
    notes: tuple[str, ...] = ()
    share: float = 0.0
    seconds: float = 0.0


class Batch:
    """Measures songs into a library.

    Parameters
    ----------
    orders : Orders
    workers : int
        How many songs are measured at the same time, each on one core.
    timeout_s : float, optional
        How long a song may take; by its length where it is None.
    retry : bool
        Try songs again that failed before.
    tell : callable
        Told what happens.
    crew : Crew, optional
        Workers that live on from one batch to the next; otherwise they end with the batch.
    remember : bool
        Ask the library which files it has seen, so that those are not read again.
    """

    def __init__(
        self,
        orders: Orders,
        *,
        workers: int,
        timeout_s: float | None = None,
        retry: bool = False,
        tell: Callable[[Told], None] = lambda _: None,
        crew: Crew | None = None,
        remember: bool = True,
    ) -> None:
        self._store = Store(orders.store)
        self._orders = orders
        self._settings = Settings(separator=orders.separator)
        self._wanted_workers = workers
        self._timeout_s = timeout_s
        self._retry = retry
        self._tell = tell
        self._crew = Crew(orders) if crew is None else crew
        self._ends_with_us = crew is None
        self._remember = remember
        self._tries: dict[str, int] = {}
        self._at_work: set[str] = set()
        self.count = Count()

    def run(self, songs: Iterable[Path]) -> Count:
        """Measure all songs that the library does not have yet, and say how many ended in which way.

        Raises
        ------
        RiffscopeError
            The library cannot be written to, or no worker can start.
        """
        files = Files(self._store.place, remember=self._remember)
        waiting, again = self._waiting(songs, files), deque[Job]()
        ready = deque[Job]()
        workers = self._crew.workers
        try:
            while True:
                while len(ready) < AHEAD and (job := next(waiting, None)) is not None:
                    ready.append(job)
                    if len(workers) < self._wanted_workers or any(one.job is None for one in workers):
                        break  # a worker waits for it
                self._hand_out(ready, again, workers)
                if not any(worker.job for worker in workers):
                    if not ready and not again:
                        return self.count
                    continue
                self._listen(workers, again, wait=len(ready) >= AHEAD or not ready)
        finally:
            if self._ends_with_us:
                self._crew.let_go()
            files.write()

    # -------------------------------------------------------------------------------------------------------- what next
    def _waiting(self, songs: Iterable[Path], files: Files) -> Iterator[Job]:
        """Give the songs that are to be measured; the others are counted as they are passed."""
        for path in songs:
            shown = str(path)
            if not is_text(shown):
                shown = one_line(shown)
                self._fail(
                    Job(path=shown), "refused", f"{shown}: the name of this file is not valid text (rename it)", 1
                )
                continue
            if is_saved(shown):
                yield Job(path=shown)
                continue
            sha256 = files.hash_of(path)
            if sha256 is not None and (sha256 in self._at_work or self._store.still_holds(sha256, self._settings)):
                self.count.kept += 1
                self._tell(Told(path=shown, what="kept"))
            elif not self._retry and self._failed_before(shown, sha256):
                self.count.failed_before += 1
                self._tell(Told(path=shown, what="failed before"))
            else:
                if sha256 is not None:
                    self._at_work.add(sha256)
                yield Job(path=shown, sha256=sha256)

    def _failed_before(self, path: str, sha256: str | None) -> bool:
        """Tell whether these very bytes failed with this riffscope; a file that cannot be read is tried every time."""
        if sha256 is None:
            return False
        failure = self._store.failure(path, sha256)
        return failure is not None and failure.riffscope == made_by()["riffscope"]

    # ------------------------------------------------------------------------------------------------------ the workers
    def _hand_out(self, ready: deque[Job], again: deque[Job], workers: dict[Worker, float]) -> None:
        """Give each idle worker a song, and start workers while there are songs for them."""
        while ready or again:
            idle = next((worker for worker in workers if worker.job is None), None)
            fresh = idle is None and len(workers) < self._wanted_workers
            if idle is None and not fresh:
                return
            worker = idle or self._crew.another()
            # Songs whose worker was lost come last: what is wrong with them does not keep the others waiting.
            job = ready.popleft() if ready else again.popleft()
            worker.give(job)
            workers[worker] = worker.began + (START_S if fresh else self._first_s(job))
            self._tell(Told(path=job.path, what="began"))

    def _first_s(self, job: Job) -> float:
        """Return how long a song may take before it is known how long it lasts."""
        if self._timeout_s is not None:
            return self._timeout_s
        try:
            size = Path(job.path).stat().st_size
        except (OSError, ValueError):
            size = 0
        return SONG_S + size / READ_BYTES_PER_S

    def _listen(self, workers: dict[Worker, float], again: deque[Job], *, wait: bool) -> None:
        """Take what a worker says; end those that take too long."""
        now = time.monotonic()
        for worker, until in workers.items():
            if worker.job is not None and now > until and not worker.stopped_by_us:
                worker.stop(f"it took longer than {until - worker.began:.0f} s")
        until = min((one for worker, one in workers.items() if worker.job is not None), default=now)
        try:
            worker, message = self._crew.heard.get(timeout=min(max(until - now, 0.0) + 0.05, 0.5) if wait else 0.005)
        except queue.Empty:
            return
        match message:
            case Ready() if worker.job is not None and worker in workers:
                worker.began = time.monotonic()
                workers[worker] = worker.began + self._first_s(worker.job)
            case Loaded(duration_s=duration_s):
                if self._timeout_s is None and worker in workers:
                    workers[worker] = time.monotonic() + SONG_S + PER_SECOND * duration_s
            case Step(ended=ended, total=total) if worker.job is not None:
                self._tell(Told(path=worker.job.path, what="step", share=ended / max(total, 1)))
            case Ended():
                job, worker.job = worker.job, None
                if job is not None:
                    self._end(job, message, again)
            case None:
                del workers[worker]
                worker.end()
                if worker.never_started:
                    why = worker.last_words or worker.end_in_words
                    raise RiffscopeError(f"riffscope does not start here: {why} (install it again)")
                if worker.job is not None:
                    self._try_again(worker.job, again, *self._loss(worker))
            case _:
                pass

    def _loss(self, worker: Worker) -> tuple[str, str]:
        """Say of which kind the loss of a worker was, and in words."""
        if worker.stopped_by_us:
            return "timeout", worker.stopped_by_us
        if worker.needed_memory:
            return "memory", f"it needed more than {self._orders.memory_bytes / 2**30:.1f} GB of memory"
        return "crashed", worker.end_in_words

    def _try_again(self, job: Job, again: deque[Job], kind: str, reason: str) -> None:
        """Try a song once more, or give it up."""
        tried = self._tries[job.path] = self._tries.get(job.path, 0) + 1
        if tried < TRIES:
            again.append(job)
            self._tell(Told(path=job.path, what="again", reason=f"{job.path}: {reason}"))
        else:
            self._fail(job, kind, f"{job.path}: {reason} ({tried} tries)", tried)

    def _end(self, job: Job, ended: Ended, again: deque[Job]) -> None:
        match ended.how:
            case "memory":
                self._try_again(job, again, ended.how, ended.reason)
            case "stopped":
                raise RiffscopeError(ended.reason)
            case "kept":
                self.count.kept += 1
                self._tell(Told(path=job.path, what="kept"))
            case "measured":
                self.count.measured += 1
                self.count.renewed += ended.renewed
                self.count.warned += bool(ended.warnings)
                self._forget_failures(job, ended.sha256)
                self._tell(Told(path=job.path, what="measured", notes=ended.failed, seconds=ended.seconds))
            case "refused":
                refused = Job(path=job.path, sha256=ended.sha256 or None)
                self._fail(refused, ended.how, ended.reason, self._tries.get(job.path, 0) + 1)
            case _:
                self._fail(job, ended.how, ended.reason, self._tries.get(job.path, 0) + 1)

    def _fail(self, job: Job, kind: str, reason: str, tries: int) -> None:
        failure = failure_of(job.path, job.sha256, kind, reason, tries)
        self.count.failures.append(failure)
        self._store.note_failure(failure)
        self._tell(Told(path=job.path, what="failed", reason=failure.reason))

    def _forget_failures(self, job: Job, sha256: str) -> None:
        path = str(Path(job.path).absolute())
        for key in {job.sha256, sha256, None}:
            self._store.forget_failure(path, key)


def failure_of(path: str, sha256: str | None, kind: str, reason: str, tries: int) -> Failure:
    """Return that this riffscope has no analysis of a song, and why."""
    return Failure(
        path=str(Path(path).absolute()),
        sha256=sha256,
        kind=kind,
        reason=one_line(reason),
        tries=tries,
        riffscope=made_by()["riffscope"],
    )


@contextmanager
def another_batch(place: Place) -> Iterator[bool]:
    """Tell whether another batch fills a library on this file system; others are told of this one while this is open.

    It harms neither: it is only that both would measure the same songs.
    """
    if not isinstance(place, LocalPlace):
        yield False
        return
    from filelock import FileLock, Timeout

    place.folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(place.folder / BATCH_LOCK, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        yield True
        return
    try:
        yield False
    finally:
        lock.release()


def batch_at_work(place: LocalPlace) -> bool:
    """Tell whether a batch fills a library of this file system, without a trace."""
    from filelock import FileLock, Timeout

    path = place.folder / BATCH_LOCK
    if not path.exists():
        return False
    try:
        with FileLock(path, blocking=False):
            return False
    except Timeout:
        return True


def songs_of(folders: Sequence[str | os.PathLike[str]], say: Callable[[str], None] = lambda _: None) -> Iterator[Path]:
    """Give the songs in folders, and those that are named themselves; `say` is told what is left out.

    Raises
    ------
    CannotRead
        A path leads nowhere.
    """
    for given in folders:
        if not os.fspath(given):  # as of a variable that is not set: the current folder is not meant
            raise CannotRead("an empty path names no songs (give a folder)")
        path = Path(given)
        if path.is_dir():
            yield from songs_below(path, say)
        elif path.exists():
            yield path
        else:
            raise CannotRead(f"{given}: no such file or folder (check the path)")


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
