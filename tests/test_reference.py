import dataclasses

import numpy as np
import pytest

from outcomes import missing
from riffscope.analyzers.loudness import Loudness
from riffscope.errors import BadClaim, RiffscopeError
from riffscope.measures import all_measures, measure_of
from riffscope.model import Measured
from riffscope.reference.build import MIN_SONGS, build, from_values, percents, write_toml
from riffscope.reference.table import Reference, parse, published, read
from songs import example_song, with_outcomes

MELODIES = published()["chart_melodies"]


def library(songs, values):
    """A reference of one's own: nine quantiles of so many songs."""
    percent = np.arange(10.0, 100, 10)
    return Reference(
        name="mine",
        about="songs of mine",
        measures=("loudness.integrated_lufs",),
        source="my library",
        years="2020",
        measured_on="recordings",
        songs=songs,
        percent=percent,
        quantiles=np.percentile(values, percent),
    )


def test_published_references_are_of_measures_that_there_are():
    paths = {measure.path for measure in all_measures()}
    assert len(published()) >= 5
    for reference in published().values():
        assert set(reference.measures) <= paths
        assert reference.songs > 100
        assert reference.source
        assert reference.measured_on


def test_percentiles_are_interpolated_between_the_quantiles():
    assert MELODIES.percentile(14).value == pytest.approx(50)
    assert MELODIES.percentile(15.5).value == pytest.approx(62.5)
    assert MELODIES.quantile(25).value == 12
    assert MELODIES.quantile(37.5).value == 13


def test_beyond_the_table_only_the_side_is_known():
    below, above = MELODIES.percentile(3), MELODIES.percentile(40)
    assert (below.low, below.high) == (0, 10)
    assert (above.low, above.high) == (90, 100)
    with pytest.raises(ValueError, match="known are percentiles 10 to 90"):
        MELODIES.quantile(5)


def test_a_number_that_many_songs_share_stands_at_all_their_percentiles():
    shared = library(400, np.repeat([1.0, 2.0, 3.0], [30, 50, 20]))
    place = shared.percentile(2.0)
    assert place.low < 40 < 70 < place.high
    assert place.value == pytest.approx(55, abs=6)


@pytest.mark.parametrize("songs", [20, 400])
def test_the_range_of_a_quantile_holds_the_truth_nine_times_in_ten(songs):
    """Tables are made of samples of a distribution whose median is known."""
    random = np.random.default_rng(songs)
    held = 0
    for _ in range(400):
        found = library(songs, random.normal(0, 1, songs)).quantile(50)
        held += found.low <= 0 <= found.high
    assert 0.84 <= held / 400 <= 0.97


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[a", "is not valid TOML"),
        ("a = 1", "is not a table"),
        ("[a]\nabout = 'x'", "needs measures"),
        (
            "[a]\nabout='x'\nmeasures=['tempo.bpm']\nsource='s'\nyears='y'\nmeasured_on='m'\nsongs=9\n"
            "quantiles=[[50, 2], [20, 1]]",
            "percents and quantiles rise",
        ),
    ],
)
def test_a_table_that_is_none_is_refused_in_one_line(content, complaint):
    with pytest.raises(BadClaim, match=complaint) as refused:
        parse(content, name="mine.toml")
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadClaim, match="no such file"):
        read(tmp_path / "none.toml")


def of_loudness(lufs, *, sha256):
    """A song of which nothing is known but how loud it is."""
    song = example_song()
    loudness = dataclasses.replace(song[Loudness], integrated_lufs=lufs)
    song = with_outcomes(song, {"loudness": Measured(value=loudness, version=1, seconds=0.0)}, keep=False)
    return dataclasses.replace(song, source=dataclasses.replace(song.source, sha256=sha256))


def test_a_library_of_ones_own_becomes_a_reference_and_is_read_again():
    songs = [of_loudness(-20.0 + k, sha256=f"{k:064d}") for k in range(21)]
    songs += [songs[0]] * 5  # a song that is there more than once counts once
    tables = build(songs, name='songs of "mine"')
    read_again = parse(write_toml(tables), name="mine.toml")
    lufs = next(one for one in read_again.values() if "loudness.integrated_lufs" in one.measures)
    assert lufs.songs == 21
    assert lufs.quantile(50).value == pytest.approx(-10)
    assert lufs.percentile(-15).value == pytest.approx(25)
    assert lufs.about == 'songs of "mine"'
    assert lufs.like_for_like
    assert not any("vocal_range" in one.measures[0] for one in read_again.values())


def test_a_few_songs_are_no_reference():
    few = [of_loudness(-20.0 + k, sha256=f"{k:064d}") for k in range(MIN_SONGS - 1)]
    with pytest.raises(RiffscopeError, match=f"needs {MIN_SONGS}"):
        build(few, name="mine")
    silent = with_outcomes(few[0], {"loudness": missing("loudness", "silence")}, keep=False)
    with pytest.raises(RiffscopeError, match=f"needs {MIN_SONGS} songs .*none"):
        build([silent], name="mine")


def test_a_reference_of_plain_numbers_leaves_out_what_is_none_and_what_few_songs_have():
    values = {"tempo.bpm": [*range(80, 101), float("nan")], "loudness.plr_lu": [10.0] * (MIN_SONGS - 1)}
    (tempi,) = from_values(values, name="songs of mine", years="1998 to 2013")
    assert tempi.measures == ("tempo.bpm",)
    assert tempi.songs == 21
    assert tempi.quantile(50).value == 90
    assert tempi.years == "1998 to 2013"


def test_more_songs_keep_finer_quantiles_and_ones_further_out():
    assert percents(MIN_SONGS) == percents(19) == (25, 50, 75)
    assert [percents(songs)[0] for songs in (20, 99, 100, 250, 500)] == [10, 10, 5, 2, 1]
    assert np.diff(percents(20)).tolist() == [5] * 16
    assert all(p + q == 100 for p, q in zip(percents(120), reversed(percents(120)), strict=True))


@pytest.mark.parametrize("skew", [0.3, 1.0])
def test_percentiles_among_many_songs_are_right_to_about_a_percent(skew):
    """A lopsided distribution, whose quantiles do not lie in lines."""
    numbers = np.exp(skew * np.random.default_rng(5).normal(size=800))
    (lufs,) = from_values({"loudness.integrated_lufs": numbers.tolist()}, name="mine", years="")
    for found in np.quantile(numbers, np.linspace(0.015, 0.985, 98)):
        assert lufs.percentile(found).value == pytest.approx(100 * np.mean(numbers < found), abs=1.5)


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (13.0, "narrower than 62% of chart melodies since 1950"),
        (17.0, "wider than 75% of chart melodies since 1950"),
        (5.0, "narrower than at least 90% of chart melodies since 1950"),
        (30.0, "wider than at least 90% of chart melodies since 1950"),
    ],
)
def test_a_place_among_songs_is_told_from_the_side_of_most_and_beyond_what_is_known_as_a_bound(span, words):
    reference = published()["chart_melodies"]
    assert reference.place_in_words(span, measure_of("vocal_range.span_semitones")) == words


def test_each_measure_has_its_own_comparison():
    tempi = published()["chart_tempi"]
    assert tempi.place_in_words(90.0, measure_of("tempo.bpm")).startswith("slower than ")
    assert tempi.place_in_words(140.0, measure_of("tempo.bpm")).startswith("faster than ")
