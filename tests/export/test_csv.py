import csv as rfc4180
import io

import numpy as np
import polars as pl
import pytest

from melodies import beats_at, contour_of, song_with, sung
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.riff_notes import RiffNotes
from riffscope.analyzers.structure import Section, Structure
from riffscope.errors import CannotMeasure
from riffscope.export.csv import csv
from riffscope.frames import Column, Table
from riffscope.model import Evidence
from riffscope.progressions import ChordSpan
from riffscope.song import SongAnalysis
from riffscope.tables import names, table_of
from songs import example_song, judged_song, songs

SONGS = songs()
HOSTILE = (
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1",
    '=HYPERLINK("x","y")',
    'a "quoted", title',
    "two\nlines",
)


def tables(song, folder):
    """Each table as rows by the names of its columns, read back with the field's own rules."""
    found = {}
    for path in csv(song, folder=folder):
        kind = path.name.split(".")[1]
        columns = table_of(song, kind).columns
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf"), "Excel does not take it for UTF-8"
        text = content.decode("utf-8-sig")
        assert text.endswith("\r\n")
        assert "\n" not in text.replace("\r\n", "")
        reader = rfc4180.DictReader(io.StringIO(text, newline=""), strict=True)
        assert reader.fieldnames == [column.heading for column in columns]
        rows = [{column.name: row[column.heading] for column in columns} | {None: row.get(None)} for row in reader]
        assert all(row.pop(None) is None and None not in row.values() for row in rows), "a row of another length"
        found[kind] = rows
    return found


def measure(rows, path):
    (row,) = [row for row in rows if row["measure"] == path]
    return row


def test_each_kind_of_table_has_its_file(tmp_path):
    found = ["measures", "beats", "sections", "chords", "notes", "riff", "contour", "spans", "curves"]
    assert [*tables(example_song(), tmp_path)] == found
    assert "verdicts" in tables(judged_song(), tmp_path / "judged")


def test_headings_are_words_with_units():
    headings = {column.heading for name in names() for column in table_of(example_song(), name).columns}
    assert {"time (s)", "start (s)", "end (s)", "frequency (Hz)", "90% range from", "why missing"} <= headings
    assert not [heading for heading in headings if "_" in heading]


def test_measures_have_their_number_range_and_unit_as_in_the_json(tmp_path):
    rows = tables(example_song(), tmp_path)["measures"]
    tempo = measure(rows, "tempo.bpm")
    assert (tempo["value"], tempo["low"], tempo["high"], tempo["unit"]) == ("123.04", "122.6", "123.4", "BPM")
    assert measure(rows, "loudness.true_peak_dbtp")["value"] == "-0.21"
    coverage = measure(rows, "loops.coverage_fraction")
    assert (float(coverage["value"]), coverage["unit"]) == (0.87, "fraction")
    assert measure(rows, "key.tonic")["text"] == "F♯"
    assert measure(rows, "key.tonic")["value"] == ""
    assert measure(rows, "key.runner_up.tonic")["text"] == "A"
    assert measure(rows, "structure.form")["text"] == "A A' B A' B C B' A''"
    assert measure(rows, "loudness.streaming_gain_db.Spotify")["value"] == "-4.69"
    assert len({row["measure"] for row in rows}) == len(rows)


def test_what_is_missing_is_an_empty_cell_with_the_reason(tmp_path):
    rows = tables(SONGS["voiceless"], tmp_path)["measures"]
    span = measure(rows, "vocal_range.span_semitones")
    assert (span["value"], span["low"], span["missing"]) == ("", "", "no one sings")
    quiet = measure(tables(SONGS["quiet"], tmp_path / "quiet")["measures"], "loudness.range_lu")
    assert quiet["value"] == ""
    assert "−70 LUFS" in quiet["missing"]


@pytest.mark.parametrize("title", HOSTILE)
def test_a_hostile_title_is_text_on_one_line_and_no_formula(title, tmp_path):
    cell = measure(tables(song_with(beats_at([1, 2]), title=title), tmp_path)["measures"], "source.tags.title")["text"]
    assert not cell.strip().startswith(("=", "+", "-", "@", "＝", "\t", "\r"))
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
    assert {row["text"] for row in tables(song, tmp_path / "verdicts")["verdicts"]} == {"'@evil"}


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
    rows = tables(song_with(chords, without=("beats",)), tmp_path / "without beats")["chords"]
    assert {(row["bar"], row["beat"]) for row in rows} == {("", "")}


def test_the_contour_is_empty_where_no_one_sings_and_the_notes_are_named(tmp_path):
    found = tables(song_with(sung(contour_of([(0.5, 1.0, 60), (1.5, 2.0, 61)], 2.5))), tmp_path)
    contour = found["contour"]
    assert len(contour) == 250
    assert (contour[0]["f0_hz"], contour[0]["midi"]) == ("", "")
    assert float(contour[60]["midi"]) == 60
    assert float(contour[60]["f0_hz"]) == pytest.approx(261.6256, abs=1e-4)
    notes = [(float(row["start_s"]), float(row["end_s"]), row["midi"], row["note"]) for row in found["notes"]]
    assert notes == [(0.5, 1.0, "60", "C4"), (1.5, 2.0, "61", "C♯4")]


def test_the_riff_has_its_notes_and_those_of_its_bass(tmp_path):
    riff = example_song()[RiffNotes]
    rows = tables(example_song(), tmp_path)["riff"]
    written = [(float(row["beat"]), float(row["beats"]), int(row["midi"])) for row in rows]
    assert written == [(note.beat, note.beats, note.midi) for note in (*riff.notes, *riff.bass_notes)]
    assert {row["part"] for row in rows} == {str(note.part) for note in (*riff.notes, *riff.bass_notes)}
    assert {row["note"][-1].isdigit() for row in rows} == {True}


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


def test_spans_of_notes_and_chords_are_named_with_musical_signs(tmp_path):
    found = tables(example_song(), tmp_path)
    spans = [row["label"] for row in found["spans"] if row["measure"] == "chords.spans"]
    assert spans == [row["chord"] for row in found["chords"]]
    assert "F♯m" in spans
    assert not [row for row in found["spans"] if row["label"][:2] in {"F#", "C#", "Ab"}]


@pytest.mark.parametrize("kind", ["missing", "failed", "nothing run"])
def test_nothing_measured_writes_nothing(kind, tmp_path):
    with pytest.raises(CannotMeasure, match="nothing was measured"):
        csv(SONGS[kind], folder=tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_sections_have_their_bars_and_without_beats_none(tmp_path):
    """A bar of three beats, not of four, is a bar all the same; the first section begins in a pick-up."""
    structure = Structure(
        sections=(
            Section(start_s=0.5, end_s=5.01, label="A", function="verse", function_probability=0.8),
            Section(start_s=5.01, end_s=9.0, label="B"),
        )
    )
    beats = beats_at(np.arange(0.5, 9.0, 0.5), first_downbeat=1)
    rows = tables(song_with(beats, structure), tmp_path)["sections"]
    assert [(row["section"], row["label"], row["first_bar"], row["bars"]) for row in rows] == [
        ("verse", "A", "1", "2"),
        ("B", "B", "3", "2"),
    ]
    assert [row["function_probability"] for row in rows] == ["0.8", ""]
    rows = tables(song_with(structure, without=("beats",)), tmp_path / "without beats")["sections"]
    assert {(row["first_bar"], row["bars"]) for row in rows} == {("", "")}


def test_numbers_have_a_point_and_an_ascii_minus_and_no_exponent(tmp_path):
    numbers = [-0.5, -7.4, 1e-6, 1e-9, 3.0, 123456789.25, float("nan")]
    columns = tuple(Column(name=name, heading=name, kind=float) for name in ("value", "another"))
    written = Table(columns=columns, made=[(number, None) for number in numbers]).to_csv()
    assert written.decode("utf-8-sig").splitlines()[1:] == [
        "-0.5,", "-7.4,", "0.000001,", "0.0,", "3.0,", "123456789.25,", ","
    ]  # fmt: skip


def test_a_data_frame_reads_the_files_as_they_are_meant(tmp_path):
    """The numbers as numbers, the signs as signs, the same as the frame that is made without a file."""
    song = judged_song()
    for path in csv(song, folder=tmp_path):
        made = table_of(song, path.name.split(".")[1]).to_frame()
        read = pl.read_csv(path, infer_schema_length=None)
        assert read.height == made.height
        for heading, name in zip(read.columns, made.columns, strict=True):
            if made[name].dtype.is_numeric() and made[name].null_count() < made.height:
                assert read[heading].dtype.is_numeric(), (path.name, name)
                assert read[heading].null_count() == made[name].null_count()
                np.testing.assert_allclose(read[heading].drop_nulls(), made[name].drop_nulls(), atol=1e-6)
            elif made[name].dtype == pl.String and name in {"chord", "note", "ruling"}:
                assert read[heading].to_list() == made[name].to_list()
