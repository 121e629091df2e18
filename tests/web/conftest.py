"""Short songs and a running local page for tests."""

import os
from pathlib import Path

import psutil
import pytest
import soundfile

from serving import Serving

SAMPLES = Path(__file__).parents[2] / "samples"
# Parts of the samples with all that the page shows of a song, at two seconds of CPU each.
PARTS = {"closet": (10, 34), "arena": (20, 32), "closet-stripped": (10, 24)}


@pytest.fixture(scope="session")
def short_songs(tmp_path_factory):
    """Paths of short songs by the name of the sample that they are cut from, and of a stem that goes with the first."""
    folder = tmp_path_factory.mktemp("short songs")
    paths = {}
    for name, (start_s, end_s) in PARTS.items():
        with soundfile.SoundFile(SAMPLES / f"{name}.ogg") as sound:
            sound.seek(start_s * sound.samplerate)
            samples, rate_hz = sound.read((end_s - start_s) * sound.samplerate), sound.samplerate
        paths[name] = folder / f"{name}.flac"
        soundfile.write(paths[name], samples, rate_hz)
    samples, rate_hz = soundfile.read(paths["closet"])
    paths["stem"] = folder / "stem.flac"
    soundfile.write(paths["stem"], 0.6 * samples, rate_hz)  # no voice alone, but what no separation would make of it
    return paths


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Return a function that starts a page with a library; all end with the module, and so do their children."""
    pages = []

    def start(*options, library=None):
        page = Serving(*options, library=library or tmp_path_factory.mktemp("library"))
        pages.append(page)
        return page

    yield start
    for page in pages:
        children = psutil.Process(page.pid).children(recursive=True) if psutil.pid_exists(page.pid) else []
        assert page.stop() == 0
        assert psutil.wait_procs(children, timeout=10)[1] == []


@pytest.fixture(scope="session", autouse=True)
def _one_home(tmp_path_factory):
    """Keep the library of whoever runs the tests out of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIFFSCOPE_LIBRARY", os.fspath(tmp_path_factory.mktemp("own library")))
        yield
