import dataclasses

import pytest

from chapters_read import changed, said, sentences
from outcomes import missing
from riffscope import words
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_range import VocalRange
from riffscope.analyzers.vocal_tone import VocalTone
from riffscope.model import Estimate, VocalSource
from riffscope.report.blocks import Notice
from riffscope.report.chapters.voice import voice
from songs import example_song, songs, with_outcomes

SONG = example_song()
pytestmark = pytest.mark.usefixtures("sketches")


def test_layers_come_with_their_range_their_kinds_and_a_place_to_listen():
    text = said(voice(SONG, full=True))
    for fact in ("31%", "18 to 47", "27%", "4%"):
        assert fact in text
        assert fact in said(voice(SONG))
    longest = max(SONG[VocalLayers].spans, key=lambda span: span.duration_s)
    assert words.span(longest) in text


def test_what_cannot_be_known_of_the_layers_is_said():
    usual = sentences(voice(SONG))
    wide = sentences(voice(changed(VocalLayers, layered_fraction=Estimate(value=0.5, low=0.1, high=1.0))))
    assert len(wide) > len(usual)  # that it says little
    assert any("mono" in said_ for said_ in sentences(voice(changed(VocalLayers, doubled_fraction=None))) - usual)
    mixed = voice(changed(VocalLayers, harmony_fraction=None, gap_fill_fraction=None, method=VocalSource.MIX))
    new = " ".join(sentences(mixed) - usual)
    assert "separated" in new
    assert "27%" not in new
    assert "4%" in new
    filled = Estimate(value=0.4, low=0.21, high=0.63)
    assert "40% (21 to 63)" in said(voice(changed(VocalLayers, gap_fill_fraction=filled)))


def test_without_layers_there_is_nowhere_to_listen():
    none = changed(VocalLayers, spans=(), layered_fraction=Estimate(value=0.0, low=0.0, high=0.2))
    longest = max(SONG[VocalLayers].spans, key=lambda span: span.duration_s)
    assert words.span(longest) not in said(voice(none, full=True))
    assert "0 to 20" in said(voice(none))


SIDES = {"breathiness_db": {"clear", "breathy"}, "dryness_db": {"reverberant", "dry"}}


@pytest.mark.parametrize(
    ("field", "estimate", "sides"),
    [
        ("breathiness_db", (-30.0, -38.0, -20.0), {"clear"}),
        ("breathiness_db", (-10.0, -16.9, -1.0), {"breathy"}),
        ("breathiness_db", (-17.2, -27.0, -8.0), {"clear", "breathy"}),
        ("dryness_db", (12.0, 3.0, 19.5), {"reverberant"}),
        ("dryness_db", (35.0, 20.5, 40.0), {"dry"}),
        ("dryness_db", (21.5, 10.0, 33.5), {"reverberant", "dry"}),
    ],
)
def test_the_tone_is_placed_only_where_its_whole_range_is_on_one_side(field, estimate, sides):
    value, low, high = estimate
    text = said(voice(changed(VocalTone, **{field: Estimate(value=value, low=low, high=high)})))
    _, _, after = text.partition(f"({low:.1f} to {high:.1f})".replace("-", "−"))
    ruling = after.partition(":")[2].partition(".")[0]  # of the two extremes, whose numbers stand before it
    assert {side for side in SIDES[field] if side in ruling} == sides


@pytest.mark.parametrize("field", SIDES)
def test_a_tone_that_cannot_be_told_has_no_number(field):
    usual, without = sentences(voice(SONG)), sentences(voice(changed(VocalTone, **{field: None})))
    assert sum("dB" in sentence for sentence in without) < sum("dB" in sentence for sentence in usual)
    assert len(without - usual) == 1  # why


@pytest.mark.parametrize(
    ("estimate", "facts"),
    [
        ((4.0, 1.0, 7.5), ("4.0 LU louder", "1.0 to 7.5")),
        ((-3.0, -4.4, -2.1), ("3.0 LU quieter", "2.1 to 4.4")),
        ((-1.4, -4.4, 2.1), ("1.4 LU quieter", "4.4 quieter to 2.1 louder")),
    ],
)
def test_the_voice_is_louder_or_quieter_than_its_accompaniment(estimate, facts):
    value, low, high = estimate
    text = said(voice(changed(VocalTone, forwardness_lu=Estimate(value=value, low=low, high=high))))
    assert all(fact in text for fact in facts)
    assert "accompaniment" in text


def test_a_voice_as_good_as_alone_is_not_measured_against_nothing():
    alone = changed(VocalTone, forwardness_lu=Estimate(value=40.0, low=37.0, high=40.0))
    assert "40.0 LU" not in said(voice(alone))


def test_a_tone_from_the_mix_is_called_a_bound():
    mixed = voice(changed(VocalTone, method=VocalSource.MIX), full=True)
    bound = sentences(mixed) - sentences(voice(SONG, full=True))
    assert any("at most" in sentence for sentence in bound)


def test_where_to_listen_names_both_held_extremes():
    found = SONG[VocalRange]
    for held, name in ((found.lowest_sustained, "D3"), (found.highest_sustained, "E4")):
        assert f"{name} from {words.span(held)}" in said(voice(SONG))
    nothing = changed(VocalRange, lowest_sustained=None, highest_sustained=None)
    assert words.span(found.lowest_sustained) not in said(voice(nothing))


def test_held_notes_beyond_the_range_are_explained():
    found = SONG[VocalRange]
    beyond = dataclasses.replace(found.lowest_sustained, midi=found.lowest_midi.value - 6)
    assert "2% left out" in said(voice(changed(VocalRange, lowest_sustained=beyond)))
    inside = dataclasses.replace(found.lowest_sustained, midi=found.lowest_midi.value)
    top = dataclasses.replace(found.highest_sustained, midi=found.highest_midi.value)
    assert "2% left out" not in said(voice(changed(VocalRange, lowest_sustained=inside, highest_sustained=top)))


def test_a_song_without_a_voice_says_why_once_and_draws_no_voice(sketches):
    blocks = list(voice(songs()["voiceless"], full=True))
    assert [block.text for block in blocks if isinstance(block, Notice)] == ["No one sings."]
    assert sketches.drawn == []


def test_a_part_of_the_voice_that_is_missing_is_named():
    (notice,) = (
        block.text
        for block in voice(with_outcomes(SONG, {"vocal_tone": missing("vocal_tone", "too few notes")}))
        if isinstance(block, Notice)
    )
    assert "ocal tone" in notice
    assert "too few notes" in notice
