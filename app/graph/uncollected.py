"""Work with little of the garbage collector: what lowering, tracing and layout make stays, and holds few cycles, so
looking through it again and again takes as long as the work itself."""

import gc
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Found = TypeVar("Found")


def settle() -> None:
    """Once a process stands: what is there stays, and what comes is looked through seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)


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
