"""The language: from a text to the graph that it means. Nothing is executed."""

from app.lang.lower import Checked, check, lower

__all__ = ["Checked", "check", "lower"]
