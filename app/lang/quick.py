"""Straight-line programs without the parser: signs, calls of elementwise operators, assignments.

Most of the time that a long program takes goes into building Python's tree and walking it. Where a whole text is made
of nothing but names, numbers, signs and calls, one pass over its tokens (a shunting yard, Dijkstra 1961) makes the same
nodes, with the same ids, names and places; a test holds the two ways together. Anything else, and every error, is left
to the parser: `attempt` then gives None. A place here is a pair of tokens, (first, last).
"""

import re
from typing import Any

from app.diagnostics import ProgramError
from app.lang import frameworks
from app.lang.calls import BUILTIN
from app.lang.code import QuickStatement
from app.lang.frames import Anchor
from app.lang.hints import KEYWORDS
from app.lang.machine import Machine
from app.lang.values import Number
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator

TOKEN = re.compile(
    r"[ \t]*(?:#[^\n]*)?([A-Za-z_]\w*|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|\*\*|//|[-+*/@(),=\n]|[^ \t])", re.ASCII
)
_INDENTED = re.compile(r"^[ \t]+(?=[^ \t\n#])", re.MULTILINE)
_COMMENT = re.compile(r"#[^\n]*")
_BINARY: dict[str, tuple[int, str]] = {
    "+": (6, "add"), "-": (6, "sub"), "*": (7, "mul"), "/": (7, "div"), "//": (7, "floordiv"), "@": (7, "matmul"),
    "**": (9, "pow"),
}  # fmt: skip
_UNARY = 8
_ELSEWHERE = (
    frozenset(KEYWORDS) | frozenset(frameworks.BARE) | frozenset(frameworks.ROOTS) | (frozenset(BUILTIN) - {"float"})
)
_CLOSES = frozenset({")", ","})
_MANY = {"max": "maximum", "min": "minimum"}


class _LeaveError(Exception):
    """This text is the parser's."""


def attempt(m: Machine, source: str) -> bool:
    """Lowers a straight-line text into `m`; False where it is none (what is in `m` by then is of no use)."""
    if not source.isascii() or _indented(source):
        return False
    tokens: list[str] = TOKEN.findall(source + "\n")
    if not _ELSEWHERE.isdisjoint(tokens):
        return False
    tokens += ["\n", "\n"]
    try:
        return _statements(m, tokens)
    except (_LeaveError, ProgramError):
        return False


def _indented(source: str) -> bool:
    """Whether a line begins with a space where no bracket is open."""
    if _INDENTED.search(source) is None:
        return False
    text = _COMMENT.sub("", source)
    depth = position = 0
    for line in _INDENTED.finditer(text):
        depth += text.count("(", position, line.end()) - text.count(")", position, line.end())
        position = line.end()
        if depth <= 0:
            return True
    return False


def _statements(m: Machine, tokens: list[str]) -> bool:
    count = len(tokens) - 2
    start = 0
    while start < count:
        first = tokens[start]
        if first == "\n":
            start += 1
            continue
        if tokens[start + 1] == "=":
            if not (first[0].isalpha() or first[0] == "_"):
                raise _LeaveError
            start = _statement(m, tokens, start, start + 2, first)
        else:
            start = _statement(m, tokens, start, start, None)
    m.final = m.candidate
    return m.final is not None


def _statement(m: Machine, tokens: list[str], start: int, i: int, target: str | None) -> int:
    """Reads one statement; gives where the next one begins."""
    made = QuickStatement(target or "out", start, i, m.scope)
    m.anchor = anchor = Anchor(None, 0, made)
    values: list[Any] = []
    lows: list[int] = []
    highs: list[int] = []
    signs: list[tuple[int, str, int, Any]] = []  # precedence (0: an open bracket), name, word, operator or height
    counts: dict[str, int] = {}
    names, inputs = m.program.names, m.by_node
    make = m.make
    literals = 0
    reads = False
    depth = 0
    operand = True
    while True:
        word = tokens[i]
        if word == "\n":
            if depth:
                i += 1
                if i >= len(tokens):
                    raise _LeaveError
                continue
            if operand:
                raise _LeaveError
            precedence, name = 0, ""
        elif operand:
            letter = word[0]
            if letter.isalpha() or letter == "_":
                if tokens[i + 1] == "(":
                    signs.append((0, word, i, len(values)))
                    depth += 1
                    i += 2
                    continue
                value = names.get(word)
                if value is None:
                    value = m.unassigned(word, (i, i))
                elif value in inputs and inputs[value].variable == word:
                    m.again(value, (i, i))
                values.append(value)
                reads = True
            elif letter.isdigit() or letter == ".":
                literals += 1
                values.append(_number(word, i, literals))
            elif letter == "(":
                signs.append((0, "", i, 0))
                depth += 1
                i += 1
                continue
            elif letter == "-":
                after = tokens[i + 1]
                if (after[0].isdigit() or after[0] == ".") and tokens[i + 2] != "**":
                    literals += 1
                    number = _number(after, i, literals)
                    number.value = -number.value if number.value else -0.0
                    number.at = (i, i + 1)
                    values.append(number)
                    lows.append(i)
                    highs.append(i + 1)
                    operand = False
                    i += 2
                    continue
                signs.append((_UNARY, "neg", i, None))
                i += 1
                continue
            else:
                raise _LeaveError
            lows.append(i)
            highs.append(i)
            operand = False
            i += 1
            continue
        else:
            precedence, name = _BINARY.get(word, (1, ""))
            if not name and word not in _CLOSES:
                raise _LeaveError
        # A sign, a bracket or the end: what binds more tightly is done first.
        limit = precedence + (precedence == 9)  # a power binds to the right
        while signs and signs[-1][0] >= limit and signs[-1][0]:
            _, done, at, _ = signs.pop()
            counts[done] = number_of = counts.get(done, 0) + 1
            operator = _operator(done)
            if done == "neg":
                a = values[-1]
                if type(a) is not int:
                    raise _LeaveError
                lows[-1] = at
                values[-1] = make(operator, (a,), (at, highs[-1]), number_of)
                continue
            b = values.pop()
            a = values[-1]
            lows.pop()
            highs[-2] = highs[-1]
            highs.pop()
            if type(a) is not int and type(b) is not int:
                raise _LeaveError
            values[-1] = make(operator, (a, b), (lows[-1], highs[-1]), number_of)
        if name:
            signs.append((precedence, name, i, None))
            operand = True
        elif precedence:
            if not signs:
                raise _LeaveError
            _, called, at, height = signs[-1]
            if word == ",":
                if not called:
                    raise _LeaveError
                operand = True
            else:
                signs.pop()
                depth -= 1
                if called:
                    operator, key = _called(called, len(values) - height)
                    counts[key] = number_of = counts.get(key, 0) + 1
                    node = make(operator, values[height:], (at, i), number_of)
                    del values[height:], lows[height:], highs[height:]
                    values.append(node)
                    lows.append(at)
                    highs.append(i)
                else:
                    lows[-1], highs[-1] = at, i
        else:
            break
        i += 1
    if len(values) != 1 or signs:
        raise _LeaveError
    made.last = i - 1
    _finish(m, made, target, values[0], reads, tokens, anchor)
    return i + 1


def _finish(
    m: Machine, made: QuickStatement, target: str | None, value: Any, reads: bool, tokens: list[str], anchor: Anchor
) -> None:
    """Gives the statement's value its name."""
    start = made.first
    if target is None:
        if type(value) is not int:
            raise _LeaveError
        m.candidate = ("value", value, (start, made.last))
        return
    at = (start, start)
    if type(value) is int:
        if not reads:
            raise _LeaveError  # free of names: an input with a default to be computed
        m.program.names[target] = value
        known = m.names_of.get(value)
        if known is None:
            m.names_of[value] = [target]
        elif target not in known:
            known.append(target)
    else:
        number = value.value
        if number in (0, 1):
            raise _LeaveError  # perhaps the start of a sum
        m.scope.statements.pop()  # the id of an input is its name
        m.input(target, float(number), at, exact=number if isinstance(number, int) else None)
    m.candidate = ("name", target, at)


def _number(word: str, i: int, step: int) -> Number:
    if word == ".":
        raise _LeaveError
    if word.isdigit():
        if (word[0] == "0" and len(word) > 1) or len(word) > 300:
            raise _LeaveError
        return Number(int(word), (i, i), step=step, literal=True)
    value = float(word)
    if value in (float("inf"), -float("inf")):
        raise _LeaveError
    return Number(value, (i, i), step=step, literal=True)


_SIGNS: dict[str, Operator] = {}


def _operator(name: str) -> Operator:
    found = _SIGNS.get(name)
    if found is None:
        found = _SIGNS[name] = CATALOGUE[name]
    return found


_CALLS: dict[tuple[str, int], tuple[Operator, str]] = {}


def _called(name: str, count: int) -> tuple[Operator, str]:
    """The elementwise operator of a call with so many operands, and what its calls are counted under."""
    found = _CALLS.get((name, count))
    if found is None:
        operator = CATALOGUE[_MANY[name]] if name in _MANY and count > 1 else frameworks.named(name)
        if operator is None or operator.family != "elementwise" or operator.variants or not _fits(operator, count):
            raise _LeaveError
        found = _CALLS[name, count] = (operator, f"call {name}")
    return found


def _fits(operator: Operator, count: int) -> bool:
    parameters = operator.parameters
    if any(p.role in {"attribute", "list"} for p in parameters):
        return False
    if any(p.role == "operands" for p in parameters):
        return count >= 1
    return sum(p.required for p in parameters) <= count <= len(parameters)
