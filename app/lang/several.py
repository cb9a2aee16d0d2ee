"""Calls that give several values: a tensor cut into parts, and functions whose result is a pair."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from app.diagnostics import Form, fail
from app.lang.bindings import needs_shape
from app.lang.frames import SWITCH
from app.lang.frameworks import SEVERAL
from app.lang.operators import operate
from app.lang.values import Held, Listing, Number, Opaque, Special
from app.ops.algebra import Shape
from app.ops.catalogue import CATALOGUE
from app.ops.shape import axis_of

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine

ALL = ("slice", None, None, None)
PARTS = 1_000  # that one call may give


def _axis(
    m: "Machine", given: list[Held], named: dict[str, Held], place: int, shape: Shape, at: Any, default: int = 0
) -> int:
    """The axis that a call names, from 0. Errors: shape.axis."""
    value = given[place] if len(given) > place else named.get("dim", named.get("axis"))
    return axis_of(shape, default if value is None else m.integer(value, at, "an axis"))


def _cut(m: "Machine", x: int, axis: int, sizes: list[int], step: "Step") -> Held:
    """Stretches along an axis, one for each size."""
    if len(sizes) > PARTS:
        raise fail("limit.nodes", f"a tensor may be cut into {PARTS:,} parts, and these would be {len(sizes):,}")
    found, start = [], 0
    for position, size in enumerate(sizes):
        at = (*[ALL] * axis, ("slice", start, start + size, None))
        found.append(m.make(CATALOGUE["index"], [x], step[2], (step[4], "part", position), {"at": at}))
        start += size
    return Listing(found, step[2], tuple=True)


def _tensor(m: "Machine", given: list[Held], name: str, step: "Step") -> tuple[int, Shape]:
    """What is cut, as a node, and its shape. Errors: call.arguments, shape.axis."""
    if not given:
        raise fail(
            "call.arguments", f"`{name}` takes a tensor: it is written `{name}(x, 2)`", hint=Form(f"{name}(x, 2)")
        )
    node = m.node(m.operand(given[0], step[2]), step[2])
    shape = m.builder.shapes[node]
    if not shape:
        needs_shape(m, node, step[2])
        raise fail("shape.axis", f"`{name}` takes a tensor, and this is a number")
    return node, shape


def _split(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`torch.split(x, 2)`: parts of that size; in NumPy, JAX and TensorFlow so many parts; a list says the sizes (in
    NumPy and JAX where to cut)."""
    node, shape = _tensor(m, given, "split", step)
    axis = _axis(m, given, named, 2, shape, step[2])
    names = ("split_size_or_sections", "split_size", "indices_or_sections", "num_or_size_splits", "sections", "chunks")
    value = given[1] if len(given) > 1 else next((named[name] for name in names if name in named), None)
    exact = None if value is None else m.exact(value, step[2])
    if exact is None:
        raise fail("type.integer", "`split` takes an integer, or a list of them", hint=Form("split(x, 2)"))
    size = shape[axis]
    torch = callee.framework == "torch" and not callee.path.endswith("array_split")
    if isinstance(exact, tuple):
        ends = [*exact, size]
        sizes = list(exact) if torch or callee.framework == "tensorflow" else [
            max(b - a, 0) for a, b in zip([0, *exact], ends, strict=True)
        ]  # fmt: skip
        if any(n < 0 for n in sizes) or sum(sizes) != size:
            raise fail("shape.mismatch", f"parts of the sizes {exact} do not make an axis of {size}")
    elif exact < 1:
        raise fail("call.arguments", f"`split` takes an integer of at least 1, and this is {exact}")
    elif torch:
        sizes = [min(exact, size - start) for start in range(0, size, exact)]
    else:
        if size % exact and not callee.path.endswith("array_split"):
            raise fail("shape.mismatch", f"an axis of {size} does not divide into {exact} equal parts")
        sizes = [size // exact + (i < size % exact) for i in range(exact)]
    return _cut(m, node, axis, sizes, step)


def _chunk(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`torch.chunk(x, 3)`: so many parts, the last one shorter."""
    node, shape = _tensor(m, given, "chunk", step)
    axis = _axis(m, given, named, 2, shape, step[2])
    value = given[1] if len(given) > 1 else named.get("chunks")
    if value is None:
        raise fail(
            "call.arguments", "`chunk` needs the number of parts: it is written `chunk(x, 2)`", hint=Form("chunk(x, 2)")
        )
    count = m.integer(value, step[2], "a number of parts")
    if count < 1:
        raise fail("call.arguments", f"`chunk` takes an integer of at least 1, and this is {count}")
    size = -(-shape[axis] // count) or 1
    return _cut(m, node, axis, [min(size, shape[axis] - start) for start in range(0, shape[axis], size)], step)


def _unbind(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`torch.unbind(x)`, `tf.unstack(x)`: the rows along an axis."""
    node, shape = _tensor(m, given, "unbind", step)
    place = 2 if callee.framework == "tensorflow" else 1
    axis = _axis(m, given, named, place, shape, step[2])
    if shape[axis] > PARTS:
        raise fail("limit.nodes", f"a tensor may be cut into {PARTS:,} parts, and these would be {shape[axis]:,}")
    rows: list[Held] = [
        m.make(CATALOGUE["index"], [node], step[2], (step[4], "row", i), {"at": (*[ALL] * axis, i)})
        for i in range(shape[axis])
    ]
    return Listing(rows, step[2], tuple=True)


def _slogdet(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`slogdet(A)`: (the sign of the determinant, the logarithm of its size)."""
    det = _made(m, "det", given[:1], step, "det")
    size = _made(m, "abs", [det], step, "size")
    return Listing([_made(m, "sign", [det], step, "sign"), _made(m, "log", [size], step, "log")], step[2], tuple=True)


def _part(step: "Step", name: str) -> "Step":
    """A step of a call that makes several gates: their ids tell them apart."""
    rule, argument, at, depth, number = step
    part: Any = (number, name)
    return rule, argument, at, depth, part


def _made(m: "Machine", name: str, given: list[Held], step: "Step", part: str) -> Held:
    return operate(m, CATALOGUE[name], given, {}, None, _part(step, part), name)


def _pair(first: str, second: str) -> Callable[..., Held]:
    """A call that gives two results of the same arguments: `torch.std_mean(x)`, `tf.nn.moments(x, axes)`."""

    def rule(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
        framework = callee.framework if first != "min" else None  # PyTorch's gives places too
        parts = [
            operate(m, CATALOGUE[name], given, named, framework, _part(step, name), name) for name in (first, second)
        ]
        return Listing(parts, step[2], tuple=True)

    return rule


def _meshgrid(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`meshgrid(x, y)`: each spread along the axes of the others."""
    indexing = getattr(named.get("indexing"), "value", "ij" if callee.framework == "torch" else "xy")
    values = list(given[0].items) if len(given) == 1 and isinstance(given[0], Listing) else given
    nodes = [m.node(m.operand(value, step[2]), step[2]) for value in values]
    shapes = [m.builder.shapes[node] for node in nodes]
    if any(len(shape) != 1 for shape in shapes):
        raise fail("shape.axis", f"`meshgrid` takes vectors, and these have the shapes {', '.join(map(str, shapes))}")
    order = [1, 0, *range(2, len(nodes))] if indexing == "xy" and len(nodes) > 1 else list(range(len(nodes)))
    sizes = tuple(shapes[i][0] for i in order)
    found: list[Held] = []
    for i, node in enumerate(nodes):
        line = tuple(n if order[axis] == i else 1 for axis, n in enumerate(sizes))
        laid = m.make(CATALOGUE["reshape"], [node], step[2], (step[4], "line", i), {"shape": line})
        found.append(m.make(CATALOGUE["broadcast_to"], [laid], step[2], (step[4], "grid", i), {"shape": sizes}))
    return Listing(found, step[2], tuple=True)


def _sort(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Any:
    """`torch.sort(x)`, `torch.topk(x, k)`: (the values in order, where they were)."""
    top = callee.rule == "topk"
    node, shape = _tensor(m, given, callee.rule, step)
    count = m.integer(given[1] if len(given) > 1 else named.get("k"), step[2]) if top else None
    place = 1 + top
    axis = _axis(m, given, named, place, shape, step[2], -1)
    ordered = given[place + 1] if len(given) > place + 1 else named.get("largest" if top else "descending")
    falling = top if ordered is None else bool(m.integer(ordered, step[2]))
    attributes = {"axis": Number(axis - len(shape), step[2])}  # as it is written by default: the last is -1
    if count is not None and not 0 <= count <= shape[axis]:
        raise fail("shape.index", f"there are {shape[axis]} along axis {axis}, and {count} are asked for")

    def finish(values: Held) -> Held:
        def first(x: int, part: str) -> int:
            if count is None:
                return x
            at = (*[ALL] * axis, ("slice", None, count, None))
            return m.make(CATALOGUE["index"], [x], step[2], (step[4], part), {"at": at})

        found = first(values, "values")
        before = len(m.builder)
        turned = _made(m, "neg", [node], step, "turned") if falling else node
        places = first(operate(m, CATALOGUE["argsort"], [turned], attributes, None, step, "argsort"), "places")
        m.apart.append((before, len(m.builder)))  # drawn only where they are used
        return Listing([found, places], step[2], tuple=True)

    named = {**attributes, "descending": Number(falling, step[2])}
    result = operate(m, CATALOGUE["sort"], [node], named, None, step, "sort")
    if result is SWITCH:
        m.frame.after = finish
        return SWITCH
    return finish(result)


def _median(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Any:
    """PyTorch's median: of two in the middle the lower one."""
    node, _ = _tensor(m, given, "median", step)
    if len(given) > 1 or named:
        raise fail(
            "program.no-drawing", "the median along an axis is drawn as NumPy has it: write `np.median(x, axis)`",
            hint=Form("np.median(x, 0)"),
        )  # fmt: skip
    flat = m.make(CATALOGUE["reshape"], [node], step[2], (step[4], "flat"), {"shape": (-1,)})
    middle = (m.builder.shapes[flat][0] - 1) // 2

    def finish(ordered: Held) -> Held:
        return m.make(CATALOGUE["index"], [ordered], step[2], (step[4], "middle"), {"at": (middle,)})

    result = operate(m, CATALOGUE["sort"], [flat], {}, None, step, "sort")
    if result is SWITCH:
        m.frame.after = finish
        return SWITCH
    return finish(result)


RULES: dict[str, Any] = {
    "split": _split, "chunk": _chunk, "unbind": _unbind, "slogdet": _slogdet, "meshgrid": _meshgrid,
    "moments": _pair("mean", "var"), "std_mean": _pair("std", "mean"), "var_mean": _pair("var", "mean"),
    "aminmax": _pair("min", "max"), "sort": _sort, "topk": _sort, "median": _median,
}  # fmt: skip


def method(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`x.chunk(2)`, `x.split(2)`, `x.unbind()`."""
    if isinstance(owner, Opaque):
        return owner
    rule = SEVERAL.get(name, name)
    return RULES[rule](m, Special(rule, name, m.framework or "torch"), [owner, *given], named, step)
