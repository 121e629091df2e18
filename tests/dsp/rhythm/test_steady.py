"""Where the tempo steps, in rows of beats whose tempi are known."""

import numpy as np
import pytest

from riffscope.dsp.rhythm.steady import steady_stretches


def beats_of(*tempi, jitter_s=0.003, seed=0):
    """Beats at one tempo after the other: (BPM, number of beats) each; a beat is placed within some milliseconds."""
    lengths = np.concatenate([np.full(count, 60 / bpm) for bpm, count in tempi])
    times_s = np.concatenate([[0.0], np.cumsum(lengths)])
    return times_s + jitter_s * np.random.default_rng(seed).standard_normal(len(times_s))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(("first", "second"), [(150, 200), (120, 90), (100, 107), (100, 133)])
def test_a_step_is_found_at_its_beat(first, second, seed):
    (start, turn), (again, end) = steady_stretches(beats_of((first, 60), (second, 50), seed=seed)).tolist()
    assert (start, end) == (0, 110)
    assert turn == again
    assert turn == pytest.approx(60, abs=1)


def test_there_and_back_are_three_stretches():
    found = steady_stretches(beats_of((110, 40), (140, 40), (110, 40)))
    assert found[:, 0] == pytest.approx([0, 40, 80], abs=1)


@pytest.mark.parametrize("seed", range(5))
def test_one_tempo_is_one_stretch(seed):
    assert len(steady_stretches(beats_of((100, 200), jitter_s=0.012, seed=seed))) == 1


def test_a_drift_is_no_step():
    lengths = 60 / np.linspace(90, 110, 160)
    assert len(steady_stretches(np.cumsum(lengths))) == 1


def test_a_ritardando_at_the_end_is_no_step():
    lengths = np.concatenate([np.full(80, 0.5), 0.5 * np.linspace(1, 1.6, 14)])
    assert len(steady_stretches(np.cumsum(lengths))) == 1


def test_a_few_beats_have_one_tempo():
    assert steady_stretches(np.array([0.0, 0.5])).tolist() == [[0, 1]]
    assert steady_stretches(beats_of((100, 8), (150, 8))).tolist() == [[0, 16]]
