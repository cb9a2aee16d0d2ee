"""A plate: a picture in running text, with its numbers as text beside it. What lessons, gallery and embeds show before
any script runs."""

import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

from msgspec import Struct

from app.analysis.blocks import blocks
from app.analysis.flow import flow
from app.analysis.paths import lengths
from app.analysis.train import RULES, Options, train
from app.diagnostics import ProgramError, fail
from app.draw.figures import TensorFigure
from app.draw.marks.figures import shape_text
from app.draw.number import number_text
from app.draw.svg import svg
from app.draw.theme import theme
from app.limits import Limits
from app.work.answers import Said
from app.work.answers import said as says
from app.work.pipeline import figure, lowered, traced, whole
from app.work.request import View

DEPTHS = 6  # layers that a table of a stack names
MOST_STEPS = 50


class Row(Struct, frozen=True):
    """An input, or the output: its name, its value and its gradient as they are read."""

    name: str
    value: str
    grad: str


class Table(Struct, frozen=True):
    """A table in words and numbers; the first cell of each row is its heading."""

    caption: str
    head: list[str]
    rows: list[list[str]]


class Plate(Struct, kw_only=True, frozen=True):
    """`svg` is empty where nothing can be drawn; `errors` says why. `width` and `height` in px."""

    svg: str = ""
    width: float = 0.0
    height: float = 0.0
    description: str = ""
    inputs: list[Row] = []
    errors: list[Said] = []
    tables: list[Table] = []


def plate(q: View, name: str, limits: Limits, *, seen: bool = True) -> Plate:
    """The picture of a program. `name` begins the ids in it; without `seen` it is an ornament beside a text that says
    the same, and has neither title nor description."""
    asked = q.model_copy(update={"partial": False, "include": ("scene",)})
    try:
        answer, picture = whole(asked, limits)
    except ProgramError as error:
        return Plate(errors=list(says(error.diagnostics)))
    assert picture is not None
    drawn = svg(picture, theme(q.theme, q.palette), standalone=False, name=name)
    if not seen:
        start, end = drawn.index("<title"), drawn.index("</desc>") + len("</desc>")
        labelled = f'role="img" aria-labelledby="{name}-title {name}-desc"'
        drawn = (drawn[:start] + drawn[end:]).replace(labelled, 'aria-hidden="true"', 1)
    return Plate(
        svg=drawn,
        width=picture.width,
        height=picture.height,
        description=picture.description,
        inputs=[Row(i.name, spoken(i.value), spoken(i.grad)) for i in answer.inputs],
    )


def spoken(value: Any) -> str:
    """A value of an answer as text: a number to four digits, of a tensor its shape."""
    if value is None:
        return "–"
    if isinstance(value, str):
        return number_text(float(value))
    if isinstance(value, float | int):
        return number_text(float(value))
    return shape_text(tuple(value.shape))


# ── Figures ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def by_length(q: View, options: Mapping[str, str], limits: Limits) -> Table:
    """The gradient of a scalar input (`input=`, else the first), by how many residual blocks its paths go through; by
    their wires, with `by=length`."""
    program = lowered(q, limits)
    name = options.get("input") or program.inputs[0].name
    if options.get("by") == "length":
        found = lengths(program, traced(q, program), name, limits)
        grad, parts = found.grad, [(str(each.length), each.count, each.sum) for each in found.lengths]
        what = "wires"
    else:
        split = blocks(program, traced(q, program), name, limits)
        grad, parts = scalar(split.grad), [(str(each.blocks), each.count, scalar(each.sum)) for each in split.blocks]
        what = "blocks"
    rows = [[at, str(count), number_text(part), share(part, grad)] for at, count, part in parts]
    rows.append(["all", str(sum(int(count) for _, count, _ in parts)), number_text(grad), share(grad, grad)])
    return Table(
        f"The gradient of {name}, by how many {what} its paths go through", [what, "paths", "sum", "share"], rows
    )


def scalar(value: Any) -> float:
    """The number. Errors: type.number, where it is a tensor."""
    if isinstance(value, float):
        return value
    raise fail("type.number", "the shares are shown of a number, and a tensor stands here")


def share(part: float, of: float) -> str:
    """A part in per cent of the whole."""
    return f"{number_text(round(100 * part / of, 2))} %" if of else "–"


def by_step(q: View, options: Mapping[str, str], limits: Limits) -> Table:
    """Steps of an optimizer (`optimizer=`, `lr=`, `steps=`, `wrt=`): their weights, gradients and updates. Errors:
    request.option, and those of the program."""
    program = lowered(q, limits)
    wrt = [name for name in options.get("wrt", "").split(",") if name] or [one.name for one in program.inputs]
    name = next((each for each in RULES if each == options.get("optimizer", "adam")), None)
    if name is None:
        raise fail("request.option", f"`optimizer`: one of {', '.join(RULES)}")
    settings = Options(optimizer=name, lr=_number(options, "lr", 0.1))
    count = max(1, min(int(_number(options, "steps", 5)), MOST_STEPS))
    rows = []
    for number, step in enumerate(train(program, wrt, count, settings, q.seed), start=1):
        for weight in wrt:
            cells = [shown(values[weight]) for values in (step.inputs, step.grads, step.updates)]
            rows.append([f"{number}", number_text(step.loss), weight, *cells])
    head = ["step", "loss", "weight", "before", "gradient", "update"]
    return Table("Each step: the weights, their gradients, and what is added", head, rows)


def _number(options: Mapping[str, str], key: str, usual: float) -> float:
    """Errors: request.option."""
    text = options.get(key, "")
    if not text:
        return usual
    if not re.fullmatch(r"\d+(\.\d+)?(e[-+]?\d{1,2})?", text):
        raise fail("request.option", f"`{key}`: a positive number is needed")
    return float(text)


def shown(value: Any) -> str:
    """A number, or of a tensor its shape."""
    found = figure(value)
    return (
        shape_text(found.shape) if isinstance(found, TensorFigure) else number_text(found if found is not None else 0.0)
    )


def by_depth(programs: Sequence[View], labels: Sequence[str], limits: Limits) -> Table:
    """The norm of the gradient at each layer of several stacks, at some of the layers."""
    columns: list[list[float | None]] = []
    for q in programs:
        program = lowered(q, limits)
        columns.append([row.grad for row in flow(program, traced(q, program))])
    layers = list(zip_longest(*columns))
    step = max(1, -(-len(layers) // DEPTHS))
    picked = sorted({*range(0, len(layers), step), len(layers) - 1}) if layers else []
    rows = [[str(i + 1), *(number_text(x) if x is not None else "–" for x in layers[i])] for i in picked]
    return Table("The norm of the gradient, layer by layer", ["layer", *labels], rows)
