"""Values of other tools as plain numbers and lists."""

import math
from typing import Any

WORDS = {"inf": "Infinity", "-inf": "-Infinity", "nan": "NaN"}
MOST = 100_000  # elements of a tensor that are taken along; of a larger one only that it is there


def plain(value: Any) -> Any:
    """A number as it is; an array of any framework (what has `tolist`, or `numpy`) as nested lists; else unchanged."""
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "tolist"):
        value = value.tolist()
    elif hasattr(value, "numpy"):
        value = value.numpy().tolist()
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 else value


def told(value: Any) -> Any:
    """The same as JSON says it, NaN and infinities as words; None where it is too large, or no number."""
    if value is None or (getattr(value, "dtype", None) is not None and _size(value) > MOST):
        return None
    found = plain(value)
    return _said(found) if _numeric(found) else None


def _size(value: Any) -> int:
    return math.prod(getattr(value, "shape", ()))


def _numeric(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_numeric, value))
    return isinstance(value, (int, float))


def _said(value: Any) -> Any:
    if isinstance(value, list):
        return [_said(each) for each in value]
    number = float(value)
    return number if math.isfinite(number) else WORDS[str(number)]
