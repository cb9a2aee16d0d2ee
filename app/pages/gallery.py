"""The gallery: every example with its picture, by topic."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.limits import Limits
from app.links.state import url_of
from app.pages.frame import page
from app.pages.plates import address_of, kept
from app.work.gallery import Example, examples
from app.work.plate import Plate, plate
from app.work.request import View, read

# px; how much of the wall a picture takes follows its width, so that its numbers are about as large as the others'.
BROAD, BROADEST = 450, 1500


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An example as the gallery shows it."""

    example: Example
    svg: Markup
    span: int
    address: str | None


async def gallery(http: Request) -> Response:
    """The gallery."""
    plates = await kept(http, "gallery", thumbnails, examples())
    limits: Limits = http.app.state.limits
    topics: dict[str, list[Card]] = {}
    for example, picture in zip(examples(), plates, strict=True):
        topics.setdefault(example.topic, []).append(card(example, picture, limits))
    return page(
        "gallery.html",
        title="Gallery · gradwire",
        description="Circuits from x₁ + x₂ to a transformer block, each with its values and gradients.",
        public_url=address_of(http, "/gallery"),
        topics=topics,
        count=len(plates),
    )


def thumbnails(found: Sequence[Example], limits: Limits) -> list[Plate]:
    """A picture for each example, as an ornament: title and sentence stand beside it."""
    return [plate(view(example), f"picture-{example.name}", limits, seen=False) for example in found]


def view(example: Example) -> View:
    """An example as a state."""
    return read(View, {**example.options, "source": example.source, "inputs": example.inputs})


def card(example: Example, picture: Plate, limits: Limits) -> Card:
    """One example's place on the wall."""
    state = {"v": 1, "source": example.source, "inputs": example.inputs, **example.options}
    return Card(
        example=example,
        svg=Markup(picture.svg),  # noqa: S704 - made by app/draw/svg.py, which escapes each text
        span=1 + (picture.width > BROAD) + (picture.width > BROADEST),
        address=url_of(state, limits),
    )


routes = [Route("/gallery", gallery, methods=["GET"])]
