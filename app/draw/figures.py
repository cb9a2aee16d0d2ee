"""The numbers that a scene shows: a value and a gradient for each node and wire, and the parts of each sum."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.graph.view import Shape


@dataclass(frozen=True, slots=True, kw_only=True)
class TensorFigure:
    """What a wire tells of a tensor: its shape and its Euclidean norm."""

    shape: Shape
    norm: float


Figure = float | TensorFigure | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Numbers by the view's ids. None, or no entry: there is none (a constant's gradient, a group with many results).

    `parts` holds, for each node whose gradient is the sum of several, those several in the order of its wires (at the
    output the seed last); of a tensor, their norms.
    """

    values: Mapping[str, Figure] = field(default_factory=dict)
    grads: Mapping[str, Figure] = field(default_factory=dict)
    edge_values: Mapping[str, Figure] = field(default_factory=dict)
    edge_grads: Mapping[str, Figure] = field(default_factory=dict)
    parts: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
