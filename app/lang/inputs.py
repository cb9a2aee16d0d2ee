"""Inputs and parameters: what a name without an assignment is, and what a default becomes."""

from typing import Any

import numpy as np

from app.diagnostics import Diagnostic, Span
from app.graph.program import Parameter
from app.lang.known import integers
from app.lang.nodes import Nodes
from app.lang.places import short
from app.lang.state import InputState
from app.lang.values import (
    Held,
    Listing,
    Number,
    array_of,
)  # fmt: skip
from app.ops.algebra import Value


class Inputs(Nodes):
    """Makes inputs."""

    def unassigned(self, name: str, at: Any) -> int:
        """The input of a name that is read before it is assigned."""
        known = self.program.names.get(name)
        if type(known) is int and known in self.by_node:
            self.again(known, at)
            return known
        given = self.given.get(name)
        return self.input(
            name,
            1.0 if given is None else given,
            at,
            assumed=given is None,
            exact=None if given is None else integers(given),
        )

    def input(
        self, name: str, value: Value, at: Any, *, assumed: bool = False, exact: Any = None, label: str | None = None
    ) -> int:
        """A leaf that gets a gradient. Where a name is given to several, the last of them has it as its id."""
        if len(name) > self.limits.name_length:
            self.fail(
                "limit.name", f"a name may have {self.limits.name_length} letters, this one has {len(name):,}", at
            )
        count = self.leaf_counts[name] = self.leaf_counts.get(name, 0) + 1
        total = self.knowledge.counts.get(name, 1)
        if count > total:
            self.knowledge.counts[name] = count
        id_ = name if count == total else f"{name}@{count}"
        if count == total and name in self.given:
            value, assumed = self.given[name], False
        fed = self.knowledge.fed.get(id_)
        if fed is not None and id_ not in self.given:
            value, assumed = fed, False
        if assumed and self.strict:
            self.report(
                Diagnostic(
                    code="name.unassigned",
                    message=f"`{name}` has no value: give it one, or assign it",
                    spans=(self.places.span(at),),
                    hint=f"{name} = 1.0",
                )
            )
        node = self.builder.input(np.shape(value))
        self.spans.append(at)
        self.groups.append(None)
        self.marks.append((None, id_))
        self.names_of.setdefault(node, []).append(name)
        state = InputState(id_, node, value, assumed, at, exact, variable=name)
        self.inputs[id_] = state
        self.input_list.append(state)
        self.by_node[node] = state
        if label is not None:
            self.labels[node] = label
        self.program.names[name] = node
        return node

    def leaf_input(self, name: str, numbers: Any, at: Any) -> Held:
        """An argument of a function that is differentiated: an input named as it is."""
        if name in self.knowledge.parameters:
            return self.parameter(name, numbers, at)
        before = self.program.names.get(name)
        known = self.inputs.get(name)
        value = array_of(numbers)
        if (known is not None and np.array_equal(known.value, value)) or (known is not None and name in self.given):
            self.again(known.node, at)
            return known.node
        node = self.input(name, value, at, exact=integers(numbers) if _whole(numbers) else None)
        if before is not None:
            self.program.names[name] = before
        return node

    def fresh(self, name: str) -> str:
        """A name for an input that the program makes within a call or a turn."""
        count = self.leaf_counts.get("·" + name, 0) + 1
        self.leaf_counts["·" + name] = count
        return name if count == 1 and name not in self.program.names else f"{name}_{count}"

    def parameter(self, name: str, value: Any, at: Any) -> Held:
        """The value of a parameter: an integer, or a list of them."""
        if name in self.given:
            value = self.given[name]
        exact = integers(value)
        if exact is None:
            self.fail(
                "type.integer",
                f"`{name}` is used as an integer, and its value is {short(repr(value))}",
                at,
                hint=f"{name} = 3",
            )
        self.parameters[name] = Parameter(name=name, value=exact)
        return held_of(exact, at)


def assumed(name: str, at: Span) -> Diagnostic:
    """The note that an input has no value."""
    return Diagnostic(code="value.assumed", message=f"`{name}` has no value: 1.0 was assumed", spans=(at,))


def unused(name: str) -> Diagnostic:
    """The warning that a value is for none of the inputs."""
    return Diagnostic(
        code="input.unused", message=f"the program has no input `{short(name)}`: its value is not used", spans=()
    )


def _whole(numbers: Any) -> bool:
    """Whether numbers are written as integers."""
    if isinstance(numbers, list | tuple):
        return all(map(_whole, numbers))
    return isinstance(numbers, int) and not isinstance(numbers, bool)


def held_of(value: Any, at: Any) -> Held:
    """Integers as what the machine holds."""
    if isinstance(value, tuple):
        return Listing([held_of(item, at) for item in value], at)
    return Number(value, at)
