"""What a request says: the program, its inputs and the options, each checked and none ignored."""

import types
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

import msgspec
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from app.diagnostics import CODES, Diagnostic, ProgramError, Span, fail
from app.ops.algebra import Value
from app.work.numbers import NUMBERS, given

# ── What a field may be ──────────────────────────────────────────────────────────────────────────────────────────────

NUMBER_SCHEMA: dict[str, Any] = {"anyOf": [{"type": "number"}, {"type": "string", "enum": list(NUMBERS)}]}
VALUE_SCHEMA: dict[str, Any] = {
    "description": "A number, one of the words that JSON lacks, or a tensor as nested lists.",
    "anyOf": [*NUMBER_SCHEMA["anyOf"], {"type": "array", "items": {}}],
}


def _value(value: object) -> Value:
    try:
        return given(value)
    except ProgramError as error:
        said = error.diagnostics[0]
        raise PydanticCustomError(said.code, "{said}", {"said": said.message}) from None


def _scalar(value: object) -> float:
    number = _value(value)
    if not isinstance(number, float):
        raise PydanticCustomError("type.number", "a single number is needed, and here is a list")
    return number


def _inputs(value: object) -> dict[str, Value]:
    """Values by name (NFKC). All that is wrong with them is said at once."""
    if not isinstance(value, dict):
        raise ValueError("an object is needed: values by name")
    found, wrong = {}, []
    for name, entry in value.items():
        try:
            found[unicodedata.normalize("NFKC", name)] = given(entry)
        except ProgramError as error:
            wrong += [replace(d, message=f"input {name}: {d.message}") for d in error.diagnostics]
    if wrong:
        raise ProgramError(wrong)
    return found


def _whole(value: object) -> object:
    """`20.0` is the integer 20 in JSON."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _words(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _name(value: object) -> object:
    return unicodedata.normalize("NFKC", value) if isinstance(value, str) else value


Given = Annotated[Any, BeforeValidator(_value), WithJsonSchema(VALUE_SCHEMA)]
Inputs = Annotated[
    dict[str, Any],
    BeforeValidator(_inputs),
    WithJsonSchema({"type": "object", "additionalProperties": VALUE_SCHEMA}),
]
Real = Annotated[float, BeforeValidator(_scalar), WithJsonSchema(NUMBER_SCHEMA)]
Finite = Annotated[float, Field(allow_inf_nan=False), BeforeValidator(_scalar), WithJsonSchema({"type": "number"})]
Whole = Annotated[int, BeforeValidator(_whole)]
Name = Annotated[str, BeforeValidator(_name)]
Names = Annotated[tuple[Name, ...], BeforeValidator(_words)]
Include = Literal["layout", "explain", "tape", "scene"]
Collapse = Annotated[Literal["auto", "none"] | tuple[str, ...], BeforeValidator(_words)]
Text = Annotated[str, StringConstraints(strict=True)]

# ── Requests ─────────────────────────────────────────────────────────────────────────────────────────────────────────


class Request(BaseModel):
    """What all requests have in common: unknown keys are ignored, known ones are checked strictly."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", arbitrary_types_allowed=True)


class Program(Request):
    """A program and where to evaluate it."""

    source: Annotated[Text, Field(description="The program.", examples=["x*y + max(z, w) + x*y"])]
    inputs: Annotated[
        Inputs, Field(description="Values of inputs by name; an unknown name is a warning.", examples=[{"x": 3}])
    ] = {}
    seed: Annotated[Given | None, Field(description="The output's gradient; ones where it is null.")] = None
    output: Annotated[Name | None, Field(description="Name or id of the node to differentiate.")] = None
    dtype: Literal["float64", "float32"] = "float64"
    share: Annotated[bool, Field(description="Whether equal subexpressions are one node.")] = True
    strict: Annotated[bool, Field(description="Whether an input without a value is an error.")] = False
    partial: Annotated[bool, Field(description="Whether a wrong program is drawn as far as it stands.")] = False


class CheckRequest(Program):
    """What `/check` takes."""


class Shown(Program):
    """A program and what of it is shown."""

    collapse: Annotated[Collapse, Field(description="auto, none, or the ids or labels of groups to close.")] = "auto"
    direction: Literal["right", "down"] = "right"
    max_elements: Annotated[Whole, Field(ge=0, description="Elements of a tensor that are listed.")] = 64


class GraphRequest(Shown):
    """What `/graph` takes."""

    include: Annotated[tuple[Include, ...], BeforeValidator(_words)] = ()
    theme: Literal["auto", "light", "dark"] = "auto"
    palette: Literal["standard", "colour-blind"] = "standard"
    public_url: str = ""


# What the server says of itself, and no client: neither in a state nor in a document.
OWN = frozenset({"public_url", "media"})


class View(GraphRequest):
    """A state in a URL: a request, and what the page shows of it."""

    selected: str | None = None
    panel: str | None = None
    step: Annotated[Whole, Field(ge=0)] | None = None
    compare: Annotated[Text | dict[str, Any] | None, Field(description="A second program, or its state.")] = None
    practice: bool = False
    hide: Names = ()


VIEW_KEYS = tuple(name for name in View.model_fields if name not in GraphRequest.model_fields)

# ── From JSON, and from a query ──────────────────────────────────────────────────────────────────────────────────────

R = TypeVar("R", bound=Request)


def read(model: type[R], fields: Mapping[str, Any]) -> R:
    """The request that these fields make. Errors: request.option, request.missing, and those of `given`."""
    source = fields.get("source")
    if isinstance(source, str):
        check_encoding(source)
    try:
        return model.model_validate(fields)
    except ValidationError as error:
        raise ProgramError(_said(error)) from None


def _said(error: ValidationError) -> list[Diagnostic]:
    """What pydantic found, each place once: a union complains of each of its members."""
    found: dict[str, Diagnostic] = {}
    for entry in error.errors(include_url=False, include_context=False):
        name = str(entry["loc"][0]) if entry["loc"] else "the request"
        if entry["type"] == "missing":
            found.setdefault(name, Diagnostic(code="request.missing", message=f"`{name}` is missing"))
        else:
            message = entry["msg"].removeprefix("Value error, ")
            code = entry["type"] if entry["type"] in CODES else "request.option"
            said = Diagnostic(code=code, message=f"`{name}`: {message[:1].lower()}{message[1:]}")
            found.setdefault(name, said)
    return list(found.values())


def check_encoding(source: str) -> None:
    """Errors: source.encoding, at a lone surrogate (which no UTF-8 can hold)."""
    try:
        source.encode()
    except UnicodeEncodeError as error:
        before = source[: error.start]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        message = "the text holds half of a surrogate pair, which is not a character"
        raise fail("source.encoding", message, Span(line, column, line, column + 1)) from None


def coerced(model: type[Request], pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The fields that a query's pairs make, as JSON would say them, each by its own type; unknown keys are left out.

    `in.NAME` is the input NAME's. Errors: request.option, number.range.
    """
    fields: dict[str, Any] = {}
    inputs: dict[str, Any] = {}
    kinds = _kinds(model)
    for key, text in pairs:
        if key.startswith("in."):
            inputs[key.removeprefix("in.")] = _json(key, text)
        elif key == "inputs":
            whole = _json(key, text)
            inputs = {**whole, **inputs} if isinstance(whole, dict) else whole
        elif key in kinds:
            fields[key] = _from_text(kinds[key], key, text)
    if inputs and "inputs" in kinds:
        fields["inputs"] = inputs
    return fields


Kind = Literal["text", "words", "text or words", "text or object", "truth", "json"]
ALONE = frozenset({"auto", "none"})  # what stands for itself where a list of words is taken too


def _from_text(kind: Kind, key: str, text: str) -> Any:
    if kind == "text" or (kind == "text or words" and "," not in text and not text.startswith("[")):
        return text
    if kind == "text or object" and not text.startswith("{"):
        return text
    if kind in {"words", "text or words"} and not text.startswith("["):
        return text if text in ALONE and key == "collapse" else [part for part in text.split(",") if part]
    if kind == "truth":
        return {"true": True, "false": False}.get(text, text)
    if kind == "json" and "," in text and not text.startswith(("[", "{")):
        return [_json(key, part) for part in text.split(",")]
    return _json(key, text)


def _json(key: str, text: str) -> Any:
    """The JSON value, or the text itself where it is none: what the field needs is said by its own check."""
    if text in NUMBERS or text != text.strip():
        return text
    try:
        return msgspec.json.decode(text)
    except msgspec.ValidationError:
        raise fail("number.range", f"{key}: a number is beyond float64") from None
    except (msgspec.DecodeError, UnicodeError):
        return text
    except RecursionError:
        raise fail("request.option", f"`{key}`: nested too deeply") from None


@cache
def _kinds(model: type[Request]) -> dict[str, Kind]:
    return {name: _kind(field.annotation) for name, field in model.model_fields.items()}


def _kind(annotation: object) -> Kind:
    atoms = set(_atoms(annotation))
    lists = {part for each in _tuples(annotation) for part in _atoms(get_args(each)[0])}
    if lists:
        if lists != {str}:
            return "json"
        return "text or words" if str in atoms and not _literals(annotation) else "words"
    if bool in atoms:
        return "truth"
    if {str, dict} <= atoms:
        return "text or object"
    return "text" if str in atoms and not atoms & {float, int, Any} else "json"


def _parts(annotation: object) -> Iterable[object]:
    """The members of a union, without what annotates them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _parts(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation


def _tuples(annotation: object) -> list[object]:
    return [part for part in _parts(annotation) if get_origin(part) is tuple]


def _literals(annotation: object) -> list[object]:
    return [part for part in _parts(annotation) if get_origin(part) is Literal]


def _atoms(annotation: object) -> Iterable[object]:
    """The types that an annotation is made of, None apart."""
    for part in _parts(annotation):
        if get_origin(part) is Literal:
            yield from map(type, get_args(part))
        elif part is not type(None):
            yield get_origin(part) or part
