import csv as rfc4180
import io

import numpy as np
import pytest

from melodies import beats_at, contour_of, song_with, sung
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.structure import Section, Structure
from riffscope.errors import CannotMeasure
from riffscope.export.csv import csv
from riffscope.model import Evidence
from riffscope.progressions import ChordSpan
from riffscope.song import SongAnalysis
from songs import example_song, judged_song, songs

SONGS = songs()
HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x","y")', 'a "quoted", title', "two\nlines")


def tables(song, folder):
    """Each table as rows of columns, read back with the field's own rules."""
    found = {}
    for path in csv(song, folder=folder):
        text = path.read_bytes().decode("utf-8")
        assert text.endswith("\r\n")
        rows = [*rfc4180.DictReader(io.StringIO(text, newline=""), strict=True)]
        assert all(None not in row and None not in row.values() for row in rows), "a row of another length"
        found[path.name.split(".")[1]] = rows
    return found


def measure(rows, path):
    (row,) = [row for row in rows if row["measure"] == path]
    return row


def test_each_kind_of_table_has_its_file(tmp_path):
    assert [*tables(example_song(), tmp_path)] == ["measures", "beats", "chords", "notes", "contour", "spans", "curves"]
    assert "verdicts" in tables(judged_song(), tmp_path)


def test_measures_have_their_number_range_and_unit_as_in_the_json(tmp_path):
    rows = tables(example_song(), tmp_path)["measures"]
    tempo = measure(rows, "tempo.bpm")
    assert (tempo["value"], tempo["low"], tempo["high"], tempo["unit"]) == ("123.04", "122.6", "123.4", "BPM")
    assert measure(rows, "loudness.true_peak_dbtp")["value"] == "-0.21"
    coverage = measure(rows, "loops.coverage_fraction")
    assert (float(coverage["value"]), coverage["unit"]) == (0.87, "fraction")
    assert measure(rows, "key.tonic")["value"] == "F#"
    assert measure(rows, "key.runner_up.tonic")["value"] == "A"
    assert measure(rows, "loudness.streaming_gain_db.Spotify")["value"] == "-4.69"
    assert len({row["measure"] for row in rows}) == len(rows)


def test_what_is_missing_is_an_empty_cell_with_the_reason(tmp_path):
    rows = tables(SONGS["voiceless"], tmp_path)["measures"]
    span = measure(rows, "vocal_range.span_semitones")
    assert (span["value"], span["low"], span["missing"]) == ("", "", "no one sings")
    quiet = measure(tables(SONGS["quiet"], tmp_path)["measures"], "loudness.range_lu")
    assert (quiet["value"], quiet["missing"]) == ("", "less than 3 s of it is louder than −70 LUFS")


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_text_on_one_line_and_no_formula(title, tmp_path):
    cell = measure(tables(song_with(beats_at([1, 2]), title=title), tmp_path)["measures"], "source.tags.title")["value"]
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert len(cell.splitlines()) == 1
    assert title.strip() in cell or "\\" in cell


def test_hostile_labels_and_verdicts_are_no_formulas_either(tmp_path):
    structure = Structure(sections=(Section(start_s=0.0, end_s=4.0, label="=cmd|'/c calc'!A0"),))
    (span,) = tables(song_with(structure), tmp_path)["spans"]
    assert span == {"measure": "structure.sections", "label": "'=cmd|'/c calc'!A0", "start_s": "0.0", "end_s": "4.0"}
    judged = judged_song()
    verdicts = tuple(
        type(v)(**{**vars(v), "text": "@evil", "evidence": (Evidence(label="=", measure="x"),)})
        for v in judged.verdicts
    )
    song = SongAnalysis(source=judged.source, outcomes=judged.outcomes, verdicts=verdicts)
    assert {row["text"] for row in tables(song, tmp_path)["verdicts"]} == {"'@evil"}


def test_beats_have_their_bar_and_their_place_in_it(tmp_path):
    rows = tables(song_with(beats_at([0.5, 1.0, 1.5, 2.0, 2.5, 3.0], first_downbeat=1)), tmp_path)["beats"]
    assert [(row["bar"], row["beat"]) for row in rows] == [
        ("0", "4"), ("1", "1"), ("1", "2"), ("1", "3"), ("1", "4"), ("2", "1")
    ]  # fmt: skip
    assert [float(row["time_s"]) for row in rows] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]


def test_a_chord_has_the_bar_and_the_beat_that_it_begins_on(tmp_path):
    """A pick-up of one beat, a change half way through a beat, and one that lasts over the bar line."""
    changes = ((0.5, 1.0, "G:7"), (1.0, 2.24, "C:maj"), (2.24, 4.0, "F:maj"), (4.0, 5.0, "N"))
    chords = Chords(
        spans=tuple(ChordSpan(start_s=a, end_s=b, label=label, probability=0.75) for a, b, label in changes)
    )
    rows = tables(song_with(beats_at(np.arange(0.5, 5.0, 0.5), first_downbeat=1), chords), tmp_path)["chords"]
    assert [(row["bar"], row["beat"], row["chord"], row["harte"]) for row in rows] == [
        ("0", "4.0", "G7", "G:7"),
        ("1", "1.0", "C", "C:maj"),
        ("1", "3.5", "F", "F:maj"),
        ("2", "3.0", "N.C.", "N"),
    ]
    assert {row["probability"] for row in rows} == {"0.75"}
    rows = tables(song_with(chords, without=("beats",)), tmp_path)["chords"]
    assert {(row["bar"], row["beat"]) for row in rows} == {("", "")}


def test_the_contour_is_empty_where_no_one_sings_and_the_notes_are_named(tmp_path):
    found = tables(song_with(sung(contour_of([(0.5, 1.0, 60), (1.5, 2.0, 61)], 2.5))), tmp_path)
    contour = found["contour"]
    assert len(contour) == 250
    assert (contour[0]["f0_hz"], contour[0]["midi"]) == ("", "")
    assert float(contour[60]["midi"]) == 60
    assert float(contour[60]["f0_hz"]) == pytest.approx(261.6256, abs=1e-4)
    notes = [(float(row["start_s"]), float(row["end_s"]), row["midi"], row["note"]) for row in found["notes"]]
    assert notes == [(0.5, 1.0, "60", "C4"), (1.5, 2.0, "61", "C#4")]


def test_curves_begin_where_their_measurement_says_and_skip_what_is_no_number(tmp_path):
    song = example_song()
    rows = [row for row in tables(song, tmp_path)["curves"] if row["measure"] == "loudness.short_term_lufs"]
    loudness = song[Loudness]
    assert len(rows) == loudness.short_term_lufs.size
    assert [row["time_s"] for row in rows[:2]] == ["1.5", "1.6"]
    assert rows[0]["value"] == ""
    assert float(rows[100]["value"]) == pytest.approx(float(loudness.short_term_lufs[100]), abs=1e-6)
    assert rows[0]["unit"] == "LUFS"


def test_every_number_is_a_number_with_a_dot(tmp_path):
    for kind, rows in tables(example_song(), tmp_path).items():
        for column in {"time_s", "low", "high", "start_s", "end_s", "f0_hz", "pitch_midi"} & rows[0].keys():
            numbers = np.array([float(row[column]) for row in rows if row[column]])
            assert numbers.size, (kind, column)
            assert np.isfinite(numbers).all()


def test_spans_within_spans_have_their_path(tmp_path):
    paths = {row["measure"] for row in tables(example_song(), tmp_path)["spans"]}
    assert {"loops.spans", "loops.others[0].example", "structure.sections", "vocal_range.lowest_sustained"} <= paths


@pytest.mark.parametrize("kind", ["missing", "failed", "nothing run"])
def test_nothing_measured_writes_nothing(kind, tmp_path):
    with pytest.raises(CannotMeasure, match="nothing was measured"):
        csv(SONGS[kind], folder=tmp_path)
    assert [*tmp_path.iterdir()] == []
