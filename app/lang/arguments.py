"""Arguments of a call, put into the places of an operator's signature."""

from math import inf
from typing import TYPE_CHECKING, Any

from app.diagnostics import Form, ProgramError, fail
from app.lang.bindings import elements
from app.lang.indexing import item_of
from app.lang.known import integers, number
from app.lang.values import (
    NOTHING,
    Ambiguous,
    Broken,
    BrokenError,
    Detached,
    Function,
    Held,
    Known,
    Listing,
    Number,
    Opaque,
    Special,
    Text,
)  # fmt: skip
from app.ops.operator import Operator
from app.ops.signature import MISSING, Parameter

if TYPE_CHECKING:
    from app.lang.machine import Machine

# Keywords that change no circuit.
IGNORED = frozenset(
    [
        "dtype",
        "device",
        "name",
        "requires_grad",
        "out",
        "inplace",
        "training",
        "order",
        "copy",
        "casting",
        "where",
        "where_",
        "layout",
        "pin_memory",
        "validate_shape",
        "trainable",
        "memory_format",
        "generator",
        "non_blocking",
        "retain_graph",
        "create_graph",
        "persistent",
        "label",
        "initial_value",
        "precision",
        "preferred_element_type",
        "is_causal",
        "dropout_p",
        "stable",
        "sharding",
        "out_sharding",
    ]
)

# Integers that say which places of a tensor are meant: most often a list of them.
PLACES = frozenset({"indices", "index", "labels", "y_true"})


def bind(
    m: "Machine",
    operator: Operator,
    arguments: list[Held],
    keywords: dict[str, Held],
    framework: str | None,
    at: Any,
    called: str,
) -> tuple[list[Any], dict[str, Any]]:
    """The operands and attributes of a call. Errors: call.arguments, type.…"""
    given = _placed(operator, arguments, at, called)
    _named(operator, keywords, given, called)
    if any(isinstance(value, Broken) for value in given.values()):
        raise BrokenError
    attributes = _attributes(m, operator, given, framework, at, called)
    return _operands(m, operator, given, framework, at, called), attributes


def _placed(operator: Operator, arguments: list[Held], at: Any, called: str) -> dict[str, Any]:
    """The arguments without a name, by the places of the signature."""
    given: dict[str, Any] = {}
    position = 0
    for parameter in operator.parameters:
        if position >= len(arguments):
            break
        rest = arguments[position:]
        if parameter.role == "operands":
            given[parameter.name] = list(rest[0].items) if len(rest) == 1 and isinstance(rest[0], Listing) else rest
            position = len(arguments)
        elif parameter.variadic:
            given[parameter.name] = rest[0] if len(rest) == 1 else Listing(rest, at, tuple=True)
            position = len(arguments)
        else:
            given[parameter.name] = arguments[position]
            position += 1
    if position < len(arguments):
        count = _count(len(operator.parameters))
        raise wrong(operator, f"`{called}` takes {count}, and here are {len(arguments)}", called)
    return given


def _named(operator: Operator, keywords: dict[str, Held], given: dict[str, Any], called: str) -> None:
    """Adds the arguments with a name; those that change no circuit are left out."""
    for name, value in keywords.items():
        found = _parameter(operator.parameters, name)
        if found is None:
            if name in IGNORED:
                continue
            raise wrong(operator, f"`{called}` has no argument `{name}`", called)
        if found.name in given:
            raise wrong(operator, f"`{called}` is given `{found.name}` twice", called)
        given[found.name] = value


def _attributes(
    m: "Machine", operator: Operator, given: dict[str, Any], framework: str | None, at: Any, called: str
) -> dict[str, Any]:
    """The attributes that are not those of the signature."""
    found: dict[str, Any] = {}
    defaults = operator.defaults.get(framework or "", {})
    for parameter in operator.attributes:
        name = parameter.name
        value = given.get(name, MISSING)
        if value is not MISSING:
            coerced = static(m, value, parameter, at, operator, called)
            _within(operator, name, coerced, called)
            default = parameter.default
            if default is MISSING or coerced != default or type(coerced) is not type(default):
                found[name] = coerced
        elif parameter.variadic and parameter.default is MISSING:
            found[name] = ()
        elif name in defaults:
            found[name] = defaults[name]
        elif parameter.required:
            raise wrong(operator, f"`{called}` needs `{name}`", called)
    return found


def _within(operator: Operator, name: str, value: Any, called: str) -> None:
    """Errors: call.arguments, where a number lies outside its bounds."""
    low, high = operator.within.get(name, (-inf, inf))
    if isinstance(value, int | float) and not low <= value <= high:
        bounds = f"from {low:g} to {high:g}" if high < inf else "above 0" if 0 < low < 1e-300 else f"at least {low:g}"
        raise wrong(operator, f"`{name}` of `{called}` must be {bounds}, and this is {value:g}", called)


def _operands(
    m: "Machine", operator: Operator, given: dict[str, Any], framework: str | None, at: Any, called: str
) -> list[Any]:
    """The operands, in order. One that is left out before one that is given is a constant of its default, and of a
    composition, whose body has defaults of its own, `NOTHING`."""
    found: list[Any] = []
    defaults = operator.defaults.get(framework or "", {})
    left_out: list[Parameter] = []
    for parameter in operator.operands:
        name = parameter.name
        value = given.get(name, MISSING)
        if parameter.role == "operands":
            items = [] if value is MISSING else value
            if not items:
                raise wrong(operator, f"`{called}` needs at least one argument", called)
            found += [_operand(m, item, operator, at, called) for item in items]
        elif parameter.role == "list":
            if value is MISSING:
                raise wrong(operator, f"`{called}` needs a list", called)
            found += _items(m, value, operator, at, called)
        elif value is not MISSING and value is not NOTHING:
            composed = operator.body is not None
            found += [NOTHING if composed else Number(other.default, at) for other in left_out]
            left_out = []
            found.append(_operand(m, value, operator, at, called))
        elif parameter.required:
            raise wrong(operator, f"`{called}` needs `{name}`", called)
        elif value is MISSING and name in defaults:
            found.append(Number(defaults[name], at))
        else:
            left_out.append(parameter)
    return found


def _count(number: int) -> str:
    return "no argument" if number == 0 else "one argument" if number == 1 else f"at most {number} arguments"


def _parameter(parameters: tuple[Parameter, ...], name: str) -> Parameter | None:
    for parameter in parameters:
        if parameter.name == name:
            return parameter
    for parameter in parameters:
        if name in parameter.aliases:
            return parameter
    return None


def wrong(operator: Operator, message: str, called: str) -> ProgramError:
    """A call that does not fit, with the signature that would."""
    signature = operator.signature
    if called != operator.name and called.isidentifier():
        signature = called + signature.removeprefix(operator.name)
    return fail("call.arguments", f"{message}: it is written `{signature}`", hint=Form(signature))


def _operand(m: "Machine", value: Held, operator: Operator, at: Any, called: str) -> Any:
    if value is NOTHING or isinstance(value, Text):
        raise fail(
            "type.tensor",
            f"`{called}` takes values, and this is {'None' if value is NOTHING else 'a text'}: it is written "
            f"`{operator.signature}`",
        )
    return m.operand(value, at)


def _items(m: "Machine", value: Held, operator: Operator, at: Any, called: str) -> list[Any]:
    """The nodes of a list argument: `concat([x, y])`; a tensor gives its rows."""
    if isinstance(value, Listing):
        items = list(value.items)
        if not items:
            raise wrong(operator, f"`{called}` needs a list that is not empty", called)
        return [_operand(m, item, operator, at, called) for item in items]
    if isinstance(value, Opaque):
        m.operand(value, at)
    operand = m.operand(value, at)
    shape = m.shape(operand)
    if not shape:
        raise wrong(operator, f"`{called}` needs a list, as in `{called}([x, y])`", called)
    return list(elements(m, operand, at, None))


def static(m: "Machine", value: Held, parameter: Parameter, at: Any, operator: Operator, called: str) -> Any:
    """An attribute's value, of its type. Errors: type.integer, type.number, call.arguments."""
    kind = parameter.type
    what = f"an integer (`{parameter.name}` of `{called}`)"
    if isinstance(value, Broken):
        raise BrokenError
    if isinstance(value, Detached):
        value = value.of
    if isinstance(value, Opaque):
        if value.kind == "type":
            raise wrong(operator, f"`{called}` takes no type there", called)
        m.operand(value, at)
    if value is NOTHING:
        if kind in {"int", "float", "axis", "axes", "any", "str", "bool", "shape", "ints", "floats"} and (
            parameter.default is None or kind in {"any", "axes", "axis"}
        ):
            return None
        raise wrong(operator, f"`{parameter.name}` of `{called}` cannot be None", called)
    if isinstance(value, Text):
        if kind in {"str", "any"} or parameter.name in operator.variants:
            return value.value
        raise wrong(operator, f"`{parameter.name}` of `{called}` is no text", called)
    if isinstance(value, Function | Known | Special):
        raise wrong(operator, f"`{parameter.name}` of `{called}` is no function", called)
    if kind == "bool":
        return bool(real(m, value, parameter, at, operator, called))
    if kind in {"int", "axis"}:
        return m.integer(value, at, what)
    if kind == "float":
        return real(m, value, parameter, at, operator, called)
    if kind == "shape":
        return _shape(m, value, at, what)
    if kind in {"axes", "ints"}:
        exact = m.exact(value, at)
        if exact is None and type(value) is int and not m.builder.differentiable[value]:
            exact = integers(number(m, value))
        if exact is None:
            if isinstance(value, Listing):
                for item in value.items:
                    if m.exact(item, at) is None:
                        m.integer(item, at, what)
            m.integer(value, at, what, several=parameter.name in PLACES)
        if kind == "ints" and _sizes(exact) is None:
            raise fail("shape.mismatch", f"the rows of `{parameter.name}` of `{called}` differ in length")
        if kind == "axes" and isinstance(exact, tuple) and not all(isinstance(part, int) for part in exact):
            raise fail(
                "type.integer",
                f"`{parameter.name}` of `{called}` is an axis, or several",
                hint=Form(f"{parameter.name}=0"),
            )
        return exact
    if kind == "floats":
        if isinstance(value, Listing):
            return tuple(real(m, item, parameter, at, operator, called) for item in value.items)
        return (real(m, value, parameter, at, operator, called),)
    if kind == "str":
        raise wrong(operator, f"`{parameter.name}` of `{called}` is a text in quotes", called)
    if kind == "index":
        items = list(value.items) if isinstance(value, Listing) and value.tuple else [value]
        return tuple(item_of(m, item, at) for item in items)
    exact = m.exact(value, at)
    return exact if exact is not None else _any(m, value, parameter, at, operator, called)


def _sizes(value: Any) -> tuple[int, ...] | None:
    """The shape of nested integers; None where rows differ."""
    if not isinstance(value, tuple):
        return ()
    inner = {_sizes(part) for part in value}
    first = next(iter(inner), ())
    return None if len(inner) > 1 or first is None else (len(value), *first)


def _any(m: "Machine", value: Held, parameter: Parameter, at: Any, operator: Operator, called: str) -> Any:
    if isinstance(value, Listing):
        return tuple(_any(m, item, parameter, at, operator, called) for item in value.items)
    return real(m, value, parameter, at, operator, called)


def real(m: "Machine", value: Held, parameter: Parameter, at: Any, operator: Operator, called: str) -> Any:
    """A number that is known while lowering. Errors: type.number."""
    if isinstance(value, Broken):
        raise BrokenError
    if isinstance(value, Ambiguous):
        value = m.operand(value, at)
    if isinstance(value, Number) and not hasattr(value.value, "shape"):
        return value.value
    if type(value) is int:
        exact = m.exact(value, at)
        if exact is not None and not isinstance(exact, tuple):
            return exact
        before = len(m.builder)
        found = number(m, value)
        if isinstance(found, float):
            m.apart.append((value, before))
            return found
        state = m.by_node.get(value)
        name = f"`{state.name}`" if state else "this"
        raise fail(
            "type.number",
            f"`{parameter.name}` of `{called}` is a fixed number, and {name} is a value of the circuit: it is "
            f"written `{operator.signature}`",
            hint=Form(operator.signature),
        )  # fmt: skip
    raise fail(
        "type.number",
        f"`{parameter.name}` of `{called}` is a number: it is written `{operator.signature}`",
        hint=Form(operator.signature),
    )


def _shape(m: "Machine", value: Held, at: Any, what: str) -> Any:
    exact = m.exact(value, at)
    if isinstance(exact, int):
        return (exact,)
    if isinstance(exact, tuple):
        if len(exact) == 1 and isinstance(exact[0], tuple):
            exact = exact[0]
        if all(isinstance(part, int) for part in exact):
            return exact
    if isinstance(value, Listing):
        for item in value.items:
            m.integer(item, at, what)
    m.integer(value, at, what)
    raise fail("type.integer", "a shape is a list of integers", hint=Form("(2, 3)"))
