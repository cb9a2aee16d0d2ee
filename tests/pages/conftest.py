"""One application and one client for all tests of this folder."""

import pytest

from app.limits import Limits
from tests.service import client, served

__all__ = ["client", "served"]


@pytest.fixture(scope="package")
def limits() -> Limits:
    """Patient, so that a busy machine changes no answer."""
    return Limits(seconds=30, queue_seconds=30)
