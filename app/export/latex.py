"""The circuit as equations for LaTeX: forward gate by gate, and back, each with its number."""

import re
from collections.abc import Sequence

from app.diagnostics import fail
from app.draw.latex import escaped, symbol
from app.draw.number import number_text
from app.export import Format, Subject
from app.export.code.backward import with_gradient
from app.export.code.listing import uses_of
from app.graph.graph import Graph
from app.ops.algebra import Shape, Value

LONGEST = 48  # letters of an expression that stands where it is used
MOST = 20_000  # gates, with those of the gradient, that are written out
# How strongly what an operator writes holds together, where it is not an atom or has brackets of its own: as a relation
# (a tensor is one of its space), as a sum, as a product; and how strongly its operands must.
RELATION, SUM, PRODUCT, ATOM = range(4)
SUMS = ("add", "sub", "neg", "mod", "and", "or", "not", "add_n", "expm1", "sum", "prod", "logsumexp")
PRODUCTS = ("mul", "matmul", "dot", "outer", "silu", "conv1d", "conv2d", "sum_to", "pow", "square", "inv")
BINDS = {**dict.fromkeys(SUMS, SUM), **dict.fromkeys((*PRODUCTS, "transpose", "swapaxes"), PRODUCT)}
NEEDS = {
    **dict.fromkeys(("add", "sub"), (SUM, PRODUCT)),
    **dict.fromkeys(("mul", "matmul"), (PRODUCT, ATOM)),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), (SUM, SUM)),
    "neg": (PRODUCT,),
    "where": (SUM, SUM, SUM),
}


def write(subject: Subject) -> str:
    """An article of two groups of equations, which can be pasted into another one (it needs amsmath and amssymb).
    A bar over a name is the gradient of the output with respect to it. Errors: limit.answer."""
    program, trace = subject.program, subject.trace
    assert program is not None
    assert trace is not None
    graph, gradients = with_gradient(program, trace, subject.limits)
    if len(graph) > MOST:
        raise fail("limit.answer", f"as equations this needs {len(graph):,} gates, and {MOST:,} are written out")
    symbols = {each.node: symbol(each.name) for each in program.inputs}
    named = {node: symbol(names[0]) for node, names in enumerate(program.names) if names}
    equations = Equations(graph, symbols, named)
    wanted = [g for each in program.inputs if (g := gradients[each.node]) is not None]
    forward = equations.upto(program.output, wanted)
    bars: dict[int, int] = {}
    for node, gradient in enumerate(gradients):
        if gradient is not None and gradient >= len(program.graph) and node in equations.own:
            bars.setdefault(gradient, node)
    equations.named |= {gradient: rf"\bar{{{equations.own[node]}}}" for gradient, node in bars.items()}
    backward = equations.upto(None, wanted)
    values = dict(enumerate(trace.values))
    slopes = {gradient: trace.cotangents[node] for gradient, node in bars.items()}
    lines = [*head(), r"\section*{Forward}", *aligned([
        *(given(symbols[i.node], trace.values[i.node], graph.shapes[i.node]) for i in program.inputs),
        *(row(left, right, values.get(node)) for node, left, right in forward),
    ])]  # fmt: skip
    back = [row(left, right, slopes.get(node)) for node, left, right in backward]
    written = {left for _, left, _ in backward}
    for each in program.inputs:
        bar = rf"\bar{{{symbols[each.node]}}}"
        if bar not in written:
            gradient = gradients[each.node]
            text = "0" if gradient is None else equations.text(gradient)
            back.append(row(bar, text, trace.cotangents[each.node]))
    if back:
        lines += [r"\section*{Backward}", *aligned(back)]
    return "\n".join([*lines, r"\end{document}", ""])


class Equations:
    """Equations of a graph, written once each. `own`: the symbol of each node that has a line; `named`: symbols that
    nodes ask for, and which give them a line."""

    def __init__(self, graph: Graph, inputs: dict[int, str], named: dict[int, str]) -> None:
        self.graph = graph
        self.own = dict(inputs)
        self.named = named
        self.inline: dict[int, tuple[str, int]] = {}
        self.counts: dict[str, int] = {}
        self.taken = set(inputs.values())

    def upto(self, output: int | None, later: Sequence[int]) -> list[tuple[int, str, str]]:
        """(node, left side, right side) for what `output` needs, or all that is wanted `later`."""
        ends = [output, *later] if output is not None else list(later)
        uses = uses_of(self.graph, ends, own=1)
        needed = uses_of(self.graph, [output], own=1) if output is not None else uses
        rows = []
        for node in sorted(needed):
            if node in self.own or node in self.inline:
                continue
            text, binds = self._written(node)
            leaf = not self.graph.operands[node] and self.graph.operators[node].family != "maker"
            if leaf or (uses[node] == 1 and len(text) <= LONGEST and node not in self.named and node != output):
                self.inline[node] = text, binds
                continue
            self.own[node] = self._fresh(self.named.get(node))
            rows.append((node, self.own[node], text))
        return rows

    def text(self, node: int) -> str:
        """A node where it is used."""
        return self.own[node] if node in self.own else self.inline[node][0]

    def _written(self, node: int) -> tuple[str, int]:
        """A gate's right side, and how strongly it holds together."""
        graph = self.graph
        operator, shape = graph.operators[node], graph.shapes[node]
        if node in graph.constants:
            value = graph.constants[node]
            if not isinstance(value, float):
                return tensor(shape), RELATION
            text = number(value)
            return text, SUM if text.startswith("-") else PRODUCT if "cdot" in text else ATOM
        if operator.family == "maker":
            return rf"\operatorname{{{escaped(operator.name)}}}", ATOM
        template = operator.latex
        texts = []
        for slot, operand in enumerate(graph.operands[node]):
            text, binds = (self.own[operand], ATOM) if operand in self.own else self.inline[operand]
            if binds < NEEDS.get(operator.name, (ATOM,) * (slot + 1))[slot] and not enclosed(template, slot):
                text = rf"\left({text}\right)"
            texts.append(f"{{{text}}}" if f"{{{slot}}}_" in template else text)
        joiner = " + " if operator.name == "add_n" else ", "
        return template.format(*texts, args=joiner.join(texts)), BINDS.get(operator.name, ATOM)

    def _fresh(self, wanted: str | None) -> str:
        """The wanted symbol, counted above it where it is taken; else the next t."""
        stem = wanted if wanted is not None else "t"
        found = stem
        while wanted is None or found in self.taken:
            self.counts[stem] = count = self.counts.get(stem, 1 if wanted else 0) + 1
            found = f"{{{stem}^{{({count})}}}}" if wanted is not None else f"t_{{{count}}}"
            if found not in self.taken:
                break
        self.taken.add(found)
        return found


def enclosed(template: str, slot: int) -> bool:
    """Whether a template holds this operand in brackets or braces of its own, and raises it to no power."""
    at = re.search(rf"(.{{0,2}})\{{{slot}\}}(.{{0,3}})", template)
    if at is None:
        return "{args}" in template and "(" in template
    before, after = at[1], at[2]
    return before.endswith("(") or (before == "{{" and after.startswith("}}") and not after.startswith("}}^"))


def number(x: float) -> str:
    """To four significant digits."""
    if x != x:
        return r"\text{NaN}"
    mantissa, _, exponent = number_text(x).replace("−", "-").replace("∞", r"\infty").partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa


def tensor(shape: Shape) -> str:
    """What a tensor is that stands in the program."""
    return rf"\mathbf{{c}} \in {space(shape)}"


def space(shape: Shape) -> str:
    sizes = r" \times ".join(map(str, shape)) or "1"
    return rf"\mathbb{{R}}^{{{sizes}}}"


def given(left: str, value: Value, shape: Shape) -> str:
    """An input's line."""
    return rf"{left} &\in {space(shape)}" if shape or not isinstance(value, float) else f"{left} &= {number(value)}"


def row(left: str, right: str, value: Value | None) -> str:
    """An equation, with its number behind it."""
    shown = f" &&= {number(value)}" if isinstance(value, float) and right != number(value) else ""
    return f"{left} &= {right}{shown}"


def aligned(rows: Sequence[str]) -> list[str]:
    """Equations below each other; a program that is one constant has none."""
    if not rows:
        return []
    ends = [r" \\"] * (len(rows) - 1) + [""]
    return [r"\begin{align*}", *(f"  {line}{end}" for line, end in zip(rows, ends, strict=True)), r"\end{align*}"]


def head() -> list[str]:
    return [
        r"% Letters of other scripts in names want lualatex or xelatex.",
        r"\documentclass{article}",
        r"\usepackage{amsmath, amssymb, textcomp}",
        r"\allowdisplaybreaks",
        r"\begin{document}",
    ]


FORMAT = Format(name="latex", media_type="application/x-tex", extension="tex", write=write, computes=True)
