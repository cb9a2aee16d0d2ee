"""A picture as notebooks show it: SVG, and a live one in a frame of its own where they take HTML."""

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

CONTROLS = 330  # px that sliders, buttons and the table take beside the drawing


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
            f'style="width:100%;height:{self.height + CONTROLS}px;border:0" title="circuit"></iframe>'
        )

    @property
    def height(self) -> int:
        """The picture's own height (px)."""
        found = re.search(r'<svg[^>]*? height="([\d.]+)"', self.svg)
        return round(float(found[1])) if found else 0

    def __repr__(self) -> str:
        return f"<Picture of {len(self.svg):,} characters>"
