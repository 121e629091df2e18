import time

import pytest

from melodies import piece, song_with
from riffscope.analyzers.chords import Chords
from riffscope.errors import CannotMeasure
from riffscope.judge import judge_pair, parse_claims
from riffscope.model import Measured, Ruling
from riffscope.progressions import ChordSpan, Progression
from riffscope.versions.harmony import share_harmony
from songs import with_outcomes

SAME = '[same]\ntext = "{second} is {first}"\nkind = "same_melody"\n'


def test_another_arrangement_in_another_key_and_tempo_is_the_same_piece():
    shared = share_harmony(piece(1), piece(1, semitones=-3, beat_s=0.7, seed_of_band=4))
    assert shared.ruling is Ruling.SUPPORTED
    assert shared.transposition_semitones == -3
    assert shared.common_fraction > 0.9
    assert shared.second.start_s == pytest.approx(1, abs=1.5)
    assert shared.second.end_s == pytest.approx(1 + 95 * 0.7, abs=2)
    assert "3 semitones lower" in shared.summary


def test_another_piece_is_another():
    assert share_harmony(piece(1), piece(2, seed_of_band=3)).ruling is Ruling.REFUTED


def test_the_same_round_of_chords_makes_no_piece_the_same():
    shared = share_harmony(piece(1, looping=True), piece(2, looping=True, seed_of_band=3, semitones=2))
    assert shared.ruling is Ruling.INCONCLUSIVE
    assert "as many songs do" in shared.summary


def test_an_hour_of_music_is_compared_in_seconds():
    began = time.perf_counter()
    shared = share_harmony(piece(1, chords=3600), piece(1, chords=3600, semitones=1, seed_of_band=4))
    assert time.perf_counter() - began < 60
    assert shared.ruling is Ruling.SUPPORTED
    assert shared.transposition_semitones == 1
    assert shared.second.end_s > 3500


@pytest.mark.parametrize("short", [piece(1, chords=8), song_with()])
def test_too_little_harmony_is_not_told(short):
    with pytest.raises(CannotMeasure):
        share_harmony(piece(1), short)


def test_where_nobody_sings_chords_and_tunes_tell_the_melody():
    first, second = piece(1, title="Original"), piece(1, semitones=2, seed_of_band=4, title="Cover")
    (verdict,) = judge_pair(first, second, parse_claims(SAME, name="mine.toml"))
    assert verdict.ruling is Ruling.SUPPORTED
    assert verdict.text == "Cover is Original"
    assert [evidence.measure for evidence in verdict.evidence] == ["chroma.pitch_class_fraction"] * 2
    assert "too little singing" in verdict.caveats[-1]


def going_round(song, *labels):
    """The song with the round that its chords go in."""
    verse = Progression(
        section="verse",
        labels=labels,
        roman=(),
        bars=(1.0,) * len(labels),
        period_bars=float(len(labels)),
        rounds=4.0,
        start_s=1.0,
        end_s=40.0,
    )
    spans = (ChordSpan(start_s=1.0, end_s=40.0, label=labels[0], probability=0.9),)
    chords = Chords(spans=spans, progressions=(verse,))
    return with_outcomes(song, {"chords": Measured(value=chords, version=1, seconds=0.1)})


def test_the_round_that_two_songs_share_is_named_in_the_key_of_the_first():
    first = going_round(piece(1, looping=True), "C:maj", "D:min", "E:min", "G:maj")
    # Two semitones higher, from another chord on, with a seventh.
    second = going_round(piece(2, looping=True, seed_of_band=3, semitones=2), "F#:min", "A:7", "D:maj", "E:min")
    shared = share_harmony(first, second)
    assert shared.common_round == ("C:maj", "D:min", "E:min", "G:maj")
    assert shared.ruling is Ruling.INCONCLUSIVE
    assert "C Dm Em G (2 semitones higher)" in shared.summary


def test_rounds_that_differ_are_not_named():
    first = going_round(piece(1, looping=True), "C:maj", "D:min", "E:min", "G:maj")
    second = going_round(piece(2, looping=True, seed_of_band=3), "C:maj", "D:min", "G:maj", "E:min")
    assert share_harmony(first, second).common_round == ()
    assert share_harmony(first, second).common_round == ()
