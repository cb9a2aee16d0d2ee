"""Straight-line programs without the parser: signs, calls of elementwise operators on numbers, assignments.

Most of the time that a long program takes goes into building Python's tree and walking it. Where every line of a text
is made of nothing but names, numbers, signs and calls, what it does is read from its skeleton (app/lang/recipes.py) and
done on plain lists; ids, names and places are made when they are looked at. A test holds this way and the parser's
together. Anything else, and every error, is left to the parser: `attempt` then gives None.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import inf
from typing import Any

from app.graph.builder import NOTHING
from app.graph.graph import Cost, Graph
from app.graph.later import Later
from app.graph.program import Program
from app.lang.inputs import assumed, unused
from app.lang.recipes import ELSEWHERE, LIMIT, LeaveError, Literal, Recipe, recipe
from app.lang.told import Made, Read, Told, fed
from app.limits import Limits
from app.ops.algebra import Value
from app.ops.leaf import CONSTANT
from app.ops.operator import Operator

_NAME = re.compile(r"\b([A-Za-z_]\w*+)(?![ \t]*\()", re.ASCII)
_NUMBER = re.compile(r"(?<![\w.])((?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)", re.ASCII)
_DIGIT = re.compile("[0-9]")
_TRAILING = re.compile(r"[ \t]+$", re.MULTILINE)
_FLOAT = frozenset({float})
_COMMENT = re.compile(r"#[^\n]*")
_LINES = re.compile(r"[()\n]")


def attempt(
    source: str, given: Mapping[str, Value], *, limits: Limits, share: bool, strict: bool, output: str | None
) -> Program | None:
    """The program of a straight-line text on numbers that is right; None where the parser has to look at it."""
    if not source.isascii() or len(source) > limits.source_bytes or not _FLOAT.issuperset(map(type, given.values())):
        return None
    text = fed(source)
    if "#" in text:
        text = _COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    try:
        read = _read(text, limits)
    except LeaveError:
        joined = _joined(text)
        if joined == text:
            return None
        try:
            read = _read(joined, limits)
        except LeaveError:
            return None
    made = Made(source, read, given)
    try:
        _make(made, share)
    except LeaveError:
        return None
    return _program(made, limits, strict, output)


def _joined(text: str) -> str:
    """The text with spaces for the ends of lines where a bracket is open: every letter stays at its place."""
    pieces: list[str] = []
    depth = start = 0
    for match in _LINES.finditer(text):
        letter = match[0]
        if letter != "\n":
            depth += 1 if letter == "(" else -1
        elif depth > 0:
            pieces += (text[start : match.start()], " ")
            start = match.end()
    return "".join(pieces) + text[start:]


# ── What the text holds ──────────────────────────────────────────────────────────────────────────────────────────────


def _read(text: str, limits: Limits) -> Read:
    """Raises LeaveError where a line is no straight one."""
    pieces = _NAME.split(text)
    words = pieces[1::2]
    if not ELSEWHERE.isdisjoint(words):
        raise LeaveError
    if len(text) > limits.name_length and words and len(max(words, key=len)) > limits.name_length:
        raise LeaveError
    skeleton = "a".join(pieces[::2])
    numbers: list[str] = []
    if _DIGIT.search(skeleton):
        pieces = _NUMBER.split(skeleton)
        numbers = pieces[1::2]
        skeleton = "0".join(pieces[::2])
    if " \n" in skeleton or "\t\n" in skeleton or skeleton.endswith((" ", "\t")):
        skeleton = _TRAILING.sub("", skeleton)
    recipes = [recipe(line) for line in skeleton.split("\n")]
    if max([it.depth for it in recipes if it is not None], default=0) > limits.nesting:
        raise LeaveError
    return Read(text, recipes, words, numbers)


# ── What it makes ────────────────────────────────────────────────────────────────────────────────────────────────────


def _make(made: Made, share: bool) -> None:
    """Does what the lines say. Raises LeaveError."""
    words, numbers = made.read.words, _values(made.read.numbers)
    operators, operands, flags, origins = made.operators, made.operands, made.flags, made.origins
    constants = made.constants
    names, starts, results = made.names, made.starts, made.results
    known: defaultdict[Operator, dict[tuple[object, ...], int]] = defaultdict(dict)
    look = names.get
    word = number = flops = 0
    key: Any
    taken: Any
    node: int | None
    units: set[str] = set()  # names that begin as 0 or 1, as a sum or a product does
    one = two = -1
    for line, it in enumerate(made.read.recipes):
        starts.append(len(operators))
        if it is None:
            results.append(-1)
            continue
        begin = word
        word += it.words
        first = begin + it.assigns
        registers: list[Any] = list(map(look, words[first:word]))
        read = 0 if None in registers else it.reads  # how many of its names are known to be nodes
        literals = it.literals
        values: list[float] = []
        if literals:
            values = numbers[number : number + len(literals)]
            number += len(literals)
            if it.negates:
                values = _negated(values, literals)
        for operator, a, b, gate in it.steps:
            if read < gate.read:
                read = _inputs(made, it, registers, words, first, read, gate.read)
            if b >= 0:
                one, two = registers[a], registers[b]
                key = one, two
            elif a >= 0:
                one = two = registers[a]
                key = (one,)
            else:
                key = gate.mask, *[registers[x] if x >= 0 else values[~x] for x in gate.taken]
            found = known[operator]
            node = found.get(key) if share else None
            if node is None:
                if a >= 0:
                    taken = key
                    depends = flags[one] or flags[two]
                else:
                    taken, depends = [], False
                    for x in gate.taken:
                        if x >= 0:
                            taken.append(registers[x])
                            depends = depends or flags[registers[x]]
                        else:  # a constant of its own
                            taken.append(len(operators))
                            constants[len(operators)] = values[~x]
                            operators.append(CONSTANT)
                            operands.append(())
                            flags.append(False)
                            origins.append(literals[~x])
                    taken = tuple(taken)
                node = found[key] = len(operators)
                operators.append(operator)
                operands.append(taken)
                flags.append(depends)
                origins.append(gate)
                flops += gate.flops
            else:
                made.again.append((node, line, gate))
            registers.append(node)
        if read < it.reads:
            _inputs(made, it, registers, words, first, read, it.reads)
        if it.assigns:
            name = words[begin]
            if name in units:
                raise LeaveError  # perhaps the sum that begins there
            if it.result < 0:
                node = made.input(name, values[0], 0)
                if values[0] in (0, 1):
                    units.add(name)
            else:
                node = names[name] = registers[it.result]
        else:
            node = registers[it.result]
        results.append(node)
    made.flops = flops


def _inputs(made: Made, it: Recipe, registers: list[Any], words: list[str], first: int, read: int, until: int) -> int:
    """Makes inputs of the names of a line that no line before it knows, up to the `until`th. Gives `until`."""
    for position in range(read, until):
        if registers[position] is None:
            name = words[first + position]
            node = made.names.get(name)
            registers[position] = made.input(name, None, it.tokens[position + it.assigns]) if node is None else node
    return until


def _negated(values: list[float], literals: Sequence[Literal]) -> list[float]:
    """The numbers of a line, with the `-` of those that have one. Raises LeaveError at −0, which equals 0."""
    if any(literal.negative and not value for value, literal in zip(values, literals, strict=True)):
        raise LeaveError
    return [-value if literal.negative else value for value, literal in zip(values, literals, strict=True)]


def _values(numbers: list[str]) -> list[float]:
    """The numbers that these texts say. Raises LeaveError."""
    values = list(map(float, numbers))
    odd = [text for text in numbers if (text[0] == "0" and len(text) > 1) or len(text) > LIMIT]
    if inf in values or any(map(str.isdigit, odd)):
        raise LeaveError
    return values


# ── What is said of it ───────────────────────────────────────────────────────────────────────────────────────────────


def _program(made: Made, limits: Limits, strict: bool, output: str | None) -> Program | None:
    inputs = tuple(made.inputs.values())
    assumes = any([it.assumed for it in inputs])  # noqa: C419 - a list is faster
    told = Told(made)
    target = _last(made.results) if output is None else _named(made, told, output)
    count = len(made.operators)
    if target is None or (strict and assumes) or count > min(limits.nodes, limits.elements):
        return None
    if made.flops > limits.flops:
        return None
    return Program(
        source=made.source,
        graph=Graph(
            operators=tuple(made.operators),
            operands=tuple(made.operands),
            attributes=(NOTHING,) * count,
            shapes=((),) * count,
            differentiable=tuple(made.flags),
            constants=made.constants,
        ),
        ids=Later(count, told.ids),
        names=Later(count, told.names),
        labels={},
        spans=Later(count, told.spans),
        groups_of=(None,) * count,
        groups=(),
        inputs=inputs,
        parameters=(),
        output=target,
        cost=Cost(nodes=count, edges=sum(map(len, made.operands)), elements=count, flops=made.flops),
        warnings=tuple([unused(name) for name in made.given if name not in made.inputs]),
        notes=tuple([assumed(it.name, told.input(it.node)) for it in inputs if it.assumed]) if assumes else (),
    )


def _named(made: Made, told: Told, output: str) -> int | None:
    """The node of a name, else of an id."""
    if output in made.names:
        return made.names[output]
    ids = told.ids()
    return ids.index(output) if output in ids else None


def _last(results: list[int]) -> int | None:
    """The node of the last line that has one."""
    for node in reversed(results):
        if node >= 0:
            return node
    return None
