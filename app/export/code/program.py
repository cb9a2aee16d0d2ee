"""A program as the exporters write it: names of its values, its source as comments, and what their cases share."""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from app.export import Subject
from app.export.code import cases
from app.export.code.listing import Case, Gate, Language, Listing
from app.export.code.names import Names, comments, escaped
from app.graph.graph import Graph
from app.graph.program import Program
from app.ops.spelling import python

LONG = 10_000  # letters of a source that is not repeated
RESULTS = frozenset({"value", "grads", "name", "grad"})


class Written:
    """The parts of a program that is being written. `inputs` are the names of its inputs by node."""

    def __init__(self, subject: Subject, language: Language, graph: Graph | None = None) -> None:
        assert subject.program is not None
        assert subject.trace is not None
        self.program: Program = subject.program
        self.trace = subject.trace
        names = Names(language.reserved | RESULTS | language.helpers.keys())
        wanted = {node: given[0] for node, given in enumerate(self.program.names) if given}
        wanted |= {i.node: i.name for i in self.program.inputs}
        for name in wanted.values():
            names.claim(name)
        self.inputs = {i.node: names.fresh(i.name) for i in self.program.inputs}
        self.listing = Listing(
            graph=graph or self.program.graph, language=language, names=names, texts=dict(self.inputs), preferred=wanted
        )

    @property
    def headings(self) -> Mapping[int, str]:
        """The groups, as comments above what is in them."""
        return {node: escaped(group) for node, group in enumerate(self.program.groups_of) if group is not None}

    def output(self) -> str:
        """The text of the output, once it has been listed."""
        text = self.listing.texts.get(self.program.output)
        return text if text is not None else self.listing.value(self.trace.values[self.program.output])

    def given(self) -> Iterator[tuple[str, str]]:
        """The name and the value of each input."""
        for each in self.program.inputs:
            yield self.inputs[each.node], self.listing.value(self.trace.values[each.node])

    def source(self) -> list[str]:
        """The program's text as comments; nothing where it is long."""
        text = self.program.source.strip("\n")
        if not text or len(text) > LONG:
            return []
        return ["# The program:", *(f"#   {line[2:]}".rstrip() for line in comments(text)), ""]


def named(written: Written) -> list[int]:
    """The nodes that a program names and that its output depends on: each has a line of its own."""
    reached = written.program.graph.reached(written.program.output)
    return [node for node, names in enumerate(written.program.names) if names and reached[node]]


def joined(parts: Iterable[str | Iterable[str]]) -> str:
    """The text of all these lines."""
    lines: list[str] = []
    for part in parts:
        lines.extend([part] if isinstance(part, str) else part)
    return "\n".join(lines).rstrip("\n") + "\n"


def call(template: str, *helpers: str) -> Case:
    """A template of operands, attributes, `{axes}` (all of them, counted from 0), `{order}`, `{out}` (the result's
    shape) and `{places}`; the helpers that stand in it are carried."""

    def case(gate: Gate) -> str:
        for helper in helpers:
            gate.helper(helper)
        words = {name: python(value) for name, value in gate.attributes.items()}
        if "{axes}" in template:
            words["axes"] = python(cases.axes(gate))
        if "{order}" in template:
            words["order"] = python(cases.order(gate))
        if "{places}" in template:
            words["places"] = cases.places(cases.positions(gate))
        return template.format(*gate.texts, args=", ".join(gate.texts), out=python(gate.shape), **words)

    return case


def many(pair: str, list_: str) -> Case:
    """Two operands by one call, more by another; one is itself."""

    def case(gate: Gate) -> str:
        if len(gate.texts) == 1:
            return gate.texts[0]
        return (pair if len(gate.texts) == 2 else list_).format(", ".join(gate.texts))

    return case


def masked(gate: Gate) -> str:
    """A dropout: which elements stay is known, so it is a product."""
    assert gate.operator.forward is not None
    mask = gate.operator.forward(np.ones(gate.shapes[0]), **gate.attributes)
    return f"({gate.texts[0]} * {gate.array(mask)})"


def padded(function: str) -> Case:
    """A border of constants, its widths by axis."""

    def case(gate: Gate) -> str:
        value = python(gate.attributes["value"])
        return f"{function}({gate.texts[0]}, {cases.pads(gate)}, constant_values={value})"

    return case


def clipped(gate: Gate, where: str) -> str:
    """`clip` by two selections, spelt `where`: at a bound the slope of what is kept is 1."""
    if len(gate.texts) == 1:
        return gate.texts[0]
    x, lo = gate.named(0), gate.named(1)
    above = x
    if len(gate.texts) == 3:
        hi = gate.named(2)
        above = f"{where}({x} > {hi}, {hi}, {x})"
    return f"{where}({x} < {lo}, {lo}, {above})"
