import dataclasses
import functools
import hashlib
import html
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from melodies import OTHER, TUNE, singing
from outcomes import missing
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.key import Key
from riffscope.analyzers.loudness import Loudness
from riffscope.analyzers.tempo import Tempo
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.cli import main
from riffscope.cli.comparison import print_comparison
from riffscope.codec import to_json
from riffscope.compare import KEY, MAX_ROWS, MAX_ROWS_OF_ONE, MAX_TELLING, MISSING, compare, sounds_same
from riffscope.comparison_words import _trimmed
from riffscope.errors import Absence
from riffscope.judge import built_in_comparisons, judge_pair
from riffscope.listener import HEARD
from riffscope.measures import all_measures, in_words, read_measure
from riffscope.model import Estimate, Measured, subtract
from riffscope.progressions import Progression
from riffscope.units import LUFS
from riffscope.workflow import report
from songs import HOSTILE_TITLES, example_song, songs, with_outcomes


def changed(song, result, **fields):
    """The same song with some fields of one measurement changed."""
    name = next(name for name, out in song.outcomes.items() if isinstance(getattr(out, "value", None), result))
    value = dataclasses.replace(song[result], **fields)
    return with_outcomes(song, {name: Measured(value=value, version=1, seconds=0.0)})


def called(song, title, sha256=None):
    """The same song under another title, and from another file unless its hash is given."""
    source = dataclasses.replace(
        song.source,
        tags=dataclasses.replace(song.source.tags, title=title),
        sha256=sha256 or hashlib.sha256(title.encode("utf-8", "replace")).hexdigest(),
    )
    return dataclasses.replace(song, source=source)


def at_tempo(song, bpm, title="Other"):
    tempo = Estimate(value=bpm, low=bpm - 0.1, high=bpm + 0.1)
    return called(changed(song, Tempo, bpm=tempo), title)


def in_key(song, tonic, mode, *, sure=0.98):
    return changed(song, Key, tonic=tonic, mode=mode, confidence_fraction=sure)


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


def as_mono(song, title="Mono"):
    """The same song as if its file had one channel of that loudness."""
    mono = called(changed(song, Loudness, layout="mono", channel_layout="mono"), title)
    return dataclasses.replace(mono, source=dataclasses.replace(mono.source, channels=1))


def test_mono_beside_stereo_is_heard_from_two_loudspeakers(song):
    comparison = compare([song, as_mono(song)])
    assert row(comparison, "loudness.integrated_lufs").difference.value == pytest.approx(3.01, abs=0.01)
    assert row(comparison, "loudness.max_short_term_lufs").difference.value == pytest.approx(3.01, abs=0.01)
    assert row(comparison, "loudness.plr_lu").difference.value == pytest.approx(-3.01, abs=0.01)
    assert row(comparison, "loudness.range_lu").difference.value == 0
    (said,) = (text for text in comparison.sentences if "mono" in text)
    assert "Mono" in said
    assert "3.0 LU" in said


def test_mono_beside_mono_is_as_loud_as_its_file(song):
    comparison = compare([as_mono(song), as_mono(song, "Other")])
    found = row(comparison, "loudness.integrated_lufs")
    assert found.difference.value == 0
    assert found.values[0].value == song[Loudness].integrated_lufs
    assert not any("loudspeakers" in text for text in comparison.sentences)


def test_a_claim_about_two_songs_hears_mono_as_it_is_played(song):
    louder = changed(song, Loudness, integrated_lufs=song[Loudness].integrated_lufs + 2)
    (claim,) = (claim for claim in built_in_comparisons() if claim.name == "quieter")
    (between,) = judge_pair(louder, as_mono(song), [claim])
    assert between.ruling == "refuted"
    assert any("mono" in text for text in between.caveats)
    (within,) = judge_pair(louder, song, [claim])
    assert within.ruling == "supported"
    assert not any("mono" in text for text in within.caveats)


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


def key_of(comparison):
    return next(fact for fact in comparison.facts if fact.measure == KEY)


def test_keys_are_compared_as_words(song):
    found = key_of(compare([in_key(song, "F#", "minor"), in_key(song, "G", "minor")], claims=()))
    assert found.values == ("F# minor", "G minor")
    assert found.same is False
    assert key_of(compare([song, song], claims=())).same is True


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
    assert {row.measure for row in rows} <= set(HEARD)


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


# ------------------------------------------------------------------------------------------------------------ sentences
def test_what_a_listener_notices_is_measured():
    assert set(HEARD) <= {measure.path for measure in all_measures()}
    assert not {"loudness.true_peak_dbtp", "loops.longest_gap_bars", "loops.passes"} & set(HEARD)


def test_a_slower_and_quieter_song_is_called_that_with_both_numbers(song):
    other = changed(at_tempo(song, 80.0), Loudness, integrated_lufs=song[Loudness].integrated_lufs - 9)
    opening = compare([song, other], claims=()).sentences[0]
    assert re.search(r"slower \(80 BPM against 123\)", opening)
    assert "quieter" in opening
    assert opening.startswith("Compared with Closet Heartbeat, Other")
    back = compare([other, song], claims=()).sentences[0]
    assert "faster (123 BPM against 80)" in back
    assert "louder" in back


def test_the_same_melody_leads_and_its_transposition_is_said_once():
    first, second = (called(singing(TUNE, semitones=moved), name) for moved, name in ((0, "One"), (-3, "Two")))
    found = compare([first, second])
    assert found.shared[0].by == "melody"
    assert found.shared[0].transposition_semitones == -3
    assert "Two has the same melody as One, 3 semitones lower" in found.sentences[0]
    assert sum("semitones" in sentence for sentence in found.sentences) == 1


def test_two_unrelated_melodies_are_never_said_to_be_the_same():
    found = compare([called(singing(TUNE), "One"), called(singing(OTHER), "Two")])
    assert found.shared == (None,)
    assert not any("same melody" in sentence for sentence in found.sentences)


def going_round(song, *labels, share=0.9):
    """The same song, most of which goes round some chords."""
    end_s = share * song.source.duration_s
    one = Progression(
        section="verse",
        labels=labels,
        roman=(),
        bars=(1.0,) * len(labels),
        period_bars=4.0,
        rounds=9.0,
        start_s=0.0,
        end_s=end_s,
    )
    return changed(song, Chords, progressions=(one,))


def test_chords_that_songs_share_are_said_in_whatever_key_they_are(song):
    first = going_round(song, "C:maj", "G:maj", "A:min", "F:maj")
    second = called(going_round(song, "A:maj", "E:maj", "F#:min7", "D:maj"), "Other")
    found = compare([first, second], claims=())
    assert found.rounds[0].transposition_semitones == -3
    (said,) = (sentence for sentence in found.sentences if "chords" in sentence)
    assert "It goes round the same 4 chords as Closet Heartbeat" in said
    assert "3 semitones lower" in said


@pytest.mark.parametrize(
    ("labels", "share"),
    [
        (("C:maj", "G:maj", "F:maj", "F:maj"), 0.9),
        (("A:maj", "E:maj", "F#:min", "D:maj"), 0.3),
        (("A:maj", "D:maj"), 0.9),
    ],
)
def test_other_chords_and_chords_of_a_few_bars_or_of_every_song_are_not(song, labels, share):
    first = going_round(song, "C:maj", "G:maj", "A:min", "F:maj")
    assert compare([first, going_round(song, *labels, share=share)], claims=()).rounds == (None,)
    two = going_round(song, "C:maj", "F:maj")
    assert compare([two, two], claims=()).rounds == (None,)


def test_a_claim_of_ones_own_decides_whether_a_melody_is_looked_for():
    assert compare([called(singing(TUNE), "One"), called(singing(TUNE), "Two")], claims=()).shared == (None,)


def test_tempi_an_octave_apart_are_counted_and_not_faster(song):
    found = compare([song, at_tempo(song, 246.0)], claims=())
    tempo = row(found, "tempo.bpm")
    assert tempo.counted_apart
    assert tempo not in found.clearest
    assert tempo.same is None
    said = " ".join(found.sentences)
    assert "counted at twice the tempo" in said
    assert "faster" not in said
    assert "counted at half the tempo" in " ".join(compare([at_tempo(song, 246.0), song], claims=()).sentences)
    assert not row(compare([song, at_tempo(song, 230.0)], claims=()), "tempo.bpm").counted_apart


def test_related_keys_are_called_that(song):
    minor = called(in_key(song, "A", "minor"), "Minor")
    relative = " ".join(compare([minor, called(in_key(song, "C", "major"), "Major")], claims=()).sentences)
    assert "relative" in relative
    parallel = " ".join(compare([minor, called(in_key(song, "A", "major"), "Major")], claims=()).sentences)
    assert "parallel" in parallel
    other = " ".join(compare([minor, called(in_key(song, "E", "major"), "Major")], claims=()).sentences)
    assert "It is in E major, Minor in A minor" in other
    assert "relative" not in other


def test_keys_of_which_one_is_hardly_sure_are_not_said_to_differ(song):
    unsure = called(in_key(song, "G", "major", sure=0.5), "Unsure")
    found = compare([song, unsure], claims=())
    assert key_of(found).same is None
    assert not any("G major" in sentence for sentence in found.sentences)


def test_who_does_not_sing_is_named(song):
    names = ("vocal_activity", "vocal_range", "vocal_layers", "vocal_tone")
    silent = with_outcomes(song, {name: missing(name, "no one sings", Absence.NO_VOICE) for name in names})
    found = compare([song, called(silent, "Instrumental")], claims=())
    assert found.sung == (True, False)
    assert any("No singing" in sentence and "Instrumental" in sentence for sentence in found.sentences)


def test_a_song_and_itself_are_the_same_recording(song):
    unsure = changed(song, VocalRange, span_semitones=Estimate(value=9.0, low=5.0, high=14.0))
    found = compare([unsure, unsure])
    assert found.sentences == ("These are the same recording.",)
    assert found.nothing_differs
    assert {row.ear for row in found.rows} == {"same"}
    assert found.verdicts == ((),)
    assert "+0.0" not in printed(found, 100, everything=True)


def test_one_recording_measured_in_two_ways_still_shows_what_differs(song):
    found = compare([song, called(at_tempo(song, 80.0), "Again", sha256=song.source.sha256)])
    assert "same recording" in found.sentences[0]
    assert any("tempo" in sentence for sentence in found.sentences[1:])
    assert not found.nothing_differs


def test_songs_with_the_same_numbers_differ_by_nothing_that_can_be_heard(song):
    found = compare([song, called(song, "Other")], claims=())
    assert not found.same_recording
    assert "No measured difference is large enough to hear." in found.sentences


def test_of_songs_without_a_measurement_in_common_nothing_is_said(song):
    without = with_outcomes(song, {}, keep=False)
    found = compare([song, called(without, "Other")], claims=())
    (said,) = found.sentences
    assert "nothing to compare" in said


def test_of_several_songs_the_one_that_stands_apart_is_named(song):
    three = [song, at_tempo(song, 80.0, "Slow"), at_tempo(song, 122.5, "Near")]
    found = compare(three, claims=())
    assert row(found, "tempo.bpm").standout == (1, False)
    assert row(found, "tempo.bpm").in_a_word == "B slowest"
    assert any("Slow is the slowest (80.0 BPM, the others 122.5" in sentence for sentence in found.sentences)


def test_long_titles_and_titles_that_two_songs_share_give_way_to_letters(song):
    assert compare([song, song], claims=()).names == ("A", "B")
    assert compare([song, called(song, HOSTILE_TITLES["long"])], claims=()).names == ("A", "B")
    assert compare([song, called(song, "Short")], claims=()).names == ("Closet Heartbeat", "Short")


@pytest.mark.parametrize("title", HOSTILE_TITLES.values())
def test_a_notebook_shows_titles_as_text(song, title):
    found = compare([song, called(song, title)], claims=())
    shown = found._repr_html_()
    assert "<script>" not in shown
    assert "\x1b" not in shown
    assert len(repr(found).splitlines()) == 1
    assert len(repr(found)) < 300


def test_a_notebook_shows_the_sentences_and_every_value(song):
    found = compare([song, at_tempo(song, 80.0)])
    shown = html.unescape(found._repr_html_())
    assert all(sentence in shown for sentence in found.sentences)
    assert all(amount in shown for row in found.telling for amount in row.amounts(found.spelling))
    assert "Closet Heartbeat" in repr(found)
    assert "different" in repr(found)


# ----------------------------------------------------------------------------------------------------- on a terminal
def printed(comparison, width, **options):
    out = Console(width=width, file=io.StringIO(), highlight=False)
    print_comparison(comparison, out=out, **options)
    return out.file.getvalue()


@functools.cache
def compared(*names):
    """The comparison of some songs, which every width shows."""
    return compare([songs()[name] for name in names])


@functools.cache
def compared_with_one_called(title):
    return compare([example_song(), called(at_tempo(example_song(), 80.0), title)])


@pytest.mark.parametrize("width", [30, 40, 60, 80, 109, 110, 120, 200])
@pytest.mark.parametrize("names", [("ordinary", "wide"), ("ordinary", "missing"), ("ordinary", "voiceless", "quiet")])
@pytest.mark.parametrize("everything", [False, True])
def test_no_width_costs_a_value(width, names, everything):
    found = compared(*names)
    lines = printed(found, width, everything=everything, why=True).splitlines()
    assert max(map(len, lines)) <= width
    text = " ".join(" ".join(lines).split())
    for row in found.everything if everything else found.telling:
        if len(names) == 2 and width < 110:
            assert row.in_a_line(found.spelling) in text, row.label
        else:
            values = [amount for amount in row.amounts(found.spelling) if amount != MISSING]
            assert all(amount in text for amount in values), row.label
    assert "…" not in text


@pytest.mark.parametrize("width", [40, 110, 200])
def test_six_songs_keep_their_values_at_every_width(width):
    six = [songs()[name] for name in ("ordinary", "wide", "quiet", "long", "narrow", "unsteady")]
    found = compare(six, claims=())
    text = printed(found, width)
    for row in found.telling:
        for letter, amount in zip("ABCDEF", row.amounts(found.spelling), strict=True):
            assert amount in text
            if width < 110:
                assert f"  {letter}  {amount}\n" in text


@pytest.mark.parametrize("title", HOSTILE_TITLES.values())
@pytest.mark.parametrize("width", [40, 120])
def test_titles_of_any_kind_do_no_harm_on_a_terminal(title, width):
    text = printed(compared_with_one_called(title), width)
    assert "\x1b" not in text
    assert "\x00" not in text
    assert "80.0 BPM" in text
    assert "slower" in text


def test_columns_come_at_110(song):
    found = compare([song, at_tempo(song, 80.0)], claims=())
    assert "123.0 → 80.0 BPM" in printed(found, 109)
    assert "→" not in printed(found, 110)


def test_few_rows_are_printed_unless_all_are_asked_for(song):
    found = compare([song, at_tempo(song, 80.0)], claims=())
    assert len(found.telling) <= MAX_TELLING + 1
    assert found.telling[1].measure == "tempo.bpm"
    assert "True peak" not in printed(found, 100).title()
    assert "True Peak" in printed(found, 100, everything=True).title()


def test_reasons_are_printed_where_they_are_asked_for():
    found = compare([called(singing(TUNE), "One"), called(singing(OTHER), "Two")])
    because = found.verdicts[0][0].because
    start = " ".join(because.split()[:3])
    assert start not in printed(found, 100)
    assert start in printed(found, 100, why=True)
    for verdict in found.verdicts[0]:
        assert verdict.text in printed(found, 200)


@pytest.mark.parametrize("command", [["compare"], ["report", "--out", "reports"]])
def test_seven_songs_are_refused_in_a_line_before_any_is_read(command, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main([*command, *(f"{name}.wav" for name in "abcdefg")]) == 2
    said = capsys.readouterr()
    assert len(said.err.splitlines()) == 1
    assert "7 songs" in said.err
    assert "up to 6" in said.err
    assert not said.out


def test_seven_songs_are_compared_in_python_and_not_reported(song, tmp_path):
    seven = [song, *(called(song, f"Song {number}") for number in range(6))]
    found = compare(seven, claims=())
    assert len(found.names) == 7
    assert "7  Song 5" in printed(found, 80)
    with pytest.raises(ValueError, match="up to 6"):
        report(["not there.wav"] * 7, tmp_path)


def test_options_of_the_command_choose_rows_and_reasons(song, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    for name, one in (("one", song), ("two", at_tempo(song, 80.0))):
        (tmp_path / f"{name}.json").write_bytes(to_json(one))
    pair = [str(tmp_path / "one.json"), str(tmp_path / "two.json")]
    assert main(["compare", *pair]) == 0
    short = capsys.readouterr().out
    assert main(["compare", *pair, "--all", "--why"]) == 0
    long = capsys.readouterr().out
    assert "slower" in short
    assert len(long.splitlines()) > 2 * len(short.splitlines())
    assert "Loudness: true peak" in long


@pytest.mark.parametrize(
    ("texts", "written"),
    [
        (("80.0 BPM", "92.0"), ["80 BPM", "92"]),
        (("−23.5 LU", "−12.0"), ["−23.5 LU", "−12.0"]),
        (("10.0 LU", "4.1"), ["10.0 LU", "4.1"]),
        (("C4", "A3"), ["C4", "A3"]),
    ],
)
def test_numbers_that_are_compared_have_the_same_decimals(texts, written):
    assert _trimmed(*texts) == written
