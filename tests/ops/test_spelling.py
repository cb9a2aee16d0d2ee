"""How an operator is written elsewhere: by its template, by its own name, or as a case of an exporter."""

import pytest

from app.ops.catalogue import CATALOGUE
from app.ops.spelling import python, spelt, template


def test_a_template_is_filled_with_operands_and_attributes() -> None:
    assert spelt(CATALOGUE["add"], "numpy", ["x", "y"], {}) == "(x + y)"
    assert spelt(CATALOGUE["sum"], "torch", ["x"], {"axis": (0, 1)}) == "torch.sum(x, dim=(0, 1), keepdim=False)"


def test_an_operator_without_one_goes_by_its_own_name() -> None:
    assert spelt(CATALOGUE["exp"], "jax", ["x"], {}) == "jnp.exp(x)"
    assert spelt(CATALOGUE["cumsum"], "numpy", ["x"], {"axis": 1}) == "np.cumsum(x, axis=1)"


def test_an_empty_one_is_an_exporters_case() -> None:
    assert template(CATALOGUE["index"], "numpy") is None
    assert spelt(CATALOGUE["index"], "numpy", ["x"], {"at": (0,)}) is None
    assert template(CATALOGUE["input"], "numpy") is None


@pytest.mark.parametrize("value", [None, True, 2, -0.5, (1,), (1, (2, 3)), (), "ij,jk->ik", 1e300])
def test_what_is_static_reads_back(value: object) -> None:
    assert eval(python(value)) == value  # type: ignore[arg-type]


def test_infinities_have_words() -> None:
    assert python(float("-inf")) == 'float("-inf")'
