"""What a gate takes: whatever the machine holds, as a node or a number; and integers where they are needed."""

from typing import Any, NoReturn

import numpy as np

from app.diagnostics import Form, ProgramError, fail
from app.graph.builder import Literal
from app.lang import frameworks, pasted
from app.lang.assumed import Doubt
from app.lang.inputs import Inputs
from app.lang.known import exactly, integers
from app.lang.places import short
from app.lang.values import (
    Ambiguous,
    Asked,
    Broken,
    BrokenError,
    Counting,
    Detached,
    Function,
    Gradient,
    Held,
    Known,
    Layer,
    Listing,
    Method,
    Module,
    Number,
    Opaque,
    Special,
    Text,
    array_of,
)  # fmt: skip
from app.ops.algebra import Shape
from app.ops.catalogue import CATALOGUE

ITEMS = 2  # items of lists that may be gone through, again and again, for each node that there may be


class Operands(Inputs):
    """Turns what is held into what a gate takes."""

    def operand(self, value: Held, at: Any = None) -> "int | Literal":
        """What a gate takes: a node, or a number."""
        kind = type(value)
        if kind is int:
            return value  # type: ignore[no-any-return]
        if kind is Number:
            if value.node is not None:
                return value.node  # type: ignore[no-any-return]
            if value.parts is not None:
                return self._gates(value)
            if value.home is not None:
                return self.constant(value)
            if isinstance(value.value, int):
                self.finite(value.value, at)
            return value  # type: ignore[no-any-return]
        return self._materialise(value, at)

    def finite(self, value: int, at: Any) -> None:
        try:
            float(value)
        except OverflowError:
            self.fail("number.range", "this integer is too large: it is beyond float64", at)

    def node(self, value: Held, at: Any, number: Any = 0) -> int:
        """The value as a node."""
        found = self.operand(value, at)
        if type(found) is int:
            return found
        assert isinstance(found, Literal)
        home = Number(
            found.value,
            getattr(found, "at", None) or at,
            step=getattr(found, "step", 0),
            home=(self.group, self.anchor),
        )
        node = self.constant(home)
        if isinstance(value, Number) and not value.literal and not self.leaf:
            value.node = node
        return node

    def shape(self, value: Held) -> Shape:
        """The shape of an operand."""
        return self.builder.shapes[value] if type(value) is int else value.shape

    def _gates(self, number: Number) -> int:
        """Arithmetic of literals as gates: nothing is folded. The tree may be as deep as a sum is long."""
        made: dict[int, int] = {}
        waiting: list[tuple[Number, bool]] = [(number, False)]
        while waiting:
            part, ready = waiting.pop()
            if part.parts is None or id(part) in made:
                continue
            name, operands, at, step = part.parts
            if not ready:
                waiting.append((part, True))
                waiting += [(o, False) for o in reversed(operands)]
            else:
                taken = [made.get(id(o), o) for o in operands]
                made[id(part)] = self.make(CATALOGUE[name], taken, at, step)
        node = made[id(number)]
        if number.home is not None:
            number.node = node
        return node

    def _materialise(self, value: Held, at: Any) -> "int | Literal":
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Listing):
            return self._tensor(value, at)
        if isinstance(value, Asked):
            return self.derivative(value)
        if isinstance(value, Detached):
            if value.node is None:
                value.node = self.make(
                    CATALOGUE["stop_gradient"], [self.operand(value.of, at)], value.at, ("detach", id(value.at) & 0)
                )
            return value.node
        if isinstance(value, Ambiguous):
            return self.unassigned(value.name, value.at)
        if isinstance(value, Opaque):
            self.need(value, at)
        if isinstance(value, Text):
            self.fail("syntax.unsupported", "a text is no value of a circuit: write a number or a name", at)
        if isinstance(value, Method):
            if frameworks.named(value.name) is not None or value.name in pasted.METHODS:
                self.fail(
                    "type.tensor",
                    f"`.{value.name}` is a function: call it, as in `x.{value.name}()`",
                    at,
                    hint=Form(f"x.{value.name}()"),
                )
            self.fail("name.unknown-function", f"values have no `.{short(value.name)}`", at)
        if isinstance(value, Function | Known | Special | Gradient):
            name = value.path if isinstance(value, Special) else getattr(value, "name", "grad")
            if name == "lambda":
                self.fail(
                    "syntax.unsupported", "a `lambda` is no value: give it a name, `f = lambda x: …`, and call it", at,
                )  # fmt: skip
            self.fail("type.tensor", f"`{name}` is a function: call it, as in `{name}(x)`", at, hint=Form(f"{name}(x)"))
        if isinstance(value, Layer):
            name = value.name or short(value.path)
            self.fail("type.tensor", f"`{name}` is a module: call it, as in `{name}(x)`", at, hint=Form(f"{name}(x)"))
        if isinstance(value, Module):
            self.fail("type.tensor", f"`{value.path}` is a module: name what you need of it, as in `np.exp(x)`", at)
        raise self.error("type.tensor", "a value is needed here, and there is none", at)

    def need(self, value: Opaque, at: Any) -> NoReturn:
        """The error of something opaque that the circuit needs."""
        place = value.at if value.code != "program.no-drawing" or at is None else at
        self.fail(
            value.code,
            value.needed or f"{value.what} cannot be drawn, and the circuit needs it here",
            place,
            hint=value.hint,
        )

    def _tensor(self, value: Listing, at: Any) -> "int | Literal":
        """A list as a tensor: numbers are one constant, nodes a stack."""
        if value.node is not None:
            return value.node
        numbers = self.numbers(value)
        if numbers is not None:
            array = self.array(numbers, value.at or at)
            if isinstance(array, np.ndarray) and array.size > self.limits.elements:
                raise fail(
                    "limit.elements",
                    f"the tensors of a program may have {self.limits.elements:,} elements in all, and this list has "
                    f"{array.size:,}",
                )
            return Number(array, value.at or at, step=value.step)
        if not value.items:
            self.fail("type.tensor", "a value is needed here, and this list is empty", at)
        items = [self.operand(item, at) for item in value.items]
        shapes = [self.shape(item) for item in items]
        if any(shape != shapes[0] for shape in shapes):
            other = next(shape for shape in shapes if shape != shapes[0])
            self.fail(
                "shape.mismatch",
                f"a list becomes one tensor only where all have one shape: here are {shapes[0]} and {other}",
                value.at or at,
            )
        node = self.make(CATALOGUE["stack"], items, value.at or at, ("stack", value.step))
        value.node = node
        return node

    def array(self, numbers: Any, at: Any) -> Any:
        """Numbers as a value; what is wrong with them is said at their place."""
        try:
            return array_of(numbers)
        except ProgramError as error:
            raise ProgramError([d.at(self.places.span(at)) for d in error.diagnostics]) from None

    def numbers(self, value: Held) -> Any:
        """Nested Python numbers where the value holds only numbers that are no nodes, else None.
        Errors: limit.elements, since a list may hold another one many times."""
        if isinstance(value, Number):
            return value.value if value.node is None and not isinstance(value.value, np.ndarray) else None
        if isinstance(value, Listing):
            items = value.items
            if isinstance(items, Counting):
                return list(items.numbers)
            self.gone_through(1 + len(items))
            found = []
            for item in items:
                inner = self.numbers(item)
                if inner is None:
                    return None
                found.append(inner)
            return found
        return None

    def gone_through(self, items: int) -> None:
        """Counts items of lists that are gone through. Errors: limit.elements."""
        self.items += items
        if self.items > ITEMS * self.limits.nodes:
            raise fail(
                "limit.elements",
                f"a program may go through {ITEMS * self.limits.nodes:,} items of lists in all, and this one goes "
                "through more: hold fewer in a list",
            )

    def room(self, count: int) -> None:
        """Errors: limit.nodes, where a list would have more items than a program may have nodes."""
        most = self.limits.nodes
        if count > most:
            raise fail("limit.nodes", f"a list may have {most:,} items, and this one would have {count:,}")

    def integer(self, value: Held, at: Any, what: str = "an integer", *, several: bool = False) -> int:
        """The integer that a value is. `several`: a list of them would do too. Errors: type.integer."""
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Number):
            found = value.integer
            if found is not None:
                return found
            self.fail(
                "type.integer",
                f"{what} is needed here, and this is {shown(value.value)}",
                value.at or at,
                hint=_rounded(value.value),
            )
        exact = self.exact(value, at)
        if isinstance(exact, int):
            return int(exact)
        raise self.no_integer(value, at, what, several)

    def no_integer(self, value: Held, at: Any, what: str, several: bool) -> ProgramError:
        """The error of what is no integer."""
        if isinstance(value, Opaque):
            self._materialise(value, at)
        state = self.by_node.get(value) if type(value) is int else None
        name = state.variable if state is not None and state.assumed else getattr(value, "name", "")
        if (state is not None and state.assumed) or isinstance(value, Ambiguous):
            message = f"{what} is needed here, and `{name}` has no value (1.0 was assumed): assign one"
            self.doubt(message, Doubt((name,), "integers" if several else "integer"))
            return self.error("type.integer", message, at, hint=f"{name} = 3")
        if state is not None:
            return self.error(
                "type.integer",
                f"{what} is needed here, and `{state.variable}` is {shown(state.value)}",
                at,
                hint=f"{state.variable} = 3",
            )
        if type(value) is int:
            return self.error(
                "type.integer",
                f"{what} is needed here, and this is a value of the circuit, known only when it runs",
                at,
            )
        text = {Listing: "a list", Text: "a text"}.get(type(value), "something else")
        return self.error("type.integer", f"{what} is needed here, and this is {text}", at)

    def exact(self, value: Held, at: Any = None, known: dict[int, tuple[Any, int]] | None = None) -> Any:
        """The value as an integer or nested tuples of integers where it is known while lowering, else None. Inputs that
        it is made of become parameters. `known`: by the `id` of an item of the same list, what it is and how many items
        are in it. Errors: limit.elements."""
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Number):
            found = value.integer
            return (
                found if found is not None else integers(value.value) if isinstance(value.value, np.ndarray) else None
            )
        if isinstance(value, Listing):
            self.gone_through(1 + len(value.items))
            known = {} if known is None else known
            items = []
            for item in value.items:
                if id(item) in known:
                    self.gone_through(known[id(item)][1])
                else:
                    before = self.items
                    known[id(item)] = self.exact(item, at, known), self.items - before
                items.append(known[id(item)][0])
            return None if None in items else tuple(items)
        if isinstance(value, Detached):
            return self.exact(value.of, at)
        if isinstance(value, Ambiguous):
            if value.name in self.given:
                return self.exact(self.unassigned(value.name, value.at), at)
            return None
        if type(value) is int:
            return exactly(self, value)
        return None


def shown(value: Any) -> str:
    """A value in a sentence."""
    if isinstance(value, np.ndarray):
        return f"a tensor of shape {value.shape}"
    return f"{value:g}" if isinstance(value, float) else short(str(value))


def _rounded(value: Any) -> str | None:
    return str(int(value)) if isinstance(value, float) and abs(value) < 1e9 else None
