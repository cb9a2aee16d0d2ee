"""What exporters read off a gate: whole axes, flat positions, geometry, all of it known before the program runs."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from app.export.code import numpy_helpers
from app.ops.algebra import Shape
from app.ops.catalogue import CATALOGUE
from app.ops.convolution import geometry, per_axis
from app.ops.joining import widths
from app.ops.operator import Operator
from app.ops.pooling import windows
from app.ops.shape import flat
from app.ops.spelling import python

OPTIONS = ("stride", "padding", "dilation", "groups")


class Seen(Protocol):
    """What is read of a gate."""

    @property
    def operator(self) -> Operator: ...
    @property
    def attributes(self) -> dict[str, Any]: ...
    @property
    def shapes(self) -> list[Shape]: ...
    @property
    def shape(self) -> Shape: ...


Pairs = tuple[tuple[int, int], ...]


def axes(gate: Seen, slot: int = 0) -> tuple[int, ...]:
    """The axes of a gate's attribute `axis`, counted from 0, all where it is None."""
    rank, axis = len(gate.shapes[slot]), gate.attributes["axis"]
    if axis is None:
        return tuple(range(rank))
    return tuple(a % rank for a in ((axis,) if isinstance(axis, int) else axis))


def order(gate: Seen) -> tuple[int, ...]:
    """The order of axes of a transpose or swapaxes."""
    rank = len(gate.shapes[0])
    if gate.operator.name == "swapaxes":
        i, j = gate.attributes["axis1"] % rank, gate.attributes["axis2"] % rank
        return tuple(j if a == i else i if a == j else a for a in range(rank))
    wanted = flat(gate.attributes["axes"]) if gate.attributes["axes"] else ()
    return tuple(a % rank for a in wanted) or tuple(reversed(range(rank)))


def positions(gate: Seen) -> Any:
    """For each element of a gate that only picks, the flat place in its operand that it comes from."""
    shape = gate.shapes[0]
    places = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
    assert gate.operator.forward is not None
    return np.asarray(gate.operator.forward(places, **_own(gate))).astype(int)


def scattered(gate: Seen) -> Any:
    """For each element of an index_add's operand the flat place in its result."""
    shape = gate.shape
    places = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
    index = CATALOGUE["index"].forward
    assert index is not None
    return np.asarray(index(places, at=gate.attributes["at"])).astype(int)


def places(found: Any) -> str:
    """Places as Python writes them: nested lists, or one number."""
    return repr(found.tolist())


def index(gate: Seen, make: str) -> str:
    """What stands between the brackets of an index."""
    return ", ".join(_item(item, make) for item in gate.attributes["at"]) or "..."


def _item(item: object, make: str) -> str:
    match item:
        case "...":
            return "..."
        case ("slice", start, stop, step):
            ends = ["" if end is None else str(end) for end in (start, stop)]
            return ":".join(ends) + ("" if step is None else f":{step}")
        case ("list", *_):
            return f"{make}({_list(item)})"
    return repr(item)


def _list(item: object) -> str:
    return f"[{', '.join(map(_list, item[1:]))}]" if isinstance(item, tuple) else repr(item)


def lost(gate: Seen) -> tuple[tuple[int, ...], bool]:
    """The axes that a sum_to sums, and whether the result has another shape than what keeps them."""
    have, shape = gate.shapes[0], gate.shape
    lead = len(have) - len(shape)
    spread = (lead + i for i, n in enumerate(shape) if n == 1 and have[lead + i] != 1)
    return (*range(lead), *spread), lead > 0


def pads(gate: Seen) -> Pairs:
    """The widths of a border by axis."""
    shape, width = gate.shapes[0], gate.attributes["width"]
    if gate.operator.name == "pad":
        return widths(shape, width)
    given = (width,) * 2 if isinstance(width, int) else width
    last = tuple(zip(given[::2], given[1::2], strict=True))[::-1]
    return ((0, 0),) * (len(shape) - len(last)) + last


def convolution(gate: Seen) -> str:
    """The options of a convolution, whole: `(2, 2), ((1, 1), (1, 1)), (1, 1), 1`."""
    image, weights = _sides(gate)
    at = geometry(image, weights, **{name: gate.attributes[name] for name in OPTIONS})
    return f"{at.stride}, {at.padding}, {at.dilation}, {at.groups}"


def convolved(gate: Seen) -> tuple[int, Pairs, dict[str, Any]]:
    """Its number of spatial axes, its padding by axis, and its options by name."""
    image, weights = _sides(gate)
    at = geometry(image, weights, **{name: gate.attributes[name] for name in OPTIONS})
    options = {"stride": at.stride, "padding": at.padding, "dilation": at.dilation, "groups": at.groups}
    return len(at.kernel), at.padding, options


def pooling(gate: Seen) -> tuple[tuple[int, ...], tuple[int, ...], Pairs]:
    """The size, the stride and the padding by axis of a pool."""
    names = ("size", "stride", "padding")
    image = gate.shape if gate.operator.name in {"pool_spread", "avg_spread"} else gate.shapes[-1]
    at = windows(image, **{name: gate.attributes[name] for name in names})
    return per_axis(gate.attributes["size"], 2, "size"), at.stride, at.padding


def places_seen(shape: Shape, kernel: Shape, stride: Shape, padding: Pairs, dilation: Shape) -> tuple[Any, Any, Any]:
    """Flat places in a padded image that each window sees; the image's sizes; the windows' shape."""
    seen: Callable[..., tuple[Any, Any, Any]] = numpy_helpers.windows  # written for the exported program, without types
    return seen(shape, kernel, stride, padding, dilation)


def reduction(gate: Seen) -> str:
    """The axes and the flag of a reduction as Python writes them."""
    return f"{python(gate.attributes['axis'])}, {gate.attributes['keepdims']}"


def _sides(gate: Seen) -> tuple[Any, Any]:
    """The shapes of the image and of the weights of a convolution or of its gradients."""
    match gate.operator.name:
        case "conv_input":
            return gate.shape, gate.shapes[1]
        case "conv_weight":
            return gate.shapes[1], gate.shape
    return gate.shapes[0], gate.shapes[1]


def _own(gate: Seen) -> dict[str, Any]:
    return {name: value for name, value in gate.attributes.items() if name != "mode"}
