import dataclasses

import pytest

from chapters_read import captions, changed, rows, said
from charted import charted_song, chords_at
from outcomes import missing
from riffscope.analyzers.chords import Chords
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.progressions import Progression
from riffscope.report.chapters.chords import chords
from songs import example_song, with_outcomes

pytestmark = pytest.mark.usefixtures("sketches")


def round_of(section, *labels, roman=(), start_s=1.0, end_s=9.0, rounds=2.0):
    return Progression(
        section=section,
        labels=labels,
        roman=roman,
        bars=(1.0,) * len(labels),
        period_bars=float(len(labels)),
        rounds=rounds,
        start_s=start_s,
        end_s=end_s,
    )


def song_in_rounds(*progressions, bars=("C#:min", "A:maj", "E:maj", "B:maj") * 4):
    song = charted_song([*bars])
    return changed(Chords, song, progressions=progressions)


def test_the_round_that_sounds_longest_is_told_first_with_its_degrees():
    four = ("C#:min", "A:maj", "E:maj", "B:maj")
    song = song_in_rounds(
        round_of("bridge", "A:maj", "B:maj", start_s=20.0, end_s=24.0),
        round_of("verse", *four, roman=("vi", "IV", "I", "V"), start_s=1.0, end_s=9.0),
        round_of("chorus", *four, roman=("vi", "IV", "I", "V"), start_s=9.0, end_s=20.0),
    )
    assert said(chords(song)).startswith(
        "C♯m, A, E and B (vi IV I V) repeat every 4 bars in the verse and the chorus."
        " A sounds for 25% of the time, B for 25% and C♯m for 25%."
    )
    assert rows(chords(song)) == [
        ("Verse, chorus", "C♯m A E B", "vi IV I V", "4", "4"),
        ("Bridge", "A B", "", "2", "2"),
    ]


def test_a_riff_that_goes_round_what_the_verse_does_is_named_and_not_counted_twice():
    two = ("C#:min", "A:maj")
    song = song_in_rounds(round_of("verse", *two, rounds=4.0), round_of("riff", *two, end_s=30.0, rounds=9.0))
    assert "in the verse and the riff." in said(chords(song))
    assert rows(chords(song)) == [("Verse, riff", "C♯m A", "", "2", "4")]


def test_what_is_played_once_goes_round_nothing():
    song = song_in_rounds(round_of("bridge", "A:maj", "B:maj", rounds=1.0))
    assert said(chords(song)).startswith("No repeating chord sequence was found. A sounds")
    assert rows(chords(song)) == []


def test_borrowed_degrees_are_set_in_musical_type():
    song = song_in_rounds(round_of("verse", "C:maj", "Bb:maj", "F#:hdim7", roman=("I", "bVII", "#ivø7")))
    assert "(I ♭VII ♯ivø7)" in said(chords(song))


def test_one_chord_is_held_and_goes_round_nothing():
    song = song_in_rounds(round_of("verse", "A:min"), bars=["A:min"] * 8)
    assert said(chords(song)).startswith("Am is held through the verse. Am is the only chord.")


def test_without_rounds_the_commonest_chords_are_told():
    song = song_in_rounds(bars=["C:maj", "C:maj", "C:maj", "N", "G:7", "G:7", "F:maj", "A:min"])
    assert said(chords(song)).startswith(
        "No repeating chord sequence was found. C sounds for 38% of the time, G7 for 25% and Am for 12%."
    )
    assert rows(chords(song)) == []


def test_places_in_doubt_are_named_by_bar_and_chord_with_their_time():
    """Two bars of F and one of D minor in 16 of which the others are sure; bars last two seconds."""
    song = charted_song(["C:maj", "F:maj", "F:maj", "C:maj", "G:7", "D:min", "C:maj", "C:maj"] * 2)
    unsure = {1, 2, 5}
    spans = [
        dataclasses.replace(span, probability=0.3 if place in unsure else 0.9)
        for place, span in enumerate(song[Chords].spans)
    ]
    text = said(chords(changed(Chords, song, spans=tuple(spans))))
    assert (
        "For 19% of the time the chord is more likely wrong than right: in bars 2 to 3 (F, 0:03) and bar 6 (Dm, 0:11)."
        in text
    )
    assert "To check: play along with the chord sheet (riffscope export, --to chords) from 0:01." in text


def test_of_many_doubts_the_longest_are_named():
    song = charted_song(["C:maj", "F:maj"] * 10)
    doubtful = [dataclasses.replace(s, probability=0.2 if s.label == "F:maj" else 0.9) for s in song[Chords].spans]
    text = said(chords(changed(Chords, song, spans=tuple(doubtful))))
    assert (
        "For 50% of the time the chord is more likely wrong than right, above all in bar 2 (F, 0:03), bar 4 (F, 0:07)"
        in text
    )


def test_a_sure_song_has_no_doubts():
    text = said(chords(song_in_rounds(round_of("verse", "C#:min", "A:maj"))))
    assert "wrong" not in text
    assert text.endswith("To check: play C♯m A along from 0:01.")


def test_the_figure_stands_below_the_text():
    (caption,) = captions(chords(example_song()))
    assert caption.startswith("Where each chord sounds")


def test_chords_without_beats_have_no_bars_and_the_chapter_says_so():
    song = with_outcomes(example_song(), {"beats": missing("beats", "too short")})
    assert said(chords(song)).startswith("No bars of chords: too short. D sounds for 24% of the time")
    nothing = changed(Chords, example_song(), spans=(), progressions=())
    assert said(chords(nothing)) == "No bars of chords: no chords were found."
    silent = changed(Chords, example_song(), spans=chords_at((0.6, "N"), end_s=200.0).spans, progressions=())
    assert "No chord was found." in said(chords(silent))


def test_what_repeats_is_called_what_the_rest_of_the_report_calls_it():
    two = ("C#:min", "A:maj")
    song = song_in_rounds(round_of("verse", *two, rounds=4.0), round_of("riff", *two, end_s=30.0, rounds=9.0))
    song = with_outcomes(song, {"loops": changed(Loops, kind=LoopKind.CHORDS).outcomes["loops"]})
    assert "in the verse and the chord loop." in said(chords(song))
    assert rows(chords(song))[0][0] == "Verse, chord loop"
