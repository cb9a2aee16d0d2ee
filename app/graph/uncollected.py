"""Work without the garbage collector: what lowering, tracing and layout make stays, and holds few cycles, so looking
through it again and again takes as long as the work itself."""

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


def uncollected(work: Callable[Given, Found]) -> Callable[Given, Found]:
    """The function, during which the collector rests. Work within such work leaves it at rest."""

    @wraps(work)
    def resting(*args: Given.args, **options: Given.kwargs) -> Found:
        if not gc.isenabled():
            return work(*args, **options)
        gc.disable()
        try:
            return work(*args, **options)
        finally:
            gc.enable()

    return resting
