"""The formats that a circuit leaves in: a file each, which defines `FORMAT`; `formats()` finds them in this folder."""

import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from app.autodiff.trace import Trace
from app.draw.figures import Figures
from app.draw.theme import PaletteName, ThemeName
from app.graph.program import Program
from app.graph.view import View
from app.layout.model import Layout
from app.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a picture is wanted. `scale` or `width` (px) are a PNG's."""

    theme: ThemeName = "auto"
    palette: PaletteName = "standard"
    flow: bool = False
    scale: float | None = None
    width: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Subject:
    """What is exported: a view with its numbers.

    `layout()` places it when first asked, and then keeps it (the caller hands a cached function). `program` and `trace`
    are None where another tool made the graph. `state` is the text from which the circuit can be opened again: pictures
    carry it.
    """

    view: View
    figures: Figures
    layout: Callable[[], Layout]
    limits: Limits
    program: Program | None = None
    trace: Trace | None = None
    look: Look = field(default_factory=Look)
    title: str = ""
    state: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format. `name` is the one in the address, `media_type` what it is served as (never HTML but for `html`),
    `extension` its file's. `computes`: it needs the program and its trace, not only what is drawn."""

    name: str
    media_type: str
    extension: str
    write: Callable[[Subject], str | bytes]
    computes: bool = False


@functools.cache
def formats() -> Mapping[str, Format]:
    """Every format by its name: the `FORMAT` of each module in this folder."""
    modules = [importlib.import_module(f"{__name__}.{it.name}") for it in pkgutil.iter_modules(__path__)]
    found = [module.FORMAT for module in modules if hasattr(module, "FORMAT")]
    return {it.name: it for it in sorted(found, key=lambda it: it.name)}
