"""Assignments whose right side is free of names: inputs with a default, parameters, and the starts of sums."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from app.autodiff.forward import forward
from app.diagnostics import ProgramError, fail
from app.graph.builder import Builder
from app.lang import frameworks
from app.lang.code import Code
from app.lang.known import integers
from app.lang.layers import HOLDING, LAYERS
from app.lang.values import (
    BROKEN,
    Broken,
    Detached,
    Gradient,
    Held,
    Known,
    Layer,
    Listing,
    Module,
    Nothing,
    Number,
    Opaque,
    Special,
    Text,
)  # fmt: skip

if TYPE_CHECKING:
    from app.lang.machine import Machine


def free(m: "Machine", node: ast.expr) -> bool:
    """Whether an expression is free of names but parameters and integers that are known."""
    hidden: set[str] = set()
    if isinstance(node, ast.ListComp | ast.Call | ast.Tuple | ast.List):
        hidden = {name for name, kind in _names(node) if kind == "bound"}
    for name, kind in _names(node):
        if name not in hidden and not _known(m, name, kind):
            return False
    return not any(isinstance(part, ast.Lambda | ast.Dict | ast.JoinedStr) or _called(part) for part in ast.walk(node))


def _called(node: ast.AST) -> bool:
    """Whether a module with weights is made and called at once: its weights are inputs."""
    made = node.func.func if isinstance(node, ast.Call) and isinstance(node.func, ast.Call) else None
    name = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
    return name in LAYERS or name in HOLDING


def _known(m: "Machine", name: str, kind: str) -> bool:
    held = m.program.names.get(name)
    if type(held) is int:
        return False
    if kind == "call":
        function = m.program.functions.get(name)
        if isinstance(function, Known):
            return True
        if isinstance(function, Special):
            return function.rule in _MAKING
        if function is not None or isinstance(held, Opaque | Layer):
            return False
        return name in {"Value", "range", "float", "int", "list"} or frameworks.named(name) is not None
    if held is None:
        if kind == "module":
            return frameworks.root(name) is not None and name not in m.assigned
        if name in m.knowledge.parameters and name in m.given:
            return True
        return (name in frameworks.BARE or name in frameworks.PYTHON_TYPES) and name not in m.assigned
    if isinstance(held, Number):
        return held.node is None and held.home is None
    if isinstance(held, Listing):
        return m.numbers(held) is not None
    if isinstance(held, Opaque):
        return kind == "module" or held.kind in {"type", "device"}
    return isinstance(held, Module) if kind == "module" else isinstance(held, Text)


_MAKING = frozenset(
    {"normal", "uniform", "tensor", "variable", "old_variable", "get_variable", "placeholder", "array", "value", "same"}
)


def _names(node: ast.expr) -> Iterator[tuple[str, str]]:
    """The names of an expression: each as "name", "call", "module" (before a dot) or "bound" (by a comprehension)."""
    waiting: list[ast.AST] = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Name):
            yield part.id, "name" if isinstance(part.ctx, ast.Load) else "bound"
        elif isinstance(part, ast.Call):
            if isinstance(part.func, ast.Name):
                yield part.func.id, "call"
            else:
                waiting.append(part.func)
            waiting += part.args
            waiting += [k.value for k in part.keywords]
        elif isinstance(part, ast.Attribute):
            owner: ast.expr = part
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            if isinstance(owner, ast.Name):
                yield owner.id, "module"
            else:
                waiting.append(owner)
        else:
            waiting += ast.iter_child_nodes(part)


def literal(node: ast.expr) -> Any:
    """A number, or nested lists of them, written as such; None where it is anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, int | float) else None
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
        value = node.operand.value
        return -value if isinstance(value, int | float) and not isinstance(value, bool) else None
    return None


def default(m: "Machine", code: Code) -> Held:
    """What an expression that is free of names gives, computed: a number, an array in a Number, or a list."""
    kept = (m.builder, m.spans, m.groups, m.marks, m.group, m.anchor, m.calls)
    m.builder = Builder(m.limits, share=False)
    m.spans, m.groups, m.marks, m.calls = [], [], [], {}
    m.leaf, m.leaf_kind, m.leaf_label = True, None, None
    made = len(m.group_list)
    counts = dict(m.root.counts)
    try:
        m.run(code)
        value = m.program.stack.pop() if m.program.stack else BROKEN
        return _computed(m, value)
    finally:
        m.builder, m.spans, m.groups, m.marks, m.group, m.anchor, m.calls = kept
        m.leaf = False
        del m.group_list[made:]
        m.root.counts.clear()
        m.root.counts.update(counts)


def _computed(m: "Machine", value: Held) -> Held:
    if isinstance(value, Broken | Opaque | Known | Layer | Special | Gradient | Nothing):
        return value
    if isinstance(value, Detached):
        value = value.of
    if isinstance(value, Listing) and m.numbers(value) is None:
        return Listing([_computed(m, item) for item in value.items], value.at, tuple=value.tuple)
    numbers = m.numbers(value)
    if numbers is not None and not (isinstance(value, Number) and value.parts is not None and value.integer is None):
        return value
    if isinstance(value, Text):
        return value
    node = m.node(value, None)
    values = forward(m.builder.freeze(), {})
    result = values[node]
    return Number(np.array(result) if isinstance(result, np.ndarray) else result, m.statement_at)


def start(statement: ast.stmt, following: ast.stmt | None, name: str) -> bool:
    """Whether `s = 0` or `r = 1` is the start of a sum or a product: the next statement that assigns the name grows
    it."""
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    if value is None or following is None or not _unit(value):
        return False
    return grows(following, name)


def _unit(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return type(node.value) in {int, float} and node.value in (0, 1)
    if isinstance(node, ast.Call):
        name = (
            node.func.id
            if isinstance(node.func, ast.Name)
            else node.func.attr
            if isinstance(node.func, ast.Attribute)
            else ""
        )
        if (
            name in {"tensor", "array", "constant", "asarray"}
            and len(node.args) == 1
            and not any(k.arg == "requires_grad" for k in node.keywords)
        ):
            return _unit(node.args[0])
        return name in {"zeros", "ones", "zeros_like", "ones_like"} and not any(
            k.arg == "requires_grad" for k in node.keywords
        )
    return False


def grows(statement: ast.stmt, name: str) -> bool:
    """Whether a statement (a loop and the like: one in it) adds to the name, or multiplies it."""
    waiting: list[ast.stmt] = [statement]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
            return isinstance(node.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.MatMult | ast.Pow)
        if (
            isinstance(node, ast.Assign)
            and len(node.targets) == 1
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == name
        ):
            return _grown(node.value, name)
        for field in ("body", "orelse"):
            waiting += getattr(node, field, None) or []
    return False


def _grown(node: ast.expr, name: str) -> bool:
    """Whether the name stands in a chain of signs at the top of the expression."""
    waiting = [node]
    while waiting:
        part = waiting.pop()
        if isinstance(part, ast.Name) and part.id == name:
            return True
        if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.MatMult):
            waiting += [part.left, part.right]
    return False


def value_of(m: "Machine", held: Held, at: Any) -> Any:
    """A computed default as a value. Errors: shape.mismatch, number.range."""
    numbers = held.value if isinstance(held, Number) else m.numbers(held)
    if numbers is None:
        return None
    value = m.array(numbers, at)
    if np.size(value) > m.limits.elements:
        raise fail(
            "limit.elements",
            f"the tensors of a program may have {m.limits.elements:,} elements in all, and this one has "
            f"{np.size(value):,}: make it smaller",
            m.places.span(at),
        )
    return value


def exact_of(m: "Machine", held: Held) -> Any:
    """A computed default as integers, where it is written as such."""
    if isinstance(held, Number):
        value = held.value
        return (
            int(value)
            if isinstance(value, int) and not isinstance(value, bool)
            else integers(value)
            if isinstance(value, np.ndarray)
            else None
        )
    if isinstance(held, Listing):
        found = [exact_of(m, item) for item in held.items]
        return None if None in found else tuple(found)
    return None


__all__ = ["ProgramError", "default", "exact_of", "free", "grows", "literal", "start", "value_of"]
