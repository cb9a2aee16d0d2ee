"""Writes what is derived in docs/: the operators' reference from the catalogue, and the pictures by drawing them.

`make docs` runs it; tests/test_docs.py holds that what stands there is what it would write.
"""

import ast
import inspect
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import app.ops
import gradwire
from app.ops.operator import Operator

DOCS = Path(__file__).parents[1] / "docs"
HEAD = """# The operators

Each is defined in one place, a file of `app/ops`, with all that belongs to it; this page is written from there by
`make docs`. A name under a framework's prefix works too (`torch.tanh`, `np.tanh`, `F.softmax`). `GET /api/v1/ops` tells
programs the same, and the editor completes from it.
"""
# A program, and the values of its inputs.
CIRCUITS: Mapping[str, tuple[str, dict[str, float]]] = {
    "seed": ("(x*y + max(z, w) + x*y)*2 + 45", {"x": 3, "y": -4, "z": 2, "w": -1}),
    "residual": (
        "def block(h, w):\n    return tanh(w*h)\n\nh = x\nfor w in [a, b]:\n    h = h + block(h, w)\nh",
        {"x": 1.5, "a": 0.5, "b": -0.3},
    ),
}


def written() -> dict[str, str]:
    """Every file of docs/ that is derived, by its name, and what it holds."""
    found = {"operators.md": operators()}
    for name, (source, inputs) in CIRCUITS.items():
        for theme in ("light", "dark"):
            found[f"pictures/{name}-{theme}.svg"] = gradwire.graph(source, inputs, options={"theme": theme}).svg()
    return found


def operators() -> str:
    """A table for each family, in the catalogue's order."""
    text = [HEAD]
    for info in iter_modules(app.ops.__path__):
        module = import_module(f"app.ops.{info.name}")
        rows = [row(each) for each in defined(module) if each.family != "leaf"]
        if rows:
            about = (module.__doc__ or "").partition("\n")[0]
            text += [f"## `{info.name}.py`\n", f"{about}\n", "| operator | what it does |", "|---|---|", *rows, ""]
    return "\n".join(text)


def defined(module: ModuleType) -> Iterator[Operator]:
    """The operators that a module defines and does not import, in its order."""
    tree = ast.parse(inspect.getsource(module))
    imported = {each.asname or each.name for it in tree.body if isinstance(it, ast.ImportFrom) for each in it.names}
    seen: set[str] = set()
    for name, value in vars(module).items():
        if isinstance(value, Operator) and name not in imported and value.name not in seen:
            seen.add(value.name)
            yield value


def row(operator: Operator) -> str:
    """A line of its family's table: how it is called, what it does, what holds at its kinks, its other names."""
    sign = f" `{operator.infix}`" if operator.infix else ""
    said = [operator.doc, *(each.says for each in operator.conventions)]
    if operator.aliases:
        said.append(f"Also {', '.join(f'`{alias}`' for alias in operator.aliases)}.")
    cells = f"`{operator.signature}`{sign}", " ".join(said)
    return f"| {' | '.join(cell.replace('|', '&#124;').replace(chr(10), ' ') for cell in cells)} |"


def main() -> None:
    """Write what has changed, and say so."""
    for name, text in written().items():
        path = DOCS / name
        path.parent.mkdir(exist_ok=True)
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            print(f"docs/{name} is new")


if __name__ == "__main__":
    main()
