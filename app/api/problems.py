"""Problems (RFC 9457): the one form of every error that the server answers."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from msgspec import UNSET
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.diagnostics import Diagnostic, ProgramError
from app.links.state import Malformed
from app.links.store import Away, Gone
from app.work.answers import Problem, problem_of, said
from app.work.pool import Overloaded

PROBLEM = "application/problem+json"


class Refusal(Exception):
    """A request that is refused with this status, before a program is looked at."""

    def __init__(
        self, status: int, detail: str, *, code: str | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        self.status = status
        self.detail = detail
        self.diagnostics = (Diagnostic(code=code, message=detail),) if code else ()
        self.headers = dict(headers or {})
        super().__init__(detail)


def problem(status: int, detail: str, diagnostics: Sequence[Diagnostic] = ()) -> Problem:
    """The problem of this status."""
    errors = said(tuple(diagnostics)) if diagnostics else UNSET
    title = HTTPStatus(status).phrase
    return Problem(type="about:blank", title=title, status=status, detail=detail, errors=errors)


def of_malformed(error: Malformed) -> Problem:
    """The problem of a body, a query or a state that cannot be read."""
    status = {"syntax": 400, "size": 413, "version": 422}[error.kind]
    return problem(status, str(error), (error.diagnostic,))


def response(found: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The problem as an answer, which no one keeps."""
    return Response(
        msgspec.json.encode(found),
        status_code=found.status,
        media_type=PROBLEM,
        headers={"cache-control": "no-store", **(headers or {})},
    )


# What an exception is answered with. Starlette looks them up by class.


async def on_program(_: Request, error: Exception) -> Response:
    assert isinstance(error, ProgramError)
    return response(problem_of(error.diagnostics))


async def on_malformed(_: Request, error: Exception) -> Response:
    assert isinstance(error, Malformed)
    return response(of_malformed(error))


async def on_refusal(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    return response(problem(error.status, error.detail, error.diagnostics), error.headers)


async def on_overload(_: Request, error: Exception) -> Response:
    assert isinstance(error, Overloaded)
    found = problem(503, "the server is busy; please try again in a moment")
    return response(found, {"retry-after": str(error.retry_after)})


async def on_away(_: Request, error: Exception) -> Response:
    assert isinstance(error, Away)
    found = problem(503, "the database of links cannot be reached; please try again in a moment")
    return response(found, {"retry-after": str(error.retry_after)})


async def on_gone(_: Request, error: Exception) -> Response:
    assert isinstance(error, Gone)
    return response(problem(410, "this link was taken down"))


async def on_http(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    said_plainly = {
        404: "there is nothing at this address",
        405: "this address does not take this method",
    }
    phrase = HTTPStatus(error.status_code).phrase
    detail = said_plainly.get(error.status_code, phrase) if error.detail == phrase else error.detail
    return response(problem(error.status_code, detail), error.headers)


async def on_mistake(_: Request, __: Exception) -> Response:
    return response(problem(500, "the server made a mistake"))


HANDLERS: dict[Any, Any] = {
    ProgramError: on_program,
    Malformed: on_malformed,
    Refusal: on_refusal,
    Overloaded: on_overload,
    Away: on_away,
    Gone: on_gone,
    HTTPException: on_http,
    Exception: on_mistake,
}
