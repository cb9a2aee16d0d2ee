"""A frame for other sites: the circuit, its inputs, a panel if one is asked for, and the way into the playground."""

from collections.abc import Mapping
from typing import Any

import msgspec
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.limits import Limits
from app.links.state import check_version, fields_of, url_of
from app.pages.frame import KEPT, page
from app.pages.playground import DEFAULT, title
from app.pages.shared import KEPT as LINK_KEPT
from app.pages.shared import drawing, is_graph, linked
from app.work.plate import Plate, plate
from app.work.request import View, read


def picture(q: View, limits: Limits) -> Plate:
    """The circuit, and its inputs as text."""
    return plate(q, "circuit", limits)


async def embed(http: Request) -> Response:
    """The frame of the state that the query says."""
    fields = fields_of(View, http.scope["query_string"], http.app.state.limits)
    if "source" not in fields:
        fields = {**DEFAULT, **fields}
    check_version(fields)
    return await framed(http, fields, None, KEPT)


async def embedded(http: Request) -> Response:
    """The frame of a short link; what stands in the query wins over what the link holds."""
    link = await linked(http)
    if is_graph(link.state):
        return await drawing(http, link, "embed.html")
    beside = fields_of(View, http.scope["query_string"], http.app.state.limits)
    inputs = {**link.state.get("inputs", {}), **beside.get("inputs", {})}
    fields = {**link.state, **beside, "inputs": inputs}
    return await framed(http, fields, None if beside else f"/g/{link.id}", LINK_KEPT)


async def framed(http: Request, fields: Mapping[str, Any], opened: str | None, kept: str) -> Response:
    """The frame of this state; `opened` is where it opens, by default the playground in the same state."""
    q = read(View, fields)
    encoded = await http.app.state.workshop.answer(picture, q, drawn=True)
    found = msgspec.json.decode(encoded.body, type=Plate)
    state = {"v": 1, **{key: value for key, value in fields.items() if key in View.model_fields}}
    shown = {key: value for key, value in state.items() if key != "hide"}
    return page(
        "embed.html",
        kept,
        title=title(q.source),
        description=found.description,
        svg=Markup(found.svg),  # noqa: S704 - made by app/draw/svg.py, which escapes each text
        inputs=found.inputs,
        source=q.source,
        errors=found.errors,
        state=state,
        hide=q.hide,
        theme=q.theme,
        palette=q.palette,
        open=opened or url_of(shown, http.app.state.limits) or "/",
    )


routes = [
    Route("/embed", embed, methods=["GET"]),
    Route("/embed/{id}", embedded, methods=["GET"]),
]
