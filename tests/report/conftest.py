"""Fixtures of the tests of reports."""

import pytest

from chapters_read import Sketches
from riffscope import plots


@pytest.fixture
def sketches(monkeypatch):
    """Put empty figures in the place of all drawings, for tests that only read; tells which were asked for."""
    sketches = Sketches()
    monkeypatch.setattr(plots, "FIGURES", sketches)
    return sketches
