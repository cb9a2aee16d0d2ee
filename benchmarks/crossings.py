"""How often wires cross: the measure by which layouts are compared."""

from collections.abc import Sequence
from itertools import pairwise

from app.layout.model import Point


def crossings(lines: Sequence[Sequence[Point]], sources: Sequence[str]) -> tuple[int, int]:
    """How often wires cross: pairs of wires, and pairs as drawn, where wires of one source count once at a place.

    Lines that share an end or a piece do not cross by that.
    """
    cell = 40.0
    grid: dict[tuple[int, int], list[tuple[int, Point, Point]]] = {}
    for k, points in enumerate(lines):
        for a, b in pairwise(points):
            for i in range(int(min(a.x, b.x) // cell), int(max(a.x, b.x) // cell) + 1):
                for j in range(int(min(a.y, b.y) // cell), int(max(a.y, b.y) // cell) + 1):
                    grid.setdefault((i, j), []).append((k, a, b))
    pairs: set[tuple[int, int, int, int]] = set()
    drawn: set[tuple[str, str, int, int]] = set()
    for pieces in grid.values():
        for n, (k, a, b) in enumerate(pieces):
            for other, c, d in pieces[:n]:
                if sources[k] == sources[other]:
                    continue
                place = _cross(a, b, c, d)
                if place is not None:
                    x, y = round(place.x), round(place.y)
                    pairs.add((min(k, other), max(k, other), x, y))
                    one, two = sorted((sources[k], sources[other]))
                    drawn.add((one, two, x, y))
    return len(pairs), len(drawn)


def _cross(a: Point, b: Point, c: Point, d: Point) -> Point | None:
    """Where ab and cd cross, half open so that a crossing in a joint counts once; None where parallel."""
    rx, ry, sx, sy = b.x - a.x, b.y - a.y, d.x - c.x, d.y - c.y
    den = rx * sy - ry * sx
    if abs(den) < 1e-9:
        return None
    t = ((c.x - a.x) * sy - (c.y - a.y) * sx) / den
    u = ((c.x - a.x) * ry - (c.y - a.y) * rx) / den
    if 0 <= t < 1 and 0 <= u < 1:
        return Point(a.x + t * rx, a.y + t * ry)
    return None
