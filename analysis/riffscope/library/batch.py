"""A batch: every song in some folders into a library, by several workers; stopped and taken up again at any time.

What is done is told by the library alone, so a batch that was killed has lost only the songs that were being measured.
"""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from riffscope.errors import CannotRead, RiffscopeError, one_line
from riffscope.folders import songs_below
from riffscope.library.hands import Hands, Lost, Said, TryAgain
from riffscope.library.messages import Ended, Job, Orders, Step
from riffscope.library.place import LocalPlace, Place
from riffscope.library.seen import Files, is_text
from riffscope.library.store import Failure, Store
from riffscope.library.workers import Crew
from riffscope.model import Settings
from riffscope.song import made_by
from riffscope.workflow import is_saved

# So long a batch listens at once.
HEAR_S = 0.5
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
        self._retry = retry
        self._tell = tell
        self._crew = Crew(orders) if crew is None else crew
        self._hands = Hands(self._crew, workers=workers, memory_bytes=orders.memory_bytes, timeout_s=timeout_s)
        self._ends_with_us = crew is None
        self._remember = remember
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
        waiting, ready = self._waiting(songs, files), deque[Job]()
        try:
            while True:
                while len(ready) < AHEAD and (job := next(waiting, None)) is not None:
                    ready.append(job)
                    if self._hands.has_room:
                        break  # a worker waits for it
                for job in self._hands.hand_out(ready):
                    self._tell(Told(path=job.path, what="began"))
                if not self._hands.busy:
                    if not ready and not self._hands.again:
                        return self.count
                    continue
                self._listen(wait=len(ready) >= AHEAD or not ready)
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
    def _listen(self, *, wait: bool) -> None:
        """Take what a worker says."""
        match self._hands.hear(HEAR_S if wait else 0.0):
            case Said(job=job, message=Step(ended=ended, total=total)):
                self._tell(Told(path=job.path, what="step", share=ended / max(total, 1)))
            case Said(job=job, message=Ended() as ended):
                self._end(job, ended)
            case TryAgain(job=job, reason=reason):
                self._tell(Told(path=job.path, what="again", reason=f"{job.path}: {reason}"))
            case Lost(job=job, kind=kind, reason=reason, tries=tries):
                self._fail(job, kind, f"{job.path}: {reason}", tries)

    def _end(self, job: Job, ended: Ended) -> None:
        match ended.how:
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
                self._fail(refused, ended.how, ended.reason, self._hands.tries(job))
            case _:
                self._fail(job, ended.how, ended.reason, self._hands.tries(job))

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
