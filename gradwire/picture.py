"""A picture as notebooks show it: SVG, and a live one in a frame of its own where they take HTML."""

import json
import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

FRAME = 190  # px of the page's margins, its title, the buttons, and what is around the drawing and the table
SOURCE, SLIDERS, ROW = 24, 38, 34  # px of a line of the program, of two sliders side by side, of a row of the table
MOST = 700  # px beside the drawing; more is scrolled


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG, and the same as a page that needs no server (empty: there is none)."""

    svg: str
    html: str = ""

    def save(self, path: str | Path) -> Path:
        """Writes the picture; a file that is called .html becomes the page."""
        to = Path(path)
        to.write_text(self.html if to.suffix == ".html" and self.html else self.svg, encoding="utf-8")
        return to

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        if not self.html:
            return f'<div style="overflow:auto">{self.svg}</div>'
        # The frame may run its script and nothing else: it is of no origin, and reaches neither notebook nor network.
        return (
            f'<iframe srcdoc="{escape(self.html)}" sandbox="allow-scripts" '
            f'style="width:100%;height:{self.height + self.room}px;border:0" title="circuit"></iframe>'
        )

    @property
    def height(self) -> int:
        """The picture's own height (px)."""
        found = re.search(r'<svg[^>]*? height="([\d.]+)"', self.svg)
        return round(float(found[1])) if found else 0

    @property
    def room(self) -> int:
        """What the page needs beside the drawing (px): it cannot measure itself, for its frame is of no origin."""
        lines = re.search(r"<pre>(.*?)</pre>", self.html, re.DOTALL)
        carried = re.search(r'id="circuit-data">(.*?)</script>', self.html, re.DOTALL)
        held = json.loads(carried[1]) if carried else {}
        sliders = len(held["answer"]["inputs"]) if held.get("tape") else 0
        whole = FRAME + ROW * self.html.count("<tr") + SLIDERS * -(-sliders // 2)
        return min(MOST, whole + (58 + SOURCE * (1 + len(re.findall(r"\n|&#10;", lines[1]))) if lines else 0))

    def __repr__(self) -> str:
        return f"<Picture of {len(self.svg):,} characters>"
