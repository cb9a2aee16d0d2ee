"""Compositions: what they are made of in the language gives their values and gradients."""

from operator import attrgetter
from typing import Any

import numpy as np
import pytest

from app.autodiff.reverse import trace
from app.autodiff.trace import Trace
from app.graph.program import Program
from app.lang import lower
from app.limits import UNLIMITED
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator

COMPOSED = [o for o in CATALOGUE.values() if o.family == "composed"]


def call(operator: Operator) -> str:
    """A call with inputs a, b, … for the operands that have a sample."""
    names = iter("abcdef"[: len(operator.sample)])
    parts = []
    for p in operator.parameters:
        if p.role == "list":
            parts.append(f"[{', '.join(names)}]")
        elif p.role == "attribute":
            if p.name in operator.sample_attributes:
                parts.append(f"{p.name}={operator.sample_attributes[p.name]!r}")
        elif (name := next(names, None)) is not None:
            parts.append(f"{p.name}={name}")
    return f"{operator.name}({', '.join(parts)})"


def run(source: str, **inputs: Any) -> tuple[Program, Trace]:
    program = lower(source, inputs, limits=UNLIMITED)
    return program, trace(program.graph, program.values(), program.output)


def value(source: str, **inputs: Any) -> Any:
    program, found = run(source, **inputs)
    return found.values[program.output]


@pytest.mark.parametrize("operator", COMPOSED, ids=attrgetter("name"))
def test_the_gradient_of_a_composition_agrees_with_central_differences(operator: Operator, draw: Any) -> None:
    source = f"sum(sin({call(operator)}))"
    inputs = dict(zip("abcdef", draw(operator, 1), strict=False))
    program, found = run(source, **inputs)
    rng = np.random.default_rng(0)
    for entry in program.inputs:
        x: Any = inputs[entry.name]
        direction = rng.normal(size=np.shape(x)) if np.shape(x) else 1.0
        above, below = (value(source, **{**inputs, entry.name: x + h * direction}) for h in (1e-6, -1e-6))
        slope = np.sum(np.asarray(found.cotangents[entry.node]) * direction)
        assert slope == pytest.approx((above - below) / 2e-6, rel=1e-5, abs=1e-7)


X = np.array([[1.0, 2.0, 4.0], [-1.0, 0.5, 3.0]])


def test_softmax_sums_to_1_and_does_not_overflow() -> None:
    np.testing.assert_allclose(value("softmax(x)", x=[1000.0, 1000.0]), [0.5, 0.5])
    np.testing.assert_allclose(value("sum(softmax(x, axis=0), axis=0)", x=X), [1, 1, 1])


def test_log_softmax_is_the_logarithm_of_softmax() -> None:
    np.testing.assert_allclose(value("log_softmax(x)", x=X), np.log(value("softmax(x)", x=X)))


def test_cross_entropy_is_minus_the_logarithm_at_the_label() -> None:
    shares = value("softmax(x)", x=X)
    assert value("cross_entropy(x, [2, 0])", x=X) == pytest.approx(-np.mean(np.log([shares[0, 2], shares[1, 0]])))
    assert value("cross_entropy(x, [2, 0], reduction='sum')", x=X) == pytest.approx(
        2 * value("cross_entropy(x, [2, 0])", x=X)
    )
    assert value("cross_entropy(x, 2)", x=[1.0, 2.0, 4.0]) == pytest.approx(-np.log(shares[0, 2]))


def test_the_gradient_of_cross_entropy_is_softmax_minus_one_at_the_label() -> None:
    program, found = run("cross_entropy(x, [2])", x=X[:1])
    expected = value("softmax(x)", x=X[:1]) - [[0, 0, 1]]
    np.testing.assert_allclose(found.cotangents[program.inputs[0].node], expected)  # type: ignore[arg-type]


def test_bce_with_logits_is_stable() -> None:
    assert value("bce_with_logits(x, [1, 0])", x=[1000.0, -1000.0]) == 0.0
    assert value("bce_with_logits(x, [0])", x=[0.0]) == pytest.approx(np.log(2))


def test_layer_norm_has_mean_0_and_variance_1() -> None:
    y = value("layer_norm(x)", x=X)
    np.testing.assert_allclose(y.mean(axis=-1), 0, atol=1e-15)
    np.testing.assert_allclose(y.var(axis=-1), 1, rtol=1e-4)


def test_rms_norm_has_root_mean_square_1() -> None:
    np.testing.assert_allclose(np.mean(value("rms_norm(x)", x=X) ** 2, axis=-1), 1, rtol=1e-5)


def test_batch_norm_normalises_each_channel() -> None:
    y = value("batch_norm(x)", x=np.random.default_rng(0).normal(size=(4, 3, 5)))
    np.testing.assert_allclose(y.mean(axis=(0, 2)), 0, atol=1e-15)


def test_causal_attention_does_not_look_ahead() -> None:
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(3, 3, 2))
    np.testing.assert_allclose(value("attention(q, k, v, is_causal=True)", q=q, k=k, v=v)[0], v[0])


def test_dropout_keeps_the_mean_and_is_the_same_each_time() -> None:
    x = np.ones(10_000)
    y = value("dropout(x, 0.25, seed=3)", x=x)
    assert set(np.unique(y)) == {0.0, 1 / 0.75}
    assert np.mean(y) == pytest.approx(1, abs=0.02)
    np.testing.assert_array_equal(y, value("dropout(x, 0.25, seed=3)", x=x))


def test_a_seed_gives_the_numbers_of_numpys_generator() -> None:
    np.testing.assert_array_equal(value("randn(2, 3, seed=5)"), np.random.default_rng(5).standard_normal((2, 3)))
    np.testing.assert_array_equal(value("rand(2, seed=5)"), np.random.default_rng(5).random(2))


def test_makers_without_a_seed_differ_by_name() -> None:
    assert value("W = randn(3)\nV = randn(3)\nsum(W - V)") != 0
    assert value("W = randn(3)\nsum(W)") == value("V = randn(3)\nW = randn(3)\nsum(W)")


def test_axes_are_moved_and_summed_as_numpy_does() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(4, 5, 3))
    for source in range(-4, 4):
        for destination in range(-4, 4):
            expected = np.moveaxis(x, source, destination)
            np.testing.assert_array_equal(value(f"moveaxis(x, {source}, {destination})", x=x), expected)
    np.testing.assert_allclose(value("tensordot(x, y)", x=x, y=y), np.tensordot(x, y))
    np.testing.assert_allclose(value("tensordot(a, b, 0)", a=x[0, 0], b=y[0]), np.tensordot(x[0, 0], y[0], 0))
    np.testing.assert_array_equal(value("flatten(x, 1)", x=x), x.reshape(2, -1))


def test_channels_are_normalised_by_the_statistics_that_are_given() -> None:
    x = np.arange(12.0).reshape(2, 2, 3) ** 1.5
    mean, var = np.array([1.0, 2.0]), np.array([4.0, 9.0])
    found = value("F.instance_norm(x, mean, var, use_input_stats=False)", x=x, mean=mean, var=var)
    assert np.allclose(found, (x - mean[:, None]) / np.sqrt(var[:, None] + 1e-5), rtol=1e-14)
