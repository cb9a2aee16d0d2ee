"""What the tables over the catalogue share: operands drawn as an operator asks for them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from app.ops.operator import Operator, Sample

Draw = Callable[..., list[Any]]


def _drawn(sample: Sample, rng: np.random.Generator) -> Any:
    values = rng.uniform(sample.low, sample.high, sample.shape)
    if sample.integers:
        values = np.round(values)
    if sample.diagonal:
        values = values + sample.diagonal * np.eye(sample.shape[0])
    return values if sample.shape else float(values)


@pytest.fixture(autouse=True)
def _ieee() -> Any:
    """Infinities and NaN are values: whoever evaluates says so."""
    with np.errstate(all="ignore"):
        yield


@pytest.fixture
def draw() -> Draw:
    """Operands of an operator by its own samples; elementwise ones as numbers, or all of one `shape`."""

    def operands(operator: Operator, seed: int, shape: tuple[int, ...] = ()) -> list[Any]:
        rng = np.random.default_rng(seed)
        samples = operator.sample
        if shape:
            samples = tuple(Sample(low=s.low, high=s.high, integers=s.integers, shape=shape) for s in samples)
        return [_drawn(s, rng) for s in samples]

    return operands
