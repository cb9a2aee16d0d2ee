"""Wires as curves: from way-points along the flow to SVG path data, and to a polyline that stays within a pixel of it.

Between way-points that are level the wire is a line, else a cubic Bézier whose ends are level (an S), or whose last end
stands across the flow where it enters a gate from the side. All run with the flow: control points are ordered along it.
"""

from bisect import bisect_left
from collections.abc import Sequence
from functools import cache, lru_cache, partial
from math import asin, ceil, frexp, hypot, sin, sqrt
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from app.layout.model import Direction, Point, as_point

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Shares = TypeVar("Shares", float, "NDArray[np.float64]")


class Way(NamedTuple):
    """A way-point in the layout's own frame; `side` where the wire arrives across the flow."""

    along: float
    across: float
    side: bool = False


as_way = partial(tuple.__new__, Way)  # as in model.py
Ways = Sequence[tuple[float, float, bool]]


def s_curve(t: Shares) -> tuple[Shares, Shares]:
    """(along, across) of the unit S at parameter t in [0, 1], or at many: control points at half of the way."""
    return 1.5 * t * (1 - t) + t * t * t, t * t * (3 - 2 * t)


def s_inverse(across: float) -> float:
    """The parameter at which the unit S has this share of its way across."""
    return 0.5 - sin(asin(max(-1.0, min(1.0, 1 - 2 * across))) / 3)


STEEP = -4, 12  # powers of two: what is flatter is a line almost, and a taller S needs no more chords
STEPS = 128


@cache
def _chords(steep: int) -> Sequence[float]:
    """How many chords lead from the beginning of an S to its t = x² / 2, where x is a multiple of 1 / STEPS, so that
    each is a pixel off: of an S that is 1 px long and 2^`steep` px tall. They are as many as the root of the length.

    A chord over h in t is off by h² / 8 · |p' × p''| / |p'|, and of the unit S p' × p'' = 9 (1 − 2t).
    """
    tall = 2.0**steep
    found = [0.0]
    for k in range(STEPS):
        t = (k + 0.5) ** 2 / STEPS**2 / 2
        speed = hypot(1.5 - 3 * t + 3 * t * t, tall * 6 * t * (1 - t))
        found.append(found[-1] + sqrt(9 / 8 * (1 - 2 * t) * tall / speed) * (k + 0.5) / STEPS**2)
    return found


@cache
def _unit(steep: int, half: int) -> Sequence[tuple[float, float]]:
    """Where the chords of the unit S meet, `half` of them on each side of its middle, all as far off."""
    chords = _chords(steep)
    first: list[tuple[float, float]] = []
    for k in range(1, half):
        share = chords[-1] * k / half
        i = bisect_left(chords, share)
        x = (i - (chords[i] - share) / (chords[i] - chords[i - 1])) / STEPS
        first.append(s_curve(x * x / 2))
    return (*first, (0.5, 0.5), *[(1 - u, 1 - v) for u, v in reversed(first)])


MOST = 64  # pieces of a turn


def tidy(ways: Ways) -> Ways:
    """Without what lies on a line between its neighbours, and without steps of no length."""
    kept = [ways[0]]
    last, across, turned = ways[0]
    level = False  # whether the last two are
    for way in ways[1:]:
        along, here, side = way
        if here != across or side:
            level = False
        elif level and not turned:
            kept[-1] = way
            last = along
            continue
        elif along == last:
            continue
        else:
            level = True
        kept.append(way)
        last, across, turned = along, here, side
    return kept


class Curve(NamedTuple):
    """A wire as points, monotone along the flow and at most a pixel off the curve; and as SVG path data, where it
    `begins` and each step from there. `line` are the way-points, tidy."""

    line: Ways
    points: tuple[Point, ...]
    begins: str
    steps: Sequence[str]

    @property
    def path(self) -> str:
        """SVG path data of the whole."""
        return self.begins + "".join(self.steps)


def curve(ways: Ways, direction: Direction) -> Curve:
    """The curve of way-points of at most two decimals."""
    right = direction == "right"
    line = tidy(ways)
    u0, v0, _ = line[0]
    v = _text(v0)
    points = [as_point((u0, v0) if right else (v0, u0))]
    steps: list[str] = []
    for u1, v1, side in line[1:]:
        level, u = v, _text(u1)
        if v0 == v1:
            steps.append(f"L{u} {v}" if right else f"L{v} {u}")
        else:
            v = _text(v1)
            if side:
                a, b = _text(round(u0 + 0.7 * (u1 - u0), 2)), level
                c, d = u, _text(round(v0 + 0.35 * (v1 - v0), 2))
            else:
                a = c = _text(int(50 * (u0 + u1) + 0.5) / 100)
                b, d = level, v
            steps.append(f"C{a} {b} {c} {d} {u} {v}" if right else f"C{b} {a} {d} {c} {v} {u}")
            x, y = round(100 * u0), round(100 * v0)
            bend = _bend(u1 - u0, v1 - v0, side)
            if right:
                points += [as_point(((x + i) / 100, (y + j) / 100)) for i, j in bend]
            else:
                points += [as_point(((y + j) / 100, (x + i) / 100)) for i, j in bend]
        points.append(as_point((u1, v1) if right else (v1, u1)))
        u0, v0 = u1, v1
    return Curve(line, tuple(points), begin(line[0], direction), steps)


def begin(way: tuple[float, float, bool], direction: Direction) -> str:
    """The path data of where a way begins."""
    u, v = _text(way[0]), _text(way[1])
    return f"M{u} {v}" if direction == "right" else f"M{v} {u}"


@lru_cache(maxsize=1 << 12)
def _bend(du: float, dv: float, side: bool) -> Sequence[tuple[int, int]]:
    """Where the chords of a bend meet, in hundredths of a px from where it begins. Circuits repeat themselves.

    Of a turn n chords are off by 0.3 (du + dv) / n² at most.
    """
    if side:
        unit: Sequence[tuple[float, float]] = _turns(min(MOST, max(6, ceil(0.55 * sqrt(du + abs(dv))))))
    else:
        flattest, tallest = STEEP
        steep = max(flattest, min(tallest, frexp(abs(dv) / du)[1]))
        unit = _unit(steep, max(2, ceil(1.08 * sqrt(du) * _chords(steep)[-1])))
    return [(round(100 * du * a), round(100 * dv * b)) for a, b in unit]


def _turns(count: int) -> list[tuple[float, float]]:
    """A quarter turn, held back where it is tall: control points (0, 0) (0.7, 0) (1, 0.35) (1, 1)."""
    found: list[tuple[float, float]] = []
    for k in range(1, count):
        t, s = k / count, 1 - k / count
        found.append((3 * s * s * t * 0.7 + 3 * s * t * t + t * t * t, 3 * s * t * t * 0.35 + t * t * t))
    return found


@lru_cache(maxsize=1 << 14)
def _text(x: float) -> str:
    """A coordinate as path data say it. Those of one column are all the same."""
    return f"{x:.9g}"
