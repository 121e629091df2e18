"""Songs that arrive at the page: each is measured by a worker, told of as it goes, and kept as its user wants."""

import errno
import os
import queue
import shutil
import signal
import time

import pytest
import soundfile

from riffscope.library.corrections import Corrections, NamedSection, correct
from riffscope.library.kept_files import keep_file, kept_file
from riffscope.library.place import LocalPlace
from riffscope.library.store import Store
from riffscope.model import Settings
from riffscope.web import desk as desk_module
from riffscope.web.desk import UPLOADS, Desk
from riffscope.web.tasks import LibraryChanged, Part, TaskChanged, TaskGone
from signals import metronome, sine
from songs import HOSTILE_TITLES

pytestmark = pytest.mark.processes

LONGEST_S = 60.0


class Page:
    """A desk, and all that it told."""

    def __init__(self, library, **options):
        self.library, self.told = library, queue.SimpleQueue()
        self.changes = []
        self.desk = Desk(library, separator="none", workers=1, tell=self.told.put, **options)

    def send(self, file, name="song.wav", *, keep=False, vocals=None):
        task = self.desk.open(Part(name, 1), None if vocals is None else Part("stem.wav", 1), keep=keep)
        if vocals is not None:
            shutil.copy(vocals, self.desk.path(task.id, "vocals"))
            self.desk.arrived(task.id, "vocals")
        shutil.copy(file, self.desk.path(task.id, "song"))
        self.desk.arrived(task.id, "song")
        return task.id

    def wait(self, wanted):
        """Listen until a change is the wanted one, and return it."""
        until = time.monotonic() + LONGEST_S
        while True:
            change = self.told.get(timeout=max(until - time.monotonic(), 0.1))
            self.changes.append(change)
            if wanted(change):
                return change

    def task(self, task_id, *states):
        """Listen until a task has one of these states, and return it."""
        change = self.wait(
            lambda one: isinstance(one, TaskChanged) and one.task.id == task_id and one.task.state in states
        )
        return change.task

    def ended(self, task_id):
        return self.task(task_id, "done", "failed")

    def uploads(self):
        folder = self.library / UPLOADS
        return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture(scope="module")
def tones(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tones")
    for number in range(6):
        soundfile.write(folder / f"{number}.wav", sine(220 * 2 ** (number / 12), 3.2, 22050), 22050)
    soundfile.write(folder / "clicks.wav", metronome(100.0, 12.0, 22050)[0], 22050)
    return folder


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """A page whose worker lives on from test to test."""
    page = Page(tmp_path_factory.mktemp("library"))
    page.desk.start()
    yield page
    page.desk.stop()


def test_a_song_is_measured_copied_told_of_and_deleted(page, tones):
    task_id = page.send(tones / "0.wav", "../../My\nsong.wav")
    done = page.ended(task_id)
    states = [c.task.state for c in page.changes if isinstance(c, TaskChanged) and c.task.id == task_id]
    assert list(dict.fromkeys(states)) == ["arriving", "waiting", "measuring", "done"]
    shares = [c.task.share for c in page.changes if isinstance(c, TaskChanged) and c.task.state == "measuring"]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {"loudness", "balance"} <= {number.name for number in done.numbers}
    assert all(number.label and number.text for number in done.numbers)
    assert page.changes[-2:] == [LibraryChanged(done.song), TaskChanged(done)]  # what is done can be read at once
    store = Store(page.library)
    assert store.read(done.song).source.name == r"My\nsong.wav"
    assert store.copy(done.song).duration_s == pytest.approx(3.2, abs=0.01)
    assert not page.uploads()
    assert store.file_of(done.song) is None


def test_what_is_no_song_is_refused_in_one_line_under_its_own_name(page, tmp_path):
    text = tmp_path / "text"
    text.write_text("words\n" * 500)
    refused = page.ended(page.send(text, HOSTILE_TITLES["script"]))
    assert refused.state == "failed"
    assert refused.reason.startswith("script>: is not an audio file")
    assert UPLOADS not in refused.reason
    assert "\n" not in refused.reason
    assert not page.uploads()


def test_a_song_that_is_here_already_is_not_measured_again(page, tones):
    first = page.ended(page.send(tones / "1.wav", "first.wav"))
    again = page.ended(page.send(tones / "1.wav", "second.wav"))
    assert (first.kept, again.kept) == (False, True)
    assert again.song == first.song
    assert not page.uploads()


def test_a_kept_song_follows_what_is_corrected(page, tones):
    done = page.ended(page.send(tones / "clicks.wav", "clicks.wav", keep=True))
    store, place = Store(page.library), LocalPlace(page.library)
    assert store.file_of(done.song) == kept_file(place, done.song)
    heard = store.read(done.song).measure("tempo.bpm").value
    assert heard == pytest.approx(100, rel=0.01)
    sections = tuple(NamedSection(start_s=s, end_s=s + 6, name=name) for s, name in ((0, "verse"), (6, "bridge")))
    correct(place, done.song, Corrections(tempo_bpm=50.0, sections=sections))
    assert not store.still_holds(done.song, Settings(separator="none"))
    again = page.ended(page.desk.again(done.song, "clicks.wav").id)
    assert again.song == done.song
    corrected = store.read(done.song)
    assert corrected.source.name == "clicks.wav"
    assert corrected.measure("tempo.bpm").value == pytest.approx(50, rel=0.01)
    assert [one.function for one in corrected.measure("structure.sections")] == ["verse", "bridge"]
    # A batch over the same library leaves it as it is.
    assert store.still_holds(done.song, Settings(separator="none"))
    correct(place, done.song, None)
    page.ended(page.desk.again(done.song, "clicks.wav").id)
    assert store.read(done.song).measure("tempo.bpm").value == heard


def test_a_song_that_is_not_here_is_not_measured_again(page):
    assert page.desk.again("0" * 64, "gone.wav") is None


def test_a_vocal_stem_goes_with_its_song(page, tones):
    done = page.ended(page.send(tones / "2.wav", "song.wav", vocals=tones / "2.wav", keep=True))
    song = Store(page.library).read(done.song)
    assert song.settings["vocals"] == "stem.wav"
    assert kept_file(LocalPlace(page.library), done.song, "vocals") is not None
    assert not page.uploads()


def test_a_lost_worker_costs_no_song(page, tones):
    task_id = page.send(tones / "3.wav")
    page.task(task_id, "measuring")
    for worker in list(page.desk._crew.workers):
        os.kill(worker.pid, signal.SIGKILL)
    assert "another try" in page.task(task_id, "waiting").doing
    assert page.ended(task_id).state == "done"


def test_songs_wait_in_line_and_are_cancelled(page, tones):
    ids = [page.send(tones / f"{number}.wav", f"{number}.wav") for number in (4, 5, 4)]
    page.wait(lambda change: isinstance(change, TaskChanged) and change.task.id == ids[2] and change.task.ahead == 1)
    page.task(ids[0], "measuring")
    assert page.desk.drop(ids[0])
    page.wait(lambda change: change == TaskGone(ids[0]))
    assert page.desk.drop(ids[2])
    assert page.ended(ids[1]).state == "done"
    assert not page.uploads()
    assert not page.desk.drop(ids[0])
    assert {task.id for task in page.desk.tasks()}.isdisjoint({ids[0], ids[2]})


def test_an_upload_that_breaks_off_leaves_nothing(page):
    task = page.desk.open(Part("song.wav", 1000))
    page.desk.path(task.id, "song").write_bytes(b"RIFF")
    page.desk.arriving(task.id, 0.5)
    assert page.task(task.id, "arriving").share in {0.0, 0.5}
    page.desk.lost(task.id, "it did not arrive whole (drop it again)")
    assert page.ended(task.id).reason == "it did not arrive whole (drop it again)"
    assert page.desk.path(task.id, "song") is None or not page.desk.path(task.id, "song").exists()
    assert not page.uploads()


def test_what_waited_is_taken_up_by_the_next_server(tmp_path, tones):
    before = Page(tmp_path)
    task_id = before.send(tones / "0.wav", "waited.wav", keep=True)
    half = before.desk.open(Part("half.wav", 1000))
    before.desk.path(half.id, "song").with_suffix(".part").write_bytes(b"RIFF")
    assert before.desk.left == 1
    before.desk.stop()
    after = Page(tmp_path)
    after.desk.start()
    try:
        done = after.ended(task_id)
        assert (done.state, done.name) == ("done", "waited.wav")
        assert Store(tmp_path).file_of(done.song) is not None
        assert not after.uploads()
    finally:
        after.desk.stop()


def test_a_machine_without_room_for_a_worker_fails_the_song_and_not_the_desk(tmp_path, tones, monkeypatch):
    page = Page(tmp_path)
    another = page.desk._crew.another

    def none():
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    monkeypatch.setattr(page.desk._crew, "another", none)
    page.desk.start()
    try:
        failed = page.ended(page.send(tones / "0.wav"))
        assert failed.state == "failed"
        assert os.strerror(errno.ENOMEM) in failed.reason
        monkeypatch.setattr(page.desk._crew, "another", another)
        assert page.ended(page.send(tones / "1.wav")).state == "done"
    finally:
        page.desk.stop()


def test_idle_workers_are_let_go(tmp_path, tones, monkeypatch):
    monkeypatch.setattr(desk_module, "IDLE_S", 0.3)
    page = Page(tmp_path)
    page.desk.start()
    try:
        page.ended(page.send(tones / "0.wav"))
        until = time.monotonic() + 10
        while page.desk._crew.workers and time.monotonic() < until:
            time.sleep(0.05)
        assert not page.desk._crew.workers
        assert page.ended(page.send(tones / "1.wav")).state == "done"
    finally:
        page.desk.stop()


def test_a_song_that_was_to_be_measured_anew_is_so_by_the_next_server(tmp_path, tones, monkeypatch):
    monkeypatch.setattr(Desk, "_run", lambda self: None)  # nothing is begun
    place, sha256, library = LocalPlace(tmp_path), "ab" * 32, tmp_path / "elsewhere.wav"
    shutil.copy(tones / "1.wav", tmp_path / "song.wav")
    keep_file(place, sha256, tmp_path / "song.wav")
    shutil.copy(tones / "1.wav", library)
    first = Desk(tmp_path)
    first.again(sha256, "kept.wav")
    first.again("cd" * 32, "elsewhere.wav", library)
    first.stop()
    second = Desk(tmp_path)
    second.start()
    assert {(one.name, one.song, one.state) for one in second.tasks()} == {
        ("kept.wav", sha256, "waiting"),
        ("elsewhere.wav", "cd" * 32, "waiting"),
    }
    library.unlink()
    second.stop()
    third = Desk(tmp_path)
    third.start()
    (task,) = third.tasks()
    assert task.song == sha256
    assert third.drop(task.id)
    third.stop()
    assert list((tmp_path / UPLOADS).iterdir()) == []
