"""States in URLs, their compact and their canonical form."""

import zlib
from base64 import urlsafe_b64encode
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.limits import Limits
from app.links.state import (
    Malformed,
    canonical,
    fields_of,
    identify,
    packed,
    pairs_of,
    state_from,
    unpacked,
    url_of,
)
from app.work.request import View, read

LIMITS = Limits()
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-(2.0**53), 2.0**53) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(TEXT, JSON, max_size=5))
def test_what_is_packed_is_unpacked(state: dict[str, Any]) -> None:
    state = {**state, "v": 1}
    assert unpacked(packed(state), LIMITS) == state


def test_zlib_with_its_header_is_read_too() -> None:
    text = urlsafe_b64encode(zlib.compress(b'{"source":"x*y"}')).decode()
    assert unpacked(text.rstrip("="), LIMITS) == {"source": "x*y"}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "syntax"),
        ("!", "syntax"),
        ("a+b/", "syntax"),
        ("AAAA", "syntax"),
        (packed({"v": 1})[:-3], "syntax"),
        (packed({"v": 2}), "version"),
        (packed({"v": True}), "version"),
        (packed({"v": "1"}), "version"),
        (packed([1]), "syntax"),  # type: ignore[arg-type]
        (packed({"source": "x" * 262_144}), "size"),
    ],
)
def test_what_cannot_be_unpacked(text: str, kind: str) -> None:
    with pytest.raises(Malformed) as error:
        unpacked(text, LIMITS)
    assert error.value.kind == kind


def test_a_bomb_is_not_inflated() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = b"".join(deflate.compress(b" " * 1_000_000) for _ in range(200)) + deflate.flush()
    with pytest.raises(Malformed) as error:
        unpacked(urlsafe_b64encode(data).decode().rstrip("="), LIMITS)
    assert error.value.kind == "size"


# RFC 8785, 3.2.2 and 3.2.3
@pytest.mark.parametrize(
    ("text", "form"),
    [
        (b'{"b":[1.0,1e0,100e-2],"a":null}', b'{"a":null,"b":[1,1,1]}'),
        (
            b"[333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001, -0]",
            b"[333333333.3333333,1e+30,4.5,0.002,1e-27,0]",
        ),
        (b'"\\u20ac$\\u000F\\u000aA\'\\u0042\\u0022\\u005c\\\\\\"\\/"', '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()),
        (
            b'{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}',
            '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"😀":5,"\ufb33":3}'.encode(),
        ),
    ],
)  # fmt: skip
def test_the_canonical_form(text: bytes, form: bytes) -> None:
    assert canonical(msgspec.json.decode(text)) == form


@given(JSON)
def test_the_canonical_form_is_the_same_value(value: Any) -> None:
    assert msgspec.json.decode(canonical(value)) == value
    assert canonical(msgspec.json.decode(canonical(value))) == canonical(value)


def test_deep_values_are_no_recursion() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    assert len(canonical(value)) == 200_001


def test_equal_values_have_one_name() -> None:
    assert identify({"a": 1, "b": [1.0]}) == identify({"b": [1], "a": 1.0})
    assert identify({"a": 1}) != identify({"a": 2})


def test_a_state_goes_into_a_url_and_comes_back() -> None:
    state = {
        "v": 1,
        "source": "x*y + 'ü' # 100%&=",
        "inputs": {"x": 3, "W": [[1, 2.5], ["NaN", -1]], "é": 1e-300},
        "seed": [1, 2],
        "collapse": ["f#1", "g/h#2"],
        "share": False,
        "direction": "down",
        "selected": "x",
        "hide": ["editor", "transport"],
        "step": 3,
        "practice": True,
        "compare": "x + y",
    }
    url = url_of(state, LIMITS)
    assert url is not None
    fields = fields_of(View, url.partition("?")[2].encode(), LIMITS)
    assert {"v": 1, **fields} == state
    assert state_from(read(View, fields)) == state
    compact = f"c={packed(state)}&in.x=4&direction=right"
    assert fields_of(View, compact.encode(), LIMITS) == {
        **state,
        "inputs": {**state["inputs"], "x": 4},  # type: ignore[dict-item]
        "direction": "right",
    }


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT)))
def test_a_query_is_read_as_browsers_write_it(pairs: list[tuple[str, str]]) -> None:
    from urllib.parse import urlencode

    assert pairs_of(urlencode(pairs).encode()) == pairs


def test_the_second_program_of_a_comparison_may_be_a_state() -> None:
    state = {"v": 1, "source": "x*y", "compare": {"source": "x+y"}}
    assert state_from(read(View, state)) == state
