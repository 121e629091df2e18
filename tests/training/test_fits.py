"""Each script on features whose right fit is known, and held against the package's own functions."""

import importlib

import numpy as np
import pytest

import training.key.fit as key_fit
import training.rhythm.fit as rhythm_fit
import training.riff.fit as riff_fit
import training.structure.fit as structure_fit
import training.tone.fit as tone_fit
from riffscope.analyzers import key, vocal_layers, vocal_pitch, vocal_range, vocal_tone
from riffscope.dsp.repetition import loops
from riffscope.dsp.rhythm import bars, levels
from riffscope.dsp.rhythm.levels import LevelEvidence, level_weights
from riffscope.dsp.structure import boundaries, sections
from training.common.constants import today
from training.voice import ends, layers, singing, song

RNG = np.random.default_rng(8)
FITS = ("key", "rhythm", "structure", "riff", "voice", "tone")


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (key, key_fit.NAMES),
        (levels, rhythm_fit.LEVELS + rhythm_fit.SURE),
        (bars, rhythm_fit.DOWNBEATS),
        (boundaries, structure_fit.CUES),
        (sections, structure_fit.SAME),
        (loops, riff_fit.NAMES),
        (vocal_pitch, ("SONG_SEPARATED", "SONG_IN_MIX")),
        (vocal_range, ends.NAMES),
        (vocal_layers, (*layers.LIMITS, layers.UNSURE)),
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
    parts = (ends, layers, singing, song) if name == "voice" else (script,)
    for part in parts:
        assert all(f"\n{heading}\n" in part.__doc__ for heading in ("Constants", "Data", "Method", "Prints"))


# ------------------------------------------------------------------------------------------------------------- key
def keys_of(weights, count=150):
    out = []
    for _ in range(count):
        evidence = RNG.normal(size=(24, 3)) * [0.4, 0.2, 0.2]
        likely = np.exp(evidence @ weights)
        out.append(key_fit.Evidence(evidence=evidence, truth=RNG.choice(24, p=likely / likely.sum())))
    return out


def test_the_evidence_for_a_key_counts_as_it_was_drawn():
    found = key_fit.learn(keys_of([10.0, 4.0, 4.0]))
    assert found["PROFILE_WEIGHT"] == pytest.approx(10, rel=0.3)
    assert found["SECTION_WEIGHT"] == pytest.approx(4, rel=0.5)


def test_probabilities_of_keys_are_the_packages_own():
    classes, begun_on = RNG.random(12), RNG.normal(size=12)
    whole = key.key_probabilities(classes / classes.sum(), begun_on)
    fit, weighted = key.PROFILE_WEIGHT, np.tile(begun_on, 2)
    plain = np.log(key.key_probabilities(classes / classes.sum())).ravel() / fit
    evidence = np.stack([plain, weighted / key.SECTION_WEIGHT, np.zeros(24)], axis=1)
    song = key_fit.Evidence(evidence=evidence, truth=np.array(int(whole.argmax())))
    judged = key_fit.judge(song, today(key, key_fit.NAMES))
    assert judged["confidence"] == pytest.approx(float(whole.max()))
    assert judged["right"] == 1


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
            (e.beat_log_odds, e.bar_log_probability, e.autocorrelation, np.log2(e.bpm), e.tempo_log_probability)
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
            evidence=np.array([[1.0, 0, 0, 7.0, 0], [0.0, 0, 0, 6.0, 0]]),
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
    cues = RNG.normal(0, 0.1, (31, 6))
    cues[:, cue] += is_boundary
    return structure_fit.Lines(
        cues=cues,
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
    path = loops.find_loop_path(similarity, np.arange(64) % 4 == 0, 4)
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


def sung_song(low, high, miss):
    """A glide between two notes, whose true ends lie so far beyond those that are heard."""
    midi = np.linspace(low, high, 500)
    return ends.Sung(
        f0_hz=440 * 2 ** ((midi - 69) / 12),
        certain=np.ones(500, np.int64),
        truth=np.array([low - miss, high + miss]),
    )


def test_the_range_of_the_ends_is_as_wide_as_it_must_be():
    songs = [sung_song(50.0, 62.0, miss) for miss in np.linspace(0, 3, 20)]
    found = ends.learn(songs)
    covered = np.mean([ends.judge(song, found)["ends covered"] for song in songs])
    assert covered >= 0.9
    wider = found | {"MARGIN_SEMITONES": found["MARGIN_SEMITONES"] - 0.4}
    assert np.mean([ends.judge(song, wider)["ends covered"] for song in songs]) < 0.9


def layered_song(harmony_db, double_db):
    count = 100
    is_harmony, is_double = np.arange(count) < 30, (np.arange(count) >= 30) & (np.arange(count) < 50)
    return layers.Frames(
        harmony_db=np.where(is_harmony, harmony_db, -25.0),
        double_db=np.where(is_double, double_db, -15.0),
        is_harmony=is_harmony,
        is_double=is_double,
        layered_fraction=np.array(0.5),
    )


def test_the_limits_of_layers_lie_between_one_voice_and_more():
    songs = [layered_song(-5.0, -3.0)] * 10
    harmonies, doubles = layers.learn_harmonies(songs), layers.learn_doubles(songs)
    assert -25 < harmonies["HARMONY_DB"] < -5
    assert -15 < doubles["DOUBLE_DB"] < -3
    assert layers.judge_harmonies(songs[0], harmonies) == {"found": 1, "kept out": 1}
    assert layers.learn_unsure(songs) == {"UNSURE_DB": 0}


def test_limits_are_moved_until_they_hold_the_true_share():
    # Harmonies 4 dB below today's limit are found when it is lowered by more than that.
    songs = [layered_song(vocal_layers.HARMONY_DB - 4.0, -3.0)] * 10
    assert layers.learn_unsure(songs)["UNSURE_DB"] == pytest.approx(4.25)


# ------------------------------------------------------------------------------------------------------------ tone
def test_the_offsets_of_the_tone_hold_nine_in_ten():
    def song():
        measured = RNG.normal(-15, 5, (4, 3))
        return tone_fit.Tones(measured=measured, truth=measured + RNG.normal(2, 1, (4, 3)))

    found = tone_fit.learn([song() for _ in range(25)], "spleeter")
    low, middle, high = found["SEPARATED_DECAY"]
    assert low < middle < high
    assert middle == pytest.approx(2, abs=0.4)
    judged = [tone_fit.judge(song(), found) for _ in range(100)]
    assert np.mean([each["decay covered"] for each in judged]) == pytest.approx(0.9, abs=0.07)


def test_what_has_no_dryness_is_left_out_of_it_alone():
    measured = np.zeros((40, 3))
    measured[:10, 1] = np.nan
    song = tone_fit.Tones(measured=measured, truth=np.ones((40, 3)))
    assert tone_fit.learn([song], "none")["MIX_DECAY"] == (1, 1, 1)
