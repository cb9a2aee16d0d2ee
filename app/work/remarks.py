"""What is said about the numbers of a circuit: where they stop being finite, and where a convention chose a slope."""

from collections.abc import Sequence

import numpy as np

from app.analysis.explain import conventions
from app.autodiff.trace import Trace
from app.diagnostics import Diagnostic
from app.graph.program import Program
from app.ops.algebra import Value
from app.work.circuit import Circuit
from app.work.numbers import plain_numbers
from app.work.request import Program as ProgramRequest

MOST_REMARKS = 20


def remarks(made: Circuit) -> Sequence[Diagnostic]:
    """What is to be known of the numbers: where one stops being finite, and where a convention chose a derivative."""
    return [*infinite(made.program, made.trace), *conventions(made.program, made.trace)][:MOST_REMARKS]


def infinite(program: Program, found: Trace) -> list[Diagnostic]:
    """The inputs that are not finite, and the gates at which a value, or on the way back a gradient, stops being so."""
    values, grads = found.values, found.cotangents
    if plain_numbers(values) and plain_numbers(grads):  # then what they are sums of is finite too
        return []
    said_of: list[Diagnostic] = []
    operands = found.graph.operands
    for node, value in enumerate(values):
        if not finite(value) and all(finite(values[i]) for i in operands[node]):
            if not found.graph.differentiable[node] and not operands[node]:
                continue  # a constant such as `inf` is meant
            what = f"the value of this {'gate' if operands[node] else 'input'} is not finite"
        elif (
            (g := grads[node]) is not None
            and finite(g)
            and not all(part is None or finite(part) for part in found.contributions[node])
        ):
            what = "the gradient that leaves this gate is not finite"
        else:
            continue
        said_of.append(Diagnostic(code="value.not-finite", message=what, spans=program.spans[node][:1]))
        if len(said_of) == MOST_REMARKS:
            break
    return said_of


def finite(value: Value) -> bool:
    """Whether it is neither infinite nor NaN, nor holds one that is."""
    if isinstance(value, float):
        return value - value == 0.0
    return bool(np.isfinite(value).all())


def notes(q: ProgramRequest, made: Circuit) -> list[Diagnostic]:
    """That the seed is ones, where the output is not a scalar."""
    program = made.program
    if not program.graph.shapes[program.output] or q.seed is not None or program.seed is not None:
        return []
    message = "the output is not a scalar: the gradient is that of the sum of its elements"
    return [Diagnostic(code="seed.ones", message=message, spans=program.spans[program.output][:1])]
