"""The command line: serve, draw, eval, export, and take a link down."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal

from cyclopts import App, Parameter

# What draws and computes is imported late, so that --help answers at once.
app = App(name="gradwire", help="Expressions as live circuits: forward values in green, gradients in red.")
Given = Annotated[
    list[str] | None,
    Parameter(name=["--set", "-s"], help="An input's value, NAME=NUMBER or NAME=[1,2]; may be repeated.", negative=()),
]
Source = Annotated[
    str,
    Parameter(
        help="A program, the name of a file that holds one, or - for the standard input.", allow_leading_hyphen=True
    ),
]


@app.command
def serve(*, host: str | None = None, port: int | None = None) -> None:
    """Serve the page and the API."""
    # By its name: the server stands a floor above, and is what this command starts.
    import_module("app.server").serve(host, port)


@app.command
def draw(
    source: Source,
    /,
    *,
    output: Annotated[
        Path | None, Parameter(name=["--output", "-o"], help="circuit.svg or circuit.png; - for SVG out.")
    ] = None,
    given: Given = None,
    theme: Literal["auto", "light", "dark"] = "auto",
    palette: Literal["standard", "colour-blind"] = "standard",
    direction: Literal["right", "down"] = "right",
    scale: float | None = None,
    width: int | None = None,
) -> None:
    """Draw a program's circuit with its values and gradients, as SVG or PNG."""
    name = "-" if output is None else str(output)
    suffix = Path(name).suffix.lstrip(".").lower() or "svg"
    if suffix not in {"svg", "png"}:
        raise SystemExit(f"a picture is .svg or .png, not .{suffix}; see: gradwire export")
    look = {"theme": theme, "palette": palette, "direction": direction, "scale": scale, "width": width}
    _write(name, _exported(suffix, source, given or [], look))


@app.command
def export(
    to: Annotated[
        str,
        Parameter(name="FORMAT", help="svg png html dot mermaid tikz json csv latex pytorch jax tensorflow numpy onnx"),
    ],
    source: Source = "-",
    /,
    *,
    output: Annotated[Path | None, Parameter(name=["--output", "-o"])] = None,
    given: Given = None,
) -> None:
    """Write a program's circuit in another format."""
    _write("-" if output is None else str(output), _exported(to, source, given or [], {}))


@app.command(name="eval")
def evaluate(
    source: Source,
    /,
    *,
    given: Given = None,
    collapse: Literal["auto", "none"] = "auto",
) -> None:
    """Print each node's value and gradient as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from app.limits import UNLIMITED
    from app.work.numbers import Tensor
    from app.work.pipeline import graph
    from app.work.request import GraphRequest

    q = _request(GraphRequest, source, given or [], {"collapse": collapse, "max_elements": 8})
    with _said():
        answer = graph(q, UNLIMITED)
    table = Table(box=None, pad_edge=False)
    for heading in ("node", "operator"):
        table.add_column(heading)
    table.add_column("value", justify="right", style="green")
    table.add_column("gradient", justify="right", style="red")

    def text(value: Any) -> Text:
        if isinstance(value, Tensor):
            shape = "×".join(map(str, value.shape))
            return Text(str(value.data) if isinstance(value.data, list) else f"[{shape}] of norm {value.norm}")
        return Text("" if value is None else f"{value:.12g}" if isinstance(value, float) else str(value))

    for node in answer.nodes:
        label = ", ".join(node.names) or (node.label if node.kind != "op" else "")
        table.add_row(Text(label), Text(node.op), text(node.value), text(node.grad))
    console = Console()
    console.print(table)
    for said in (*answer.warnings, *answer.notes):
        sys.stderr.write(f"{said.code}: {said.message}\n")


@app.command(name="take-down")
def take_down(link: str, /, *, undo: bool = False) -> None:
    """Take a short link down (410), or put it back with --undo."""
    import asyncio

    from app.links.store import Links
    from app.settings import Settings

    async def change() -> bool:
        links = Links(Settings().database)
        try:
            return await links.take_down(link, down=not undo)
        finally:
            await links.close()

    if not asyncio.run(change()):
        raise SystemExit(f"there is no link {link}")


def _exported(to: str, source: str, given: list[str], look: dict[str, Any]) -> bytes:
    from app.export import formats
    from app.limits import UNLIMITED
    from app.work import pictures
    from app.work.pictures import ExportRequest

    names = {**dict.fromkeys(formats()), "json": None}
    if to not in names:
        raise SystemExit(f"there is no format {to}; there are {', '.join(sorted(names))}")
    q: ExportRequest = _request(ExportRequest, source, given, {**look, "format": to})
    with _said():
        return pictures.export(q, UNLIMITED).body


def _request(model: Any, source: str, given: list[str], options: dict[str, Any]) -> Any:
    from app.work.request import coerced, read

    pairs = []
    for entry in given:
        name, equals, value = entry.partition("=")
        if not equals:
            raise SystemExit(f"--set takes NAME=VALUE, not {entry}")
        pairs.append((f"in.{name.strip()}", value.strip()))
    with _said():
        fields = coerced(model, pairs)
        present = {key: value for key, value in options.items() if value is not None}
        return read(model, {**fields, **present, "source": _text(source)})


def _text(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    path = Path(source)
    try:
        return path.read_text("utf-8") if len(source) < 1000 and path.is_file() else source
    except (OSError, ValueError):
        return source


def _write(name: str, contents: bytes) -> None:
    if name == "-":
        sys.stdout.buffer.write(contents)
        sys.stdout.buffer.flush()
    else:
        Path(name).write_bytes(contents)


@contextmanager
def _said() -> Iterator[None]:
    """A wrong program ends the command with its sentences, each with its place and hint."""
    from app.diagnostics import ProgramError

    try:
        yield
    except ProgramError as error:
        for d in error.diagnostics:
            place = f"{d.spans[0].line}:{d.spans[0].column}: " if d.spans else ""
            hint = f"\n    {d.hint}" if d.hint else ""
            sys.stderr.write(f"{place}{d.code}: {d.message}{hint}\n")
        raise SystemExit(1) from None


def main() -> None:
    """What the command `gradwire` runs."""
    app()


if __name__ == "__main__":
    main()
