"""The gallery: at least forty circuits, each with a title, a sentence, finite numbers and a picture."""

from operator import attrgetter

import pytest

from app.limits import Limits
from app.pages.gallery import card, thumbnails, view
from app.work import pipeline
from app.work.gallery import Example, examples
from app.work.numbers import NUMBERS

LIMITS = Limits()


def test_the_gallery_has_at_least_forty_circuits_of_different_names() -> None:
    names = [each.name for each in examples()]
    assert len(names) >= 40
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("example", examples(), ids=attrgetter("name"))
def test_an_example_has_words_numbers_and_a_picture(example: Example) -> None:
    assert example.title
    assert example.topic
    assert example.about.endswith((".", "?"))
    answer = pipeline.graph(view(example), LIMITS)
    numbers = [x for each in (*answer.inputs, answer.output) for x in (each.value, getattr(each, "grad", 0.0))]
    assert not any(x in NUMBERS for x in numbers if isinstance(x, str))
    assert not any(each.assumed for each in answer.inputs)
    assert [each.message for each in answer.warnings if each.code != "value.tie"] == []
    (picture,) = thumbnails([example], LIMITS)
    assert picture.errors == []
    assert picture.svg.startswith("<svg")
    assert 'aria-hidden="true"' in picture.svg
    assert "<title" not in picture.svg
    address = card(example, picture, LIMITS).address
    assert address is not None
    assert address.startswith(("/?source=", "/?c="))
