"""Levels of powers and amplitudes."""

import numpy as np
import pytest

from riffscope.dsp.decibels import SILENCE_DBFS, amplitude_db, db_to_power, level_dbfs, power_db


def test_ten_times_the_power_is_10_db_and_ten_times_the_amplitude_is_20():
    assert power_db([0.1, 1, 10]).tolist() == [-10, 0, 10]
    assert amplitude_db([0.1, 1, 10]).tolist() == [-20, 0, 20]
    assert db_to_power(-30) == pytest.approx(1e-3)


def test_no_power_has_no_level():
    assert power_db(0) == amplitude_db(0) == -np.inf


def test_silence_has_the_level_of_silence_and_what_is_loud_its_own():
    quiet, loud = level_dbfs(np.array([0.0, 0.5]))
    assert quiet == pytest.approx(SILENCE_DBFS)
    assert loud == pytest.approx(-3.0103, abs=1e-4)
