"""Layout in process beside Graphviz dot: how fast, and how many wires cross."""

from collections.abc import Iterable
from functools import partial
from random import Random

from app.graph.view import View
from app.layout import Layout, Point, layout
from app.limits import Limits
from app.work.circuit import lowered, viewed
from app.work.gallery import examples
from app.work.request import View as Query
from benchmarks.circuits import GALLERY, Circuit, circuit, residual
from benchmarks.crossings import crossings
from benchmarks.dot import dot
from benchmarks.row import Row, best, times


def drawn(nodes: int, reach: int, seed: int = 1) -> View:
    """A random circuit of gates with one or two operands among the `reach` nodes before."""
    rng = Random(seed)
    made = Circuit()
    ids = [made.input(f"x{k}") for k in range(max(3, nodes // 20))]
    while len(made.nodes) < nodes:
        pick = [rng.choice(ids[-reach:]) for _ in range(rng.choice([1, 2, 2]))]
        ids.append(made.node("tanh" if len(pick) == 1 else rng.choice(["add", "mul"]), *pick))
    return made.view()


def run() -> Iterable[Row]:
    """60, 300 and 2,000 nodes, a bus, and all of the gallery; dot runs in this process too, by its library.

    In the tests' circuits some groups are open: their frames hold their members, which dot's drawing does not.
    """
    sized = [("bus of 60", residual(12), 1.0), ("random 60", drawn(60, 12), 1.0), ("random 300", drawn(300, 30), 1.0)]
    for name, view, goal in [*sized, ("random 2,000", drawn(2000, 100), 10.0)]:
        # The best of some runs, as ours; one of the large one takes seconds.
        seconds, lines = min((dot(view) for _ in range(1 if len(view.nodes) > 1000 else 5)), key=lambda run: run[0])
        place = layout(view)
        ours = best(partial(layout, view), seconds=1.0, rounds=3)
        yield times(f"layout, {name} nodes", ours, "Graphviz dot", seconds, goal, "ms")
        yield crossed(f"crossings, {name} nodes", [(view, place)], [(view, lines)])
    limits = Limits()
    queries = [Query(source=e.source, inputs=e.inputs, **e.options) for e in examples()]
    gallery = [viewed(q, lowered(q, limits), limits) for q in queries]
    for name, views in (("gallery", gallery), ("tests' circuits", [circuit(source) for source in GALLERY.values()])):
        yield crossed(f"crossings, {name}", [(v, layout(v)) for v in views], [(v, dot(v)[1]) for v in views])


def crossed(name: str, ours: list[tuple[View, Layout]], theirs: list[tuple[View, list[list[Point]]]]) -> Row:
    """A row of crossings as drawn: wires of one value that share their way cross another once."""
    mine = sum(crossings([p.wires[e.id].points for e in v.edges], [e.source for e in v.edges])[1] for v, p in ours)
    peer = sum(crossings(lines, [e.source for e in v.edges])[1] for v, lines in theirs)
    return Row(
        name=name,
        ours=mine,
        peer_name="Graphviz dot",
        peer=peer,
        unit="",
        ratio=peer / mine if mine else max(peer, 1.0),
        goal=1 / 1.1,
    )
