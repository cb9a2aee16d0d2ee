"""One application and one client for all tests of this folder."""

from tests.service import client, limits, served

__all__ = ["client", "limits", "served"]
