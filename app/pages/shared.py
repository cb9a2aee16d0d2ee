"""What a short link shows: its page, its picture, its state, its source; a frame for other sites; and oEmbed."""

import re
from collections.abc import Mapping
from types import NoneType
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.links.state import fields_of, pairs_of
from app.links.store import Link
from app.pages.frame import origin, page
from app.pages.playground import NAME, playing, title
from app.work import drawn, pictures
from app.work.drawn import DrawRequest
from app.work.encoded import JSON
from app.work.first import First
from app.work.pictures import PNG, SVG, PictureRequest
from app.work.request import read

KEPT = "public, max-age=60, stale-while-revalidate=600"
LINK = re.compile(r"[A-Za-z0-9_-]{6,64}")
WIDTH, HEIGHT = 720, 420
NO_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that XML 1.0 cannot hold


async def linked(http: Request) -> Link:
    """The link that the address names. Errors: 404; Gone, Away."""
    name = http.path_params["id"]
    found: Link | None = await http.app.state.links.get(name) if LINK.fullmatch(name) else None
    if found is None:
        raise HTTPException(404, "there is no such link")
    if not isinstance(found.state.get("compare"), (str, dict, NoneType)):
        del found.state["compare"]  # a link from when anything might stand there
    return found


def is_graph(state: dict[str, Any]) -> bool:
    """Whether the state is a graph that another tool made."""
    return "nodes" in state


async def shared(http: Request) -> Response:
    """The shared circuit's page: the playground in its state; a graph of another tool's with its table."""
    link = await linked(http)
    if is_graph(link.state):
        return await drawing(http, link, "drawn.html")
    return await playing(http, link.state, link=link.id, kept=KEPT)


async def picture(http: Request) -> Response:
    """Its picture; the query may ask for other colours or another size."""
    link = await linked(http)
    kind = http.url.path[-3:]
    job: Any = pictures.draw
    model: Any = DrawRequest if is_graph(link.state) else PictureRequest
    asked = fields_of(model, http.scope["query_string"], http.app.state.limits)
    fields = {
        **link.state,
        **{key: value for key, value in asked.items() if key in {"theme", "palette", "scale", "width"}},
    }
    if model is DrawRequest:
        fields["media"] = PNG if kind == "png" else SVG
    else:
        job = pictures.png if kind == "png" else pictures.svg
    small = not is_graph(link.state) or len(link.state["nodes"]) <= 100
    encoded = await http.app.state.workshop.answer(job, read(model, fields), inline=kind == "svg" and small, drawn=True)
    return Response(encoded.body, media_type=encoded.type, headers={"cache-control": KEPT})


async def state(http: Request) -> Response:
    """Its state."""
    link = await linked(http)
    return Response(msgspec.json.encode(link.state), media_type=JSON, headers={"cache-control": KEPT})


async def source(http: Request) -> Response:
    """Its source."""
    link = await linked(http)
    if is_graph(link.state):
        raise HTTPException(404, "this graph was made elsewhere and has no source")
    return Response(link.state["source"], media_type="text/plain; charset=utf-8", headers={"cache-control": KEPT})


async def drawing(http: Request, link: Link, template: str) -> Response:
    """The page of a graph that another tool made: its picture and all its numbers, without a script."""
    workshop = http.app.state.workshop
    q = read(DrawRequest, {**link.state, "media": SVG})
    small = len(q.nodes) <= 100
    encoded = await workshop.answer(drawn.first, q, inline=small, drawn=True)
    found = msgspec.json.decode(encoded.body, type=First)
    base = origin(http)
    return page(
        template,
        KEPT,
        svg=Markup(found.svg),  # noqa: S704 - made by app/draw/svg.py, which escapes each text
        source="",
        errors=[],
        title=f"A graph · {NAME}",
        description=found.description,
        answer=msgspec.json.decode(found.answer),
        open=f"/g/{link.id}",
        address=f"/g/{link.id}",
        public_url=f"{base}/g/{link.id}",
        preview_png=f"{base}/g/{link.id}.png" if base else "",
    )


async def oembed(http: Request) -> Response:
    """oEmbed 1.0 (https://oembed.com) for this server's own links."""
    asked = dict(pairs_of(http.scope["query_string"]))
    kind = asked.get("format", "json")
    if kind not in {"json", "xml"}:
        raise HTTPException(501, "`format` is `json` or `xml`")
    try:
        url = urlsplit(asked.get("url", ""))
    except ValueError:
        raise HTTPException(404, "`url` is none of this server's links") from None
    base = origin(http)
    ours = urlsplit(base).netloc
    found = re.fullmatch(r"/(?:g|embed)/([A-Za-z0-9_-]{6,64})", url.path)
    if found is None or url.scheme not in {"", "http", "https"} or (url.netloc or ours) != ours:
        raise HTTPException(404, "`url` is none of this server's links")
    http.path_params["id"] = found[1]
    link = await linked(http)
    width = _most(asked.get("maxwidth"), WIDTH)
    height = _most(asked.get("maxheight"), HEIGHT)
    name = title(link.state["source"]) if not is_graph(link.state) else f"A graph · {NAME}"
    address = f"{base}/embed/{quote(link.id)}"
    answer = {
        "version": "1.0",
        "type": "rich",
        "title": name,
        "provider_name": NAME,
        "provider_url": f"{base}/",
        "cache_age": 3600,
        "html": f'<iframe src="{address}" width="{width}" height="{height}" title="A circuit" loading="lazy"></iframe>',
        "width": width,
        "height": height,
    }
    body, media = (msgspec.json.encode(answer), JSON) if kind == "json" else (as_xml(answer), "text/xml")
    return Response(body, media_type=media, headers={"cache-control": KEPT})


def as_xml(answer: Mapping[str, object]) -> bytes:
    """The same as an XML document (oEmbed 1.0, 2.3.4.2)."""
    root = Element("oembed")
    for name, value in answer.items():
        SubElement(root, name).text = NO_XML.sub("\ufffd", str(value))
    found: bytes = tostring(root, "utf-8", xml_declaration=True)
    return found


def _most(text: str | None, usual: int) -> int:
    return min(int(text), usual) if text is not None and re.fullmatch(r"[1-9]\d{0,5}", text) else usual


routes = [
    Route("/g/{id}.svg", picture, methods=["GET"]),
    Route("/g/{id}.png", picture, methods=["GET"]),
    Route("/g/{id}.json", state, methods=["GET"]),
    Route("/g/{id}.txt", source, methods=["GET"]),
    Route("/g/{id}", shared, methods=["GET"]),
    Route("/oembed", oembed, methods=["GET"]),
]
