"""Modules with weights: `nn.Linear(3, 4)`, `nn.Sequential(…)`. Their weights are inputs, named as PyTorch reaches them
(`fc.weight`, `net[0].bias`), with numbers drawn in the range that PyTorch draws them in."""

from collections.abc import Callable, Iterator
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import Form, ProgramError, fail
from app.lang.frames import SWITCH
from app.lang.layers import LAYERS, Row, Weight, give_name
from app.lang.opaque import true
from app.lang.operators import operate
from app.lang.places import short
from app.lang.values import NOTHING, Held, Known, Layer, Listing, Method, Number, Opaque, Special, Text
from app.ops.catalogue import CATALOGUE
from app.ops.making import generator
from app.ops.signature import Parameter, shown

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine

IDLE = frozenset({"device", "dtype", "track_running_stats", "padding_mode"})  # arguments that change no number here


def layer(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`nn.Linear(3, 4)`, before it is called. Errors: call.arguments, type.integer."""
    kind = callee.path.rpartition(".")[2]
    return Layer(kind, callee.path, step[2], made=_made(m, callee.path, LAYERS[kind], given, named, step[2]))


def holding(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`nn.Sequential(…)`: its modules, one after the other; `nn.ModuleList([…])`: a list of them."""
    kind = callee.path.rpartition(".")[2]
    parts = list(given[0].items) if len(given) == 1 and isinstance(given[0], Listing) else given
    for part in parts:
        if isinstance(part, Opaque):
            text = part.needed or f"{part.what} in `{callee.path}` cannot be drawn: give its modules one by one"
            return Opaque(f"`{kind}`", "model", text, step[2], code=part.code, hint=part.hint)
    return Listing(parts, step[2]) if kind == "ModuleList" else Layer(kind, callee.path, step[2], parts=tuple(parts))


def _made(m: "Machine", path: str, row: Row, given: list[Held], named: dict[str, Held], at: Any) -> dict[str, Any]:
    """What a module is made with, by name. Errors: call.arguments."""
    taken = row.parameters
    signature = f"{path}({', '.join(map(shown, taken))})"

    def wrong(message: str) -> ProgramError:
        return fail("call.arguments", f"{message}: it is written `{signature}`", hint=Form(signature))

    if len(given) > len(taken):
        raise wrong(f"`{path}` takes {len(taken)} arguments, and here are {len(given)}")
    values = {p.name: value for p, value in zip(taken, given, strict=False)}
    for name, value in named.items():
        if name in IDLE:
            continue
        if name not in {p.name for p in taken}:
            raise wrong(f"`{path}` is drawn without `{name}`")
        if name in values:
            raise wrong(f"`{path}` is given `{name}` twice")
        values[name] = value
    missing = next((p.name for p in taken if p.required and p.name not in values), None)
    if missing is not None:
        raise wrong(f"`{path}` needs `{missing}`")
    found = {p.name: _argument(m, path, p, values[p.name], at) if p.name in values else p.default for p in taken}
    for parameter in taken:
        sizes = found[parameter.name]
        if parameter.type in {"int", "ints"} and min(sizes if isinstance(sizes, tuple) and sizes else (sizes,)) < 1:
            raise wrong(f"`{parameter.name}` of `{path}` must be at least 1")
    return found


def _argument(m: "Machine", path: str, parameter: Parameter, value: Held, at: Any) -> Any:
    """One of them. Errors: type.integer, type.number."""
    if parameter.type == "bool":
        return true(value)
    if parameter.type == "float":
        if isinstance(value, Number) and isinstance(value.value, int | float):
            return float(value.value)
        if value is NOTHING:
            return parameter.default
        raise fail("type.number", f"`{parameter.name}` of `{path}` is a fixed number")
    if isinstance(value, Text) and parameter.type == "any":
        return value.value
    exact = m.exact(value, at) if parameter.type in {"ints", "any"} else None
    if isinstance(exact, tuple) and exact and all(isinstance(size, int) for size in exact):
        return exact
    return m.integer(value, at, f"an integer (`{parameter.name}` of `{path}`)")


def weights(m: "Machine", owner: Layer) -> dict[str, int]:
    """The weights of a module by name, as inputs. Errors: limit.elements."""
    if owner.weights is None:
        if not owner.name:
            give_name(m.fresh(owner.kind.lower()), owner)
        found = list(LAYERS[owner.kind].weights(owner.made))
        for weight in found:
            if prod(weight.shape) > m.limits.elements:
                raise fail(
                    "limit.elements",
                    f"the tensors of a program may have {m.limits.elements:,} elements in all, and the "
                    f"{weight.name} of this module has {prod(weight.shape):,}: make it smaller",
                    m.places.span(owner.at),
                )
        owner.weights = {}
        for weight in found:
            name = f"{owner.name}.{weight.name}"
            owner.weights[weight.name] = m.input(name, _drawn(name, weight), owner.at)
        drawn = [f"`{owner.name}.{weight.name}`" for weight in found if weight.drawn != "full"]
        if drawn:
            text = f"{' and '.join(drawn)} of this module {'is an input' if len(drawn) == 1 else 'are inputs'}, with "
            m.note("pasted.weights", f"{text}random numbers in PyTorch's range: give them your own", owner.at)
    return owner.weights


def _drawn(name: str, weight: Weight) -> Any:
    """The numbers of a weight: always the same for its name."""
    stream = generator(None, name)
    if weight.drawn == "uniform":
        return stream.uniform(-weight.size, weight.size, weight.shape)
    return (
        stream.normal(0, weight.size, weight.shape) if weight.drawn == "normal" else np.full(weight.shape, weight.size)
    )


def run(
    m: "Machine", owner: Layer, given: list[Held], named: dict[str, Held], step: "Step", invoke: Callable[..., Any]
) -> Any:
    """What a module makes of a value, or SWITCH where a body is to be run first. Errors: call.arguments."""
    values = [*given, *named.values()]
    if len(values) != 1:
        called = owner.name or short(owner.path)
        raise fail(
            "call.arguments", f"`{called}` takes one tensor: it is written `{called}(x)`", hint=Form(f"{called}(x)")
        )
    if not owner.name:
        give_name(m.fresh(owner.kind.lower()), owner)
    if owner.kind == "Sequential":
        return _through(m, [_parts(owner)], values[0], step, invoke)
    row = LAYERS[owner.kind]
    attributes: dict[str, Held] = {there: _held(owner.made[here], step[2]) for here, there in row.passed.items()}
    if row.operator == "batch_norm_running":
        attributes["training"] = Number(owner.training, step[2])
    parts = {**attributes, **weights(m, owner)}
    return operate(m, CATALOGUE[row.operator], values, parts, "torch", step, owner.name)


def _held(value: Any, at: Any) -> Held:
    if isinstance(value, tuple):
        return Listing([Number(n, at) for n in value], at, tuple=True)
    return Text(value) if isinstance(value, str) else Number(value, at)


def _parts(owner: Layer) -> Iterator[tuple[Layer, int, Held]]:
    """The modules of a row, each with the row and its place there."""
    return ((owner, i, part) for i, part in enumerate(owner.parts))


def _through(
    m: "Machine", rows: list[Iterator[tuple[Layer, int, Held]]], value: Held, step: "Step", invoke: Callable[..., Any]
) -> Any:
    """The value passed through what is left of the rows, the innermost last: rows may hold rows, thousands deep."""
    while rows:
        owner, i, part = next(rows[-1], (None, 0, None))
        if owner is None or part is None:
            rows.pop()
            continue
        m.gone_through(1)
        if isinstance(part, Layer) and part.kind == "Sequential":
            rows.append(_parts(part))
        elif not (isinstance(part, Known) and part.operator.name == "dropout" and not owner.training):
            value = invoke(m, part, [value], {}, step, f"{owner.name}[{i}]")
            if value is SWITCH:
                _then(m, lambda found: _through(m, rows, found, step, invoke))
                return SWITCH
    return value


def _then(m: "Machine", following: Callable[[Held], Any]) -> None:
    """Goes on once the body that was entered, and those that it leads to, have given their value."""
    before = m.frame.after

    def finish(found: Held) -> Any:
        if before is not None:
            found = before(found)
            if found is SWITCH:
                _then(m, following)
                return SWITCH
        return following(found)

    m.frame.after = finish


# Methods of modules that give the module itself.
SAME = frozenset({"to", "cuda", "cpu", "double", "float", "half", "requires_grad_", "apply", "compile"})
MODES = {"train": True, "eval": False}


def attribute(m: "Machine", owner: Layer, name: str, at: Any) -> Held:
    """`fc.weight`, `net.forward`, `net.parameters`."""
    if owner.kind != "Sequential" and name in {"weight", "bias"}:
        return weights(m, owner).get(name, NOTHING)
    if name == "forward":
        return owner
    if name in SAME or name in MODES:
        return Method(owner, name)
    return Opaque("a part of a module", f".{name}", None, at)


def method(m: "Machine", owner: Layer, name: str, given: list[Held]) -> Held:
    """`net.eval()`: the module, which dropout and batch normalisation do otherwise then."""
    if name in MODES:
        training = true(given[0]) if given else MODES[name]
        todo: list[Held] = [owner]
        seen: set[int] = set()  # a module may stand in many places
        while todo:
            each = todo.pop()
            if isinstance(each, Layer) and id(each) not in seen:
                seen.add(id(each))
                each.training = training
                todo.extend(each.parts)
    return owner
