"""One song of a batch: read, measured as far as it is due, ruled on, and kept in the library."""

import functools
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import msgspec

# Measuring needs these: before the first song rather than within it.
import scipy.cluster.hierarchy
import scipy.optimize  # noqa: F401

from riffscope.choices import Separator
from riffscope.errors import BadClaim, RiffscopeError, one_line
from riffscope.files import read_written
from riffscope.folders import sha256_of
from riffscope.groups import MATERIAL, labelled
from riffscope.judge import Claim, built_in_claims, check_about_one, parse_claims
from riffscope.library.messages import Ended, Found, Job, Loaded, Orders, Step
from riffscope.library.seen import is_text
from riffscope.library.store import Store
from riffscope.load import load
from riffscope.model import Audio, Measured, Outcome, Settings
from riffscope.renewal import due
from riffscope.running import Running
from riffscope.song import SongAnalysis, failures, measurements
from riffscope.views.listening_copy import ListeningCopy
from riffscope.views.stems import separates
from riffscope.workflow import Options, by_type, is_saved, read, ruled_on, run

Tell = Callable[[Loaded | Step | Found], None]


def orders_for(
    store: Store,
    *,
    separator: Separator,
    max_minutes: float,
    claims: str | os.PathLike[str] | None,
    memory_bytes: int,
) -> Orders:
    """Return what holds for all songs of a batch.

    Raises
    ------
    BadClaim
        There is a mistake in the claims file, or it is about two songs.
    """
    path = None if claims is None else Path(claims)
    if path is not None and not is_text(str(path.absolute())):
        raise BadClaim(f"{path}: the name of this file is no text (rename it)")
    text = None if path is None else read_written(path)  # once: it may be a pipe
    if path is not None and text is not None:
        check_about_one(parse_claims(text, name=str(path), folder=path.parent))
    return Orders(
        store=store.place.address,
        separator=separator,
        max_minutes=max_minutes,
        claims=text,
        claims_name="" if path is None else str(path),
        claims_folder="" if path is None else str(path.absolute().parent),
        memory_bytes=memory_bytes,
    )


class Measuring:
    """Measures the songs of a batch, one after the other.

    Parameters
    ----------
    orders : Orders
    tell : callable
        Told how far a song is.
    writing : callable
        Makes a context that is open while a file of the library is written.
    """

    def __init__(
        self,
        orders: Orders,
        tell: Tell = lambda _: None,
        writing: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._orders = orders
        self._tell = tell
        self._writing = writing
        self._store = Store(orders.store)
        self._settings = Settings(separator=orders.separator)

    def measure(self, job: Job) -> Ended:
        """Measure a song and keep its analysis; say how that went. Nothing but a bug of ours is raised."""
        begin = time.monotonic()
        try:
            ended = self._measure(job)
        except MemoryError:
            return Ended(how="memory", reason="it needed more memory than there is")
        except RiffscopeError as why:
            # Of which bytes this is true: the file may have gone or changed since it was looked up.
            return Ended(how="refused", reason=_said_of(job, str(why)), sha256=sha256_of(Path(job.path)) or "")
        return msgspec.structs.replace(ended, seconds=time.monotonic() - begin)

    def _measure(self, job: Job) -> Ended:
        if is_saved(job.path):
            return self._take_in(read(job.path))
        if job.sha256 is not None and self._holds(job.sha256, job):
            return Ended(how="kept", sha256=job.sha256)
        audio = self._load(job.path, job.name)
        self._tell(Loaded(duration_s=audio.duration_s))
        sha256 = audio.source.sha256
        if sha256 != job.sha256 and self._holds(sha256, job):
            return Ended(how="kept", sha256=sha256, title=audio.source.title)
        settings, given = self._store.corrected(sha256, self._settings), self._store.given_structure(sha256)
        if job.vocals:
            settings = replace(settings, vocals=self._load(job.vocals, job.vocals_name))
        running = Running(separates=settings.vocals is None and separates(settings.separator))

        def ended(name: str, count: int, total: int) -> None:
            running.end(name)
            self._tell(Step(name=name, ended=count, total=total, work=running.work))

        options = Options(
            settings=settings,
            threads=job.threads,
            progress=ended,
            found=self._tell_found if job.told else None,
            known=() if given is None else (given,),
        )
        still_good = self._still_good(sha256, settings)
        wanted = [*measurements(), ListeningCopy] if job.copied else measurements()
        made = run(audio, wanted, options, kept=still_good)
        copy = made.get(ListeningCopy)
        return self._keep(ruled_on(made.analysis(), self._claims), renewed=bool(still_good), copy=copy)

    def _holds(self, sha256: str, job: Job) -> bool:
        """Tell whether the library has all that is asked for of a song, and measuring it now would give the same."""
        if job.vocals or not self._store.still_holds(sha256, self._settings):
            return False
        return not job.copied or self._store.has_copy(sha256)

    def _load(self, path: str, name: str) -> Audio:
        """Load a sound under the name that its user knows."""
        audio = load(path, max_minutes=self._orders.max_minutes)
        return replace(audio, source=replace(audio.source, name=one_line(name))) if name else audio

    def _tell_found(self, name: str, outcome: Outcome) -> None:
        text = getattr(outcome.value, "summary", "") if isinstance(outcome, Measured) else ""
        if text and name not in MATERIAL:
            self._tell(Found(name=name, label=labelled([name])[name], text=text))

    def _take_in(self, song: SongAnalysis) -> Ended:
        """Keep an analysis that was saved elsewhere, where the library has none of its song."""
        if self._store.sound_head(song.source.sha256) is not None:
            return Ended(how="kept", sha256=song.source.sha256)
        return self._keep(ruled_on(song, self._claims), renewed=False)

    def _keep(self, song: SongAnalysis, *, renewed: bool, copy: ListeningCopy | None = None) -> Ended:
        try:
            with self._writing():
                self._store.keep(song)
                if copy is not None:
                    self._store.keep_copy(song.source.sha256, copy)
        except OSError as why:
            return Ended(how="stopped", reason=f"{self._orders.store}: cannot be written: {why.strerror or why}")
        return Ended(
            how="measured",
            sha256=song.source.sha256,
            failed=tuple(failures(song)),
            warnings=song.source.warnings,
            title=song.source.title,
            renewed=renewed,
        )

    def _still_good(self, sha256: str, settings: Settings) -> Mapping[type, Outcome]:
        """Return what the library has of a song and need not be measured anew."""
        saved = self._store.sound_head(sha256)
        renewed = set(measurements()) if saved is None else {one.produces for one in due(saved.record, settings)}
        if len(renewed) == len(measurements()):
            return {}
        before = self._store.read(sha256)
        return {} if before is None else {kind: out for kind, out in by_type(before).items() if kind not in renewed}

    @functools.cached_property
    def _claims(self) -> tuple[Claim, ...]:
        orders = self._orders
        if orders.claims is None:
            return built_in_claims()
        return parse_claims(orders.claims, name=orders.claims_name, folder=Path(orders.claims_folder))


def _said_of(job: Job, reason: str) -> str:
    """Say why a song was refused of the names that its user knows, not of where its files lie."""
    for path, name in ((job.path, job.name), (job.vocals, job.vocals_name)):
        if path and name:
            reason = reason.replace(path, one_line(name))
    return reason
