"""What a client takes and gives: media types of `Accept` and `Content-Type`."""

from collections.abc import Sequence
from functools import lru_cache

from app.api.problems import Refusal


def preferred(accept: str | None, offers: Sequence[str]) -> str:
    """The offer that `Accept` likes best (RFC 9110, 12.5.1), by default the first. Errors: a 406 Refusal."""
    if not accept or accept == "*/*":
        return offers[0]
    ranges = [_range(part) for part in accept.split(",") if part.strip()]
    best, found = 0.0, None
    for offer in offers:
        matching = [(exactness, weight) for kind, weight in ranges if (exactness := _exactness(kind, offer))]
        weight = max(matching)[1] if matching else 0.0
        if weight > best:
            best, found = weight, offer
    if found is None:
        raise Refusal(406, f"this address answers {', '.join(offers)}")
    return found


def _range(part: str) -> tuple[str, float]:
    kind, *parameters = (text.strip().lower() for text in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return kind, min(max(float(value), 0.0), 1.0)
            except ValueError:
                return kind, 0.0
    return kind, 1.0


def _exactness(kind: str, offer: str) -> int:
    """How exactly a range names an offer: 3 by name, 2 by its group, 1 by anything, 0 not at all."""
    plain = offer.partition(";")[0].strip()
    if kind == plain:
        return 3
    if kind == f"{plain.partition('/')[0]}/*":
        return 2
    return 1 if kind == "*/*" else 0


@lru_cache(maxsize=64)
def body_type(content_type: str | None, content_encoding: str | None) -> str:
    """The body's type: `application/json` or `text/plain`, in UTF-8 and not encoded. Errors: a 415 Refusal."""
    if content_encoding and content_encoding.strip().lower() != "identity":
        raise Refusal(415, "a body comes without Content-Encoding", headers={"accept-encoding": "identity"})
    kind, *parameters = (part.strip().lower() for part in (content_type or "").split(";"))
    charset = next((p.removeprefix("charset=").strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if kind not in {"application/json", "text/plain"} or charset not in {"utf-8", "utf8", "us-ascii"}:
        saw = f", not {content_type[:80]}" if content_type else ""
        raise Refusal(
            415,
            f"a body is application/json, or text/plain (the source itself), in UTF-8{saw}",
            headers={"accept-post": "application/json, text/plain"},
        )
    return kind
