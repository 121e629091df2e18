import itertools

import numpy as np
import pytest

from riffscope.dsp.tonality.keys import (
    KEYS,
    TonalBars,
    change_costs,
    chord_fit,
    find_keys,
    key_evidence,
    key_profiles,
    sounding_bars,
    usual_changes,
    weigh_keys,
)

MAJOR, MINOR = 0, 12
C, D, E, F, G, A = 0, 2, 4, 5, 7, 9
TRIADS = {0: (0, 4, 7), 1: (0, 3, 7), 2: (0, 3, 6)}


def bars_of(chords, sections=(0,), sure=0.9):
    """Bars of which each chord is known to so much; phrases of four bars from each section on."""
    count = len(chords)
    probability = np.full((count, 36), (1 - sure) / 35)
    probability[np.arange(count), chords] = sure
    classes = np.full((count, 12), 0.01)
    for bar, chord in enumerate(chords):
        for step in TRIADS[chord // 12]:
            classes[bar, (chord % 12 + step) % 12] += 0.3
    begins_section, begins_phrase = np.zeros((2, count), bool)
    begins_section[list(sections)] = True
    for begin, end in itertools.pairwise([*sections, count]):
        begins_phrase[begin:end:4] = True
    return TonalBars(
        chord_fit=chord_fit(probability),
        chords=probability,
        openings=probability,
        classes=classes,
        held=np.full(count, 0.9),
        length_s=np.full(count, 2.0),
        sounding=np.ones(count, bool),
        begins_section=begins_section,
        begins_phrase=begins_phrase,
    )


def moved(chords, semitones):
    return [12 * (chord // 12) + (chord % 12 + semitones) % 12 for chord in chords]


def named(bars):
    return [part.key for part in find_keys(bars)]


AXIS = [MINOR + A, F, C, G]  # vi IV I V of C, or i bVI bIII bVII of A minor
PLAIN = [C, F, G, C]


@pytest.mark.parametrize("tonic", range(12))
def test_a_cadence_is_in_its_key_wherever_that_lies(tonic):
    assert named(bars_of(moved(PLAIN * 4, tonic))) == [tonic]
    minor = [MINOR, MINOR + F, G, MINOR]
    assert named(bars_of(moved(minor * 4, tonic))) == [MINOR + tonic]


def test_relative_keys_are_told_by_where_phrases_begin():
    assert named(bars_of(AXIS * 4)) == [MINOR + A]
    assert named(bars_of((AXIS[2:] + AXIS[:2]) * 4)) == [C]


def test_the_leading_note_of_a_minor_key_tells_it_from_its_relative():
    natural = weigh_keys(bars_of([C, MINOR + D, MINOR + E, MINOR + A] * 4, sections=()), 0, 16).probability
    leading = weigh_keys(bars_of([C, MINOR + D, E, MINOR + A] * 4, sections=()), 0, 16).probability
    assert leading[MINOR + A] > 0.5 > natural[MINOR + A]


def test_parallel_keys_are_told_by_their_thirds():
    assert named(bars_of([C, F, C, G] * 4)) == [C]
    assert named(bars_of([MINOR + C, MINOR + F, MINOR + C, G] * 4)) == [MINOR + C]


def test_modes_are_called_by_their_third():
    dorian = [MINOR + D, G, MINOR + D, C] * 4
    mixolydian = [G, F, C, G] * 4
    assert named(bars_of(dorian)) == [MINOR + D]
    assert named(bars_of(mixolydian))[0] < MINOR


@pytest.mark.parametrize("up", [1, 2, 3, 6])
def test_eight_bars_in_another_key_at_the_end_are_a_part_of_their_own(up):
    first, second = find_keys(bars_of(PLAIN * 4 + moved(PLAIN * 2, up), sections=(0, 8, 16)))
    assert (first.key, second.key) == (C, up)
    assert (first.begin, first.end, second.begin, second.end) == (0, 16, 16, 24)


def test_borrowed_chords_and_a_bridge_on_the_fourth_degree_are_no_change_of_key():
    borrowed = [8, 10, 8, 10]  # A flat and B flat
    assert named(bars_of(PLAIN * 3 + borrowed + PLAIN * 2)) == [C]
    bridge = [F, 10, F, C, F, 10, F, G]
    assert named(bars_of(PLAIN * 3 + bridge + PLAIN * 2, sections=(0, 12, 20))) == [C]


def test_a_pause_belongs_to_no_part():
    chords = PLAIN * 4
    bars = bars_of(chords + [C] * 3 + moved(chords, 2))
    sounding = np.ones(35, bool)
    sounding[16:19] = False
    paused = TonalBars(
        chord_fit=bars.chord_fit,
        chords=bars.chords,
        openings=bars.openings,
        classes=bars.classes,
        held=bars.held,
        length_s=bars.length_s,
        sounding=sounding,
        begins_section=bars.begins_section,
        begins_phrase=bars.begins_phrase,
    )
    assert [(part.key, part.begin, part.end) for part in find_keys(paused)] == [(C, 0, 16), (D, 19, 35)]


def test_a_bar_is_known_less_than_a_song():
    song = weigh_keys(bars_of(AXIS * 8), 0, 32)
    bar = weigh_keys(bars_of(AXIS * 8), 0, 1)
    assert bar.probability.max() < song.probability.max()
    assert song.keyed > 0.9
    assert song.probability.sum() == pytest.approx(1)


def test_chords_drawn_by_lot_have_no_key():
    random = np.random.default_rng(4)
    chords = [12 * int(random.integers(2)) + int(root) for _ in range(4) for root in random.permutation(12)]
    bars = bars_of(chords)
    assert weigh_keys(bars, 0, len(chords)).keyed < 0.25
    assert weigh_keys(bars_of(PLAIN * 12), 0, len(chords)).keyed > 0.95


def test_where_nothing_sounds_there_is_no_key():
    bars = bars_of(PLAIN)
    silent = TonalBars(
        chord_fit=bars.chord_fit,
        chords=bars.chords,
        openings=bars.openings,
        classes=bars.classes,
        held=bars.held,
        length_s=bars.length_s,
        sounding=np.zeros(4, bool),
        begins_section=bars.begins_section,
        begins_phrase=bars.begins_phrase,
    )
    assert find_keys(silent) == []
    assert not key_evidence(silent).any()


def test_pauses_and_bars_of_any_chord_say_nothing():
    chords = np.full((3, 36), 1 / 36)
    chords[:2, 0] = 0.5
    assert sounding_bars(chords, np.array([1.0, 0.01, 1.0])).tolist() == [True, False, False]
    assert not sounding_bars(chords, np.zeros(3)).any()


def test_each_key_fits_its_own_profile_best():
    profiles = key_profiles()
    bars = TonalBars(
        chord_fit=np.zeros((KEYS, KEYS)),
        chords=np.full((KEYS, 36), 1 / 36),
        openings=np.full((KEYS, 36), 1 / 36),
        classes=profiles,
        held=np.ones(KEYS),
        length_s=np.ones(KEYS),
        sounding=np.ones(KEYS, bool),
        begins_section=np.zeros(KEYS, bool),
        begins_phrase=np.zeros(KEYS, bool),
    )
    for key in range(KEYS):
        fit = key_evidence(bars.stretch(key, key + 1))[:, 1]
        assert fit.argmax() == key
        assert fit[key] == pytest.approx(1)


def test_near_keys_are_dearer_to_change_to_and_a_key_follows_itself_never():
    costs, usual = change_costs(), usual_changes()
    assert costs[C, MINOR + A] == costs[C, G] == costs[C, F] == costs[C, MINOR + E] > costs[C, D] == 1
    np.testing.assert_array_equal(costs, costs.T)
    assert not costs.diagonal().any()
    assert not usual.diagonal().any()
    assert usual[C, 1] > usual[C, D] > usual[C, E]
    assert usual[MINOR + C, C] > usual[MINOR + C, E]
