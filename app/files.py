"""Where the files are that ship beside the code: the built page, the fonts, the templates."""

from functools import cache
from hashlib import blake2b
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
