from typing import Annotated

import numpy as np

from chapters_read import rows
from riffscope.model import Estimate, Measured, value
from riffscope.report.chapters.all_measurements import all_measurements
from riffscope.units import LUFS
from songs import example_song, with_outcomes


@value
class Sparkle:
    shine_lufs: Annotated[Estimate, LUFS]
    curve_lufs: Annotated[np.ndarray, LUFS]


def test_a_new_measurement_appears_in_the_table_by_itself():
    sparkle = Sparkle(shine_lufs=Estimate(value=-3.0, low=-4.0, high=-2.0), curve_lufs=np.zeros(3))
    outcome = Measured(value=sparkle, version=1, seconds=0.0)
    table = rows(all_measurements(with_outcomes(example_song(), {"sparkle": outcome}), full=True))
    assert ("Shine", "−3.0 LUFS", "−4.0 to −2.0 LUFS", "sparkle.shine_lufs") in table
    assert not any("curve_lufs" in row[-1] for row in table)
