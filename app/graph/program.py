"""A program: its graph, and beside it all that the text said: names, places, groups, inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from app.diagnostics import Diagnostic, Span
from app.graph.graph import Cost, Graph
from app.ops.algebra import Value


class Group(Struct, frozen=True, kw_only=True, gc=False):
    """A call or a loop turn: `id` as language.md names it (`net#1/block#3`, `i=0`), `label` the function's or turn's.

    `function`: the operator's or the function's name, a turn's variable. `arguments`: the graph's nodes that a call was
    given, in their order (slots of a closed group). `result`: the node that it returns (None: several, or none).
    """

    id: str
    label: str
    parent: str | None
    kind: Literal["call", "turn", "composition"]
    function: str
    span: Span
    arguments: tuple[int, ...] = ()
    result: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """An input: `value` from the request, else the program's default, else 1.0 (`assumed`)."""

    name: str
    node: int
    value: Value
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A name whose value is used where an integer is needed."""

    name: str
    value: int | tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Program:
    """What a source says. The sequences `ids`, `names`, `spans`, `groups_of` have one entry for each node of the graph.

    `names[i]` are the program's for node i; `labels` what `label=`/`name=` said; `spans[i]` all places where it stands,
    the first one first; `groups_of[i]` the id of the innermost group. `output` is the node to differentiate, `seed` its
    cotangent where the text gives one. `errors` are there in partial mode only.
    """

    source: str
    graph: Graph
    ids: Sequence[str]
    names: Sequence[tuple[str, ...]]
    labels: Mapping[int, str]
    spans: Sequence[tuple[Span, ...]]
    groups_of: Sequence[str | None]
    groups: tuple[Group, ...]
    inputs: tuple[Input, ...]
    parameters: tuple[Parameter, ...]
    output: int
    seed: Value | None = None
    cost: Cost
    warnings: tuple[Diagnostic, ...] = ()
    notes: tuple[Diagnostic, ...] = ()
    errors: tuple[Diagnostic, ...] = ()

    def values(self) -> Mapping[int, Value]:
        """What each input node starts from."""
        return {i.node: i.value for i in self.inputs}
