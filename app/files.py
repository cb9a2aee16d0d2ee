"""Where the files are that ship beside the code: the built page, the fonts, the templates."""

import json
import re
from functools import cache
from hashlib import blake2b
from pathlib import Path

# A wheel carries them inside the package (hatch_build.py); a checkout has them beside it.
_HERE = Path(__file__).parent
_ROOT = _HERE if (_HERE / "static").is_dir() else _HERE.parent

DIST = _ROOT / "static" / "dist"
BUILT = "/static/dist"  # where DIST is served
FONTS = _ROOT / "static" / "fonts"
TEMPLATES = _ROOT / "templates"


def built() -> int:
    """When the page was built (ns since 1970): another number with each build; 0 where it is not."""
    try:
        return (DIST / "manifest.json").stat().st_mtime_ns
    except FileNotFoundError:
        return 0


@cache
def manifest(when: int) -> dict[str, str]:
    """The built files by their sources' names, as of `when` (`built`)."""
    found: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8")) if when else {}
    return found


@cache
def styles() -> str:
    """The playground's style sheet, which stands in the page itself: it need not wait for a second file to paint. It is
    read once, for its digest stands in the policy that goes with each page; empty where the page is not built."""
    if not built():
        return ""
    text = (DIST / manifest(built())["page.css"]).read_text("utf-8").strip()
    return re.sub(r'url\(("?)\./', rf"url(\1{BUILT}/", text)


@cache
def release() -> bytes:
    """A digest of the code that runs: two machines with the same one give the same bytes."""
    digest = blake2b(digest_size=12)
    for path in sorted(_HERE.rglob("*.py")):
        digest.update(path.relative_to(_HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for folder in (TEMPLATES, FONTS):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest().encode()
