"""The colours: a table from what an element is (its class) to what paints it, for light and dark, and two palettes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app.draw.mark import Attribute

ThemeName = Literal["auto", "light", "dark"]
PaletteName = Literal["standard", "colour-blind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Colours:
    """One theme's colours. Texts (`ink quiet value grad`) keep 4.5:1 on each ground (`paper tint leaf`), lines 3:1."""

    paper: str
    ink: str
    quiet: str
    line: str
    faint: str
    leaf: str
    rim: str
    tint: str
    accent: str
    value: str
    grad: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """The colours that a picture resolves (`colours`), and those that take over in a dark surrounding (None: never)."""

    name: ThemeName
    palette: PaletteName
    colours: Colours
    dark: Colours | None = None

    def paint(self, kind: str, *more: str) -> dict[str, Attribute]:
        """The attributes of an element of this kind: its classes (a later one of `more` wins) and resolved colours."""
        roles = {attribute: role for it in (kind, *more) for attribute, role in PAINT[it].items()}
        colours = {attribute: getattr(self.colours, role) for attribute, role in roles.items()}
        return {"class": " ".join((kind, *more)), **colours}


def theme(name: ThemeName = "auto", palette: PaletteName = "standard") -> Theme:
    """The theme of this name; `auto` is light, and dark where the surroundings are."""
    colours = COLOURS[palette]["dark" if name == "dark" else "light"]
    return Theme(name=name, palette=palette, colours=colours, dark=COLOURS[palette]["dark"] if name == "auto" else None)


def sheet(colours: Colours, prefix: str = "") -> str:
    """The same table as CSS rules, each selector after `prefix`: what overrides the attributes in the dark, and what
    colours the picture inside a page."""
    rules = (
        f"{prefix}.{kind}{{{';'.join(f'{attribute}:{getattr(colours, role)}' for attribute, role in paint.items())}}}"
        for kind, paint in PAINT.items()
        if paint
    )
    return "".join(rules)


# What an element is → what paints it. Of two classes on one element the later line wins, in the sheet as well.
PAINT: Mapping[str, Mapping[str, str]] = {
    "paper": {"fill": "paper"},
    "tint": {"fill": "tint", "stroke": "rim"},
    "inner": {"fill": "paper", "stroke": "rim"},
    "line": {"stroke": "line"},
    "leader": {"stroke": "faint"},
    "main": {"stroke": "ink"},
    "flow": {"stroke": "grad"},
    "dot": {"fill": "ink"},
    "body": {"fill": "paper", "stroke": "ink"},
    "leaf": {"fill": "leaf", "stroke": "rim"},
    "sketch": {"stroke": "quiet"},
    "sign": {"fill": "ink"},
    "quiet": {"fill": "quiet"},
    "value": {"fill": "value"},
    "grad": {"fill": "grad"},
    "parts": {"fill": "grad"},
    "back": {"stroke": "grad"},
    "badge": {"fill": "paper", "stroke": "grad"},
    "given": {"fill": "quiet"},
    "bare": {},
}

LIGHT = Colours(
    paper="#ffffff", ink="#1f2328", quiet="#59636e", line="#7d8590", faint="#838c96", leaf="#f4f6f8", rim="#c9d1d9",
    tint="#f6f8fa", accent="#0969da", value="#1a7f37", grad="#cf222e",
)  # fmt: skip
DARK = Colours(
    paper="#0d1117", ink="#e6edf3", quiet="#9198a1", line="#7d8590", faint="#6e7681", leaf="#161b22", rim="#3d444d",
    tint="#151b23", accent="#4493f8", value="#3fb950", grad="#ff7b72",
)  # fmt: skip


def _with(colours: Colours, value: str, grad: str) -> Colours:
    roles = {role: getattr(colours, role) for role in Colours.__slots__}
    return Colours(**{**roles, "value": value, "grad": grad})


COLOURS: Mapping[PaletteName, Mapping[Literal["light", "dark"], Colours]] = {
    "standard": {"light": LIGHT, "dark": DARK},
    "colour-blind": {"light": _with(LIGHT, "#0072B2", "#b45309"), "dark": _with(DARK, "#56B4E9", "#E69F00")},
}
