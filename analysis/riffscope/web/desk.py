"""The desk: songs that arrive at the page wait here, are measured by workers, and go into the library.

It has a thread of its own, so that a page may be closed, opened again, or opened twice without a song noticing. What
waits lies in the library's folder and is taken up again when the server is started anew.
"""

import contextlib
import functools
import os
import queue
import secrets
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from riffscope.choices import MAX_MINUTES, Separator
from riffscope.errors import RiffscopeError, one_line
from riffscope.files import write_atomically
from riffscope.library.hands import Hands, Lost, Said, TryAgain
from riffscope.library.heads import UPLOADS
from riffscope.library.kept_files import Kind, keep_file, kept_file
from riffscope.library.messages import ANY_MEMORY, Ended, Found, Job, Loaded, Orders, Step
from riffscope.library.place import LocalPlace
from riffscope.library.workers import Crew
from riffscope.web.tasks import Change, LibraryChanged, Number, Part, Task, TaskChanged, TaskGone
from riffscope.web.texts import shown_name

# So long workers live on without a song: the next one begins sooner, and a page that is left open needs no memory.
IDLE_S = 60.0
# The desk looks up at least so often.
LOOK_S = 0.1
# Songs that ended are told of until so many have come after them.
MOST_ENDED = 200


class _Kept(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be known of an upload when the server is started anew.

    Attributes
    ----------
    again, song : str
        Where nothing arrived and a song of the library is measured anew: its hash, and where it lies.
    """

    name: str
    vocals_name: str = ""
    keep: bool = False
    again: str = ""
    song: str = ""


class _Upload:
    """A song on its way: its task, and where its files lie."""

    def __init__(self, task: Task, folder: Path | None, known: _Kept, expected: set[Kind]) -> None:
        self.task = task
        self.folder = folder  # None where a kept song is measured anew: nothing arrived
        self.note: Path | None = None  # where it is noted then
        self.known = known
        self.expected = expected
        self.job: Job | None = None
        self.sha256: str | None = None


class Desk:
    """Takes songs in, has them measured, and tells how far each is.

    Parameters
    ----------
    library : path
        The folder of the library.
    separator : {"auto", "spleeter", "none"}
    workers : int, optional
        How many songs are measured at the same time; as many as there are cores by default.
    memory_bytes : int
        What each worker may need.
    max_minutes : float
        Longer songs are refused.
    tell : callable
        Told what changes, in the thread that changes it.
    """

    def __init__(
        self,
        library: Path,
        *,
        separator: Separator = "auto",
        workers: int | None = None,
        memory_bytes: int = ANY_MEMORY,
        max_minutes: float = MAX_MINUTES,
        tell: Callable[[Change], None] = lambda _: None,
    ) -> None:
        self._place = LocalPlace(library)
        self._folder = library / UPLOADS
        self._tell = tell
        self._cores = os.cpu_count() or 1
        self._workers = workers or self._cores
        orders = Orders(
            store=self._place.address, separator=separator, max_minutes=max_minutes, memory_bytes=memory_bytes
        )
        self._crew = Crew(orders)
        self._hands = Hands(self._crew, workers=self._workers, memory_bytes=memory_bytes)
        self._uploads: dict[str, _Upload] = {}
        self._waiting: deque[Job] = deque()
        self._calls: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.RLock()
        self._ending = threading.Event()
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="desk", daemon=True)
        self._busy_at = time.monotonic()

    # ---------------------------------------------------------------------------------------------- start and end
    def start(self) -> None:
        """Take up what waited when the last server ended, and begin."""
        self._take_up()
        self._thread.start()

    def stop(self) -> None:
        """End the workers; songs that wait or were being measured are taken up by the next server."""
        self._ending.set()
        self._awake.set()
        if self._thread.is_alive():
            self._thread.join(3.0)
        self._crew.let_go()

    @property
    def left(self) -> int:
        """How many songs wait or are being measured."""
        with self._lock:
            return sum(one.task.state in {"waiting", "measuring"} for one in self._uploads.values())

    def _take_up(self) -> None:
        """Queue the uploads that arrived whole; delete what did not."""
        if not self._folder.is_dir():
            return
        for folder in sorted(self._folder.iterdir(), key=lambda one: one.stat().st_mtime):
            known = _read_known(folder)
            if known is not None and known.again:
                _remove(folder)
                song = Path(known.song)
                self.again(known.again, known.name, song if song.is_file() else None)
                continue
            whole = known is not None and (folder / "song").is_file()
            if known is None or not whole or (known.vocals_name and not (folder / "vocals").is_file()):
                _remove(folder)
                continue
            task = Task(id=folder.name, name=known.name)
            upload = _Upload(task, folder, known, set())
            with self._lock:
                self._uploads[task.id] = upload
                self._queue(upload)

    # ------------------------------------------------------------------------------------------------- what arrives
    def tasks(self) -> list[Task]:
        """Return the songs on their way and those that ended, in the order in which they came."""
        with self._lock:
            return [one.task for one in self._uploads.values()]

    def open(self, song: Part, vocals: Part | None = None, *, keep: bool = False, text: str | None = None) -> Task:
        """Begin a task whose files are to arrive.

        Raises
        ------
        OSError
            Nothing can be written into the library.
        """
        task_id = secrets.token_hex(8)
        folder = self._folder / task_id
        folder.mkdir(parents=True)
        name = shown_name(song.name, otherwise="song")
        vocals_name = shown_name(vocals.name, otherwise="vocals") if vocals else ""
        known = _Kept(name=name, vocals_name=vocals_name, keep=keep)
        write_atomically(folder / "task.json", msgspec.json.encode(known))
        expected: set[Kind] = {"song", "vocals"} if vocals else {"song"}
        upload = _Upload(Task(id=task_id, name=known.name, text=text, doing="arriving"), folder, known, expected)
        with self._lock:
            self._uploads[task_id] = upload
            self._forget_oldest()
            self._change(upload)
        self._call(self._warm_up)  # what measures is loaded while the song arrives
        return upload.task

    def path(self, task_id: str, part: Kind) -> Path | None:
        """Return where a file that is to arrive is written; None where none is expected."""
        with self._lock:
            upload = self._uploads.get(task_id)
            if upload is None or upload.folder is None or part not in upload.expected:
                return None
            return upload.folder / part

    def arriving(self, task_id: str, share: float) -> None:
        """Tell how much of a task's files has arrived."""
        with self._lock:
            upload = self._uploads.get(task_id)
            if upload is not None and upload.task.state == "arriving":
                self._change(upload, share=share)

    def arrived(self, task_id: str, part: Kind) -> None:
        """Take a file that has arrived; with the last one the song is queued."""
        with self._lock:
            upload = self._uploads.get(task_id)
            if upload is None or upload.task.state != "arriving":
                return
            upload.expected.discard(part)
            if not upload.expected:
                self._queue(upload)

    def lost(self, task_id: str, reason: str) -> None:
        """End a task whose files did not arrive."""
        with self._lock:
            upload = self._uploads.get(task_id)
            if upload is not None and upload.task.state == "arriving":
                self._fail(upload, reason)

    def again(self, sha256: str, name: str, song: Path | None = None) -> Task | None:
        """Measure a song of the library anew, as after a correction; None where the song itself is not here.

        Parameters
        ----------
        name : str
            What its file is called.
        song : path, optional
            Where its file is; among the kept files by default.
        """
        file = kept_file(self._place, sha256) or song
        if file is None:
            return None
        vocals = kept_file(self._place, sha256, "vocals")
        with self._lock:
            for one in self._uploads.values():
                if one.sha256 == sha256 and one.folder is None and one.task.state == "waiting":
                    return one.task  # it has not begun, and will take what holds then
            task = Task(id=secrets.token_hex(8), name=name, song=sha256)
            upload = _Upload(task, None, _Kept(name=name, again=sha256, song=str(file)), set())
            upload.sha256 = sha256
            with contextlib.suppress(OSError):  # it is measured all the same, unless the server ends before
                upload.note = self._folder / task.id
                write_atomically(upload.note / "task.json", msgspec.json.encode(upload.known))
            self._uploads[task.id] = upload
            self._queue(upload, song=file, vocals=vocals)
        return upload.task

    def drop(self, task_id: str) -> bool:
        """Cancel a song that is on its way, or dismiss one that ended; tell whether there was one."""
        with self._lock:
            upload = self._uploads.pop(task_id, None)
            if upload is None:
                return False
            if upload.job is not None:
                job = upload.job
                if job in self._waiting:
                    self._waiting.remove(job)
                self._call(functools.partial(self._give_up, job))
            self._clear(upload)
            self._tell(TaskGone(task_id))
            self._tell_places()
        return True

    def _warm_up(self) -> None:
        self._busy_at = time.monotonic()
        self._hands.warm_up()

    def _give_up(self, job: Job) -> None:
        if job in self._hands.again:
            self._hands.again.remove(job)
        self._hands.give_up(job.path)

    # ------------------------------------------------------------------------------------------------- its own thread
    def _call(self, what: Callable[[], None]) -> None:
        """Have something done in the desk's own thread: workers are its alone."""
        self._calls.put(what)
        self._awake.set()

    def _run(self) -> None:
        while not self._ending.is_set():
            try:
                with contextlib.suppress(queue.Empty):
                    while True:
                        self._calls.get_nowait()()
                self._work()
            except RiffscopeError as why:  # no worker can start
                self._fail_all(str(why))
            except OSError as why:  # this machine has no room for another process; the next song may find some
                self._fail_all(f"no worker can be started: {one_line(why.strerror or str(why))} (try again)")

    def _work(self) -> None:
        with self._lock:
            begun = list(self._hands.hand_out(self._waiting))
            for job in begun:
                self._begin(job)
        if not self._hands.busy:
            if time.monotonic() - self._busy_at > IDLE_S and self._crew.workers:
                self._crew.let_go()
            self._awake.wait(LOOK_S)
            self._awake.clear()
        else:
            self._busy_at = time.monotonic()
        heard = self._hands.hear(LOOK_S if self._hands.busy else 0.0)
        if heard is None:
            return
        with self._lock:
            upload = self._of(heard.job)
            if upload is None:
                return  # it was dropped meanwhile
            match heard:
                case Said(message=message):
                    self._take(upload, message)
                case TryAgain(reason=reason):
                    upload.task = msgspec.structs.replace(upload.task, numbers=())
                    self._change(upload, state="waiting", share=0.0, doing=f"waiting for another try: {reason}")
                case Lost(reason=reason):
                    self._fail(upload, f"{upload.known.name}: {reason}")

    def _take(self, upload: _Upload, message: Loaded | Step | Found | Ended) -> None:
        match message:
            case Loaded():
                self._change(upload, doing="measuring the sound")
            case Step(ended=ended, total=total, work=work):
                self._change(upload, share=ended / max(total, 1), doing=work)
            case Found(name=name, label=label, text=text):
                number = Number(name=name, label=label, text=text)
                self._change(upload, numbers=(*upload.task.numbers, number))
            case Ended(how="measured" | "kept"):
                self._finish(upload, message)
            case Ended(reason=reason):
                self._fail(upload, one_line(reason))

    def _begin(self, job: Job) -> None:
        upload = self._of(job)
        if upload is not None:
            self._change(upload, state="measuring", ahead=0, share=0.0, doing="reading the file")
        self._tell_places()

    def _finish(self, upload: _Upload, ended: Ended) -> None:
        if upload.folder is not None and upload.known.keep:
            with contextlib.suppress(OSError):  # what is known of the song is worth more than its file
                keep_file(self._place, ended.sha256, upload.folder / "song")
                if upload.known.vocals_name:
                    keep_file(self._place, ended.sha256, upload.folder / "vocals", "vocals")
        self._clear(upload)
        upload.sha256 = ended.sha256
        warnings = (*ended.warnings, *ended.failed)
        self._tell(LibraryChanged(ended.sha256))  # first: who hears that it is done may ask for its report at once
        self._change(
            upload,
            state="done",
            share=1.0,
            doing="",
            song=ended.sha256,
            title=ended.title or None,
            warnings=warnings,
            kept=ended.how == "kept",
        )

    def _fail(self, upload: _Upload, reason: str) -> None:
        self._clear(upload)
        self._change(upload, state="failed", doing="", ahead=0, reason=reason)

    def _fail_all(self, reason: str) -> None:
        with self._lock:
            self._waiting.clear()
            self._hands.again.clear()
            for upload in self._uploads.values():
                if upload.task.state in {"waiting", "measuring"}:
                    upload.job = None
                    # Its files stay: another start may do better.
                    self._change(upload, state="failed", doing="", ahead=0, reason=reason)

    def _clear(self, upload: _Upload) -> None:
        """Delete the files of a task that has ended."""
        upload.job = None
        for folder in (upload.folder, upload.note):
            if folder is not None:
                _remove(folder)

    # ---------------------------------------------------------------------------------------------------- small things
    def _queue(self, upload: _Upload, *, song: Path | None = None, vocals: Path | None = None) -> None:
        folder = upload.folder
        if folder is not None:
            song = folder / "song"
            vocals = folder / "vocals" if upload.known.vocals_name else None
        alone = not any(one.task.state in {"waiting", "measuring"} for one in self._uploads.values())
        upload.job = Job(
            path=str(song),
            name=upload.known.name,
            vocals=str(vocals or ""),
            vocals_name=upload.known.vocals_name or (vocals.name if vocals else ""),
            copied=True,
            told=True,
            threads=self._cores if alone else 1,
        )
        self._waiting.append(upload.job)
        self._change(upload, state="waiting", share=0.0, doing="waiting")
        self._tell_places()
        self._awake.set()

    def _of(self, job: Job) -> _Upload | None:
        return next((one for one in self._uploads.values() if one.job is not None and one.job == job), None)

    def _change(self, upload: _Upload, **changes: object) -> None:
        if changes:
            upload.task = msgspec.structs.replace(upload.task, **changes)
        self._tell(TaskChanged(upload.task))

    def _tell_places(self) -> None:
        """Tell the songs that wait how many are before them."""
        for ahead, job in enumerate(self._waiting):
            upload = self._of(job)
            if upload is not None and upload.task.ahead != ahead:
                self._change(upload, ahead=ahead)

    def _forget_oldest(self) -> None:
        ended = [one.task.id for one in self._uploads.values() if one.task.state in {"done", "failed"}]
        for task_id in ended[: max(0, len(ended) - MOST_ENDED)]:
            del self._uploads[task_id]
            self._tell(TaskGone(task_id))


def _read_known(folder: Path) -> _Kept | None:
    try:
        return msgspec.json.decode((folder / "task.json").read_bytes(), type=_Kept)
    except (msgspec.DecodeError, UnicodeDecodeError, OSError):
        return None


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
