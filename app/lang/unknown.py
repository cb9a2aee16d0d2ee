"""Functions that nothing is known of."""

import ast
from typing import TYPE_CHECKING

from app.diagnostics import ProgramError, Span, fail
from app.lang import frameworks
from app.lang.code import Step
from app.lang.names import near
from app.lang.places import short
from app.lang.values import Held, Opaque

if TYPE_CHECKING:
    from app.lang.machine import Machine


# What functions are called elsewhere, where no name near is what is meant.
MEANT: dict[str, str] = {
    "σ": "sigmoid", "Σ": "sum", "Π": "prod", "MSE": "mse_loss", "mse": "mse_loss", "CE": "cross_entropy",
    "BCE": "bce_loss", "NLL": "nll_loss", "sen": "sin", "tg": "tan", "sgn": "sign", "arctg": "atan", "sh": "sinh",
    "ch": "cosh", "th": "tanh", "lrelu": "leaky_relu", "lg": "log10", "avg": "mean", "average": "mean",
}  # fmt: skip


def missing(m: "Machine", error: ProgramError, name: str) -> Held:
    """What nothing is known of: in a pasted program that matters only where the circuit needs it."""
    if not m.pasted:
        raise error
    said = error.diagnostics[0]
    at = Place(said.spans[0]) if said.spans else None
    return Opaque(f"`{short(name)}`", "import", said.message, at, code=said.code, hint=said.hint)


class Place:
    """A span as a place of the parser."""

    def __init__(self, span: Span) -> None:
        self.span = span


def unknown(m: "Machine", name: str, step: Step) -> ProgramError:
    """No function of this name: near ones."""
    last = name.rsplit(".", 1)[-1]
    close = [MEANT[last]] if last in MEANT else m.near.get(last)
    if close is None:  # looking for near names is slow, and beyond the errors that are shown in vain
        some = len(m.errors) <= m.limits.errors
        close = m.near[last] = near(last, [*frameworks.known_names(), *m.program.functions, "grad"]) if some else []
    tail = f": near names: {', '.join(f'`{other}`' for other in close)}" if close else ""
    at = step[2].func if isinstance(step[2], ast.Call) else step[2]
    if not tail and m.pasted:
        tail = ": paste its definition, or what it computes"
    spans = (m.places.span(at),) if m.place is None else ()
    if (
        len(name) == 1
        and name not in MEANT
        and isinstance(step[2], ast.Call)
        and len(step[2].args) == 1
        and m.place is None
    ):
        product = f"{name}*({m.places.text(step[2].args[0])})"
        return fail(
            "name.unknown-function",
            f"there is no function `{name}`: a product is written `{short(product)}`",
            m.places.span(step[2]),
            hint=product,
        )
    hint = close[0] if close else None
    if hint and name.startswith(".") and isinstance(at, ast.Attribute) and m.place is None:
        owner = m.places.text(at.value)
        hint = f"({owner}).{hint}" if isinstance(at.value, ast.BinOp | ast.UnaryOp) else f"{owner}.{hint}"
    return fail("name.unknown-function", f"there is no function `{short(name)}`{tail}", *spans, hint=hint)
