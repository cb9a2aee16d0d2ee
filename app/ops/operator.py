"""What an operator is: all that belongs to it in one definition, from which everything else is derived."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import prod
from typing import Any, Literal

import numpy as np

from app.diagnostics import fail
from app.ops.algebra import Arithmetic, Attributes, Shape, Static, Value
from app.ops.expression import Expression, expression, times
from app.ops.signature import MISSING, STREAM, Parameter, parameters, shown

Framework = Literal["numpy", "torch", "jax", "tensorflow", "math"]
WIDE = 16  # operands of a call up to which what is derived for it is kept: a call of thousands is made once
NODE = "<node>"  # in `variants`: whatever is a node


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How others write it: `str.format` templates, filled by app/ops/spelling.py with {0} {1} … for the operands,
    {args} for all of them joined by commas, and {axis} … for attributes as Python writes them. None: by the operator's
    own name (NumPy `np.name`, JAX `jnp.name`, PyTorch `torch.name`, TensorFlow `tf.name`), attributes as keywords; "":
    it has no spelling there, and the exporter has a case of its own. `onnx` is an operator type.

    `python` is an expression on floats in the names of `math`, as fast as it can be written by hand: it may raise where
    `math` does, and whoever runs it then falls back to `scalar`. `js` is the page's, in JavaScript's numbers,
    `Math` and
    the helpers of app/ops/page.py. Both: a comparison is a condition (its value is 1 or 0); None: a call of `name`."""

    python: str | None = None
    numpy: str | None = None
    torch: str | None = None
    jax: str | None = None
    tensorflow: str | None = None
    onnx: str | None = None
    js: str | None = None


# Of what no exporter meets (a composition is written by its parts), or each has a case for.
NOWHERE = Spelling(numpy="", torch="", jax="", tensorflow="", onnx="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """How to draw one operand for tests: uniform in [low, high], of this shape; `integers` draws whole numbers;
    `diagonal` is added to the diagonal, which makes a matrix regular."""

    low: float = -2.0
    high: float = 2.0
    shape: Shape = ()
    integers: bool = False
    diagonal: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """What holds where a derivative is not unique; `says`: one sentence. `at(*xs, **attributes)`: whether this is such
    a point, elementwise (None: the text is shown always). `slots`: the operands whose derivative it is about, None for
    all; `each`: `at` gives a tuple, whether each operand is concerned."""

    says: str
    at: Callable[..., Any] | None = None
    slots: tuple[int, ...] | None = None
    each: bool = False

    def holds(self, xs: Sequence[Value], attributes: Attributes, wanted: Sequence[bool]) -> bool:
        """Whether it decides, at any element, a derivative by one of the `wanted` operands."""
        if self.at is None or not any(w for i, w in enumerate(wanted) if self.slots is None or i in self.slots):
            return False
        with np.errstate(all="ignore"):
            found = self.at(*xs, **attributes)
            if self.each:
                return any(w and bool(np.any(part)) for w, part in zip(wanted, found, strict=True))
            return bool(np.any(found))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Operator:
    """One operator. Everything that reads it (parser, completion, catalogue, engine, exporters, page, tests) reads it
    from here.

    name          the catalogue's name, as the API shows it
    parameters    its signature, in the order of the call: operands (what may be a node) and attributes (static)
    family        elementwise (broadcasts, works on numbers too), tensor, maker (no operands), composed, leaf
    forward       values in, value out: `forward(*arrays, **attributes)`; may give a view of an operand
    into          elementwise, where `forward` is no ufunc: the same into another array, `into(*arrays, out=array)`
    scalar        the same on Python floats, IEEE where `math` raises (elementwise only)
    shape         `shape(*shapes, **attributes)`: the result's shape, or a ProgramError `shape.…`
    partials      elementwise: `partials(*xs, y)`: one expression for each operand; a comparison there is a mask
    vjp           tensor: `vjp(i, g, y, *xs, **attributes)`: the contribution to operand i, written in operators
    vjps          tensor of many operands: `vjps(g, y, *xs, **attributes)`: the contributions to all at once, for one by
                  one they would take time with the square of their number
    jvp           tensor, where it does not follow: `jvp(ts, y, *xs, **attributes)`, ts the operands' tangents (None: 0)
    linear        "jointly" (in all operands at once) or "each" (in each alone): then the jvp follows
    passes        whether operand i passes a gradient at all; by default, whether its partial is not the literal 0
    flops         `flops(out, *shapes, **attributes)`: an upper bound of floating point operations
    sign          how it is drawn; `infix`: its sign in the language; `commutes`: operands may enter in any order
    aliases       other names, of any framework; with a framework ("torch.transpose") only under its prefixes
    defaults      defaults that differ by framework: {"torch": {"ddof": 1}}
    variants      what a call means by what an attribute is: {"approximate": {"none": "gelu", "tanh": "gelu_tanh"}}; the
                  attribute is not the operator's own. NODE: by its being a node. See `variant`
    within        the bounds of attributes that are numbers, both included: {"p": (0, 1)}
    latex         a template with {0} {1} … ({args}: all of them)
    latex_partials  tensor: for each operand its gradient as mathematics, in G (what comes back), Y and {0} {1} …
    body          composed: its definition in the language
    mask          a comparison or a logical operator: its result selects
    """

    name: str
    parameters: tuple[Parameter, ...] = ()
    family: Literal["elementwise", "tensor", "maker", "composed", "leaf"]
    forward: Callable[..., Any] | None = None
    into: Callable[..., Any] | None = None
    scalar: Callable[..., float] | None = None
    shape: Callable[..., Shape] | None = None
    partials: Callable[..., tuple[Any, ...]] | None = None
    vjp: Callable[..., Any] | None = None
    vjps: Callable[..., list[Any]] | None = None
    jvp: Callable[..., Any] | None = None
    linear: Literal["jointly", "each"] | None = None
    passes: Callable[[int], bool] | None = None
    flops: Callable[..., int]
    sign: str
    infix: str | None = None
    commutes: bool = False
    aliases: tuple[str, ...] = ()
    defaults: Mapping[str, Mapping[str, Static]] = field(default_factory=dict)
    variants: Mapping[str, Mapping[Static, str]] = field(default_factory=dict)
    within: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    latex: str
    latex_partials: tuple[str, ...] = ()
    doc: str
    source: str = ""
    conventions: tuple[Convention, ...] = ()
    example: str
    sample: tuple[Sample, ...] = ()
    sample_attributes: Attributes = field(default_factory=dict)
    spell: Spelling = Spelling()
    body: str | None = None
    mask: bool = False

    def __call__(self, *operands: Any, **attributes: Static) -> Any:
        """Applied to terms: a term of their algebra; to numbers and arrays: a value."""
        for operand in operands:
            if isinstance(operand, Arithmetic):
                return operand.apply(self.name, operands, attributes)
        return evaluate(self, operands, attributes)

    def __repr__(self) -> str:
        return f"<operator {self.name}>"

    @property
    def operands(self) -> tuple[Parameter, ...]:
        return _by_role(self)[0]

    @property
    def attributes(self) -> tuple[Parameter, ...]:
        return _by_role(self)[1]

    @property
    def signature(self) -> str:
        """As a user reads it: `sum(x, axis=None, keepdims=False)`."""
        return f"{self.name}({', '.join(shown(p) for p in self.parameters if p.name != STREAM)})"


# ── Derived from a definition ────────────────────────────────────────────────────────────────────────────────────────


def evaluate(operator: Operator, operands: tuple[Any, ...], attributes: Attributes) -> Value:
    """The result of shape () as a float, any other as an array. Operands are floats and arrays."""
    if operator.scalar is not None and all(isinstance(x, (float, int)) for x in operands):
        return operator.scalar(*operands, **attributes)
    assert operator.forward is not None, operator
    result = operator.forward(*operands, **attributes)
    return result if getattr(result, "shape", ()) else float(result)


@lru_cache(maxsize=4096)
def _by_role(operator: Operator) -> tuple[tuple[Parameter, ...], tuple[Parameter, ...]]:
    """The parameters that may be nodes, and those that are static."""
    parameters = operator.parameters
    return (
        tuple([p for p in parameters if p.role != "attribute"]),
        tuple([p for p in parameters if p.role == "attribute"]),
    )


@lru_cache(maxsize=64)
def variables(count: int) -> tuple[Expression, ...]:
    """The names that rules are read with: x0, x1, …"""
    return tuple(Expression(name=f"x{i}") for i in range(count))


Y = Expression(name="y")
G = Expression(name="g")


def partials(operator: Operator, arity: int) -> tuple[Expression, ...]:
    """∂result/∂operand of an elementwise operator, one expression for each operand, in x0 …, y."""
    return _partials(operator, arity) if arity <= WIDE else _partials.__wrapped__(operator, arity)


@lru_cache(maxsize=4096)
def _partials(operator: Operator, arity: int) -> tuple[Expression, ...]:
    assert operator.partials is not None, operator
    found = operator.partials(*variables(arity), Y)
    assert len(found) == arity, f"{operator.name}: {len(found)} partials for {arity} operands"
    return tuple(map(expression, found))


def contributions(operator: Operator, arity: int) -> tuple[Expression, ...]:
    """g · ∂result/∂operand, as expressions in g, x0 …, y: what flows back along each operand's edge."""
    return _contributions(operator, arity) if arity <= WIDE else _contributions.__wrapped__(operator, arity)


@lru_cache(maxsize=4096)
def _contributions(operator: Operator, arity: int) -> tuple[Expression, ...]:
    known: dict[int, Expression] = {}
    return tuple([times(G, partial, known) for partial in partials(operator, arity)])


def passes(operator: Operator, slot: int, arity: int) -> bool:
    """Whether a gradient passes this slot at all (False: a condition, a comparison, `stop_gradient`)."""
    if arity > WIDE and operator.passes is None:  # operators of any number of operands treat them alike
        slot, arity = 0, WIDE
    return _passes(operator, slot, arity)


def passing_slots(operator: Operator, arity: int) -> tuple[bool, ...]:
    """The same of every slot."""
    return _passing(operator, arity) if arity <= WIDE else _passing.__wrapped__(operator, arity)


@lru_cache(maxsize=4096)
def _passing(operator: Operator, arity: int) -> tuple[bool, ...]:
    return tuple([passes(operator, slot, arity) for slot in range(arity)])


@lru_cache(maxsize=65536)
def _passes(operator: Operator, slot: int, arity: int) -> bool:
    if operator.passes is not None:
        return operator.passes(slot)
    if operator.partials is not None:
        return partials(operator, arity)[slot].number != 0.0
    return operator.vjp is not None


def variant(operator: Operator, attributes: Attributes) -> tuple[str, Attributes]:
    """The operator that a call means, and the attributes that it keeps. NODE stands for an attribute that is a node.
    Errors: call.arguments."""
    name = operator.name
    kept = dict(attributes)
    for key, names in operator.variants.items():
        chosen: Any = kept.get(key, MISSING)
        if chosen in names:
            name = names[chosen]
        elif chosen is not MISSING and NODE not in names:
            known = ", ".join(map(repr, names))
            raise fail("call.arguments", f"`{key}` of {operator.name} may be {known}, not {chosen!r}")
        if NODE not in names:
            kept.pop(key, None)
    return name, kept


def _common(*shapes: Shape, **_: Static) -> Shape:
    """`broadcast`, quick where all are equal."""
    first = shapes[0]
    return first if all(shape == first for shape in shapes) else broadcast(*shapes)


def broadcast(*shapes: Shape) -> Shape:
    """The shape that all broadcast to, by NumPy's rule. Errors: shape.broadcast."""
    rank = max(map(len, shapes), default=0)
    result = [1] * rank
    for shape in shapes:
        for offset, size in enumerate(shape, start=rank - len(shape)):
            if size != 1:
                if result[offset] not in (1, size):
                    clash = next(s for s in shapes if _clashes(s, shape))
                    raise fail("shape.broadcast", f"shapes {clash} and {shape} do not broadcast")
                result[offset] = size
    return tuple(result)


def _clashes(a: Shape, b: Shape) -> bool:
    return any(m != n and 1 not in (m, n) for m, n in zip(reversed(a), reversed(b), strict=False))


# ── How operators are defined ────────────────────────────────────────────────────────────────────────────────────────


def elementwise(
    name: str,
    signature: str = "x",
    *,
    forward: Callable[..., Any],
    scalar: Callable[..., float],
    partials: Callable[..., tuple[Any, ...]],
    latex: str,
    doc: str,
    example: str,
    flops: int = 1,
    sign: str | None = None,
    **rest: Any,
) -> Operator:
    """An operator that works on each element alone and broadcasts; `partials` gives all of its derivatives, `flops`
    are of one element (for any number of operands: of each after the first)."""
    taken = parameters(signature)
    many = any(p.role in ("operands", "list") for p in taken)
    return Operator(
        name=name,
        parameters=taken,
        family="elementwise",
        forward=forward,
        scalar=scalar,
        shape=_common,
        partials=partials,
        flops=lambda out, *shapes, **_: flops * prod(out) * (max(1, len(shapes) - 1) if many else 1),
        sign=sign or name,
        latex=latex,
        doc=doc,
        example=example,
        **rest,
    )


def tensor(
    name: str,
    signature: str,
    *,
    forward: Callable[..., Any],
    shape: Callable[..., Shape],
    latex: str,
    doc: str,
    example: str,
    flops: Callable[..., int] = lambda out, *shapes, **_: prod(out) + sum(map(prod, shapes)),
    sign: str | None = None,
    **rest: Any,
) -> Operator:
    """An operator on whole arrays, with its own shape rule and `vjp` (none: it passes no gradient)."""
    return Operator(
        name=name,
        parameters=parameters(signature),
        family="tensor",
        forward=forward,
        shape=shape,
        flops=flops,
        sign=sign or name,
        latex=latex,
        doc=doc,
        example=example,
        **rest,
    )


def maker(
    name: str,
    signature: str,
    *,
    forward: Callable[..., Any],
    shape: Callable[..., Shape],
    doc: str,
    example: str,
    latex: str | None = None,
    flops: Callable[..., int] = lambda out, **_: prod(out),
    **rest: Any,
) -> Operator:
    """An operator that makes a tensor out of attributes alone: a constant, or the start of an input."""
    return Operator(
        name=name,
        parameters=parameters("/, " + signature),
        family="maker",
        forward=forward,
        shape=shape,
        flops=flops,
        sign=rest.pop("sign", name),
        latex=latex or _named(name),
        doc=doc,
        example=example,
        **rest,
    )


def composed(
    name: str,
    signature: str = "x",
    *,
    body: str,
    doc: str,
    example: str,
    latex: str | None = None,
    spell: Spelling = NOWHERE,
    **rest: Any,
) -> Operator:
    """An operator written in the language: `body` is one `def` of this name with the parameters of `signature`. Its
    calls are groups, shown closed."""
    return Operator(
        name=name,
        parameters=parameters(signature),
        family="composed",
        body=body,
        flops=lambda out, *shapes, **_: 0,  # its parts are counted
        sign=rest.pop("sign", name),
        latex=latex or _named(name) + r"\left({args}\right)",
        doc=doc,
        example=example,
        spell=spell,
        **rest,
    )


def _named(name: str) -> str:
    """A name as mathematics, as a template."""
    return r"\operatorname{{" + name.replace("_", r"\_") + "}}"


def each(*rules: Callable[..., Any]) -> Callable[..., Any]:
    """A vjp from one rule for each operand: `each(lambda g, y, a, b: …, lambda g, y, a, b: …)`."""
    return lambda i, g, y, *xs, **attributes: rules[i](g, y, *xs, **attributes)
