"""What does not change the circuit, and what comes of it beside values."""

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import fail
from app.lang.reading import targets_of
from app.lang.values import Held, Number, Opaque, Text
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.machine import Machine


# What a program asks for or opens: it is understood, not left out, so nothing is said.
UNDERSTOOD = frozenset(
    {"backward", "watch", "tape", "context", "no_grad", "dictionary", "type", "device", "grad", "asked"}
)


TRAINING = (
    "a training loop changes its weights from turn to turn, and a circuit has one value at each wire: paste one "
    "step, from "
    "the weights to the loss"
)


def key(value: Held) -> object:
    """What a dictionary finds a value by."""
    if isinstance(value, Text):
        return value.value
    if isinstance(value, Number) and not isinstance(value.value, np.ndarray):
        return value.value
    return value if type(value) is int else id(value)


def text_of(value: Held) -> str:
    """An integer or a text as a text; of anything else nothing, since its value is known only when the circuit runs."""
    if isinstance(value, Text):
        return value.value
    return str(value.integer) if isinstance(value, Number) and value.integer is not None else ""


def mixed(a: Held, b: Held, at: Any) -> Opaque:
    """What comes of something opaque beside a value. Errors: type.tensor (a dictionary beside one)."""
    parts = [x for x in (a, b) if isinstance(x, Opaque)]
    if any(x.kind == "dictionary" for x in parts):
        raise fail("type.tensor", "a dictionary is no value of a circuit: give each of its values a name of its own")
    chosen = next((x for x in parts if x.needed), parts[0])
    update = any(x.kind.startswith(("grad", "update")) for x in parts)
    return chosen.part(at if chosen.code == "program.no-drawing" else chosen.at, kind="update" if update else "")


def stepping(m: "Machine", at: Any) -> None:
    """Weights change here; in a loop that means a circuit for each turn with other weights. A loop that goes through
    the weights themselves gives each of them one step."""
    changed = {part.id for part in ast.walk(getattr(at, "target", at)) if isinstance(part, ast.Name)}
    for frame in m.frames:
        for state in frame.loops:
            loop = state.statement.at
            if state.total > 1 and not (hasattr(loop, "target") and changed & set(targets_of(loop.target))):
                raise fail(
                    "program.no-drawing",
                    TRAINING,
                    m.places.span(state.statement.at.iter if hasattr(state.statement.at, "iter") else at),
                )


def true(value: Held) -> bool:
    return isinstance(value, Number) and bool(value.value)


def opaque_attribute(owner: Opaque, name: str, at: Any) -> Held:
    """A part of something opaque."""
    if owner.kind == "import":
        return owner
    return owner.part(
        at if owner.code == "program.no-drawing" else owner.at,
        kind=f"{owner.kind}.{name}" if owner.kind else f".{name}",
    )


def stopped(m: "Machine", value: Held, at: Any) -> Held:
    """The value with its gradient stopped."""
    return m.make(CATALOGUE["stop_gradient"], [value], at, "stop") if type(value) is int else value
