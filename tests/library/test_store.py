import gzip
import json
from dataclasses import replace

import pytest

from outcomes import missing
from riffscope.codec import from_json, read_analysis, to_json
from riffscope.errors import Absence, BadDocument, RiffscopeError
from riffscope.folders import name_in_analysis
from riffscope.library.place import LocalPlace, open_place
from riffscope.library.store import Failure, Store, columns, head_of, pack, with_present_columns
from riffscope.model import Failed, Tags
from riffscope.tables import row_of, scalar_kinds
from songs import example_song, judged_song, with_outcomes


def song_called(title, *, sha256="ab" * 32, year="2014"):
    song = judged_song()
    song = replace(song, source=replace(song.source, sha256=sha256, tags=Tags(title=title, year=year)))
    return from_json(to_json(song))


@pytest.fixture(params=["folder", "memory"])
def store(request, tmp_path):
    if request.param == "folder":
        yield Store(tmp_path / "library")
        return
    fsspec = pytest.importorskip("fsspec")
    address = f"memory://{tmp_path.name}"
    yield Store(address)
    fsspec.filesystem("memory").rm("/", recursive=True)


def test_what_is_kept_is_read_back_whole(store):
    song = song_called("One")
    store.keep(song)
    assert to_json(store.read(song.source.sha256)) == to_json(song)
    assert list(store.hashes()) == [song.source.sha256]


def test_the_file_is_named_after_the_song_and_is_json_in_gzip(tmp_path):
    song = song_called("One")
    Store(tmp_path).keep(song)
    path = tmp_path / "analyses" / "ab" / f"{song.source.sha256}.json.gz"
    document = json.loads(gzip.decompress(path.read_bytes()))
    plain = json.loads(to_json(song))
    assert {name: document[name] for name in plain} == plain
    assert document.keys() - plain.keys() == {"summary"}
    assert to_json(read_analysis(path)) == to_json(song)
    assert name_in_analysis(path) == song.source.name


def test_the_head_is_read_alone_and_is_what_the_whole_says(store, monkeypatch):
    song = song_called("One")
    store.keep(song)
    monkeypatch.setattr(store, "read", lambda _: pytest.fail("read the measurements"))
    head = store.head(song.source.sha256)
    assert head == head_of(song)
    row = {name: content for name, content in row_of(song).items() if name in scalar_kinds() and content is not None}
    assert head.summary.row == row
    assert head.summary.columns == columns()
    assert [(one.claim, one.ruling) for one in head.verdicts] == [(one.claim, one.ruling) for one in song.verdicts]
    assert (head.source.tags.title, head.source.tags.year) == ("One", "2014")


def test_a_long_head_is_read_as_well(store):
    song = song_called("One")
    warnings = tuple(f"{number}: {'x' * 2_000}" for number in range(150))
    song = replace(song, source=replace(song.source, warnings=warnings))
    store.keep(song)
    assert store.head(song.source.sha256).source.warnings == warnings


def test_a_file_of_other_making_has_a_head_too(tmp_path):
    song = song_called("One")
    path = tmp_path / "analyses" / "ab" / f"{song.source.sha256}.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(to_json(song, indent=1)))
    assert Store(tmp_path).head(song.source.sha256) == head_of(song)


def test_a_head_with_the_columns_of_another_version_is_made_anew(store, monkeypatch):
    song = song_called("One")
    store.keep(song)
    head = store.head(song.source.sha256)
    assert with_present_columns(head, store) is head
    monkeypatch.setattr("riffscope.library.store.columns", lambda: "those of a later version")
    assert with_present_columns(head, store).summary.columns == "those of a later version"


def test_what_is_missing_and_what_failed_keep_their_versions_and_are_told(store):
    outcomes = {
        "tempo": replace(missing("tempo", Absence.NO_BEAT), version=3),
        "key": Failed(measurement="key", error="ValueError: x", origin="key", version=4),
    }
    song = with_outcomes(example_song(), outcomes)
    store.keep(song)
    head = store.head(song.source.sha256)
    assert head.summary.failed == ("key",)
    assert (head.summary.versions["tempo"], head.summary.versions["key"]) == (3, 4)
    assert {name: store.read(song.source.sha256).outcomes[name].version for name in outcomes} == {"tempo": 3, "key": 4}


@pytest.mark.parametrize("keep", [0, 10, 2000, -1])
def test_a_damaged_file_is_one_line(tmp_path, keep):
    song = song_called("One")
    content = pack(song)
    path = tmp_path / "analyses" / "ab" / f"{song.source.sha256}.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(content[:keep])
    with pytest.raises(BadDocument) as why:
        Store(tmp_path).read(song.source.sha256)
    assert "\n" not in str(why.value)
    if keep >= 0:  # the head of a file whose end is damaged is whole
        with pytest.raises(BadDocument):
            Store(tmp_path).head(song.source.sha256)


def test_a_file_that_grows_without_end_when_read_is_refused(monkeypatch):
    monkeypatch.setattr("riffscope.codec.MAX_JSON_BYTES", 10_000)
    from riffscope.codec import unpacked

    with pytest.raises(BadDocument, match="too large"):
        unpacked(gzip.compress(b" " * 20_000), name="bomb")
    with pytest.raises(BadDocument, match="too large"):
        unpacked(gzip.compress(b" " * 9_000) * 2, name="bomb")


def test_failures_are_kept_by_the_bytes_of_the_song_and_forgotten(store):
    known = Failure(path="/songs/a.mp3", sha256="cd" * 32, kind="crashed", reason="a.mp3: it crashed", tries=2)
    unread = Failure(path="/songs/b.mp3", sha256=None, kind="refused", reason="b.mp3: may not be opened")
    for failure in (known, unread):
        store.note_failure(failure)
    assert store.failure("/moved/a.mp3", "cd" * 32) == known
    assert store.failure("/songs/b.mp3", None) == unread
    assert store.failure("/songs/c.mp3", None) is None
    assert sorted(store.failures(), key=lambda one: one.path) == [known, unread]
    store.forget_failure("/songs/a.mp3", "cd" * 32)
    assert list(store.failures()) == [unread]


def test_a_folder_of_something_else_is_no_library(tmp_path):
    (tmp_path / "song.mp3").write_bytes(b"x")
    with pytest.raises(RiffscopeError, match="holds other files"):
        Store(tmp_path).check_may_be_library()
    with pytest.raises(RiffscopeError, match="is no library"):
        Store(tmp_path).check_is_library()
    Store(tmp_path / "new").check_may_be_library()
    with pytest.raises(RiffscopeError, match="is a file"):
        open_place(tmp_path / "song.mp3")


def test_an_address_that_nothing_reaches_is_one_line():
    pytest.importorskip("fsspec")
    with pytest.raises(RiffscopeError, match="cannot be opened"):
        open_place("nothing-of-the-kind://songs")


def test_a_place_gives_what_is_whole_alone(tmp_path):
    place = LocalPlace(tmp_path)
    place.write("a/b.json", b"1")
    (tmp_path / "a" / ".c.part").write_bytes(b"half")
    assert list(place.names("a")) == ["a/b.json"]
    assert list(place.names("nothing")) == []
    assert place.read("a/none") is None
    place.write("a/b.json", b"22")
    assert place.read("a/b.json", 1) == b"2"
    place.remove("a/b.json")
    place.remove("a/b.json")
    assert place.read("a/b.json") is None


def test_a_remote_file_system_that_shows_halves_is_written_beside(tmp_path):
    pytest.importorskip("fsspec")
    place = open_place(f"file://{tmp_path}")
    place.write("a/b.json", b"1")
    place.write("a/b.json", b"22")
    assert place.read("a/b.json") == b"22"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.json"]
    assert list(place.names("a")) == ["a/b.json"]
    assert not place.is_empty()


def test_an_analysis_of_schema_1_is_read_from_a_library(tmp_path):
    song = song_called("One")
    document = json.loads(to_json(song)) | {"schema": 1}
    path = tmp_path / "analyses" / "ab" / f"{song.source.sha256}.json.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(gzip.compress(json.dumps(document).encode()))
    head = Store(tmp_path).head(song.source.sha256)
    assert head.summary.row["loudness.integrated_lufs"] == song.measure("loudness.integrated_lufs")
