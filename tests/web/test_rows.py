"""The library as a list: what a row tells, which songs are found, and in which order."""

import dataclasses
import gzip
import time

import pytest

from outcomes import missing
from riffscope.library.heads import analysis_name
from riffscope.library.store import Store
from riffscope.web.rows import Shelf
from songs import example_song, with_outcomes

SHA256 = {"Béla": "a" * 64, "zebra": "b" * 64, "Apple": "c" * 64}


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    folder = tmp_path_factory.mktemp("library")
    store = Store(folder)
    for number, (title, sha256) in enumerate(SHA256.items()):
        song = example_song(duration_s=60.0 + 10 * number, title=title)
        if title == "zebra":
            song = with_outcomes(song, {name: missing(name) for name in ("tempo", "vocal_range")})
        store.keep(dataclasses.replace(song, source=dataclasses.replace(song.source, sha256=sha256)))
        time.sleep(0.02)  # so that each was added at another time
    return folder


@pytest.fixture
def shelf(library):
    shelf = Shelf(library)
    shelf.start()
    assert shelf.whole.wait(10)
    return shelf


def titles(page):
    return [row.title for row in page.songs]


def test_a_row_tells_what_the_analysis_says(shelf, library):
    row, song = shelf.row(SHA256["Apple"]), Store(library).read(SHA256["Apple"])
    assert row.tempo_bpm == song.measure("tempo.bpm").value
    assert row.key == "F♯ minor"
    assert row.range == f"{song.measure('vocal_range.lowest_note')} to {song.measure('vocal_range.highest_note')}"
    assert row.loudness_lufs == song.measure("loudness.integrated_lufs")
    assert (row.file, row.duration_s) == (song.source.name, 80.0)
    assert sum(row.rulings.values()) == len(song.verdicts)


def test_what_was_not_measured_is_none(shelf):
    row = shelf.row(SHA256["zebra"])
    assert (row.tempo_bpm, row.range) == (None, None)
    assert row.loudness_lufs is not None


@pytest.mark.parametrize(
    ("sort", "order", "expected"),
    [
        ("title", "up", ["Apple", "Béla", "zebra"]),
        ("title", "down", ["zebra", "Béla", "Apple"]),
        ("length", "up", ["Béla", "zebra", "Apple"]),
        ("added", "down", ["Apple", "zebra", "Béla"]),
    ],
)
def test_songs_are_sorted(shelf, sort, order, expected):
    assert titles(shelf.page(sort=sort, order=order, start=0, count=10)) == expected


@pytest.mark.parametrize("order", ["up", "down"])
def test_songs_without_what_is_sorted_by_come_last(shelf, order):
    assert titles(shelf.page(sort="tempo", order=order, start=0, count=10))[-1] == "zebra"


@pytest.mark.parametrize(
    ("search", "expected"),
    [
        ("bela", {"Béla"}),
        ("BÉLA minor", {"Béla"}),
        ("closet.flac", set(SHA256)),
        ("nothing", set()),
        ("  ", set(SHA256)),
    ],
)
def test_all_words_of_a_search_are_found_whatever_their_accents(shelf, search, expected):
    page = shelf.page(search=search, start=0, count=10)
    assert set(titles(page)) == expected
    assert (page.total, page.found) == (3, len(expected))


def test_a_list_is_shown_in_parts(shelf):
    parts = [titles(shelf.page(sort="title", order="up", start=start, count=2)) for start in (0, 2, 4)]
    assert parts == [["Apple", "Béla"], ["zebra"], []]


def test_a_song_that_has_gone_or_is_damaged_is_not_listed(shelf, library):
    store, sha256 = Store(library), "d" * 64
    song = example_song(duration_s=60.0, title="fourth")
    store.keep(dataclasses.replace(song, source=dataclasses.replace(song.source, sha256=sha256)))
    assert shelf.row(sha256) is None
    assert shelf.renew(sha256).title == "fourth"
    assert shelf.page(start=0, count=10).total == 4
    (library / analysis_name(sha256)).write_bytes(gzip.compress(b"{}")[:-4])
    assert shelf.renew(sha256) is None
    store.forget(sha256)
    assert shelf.renew(sha256) is None
    assert shelf.page(start=0, count=10).total == 3


def test_what_other_programs_change_is_seen(shelf, library):
    store, sha256 = Store(library), "d" * 64
    song = example_song(duration_s=60.0, title="by a batch")
    song = dataclasses.replace(song, source=dataclasses.replace(song.source, sha256=sha256))
    store.keep(song)
    shelf.look()
    assert titles(shelf.page(sort="added", start=0, count=1)) == ["by a batch"]
    time.sleep(0.02)
    store.keep(with_outcomes(song, {"tempo": missing("tempo")}))
    shelf.look()
    assert shelf.row(sha256).tempo_bpm is None
    (library / analysis_name(sha256)).unlink()
    shelf.look()
    assert shelf.page(start=0, count=10).total == 3


def test_a_song_is_found_before_all_are_read(library):
    assert Shelf(library).row(SHA256["zebra"]).title == "zebra"
    assert Shelf(library).row("e" * 64) is None
