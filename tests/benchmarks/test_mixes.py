"""Rendered songs are what their truth says, and the same each time."""

import itertools
import json
import shutil
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from benchmarks.items import read_set
from benchmarks.mixes import drums
from benchmarks.mixes.__main__ import main
from benchmarks.mixes.composing import compose
from benchmarks.mixes.draw import FORMS, MORE_LEADS, RANGES, draw_even, draw_instrumental, draw_spec
from benchmarks.mixes.effects import add_room, pumping_gain, rms
from benchmarks.mixes.layout import share
from benchmarks.mixes.manifest import write_manifest
from benchmarks.mixes.melodies import gaps_of, write_melody, write_oohs
from benchmarks.mixes.mixing import make_song
from benchmarks.mixes.music import Key
from benchmarks.mixes.riffs import PLANS, draw_fresh_roots, write_riff
from benchmarks.mixes.score import Channel
from benchmarks.mixes.soundfont import RATE_HZ, find_soundfont
from benchmarks.mixes.spec import Reverb, Section
from benchmarks.mixes.timing import LEAD_IN_S, Change, Clock, Drift, Ritardando, beat_times
from benchmarks.mixes.truth import gap_fill, write_truth
from benchmarks.mixes.voices import sing_song

SPECS = [draw_spec(7, index) for index in range(22)]
NEEDS = [name for name in ("fluidsynth", "ffmpeg") if shutil.which(name) is None]
if find_soundfont() is None:
    NEEDS.append("the sound font FluidR3_GM")
renders = pytest.mark.skipif(bool(NEEDS), reason=f"needs {' and '.join(NEEDS)}")


def pieces():
    for spec in SPECS:
        yield spec, compose(spec, np.random.default_rng(spec.index))


def short(spec, **changes):
    """The same song in eleven seconds: twice a riff of two bars, a bar of drums, something new, the riff again."""
    sections = (
        Section(name="verse", bars=2, content="riff", sung=True, drums="rock"),
        Section(name="drum_break", bars=1, content="none", sung=False, drums="rock"),
        Section(name="bridge", bars=1, content="through", sung=True, drums="none"),
        Section(name="chorus", bars=2, content="riff", sung=True, drums="rock"),
    )
    plain = {
        "meter": 4, "steps_per_beat": 4, "metre": "4/4", "bpm": 150.0, "swing": 0.5, "plan": None, "riff_bars": 2,
        "riff_b_bars": 0, "sections": sections, "leading_s": 0.5, "trailing_s": 0.25, "lufs": -16.0, "channels": 2,
        "arrangement": "none", "lead": None,
    }  # fmt: skip
    return replace(spec, **(plain | changes))


# --- the draw --------------------------------------------------------------------------------------------------------


def test_a_song_is_the_same_whenever_it_is_drawn():
    assert [draw_spec(7, index) for index in (3, 0, 21)] == [SPECS[index] for index in (3, 0, 21)]
    assert draw_spec(8, 0) != SPECS[0]


def test_twenty_two_songs_hold_every_kind_in_its_share():
    assert Counter(spec.form for spec in SPECS) == Counter(FORMS)
    assert Counter(spec.metre for spec in SPECS) == {"4/4": 17, "3/4": 3, "6/8": 2}
    assert sum(spec.pump is not None for spec in SPECS) == 5
    assert sum(spec.arrangement == "none" for spec in SPECS) == 4
    assert sum(spec.channels == 1 for spec in SPECS) == 4


def test_in_an_instrumental_every_kind_of_instrument_leads_and_nothing_else_changes():
    songs = [draw_instrumental(7, index) for index in range(len(MORE_LEADS))]
    assert Counter(spec.lead.name for spec in songs) == Counter(lead.name for lead in MORE_LEADS)
    assert {spec.arrangement for spec in songs} == {"none"}
    assert [replace(spec, arrangement="lead", lead=None) for spec in songs[:22]] == [
        replace(spec, arrangement="lead", lead=None) for spec in SPECS
    ]


def test_even_shares_are_even_and_everything_is_sung():
    songs = [draw_even(7, index) for index in range(20)]
    assert all(spec.arrangement != "none" for spec in songs)
    assert [spec.index for spec in songs] == list(range(20))
    assert sum(spec.channels == 1 for spec in songs) == 10
    assert sum(spec.singer.breathiness > 0 for spec in songs) == 10
    assert sum(spec.pump is not None for spec in songs) == 10
    assert sum(spec.singer.reverb is None for spec in songs) == 8
    assert songs == [draw_even(7, index) for index in range(20)]


def test_songs_last_about_a_minute_and_singers_sing_what_they_can():
    lows = [low for low, _ in RANGES.values()]
    for spec in SPECS:
        seconds = spec.bar_count * spec.meter * 60 / spec.bpm
        assert 40 < seconds < 80
        assert min(lows) <= spec.singer.lowest_midi < spec.singer.highest_midi <= 84


@pytest.mark.parametrize(("total", "weights"), [(10, [1, 3, 2]), (3, [1, 1, 1, 1]), (7, [0.8, 2, 1.6])])
def test_shares_sum_to_the_whole(total, weights):
    parts = share(total, weights)
    assert sum(parts) == total
    assert min(parts) >= 1


# --- time ------------------------------------------------------------------------------------------------------------


def test_beats_follow_the_plan():
    rng = np.random.default_rng(0)
    steady = np.diff(beat_times(32, 120, None, meter=4, rng=rng))
    assert steady == pytest.approx(0.5)
    changed = np.diff(beat_times(32, 120, Change(bar=4, bpm=100), meter=4, rng=rng))
    assert (changed[:16], changed[16:]) == (pytest.approx(0.5), pytest.approx(0.6))
    slowed = np.diff(beat_times(32, 120, Ritardando(bars=2, to_fraction=0.8), meter=4, rng=rng))
    assert slowed[:24] == pytest.approx(0.5)
    assert slowed[-1] == pytest.approx(0.625)
    drifted = np.diff(beat_times(64, 120, Drift(percent=2), meter=4, rng=rng))
    assert np.abs(drifted / 0.5 - 1).max() == pytest.approx(0.02)


def test_swing_moves_the_off_beat_alone():
    clock = Clock(beats_s=LEAD_IN_S + np.arange(9) * 0.5, swing=0.66)
    assert [clock.seconds(beat) - LEAD_IN_S for beat in (0, 1, 1.5, 2)] == pytest.approx([0, 0.5, 0.83, 1])


# --- music -----------------------------------------------------------------------------------------------------------


def test_degrees_go_on_over_octaves_and_chords_belong_to_the_scale():
    minor = Key(tonic=4, mode="minor")
    assert [minor.pitch(degree, 48) for degree in (0, 2, 4, 7, -1)] == [52, 55, 59, 64, 50]
    assert [minor.chord_label(root) for root in (0, 1, 5)] == ["E:min", "F#:dim", "C:maj"]
    assert minor.moved(52, 2) == 55
    assert minor.relative_degree == 2


@pytest.mark.parametrize("bars", PLANS)
def test_a_riff_has_no_shorter_period(bars):
    riff = write_riff(bars, meter=4, steps_per_beat=4, density=0.8, rng=np.random.default_rng(bars))
    by_bar = [
        {(note.beat - 4 * bar, note.degree) for note in riff.notes if 4 * bar <= note.beat < 4 * bar + 4}
        for bar in range(bars)
    ]
    for lag in range(1, bars):
        same = sum(by_bar[bar] == by_bar[(bar + lag) % bars] for bar in range(bars))
        assert same < bars
        assert riff.repeats()[str(lag)] == pytest.approx(same / bars, abs=1e-3)


def test_where_nothing_loops_no_pair_of_chords_comes_twice():
    roots = draw_fresh_roots(16, np.random.default_rng(1))
    pairs = list(itertools.pairwise(roots[:-1]))
    assert roots[0] == 0
    assert len(set(pairs)) == len(pairs)


def test_what_is_written_is_written_down():
    for spec, piece in pieces():
        written = piece.written
        assert len(written.roots) == spec.bar_count
        assert len(written.sections_s) == len(spec.sections)
        assert written.sections_s[-1][1] == pytest.approx(piece.clock.beats_s[-1])
        assert bool(written.riff_spans) == any(section.content == "riff" for section in spec.sections)
        for each in written.passes:
            assert any(start_s <= each.start_s < each.end_s <= end_s + 1e-9 for start_s, end_s in written.riff_spans)
        assert all(spec.key.holds(note.midi) for note in piece.score.notes if note.channel != Channel.DRUMS)


def test_drums_play_their_pattern_and_fill_the_last_beat():
    _, piece = next(pieces())
    piece.score.notes.clear()
    options = {"meter": 4, "steps_per_beat": 4, "varied": False}
    drums.play_bar(piece.score, "rock", 0, fill=False, **options)
    assert Counter(note.midi for note in piece.score.notes) == {36: 3, 38: 2, 42: 8}
    piece.score.notes.clear()
    drums.play_bar(piece.score, "rock", 0, fill=True, **options)
    late = [note.midi for note in piece.score.notes if note.start_s > piece.clock.seconds(2.9)]
    assert len(late) == 4
    assert 42 not in late


def test_melodies_keep_to_the_key_and_reach_both_ends():
    for spec, piece in pieces():
        if spec.arrangement == "none":
            continue
        low, high = spec.singer.lowest_midi, spec.singer.highest_midi
        notes = write_melody(spec, low, high, piece, np.random.default_rng(0))
        assert all(spec.key.holds(note.midi) and low <= note.midi <= high for note in notes)
        assert max(note.midi for note in notes) - min(note.midi for note in notes) >= high - low - 4
        assert all(before.end_s <= after.start_s for before, after in itertools.pairwise(notes))


def test_oohs_sing_in_the_gaps_of_the_lead():
    spec, piece = next((spec, piece) for spec, piece in pieces() if spec.arrangement == "oohs_in_gaps")
    rng = np.random.default_rng(0)
    lead = write_melody(spec, spec.singer.lowest_midi, spec.singer.highest_midi, piece, rng)
    gaps = gaps_of(lead)
    lines = write_oohs(spec, lead, piece, rng)
    assert len(lines) == 3
    for line in lines:
        assert line
        assert all(any(gap.start_s < note.start_s < note.end_s < gap.end_s for gap in gaps) for note in line)


# --- sound -----------------------------------------------------------------------------------------------------------


def test_pumping_dips_on_every_beat():
    gain = pumping_gain(np.array([1.0, 2.0]), 3 * RATE_HZ, depth_db=6, recovery_s=0.1)
    assert gain[int(0.5 * RATE_HZ)] == pytest.approx(1)
    assert 20 * np.log10(gain[int(1.004 * RATE_HZ)]) == pytest.approx(-6 * np.exp(-0.04), abs=0.05)
    assert gain[int(1.9 * RATE_HZ)] == pytest.approx(1, abs=1e-3)


def test_a_room_is_as_loud_as_is_said():
    dry = np.zeros((RATE_HZ, 2))
    dry[100] = 1
    wet = add_room(dry, Reverb(wet_db=-12, rt60_s=0.3, predelay_s=0.02), np.random.default_rng(0)) - dry
    assert 20 * np.log10(rms(wet) / rms(dry)) == pytest.approx(-12, abs=0.01)
    assert np.abs(wet[: int(0.02 * RATE_HZ)]).max() < 1e-9


@pytest.fixture(scope="module")
def soundfont():
    return find_soundfont()


@renders
def test_a_rendered_song_is_what_its_truth_says_and_the_same_again(tmp_path, soundfont):
    spec = short(SPECS[3])
    folder = tmp_path / "set" / "mixes"
    folder.mkdir(parents=True)
    truth = write_truth(make_song(spec, folder, voices=tmp_path, soundfont=soundfont), folder)
    samples, rate_hz = soundfile.read(folder / truth["file"], always_2d=True)
    assert rate_hz == RATE_HZ
    assert len(samples) / rate_hz == pytest.approx(truth["duration_s"], abs=1e-3)
    assert np.abs(samples[: int(0.45 * rate_hz)]).max() < 1e-3
    assert truth["loudness"]["integrated_lufs"] == pytest.approx(-16, abs=0.7)
    assert truth["tempo"]["bpm"] == pytest.approx(150)
    assert len(truth["beats"]) == 24
    assert truth["downbeats"][0] == pytest.approx(0.5 + LEAD_IN_S)
    assert truth["riff"]["spans"] == [
        pytest.approx([0.85, 4.05]),
        pytest.approx([7.25, 10.45]),
    ]
    assert truth["vocal"] == {"present": False, "arrangement": "none"}
    assert [path.suffix for path in folder.glob("*.tmp*")] == []

    again = tmp_path / "again"
    again.mkdir()
    make_song(spec, again, voices=tmp_path, soundfont=soundfont)
    assert np.array_equal(soundfile.read(again / truth["file"], always_2d=True)[0], samples)

    assert write_manifest(tmp_path / "set", seed=7) == 1
    (item,) = read_set(tmp_path / "set")
    assert item.kinds >= {"tempo", "beats", "riff_period", "no_vocal"}
    assert item.beats()[0] == pytest.approx(truth["beats"])
    assert item.whole_truth() == json.loads(json.dumps(truth))
    assert "occurrences" not in item.truth["riff"]


@pytest.fixture
def voices(tmp_path):
    """A folder with a voice: a buzz that sings one note after the other."""
    times_s = np.arange(0, 0.35, 1 / RATE_HZ)
    swell = np.minimum(1, np.minimum(times_s, 0.35 - times_s) / 0.03)
    notes = []
    for hz in (147, 165, 185, 196, 220, 247):
        phase = 2 * np.pi * np.cumsum(hz * (1 + 0.003 * np.sin(2 * np.pi * 5 * times_s))) / RATE_HZ
        notes += [swell * sum(np.sin(k * phase) / k for k in range(1, 20)), np.zeros(int(0.1 * RATE_HZ))]
    for name in ("vocadito_1", "vocadito_10", "vocadito_14"):
        soundfile.write(tmp_path / f"{name}.wav", 0.3 * np.concatenate(notes), RATE_HZ)
    return tmp_path


def test_what_is_sung_is_the_contour_of_the_truth(voices):
    pytest.importorskip("pyworld", reason="needs pyworld (the extra bench)", exc_type=ImportError)
    singer = replace(SPECS[0].singer, lowest_midi=50, highest_midi=62)
    spec = short(SPECS[0], arrangement="oohs_in_gaps", singer=singer)
    piece = compose(spec, np.random.default_rng(1))
    choir = sing_song(spec, piece, length_s=11.5, voices=voices, rng=np.random.default_rng(2))
    lead = choir.lead
    sung_s = (lead.pitch_hz > 0).sum() * 0.005
    assert sung_s == pytest.approx(sum(note.end_s - note.start_s for note in lead.part.notes), rel=0.1)
    for note in lead.part.notes:
        middle = lead.pitch_hz[int((note.start_s + note.end_s) / 2 / 0.005)]
        assert 69 + 12 * np.log2(middle / 440) == pytest.approx(note.midi, abs=0.7)
    assert choir.stereo.shape == (int(11.5 * RATE_HZ), 2)
    assert 0 <= gap_fill(choir) <= 1


# --- the command -----------------------------------------------------------------------------------------------------


def test_the_command_prints_what_would_be_drawn(capsys):
    assert main(["--seed", "7", "--only", "3,1", "--specs"]) == 0
    drawn = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [spec["index"] for spec in drawn] == [1, 3]


def test_the_command_says_what_is_missing(tmp_path, capsys):
    assert main(["--out", str(tmp_path), "--voices", str(tmp_path)]) == 1
    assert "vocadito_1, vocadito_10, vocadito_14 not there" in capsys.readouterr().err
