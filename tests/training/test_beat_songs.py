"""The songs that the beat network learns from, before they are played."""

import itertools

import numpy as np
import pytest

from training.beats.compose import KINDS, compose
from training.beats.composition import Chord, Composition, Note, usual_groups
from training.beats.drums import Drummer, draw_style, hire, in_groups, play_song
from training.beats.evaluate import peaks_s
from training.beats.interruptions import (
    Interruption,
    applause,
    change_tempo,
    delay_s,
    draw_interruptions,
    fill,
    let_go,
)
from training.beats.kits import Role
from training.beats.perform import BEARABLE_BPM, draw_tempo
from training.beats.tempo_map import draw_beat_times

RATE_HZ = 22050


@pytest.fixture(scope="module")
def songs():
    return [compose(np.random.default_rng(seed)) for seed in range(150)]


def bars_of(song):
    return list(itertools.pairwise([*song.bar_starts, song.beat_count]))


def four_bars(*groups, **more):
    starts = [0, *itertools.accumulate(sum(bar) for bar in groups)]
    return Composition(
        beat_count=starts[-1], bar_starts=tuple(starts[:-1]), division=2, bar_groups=tuple(groups), **more
    )


def test_all_kinds_of_songs_are_composed(songs):
    assert {song.kind for song in songs} == {kind.name for kind in KINDS}
    np.testing.assert_allclose(sum(kind.share for kind in KINDS), 1)


def test_bars_are_whole_but_for_odd_ones(songs):
    for song in songs:
        for (begin, end), groups in zip(bars_of(song), song.bar_groups, strict=True):
            assert end - begin == sum(groups) or (song.kind == "changing metre" and 0 < end - begin < sum(groups))


def test_only_songs_that_change_metre_have_bars_of_different_lengths(songs):
    lengths = {song.kind: set() for song in songs}
    for song in songs:
        lengths[song.kind].add(len({end - begin for begin, end in bars_of(song)}))
    changing = lengths.pop("changing metre")
    assert max(changing) > 1
    assert all(counts == {1} for counts in lengths.values())


def test_songs_are_in_two_to_seven(songs):
    assert {song.beats_per_bar for song in songs} == {2, 3, 4, 5, 7}


def test_notes_and_chords_stay_within_the_bar_that_they_were_written_for(songs):
    for song in songs:
        starts = np.array([*song.bar_starts, song.beat_count])
        for chord in song.chords:
            bar = np.searchsorted(starts, chord.start_beats + 1e-6, "right") - 1
            assert starts[bar] <= chord.start_beats < chord.end_beats <= starts[bar + 1]
        for note in itertools.chain.from_iterable(song.parts.values()):
            assert 0 <= note.start_beats < song.beat_count
            assert note.length_beats > 0


def test_the_accordion_answers_the_bass_in_a_fast_waltz():
    waltzes = (compose(np.random.default_rng(seed)) for seed in itertools.count())
    waltz = next(
        song
        for song in waltzes
        if song.kind == "fast waltz" and {note.start_beats % 3 for note in song.parts.get("comp", ())} == {1, 2}
    )
    assert {note.start_beats % 3 for note in waltz.parts["comp"]} == {1, 2}
    assert any(note.start_beats % 3 == 0 for note in waltz.parts.get("bass", ()))


def test_a_riff_alone_has_neither_drums_nor_melody(songs):
    alone = [song for song in songs if song.kind == "riff alone"]
    assert all(song.drummed is False and song.parts["riff"] and "lead" not in song.parts for song in alone)


@pytest.mark.parametrize(("kind", "least", "most"), [("fast", 165, 250), ("fast waltz", 135, 215), ("broad", 94, 142)])
def test_kinds_are_played_at_their_own_tempi(songs, kind, least, most):
    rng = np.random.default_rng(0)
    tempi = [draw_tempo(song, rng) for song in songs if song.kind == kind for _ in range(20)]
    assert least <= min(tempi) < least + 0.25 * (most - least)
    assert most - 0.25 * (most - least) < max(tempi) <= most


def test_every_metre_has_a_tempo(songs):
    assert {(song.beats_per_bar, song.division) for song in songs} <= set(BEARABLE_BPM)


@pytest.mark.parametrize(
    ("groups", "starts"),
    [((3, 2), [0, 3]), ((2, 3), [0, 2]), ((4, 3), [0, 4]), ((2, 2, 3), [0, 2, 4]), ((3, 2, 2), [0, 3, 5])],
)
def test_drums_show_the_groups_of_a_bar(groups, starts):
    pattern = in_groups("backbeats", np.random.default_rng(0), groups, fast=False)
    assert [place / 4 for place, _ in pattern["kick"]] == starts
    snare = next(pattern[role] for role in ("snare", "clap", "side_stick") if role in pattern)
    struck = [place / 4 for place, _ in snare]
    for begin, end in itertools.pairwise([*starts, sum(groups)]):
        assert any(begin < place < end for place in struck)


@pytest.mark.parametrize("bpm", [60, 120, 155, 200, 240])
@pytest.mark.parametrize("groups", [(2,), (3,), (2, 2), (3, 2), (5,), (3, 3), (2, 2, 3), (4, 3)])
def test_drummers_stay_within_the_bar(groups, bpm):
    for seed in range(30):
        pattern = draw_style(groups, 2, bpm, np.random.default_rng(seed))
        places = [place for hits in pattern.values() for place, _ in hits]
        assert min(places) >= 0
        assert max(places) < max(4 * sum(groups), 16)  # two beats are half a bar of four


def test_a_drummer_changes_metre_with_the_song():
    song = four_bars((2, 2), (3,), (3, 2), (2, 2))
    once = {groups: ({"kick": [(0.0, 1.0)]},) * 2 for groups in song.bar_groups}
    drummer = Drummer(patterns=once, fills=0, ghosts=0, drops=frozenset(), first_bar=0)
    hits = play_song(song, drummer, np.random.default_rng(0))
    assert [hit.beat for hit in hits if hit.role is Role.KICK] == [0, 4, 7, 12]
    assert set(hire(song, 120, np.random.default_rng(0)).patterns) == set(song.bar_groups)


def test_a_bar_of_two_between_bars_of_four_is_half_a_pattern():
    song = Composition(beat_count=10, bar_starts=(0, 4, 6), division=2, bar_groups=((2, 2),) * 3)
    pattern = {"snare": [(4.0, 1.0), (12.0, 1.0)]}
    drummer = Drummer(patterns={(2, 2): (pattern, pattern)}, fills=0, ghosts=0, drops=frozenset(), first_bar=0)
    hits = play_song(song, drummer, np.random.default_rng(0))
    assert [hit.beat for hit in hits] == [1, 3, 5, 7, 9]


def test_a_song_without_groups_is_counted_as_usual():
    song = Composition(beat_count=12, bar_starts=(0, 4, 8), division=2)
    assert song.groups_of(1) == usual_groups(4) == (2, 2)
    assert song.ends_with_its_bar
    assert not Composition(beat_count=11, bar_starts=(0, 4, 8), division=2).ends_with_its_bar


@pytest.mark.parametrize("beats", range(1, 17))
def test_a_bar_of_any_length_can_be_drummed(beats):
    groups = usual_groups(beats)
    assert sum(groups) == beats
    assert draw_style(groups, 2, 100, np.random.default_rng(0))


def test_tempo_changes_at_a_bar_line():
    starts = [0, 4, 7, 12, 16, 19, 24, 28]
    changes = set()
    for seed in range(300):
        periods_s = np.diff(draw_beat_times(32, 120, np.random.default_rng(seed), bar_starts=starts))
        if len(set(np.round(periods_s, 6))) == 2:
            changes.add(int(np.abs(np.diff(periods_s)).argmax()) + 1)
    assert changes
    assert changes <= set(starts)


STOPS = (
    Interruption(beat=8, seconds=5, filling="silence", tempo_ratio=2.0),
    Interruption(beat=16, seconds=3, filling="talk"),
)


def test_what_comes_after_an_interruption_is_late_by_it():
    places = [0, 7.5, 7.99, 8, 12, 15.75, 16]
    np.testing.assert_allclose(delay_s(places, STOPS, 20), [0, 0, 0, 5, 5, 5, 8])


def test_what_follows_the_end_delays_nothing():
    np.testing.assert_allclose(delay_s([0, 15, 16], STOPS, 16), [0, 5, 5])


def test_tempo_changes_after_an_interruption():
    beats_s = change_tempo(0.3 + 0.5 * np.arange(17), STOPS)
    np.testing.assert_allclose(np.diff(beats_s), [0.5] * 8 + [0.25] * 8)
    assert beats_s[0] == 0.3


def test_notes_are_let_go_before_an_interruption():
    notes = [Note(start_beats=start, length_beats=4, midi=60) for start in (2, 6, 8, 17)]
    chord = Chord(start_beats=6, end_beats=9, root=0, intervals=(0, 4, 7))
    song = let_go(Composition(beat_count=20, bar_starts=(0,), division=2, parts={"pad": notes}, chords=(chord,)), STOPS)
    np.testing.assert_allclose([note.length_beats for note in song.parts["pad"]], [4, 1.98, 4, 4])
    np.testing.assert_allclose(song.chords[0].end_beats, 7.98)


def test_songs_are_interrupted_at_bar_lines(songs):
    rng = np.random.default_rng(0)
    drawn = [(song, stop) for song in songs for stop in draw_interruptions(song, rng)]
    assert {stop.filling for _, stop in drawn} == {"silence", "applause", "talk", "chords", "free notes"}
    assert all(stop.beat in (*song.bar_starts, song.beat_count) and 2 <= stop.seconds <= 15 for song, stop in drawn)
    assert 0.1 < len({id(song) for song, _ in drawn}) / len(songs) < 0.4


def test_silence_is_silent_and_applause_is_not_for_long():
    rng = np.random.default_rng(0)
    assert not fill("silence", RATE_HZ, None, rng, sample_rate_hz=RATE_HZ).any()
    clapping = applause(4 * RATE_HZ, rng, sample_rate_hz=RATE_HZ)
    levels = np.sqrt((clapping.reshape(20, -1) ** 2).mean(axis=1))
    assert levels.min() > 0.1 * levels.max()


def test_peaks_of_a_curve():
    curve = np.array([0, 0.3, 0, 0.5, 0.9, 0.9, 0.2, 0.41, 0], np.float32)
    np.testing.assert_allclose(peaks_s(curve, frame_rate_hz=50), [0.1, 0.14])
