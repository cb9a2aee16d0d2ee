"""Numbers on their way in and out: JSON's, and in words the three that JSON lacks."""

import math
from collections.abc import Collection, Mapping
from typing import Any, Literal, TypeAlias

import numpy as np
from msgspec import UNSET, Struct, UnsetType
from numpy.typing import NDArray

from app.diagnostics import fail
from app.ops.algebra import Value

Words = Literal["NaN", "Infinity", "-Infinity"]
Number: TypeAlias = float | Words
NUMBERS: dict[str, float] = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}
MOST_AXES = 64


class Tensor(Struct, frozen=True, gc=False):
    """A tensor's value, row-major; `data` is left out where there are more elements than asked for."""

    shape: list[int]
    min: Number | None
    max: Number | None
    mean: Number | None
    norm: Number | None
    data: list[Number] | UnsetType = UNSET


Spoken: TypeAlias = Number | Tensor


def word(x: float) -> Number:
    """A float as JSON can say it."""
    if x - x == 0.0:
        return x
    return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"


def short(x: float) -> Number:
    """A float32 as JSON can say it: the shortest digits that read back as the same float32."""
    return float(str(np.float32(x))) if x - x == 0.0 else word(x)


PLAIN = frozenset({float, type(None)})


def plain_numbers(values: Collection[Value | None]) -> bool:
    """Whether all that there is are finite floats. May say no where they are, and their sum is not finite."""
    if not PLAIN.issuperset(map(type, values)):
        return False
    total: Any = sum(filter(None, values))
    return math.isfinite(total)


def words(array: NDArray[Any], *, single: bool = False) -> list[Number]:
    """The elements of an array, row-major."""
    flat = np.ravel(array)
    if single:
        return [short(x) for x in flat.tolist()]
    numbers: list[float] = flat.astype(np.float64, copy=False).tolist()
    return [*numbers] if np.isfinite(flat).all() else [word(x) for x in numbers]


class Speech:
    """How an answer says values: in the digits of its dtype, with at most `max_elements` of a tensor."""

    __slots__ = ("most", "number", "single")

    def __init__(self, dtype: str = "float64", max_elements: float = 64) -> None:
        self.single = dtype == "float32"
        self.number = short if self.single else word
        self.most = max_elements

    def __call__(self, value: Value) -> Spoken:
        """A float as a number, an array as a tensor."""
        if isinstance(value, float):
            return self.number(value)
        return self.tensor(value) if value.shape else self.number(float(value))

    def each(self, values: Mapping[str, Value | None]) -> Mapping[str, Any]:
        """The same for many at once: themselves, where they are plain numbers."""
        if not self.single and plain_numbers(values.values()):
            return values
        return {key: self.maybe(value) for key, value in values.items()}

    def maybe(self, value: Value | None) -> Spoken | None:
        """The same, null where there is none."""
        return None if value is None else self(value)

    def tensor(self, value: NDArray[Any]) -> Tensor:
        """A tensor with what is said of it as a whole (null where it is empty)."""
        number, empty = self.number, value.size == 0
        with np.errstate(all="ignore"):
            return Tensor(
                shape=list(value.shape),
                min=None if empty else number(float(value.min())),
                max=None if empty else number(float(value.max())),
                mean=None if empty else number(mean(value)),
                norm=number(norm(value)),
                data=words(value, single=self.single) if value.size <= self.most else UNSET,
            )


def mean(value: NDArray[Any]) -> float:
    """The mean, without the overflow of a sum of large numbers."""
    plain = float(value.mean(dtype=np.float64))
    if math.isinf(plain) and bool(np.isfinite(value).all()):
        return float((value / value.size).sum())
    return plain


def norm(value: NDArray[Any]) -> float:
    """The Euclidean norm, without overflow or underflow on the way."""
    flat = np.ravel(value).astype(np.float64, copy=False)
    plain = math.sqrt(float(flat @ flat))
    if 1e-150 < plain < 1e150 or plain != plain:
        return plain
    largest = float(np.abs(flat).max(initial=0.0))
    if largest == 0.0 or math.isinf(largest):
        return largest
    scaled = flat / largest
    return largest * math.sqrt(float(scaled @ scaled))


def given(value: object) -> Value:
    """What a request gives as a number or as nested lists of them. Errors: type.number, number.range, shape.mismatch,
    limit.axes."""
    if isinstance(value, (float, np.ndarray)):
        return value
    if not isinstance(value, list):
        return _number(value)
    shape: list[int] = []
    level: list[Any] = [value]
    while level and isinstance(level[0], list):
        if len(shape) == MOST_AXES:
            raise fail("limit.axes", f"a tensor may have at most {MOST_AXES} axes")
        length = len(level[0])
        if not all(isinstance(x, list) and len(x) == length for x in level):
            raise fail("shape.mismatch", "the rows of a tensor have different lengths")
        shape.append(length)
        level = [x for row in level for x in row]
    kinds = set(map(type, level))
    if kinds <= {float}:
        return np.array(level, np.float64).reshape(shape)
    if list in kinds:
        raise fail("shape.mismatch", "the rows of a tensor have different lengths")
    return np.array([_number(x) for x in level], np.float64).reshape(shape)


def _number(value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        try:
            return float(value)
        except OverflowError:
            raise fail("number.range", "a number is beyond float64") from None
    if isinstance(value, str) and value in NUMBERS:
        return NUMBERS[value]
    raise fail(
        "type.number",
        f"a number is needed, and here is {_kind(value)}",
        hint='a number, or "NaN", "Infinity", "-Infinity"',
    )


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return "a text"
        case _:
            return "an object"


def plain(value: Value) -> Any:
    """A value as JSON: a number (a whole one as an integer), or nested lists."""
    if isinstance(value, np.ndarray) and value.shape:
        flat = [_whole(x) for x in words(value)]
        for size in reversed(value.shape[1:]):
            flat = (
                [flat[i : i + size] for i in range(0, len(flat), size)] if size else [[] for _ in range(_rows(value))]
            )
        return flat
    return _whole(word(float(value)))


def _rows(value: NDArray[Any]) -> int:
    return int(np.prod(value.shape[:-1]))


def _whole(x: Number) -> Any:
    return (
        int(x) if isinstance(x, float) and x.is_integer() and abs(x) < 2**53 and (x or math.copysign(1, x) > 0) else x
    )
