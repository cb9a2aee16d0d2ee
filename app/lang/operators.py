"""Calls of operators: a gate, or the group of a composition."""

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from app.diagnostics import ProgramError
from app.graph.builder import NODES
from app.lang import arguments, indexing
from app.lang.code import Step
from app.lang.functions import compose
from app.lang.opaque import mixed
from app.lang.values import NOTHING, Broken, BrokenError, Held, Listing, Number, Opaque
from app.ops.catalogue import CATALOGUE
from app.ops.operator import NODE, Operator, variant

if TYPE_CHECKING:
    from app.lang.machine import Machine


def _takes(operator: Operator, name: str) -> bool:
    return any(p.name == name or name in p.aliases for p in operator.parameters)


def operate(
    m: "Machine",
    operator: Operator,
    given: list[Held],
    named: dict[str, Held],
    framework: str | None,
    step: Step,
    called: str,
) -> Any:
    """A call of an operator: a gate, or the group of a composition."""
    at = step[2]
    if not named and NODES.issuperset(map(type, given)) and _gate(operator, len(given)):
        return _made(m, operator, given, {}, step, share=True)
    named = {name: value for name, value in named.items() if name not in arguments.IGNORED or _takes(operator, name)}
    for value in (*given, *named.values()):
        if isinstance(value, Broken):
            raise BrokenError
        if isinstance(value, Opaque) and value.kind not in {"type", "device"}:
            return mixed(value, value, at)
    if operator.name in _EXTREME:
        found = _extreme(m, operator, given, named, framework, step, called)
        if found is not None:
            return found
    if operator.name == "sum" and len(given) == 2 and isinstance(given[0], Listing) and m.exact(given[1], at) is None:
        total: Any = m.operand(given[1], at)
        for position, item in enumerate(given[0].items):
            total = m.make(CATALOGUE["add"], [total, m.operand(item, at)], at, (step[4], "add", position))
        return total
    given = [value for value in given if not (isinstance(value, Opaque) and value.kind in {"type", "device"})]
    named = {name: value for name, value in named.items() if not isinstance(value, Opaque)}
    unseeded = any(p.name == "stream" for p in operator.parameters)
    operator = _soft(m, operator, given, named)
    operands, attributes = arguments.bind(m, operator, given, named, framework, at, called)
    if operator.variants:
        asked = dict(attributes)
        for key, names in operator.variants.items():
            if NODE in names and key in asked and not isinstance(asked[key], int | float | str | tuple):
                asked[key] = NODE
        name, kept = variant(operator, asked)
        if name != operator.name or kept != attributes:
            operator, attributes = CATALOGUE[name], dict(kept.items())
    share = True
    if unseeded and attributes.get("seed") is None:
        attributes["stream"] = stream(m)
        share = False
        for frame in m.frames:
            frame.unseeded = True
    if operator.body is not None:
        return compose(m, operator, operands, attributes, step)
    return _made(m, operator, operands, attributes, step, share=share)


def _made(
    m: "Machine", operator: Operator, operands: list[Any], attributes: dict[str, Any], step: Step, *, share: bool
) -> int:
    """The gate, with errors that name its operands."""
    try:
        return m.make(operator, operands, step[2], step[4], attributes, share=share)
    except ProgramError as error:
        indexing.explain(m, error, operator, operands, step, attributes)
        raise


@lru_cache(maxsize=4096)
def _gate(operator: Operator, count: int) -> bool:
    """Whether a call of it with so many nodes, and nothing else, is its gate on them as they stand."""
    plain = all(p.role == "operand" and not p.variadic for p in operator.parameters)
    return plain and count == len(operator.parameters) and operator.family == "elementwise" and not operator.variants


def _soft(m: "Machine", operator: Operator, given: list[Held], named: dict[str, Held]) -> Operator:
    """The loss with probabilities for labels, where those have the shape of the scores, as PyTorch tells them apart."""
    for key, names in operator.variants.items():
        if NODE in names:
            place = next(i for i, p in enumerate(operator.parameters) if p.name == key)
            scores, labels = (_argument(operator, i, given, named) for i in (0, place))
            if _shape(m, labels) and _shape(m, labels) == _shape(m, scores):
                return CATALOGUE[names[NODE]]
    return operator


def _argument(operator: Operator, place: int, given: list[Held], named: dict[str, Held]) -> Held | None:
    parameter = operator.parameters[place]
    found = (named[name] for name in (parameter.name, *parameter.aliases) if name in named)
    return given[place] if place < len(given) else next(found, None)


def _shape(m: "Machine", value: Held | None) -> tuple[int, ...]:
    """The shape of a node or of a list of numbers; of anything else ()."""
    if type(value) is int:
        return m.builder.shapes[value]
    if isinstance(value, Number):
        return tuple(getattr(value.value, "shape", ()))
    sizes = []
    inner = m.numbers(value) if isinstance(value, Listing) else None
    while isinstance(inner, list) and inner:
        sizes.append(len(inner))
        inner = inner[0]
    return tuple(sizes)


_EXTREME = {"max": "maximum", "min": "minimum"}


def _extreme(
    m: "Machine",
    operator: Operator,
    given: list[Held],
    named: dict[str, Held],
    framework: str | None,
    step: Step,
    called: str,
) -> Any:
    """`max(a, b)` is one gate, `max(x)` a reduction; in PyTorch `max(x, dim)` gives the places too."""
    at = step[2]
    second = given[1] if len(given) > 1 else named.get("other")
    if framework in {"numpy", "jax", "tensorflow"} or not given or called.rpartition(".")[2] in {"amax", "amin"}:
        return None
    if framework == "torch":
        axis = named.get("dim", named.get("axis", second))
        if axis is None or axis is NOTHING:
            return None
        if isinstance(axis, Number) and axis.integer is not None and not isinstance(given[0], Number):
            keep = {k: v for k, v in named.items() if k in {"keepdim", "keepdims"}}
            values = operate(m, operator, [given[0]], {"axis": axis, **keep}, None, step, called)
            before = len(m.builder)
            places = m.make(
                CATALOGUE["arg" + operator.name],
                [m.operand(given[0], at)],
                at,
                (step[4], "places"),
                dict(m.builder.attributes[values]),
            )
            m.apart.append((before, len(m.builder)))
            return Listing([values, places], at, tuple=True)
        if second is None:
            return None
        return m.make(CATALOGUE[_EXTREME[operator.name]], [m.operand(given[0], at), m.operand(second, at)], at, step[4])
    if len(given) == 1 and isinstance(given[0], Listing) and not named and any(type(i) is int for i in given[0].items):
        given = list(given[0].items)  # Python's max([a, b])
    if len(given) < 2:
        return None
    if named:
        raise arguments.wrong(operator, f"`{called}` of several values takes no `{next(iter(named))}`", called)
    operands = [m.operand(value, at) for value in given]
    try:
        return m.make(CATALOGUE[_EXTREME[operator.name]], operands, at, step[4])
    except ProgramError as error:
        indexing.explain(m, error, CATALOGUE[_EXTREME[operator.name]], operands, step, {})
        raise


def stream(m: "Machine") -> str:
    """The name of an unseeded maker's numbers: what it is assigned to, or its count; each call and turn anew."""
    frame = m.frame
    statement = frame.statement
    name = (
        statement.assigns[0] if statement is not None and len(statement.assigns) == 1 and not statement.compound else ""
    )
    base = f"{m.group.id}/{name}" if m.group is not None else name
    count = m.streams[base] = m.streams.get(base, 0) + 1
    return base if count == 1 and name else f"{base}#{count}"
