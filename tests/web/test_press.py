"""The press makes one thing at a time, keeps what it made while it holds, and outlives whatever its process dies of."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import msgspec
import psutil
import pytest

from riffscope.errors import BadClaim
from riffscope.library.corrections import Corrections, correct
from riffscope.library.store import Store
from riffscope.web import documents, press
from riffscope.web.errands import Errand, Made, Order, Refused
from riffscope.web.press import Press
from riffscope.web.press_worker import answer_to
from songs import example_song

pytestmark = pytest.mark.processes

SONG = replace(example_song(duration_s=24.0), verdicts=())
SHA256 = SONG.source.sha256
# Stands in for what makes documents where only the process matters: it does what the form of an errand says.
ACTOR = """
import json, os, pathlib, sys, time
for line in sys.stdin:
    errand, folder = json.loads(line)["errand"], pathlib.Path(json.loads(line)["folder"])
    match errand["form"].split():
        case ["dies"]: print("a library complains", file=sys.stderr); sys.exit(3)
        case ["hangs"]: time.sleep(600)
        case ["babbles"]: print("what?", flush=True)
        case ["chatters"]: sys.stderr.write("x" * 1_000_000)
    folder.mkdir()
    (folder / "made").write_bytes(bytes(1000))
    print(json.dumps(dict(type="made", path=str(folder / "made"), name=str(os.getpid()), media_type="a/b")), flush=True)
"""


@pytest.fixture
def library(tmp_path):
    store = Store(tmp_path / "library")
    store.keep(SONG)
    return store


def errand(store, form, **more):
    return Errand(library=store.place.address, songs=(SHA256,), form=form, **more)


@pytest.fixture
def acted(monkeypatch):
    monkeypatch.setattr(press, "COMMAND", (sys.executable, "-c", ACTOR))


async def until(condition, within_s=30.0):
    async with asyncio.timeout(within_s):
        while not condition():
            await asyncio.sleep(0.01)


def in_loop(tmp_path, work, **options):
    """Do something with a press, and close it; nothing of it is left then."""

    async def run():
        made = Press(tmp_path / "made", **options)
        pids = set()
        try:
            return await work(made, pids)
        finally:
            pids.add(made.pid)
            await made.close()
            assert list((tmp_path / "made").glob("*")) == []
            assert not any(psutil.pid_exists(pid) for pid in pids - {None})

    return asyncio.run(run())


def test_the_server_s_side_needs_none_of_what_makes_documents():
    heavy = ("scipy", "matplotlib", "librosa", "onnxruntime", "polars", "riffscope.library.store")
    say = f"import sys, riffscope.web.press; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", say], text=True).strip() == "[]"


# -------------------------------------------------------------------------------------------------- the real process
def test_a_document_is_made_once_until_what_it_is_made_from_changes(library, tmp_path):
    async def work(made, pids):
        made.warm()
        await until(lambda: made.pid)
        pids.add(made.pid)
        asked = [made.make(errand(library, form)) for form in ("csv", "json", "csv")]
        first, saved, again = await asyncio.gather(*asked)
        assert (first.name, saved.name) == ("closet-csv.zip", "closet.json")
        assert again == first
        assert Path(saved.path).read_bytes().startswith(b"{")
        assert await made.make(errand(library, "csv")) == first
        os.kill(made.pid, signal.SIGINT)  # Ctrl-C is for the server to answer
        correct(library.place, SHA256, Corrections(tempo_bpm=61.5))
        corrected = await made.make(errand(library, "csv"))
        assert corrected.path != first.path
        library.keep(replace(SONG, source=replace(SONG.source, name="renamed.ogg")))
        renamed = await made.make(errand(library, "csv"))
        assert renamed.name == "renamed-csv.zip"
        assert zipfile.is_zipfile(renamed.path)
        # What is said of a song is never old: its file may come and go anywhere.
        about = [await made.make(errand(library, "about")) for _ in range(2)]
        assert about[0].path != about[1].path
        assert json.loads(Path(about[0].path).read_bytes())["corrections"]["tempo_bpm"] == 61.5
        assert made.pid in pids

    in_loop(tmp_path, work)


def test_a_killed_press_costs_what_it_was_making_alone(library, tmp_path):
    async def work(made, pids):
        making = asyncio.create_task(made.make(errand(library, "pdf")))
        await until(lambda: list((tmp_path / "made").glob("press-*/1")))
        pids.add(made.pid)
        os.kill(made.pid, signal.SIGKILL)
        refused = await making
        assert isinstance(refused, Refused)
        assert "SIGKILL" in refused.reason
        assert list((tmp_path / "made").glob("press-*/*")) == []
        missing = Errand(library=library.place.address, songs=(f"{5:064x}",), form="json")
        assert "not in the library" in (await made.make(missing)).reason
        assert "SHA-256" in (await made.make(Errand(library="x", songs=("../x",), form="json"))).reason
        assert (await made.make(errand(library, "json"))).name == "closet.json"

    in_loop(tmp_path, work)


def test_the_process_ends_at_once_when_its_server_dies(library, tmp_path):
    with subprocess.Popen(press.COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        order = Order(errand(library, "pdf"), str(tmp_path / "1"))
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.close()
        assert process.wait(10) == 0
        assert process.stdout.read() == b""


# ------------------------------------------------------------------------------------------------- what the worker says
def test_a_bug_is_told_in_a_line_and_costs_its_errand_alone(library, tmp_path, monkeypatch):
    def broken(errand, folder):
        raise LookupError("bars\nand beats")

    monkeypatch.setattr(documents, "make", broken)
    answer = answer_to(Order(errand(library, "pdf"), str(tmp_path / "1")))
    assert answer == Refused("riffscope itself failed: LookupError: bars\\nand beats")


@pytest.mark.parametrize(("count", "said"), [(2, "a 0; a 1"), (5, "a 0; a 1; a 2; and 2 more")])
def test_many_mistakes_are_one_line(library, tmp_path, monkeypatch, count, said):
    def mistaken(errand, folder):
        raise BadClaim(*(f"a {number}" for number in range(count)))

    monkeypatch.setattr(documents, "make", mistaken)
    assert answer_to(Order(errand(library, "pdf"), str(tmp_path / "1"))) == Refused(said)


def test_a_full_disk_is_told_in_a_line(library, tmp_path, monkeypatch):
    def full(errand, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(documents, "make", full)
    answer = answer_to(Order(errand(library, "pdf"), str(tmp_path / "1")))
    assert "No space left on device" in answer.reason


# ------------------------------------------------------------------------------------------------------------- its life
@pytest.mark.usefixtures("acted")
def test_errands_are_done_in_the_order_in_which_they_are_asked_for(library, tmp_path):
    async def work(made, pids):
        done = []

        async def ask(form):
            answer = await made.make(errand(library, form))
            done.append((form, Path(answer.path).parent.name))
            pids.add(int(answer.name))

        await asyncio.gather(*(ask(form) for form in "dacb"))
        assert done == [("d", "1"), ("a", "2"), ("c", "3"), ("b", "4")]
        assert len(pids) == 1

    in_loop(tmp_path, work)


@pytest.mark.usefixtures("acted")
def test_one_who_stops_waiting_stops_nothing(library, tmp_path):
    async def work(made, pids):
        impatient = asyncio.create_task(made.make(errand(library, "a")))
        await asyncio.sleep(0)
        impatient.cancel()
        with pytest.raises(asyncio.CancelledError):
            await impatient
        assert Path((await made.make(errand(library, "a"))).path).parent.name == "1"

    in_loop(tmp_path, work)


@pytest.mark.usefixtures("acted")
def test_a_process_that_nobody_needs_is_let_go_and_started_anew(library, tmp_path):
    async def work(made, pids):
        first = await made.make(errand(library, "a"))
        assert made.pid == int(first.name)
        await until(lambda: made.pid is None)
        await until(lambda: not psutil.pid_exists(int(first.name)))
        # What it made stays.
        assert await made.make(errand(library, "a")) == first
        assert made.pid is None
        second = await made.make(errand(library, "b"))
        assert second.name != first.name

    in_loop(tmp_path, work, idle_s=0.2)


@pytest.mark.usefixtures("acted")
def test_one_that_dies_hangs_or_babbles_is_told_of_and_the_next_errand_is_done(library, tmp_path):
    async def work(made, pids):
        died = await made.make(errand(library, "dies"))
        assert "status 3" in died.reason
        assert "a library complains" in died.reason
        hung = await made.make(errand(library, "hangs"))
        assert "more than" in hung.reason
        babbled = await made.make(errand(library, "babbles"))
        assert isinstance(babbled, Refused)
        assert isinstance(await made.make(errand(library, "chatters")), Made)

    in_loop(tmp_path, work, longest_s=3.0)


@pytest.mark.usefixtures("acted")
def test_the_oldest_of_what_was_made_goes_when_there_is_too_much(library, tmp_path):
    async def work(made, pids):
        first, second = [await made.make(errand(library, form)) for form in "ab"]
        assert await made.make(errand(library, "a")) == first  # asked for again: now b is the oldest
        await made.make(errand(library, "c"))
        assert [Path(one.path).exists() for one in (first, second)] == [True, False]
        assert (await made.make(errand(library, "b"))).path != second.path

    in_loop(tmp_path, work, most_kept_bytes=2000)


@pytest.mark.usefixtures("acted")
def test_who_waits_when_riffscope_ends_is_told(library, tmp_path):
    async def work(made, pids):
        waiting = asyncio.create_task(made.make(errand(library, "hangs")))
        queued = asyncio.create_task(made.make(errand(library, "a")))
        await until(lambda: made.pid)
        await made.close()
        for answer in (await waiting, await queued, await made.make(errand(library, "b"))):
            assert "ending" in answer.reason

    in_loop(tmp_path, work)


def test_a_process_that_cannot_be_started_is_told_of(library, tmp_path, monkeypatch):
    monkeypatch.setattr(press, "COMMAND", (str(tmp_path / "no-python"),))

    async def work(made, pids):
        made.warm()
        assert "cannot be started" in (await made.make(errand(library, "a"))).reason

    in_loop(tmp_path, work)
