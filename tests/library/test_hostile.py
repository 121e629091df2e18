"""Libraries, folders and saved analyses as broken disks and hostile hands leave them: a line each, and nothing lost."""

import contextlib
import gzip
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import polars as pl
import pytest
import soundfile
from filelock import FileLock

from asked_library import library_of, sha_of, song_of
from riffscope.cli import main
from riffscope.cli.ending import ended_in_order
from riffscope.codec import to_json
from riffscope.errors import BadDocument, CannotWrite, RiffscopeError
from riffscope.folders import songs_below
from riffscope.library import index as index_module
from riffscope.library import seen, table_file
from riffscope.library.index import make_index
from riffscope.library.measuring import orders_for
from riffscope.library.place import HALVES_S, LocalPlace, open_place
from riffscope.library.store import Failure, Store
from riffscope.library.where import chosen
from signals import sine

TITLES = tuple("abcdefghi")


@pytest.fixture
def lib(tmp_path):
    folder = tmp_path / "lib"
    library_of(folder, *(song_of(title, lufs=-10.0 - n) for n, title in enumerate(TITLES)))
    return folder


def file_of(lib, title):
    return lib / "analyses" / sha_of(title)[:2] / f"{sha_of(title)}.json.gz"


def changed(path, change):
    """Change the summary of an analysis, and leave its measurements as they are."""
    first = zlib.decompressobj(wbits=31)
    head = json.loads(first.decompress(path.read_bytes())[:-1] + b"}")
    change(head)
    path.write_bytes(gzip.compress(json.dumps(head).encode()[:-1] + b",") + first.unused_data)


def tone(path, hz=220.0):
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, sine(hz, 3.2), 22050)
    return path


def lines(capsys):
    return capsys.readouterr().err.splitlines()


# ------------------------------------------------------------------------------------------------------------ analyses
def test_an_analysis_under_the_hash_of_another_song_is_damaged(lib, capsys):
    shutil.copy(file_of(lib, "a"), file_of(lib, "b"))
    with pytest.raises(BadDocument, match="another song"):
        Store(lib).head(sha_of("b"))
    with pytest.raises(BadDocument, match="another song"):
        Store(lib).read(sha_of("b"))
    for command in ("index", "judge"):
        assert main([command, str(lib)]) == 1
        (line,) = lines(capsys)
        assert sha_of("b") in line
    assert pl.read_parquet(lib / "songs.parquet")["title"].sort().to_list() == sorted(set(TITLES) - {"b"})


def test_a_summary_that_names_another_file_leads_nowhere(lib, capsys):
    def elsewhere(head):
        head["source"]["sha256"] = "../../../elsewhere"
        head["summary"]["columns"] = "of another version"

    changed(file_of(lib, "a"), elsewhere)
    assert main(["judge", str(lib), "--workers", "1"]) == 1
    assert main(["index", str(lib)]) == 1
    assert all(sha_of("a") in line for line in lines(capsys))


def test_numbers_that_are_words_or_beyond_all_bounds_are_none(lib, capsys):
    for title, content in (("a", "words"), ("b", 10**30), ("c", -(2**63))):
        changed(
            file_of(lib, title),
            lambda head, new=content: head["summary"].update(row={**dict.fromkeys(head["summary"]["row"], new)}),
        )
    changed(file_of(lib, "d"), lambda head: head["summary"]["row"].update({"key.tonic": "Ω", "key.mode": "x y"}))
    main(["index", str(lib)])
    capsys.readouterr()
    assert main(["find", str(lib), "--like", "e"]) == 0
    assert main(["find", str(lib), "--like", "d", "--by", "key,loudness"]) == 0
    assert lines(capsys) == []


def test_a_head_that_unpacks_without_end_takes_no_memory(lib):
    pack = zlib.compressobj(9, wbits=31)
    bomb = b"".join(pack.compress(b" " * (1 << 20)) for _ in range(600)) + pack.flush()
    file_of(lib, "a").write_bytes(bomb)
    with pytest.raises(BadDocument, match="too large"):
        Store(lib).head(sha_of("a"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_what_is_no_file_among_the_analyses_costs_itself_alone(lib, capsys):
    for title in "ab":
        file_of(lib, title).unlink()
    os.mkfifo(file_of(lib, "a"))
    file_of(lib, "b").mkdir()
    (lib / "analyses" / "around").symlink_to(".")
    (lib / "analyses" / "notes.json.gz").write_text("notes")
    assert list(Store(lib).hashes()) == sorted(sha_of(title) for title in TITLES if title != "b")
    with pytest.raises(BadDocument, match="not a file"):
        Store(lib).head(sha_of("b"))
    assert main(["index", str(lib)]) == 1
    (line,) = lines(capsys)
    assert sha_of("a") in line
    assert "not a file" in line


def test_a_saved_analysis_cannot_lead_out_of_the_library(tmp_path, capsys):
    document = json.loads(to_json(song_of("a")))
    document["source"]["sha256"] = "../../../elsewhere"
    (tmp_path / "evil.json").write_text(json.dumps(document))
    assert main(["batch", str(tmp_path / "evil.json"), "--store", str(tmp_path / "lib"), "--workers", "1"]) == 1
    assert any("is no SHA-256" in line for line in lines(capsys))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil.json", "lib"]


# ------------------------------------------------------------------------------------------------- failures, seen files
def test_a_failure_under_a_name_of_its_own_removes_nothing(lib, tmp_path):
    mine = tmp_path / "mine.json"
    mine.write_text("{}")
    (lib / "failures").mkdir()
    song = str(tmp_path / "a.wav")
    seen.write_part(LocalPlace(lib), [seen.Seen(path=song, size_bytes=1, modified_ns=1, sha256=sha_of("a"))])
    evil = {"path": song, "sha256": "../../mine", "kind": "refused", "reason": "x"}
    (lib / "failures" / "x.json").write_text(json.dumps(evil))
    (lib / "failures" / "y.json").mkdir()
    (lib / "failures" / "z.json").write_bytes(b"\xff")
    assert make_index(Store(lib)).failures == 0
    Store(lib).forget_failure(song, "../../mine")
    assert mine.exists()


def test_seen_files_with_hashes_that_are_none_are_not_taken(tmp_path):
    place = LocalPlace(tmp_path)
    rows = [("/a", "../../evil"), ("/b", None), (None, sha_of("c")), ("/d", sha_of("d"))]
    (tmp_path / "seen").mkdir()
    frame = pl.DataFrame(
        [(path, 1, 1, sha256) for path, sha256 in rows],
        schema={"path": pl.String, "size_bytes": pl.Int64, "modified_ns": pl.Int64, "sha256": pl.String},
        orient="row",
    )
    frame.write_parquet(tmp_path / "seen" / "x.parquet")
    assert seen.read_seen(place)["path"].to_list() == ["/d"]


def test_what_was_seen_is_not_worth_ending_a_batch_for(tmp_path):
    song, library = tone(tmp_path / "a.wav"), tmp_path / "lib"
    library.mkdir()
    (library / "seen").write_text("in the way of a folder")
    files = seen.Files(LocalPlace(library), remember=False)
    assert files.hash_of(song)
    files.write()
    assert (library / "seen").read_text() == "in the way of a folder"


def test_a_song_that_went_away_before_its_turn_has_not_failed_for_good(tmp_path, capsys):
    """A disk that was unplugged and plugged in again: its songs were looked up, and then were not there."""
    from riffscope.library.batch import Batch
    from riffscope.library.messages import Ended, Job, Orders

    song, library = tone(tmp_path / "a.wav"), tmp_path / "lib"
    whole = song.read_bytes()
    batch = Batch(Orders(store=str(library), separator="none"), workers=1)
    files = seen.Files(LocalPlace(library))
    sha256 = files.hash_of(song)
    files.write()
    song.unlink()

    from riffscope.library.measuring import Measuring

    ended = Measuring(Orders(store=str(library), separator="none")).measure(Job(path=str(song), sha256=sha256))
    assert (ended.how, ended.sha256) == ("refused", "")
    batch._end(Job(path=str(song), sha256=sha256), ended)
    assert make_index(Store(library)).failures == 1
    song.write_bytes(whole)
    assert main(["batch", str(song), "--store", str(library), "--separator", "none", "--workers", "1"]) == 0
    assert pl.read_parquet(library / "songs.parquet").height == 1
    assert pl.read_parquet(library / "failures.parquet").height == 0
    assert isinstance(ended, Ended)


# -------------------------------------------------------------------------------------------------------------- tables
def test_a_table_with_other_types_is_made_anew(lib, capsys):
    path = lib / "songs.parquet"
    pl.read_parquet(path).with_columns(pl.all().cast(pl.String)).write_parquet(path)
    assert main(["find", str(lib), "--like", "a"]) == 0
    assert pl.read_parquet_schema(path)["tempo.bpm"] == pl.Float64


def test_a_table_whose_body_is_damaged_is_one_line(lib, capsys):
    path = lib / "songs.parquet"
    content = bytearray(path.read_bytes())
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    content[4:footer] = b"\xff" * (footer - 4)
    path.write_bytes(content)
    with pytest.raises(RiffscopeError, match="riffscope index LIB makes it anew"):
        chosen(pl.scan_parquet(path), None)
    assert main(["find", str(lib), "--like", "a"]) == 1
    assert "riffscope index LIB makes it anew" in capsys.readouterr().err
    assert main(["index", str(lib)]) == 0
    assert main(["find", str(lib), "--like", "a"]) == 0


def test_a_full_disk_is_said_where_a_table_is_written(lib, tmp_path, monkeypatch, capsys):
    def full(*_, **__):
        raise pl.exceptions.ComputeError("parquet: underlying IO error: No space left on device")

    before = (lib / "songs.parquet").read_bytes()
    monkeypatch.setattr(pl.LazyFrame, "sink_parquet", full)
    for command in (["index", str(lib)], ["judge", str(lib), "-o", str(tmp_path / "out.parquet")]):
        assert main(command) == 1
        (line,) = lines(capsys)
        assert "is the disk full?" in line
    assert (lib / "songs.parquet").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lib"]
    assert not list(lib.rglob("*.part"))
    with pytest.raises(CannotWrite), table_file.writing(tmp_path / "x"):
        full()


@pytest.mark.parametrize("name", ["songs.parquet", "verdicts.parquet", "seen/new.csv", "analyses/x.json", "link.csv"])
def test_an_answer_is_never_written_over_the_library(lib, name, tmp_path, capsys):
    (tmp_path / "link.csv").symlink_to(lib / "songs.parquet")
    out = tmp_path / name if name == "link.csv" else lib / name
    before = {path: path.read_bytes() for path in lib.rglob("*") if path.is_file()}
    for command in (["judge", str(lib)], ["find", str(lib), "--like", "a"], ["reference", str(lib)]):
        assert main([*command, "-o", str(out), "--force"]) == 1
        (line,) = lines(capsys)
        assert "part of the library" in line
    assert {path: path.read_bytes() for path in lib.rglob("*") if path.is_file()} == before
    assert main(["judge", str(lib), "-q", "-o", str(lib / "mine.csv")]) == 0  # what is none of its own harms nothing


def test_whoever_waits_for_the_tables_says_so(lib, monkeypatch):
    monkeypatch.setattr(index_module, "SAID_AFTER_S", 0.05)
    monkeypatch.setattr(index_module, "LOCK_S", 0.05)
    said = []
    with FileLock(lib / ".index.lock"), pytest.raises(RiffscopeError, match="try later"):
        make_index(Store(lib), say=said.append)
    (line,) = said
    assert "waiting" in line
    make_index(Store(lib), say=said.append)
    assert len(said) == 1


# ----------------------------------------------------------------------------------------------------- places and names
def test_a_library_that_was_killed_before_its_first_song_is_taken_up(tmp_path, capsys):
    folder = tmp_path / "lib"
    (folder / "analyses" / "ab").mkdir(parents=True)
    (folder / ".batch.lock").touch()
    half = folder / "analyses" / "ab" / f".{'0' * 16}.part"
    young, own = half.with_name(f".{'1' * 16}.part"), half.with_name(".mine.part")
    for path in (half, young, own):
        path.write_text("half")
    old = time.time() - HALVES_S - 60
    for path in (half, own):
        os.utime(path, (old, old))
    Store(folder).check_may_be_library()
    make_index(Store(folder))
    assert (half.exists(), young.exists(), own.exists()) == (False, True, True)


def test_an_empty_path_is_not_the_current_folder(tmp_path, monkeypatch, capsys):
    tone(tmp_path / "a.wav")
    monkeypatch.chdir(tmp_path)
    for songs, library in (("", "lib"), ("a.wav", "")):
        assert main(["batch", songs, "--store", library, "--separator", "none"]) == 1
        (line,) = lines(capsys)
        assert "an empty path" in line
    assert [path.name for path in tmp_path.iterdir()] == ["a.wav"]


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="names are text on this system")
def test_a_library_whose_name_is_no_text_is_refused_before_any_song(tmp_path):
    with pytest.raises(RiffscopeError, match="no text"):
        open_place(tmp_path / os.fsdecode(b"lib\xff"))
    with pytest.raises(RiffscopeError, match="no text"):
        chosen(pl.LazyFrame({"title": ["a"]}), f"title = '{os.fsdecode(bytes([255]))}'")


def test_folders_may_lie_deeper_than_functions_call_each_other(tmp_path):
    here = tmp_path
    try:
        with contextlib.chdir(tmp_path):
            for _ in range(1200):
                Path("a").mkdir()
                os.chdir("a")
            Path("deep.wav").write_text("x")
        (found,) = songs_below(here)
        assert found.name == "deep.wav"
    finally:
        # What pytest removes folders with goes as deep as it may.
        subprocess.run(["rm", "-rf", str(tmp_path / "a")], check=True)


def test_a_name_in_a_saved_analysis_may_be_anything(tmp_path):
    for number, name in enumerate((rb"a\q", b"a\xff", rb"\ud800")):
        (tmp_path / f"{number}.json").write_bytes(
            b'{"schema": 2, "made_by": {}, "source": {"name": "%s", "sha256": "%s"}}' % (name, b"a" * 64)
        )
    assert [path.name for path in songs_below(tmp_path)] == ["2.json"]


def test_a_folder_that_cannot_be_opened_is_told(tmp_path, monkeypatch):
    tone(tmp_path / "a.wav")
    (tmp_path / "locked").mkdir()
    opened = os.scandir

    def locked(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return opened(path)

    monkeypatch.setattr(os, "scandir", locked)
    said = []
    assert [path.name for path in songs_below(tmp_path, said.append)] == ["a.wav"]
    (line,) = said
    assert "locked: cannot be opened: Permission denied" in line


# -------------------------------------------------------------------------------------------------- files that are read
def test_a_reference_with_numbers_that_are_none_is_one_line(lib, tmp_path, capsys):
    path = tmp_path / "set.toml"
    assert main(["reference", str(lib), "-o", str(path)]) == 0
    path.write_text(re.sub(r"\d+\.\d+", "nan", path.read_text()))
    capsys.readouterr()
    assert main(["analyze", str(tone(tmp_path / "a.wav")), "--reference", str(path)]) == 1
    (line,) = lines(capsys)
    assert "finite" in line


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
def test_a_file_without_end_is_refused(tmp_path, capsys):
    song = tone(tmp_path / "a.wav")
    for command in (
        ["analyze", str(song), "--reference", "/dev/zero"],
        ["batch", str(song), "--store", str(tmp_path / "lib"), "--claims", "/dev/zero"],
    ):
        assert main(command) == 1
        (line,) = lines(capsys)
        assert "longer than 16 MB" in line


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_claims_may_come_through_a_pipe(tmp_path, capsys):
    os.mkfifo(tmp_path / "claims")
    text = '[quiet]\ntext = "x"\nkind = "at_most"\nmeasure = "loudness.integrated_lufs"\nlimit = -3\n'
    writing = threading.Thread(target=(tmp_path / "claims").write_text, args=(text,))
    writing.start()
    orders = orders_for(
        Store(tmp_path / "lib"), separator="none", max_minutes=1, claims=tmp_path / "claims", memory_bytes=1
    )
    writing.join()
    assert orders.claims == text


def test_reference_of_nothing_says_what_is_missing(lib, tmp_path, capsys):
    out = ["-o", str(tmp_path / "x.toml")]
    assert main(["reference", str(tmp_path / "nowhere"), *out]) == 1
    assert main(["reference", str(lib), *out, "--name", "\udcff"]) == 1
    first, second = lines(capsys)
    assert "no such folder" in first
    assert "no text" in second
    assert not (tmp_path / "x.toml").exists()


# ----------------------------------------------------------------------------------------------------------- processes
needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


@pytest.fixture
def restored_signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@needs_posix
@pytest.mark.usefixtures("restored_signals")
def test_a_request_to_end_is_an_interrupt_unless_it_is_ignored():
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name)
        signal.signal(number, signal.SIG_DFL)  # under nohup the tests themselves ignore it
        with pytest.raises(KeyboardInterrupt), ended_in_order():
            signal.raise_signal(number)
        before = signal.signal(number, signal.SIG_IGN)
        with ended_in_order():
            signal.raise_signal(number)
        assert signal.signal(number, before) is signal.SIG_IGN


@needs_posix
def test_a_batch_without_any_stream_measures_all_the_same(tmp_path):
    tone(tmp_path / "songs" / "a.wav")
    command = [sys.executable, "-m", "riffscope", "batch", "songs", "--store", "lib", "--separator", "none"]
    closed = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
    assert subprocess.run(closed, cwd=tmp_path, check=False, timeout=120).returncode == 0
    assert pl.read_parquet(tmp_path / "lib" / "songs.parquet").height == 1


@needs_posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")
def test_a_batch_whose_words_nobody_takes_goes_on(tmp_path):
    """As with ``2> log`` on a disk that fills up."""
    tone(tmp_path / "songs" / "a.wav")
    command = [sys.executable, "-m", "riffscope", "batch", "songs", "--store", "lib", "--separator", "none"]
    with Path("/dev/full").open("w") as full:
        subprocess.run(command, cwd=tmp_path, check=True, stderr=full, timeout=120)
    assert pl.read_parquet(tmp_path / "lib" / "songs.parquet").height == 1


@pytest.mark.processes
@pytest.mark.skipif(not Path("/proc/self/stat").is_file(), reason="looks at processes under /proc")
def test_processes_that_rule_on_songs_end_with_whoever_started_them(tmp_path):
    script = tmp_path / "rule.py"
    script.write_text(
        "import os, signal, sys\n"
        "from riffscope.library.rulings import rule\n"
        "from riffscope.library.store import Store\n"
        "if __name__ == '__main__':\n"
        "    store = Store(sys.argv[1])\n"
        "    ruled = rule(store, songs=list(store.hashes()) * 2000, workers=2)\n"
        "    next(ruled)\n"
        "    me = os.getpid()\n"
        "    print(*open(f'/proc/{me}/task/{me}/children').read().split(), flush=True)\n"
        "    os.kill(me, signal.SIGKILL)\n"
    )
    library_of(tmp_path / "lib", *(song_of(title) for title in TITLES))
    killed = subprocess.run(
        [sys.executable, str(script), str(tmp_path / "lib")],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=120,
    )
    assert killed.returncode == -signal.SIGKILL
    children = killed.stdout.split()
    assert len(children) >= 2
    until = time.monotonic() + 10
    while any(_lives(pid) for pid in children) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(_lives(pid) for pid in children)


def _lives(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_failures_that_could_not_be_read_stay_until_the_song_was_read(tmp_path):
    store, path = Store(tmp_path), "/songs/a.wav"
    store.note_failure(Failure(path=path, sha256=None, kind="refused", reason="a.wav: may not be opened"))
    seen.write_part(store.place, [seen.Seen(path=path, size_bytes=1, modified_ns=1, sha256=sha_of("a"))])
    assert make_index(store).failures == 1
    store.keep(song_of("a"))
    assert make_index(store).failures == 0
    assert list(store.failures()) == []
