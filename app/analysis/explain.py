"""Why this gradient: for each shown node its operator's sentence, its rule as mathematics, bare and with its numbers,
the sum by which its gradient came about, and the convention that decided at a tie or a kink."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from app.analysis.mathematics import filled, latex, number_latex
from app.autodiff.rules import whole_rule
from app.autodiff.shown import Numbers
from app.autodiff.trace import Trace
from app.diagnostics import Diagnostic
from app.draw.latex import symbol
from app.draw.number import joined, number_text
from app.graph.program import Program
from app.graph.view import View, ViewEdge, ViewNode
from app.ops.algebra import Value
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator, partials

WIDEST = 12  # operands up to which a gate's rules are written out
LONGEST = 6  # letters of a name by which an operand may stand in a rule
LETTERS = "yzwuvpqrstabcdefghkmn"  # of what has no name, after the operator's own
Texts = tuple[str | None, ...]  # of each slot


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
    wires: dict[str, list[ViewEdge]] = {}
    for edge in view.edges:
        wires.setdefault(edge.target, []).append(edge)
    flows = trace.graph.flows(trace.output)
    names = _names(view)
    return [_explained(node, wires.get(node.id, []), names, trace, numbers, flows) for node in view.nodes]


def explained(node: ViewNode, view: View, trace: Trace, numbers: Numbers) -> Explanation:
    """The explanation of one node of the view."""
    wires = [edge for edge in view.edges if edge.target == node.id]
    return _explained(node, wires, _names(view), trace, numbers, trace.graph.flows(trace.output))


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


class _Names(NamedTuple):
    """The short names of a view's nodes by their ids, and all of them."""

    of: Mapping[str, str]
    taken: frozenset[str]


def _names(view: View) -> _Names:
    named = {node.id: node.names[0] for node in view.nodes if node.names and len(node.names[0]) <= LONGEST}
    return _Names(named, frozenset(named.values()))


def _explained(
    node: ViewNode, wires: Sequence[ViewEdge], names: _Names, trace: Trace, numbers: Numbers, flows: bytearray
) -> Explanation:
    grad = numbers.grads[node.id]
    parts = [part for part in numbers.parts.get(node.id, ()) if isinstance(part, float)]
    said = sum_text(parts, grad) if isinstance(grad, float) else None
    if node.kind == "group" or node.index is None:
        composed = CATALOGUE.get(node.op)
        doc = composed.doc if composed is not None and composed.family == "composed" else None
        return Explanation(doc=doc, latex=(None,) * len(wires), latex_numbers=(None,) * len(wires), sum=said)
    graph = trace.graph
    operator = graph.operators[node.index]
    xs = [trace.values[i] for i in graph.operands[node.index]]
    always = next((c.says for c in operator.conventions if c.at is None), None)
    bare, with_numbers = _mathematics(node, wires, names, operator, xs, trace.values[node.index])
    return Explanation(
        doc=operator.doc,
        latex=bare,
        latex_numbers=with_numbers,
        sum=said,
        convention=(at_kink(operator, trace, node.index) if flows[node.index] else None) or always,
    )


def _mathematics(
    node: ViewNode, wires: Sequence[ViewEdge], names: _Names, operator: Operator, xs: Sequence[Value], y: Value
) -> tuple[Texts, Texts]:
    """The rules of a gate, one for each slot: bare, and with the numbers."""
    arity = len(xs)
    if arity > WIDEST:
        return (None,) * arity, (None,) * arity
    given: list[str | None] = [None] * arity
    for wire in wires:
        if wire.slot < arity:
            given[wire.slot] = names.of.get(wire.source)
    letters = called(operator, tuple(given), names.of.get(node.id), names.taken)
    return _rules(operator, letters), _with_numbers(operator, xs, y, letters)


@lru_cache(maxsize=4096)
def called(
    operator: Operator, given: tuple[str | None, ...], own: str | None, taken: frozenset[str]
) -> tuple[str, ...]:
    """What a rule calls its operands and then its result, as LaTeX: by their names in the program (None: there is none
    that is short), as long as these differ, else by letters that are none of the names `taken` there."""
    arity = len(given)
    tensors = operator.partials is None
    usual = (*variables(operator, arity), "Y" if tensors else "y")
    reserved = "GY" if tensors else ""  # what comes back and the result, as a tensor's rules are written
    found: list[str | None] = [
        None if name is None or name in reserved or given.count(name) > 1 else name for name in given
    ]
    found.append(None if tensors or own in given else own)
    free = (letter for letter in ("ABCDEFHIJKLMN" if tensors else LETTERS) if letter not in {*taken, *usual})
    texts = []
    for name, letter in zip(found, usual, strict=True):
        if name is not None:
            text = symbol(name)
            texts.append(text if len(text) == 1 else f"{{{text}}}")
        else:
            texts.append(letter if letter not in taken and letter not in texts else next(free, letter))
    return tuple(texts)


@lru_cache(maxsize=4096)
def _rules(operator: Operator, letters: tuple[str, ...]) -> Texts:
    r"""For each slot the local derivative, `\frac{\partial z}{\partial x} = y` for a product z of x and y; of a
    tensor's gate the gradient itself, in G (what comes back) and the result Y."""
    *operands, result = letters
    if operator.partials is None:
        templates = operator.latex_partials
        return tuple(
            rf"\bar {name} = {filled(templates[min(slot, len(templates) - 1)], operands)}" if templates else None
            for slot, name in enumerate(operands)
        )
    texts = {"y": result, **{f"x{i}": name for i, name in enumerate(operands)}}
    found = (latex(partial, texts) for partial in partials(operator, len(operands)))
    return tuple(slope + text if text else None for slope, text in zip(_slopes(letters), found, strict=True))


def _with_numbers(operator: Operator, xs: Sequence[Value], y: Value, letters: tuple[str, ...]) -> Texts:
    """For each slot of a gate on numbers: its rule with them in it, and what that makes."""
    arity = len(xs)
    if operator.partials is None or any(isinstance(x, np.ndarray) for x in (*xs, y)):
        return (None,) * arity
    texts = {"y": number_latex(float(y)), **{f"x{i}": number_latex(float(x)) for i, x in enumerate(xs)}}
    values = [number_latex(local) for local in whole_rule(operator, arity)(1.0, y, *xs)]
    found = [latex(partial, texts) for partial in partials(operator, arity)]
    made = (
        text if text is None or text == value else f"{text} = {value}"
        for text, value in zip(found, values, strict=True)
    )
    return tuple(slope + text if text else None for slope, text in zip(_slopes(letters), made, strict=True))


@lru_cache(maxsize=4096)
def _slopes(letters: tuple[str, ...]) -> tuple[str, ...]:
    r"""`\frac{\partial z}{\partial x} = ` for each operand."""
    *operands, result = letters
    return tuple(rf"\frac{{\partial {result}}}{{\partial {name}}} = " for name in operands)


def variables(operator: Operator, arity: int) -> tuple[str, ...]:
    """The letters of a rule's operands, where these have no names."""
    if operator.partials is None:
        return tuple("ABCDEFGHIJKLMNOPQRSTUVW"[i] if arity <= 6 else f"A_{{{i + 1}}}" for i in range(arity))
    names = tuple(p.name for p in operator.operands if p.role == "operand")[:arity]
    if len(names) == arity and all(len(name) == 1 for name in names):
        return names
    return tuple("xyz"[i] if arity <= 3 else f"x_{{{i + 1}}}" for i in range(arity))
