"""Fixtures that every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[1].parent / "shared"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of annotated recordings and reference signals that is kept beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"the annotated recordings are not there ({SHARED})")
    return SHARED
