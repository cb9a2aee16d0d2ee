"""Text to gradients, once: lowered, evaluated, and every gradient read. Beside it stand a library like micrograd that
is given the same text (Python compiles it, runs it on the library's values, and those are differentiated); the same
library built by code that was compiled before, which reads no text at all; and Python's own parser, which does nothing
but read."""

import ast
from collections.abc import Iterable
from math import isclose

from app.autodiff.reverse import trace
from app.lang import lower
from app.limits import UNLIMITED
from benchmarks.row import Row, best, times
from benchmarks.scalars import Circuit, circuit, micrograd, micrograd_read

SIGNS = {"add": "+", "sub": "-", "mul": "*"}


def run() -> Iterable[Row]:
    """10 to 100,000 statements; how time grows; a chain and a fan-out of 100,000."""
    each: dict[int, float] = {}
    for count in (10, 100, 1_000, 10_000, 100_000):
        it = circuit(count)
        ours, *rows = differentiated(f"{count:,} statements", it)
        each[count] = ours / count
        yield from rows
    yield times("a statement of 100,000", each[100_000], "a statement of 1,000", each[1_000], 0.5)
    many = range(100_000)
    chain = Circuit(nodes=(("input",), *(("tanh", i) for i in many)), inputs=(0,), values=(0.5,))
    fan = Circuit(nodes=(("input",), ("input",), *(("add", i + 1, 0) for i in many)), inputs=(0, 1), values=(0.5, 0.25))
    for name, it in (("a chain of 100,000", chain), ("a fan-out of 100,000", fan)):
        yield from differentiated(name, it)[1:]


def differentiated(name: str, it: Circuit) -> tuple[float, Row, Row, Row]:
    """Seconds for one circuit, and its rows: beside a library like micrograd from the same text, beside that library
    without a text, and beside `ast.parse`."""
    source = text(it)
    inputs = {f"v{i}": value for i, value in zip(it.inputs, it.values, strict=True)}

    def ours() -> list[float]:
        program = lower(source, inputs, limits=UNLIMITED)
        found = trace(program.graph, program.values(), program.output)
        return [float(found.cotangents[entry.node]) for entry in program.inputs]

    last = f"v{len(it.nodes) - 1}"
    slopes = micrograd_read(source, inputs, last)
    program = lower(source, inputs, limits=UNLIMITED)
    for entry, slope in zip(program.inputs, ours(), strict=True):
        assert isclose(slope, slopes[entry.name], rel_tol=1e-9, abs_tol=1e-12), entry.name
    few = len(it.nodes) < 20_000
    seconds, rounds = (1.0, 5) if few else (0.0, 2)
    taken = best(ours, seconds=seconds, rounds=rounds)
    read = best(lambda: micrograd_read(source, inputs, last), seconds=seconds, rounds=rounds)
    built = best(lambda: micrograd(it, it.values), seconds=seconds, rounds=rounds)
    parsed = best(lambda: ast.parse(source), seconds=seconds, rounds=rounds)
    goal = 1 / 1.3 if len(it.nodes) < 2_000 else None if few else 1.0
    return (
        taken,
        times(f"{name}, text to gradients", taken, "like micrograd, from the text", read, 1.0, "ms"),
        times(f"{name}, text to gradients", taken, "like micrograd, already compiled", built, None, "ms"),
        times(f"{name}, text to gradients", taken, "ast.parse", parsed, goal, "ms"),
    )


def text(it: Circuit) -> str:
    """The circuit as a program: a statement a gate, the last one the output."""
    lines = []
    for i, (name, *operands) in enumerate(it.nodes):
        if name in SIGNS:
            lines.append(f"v{i} = v{operands[0]} {SIGNS[name]} v{operands[1]}")
        elif name != "input":
            lines.append(f"v{i} = {name}(v{operands[0]})")
    return "\n".join(lines)
