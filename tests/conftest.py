"""What all tests share: how hypothesis draws, and where pictures go."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

# A deadline would judge the machine. In CI the same cases are drawn each time, so that a red run is the change's doing.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """The folder for pictures and reports that are kept to be looked at; git does not know it."""
    folder = Path(__file__).parent.parent / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder
