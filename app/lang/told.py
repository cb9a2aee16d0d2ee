"""What a straight-line text made: its nodes on plain lists, and what stands beside them (ids, names, places), made when
it is looked at."""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise

from app.diagnostics import Span
from app.graph.program import Input
from app.lang.code import QuickStatement, Scope
from app.lang.ids import apart, settle
from app.lang.places import Places, distinct
from app.lang.recipes import Gate, LeaveError, Literal, Recipe, places
from app.ops.algebra import Value
from app.ops.leaf import INPUT
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
    """The nodes, and from what each was made: `origins[i]` is a gate or a literal of its line, or an input's token.
    `starts`: how many nodes there were before each line; `results`: the node of each line; `again`: (node, line, gate)
    of gates that were there already."""

    source: str
    read: Read
    given: Mapping[str, Value]
    operators: list[Operator] = field(default_factory=list)
    operands: list[tuple[int, ...]] = field(default_factory=list)
    flags: list[bool] = field(default_factory=list)
    origins: list[Gate | Literal | int] = field(default_factory=list)
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


class Told:
    """What stands beside the graph of a straight-line text, made when it is looked at."""

    def __init__(self, made: Made) -> None:
        self._made = made

    @cached_property
    def _lines(self) -> list[str]:
        return self._made.read.text.split("\n")

    @cached_property
    def _words(self) -> list[list[str]]:
        """The names of each line, that to which it assigns first."""
        return _rows(self._made.read.words, [0 if it is None else it.words for it in self._made.read.recipes])

    @cached_property
    def _places(self) -> list[Sequence[tuple[int, int]]]:
        """Where each token of each line begins and ends, counted from the line's begin."""
        recipes, numbers = self._made.read.recipes, self._made.read.numbers
        literals = _rows(numbers, [0 if it is None else len(it.literals) for it in recipes])
        return [
            () if it is None else places(it, tuple(map(len, words + values)))
            for it, words, values in zip(recipes, self._words, literals, strict=True)
        ]

    @cached_property
    def _begins(self) -> list[int]:
        """Where each line begins in the text."""
        return [0, *accumulate(len(line) + 1 for line in self._lines)]

    @cached_property
    def _source(self) -> str:
        """The text as it was typed."""
        return fed(self._made.source)

    @cached_property
    def _typed(self) -> list[int]:
        """Where each line begins as it was typed: some of those above are several of these."""
        return [0, *(match.end() for match in re.finditer("\n", self._source))]

    @cached_property
    def _plain(self) -> bool:
        """Whether the lines are as they were typed."""
        return len(self._typed) == len(self._lines)

    def _span(self, line: int, first: int, last: int) -> Span:
        """The stretch from one token of a line to another."""
        tokens = self._places[line]
        start, end = tokens[first][0], tokens[last][1]
        if self._plain:
            return Span(line + 1, start + 1, line + 1, end + 1)
        begin, starts = self._begins[line], self._typed
        first_line, last_line = bisect_right(starts, begin + start), bisect_right(starts, begin + end - 1)
        return Span(
            first_line, begin + start - starts[first_line - 1] + 1, last_line, begin + end - starts[last_line - 1] + 1
        )

    def input(self, node: int) -> Span:
        """Where an input stands first."""
        token = self._made.origins[node]
        assert isinstance(token, int), token
        return self._span(bisect_right(self._made.starts, node) - 1, token, token)

    def spans(self) -> tuple[tuple[Span, ...], ...]:
        """All places of each node, its own first."""
        made, span = self._made, self._span
        found: list[tuple[Span, ...]] = []
        for line, origins in self._origins():
            for origin in origins:
                first, last = (origin, origin) if isinstance(origin, int) else (origin.first, origin.last)
                found.append((span(line, first, last),))
        more: defaultdict[int, list[Span]] = defaultdict(list)
        for node, line, gate in made.again:
            more[node].append(span(line, gate.first, gate.last))
        for node, line, token in self._reads():
            more[node].append(span(line, token, token))
        for node, others in more.items():
            found[node] = distinct([*found[node], *others])
        return tuple(found)

    def _origins(self) -> Iterator[tuple[int, list[Gate | Literal | int]]]:
        """Each line, and from what its nodes were made."""
        starts, origins = self._made.starts, self._made.origins
        for line, (start, end) in enumerate(pairwise([*starts, len(origins)])):
            yield line, origins[start:end]

    def _reads(self) -> Iterator[tuple[int, int, int]]:
        """Where the inputs are read after the first time, while their names still mean them: (node, line, token)."""
        made, inputs = self._made, self._made.inputs
        bound: dict[str, int] = {}
        for line, (it, words) in enumerate(zip(made.read.recipes, self._words, strict=True)):
            if it is None or inputs.keys().isdisjoint(words):
                continue
            for name, token in zip(words[it.assigns :], it.tokens[it.assigns :], strict=True):
                if name in inputs:
                    node, known = inputs[name].node, bound.get(name)
                    if known is None:
                        bound[name] = node
                    elif known == node:
                        yield node, line, token
            if it.assigns:
                bound[words[0]] = made.results[line]

    def names(self) -> tuple[tuple[str, ...], ...]:
        """The names of each node: an input's own, and those that are assigned."""
        made = self._made
        found: list[tuple[str, ...]] = [()] * len(made.operators)
        for leaf in made.inputs.values():
            found[leaf.node] = (leaf.name,)
        for it, words, node in zip(made.read.recipes, self._words, made.results, strict=True):
            if it is not None and it.assigns and words[0] not in found[node]:
                found[node] += (words[0],)
        return tuple(found)

    def ids(self) -> tuple[str, ...]:
        """The id of each node: an input's name; of a gate or a constant the key of its line, and which one there."""
        keys = self._keys()
        found: list[str] = []
        for line, origins in self._origins():
            key = keys[line]
            found += ["" if isinstance(origin, int) else f"{key}:{origin.tag}" for origin in origins]
        for leaf in self._made.inputs.values():
            found[leaf.node] = leaf.name
        return apart(found)

    def _keys(self) -> list[str]:
        """For each line the key of its statement: the name that it assigns, where no other line assigns that too."""
        recipes = self._made.read.recipes
        lines = zip(recipes, self._words, strict=True)
        keys = [words[0] if it is not None and it.assigns else "out" for it, words in lines]
        # The id of an input is its name.
        stated = [line for line, it in enumerate(recipes) if it is not None and it.result >= 0]
        if len({keys[line] for line in stated}) == len(stated):
            return keys
        counts = Counter([keys[line] for line in stated])
        scope = Scope(Places(self._source))
        several: dict[int, QuickStatement] = {}
        for line in stated:
            if counts[keys[line]] > 1:
                several[line] = QuickStatement(keys[line], *self._said(line), scope)
        settle(scope)
        for line, statement in several.items():
            assert statement.key is not None
            keys[line] = statement.key
        return keys

    def _said(self, line: int) -> tuple[str, str]:
        """The text of a statement, and that of its right side."""
        it, tokens, begin = self._made.read.recipes[line], self._places[line], self._begins[line]
        assert it is not None
        end, right = tokens[-1][1], tokens[2 if it.assigns else 0][0]
        return self._source[begin : begin + end], self._source[begin + right : begin + end]


def fed(source: str) -> str:
    """The text with line feeds at the ends of its lines."""
    return source.replace("\r\n", "\n").replace("\r", "\n") if "\r" in source else source


def _rows(items: list[str], counts: list[int]) -> list[list[str]]:
    """So many of them for each line."""
    return [items[start:end] for start, end in pairwise(accumulate(counts, initial=0))]
