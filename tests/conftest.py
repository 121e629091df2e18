"""Fixtures that every test may ask for."""

import os
from pathlib import Path

import pytest

from riffscope.models import store

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


USERS_MODELS = os.environ.get("RIFFSCOPE_MODELS")


def pytest_collection_modifyitems(items):
    """Mark what measures annotated recordings, which are whole songs."""
    for item in items:
        if "shared_data" in item.fixturenames:
            item.add_marker("whole_songs")


@pytest.fixture(scope="session", autouse=True)
def no_models(tmp_path_factory):
    """Keep the models that happen to be installed on this machine out of the tests that do not ask for them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RIFFSCOPE_MODELS", str(tmp_path_factory.mktemp("models")))
        yield


@pytest.fixture
def spleeter_installed(monkeypatch):
    """The separation model's real weights, where this machine's user has fetched them."""
    if USERS_MODELS is None:
        monkeypatch.delenv("RIFFSCOPE_MODELS")
    else:
        monkeypatch.setenv("RIFFSCOPE_MODELS", USERS_MODELS)
    if store.where("spleeter") is None:
        pytest.skip("Spleeter's weights are not installed (riffscope models get spleeter)")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of annotated recordings and reference signals that is kept beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"the annotated recordings are not there ({SHARED})")
    return SHARED
