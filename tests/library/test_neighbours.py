"""The songs nearest to a song: tempi, keys and numbers as listeners tell them apart, and what is said of each."""

import dataclasses
import time

import numpy as np
import polars as pl
import pytest

from asked_library import library_of, sha_of, song_of
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.errors import RiffscopeError
from riffscope.library.neighbours import columns_for, measures_named, nearest, table_of
from riffscope.library.references import frame_of
from riffscope.library.usual import USUAL
from riffscope.library.which import song_called
from riffscope.measures import comparable_measures
from songs import with_outcomes


def found(like, others, by, **options):
    """Return what is near the first song, by title."""
    songs = frame_of([like, *others]).with_columns(path=pl.lit(None, pl.String))
    row = songs.row(0, named=True)
    return {one.title: one for one in nearest(songs, row, by=by, **options)}


def difference(like, other, name):
    (one,) = found(like, [other], [name])[other.source.title].differences
    return one


def test_tempi_differ_by_their_ratio_and_hardly_by_an_octave():
    like = song_of("like", bpm=90)
    others = [song_of(str(bpm), bpm=bpm) for bpm in (92, 100, 127, 180, 45)]
    near = found(like, others, ["tempo.bpm"])
    assert list(near) == ["92", "180", "45", "100", "127"]
    assert near["180"].distance == pytest.approx(near["45"].distance)
    assert near["127"].distance == pytest.approx(1, abs=0.02)
    assert "180.0 BPM against 90.0 (90.0 counted half as fast)" in near["180"].differences[0].in_words
    assert "(90.0 counted twice as fast)" in near["45"].differences[0].in_words
    assert "counted" not in near["100"].differences[0].in_words


def test_keys_differ_round_the_circle_of_fifths():
    like = song_of("like", key="C major")
    keys = ["C major", "A minor", "G major", "F major", "E minor", "C minor", "D major", "F# major", "Eb minor"]
    near = found(like, [song_of(key, key=key) for key in keys], ["key"])
    assert list(near)[:2] == ["C major", "A minor"]
    assert set(list(near)[2:4]) == {"G major", "F major"}
    order = [near[key].distance for key in ("G major", "E minor", "C minor", "D major", "F# major")]
    assert order == sorted(order)
    assert near["C major"].distance == 0
    assert near["Eb minor"].distance > 0.8
    told = {key: near[key].differences[0].in_words for key in keys}
    assert told["C major"] == "both in C major"
    assert "relative" in told["A minor"]
    assert "fifth" in told["G major"]
    assert "fifth" in told["F major"]
    assert "parallel" in told["C minor"]
    assert told["F# major"] == "in F♯ major against C major"


def test_minor_keys_have_their_own_relatives():
    assert "relative" in difference(song_of("like", key="Eb minor"), song_of("other", key="F# major"), "key").in_words
    assert "parallel" in difference(song_of("like", key="Eb minor"), song_of("other", key="Eb major"), "key").in_words


def test_a_key_counts_as_far_as_it_is_sure():
    like = song_of("like", key="C major", sure=0.9, bpm=120)
    sure, unsure = (song_of(str(sure), key="F# major", sure=sure, bpm=120) for sure in (0.9, 0.2))
    near = found(like, [sure, unsure], ["tempo.bpm", "key"])
    assert list(near) == ["0.2", "0.9"]
    weights = {title: one.differences[1].weight for title, one in near.items()}
    assert weights == pytest.approx({"0.9": 0.81, "0.2": 0.18})


def test_a_number_with_a_wide_range_counts_less_but_an_octave_in_doubt_does_not():
    like = song_of("like", bpm=120, doubt_bpm=0)
    narrow = difference(like, song_of("narrow", bpm=140, doubt_bpm=0), "tempo.bpm")
    wide = difference(like, song_of("wide", bpm=140, doubt_bpm=28), "tempo.bpm")
    assert (narrow.weight, narrow.amount) == (1, wide.amount)
    assert 0.4 < wide.weight < 0.75
    octave = song_of("octave", bpm=120, doubt_bpm=0)
    tempo = octave.outcomes["tempo"]
    doubted = dataclasses.replace(tempo.value.bpm, low=60.0)
    value = dataclasses.replace(tempo.value, bpm=doubted)
    octave = with_outcomes(octave, {"tempo": dataclasses.replace(tempo, value=value)})
    assert difference(like, octave, "tempo.bpm").weight == pytest.approx(1)


def test_other_numbers_differ_by_the_spread_of_the_library_or_by_what_is_heard():
    like, other = song_of("like", lufs=-12), song_of("other", lufs=-14)
    alone = difference(like, other, "loudness.integrated_lufs").amount
    assert alone == pytest.approx(0.2)  # a unit of same loudness, 1 LU, is a tenth
    spread = [song_of(str(lufs), lufs=float(lufs)) for lufs in np.linspace(-30, -5, 26)]
    wide = found(like, [other, *spread], ["loudness.integrated_lufs"], count=99)["other"]
    assert wide.distance == pytest.approx(0.1, abs=0.01)  # of 20 LU from the 10th to the 90th percentile
    same = [song_of(f"same {k}", lufs=-12 - 0.01 * k) for k in range(26)]
    narrow = found(like, [other, *same], ["loudness.integrated_lufs"], count=99)["other"]
    assert narrow.distance == pytest.approx(0.5)  # never more than a quarter for what sounds the same


def test_what_one_song_lacks_costs_something_and_what_both_lack_nothing():
    by = ["tempo.bpm", "vocal_range.span_semitones"]
    sung, instrumental = song_of("sung"), song_of("instrumental", sung=False)
    near = found(song_of("like", sung=False), [sung, instrumental], by)
    assert list(near) == ["instrumental", "sung"]
    assert near["instrumental"].distance == 0
    assert [one.name for one in near["instrumental"].differences] == ["tempo.bpm"]
    assert 0 < near["sung"].distance < 0.5
    assert "against none" in near["sung"].different[0].in_words
    assert "none against" in found(sung, [instrumental], by)["instrumental"].different[0].in_words


def test_a_song_with_none_of_the_measures_is_near_nothing():
    with pytest.raises(RiffscopeError, match=r"“like” has none .*key"):
        found(song_of("like", key=None), [song_of("other")], ["key"])


def test_the_numbers_stand_side_by_side():
    like = song_of("like")
    span = like.outcomes["vocal_range"]
    wider = dataclasses.replace(span.value, span_semitones=dataclasses.replace(span.value.span_semitones, value=6.5))
    other = with_outcomes(song_of("other"), {"vocal_range": dataclasses.replace(span, value=wider)})
    own = like.get(VocalRange).span_semitones.value
    told = difference(like, other, "vocal_range.span_semitones").in_words
    assert told == f"the voice spans 6.5 semitones against {own:.1f}"
    assert difference(like, song_of("same"), "vocal_range.span_semitones").in_words.endswith(" in both")


def test_what_is_alike_and_what_differs_is_told_apart():
    like = song_of("like", bpm=92, key="C minor", lufs=-12)
    near = found(
        like, [song_of("other", bpm=91, key="C minor", lufs=-20)], ["tempo.bpm", "key", "loudness.integrated_lufs"]
    )
    one = near["other"]
    assert {each.name for each in one.alike} == {"tempo.bpm", "key"}
    assert [each.name for each in one.different] == ["loudness.integrated_lufs"]


def test_every_usual_measure_is_one_and_every_measure_can_be_compared_by():
    names = tuple(USUAL)
    assert measures_named(names) == names
    everything = measures_named(
        [*{one.measurement for one in comparable_measures()}, "key", "key.tuning_cents", "duration_s"]
    )
    assert {*names, *(one.path for one in comparable_measures())} <= set(everything)
    others = [song_of("other", bpm=140, key="D minor", lufs=-9), song_of("bare", bpm=None, key=None, sung=False)]
    near = found(song_of("like"), others, everything)
    assert list(near) == ["other", "bare"]
    for one in near.values():
        assert 0 < one.distance < 1
        for each in one.differences:
            assert 0 <= each.amount <= 1
            assert 0 <= each.weight <= 1
            assert each.in_words
            assert "None" not in each.in_words
            assert "nan" not in each.in_words


def test_measures_are_named_by_path_or_by_what_they_begin_with():
    assert measures_named(["key", "tempo.bpm", "KEY"]) == ("key", "tempo.bpm")
    loudness = measures_named(["loudness"])
    assert len(loudness) > 3
    assert all(name.startswith("loudness.") for name in loudness)
    for wrong, near in (("tempo.bmp", "tempo.bpm"), ("kye", "key"), ("integrated_lufs", "loudness.integrated_lufs")):
        with pytest.raises(RiffscopeError, match=f"'{wrong}'.*nearest is '{near}'"):
            measures_named([wrong])
    with pytest.raises(RiffscopeError):
        measures_named([""])


def test_the_song_itself_is_not_near_itself_and_copies_of_it_are():
    like = song_of("like")
    assert list(found(like, [song_of("copy"), song_of("other", bpm=80)], tuple(USUAL), count=1)) == ["copy"]


def test_only_songs_that_are_wanted_are_found_by_the_spread_of_all():
    songs = frame_of([song_of(str(n), lufs=-10.0 - n) for n in range(30)]).with_columns(path=pl.lit(None, pl.String))
    by = ["loudness.integrated_lufs"]
    like = songs.row(0, named=True)
    among = songs.filter(pl.col("title").is_in(["1", "20"]))
    far, near = (nearest(songs, like, by=by, among=chosen) for chosen in (None, among))
    assert [one.title for one in near] == ["1", "20"]
    assert near[0].distance == far[0].distance


def test_the_table_has_the_song_first_and_its_numbers_beside_the_others(tmp_path):
    by = ("tempo.bpm", "key")
    songs = frame_of([song_of("like", bpm=90), song_of("a", bpm=92, artist="A"), song_of("b", bpm=None)])
    songs = songs.with_columns(path=pl.lit(None, pl.String))
    like = songs.row(0, named=True)
    frame = table_of(like, nearest(songs, like, by=by), by).to_frame()
    assert frame["title"].to_list() == ["like", "a", "b"]
    assert frame["rank"].to_list() == [0, 1, 2]
    assert frame["tempo.bpm"].to_list() == [90, 92, None]
    assert frame["key"].to_list() == ["C major"] * 3
    assert frame["tempo.bpm.difference"][2] == 0.5
    assert frame["distance"].is_sorted()


def test_a_hundred_thousand_songs_are_searched_in_seconds():
    songs = frame_of([song_of(str(n), bpm=80 + n, key=("C major", "A minor", None)[n % 3]) for n in range(6)])
    songs = songs.with_columns(path=pl.lit(None, pl.String)).select(columns_for(tuple(USUAL)))
    many = songs[np.arange(100_000) % songs.height].with_columns(sha256=pl.int_range(100_000).cast(pl.String))
    begin = time.process_time()
    near = nearest(many, {**many.row(0, named=True)}, count=10)
    assert time.process_time() - begin < 4
    assert {one.title for one in near} == {"0"}


# ------------------------------------------------------------------------------------------------- which song is meant
@pytest.fixture(scope="module")
def names(tmp_path_factory):
    songs = (
        song_of("Closet", artist="Ann"),
        song_of("Closet (stripped back)", artist="Ann"),
        song_of("Arena", artist="Ben"),
        song_of("Twin", artist="Ann"),
        dataclasses.replace(
            song_of("Twin", artist="Ben"),
            source=dataclasses.replace(song_of("Twin", artist="Ben").source, sha256=sha_of("another")),
        ),
    )
    return frame_of(songs).lazy()


def test_a_song_is_meant_by_its_title_its_file_its_hash_or_words_of_its_names(names):
    assert song_called(names, "closet") == sha_of("Closet")
    assert song_called(names, "ARENA.flac") == sha_of("Arena")
    assert song_called(names, sha_of("Arena")[:8]) == sha_of("Arena")
    assert song_called(names, "ann stripped") == sha_of("Closet (stripped back)")
    assert song_called(names, "  Twin ben ") == sha_of("another")


def test_songs_of_one_name_are_listed_and_an_unknown_one_has_a_near_one(names):
    with pytest.raises(RiffscopeError, match=f"Twin.*Ann.*{sha_of('Twin')[:8]}.*Twin.*Ben") as several:
        song_called(names, "twin")
    assert "\n" not in str(several.value)
    with pytest.raises(RiffscopeError, match="nearest is “Arena”"):
        song_called(names, "areba")
    for unknown in ("", "   ", "%", "zzz", ".*"):
        with pytest.raises(RiffscopeError, match="no song"):
            song_called(names, unknown)


def test_a_library_is_asked_from_python(tmp_path):
    import riffscope

    library_of(tmp_path / "lib", song_of("like", bpm=90), song_of("other", bpm=60), song_of("near", bpm=91))
    near = riffscope.find_near(tmp_path / "lib", "like", by=["tempo"], count=1)
    assert [one.title for one in near.songs] == ["near"]
    assert (near.among, near.by[0]) == (3, "tempo.bpm")
    assert near.to_frame()["title"].to_list() == ["like", "near"]
    assert "near" in repr(near)
    assert len(repr(near)) < 100
    elsewhere = riffscope.find_near(str(tmp_path / "lib"), song_of("elsewhere", bpm=61), where="tempo.bpm < 91")
    assert [one.title for one in elsewhere.songs] == ["other", "like"]
    measured = []

    def measure(path):
        measured.append(path)
        return song_of("measured", bpm=60)

    sound = tmp_path / "sound.wav"
    sound.write_bytes(b"RIFF")
    assert riffscope.find_near(tmp_path / "lib", sound, count=1, measure=measure).songs[0].title == "other"
    assert measured == [sound]
    with pytest.raises(RiffscopeError, match="holds for no song"):
        riffscope.find_near(tmp_path / "lib", "like", where="tempo.bpm > 200")
    with pytest.raises(RiffscopeError, match="is no library"):
        riffscope.find_near(tmp_path / "none", "like")
