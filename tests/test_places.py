"""Where a song's numbers stand among those of a reference set: the places, and wherever they are shown."""

import csv
import io
import json
import re
from dataclasses import replace

import numpy as np
import pytest

import riffscope
from chapters_read import changed, rows, said
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.cli import main
from riffscope.codec import from_json, read_analysis, to_json
from riffscope.errors import BadReference
from riffscope.listener import HEARD
from riffscope.measures import all_measures, comparable_measures
from riffscope.model import Estimate
from riffscope.places import placed_numbers
from riffscope.reference.build import from_values, write_toml
from riffscope.reference.placing import (
    FEWEST_SONGS,
    allowances,
    outstanding,
    places_of,
    read_references,
    share_below,
)
from riffscope.reference.table import published
from riffscope.report.blocks import Heading, KeyFigures, Table
from riffscope.report.chapters.all_measurements import all_measurements
from riffscope.report.chapters.among_other_songs import among_other_songs
from riffscope.tables import songs_table
from riffscope.units import PROBABILITY
from riffscope.workflow import placed
from songs import example_song, songs

SPAN, LUFS, BPM = "vocal_range.span_semitones", "loudness.integrated_lufs", "tempo.bpm"


def mine(name="songs of mine", **values):
    """References of so many songs, by measures whose dots are two underscores."""
    return from_values({path.replace("__", "."): found for path, found in values.items()}, name=name, years="2020")


def evenly(low, high, songs=400):
    """So many songs with numbers that are spread evenly, so that their percentiles are known."""
    return np.linspace(low, high, songs).tolist()


def exactly(number):
    return Estimate(value=number, low=number, high=number)


def spanning(low, middle, high):
    return changed(VocalRange, span_semitones=Estimate(low=low, value=middle, high=high))


def place_of(song, references, path):
    return placed_numbers(places_of(song, references))[path]


# ---------------------------------------------------------------------------------------------------------- percentiles
def test_a_number_has_the_percentage_of_songs_below_it():
    (spans,) = mine(vocal_range__span_semitones=evenly(10, 20))
    assert place_of(spanning(12, 12, 12), [spans], SPAN).percentile.value == pytest.approx(20, abs=0.5)
    assert place_of(spanning(19, 19, 19), [spans], SPAN).percentile.value == pytest.approx(90, abs=0.5)


def test_a_number_that_is_unsure_has_an_unsure_place():
    (spans,) = mine(vocal_range__span_semitones=evenly(10, 20, songs=8000))
    place = place_of(spanning(13.1, 16.2, 17.9), [spans], SPAN).percentile
    assert (place.low, place.value, place.high) == pytest.approx((31, 62, 79), abs=1)


def test_fewer_songs_make_a_place_less_sure():
    wide, narrow = (
        place_of(spanning(15, 15, 15), mine(vocal_range__span_semitones=evenly(10, 20, songs)), SPAN).percentile
        for songs in (25, 2500)
    )
    assert wide.value == pytest.approx(narrow.value, abs=1)
    # Of 25 songs the median is known to about 16 percent (binomial), of a hundred times as many to a tenth of that.
    assert wide.high - wide.value == pytest.approx(16.4, abs=1)
    assert narrow.high - narrow.value == pytest.approx(1.64, abs=0.2)


@pytest.mark.parametrize("songs", [60, 400])
def test_the_range_of_a_place_holds_the_truth_in_nine_of_ten(songs):
    """The song's own number has an error, and the reference is a sample: together they make its range."""
    random = np.random.default_rng(songs)
    held, sigma = 0, 0.3
    for _ in range(400):
        (reference,) = mine(tempo__bpm=random.normal(0, 1, songs).tolist())
        truth = random.normal(0, 0.5)
        heard = truth + random.normal(0, sigma)
        place = reference.place(Estimate(low=heard - 1.645 * sigma, value=heard, high=heard + 1.645 * sigma))
        share = 100 * np.mean(np.random.default_rng(1).normal(0, 1, 20000) < truth)
        held += place.low <= share <= place.high
    assert 0.85 <= held / 400 <= 0.96


def test_beyond_the_outermost_quantile_only_the_side_is_told():
    references = mine(vocal_range__span_semitones=evenly(10, 20), tempo__bpm=evenly(200, 300))
    song = spanning(25, 25, 25)
    (places,) = places_of(song, references)
    beyond = {one.path: one for one in places.numbers}
    assert (beyond[SPAN].percentile.low, beyond[SPAN].percentile.high) == (98, 100)
    assert share_below(beyond[SPAN]) == "at least 98%"
    assert share_below(beyond[BPM]) == "at most 2%"
    told = {one.measure.path: one.place for one in outstanding(song, places)}
    assert told == {SPAN: "wider than at least 98%", BPM: "slower than at least 98%"}


def test_a_range_that_reaches_beyond_goes_on_to_the_end():
    (spans,) = mine(vocal_range__span_semitones=evenly(10, 20))
    place = spans.place(Estimate(low=8, value=11, high=11))
    assert (place.low, place.value) == pytest.approx((0, 10), abs=0.5)
    assert place.high < 14


def test_what_was_read_otherwise_is_allowed_for():
    """Notes on paper span up to two semitones less, so a place by them is a semitone lower, and less sure."""
    (alike,) = mine(vocal_range__span_semitones=evenly(10, 20))
    unlike = replace(alike, reads_lower_by=2.0)
    song = spanning(15, 15, 15)
    first, second = (place_of(song, [one], SPAN) for one in (alike, unlike))
    assert first.percentile.value - second.percentile.value == pytest.approx(10, abs=0.5)
    assert second.percentile.high - second.percentile.value > 10 > first.percentile.high - first.percentile.value
    assert (first.reads_lower_by, second.reads_lower_by) == (0, 2)


# --------------------------------------------------------------------------------------------------------- several sets
def test_of_two_sets_with_a_measure_the_one_that_riffscope_measured_counts_and_then_the_larger():
    (few,) = mine("demos", vocal_range__span_semitones=evenly(10, 20, songs=30))
    (many,) = mine("songs of mine", vocal_range__span_semitones=evenly(10, 20, songs=300))
    on_paper = replace(many, about="chart melodies", songs=5000, reads_lower_by=2.0)
    (places,) = places_of(example_song(), [on_paper, few, many])
    assert (places.about, places.songs) == ("songs of mine", 300)
    assert [one.path for one in places.numbers] == [SPAN]
    assert places_of(example_song(), [on_paper])[0].numbers[0].reads_lower_by == 2


def test_sets_of_several_measures_are_told_each_by_its_songs():
    places = places_of(example_song(), published().values())
    assert {one.about for one in places} == {
        "chart melodies since 1950",
        "lead vocals of Billboard hits",
        "chart pop, 2013–2015",
    }
    assert {path for one in places for path in (number.path for number in one.numbers)} == {
        measure for one in published().values() for measure in one.measures
    }
    assert places[0].set_in_words == "the 271 songs of chart pop, 2013–2015"
    (own,) = places_of(example_song(), mine(tempo__bpm=evenly(60, 180)))
    assert own.set_in_words == "400 songs of mine"


def test_what_a_song_lacks_has_no_place():
    references = mine(vocal_range__span_semitones=evenly(10, 20), tempo__bpm=evenly(60, 180))
    (places,) = places_of(songs()["voiceless"], references)
    assert [one.path for one in places.numbers] == [BPM]
    assert places_of(songs()["voiceless"], references[:1]) == ()


def test_how_sure_a_measurement_is_has_no_place():
    sure = next(measure.path for measure in all_measures() if measure.unit is PROBABILITY)
    references = from_values({sure: evenly(0, 1), BPM: evenly(60, 180)}, name="mine", years="")
    assert [one.path for places in places_of(example_song(), references) for one in places.numbers] == [BPM]


# ------------------------------------------------------------------------------------------------------ what stands out
def test_only_what_is_surely_in_an_outer_quarter_stands_out():
    (spans,) = mine(vocal_range__span_semitones=evenly(10, 20, songs=4000))
    for low, middle, high, stands_out in ((18.5, 19, 19.5, True), (16, 19, 19.5, False), (14, 15, 16, False)):
        song = spanning(low, middle, high)
        (places,) = places_of(song, [spans])
        assert bool(outstanding(song, places)) is stands_out
        blocks = list(among_other_songs(replace(song, places=(places,))))
        assert ("Nothing stands out" in said(blocks)) is not stands_out


def all_low(song):
    """References among which each number of a song is the lowest."""
    values = {measure.path: evenly(1e5, 1e6) for measure in comparable_measures()}
    return places_of(song, from_values(values, name="songs of mine", years="2020"))


def test_at_most_six_stand_out_of_those_that_a_listener_notices_and_first_what_counts_most():
    song = example_song()
    (places,) = all_low(song)
    told = outstanding(song, places)
    assert len(places.numbers) > 40
    assert len(told) == 6
    assert told[0].measure.path == BPM
    weights = [HEARD[one.measure.path].weight for one in told]
    assert weights == sorted(weights, reverse=True)


def test_what_no_listener_hears_does_not_stand_out():
    """Most songs are in tune to a few cents, and of most no one knows the true peak."""
    song = changed(Loudness, changed(Tempo, bpm=exactly(122.6)), true_peak_dbtp=6.0)
    close = mine(tempo__bpm=evenly(122.0, 122.5), loudness__true_peak_dbtp=evenly(-3, 0))
    (places,) = places_of(song, close)
    assert [one.percentile.low for one in places.numbers] == [98, 98]
    assert outstanding(song, places) == ()


def test_few_songs_cannot_tell_what_stands_out_and_that_is_said():
    song = spanning(30, 30, 30)
    for songs_, told in ((FEWEST_SONGS - 1, "19 songs are too few"), (FEWEST_SONGS, "")):
        (places,) = places_of(song, mine(vocal_range__span_semitones=evenly(10, 20, songs_)))
        assert bool(outstanding(song, places)) is not bool(told)
        assert told in said(among_other_songs(replace(song, places=(places,))))


def test_the_furthest_out_comes_first():
    song = changed(Loudness, spanning(19, 19, 19), integrated_lufs=-19.9)
    references = mine(loudness__integrated_lufs=evenly(-20, -10), vocal_range__span_semitones=evenly(10, 20))
    (places,) = places_of(song, references)
    assert [one.measure.path for one in outstanding(song, places)] == [LUFS, SPAN]


def test_a_sentence_has_the_number_its_unit_and_its_place_from_the_side_of_most():
    song = changed(Loudness, spanning(11.8, 12, 12.2), integrated_lufs=-19.0)
    references = mine(loudness__integrated_lufs=evenly(-20, -10), vocal_range__span_semitones=evenly(10, 20))
    (places,) = places_of(song, references)
    sentences = [one.sentence for one in outstanding(song, places)]
    assert any(re.search(r"12\.0 semitones: narrower than 80% \(7\d to 8\d\)\.$", one) for one in sentences)
    assert any(re.search(r"−19\.0 LUFS: quieter than 90% \(8\d to 9\d\)\.$", one) for one in sentences)


def test_a_pitch_is_told_as_a_note():
    song = example_song()
    (places,) = places_of(song, mine(vocal_range__median_midi=evenly(80, 90)))
    (told,) = outstanding(song, places)
    assert re.fullmatch(r"[A-G][♯♭]?\d", told.amount)
    assert f"{told.amount}: lower than" in told.sentence


def test_what_those_songs_read_otherwise_is_said_beside_it():
    song = spanning(30, 30, 30)
    by_set = {one.about: one for one in places_of(song, published().values())}
    (note,) = allowances(outstanding(song, by_set["chart melodies since 1950"]))
    assert "2 semitones lower" in note
    assert list(allowances(outstanding(song, by_set["chart pop, 2013–2015"]))) == []


# -------------------------------------------------------------------------------------------------- kept, and in tables
def test_places_are_kept_with_the_analysis():
    song = placed(example_song(), mine(tempo__bpm=evenly(60, 180)))
    assert song.places
    assert from_json(to_json(song)).places == song.places
    assert "places" not in json.loads(to_json(example_song()))
    assert placed(song, []) == song


def test_percentiles_are_a_column_of_the_measures():
    song = placed(example_song(), mine(tempo__bpm=evenly(60, 180)))
    by_path = {row["measure"]: row["percentile"] for row in song.to_frame().to_dicts()}
    assert by_path.pop(BPM) == song.places[0].numbers[0].percentile.value
    assert set(by_path.values()) == {None}


def test_a_table_of_songs_has_percentiles_only_where_songs_have_places(tmp_path):
    (tmp_path / "mine.toml").write_text(write_toml(mine(tempo__bpm=evenly(60, 180))))
    frame = riffscope.table([example_song(), songs()["missing"]], reference=tmp_path / "mine.toml")
    found, lacking = frame["tempo.bpm.percentile"].to_list()
    assert found == pytest.approx(100 * (example_song()[Tempo].bpm.value - 60) / 120, abs=0.5)
    assert lacking is None
    columns = riffscope.table(example_song()).columns
    assert [column for column in frame.columns if column not in columns] == ["tempo.bpm.percentile"]
    assert frame.columns[: columns.index("structure.form") + 1] == columns[: columns.index("structure.form") + 1]


# -------------------------------------------------------------------------------------------------------- in the report
def test_the_report_sets_what_stands_out_with_its_place():
    song = placed(
        spanning(11.8, 12, 12.2), mine(vocal_range__span_semitones=evenly(10, 20), tempo__bpm=evenly(60, 180))
    )
    blocks = list(among_other_songs(song))
    assert blocks[0] == Heading(text="Among 400 songs of mine")
    (figure,) = next(block.figures for block in blocks if isinstance(block, KeyFigures))
    assert (figure.label, figure.value, figure.unit) == ("Vocal range", "12.0", "semitones")
    assert figure.place.percent == pytest.approx(20, abs=0.5)
    assert figure.place.low < 18 < 22 < figure.place.high
    assert figure.place.text.startswith("narrower than 80%")
    assert "400 songs from a personal library, 2020" in said(blocks)
    assert list(among_other_songs(example_song())) == []


def test_the_table_of_all_measurements_has_percentiles_where_there_is_a_reference():
    song = placed(spanning(11.8, 12, 12.2), mine(vocal_range__span_semitones=evenly(10, 20)))
    blocks = list(all_measurements(song, full=True))
    (table,) = (block for block in blocks if isinstance(block, Table))
    place = [column.heading for column in table.columns].index("Songs below")
    by_path = {row[-1]: row[place] for row in rows(blocks) if len(row) > 1}
    assert re.fullmatch(r"20% \(1\d to 2\d\)", by_path.pop(SPAN))
    assert set(by_path.values()) == {""}
    assert "400 songs of mine" in said(blocks)
    (plain,) = (block for block in all_measurements(example_song(), full=True) if isinstance(block, Table))
    assert len(plain.columns) == len(table.columns) - 1


def test_a_reference_set_goes_with_the_report_of_one_song():
    with pytest.raises(ValueError, match="report of one song"):
        riffscope.report([example_song(), example_song()], reference=mine(tempo__bpm=evenly(60, 180)))


def test_a_report_from_python_has_the_places(tmp_path):
    reference = mine(vocal_range__span_semitones=evenly(30, 40))
    (page,) = riffscope.report(example_song(), tmp_path, reference=reference, formats=["html"], audio=False)
    assert "Among 400 songs of mine" in page.read_text()


# ----------------------------------------------------------------------------------------------------- the command line
@pytest.fixture
def folder(tmp_path):
    """A saved analysis and a reference set, in which its voice spans less than most."""
    reference = mine(vocal_range__span_semitones=evenly(10, 20), tempo__bpm=evenly(60, 180))
    (tmp_path / "mine.toml").write_text(write_toml(reference))
    (tmp_path / "kept.json").write_bytes(to_json(spanning(11.8, 12, 12.2)))
    return tmp_path


def printed(capsys, *arguments):
    assert main([*map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_a_song_is_told_by_what_stands_out_with_its_number(folder, capsys):
    out = printed(capsys, "analyze", folder / "kept.json", "--reference", folder / "mine.toml")
    block = out.partition("Among 400 songs of mine\n")[2].partition("\n\n")[0]
    assert re.fullmatch(r".*12\.0 semitones: narrower than 80% \(\d\d to \d\d\)\.", block)
    assert "Among" not in printed(capsys, "analyze", folder / "kept.json")


@pytest.mark.parametrize("width", [40, 80, 110])
def test_every_number_has_its_place_beside_or_below_it(folder, capsys, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    out = printed(capsys, "analyze", folder / "kept.json", "--reference", folder / "mine.toml", "--all")
    lines = out.splitlines()
    # A command to be copied stays in one piece.
    assert max(len(line) for line in lines if not line.startswith("Report: ")) <= width
    explained = " ".join(out.partition("In brackets")[2][:200].split())
    assert "“82% below”: of 400 songs of mine, 82% have a lower number." in explained
    # One for each of the two numbers that the reference set has.
    assert len(re.findall(r"\d+% below \(\d+ to \d+\)", out)) == 2
    number = next(place for place, line in enumerate(lines) if "12.0 semitones (11.8 to 12.2)" in line)
    assert "20% below" in (lines[number] if width > 40 else lines[number + 1])


def test_places_are_made_anew_from_the_numbers_that_were_saved(folder, capsys):
    """Also where places among other songs were saved with them."""
    before = placed(read_analysis(folder / "kept.json"), mine("old songs", tempo__bpm=evenly(60, 180)))
    (folder / "placed.json").write_bytes(to_json(before))
    again = folder / "again.json"
    printed(capsys, "analyze", folder / "placed.json", "--reference", folder / "mine.toml", "--json", again)
    (places,) = read_analysis(again).places
    assert (places.about, {one.path for one in places.numbers}) == ("songs of mine", {SPAN, BPM})


def test_a_table_for_spreadsheets_has_the_percentiles(folder, capsys):
    table = folder / "songs.csv"
    printed(capsys, "analyze", folder / "kept.json", "-q", "--reference", folder / "mine.toml", "--table", table)
    (row,) = csv.DictReader(io.StringIO(table.read_text("utf-8-sig")))
    assert float(row[f"{SPAN}.percentile"]) == pytest.approx(20, abs=0.5)
    song = placed(read_analysis(folder / "kept.json"), read_references(folder / "mine.toml"))
    assert songs_table([song]).to_csv() == table.read_bytes()


def test_a_song_with_none_of_the_numbers_is_shown_and_that_is_said(folder, capsys):
    (folder / "none.json").write_bytes(to_json(songs()["missing"]))
    assert main(["analyze", str(folder / "none.json"), "--reference", str(folder / "mine.toml")]) == 0
    said_ = capsys.readouterr()
    assert "none of the numbers of the reference set" in said_.err
    assert "Among" not in said_.out


CLAIMS = '[a]\ntext = "t"\nkind = "at_most"\nmeasure = "loudness.plr_lu"\nlimit = 1\n'


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (None, "no such file"),
        ("", "no measure that riffscope knows"),
        ('{"schema": 2}', "not valid TOML"),
        (CLAIMS, r"a reference set is made by riffscope reference"),
        (write_toml(mine(tempo__bmp=evenly(60, 180))), "no measure that riffscope knows .*'tempo.bmp'"),
    ],
)
@pytest.mark.parametrize("command", ["analyze", "report"])
def test_a_file_that_is_no_reference_set_is_refused_in_a_line_before_any_song_is_read(
    tmp_path, capsys, command, content, complaint
):
    path = tmp_path / "other.toml"
    if content is not None:
        path.write_text(content)
    assert main([command, str(tmp_path / "no song.wav"), "--reference", str(path)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{path}: ")
    assert re.search(complaint, line)
    with pytest.raises(BadReference, match=complaint):
        riffscope.analyze(tmp_path / "no song.wav", reference=path)


def test_measures_that_riffscope_does_not_know_are_passed_over(tmp_path):
    (tmp_path / "mine.toml").write_text(write_toml(mine(tempo__bmp=evenly(60, 180), tempo__bpm=evenly(60, 180))))
    (reference,) = read_references(tmp_path / "mine.toml")
    assert reference.measures == (BPM,)


def test_a_comparison_has_no_places(folder, capsys):
    kept = str(folder / "kept.json")
    assert main(["report", kept, kept, "--reference", str(folder / "mine.toml")]) == 2
    assert "--reference goes with the report of one song" in capsys.readouterr().err


def test_a_reference_set_is_never_written_over(folder, capsys):
    before = (folder / "mine.toml").read_bytes()
    arguments = ["analyze", str(folder / "kept.json"), "--reference", str(folder / "mine.toml")]
    assert main([*arguments, "--json", str(folder / "mine.toml"), "--force"]) == 1
    assert "would be overwritten" in capsys.readouterr().err
    assert (folder / "mine.toml").read_bytes() == before
