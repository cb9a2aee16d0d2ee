"""A graph as statements of a language: what is used once stands where it is used, the rest has a name."""

import ast
import re
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from app.diagnostics import fail
from app.export.code.names import Names
from app.graph.graph import Graph
from app.ops.algebra import Array, Shape, Value
from app.ops.operator import Framework, Operator
from app.ops.spelling import spelt, template

LONGEST = 64  # letters of an expression that stands where it is used
TIDIED = 4_000  # nodes up to which brackets that say nothing are left out
LITERAL = 200_000  # numbers that a program may write out

Case = Callable[["Gate"], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """How a framework's programs are written. `number` and `array` make a value of the framework; `calls` are the
    beginnings of templates whose functions take a plain number as well. `cases`: what needs code, by the operator's
    name; they go before its spelling. `helpers`: functions that a program carries when it uses them, by name."""

    framework: Framework
    number: Callable[[float], str]
    array: Callable[[Array], str]
    calls: tuple[str, ...]
    cases: Mapping[str, Case]
    helpers: Mapping[str, str]
    reserved: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """One gate as a case sees it. `texts` are its operands', `numbers` those that are plain constants."""

    operator: Operator
    attributes: dict[str, Any]
    texts: list[str]
    shapes: list[Shape]
    shape: Shape
    numbers: list[float | None]
    operands: tuple[int, ...]
    listing: "Listing"

    def named(self, slot: int) -> str:
        """The operand as a name, for a text that holds it more than once."""
        self.texts[slot] = self.listing.named(self.operands[slot], self.texts[slot])
        return self.texts[slot]

    def helper(self, name: str) -> str:
        """The name of a function that the program carries."""
        self.listing.helpers[name] = None
        return name

    def spelt(self) -> str:
        """What the catalogue says."""
        text = spelt(self.operator, self.listing.language.framework, self.texts, self.attributes)
        assert text is not None, self.operator
        return text

    def array(self, value: Any) -> str:
        """An array of numbers as a value of the framework."""
        return self.listing.literal(np.asarray(value, dtype=np.float64))


@dataclass(slots=True)
class Listing:
    """Statements as they come, and the text of each node so far."""

    graph: Graph
    language: Language
    names: Names
    texts: dict[int, str]
    preferred: Mapping[int, str] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    helpers: dict[str, None] = field(default_factory=dict)
    literals: int = 0

    def write(
        self,
        wanted: Sequence[int],
        *,
        later: Sequence[int] = (),
        kept: Collection[int] = (),
        headings: Mapping[int, str] | None = None,
    ) -> None:
        """Statements for all that the `wanted` nodes need and that has no text yet; nodes that will be wanted `later`
        count as uses. `preferred` names nodes, and those of `kept` have a statement in any case; `headings` are
        comments, shown where they change."""
        needed = uses_of(self.graph, wanted, known=self.texts)
        uses = uses_of(self.graph, [*wanted, *later], known=self.texts) if later else needed
        always = {*wanted, *kept}
        heading = ""
        for node in sorted(needed):
            if node in self.texts or self.scalar(node):
                continue
            before = len(self.lines)
            self.texts[node] = text = self._text(node)
            shared = uses[node] != 1 and node not in self.graph.constants
            if len(text) > LONGEST or shared or node in always:
                self.named(node, text)
            said = (headings or {}).get(node, "")
            if len(self.lines) > before and said != heading:
                self.lines[before:before] = [*([""] if before else []), *([f"# {said}"] if said else [])]
                heading = said

    def scalar(self, node: int) -> bool:
        """Whether it is a plain number, which is written where it is used."""
        return node in self.graph.constants and not self.graph.shapes[node]

    def named(self, node: int, text: str) -> str:
        """The text as a name: a statement where it is none yet."""
        if text.isidentifier():
            return text
        name = self.names.fresh(self.preferred.get(node, "t"))
        self.lines.append(f"{name} = {self.tidy(text)}")
        self.texts[node] = name
        return name

    def tidy(self, text: str) -> str:
        """Without the brackets that precedence makes needless."""
        if len(self.graph) > TIDIED or len(text) > 2_000 or "(" not in text or "\n" in text:
            return text
        return ast.unparse(ast.parse(text, mode="eval"))

    def literal(self, value: Array) -> str:
        """An array as the language makes one. Errors: limit.answer."""
        self.literals += value.size
        if self.literals > LITERAL:
            raise fail("limit.answer", f"as a program this needs over {LITERAL:,} numbers written out")
        return self.language.array(value)

    def value(self, value: Value) -> str:
        """A number or an array as a value of the framework."""
        return self.language.number(value) if isinstance(value, float) else self.literal(value)

    def prelude(self) -> list[str]:
        """The functions that the program carries, those that they use before them."""
        helpers = self.language.helpers
        found: dict[str, None] = {}
        waiting = list(self.helpers)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = None
                waiting += [other for other in helpers if re.search(rf"\b{other}\(", helpers[name])]
        return [helpers[name].strip("\n") for name in helpers if name in found]

    def _text(self, node: int) -> str:
        graph, language = self.graph, self.language
        operator, operands, shapes = graph.operators[node], graph.operands[node], graph.shapes
        if node in graph.constants:
            return self.literal(np.asarray(graph.constants[node]))
        if operator.family == "maker":
            assert operator.forward is not None, operator
            made = np.asarray(operator.forward(**graph.attributes[node]), dtype=np.float64)
            return self.literal(made) if made.shape else language.number(float(made))
        numbers: list[float | None] = [
            c if isinstance(c := graph.constants.get(i), float) and not shapes[i] else None for i in operands
        ]
        case = language.cases.get(operator.name)
        written = None if case else template(operator, language.framework)
        if case is None and written is None:
            raise fail("request.option", f"`{operator.name}` cannot be written in {language.framework}")
        plain = False
        if written is not None:
            infix = written.lstrip("(").startswith("{0} ") and len(operands) == 2 and None in numbers
            plain = infix or written.startswith(language.calls)
        texts = [
            self.texts[i] if c is None else literal(c) if plain else language.number(c)
            for i, c in zip(operands, numbers, strict=True)
        ]
        gate = Gate(
            operator=operator, attributes=_attributes(operator, graph.attributes[node], shapes[node]), texts=texts,
            shapes=[shapes[i] for i in operands], shape=shapes[node], numbers=numbers, operands=operands, listing=self,
        )  # fmt: skip
        if case is not None:
            return case(gate)
        assert written is not None
        for slot in range(len(operands)):
            if written.count(f"{{{slot}}}") > 1 and numbers[slot] is None:
                gate.named(slot)
        return gate.spelt()


def literal(x: float) -> str:
    """A number as Python reads it back, whatever stands before it."""
    text = repr(x) if x - x == 0 else f'float("{x}")'
    return f"({text})" if text.startswith("-") else text


def rows(value: Array) -> str:
    """The numbers of an array as nested lists."""
    return re.sub(r"\b(inf|nan)\b", r'float("\1")', repr(value.tolist()))


def uniform(value: Array) -> float | None:
    """The one number that all elements of a larger array are; None where they differ."""
    first = value.flat[0] if value.size > 4 else None
    return None if first is None or not (value == first).all() else float(first)


def _attributes(operator: Operator, given: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """All attributes by name; a wanted shape as it came out."""
    found = {p.name: p.default for p in operator.attributes} | dict(given)
    return found | ({"shape": shape} if "shape" in found else {})


def uses_of(graph: Graph, ends: Sequence[int], *, known: Container[int] = (), own: int = 0) -> dict[int, int]:
    """How often each node is used that the ends need, whose own count begins at `own`; what is `known` needs none."""
    uses = dict.fromkeys(ends, own)
    waiting = list(uses)
    while waiting:
        node = waiting.pop()
        if node in known:
            continue
        for operand in graph.operands[node]:
            if operand not in uses:
                uses[operand] = 0
                waiting.append(operand)
            uses[operand] += 1
    return uses
