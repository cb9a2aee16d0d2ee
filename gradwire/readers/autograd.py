"""A function of HIPS autograd's at a point: traced as autograd traces it, by nodes that keep what they computed."""

import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any

from gradwire.readers.reading import Graph, made_by, ordered, sign

behind = attrgetter("_node")  # private, and where it is


def available(f: Callable[..., Any]) -> bool:
    """Whether autograd was imported, and is what this function computes with: a name in it is of autograd's, or JAX was
    not imported."""
    return "autograd.core" in sys.modules and ("jax" not in sys.modules or _of_autograd(f))


def _of_autograd(f: Any) -> bool:
    """Whether this function, or one that it calls, names something of autograd's."""
    seen: set[int] = set()
    waiting = [f]
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if _home(each) == "autograd":
            return True
        if inspect.isfunction(each):
            names = inspect.getclosurevars(each)
            waiting.extend([*names.nonlocals.values(), *names.globals.values()])
    return False


def read(f: Callable[..., Any], args: Sequence[Any], named: Mapping[str, Any]) -> Graph:
    """The graph of `f(*args, **named)`; gradients are those of its result, summed. Errors: TypeError, where the result
    does not depend on an argument."""
    core, tracer = sys.modules["autograd.core"], sys.modules["autograd.tracer"]
    kind = _kind(core, tracer)
    given = [*zip(_names(f, len(args)), args, strict=True), *named.items()]
    roots = [kind.new_root(_inexact(value), name) for name, value in given]
    with tracer.trace_stack.new_trace() as depth:
        boxes = [tracer.new_box(root.value, depth, root) for root in roots]
        result = f(*boxes[: len(args)], **dict(zip(named, boxes[len(args) :], strict=True)))
    if not tracer.isbox(result):
        raise TypeError("the function's result does not depend on its arguments")
    return _graph(core, behind(result), roots)


def _graph(core: Any, last: Any, roots: list[Any]) -> Graph:
    """The nodes behind the result, with what flows back along each wire."""
    nodes = ordered([last, *reversed(roots)], lambda node: node.parents)
    sums: dict[int, Any] = {id(last): (core.vspace(last.value).ones(), False)}
    flows: dict[int, list[Any]] = {}
    for node in reversed(nodes):
        if id(node) in sums and node.parents:
            flows[id(node)] = [core.add_outgrads(None, part)[0] for part in node.vjp(sums[id(node)][0])]
            for parent, part in zip(node.parents, flows[id(node)], strict=True):
                sums[id(parent)] = core.add_outgrads(sums.get(id(parent)), part)
    graph = Graph()
    ids: dict[int, str] = {}
    for node in nodes:
        constants = [graph.node(f"{value:.4g}", op="constant", value=value) for value in node.constants]
        grad = sums[id(node)][0] if id(node) in sums else None
        ids[id(node)] = graph.node(node.name, op=node.op, value=node.value, grad=grad)
        for parent, flow in zip(node.parents, flows.get(id(node), [None] * len(node.parents)), strict=True):
            graph.edge(ids[id(parent)], ids[id(node)], value=parent.value, grad=flow)
        for constant, value in zip(constants, node.constants, strict=True):
            graph.edge(constant, ids[id(node)], value=value)
    graph.output = ids[id(last)]
    return graph


@lru_cache(maxsize=1)
def _kind(core: Any, tracer: Any) -> Any:
    """autograd's own node, which knows the way back, with what was computed."""

    def made(node: Any, value: Any, fun: Any, args: Any, kwargs: Any, argnums: tuple[int, ...], parents: Any) -> None:
        core.VJPNode.__init__(node, value, fun, args, kwargs, argnums, parents)
        node.value, node.op, node.constants = value, str(getattr(fun, "__name__", "function")), []
        node.name = sign(node.op)
        if node.op == "__getitem__":
            node.name = f"[{args[1]}]"[:20]
            return
        others = [x for i, x in enumerate(args) if i not in argnums]
        node.constants = [x for x in others if isinstance(x, (int, float)) and not isinstance(x, bool)]

    def rooted(node: Any, value: Any, name: str) -> None:
        core.VJPNode.initialize_root(node)
        node.value, node.name, node.op, node.constants = value, name, "input", []

    kept = type("Kept", (core.VJPNode,), {"__init__": made, "initialize_root": rooted})
    tracer.notrace_primitives[kept] = tracer.notrace_primitives[core.VJPNode]
    return kept


def _names(f: Callable[..., Any], count: int) -> list[str]:
    """What the positional arguments are called."""
    try:
        parameters = [p.name for p in inspect.signature(f).parameters.values() if p.kind <= p.POSITIONAL_OR_KEYWORD]
    except (TypeError, ValueError):
        parameters = []
    return [parameters[i] if i < len(parameters) else f"x{i}" for i in range(count)]


def _inexact(value: Any) -> Any:
    """A whole number as the number that has a gradient."""
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _home(value: Any) -> str:
    """The package that a module, or a function, is of."""
    if inspect.ismodule(value):
        return value.__name__.partition(".")[0]
    return "autograd" if getattr(value, "_is_autograd_primitive", False) or made_by(value, "autograd") else ""
