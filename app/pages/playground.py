"""The playground: the page that the server draws, and that a script makes live."""

from collections.abc import Mapping
from typing import Any

import msgspec
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.diagnostics import ProgramError
from app.links.state import check_version, fields_of, url_of
from app.pages.frame import KEPT, in_script, origin, page
from app.work.first import First, FirstAnswer, first, without
from app.work.request import OWN, View, read

DEFAULT: dict[str, Any] = {
    "v": 1,
    "source": "(x*y + max(z, w) + x*y)*2 + 45",
    "inputs": {"x": 3, "y": -4, "z": 2, "w": -1},
}
NAME = "gradwire"


async def playground(http: Request) -> Response:
    """The page of the state that the query says; of the circuit that everyone begins with where it says none."""
    query = http.scope["query_string"]
    limits = http.app.state.limits
    fields = fields_of(View, query, limits)
    if "source" not in fields:
        fields = {**DEFAULT, **fields}
    check_version(fields)
    return await playing(http, fields)


async def playing(http: Request, fields: Mapping[str, Any], *, link: str | None = None, kept: str = KEPT) -> Response:
    """The playground in this state. `link` is the short link that it was opened by."""
    q = read(View, {**fields, "public_url": http.app.state.settings.public_url})
    limits, workshop = http.app.state.limits, http.app.state.workshop
    status = 200
    try:
        encoded = await workshop.answer(first, q, drawn=True)
        found = msgspec.json.decode(encoded.body, type=First)
    except ProgramError as error:
        # Over a limit, in time or in size: the page says so where it says all that is wrong with a program.
        found, status, kept = without(q, error, limits), 422, "no-store"
    answer = msgspec.json.decode(found.answer, type=FirstAnswer)
    state = {"v": 1, **{key: value for key, value in fields.items() if key in View.model_fields and key not in OWN}}
    address = url_of(state, limits)
    base = origin(http)
    query = address.partition("?")[2] if address else ""
    if link is not None:
        address, image, vector = f"/g/{link}", f"/g/{link}.png", f"/g/{link}.svg"
    else:
        image, vector = f"/graph.png?{query}", f"/graph.svg?{query}"
    preview = bool((found.svg or found.large) and (link or query)) and not answer.errors
    shown = page(
        "index.html",
        kept,
        state=state,
        svg=Markup(found.svg),  # noqa: S704 - made by app/draw/svg.py, which escapes each text
        long=found.long,
        answer=answer,
        answer_json=in_script(bytes(found.answer)),
        title=title(q.source),
        description=found.description or "Type an expression, and see its circuit: values forward, gradients back.",
        public_url=base + address if address else "",
        preview_png=base + image if preview else "",
        preview_svg=base + vector if preview else "",
        oembed=f"{base}/oembed?url={base}/g/{link}" if link and base else "",
        link=link,
        embed=False,
    )
    shown.status_code = status
    return shown


def title(source: str) -> str:
    """The first line that says something, and the name of the site."""
    lines = (line.strip() for line in source.splitlines() if not line.startswith((" ", "\t")))
    first_line = next((line for line in lines if line and not line.startswith(("#", "import", "from", "def"))), "")
    return f"{first_line[:60]}{'…' if len(first_line) > 60 else ''} · {NAME}" if first_line else NAME


routes = [Route("/", playground, methods=["GET"])]
