"""Where the files are that ship beside the code: the built page, the fonts, the templates."""

from pathlib import Path

# A wheel carries them inside the package (hatch_build.py); a checkout has them beside it.
_HERE = Path(__file__).parent
_ROOT = _HERE if (_HERE / "static").is_dir() else _HERE.parent

DIST = _ROOT / "static" / "dist"
FONTS = _ROOT / "static" / "fonts"
TEMPLATES = _ROOT / "templates"


def built() -> int:
    """When the page was built (ns since 1970): another number with each build; 0 where it is not."""
    try:
        return (DIST / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0
