"""Each operator of the catalogue against itself: numbers against arrays, slopes against differences, shapes against
values. The catalogue is the parameter list."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np
import pytest

from app.ops.algebra import Attributes, Value
from app.ops.catalogue import CATALOGUE
from app.ops.expression import substitute
from app.ops.operator import Operator, contributions, evaluate, passes

ELEMENTWISE = [o for o in CATALOGUE.values() if o.family == "elementwise"]
TENSORS = [o for o in CATALOGUE.values() if o.family == "tensor"]
MAKERS = [o for o in CATALOGUE.values() if o.family == "maker"]
SEEDS = range(5)
by_name = attrgetter("name")


def difference(f: Callable[[Any], Any], x: Any, direction: Any, step: float = 1e-6) -> Any:
    """The slope of f at x along a direction, by central differences."""
    return (f(x + step * direction) - f(x - step * direction)) / (2 * step)


def replaced(xs: list[Any], slot: int, value: Any) -> tuple[Any, ...]:
    return (*xs[:slot], value, *xs[slot + 1 :])


def at(operator: Operator, xs: list[Any], slot: int, attributes: Attributes | None = None) -> Callable[[Any], Any]:
    """The operator as a function of one operand."""
    return lambda x: evaluate(operator, replaced(xs, slot, x), attributes or {})


@pytest.mark.parametrize("operator", ELEMENTWISE, ids=by_name)
def test_numbers_and_arrays_agree(operator: Operator, draw: Any) -> None:
    for seed in SEEDS:
        xs = draw(operator, seed, shape=(3,))
        found: Any = evaluate(operator, tuple(xs), {})
        each: Any = [evaluate(operator, tuple(float(x[i]) for x in xs), {}) for i in range(3)]
        np.testing.assert_allclose(found, each, rtol=1e-15)


SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 800.0, -800.0, 1e300, float("inf"), float("-inf"), float("nan")]


@pytest.mark.parametrize("operator", ELEMENTWISE, ids=by_name)
def test_a_number_never_raises_and_is_what_an_array_holds(operator: Operator) -> None:
    arity = len(operator.sample)
    for i, first in enumerate(SPECIAL):
        for j, second in enumerate(SPECIAL):
            xs = [first, second, SPECIAL[(i + j) % len(SPECIAL)]][:arity]
            number = evaluate(operator, tuple(xs), {})
            array = evaluate(operator, tuple(np.array([x]) for x in xs), {})
            assert isinstance(number, float)
            np.testing.assert_allclose(array, [number], rtol=1e-13, err_msg=repr(xs))


@pytest.mark.parametrize("operator", ELEMENTWISE, ids=by_name)
def test_a_rule_never_raises_on_numbers(operator: Operator) -> None:
    arity = len(operator.sample)
    for first in SPECIAL:
        for second in SPECIAL:
            xs = [first, second, 1.0][:arity]
            terms = {"g": 1.0, "y": evaluate(operator, tuple(xs), {}), **{f"x{i}": x for i, x in enumerate(xs)}}
            for tree in contributions(operator, arity):
                assert isinstance(substitute(tree, terms), float)


@pytest.mark.parametrize("operator", ELEMENTWISE, ids=by_name)
def test_partials_agree_with_central_differences(operator: Operator, draw: Any) -> None:
    arity = len(operator.sample)
    for seed in SEEDS:
        xs = draw(operator, seed)
        y = evaluate(operator, tuple(xs), {})
        for slot, tree in enumerate(contributions(operator, arity)):
            if operator.sample[slot].integers or not passes(operator, slot, arity) or operator.name in NOT_SLOPES:
                continue
            terms = {"g": 1.5, "y": y, **{f"x{i}": x for i, x in enumerate(xs)}}
            numeric = difference(at(operator, xs, slot), xs[slot], 1.0)
            assert substitute(tree, terms) == pytest.approx(1.5 * numeric, rel=1e-5, abs=1e-7)


NOT_SLOPES = {"stop_gradient"}  # its gradient is a decision, not a slope


@pytest.mark.parametrize("operator", ELEMENTWISE, ids=by_name)
def test_a_rule_says_the_same_of_numbers_and_arrays(operator: Operator, draw: Any) -> None:
    arity = len(operator.sample)
    xs = draw(operator, 7, shape=(4,))
    y: Any = evaluate(operator, tuple(xs), {})
    whole = {"g": np.full(4, 0.7), "y": y, **{f"x{i}": x for i, x in enumerate(xs)}}
    for tree in contributions(operator, arity):
        found = np.broadcast_to(substitute(tree, whole), (4,))
        each = [substitute(tree, {k: float(v[i]) for k, v in whole.items()}) for i in range(4)]
        np.testing.assert_allclose(found, each, rtol=1e-14)


@pytest.mark.parametrize("operator", TENSORS, ids=by_name)
def test_the_shape_rule_says_what_forward_gives(operator: Operator, draw: Any) -> None:
    xs, attributes = draw(operator, 0), operator.sample_attributes
    assert operator.shape is not None
    found = evaluate(operator, tuple(xs), attributes)
    assert np.shape(found) == operator.shape(*map(np.shape, xs), **attributes)


@pytest.mark.parametrize("operator", TENSORS, ids=by_name)
def test_a_vjp_agrees_with_central_differences(operator: Operator, draw: Any) -> None:
    attributes = operator.sample_attributes
    for seed in SEEDS:
        xs = draw(operator, seed)
        rng = np.random.default_rng(seed + 100)
        y = evaluate(operator, tuple(xs), attributes)
        g = _like(y, rng)
        for slot in range(len(xs)):
            if not passes(operator, slot, len(xs)):
                continue
            assert operator.vjp is not None
            direction = _like(xs[slot], rng)
            back = operator.vjp(slot, g, y, *xs, **attributes)
            assert np.shape(back) == np.shape(xs[slot])
            numeric = difference(at(operator, xs, slot, attributes), xs[slot], direction)
            assert np.sum(back * direction) == pytest.approx(np.sum(g * numeric), rel=1e-5, abs=1e-7)


@pytest.mark.parametrize("operator", TENSORS, ids=by_name)
def test_a_vjp_can_be_differentiated_again(operator: Operator, draw: Any) -> None:
    """The vjp, recorded as operators and differentiated back by their own rules, against differences of the vjp."""
    attributes = operator.sample_attributes
    xs = draw(operator, 3)
    rng = np.random.default_rng(4)
    g = _like(evaluate(operator, tuple(xs), attributes), rng)
    for slot in range(len(xs)):
        if not passes(operator, slot, len(xs)):
            continue
        weights = _like(xs[slot], rng)

        leaves = [g, *xs]
        found = _gradient_of_the_vjp(operator, slot, leaves, weights)
        for i, leaf in enumerate(leaves):
            direction = _like(leaf, rng)
            numeric = difference(_slope(operator, slot, leaves, i, weights), leaf, direction)
            assert np.sum(found[i] * direction) == pytest.approx(numeric, rel=2e-5, abs=1e-6)


def _slope(operator: Operator, slot: int, leaves: list[Any], i: int, weights: Any) -> Callable[[Any], Any]:
    """⟨weights, vjp(g, x…)⟩ as a function of leaf i of (g, x…)."""

    def slope(leaf: Any) -> Any:
        g, *xs = replaced(leaves, i, leaf)
        assert operator.vjp is not None
        y = evaluate(operator, tuple(xs), operator.sample_attributes)
        return np.sum(weights * operator.vjp(slot, g, y, *xs, **operator.sample_attributes))

    return slope


@pytest.mark.parametrize("operator", TENSORS, ids=by_name)
def test_forward_mode_agrees_with_reverse_mode(operator: Operator, draw: Any) -> None:
    """⟨g, J t⟩ = ⟨Jᵀ g, t⟩, by `jvp` or by what `linear` says."""
    attributes = operator.sample_attributes
    xs = draw(operator, 1)
    rng = np.random.default_rng(2)
    y = evaluate(operator, tuple(xs), attributes)
    g = _like(y, rng)
    for slot in range(len(xs)):
        if not passes(operator, slot, len(xs)):
            continue
        t = _like(xs[slot], rng)
        if operator.jvp is not None:
            moved = operator.jvp(tuple(t if i == slot else None for i in range(len(xs))), y, *xs, **attributes)
        else:
            assert operator.linear in {"jointly", "each"}, "a tensor operator has a jvp, or is linear"
            still = [np.zeros_like(x) for x in xs] if operator.linear == "jointly" else xs
            moved = evaluate(operator, replaced(still, slot, t), attributes)
        assert operator.vjp is not None
        back = operator.vjp(slot, g, y, *xs, **attributes)
        assert np.sum(g * moved) == pytest.approx(np.sum(back * t), rel=1e-10)


@pytest.mark.parametrize("operator", [o for o in TENSORS if o.linear], ids=by_name)
def test_what_says_it_is_linear_is(operator: Operator, draw: Any) -> None:
    attributes = operator.sample_attributes
    a, b = draw(operator, 1), draw(operator, 2)

    def apply(xs: Any) -> Any:
        return evaluate(operator, tuple(xs), attributes)

    if operator.linear == "jointly":
        both = apply([x + y for x, y in zip(a, b, strict=True)])
        np.testing.assert_allclose(both, apply(a) + apply(b), rtol=1e-9, atol=1e-12)
        return
    for slot in range(len(a)):
        both = apply(replaced(a, slot, a[slot] + b[slot]))
        np.testing.assert_allclose(both, apply(a) + apply(replaced(a, slot, b[slot])), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("operator", MAKERS, ids=by_name)
def test_a_maker_makes_what_its_shape_rule_says_and_the_same_each_time(operator: Operator) -> None:
    assert operator.shape is not None
    first, second = (evaluate(operator, (), operator.sample_attributes) for _ in range(2))
    assert np.shape(first) == operator.shape(**operator.sample_attributes)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("operator", ELEMENTWISE + TENSORS, ids=by_name)
def test_float32_stays_float32(operator: Operator, draw: Any) -> None:
    attributes = operator.sample_attributes
    xs = draw(operator, 0, shape=(3,) if operator.family == "elementwise" else ())
    narrow = [np.asarray(x, np.float32) for x in xs]
    found = evaluate(operator, tuple(narrow), attributes)
    if operator.name not in {"argmax", "argmin"} and isinstance(found, np.ndarray):
        assert found.dtype == np.float32
    np.testing.assert_allclose(found, evaluate(operator, tuple(xs), attributes), rtol=2e-4, atol=1e-5)


def _like(value: Value, rng: np.random.Generator) -> Any:
    return rng.normal(size=np.shape(value)) if np.shape(value) else float(rng.normal())


def _gradient_of_the_vjp(operator: Operator, slot: int, leaves: list[Any], weights: Any) -> list[Any]:
    """∂⟨weights, vjp(g, x…)⟩ for each of g, x…, through a graph made of the vjp's operators."""
    from app.autodiff.reverse import trace
    from app.graph.builder import Builder
    from app.limits import UNLIMITED

    builder = Builder(UNLIMITED)
    nodes = [builder.input(np.shape(leaf)) for leaf in leaves]
    g, *xs = map(builder.symbol, nodes)
    y = CATALOGUE[operator.name](*xs, **operator.sample_attributes)
    assert operator.vjp is not None
    back = operator.vjp(slot, g, y, *xs, **operator.sample_attributes)
    total = CATALOGUE["sum"](weights * back) if np.shape(weights) else weights * back
    found = trace(builder.freeze(), dict(zip(nodes, leaves, strict=True)), total.node)
    return [found.cotangents[node] for node in nodes]
