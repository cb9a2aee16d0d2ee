"""A PyTorch tensor: the functions behind it, from `grad_fn` on, and the gradients that flow through them."""

import re
import sys
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from gradwire.readers.reading import Graph, made_by, ordered, sign


def recognises(value: Any) -> bool:
    """Whether it is a tensor of PyTorch's."""
    return made_by(value, "torch") and hasattr(value, "grad_fn")


def read(y: Any, args: Sequence[Any], named: Mapping[str, Any]) -> Graph:
    """Its graph. Gradients are those of `y` (of the sum of its elements), found by a backward pass of their own where
    the graph still has what it needs; else those of leaves alone, as `.grad` holds them."""
    graph = Graph()
    names = {id(tensor): name for name, tensor in (*_parameters(args), *named.items())}
    if y.grad_fn is None:
        graph.output = graph.node(names.get(id(y), _shape(y)), value=y, grad=_kept(y))
        return graph
    functions = ordered([y.grad_fn], lambda f: [g for g, _ in f.next_functions if g is not None])
    leaves = [f.variable for f in functions if hasattr(f, "variable")]
    flows = flowing(y, functions, leaves)
    ids: dict[int, str] = {}
    for f in functions:
        leaf = getattr(f, "variable", None)
        if leaf is not None:
            grad = flows.leaves.get(id(leaf), _kept(leaf))
            ids[id(f)] = graph.node(names.get(id(leaf), _shape(leaf)), op="input", value=leaf, grad=grad)
            continue
        op = operation(f.name())
        value = y if f is y.grad_fn else _saved(f, "_saved_result")
        ids[id(f)] = graph.node(sign(op), op=op, value=value, grad=flows.into.get(id(f)))
        out = flows.out.get(id(f), ())
        for slot, (source, _) in enumerate(f.next_functions):
            if source is not None:
                grad = out[slot] if slot < len(out) else None
                graph.edge(ids[id(source)], ids[id(f)], value=_operand(f, slot, source), grad=grad)
    _filled(graph)
    graph.output = ids[id(y.grad_fn)]
    return graph


class Flows:
    """What flowed back: `into` each function, `out` of it to each operand, and to the `leaves`, by identity."""

    def __init__(self) -> None:
        self.into: dict[int, Any] = {}
        self.out: dict[int, tuple[Any, ...]] = {}
        self.leaves: dict[int, Any] = {}


def flowing(y: Any, functions: Sequence[Any], leaves: Sequence[Any]) -> Flows:
    """One backward pass that is watched and leaves no trace; nothing where the graph was freed."""
    found = Flows()
    torch = sys.modules.get("torch")
    if torch is None or not leaves:
        return found

    def watch(f: Any) -> Any:
        def seen(inputs: tuple[Any, ...], outputs: tuple[Any, ...]) -> None:
            found.out[id(f)] = inputs
            found.into[id(f)] = outputs[0] if len(outputs) == 1 else None

        return f.register_hook(seen)

    handles = [watch(f) for f in functions if not hasattr(f, "variable")]
    try:
        grads = torch.autograd.grad(y, leaves, torch.ones_like(y), retain_graph=True, allow_unused=True)
    except RuntimeError:  # it was freed by an earlier backward()
        return Flows()
    finally:
        for handle in handles:
            handle.remove()
    found.leaves = {id(leaf): grad for leaf, grad in zip(leaves, grads, strict=True) if grad is not None}
    return found


def operation(name: str) -> str:
    """`MulBackward0` as `mul`."""
    return re.sub(r"Backward\d*$", "", name.rpartition("::")[2]).lower() or name


def _parameters(args: Sequence[Any]) -> list[tuple[str, Any]]:
    """The parameters of modules, by name."""
    return [pair for each in args if hasattr(each, "named_parameters") for pair in each.named_parameters()]


def _kept(tensor: Any) -> Any:
    """The gradient that a tensor keeps; without the warning where it keeps none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tensor.grad


def _saved(f: Any, name: str) -> Any:
    """What a function saved for its way back; None where it did not, or it was freed."""
    try:
        found = getattr(f, name, None)
    except RuntimeError:
        return None
    return found if hasattr(found, "detach") else None


def _operand(f: Any, slot: int, source: Any) -> Any:
    """The value of an operand, where a leaf holds it, or a function on either side saved it."""
    leaf = getattr(source, "variable", None)
    if leaf is not None:
        return leaf
    if len(f.next_functions) < 3:
        saved = _saved(f, ("_saved_self", "_saved_other")[slot])
        if saved is not None:
            return saved
    return _saved(source, "_saved_result")


def _filled(graph: Graph) -> None:
    """A node without a value has that of a wire of its, and a wire that of its node."""
    nodes = {node["id"]: node for node in graph.nodes}
    for edge in graph.edges:
        node = nodes[edge["source"]]
        if node["value"] is None:
            node["value"] = edge["value"]
    for edge in graph.edges:
        if edge["value"] is None:
            edge["value"] = nodes[edge["source"]]["value"]


def _shape(tensor: Any) -> str:
    return "×".join(map(str, tensor.shape)) or "·"
