"""What a page shows before any script runs: the answer that the page will work on, and its picture."""

import msgspec
from msgspec import Struct

from app.draw.svg import svg
from app.draw.theme import theme
from app.limits import Limits
from app.work.answers import Said
from app.work.numbers import Spoken
from app.work.pipeline import whole
from app.work.request import View

INCLUDE = ("layout", "explain", "scene", "tape")


class First(Struct, kw_only=True):
    """`answer` is that of `/graph`; `svg` the picture as it stands in a page, empty where there is none."""

    svg: str
    description: str
    answer: msgspec.Raw


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
    answer, picture = whole(asked, limits)
    return First(
        svg="" if picture is None else svg(picture, theme(q.theme, q.palette), standalone=False),
        description="" if picture is None else picture.description,
        answer=msgspec.Raw(msgspec.json.encode(answer)),
    )
