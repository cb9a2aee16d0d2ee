"""The file that stands alone: nothing in it is markup but ours, and it carries what its script needs."""

import base64
import hashlib
import json
from functools import cache
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.autodiff.reverse import trace
from app.autodiff.shown import shown
from app.export import Subject
from app.export.html import allowed, markless, standalone, write
from app.graph.groups import view
from app.layout import layout
from app.work.pipeline import figures
from tests.export.programs import LIMITS, lowered


def file_of(source: str, **inputs: float) -> str:
    program = lowered(source, **inputs)
    found = trace(program.graph, program.values(), program.output, program.seed)
    seen = view(program, closed="none", limits=LIMITS)
    made = Subject(
        view=seen, figures=figures(shown(seen, found)), layout=cache(lambda: layout(seen)), limits=LIMITS,
        program=program, trace=found,
    )  # fmt: skip
    return write(made)


class Elements(HTMLParser):
    """The elements of a document, and the text of each script."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[dict[str, str | None]] = []
        self.scripts: list[str] = []
        self.inside = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.inside = tag == "script"
        if self.inside:
            self.scripts.append("")
        self.attributes.append(dict(attrs))

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.scripts[-1] += data


def test_it_carries_the_circuit_its_tape_and_its_boxes() -> None:
    found = Elements(file_of("x*y + max(z, w) + x*y", x=3, y=-4, z=2, w=-1))
    carried = json.loads(found.scripts[0])
    assert {node["id"]: node["grad"] for node in carried["answer"]["nodes"]}["x"] == -8.0
    assert set(carried["tape"]["inputs"]) == {"x", "y", "z", "w"}
    assert {"value_box", "grad_box"} == set(carried["boxes"][carried["answer"]["edges"][0]["id"]])


def test_a_tensor_has_a_picture_and_no_tape() -> None:
    carried = json.loads(Elements(file_of("W = [[1, 2], [3, 4]]\nsum(W)")).scripts[0])
    assert carried["tape"] is None


HOSTILE = ["</script><script>alert(1)</script>", "<!--", "<img src=x onerror=alert(1)>", "]]>", "&lt;", "\"'", "\u2028"]


@pytest.mark.parametrize("text", HOSTILE)
def test_a_source_is_never_markup(text: str) -> None:
    plain, hostile = Elements(file_of("x*x", x=2)), Elements(file_of(f"x*x  # {text}", x=2))
    assert hostile.tags == plain.tags
    assert not any(name.startswith("on") for attributes in hostile.attributes for name in attributes)


def test_it_runs_its_own_script_only_and_loads_nothing() -> None:
    text = file_of("x*x", x=2)
    found = Elements(text)
    (policy,) = [a["content"] or "" for a in found.attributes if a.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert not any(a.get("src") or (a.get("href") or "").startswith("http") for a in found.attributes)
    if standalone():
        digest = base64.b64encode(hashlib.sha256(found.scripts[-1].encode()).digest()).decode()
        assert f"'sha256-{digest}'" in policy
    assert allowed("") == "'none'"


@given(st.text())
def test_json_without_markup_is_the_same_json(text: str) -> None:
    written = markless(json.dumps(text, ensure_ascii=False))
    assert not set(written) & set("<>&\u2028\u2029")
    assert json.loads(written) == text
