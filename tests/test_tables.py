"""Songs as data frames: one row a song, and each song's own tables."""

import dataclasses
import pickle
import subprocess
import sys
import types

import polars as pl
import pytest
import soundfile

import riffscope
from riffscope.analyzers.key import Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.codec import to_json
from riffscope.errors import CannotRead, RiffscopeError
from riffscope.measures import all_measures
from riffscope.model import Estimate, Ruling, Verdict
from riffscope.tables import names, table_of
from riffscope.verdicts import Verdicts
from riffscope.workflow import SongLeftOut
from signals import sine
from songs import HOSTILE_TITLES, example_song, judged_song, songs

SONGS = songs()


def named(name, song):
    return dataclasses.replace(song, source=dataclasses.replace(song.source, name=name))


# ------------------------------------------------------------------------------------------------------------ one a row
def test_a_song_is_a_row_with_its_numbers_and_words_by_their_paths():
    song = judged_song()
    (row,) = riffscope.table(song).to_dicts()
    assert (row["title"], row["artist"], row["file"]) == ("Closet Heartbeat", "The Wardrobes", "closet.flac")
    assert (row["duration_s"], row["sha256"]) == (song.source.duration_s, song.source.sha256)
    bpm = song[Tempo].bpm
    assert (row["tempo.bpm"], row["tempo.bpm.low"], row["tempo.bpm.high"]) == (bpm.value, bpm.low, bpm.high)
    assert (row["key.tonic"], row["key.mode"], row["key.runner_up.tonic"]) == ("F\u266f", "minor", "A")
    assert row["structure.form"] == "A A' B A' B C B' A''"
    assert row["loops.kind"] == "riff"
    assert row["beats.beats_per_bar"] == 4
    for verdict in song.verdicts:
        assert row[f"claim.{verdict.claim}"] == str(verdict.ruling)
        assert row[f"claim.{verdict.claim}.probability"] == verdict.probability


def test_every_measure_has_its_column_in_every_table_and_what_is_missing_is_null():
    paths = {measure.path for measure in all_measures()}
    columns = riffscope.table(example_song()).columns
    assert paths <= {*columns}
    for kind in ("missing", "failed", "nothing run", "voiceless", "short"):
        frame = riffscope.table([example_song(), SONGS[kind]])
        assert frame.columns == columns
        assert frame.height == 2
    lacking = riffscope.table([SONGS["missing"], SONGS["failed"]])
    assert all(lacking[path].null_count() == 2 for path in paths)
    voiceless = riffscope.table(SONGS["voiceless"]).row(0, named=True)
    assert voiceless["vocal_range.span_semitones"] is None
    assert voiceless["vocal_range.lowest_note"] is None
    assert voiceless["tempo.bpm"] > 0


def test_columns_have_the_type_of_what_they_hold_even_where_they_hold_nothing():
    for song in (example_song(), SONGS["missing"]):
        schema = riffscope.table(song).schema
        assert schema["tempo.bpm"] == schema["tempo.bpm.low"] == pl.Float64
        assert schema["beats.beats_per_bar"] == pl.Int64
        assert schema["key.tonic"] == schema["loops.kind"] == pl.String


def test_a_claim_that_one_song_was_tested_with_is_null_for_the_others():
    frame = riffscope.table([example_song(), judged_song()])
    claims = [verdict.claim for verdict in judged_song().verdicts]
    assert [name for name in frame.columns if name.startswith("claim.") and not name.endswith(".probability")] == [
        f"claim.{claim}" for claim in claims
    ]
    assert frame[f"claim.{claims[0]}"].to_list()[0] is None


def test_measures_are_described_by_the_paths_that_tables_have():
    described = riffscope.describe_measures()
    assert described.columns == ["measure", "label", "unit", "kind", "description"]
    assert {*described["measure"]} <= {*riffscope.table(example_song()).columns}
    assert described["measure"].is_unique().all()
    (span,) = described.filter(pl.col("measure") == "vocal_range.span_semitones").to_dicts()
    assert (span["unit"], span["kind"]) == ("semitones", "number with a range")
    (coverage,) = described.filter(pl.col("measure") == "loops.coverage_fraction").to_dicts()
    assert coverage["unit"] == "fraction"
    assert coverage["description"]


# ----------------------------------------------------------------------------------------------- what is taken as songs
@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two saved analyses, a song that lies beside its own, a file that is no song, and a folder."""
    folder = tmp_path_factory.mktemp("songs")
    (folder / "one.json").write_bytes(to_json(named("one.mp3", example_song())))
    (folder / "within").mkdir()
    (folder / "within" / "two.json").write_bytes(to_json(named("two.mp3", example_song(duration_s=60.0))))
    soundfile.write(folder / "tone.wav", sine(440, 3.0), 44100)
    (folder / "notes.txt").write_text("no song")
    return folder


def test_a_folder_stands_for_all_songs_in_it(folder):
    assert riffscope.table(folder)["file"].to_list() == ["one.mp3", "tone.wav", "two.mp3"]
    given = [str(folder / "one.json"), folder / "tone.wav", riffscope.load(folder / "tone.wav"), example_song()]
    assert riffscope.table(given)["file"].to_list() == ["one.mp3", "tone.wav", "tone.wav", "closet.flac"]


def test_a_song_in_a_folder_is_read_from_the_analysis_beside_it_if_that_is_its_own(tmp_path, monkeypatch):
    soundfile.write(tmp_path / "my tone.wav", sine(440, 3.0), 44100)
    soundfile.write(tmp_path / "other.wav", sine(330, 3.0), 44100)
    own = riffscope.analyze(tmp_path / "my tone.wav", only=[Loudness])
    (tmp_path / "my-tone.json").write_bytes(to_json(own))
    (tmp_path / "other.json").write_bytes(to_json(own))
    measured = []
    listen = riffscope.workflow.listen
    monkeypatch.setattr(
        riffscope.workflow, "listen", lambda song, **more: (measured.append(song), listen(song, **more))[1]
    )
    frame = riffscope.table(tmp_path)
    assert measured == [str(tmp_path / "my-tone.json"), str(tmp_path / "other.wav")]
    assert frame["file"].to_list() == ["my tone.wav", "other.wav"]
    assert frame["loudness.integrated_lufs"].to_list()[0] == own[Loudness].integrated_lufs


def test_a_song_that_cannot_be_read_is_left_out_with_a_warning_and_costs_the_others_nothing(folder, tmp_path):
    (tmp_path / "broken.mp3").write_text("only words")
    with pytest.warns(SongLeftOut, match=r"broken\.mp3"):
        frame = riffscope.table([tmp_path / "broken.mp3", folder / "one.json"])
    assert frame["file"].to_list() == ["one.mp3"]
    with pytest.raises(RiffscopeError, match=r"broken\.mp3"):
        riffscope.table(tmp_path)


def test_what_is_wrong_is_one_line_before_any_song_is_read(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(riffscope.workflow, "listen", lambda *_, **__: pytest.fail("a song was read"))
    for given, error, said in (
        ([], ValueError, "there is no song"),
        ((), ValueError, "there is no song"),
        ([folder / "one.json", "nowhere.mp3"], CannotRead, "nowhere.mp3: no such file"),
        ("nowhere", CannotRead, "nowhere: no such file"),
        (tmp_path, CannotRead, "no song in this folder"),
        ([3], TypeError, "not a song: int"),
    ):
        with pytest.raises(error, match=said) as why:
            riffscope.table(given)
        assert len(str(why.value).splitlines()) == 1


def test_claims_are_ruled_on_anew_where_they_are_given(tmp_path):
    (tmp_path / "mine.toml").write_text("[it]\ntext = 'x'\nkind = 'not_testable'\nreason = 'it is'\n")
    frame = riffscope.table(judged_song(), claims=tmp_path / "mine.toml")
    assert [name for name in frame.columns if name.startswith("claim.")] == ["claim.it", "claim.it.probability"]
    assert frame["claim.it"].to_list() == ["not_testable"]


# -------------------------------------------------------------------------------------------------- a song's own tables
@pytest.mark.parametrize("kind", sorted(SONGS))
@pytest.mark.parametrize("table", names())
def test_every_table_of_every_song_is_a_frame_of_the_same_columns(table, kind):
    frame = SONGS[kind].to_frame(table)
    wanted = {float: pl.Float64, int: pl.Int64, str: pl.String, bool: pl.Boolean}
    columns = table_of(SONGS[kind], table).columns
    assert dict(frame.schema) == {column.name: wanted[column.kind] for column in columns}


def test_measures_are_in_long_form_with_range_and_unit_and_why_one_is_missing():
    frame = SONGS["voiceless"].to_frame()
    assert frame.columns == ["measure", "label", "value", "low", "high", "unit", "text", "missing", "percentile"]
    assert frame["measure"].is_unique().all()
    rows = {row["measure"]: row for row in frame.to_dicts()}
    assert (rows["tempo.bpm"]["value"], rows["tempo.bpm"]["unit"]) == (123.04, "BPM")
    assert rows["key.mode"]["text"] == "minor"
    assert rows["vocal_range.span_semitones"]["value"] is None
    assert rows["vocal_range.span_semitones"]["missing"] == "no one sings"


def test_an_unknown_table_is_one_line_that_names_those_there_are():
    with pytest.raises(ValueError, match=r'Unknown table "chord".*chords') as why:
        example_song().to_frame("chord")
    assert len(str(why.value).splitlines()) == 1


# ------------------------------------------------------------------------------------------------------------- verdicts
def test_verdicts_are_a_tuple_that_counts_itself():
    song = judged_song()
    assert isinstance(song.verdicts, Verdicts)
    assert song.verdicts == tuple(song.verdicts)
    assert dataclasses.replace(song, verdicts=()).verdicts == ()
    assert sum(song.verdicts.tally.values()) == len(song.verdicts)
    assert song.verdicts.tally[Ruling.SUPPORTED] == sum(one.ruling is Ruling.SUPPORTED for one in song.verdicts)
    assert len(repr(song.verdicts)) < 100
    assert f"{song.verdicts.tally[Ruling.SUPPORTED]} supported" in repr(song.verdicts)
    assert isinstance(riffscope.judge(song), Verdicts)
    assert isinstance(riffscope.codec.from_json(to_json(song)).verdicts, Verdicts)
    copy = pickle.loads(pickle.dumps(song))
    assert copy.verdicts == song.verdicts
    assert isinstance(copy.verdicts, Verdicts)
    assert isinstance(copy.outcomes, types.MappingProxyType)


def test_verdicts_are_a_frame_with_a_row_each():
    verdicts = judged_song().verdicts
    frame = verdicts.to_frame()
    assert frame.columns == ["claim", "text", "ruling", "leaning", "probability", "because"]
    assert frame["claim"].to_list() == [one.claim for one in verdicts]
    assert frame["probability"].to_list() == [one.probability for one in verdicts]
    assert Verdicts().to_frame().height == 0


def test_a_notebook_shows_verdicts_with_their_reasons_and_hostile_texts_as_text():
    verdicts = judged_song().verdicts
    page = verdicts._repr_html_()
    assert page.count("<tr>") == len(verdicts)
    hostile = Verdict(
        ruling=Ruling.REFUTED, because=HOSTILE_TITLES["markup"], claim="it", text="<script>alert(1)</script>"
    )
    page = Verdicts([hostile])._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_no_result_of_a_song_floods_a_notebook():
    song = example_song(duration_s=1200.0)
    assert len(repr(song)) < 120
    for name, outcome in song.outcomes.items():
        assert len(repr(outcome)) < 1200, name
        assert len(repr(outcome).splitlines()) == 1
    assert "float64[" in repr(song.outcomes["beats"].value)
    assert "Estimate(value=123.04, low=122.6, high=123.4)" in repr(song[Tempo])
    assert "tonic='F#'" in repr(song[Key])
    assert repr(Estimate(value=1, low=0.5, high=2)) == "Estimate(value=1, low=0.5, high=2)"


def test_frames_are_imported_only_where_one_is_asked_for(folder, tmp_path):
    code = (
        "import sys, riffscope\n"
        "song = riffscope.read(sys.argv[1])\n"
        "riffscope.export(song, 'csv', sys.argv[2])\n"
        "assert 'polars' not in sys.modules\n"
        "song.to_frame()\n"
        "assert 'polars' in sys.modules\n"
        "assert 'pandas' not in sys.modules\n"
    )
    command = [sys.executable, "-c", code, folder / "one.json", tmp_path]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
