"""Why this gradient: for each shown node its operator's sentence, its rule as mathematics, bare and with its numbers,
the sum by which its gradient came about, and the convention that decided at a tie or a kink."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from app.analysis.mathematics import filled, latex, number_latex
from app.autodiff.rules import whole_rule
from app.autodiff.shown import Numbers
from app.autodiff.trace import Trace
from app.diagnostics import Diagnostic
from app.draw.number import joined, number_text
from app.graph.program import Program
from app.graph.view import View, ViewNode
from app.ops.algebra import Value
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator, partials

WIDEST = 12  # operands up to which a gate's rules are written out


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`latex` and `latex_numbers` have one entry for each slot of the node (None: there is nothing short to say; for
    a tensor's gate there are no numbers). `sum` is None for a gradient of a single part."""

    doc: str | None
    latex: tuple[str | None, ...] = ()
    latex_numbers: tuple[str | None, ...] = ()
    sum: str | None = None
    convention: str | None = None


def explain(view: View, trace: Trace, numbers: Numbers) -> list[Explanation]:
    """An explanation for each node of the view, in its order."""
    wires: dict[str, int] = {}
    for edge in view.edges:
        wires[edge.target] = wires.get(edge.target, 0) + 1
    flows = trace.graph.flows(trace.output)
    return [_explained(node, wires.get(node.id, 0), trace, numbers, flows) for node in view.nodes]


def explained(node: ViewNode, view: View, trace: Trace, numbers: Numbers) -> Explanation:
    """The explanation of one node of the view."""
    wires = sum(edge.target == node.id for edge in view.edges)
    return _explained(node, wires, trace, numbers, trace.graph.flows(trace.output))


def conventions(program: Program, trace: Trace) -> list[Diagnostic]:
    """A warning `value.tie` for each gate that a gradient goes through and that stands at a tie or a kink."""
    graph = trace.graph
    edgy = [node for node, operator in enumerate(graph.operators) if operator.conventions]
    if not edgy:
        return []
    flows = graph.flows(trace.output)
    found: list[Diagnostic] = []
    for node in edgy:
        operator = graph.operators[node]
        if flows[node]:
            said = at_kink(operator, trace, node)
            if said is not None:
                message = f"`{operator.name}` stands at a tie or a kink. {said}"
                found.append(Diagnostic(code="value.tie", message=message, spans=program.spans[node][:1]))
    return found


def at_kink(operator: Operator, trace: Trace, node: int) -> str | None:
    """The convention that decides the slope of this gate, at any of its elements, by an operand that has a gradient;
    None where the slopes are unique."""
    graph = trace.graph
    operands = graph.operands[node]
    xs = [trace.values[i] for i in operands]
    wanted = [graph.differentiable[i] for i in operands]
    for convention in operator.conventions:
        if convention.holds(xs, graph.attributes[node], wanted):
            return convention.says
    return None


def sum_text(parts: Sequence[float], total: float) -> str | None:
    """`2 + 2 = 4`; None for a single part."""
    return f"{joined(parts)} = {number_text(total)}" if len(parts) > 1 else None


def _explained(node: ViewNode, wires: int, trace: Trace, numbers: Numbers, flows: bytearray) -> Explanation:
    grad = numbers.grads[node.id]
    parts = [part for part in numbers.parts.get(node.id, ()) if isinstance(part, float)]
    said = sum_text(parts, grad) if isinstance(grad, float) else None
    if node.kind == "group" or node.index is None:
        composed = CATALOGUE.get(node.op)
        doc = composed.doc if composed is not None and composed.family == "composed" else None
        return Explanation(doc=doc, latex=(None,) * wires, latex_numbers=(None,) * wires, sum=said)
    graph = trace.graph
    operator = graph.operators[node.index]
    xs = [trace.values[i] for i in graph.operands[node.index]]
    always = next((c.says for c in operator.conventions if c.at is None), None)
    return Explanation(
        doc=operator.doc,
        latex=rules(operator, len(xs)),
        latex_numbers=tuple(_with_numbers(operator, xs, trace.values[node.index])),
        sum=said,
        convention=(at_kink(operator, trace, node.index) if flows[node.index] else None) or always,
    )


@lru_cache(maxsize=1024)
def rules(operator: Operator, arity: int) -> tuple[str | None, ...]:
    """The rules of a gate, one for each slot."""
    return tuple(_rules(operator, arity)) if arity <= WIDEST else (None,) * arity


def _rules(operator: Operator, arity: int) -> Iterator[str | None]:
    r"""For each slot the local derivative, `\frac{\partial z}{\partial x} = y` for a product z of x and y; of a
    tensor's gate the gradient itself, in G (what comes back) and the result Y."""
    names = variables(operator, arity)
    result = next(letter for letter in "yzw" if letter not in names)
    if operator.partials is None:
        for slot in range(arity):
            template = (
                operator.latex_partials[min(slot, len(operator.latex_partials) - 1)]
                if operator.latex_partials
                else None
            )
            yield rf"\bar {names[slot]} = {filled(template, names)}" if template is not None else None
        return
    texts = {"y": result, **{f"x{i}": name for i, name in enumerate(names)}}
    for slot in range(arity):
        text = latex(partials(operator, arity)[slot], texts)
        yield rf"\frac{{\partial {result}}}{{\partial {names[slot]}}} = {text}" if text is not None else None


def _with_numbers(operator: Operator, xs: Sequence[Value], y: Value) -> Iterator[str | None]:
    """For each slot of a gate on numbers: its rule with them in it, and what that makes."""
    arity = len(xs)
    if operator.partials is None or arity > WIDEST or any(isinstance(x, np.ndarray) for x in (*xs, y)):
        yield from (None,) * arity
        return
    names = variables(operator, arity)
    result = next(letter for letter in "yzw" if letter not in names)
    texts = {"y": number_latex(float(y)), **{f"x{i}": number_latex(float(x)) for i, x in enumerate(xs)}}
    locals_ = whole_rule(operator, arity)(1.0, y, *xs)
    for slot in range(arity):
        text = latex(partials(operator, arity)[slot], texts)
        value = number_latex(locals_[slot])
        made = text if text is None or text == value else rf"{text} = {value}"
        yield rf"\frac{{\partial {result}}}{{\partial {names[slot]}}} = {made}" if made is not None else None


def variables(operator: Operator, arity: int) -> tuple[str, ...]:
    """The letters of a rule's operands."""
    if operator.partials is None:
        return tuple("ABCDEFGHIJKLMNOPQRSTUVW"[i] if arity <= 6 else f"A_{{{i + 1}}}" for i in range(arity))
    names = tuple(p.name for p in operator.operands if p.role == "operand")[:arity]
    if len(names) == arity and all(len(name) == 1 for name in names):
        return names
    return tuple("xyz"[i] if arity <= 3 else f"x_{{{i + 1}}}" for i in range(arity))
