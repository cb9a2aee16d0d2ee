"""Prints the headline figures, each beside its peer or its limit: `python -m benchmarks [--only NAME …]`.

A benchmark is a module of this folder with a `run()` that yields its rows. Machines differ, so a ratio is what counts,
and both of its sides come from one run; ours is `ratio` times better than the peer. What misses its goal is marked, and
does not fail the command: a busy machine misses too.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from pkgutil import iter_modules
from time import perf_counter
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.table import Table

import benchmarks
from benchmarks.row import Row

app = App(name="python -m benchmarks", help="The headline figures, each beside its peer or its limit.")


def modules() -> dict[str, Callable[[], Iterable[Row]]]:
    """`run` of every benchmark, by its name."""
    names = [it.name for it in iter_modules(benchmarks.__path__) if it.name != "__main__"]
    found = {name: getattr(import_module(f"benchmarks.{name}"), "run", None) for name in names}
    return {name: run for name, run in found.items() if run and run.__module__ == f"benchmarks.{name}"}


@app.default
def main(*, only: Annotated[list[str] | None, Parameter(negative="", consume_multiple=True)] = None) -> None:
    """Measure all, or only those named."""
    console = Console()
    if not console.is_terminal:
        console.width = 140
    known = modules()
    if unknown := set(only or ()) - set(known):
        raise SystemExit(f"there is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    missed = 0
    for name in only or known:
        begun = perf_counter()
        with console.status(f"{name} …"):
            rows = list(known[name]())
        console.print(table(f"{name} ({perf_counter() - begun:.0f} s)", rows), "")
        missed += sum(not met(row) for row in rows)
    console.print(f"{missed} below their goal" if missed else "all goals met")


def met(row: Row) -> bool:
    """Whether it reaches its goal, where it has one."""
    return row.goal is None or row.ratio >= row.goal


def table(title: str, rows: Iterable[Row]) -> Table:
    """Rows as they are printed."""
    found = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for heading in ("what", "ours", "peer", "of", "ratio", "goal", ""):
        found.add_column(heading, justify="right" if heading in {"ours", "peer", "ratio", "goal"} else "left")
    for row in rows:
        found.add_row(
            row.name,
            f"{figure(row.ours)} {row.unit}".rstrip(),
            f"{figure(row.peer)} {row.unit}".rstrip(),
            row.peer_name,
            f"{figure(row.ratio)} ×",
            "" if row.goal is None else f"{figure(row.goal)} ×",
            "" if row.goal is None else "[green]✓[/]" if met(row) else "[red]below[/]",
        )
    return found


def figure(number: float) -> str:
    """Three significant digits, without an exponent."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:#.3g}".rstrip(".")


if __name__ == "__main__":
    app()
