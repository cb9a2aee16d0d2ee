"""The built page's files. Each has a hash or a version in its name, so it never changes."""

from typing import Any

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.files import DIST

FOREVER = "public, max-age=31536000, immutable"


class Built(StaticFiles):
    """Files that a browser may keep for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with its header."""
        response = await super().get_response(path, scope)
        if response.status_code in {200, 304}:
            named = path not in {"manifest.json", "licences.txt"}
            response.headers["cache-control"] = FOREVER if named else "public, max-age=60"
        return response


def files() -> Any:
    """The application that serves them."""
    return Built(directory=DIST, check_dir=False)
