"""Two circuits placed by hand, so that tests of the drawing need no layout: the question's, and a bus of blocks."""

from typing import NamedTuple

from app.draw.figures import Figure, Figures
from app.draw.path import at, pieces
from app.graph.view import View, ViewEdge, ViewNode
from app.layout.model import Box, Layout, Placed, Point, Wire


class Circuit(NamedTuple):
    view: View
    layout: Layout
    figures: Figures


NAMES = {"+": "add", "×": "mul", "max": "maximum"}


def gate(key: str, label: str, **more: object) -> ViewNode:
    return ViewNode(id=key, kind="op", op=NAMES[label], label=label, commutes=True, **more)  # type: ignore[arg-type]


def leaf(name: str) -> ViewNode:
    return ViewNode(id=name, kind="input", op="input", label=name, names=(name,))


def constant(key: str, label: str) -> ViewNode:
    return ViewNode(id=key, kind="constant", op="constant", label=label, differentiable=False)


def about(x: float, y: float, width: float = 40, height: float = 40) -> Box:
    return Box(x - width / 2, y - height / 2, width, height)


def way(path: str, texts: tuple[float, float], *, own: str | None = None, width: float = 70, **more: object) -> Wire:
    """A wire whose texts stand above and below the point `texts` on it."""
    points = [pieces(path)[0][0]]
    for piece in pieces(path):
        points += [piece[-1]] if len(piece) == 2 else [at(piece, k / 16) for k in range(1, 17)]
    x, y = texts
    return Wire(
        points=tuple(points),
        path=path,
        own=own or path,
        value_box=Box(x - width / 2, y - 22, width, 16),
        grad_box=Box(x - width / 2, y + 6, width, 16),
        **more,  # type: ignore[arg-type]
    )


def edge(source: str, target: str, slot: int, **more: object) -> ViewEdge:
    return ViewEdge(id=f"{source}>{target}", source=source, target=target, slot=slot, members=(), **more)  # type: ignore[arg-type]


def seed() -> Circuit:
    """(x*y + max(z, w) + x*y)*2 + 45 at x = 3, y = −4, z = 2, w = −1: the numbers of the question's answer."""
    nodes = (
        *(leaf(name) for name in "xyzw"),
        gate("xy", "×", names=("xy",)), gate("zw", "max"), gate("a", "+"), gate("b", "+"),
        constant("two", "2"), gate("c", "×"), constant("k", "45"), gate("out", "+"),
    )  # fmt: skip
    ways = {
        ("x", "xy", 0): way("M94 72H146C175 72 172 109 203 109", (122, 72), width=56),
        ("y", "xy", 1): way("M94 162H146C175 162 172 125 203 125", (122, 162), width=56),
        ("z", "zw", 0): way("M94 252H146C175 252 172 284 203 284", (122, 252), width=56),
        ("w", "zw", 1): way("M94 332H146C175 332 172 300 203 300", (122, 332), width=56),
        ("xy", "a", 0): way(
            "M240 117H338C338 170 345 192 372 192H424C440 192 440 201 457 201", (396, 192), width=56,
            own="M338 117C338 170 345 192 372 192H424C440 192 440 201 457 201",
        ),
        ("zw", "a", 1): way("M240 292H326C390 292 410 216 457 216", (282, 292), width=70),
        ("xy", "b", 0): way("M240 117H584", (544, 117), own="M338 117H584", straight=True),
        ("a", "b", 1): way("M494 208H546C582 208 568 150 590 131", (520, 208), width=50),
        ("b", "c", 0): way("M624 117H692", (658, 117), width=64),
        ("two", "c", 1): way("M664 190C694 190 690 150 700 133", (654, 190), width=20),
        ("c", "out", 0): way("M732 117H800", (766, 117), width=64),
        ("k", "out", 1): way("M772 190C802 190 798 150 808 133", (762, 190), width=20),
    }  # fmt: skip
    places = {
        "x": Placed(box=about(74, 72, 40, 32)), "y": Placed(box=about(74, 162, 40, 32)),
        "z": Placed(box=about(74, 252, 40, 32)), "w": Placed(box=about(74, 332, 40, 32)),
        "xy": Placed(
            box=about(220, 117), stem=(Point(240, 117), Point(338, 117)), stem_path="M240 117L338 117",
            split=Point(338, 117), value_box=Box(246, 95, 86, 16), sum_box=Box(241, 123, 97, 34),
        ),
        "zw": Placed(box=about(220, 292)), "a": Placed(box=about(474, 208)), "b": Placed(box=about(604, 117)),
        "two": Placed(box=about(655, 190, 18, 18)), "c": Placed(box=about(712, 117)),
        "k": Placed(box=about(758, 190, 26, 18)),
        "out": Placed(
            box=about(820, 117), stem=(Point(840, 117), Point(912, 117)), stem_path="M840 117L912 117",
            value_box=Box(844, 95, 64, 16), grad_box=Box(844, 123, 64, 16),
        ),
    }  # fmt: skip
    names = ("x", "y", "z", "w", "xy", "zw", "a", "b", "c", "out", "two", "k")
    values = dict(zip(names, (3, -4, 2, -1, -12, 2, -10, -22, -44, 1, 2, 45), strict=True))
    grads = dict(zip(names[:10], (-16, 12, 2, 0, 4, 2, 2, 2, 1, 1), strict=True))
    along = dict(zip(ways, (-16, 12, 2, 0, 2, 2, 2, 2, 2, None, 1, None), strict=True))
    return Circuit(*assembled(nodes, ways, places, values, grads, along, {"xy": (2.0, 2.0)}, Box(48, 42, 870, 312)))


def bus() -> Circuit:
    """h = h + tanh(w*h) three times, the blocks closed, as drawn beside the question."""
    nodes: list[ViewNode] = [leaf("x")]
    ways: dict[tuple[str, str, int], Wire] = {}
    places = {"x": Placed(box=about(72, 92, 40, 32))}
    values: dict[str, float] = {"x": 1.5}
    grads: dict[str, float] = {"x": 1.22}
    along: dict[tuple[str, str, int], float | None] = {}
    parts = {}
    rows = (
        (0.5, 0.453, 1.95, 1.11, 0.101, 1.01), (-0.8, -0.768, 1.18, 1.19, -0.0736, 1.14),
        (0.6, 0.497, 1.68, 1.0, 0.188, 0.829),
    )  # fmt: skip
    before = "x"
    for k, (w, f, after, back, into, weight) in enumerate(rows):
        x = 184 + 356 * k
        block, plus, name = f"block#{k + 1}", f"plus{k}", f"w_{k + 1}"
        nodes += [
            leaf(name),
            ViewNode(id=block, kind="group", op="block", label="block", detail="2 gates", skip=k == 2, repeat=1 + k),
            gate(plus, "+"),
        ]
        begin = places[before].box.x + 40
        stem = places[before].box
        places[before] = Placed(
            box=stem, stem=(Point(begin, 92), Point(x, 92)), stem_path=f"M{begin} 92L{x} 92", split=Point(x, 92),
            value_box=Box(begin + 4, 70, x - begin - 8, 16), sum_box=Box(begin + 2, 98, x - begin - 4, 34),
        )  # fmt: skip
        places[block] = Placed(box=about(x + 121, 184, 72, 44))
        places[plus] = Placed(box=about(x + 238, 92))
        places[name] = Placed(box=about(x + 121, 275, 44, 30))
        ways[before, block, 0] = way(
            f"M{begin} 92H{x}C{x} 160 {x + 6} 184 {x + 40} 184H{x + 85}", (x + 52, 184), width=66,
            own=f"M{x} 92C{x} 160 {x + 6} 184 {x + 40} 184H{x + 85}",
        )  # fmt: skip
        ways[name, block, 1] = Wire(
            points=(Point(x + 121, 260), Point(x + 121, 206)), path=f"M{x + 121} 260V206", own=f"M{x + 121} 260V206",
            value_box=Box(x + 129, 215, 66, 18), grad_box=Box(x + 129, 234, 66, 18),
        )  # fmt: skip
        ways[before, plus, 0] = way(
            f"M{begin} 92H{x + 218}", (x + 182, 92), width=66, own=f"M{x} 92H{x + 218}", straight=True
        )
        ways[block, plus, 1] = way(
            f"M{x + 157} 184H{x + 220}C{x + 238} 184 {x + 238} 160 {x + 238} 112", (x + 192, 184), width=64
        )
        along |= {(before, block, 0): into, (name, block, 1): weight, (before, plus, 0): back, (block, plus, 1): back}
        values |= {name: w, block: f, plus: after}
        grads |= {name: weight, block: back, plus: back}
        parts[before] = (back, into)
        grads[before] = back + into
        before = plus
    last = places[before].box
    places[before] = Placed(
        box=last, stem=(Point(last.x + 40, 92), Point(last.x + 102, 92)),
        stem_path=f"M{last.x + 40} 92L{last.x + 102} 92",
        value_box=Box(last.x + 44, 70, 56, 16), grad_box=Box(last.x + 44, 98, 56, 16),
    )  # fmt: skip
    return Circuit(*assembled(tuple(nodes), ways, places, values, grads, along, parts, Box(40, 54, last.x + 74, 250)))


def assembled(
    nodes: tuple[ViewNode, ...],
    ways: dict[tuple[str, str, int], Wire],
    places: dict[str, Placed],
    values: dict[str, float],
    grads: dict[str, float],
    along: dict[tuple[str, str, int], float | None],
    parts: dict[str, tuple[float, ...]],
    bounds: Box,
) -> tuple[View, Layout, Figures]:
    edges = {key: edge(*key, differentiable=along[key] is not None) for key in ways}
    view = View(nodes=nodes, edges=tuple(edges.values()), groups=(), output=nodes[-1].id)
    layout = Layout(
        nodes=places,
        wires={edges[key].id: wire for key, wire in ways.items()},
        frames={},
        bounds=bounds,
        direction="right",
    )
    edge_values: dict[str, Figure] = {it.id: float(values[it.source]) for it in edges.values()}
    edge_grads: dict[str, Figure] = {}
    for key, it in edges.items():
        gradient = along[key]
        edge_grads[it.id] = None if gradient is None else float(gradient)
    figures = Figures(
        values={key: float(value) for key, value in values.items()},
        grads={key: float(value) for key, value in grads.items()},
        edge_values=edge_values,
        edge_grads=edge_grads,
        parts=parts,
    )
    return view, layout, figures
