"""The steps from a request to a circuit with its numbers, and to a place for everything in it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.autodiff.reverse import trace
from app.autodiff.shown import Numbers, shown
from app.autodiff.trace import Trace
from app.diagnostics import fail
from app.draw.figures import Figure, Figures, TensorFigure
from app.draw.number import number_text
from app.graph.groups import view
from app.graph.program import Program
from app.graph.view import View
from app.lang import lower
from app.layout import layout
from app.layout.model import Direction, Layout
from app.limits import Limits
from app.ops.algebra import Value
from app.work.numbers import norm
from app.work.pool import Outgrown, outgrown
from app.work.request import Program as ProgramRequest
from app.work.request import Shown

WIRES = 2  # wires that may be drawn for each node that may
KEPT_NODES = 200  # of a view whose layout is kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A program with its numbers, and what of it is shown."""

    program: Program
    trace: Trace
    view: View
    numbers: Numbers


def lowered(q: ProgramRequest, limits: Limits) -> Program:
    """The program that a request's text says. Errors: ProgramError; Outgrown."""
    program = lower(
        q.source,
        q.inputs,
        limits=limits,
        share=q.share,
        strict=q.strict,
        partial=q.partial,
        output=q.output,
    )
    if program.errors and outgrown(limits, program.errors):
        raise Outgrown
    return program


def traced(q: ProgramRequest, program: Program) -> Trace:
    """Its numbers, at the request's seed, else the program's own. Errors: seed.shape."""
    seed = q.seed if q.seed is not None else program.seed
    return trace(program.graph, program.values(), program.output, seed, dtype=q.dtype)


def viewed(q: Shown, program: Program, limits: Limits) -> View:
    """What of it is shown."""
    return view(program, closed=q.collapse, limits=limits, number=number_text)


def circuit(q: Shown, limits: Limits, program: Program | None = None) -> Circuit:
    """The whole way, without a place for anything; from the text, or from a program that is there already."""
    program = program or lowered(q, limits)
    found = traced(q, program)
    seen = viewed(q, program, limits)
    return Circuit(program=program, trace=found, view=seen, numbers=shown(seen, found))


def placed(seen: View, direction: Direction, limits: Limits) -> Layout:
    """A place for everything. Errors: limit.drawn."""
    if len(seen.nodes) > limits.drawn_nodes:
        raise fail(
            "limit.drawn",
            f"{len(seen.nodes):,} nodes would show, and {limits.drawn_nodes:,} can be drawn",
            hint="close some groups: collapse=auto",
        )
    wires = WIRES * limits.drawn_nodes
    if len(seen.edges) > wires:
        raise fail(
            "limit.drawn",
            f"{len(seen.edges):,} wires would show, and {wires:,} can be drawn",
            hint="close some groups: collapse=auto",
        )
    return placed_before(seen, direction) if len(seen.nodes) <= KEPT_NODES else layout(seen, direction=direction)


@lru_cache(maxsize=64)
def placed_before(seen: View, direction: Direction) -> Layout:
    """The layout of a view, kept: it knows no numbers, so a slider asks for the same one again and again."""
    return layout(seen, direction=direction)


def figures(numbers: Numbers) -> Figures:
    """The numbers as a picture tells them."""
    return Figures(
        values={key: figure(value) for key, value in numbers.values.items()},
        grads={key: figure(value) for key, value in numbers.grads.items()},
        edge_values={key: figure(value) for key, value in numbers.edge_values.items()},
        edge_grads={key: figure(value) for key, value in numbers.edge_grads.items()},
        parts={key: tuple(map(part, parts)) for key, parts in numbers.parts.items()},
    )


def part(value: Value) -> float:
    """A part of a sum: a number as it is, of a tensor its norm."""
    return norm(value) if isinstance(value, np.ndarray) and value.shape else float(value)


def figure(value: Value | None) -> Figure:
    """A number as it is, of a tensor its shape and norm."""
    if isinstance(value, np.ndarray) and value.shape:
        return TensorFigure(shape=value.shape, norm=norm(value))
    return None if value is None else float(value)
