"""Claims ruled on for every song of a library, from what was kept: no sound is read, and the library stays as it is.

Reading an analysis takes five milliseconds and ruling on it two, so several processes share the songs of a large
library.
"""

import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import TYPE_CHECKING, Any

from riffscope import steps, verdicts
from riffscope.errors import RiffscopeError, one_line
from riffscope.frames import Column, Row, Table
from riffscope.judge import Claim, built_in_claims, check_about_one, judge
from riffscope.library.songs import songs_of
from riffscope.library.store import Ruled, Store
from riffscope.library.where import chosen
from riffscope.song import SongAnalysis

if TYPE_CHECKING:
    import polars as pl

# How a claim is ruled on for a song, an inconclusive one by the side that it leans to; in the order of reading.
STANDINGS = ("supported", "refuted", "probably_true", "probably_false", "inconclusive", "not_testable")
# Starting a process takes as long as ruling on so many songs.
SONGS_FOR_PROCESSES = 300
# A process is given so many songs at a time: a tenth of a second's work, so that it ends soon when it is told to.
CHUNK = 16

COLUMNS = (
    Column(name="sha256", heading="sha256", kind=str),
    Column(name="title", heading="title", kind=str),
    Column(name="artist", heading="artist", kind=str),
    Column(name="path", heading="path", kind=str),
    *verdicts.COLUMNS,
)


@dataclass(frozen=True, kw_only=True)
class SongRulings:
    """How claims are ruled on for a song.

    Attributes
    ----------
    verdicts : tuple of Ruled
        In the order of the claims.
    problem : str
        Why there are none, in a line: its analysis is damaged. Empty otherwise.
    """

    sha256: str
    title: str = ""
    artist: str | None = None
    verdicts: tuple[Ruled, ...] = ()
    problem: str = ""

    def rows(self, path: str | None = None) -> Iterator[Row]:
        """Give a row for each verdict, with the columns of `COLUMNS`."""
        for one in self.verdicts:
            said = (one.claim, one.text, one.ruling, one.leaning, one.probability, one.because)
            yield self.sha256, self.title, self.artist, path, *said


@dataclass(kw_only=True)
class Tally:
    """How the claims stand over the songs of a library so far.

    Attributes
    ----------
    songs : int
        How many were ruled on.
    claims : dict
        By claim, how many songs stand how, in the words of `STANDINGS`.
    """

    songs: int = 0
    claims: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, song: SongRulings) -> None:
        """Count a song."""
        if song.problem:
            return
        self.songs += 1
        for one in song.verdicts:
            self.claims.setdefault(one.claim, Counter())[standing_of(one)] += 1


def standing_of(verdict: Ruled) -> str:
    """Return how a claim stands, one of `STANDINGS`."""
    return verdict.leaning or verdict.ruling


def verdicts_on(
    store: Store,
    claims: Sequence[Claim] | None = None,
    *,
    where: str | None = None,
    workers: int = 1,
) -> "pl.DataFrame":
    """Rule on claims for the songs of a library, and return a row for each song and claim.

    Parameters
    ----------
    claims : sequence of Claim, optional
        The built-in ones by default; `riffscope.judge.read_claims` reads a file.
    where : str, optional
        Only songs of which this is true (`riffscope.library.where`).
    workers : int
        As of `rule`.

    Raises
    ------
    RiffscopeError
        The condition is wrong, an analysis is damaged, or a claim is about two songs.
    """
    paths = paths_of(store, where)
    rows: list[Row] = []
    for song in rule(store, claims, songs=paths, workers=workers):
        if song.problem:
            raise RiffscopeError(song.problem)
        rows += song.rows(paths[song.sha256])
    return Table(columns=COLUMNS, made=rows).to_frame()


def paths_of(
    store: Store,
    where: str | None = None,
    *,
    progress: Callable[[int], None] = lambda _: None,
    say: Callable[[str], None] = lambda _: None,
) -> dict[str, str | None]:
    """Return the hashes of the songs that a condition holds for, each with the path at which its file was seen.

    Without a condition they are all, also those of which nothing can be read.
    """
    songs = chosen(songs_of(store, progress=progress, say=say), where, ["sha256", "path"])
    known: dict[str, str | None] = dict(songs.iter_rows())
    return known if where is not None else {sha256: known.get(sha256) for sha256 in store.hashes()}


def rule(
    store: Store,
    claims: Sequence[Claim] | None = None,
    *,
    songs: Iterable[str],
    workers: int = 1,
) -> Generator[SongRulings, None, None]:
    """Rule on claims for songs of a library, in their order.

    Parameters
    ----------
    claims : sequence of Claim, optional
        The built-in ones by default.
    songs : iterable of str
        Their hashes.
    workers : int
        How many processes share the songs. With more than one, a script of one's own must keep what it does under
        ``if __name__ == "__main__":``, as each process imports it; notebooks and the command line need nothing.

    Raises
    ------
    RiffscopeError
        A claim is about two songs, or a process was ended from outside.
    """
    given = built_in_claims() if claims is None else tuple(claims)
    check_about_one(given)
    if workers <= 1:
        for sha256 in songs:
            yield _ruled(store, given, sha256)
    else:
        yield from _shared(store, given, iter(songs), workers)


def workers_for(songs: int) -> int:
    """Return how many processes are worth starting for so many songs."""
    from riffscope.library.batch import usual_workers

    return 1 if songs < SONGS_FOR_PROCESSES else usual_workers()


# ----------------------------------------------------------------------------------------------------- one song, here
def _ruled(store: Store, claims: tuple[Claim, ...], sha256: str) -> SongRulings:
    try:
        song = store.read(sha256)
        if song is None:
            return SongRulings(sha256=sha256, problem=f"{sha256}: its analysis has gone (riffscope index LIB)")
        return _verdicts_of(song, claims)
    except RiffscopeError as why:
        return SongRulings(sha256=sha256, problem=one_line(str(why)))
    except OSError as why:
        return SongRulings(sha256=sha256, problem=f"{sha256}: cannot be read: {why.strerror or why}")


def _verdicts_of(song: SongAnalysis, claims: tuple[Claim, ...]) -> SongRulings:
    ruled = tuple(
        Ruled(
            claim=one.claim,
            text=one.text,
            ruling=str(one.ruling),
            because=one.because,
            probability=one.probability,
            leaning=one.leaning,
        )
        for one in judge(song, claims)
    )
    source = song.source
    return SongRulings(sha256=source.sha256, title=source.title, artist=source.tags.artist, verdicts=ruled)


# ------------------------------------------------------------------------------------------------ songs, in processes
def _shared(store: Store, claims: tuple[Claim, ...], songs: Iterator[str], workers: int) -> Iterator[SongRulings]:
    """Let processes rule on chunks of songs; what they find comes in the order of the songs."""
    waiting: deque[Future[list[SongRulings]]] = deque()
    # Processes are started anew, not forked: this one may have threads by now, and on some systems there is no fork.
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(store.place.address, tuple(map(_packed, claims))),
    )
    try:
        while True:
            while len(waiting) < 2 * workers and (chunk := list(islice(songs, CHUNK))):
                with _interrupts_kept_back():
                    waiting.append(pool.submit(_rule_chunk, chunk))
            if not waiting:
                return
            yield from waiting.popleft().result()
    except BrokenProcessPool as why:
        raise RiffscopeError("a process that rules on songs was ended from outside (try fewer: --workers 1)") from why
    finally:
        pool.shutdown(cancel_futures=True)


@contextmanager
def _interrupts_kept_back() -> Iterator[None]:
    """While this is open, let processes start that Ctrl-C in a terminal does not end: whoever started them does.

    An interrupt that comes meanwhile takes effect when this closes. What is kept back stays so in a new process.
    """
    if not hasattr(signal, "pthread_sigmask"):  # on Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# What a process rules on and where: set once, as it starts.
_desk: tuple[Store, tuple[Claim, ...]] | None = None


def _begin(address: str, claims: tuple[Mapping[str, Any], ...]) -> None:
    global _desk  # noqa: PLW0603 - a process has one desk
    # On Windows nothing is kept back from a new process.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    kinds = {step.name: step for step in steps.claims()}
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _desk = Store(address), tuple(Claim(**{**claim, "kind": kinds[claim["kind"]]}) for claim in claims)


def _end_with_parent() -> None:
    """End this process when whoever started it has been killed: songs to rule on would never come again."""
    if (parent := multiprocessing.parent_process()) is not None:
        parent.join()
        os._exit(1)


def _rule_chunk(songs: Sequence[str]) -> list[SongRulings]:
    if _desk is None:
        raise TypeError("this process was not told what to rule on")
    store, claims = _desk
    return [_ruled(store, claims, sha256) for sha256 in songs]


def _packed(claim: Claim) -> Mapping[str, Any]:
    """Return the fields of a claim as they can be sent to another process: its kind by name."""
    sent = {one.name: getattr(claim, one.name) for one in fields(claim)}
    return sent | {"kind": claim.kind.name, "options": dict(claim.options)}
