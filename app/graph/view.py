"""What of a program is shown: its graph with groups closed, repeats folded and quiet parts hidden."""

from dataclasses import dataclass
from typing import Literal

from app.diagnostics import Span

Shape = tuple[int, ...]
Kind = Literal["input", "constant", "op", "group"]


# Nodes and edges are values as well, never changed once made; they are not frozen because a frozen dataclass takes four
# times as long to make, and every request makes one for each wire.
@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class ViewNode:
    """A node as it is shown. `index` is the graph's node (a closed group's: its result, None where several leave).

    `label` stands on it and `detail` under that (a closed group's gates and shape change). `group` is the innermost
    open group. `differentiable`: it has a gradient (constants, and gates of constants alone, have none). `reached`: the
    output depends on it. `commutes`: its operands may enter in any order. `skip`: a closed group that holds an identity
    skip. `repeat`: how many equal ones it stands for.
    """

    id: str
    kind: Kind
    op: str
    label: str
    detail: str = ""
    shape: Shape | None = ()
    group: str | None = None
    index: int | None = None
    names: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()
    differentiable: bool = True
    reached: bool = True
    commutes: bool = False
    skip: bool = False
    repeat: int = 1


@dataclass(slots=True, kw_only=True, unsafe_hash=True)
class ViewEdge:
    """A wire as it is shown. `members` are the graph's edges (node, slot) whose gradients sum to its own.

    `shape` is its source's. `passes` is False where no gradient passes by rule (a condition, `stop_gradient`).
    """

    id: str
    source: str
    target: str
    slot: int
    members: tuple[tuple[int, int], ...]
    shape: Shape = ()
    differentiable: bool = True
    passes: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewGroup:
    """A group of the program: `id` and `label` as language.md names them; `nodes` those shown directly in it."""

    id: str
    label: str
    parent: str | None
    collapsed: bool
    nodes: tuple[str, ...] = ()
    span: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What is shown: nodes in topological order (inputs in that of the program), edges by target and slot."""

    nodes: tuple[ViewNode, ...]
    edges: tuple[ViewEdge, ...]
    groups: tuple[ViewGroup, ...]
    output: str
