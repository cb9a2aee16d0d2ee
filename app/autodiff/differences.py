"""Central differences: the slope measured from values alone, to hold a gradient against; it knows when it straddles a
kink."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf, isfinite, nan

import numpy as np

from app.autodiff.forward import forward
from app.graph.graph import Graph
from app.ops.algebra import Value

Index = tuple[int, ...]
SETTLED = 1e-6  # relative error from which a slope needs no smaller step


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The slope of the output (times its seed) at one element of an input: `central`, and what it is from the left and
    from the right alone. `kink`: these two differ, however small the step. `error` estimates |central − true|."""

    central: float
    left: float
    right: float
    kink: bool
    error: float


def difference(
    graph: Graph, inputs: Mapping[int, Value], output: int, node: int, index: Index = (), *, seed: Value = 1.0
) -> Difference:
    """The derivative of ⟨seed, output⟩ with respect to `inputs[node][index]`, in float64.

    Richardson's extrapolation of central differences with steps h and h/2 (error of order h⁴), h = 2e−3 · max(1, |x|)
    and smaller; one-sided slopes at two smaller steps tell a kink from curvature. Where no step settles (a wave that is
    short beside x), all are tried again a thousand times smaller.
    """
    x = _element(inputs[node], index)
    scale = max(1.0, abs(x)) if abs(x) > 1e-3 or x == 0 else max(abs(x) * 100, 1e-6)

    def f(at: float) -> float:
        values = forward(graph, {**inputs, node: _replaced(inputs[node], index, at)})
        with np.errstate(all="ignore"):
            return float(np.sum(np.multiply(values[output], seed)))

    middle = f(x)
    found = _measured(f, x, middle, scale)
    for smaller in (1e-3, 1e-6):
        if found.error <= SETTLED * abs(found.central) or not isfinite(found.error):
            break
        again = _measured(f, x, middle, smaller * scale)
        found = again if again.error < found.error else found
    return found


def _measured(f: Callable[[float], float], x: float, middle: float, scale: float) -> Difference:
    best, least = nan, inf
    for step in (2e-3, 4e-4, 8e-5, 1.6e-5):
        h = step * scale
        wide = (f(x + h) - f(x - h)) / ((x + h) - (x - h))
        narrow = (f(x + h / 2) - f(x - h / 2)) / ((x + h / 2) - (x - h / 2))
        slope = (4 * narrow - wide) / 3
        noise = 4e-16 * max(abs(middle), 1e-300) / h
        error = abs(narrow - wide) + noise
        if isfinite(slope) and error < least:
            best, least = slope, error
    left, right, kink = _sides(f, x, middle, scale)
    return Difference(central=best, left=left, right=right, kink=kink, error=least)


def _sides(f: Callable[[float], float], x: float, middle: float, scale: float) -> tuple[float, float, bool]:
    """The one-sided slopes, and whether they stay apart as the step shrinks (a kink) rather than with it (a curve)."""
    gaps: list[float] = []
    left = right = nan
    for step in (1e-4, 1e-5, 1e-6):
        h = step * scale
        right, left = (f(x + h) - middle) / h, (middle - f(x - h)) / h
        gaps.append(abs(right - left))
    if not all(map(isfinite, gaps)):
        return left, right, True
    noise = 1e-15 * max(abs(middle), 1e-300) / (1e-6 * scale)
    apart = gaps[-1] > 1e-4 * max(abs(left), abs(right)) + 20 * noise
    return left, right, apart and gaps[-1] > 0.3 * gaps[0]


def _element(value: Value, index: Index) -> float:
    return float(value[index]) if isinstance(value, np.ndarray) else float(value)


def _replaced(value: Value, index: Index, by: float) -> Value:
    if not isinstance(value, np.ndarray):
        return by
    copy = np.array(value, dtype=np.float64)
    copy[index] = by
    return copy
