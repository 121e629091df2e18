"""A batch on a Dask cluster: chunks of songs go to its workers, which measure them and write to the library themselves.

The client sends paths and hears how each song ended. For each thread of a Dask worker, a riffscope worker measures the
songs in a process of its own, so a song that crashes it loses only itself. If a chunk keeps killing Dask workers, its
songs are sent one by one to find the one that does it.
"""

import importlib.metadata
import logging
import os
import queue
import secrets
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path
from typing import Any

import msgspec

from riffscope import words
from riffscope.errors import RiffscopeError, one_line
from riffscope.folders import sha256_of
from riffscope.library.batch import Batch, Count, Told, failure_of
from riffscope.library.hands import MEMORY_SHARE, memory_for_each
from riffscope.library.messages import ANY_MEMORY, Orders
from riffscope.library.place import Place
from riffscope.library.store import Failure, Store
from riffscope.library.workers import Crew
from riffscope.song import made_by

# So many songs go to a worker at a time: Dask's own work for a task is then nothing beside theirs.
CHUNK = 8
# So many chunks are with the scheduler for each thread that measures: one runs, one waits for it.
PER_THREAD = 2
# If more songs than this may have killed Dask workers, the songs are not what is wrong.
MOST_SUSPECTS = 1000
# A task that raises, which none should, is tried so often again.
RETRIES = 2
# So long an address may take to answer, and so long a scheduler that has gone may take to come back.
CONNECT_S, RETURN_S = 10.0, 300.0
# How often the client looks how many workers there are, and after how long without any it says so.
LOOK_S, NO_WORKERS_S = 5.0, 10.0
# How long the client takes to leave a scheduler that may not answer.
LEAVE_S = 1.0
# A worker that has nothing to measure for so long ends, and gives its memory back.
IDLE_S = 60.0
# Dask makes its workers give memory back to the system at once; a song then takes 1.4 times as long.
NOT_FOR_SONGS = frozenset({"MALLOC_TRIM_THRESHOLD_"})
# Dask does not say more on standard error than what the batch says itself.
_LOGS = ("distributed", "distributed.client", "tornado.application", "asyncio")


class Brief(msgspec.Struct, frozen=True, kw_only=True):
    """What a Dask worker must know of a batch.

    Attributes
    ----------
    orders : Orders
    timeout_s : float or None
        As of `Batch`.
    retry : bool
        As of `Batch`.
    probe : str
        A file of the library: who does not see it has another one.
    """

    orders: Orders
    timeout_s: float | None
    retry: bool
    probe: str


@dataclass(frozen=True, kw_only=True)
class Done:
    """What became of a chunk.

    Attributes
    ----------
    told : tuple of Told
        How its songs ended, in order.
    failures : tuple of Failure
        Of those that failed, in order.
    renewed : int
        How many were measured only in part.
    unseen : str
        The worker that sees none of the songs; nothing was tried.
    stopped : str
        Why no batch can go on there, or anywhere else, in one line.
    given_up : bool
        Nobody wanted it any more, or its worker was closing.
    """

    told: tuple[Told, ...] = ()
    failures: tuple[Failure, ...] = ()
    renewed: int = 0
    unseen: str = ""
    stopped: str = ""
    given_up: bool = False


@dataclass(frozen=True, kw_only=True)
class _Chunk:
    """Songs that go to a worker together.

    Attributes
    ----------
    paths : tuple of str
    gone : bool
        Whether the client does not see them either.
    rounds : int
        How often Dask gave it up: at first the songs are sent one by one, and then with no other at the same time.
    """

    paths: tuple[str, ...]
    gone: bool = False
    rounds: int = 0


class ClusterBatch:
    """Measures songs into a library on a Dask cluster.

    Parameters
    ----------
    orders : Orders
        Where they leave the memory open, each worker has its share of what its Dask worker may use.
    address : str
        Of the scheduler, such as ``tcp://scheduler:8786``.
    timeout_s, retry, tell
        As of `riffscope.library.batch.Batch`.

    Raises
    ------
    RiffscopeError
        Dask is not installed.
    """

    def __init__(
        self,
        orders: Orders,
        address: str,
        *,
        timeout_s: float | None = None,
        retry: bool = False,
        tell: Callable[[Told], None] = lambda _: None,
    ) -> None:
        try:
            import distributed
        except ImportError:
            raise RiffscopeError("--dask: needs Dask (pip install 'riffscope[cluster]')") from None
        self._dask: Any = distributed
        self._store = Store(orders.store)
        self._address = address
        self._tell = tell
        self._brief = Brief(orders=orders, timeout_s=timeout_s, retry=retry, probe=f".batch-{secrets.token_hex(8)}")
        self._told = msgspec.json.encode(self._brief)
        self._version = made_by()["riffscope"]
        self._client: Any = None
        self._heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._sent: dict[str, tuple[Any, _Chunk]] = {}
        self._again: deque[_Chunk] = deque()
        self._suspects: deque[_Chunk] = deque()
        self._numbers = count()
        self._threads = 0
        self._looked = 0.0
        self._no_workers_since: float | None = None
        self.count = Count()

    def run(self, songs: Iterable[Path]) -> Count:
        """Measure all songs that the library does not have yet, and say how many ended in which way.

        Raises
        ------
        RiffscopeError
            There is no scheduler, or its workers have another riffscope, or do not see the songs or the library.
        """
        paths = (str(path.absolute()) for path in songs)
        with _dask_is_quiet():
            try:
                self._connect(until=time.monotonic())
                self._check_version()
                with _probe(self._store.place, self._brief.probe):
                    while self._send(paths):
                        self._hear()
            finally:
                self._leave()
        return self.count

    # ---------------------------------------------------------------------------------------------------- the scheduler
    def _connect(self, until: float) -> None:
        """Reach the scheduler, trying until a moment of the monotonic clock, and once in any case."""
        while True:
            try:
                _knock(self._address)
                self._client = _within(2 * CONNECT_S, self._new_client)
                return
            except (ValueError, TypeError, ImportError) as why:  # or TLS without certificates, or another Dask
                raise RiffscopeError(
                    f"{self._address}: cannot be used as the address of a Dask scheduler, such as "
                    f"tcp://scheduler:8786: {one_line(str(why))}"
                ) from why
            except OSError as why:
                if time.monotonic() >= until:
                    raise RiffscopeError(
                        f"{self._address}: no Dask scheduler answers there (start one: dask scheduler)"
                    ) from why
            time.sleep(1.0)

    def _new_client(self) -> Any:
        kind = self._dask.Client
        client = kind.__new__(kind)
        try:
            client.__init__(
                self._address, timeout=CONNECT_S, name="riffscope", set_as_default=False, direct_to_workers=False
            )
        except Exception:
            client.status = "closed"  # or it would wait for itself, and complain, when it is thrown away
            raise
        return client

    def _check_version(self) -> None:
        """Refuse workers that have another riffscope, or none, before anything of it is sent to them."""
        ours = self._version
        future = self._client.submit(importlib.metadata.version, "riffscope", pure=False, retries=RETRIES)
        while not future.done():
            self._look()
            time.sleep(0.02)
            if self._is_lost(future):
                self._come_back()
                return self._check_version()
        if future.status == "error":
            why = future.exception(timeout=CONNECT_S)
            if isinstance(why, importlib.metadata.PackageNotFoundError):
                why = "no riffscope is installed"
            raise RiffscopeError(f"a worker of {self._address}: {why} (install riffscope {ours} on all)")
        if (theirs := future.result(timeout=CONNECT_S)) != ours:
            raise RiffscopeError(_other_version(f"a worker of {self._address}", theirs, ours))
        return None

    def _come_back(self) -> None:
        """Wait for a scheduler that has gone, and begin anew with it all that had not come back."""
        self._leave()
        self._heard = queue.SimpleQueue()  # what is said of the earlier tasks from now on concerns nobody
        self._again.extendleft(chunk for _, chunk in reversed(self._sent.values()))
        self._sent.clear()
        self._say(
            f"{self._address}: the Dask scheduler has gone; waiting up to {RETURN_S / 60:.0f} minutes for it to come "
            "back (nothing that was measured is lost)"
        )
        try:
            self._connect(until=time.monotonic() + RETURN_S)
        except RiffscopeError:
            raise RiffscopeError(
                f"{self._address}: the Dask scheduler has not come back (nothing that was measured is lost, and the "
                "same command goes on from here)"
            ) from None
        self._say(f"{self._address}: the Dask scheduler is back")
        self._looked, self._no_workers_since = 0.0, None

    def _leave(self) -> None:
        """Take back what was sent, and leave the scheduler, whether it answers or not."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(OSError, RuntimeError, AssertionError):
                client.close(timeout=LEAVE_S)

    def _is_lost(self, future: Any) -> bool:
        """Tell whether the scheduler that knew of a task has gone."""
        return bool(self._client.status != "running" or future.status == "cancelled")

    def _look(self) -> None:
        """Look, every few seconds, how many workers there are; say so where there are none."""
        now = time.monotonic()
        if now - self._looked < LOOK_S or self._client.status != "running":
            return
        self._looked = now
        try:
            self._threads = sum(self._client.nthreads().values())
        except OSError:
            return  # it has gone, as will be seen
        if self._threads:
            self._no_workers_since = None
        elif self._no_workers_since is None:
            self._no_workers_since = now
        elif now - self._no_workers_since > NO_WORKERS_S:
            self._no_workers_since = float("inf")
            self._say(f"{self._address}: the scheduler has no workers yet; waiting for them (dask worker ADDRESS)")

    def _say(self, text: str) -> None:
        self._tell(Told(path="", what="waiting", reason=text))

    # ---------------------------------------------------------------------------------------------------------- chunks
    def _send(self, paths: Iterator[str]) -> bool:
        """Send chunks while there is room for them; tell whether any is out."""
        while len(self._sent) < max(PER_THREAD * self._threads, PER_THREAD):
            chunk = self._next(paths)
            if chunk is None:
                break
            self._submit(chunk)
        return bool(self._sent)

    def _next(self, paths: Iterator[str]) -> _Chunk | None:
        """Return what to send next: songs that may have killed Dask workers come last, in the end one at a time."""
        if self._again:
            return self._again.popleft()
        # The first ones are short: a batch of a few songs is spread over all workers, and soon tells how it goes.
        size = min(1 + next(self._numbers) // max(self._threads, 1), CHUNK)
        if chosen := tuple(islice(paths, size)):
            return _Chunk(paths=chosen)
        if self._suspects and (self._suspects[0].rounds < 2 or not self._sent):
            return self._suspects.popleft()
        return None

    def _submit(self, chunk: _Chunk) -> None:
        key = f"riffscope-{secrets.token_hex(8)}"
        try:
            future = self._client.submit(
                measure_chunk,
                self._version,
                self._told,
                list(chunk.paths),
                gone=chunk.gone,
                key=key,
                pure=False,
                retries=RETRIES,
            )
        except (OSError, RuntimeError):  # the scheduler has gone
            self._again.appendleft(chunk)
            self._come_back()
            return
        self._sent[key] = future, chunk
        self._wake_for(future)

    def _wake_for(self, future: Any) -> None:
        heard, key = self._heard, future.key
        future.add_done_callback(lambda _: heard.put(key))

    def _hear(self) -> None:
        """Take what became of a chunk."""
        self._look()
        if self._client.status != "running":
            self._come_back()
            return
        try:
            future, chunk = self._sent[self._heard.get(timeout=0.2)]
        except queue.Empty:
            return
        if self._is_lost(future):
            self._come_back()
            return
        try:
            error = future.exception(timeout=CONNECT_S)
            done = future.result(timeout=CONNECT_S) if error is None else None
        except (OSError, TimeoutError, self._dask.CancelledError):
            self._wake_for(future)  # what it returned was lost with its worker: Dask has it made once more
            return
        del self._sent[future.key]
        future.release()
        if done is None:
            self._take_error(chunk, error)
        else:
            self._take(chunk, done)

    def _take(self, chunk: _Chunk, done: Done) -> None:
        if done.stopped:
            raise RiffscopeError(done.stopped)
        if done.given_up:
            self._again.append(chunk)
            return
        if done.unseen:
            if seen := next(filter(_is_there, chunk.paths), None):
                raise RiffscopeError(
                    f"{seen}: the Dask worker at {done.unseen} does not see it (the songs must have the same paths on "
                    "all workers)"
                )
            self._again.append(_Chunk(paths=chunk.paths, gone=True))
            return
        failures = iter(done.failures)
        self.count.renewed += done.renewed
        for told in done.told:
            match told.what:
                case "measured":
                    self.count.measured += 1
                case "kept":
                    self.count.kept += 1
                case "failed before":
                    self.count.failed_before += 1
                case "failed":
                    self.count.failures.append(next(failures))
            self._tell(told)

    def _take_error(self, chunk: _Chunk, why: BaseException) -> None:
        """Send the songs of a chunk that Dask gave up one by one, later each alone; what fails even then is noted."""
        if isinstance(why, RiffscopeError):
            raise why
        if isinstance(why, ImportError | AttributeError):
            raise RiffscopeError(
                f"a worker of {self._address} cannot run riffscope {self._version}: {why} (install the same version "
                "on all)"
            )
        if chunk.rounds < 2:
            self._suspects.extend(
                _Chunk(paths=(path,), gone=chunk.gone, rounds=chunk.rounds + 1) for path in chunk.paths
            )
            # Those that are to be alone come behind the others.
            self._suspects = deque(sorted(self._suspects, key=lambda one: one.rounds))
            if len(self._suspects) > MOST_SUSPECTS:
                raise RiffscopeError(
                    f"{self._address}: Dask gave up more than {MOST_SUSPECTS:,} songs, at last because of "
                    f"{_in_words(why)} (look into the logs of its workers; have they enough memory?)"
                )
            return
        (path,) = chunk.paths
        if isinstance(why, self._dask.KilledWorker):
            kind, tries = "crashed", why.allowed_failures + 1
            reason = (
                f"{path}: the Dask worker that measured it died ({words.count(tries, 'worker')}, one after the other)"
            )
        else:
            kind, tries = "failed", RETRIES + 1
            reason = f"{path}: riffscope itself failed: {_in_words(why)}"
        failure = failure_of(path, sha256_of(Path(path)), kind, reason, tries)
        self.count.failures.append(failure)
        try:
            self._store.note_failure(failure)
        except OSError as broken:
            raise RiffscopeError(_cannot_write(self._brief, broken)) from broken
        self._tell(Told(path=path, what="failed", reason=failure.reason))


# ------------------------------------------------------------------------------------------------- in the Dask workers
def measure_chunk(version: str, told: bytes, paths: list[str], *, gone: bool = False) -> Done:
    """Measure a few songs in a Dask worker, and say how they ended.

    Parameters
    ----------
    version : str
        Of the riffscope that asks.
    told : bytes
        A `Brief`, as JSON.
    paths : list of str
        Of the songs, from the root on.
    gone : bool
        Whether it is known that they are not there.

    Raises
    ------
    RiffscopeError
        This worker cannot go on; Dask gives the songs to another.
    """
    from distributed import get_worker

    worker = get_worker()
    if (ours := made_by()["riffscope"]) != version:
        return Done(stopped=_other_version(f"the Dask worker at {worker.address}", ours, version))
    brief = msgspec.json.decode(told, type=Brief)
    if not _sees(brief):
        raise RiffscopeError(
            f"{brief.orders.store}: the Dask worker at {worker.address} does not see this library (it must be a folder "
            "that all share, or an address such as s3://bucket/songs)"
        )
    if not gone and not any(map(_is_there, paths)):
        return Done(unseen=worker.address)
    orders = msgspec.structs.replace(brief.orders, memory_bytes=_memory_for(worker, brief.orders))
    try:
        return _measured(orders, brief, paths, _wanted(worker))
    except _NotWantedError:
        return Done(given_up=True)
    except RiffscopeError as why:
        raise RiffscopeError(f"{why} (on the Dask worker at {worker.address})") from why
    except OSError as why:
        raise RiffscopeError(f"{_cannot_write(brief, why)} (on the Dask worker at {worker.address})") from why


class _NotWantedError(Exception):
    """Nobody wants what is being measured."""


def _measured(orders: Orders, brief: Brief, paths: list[str], wanted: Callable[[], bool]) -> Done:
    told: list[Told] = []

    def tell(one: Told) -> None:
        if not wanted():
            raise _NotWantedError
        if one.what not in {"began", "step"}:
            told.append(one)

    with _crew(orders) as crew:
        batch = Batch(
            orders, workers=1, timeout_s=brief.timeout_s, retry=brief.retry, tell=tell, crew=crew, remember=False
        )
        count = batch.run(map(Path, paths))
    return Done(told=tuple(told), failures=tuple(count.failures), renewed=count.renewed)


def _wanted(worker: Any) -> Callable[[], bool]:
    """Return what tells whether the present task of a Dask worker is still wanted, and will be heard."""
    from distributed import Status

    key = worker.get_current_task()

    def wanted() -> bool:
        task = worker.state.tasks.get(key)
        going = worker.status in {Status.closing, Status.closed, Status.failed}
        return not going and task is not None and task.state not in {"cancelled", "released", "forgotten"}

    return wanted


def _memory_for(worker: Any, orders: Orders) -> int:
    """Return how many bytes a riffscope worker may use in each thread of a Dask worker."""
    if orders.memory_bytes != ANY_MEMORY:
        return orders.memory_bytes
    limit, threads = worker.memory_manager.memory_limit, worker.state.nthreads
    return int(MEMORY_SHARE * limit / threads) if limit else memory_for_each(threads)


_probes_seen: set[str] = set()


def _sees(brief: Brief) -> bool:
    """Tell whether the library that this machine sees is that of the batch."""
    if brief.probe not in _probes_seen:
        if Store(brief.orders.store).place.read(brief.probe) is None:
            return False
        _probes_seen.add(brief.probe)
    return True


# The crews that have nothing to do, each with its orders and with what will end it.
_idle: list[tuple[Orders, Crew, threading.Timer]] = []
_idle_lock = threading.Lock()


@contextmanager
def _crew(orders: Orders) -> Iterator[Crew]:
    """Give a crew that no other thread has: one that has followed the same orders, or a new one."""
    with _idle_lock:
        same = next((one for one in _idle if one[0] == orders), None)
        others = [one for one in _idle if one[0] != orders]
        _idle[:] = [one for one in _idle if one is not same and one not in others]
    for _, other, timer in others:
        timer.cancel()
        other.let_go()
    crew = Crew(orders, without=NOT_FOR_SONGS) if same is None else same[1]
    if same is not None:
        same[2].cancel()
    try:
        yield crew
    except BaseException:
        crew.let_go()
        raise
    timer = threading.Timer(IDLE_S, _end_if_idle, (crew,))
    timer.daemon = True
    with _idle_lock:
        _idle.append((orders, crew, timer))
    timer.start()


def _end_if_idle(crew: Crew) -> None:
    with _idle_lock:
        mine = [one for one in _idle if one[1] is crew]
        _idle[:] = [one for one in _idle if one[1] is not crew]
    if mine:
        crew.let_go()


# ---------------------------------------------------------------------------------------------------------- both sides
def _other_version(who: str, theirs: str, ours: str) -> str:
    return f"{who} has riffscope {theirs}, and this machine {ours} (install the same version on all)"


def _cannot_write(brief: Brief, why: OSError) -> str:
    return f"{brief.orders.store}: cannot be read or written: {why.strerror or why}"


def _in_words(why: BaseException) -> str:
    return one_line(f"{type(why).__name__}: {why}")


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:
        return False


def _knock(address: str) -> None:
    """Raise an OSError where nothing listens at an address: a Dask client that finds nothing leaves a thread behind.

    Raises
    ------
    ValueError
        It is no address.
    """
    from distributed.comm.addressing import get_address_host_port, parse_address

    if parse_address(address)[0] in {"tcp", "tls"}:
        socket.create_connection(get_address_host_port(address, strict=True), timeout=CONNECT_S).close()


def _within(seconds: float, make: Callable[[], Any]) -> Any:
    """Return what is made, or raise a TimeoutError: Dask waits for ever for a program that listens and says nothing."""
    made: queue.SimpleQueue[tuple[Any, Exception | None]] = queue.SimpleQueue()

    def work() -> None:
        try:
            made.put((make(), None))
        except Exception as why:  # noqa: BLE001 - it is raised below
            made.put((None, why))

    threading.Thread(target=work, daemon=True).start()
    try:
        one, why = made.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError("it does not answer") from None
    if why is not None:
        raise why
    return one


@contextmanager
def _probe(place: Place, name: str) -> Iterator[None]:
    """While this is open, a library holds a file by which others tell that it is the same."""
    place.write(name, f"{os.getpid()}\n".encode())
    try:
        yield
    finally:
        with suppress(OSError):
            place.remove(name)


@contextmanager
def _dask_is_quiet() -> Iterator[None]:
    logs = [logging.getLogger(name) for name in _LOGS]
    before = [log.level for log in logs]
    for log in logs:
        log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for log, level in zip(logs, before, strict=True):
            log.setLevel(level)
