"""/openapi.json: what every resource takes and gives, from the same types that the server uses. /docs: it as a page."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from app.api.problems import PROBLEM
from app.api.resource import Nothing, Resource
from app.work.answers import Problem
from app.work.encoded import EVENTS, JSON, NDJSON, Encoded
from app.work.request import OWN, Request

COMPONENT = "#/components/schemas/{name}"
MODEL = COMPONENT.replace("{name}", "{model}")
REFUSALS = {
    "400": "The query or the body is not well-formed.",
    "404": "There is nothing at this address.",
    "405": "This address does not take this method.",
    "406": "No media type that the client accepts.",
    "408": "The request was not in within the time.",
    "413": "The body or the state is too large.",
    "414": "The URL is too long: POST, or a short link.",
    "415": "The body is neither JSON nor a plain text in UTF-8, or is encoded.",
    "422": "The program, or an option of the request, is wrong.",
    "429": "More requests than the rate that is set.",
    "431": "The head is too long.",
    "503": "The server is busy, or its database is away.",
}
LATER = 'What goes wrong after the first, the last one says: `{"error": …}`, a Problem.'
TEXTS = {
    NDJSON: f"One JSON value on each line, as the JSON answer lists them, sent as they are computed. {LATER}",
    EVENTS: f"One JSON value in each event, as the JSON answer lists them, sent as they are computed. {LATER}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """An operation that is no resource. `answers`: for each status the media type and the type of what is said;
    `takes`: the type of its body."""

    method: str
    path: str
    summary: str
    answers: Mapping[str, tuple[str, Any]]
    takes: type[Request] | None = None
    plain: bool = False


def document(resources: Sequence[Resource], operations: Sequence[Operation] = ()) -> dict[str, Any]:
    """The OpenAPI 3.1 document of these resources and operations."""
    types = {r.returns for r in resources if r.returns not in (None, Encoded)} | {Problem}
    types |= {kind for each in operations for _, kind in each.answers.values() if kind is not None}
    found, components = msgspec.json.schema_components(sorted(types, key=str), ref_template=COMPONENT)
    schemas = dict(zip(sorted(types, key=str), found, strict=True))
    models: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for each in resources:
        path = each.paths[0]
        paths[path] = {method.lower(): operation(each, method, path, schemas, models) for method in each.methods}
    for one in operations:
        paths.setdefault(one.path, {})[one.method.lower()] = plain_operation(one, schemas, models)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "gradwire",
            "version": "1",
            "description": "Expressions as circuits: forward values, gradients, and each wire's own contribution.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": paths,
        "components": {
            "schemas": {**components, **models},
            "responses": {
                "problem": {
                    "description": "What went wrong (RFC 9457).",
                    "content": {PROBLEM: {"schema": {"$ref": COMPONENT.format(name="Problem")}}},
                }
            },
        },
    }


def operation(
    each: Resource, method: str, path: str, schemas: dict[Any, Any], models: dict[str, Any]
) -> dict[str, Any]:
    """One method of one resource."""
    doc = (each.job.__doc__ or "").strip()
    parameters = [
        {"name": key, "in": "path", "required": True, "schema": schema_of(each.request, key)}
        for key in re.findall(r"{(\w+)}", path)
    ]
    found: dict[str, Any] = {
        "operationId": identifier(method, path),
        "summary": each.summary,
        "description": doc,
        "responses": {
            "200": {"description": each.summary, "content": contents(each, schemas)},
            **{status: {"$ref": "#/components/responses/problem"} for status in REFUSALS},
        },
    }
    if method == "GET" and each.request is not Nothing:
        parameters += query_parameters(each.request, {p["name"] for p in parameters})
        if each.kept:
            found["responses"]["304"] = {"description": "The client has it already."}
    if method == "POST":
        found["requestBody"] = {"required": True, "content": body_of(each, models)}
    if parameters:
        found["parameters"] = parameters
    return found


def plain_operation(one: Operation, schemas: dict[Any, Any], models: dict[str, Any]) -> dict[str, Any]:
    """An operation that is no resource."""
    found: dict[str, Any] = {
        "operationId": identifier(one.method, one.path),
        "summary": one.summary,
        "responses": {
            **{
                status: {
                    "description": one.summary,
                    "content": {kind: {"schema": {"type": "string"} if says is None else schemas[says]}},
                }
                for status, (kind, says) in one.answers.items()
            },
            **{status: {"$ref": "#/components/responses/problem"} for status in REFUSALS},
        },
    }
    names = re.findall(r"{(\w+)}", one.path)
    if names:
        found["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names
        ]
    if one.takes is not None:
        found["requestBody"] = {"required": True, "content": taken(one.takes, set(OWN), models)}
    return found


def identifier(method: str, path: str) -> str:
    """An operation's id."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", path.removeprefix("/api/v1")).strip("_") or "root"
    return f"{method.lower()}_{name}"


def contents(each: Resource, schemas: dict[Any, Any]) -> dict[str, Any]:
    """What a resource answers, by media type."""
    found: dict[str, Any] = {}
    for kind in each.produces:
        if kind == JSON:
            found[kind] = {"schema": schemas.get(each.returns, {})}
        else:
            found[kind] = {"schema": {"type": "string", "description": TEXTS.get(kind, "")}}
    return found


def body_of(each: Resource, models: dict[str, Any]) -> dict[str, Any]:
    """What a resource takes: JSON, and the source itself where it takes one."""
    return taken(each.request, {*OWN, *(each.fixed or ())}, models)


def taken(model: type[Request], hidden: set[str], models: dict[str, Any]) -> dict[str, Any]:
    """A body, by media type; its model is added to `models`, without what the address says."""
    name = model.__name__
    if name not in models:
        schema = model.model_json_schema(ref_template=MODEL)
        models.update(schema.pop("$defs", {}))
        for key in hidden & schema["properties"].keys():
            del schema["properties"][key]
        schema["required"] = [key for key in schema.get("required", ()) if key not in hidden]
        models[name] = schema
    found: dict[str, Any] = {JSON: {"schema": {"$ref": COMPONENT.format(name=name)}}}
    if "source" in model.model_fields:
        found["text/plain"] = {"schema": {"type": "string", "description": "The source; options in the query."}}
    return found


def query_parameters(model: type[Request], taken: Iterable[str]) -> list[dict[str, Any]]:
    """The fields of a request as a query says them."""
    schema = model.model_json_schema(ref_template=MODEL)
    found = []
    for name, field in schema["properties"].items():
        if name in {"inputs", *OWN, *taken}:
            continue
        simple = name != "source" and name in schema.get("required", ())
        found.append({
            "name": name,
            "in": "query",
            "required": simple,
            "description": field.get("description", ""),
            "schema": in_query(field),
        })  # fmt: skip
    if "source" in model.model_fields:
        found.append({
            "name": "c",
            "in": "query",
            "required": False,
            "description": "A state: JSON, raw DEFLATE, base64url. What stands beside it wins; `in.NAME` is an input.",
            "schema": {"type": "string"},
        })  # fmt: skip
    return found


def in_query(field: dict[str, Any]) -> dict[str, Any]:
    """A field's schema where it is written into a query: lists as text."""
    simple = {key: value for key, value in field.items() if key not in {"description", "examples", "title"}}
    if simple.get("type") in {"array", "object"} or "anyOf" in simple:
        return {"type": "string"}
    return simple


def schema_of(model: type[Request], name: str) -> dict[str, Any]:
    """The schema of one field."""
    properties: dict[str, Any] = model.model_json_schema()["properties"]
    return {k: v for k, v in properties.get(name, {"type": "string"}).items() if k != "title"}
