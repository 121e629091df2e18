"""One song of a batch: read, measured as far as it is due, ruled on, and kept in the library."""

import functools
import os
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import msgspec

from riffscope.errors import BadClaim, RiffscopeError
from riffscope.files import read_written
from riffscope.folders import sha256_of
from riffscope.judge import Claim, built_in_claims, check_about_one, parse_claims
from riffscope.library.messages import Ended, Job, Loaded, Orders, Step
from riffscope.library.seen import is_text
from riffscope.library.store import Store
from riffscope.load import load
from riffscope.model import Outcome, Separator, Settings
from riffscope.renewal import due
from riffscope.song import SongAnalysis, failures, measurements
from riffscope.workflow import Options, by_type, is_saved, read, ruled_on, run

Tell = Callable[[Loaded | Step], None]


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
            return Ended(how="refused", reason=str(why), sha256=sha256_of(Path(job.path)) or "")
        return msgspec.structs.replace(ended, seconds=time.monotonic() - begin)

    def _measure(self, job: Job) -> Ended:
        if is_saved(job.path):
            return self._take_in(read(job.path))
        if job.sha256 is not None and self._store.still_holds(job.sha256, self._settings):
            return Ended(how="kept", sha256=job.sha256)
        audio = load(job.path, max_minutes=self._orders.max_minutes)
        self._tell(Loaded(duration_s=audio.duration_s))
        sha256 = audio.source.sha256
        if sha256 != job.sha256 and self._store.still_holds(sha256, self._settings):
            return Ended(how="kept", sha256=sha256)
        options = Options(
            settings=self._settings,
            threads=1,
            progress=lambda name, ended, total: self._tell(Step(name=name, ended=ended, total=total)),
        )
        still_good = self._still_good(sha256)
        made = run(audio, measurements(), options, kept=still_good)
        return self._keep(ruled_on(made.analysis(), self._claims), renewed=bool(still_good))

    def _take_in(self, song: SongAnalysis) -> Ended:
        """Keep an analysis that was saved elsewhere, where the library has none of its song."""
        if self._store.sound_head(song.source.sha256) is not None:
            return Ended(how="kept", sha256=song.source.sha256)
        return self._keep(ruled_on(song, self._claims), renewed=False)

    def _keep(self, song: SongAnalysis, *, renewed: bool) -> Ended:
        try:
            with self._writing():
                self._store.keep(song)
        except OSError as why:
            return Ended(how="stopped", reason=f"{self._orders.store}: cannot be written: {why.strerror or why}")
        return Ended(
            how="measured",
            sha256=song.source.sha256,
            failed=tuple(failures(song)),
            warnings=song.source.warnings,
            renewed=renewed,
        )

    def _still_good(self, sha256: str) -> Mapping[type, Outcome]:
        """Return what the library has of a song and need not be measured anew."""
        saved = self._store.sound_head(sha256)
        renewed = set(measurements()) if saved is None else {one.produces for one in due(saved.record, self._settings)}
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
