"""The OpenAPI document against the server: every operation, by schemathesis."""

import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import (
    content_type_conformance,
    not_a_server_error,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from app.api.openapi import document
from app.limits import Limits
from app.server import OPERATIONS, RESOURCES, create_app
from app.settings import Settings
from tests.service import API

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
]


DOCUMENT = document(RESOURCES, OPERATIONS)
NAMES = [(path, method) for path, operations in DOCUMENT["paths"].items() for method in operations]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The document that the application gives, and the application behind it."""
    app = create_app(Settings(data_dir=tmp_path_factory.mktemp("data"), workers=1), Limits())
    yield schemathesis.openapi.from_asgi("/openapi.json", app)
    app.state.workshop.close()


@pytest.mark.parametrize(("path", "method"), NAMES, ids=[f"{method} {path}" for path, method in NAMES])
def test_the_server_does_what_the_document_says(schema: Any, path: str, method: str) -> None:
    @settings(max_examples=int(os.environ.get("EXAMPLES", "8")), suppress_health_check=list(HealthCheck))
    @given(case=schema[path][method].as_strategy())
    def each(case: Any) -> None:
        case.call_and_validate(checks=CHECKS)

    each()


def test_every_row_of_the_contract_is_in_the_document() -> None:
    paths = DOCUMENT["paths"]
    rows = "graph numbers values check batch paths flow sweep train gradcheck forward backward draw ops examples limits"
    assert {f"{API}/{row}" for row in rows.split()} <= paths.keys()
    assert {f"{API}/links", f"{API}/links/{{id}}", "/healthz", "/readyz"} <= paths.keys()
    for path in paths.values():
        for operation in path.values():
            assert operation["summary"]
            assert operation["operationId"]


@pytest.mark.asyncio(loop_scope="session")
async def test_the_document_is_openapi(client: httpx.AsyncClient) -> None:
    found = (await client.get("/openapi.json")).json()
    assert found["openapi"].startswith("3.1")
    assert found == (await client.get(f"{API}/openapi.json")).json()
