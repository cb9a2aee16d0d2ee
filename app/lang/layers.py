"""Modules with weights: what each is made with, which weights it has, and which operator it is, as PyTorch has them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from math import prod, sqrt
from typing import Any, NamedTuple

from app.lang.values import Held, Layer, Listing
from app.ops.algebra import Shape
from app.ops.signature import Parameter, parameters


class Weight(NamedTuple):
    """A weight of a module: how it is drawn ("uniform" within ±`size`, "normal" with that deviation, "full")."""

    name: str
    shape: Shape
    drawn: str
    size: float


Made = Mapping[str, Any]  # the arguments of a constructor, by their names


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of module. `signature`: of its constructor, as operators write theirs; `weights`: by its arguments;
    `passed`: of those arguments what the operator takes, by the operator's names."""

    operator: str
    signature: str
    weights: Callable[[Made], Iterator[Weight]]
    passed: Mapping[str, str] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        return parameters(f"/, {self.signature}")


def _dense(made: Made) -> Iterator[Weight]:
    """W of (out, in) and b, uniform within 1/√in."""
    inside, outside = made["in_features"], made["out_features"]
    bound = 1 / sqrt(inside)
    yield Weight("weight", (outside, inside), "uniform", bound)
    if made["bias"]:
        yield Weight("bias", (outside,), "uniform", bound)


def _windows(rank: int) -> Callable[[Made], Iterator[Weight]]:
    """A window for each channel that comes out, uniform within 1/√(what it sees)."""

    def weights(made: Made) -> Iterator[Weight]:
        size, seen = made["kernel_size"], made["in_channels"] // made["groups"]
        shape = (made["out_channels"], seen, *(size if isinstance(size, tuple) else (size,) * rank))
        bound = 1 / sqrt(max(prod(shape[1:]), 1))
        yield Weight("weight", shape, "uniform", bound)
        if made["bias"]:
            yield Weight("bias", shape[:1], "uniform", bound)

    return weights


def _scaled(size: str, *, when: str, shift: bool = True) -> Callable[[Made], Iterator[Weight]]:
    """A scale of ones and a shift of zeros, of the size that the argument `size` says."""

    def weights(made: Made) -> Iterator[Weight]:
        shape = made[size] if isinstance(made[size], tuple) else (made[size],)
        if made[when]:
            yield Weight("weight", shape, "full", 1.0)
            if shift and made.get("bias", True):
                yield Weight("bias", shape, "full", 0.0)

    return weights


def _rows(made: Made) -> Iterator[Weight]:
    yield Weight("weight", (made["num_embeddings"], made["embedding_dim"]), "normal", 1.0)


_WINDOWS = (
    "in_channels: int, out_channels: int, kernel_size: ints, stride: ints = 1, padding: any = 0, dilation: ints = 1, "
    "groups: int = 1, bias: bool = True"
)
_SLID = {name: name for name in ("stride", "padding", "dilation", "groups")}
_CHANNELS = "num_features: int, eps: float = 1e-5, momentum: float = 0.1, affine: bool = True"
_BATCH = Row("batch_norm_running", _CHANNELS, _scaled("num_features", when="affine"), {"eps": "eps"})
_OVER = "normalized_shape: ints, eps: float"

LAYERS: dict[str, Row] = {
    "Linear": Row("linear", "in_features: int, out_features: int, bias: bool = True", _dense),
    "Conv1d": Row("conv1d", _WINDOWS, _windows(1), _SLID),
    "Conv2d": Row("conv2d", _WINDOWS, _windows(2), _SLID),
    "Embedding": Row("embedding", "num_embeddings: int, embedding_dim: int", _rows),
    "BatchNorm1d": _BATCH,
    "BatchNorm2d": _BATCH,
    "LayerNorm": Row(
        "layer_norm_over", f"{_OVER} = 1e-5, elementwise_affine: bool = True, bias: bool = True",
        _scaled("normalized_shape", when="elementwise_affine"), {"eps": "eps", "normalized_shape": "normalized_shape"},
    ),
    "RMSNorm": Row(
        "rms_norm_over", f"{_OVER} = 2.220446049250313e-16, elementwise_affine: bool = True",
        _scaled("normalized_shape", when="elementwise_affine", shift=False),
        {"eps": "eps", "normalized_shape": "normalized_shape"},
    ),
    "GroupNorm": Row(
        "group_norm", "num_groups: int, num_channels: int, eps: float = 1e-5, affine: bool = True",
        _scaled("num_channels", when="affine"), {"eps": "eps", "num_groups": "num_groups"},
    ),
}  # fmt: skip
# Modules that hold others.
HOLDING = frozenset({"Sequential", "ModuleList"})


def give_name(name: str, value: Held) -> None:
    """Gives the modules in a value the name that they are first reached by, where they have none."""
    if isinstance(value, Listing) and isinstance(value.items, list):
        todo = [(f"{name}[{i}]", item) for i, item in enumerate(value.items)][::-1]
    else:
        todo = [(name, value)]
    while todo:
        path, each = todo.pop()
        if isinstance(each, Layer) and not each.name:
            each.name = path
            todo.extend([(f"{path}[{i}]", part) for i, part in enumerate(each.parts)][::-1])
