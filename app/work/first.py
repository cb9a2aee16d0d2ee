"""What a page shows before any script runs: the answer that the page will work on, and its picture."""

import msgspec
from msgspec import Struct

from app.diagnostics import ProgramError
from app.draw.svg import svg
from app.draw.theme import theme
from app.limits import Limits
from app.work.answers import Said
from app.work.numbers import Spoken
from app.work.packed import packed
from app.work.pipeline import included, nothing, remarked
from app.work.pool import outgrown
from app.work.replayed import MEMORY
from app.work.request import Include, View

INCLUDE: tuple[Include, ...] = ("layout", "explain", "scene", "tape")
# Above this many nodes (as LARGE in static/src/circuit/plain.ts) the page draws on a canvas, from the places alone:
# picture, scene and explanations would be nine tenths of what a reader waits for.
LARGE = 1_000
# px; a drawing that is longer than this, and no higher, is shown from its beginning on any screen.
LONG, LOW = 2_600, 800
INCLUDE_OF_LARGE: tuple[Include, ...] = ("layout", "tape")


class First(Struct, kw_only=True):
    """`answer` is that of `/graph`, packed where it is large; `svg` the picture as it stands in a page, empty where
    there is none."""

    svg: str
    description: str
    answer: msgspec.Raw
    # Whether it is too large to be a picture in a page.
    large: bool = False
    # Whether the page will show its beginning, for the whole would be too small to read.
    long: bool = False


class FirstInput(Struct, kw_only=True):
    """An input, as far as a page without scripts shows it."""

    name: str
    shape: list[int]
    value: Spoken
    grad: Spoken | None


class FirstAnswer(Struct, kw_only=True):
    """Of an answer what the page's frame needs."""

    inputs: list[FirstInput]
    errors: list[Said] = []


def first(q: View, limits: Limits) -> First:
    """The answer and the picture of a state, as far as its program stands."""
    asked = q.model_copy(update={"partial": True, "include": INCLUDE})
    try:
        made = MEMORY.circuit(asked, limits)
    except ProgramError as error:
        if outgrown(limits, error.diagnostics):
            raise
        return without(q, error, limits)
    large = len(made.view.nodes) > LARGE
    if large:
        asked = asked.model_copy(update={"include": INCLUDE_OF_LARGE})
    answer = remarked(asked, made, limits)
    picture = included(asked, made, answer, limits)
    return First(
        svg="" if picture is None else svg(picture, theme(q.theme, q.palette), standalone=False),
        description="" if picture is None else picture.description,
        answer=msgspec.Raw(msgspec.json.encode(packed(answer) if large else answer)),
        large=large,
        long=picture is not None and picture.width > LONG and picture.height < LOW,
    )


def without(q: View, error: ProgramError, limits: Limits) -> First:
    """The same of a program of which nothing can be shown: what is wrong with it."""
    asked = q.model_copy(update={"partial": True, "include": INCLUDE})
    return First(svg="", description="", answer=msgspec.Raw(msgspec.json.encode(nothing(asked, error, limits))))
