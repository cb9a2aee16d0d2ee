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


_UNIT = {count: _unit(count) for count in (6, 8, 12, 16, 24, 32)}


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
    flat: list[tuple[float, float]] = [(ways[0].along, ways[0].across)]
    for k in range(1, len(ways)):
        (u0, v0, _), (u1, v1, side) = ways[k - 1], ways[k]
        du, dv = u1 - u0, v1 - v0
        if dv:
            # The sagitta of n chords of a cubic of this size is about (du + |dv|) / (4 n²) at most.
            size = abs(dv) + du
            count = 6 if size < 80 else 8 if size < 150 else 12 if size < 300 else 16 if size < 600 else 24
            if size > 1400:
                count = 32 if size < 2600 else min(200, ceil(sqrt(size)))
            if side:
                flat.extend([_side(u0, v0, du, dv, j / count) for j in range(1, count)])
            else:
                unit = _UNIT[count] if count in _UNIT else _unit(count)
                flat.extend([(u0 + du * a, v0 + dv * b) for a, b in unit])
        flat.append((u1, v1))
    if direction == "right":
        return tuple([Point(round(u, 2), round(v, 2)) for u, v in flat])
    return tuple([Point(round(v, 2), round(u, 2)) for u, v in flat])


def _side(u0: float, v0: float, du: float, dv: float, t: float) -> tuple[float, float]:
    # Control points (0, 0) (0.7, 0) (1, 0.35) (1, 1): a quarter turn, held back where it is tall.
    s = 1 - t
    u = 3 * s * s * t * 0.7 + 3 * s * t * t + t * t * t
    v = 3 * s * t * t * 0.35 + t * t * t
    return u0 + du * u, v0 + dv * v


def path(ways: Sequence[Way], direction: Direction) -> str:
    """SVG path data of the wire."""
    right = direction == "right"

    def at(u: float, v: float) -> str:
        return f"{_number(u)} {_number(v)}" if right else f"{_number(v)} {_number(u)}"

    parts = [f"M{at(ways[0].along, ways[0].across)}"]
    for k in range(1, len(ways)):
        (u0, v0, _), (u1, v1, side) = ways[k - 1], ways[k]
        if v0 == v1:
            parts.append(f"L{at(u1, v1)}")
        elif side:
            parts.append(f"C{at(u0 + 0.7 * (u1 - u0), v0)} {at(u1, v0 + 0.35 * (v1 - v0))} {at(u1, v1)}")
        else:
            middle = (u0 + u1) / 2
            parts.append(f"C{at(middle, v0)} {at(middle, v1)} {at(u1, v1)}")
    return "".join(parts)


def _number(x: float) -> str:
    text = f"{x:.2f}"
    if text.endswith("00"):
        return text[:-3] if text != "-0.00" else "0"
    return text.removesuffix("0")
