"""The graph that a reader fills, as `POST /draw` takes it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from gradwire.numbers import told

# Operators by the names that frameworks give them, as the drawing signs them.
SIGNS = {
    "add": "+", "add_any": "+", "sub": "−", "rsub": "−", "mul": "×", "div": "÷", "neg": "−", "pow": "xⁿ",
    "integer_pow": "xⁿ", "sum": "Σ", "reduce_sum": "Σ", "dot_general": "@", "mm": "@", "mv": "@", "bmm": "@",
    "addmm": "@ +", "dot": "·", "sqrt": "√", "maximum": "max", "minimum": "min", "reduce_max": "max", "t": "T",
    "transpose": "T", "permute": "T", "relu": "ReLU", "sigmoid": "σ", "logistic": "σ", "log": "ln", "+": "+",
    "-": "−", "*": "×", "/": "÷", "subtract": "−", "multiply": "×", "divide": "÷", "true_divide": "÷", "negative": "−",
    "power": "xⁿ", "matmul": "@",
}  # fmt: skip


@dataclass(slots=True)
class Graph:
    """Nodes and wires as they come, each id a count."""

    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    output: str | None = None

    def node(self, label: str, *, op: str = "", value: Any = None, grad: Any = None, group: str | None = None) -> str:
        """A node, by its id."""
        name = f"n{len(self.nodes)}"
        found = {"id": name, "label": label[:200], "op": op[:200], "value": told(value), "grad": told(grad)}
        self.nodes.append(found | ({"group": group} if group else {}))
        return name

    def edge(self, source: str, target: str, *, value: Any = None, grad: Any = None) -> None:
        """A wire, and what flows along it."""
        self.edges.append({"source": source, "target": target, "value": told(value), "grad": told(grad)})

    def request(self) -> dict[str, Any]:
        return {"nodes": self.nodes, "edges": self.edges, "output": self.output}


def sign(name: str) -> str:
    """How an operator is signed."""
    return SIGNS.get(name, name)


def made_by(value: Any, *modules: str) -> bool:
    """Whether a value's type, or one that it is made from, is of one of these packages."""
    return any(kind.__module__.partition(".")[0] in modules for kind in type(value).__mro__)


def ordered(roots: Iterable[Any], before: Any) -> list[Any]:
    """Everything that `before(x)` leads to from the roots, each once and after what it is made of; by identity."""
    found: dict[int, Any] = {}
    opened: set[int] = set()
    waiting: list[tuple[Any, bool]] = [(root, False) for root in roots]
    while waiting:
        each, done = waiting.pop()
        if done:
            found.setdefault(id(each), each)
        elif id(each) not in opened:
            opened.add(id(each))
            waiting.append((each, True))
            waiting.extend((part, False) for part in reversed(list(before(each))) if id(part) not in opened)
    return list(found.values())
