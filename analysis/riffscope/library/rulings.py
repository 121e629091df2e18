"""Claims ruled on for every song of a library, from what was kept: no sound is read, and the library stays as it is.

Reading an analysis takes five milliseconds and ruling on it two, so several processes share the songs of a large
library.
"""

import itertools
import os
import pickle
import subprocess
import sys
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import islice
from typing import Any

from riffscope import steps, verdicts
from riffscope.errors import RiffscopeError, one_line
from riffscope.frames import Column, Row
from riffscope.judge import Claim, built_in_claims, check_about_one, judge
from riffscope.library.heads import Ruled
from riffscope.library.songs import songs_of
from riffscope.library.store import Store
from riffscope.library.where import chosen
from riffscope.library.workers import ONE_THREAD, apart
from riffscope.song import SongAnalysis

# How a claim is ruled on for a song, an inconclusive one by the side that it leans to; in the order of reading.
STANDINGS = ("supported", "refuted", "probably_true", "probably_false", "inconclusive", "not_testable")
# Starting a process takes as long as ruling on so many songs.
SONGS_FOR_PROCESSES = 300
# A process is given so many songs at a time, a tenth of a second's work.
CHUNK = 16
# Nothing in the current folder is taken for a module of riffscope's or of Python's own.
COMMAND = (sys.executable, "-P", "-m", "riffscope.library.ruling_worker")
ENDED = "a process that rules on songs was ended from outside (try again, with fewer: --workers 1)"

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
        How many processes share the songs; with 1 it is done in this one.

    Raises
    ------
    RiffscopeError
        A claim is about two songs, or a process was ended from outside.
    """
    given = built_in_claims() if claims is None else tuple(claims)
    check_about_one(given)
    if workers <= 1:
        for sha256 in songs:
            yield ruled(store, given, sha256)
    else:
        yield from _shared(store, given, iter(songs), workers)


def workers_for(songs: int) -> int:
    """Return how many processes are worth starting for so many songs."""
    from riffscope.library.hands import usual_workers

    return 1 if songs < SONGS_FOR_PROCESSES else usual_workers()


# ----------------------------------------------------------------------------------------------------- one song, here
def ruled(store: Store, claims: tuple[Claim, ...], sha256: str) -> SongRulings:
    """Rule on claims for a song of a library; where its analysis cannot be read, say why."""
    try:
        song = store.read(sha256)
        if song is None:
            return SongRulings(sha256=sha256, problem=f"{sha256}: its analysis has gone (riffscope index LIB)")
        return _verdicts_of(song, claims)
    except RiffscopeError as why:
        return SongRulings(sha256=sha256, problem=one_line(str(why)))
    except OSError as why:
        return SongRulings(sha256=sha256, problem=f"{sha256}: cannot be read: {why.strerror or why}")
    except Exception as bug:  # noqa: BLE001 - a bug of ours costs this song alone, and is told
        reason = one_line(f"{sha256}: riffscope itself failed: {type(bug).__name__}: {bug}")
        return SongRulings(sha256=sha256, problem=reason)


def _verdicts_of(song: SongAnalysis, claims: tuple[Claim, ...]) -> SongRulings:
    verdicts_of_song = tuple(
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
    return SongRulings(sha256=source.sha256, title=source.title, artist=source.tags.artist, verdicts=verdicts_of_song)


# ------------------------------------------------------------------------------------------------ songs, in processes
def _shared(store: Store, claims: tuple[Claim, ...], songs: Iterator[str], workers: int) -> Iterator[SongRulings]:
    """Let processes rule on chunks of songs in turn; what they find comes in the order of the songs."""
    processes = [_Process(store.place.address, claims) for _ in range(workers)]
    try:
        turn = itertools.cycle(processes)
        waiting: deque[_Process] = deque()
        while True:
            # Each has a chunk to go on with while what it found is being read.
            while len(waiting) < 2 * workers and (chunk := list(islice(songs, CHUNK))):
                waiting.append(process := next(turn))
                process.give(chunk)
            if not waiting:
                return
            yield from waiting.popleft().take()
    finally:
        for process in processes:
            process.end()


class _Process:
    """A process that rules on songs: `riffscope.library.ruling_worker`, which nothing of this one's is imported into.

    Parameters
    ----------
    address : str
        Of the library.
    claims : tuple of Claim
    """

    def __init__(self, address: str, claims: tuple[Claim, ...]) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - this very Python
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | ONE_THREAD, **apart()
        )
        self._say((address, [packed(claim) for claim in claims]))

    def give(self, songs: Sequence[str]) -> None:
        """Let it rule on some songs."""
        self._say(songs)

    def take(self) -> list[SongRulings]:
        """Return how it ruled on the first songs that it was given and of which it was not yet heard."""
        try:
            assert self._process.stdout is not None  # noqa: S101 - it was asked for above
            found: list[SongRulings] = pickle.load(self._process.stdout)  # noqa: S301 - of a process of ours
        except (EOFError, pickle.UnpicklingError) as why:
            raise RiffscopeError(ENDED) from why
        return found

    def end(self) -> None:
        """End it at once: it writes nothing."""
        self._process.kill()
        self._process.communicate()

    def _say(self, message: object) -> None:
        try:
            assert self._process.stdin is not None  # noqa: S101 - it was asked for above
            pickle.dump(message, self._process.stdin)
            self._process.stdin.flush()
        except OSError as why:
            raise RiffscopeError(ENDED) from why


def packed(claim: Claim) -> Mapping[str, Any]:
    """Return the fields of a claim as they can be sent to another process: its kind by name."""
    sent = {one.name: getattr(claim, one.name) for one in fields(claim)}
    return sent | {"kind": claim.kind.name, "options": dict(claim.options)}


def unpacked(sent: Sequence[Mapping[str, Any]]) -> tuple[Claim, ...]:
    """Return the claims that `packed` made ready to be sent."""
    kinds = {step.name: step for step in steps.claims()}
    return tuple(Claim(**{**claim, "kind": kinds[claim["kind"]]}) for claim in sent)
