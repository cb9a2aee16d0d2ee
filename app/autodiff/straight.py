"""Straight-line Python of a scalar graph, forward and backward: a closed grammar of slots and templates.

No text of a program and no name of its reaches the code: variables are v0 v1 … (values), g0 g1 … (gradients), c… (what
flows along an edge), t… (parts of rules); numbers are written by `repr`.
"""

import math
import re
from collections.abc import Callable, Sequence
from typing import Any

from app.autodiff.rules import SIGNS, WIDEST, Spell, compiled, scalar_rule
from app.graph.graph import Graph
from app.ops.operator import Operator, contributions, passes

TERMS = 40  # terms of a sum in one statement: thousands in one expression break CPython's compiler
MATH = {**{name: getattr(math, name) for name in dir(math) if not name.startswith("_")}, "abs": abs}
_NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*")
_WORDS = {"if", "else", "and", "or", "not"}


def program(graph: Graph, output: int, *, edges: bool = False, spell: Spell | None = None) -> Callable[..., Any]:
    """A function of the inputs, in the graph's order, that gives `(values, cotangents)`, one entry for each node (None
    where there is no gradient); with `edges` also what flows along each edge, flat, by node and slot. Another argument,
    `seed`, comes first.

    It raises ZeroDivisionError, OverflowError or ValueError where a float operation of Python does; the caller falls
    back to the interpreter then. `spell` writes an operator's call, by default the catalogue's Python spelling.
    """
    lines, scope, names = text(graph, output, edges=edges, spell=spell or fast)
    arguments = ", ".join(["seed", *(f"v{node}" for node in input_nodes(graph))])
    results = ", ".join(f"({', '.join(row)},)" if row else "()" for row in names)
    source = f"def run({arguments}):\n" + "".join(f"    {line}\n" for line in lines) + f"    return {results}\n"
    space: dict[str, Any] = {"__builtins__": {}, **scope}
    exec(compile(source, "<replay>", "exec", dont_inherit=True), space)  # noqa: S102 - closed grammar
    run: Callable[..., Any] = space["run"]
    return run


def input_nodes(graph: Graph) -> list[int]:
    """The inputs of a graph, in its order."""
    return [node for node, operator in enumerate(graph.operators) if operator.name == "input"]


def text(
    graph: Graph, output: int, *, edges: bool, spell: Spell
) -> tuple[list[str], dict[str, Any], tuple[list[str], ...]]:
    """The statements, their scope, and the texts of the results: values, cotangents and (with `edges`) flows."""
    scope: dict[str, Any] = {"inf": math.inf, "nan": math.nan}
    lines: list[str] = []
    values = [f"v{node}" for node in range(len(graph))]
    for node, constant in graph.constants.items():
        assert isinstance(constant, float)
        values[node] = number(constant)
    for node, operator in enumerate(graph.operators):
        if operator.family != "leaf":
            call = spell(operator, [values[i] for i in graph.operands[node]], scope)
            lines.append(f"{values[node]} = {_float(operator, call) if spell is fast else call}")
    parts: list[list[str]] = [[] for _ in range(len(graph))]  # of each node's gradient, in the order they add up
    grads = ["None" if not flag else "0.0" for flag in graph.differentiable]
    flows: list[list[str]] = [
        ["0.0" if graph.differentiable[i] else "None" for i in operands] for operands in graph.operands
    ]
    if graph.differentiable[output]:
        parts[output].append("seed")
    for node in range(output, -1, -1):
        if not parts[node]:
            continue
        grads[node] = _sum(f"g{node}", parts[node], lines)
        operands = graph.operands[node]
        if operands:
            slots = _active(graph, node)
            texts = _flows(graph, node, grads[node], slots, values, lines, scope, spell)
            for slot, part in zip(slots, texts, strict=True):
                named = edges and not part.isidentifier()
                if named:
                    lines.append(f"c{node}_{slot} = {part}")
                flows[node][slot] = f"c{node}_{slot}" if named else part
                parts[operands[slot]].append(flows[node][slot])
    results = (values, grads, [part for row in flows for part in row]) if edges else (values, grads)
    return lines, scope, results


def _active(graph: Graph, node: int) -> list[int]:
    operands, operator = graph.operands[node], graph.operators[node]
    arity = len(operands)
    return [slot for slot in range(arity) if graph.differentiable[operands[slot]] and passes(operator, slot, arity)]


def _flows(
    graph: Graph,
    node: int,
    g: str,
    slots: Sequence[int],
    values: Sequence[str],
    lines: list[str],
    scope: dict[str, Any],
    spell: Spell,
) -> list[str]:
    """The texts of what flows back along each of a gate's `slots`."""
    operands, operator = graph.operands[node], graph.operators[node]
    xs = [values[i] for i in operands]
    if len(operands) > WIDEST:
        scope[f"r{node}"] = scalar_rule(operator, tuple([slot in set(slots) for slot in range(len(operands))])).parts
        lines.append(f"t{node} = r{node}({g}, {values[node]}, {', '.join(xs)})")
        return [f"t{node}[{slot}]" for slot in slots]
    trees = contributions(operator, len(operands))
    names = {"g": g, "y": values[node], **{f"x{i}": x for i, x in enumerate(xs)}}
    steps, texts, bound = compiled([trees[slot] for slot in slots], names, spell, f"t{node}_")
    scope.update(bound)
    lines.extend(f"{name} = {step}" for name, step in steps)
    return texts


def _sum(name: str, parts: Sequence[str], lines: list[str]) -> str:
    """The sum of the parts, in their order, as a variable (or the single part, where that is one)."""
    if len(parts) == 1 and parts[0].isidentifier():
        return parts[0]
    lines.append(f"{name} = {' + '.join(parts[:TERMS])}")
    lines.extend(
        f"{name} = {name} + {' + '.join(parts[start : start + TERMS])}" for start in range(TERMS, len(parts), TERMS)
    )
    return name


def number(x: float) -> str:
    """A number as Python reads it back."""
    return repr(x) if x >= 0 else f"({x!r})"


def fast(operator: Operator, texts: Sequence[str], scope: dict[str, Any]) -> str:
    """An operator on floats as fast as Python can: its `python` spelling; else a call of its scalar function."""
    template = SIGNS.get(operator.name) or operator.spell.python
    if template:
        words = set(_NAME.findall(re.sub(r"\{\w*\}", "0", template))) - _WORDS
        if words <= MATH.keys() and "{args}" not in template:
            scope.update({word: MATH[word] for word in words})
            return template.format(*texts)
    scope[f"f_{operator.name}"] = operator.scalar
    return f"f_{operator.name}({', '.join(texts)})"


def _float(operator: Operator, call: str) -> str:
    """A comparison is a condition in rules; as a value it is 1.0 or 0.0."""
    return f"1.0 if {call} else 0.0" if operator.mask else call
