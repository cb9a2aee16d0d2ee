"""What stands in square brackets: a pick from a list, without a gate, or the gate that picks from a tensor."""

from math import prod
from typing import TYPE_CHECKING, Any

from app.diagnostics import Diagnostic, Form, ProgramError, fail
from app.lang.assumed import Doubt, behind
from app.lang.known import integers, number
from app.lang.values import (
    DOTS,
    NOTHING,
    Ambiguous,
    Asked,
    Broken,
    BrokenError,
    Detached,
    Held,
    Layer,
    Listing,
    Number,
    Opaque,
    Slice,
    Text,
)  # fmt: skip
from app.ops.algebra import Attributes, Shape
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine

BEYOND = 2**62  # where a slice that goes further ends all the same
LONGEST = 1_000  # elements along an axis of a tensor that a hint proposes


def pick(m: "Machine", owner: Held, items: list[Held], paired: bool, step: "Step") -> Held:
    """`owner[items]`."""
    at = step[2]
    if isinstance(owner, Broken) or any(isinstance(item, Broken) for item in items):
        raise BrokenError
    if isinstance(owner, Opaque):
        kind = owner.kind if owner.kind == "device" else ""  # one of several random keys
        return Opaque(f"a part of {owner.what}", kind, owner.needed, at)
    if any(isinstance(item, Opaque) for item in items):
        return next(item for item in items if isinstance(item, Opaque))
    if isinstance(owner, Asked) and len(items) == 1 and m.exact(items[0]) == 0 and not m.builder.shapes[owner.wrt]:
        return owner
    if isinstance(owner, Layer):  # the modules of a `Sequential`
        owner = Listing(owner.parts, owner.at)
    if isinstance(owner, Listing) and len(items) == 1 and not paired:
        found = _from_list(m, owner, items[0], at)
        if found is not None:
            return found
    if isinstance(owner, Number) and owner.integer is not None:
        fail_index(m, "a number has no parts to pick from", at)
    if isinstance(owner, Text):
        fail_index(m, "a text has no parts here", at)
    index = tuple(item_of(m, item, at) for item in items)
    operand = m.operand(owner, getattr(at, "value", at))
    try:
        return m.make(CATALOGUE["index"], [operand], at, step[4], {"at": index})
    except ProgramError as error:
        explain(m, error, CATALOGUE["index"], (operand,), step, {"at": index})
        raise


def fail_index(m: "Machine", message: str, at: Any) -> None:
    raise fail("shape.index", message, m.places.span(at))


def _from_list(m: "Machine", owner: Listing, item: Held, at: Any) -> Held | None:
    items = owner.items
    if isinstance(item, Slice):
        parts = [
            None if part is NOTHING else m.integer(part, _index_place(at))
            for part in (item.start, item.stop, item.step)
        ]
        if parts[2] == 0:
            raise fail("shape.index", "the step of a slice cannot be 0", m.places.span(at))
        return Listing(items[slice(*parts)], at, tuple=owner.tuple)
    if isinstance(item, Listing) or item is DOTS or item is NOTHING:
        return None
    index = m.integer(item, _index_place(at), "an integer index")
    if not -len(items) <= index < len(items):
        have = f"0 to {len(items) - 1}" if len(items) else "none"
        raise fail(
            "shape.index", f"there is no item {index} in a list of {len(items)} (there is {have})", m.places.span(at)
        )
    return items[index]


def item_of(m: "Machine", item: Held, at: Any) -> Any:
    """One item of an index, as the operator takes it."""
    if item is NOTHING:
        return None
    if item is DOTS:
        return "..."
    if isinstance(item, Slice):
        parts = (item.start, item.stop, item.step)
        numbers = [None if part is NOTHING else m.integer(part, _index_place(at)) for part in parts]
        return ("slice", *[part if part is None else max(-BEYOND, min(part, BEYOND)) for part in numbers])
    if isinstance(item, Number):
        if isinstance(item.value, bool):
            raise _mask(m, at)
        exact = m.exact(item) if hasattr(item.value, "shape") else None
        return m.integer(item, _index_place(at), "an integer index") if exact is None else _list(exact)
    if isinstance(item, Listing):
        exact = m.exact(item, _index_place(at))
        if exact is None:
            inner = m.numbers(item)
            if inner is not None:
                m.integer(
                    next((x for x in _leaves(item) if x.integer is None), item), _index_place(at), "an integer index"
                )
            raise _mask(m, at)
        return _list(exact)
    if type(item) is int:
        if m.builder.operators[item].mask:
            raise _mask(m, at)
        exact = m.exact(item, _index_place(at))
        if exact is None and not m.builder.differentiable[item]:
            exact = integers(number(m, item))
        if exact is not None:
            return _list(exact) if isinstance(exact, tuple) else exact
        state = m.by_node.get(item)
        if state is None or m.builder.shapes[item]:
            raise fail(
                "syntax.unsupported",
                "a tensor cannot be an index: it is known only when the circuit runs. Write integers, or choose "
                "with `where`",
                m.places.span(_index_place(at)), hint=Form("where(x > 0, x, 0)"),
            )  # fmt: skip
    if isinstance(item, Detached | Ambiguous):
        return m.integer(item, _index_place(at), "an integer index")
    return m.integer(item, _index_place(at), "an integer index")


def _leaves(item: Held) -> list[Number]:
    found: list[Number] = []
    waiting = [item]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Listing):
            waiting += reversed(list(part.items))
        elif isinstance(part, Number):
            found.append(part)
    return found


def _list(exact: Any) -> Any:
    return (
        ("list", *[_list(part) if isinstance(part, tuple) else part for part in exact])
        if isinstance(exact, tuple)
        else exact
    )


def _mask(m: "Machine", at: Any) -> ProgramError:
    text = m.places.text(getattr(at, "value", at)) if m.place is None else "x"
    condition = m.places.text(_index_place(at)) if m.place is None else "x > 0"
    hint = f"where({condition}, {text}, 0)"
    return fail(
        "syntax.unsupported", "a mask cannot be an index, since the result's shape would depend on values: write "
        f"`{hint}`",
        m.places.span(at if m.place is None else _index_place(at)), hint=hint,
    )  # fmt: skip


def explain(
    m: "Machine", error: BaseException, operator: Operator, operands: Any, step: "Step", attributes: Attributes
) -> None:
    """Adds to a shape's error both places, and that a value was assumed where it was. Raises the better error."""
    if not isinstance(error, ProgramError):
        return
    found = error.diagnostics[0]
    if not found.code.startswith("shape.") or found.spans:
        return
    whole = m.places.span(m.place or step[2])
    spans = [m.places.span(part) for part in _parts(step[2])] if m.place is None else []
    message, hint = found.message, found.hint
    assumed = [m.by_node[x] for x in operands if type(x) is int and x in m.by_node and m.by_node[x].assumed]
    if assumed:
        names = " and ".join(dict.fromkeys(f"`{state.variable}`" for state in assumed))
        verb = "has" if names.count("`") == 2 else "have"
        message = (
            f"{names} {verb} no value, so 1.0 was assumed, and that does not fit here ({found.message}): assign one"
        )
        hint = _fitting(m, operator, operands, attributes)
        spans = [whole, *[span for span in spans if span != whole]]
    elif len(spans) < 2:
        spans = [whole]
    nodes = [x for x in operands if type(x) is int]
    beside = [m.builder.shapes[x] for x in nodes if x not in m.by_node or not m.by_node[x].assumed]
    further = tuple(behind(m, nodes))
    direct = tuple(dict.fromkeys(state.variable for state in assumed)) or further
    paired = operator.name == "matmul" or not assumed
    m.doubt(message, Doubt(direct, "shape", tuple(s for s in beside if s), hint, paired, further))
    raise ProgramError([Diagnostic(code=found.code, message=message, spans=tuple(spans), hint=hint)]) from error


def _parts(at: Any) -> list[Any]:
    """The operands of a sign, as places."""
    if hasattr(at, "left") and hasattr(at, "right"):
        return [at.left, at.right]
    if hasattr(at, "left") and hasattr(at, "comparators") and len(at.comparators) == 1:
        return [at.left, at.comparators[0]]
    return []


def _fitting(m: "Machine", operator: Operator, operands: Any, attributes: Attributes) -> str | None:
    """Assignments that fit where assumed numbers do not: the first shape that the operator takes."""
    states = [m.by_node.get(x) if type(x) is int else None for x in operands]
    assumed = [state is not None and state.assumed for state in states]
    shapes = [m.shape(x) for x in operands]
    given = [shape for shape, unknown in zip(shapes, assumed, strict=True) if not unknown]
    assert operator.shape is not None
    for shape in _candidates(given, attributes):
        tried = [shape if unknown else known for known, unknown in zip(shapes, assumed, strict=True)]
        try:
            operator.shape(*tried, **attributes)
        except ProgramError:
            continue
        sizes = ", ".join(map(str, shape))
        names = dict.fromkeys(state.variable for state in states if state is not None and state.assumed)
        return "; ".join(f"{name} = randn({sizes})" for name in names)
    return None


def _candidates(given: list[Shape], attributes: Attributes) -> list[Shape]:
    """Shapes that are worth trying, the likeliest first."""
    found: list[Shape] = []
    for shape in given:
        if shape:
            found += [(shape[-2],) if len(shape) > 1 else (shape[0],), (shape[-1],), (shape[-1], shape[-1]), shape]
    wanted = attributes.get("shape")
    if isinstance(wanted, tuple) and all(isinstance(n, int) for n in wanted):
        found.append((abs(prod(n for n in wanted if isinstance(n, int))),))
    index = attributes.get("at")
    if isinstance(index, tuple):
        sizes: list[int] = []
        for item in index:
            if isinstance(item, int):
                sizes.append(max(3, item + 1, -item))
            elif isinstance(item, tuple):
                whole = [abs(part) for part in item if isinstance(part, int)]
                sizes.append(max(3, max(whole, default=2) + 1))
        if all(size <= LONGEST for size in sizes):
            found.append(tuple(sizes) or (3,))
    return [*found, (3,), (3, 3), (4,), (3, 3, 3), (1, 3, 8, 8), (2, 3, 4, 5)]


def _index_place(at: Any) -> Any:
    """Where an index stands (that of a call: the call)."""
    return getattr(at, "slice", at)
