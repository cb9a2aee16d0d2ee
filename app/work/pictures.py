"""Pictures and other formats of a circuit: what the exporters make, as an answer."""

from functools import cache
from typing import Annotated, Any

import msgspec
from pydantic import Field

from app.diagnostics import fail
from app.export import Format, Look, Subject, formats
from app.limits import Limits
from app.links.state import state_from
from app.work import drawn
from app.work.circuit import circuit, figures, placed
from app.work.drawn import DrawRequest, Sized
from app.work.encoded import JSON, Encoded, encoded
from app.work.pipeline import graph
from app.work.request import GraphRequest

SVG = "image/svg+xml"
PNG = "image/png"


class PictureRequest(GraphRequest, Sized):
    """What a picture takes besides the program: its colours and, as PNG, its size."""

    flow: Annotated[bool, Field(description="Whether wires are drawn by the size of their gradients.")] = False


class ExportRequest(PictureRequest):
    """What `/export/{format}` takes."""

    format: str


class DrawnExportRequest(DrawRequest):
    """The same for a graph that another tool made."""

    format: str


def svg(q: PictureRequest, limits: Limits) -> Encoded:
    """The circuit as an SVG that stands alone."""
    return written("svg", subject(q, limits))


def png(q: PictureRequest, limits: Limits) -> Encoded:
    """The circuit as a PNG."""
    return written("png", subject(q, limits))


def export(q: ExportRequest | DrawnExportRequest, limits: Limits) -> Encoded:
    """The circuit in another format: a picture, a diagram's text, or a program of another framework."""
    if isinstance(q, DrawnExportRequest):
        if q.format == "json":
            return encoded(drawn.answer(q, limits), limits)
        return written(q.format, drawn.subject(q, limits))
    if q.format == "json":
        return encoded(graph(q.model_copy(update={"include": ("layout", "explain")}), limits), limits)
    return written(q.format, subject(q, limits))


def draw(q: DrawRequest, limits: Limits) -> Encoded:
    """A graph that another tool made, as the circuit that `/graph` answers, or as its picture (by Accept)."""
    if q.media == JSON:
        return encoded(drawn.answer(q, limits), limits)
    return written("png" if q.media == PNG else "svg", drawn.subject(q, limits))


def written(name: str, found: Subject) -> Encoded:
    """What a format makes of it. Errors: request.option, where it needs a program and there is none."""
    to: Format = formats()[name]
    if to.computes and found.program is None:
        raise fail("request.option", f"`{name}` is of a program, and this graph was made elsewhere")
    text = to.write(found)
    body = text if isinstance(text, bytes) else text.encode()
    kind = to.media_type
    shown = kind.startswith("image/") or name not in {"html", "onnx"}
    return Encoded(
        body,
        kind if "charset" in kind or not kind.startswith("text/") else f"{kind}; charset=utf-8",
        None if shown else f"circuit.{to.extension}",
    )


def subject(q: PictureRequest, limits: Limits) -> Subject:
    """A program as the exporters take it."""
    made = circuit(q, limits)
    return Subject(
        view=made.view,
        figures=figures(made.numbers),
        layout=cache(lambda: placed(made.view, q.direction, limits)),
        limits=limits,
        program=made.program,
        trace=made.trace,
        look=look(q),
        state=said(q),
    )


def look(q: Any) -> Look:
    """How the picture is wanted."""
    return Look(theme=q.theme, palette=q.palette, flow=getattr(q, "flow", False), scale=q.scale, width=q.width)


def said(q: PictureRequest) -> str:
    """The state that a picture carries, so that it opens again."""
    left_out = {"scale", "width", "format"}
    state = {key: value for key, value in state_from(q).items() if key not in left_out}
    return msgspec.json.encode(state).decode()
