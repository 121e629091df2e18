import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outcomes import missing
from riffscope.analyzers.key import Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.compare import MAX_ROWS, MAX_ROWS_OF_ONE, compare, sounds_same
from riffscope.measures import all_measures, in_words, read_measure
from riffscope.model import Estimate, Measured, subtract
from riffscope.units import LUFS
from songs import example_song, songs, with_outcomes


def changed(song, result, **fields):
    """The same song with some fields of one measurement changed."""
    name = next(name for name, out in song.outcomes.items() if isinstance(getattr(out, "value", None), result))
    value = dataclasses.replace(song[result], **fields)
    return with_outcomes(song, {name: Measured(value=value, version=1, seconds=0.0)})


def row(comparison, path):
    return next(row for row in comparison.rows if row.measure == path)


@pytest.fixture(scope="module")
def song():
    return example_song()


def test_a_song_is_the_same_as_itself_wherever_its_ranges_allow(song):
    for found in compare([song, song]).rows:
        if found.difference is not None:
            assert found.difference.value == 0
            assert found.same is not False, found.measure


def test_a_louder_song_differs_by_that_much(song):
    louder = changed(song, Loudness, integrated_lufs=song[Loudness].integrated_lufs + 6)
    found = row(compare([song, louder]), "loudness.integrated_lufs")
    assert found.difference.value == pytest.approx(6)
    assert found.same is False


def test_half_a_lu_cannot_be_heard(song):
    louder = changed(song, Loudness, integrated_lufs=song[Loudness].integrated_lufs + 0.5)
    assert row(compare([song, louder]), "loudness.integrated_lufs").same is True


def test_of_three_songs_the_spread_is_given(song):
    songs = [changed(song, Loudness, integrated_lufs=level) for level in (-14.0, -8.0, -20.0)]
    assert row(compare(songs), "loudness.integrated_lufs").difference.value == 12


def test_a_wide_range_leaves_open_whether_songs_differ(song):
    unsure = changed(song, VocalRange, span_semitones=Estimate(value=20.0, low=5.0, high=30.0))
    assert row(compare([song, unsure]), "vocal_range.span_semitones").same is None


def test_what_one_song_lacks_is_named_with_its_reason(song):
    silent = with_outcomes(song, {"vocal_range": missing("vocal_range", "no one sings")})
    found = row(compare([song, silent]), "vocal_range.span_semitones")
    assert found.difference is None
    assert found.same is None
    assert found.missing == (None, "no one sings")


def test_keys_are_compared_as_words(song):
    other = changed(song, Key, tonic="G")
    facts = {fact.measure: fact for fact in compare([song, other]).facts}
    assert facts["key.tonic"].values == ("F#", "G")
    assert facts["key.tonic"].same is False
    assert facts["key.mode"].same is True


def test_a_comparison_needs_two_songs(song):
    with pytest.raises(ValueError, match="two songs"):
        compare([song])


numbers = st.floats(-100, 100)
widths = st.floats(0, 20)
estimates = st.builds(lambda v, a, b: Estimate(value=v, low=v - a, high=v + b), numbers, widths, widths)


@given(estimates, estimates)
def test_swapping_two_songs_turns_the_difference_round(a, b):
    forward, back = subtract(a, b), subtract(b, a)
    assert forward.value == -back.value
    assert forward.low == pytest.approx(-back.high)
    assert sounds_same(forward, LUFS) == sounds_same(back, LUFS)


def test_every_measure_can_be_read_and_is_named_without_its_unit(song):
    paths = [measure.path for measure in all_measures()]
    assert len(paths) == len(set(paths)) > 20
    assert "envelope.step_s" not in paths
    for measure in all_measures():
        assert measure.measurement in song.outcomes
        assert not measure.label.endswith((" lufs", " hz", " s", " midi", " semitones"))
    assert read_measure(song, "vocal_range.span_semitones") == song[VocalRange].span_semitones


def test_names_become_words():
    assert in_words("vocal_range") == "Vocal range"
    labels = {measure.path: measure.label for measure in all_measures()}
    assert labels["loudness.true_peak_dbtp"] == "Loudness: true peak"
    assert labels["balance.tilt_db_per_octave"] == "Balance: tilt"
    assert labels["loudness.plr_lu"] == "Loudness: peak-to-loudness ratio"
    assert labels["tempo.bpm"] == "Tempo"


def test_no_measurement_crowds_out_the_others(song):
    rows = compare([song, songs()["quiet"]], claims=()).clearest
    names = [row.measurement for row in rows]
    assert 0 < len(rows) <= MAX_ROWS
    assert max(names.count(name) for name in names) <= MAX_ROWS_OF_ONE
    sizes = [abs(row.difference.value) / row.unit.same_within for row in rows]
    assert sizes == sorted(sizes, reverse=True)
    assert all(row.same is not True for row in rows)


def test_each_song_lies_as_many_steps_from_the_first_as_its_unit_tells_apart(song):
    louder = changed(song, Loudness, integrated_lufs=song[Loudness].integrated_lufs + 6)
    found = row(compare([song, louder], claims=()), "loudness.integrated_lufs")
    assert [step.value for step in found.steps] == pytest.approx([0.0, 6.0 / LUFS.same_within])


def test_songs_in_one_comparison_spell_their_notes_one_way(song):
    flats = changed(song, Key, tonic="F", mode="major")
    together = compare([flats, song], claims=())
    assert flats.spelling is not together.spelling
    assert flats.spelled(together.spelling).spelling is together.spelling
    assert flats.spelled(together.spelling).spelled(flats.spelling).respelling is None
