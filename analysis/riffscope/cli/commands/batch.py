"""riffscope batch."""

import argparse
import time
from typing import TYPE_CHECKING

from riffscope import words
from riffscope.cli.command import DONE, INTERRUPTED, REFUSED, WRONG_USAGE, command
from riffscope.cli.console import complain
from riffscope.cli.libraries import BatchProgress, make_tables, summary
from riffscope.cli.options import add_claims_option, add_song_options, positive, whole_number
from riffscope.errors import CannotRead

if TYPE_CHECKING:
    from riffscope.library.cluster import ClusterBatch

MAX_WORKERS = 512


def arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "songs", nargs="+", metavar="FOLDER", help="a folder of songs, with the folders in it; or a song"
    )
    parser.add_argument(
        "--store",
        required=True,
        metavar="LIB",
        help="the library: a folder, made if it is not there, or an address such as s3://bucket/songs",
    )
    parser.add_argument(
        "--workers",
        type=whole_number("workers", 1, MAX_WORKERS),
        metavar="N",
        help="how many songs to measure at the same time, each on one core (default: as many as there are cores)",
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="let the Dask cluster at ADDRESS measure, such as tcp://scheduler:8786"
    )
    parser.add_argument("--retry", action="store_true", help="try songs again that failed before")
    parser.add_argument(
        "--timeout",
        type=positive("seconds"),
        metavar="SECONDS",
        help="give a song up that takes longer (default: by its length, at least a minute)",
    )
    parser.add_argument(
        "--memory",
        type=positive("gigabytes"),
        metavar="GB",
        help="give a song up that needs more memory (default: each worker's share of its machine's)",
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="show nothing but errors")
    add_claims_option(parser)
    add_song_options(parser)


@command(place=10, about="measure all songs in a folder into a library; stop and go on at any time")
def run(options: argparse.Namespace) -> int:
    """Measure songs into a library, then make its tables."""
    from riffscope.cli.songs import say_if_model_damaged
    from riffscope.decoding.containers import KNOWN
    from riffscope.library.batch import Batch, Told, another_batch, songs_of
    from riffscope.library.hands import memory_for_each, usual_workers
    from riffscope.library.index import SONGS
    from riffscope.library.measuring import orders_for
    from riffscope.library.messages import ANY_MEMORY
    from riffscope.library.store import Store
    from riffscope.workflow import choose_settings

    if options.dask is not None and options.workers is not None:
        complain("--workers goes without --dask: a cluster has its own workers")
        return WRONG_USAGE
    say_if_model_damaged(options.separator)
    choose_settings(options.separator)  # says at once that a model is not there
    store = Store(options.store)
    store.check_may_be_library()
    workers = options.workers or usual_workers()
    # How much memory the machines of a cluster have is known there.
    usual_bytes = memory_for_each(workers) if options.dask is None else ANY_MEMORY
    orders = orders_for(
        store,
        separator=options.separator,
        max_minutes=options.max_minutes,
        claims=options.claims,
        memory_bytes=usual_bytes if options.memory is None else int(options.memory * 2**30),
    )
    shown: BatchProgress | None = None

    def tell(told: Told) -> None:
        if shown is not None:
            shown.tell(told)

    songs, total = songs_of(options.songs), sum(1 for _ in songs_of(options.songs, complain))
    if not total:
        raise CannotRead(f"{words.joined(options.songs)}: there is no song there (riffscope reads {KNOWN})")
    batch: Batch | ClusterBatch
    with another_batch(store.place) as at_work:
        if options.dask is None:
            batch = Batch(orders, workers=workers, timeout_s=options.timeout, retry=options.retry, tell=tell)
            if at_work:
                complain("another batch fills this library; this one begins with the last song, and meets it halfway")
                songs = reversed(list(songs))
        else:
            from riffscope.library import cluster

            batch = cluster.ClusterBatch(
                orders, options.dask, timeout_s=options.timeout, retry=options.retry, tell=tell
            )
        begin, status = time.monotonic(), DONE
        try:
            with BatchProgress(total, batch.count, quiet=options.quiet) as shown:
                batch.run(songs)
        except KeyboardInterrupt:
            status = INTERRUPTED
        count = batch.count
        if not options.quiet:
            complain(summary(count, total, time.monotonic() - begin))
        if status == INTERRUPTED:
            complain("interrupted: nothing that was measured is lost, and the same command goes on from here")
            return status
    if count.measured or count.failures or store.place.read(SONGS, 1) is None:
        status = make_tables(store, options.store, quiet=options.quiet)
    return REFUSED if count.failures else status
