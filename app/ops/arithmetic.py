"""The signs: + - * / // % ** and the unary minus."""

import math
from operator import add as plus
from operator import mul as product
from operator import neg as minus
from operator import sub as difference

import numpy as np

from app.ops.operator import Convention, Sample, Spelling, elementwise


def _power(x: float, y: float) -> float:
    """x**y by IEEE 754: NaN where the result is not real, ±inf where `math` raises."""
    try:
        return math.pow(x, y)
    except OverflowError:
        return -math.inf if x < 0 and y % 2 == 1 else math.inf
    except ValueError:
        if x == 0:
            return math.copysign(math.inf, x) if y % 2 == 1 else math.inf
        return math.nan


def _quotient(x: float, y: float) -> float:
    """x/y by IEEE 754: ±inf or NaN where y is 0."""
    try:
        return x / y
    except ZeroDivisionError:
        return math.nan if x == 0 or x != x else math.copysign(math.inf, x) * math.copysign(1.0, y)


add = elementwise(
    "add", "x, y", forward=np.add, scalar=plus, partials=lambda x, y, z: (1, 1),
    latex="{0} + {1}", infix="+", sign="+", commutes=True, aliases=("torch.add", "tf.add", "tf.math.add"),
    doc="An addition hands its gradient on to every operand unchanged: it distributes.",
    example="x + y", sample=(Sample(), Sample()),
    spell=Spelling(python="({0} + {1})", numpy="({0} + {1})", torch="({0} + {1})", jax="({0} + {1})",
                   tensorflow="({0} + {1})", onnx="Add", js="{0} + {1}"),
)  # fmt: skip
