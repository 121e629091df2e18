"""Claims over a library: the same rulings as song by song, whatever shares the songs, and each damaged song a line."""

import csv
import io
import json
import subprocess
import sys

import polars as pl
import pytest

from asked_library import library_of, sha_of, song_of
from riffscope.articles.article import Paragraph, Text
from riffscope.articles.claims_file import claims_in, template
from riffscope.articles.reader import read
from riffscope.errors import BadClaim, CannotWrite, RiffscopeError
from riffscope.judge import built_in_claims, built_in_comparisons, judge, parse_claims
from riffscope.library.asking import judge_library
from riffscope.library.heads import Ruled
from riffscope.library.rulings import COLUMNS, STANDINGS, SongRulings, Tally, paths_of, rule, standing_of
from riffscope.library.table_file import written_in_parts
from riffscope.model import Ruling

QUIET = parse_claims(
    '[quiet]\ntext = "It is quiet"\nkind = "at_most"\nmeasure = "loudness.integrated_lufs"\nlimit = -14\n'
    '[sung]\ntext = "It is sung high"\nkind = "at_least"\nmeasure = "vocal_range.median_midi"\nlimit = 20\n',
    name="quiet.toml",
)


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    songs = [song_of(f"song {n}", lufs=-10.0 - n, year=str(2010 + n), artist="A", sung=n % 3 > 0) for n in range(9)]
    return library_of(tmp_path_factory.mktemp("ask") / "lib", *songs)


def rulings(store, **options):
    return list(rule(store, songs=list(store.hashes()), **options))


def test_claims_are_ruled_on_as_of_each_song_alone(store):
    ruled = rulings(store)
    assert [one.sha256 for one in ruled] == list(store.hashes())
    for one in ruled:
        own = judge(store.read(one.sha256), built_in_claims())
        assert [(v.claim, v.text, v.ruling, v.leaning, v.probability, v.because) for v in one.verdicts] == [
            (v.claim, v.text, str(v.ruling), v.leaning, v.probability, v.because) for v in own
        ]
        assert one.artist == "A"


def test_processes_find_the_same_in_the_same_order(store):
    assert rulings(store, claims=QUIET, workers=2) == rulings(store, claims=QUIET)


def test_every_kind_of_claim_goes_to_other_processes(store):
    claims = [one for one in parse_claims(template(), name="template") if not one.about_two]
    assert len({one.kind.name for one in claims}) > 15
    few = list(store.hashes())[:2]
    assert list(rule(store, claims, songs=few, workers=2)) == list(rule(store, claims, songs=few))


@pytest.mark.parametrize("given", ["file", "stdin"])
def test_a_script_of_ones_own_rules_in_processes_without_further_ado(store, given, tmp_path):
    code = f"import riffscope\nprint(riffscope.judge_library({str(store.place.address)!r}, workers=2).height)\n"
    script = tmp_path / "mine.py"
    script.write_text(code)
    command, said = ([sys.executable, script], None) if given == "file" else ([sys.executable, "-"], code)
    done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=120, check=True)
    assert int(done.stdout) == 9 * len(built_in_claims())
    assert not done.stderr


def test_the_frame_has_a_row_for_each_song_and_claim_and_conditions_choose(store):
    frame = judge_library(store, QUIET)
    assert frame.columns == [column.name for column in COLUMNS]
    assert frame.height == 18
    quiet = frame.filter(pl.col("claim") == "quiet").sort("title")
    assert quiet["ruling"].to_list() == ["refuted"] * 4 + ["supported"] * 5
    some = judge_library(store, QUIET, where="year between 2011 and 2013")
    assert set(some["title"]) == {"song 1", "song 2", "song 3"}


def test_songs_stand_as_they_are_ruled_on_and_lean():
    ruled = [
        Ruled(claim="a", text="", ruling="inconclusive", because="", probability=0.9, leaning="probably_true"),
        Ruled(claim="b", text="", ruling="inconclusive", because=""),
        Ruled(claim="c", text="", ruling="supported", because="", probability=0.99),
    ]
    assert [standing_of(one) for one in ruled] == ["probably_true", "inconclusive", "supported"]
    assert {str(ruling) for ruling in Ruling} <= set(STANDINGS)
    tally = Tally()
    for _ in range(2):
        tally.add(SongRulings(sha256="x", verdicts=tuple(ruled)))
    tally.add(SongRulings(sha256="y", problem="damaged"))
    assert tally.songs == 2
    assert tally.claims["a"] == {"probably_true": 2}


def test_a_damaged_analysis_costs_its_own_song(store, tmp_path):
    own = library_of(tmp_path / "lib", song_of("a"), song_of("b"), song_of("c"))
    path = next((tmp_path / "lib" / "analyses").rglob(f"{sha_of('b')}*"))
    path.write_bytes(path.read_bytes()[:-100])
    for workers in (1, 2):
        ruled = {one.title or "damaged": one for one in rulings(own, claims=QUIET, workers=workers)}
        assert set(ruled) == {"a", "c", "damaged"}
        assert sha_of("b") in ruled["damaged"].problem
        assert "\n" not in ruled["damaged"].problem
    with pytest.raises(RiffscopeError, match=sha_of("b")):
        judge_library(own, QUIET)
    assert sha_of("b") in paths_of(own)


def test_an_analysis_that_has_gone_costs_its_own_song(store):
    (one,) = rule(store, QUIET, songs=["0" * 64])
    assert "gone" in one.problem


def test_a_bug_costs_the_song_that_it_met(store, monkeypatch):
    def broken(song, claims):
        if song.source.title == "song 3":
            raise IndexError("index 3\nis out of bounds")
        return judge(song, claims)

    monkeypatch.setattr("riffscope.library.rulings.judge", broken)
    failed = [one for one in rulings(store, claims=QUIET) if one.problem]
    assert len(failed) == 1
    assert sha_of("song 3") in failed[0].problem
    assert "IndexError" in failed[0].problem
    assert "\n" not in failed[0].problem


def test_claims_about_two_songs_are_refused(store):
    with pytest.raises(BadClaim, match="about two songs"):
        rulings(store, claims=built_in_comparisons())


@pytest.mark.processes
def test_processes_that_are_ended_are_told_in_one_line_and_none_is_left(store, monkeypatch):
    started = []
    popen = subprocess.Popen

    def start(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    songs = rule(store, QUIET, songs=list(store.hashes()) * 100, workers=2)
    next(songs)
    started[1].kill()
    with pytest.raises(RiffscopeError, match="ended from outside"):
        list(songs)
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


def test_whoever_has_enough_leaves_no_process(store, monkeypatch):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda *some, **more: started.append(popen(*some, **more)) or started[-1])
    songs = rule(store, QUIET, songs=list(store.hashes()) * 100, workers=2)
    next(songs)
    songs.close()
    assert len(started) == 2
    assert all(process.poll() is not None for process in started)


# ------------------------------------------------------------------------------------------------------------ articles
def article(*sentences):
    text = "\n\n".join(sentences)
    starts = [text.index(one) for one in sentences]
    paragraphs = tuple(Paragraph(start=at, end=at + len(one)) for at, one in zip(starts, sentences, strict=True))
    return read(Text(text=text, paragraphs=paragraphs, name="review.txt"))


def test_an_article_becomes_claims_in_the_words_of_what_was_understood():
    claims, left_out = claims_in(
        article("The song is in C minor at 92 BPM.", 'It has less bass than "Arena".', "It is a sad song.")
    )
    assert [one.text for one in claims] == ["The key is C minor.", "The tempo is 92 BPM."]
    assert not any(one.about_two for one in claims)
    assert [text for text, _ in left_out] == ['It has less bass than "Arena".', "It is a sad song."]
    assert "another" in left_out[0][1]
    assert all(reason for _, reason in left_out)


def test_an_article_that_states_nothing_has_no_claims():
    with pytest.raises(BadClaim, match=r"review\.txt: states nothing"):
        claims_in(article("We met on a Sunday."))


# --------------------------------------------------------------------------------------------------------------- files
ROWS = [
    (f"{n:064d}", '=1+"x"\n', None, "/a,b.mp3", "quiet", "It's “quiet”", "supported", None, 0.25, "why")
    for n in range(5)
]


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_files_hold_every_row_however_many_parts_they_come_in(ending, tmp_path, monkeypatch):
    monkeypatch.setattr("riffscope.library.table_file.ROWS", 2)
    path = tmp_path / f"out{ending}"
    with written_in_parts(path, COLUMNS) as write:
        for row in ROWS:
            write([row])
    names = [column.name for column in COLUMNS]
    if ending == ".parquet":
        frame = pl.read_parquet(path)
        assert frame.columns == names
        assert frame.rows() == ROWS
    elif ending == ".json":
        lines = [json.loads(line) for line in path.read_bytes().splitlines()]
        assert lines == [dict(zip(names, row, strict=True)) for row in ROWS]
    else:
        rows = list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))
        assert len(rows) == 6
        assert [row[0] for row in rows[1:]] == [row[0] for row in ROWS]
        assert rows[1][1].startswith("'=")  # no spreadsheet runs it
        assert (rows[1][3], rows[1][8]) == ("/a,b.mp3", "0.25")


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_a_file_of_no_row_is_whole_and_a_broken_one_is_not_there(ending, tmp_path):
    path = tmp_path / f"none{ending}"
    with written_in_parts(path, COLUMNS):
        pass
    assert path.exists()
    broken = tmp_path / f"broken{ending}"

    def write_some() -> None:
        with written_in_parts(broken, COLUMNS) as write:
            write(ROWS)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_some()
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_named_by_its_format(tmp_path):
    with pytest.raises(CannotWrite, match=r"\.parquet, \.csv, \.json"), written_in_parts(tmp_path / "a.xlsx", COLUMNS):
        pass
