"""Wires as curves: from way-points along the flow to SVG path data, and to a polyline that stays within a pixel of it.

Between way-points that are level the wire is a line, else a cubic Bézier whose ends are level (an S), or whose last end
stands across the flow where it enters a gate from the side. All run with the flow: control points are ordered along it.
"""

from collections.abc import Sequence
from math import asin, ceil, sin, sqrt
from typing import NamedTuple

from app.layout.model import Direction, Point


class Way(NamedTuple):
    """A way-point in the layout's own frame; `side` where the wire arrives across the flow."""

    along: float
    across: float
    side: bool = False


def s_curve(t: float) -> tuple[float, float]:
    """(along, across) of the unit S at parameter t in [0, 1]: control points at half of the way."""
    return 1.5 * t * (1 - t) + t * t * t, t * t * (3 - 2 * t)


def s_inverse(across: float) -> float:
    """The parameter at which the unit S has this share of its way across."""
    return 0.5 - sin(asin(max(-1.0, min(1.0, 1 - 2 * across))) / 3)


def _unit(count: int) -> tuple[tuple[float, float], ...]:
    return tuple(s_curve(k / count) for k in range(1, count))


MOST = 64  # pieces of a bend: within a pixel up to 16,000 px
_UNIT = [_unit(count) for count in range(1, MOST + 1)]


def tidy(ways: Sequence[Way]) -> list[Way]:
    """Without what lies on a line between its neighbours, and without steps of no length."""
    kept: list[Way] = []
    for way in ways:
        if kept and not way.side:
            if kept[-1].across == way.across and len(kept) > 1 and kept[-2].across == way.across and not kept[-1].side:
                kept[-1] = way
                continue
            if kept[-1].along == way.along and kept[-1].across == way.across:
                continue
        kept.append(way)
    return kept


def polyline(ways: Sequence[Way], direction: Direction) -> tuple[Point, ...]:
    """The wire as points, monotone along the flow and at most a pixel off the curve."""
    us, vs = [ways[0].along], [ways[0].across]
    for k in range(1, len(ways)):
        u0, v0, _ = ways[k - 1]
        u1, v1, side = ways[k]
        if v0 != v1:
            du, dv = u1 - u0, v1 - v0
            # The sagitta of n chords of a cubic of this size is about (du + |dv|) / (4 n²) at most.
            count = min(MOST, max(6, ceil(0.55 * sqrt(abs(dv) + du))))
            if side:
                turn = [_side(u0, v0, du, dv, j / count) for j in range(1, count)]
                us.extend([round(u, 2) for u, _ in turn])
                vs.extend([round(v, 2) for _, v in turn])
            else:
                unit = _UNIT[count - 1]
                us.extend([round(u0 + du * a, 2) for a, _ in unit])
                vs.extend([round(v0 + dv * b, 2) for _, b in unit])
        us.append(u1)
        vs.append(v1)
    return tuple(map(Point, us, vs)) if direction == "right" else tuple(map(Point, vs, us))


def _side(u0: float, v0: float, du: float, dv: float, t: float) -> tuple[float, float]:
    # Control points (0, 0) (0.7, 0) (1, 0.35) (1, 1): a quarter turn, held back where it is tall.
    s = 1 - t
    u = 3 * s * s * t * 0.7 + 3 * s * t * t + t * t * t
    v = 3 * s * t * t * 0.35 + t * t * t
    return u0 + du * u, v0 + dv * v


def path(ways: Sequence[Way], direction: Direction) -> str:
    """SVG path data of the wire; way-points have at most two decimals."""
    right = direction == "right"
    u0, v0, _ = ways[0]
    parts = [f"M{u0:.9g} {v0:.9g}" if right else f"M{v0:.9g} {u0:.9g}"]
    for u1, v1, side in ways[1:]:
        if v0 == v1:
            parts.append(f"L{u1:.9g} {v1:.9g}" if right else f"L{v1:.9g} {u1:.9g}")
        else:
            if side:
                a, b, c, d = round(u0 + 0.7 * (u1 - u0), 2), v0, u1, round(v0 + 0.35 * (v1 - v0), 2)
            else:
                a = c = round((u0 + u1) / 2, 2)
                b, d = v0, v1
            if right:
                parts.append(f"C{a:.9g} {b:.9g} {c:.9g} {d:.9g} {u1:.9g} {v1:.9g}")
            else:
                parts.append(f"C{b:.9g} {a:.9g} {d:.9g} {c:.9g} {v1:.9g} {u1:.9g}")
        u0, v0 = u1, v1
    return "".join(parts)
