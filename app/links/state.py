"""The state in a URL: read from a query, packed and unpacked, made canonical, and named by what it holds."""

import re
import zlib
from base64 import b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any, Literal
from urllib.parse import quote, unquote_to_bytes

import msgspec

from app.diagnostics import Diagnostic
from app.draw.number import exact_text
from app.limits import Limits
from app.work.numbers import plain
from app.work.request import OWN, Request, coerced

VERSION = 1
READABLE = 1_800  # characters up to which a URL is the readable form
_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")


class Malformed(Exception):
    """What came over the wire cannot be read. `kind`: syntax (not well-formed), size (over a limit), version."""

    def __init__(
        self, kind: Literal["syntax", "size", "version"], message: str, *, code: str = "request.state"
    ) -> None:
        self.kind = kind
        self.diagnostic = Diagnostic(code=code, message=message)
        super().__init__(message)

    def __reduce__(self) -> tuple[Any, ...]:
        return _malformed, (self.kind, str(self), self.diagnostic.code)


def _malformed(kind: Literal["syntax", "size", "version"], message: str, code: str) -> Malformed:
    return Malformed(kind, message, code=code)


# ── A query ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def pairs_of(query: bytes) -> list[tuple[str, str]]:
    """The pairs of a query, percent-encoded UTF-8, a `+` for a space. Errors: Malformed."""
    if _STRAY_PERCENT.search(query):
        raise Malformed("syntax", "a `%` in the query begins no code; write it as `%25`", code="request.body")
    pairs = []
    for part in query.split(b"&"):
        if part:
            key, _, value = part.partition(b"=")
            try:
                pairs.append((_text(key), _text(value)))
            except UnicodeDecodeError:
                raise Malformed("syntax", "the query is not UTF-8", code="request.body") from None
    return pairs


def _text(part: bytes) -> str:
    return unquote_to_bytes(part.replace(b"+", b" ")).decode()


def fields_of(model: type[Request], query: bytes, limits: Limits) -> dict[str, Any]:
    """A request's fields as a query says them: those of `c=`, and over them what stands beside it. Errors: Malformed,
    and those of `coerced`."""
    if not query:
        return {}
    pairs = pairs_of(query)
    beside = coerced(model, pairs)
    packed = dict(pairs).get("c")
    if packed is None:
        return beside
    state = unpacked(packed, limits)
    inputs = state.get("inputs")
    if isinstance(inputs, dict) and isinstance(beside.get("inputs"), dict):
        beside["inputs"] = {**inputs, **beside["inputs"]}
    return {**state, **beside}


# ── The compact form ─────────────────────────────────────────────────────────────────────────────────────────────────


def packed(state: Mapping[str, Any]) -> str:
    """JSON of the state in UTF-8, raw DEFLATE, base64url without padding."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(msgspec.json.encode(state)) + deflate.flush()
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def unpacked(text: str, limits: Limits) -> dict[str, Any]:
    """The state in a compact form (zlib with its header is read too). Errors: Malformed."""
    try:
        data = b64decode(text.rstrip("=").encode() + b"=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)
    except (BadBase64, ValueError):
        raise Malformed("syntax", "`c` is not base64url") from None
    return state_of(_inflated(data, limits.state_bytes), limits)


def _inflated(data: bytes, most: int) -> bytes:
    has_header = len(data) > 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    for window in (15, -15) if has_header else (-15,):
        inflate = zlib.decompressobj(window)
        try:
            found = inflate.decompress(data, most + 1)
        except zlib.error:
            continue
        if len(found) > most:
            raise Malformed("size", f"the state inflates to more than {most:,} bytes", code="limit.body")
        if inflate.eof and not inflate.unused_data:
            return found
    raise Malformed("syntax", "`c` does not hold a whole DEFLATE stream")


def state_of(data: bytes, limits: Limits) -> dict[str, Any]:
    """The state that this JSON says. Errors: Malformed."""
    if len(data) > limits.state_bytes:
        raise Malformed("size", f"a state holds at most {limits.state_bytes:,} bytes", code="limit.body")
    state = decoded(data)
    if not isinstance(state, dict):
        raise Malformed("syntax", "a state is a JSON object")
    check_version(state)
    return state


def decoded(data: bytes) -> Any:
    """The JSON value. Errors: Malformed; a number beyond float64 is its `number.range`."""
    try:
        return msgspec.json.decode(data)
    except msgspec.ValidationError:
        raise Malformed("version", "a number is beyond float64", code="number.range") from None
    except RecursionError:
        raise Malformed("syntax", "the JSON is nested too deeply", code="request.body") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise Malformed("syntax", f"this is not JSON in UTF-8: {_plain(error)}", code="request.body") from None


def _plain(error: Exception) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeError) else str(error).removeprefix("JSON is malformed: ")


def check_version(state: Mapping[str, Any]) -> None:
    """Errors: Malformed, where a state is of a version that this server does not know."""
    version = state.get("v", VERSION)
    if isinstance(version, bool) or version != VERSION:
        raise Malformed("version", "this state is of a version that the server does not know")


# ── A state of a request ─────────────────────────────────────────────────────────────────────────────────────────────

_LEFT_OUT = frozenset({"include", "partial", *OWN})


def state_from(request: Request) -> dict[str, Any]:
    """The state that a request is: what differs from the defaults, as JSON."""
    state: dict[str, Any] = {"v": VERSION}
    for name, field in type(request).model_fields.items():
        value = getattr(request, name)
        if name in _LEFT_OUT or (name != "source" and _equal(value, field.default)):
            continue
        if name in {"inputs", "tangents"}:
            state[name] = {key: plain(entry) for key, entry in value.items()}
        elif name == "seed":
            state[name] = plain(value)
        else:
            state[name] = list(value) if isinstance(value, tuple) else value
    return state


def _equal(value: object, default: object) -> bool:
    return type(value) is type(default) and not hasattr(value, "shape") and value == default


def url_of(state: Mapping[str, Any], limits: Limits, path: str = "/") -> str | None:
    """The path and query that say this state: readable where short, else compact; None where even that is too long."""
    readable = f"{path}?{'&'.join(f'{_quoted(key)}={_quoted(text)}' for key, text in _readable(state))}"
    if len(readable) <= min(READABLE, limits.url_bytes):
        return readable
    compact = f"{path}?c={packed(state)}"
    return compact if len(compact) <= limits.url_bytes else None


# For each byte what stands for it in a URL.
_QUOTED = tuple([quote(bytes([byte]), safe="*()!'/,:;@$[]{}") for byte in range(256)])


def _quoted(text: str) -> str:
    return "".join([_QUOTED[byte] for byte in text.encode()])


def _readable(state: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for key, value in state.items():
        if key == "inputs":
            yield from ((f"in.{name}", _query_text(entry)) for name, entry in value.items())
        elif key != "v":
            yield key, _query_text(value)


def _query_text(value: Any) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


# ── Names by content ─────────────────────────────────────────────────────────────────────────────────────────────────


def canonical(value: Any) -> bytes:
    """The one form of a JSON value (RFC 8785): keys by UTF-16, numbers as ECMAScript writes them, few escapes."""
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts).encode()


def _write(value: Any, parts: list[str]) -> None:
    """Iterative: what is still to be written stands on a stack, texts as they are."""
    stack: list[Any] = [value]
    while stack:
        entry = stack.pop()
        match entry:
            case _Written(text):
                parts.append(text)
            case dict():
                stack.append(_Written("}"))
                keys = sorted(entry, key=lambda key: key.encode("utf-16-be"), reverse=True)
                for i, key in enumerate(keys):
                    first = i == len(keys) - 1
                    stack += [entry[key], _Written(f"{'' if first else ','}{_string(key)}:")]
                stack.append(_Written("{"))
            case list():
                stack.append(_Written("]"))
                for i, member in enumerate(reversed(entry)):
                    stack += [member] if i == len(entry) - 1 else [member, _Written(",")]
                stack.append(_Written("["))
            case str():
                parts.append(_string(entry))
            case bool() | None:
                parts.append({True: "true", False: "false", None: "null"}[entry])
            case _:
                parts.append(_number(entry))


class _Written(str):
    """What is ready to be written."""

    __match_args__ = ("text",)
    __slots__ = ()

    @property
    def text(self) -> str:
        return str(self)


def _string(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _number(value: float) -> str:
    try:
        return exact_text(float(value) + 0.0)  # −0 is 0 there
    except OverflowError:
        raise Malformed("version", "a number is beyond float64", code="number.range") from None


def versioned(state: Mapping[str, Any]) -> dict[str, Any]:
    """The state with its version, which is 1 where it says none: the two are one state."""
    return {"v": VERSION, **state}


def identify(value: Any, length: int = 12) -> str:
    """The name of a JSON value: `[A-Za-z0-9_-]`, the first `length` characters of its digest."""
    return urlsafe_b64encode(sha256(canonical(value)).digest()).decode()[:length]
