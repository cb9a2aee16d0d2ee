"""What stands in square brackets: a pick from a list, without a gate, or the gate that picks from a tensor."""

from typing import TYPE_CHECKING, Any

from app.diagnostics import Diagnostic, ProgramError, fail
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
    Listing,
    Number,
    Opaque,
    Slice,
    Text,
)  # fmt: skip
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine


def pick(m: "Machine", owner: Held, items: list[Held], paired: bool, step: "Step") -> Held:
    """`owner[items]`."""
    at = step[2]
    if isinstance(owner, Broken) or any(isinstance(item, Broken) for item in items):
        raise BrokenError
    if isinstance(owner, Opaque):
        if owner.kind == "dictionary" and len(items) == 1:
            from app.lang.pasted import key

            found = owner.items.get(key(items[0]))
            if found is not None:
                return found[1]
        return Opaque(f"a part of {owner.what}", "", owner.needed, at)
    if any(isinstance(item, Opaque) for item in items):
        return next(item for item in items if isinstance(item, Opaque))
    if isinstance(owner, Asked) and len(items) == 1 and m.exact(items[0]) == 0 and not m.builder.shapes[owner.wrt]:
        return owner
    if isinstance(owner, Listing) and len(items) == 1 and not paired:
        found = _from_list(m, owner, items[0], at)
        if found is not None:
            return found
    if isinstance(owner, Number) and owner.integer is not None:
        fail_index(m, "a number has no parts to pick from", at)
    if isinstance(owner, Text):
        fail_index(m, "a text has no parts here", at)
    index = tuple(_item(m, item, at) for item in items)
    operand = m.operand(owner, at.value)
    try:
        return m.make(CATALOGUE["index"], [operand], at, step[4], {"at": index})
    except ProgramError as error:
        explain(m, error, (operand,), step, index)
        raise


def fail_index(m: "Machine", message: str, at: Any) -> None:
    raise fail("shape.index", message, m.places.span(at))


def _from_list(m: "Machine", owner: Listing, item: Held, at: Any) -> Held | None:
    items = owner.items
    if isinstance(item, Slice):
        parts = [None if part is NOTHING else m.integer(part, at.slice) for part in (item.start, item.stop, item.step)]
        if parts[2] == 0:
            raise fail("shape.index", "the step of a slice cannot be 0", m.places.span(at))
        return Listing(list(items[slice(*parts)]), at, tuple=owner.tuple)
    if isinstance(item, Listing) or item is DOTS or item is NOTHING:
        return None
    index = m.integer(item, at.slice, "an integer index")
    if not -len(items) <= index < len(items):
        have = f"0 to {len(items) - 1}" if len(items) else "none"
        raise fail(
            "shape.index", f"there is no item {index} in a list of {len(items)} (there is {have})", m.places.span(at)
        )
    found = items[index]
    return Number(found, at) if isinstance(items, range) else found


def _item(m: "Machine", item: Held, at: Any) -> Any:
    """One item of an index, as the operator takes it."""
    if item is NOTHING:
        return None
    if item is DOTS:
        return "..."
    if isinstance(item, Slice):
        parts = (item.start, item.stop, item.step)
        return ("slice", *[None if part is NOTHING else m.integer(part, at.slice) for part in parts])
    if isinstance(item, Number):
        if isinstance(item.value, bool):
            raise _mask(m, at)
        if not hasattr(item.value, "shape"):
            return m.integer(item, at.slice, "an integer index")
    if isinstance(item, Listing):
        exact = m.exact(item, at.slice)
        if exact is None:
            inner = m.numbers(item)
            if inner is not None:
                m.integer(next((x for x in _leaves(item) if x.integer is None), item), at.slice, "an integer index")
            raise _mask(m, at)
        return _list(exact)
    if type(item) is int:
        if m.builder.operators[item].mask:
            raise _mask(m, at)
        exact = m.exact(item, at.slice)
        if exact is None and not m.builder.differentiable[item]:
            exact = integers(number(m, item))
        if exact is not None:
            return _list(exact) if isinstance(exact, tuple) else exact
        state = m.by_node.get(item)
        if state is None or m.builder.shapes[item]:
            raise fail(
                "syntax.unsupported",
                "a tensor cannot be an index: it is known only when the circuit runs. Write integers, or choose with `where`",
                m.places.span(at.slice), hint="where(x > 0, x, 0)",
            )  # fmt: skip
    if isinstance(item, Detached | Ambiguous):
        return m.integer(item, at.slice, "an integer index")
    return m.integer(item, at.slice, "an integer index")


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
    text = m.places.text(at.value) if m.place is None else "x"
    condition = m.places.text(at.slice) if m.place is None else "x > 0"
    hint = f"where({condition}, {text}, 0)"
    return fail(
        "syntax.unsupported", f"a mask cannot be an index, since the result's shape would depend on values: write `{hint}`",
        m.places.span(at.slice), hint=hint,
    )  # fmt: skip


def explain(m: "Machine", error: BaseException, operands: Any, step: "Step", index: Any = None) -> None:
    """Adds to a shape's error both places, and that a value was assumed where it was. Raises the better error."""
    if not isinstance(error, ProgramError):
        return
    found = error.diagnostics[0]
    if not found.code.startswith("shape.") or found.spans:
        return
    assumed = [m.by_node[x] for x in operands if type(x) is int and x in m.by_node and m.by_node[x].assumed]
    spans = []
    at = m.place or step[2]
    if m.place is None:
        spans = [m.places.span(part) for part in _parts(step[2])]
    if len(spans) < 2:
        spans = [m.places.span(at)]
    message, hint = found.message, found.hint
    if assumed:
        state = assumed[0]
        hint = _fitting(m, state, operands, step, index)
        message = (
            f"`{state.name}` has no value, so 1.0 was assumed, and that does not fit here ({found.message}): assign one"
        )
        spans = [m.places.span(at), *[s for s in spans if s != m.places.span(at)]]
    raise ProgramError([Diagnostic(code=found.code, message=message, spans=tuple(spans), hint=hint)]) from error


def _parts(at: Any) -> list[Any]:
    """The operands of a sign, as places."""
    if hasattr(at, "left") and hasattr(at, "right"):
        return [at.left, at.right]
    if hasattr(at, "left") and hasattr(at, "comparators") and len(at.comparators) == 1:
        return [at.left, at.comparators[0]]
    return []


def _fitting(m: "Machine", state: Any, operands: Any, step: "Step", index: Any) -> str:
    """An assignment that fits where an assumed number does not."""
    name = state.name
    if index is not None:
        sizes = []
        for item in index:
            if isinstance(item, int):
                sizes.append(max(3, item + 1 if item >= 0 else -item))
            elif isinstance(item, tuple):
                whole = [part for part in item[1:] if isinstance(part, int)]
                sizes.append(max(3, max(map(abs, whole), default=2) + 1))
        return f"{name} = randn({', '.join(map(str, sizes or [3]))})"
    shapes = [() if type(x) is int and x in m.by_node and m.by_node[x].assumed else m.shape(x) for x in operands]
    first = next((i for i, x in enumerate(operands) if type(x) is int and m.by_node.get(x) is state), 0)
    other = shapes[1 - first] if len(shapes) == 2 else ()
    if not other:
        others = [i for i in range(len(shapes)) if i != first and shapes[i] == ()]
        return f"{name} = randn(3, 3)" if first == 0 or not others else f"{name} = randn(3)"
    if first == 0:
        size = other[-2] if len(other) > 1 else other[0]
        return f"{name} = randn({size})" if len(other) > 1 else f"{name} = randn({size})"
    return f"{name} = randn({other[-1]}, {other[-1]})"
