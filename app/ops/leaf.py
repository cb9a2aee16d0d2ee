"""The two leaves of a graph: an input, which gets a gradient, and a constant, which has none."""

from app.ops.operator import Operator

INPUT = Operator(
    name="input",
    family="leaf",
    flops=lambda out, *shapes, **_: 0,
    sign="",
    latex="{0}",
    doc="A value from outside. Its gradient says how the output changes when it does.",
    example="x",
)
CONSTANT = Operator(
    name="constant",
    family="leaf",
    flops=lambda out, *shapes, **_: 0,
    sign="",
    latex="{0}",
    doc="A number that stands in the program. It has a value and no gradient.",
    example="2",
)
LEAVES = frozenset({"input", "constant"})
