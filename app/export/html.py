"""The circuit as one HTML file that needs no server: the picture, sliders that replay it, its steps, its numbers."""

import base64
import functools
import hashlib
import json
import re
from math import isfinite
from typing import Any

from app.autodiff.tape import tape
from app.draw.figures import Figure, TensorFigure
from app.draw.marks.figures import grad_text, value_text
from app.draw.number import exact_text
from app.draw.svg import escape
from app.export import Format, Subject
from app.export.svg import write as write_svg
from app.files import DIST
from app.layout.model import Box

STYLE = """
:root { color-scheme: light dark; --ink: #1f2328; --paper: #fff; --line: #d1d9e0; --value: #1a7f37; --grad: #cf222e }
@media (prefers-color-scheme: dark) {
  :root { --ink: #f0f6fc; --paper: #0d1117; --line: #3d444d; --value: #3fb950; --grad: #ff7b72 }
}
body { margin: 0 auto; max-width: 72rem; padding: 1.5rem; color: var(--ink); background: var(--paper) }
body, button, input { font: 16px/1.5 system-ui, sans-serif }
h1 { font-size: 1.25rem; margin: 0 0 1rem }
pre { padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 8px; overflow: auto }
.drawing { overflow: auto; margin: 1rem 0 }
.drawing svg { display: block; max-width: none }
#inputs { display: grid; grid-template-columns: repeat(auto-fill, minmax(18rem, 1fr)); gap: 0.25rem 2rem }
#inputs label { display: flex; gap: 0.75rem; align-items: center }
#inputs input[type="range"] { flex: 1; min-width: 0 }
#inputs input[type="text"] { width: 6rem }
#inputs [aria-invalid] { outline: 2px solid var(--grad) }
.name { font-style: italic; min-width: 2rem }
#transport { display: flex; gap: 0.5rem; align-items: center; flex-wrap: wrap }
#transport p { margin: 0 0.5rem; min-height: 1.5em }
button { min-width: 2.25rem; padding: 0.25rem 0.6rem }
table { border-collapse: collapse; margin-top: 1rem }
td, th { padding: 0.2rem 0.9rem 0.2rem 0; text-align: left; border-bottom: 1px solid var(--line) }
.said-value, td.value { color: var(--value) }
.said-grad, td.grad { color: var(--grad) }
.said-name { font-style: italic }
.circuit .ahead-value :is(.value, .given), .circuit .ahead-grad :is(.grad, .parts, .back, .sum) { visibility: hidden }
.circuit .node.ahead-value .body { opacity: 0.45 }
.circuit .node.current :is(.body, .leaf) { stroke: var(--grad); stroke-width: 2.5 }
"""


def write(subject: Subject) -> str:
    """The file. It runs its own script only, and loads nothing."""
    program = subject.program
    title = subject.title or "A circuit with its values and gradients"
    script = f"<script>{standalone()}</script>" if standalone() else ""
    policy = f"default-src 'none'; style-src 'unsafe-inline'; font-src data:; script-src {allowed(standalone())}"
    source = program.source.strip("\n") if program is not None else ""
    return "".join([
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
        f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">\n',
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{escape(title)}</h1>\n",
        f"<pre>{escape(source)}</pre>\n" if source else "",
        '<div id="inputs"></div>\n<div class="drawing">',
        write_svg(subject),
        '</div>\n<div id="transport"></div>\n',
        table(subject),
        f'<script type="application/json" id="circuit-data">{data(subject)}</script>\n{script}\n</body>\n</html>\n',
    ])  # fmt: skip


def table(subject: Subject) -> str:
    """The output's and the inputs' numbers; the script keeps them."""
    view, figures = subject.view, subject.figures
    nodes = [node for node in view.nodes if node.kind == "input" or node.id == view.output]
    rows = []
    for node in nodes:
        value, grad = figures.values.get(node.id), figures.grads.get(node.id)
        name = escape((node.names or (("output",) if node.id == view.output else (node.label,)))[0])
        rows.append(
            f'<tr data-shows="{escape(node.id)}"><th scope="row">{name}</th>'
            f'<td class="value">{"" if value is None else value_text(value)[0]}</td>'
            f'<td class="grad">{"" if grad is None else grad_text(grad)[0]}</td></tr>\n'
        )
    return f"<table><tr><th></th><th>value</th><th>gradient</th></tr>\n{''.join(rows)}</table>\n"


def data(subject: Subject) -> str:
    """What the script reads, as JSON in which nothing is markup."""
    view, figures, layout = subject.view, subject.figures, subject.layout()
    inputs = subject.program.inputs if subject.program is not None else ()
    ids = subject.program.ids if subject.program is not None else ()
    nodes = [
        {
            "id": n.id, "op": n.op, "kind": n.kind, "label": n.label, "names": n.names, "shape": n.shape,
            "value": number(figures.values.get(n.id)), "grad": number(figures.grads.get(n.id)), "reached": n.reached,
        }
        for n in view.nodes
    ]  # fmt: skip
    edges = [
        {
            "id": e.id, "source": e.source, "target": e.target, "slot": e.slot,
            "value": number(figures.edge_values.get(e.id)), "grad": number(figures.edge_grads.get(e.id)),
        }
        for e in view.edges
    ]  # fmt: skip
    answer = {
        "nodes": nodes,
        "edges": edges,
        "inputs": [{"name": i.name, "node": ids[i.node], "value": number(_scalar(i.value))} for i in inputs],
        "output": {"node": view.output},
    }
    boxes = {
        **{id_: _boxes(at.value_box, at.grad_box, at.sum_box) for id_, at in layout.nodes.items()},
        **{id_: _boxes(wire.value_box, wire.grad_box, None) for id_, wire in layout.wires.items()},
    }
    played = tape(subject.program, view) if subject.program is not None else None
    carried = {"answer": answer, "tape": played, "boxes": boxes}
    text = json.dumps(carried, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return markless(text)


def markless(text: str) -> str:
    """JSON in which no character is markup, and none a line's end to a script. The only way by which data get in."""
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def number(figure: Figure) -> Any:
    """A number as the API says it, of a tensor its shape and norm."""
    if figure is None:
        return None
    if isinstance(figure, TensorFigure):
        return {"shape": figure.shape, "min": None, "max": None, "mean": None, "norm": number(figure.norm)}
    return figure if isfinite(figure) else exact_text(figure)


def _scalar(value: Any) -> Figure:
    return float(value) if isinstance(value, (int, float)) else TensorFigure(shape=value.shape, norm=float("nan"))


def _boxes(value: Box | None, grad: Box | None, total: Box | None) -> dict[str, dict[str, float]]:
    found = {"value_box": value, "grad_box": grad, "sum_box": total}
    return {
        name: {"x": box.x, "y": box.y, "width": box.width, "height": box.height}
        for name, box in found.items()
        if box is not None
    }


@functools.cache
def standalone() -> str:
    """The built script of static/src/entries/standalone.ts; empty where the page is not built: then nothing moves."""
    try:
        manifest: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))
        text = (DIST / manifest["standalone.js"]).read_text("utf-8")
    except (FileNotFoundError, KeyError):
        return ""
    # A closing tag, or a comment's beginning, may stand in a string or an expression: there `\/` and `\!` are the same.
    return text.strip().replace("</script", r"<\/script").replace("<!--", r"<\!--")


def allowed(script: str) -> str:
    """The hash by which a policy lets this very script run."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'" if script else "'none'"


FORMAT = Format(name="html", media_type="text/html", extension="html", write=write)
