"""Geometry on a wire's way: places along it, and its path data with the gaps where other wires cross."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from app.layout.model import Point

# A piece of a way: the control points of a Bézier curve, its ends included (two for a line, three or four for a curve).
Piece = tuple[Point, ...]

_TOKEN = re.compile(r"[MLHVCQ]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_ARITY = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4}


def walk(points: Sequence[Point], step: float) -> Iterator[Point]:
    """Places along the polyline, `step` px apart, without its ends."""
    wanted, done = step, 0.0
    for a, b in pairwise(points):
        length = math.dist(a, b)
        while wanted < done + length:
            along = (wanted - done) / length
            yield Point(a.x + along * (b.x - a.x), a.y + along * (b.y - a.y))
            wanted += step
        done += length


def pieces(path: str) -> list[Piece]:
    """Absolute path data (M L H V C Q) as Bézier curves. A second M begins a way that does not hang on the first."""
    tokens = _TOKEN.findall(path)
    assert "".join(tokens) == re.sub(r"[\s,]", "", path), f"unknown path data: {path}"
    result: list[Piece] = []
    here, command, i = Point(0, 0), "M", 0
    while i < len(tokens):
        if tokens[i] in _ARITY:
            command, i = tokens[i], i + 1
        numbers = [float(token) for token in tokens[i : i + _ARITY[command]]]
        i += _ARITY[command]
        if command == "H":
            numbers = [numbers[0], here.y]
        elif command == "V":
            numbers = [here.x, numbers[0]]
        ends = tuple(Point(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True))
        if command == "M":
            command = "L"  # coordinates that follow a move are lines
        else:
            result.append((here, *ends))
        here = ends[-1]
    return result


def cut(path: str, gaps: Sequence[Point], radius: float) -> str:
    """The same way without what lies within `radius` px of a gap."""
    if not gaps:
        return path
    kept: list[Piece] = []
    for piece in pieces(path):
        inside = [
            any(math.dist(at(piece, k / _STEPS), gap) < radius for gap in gaps) for k in range(_STEPS + 1)
        ]  # fmt: skip
        begin: float | None = None if inside[0] else 0.0
        for k in range(1, _STEPS + 1):
            if inside[k] != inside[k - 1]:
                edge = _edge(piece, (k - 1) / _STEPS, k / _STEPS, gaps, radius)
                if begin is None:
                    begin = edge
                else:
                    kept.append(between(piece, begin, edge))
                    begin = None
        if begin is not None:
            kept.append(between(piece, begin, 1.0))
    return data(kept)


def data(kept: Sequence[Piece]) -> str:
    """Pieces as path data; one that does not begin where the last ended is moved to."""
    words: list[str] = []
    here: Point | None = None
    for piece in kept:
        if here is None or math.dist(here, piece[0]) > 1e-6:
            words.append("M" + _pair(piece[0]))
        words.append({2: "L", 3: "Q", 4: "C"}[len(piece)] + " ".join(_pair(point) for point in piece[1:]))
        here = piece[-1]
    return "".join(words)


def at(piece: Piece, t: float) -> Point:
    """The place on a Bézier curve at t in [0, 1]: de Casteljau's construction."""
    points = list(piece)
    while len(points) > 1:
        points = [Point(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)) for a, b in pairwise(points)]
    return points[0]


def between(piece: Piece, start: float, end: float) -> Piece:
    """The part of a Bézier curve between two parameters: de Casteljau's split, twice."""
    head = _split(piece, end)[0]
    return _split(head, start / end if end else 0.0)[1]


_STEPS = 96  # samples of a piece: a gap of 8 px is not stepped over on a wire of 700


def _split(piece: Piece, t: float) -> tuple[Piece, Piece]:
    points, left, right = list(piece), [piece[0]], [piece[-1]]
    while len(points) > 1:
        points = [Point(a.x + t * (b.x - a.x), a.y + t * (b.y - a.y)) for a, b in pairwise(points)]
        left.append(points[0])
        right.append(points[-1])
    return tuple(left), tuple(reversed(right))


def _edge(piece: Piece, low: float, high: float, gaps: Sequence[Point], radius: float) -> float:
    """Where between two parameters a gap begins or ends, by halving."""

    def inside(t: float) -> bool:
        return any(math.dist(at(piece, t), gap) < radius for gap in gaps)

    begins = inside(low)
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if inside(middle) == begins else (low, middle)
    return high


def _pair(point: Point) -> str:
    return f"{point.x:.2f} {point.y:.2f}"
