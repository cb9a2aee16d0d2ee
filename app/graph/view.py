"""What of a program is shown: its graph with groups closed, repeats folded and quiet parts hidden."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from app.diagnostics import Span

Shape = tuple[int, ...]
Kind = Literal["input", "constant", "op", "group"]


class ViewNode(Struct, frozen=True, kw_only=True, gc=False):
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


class ViewEdge(Struct, frozen=True, kw_only=True, gc=False):
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
