"""Each row of the table of conventions is said where it decides a derivative, and nowhere else."""

import pytest

from app.analysis.explain import conventions, explain
from app.autodiff.reverse import trace
from app.autodiff.shown import shown
from app.graph.groups import view
from app.lang import lower
from app.limits import Limits
from app.ops.algebra import Value

EVENLY = "shared evenly"

ROWS: list[tuple[str, dict[str, Value], str | None]] = [
    ("max(x, y)", {"x": 2.0, "y": 2.0}, EVENLY),
    ("max(x, y)", {"x": 2.0, "y": 1.0}, None),
    ("min(x, y)", {"x": 2.0, "y": 2.0}, EVENLY),
    ("max(x, 2)", {"x": 2.0}, EVENLY),
    ("max(x, 2, 2)", {"x": 1.0}, None),  # the tie is between numbers
    ("max(x, y, z)", {"x": 1.0, "y": 1.0, "z": 2.0}, None),
    ("stop_gradient(max(x, y)) + x", {"x": 2.0, "y": 2.0}, None),
    ("x = [1., 3., 3.]\nmax(x)", {}, EVENLY),
    ("x = [1., 3., 2.]\nmax(x)", {}, None),
    ("x = [[1., 3.], [3., 2.]]\nsum(max(x, axis=1))", {}, None),  # the two 3 stand in rows of their own
    ("x = [[1., 3.], [2., 2.]]\nsum(max(x, axis=1))", {}, EVENLY),
    ("x = [[1., 3.], [2., 2.]]\nsum(min(x, axis=0, keepdims=True))", {}, None),
    ("relu(x)", {"x": 0.0}, "the slope is 0"),
    ("relu(x)", {"x": 1.0}, None),
    ("relu(0) + x", {"x": 1.0}, None),
    ("abs(x)", {"x": 0.0}, "the slope is 0"),
    ("abs(x)", {"x": -1.0}, None),
    ("leaky_relu(x)", {"x": 0.0}, "that for x < 0"),
    ("leaky_relu(x)", {"x": 1.0}, None),
    ("elu(x, 0.5)", {"x": 0.0}, "the slope is α"),
    ("elu(x)", {"x": 0.0}, None),  # smooth at 0
    ("clip(x, 0, 1)", {"x": 1.0}, "At a bound"),
    ("clip(x, 0, 1)", {"x": 0.5}, None),
    ("x**2", {"x": -2.0}, None),
    ("x**y", {"x": -2.0, "y": 2.0}, "d/dy is NaN"),
    ("(-2)**y", {"y": 2.0}, "d/dy is NaN"),
    ("x**2", {"x": 0.0}, None),
    ("x**1", {"x": 0.0}, None),
    ("x**0.5", {"x": 0.0}, "as IEEE computes it"),
    ("x**0", {"x": 0.0}, "with 0 where y = 0"),
    ("0**y", {"y": 2.0}, "d/dy is 0 where y ≥ 0"),
    ("x**y", {"x": 2.0, "y": 2.0}, None),
    ("x % 3", {"x": 6.0}, "at the jumps too"),
    ("x % 3", {"x": 7.0}, None),
    ("x = [0., 0.]\nnorm(x)", {}, "At 0"),
    ("x = [0., 1.]\nnorm(x)", {}, None),
    ("x = [[0., 0.], [1., 0.]]\nsum(norm(x, axis=1))", {}, "At 0"),
    ("x = [[0., 2.], [1., 0.]]\nsum(norm(x, axis=1))", {}, None),
    ("x = [1., 1.]\nstd(x)", {}, "At 0"),
    ("x = [[1., 2.], [2., 1.]]\nsum(std(x, axis=0))", {}, None),
    ("sqrt(x)", {"x": 0.0}, "infinite"),
    ("sqrt(x)", {"x": 1.0}, None),
    ("log(x)", {"x": 0.0}, "infinite"),
    ("log(x)", {"x": 1.0}, None),
]


@pytest.mark.parametrize(("source", "inputs", "said"), ROWS)
def test_a_convention_is_said_where_it_decides(source: str, inputs: dict[str, Value], said: str | None) -> None:
    program = lower(source, inputs, limits=Limits())
    found = trace(program.graph, program.values(), program.output)
    seen = view(program, closed="none", limits=Limits())
    told = [e.convention for e in explain(seen, found, shown(seen, found)) if e.convention is not None]
    warned = [w.message for w in conventions(program, found)]
    if said is None:
        assert told == []
        assert warned == []
    else:
        assert len(told) == len(warned) == 1
        assert said in told[0]
        assert warned[0].endswith(told[0])


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("sign(x) + x", "Its derivative is 0"),
        ("floor(x) + x", "Its derivative is 0"),
        ("ceil(x) + x", "Its derivative is 0"),
        ("round(x) + x", "Its derivative is 0"),
        ("x//2 + x", "Its derivative is 0"),
        ("(x > 2)*x", "its gradient is 0"),
        ("where(x, x, 1)", "it gets no gradient"),
    ],
)
@pytest.mark.parametrize("x", [2.0, 2.5])
def test_a_step_says_always_that_it_is_flat_and_warns_never(source: str, text: str, x: float) -> None:
    program = lower(source, {"x": x}, limits=Limits())
    found = trace(program.graph, program.values(), program.output)
    seen = view(program, closed="none", limits=Limits())
    (told,) = [e.convention for e in explain(seen, found, shown(seen, found)) if e.convention is not None]
    assert text in told
    assert conventions(program, found) == []
