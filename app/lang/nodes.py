"""Nodes: made, with their places, groups and marks; gradients as nodes."""

from typing import Any

import numpy as np

from app.graph.builder import NOTHING as NO_ATTRIBUTES
from app.graph.builder import Literal
from app.lang.state import State
from app.lang.values import (
    Asked,
    Number,
)  # fmt: skip
from app.ops.algebra import Attributes
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator


class Nodes(State):
    """Makes nodes."""

    def make(
        self, operator: Operator, operands: "list[int | Literal] | tuple[int | Literal, ...]", at: Any, number: Any,
        attributes: Attributes = NO_ATTRIBUTES, *, share: bool = True,
    ) -> int:  # fmt: skip
        """The node of an operator on operands, with its place and its group."""
        node = self.builder.apply(operator, operands, attributes, group=self.group, share=share)
        spans = self.spans
        if self.place is not None:
            at = self.place
        if node < len(spans):
            if spans[node] is not at:
                self.again(node, at)
            return node
        groups, marks, group, anchor = self.groups, self.marks, self.group, self.anchor
        for x in operands:
            if type(x) is not int:
                spans.append(at if self.place is not None else getattr(x, "at", None) or at)
                groups.append(group)
                marks.append((anchor, ("k", getattr(x, "step", 0), number)))
        spans.append(at)
        groups.append(group)
        marks.append((anchor, number))
        return node

    def again(self, node: int, at: Any) -> None:
        """A further place where a node stands."""
        known = self.spans[node]
        if type(known) is not dict:
            if known is at:
                return
            known = self.spans[node] = {id(known): known}
        known[id(at)] = at

    def settle(self, at: Any, number: Any) -> None:
        """Gives a place to nodes that were made by others (a gradient)."""
        spans, groups, marks = self.spans, self.groups, self.marks
        at = self.place or at
        for offset in range(len(self.builder) - len(spans)):
            spans.append(at)
            groups.append(self.group)
            marks.append((self.anchor, (number, offset)))

    def constant(self, number: Number) -> int:
        """The constant node of a number that a name holds."""
        if number.node is None:
            assert number.home is not None
            group, anchor = number.home
            number.node = self.builder.constant(number.value)
            self.spans.append(number.at)
            self.groups.append(group)
            self.marks.append((anchor, ("k", number.step, 0)))
            named = self.held_names.get(id(number))
            if named is not None:
                self.names_of[number.node] = named[1]
        return number.node

    def gradients(self, output: int, wrt: list[int], at: Any, number: Any, names: list[str] | None = None) -> list[int]:
        """The nodes of ∂output/∂x; 0, with a warning, where it does not depend on x."""
        from app.autodiff.gradient import gradient

        try:
            found = gradient(self.builder, output, wrt, group=self.group)
        finally:  # a limit may be met halfway: what is there by then has its place too
            self.settle(at, (number, "g"))
        result = []
        for position, (x, depending) in enumerate(zip(wrt, found, strict=True)):
            node = depending
            if node is None:
                shape = self.builder.shapes[x]
                node = self.builder.constant(np.zeros(shape) if shape else 0.0)
                self.settle(at, (number, "zero", position))
                if not self.quiet:
                    names = self.names_of.get(x)
                    what = f"`{names[-1]}`" if names else "what it is differentiated by"
                    self.warn("grad.independent", f"the value does not depend on {what}, so its gradient is 0", at)
            result.append(node)
        return result

    def derivative(self, asked: Asked) -> int:
        """The gradient that a framework was asked for, as nodes."""
        if asked.node is None:
            output = asked.output
            if asked.summed and self.builder.shapes[output]:
                output = self.make(CATALOGUE["sum"], [output], asked.at, "summed")
            asked.node = self.gradients(output, [asked.wrt], asked.at, 0)[0]
            self.derived.add(asked.node)
        return asked.node
