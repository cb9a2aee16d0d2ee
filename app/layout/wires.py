"""Wires as curves: from way-points along the flow to SVG path data, and to a polyline that stays within a pixel of it.

Between way-points that are level the wire is a line, else a cubic Bézier whose ends are level (an S), or whose last end
stands across the flow where it enters a gate from the side. All run with the flow: control points are ordered along it.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import asin, ceil, hypot, sin, sqrt
from typing import NamedTuple

from app.layout.model import Direction, Point


class Way(NamedTuple):
    """A way-point in the layout's own frame; `side` where the wire arrives across the flow."""

    along: float
    across: float
    side: bool = False


Ways = Sequence[tuple[float, float, bool]]


def s_curve(t: float) -> tuple[float, float]:
    """(along, across) of the unit S at parameter t in [0, 1]: control points at half of the way."""
    return 1.5 * t * (1 - t) + t * t * t, t * t * (3 - 2 * t)


def s_inverse(across: float) -> float:
    """The parameter at which the unit S has this share of its way across."""
    return 0.5 - sin(asin(max(-1.0, min(1.0, 1 - 2 * across))) / 3)


def _unit(half: int) -> tuple[tuple[float, float], ...]:
    """Where the chords of the unit S meet, `half` of them on each side of its middle, all as far off."""
    # The second derivative falls to 0 at the middle; a chord is as long as its root allows.
    first = [s_curve((1 - (1 - k / half) ** (2 / 3)) / 2) for k in range(1, half)]
    return (*first, (0.5, 0.5), *[(1 - u, 1 - v) for u, v in reversed(first)])


MOST = 64  # pieces of a bend: within a pixel up to 12,000 px across
_UNIT = [_unit(half) for half in range(1, MOST // 2 + 1)]
_named = tuple.__new__  # the constructor of a named tuple takes twice as long, and a circuit has hundreds of points


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


def polyline(ways: Ways, direction: Direction) -> tuple[Point, ...]:
    """The wire as points, monotone along the flow and at most a pixel off the curve."""
    right = direction == "right"
    u0, v0, _ = ways[0]
    points = [_named(Point, (u0, v0) if right else (v0, u0))]
    for u1, v1, side in ways[1:]:
        if v0 != v1:
            u, v = round(100 * u0), round(100 * v0)
            bend = _bend(u1 - u0, v1 - v0, side)
            if right:
                points += [_named(Point, ((u + a) / 100, (v + b) / 100)) for a, b in bend]
            else:
                points += [_named(Point, ((v + b) / 100, (u + a) / 100)) for a, b in bend]
        points.append(_named(Point, (u1, v1) if right else (v1, u1)))
        u0, v0 = u1, v1
    return tuple(points)


@lru_cache(maxsize=1 << 12)
def _bend(du: float, dv: float, side: bool) -> Sequence[tuple[int, int]]:
    """Where the chords of a bend meet, in hundredths of a px from where it begins. Circuits repeat themselves.

    The sagitta of n chords is an eighth of the second derivative by n²: of half an S, spaced for it, at most
    |(du / 2, dv)| / 12 n², of a turn at most 0.3 (du + dv) / n².
    """
    if side:
        unit: Sequence[tuple[float, float]] = _turns(min(MOST, max(6, ceil(0.55 * sqrt(du + abs(dv))))))
    else:
        unit = _UNIT[min(MOST // 2, max(2, ceil(sqrt(hypot(du / 2, dv) / 12)))) - 1]
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


def path(ways: Ways, direction: Direction) -> str:
    """SVG path data of the wire; way-points have at most two decimals."""
    return begin(ways[0], direction) + "".join(pieces(ways, direction))


def begin(way: tuple[float, float, bool], direction: Direction) -> str:
    """The path data of where a way begins."""
    u, v = _text(way[0]), _text(way[1])
    return f"M{u} {v}" if direction == "right" else f"M{v} {u}"


def pieces(ways: Ways, direction: Direction) -> list[str]:
    """The path data of each step from one way-point to the next."""
    right = direction == "right"
    found: list[str] = []
    u0, v0, _ = ways[0]
    v = _text(v0)
    for u1, v1, side in ways[1:]:
        level = v
        u = _text(u1)
        if v0 == v1:
            found.append(f"L{u} {v}" if right else f"L{v} {u}")
        else:
            v = _text(v1)
            if side:
                a, b = _text(round(u0 + 0.7 * (u1 - u0), 2)), level
                c, d = u, _text(round(v0 + 0.35 * (v1 - v0), 2))
            else:
                a = c = _text(int(50 * (u0 + u1) + 0.5) / 100)
                b, d = level, v
            found.append(f"C{a} {b} {c} {d} {u} {v}" if right else f"C{b} {a} {d} {c} {v} {u}")
        u0, v0 = u1, v1
    return found
