"""Jacobians and Hessians: a gradient for each element of a result, laid side by side."""

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import Form, fail
from app.graph.builder import Literal
from app.lang.values import Held
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.machine import Machine

ROWS = 100  # gradients that one drawing is worth


def jacobian(m: "Machine", output: int, wrt: int, at: Any, number: Any) -> Held:
    """∂output/∂wrt, of shape (*output, *wrt), as a node. Errors: program.no-drawing (of too many elements)."""
    shape, inner = m.builder.shapes[output], m.builder.shapes[wrt]
    if prod(shape) > ROWS or 0 in shape:
        raise fail(
            "program.no-drawing",
            f"this Jacobian would be {prod(shape):,} gradients, one for each element, and {ROWS} can be drawn: ask for "
            "one, as in `grad(y[0], x)`",
            m.places.span(m.place or at), hint=Form("grad(y[0], x)"),
        )  # fmt: skip
    if not shape:
        return m.gradients(output, [wrt], at, (number, "row"))[0]
    m.quiet += 1  # that one element does not depend on it is no news
    try:
        rows: list[int | Literal] = [_row(m, output, wrt, index, at, (number, *index)) for index in np.ndindex(shape)]
    finally:
        m.quiet -= 1
    node = m.make(CATALOGUE["stack"], rows, at, (number, "rows"))
    return (
        m.make(CATALOGUE["reshape"], [node], at, (number, "shape"), {"shape": (*shape, *inner)}) if shape[1:] else node
    )


def _row(m: "Machine", output: int, wrt: int, index: tuple[int, ...], at: Any, number: Any) -> int:
    element = m.make(CATALOGUE["index"], [output], at, (number, "element"), {"at": index})
    return m.gradients(element, [wrt], at, (number, "row"))[0]
