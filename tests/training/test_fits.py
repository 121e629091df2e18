"""Each script on features whose right fit is known, and held against the package's own functions."""

import dataclasses
import importlib

import numpy as np
import pytest

import training.key.fit as key_fit
import training.progressions.fit as progressions_fit
import training.rhythm.fit as rhythm_fit
import training.riff.fit as riff_fit
import training.structure.fit as structure_fit
import training.structure.functions as section_functions
import training.tone.fit as tone_fit
from riffscope.analyzers import vocal_pitch, vocal_range, vocal_tone
from riffscope.dsp.repetition import description_length, loops
from riffscope.dsp.rhythm import bars, levels
from riffscope.dsp.rhythm.levels import LevelEvidence, level_weights
from riffscope.dsp.structure import boundaries, functions, sections
from riffscope.dsp.structure.functions import FUNCTIONS
from riffscope.dsp.tonality import chords, keys, progressions
from riffscope.dsp.tonality.progressions import Piece
from riffscope.dsp.voice import layer_odds
from training.common.constants import today, tried
from training.key import pop909
from training.key.keyless import RATE_HZ, keyless_sounds
from training.riff import periods
from training.voice import ends, layers, singer, singing, song

RNG = np.random.default_rng(8)
FITS = ("key", "rhythm", "structure", "riff", "progressions", "voice", "tone")


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (keys, key_fit.EVIDENCE + key_fit.KEYED),
        (chords, ("QUALITY_ODDS",)),
        (levels, rhythm_fit.LEVELS + rhythm_fit.SURE),
        (bars, rhythm_fit.DOWNBEATS),
        (boundaries, structure_fit.CUES),
        (sections, structure_fit.SAME),
        (functions, section_functions.NAMES),
        (loops, riff_fit.NAMES),
        (description_length, periods.NAMES),
        (loops, periods.KIND_NAMES),
        (progressions, progressions_fit.NAMES),
        (vocal_pitch, ("SONG_SEPARATED", "SONG_IN_MIX", "SINGER_SEPARATED", "SINGER_IN_MIX")),
        (vocal_range, ("ENDS_WIDER", "SPAN_WIDER")),
        (layer_odds, (*layers.ODDS, *layers.LAYERED, *layers.FILLED)),
        (vocal_tone, (*tone_fit.names("spleeter"), *tone_fit.names("none"))),
    ],
)
def test_the_package_has_the_constants_that_are_fitted(module, names):
    assert set(today(module, names)) == set(names)


@pytest.mark.parametrize("name", FITS)
def test_each_script_says_what_it_fits_on_what_and_how(name):
    package = importlib.import_module(f"training.{name}")
    script = importlib.import_module(f"training.{name}.fit")
    assert package.__doc__
    further = {
        "voice": (ends, layers, singer, singing, song),
        "structure": (script, section_functions),
        "riff": (script, periods),
    }
    parts = further.get(name, (script,))
    for part in parts:
        assert all(f"\n{heading}\n" in part.__doc__ for heading in ("Constants", "Data", "Method", "Prints"))


# ------------------------------------------------------------------------------------------------------------- key
KEY_RNG = np.random.default_rng(24)


def heard(*, count=24, tonic=0, mode=0, sections=(0, 8, 16)):
    """A song whose bars are I IV V I of a key, with all that the scripts read of it."""
    roots = [(tonic + step) % 12 for step in (0, 5, 7, 0)] * (count // 4)
    named = np.array([root + 12 * (mode and step % 4 != 2) for step, root in enumerate(roots)])
    probability = np.full((count, 36), 0.1 / 35)
    probability[np.arange(count), named] = 0.9
    begins = np.zeros(count, bool)
    begins[list(sections)] = True
    notes = KEY_RNG.uniform(0, 0.02, (count, 36, 4, 4))
    notes[np.arange(count), named, :, :3] += 0.06
    return key_fit.Heard(
        chord_fit=keys.chord_fit(probability),
        chords=probability,
        openings=probability,
        classes=KEY_RNG.random((count, 12)) + 3 * keys.key_profiles()[tonic + 12 * mode],
        held=np.full(count, 0.9),
        length_s=np.full(count, 2.0),
        sounding=np.ones(count, bool),
        begins_section=begins,
        begins_phrase=begins,
        notes=notes.reshape(count, 3, 12, 4, 4),
        truth=np.array(tonic + 12 * mode),
        named=named,
    )


def test_evidence_for_keys_is_weighed_and_judged():
    songs = [heard(tonic=tonic, mode=mode) for tonic in range(12) for mode in (0, 1)]
    found = key_fit.learn(songs)
    assert set(found) == set(key_fit.EVIDENCE)
    assert found["CHORD_WEIGHT"] > 0
    for constants in (found, today(keys, key_fit.EVIDENCE)):
        assert np.mean([key_fit.judge(song, constants)["right"] for song in songs]) == 1


def test_probabilities_of_keys_are_the_packages_own():
    song = heard(tonic=3)
    (part,) = keys.find_keys(song.bars)
    judged = key_fit.judge(song, today(keys, key_fit.EVIDENCE))
    assert judged["right"] == (part.key == 3) == 1
    odds = np.log(part.probability) * (24 + keys.SETTLED_BARS) / 24  # as of a song without end
    sure = np.exp(odds - odds.max())
    assert judged["confidence"] == pytest.approx(float(sure.max() / sure.sum()))


def test_notes_of_chords_are_weighed_and_judged():
    songs = [heard(tonic=tonic) for tonic in range(6)]
    found = key_fit.learn_chords(songs)
    weights = np.reshape(found["NOTE_WEIGHTS"], (4, 4))
    assert weights[:, :3].mean() > 3 * abs(weights[:, 3]).mean()
    assert key_fit.judge_chords(heard(tonic=9), found)["right"] > 0.9


def test_sounds_without_a_key_are_told_from_songs():
    random = [dataclasses.replace(heard(), truth=np.array(-1)) for _ in range(8)]
    for i, drawn in enumerate(random):
        chords_drawn = np.full((24, 36), 0.1 / 35)
        chords_drawn[np.arange(24), KEY_RNG.permutation(24)] = 0.9
        random[i] = dataclasses.replace(
            drawn, chords=chords_drawn, openings=chords_drawn, chord_fit=keys.chord_fit(chords_drawn)
        )
    songs = [heard(tonic=tonic) for tonic in range(8)]
    found = key_fit.learn_keyed([*songs, *random])
    for constants in (found, today(keys, key_fit.KEYED)):
        assert key_fit.judge_keyed(songs[0], constants) == {"songs named": 1.0}
        assert key_fit.judge_keyed(random[0], constants) == {"others named (less)": 0.0}


def test_the_odds_of_a_key_are_the_packages_own():
    song = heard()
    slopes = today(keys, key_fit.KEYED)
    odds = key_fit._keyed_features(song.bars) @ [slopes[name] for name in key_fit.KEYED[:-1]] + slopes["KEYED_BASE"]
    (part,) = keys.find_keys(song.bars)
    assert part.keyed == pytest.approx(1 / (1 + np.exp(-odds)))


def test_bars_that_are_moved_change_key(capsys):
    song = key_fit.moved(heard(count=48), 32, 48, 2)
    assert [(part.key, part.begin) for part in keys.find_keys(song.bars)] == [(0, 0), (2, 32)]
    key_fit.show_changes([heard(count=48, tonic=tonic) for tonic in range(4)])
    rows = [line.split() for line in capsys.readouterr().out.splitlines()[-3:]]
    assert [float(row[1]) for row in rows] == [0, 0, 0]
    assert float(rows[0][2]) >= float(rows[-1][2])


@pytest.mark.whole_songs
def test_keyless_sounds_differ_from_seed_to_seed_and_say_what_they_are():
    first, second = dict(keyless_sounds(0)), dict(keyless_sounds(1))
    assert "siren" in first
    assert len(first) >= 8
    for name, samples in first.items():
        assert np.isfinite(samples).all()
        assert 20 < len(samples) / RATE_HZ < 40
        count = min(len(samples), len(second[name]))
        assert abs(samples[:count] - second[name][:count]).max() > 0.01


def test_pop909_is_read_and_counted(tmp_path):
    for name, keys_written in (("001", "0 8 C:maj\n"), ("002", "0 4 A:min\n4 8 B:min\n")):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "key_audio.txt").write_text(keys_written)
        (folder / "chord_midi.txt").write_text("0 2 N\n2 5 C:maj/3\n5 6 A:min7\n6 8 B:hdim7\n")
    folders = [tmp_path / "001", tmp_path / "002"]
    shares = pop909.usual_chords(folders)["major"]
    assert shares[0, 0] == pytest.approx(3 / 6)
    assert shares[1, 9] == pytest.approx(1 / 6)
    assert shares[2, 11] == pytest.approx(2 / 6)
    staying, changing = (pop909.describe(folder) for folder in folders)
    assert "key" in staying["annotation_types"]
    assert "key" not in changing["annotation_types"]
    assert [part["tonic"] for part in changing["truth"]["key_parts"]] == ["A", "B"]
    assert [chord["label"] for chord in staying["truth"]["chords"]] == ["C:maj", "A:min", "B:dim"]
    assert set(pop909.choose(folders, 2)) <= set(folders)


# ---------------------------------------------------------------------------------------------------------- rhythm
def test_the_weights_of_levels_are_judged_as_the_package_weighs_them():
    each = [
        LevelEvidence(
            bpm=bpm, beat_log_odds=heard, bar_log_probability=-0.2, autocorrelation=0.3, tempo_log_probability=-1.0
        )
        for bpm, heard in ((120.0, 1.0), (60.0, 1.4))
    ]
    evidence = np.array(
        [
            (
                e.beat_log_odds,
                e.bar_log_probability,
                e.autocorrelation,
                np.log2(e.bpm),
                e.tempo_log_probability,
                e.downbeats_on_beats,
            )
            for e in each
        ]
    )
    song = rhythm_fit.Levels(
        evidence=evidence, bpm=np.array([120.0, 60.0]), true_bpm=np.array(61.0), beat_f=np.array(1.0)
    )
    judged = rhythm_fit.judge_levels(song, today(levels, rhythm_fit.LEVELS))
    assert song.right == 1
    assert judged["log loss"] == pytest.approx(-np.log(level_weights(each)[1]))


def test_levels_that_are_heard_clearly_are_believed():
    songs = [
        rhythm_fit.Levels(
            evidence=np.array([[1.0, 0, 0, 7.0, 0, 1], [0.0, 0, 0, 6.0, 0, 1]]),
            bpm=np.array([128.0, 64.0]),
            true_bpm=np.array(128.0),
            beat_f=np.array(0.9),
        )
    ] * 5
    assert rhythm_fit.learn_levels(songs)["BEATS_WEIGHT"] > 0
    assert rhythm_fit.judge_levels(songs[0], rhythm_fit.learn_levels(songs))["right"] == 1


def bars_song(log_odds):
    count = len(log_odds)
    is_downbeat = np.arange(count) % 4 == 0
    return rhythm_fit.Downbeats(
        times_s=np.arange(count) * 0.5,
        log_odds=log_odds,
        onsets=RNG.random((2, count)),
        thirds=np.array(0.3),
        is_beat=np.ones(count, bool),
        is_downbeat=is_downbeat,
        true_s=np.arange(count)[is_downbeat] * 0.5,
    )


def test_a_downbeat_curve_that_tells_is_believed():
    odds = np.where(np.arange(64) % 4 == 0, 3.0, -3.0) + RNG.normal(0, 2, 64)
    song = bars_song(odds)
    found = rhythm_fit.learn_downbeats([song, song])
    assert found["DOWNBEAT_SLOPE"] > 0
    assert rhythm_fit.judge_downbeats(song, found)["F"] == pytest.approx(1)


# ------------------------------------------------------------------------------------------------------- structure
def lines_song(cue):
    is_boundary = np.arange(1, 32) % 8 == 0
    cues = RNG.normal(0, 0.1, (31, 8))
    cues[:, cue] += is_boundary
    return structure_fit.Lines(
        cues=cues,
        sung=np.zeros(31),
        lines_s=np.arange(33) * 2.0,
        is_boundary=is_boundary,
        starts_s=np.arange(4) * 16.0,
        likeness=np.array([0.8, 0.1]),
        usual=np.array(0.1),
        is_same=np.array([True, False]),
    )


def test_the_cue_that_tells_boundaries_weighs_most():
    songs = [lines_song(cue=3) for _ in range(10)]
    found = structure_fit.learn_boundaries(songs)
    assert int(np.argmax(np.abs(found["CUE_WEIGHTS"]))) == 3
    judged = structure_fit.judge_boundaries(songs[0], found)
    assert judged["area"] == 1
    assert judged["F"] == 1


def test_what_fills_tell_is_not_told_where_there_are_none():
    songs = [lines_song(cue=0) for _ in range(10)]
    found = structure_fit.learn_boundaries(songs)
    with_others = structure_fit.learn_boundaries([lines_song(cue=3) for _ in range(10)])
    assert found["CUE_WEIGHTS"][0] > 0
    assert found["BASE_ODDS"] > with_others["BASE_ODDS"]  # boundaries without a fill are left to the base


def sections_song(*, loud):
    names = ("intro", "verse", "chorus", "verse", "chorus")
    truth = np.zeros((5, len(FUNCTIONS)))
    truth[np.arange(5), [FUNCTIONS.index(name) for name in names]] = 1
    return section_functions.Sections(
        starts_s=np.arange(5) * 10.0,
        ends_s=np.arange(1, 6) * 10.0,
        level=np.where(np.array(names) == "chorus", loud, 0.0),
        sung=np.array([0.0, 0.8, 0.8, 0.8, 0.8]),
        height=np.full(5, 60.0),
        retold=np.zeros(5),
        labels=np.array(["A"] * 5),
        told_again=np.zeros((5, 5)),
        certain=np.array(0.0),
        truth=truth,
    )


@pytest.mark.parametrize("loud", [0.4, -0.4])
def test_louder_choruses_make_loudness_speak_for_a_chorus_and_softer_ones_against_it(loud):
    songs = [sections_song(loud=loud)] * 12
    found = section_functions.learn(songs)
    weight = section_functions.Weights(*found["WEIGHTS"]).loud
    assert weight > section_functions.CHOSEN.loud if loud > 0 else weight < section_functions.CHOSEN.loud
    judged = section_functions.judge(songs[0], found)
    assert judged["named"] == 1
    before = section_functions.judge(songs[0], {"WEIGHTS": tuple(section_functions.CHOSEN)})
    assert judged["log loss"] < before["log loss"]


def test_shares_of_functions_are_of_the_sections_found():
    known = [{"name": "drum_intro", "start": 0.0, "end": 4.0}, {"name": "verse", "start": 4.0, "end": 10.0}]
    found = section_functions.shares(np.array([0.0, 5.0]), np.array([5.0, 10.0]), known)
    assert found[0, FUNCTIONS.index("intro")] == pytest.approx(0.8)
    assert found[0, FUNCTIONS.index("verse")] == pytest.approx(0.2)
    assert found[1, FUNCTIONS.index("verse")] == pytest.approx(1)


def test_the_limit_of_the_same_music_lies_between_pairs():
    songs = [lines_song(cue=0)] * 20
    found = structure_fit.learn_same(songs)
    assert 0.1 < found["SAME_MUSIC"] + found["SAME_MUSIC_PER_SIMILARITY"] * 0.1 < 0.8
    assert structure_fit.judge_same(songs[0], found) == {"right": 1, "balanced": 1}


def test_pairs_are_of_loops_and_of_what_is_new():
    alike = np.eye(8, dtype=np.float32)
    starts_s = np.array([0.0, 4.0, 8.0, 12.0])
    likeness, is_same = structure_fit.pairs(alike, np.arange(9) * 2.0, starts_s, ["riff", "through", "vamp", "riff"])
    assert is_same.tolist() == [False, True, False]  # riff and new, riff and riff, new and riff; the vamp is left out
    assert likeness.shape == (3,)


# ------------------------------------------------------------------------------------------------------------ riff
def test_the_evidence_for_a_riff_is_the_packages_own():
    letters = np.repeat(list("abababababxyzwvu"), 4)
    places = np.tile(np.arange(4), 16)
    similarity = np.where((letters[:, None] == letters) & (places[:, None] == places), 0.2, 0.01).astype(np.float32)
    (path,) = loops.find_loop_paths(similarity, np.arange(64) % 4 == 0, 4, max_loops=1)
    beyond, strength = riff_fit.evidence_parts(path, similarity, 4)
    song = riff_fit.Finds(
        beyond_others=np.array([[beyond, -np.inf]]), strength=np.array([[strength, 0.0]]), is_riff=np.array([True])
    )
    constants = today(loops, riff_fit.NAMES)
    likely = riff_fit.probability(riff_fit.evidence(song, constants["EVIDENCE_FROM"]), constants)
    assert likely[0] == pytest.approx(loops.riff_probability(path, similarity, 4))


def test_riffs_are_told_from_other_finds():
    def find(strength, is_riff):
        return riff_fit.Finds(
            beyond_others=np.array([[0.5, -np.inf]]), strength=np.array([[strength, 0.0]]), is_riff=np.array([is_riff])
        )

    songs = [find(s, True) for s in (8.0, 10.0, 14.0, 20.0)] + [find(s, False) for s in (0.05, 0.1, 0.2, 0.4)]
    found = riff_fit.learn(songs)
    assert [riff_fit.judge(song, found)["right"] for song in songs] == [1.0] * len(songs)
    assert found["EVIDENCE_SLOPE"] > 0


def rounds_of(form, **finds):
    letters = np.repeat(list(form), 4)
    places = np.tile(np.arange(4), len(form))
    same = (letters[:, None] == letters) & (places[:, None] == places)
    song = periods.Rounds(
        similarity=np.where(same, 0.5, 0).astype(np.float32),
        is_downbeat=np.arange(len(letters)) % 4 == 0,
        beats_per_bar=4,
        times_s=0.5 * np.arange(len(letters)),
        period_s=6.0,
        right=np.zeros(0, np.bool_),
        stillness=np.array(finds.get("stillness", ())),
        is_chords=np.array(finds.get("is_chords", ()), np.bool_),
    )
    return dataclasses.replace(song, right=periods.try_all(song))


def test_a_period_is_right_under_todays_constants_and_they_come_back_after_a_try():
    constants = today(description_length, periods.NAMES)
    assert periods.judge(rounds_of("aab" * 5), constants) == {"right": 1.0}
    assert periods.judge(rounds_of("abab" * 5), constants) == {"right": 0.0}
    assert periods.learn([rounds_of("aab" * 5)]) == constants
    assert today(description_length, periods.NAMES) == constants


def test_the_threshold_for_chords_lies_between_them_and_figures():
    songs = [rounds_of("ab", stillness=(0.5, 0.8), is_chords=(False, True)) for _ in range(20)]
    found = periods.learn_kind(songs)
    assert found["CHORDS_STILLNESS"] == pytest.approx(0.65, abs=0.02)
    assert periods.judge_kind(songs[0], found) == {"right": 1.0}
    assert periods.judge_kind(rounds_of("ab"), found) == {}


def test_finds_are_chords_where_chords_come_round():
    times_s = np.arange(10.0)
    assert periods.tell_chords(times_s, [(0, 5)], [(5, 100)]) is None
    assert periods.tell_chords(times_s[5:], [(0, 5)], [(5, 100)]) is True
    assert periods.tell_chords(times_s[:5], [(0, 5)], [(5, 100)]) is False


# ----------------------------------------------------------------------------------------------------------- voice
def test_the_cue_that_tells_singing_gets_its_weight():
    sung = RNG.random(500) < 0.5
    cues = np.stack([RNG.normal(size=500), sung + RNG.normal(0, 0.3, 500), *RNG.normal(size=(2, 500))], axis=1)
    song = singing.Frames(cues=cues, sung=sung)
    found = singing.learn([song], "none")
    assert found["micro-modulation"] > 5 * abs(found["clear pitch"])
    assert singing.judge(song, found)["area"] > 0.95
    assert set(found) == set(singing.today("none"))


def signs_of(share, movement, *, is_sung, holds_long=False):
    return song.Signs(
        share=np.array(share),
        movement=np.array(movement),
        holds_long=np.array(holds_long),
        is_sung=np.array(is_sung),
    )


def test_songs_move_where_instruments_hold():
    songs = [signs_of(0.3, 8.0, is_sung=True)] * 4 + [signs_of(0.3, 2.0, is_sung=False), signs_of(0, 9, is_sung=False)]
    found = song.learn(songs, "none")
    share, on_long_notes, otherwise = found["SONG_IN_MIX"]
    assert 0 < share < 0.3
    assert on_long_notes == vocal_pitch.SONG_IN_MIX.on_long_notes  # no such song here
    assert 2 < otherwise < 8
    assert [song.judge(each, found) for each in songs] == [{"found": 1}] * 4 + [{"refused": 1}] * 2


def singer_of(heard, movement, *, is_sung):
    return singer.Signs(signs=np.array([heard, movement, -0.7]), is_sung=np.array(is_sung))


def test_a_singer_is_told_by_what_the_network_hears_and_by_movement():
    songs = [singer_of(4.0 - k / 4, 8.0 - k / 4, is_sung=True) for k in range(8)]
    songs += [singer_of(-4.0 + k / 4, 2.0 + k / 4, is_sung=False) for k in range(8)]
    found = singer.learn(songs, "spleeter")
    heard, movement, share, _ = found["SINGER_SEPARATED"]
    assert heard > 0 < movement
    assert abs(share) < 0.01  # the same in all
    figures = [singer.judge(song, found) for song in songs]
    assert [figure.get("found", figure.get("refused")) for figure in figures] == [1] * 16
    assert max(figure["Brier"] for figure in figures) < 0.2


def sung_song(doubt, miss):
    """A range whose ends miss the truth by so much, with signs that say how doubtful they are."""
    signs = np.zeros((2, 9))
    signs[:, 6] = doubt
    return ends.Sung(signs=signs, found=np.array([50.0, 62.0]), truth=np.array([50.0 - miss, 62.0 + miss / 2]))


def test_ranges_are_wide_where_their_ends_are_doubtful_and_hold_nine_in_ten():
    rng = np.random.default_rng(5)
    songs = [
        sung_song(doubt, miss) for doubt, miss in zip([0.0, 0.4] * 40, rng.uniform(0, [0.3, 4.0] * 40), strict=True)
    ]
    found = ends.learn(songs)
    figures = [ends.judge(song, found) for song in songs]
    assert 0.85 <= np.mean([figure["span covered"] for figure in figures]) <= 1
    assert figures[1]["width"] > 3 * figures[0]["width"]
    nothing = found | {"SPAN_WIDER": 0.0}
    assert np.mean([ends.judge(song, nothing)["span covered"] for song in songs]) < 0.2


def layered_song(kind, *, harmony_db=-6.0, double_db=-4.0, heard=1.0, stereo=True):
    """A song of 20 s with the lead alone and then, for half of the time, one other kind of singing."""
    count, rng = 400, np.random.default_rng(kind)
    kinds = np.where(np.arange(count) < count // 2, layers.LEAD, kind)
    more, other_db = kinds != layers.LEAD, {layers.HARMONY: harmony_db, layers.OOHS: harmony_db}.get(kind, -22.0)
    return layers.Frames(
        others_db=np.where(more, other_db, -22.0) + rng.normal(0, 1, count),
        confidence=np.where(more & (kind != layers.DOUBLE), 0.75, 0.9),
        beside_db=np.where(more & (kind == layers.DOUBLE), double_db, -22.0) + rng.normal(0, 1, count),
        at_once_db=np.array(-10.0 if kind == layers.DOUBLE else -24.0),
        heard=np.full(count, heard),
        level_db=np.where(more & (kind == layers.OOHS), -8.0, 0.0) + rng.normal(0, 1, count),
        contrast_db=np.array(other_db + 22.0),
        parallel_db=np.array(3.0 if kind == layers.HARMONY else 0.0),
        beating_db=np.array(3.4 if kind == layers.DOUBLE else 2.2),
        steady_beside_db=np.array(double_db - 4.0 if kind == layers.DOUBLE else -22.0),
        clear_when_loud=np.array(0.9 if kind == layers.OOHS else 0.4),
        resting_db=np.array(-35.0),
        span_index=np.zeros(count, np.int64),
        stereo=np.array(stereo),
        kind=kinds,
        times_s=np.arange(count) * 0.05 + 0.025,
        sung_s=np.array([[0.0, 20.0]]),
        layered_fraction=np.array(more.mean()),
        gap_fill_fraction=np.array(1.0 if kind == layers.OOHS else 0.0),
    )


def choir():
    kinds = (layers.LEAD, layers.HARMONY, layers.OOHS, layers.DOUBLE)
    return [layered_song(kind) for kind in kinds for _ in range(6)]


def test_layers_are_told_by_what_is_fitted_on_songs_alike():
    songs = choir()
    for learn, judge, kind in (
        (layers.learn_harmonies, layers.judge_harmonies, layers.HARMONY),
        (layers.learn_gap_voices, layers.judge_gap_voices, layers.OOHS),
    ):
        figures = judge(layered_song(kind), learn(songs))
        assert figures["found"] > 0.95
        assert figures["kept out"] > 0.95


def test_what_a_mono_file_hides_is_not_learnt_from():
    assert layers.judge_doubles(layered_song(layers.DOUBLE, stereo=False), {}) == {}


def test_songs_are_told_apart_by_what_only_the_song_shows():
    # The frames of all songs say the same; what begins and ends with the lead, or moves with it, differs.
    songs = [dataclasses.replace(layered_song(layers.LEAD), parallel_db=np.array(p)) for p in (0.2, 0.0, -0.3) * 4]
    songs += [
        dataclasses.replace(song, parallel_db=np.array(3.0), layered_fraction=np.array(0.8)) for song in songs[:6]
    ]
    songs += [
        dataclasses.replace(song, at_once_db=np.array(-10.0), layered_fraction=np.array(0.9)) for song in songs[:6]
    ]
    found = layers.learn_layered_songs(songs)
    assert found["HARMONIZED"][3] > 0
    assert found["DOUBLED"][1] > 0
    figures = [layers.judge_layered_songs(song, found) for song in songs]
    assert np.mean([each["decided"] for each in figures]) > 0.9
    assert all(each.get("right", 1.0) for each in figures)


def test_songs_whose_gaps_are_filled_are_told_by_what_is_fitted():
    # The lead's first and last second are certain: between them lies a gap, filled or not.
    songs = [
        dataclasses.replace(song, sung_s=np.array([[0.0, 10.0], [19.0, 20.0]]), gap_fill_fraction=np.array(filled))
        for filled, kind in ((0.0, layers.LEAD), (0.0, layers.HARMONY), (1.0, layers.OOHS))
        for song in [layered_song(kind)] * 8
    ]
    with tried(layer_odds, layers.learn_gap_voices(choir())):
        found = layers.learn_filled_songs(songs)
        figures = [layers.judge_filled_songs(song, found) for song in songs]
    assert all(each["decided"] and each["right"] for each in figures)


# ------------------------------------------------------------------------------------------------------------ tone
# Breath is in all bands but the lowest.
BREATH_BY_BAND = np.array([0.0, *[1.0] * 9])


def tones_of(*, level_db=0.0, wet_db=-np.inf, breathiness=0.0, stereo=True, has_room=True):
    answer = 0.0 if np.isneginf(wet_db) else 2.0
    tail = -32.0 if np.isneginf(wet_db) else -18.0
    read = level_db + RNG.normal(0, 0.7, 5)
    room = [answer if stereo else tail - 6, tail, 0.0] + RNG.normal(0, 0.1, 3) * [1, 20, 20]
    tilt_db = RNG.uniform(-20, 0, 10)
    return tone_fit.Tones(
        level=np.append(read, 0.0 if stereo else 1.0),
        room=room if has_room else np.zeros(0),
        stereo=np.array(stereo),
        noise_db=-20 + 0.5 * tilt_db + 20 * breathiness * BREATH_BY_BAND + RNG.normal(0, 2, 10),
        readings=np.full(10, 100.0),
        tilt_db=tilt_db,
        f0_hz=np.array(RNG.uniform(150, 500)),
        level_db=np.array(level_db),
        wet_db=np.array(wet_db),
        breathiness=np.array(breathiness),
    )


def tone_songs(count):
    return [
        tones_of(
            level_db=RNG.uniform(-8, 6),
            wet_db=-np.inf if k % 2 else -10.0,
            breathiness=0.6 if k % 3 == 0 else 0.0,
            stereo=k % 4 < 2,
        )
        for k in range(count)
    ]


def test_the_tone_is_learnt_where_it_is_told_clearly():
    found = tone_fit.learn(tone_songs(60), "spleeter")
    assert set(found) == set(tone_fit.names("spleeter"))
    judged = [tone_fit.judge(song, found, "spleeter") for song in tone_songs(200)]
    for measure in ("level", "room", "breath"):
        assert np.nanmean([each[f"{measure} right"] for each in judged]) > 0.97
        assert np.nanmean([each[f"{measure} decided"] for each in judged]) > 0.6
    assert np.mean([each["level covered"] for each in judged]) == pytest.approx(0.9, abs=0.07)
    # The five readings of the level are right but for their noise.
    assert sum(found["SEPARATED_LEVEL"][:5]) == pytest.approx(1, abs=0.1)
    assert found["CLEAR_DB"] == pytest.approx(np.full(10, -20), abs=3)
    assert found["CLEAR_DB_PER_DB"] == pytest.approx(np.full(10, 0.5), abs=0.2)
    by, sure, low, _ = found["SEPARATED_BREATH"]
    assert by > 2 * max(abs(sure), abs(low))


def test_the_tone_is_judged_as_the_package_measures_it():
    song = tones_of(level_db=5.0, wet_db=-10.0, breathiness=0.5)
    reach = vocal_tone.SEPARATED_LEVEL_REACH_LU
    value = song.level @ vocal_tone.SEPARATED_LEVEL[:-1] + vocal_tone.SEPARATED_LEVEL[-1]
    judged = tone_fit.judge(song, today(vocal_tone, tone_fit.names("spleeter")), "spleeter")
    assert judged["level covered"] == (abs(value - 5) <= reach)
    assert judged["level decided"] == (abs(value) >= reach)


@pytest.mark.parametrize(
    ("name", "true", "false", "between"),
    [("level_db", 1.5, -1.5, 0.0), ("wet_db", -np.inf, -13.0, -14.0), ("breathiness", 0.3, 0.0, 0.2)],
)
def test_songs_near_a_limit_of_the_tone_say_nothing(name, true, false, between):
    asked = {"level_db": "in_front", "wet_db": "dry", "breathiness": "breathy"}[name]
    told = [getattr(tones_of(**{name: value}), asked) for value in (true, false, between)]
    assert told[:2] == [1, 0]
    assert np.isnan(told[2])


def test_what_has_no_room_is_left_out_of_it_alone():
    songs = [*tone_songs(60), tones_of(level_db=4.0, has_room=False)]
    judged = tone_fit.judge(songs[-1], tone_fit.learn(songs, "none"), "none")
    assert np.isnan(judged["room brier"])
    assert np.isfinite(judged["level brier"])


# ------------------------------------------------------------------------------------------------------- progressions
def bars_of(*places):
    return Piece(places=np.array(places), weights=np.full(len(places), 0.9))


def test_the_right_cost_finds_the_rounds_and_gives_none_to_what_is_new_in_every_bar():
    wrong = bars_of(0, 7, 21, 5, 0, 7, 16, 5)
    going = progressions_fit.Music(pieces=(wrong, wrong), round=(0, 7, 21, 5))
    new = progressions_fit.Music(pieces=(bars_of(0, 7, 21, 5, 2, 0, 16),), round=None)
    song = progressions_fit.Sung(music=(going, new))
    constants = today(progressions, progressions_fit.NAMES)
    assert progressions_fit.judge(song, {"ASTRAY_COST": 0.5})["right"] < 1.0
    assert progressions_fit.judge(progressions_fit.Sung(music=(new,)), constants) == {"right": 1.0}
    found = progressions_fit.learn([song])
    assert progressions_fit.judge(song, found)["right"] >= progressions_fit.judge(song, {"ASTRAY_COST": 1.5})["right"]
    assert today(progressions, progressions_fit.NAMES) == constants
