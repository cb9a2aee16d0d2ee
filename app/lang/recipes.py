"""What a straight line of a program does, read from its skeleton: its text with `a` for each name and `0` for each
number. Programs repeat few skeletons, so what was read of one is kept.

The reading is a shunting yard (Dijkstra 1961). Within a line, what a gate takes is a register: the names that are read
come first, in their order, then the results of the steps; below 0 it is a literal, ~k the one number k.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TypeAlias

from app.lang import frameworks
from app.lang.calls import BUILTIN
from app.lang.hints import KEYWORDS
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator

TOKEN = re.compile(r"[ \t]*([A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\*\*|//|[-+*/@(),=]|[^ \t])", re.ASCII)
KEPT = 200  # letters of a skeleton up to which what was read of it is kept
DEEPEST = 1_000  # signs and brackets that may wait for their operands
LIMIT = 300  # digits of an integer up to which it is read here
_BINARY: dict[str, tuple[int, str]] = {
    "+": (6, "add"), "-": (6, "sub"), "*": (7, "mul"), "/": (7, "div"), "//": (7, "floordiv"), "**": (9, "pow"),
}  # fmt: skip
_UNARY = 8
_POWER = 9
_MANY = {"max": "maximum", "min": "minimum"}
# Names that are more than the name of a number: what they mean, the parser's way knows.
ELSEWHERE = (
    frozenset(KEYWORDS)
    | frozenset(frameworks.BARE)
    | frozenset(frameworks.ROOTS)
    | frozenset(BUILTIN)
    | frozenset(frameworks.known_names())
)


class LeaveError(Exception):
    """This text is the parser's."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate of a line: the registers that it takes, its place by tokens, what its id is within the line, how many
    of the line's names are read by then, and its flop. `mask`: which of its operands are literals, as bits."""

    operator: Operator
    taken: tuple[int, ...]
    first: int
    last: int
    tag: str
    read: int
    flops: int
    mask: int


# A gate as it is run: the operator, and the two registers of most; −1 in the second: one operand; in the first: look
# into the gate.
Step: TypeAlias = tuple[Operator, int, int, Gate]


@dataclass(frozen=True, slots=True)
class Literal:
    """A number of a line: its place by tokens, whether a `-` stands before it, and what its id is within the line."""

    first: int
    last: int
    negative: bool
    tag: str


@dataclass(slots=True, eq=False)
class Recipe:
    """What a line does. `assigns`: its first word is a name for the result; `reads`: how many names it reads; `words`:
    how many it has; `tokens`: where those stand; `result`: a register; `stretches`: where each token of the skeleton
    begins and ends."""

    assigns: bool
    reads: int = 0
    words: int = 0
    steps: tuple[Step, ...] = ()
    result: int = 0
    literals: tuple[Literal, ...] = ()
    negates: bool = False  # one of them
    tokens: tuple[int, ...] = ()
    stretches: tuple[tuple[int, int], ...] = ()
    depth: int = 0  # how many signs and brackets wait at a time


def recipe(skeleton: str) -> Recipe | None:
    """What a line does, None where it is empty. Raises LeaveError where it is no straight line."""
    return _kept(skeleton) if len(skeleton) <= KEPT else _read(skeleton)


@lru_cache(maxsize=4096)
def _kept(skeleton: str) -> Recipe | None:
    return _read(skeleton)


def _read(skeleton: str) -> Recipe | None:
    if not skeleton:
        return None
    if skeleton[0] in " \t":
        raise LeaveError
    found = _Yard(TOKEN.findall(skeleton)).read()
    found.stretches = tuple([match.span(1) for match in TOKEN.finditer(skeleton)])
    return found


def places(it: Recipe, widths: tuple[int, ...]) -> Sequence[tuple[int, int]]:
    """Where each token of a line begins and ends, given the widths of its names, and then of its numbers."""
    return _kept_places(it, widths) if len(it.stretches) <= KEPT else _places(it, widths)


@lru_cache(maxsize=4096)
def _kept_places(it: Recipe, widths: tuple[int, ...]) -> Sequence[tuple[int, int]]:
    return _places(it, widths)


def _places(it: Recipe, widths: tuple[int, ...]) -> Sequence[tuple[int, int]]:
    wide = dict(zip([*it.tokens, *[literal.last for literal in it.literals]], widths, strict=True))
    found: list[tuple[int, int]] = []
    shift = 0
    for token, (start, end) in enumerate(it.stretches):
        begin = start + shift
        if token in wide:
            shift += wide[token] - 1  # of the one letter that stands for it
        found.append((begin, end + shift))
    return found


@dataclass(slots=True)
class _Yard:
    """A line while it is read: values wait for what binds less tightly, signs for their operands."""

    tokens: list[str]
    values: list[int] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)  # of the values: first and last token
    signs: list[tuple[int, str, int, int]] = field(
        default_factory=list
    )  # precedence, name, token, height; 0: a bracket
    steps: list[Gate] = field(default_factory=list)
    literals: list[Literal] = field(default_factory=list)
    words: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    depth: int = 0

    def read(self) -> Recipe:
        tokens = self.tokens
        assigns = len(tokens) > 1 and tokens[1] == "=" and tokens[0] == "a"
        position = 2 if assigns else 0
        tokens.append("")
        operand = True
        while tokens[position]:
            operand, position = (self.operand if operand else self.after)(tokens[position], position)
        if operand:
            raise LeaveError
        self.reduce(1)
        if self.signs or len(self.values) != 1:
            raise LeaveError
        return self.recipe(assigns)

    def recipe(self, assigns: bool) -> Recipe:
        count = len(self.words)
        if (assigns and self.steps and not count) or (not assigns and self.values[0] < 0 and not self.steps):
            raise LeaveError  # an input with a default to be computed; a number alone

        def register(x: int) -> int:
            return x if x < _RESULT else x - _RESULT + count

        gates = [
            Gate(g.operator, tuple([register(x) for x in g.taken]), g.first, g.last, g.tag, g.read, g.flops, g.mask)
            for g in self.steps
        ]
        return Recipe(
            assigns=assigns,
            reads=count,
            words=count + assigns,
            steps=tuple([_step(g) for g in gates]),
            result=register(self.values[0]),
            literals=tuple(self.literals),
            negates=any(literal.negative for literal in self.literals),
            tokens=(0, *self.words) if assigns else tuple(self.words),
            depth=self.depth,
        )

    def wait(self, precedence: int, name: str, token: int, height: int = 0) -> None:
        self.signs.append((precedence, name, token, height))
        self.depth = max(self.depth, len(self.signs))
        if self.depth > DEEPEST:
            raise LeaveError

    def operand(self, word: str, i: int) -> tuple[bool, int]:
        """What begins an operand: (whether one is still to come, the next token)."""
        after = self.tokens[i + 1]
        if word == "(" or after == "(":
            called = word != "("
            if called and not (word[0].isalpha() or word[0] == "_"):
                return self.sign(word, i)
            self.wait(0, word if called else "", i, len(self.values))
            return True, i + 1 + called
        if word == "a":
            self.push(len(self.words), i, i)
            self.words.append(i)
            return False, i + 1
        if word == "0":
            return self.literal(i, i)
        return self.sign(word, i)

    def sign(self, word: str, i: int) -> tuple[bool, int]:
        """A `-` before an operand; before a number, unless that is raised to a power, it is the number's."""
        if word != "-":
            raise LeaveError
        if self.tokens[i + 1] == "0" and self.tokens[i + 2] != "**":
            return self.literal(i, i + 1)
        self.wait(_UNARY, "neg", i)
        return True, i + 1

    def literal(self, first: int, last: int) -> tuple[bool, int]:
        self.push(~len(self.literals), first, last)
        self.literals.append(Literal(first, last, last > first, f"k{len(self.literals) + 1}"))
        return False, last + 1

    def after(self, word: str, i: int) -> tuple[bool, int]:
        """What stands behind an operand: a sign, a comma, a bracket."""
        sign = _BINARY.get(word)
        if sign is not None:
            precedence, name = sign
            self.reduce(precedence + (precedence == _POWER))  # a power binds to the right
            self.wait(precedence, name, i)
            return True, i + 1
        if word not in ",)":
            raise LeaveError
        self.reduce(1)
        if not self.signs:
            raise LeaveError
        _, called, at, height = self.signs[-1]
        if word == ",":
            if not called:
                raise LeaveError
            return True, i + 1
        self.signs.pop()
        if called:
            operator = _called(called, len(self.values) - height)
            self.gate(operator, len(self.values) - height, at, i, f"call {called}")
        else:
            self.places[-1] = (at, i)
        return False, i + 1

    def reduce(self, limit: int) -> None:
        """Does the signs that bind at least so tightly."""
        while self.signs and self.signs[-1][0] >= limit:
            _, name, at, _ = self.signs.pop()
            count = 1 if name == "neg" else 2
            if max(self.values[-count:]) < 0:
                raise LeaveError  # arithmetic of literals
            first = at if name == "neg" else self.places[-2][0]
            self.gate(CATALOGUE[name], count, first, self.places[-1][1], name)

    def gate(self, operator: Operator, count: int, first: int, last: int, kind: str) -> None:
        """A gate on the last values, which it replaces. `kind`: what it is counted among."""
        self.counts[kind] = number = self.counts.get(kind, 0) + 1
        height = len(self.values) - count
        taken = tuple(self.values[height:])
        del self.values[height:], self.places[height:]
        self.push(_RESULT + len(self.steps), first, last)
        flops = operator.flops((), *[()] * count)
        mask = sum([1 << slot for slot, x in enumerate(taken) if x < 0])
        tag = f"{operator.name}{number}"
        self.steps.append(Gate(operator, taken, first, last, tag, len(self.words), flops, mask))

    def push(self, value: int, first: int, last: int) -> None:
        self.values.append(value)
        self.places.append((first, last))


_RESULT = 1 << 40  # where the numbers of results begin until the names are counted


def _step(gate: Gate) -> Step:
    taken = gate.taken
    if min(taken) < 0 or len(taken) > 2:
        return gate.operator, -1, -1, gate
    return gate.operator, taken[0], taken[1] if len(taken) == 2 else -1, gate


def _called(name: str, count: int) -> Operator:
    """The elementwise operator of a call with so many operands."""
    if name in BUILTIN or name in KEYWORDS:
        raise LeaveError
    operator = CATALOGUE[_MANY[name]] if name in _MANY and count > 1 else frameworks.named(name)
    if operator is None or operator.family != "elementwise" or operator.variants or not _fits(operator, count):
        raise LeaveError
    return operator


def _fits(operator: Operator, count: int) -> bool:
    parameters = operator.parameters
    if any(p.role in {"attribute", "list"} for p in parameters):
        return False
    if any(p.role == "operands" for p in parameters):
        return count >= 1
    return sum(p.required for p in parameters) <= count <= len(parameters)
