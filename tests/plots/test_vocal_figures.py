import dataclasses

import numpy as np
import pytest
from matplotlib.colors import to_hex

from figure_layout import assert_legible, texts
from figures import figure_of
from outcomes import failed, missing
from riffscope import palette
from riffscope.analyzers.key import Key, KeyName
from riffscope.analyzers.vocal_activity import VocalActivity
from riffscope.analyzers.vocal_layers import VocalLayers
from riffscope.analyzers.vocal_pitch import VocalPitch
from riffscope.analyzers.vocal_range import SustainedNote, VocalRange
from riffscope.errors import NotMeasured
from riffscope.model import Estimate, Measured, Span, VocalSource, snake_case
from songs import example_song, songs, with_outcomes

SONG = example_song()
BLACK = {1, 3, 6, 8, 10}


def measured(result):
    return Measured(value=result, version=1, seconds=0.1)


def changed(result, song=SONG, /, **fields):
    return with_outcomes(song, {snake_case(result.__name__): measured(dataclasses.replace(song[result], **fields))})


def sung(midi, duration_s, *, certain=1):
    """A song of this contour, (n,) at 10 ms, and nothing else."""
    times_s = np.arange(midi.size) * 0.01
    pitch = VocalPitch(
        times_s=times_s,
        f0_hz=440 * 2 ** ((midi - 69) / 12),
        voiced_probability=np.where(np.isfinite(midi), 0.9, 0.1),
        certain=np.where(np.isfinite(midi), certain, 0).astype(np.int64),
        method=VocalSource.STEM,
    )
    song = example_song(duration_s=duration_s)
    return with_outcomes(song, {"vocal_pitch": measured(pitch)}, keep=False)


def held(note, midi, start_s, end_s):
    return SustainedNote(start_s=start_s, end_s=end_s, note=note, midi=midi)


def in_key(tonic, mode, song=SONG):
    found = Key(
        tonic=tonic,
        mode=mode,
        camelot="1A",
        tuning_cents=0.0,
        confidence_fraction=0.9,
        runner_up=KeyName(tonic="C", mode="major"),
        minor_probability=0.5,
    )
    return with_outcomes(song, {"key": measured(found)})


def layers(**fields):
    return changed(VocalLayers, **fields)


ONE = held("C4", 60.0, 1.0, 1.5)
EDGES = {"lowest_sustained": held("C2", 36.0, 0.0, 0.2), "highest_sustained": held("F6", 89.0, 214.7, 215.0)}
OTHERS = {name: song for name, song in songs().items() if not name.startswith("title")}
VARIED = {
    **OTHERS,
    "ten minutes": example_song(duration_s=600.0),
    "one held note": changed(VocalRange, OTHERS["narrow"], lowest_sustained=ONE, highest_sustained=ONE),
    "held at the edges": changed(VocalRange, **EDGES),
    "held together": changed(
        VocalRange, lowest_sustained=held("D4", 61.8, 100.0, 100.2), highest_sustained=held("D4", 62.2, 100.4, 100.6)
    ),
    "unsure of the top": changed(
        VocalRange,
        lowest_midi=Estimate(value=51.0, low=50.0, high=52.0),
        highest_midi=Estimate(value=54.0, low=53.0, high=95.0),
    ),
    "nothing held": changed(VocalRange, lowest_sustained=None, highest_sustained=None),
    "no second voice": layers(spans=(), kind="one voice", layered_fraction=Estimate(value=0.0, low=0.0, high=0.3)),
    "all layered": layers(layered_fraction=Estimate(value=1.0, low=0.0, high=1.0), kind="voices in the gaps"),
    "layers missing": with_outcomes(
        SONG, {"vocal_layers": missing("vocal_layers", "the mix is mono: " + "no way to tell " * 9)}
    ),
    "layers failed": with_outcomes(SONG, {"vocal_layers": failed("vocal_layers", "KeyError: 'x' (line 3)")}),
    "many flats": in_key("Eb", "minor"),
    "one hummed note": sung(np.full(1000, 60.0), 10.0),
}


@pytest.mark.pages
@pytest.mark.parametrize("name", VARIED)
@pytest.mark.parametrize("figure", ["vocal_pitch", "vocal_range", "timeline"])
def test_no_text_is_cut_off_or_lies_on_another(name, figure):
    try:
        drawn = figure_of(figure, VARIED[name])
    except NotMeasured:
        assert name in {"missing", "failed", "voiceless", "nothing run", "one hummed note"}
        return
    assert_legible(drawn)


def words(figure):
    return " | ".join(text for text, _ in texts(figure))


def panel(figure, title):
    return next(axes for axes in figure.axes if any(text.get_text() == title for text in axes.texts))


def shaded(axes, color):
    """Return the stretches that are shaded in a colour, as (start, end)."""
    marks = [c for c in axes.collections if to_hex(c.get_facecolor()[0]) == color]
    corners = [c.get_paths()[0].to_polygons(closed_only=False) for c in marks]
    return [(p[:, 0].min(), p[:, 0].max()) for polygons in corners for p in polygons if len(p) > 1]


# ------------------------------------------------------------------------------------------------------- the melody
def test_the_contour_is_the_melody_at_its_times():
    midi = 60 + 4 * np.sin(np.arange(1000) / 80)
    midi[300:400] = np.nan
    axes = panel(figure_of("vocal_pitch", sung(midi, 10.0)), "Sung pitch")
    whole = max((line for line in axes.lines if len(line.get_xdata()) > 2), key=lambda line: len(line.get_xdata()))
    np.testing.assert_allclose(whole.get_ydata(), midi)
    np.testing.assert_allclose(whole.get_xdata(), np.arange(1000) * 0.01)
    assert axes.get_xlim() == (0, 10)


def test_what_is_less_sure_is_paler():
    midi = np.full(1000, 60.0)
    for certain, drawn in ((1, 1000), (0, 0)):
        axes = panel(figure_of("vocal_pitch", sung(midi, 10.0, certain=certain)), "Sung pitch")
        strong = next(line for line in axes.lines if line.get_alpha() is None and len(line.get_xdata()) == 1000)
        assert np.isfinite(strong.get_ydata()).sum() == drawn


def black_keys(axes):
    return [patch for patch in axes.patches if to_hex(patch.get_facecolor()) == palette.BLACK_KEY]


def test_the_keys_stand_beside_their_pitches():
    figure = figure_of("vocal_pitch", SONG)
    axes = panel(figure, "Sung pitch")
    keys = next(other for other in figure.axes if len(other.patches) > 10)
    assert keys.get_ylim() == axes.get_ylim()
    assert keys.get_position().y0 == pytest.approx(axes.get_position().y0)
    assert keys.get_position().x1 < axes.get_position().x0
    black = [key.get_y() + key.get_height() / 2 for key in black_keys(keys)]
    assert {round(middle) % 12 for middle in black} == BLACK


@pytest.mark.parametrize(
    ("tonic", "mode", "named", "never"),
    [
        ("F#", "minor", {"F♯3", "A3", "C♯4"}, {"G♭3", "C4"}),
        ("F", "minor", {"F3", "A♭3", "C4"}, {"G♯3", "A3"}),
        ("C", "major", {"C4", "E3", "G3"}, {"D♯3", "E♭3"}),
    ],
)
def test_notes_are_named_as_the_key_spells_them(tonic, mode, named, never):
    said = {text for text, _ in texts(figure_of("vocal_pitch", in_key(tonic, mode)))}
    assert named <= said
    assert not never & said


def test_without_a_key_the_scale_of_c_major_is_named():
    song = with_outcomes(SONG, {"key": missing("key", "too short")})
    said = {text for text, _ in texts(figure_of("vocal_pitch", song))}
    assert {"C4", "E3", "G3"} <= said


def test_a_few_slipped_frames_do_not_stretch_the_scale_but_a_held_note_does():
    midi = np.tile(np.repeat([57.0, 60.0, 64.0], 100), 10)
    low, high = figure_of("vocal_pitch", sung(midi, 30.0)).axes[0].get_ylim()
    assert low < 57
    assert high > 64
    slipped = midi.copy()
    slipped[1000:1010] = 84.0
    assert figure_of("vocal_pitch", sung(slipped, 30.0)).axes[0].get_ylim() == (low, high)
    assert figure_of("vocal_pitch", VARIED["held at the edges"]).axes[0].get_ylim()[1] > 89


def test_one_hummed_note_is_drawn_on_an_octave_at_least():
    low, high = figure_of("vocal_pitch", VARIED["one hummed note"]).axes[0].get_ylim()
    assert high - low >= 12
    assert low < 60 < high


def test_rings_mark_the_held_extremes_where_they_are_sung():
    axes = panel(figure_of("vocal_pitch", VARIED["held at the edges"]), "Sung pitch")
    rings = sorted((line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "o")
    assert rings == [(pytest.approx(0.1), 36.0), (pytest.approx(214.85), 89.0)]
    assert "highest held note F6, 3:34.7" in words(figure_of("vocal_pitch", VARIED["held at the edges"]))


# ------------------------------------------------------------------------------------------------------- other voices
def test_the_strip_is_dark_where_more_than_one_voice_sings_and_pale_where_someone_does():
    spans = (Span(start_s=20.0, end_s=30.5), Span(start_s=100.0, end_s=104.0))
    figure = figure_of("vocal_pitch", layers(spans=spans))
    strip = panel(figure, "More than one voice")
    assert shaded(strip, palette.HARMONY) == [(20.0, 30.5), (100.0, 104.0)]
    phrases = [(span.start_s, span.end_s) for span in SONG[VocalActivity].spans]
    assert shaded(strip, palette.VOICE_PALE) == phrases
    melody = panel(figure, "Sung pitch")
    assert strip.get_xlim() == melody.get_xlim()
    assert (strip.get_position().x0, strip.get_position().x1) == (melody.get_position().x0, melody.get_position().x1)
    assert strip.get_position().y1 < melody.get_position().y0
    assert "strong: 31% of the singing (18 to 47%), mostly harmonies" in words(figure)


def test_one_voice_is_not_called_layered():
    assert "none found; at most 30% of the singing" in words(figure_of("vocal_pitch", VARIED["no second voice"]))
    some = layers(kind="one voice", layered_fraction=Estimate(value=0.06, low=0.0, high=0.3))
    assert "strong: 6% of the singing (0 to 30%)" in words(figure_of("vocal_pitch", some))
    assert "mostly one voice" not in words(figure_of("vocal_pitch", some))


def test_layers_that_are_missing_leave_a_line_and_those_not_run_no_room():
    missing = figure_of("vocal_pitch", VARIED["layers missing"])
    assert "not measured: the mix is mono" in words(missing)
    assert "More than one voice" not in words(missing)
    kept = {name: outcome for name, outcome in SONG.outcomes.items() if name != "vocal_layers"}
    not_run = figure_of("vocal_pitch", with_outcomes(SONG, kept, keep=False))
    assert "More than one voice" not in words(not_run)
    assert "not measured" not in words(not_run)
    heights = [figure.get_size_inches()[1] for figure in (not_run, missing, figure_of("vocal_pitch", SONG))]
    assert heights == sorted(set(heights))


# ---------------------------------------------------------------------------------------------------- tessituragram
def bars_of(figure):
    return next(axes for axes in figure.axes if axes.get_ylabel() == "seconds sung")


@pytest.mark.parametrize("name", ["ordinary", "narrow", "wide", "ten minutes"])
def test_each_note_has_a_bar_as_high_as_it_was_sung_long(name):
    found = VARIED[name][VocalRange]
    bars = bars_of(figure_of("vocal_range", VARIED[name]))
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in bars.patches] == [n.midi for n in found.histogram]
    assert [bar.get_height() for bar in bars.patches] == [n.seconds for n in found.histogram]
    assert bars.get_ylim()[1] >= max(n.seconds for n in found.histogram)


def test_the_middle_of_the_sung_time_stands_out():
    song = changed(VocalRange, tessitura_low_midi=52.2, tessitura_high_midi=59.1)
    bars = bars_of(figure_of("vocal_range", song))
    strong = [round(b.get_x() + b.get_width() / 2) for b in bars.patches if to_hex(b.get_facecolor()) == palette.VOICE]
    assert (strong[0], strong[-1]) == (52, 59)
    figure = figure_of("vocal_range", song)
    brackets = [tuple(line.get_xdata()) for line in figure.axes[0].lines if len(line.get_xdata()) == 4]
    assert (52.2, 52.2, 59.1, 59.1) in brackets
    assert "tessitura E3 to B3" in words(figure)


def test_the_ends_of_the_range_are_drawn_as_unsure_as_they_are():
    found = SONG[VocalRange]
    figure = figure_of("vocal_range", SONG)
    pale = [mark for mark in figure.axes[0].collections if mark.get_alpha()]
    drawn = [path.get_extents() for mark in pale for path in mark.get_paths()]
    ends = {(round(box.x0, 6), round(box.x1, 6)) for box in drawn}
    assert ends == {(round(end.low, 6), round(end.high, 6)) for end in (found.lowest_midi, found.highest_midi)}
    span = found.span_semitones
    assert f"{span.value:.1f} semitones ({span.low:.1f} to {span.high:.1f})" in words(figure)
    left, right = figure.axes[0].get_xlim()
    assert left < found.lowest_midi.low
    assert right > found.highest_midi.high


def test_other_songs_reach_as_far_as_was_published_from_the_same_note():
    lowest = SONG[VocalRange].lowest_midi.value
    figure = figure_of("vocal_range", SONG)
    blue = [mark for mark in figure.axes[0].collections if to_hex(mark.get_facecolor()[0]) == palette.LOUDNESS]
    (box,) = (path.get_extents() for mark in blue for path in mark.get_paths())
    assert (box.x0, box.x1) == (pytest.approx(lowest + 12), pytest.approx(lowest + 17))
    assert "half of chart melodies since 1950 span 12.0 to 17.0 semitones" in words(figure)


def test_dots_on_the_keys_and_words_say_where_the_held_extremes_are_heard():
    figure = figure_of("vocal_range", SONG)
    keys = next(axes for axes in figure.axes if len(black_keys(axes)) > 5)
    assert [line.get_xdata()[0] for line in keys.lines if line.get_marker() == "o"] == [50, 64]
    assert "lowest D3 at 0:13." in words(figure)
    assert "highest E4 at 0:17." in words(figure)
    assert "the one held note, C4 at 0:01.0" in words(figure_of("vocal_range", VARIED["one held note"]))
    assert "held note" not in words(figure_of("vocal_range", VARIED["nothing held"]))
