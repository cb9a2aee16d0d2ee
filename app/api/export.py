"""/export/{format}: other formats. /graph.svg and /graph.png: for an `<img>`. /draw: graphs of other tools."""

from typing import Any

from app.api.resource import Resource, resource
from app.export import formats
from app.work import pictures
from app.work.drawn import DrawRequest
from app.work.encoded import JSON
from app.work.pictures import PNG, SVG, DrawnExportRequest, ExportRequest, PictureRequest

SMALL = 100  # nodes of a given graph that are drawn in place


def _always(_: Any) -> bool:
    return True


def _never(_: Any) -> bool:
    return False


def _small(q: Any) -> bool:
    return len(getattr(q, "nodes", ())) <= SMALL


def _exports() -> list[Resource]:
    """One resource for each format: its media type is its own."""
    kinds = {"json": JSON, **{name: each.media_type for name, each in formats().items()}}
    return [
        resource(
            f"/export/{name}",
            ExportRequest,
            pictures.export,
            produces=(kind,),
            drawn=_always,
            inline=_never if name in {"png", "onnx"} else _small,
            drawing=DrawnExportRequest,
            fixed={"format": name},
        )
        for name, kind in kinds.items()
    ]


svg = resource(("/graph.svg", "//graph.svg"), PictureRequest, pictures.svg, produces=(SVG,), drawn=_always)
png = resource(("/graph.png", "//graph.png"), PictureRequest, pictures.png, produces=(PNG,), inline=_never)
draw = resource(
    "/draw",
    DrawRequest,
    pictures.draw,
    methods=("POST",),
    produces=(JSON, SVG, PNG),
    drawn=_always,
    inline=lambda q: q.media != PNG and _small(q),
)

resources = (svg, png, draw, *_exports())
