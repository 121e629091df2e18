"""Batches on a Dask cluster: a scheduler and workers in their own processes, which are killed where a test says so."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from riffscope.errors import RiffscopeError
from riffscope.library.batch import Batch
from riffscope.library.index import FAILURES, SONGS, VERDICTS, make_index, read_table
from riffscope.library.messages import Orders
from riffscope.library.seen import read_seen
from riffscope.library.store import Store
from songs_heard import SAMPLES

pytest.importorskip("distributed", reason="Dask is not installed (pip install 'riffscope[cluster]')")

from riffscope.library.cluster import ClusterBatch, _crew

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform == "win32", reason="its processes are killed by POSIX signals"),
]

# In a riffscope worker, reading a song that is called poison ends the process, and one that is called plague ends the
# Dask worker above it, as a machine that is lost does.
KILLERS = """
    import importlib, os, signal, sys, time

    if "riffscope.library.worker" in " ".join(sys.orig_argv):
        loading = importlib.import_module("riffscope.load")
        real = loading.load

        def load(path, **options):
            if os.path.basename(path).startswith("poison"):
                os.kill(os.getpid(), signal.SIGSEGV)
            if os.path.basename(path).startswith("plague"):
                os.kill(os.getppid(), signal.SIGKILL)
                time.sleep(60)  # it ends with whoever started it
            return real(path, **options)

        loading.load = load
"""


class Cluster:
    """A scheduler and workers on this machine, in their own processes, all of which end with the context."""

    def __init__(self, folder, *, python_path="", **scheduler):
        self.folder = folder
        self.port = free_port()
        self.address = f"tcp://127.0.0.1:{self.port}"
        paths = [str(python_path), os.environ.get("PYTHONPATH", "")]
        self.environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "OMP_NUM_THREADS": "1"}
        self.environment |= {f"DASK_DISTRIBUTED__SCHEDULER__{name.upper()}": value for name, value in scheduler.items()}
        self.scheduler = None
        self.workers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in [*self.workers, self.scheduler]:
            if process is not None:
                self.kill(process)

    def start(self, workers=1):
        self.scheduler = self._start("dask_scheduler", "--port", str(self.port))
        assert until(self._answers, at_most_s=60)
        for _ in range(workers):
            self.add_worker()
        return self

    def _answers(self):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True
        return False

    def add_worker(self):
        options = ["--nworkers", "1", "--nthreads", "1", "--local-directory", str(self.folder)]
        self.workers.append(self._start("dask_worker", self.address, *options))
        return self.workers[-1]

    def _start(self, command, *options):
        return subprocess.Popen(
            [sys.executable, "-m", f"distributed.cli.{command}", "--host", "127.0.0.1", "--no-dashboard", *options],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def kill(self, process):
        """End a process and all that it started."""
        below = children_of(process.pid)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for one in below:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def children_of(pid):
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def riffscope_workers(process):
    """The processes below one that measure songs."""
    return [one for one in children_of(process.pid) if "riffscope.library.worker" in one.cmdline()]


def until(condition, *, at_most_s):
    end = time.monotonic() + at_most_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cluster")


@pytest.fixture(scope="module")
def killers(folder):
    path = folder / "killers"
    path.mkdir()
    (path / "sitecustomize.py").write_text(textwrap.dedent(KILLERS))
    return path


@pytest.fixture(scope="module")
def cluster(folder, killers):
    with Cluster(folder, python_path=killers) as one:
        yield one.start()


@pytest.fixture
def songs(tmp_path):
    """Some songs of three seconds, and one file that is none."""
    return write_songs(tmp_path / "songs", 5)


def write_songs(folder, number, *, seconds=3):
    samples, rate = soundfile.read(SAMPLES / "closet.ogg", dtype="float32")
    folder.mkdir()
    starts = np.random.default_rng(number).integers(0, len(samples) - seconds * rate, number)
    for place, start in enumerate(starts):
        soundfile.write(folder / f"song{place:02}.flac", samples[start : start + seconds * rate], rate)
    return folder


def in_order(folder):
    return sorted(folder.iterdir())


def orders(store):
    return Orders(store=str(store), separator="none")


def measure(cluster, songs, store, **options):
    return ClusterBatch(orders(store), cluster.address, **options).run(in_order(songs))


def names(store):
    """The names of the songs that a library has analyses of."""
    found = Store(store)
    return sorted(found.head(sha256).source.name for sha256 in found.hashes())


def test_a_cluster_makes_the_same_library_as_this_machine(cluster, songs, tmp_path):
    (songs / "noise.mp3").write_bytes(b"\x00\x01 this is no music " * 50)
    count = measure(cluster, songs, tmp_path / "there")
    assert (count.measured, count.kept, len(count.failures)) == (5, 0, 1)
    Batch(orders(tmp_path / "here"), workers=1).run(in_order(songs))
    there, here = Store(tmp_path / "there"), Store(tmp_path / "here")
    assert list(there.hashes()) == list(here.hashes())
    assert read_seen(there.place).height == 6
    made = make_index(there)
    assert (made.songs, made.failures, made) == (5, 1, make_index(here))
    for name in (SONGS, VERDICTS, FAILURES):
        assert read_table(there, name).equals(read_table(here, name)), name


def test_what_is_there_is_passed_over_and_what_failed_only_tried_when_asked(cluster, songs, tmp_path):
    (songs / "noise.mp3").write_bytes(b"\x00\x01 this is no music " * 50)
    measure(cluster, songs, tmp_path / "library")
    count = measure(cluster, songs, tmp_path / "library")
    assert (count.measured, count.kept, count.failed_before, count.failures) == (0, 5, 1, [])
    count = measure(cluster, songs, tmp_path / "library", retry=True)
    assert (count.measured, count.kept, count.failed_before, len(count.failures)) == (0, 5, 0, 1)


def test_a_dask_worker_has_one_process_for_its_thread_whatever_the_library(cluster, songs, tmp_path):
    for name in ("one", "other"):
        measure(cluster, songs, tmp_path / name)
    assert len(riffscope_workers(cluster.workers[0])) == 1


def test_what_has_nothing_to_measure_ends_after_a_while(monkeypatch, tmp_path):
    monkeypatch.setattr("riffscope.library.cluster.IDLE_S", 0.2)
    with _crew(orders(tmp_path)) as crew:
        worker = crew.another()
        crew.workers[worker] = 0.0
    with _crew(orders(tmp_path)) as same:
        assert same is crew
        time.sleep(0.4)
        assert psutil.pid_exists(worker.pid)
    assert until(lambda: not psutil.pid_exists(worker.pid), at_most_s=10)


def test_a_batch_waits_for_workers_and_says_so_once(folder, songs, tmp_path, monkeypatch):
    monkeypatch.setattr("riffscope.library.cluster.NO_WORKERS_S", 0.1)
    monkeypatch.setattr("riffscope.library.cluster.LOOK_S", 0.1)
    waited = []
    with Cluster(folder) as cluster:
        cluster.start(workers=0)

        def tell(told):
            if told.what == "waiting":
                waited.append(told.reason)
                cluster.add_worker()

        count = measure(cluster, songs, tmp_path / "library", tell=tell)
    assert count.measured == 5
    assert [cluster.address in reason for reason in waited] == [True]


def test_a_song_that_ends_its_process_loses_itself_alone(cluster, songs, tmp_path):
    (songs / "song03.flac").rename(songs / "poison.flac")
    told = []
    count = measure(cluster, songs, tmp_path / "library", tell=told.append)
    assert names(tmp_path / "library") == [path.name for path in in_order(songs) if path.name != "poison.flac"]
    (failure,) = count.failures
    assert (failure.kind, failure.tries, Path(failure.path).name) == ("crashed", 2, "poison.flac")
    assert "SIGSEGV" in failure.reason
    assert list(Store(tmp_path / "library").failures()) == [failure]
    assert [one.what for one in told if "poison" in one.path] == ["again", "failed"]


def test_a_name_that_is_no_text_loses_that_file_alone(cluster, songs, tmp_path):
    try:
        (songs / "song03.flac").rename(songs / os.fsdecode(b"caf\xe9.flac"))
    except OSError:
        pytest.skip("this file system has names in Unicode alone")
    for place, batch in (
        ("there", ClusterBatch(orders(tmp_path / "there"), cluster.address)),
        ("here", Batch(orders(tmp_path / "here"), workers=1)),
    ):
        count = batch.run(in_order(songs))
        assert (count.measured, [failure.kind for failure in count.failures]) == (4, ["refused"])
        assert list(Store(tmp_path / place).failures()) == count.failures


def test_a_song_that_ends_dask_workers_loses_itself_alone(folder, killers, songs, tmp_path):
    (songs / "song03.flac").rename(songs / "plague.flac")
    with Cluster(folder, python_path=killers, allowed_failures="0") as cluster:
        cluster.start()
        count = measure(cluster, songs, tmp_path / "library")
    assert names(tmp_path / "library") == [path.name for path in in_order(songs) if path.name != "plague.flac"]
    (failure,) = count.failures
    assert (failure.kind, Path(failure.path).name) == ("crashed", "plague.flac")
    assert list(Store(tmp_path / "library").failures()) == [failure]


def test_a_dask_worker_that_is_lost_loses_no_song(folder, tmp_path):
    songs = write_songs(tmp_path / "songs", 6)
    with Cluster(folder) as cluster:
        cluster.start(workers=2)
        killed = []

        def kill_one(told):
            if told.what == "measured" and not killed:
                cluster_worker = next(one for one in cluster.workers if riffscope_workers(one))
                killed.append(riffscope_workers(cluster_worker))
                os.killpg(cluster_worker.pid, signal.SIGKILL)  # not what measures: that has a session of its own

        count = measure(cluster, songs, tmp_path / "library", tell=kill_one)
        assert killed[0]
        assert until(lambda: not any(one.is_running() for one in killed[0]), at_most_s=5)
    assert count.failures == []
    assert count.measured + count.kept == 6
    assert names(tmp_path / "library") == [path.name for path in in_order(songs)]


def test_a_scheduler_that_is_started_again_loses_no_song(folder, tmp_path):
    songs = write_songs(tmp_path / "songs", 6)
    told = []
    with Cluster(folder) as cluster:
        cluster.start()

        def start_again():
            for process in (cluster.scheduler, cluster.workers[0]):
                cluster.kill(process)
            time.sleep(1)
            cluster.start()

        again = threading.Thread(target=start_again)

        def tell(one):
            told.append(one)
            if one.what == "measured" and not again.ident:
                again.start()

        count = measure(cluster, songs, tmp_path / "library", tell=tell)
        again.join()
    assert count.failures == []
    assert count.measured + count.kept == 6
    assert names(tmp_path / "library") == [path.name for path in in_order(songs)]
    assert [cluster.address in one.reason for one in told if one.what == "waiting"] == [True, True]


def test_ctrl_c_takes_back_what_is_queued_and_keeps_what_is_done(cluster, tmp_path):
    songs = write_songs(tmp_path / "songs", 16)
    command = [sys.executable, "-m", "riffscope", "batch", str(songs), "--store", str(tmp_path / "library")]
    batch = subprocess.Popen(
        [*command, "--dask", cluster.address, "--separator", "none"],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    try:
        while "song02" not in (line := batch.stderr.readline()):
            assert line, "it ended too soon"
        begin = time.monotonic()
        batch.send_signal(signal.SIGINT)
        said = batch.communicate(timeout=20)[1]
        took_s = time.monotonic() - begin
    finally:
        batch.kill()
    assert batch.returncode == 130
    assert took_s < 4  # a second or so, where nothing else keeps the machine busy
    assert "interrupted" in said
    time.sleep(1)
    kept = names(tmp_path / "library")
    assert 3 <= len(kept) < 16
    time.sleep(2)
    assert names(tmp_path / "library") == kept
    count = measure(cluster, songs, tmp_path / "library")
    assert (count.measured, count.kept) == (16 - len(kept), len(kept))


def test_the_client_needs_no_more_memory_for_many_songs(cluster, tmp_path):
    song = write_songs(tmp_path / "songs", 1) / "song00.flac"
    measure(cluster, song.parent, tmp_path / "library")
    program = textwrap.dedent("""
        import resource, sys
        from pathlib import Path
        from riffscope.library.cluster import ClusterBatch
        from riffscope.library.messages import Orders

        address, store, song, number = sys.argv[1:]

        def songs():
            for place in range(int(number)):
                path = Path(store).parent / f"again-{place}.flac"
                path.symlink_to(song)
                yield path

        count = ClusterBatch(Orders(store=store, separator="none"), address).run(songs())
        print(count.kept, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
    """)

    def peak_mb(number):
        arguments = [cluster.address, tmp_path / "library", song, str(number)]
        done = subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=True)
        kept, peak = done.stdout.split()
        assert kept == str(number)
        for link in tmp_path.glob("again-*.flac"):
            link.unlink()
        return int(peak) / (1024 if sys.platform == "linux" else 2**20)

    assert peak_mb(800) - peak_mb(10) < 8


class TestWhatIsRefused:
    def refusal(self, address, songs, store, **options):
        with pytest.raises(RiffscopeError) as why:
            ClusterBatch(orders(store), address, **options).run(songs)
        assert "\n" not in str(why.value)
        assert not list(Store(store).failures())
        return str(why.value)

    def test_no_scheduler(self, songs, tmp_path):
        address = f"tcp://127.0.0.1:{free_port()}"
        assert address in self.refusal(address, in_order(songs), tmp_path / "library")
        assert not (tmp_path / "library").exists()

    @pytest.mark.parametrize("address", ["nonsense", "pigeon://coop:1", "tcp://"])
    def test_no_address(self, address, songs, tmp_path):
        assert address in self.refusal(address, in_order(songs), tmp_path / "library")

    def test_something_else_that_listens(self, songs, tmp_path, monkeypatch):
        monkeypatch.setattr("riffscope.library.cluster.CONNECT_S", 0.5)
        with socket.create_server(("127.0.0.1", 0)) as silent:
            address = f"tcp://127.0.0.1:{silent.getsockname()[1]}"
            assert address in self.refusal(address, in_order(songs), tmp_path / "library")

    def test_no_dask(self, monkeypatch, songs, tmp_path):
        monkeypatch.setitem(sys.modules, "distributed", None)
        assert "riffscope[cluster]" in self.refusal("tcp://127.0.0.1:8786", in_order(songs), tmp_path / "library")

    def test_another_riffscope_on_the_workers(self, folder, songs, tmp_path):
        there = tmp_path / "other" / "riffscope-77.8.dist-info"
        there.mkdir(parents=True)
        (there / "METADATA").write_text("Metadata-Version: 2.1\nName: riffscope\nVersion: 77.8\n")
        from riffscope.song import made_by

        with Cluster(folder, python_path=there.parent) as cluster:
            cluster.start()
            said = self.refusal(cluster.address, in_order(songs), tmp_path / "library")
        assert "77.8" in said
        assert made_by()["riffscope"] in said

    def test_workers_on_which_riffscope_does_not_start(self, folder, songs, tmp_path):
        broken = tmp_path / "broken"
        broken.mkdir()
        (broken / "sitecustomize.py").write_text(
            "import os, sys\nif 'riffscope.library.worker' in ' '.join(sys.orig_argv):\n    os._exit(3)\n"
        )
        with Cluster(folder, python_path=broken) as cluster:
            cluster.start()
            said = self.refusal(cluster.address, in_order(songs), tmp_path / "library")
        assert "status 3" in said

    @pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
    def test_songs_that_only_the_client_sees(self, cluster, songs, tmp_path, monkeypatch):
        monkeypatch.chdir(songs)
        own = [Path("/proc/self/cwd") / path.name for path in in_order(songs)]
        assert own[0].exists()
        assert str(own[0]) in self.refusal(cluster.address, own, tmp_path / "library")

    def test_a_library_that_only_the_client_sees(self, cluster, songs):
        pytest.importorskip("fsspec")
        assert "memory://mine" in self.refusal(cluster.address, in_order(songs), "memory://mine")
