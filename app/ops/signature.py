"""Signatures: the places of an operator's call, read from how they are written, and written again."""

from ast import literal_eval
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

Role = Literal["operand", "operands", "list", "attribute"]
MISSING = object()
STREAM = "stream"  # the parameter that a call without a seed is told apart by: no user gives it


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One place of a signature. `operand` takes a node; `operands` any number of them (`*xs`); `list` a list of nodes;
    `attribute` something static, of `type` int, float, bool, str, axis, axes, shape, index, ints, floats or any (`ints`
    may be one, or nested). `variadic`: the rest of the positional ones, given one by one or as one tuple
    (`reshape(x, 2, 3)`). `aliases`: how frameworks call it by keyword (`dim` for `axis`).

    An operand with a default may be left out: at the end it is not there at all (the operator then takes fewer), before
    one that is given it is a constant of its default."""

    name: str
    role: Role
    type: str = "any"
    default: Any = MISSING
    variadic: bool = False
    aliases: tuple[str, ...] = ()

    @property
    def required(self) -> bool:
        return self.default is MISSING and self.role != "operands" and not self.variadic


# How frameworks call the parameters that many operators have.
KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "axis": ("dim", "dims", "axes", "reduction_indices"),
    "keepdims": ("keepdim", "keep_dims"),
    "x": ("input", "a", "tensor", "input_tensor", "features", "value", "self"),
    "y": ("other", "x2", "b"),
    "shape": ("size", "newshape", "dims"),
    "seed": ("random_state",),
}


def parameters(signature: str) -> tuple[Parameter, ...]:
    """The parameters of a written signature: `x, /, axis: axes = None, keepdims: bool = False`. Before the `/` stand
    operands: `x`, `b = None` (may be left out), `*xs` (any number), `[xs]` (a list); after it attributes, `*shape:
    shape` being variadic. An attribute that must come first says its type before the `/`: `equation: str, *xs`. Other
    keywords follow a bar: `lo|min = -inf`; those of KEYWORDS are added."""
    found: list[Parameter] = []
    attribute = False
    for part in filter(None, (part.strip() for part in _split(signature))):
        if part == "/":
            attribute = True
            continue
        left, _, default = (text.strip() for text in part.partition("="))
        name, _, kind = (text.strip() for text in left.partition(":"))
        role: Role = "attribute" if attribute or kind else "operand"
        variadic = False
        if name.startswith("*"):
            name, variadic = name[1:], role == "attribute"
            role = role if variadic else "operands"
        elif name.startswith("["):
            name, role = name[1:-1], "list"
        name, *aliases = name.split("|")
        value = MISSING if not default else float(default) if default.lstrip("-") == "inf" else literal_eval(default)
        others = (*aliases, *KEYWORDS.get(name, ()))
        found.append(
            Parameter(name=name, role=role, type=kind or "any", default=value, variadic=variadic, aliases=others)
        )
    taken = {p.name for p in found}
    return tuple(replace(p, aliases=tuple(a for a in p.aliases if a not in taken)) for p in found)


def _split(signature: str) -> list[str]:
    """The parts between commas that stand outside brackets."""
    parts, depth, start = [], 0, 0
    for position, letter in enumerate(signature):
        depth += (letter in "([") - (letter in ")]")
        if letter == "," and depth == 0:
            parts.append(signature[start:position])
            start = position + 1
    return [*parts, signature[start:]]


def shown(parameter: Parameter) -> str:
    """A parameter as a user reads it: `x`, `*xs`, `axis=None`."""
    name = f"*{parameter.name}" if parameter.role == "operands" or parameter.variadic else parameter.name
    return name if parameter.default is MISSING else f"{name}={parameter.default!r}"


def written(taken: Sequence[Parameter]) -> str:
    """The parameters of a `def` in the language."""
    return ", ".join(p.name if p.required else f"{p.name}={p.default!r}" for p in taken)
