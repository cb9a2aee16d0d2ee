"""What a straight-line text made: its nodes on plain lists, and what stands beside them (ids, names, places), made when
it is looked at."""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

from app.diagnostics import Span
from app.graph.program import Input
from app.lang.code import QuickStatement, Scope
from app.lang.frames import Anchor
from app.lang.ids import ids
from app.lang.places import Places, distinct
from app.lang.recipes import TOKEN, Gate, LeaveError, Recipe
from app.ops.algebra import Value
from app.ops.leaf import CONSTANT, INPUT
from app.ops.operator import Operator


@dataclass(frozen=True, slots=True)
class Read:
    """A text in pieces: a recipe for each line, and the names and the numbers of all lines in their order."""

    text: str
    recipes: list[Recipe | None]
    words: list[str]
    numbers: list[str]


@dataclass(slots=True)
class Made:
    """The nodes, and from what each was made: `origins[i]` is a gate of its line, the token of an input, or which
    literal of which gate. `starts`: how many nodes there were before each line; `results`: the node of each line;
    `again`: (node, line, gate) of gates that were there already."""

    source: str
    read: Read
    given: Mapping[str, Value]
    operators: list[Operator] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    flags: list[bool] = field(default_factory=list)
    origins: list[Gate | int | tuple[int, Gate]] = field(default_factory=list)
    constants: dict[int, Value] = field(default_factory=dict)
    names: dict[str, int] = field(default_factory=dict)
    inputs: dict[str, Input] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    results: list[int] = field(default_factory=list)
    again: list[tuple[int, int, Gate]] = field(default_factory=list)
    flops: int = 0

    def input(self, name: str, value: float | None, token: int) -> int:
        """An input; without a value, and where the request gives none, 1.0 is assumed."""
        if name in self.inputs:
            raise LeaveError  # assigned more than once
        given = self.given.get(name, value)
        node = len(self.operators)
        self.operators.append(INPUT)
        self.operands.append(())
        self.flags.append(True)
        self.origins.append(token)
        self.inputs[name] = Input(name=name, node=node, value=1.0 if given is None else given, assumed=given is None)
        self.names[name] = node
        return node

    def literals(self, gate: Gate, registers: list[int], values: list[float]) -> tuple[int, ...]:
        """The operands of a gate, with constants of its own for its literals."""
        nodes: list[int] = []
        for x in gate.taken:
            if x < 0:
                self.constants[len(self.operators)] = values[~x]
                nodes.append(len(self.operators))
                self.operators.append(CONSTANT)
                self.operands.append(())
                self.flags.append(False)
                self.origins.append((~x, gate))
            else:
                nodes.append(registers[x])
        return tuple(nodes)


class Told:
    """What stands beside the graph of a straight-line text, made when it is looked at."""

    def __init__(self, made: Made) -> None:
        self._made = made
        self._tokens: dict[int, list[tuple[int, int]]] = {}

    @cached_property
    def _lines(self) -> list[str]:
        return self._made.read.text.split("\n")

    @cached_property
    def _begins(self) -> list[int]:
        """Where each line begins in the text."""
        return [0, *accumulate(len(line) + 1 for line in self._lines)]

    @cached_property
    def _typed(self) -> list[int]:
        """Where each line begins as it was typed: some of those above are several of these."""
        return [0, *(match.end() for match in re.finditer("\n", fed(self._made.source)))]

    @cached_property
    def _plain(self) -> bool:
        """Whether the lines are as they were typed."""
        return len(self._typed) == len(self._lines)

    def _stretch(self, line: int, first: int, last: int) -> tuple[int, int]:
        """Where the stretch from one token of a line to another begins and ends, counted from the line's begin."""
        tokens = self._tokens.get(line)
        if tokens is None:
            tokens = self._tokens[line] = [match.span(1) for match in TOKEN.finditer(self._lines[line])]
        return tokens[first][0], tokens[last][1]

    def _span(self, line: int, first: int, last: int) -> Span:
        start, end = self._stretch(line, first, last)
        if self._plain:
            return Span(line + 1, start + 1, line + 1, end + 1)
        begin, starts = self._begins[line], self._typed
        first_line, last_line = bisect_right(starts, begin + start), bisect_right(starts, begin + end - 1)
        return Span(
            first_line, begin + start - starts[first_line - 1] + 1, last_line, begin + end - starts[last_line - 1] + 1
        )

    def _places(self) -> Iterator[tuple[int, int]]:
        """Each node with its line."""
        starts = [*self._made.starts, len(self._made.operators)]
        for line in range(len(starts) - 1):
            for node in range(starts[line], starts[line + 1]):
                yield node, line

    def input(self, node: int) -> Span:
        """Where an input stands first."""
        token = self._made.origins[node]
        assert isinstance(token, int), token
        return self._span(bisect_right(self._made.starts, node) - 1, token, token)

    def spans(self) -> tuple[tuple[Span, ...], ...]:
        made = self._made
        found: list[list[Span]] = [[] for _ in made.operators]
        for node, line in self._places():
            origin = made.origins[node]
            if isinstance(origin, int):
                first = last = origin
            elif isinstance(origin, Gate):
                first, last = origin.first, origin.last
            else:
                it = made.read.recipes[line]
                assert it is not None
                literal = it.literals[origin[0]]
                first, last = literal.first, literal.last
            found[node].append(self._span(line, first, last))
        for node, line, gate in made.again:
            found[node].append(self._span(line, gate.first, gate.last))
        for node, line, token in self._reads():
            found[node].append(self._span(line, token, token))
        return tuple([distinct(part) for part in found])

    def _reads(self) -> Iterator[tuple[int, int, int]]:
        """Where the inputs are read after the first time, while their names still mean them: (node, line, token)."""
        made = self._made
        bound: dict[str, int] = {}
        word = 0
        for line, it in enumerate(made.read.recipes):
            if it is None:
                continue
            words = made.read.words[word : word + it.words]
            word += it.words
            for name, token in zip(words[it.assigns :], it.tokens[it.assigns :], strict=True):
                known = bound.get(name)
                if known is None:
                    bound[name] = made.inputs[name].node
                elif name in made.inputs and made.inputs[name].node == known:
                    yield known, line, token
            if it.assigns:
                bound[words[0]] = made.results[line]

    def names(self) -> tuple[tuple[str, ...], ...]:
        made = self._made
        found: list[tuple[str, ...]] = [()] * len(made.operators)
        for leaf in made.inputs.values():
            found[leaf.node] = (leaf.name,)
        for name, line in self._assigned():
            node = made.results[line]
            if name not in found[node]:
                found[node] = (*found[node], name)
        return tuple(found)

    def _assigned(self) -> Iterator[tuple[str, int]]:
        """Each name that is assigned, with its line."""
        word = 0
        for line, it in enumerate(self._made.read.recipes):
            if it is not None:
                if it.assigns:
                    yield self._made.read.words[word], line
                word += it.words

    def ids(self) -> tuple[str, ...]:
        made = self._made
        source = fed(made.source)
        scope = Scope(Places(source))
        targets = {line: name for name, line in self._assigned()}
        counts = Counter([targets.get(line, "out") for line in range(len(made.read.recipes))])
        anchors: list[Anchor | None] = []
        for line, it in enumerate(made.read.recipes):
            if it is None or it.result < 0:  # the id of an input is its name
                anchors.append(None)
                continue
            name = targets.get(line, "out")
            text = body = ""
            if counts[name] > 1:  # else a statement is known by its name
                start, end = self._stretch(line, 0, it.last)
                right, _ = self._stretch(line, 2 if it.assigns else 0, it.last)
                begin = self._begins[line]
                text = source[begin + start : begin + end]
                body = text[right - start :]
            anchors.append(Anchor(None, 0, QuickStatement(name, text, body, scope)))
        marks: list[tuple[Anchor | None, Any]] = [(None, "")] * len(made.operators)
        for node, line in self._places():
            origin = made.origins[node]
            if isinstance(origin, Gate):
                marks[node] = (anchors[line], origin.number)
            elif isinstance(origin, tuple):
                marks[node] = (anchors[line], ("k", origin[0] + 1, origin[1].number))
        for leaf in made.inputs.values():
            marks[leaf.node] = (None, leaf.name)
        return ids(marks, [operator.name for operator in made.operators])


def fed(source: str) -> str:
    """The text with line feeds at the ends of its lines."""
    return source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source else source
