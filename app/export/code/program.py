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


def summed(total: str, reshaped: str) -> Case:
    """A `sum_to`: over `{axes}`, which stay with one element, and into `{shape}` where that has fewer axes."""

    def case(gate: Gate) -> str:
        axes, fewer = cases.lost(gate)
        if not axes:
            return gate.texts[0]
        kept = total.format(gate.texts[0], axes=axes)
        return reshaped.format(kept, shape=python(gate.shape)) if fewer else kept

    return case


def leaky(where: str) -> Case:
    """`leaky_relu` by a selection, its slope a number or a node."""

    def case(gate: Gate) -> str:
        slope = gate.texts[1] if len(gate.texts) > 1 else "0.01"
        x = gate.named(0)
        return f"{where}({x} > 0, {x}, {x} * {slope})"

    return case


def biased(gate: Gate, image: str, reshape: str) -> str:
    """A convolution, with its bias for each channel where it has one."""
    if len(gate.texts) == 2:
        return image
    return f"({image} + {reshape}({gate.texts[2]}, {(-1, *[1] * (len(gate.shapes[1]) - 2))}))"


def like_numpy(np_: str) -> dict[str, Case]:
    """What NumPy, and who has its functions under another name, write alike."""
    place = f"{np_}.{{name}}({{{{0}}}}, axis={{{{axis}}}}, keepdims={{{{keepdims}}}}).astype(float)"
    return {
        "add_n": many("sum([{}])", "sum([{}])"),
        "leaky_relu": leaky(f"{np_}.where"),
        "trace": call(f"{np_}.trace({{0}}, {{offset}})"),
        **{name: call(place.format(name=name)) for name in ("argmax", "argmin")},
        **dict.fromkeys(("pad", "pad_last"), padded(f"{np_}.pad")),
        "transpose": call(f"{np_}.transpose({{0}}, {{order}})"),
        **{name: call(f"{name}({{0}})", name) for name in ("cofactor", "logdet")},
        "dropout": masked,
        "sum_to": summed(f"{np_}.sum({{0}}, axis={{axes}}, keepdims=True)", f"{np_}.reshape({{0}}, {{shape}})"),
    }


def report(print_: str, of: str = "") -> list[str]:
    """The last lines: value and gradients printed, `of` being what makes one readable."""
    return [
        f'{print_}("value", value{of})',
        "for name, grad in grads.items():",
        f'    {print_}("grad", name, grad{of})',
    ]


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
