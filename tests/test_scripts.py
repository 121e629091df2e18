"""The scripts beside the package know the package as it is."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("script", ["reports/make_gallery.py", "samples/make_samples.py"])
def test_all_that_a_script_takes_from_the_package_is_there(script):
    names = runpy.run_path(str(ROOT / script), run_name="loaded")
    assert callable(names["main"])
