"""What can be said about a program: the place, the code, one plain sentence, and text that would work."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

from msgspec import Struct


class Span(Struct, frozen=True, gc=False):
    """A place in a source: lines and columns from 1, in Unicode code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Form(str):
    """A hint that shows how something is written (`f(x)`, `a if c else b`), to be filled in by hand: no text that can
    stand in place of what is underlined."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """One thing to say: `code` is one of CODES, `message` a sentence, `hint` text that would work, a Form of it, or
    None.

    The first of `spans` is the place itself; more are the other places that take part (both operands of a `+`).
    """

    code: str
    message: str
    spans: tuple[Span, ...] = ()
    hint: str | None = None

    def at(self, *spans: Span | None) -> Self:
        """The same said of `spans`, where it has no place yet: whoever knows the place adds it."""
        return self if self.spans else replace(self, spans=tuple(span for span in spans if span is not None))


class ProgramError(Exception):
    """A program that is wrong. Carries every diagnostic found, in the order of the source."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        assert self.diagnostics, "a ProgramError says at least one thing"
        super().__init__("; ".join(f"{d.code}: {d.message}" for d in self.diagnostics))


def fail(code: str, message: str, *spans: Span, hint: str | None = None) -> ProgramError:
    """The error that says this one thing, to be raised by the caller."""
    assert code in CODES, f"unknown code: {code}"
    return ProgramError([Diagnostic(code=code, message=message, spans=spans, hint=hint)])


# Every code, and when it is said. docs/errors.md shows each with an example, and a test holds the two together.
CODES: dict[str, str] = {
    # The text.
    "syntax": "the text is not an expression or a statement of the language",
    "syntax.missing-operator": "two values stand side by side, as in `2x`",
    "syntax.caret": "`^` was written for a power",
    "syntax.call": "a function was written without its parentheses, as in `sin x`",
    "syntax.unsupported": "valid Python that the language leaves out",
    "source.bidi": "a bidirectional control character may make the text read differently from what it is",
    "source.encoding": "the text holds a character that cannot stand in a program, such as NUL or a lone surrogate",
    # Names and calls.
    "name.unknown-function": "no operator and no `def` has this name",
    "name.unknown": "a request names an input, an output or a group that the program lacks",
    "name.unassigned": "an input has no value, and `strict` was asked for",
    "name.confusable": "two names of one program look alike",
    "call.arguments": "a call does not fit the signature",
    "type.integer": "an integer is needed here",
    "type.number": "a number is needed here, and something else stands here",
    "type.tensor": "a value of another kind is needed here",
    "number.range": "a number is beyond float64",
    # Shapes.
    "shape.broadcast": "shapes do not broadcast",
    "shape.matmul": "the inner axes of a matrix product disagree",
    "shape.axis": "an axis that the tensor does not have",
    "shape.reshape": "a shape with another number of elements",
    "shape.index": "an index out of range, or too many of them",
    "shape.mismatch": "shapes that must be equal are not",
    "shape.unpack": "an unpacking into another number of names",
    # Programs.
    "program.no-output": "nothing that can be drawn",
    "program.no-drawing": "a part of a pasted program that the output needs cannot be drawn",
    "grad.scalar": "`grad` of a tensor",
    "grad.constant": "`grad` with respect to what is not a node",
    "grad.undefined": "an operator without a derivative of this order",
    # Limits. `limit.answer`, and mostly `limit.time`, are said by the edge of the system.
    "limit.source": "the source is too long",
    "limit.nesting": "brackets, calls or signs are nested too deeply",
    "limit.nodes": "too many nodes",
    "limit.elements": "too many elements",
    "limit.flops": "too many operations",
    "limit.turns": "too many loop turns",
    "limit.name": "a name is too long",
    "limit.axes": "too many axes",
    "limit.recursion": "a function calls itself",
    "limit.drawn": "too many nodes to draw",
    "limit.time": "the computation took too long",
    "limit.answer": "the answer is too large",
    "limit.picture": "the picture is too large",
    "limit.request": "a request asks for more points, steps, paths or programs than one may",
    "limit.body": "a body, a URL or a state is too long",
    # Requests. Said by the edge of the system.
    "request.body": "the body or the query is not well-formed",
    "request.missing": "a field that the request needs is missing",
    "request.option": "a field of the request has a value that it may not have",
    "request.state": "a state in a URL cannot be read, or is of a version that is not known",
    "drawn.unknown": "an edge of a given graph names a node that the graph lacks",
    "drawn.cycle": "a given graph has a cycle",
    # Said beside a right answer.
    "value.not-finite": "a value or a gradient is not finite",
    "value.tie": "a tie or a kink: a convention chose the derivative",
    "value.assumed": "an input without a value was taken as 1.0",
    "seed.ones": "the output is not a scalar: the gradient is of the sum of its elements",
    "seed.shape": "the seed is neither a number nor of the output's shape",
    "grad.independent": "`grad` of a value that does not depend on the node: 0",
    "input.unused": "an entry of `inputs` that the program lacks",
    "group.unused": "a group in `collapse` that the program lacks",
    "pasted.opaque": "a line of a pasted program that does not change the circuit",
    "pasted.weights": "a module of a pasted program whose weights are inputs, with random numbers of its range",
    "pasted.earlier": "a pasted program starts its gradients in several places, and the last one decides",
}
