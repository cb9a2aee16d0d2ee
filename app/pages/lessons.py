"""The lessons: prose with circuits in it, drawn by the server and made live by a script."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.diagnostics import ProgramError
from app.files import TEMPLATES
from app.limits import Limits
from app.links.state import url_of
from app.pages.frame import page
from app.pages.plates import address_of, kept
from app.pages.prose import Block, Lesson, Prose, lesson
from app.work.answers import said
from app.work.plate import Plate, Table, by_depth, by_length, by_step, plate
from app.work.request import View, read

LESSONS = TEMPLATES / "lessons"
SEPARATOR = "\n---\n"  # between the programs of a figure that compares
PANELS: Mapping[str, str] = {"depth": "flow", "lengths": "paths", "steps": "train"}
# px; a wider drawing scrolls sideways where there is no room, before it becomes too small to read.
WIDE, LONG = 520, 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A block as the page shows it. `state` is what the script goes on from; `address` opens it in the playground."""

    name: str
    kind: str
    plate: Plate
    svg: Markup
    breadth: str
    source: str
    state: Mapping[str, Any]
    options: Mapping[str, str]
    address: str | None


@cache
def lessons() -> tuple[Lesson, ...]:
    """The lessons, by their order and then by their names."""
    found = [lesson(path.stem, path.read_text("utf-8")) for path in sorted(LESSONS.glob("*.md"))]
    return tuple(sorted(found, key=lambda each: each.order))


async def index(http: Request) -> Response:
    """The list of the lessons."""
    return page(
        "lessons.html",
        title="Lessons · gradwire",
        description="Prose with live circuits in it: how gradients flow, gate by gate.",
        public_url=address_of(http, "/lessons"),
        lessons=lessons(),
    )


async def show(http: Request) -> Response:
    """A lesson. Errors: 404."""
    order = [each.name for each in lessons()]
    name = http.path_params["name"]
    if name not in order:
        raise HTTPException(404, "there is no such lesson")
    at = order.index(name)
    found = lessons()[at]
    limits: Limits = http.app.state.limits
    blocks = [part for part in found.parts if isinstance(part, Block)]
    plates = await kept(http, f"lesson {name}", plates_of, blocks)
    return page(
        "lesson.html",
        title=f"{found.title} · gradwire",
        description=found.summary,
        public_url=address_of(http, f"/lessons/{name}"),
        lesson=found,
        parts=parts(found, plates, limits),
        before=lessons()[at - 1] if at else None,
        after=lessons()[at + 1] if at + 1 < len(order) else None,
    )


def plates_of(blocks: Sequence[Block], limits: Limits) -> list[Plate]:
    """The pictures of these blocks; a wrong one has its errors instead."""
    return [plate_of(block, f"figure-{i}", limits) for i, block in enumerate(blocks, start=1)]


def plate_of(block: Block, name: str, limits: Limits) -> Plate:
    """The picture of one block, and of a figure its table."""
    if block.errors:
        return Plate(errors=list(said(block.errors)))
    try:
        views = [read(View, {**block.fields, "source": source}) for source in sources(block)]
        found = plate(views[0], name, limits) if block.kind != "depth" else Plate()
        if found.errors:
            return found
        return msgspec.structs.replace(found, tables=tables(block, views, limits))
    except ProgramError as error:
        return Plate(errors=list(said(error.diagnostics)))


def tables(block: Block, views: Sequence[View], limits: Limits) -> list[Table]:
    """What a figure shows, in words and numbers."""
    match block.kind:
        case "depth":
            return [by_depth(views, labels(block, len(views)), limits)]
        case "lengths":
            return [by_length(views[0], block.options, limits)]
        case "steps":
            return [by_step(views[0], block.options, limits)]
    return []


def labels(block: Block, count: int) -> list[str]:
    """What the programs of a figure are called: `labels=plain,residual`, else by number."""
    given = [name for name in block.options.get("labels", "").split(",") if name]
    return [given[i] if i < len(given) else f"program {i + 1}" for i in range(count)]


def sources(block: Block) -> list[str]:
    """The programs of a block, the first of each choice filled in: `choose.act=tanh,relu,none` makes `act(h)` be
    `tanh(h)`; `none` leaves `(h)`."""
    found = str(block.fields.get("source", "")).split(SEPARATOR) if block.kind == "depth" else [block.fields["source"]]
    for key, value in block.options.items():
        if key.startswith("choose."):
            found = [chosen(source, key.removeprefix("choose."), value.split(",")[0]) for source in found]
    return found


def chosen(source: str, name: str, choice: str) -> str:
    """The program with a choice filled in (the page does the same, in static/src/figures/choices.ts)."""
    return re.sub(rf"\b{re.escape(name)}\(", "(" if choice == "none" else f"{choice}(", source)


def parts(found: Lesson, plates: Sequence[Plate], limits: Limits) -> list[Markup | list[Shown]]:
    """The lesson in order: running text, and figures; those with no text between them stand side by side."""
    given = iter(enumerate(plates, start=1))
    shown: list[Markup | list[Shown]] = []
    for part in found.parts:
        if isinstance(part, Prose):
            shown.append(Markup(part.html))  # noqa: S704 - Markdown without HTML, written by markdown-it
            continue
        number, picture = next(given)
        state = {"v": 1, **part.fields}
        opened = {key: value for key, value in state.items() if key != "hide"} | {"source": sources(part)[0]}
        if part.kind in PANELS:
            opened["panel"] = PANELS[part.kind]
        if not shown or isinstance(shown[-1], Markup):
            shown.append([])
        row = shown[-1]
        assert isinstance(row, list)
        row.append(
            Shown(
                name=f"figure-{number}",
                kind=part.kind,
                plate=picture,
                svg=Markup(picture.svg),  # noqa: S704 - made by app/draw/svg.py, which escapes each text
                breadth="long" if picture.width > LONG else "wide" if picture.width > WIDE else "",
                source=opened["source"],
                state=state,
                options=part.options,
                address=url_of(opened, limits),
            )
        )
    return shown


routes = [
    Route("/lessons", index, methods=["GET"]),
    Route("/lessons/{name}", show, methods=["GET"]),
]
