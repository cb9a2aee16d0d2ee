"""A JAX function at a point: its jaxpr evaluated equation by equation, and differentiated the same way back."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from gradwire.readers.reading import Graph, sign

INLINED = ("pjit", "jit", "closed_call", "core_call", "remat", "checkpoint")


def available() -> bool:
    """Whether JAX was imported."""
    return "jax" in sys.modules


def read(f: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]) -> Graph:
    """The graph of `f(*args, **named)`; gradients are those of its (first) result, summed."""
    jax = sys.modules["jax"]
    closed = jax.make_jaxpr(f)(*args, **named)
    leaves, _ = jax.tree_util.tree_flatten_with_path((tuple(args), dict(named)))
    walk = Walk(jax)
    for (path, value), variable in zip(leaves, closed.jaxpr.invars, strict=True):
        walk.bind(variable, walk.leaf(_named(jax, f, path), value, depends=True))
    walk.constants(closed.jaxpr, closed.consts)
    walk.equations(closed.jaxpr, None)
    if not closed.jaxpr.outvars:
        raise TypeError("the function returns nothing that could be drawn")
    return walk.graph_of(closed.jaxpr.outvars[0])


class Node:
    """A value on its way. `depends`: on an argument, so it has a gradient. `back`: from its gradient what flows to each
    of its operands, which is kept in `flows`."""

    def __init__(self, label: str, op: str, value: Any, *, depends: bool, group: str | None = None) -> None:
        self.label, self.op, self.value, self.depends, self.group = label, op, value, depends, group
        self.operands: list[Node] = []
        self.back: Callable[[Any], Sequence[Any]] | None = None
        self.grad: Any = None
        self.flows: list[Any] = []


class Walk:
    """Through a jaxpr, and those in it."""

    def __init__(self, jax: Any) -> None:
        self.jax = jax
        self.nodes: list[Node] = []
        self.environment: dict[Any, Node] = {}
        self.groups: dict[str, int] = {}

    def leaf(self, label: str, value: Any, *, depends: bool = False) -> Node:
        self.nodes.append(Node(label, "input", value, depends=depends))
        return self.nodes[-1]

    def bind(self, variable: Any, node: Node) -> None:
        self.environment[variable] = node

    def constants(self, jaxpr: Any, values: Sequence[Any]) -> None:
        for variable, value in zip(jaxpr.constvars, values, strict=True):
            self.bind(variable, self.leaf(_text(value), value))

    def operand(self, atom: Any) -> Node:
        """The node of a variable; a new one for a literal."""
        return self.leaf(_text(atom.val), atom.val) if hasattr(atom, "val") else self.environment[atom]

    def equations(self, jaxpr: Any, group: str | None) -> None:
        for equation in jaxpr.eqns:
            name = equation.primitive.name
            inner = equation.params.get("jaxpr") or equation.params.get("call_jaxpr")
            if name in INLINED and inner is not None:
                self.call(equation, inner, group)
            elif name == "convert_element_type" and self.inexact(self.operand(equation.invars[0]).value):
                self.bind(equation.outvars[0], self.operand(equation.invars[0]))  # the same number
            else:
                self.equation(equation, _called(equation), group)

    def call(self, equation: Any, inner: Any, group: str | None) -> None:
        """What a jitted function does, in a group of its name."""
        given = [self.operand(atom) for atom in equation.invars]
        body = getattr(inner, "jaxpr", inner)
        called = str(equation.params.get("name", equation.primitive.name))
        self.groups[called] = self.groups.get(called, 0) + 1
        outer, self.environment = self.environment, {}
        for variable, node in zip(body.invars, given, strict=True):
            self.bind(variable, node)
        self.constants(body, getattr(inner, "consts", ()))
        self.equations(body, group or f"{called}#{self.groups[called]}")
        results = [self.operand(atom) for atom in body.outvars]
        self.environment = outer
        for variable, node in zip(equation.outvars, results, strict=True):
            self.bind(variable, node)

    def equation(self, equation: Any, name: str, group: str | None) -> None:
        """One primitive applied, with its way back where it has one result."""
        operands = [self.operand(atom) for atom in equation.invars]
        values = [node.value for node in operands]

        def apply(*given: Any) -> Any:
            bound = equation.primitive.get_bind_params(equation.params)
            functions, params = bound if isinstance(bound, tuple) else ((), bound)  # before JAX 0.10: a pair
            return equation.primitive.bind(*functions, *given, **params)

        smooth = [i for i, value in enumerate(values) if self.inexact(value)]
        back = None
        if smooth and len(equation.outvars) == 1:

            def partly(*given: Any) -> Any:
                whole = list(values)
                for i, value in zip(smooth, given, strict=True):
                    whole[i] = value
                result = apply(*whole)
                return result[0] if equation.primitive.multiple_results else result

            result, pullback = self.jax.vjp(partly, *(values[i] for i in smooth))
            results = [result]
            if self.inexact(result):

                def back(g: Any) -> Sequence[Any]:
                    parts = dict(zip(smooth, pullback(g), strict=True))
                    return [parts.get(i) for i in range(len(values))]

        else:
            found = apply(*values)
            results = list(found) if equation.primitive.multiple_results else [found]
        for place, (variable, value) in enumerate(zip(equation.outvars, results, strict=True)):
            label = sign(name) if len(results) == 1 else f"{sign(name)} [{place}]"
            node = Node(label, name, value, depends=any(each.depends for each in operands), group=group)
            node.operands, node.back = operands, back
            self.nodes.append(node)
            self.bind(variable, node)

    def inexact(self, value: Any) -> bool:
        numpy = self.jax.numpy
        return bool(numpy.issubdtype(numpy.result_type(value), numpy.inexact))

    def graph_of(self, output: Any) -> Graph:
        """The graph, after the way back from `output`."""
        last = self.operand(output)
        if self.inexact(last.value):
            last.grad = self.jax.numpy.ones_like(last.value)
        for node in reversed(self.nodes):
            if node.grad is None or node.back is None:
                continue
            node.flows = list(node.back(node.grad))
            for operand, part in zip(node.operands, node.flows, strict=True):
                if part is not None:
                    operand.grad = part if operand.grad is None else operand.grad + part
        graph = Graph()
        ids: dict[int, str] = {}
        for node in self.nodes:
            grad = node.grad if node.depends else None
            ids[id(node)] = graph.node(node.label, op=node.op, value=node.value, grad=grad, group=node.group)
            for slot, operand in enumerate(node.operands):
                flow = node.flows[slot] if node.flows and operand.depends else None
                graph.edge(ids[id(operand)], ids[id(node)], value=operand.value, grad=flow)
        graph.output = ids[id(last)]
        return graph


def _called(equation: Any) -> str:
    """A primitive's name; that of the function where it only stands for one (`relu` for `custom_jvp_call`)."""
    name = str(equation.primitive.name)
    if not name.startswith("custom_"):
        return name
    inner = equation.params.get("call_jaxpr")
    info = getattr(getattr(inner, "jaxpr", inner), "debug_info", None)
    return str(equation.params.get("name") or getattr(info, "func_name", "") or name)


def _named(jax: Any, f: Callable[..., Any], path: Sequence[Any]) -> str:
    """An argument's name, and what of it: `params['W']`."""
    first, *rest = path[1:]
    key = getattr(first, "key", None)
    if key is None:
        try:
            parameters = list(inspect.signature(f).parameters.values())
        except (TypeError, ValueError):
            parameters = []
        index = first.idx
        simple = index < len(parameters) and parameters[index].kind in {
            inspect.Parameter.POSITIONAL_ONLY,
            inspect.Parameter.POSITIONAL_OR_KEYWORD,
        }
        key = parameters[index].name if simple else f"x{index}"
    return f"{key}{jax.tree_util.keystr(tuple(rest))}"


def _text(value: Any) -> str:
    """A constant's label: a number, or a shape."""
    shape = tuple(getattr(value, "shape", ()))
    if shape:
        return "×".join(map(str, shape))
    number = value.item() if hasattr(value, "item") else value
    return f"{number:.4g}" if isinstance(number, (int, float)) and not isinstance(number, bool) else str(number)
