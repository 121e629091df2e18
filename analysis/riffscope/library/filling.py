"""A library from Python: songs measured into it, and its tables made."""

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from riffscope.choices import MAX_MINUTES, Separator
from riffscope.workflow import choose_settings

if TYPE_CHECKING:
    from riffscope.library.batch import Count, Told


def fill_library(
    library: str | os.PathLike[str],
    songs: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    workers: int | None = None,
    separator: Separator = "auto",
    claims: str | os.PathLike[str] | None = None,
    max_minutes: float = MAX_MINUTES,
    timeout_s: float | None = None,
    retry: bool = False,
    tell: "Callable[[Told], None]" = lambda _: None,
) -> "Count":
    """Measure songs into a library that it does not have yet, then make its tables (Parquet).

    A song that crashes, hangs or needs too much memory costs itself alone: it is among the `failures` of the result.

    Parameters
    ----------
    library : path or address
        A folder, made if it is not there, or an address that fsspec knows, such as ``s3://bucket/songs``.
    songs : path, or several
        Folders, with those in them, and songs.
    workers : int, optional
        How many songs are measured at the same time, each on one core; as many as there are cores by default.
    separator, max_minutes
        As of `riffscope.analyze`.
    claims : path, optional
        A claims file to rule on; the built-in claims by default.
    timeout_s : float, optional
        How long a song may take; by its length where it is None.
    retry : bool
        Try songs again that failed before.
    tell : callable
        Told what happens: a `riffscope.library.batch.Told` each time.

    Raises
    ------
    RiffscopeError
        A path leads nowhere, the claims are wrong, the model is not installed, or the place is no library.
    """
    from riffscope.library.batch import Batch, songs_of
    from riffscope.library.hands import memory_for_each, usual_workers
    from riffscope.library.index import make_index
    from riffscope.library.measuring import orders_for
    from riffscope.library.store import Store

    given = [songs] if isinstance(songs, (str, os.PathLike)) else list(songs)
    choose_settings(separator)
    store = Store(library)
    store.check_may_be_library()
    count = workers or usual_workers()
    orders = orders_for(
        store,
        separator=separator,
        max_minutes=max_minutes,
        claims=claims,
        memory_bytes=memory_for_each(count),
    )
    ended = Batch(orders, workers=count, timeout_s=timeout_s, retry=retry, tell=tell).run(songs_of(given))
    make_index(store)
    return ended
