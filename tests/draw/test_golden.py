"""The pictures that were looked at: the layout's numbers and the SVG, so that a difference names its floor."""

import json
import re
from collections.abc import Callable
from dataclasses import asdict

import pytest

from app.draw.scene import scene
from app.draw.svg import svg
from app.draw.theme import theme
from app.layout import layout
from app.layout.model import Direction
from tests.draw.circuits import Circuit, bus, seed
from tests.goldens import hold

CASES: list[tuple[str, Callable[[], Circuit], Direction, bool]] = [
    ("seed", seed, "right", False),
    ("seed-down", seed, "down", False),
    ("seed-flow", seed, "right", True),
    ("bus", bus, "right", False),
]


@pytest.mark.parametrize(("name", "circuit", "direction", "flow"), CASES, ids=[case[0] for case in CASES])
def test_the_picture_is_the_one_that_was_looked_at(
    name: str, circuit: Callable[[], Circuit], direction: Direction, flow: bool
) -> None:
    given = circuit()
    placed = layout(given.view, direction=direction)
    numbers = json.dumps(rounded(asdict(placed)), indent=1)
    if not flow:
        hold(
            f"{name}.layout.json",
            re.sub(r"\[\s+([-\d.]+),\s+([-\d.]+)(?:,\s+([-\d.]+),\s+([-\d.]+))?\s+\]", flat, numbers),
        )
    auto = theme("auto")
    file = svg(scene(given.view, placed, given.figures, theme=auto, flow=flow), auto)
    hold(f"{name}.svg", re.sub("base64,[A-Za-z0-9+/=]+", "base64,", file).replace("><", ">\n<"))


def rounded(value: object) -> object:
    """The same data, numbers to three decimals."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: rounded(it) for key, it in value.items()}
    return [rounded(it) for it in value] if isinstance(value, (list, tuple)) else value


def flat(found: re.Match[str]) -> str:
    """A point or a box on one line."""
    return f"[{', '.join(it for it in found.groups() if it is not None)}]"
