from dataclasses import replace

import numpy as np
import pytest

from riffscope.analyzers.chords import Chords, count_chords
from riffscope.analyzers.key import Key, KeyName, KeyPart
from riffscope.analyzers.loops import LoopKind, Loops
from riffscope.analyzers.structure import Section, Structure
from riffscope.model import Span
from riffscope.progressions import ChordSpan, find_progressions, share_round
from riffscope.views.beat_track import BeatTrack
from songs import example_song

BEAT_S = 0.5
BAR_S = 4 * BEAT_S


def in_key(tonic, mode, *parts):
    return Key(
        tonic=tonic,
        mode=mode,
        camelot="8B",
        tuning_cents=0.0,
        confidence_fraction=0.9,
        runner_up=KeyName(tonic="E", mode="major"),
        minor_probability=0.1,
        parts=parts,
    )


C_MAJOR, C_SHARP_MINOR = in_key("C", "major"), in_key("C#", "minor")


def beats(bars, *, per_bar=4):
    return BeatTrack(
        times_s=np.arange(bars * per_bar + 1) * BEAT_S,
        downbeat_index=np.arange(0, bars * per_bar + 1, per_bar),
        beats_per_bar=per_bar,
        levels=(),
        confidence_fraction=1.0,
    )


def played(text, *, bar_s=BAR_S, probability=0.9):
    """Chords written bar by bar: ``C G | Am`` has two in the first bar."""
    spans = []
    for bar, chords in enumerate(text.split("|")):
        names = chords.split()
        for k, label in enumerate(names):
            start_s = (bar + k / len(names)) * bar_s
            end_s = (bar + (k + 1) / len(names)) * bar_s
            spans.append(ChordSpan(start_s=start_s, end_s=end_s, label=label, probability=probability))
    return spans


def sections(*given):
    """Sections from ``(label, function, bars)``."""
    at, out = 0.0, []
    for label, function, bars in given:
        out.append(Section(start_s=at, end_s=at + bars * BAR_S, label=label, function=function))
        at += bars * BAR_S
    return Structure(sections=tuple(out))


def progressions(text, structure, key=C_MAJOR, *, loops=None):
    spans = played(text)
    return find_progressions(spans, beats(len(text.split("|"))), structure, loops, key)


AXIS = "C:maj | G:maj | A:min | F:maj"


def test_a_verse_over_four_chords_goes_round_them():
    (verse,) = progressions(" | ".join([AXIS] * 4), sections(("A", "verse", 16)))
    assert verse.section == "verse"
    assert verse.labels == ("C:maj", "G:maj", "A:min", "F:maj")
    assert verse.roman == ("I", "V", "vi", "IV")
    assert verse.bars == (1.0, 1.0, 1.0, 1.0)
    assert verse.period_bars == sum(verse.bars) == 4.0
    assert verse.rounds == 4.0
    assert (verse.start_s, verse.end_s) == (0.0, 16 * BAR_S)


def test_degrees_in_minor_are_those_of_the_natural_minor_scale():
    text = "C#:min | A:maj | E:maj | B:maj"
    (verse,) = progressions(" | ".join([text] * 2), sections(("A", None, 8)), C_SHARP_MINOR)
    assert verse.section == "A"
    assert verse.roman == ("i", "VI", "III", "VII")


def test_without_a_key_there_are_chords_and_no_degrees():
    (verse,) = progressions(" | ".join([AXIS] * 2), sections(("A", "verse", 8)), None)
    assert verse.labels[0] == "C:maj"
    assert verse.roman == ()


def test_a_section_after_a_modulation_has_the_degrees_of_its_own_key():
    up = "D:maj | A:maj | B:min | G:maj"
    parts = (
        KeyPart(start_s=0.0, end_s=8 * BAR_S, tonic="C", mode="major", confidence_fraction=0.9),
        KeyPart(start_s=8 * BAR_S, end_s=16 * BAR_S, tonic="D", mode="major", confidence_fraction=0.9),
    )
    text = " | ".join([AXIS, AXIS, up, up])
    first, last = progressions(text, sections(("A", "chorus", 8), ("B", "chorus", 8)), in_key("C", "major", *parts))
    assert last.labels == ("D:maj", "A:maj", "B:min", "G:maj")
    assert first.roman == last.roman == ("I", "V", "vi", "IV")


def test_sevenths_and_inversions_are_one_place_which_has_the_commoner_name():
    text = "C:maj | G:7 | A:min7 | F:maj | C:maj/3 | G:maj | A:min7 | F:maj | C:maj | G:7 | A:min | F:maj"
    (verse,) = progressions(text, sections(("A", "verse", 12)))
    assert verse.labels == ("C:maj", "G:7", "A:min7", "F:maj")
    assert verse.roman == ("I", "V7", "vi7", "IV")


def test_a_chord_that_always_stands_on_its_third_is_an_inversion():
    (verse,) = progressions(" | ".join(["C:maj | G:maj/3 | A:min | F:maj"] * 2), sections(("A", "verse", 8)))
    assert verse.labels[1] == "G:maj/3"
    assert verse.roman[1] == "V6"


def test_a_round_may_have_two_chords_in_a_bar():
    (verse,) = progressions(" | ".join(["C:maj | F:maj G:maj"] * 4), sections(("A", "verse", 8)))
    assert verse.labels == ("C:maj", "F:maj", "G:maj")
    assert verse.bars == (1.0, 0.5, 0.5)


def test_a_wrong_chord_is_outvoted_by_the_same_music_elsewhere():
    wrong = "C:maj | G:maj | E:min | F:maj"
    first, second, third = progressions(
        " | ".join([AXIS, wrong, AXIS]), sections(("A", "verse", 4), ("A'", "verse", 4), ("A", "verse", 4))
    )
    assert first.labels == second.labels == third.labels == ("C:maj", "G:maj", "A:min", "F:maj")


def test_verse_and_chorus_over_one_round_share_it_from_wherever_each_begins():
    turned = "A:min | F:maj | C:maj | G:maj"
    verse, chorus = progressions(
        " | ".join([AXIS, AXIS, turned, turned]), sections(("A", "verse", 8), ("B", "chorus", 8))
    )
    assert chorus.labels == ("A:min", "F:maj", "C:maj", "G:maj")
    assert share_round(verse, chorus)
    other = replace(chorus, labels=("A:min", "D:min", "C:maj", "G:maj"))
    assert not share_round(verse, other)


def test_a_section_that_begins_with_a_pick_up_begins_its_round_on_the_bar_line():
    early = Structure(
        sections=(
            Section(start_s=0.0, end_s=4 * BAR_S - BEAT_S, label="A", function="intro"),
            Section(start_s=4 * BAR_S - BEAT_S, end_s=12 * BAR_S, label="B", function="verse"),
        )
    )
    text = " | ".join(["F:maj | F:maj | F:maj | F:maj", AXIS, AXIS])
    _, verse = progressions(text, early)
    assert verse.labels == ("C:maj", "G:maj", "A:min", "F:maj")
    assert verse.rounds == 2.0


def test_bars_counted_from_the_wrong_half_do_not_turn_the_round():
    # The beat track takes the third beat for the first: each chord is heard from the middle of a bar on.
    shifted = [
        replace(span, start_s=span.start_s + BAR_S / 2, end_s=span.end_s + BAR_S / 2)
        for span in played(" | ".join([AXIS] * 4))
    ]
    spans = [ChordSpan(start_s=0.0, end_s=BAR_S / 2, label="F:maj", probability=0.9), *shifted]
    (verse,) = find_progressions(spans, beats(16), sections(("A", "verse", 16)), None, C_MAJOR)
    assert verse.labels == ("C:maj", "G:maj", "A:min", "F:maj")


def test_a_short_section_whose_chords_come_once_has_them_in_order_and_a_long_one_has_none():
    bridge = "D:min | E:min | F:maj | G:maj | A:min | B:dim"
    (once,) = progressions(bridge, sections(("A", "bridge", 6)))
    assert once.rounds == 1.0
    assert once.labels == ("D:min", "E:min", "F:maj", "G:maj", "A:min", "B:dim")
    longer = f"{bridge} | C:maj | D:maj | Eb:maj | Bb:maj | F:min | Ab:maj"
    assert progressions(longer, sections(("A", "bridge", 12))) == ()


def test_where_no_chord_sounds_there_is_no_progression():
    assert progressions(" | ".join(["N"] * 8), sections(("A", "intro", 8))) == ()


def test_a_waltz_has_its_round_in_bars_of_three():
    text = " | ".join([AXIS] * 2)
    waltz = find_progressions(
        played(text, bar_s=3 * BEAT_S),
        beats(8, per_bar=3),
        Structure(sections=(Section(start_s=0.0, end_s=8 * 3 * BEAT_S, label="A", function="verse"),)),
        None,
        C_MAJOR,
    )
    assert waltz[0].bars == (1.0, 1.0, 1.0, 1.0)


def riff_over(bars, passes, kind=LoopKind.RIFF):
    starts_s = np.arange(bars * passes) * BAR_S
    whole = tuple(Span(start_s=k * bars * BAR_S, end_s=(k + 1) * bars * BAR_S) for k in range(passes))
    return replace(
        example_song()[Loops],
        kind=kind,
        period_bars=float(bars),
        period_beats=4 * bars,
        period_s=bars * BAR_S,
        spans=(Span(start_s=0.0, end_s=bars * passes * BAR_S),),
        whole_passes=whole,
        example=whole[0],
        passes=float(passes),
        bar_starts_s=starts_s,
        bar_phase_index=np.arange(bars * passes) % bars,
        bar_similarity=np.ones(bars * passes),
    )


def test_the_riff_has_the_chords_that_go_round_in_it():
    text = " | ".join([AXIS] * 4)
    *_, riff = progressions(text, None, loops=riff_over(4, 4))
    assert riff.section == "riff"
    assert riff.labels == ("C:maj", "G:maj", "A:min", "F:maj")
    assert (riff.period_bars, riff.rounds) == (4.0, 4.0)


def test_a_riff_of_four_bars_over_two_chords_goes_round_them_twice():
    (riff,) = progressions(" | ".join(["C:maj | F:maj"] * 8), None, loops=riff_over(4, 4))
    assert (riff.labels, riff.period_bars, riff.rounds) == (("C:maj", "F:maj"), 2.0, 8.0)


def test_a_passage_is_no_riff():
    assert progressions(" | ".join([AXIS] * 4), None, loops=riff_over(8, 2, LoopKind.PASSAGE)) == ()


@pytest.mark.parametrize("probability", [0.2, 0.9])
def test_doubtful_chords_go_the_same_round(probability):
    spans = played(" | ".join([AXIS] * 2), probability=probability)
    (verse,) = find_progressions(spans, beats(8), sections(("A", "verse", 8)), None, C_MAJOR)
    assert verse.labels == ("C:maj", "G:maj", "A:min", "F:maj")


def chords_of(text, structure, key=C_MAJOR):
    spans = played(text)
    found = find_progressions(spans, beats(len(text.split("|"))), structure, None, key)
    return Chords(spans=tuple(spans), progressions=found, different_chords=count_chords(spans))


def test_the_chords_of_a_song_are_told_in_one_line():
    loop = "C#:min | A:maj | E:maj | B:maj"
    song = chords_of(" | ".join([loop] * 4), sections(("A", "verse", 8), ("B", "chorus", 8)), C_SHARP_MINOR)
    assert song.summary == "4 chords, mostly C♯m A E B (i VI III VII), looping every 4 bars"


def test_one_chord_throughout_is_no_round():
    assert chords_of(" | ".join(["C:maj"] * 8), sections(("A", "verse", 8))).summary == "1 chord: C (I)"


def test_what_comes_only_once_is_no_round():
    song = chords_of("C:maj | E:min | F:maj | G:maj | A:min | D:min", sections(("A", "verse", 6)))
    assert song.summary == "6 chords, mostly C Em F G Am Dm (I iii IV V vi ii)"
    assert chords_of(" | ".join(["N"] * 8), sections(("A", "verse", 8))).summary == "no lasting chord"


def test_a_loop_of_less_than_half_of_the_song_is_among_its_chords():
    """Eight bars of a loop, then six and six of other chords."""
    bridge, outro = "D:min | E:min | G:maj | A:min | B:dim | D:min", "A:min | G:maj | E:min | B:dim | D:min | G:maj"
    text = " | ".join([*["C:maj | F:maj"] * 4, bridge, outro])
    song = chords_of(text, sections(("A", "verse", 8), ("B", "bridge", 6), ("C", "outro", 6)))
    assert "among them C F (I IV), looping every 2 bars" in song.summary


def test_chords_are_counted_by_what_sounds_for_a_fair_share_of_the_time():
    loop = " | ".join([AXIS] * 12)
    assert count_chords(played(loop)).value == 4
    # A passing chord in one bar of 49 is none of the song's; a seventh and an inversion are the same chord.
    assert count_chords(played(f"{loop} | D:7")).value == 4
    assert count_chords(played(f"{loop} | C:maj/3 | C:maj7 | G:sus4")).value == 4
    assert count_chords(played(f"{loop} | {' | '.join(['D:min'] * 6)}")).value == 5


def test_doubtful_chords_widen_the_count():
    text = " | ".join([AXIS] * 12)
    sure, doubtful = count_chords(played(text)), count_chords(played(text, probability=0.15))
    assert (sure.low, sure.high) == (4, 4)
    assert doubtful.low < doubtful.value == 4


def test_a_round_that_each_section_has_once_goes_on_through_them():
    song = chords_of(" | ".join([AXIS] * 3), sections(("A", "verse", 4), ("A", "verse", 4), ("A", "verse", 4)))
    assert {one.rounds for one in song.progressions} == {1.0}
    assert song.summary == "4 chords, mostly C G Am F (I V vi IV), looping every 4 bars"
