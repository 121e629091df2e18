from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from swift_f0 import SwiftF0

from riffscope.idle_threads import lent_by
from riffscope.models.swift_f0 import PITCHES_HZ, RATE_HZ, score_pitches
from signals import harmonic_tone

GLIDE_HZ = np.geomspace(110, 440, 35 * RATE_HZ)  # longer than one block


def test_the_best_score_is_what_the_package_itself_answers():
    tone = harmonic_tone(GLIDE_HZ, RATE_HZ).astype(np.float32)
    scores, confidence = score_pitches(tone)
    answer = SwiftF0(threads=1, spin=False).detect(tone, RATE_HZ)
    assert scores.shape == (answer.pitch_hz.size, PITCHES_HZ.size)
    np.testing.assert_allclose(confidence, answer.confidence, atol=1e-4)
    apart = 12 * np.log2(PITCHES_HZ[scores.argmax(axis=1)] / answer.pitch_hz)
    assert np.abs(apart).max() < 0.75


@pytest.mark.parametrize("count", [1, 100, 256, 1000])
def test_silence_and_single_samples_have_no_clear_pitch(count):
    scores, confidence = score_pitches(np.zeros(count, np.float32))
    assert len(scores) == max(1, count // 256)
    assert (confidence == 0).all()


def test_where_no_pitch_is_asked_for_none_is_likelier_and_elsewhere_nothing_changes():
    tone = harmonic_tone(GLIDE_HZ[: 8 * RATE_HZ], RATE_HZ).astype(np.float32)
    everywhere = score_pitches(tone)
    frames = np.arange(len(everywhere.scores))
    asked = (frames % 200 >= 60) & (frames % 200 < 150)
    scores, confidence = score_pitches(tone, asked)
    np.testing.assert_allclose(scores[asked], everywhere.scores[asked], atol=1e-3)
    np.testing.assert_allclose(confidence[asked], everywhere.confidence[asked], atol=1e-3)
    assert not scores[~asked].any()
    assert not confidence[~asked].any()


def test_blocks_side_by_side_score_the_same():
    tone = harmonic_tone(GLIDE_HZ, RATE_HZ).astype(np.float32)

    def score_with_help(pool):
        with lent_by(pool):
            return score_pitches(tone)

    with ThreadPoolExecutor(2) as pool:
        helped = pool.submit(score_with_help, pool).result()
    for found, expected in zip(helped, score_pitches(tone), strict=True):
        np.testing.assert_array_equal(found, expected)
