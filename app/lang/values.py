"""What a name or an expression may hold while a program is lowered. A plain `int` is a node of the graph."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from app.diagnostics import fail
from app.graph.builder import Literal
from app.ops.operator import Framework, Operator

if TYPE_CHECKING:
    from app.lang.code import Code
    from app.lang.frames import Frame

Held: TypeAlias = Any  # one of the classes below, or a node


class Number(Literal):
    """A number that is not a node yet. Beside a value it becomes a constant, one for each gate that takes it.

    `value` is an int, a bool, a float or an array. `parts` (operator, operands, place, step): arithmetic of literals
    alone, which is an integer where one is needed and gates where a value is (nothing is folded). `at` and `step` say
    where it stands. `home` (group, anchor) where a name or an argument holds it: then one constant, `node`, serves all.
    """

    __slots__ = ("at", "home", "literal", "node", "parts", "step")

    def __init__(
        self,
        value: Any,
        at: Any = None,
        *,
        step: int = 0,
        literal: bool = False,
        parts: tuple[str, tuple[Any, ...], Any, int] | None = None,
        home: tuple[Any, Any] | None = None,
    ) -> None:
        super().__init__(value)
        self.at = at
        self.step = step
        self.literal = literal
        self.parts = parts
        self.home = home
        self.node: int | None = None

    @property
    def integer(self) -> int | None:
        """The integer that it is, if it is one."""
        return int(self.value) if isinstance(self.value, int) else None

    def __repr__(self) -> str:
        return f"Number({self.value!r})"


class Listing:
    """A list: an index, a `for` or an unpacking picks from it without a gate; where a tensor is needed, their stack.

    `grown`: it began empty and was added to, so that `+` goes on doing that.
    """

    __slots__ = ("at", "grown", "items", "node", "step", "tuple")

    def __init__(self, items: Sequence[Held], at: ast.AST | None, *, tuple: bool = False, step: int = 0) -> None:  # noqa: A002
        self.items = items
        self.at = at
        self.tuple = tuple
        self.step = step
        self.node: int | None = None
        self.grown = False


class Counting(Sequence[Any]):
    """The items of a `range`, made as they are asked for."""

    __slots__ = ("at", "numbers")

    def __init__(self, numbers: range, at: Any) -> None:
        self.numbers = numbers
        self.at = at

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, index: Any) -> Any:
        found = self.numbers[index]
        return Counting(found, self.at) if isinstance(found, range) else Number(found, self.at)

    def __iter__(self) -> Iterator[Any]:
        return map(Number, self.numbers, repeat(self.at))


@dataclass(slots=True, eq=False)
class Function:
    """A `def` or a `lambda`: its code is compiled once and run at each call. `native`: it ships with an operator."""

    name: str
    parameters: tuple[str, ...]
    defaults: dict[str, Held]
    variadic: str | None
    code: "Code"
    at: ast.FunctionDef | ast.Lambda
    closure: "Frame | None" = None
    native: Operator | None = None
    uses: frozenset[str] = frozenset()  # parameters that the body calls
    passes: frozenset[str] = frozenset()  # parameters that only go on to other calls
    detached: bool = False
    results: dict[object, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Known:
    """An operator as a value, by whose defaults: `np.tanh` in `act = np.tanh`. `fixed`: attributes given in advance."""

    operator: Operator
    framework: Framework | None
    name: str
    fixed: tuple[tuple[str, Held], ...] = ()


@dataclass(frozen=True, slots=True)
class Special:
    """A call that is no operator: `grad`, `range`, `len`, `print`, `tf.Variable` …, by the name of its rule."""

    rule: str
    path: str
    framework: str | None = None


@dataclass(frozen=True, slots=True)
class Module:
    """A framework, or a part of one: `torch.nn`."""

    path: str


@dataclass(frozen=True, slots=True)
class Method:
    """A method taken from a value, before it is called."""

    owner: Held
    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Slice:
    """`a:b:c` in an index."""

    start: Held
    stop: Held
    step: Held


class Nothing:
    """None."""


class Dots:
    """`...` in an index."""


@dataclass(slots=True, eq=False)
class Opaque:
    """What does not change the circuit: a session, an optimizer, a printed line. `what` says what it is; `needed` what
    to say where the circuit needs it after all. `kind` tells those apart that have methods."""

    what: str
    kind: str = ""
    needed: str | None = None
    at: Any = None
    items: dict[Any, Held] = field(default_factory=dict)
    code: str = "program.no-drawing"
    hint: str | None = None
    name: str = ""  # of a dictionary that the program made

    def part(self, at: Any, *, what: str | None = None, kind: str = "") -> "Opaque":
        """Something that comes of this, as opaque as it is."""
        return Opaque(what or self.what, kind, self.needed, at, code=self.code, hint=self.hint)


@dataclass(slots=True, eq=False)
class Asked:
    """A gradient that the program asks a framework for: nodes only where mathematics follows."""

    output: int
    wrt: int
    at: ast.AST
    node: int | None = None
    summed: bool = False  # a tensor's elements are summed first


@dataclass(slots=True, eq=False)
class Detached:
    """`x.item()`, `x.data`, `x.numpy()`: a `stop_gradient` only where mathematics follows."""

    of: Held
    at: ast.AST
    node: int | None = None


@dataclass(frozen=True, slots=True)
class Gradient:
    """`jax.grad(f)` before its call: `argnums`, whether the value comes along, and whether a tensor is summed, as
    autograd's `elementwise_grad` does, or each of its elements differentiated, as a `jacobian` does."""

    function: Held
    argnums: tuple[int, ...]
    single: bool
    valued: bool = False
    auxiliary: bool = False
    summed: bool = False
    jacobian: bool = False
    mapped: bool = False  # `jax.vmap`: of numbers, called on a tensor of them
    plain: bool = False  # no gradient, the value alone


@dataclass(slots=True, eq=False)
class Layer:
    """A module with weights, or a row of modules (`parts`), before it is called. `made`: what it was made with;
    `weights`: its inputs by their names in it, once they are needed."""

    kind: str
    path: str
    at: Any
    made: dict[str, Any] = field(default_factory=dict)
    parts: tuple[Held, ...] = ()
    name: str = ""  # as the program reaches it
    weights: dict[str, int] | None = None
    training: bool = True


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """A bare name that is a function's and no value's: the function where one is called, else an input."""

    name: str
    function: Held
    at: ast.AST


class Broken:
    """What an error left behind: it says nothing more."""


CALLABLE = (Function, Known, Special, Gradient)
LONG = 10_000  # items of a list up to which two of them are compared
NOTHING = Nothing()
DOTS = Dots()
BROKEN = Broken()


class BrokenError(Exception):
    """Something here is broken and has been said."""


def key_of(value: Held) -> object:
    """Equal for values that stand for the same: nodes by themselves, numbers by value, lists by their items."""
    kind = type(value)
    if kind is int:
        return value
    if kind is Number:
        return ("number", type(value.value).__name__ == "bool", value.key)
    if kind is Listing:
        if _long(value):
            return ("object", object())  # equal to none: what it costs to tell is more than what sharing spares
        return ("list", value.tuple, tuple(map(key_of, value.items)))
    if kind is Text:
        return ("text", value.value)
    return ("object", id(value), value)


def _long(value: "Listing") -> bool:
    """Whether a list with the lists in it has many items: one that stands in it twice counts twice."""
    count, waiting = 0, [value]
    while waiting and count <= LONG:
        items = waiting.pop().items
        count += 1 + len(items)
        if count <= LONG:
            waiting += [item for item in items if isinstance(item, Listing)]
    return count > LONG


def array_of(value: Any) -> Any:
    """A number as a float, nested numbers as an array. Errors: shape.mismatch, number.range."""
    try:
        array = np.asarray(value, dtype=np.float64)
    except (ValueError, TypeError):
        raise fail("shape.mismatch", "the rows of a tensor must be equally long") from None
    except OverflowError:
        raise fail("number.range", "a number here is beyond float64") from None
    return array if array.shape else float(array)
