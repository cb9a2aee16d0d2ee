"""The gallery: one file for each circuit, its title and inputs at the head, the program below."""

from functools import cache
from typing import Any

from msgspec import Struct

from app.files import TEMPLATES
from app.links.state import pairs_of
from app.work.request import View, coerced

GALLERY = TEMPLATES / "gallery"


class Example(Struct, kw_only=True, frozen=True):
    """A circuit of the gallery. `options` are those of a request besides source and inputs."""

    name: str
    title: str
    about: str
    topic: str
    source: str
    inputs: dict[str, Any]
    options: dict[str, Any]


@cache
def examples() -> tuple[Example, ...]:
    """The gallery in its order: that of the numbers before the files' names."""
    return tuple(parsed(path.stem, path.read_text("utf-8")) for path in sorted(GALLERY.glob("*.gw")))


def parsed(stem: str, text: str) -> Example:
    """One file: lines of `key: value` between two `---`, then the program."""
    _, head, source = text.split("---\n", 2)
    lines = (line.partition(":") for line in head.splitlines())
    fields = {key.strip(): value.strip() for key, _, value in lines if key.strip()}
    options = coerced(View, pairs_of(fields.get("query", "").encode()))
    inputs = options.pop("inputs", {})
    return Example(
        name=stem.partition("-")[2] if stem[:1].isdigit() else stem,
        title=fields["title"],
        about=fields.get("about", ""),
        topic=fields.get("topic", ""),
        source=source.strip("\n"),
        inputs=inputs,
        options=options,
    )
