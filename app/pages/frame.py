"""What all pages share: templates, the addresses of built files, and this server's own address."""

import re
from functools import cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from app.draw.number import exact_text, number_text
from app.files import BUILT, TEMPLATES, built, manifest, styles

KEPT = "public, max-age=300, stale-while-revalidate=86400"
_HOST = re.compile(r"(?:[A-Za-z0-9-]+\.)*[A-Za-z0-9-]+(?::\d{1,5})?|\[[0-9A-Fa-f:]{2,45}\](?::\d{1,5})?")
# What would end a script element, or be another line to JavaScript.
_IN_SCRIPT = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@cache
def environment() -> Environment:
    """The templates: all that is put into one is escaped."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["asset"] = asset
    made.globals["styles"] = styles
    made.filters["number"] = lambda spoken: number_text(float(spoken))
    made.filters["exact"] = lambda spoken: exact_text(float(spoken))
    return made


def asset(name: str) -> str:
    """The address of a built file, with the hash of its contents in it."""
    return f"{BUILT}/{manifest(built()).get(name, name)}"


def page(template: str, kept: str = KEPT, **context: Any) -> Response:
    """A page."""
    text = environment().get_template(template).render(context)
    return Response(text, media_type="text/html; charset=utf-8", headers={"cache-control": kept})


def in_script(data: bytes) -> Markup:
    """JSON as the contents of a script element."""
    text = data.decode()
    for letter, code in _IN_SCRIPT.items():  # of megabytes, a thirtieth of the time that `translate` takes
        text = text.replace(letter, code)
    return Markup(text)  # noqa: S704 - nothing in it can end the element


def origin(http: Request) -> str:
    """This server's own address: as it was set, else as the client calls it; empty where that is no host."""
    settings = http.app.state.settings
    if settings.public_url:
        return str(settings.public_url)
    host = http.headers.get("host", "")
    return f"{http.url.scheme}://{host}" if _HOST.fullmatch(host) else ""
