"""Other frameworks' scaffolding: the methods of values, and every call that has a rule of its own."""

from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import fail
from app.lang import several
from app.lang.asked import (
    ZEROED,
    ask,
    context,
    decorator,
    gradients,
    jacobian_of,
    jax_grad,
    mapped,
    no_grad,
    tape,
    torch_backward,
    torch_grad,
)
from app.lang.makers import (
    array,
    get_variable,
    initializer,
    like_this,
    module,
    old_variable,
    placeholder,
    random,
    tensor,
    value,
    variable,
    watch,
)
from app.lang.modules import holding, layer
from app.lang.opaque import stepping
from app.lang.values import Detached, Held, Listing, Number, Opaque
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine


def value_attribute(m: "Machine", owner: Held, name: str, at: Any) -> Held:
    if name == "data":
        return Detached(owner, at)
    if name == "grad":
        m.pasted = True
        return Opaque(
            "a gradient",
            "grad",
            "a gradient that was accumulated cannot be used further: ask for it by `grad(y, x)`",
            at,
        )
    if name in {"real", "value", "values_"}:
        return owner
    return Opaque(f"`.{name}`", "type", None, at)


ATTRIBUTES = frozenset(
    [
        "data",
        "grad",
        "grad_fn",
        "is_leaf",
        "requires_grad",
        "dtype",
        "device",
        "name",
        "label",
        "op",
        "graph",
        "real",
        "_prev",
        "_op",
        "_backward",
        "__name__",
        "is_cuda",
        "itemsize",
        "nbytes",
        "flat",
        "strides",
        "trainable",
    ]
)


def _backward(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`y.backward(gradient=…)`."""
    seed = named.get("gradient", given[0] if given else None)
    if len(m.frames) == 1 and any(state.total > 1 for state in m.frame.loops) and m.steps_in_loops:
        stepping(m, step[2])
    ask(m, owner, seed, step[2], adds=True)
    return Opaque("the call of backward", "backward", None, step[2])


def _pass(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`.float()`, `.to(…)`: the value itself."""
    if name in {"requires_grad_", "requires_grad"}:
        watch(m, owner)
        if m.leaf:
            m.leaf_kind = "input"
    return owner


def _detach(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`.item()`, `.numpy()`: a `detach` where mathematics follows."""
    if isinstance(owner, Opaque | Detached):
        return owner
    return Detached(owner, step[2])


def _detached(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    if isinstance(owner, Number | Listing):
        return owner
    return m.make(CATALOGUE["stop_gradient"], [m.operand(owner, step[2])], step[2], step[4])


def _nothing(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    m.adding = m.adding and name not in ZEROED
    if name.startswith("assign"):
        stepping(m, step[2])
    return Opaque(f"`.{name}`", "", None, step[2])


def _size(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    shape = m.shape(m.operand(owner, step[2]))
    if name in {"dim", "ndimension", "ndims"}:
        return Number(len(shape), step[2])
    if name in {"numel", "nelement"}:
        return Number(int(np.prod(shape, dtype=object)), step[2])
    if given:
        axis = m.integer(given[0], step[2])
        if not -len(shape) <= axis < len(shape):
            raise fail("shape.axis", f"there is no axis {axis}: the shape is {shape}")
        return Number(shape[axis], step[2])
    return Listing([Number(n, step[2]) for n in shape], step[2], tuple=True)


def like(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`x.view_as(y)`, `x.expand_as(y)`."""
    shape = m.shape(m.operand(given[0], step[2])) if given else ()
    operator = CATALOGUE["broadcast_to" if name == "expand_as" else "reshape"]
    return m.make(operator, [m.operand(owner, step[2])], step[2], step[4], {"shape": shape})


_SAME = (
    "float double half to cpu cuda type astype clone contiguous requires_grad_ copy type_as read_value value "
    "initialized_value block_until_ready set_shape stop_recording long int"
)
_IDLE = "retain_grad zero_grad zero_ register_hook assign assign_sub assign_add get_shape __len__"
METHODS: dict[str, Any] = {
    "backward": _backward,
    **dict.fromkeys(_SAME.split(), _pass),
    **dict.fromkeys(("item", "numpy", "tolist", "eval"), _detach),
    **dict.fromkeys(("detach", "detach_"), _detached),
    **dict.fromkeys(_IDLE.split(), _nothing),
    **dict.fromkeys(("size", "dim", "ndimension", "numel", "nelement"), _size),
    **dict.fromkeys(("view_as", "expand_as", "reshape_as"), like),
    **dict.fromkeys(("split", "chunk", "unbind", "slogdet", "aminmax", "topk"), several.method),
}
# Methods that mean something else in one framework.
METHODS_OF: dict[tuple[str | None, str], Any] = dict.fromkeys((("torch", "sort"), ("torch", "median")), several.method)

SPECIAL: dict[str, Any] = {
    "initializer": initializer, "like": like_this,
    "tensor": tensor, "variable": variable, "old_variable": old_variable, "get_variable": get_variable,
    "placeholder": placeholder,
    "array": array, "value": value, "gradients": gradients, "torch_grad": torch_grad,
    "torch_backward": torch_backward, "tape": tape,
    "context": context, "no_grad": no_grad, "decorator": decorator, "jax_grad": jax_grad, "value_and_grad": jax_grad,
    "jacobian": jacobian_of, "vmap": mapped,
    "module": module, "layer": layer, "holding": holding, "normal": random, "uniform": random, **several.RULES,
}  # fmt: skip
