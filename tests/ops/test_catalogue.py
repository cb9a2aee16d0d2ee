"""The catalogue: an operator has all that belongs to it, no two share a name, a new one needs only its definition."""

import ast
import math
from operator import attrgetter
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from app.autodiff.reverse import trace
from app.graph.builder import Builder
from app.lang import lower
from app.limits import UNLIMITED
from app.ops.catalogue import CATALOGUE, Catalogue, operators_of
from app.ops.operator import NODE, Framework, Operator, elementwise, passes, variant
from app.ops.operator import Sample as Drawn
from app.ops.page import module
from app.ops.signature import parameters
from app.ops.spelling import spelt

OPERATORS = list(CATALOGUE.values())
PUBLIC = [o for o in OPERATORS if o.family != "leaf"]
by_name = attrgetter("name")


@pytest.mark.parametrize("operator", OPERATORS, ids=by_name)
def test_all_that_belongs_to_an_operator_stands_in_it(operator: Operator) -> None:
    assert operator.doc.endswith((".", "!", "?")), "a sentence"
    assert operator.example
    assert operator.sign or operator.family == "leaf"
    if operator.family in {"elementwise", "tensor"}:
        assert operator.sample
        assert operator.shape is not None
        assert operator.forward is not None
    if operator.family == "elementwise":
        assert operator.scalar is not None
        assert operator.partials is not None
    if operator.family == "tensor" and passes(operator, 0, 1):
        assert operator.vjp is not None
        assert operator.latex_partials


@pytest.mark.parametrize("operator", OPERATORS, ids=by_name)
def test_its_mathematics_can_be_filled(operator: Operator) -> None:
    names = ["a", "b", "c", "d"]
    for template in (operator.latex, *operator.latex_partials):
        text = template.format(*names, args=", ".join(names))
        assert text.count("{") == text.count("}")


@pytest.mark.parametrize("operator", [o for o in PUBLIC if o.family != "composed"], ids=by_name)
def test_its_spellings_can_be_filled(operator: Operator) -> None:
    operands = ["a", "b", "c", "d"][: max(len(operator.sample), 1)]
    frameworks: tuple[Framework, ...] = ("numpy", "torch", "jax", "tensorflow")
    for framework in frameworks:
        text = spelt(operator, framework, operands, operator.sample_attributes)
        if text is not None:
            ast.parse(text, mode="eval")


@pytest.mark.parametrize("operator", PUBLIC, ids=by_name)
def test_its_example_runs(operator: Operator) -> None:
    program = lower(operator.example, limits=UNLIMITED)
    found = trace(program.graph, program.values(), program.output, program.seed)
    assert np.shape(found.values[program.output]) == program.graph.shapes[program.output]


@pytest.mark.parametrize("operator", [o for o in OPERATORS if o.body], ids=by_name)
def test_a_body_is_one_function_with_the_parameters_of_the_signature(operator: Operator) -> None:
    (definition,) = ast.parse(operator.body or "").body
    assert isinstance(definition, ast.FunctionDef)
    assert definition.name == operator.name
    said = [p.name for p in operator.parameters if p.name not in operator.variants or NODE in operator.variants[p.name]]
    assert [a.arg for a in definition.args.args] == said


def test_no_two_operators_answer_to_one_name() -> None:
    seen: dict[str, str] = {o.name: o.name for o in OPERATORS}
    for operator in OPERATORS:
        for alias in operator.aliases:
            assert seen.setdefault(alias, operator.name) == operator.name, alias


def test_variants_name_operators_that_exist() -> None:
    for operator in OPERATORS:
        for names in operator.variants.values():
            assert set(names.values()) <= set(CATALOGUE)


def test_a_variant_is_chosen_by_what_an_attribute_says() -> None:
    assert variant(CATALOGUE["gelu"], {"approximate": "tanh"}) == ("gelu_tanh", {})
    assert variant(CATALOGUE["norm"], {"ord": math.inf, "axis": 0}) == ("norm_inf", {"axis": 0})
    assert variant(CATALOGUE["mse_loss"], {"reduction": "sum"}) == ("mse_loss_sum", {})
    assert variant(CATALOGUE["mse_loss"], {}) == ("mse_loss", {})


def test_a_variant_that_does_not_exist_is_said() -> None:
    with pytest.raises(Exception, match="`reduction` of mse_loss may be 'mean', 'sum', 'none'"):
        variant(CATALOGUE["mse_loss"], {"reduction": "median"})


def test_a_written_signature_is_read() -> None:
    x, xs, lo, axis, shape = parameters("x, [xs], lo|min = -inf, /, axis: axes = None, *shape: shape")
    assert (x.role, x.required) == ("operand", True)
    assert (xs.name, xs.role) == ("xs", "list")
    assert (lo.default, lo.aliases, lo.required) == (-math.inf, ("min",), False)
    assert (axis.role, axis.type) == ("attribute", "axes")
    assert "dim" in axis.aliases
    assert (shape.variadic, shape.type) == (True, "shape")


def test_adding_an_operator_is_one_definition() -> None:
    """The definition alone gives values, gradients of any order, a signature and a spelling."""
    family = ModuleType("family")
    family.cube = elementwise(  # type: ignore[attr-defined]
        "cube", forward=lambda x: x * x * x, scalar=lambda x: x * x * x, partials=lambda x, y: (3 * (x * x),),
        latex="{{{0}}}^3", doc="A cube triples.", example="cube(x)", sample=(Drawn(),),
    )  # fmt: skip
    catalogue = Catalogue({o.name: o for o in operators_of(family)})
    cube = catalogue["cube"]
    builder = Builder(UNLIMITED)
    x = builder.input()
    node = builder.apply(cube, [x])
    found = trace(builder.freeze(), {x: 2.0}, node)
    assert found.values[node] == 8.0
    assert found.cotangents[x] == 12.0
    assert cube.signature == "cube(x)"
    assert spelt(cube, "torch", ["v"], {}) == "torch.cube(v)"


def test_the_pages_operators_are_made_from_the_catalogue(request: pytest.FixtureRequest) -> None:
    written = request.config.rootpath / "static" / "src" / "generated" / "ops.ts"
    assert written.read_text() == module(), "run `python -m app.ops.page > static/src/generated/ops.ts`"


def test_conventions_can_be_asked_at_a_point(draw: Any) -> None:
    for operator in OPERATORS:
        for convention in operator.conventions:
            assert convention.says.endswith((".", ")"))
            if convention.at is not None:
                assert np.all(np.isin(convention.at(*draw(operator, 0)), [True, False]))
