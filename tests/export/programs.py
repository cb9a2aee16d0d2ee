"""Programs of one operator each, drawn from its own sample; and what an exported program gives when it is run."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.autodiff.reverse import trace
from app.draw.figures import Figures
from app.export import Subject
from app.graph.builder import Builder
from app.graph.groups import view
from app.graph.program import Input, Program
from app.lang import lower
from app.limits import Limits
from app.ops.operator import Operator, Sample

LIMITS = Limits()


def drawn(sample: Sample, rng: np.random.Generator) -> Any:
    """A value from an operand's domain, a Python float where it is a number."""
    if sample.integers:
        found = rng.integers(int(sample.low), int(sample.high) + 1, sample.shape).astype(float)
    else:
        found = rng.uniform(sample.low, sample.high, sample.shape)
    return found if sample.shape else float(found)


def program_of(operator: Operator, *, shape: tuple[int, ...] = (), values: tuple[Any, ...] = ()) -> Program:
    """`operator` on inputs x0, x1, …, drawn from its sample (numbers as tensors of `shape`), with a seed that is not
    ones."""
    rng = np.random.default_rng(7)
    samples = operator.sample
    given = list(values)
    if not given:
        for sample in samples:
            wide = Sample(low=sample.low, high=sample.high, shape=sample.shape or shape, integers=sample.integers)
            given.append(drawn(wide, rng))
    builder = Builder(LIMITS, share=False)
    nodes = [builder.input(np.shape(value)) for value in given]
    output = builder.apply(operator, nodes, operator.sample_attributes)
    seed = rng.uniform(0.5, 1.5, builder.shapes[output]) if builder.shapes[output] else 0.5
    inputs = {f"x{i}": pair for i, pair in enumerate(zip(nodes, given, strict=True))}
    return assembled(builder, inputs, output, seed)


def assembled(builder: Builder, inputs: Mapping[str, tuple[int, Any]], output: int, seed: Any = None) -> Program:
    """The program of a builder's graph."""
    count = len(builder)
    names: list[tuple[str, ...]] = [() for _ in range(count)]
    for name, (node, _) in inputs.items():
        names[node] = (name,)
    return Program(
        source="",
        graph=builder.freeze(),
        ids=tuple(names[i][0] if names[i] else f"n:{i}" for i in range(count)),
        names=tuple(names),
        labels={},
        spans=((),) * count,
        groups_of=(None,) * count,
        groups=(),
        inputs=tuple(Input(name=name, node=node, value=value) for name, (node, value) in inputs.items()),
        parameters=(),
        output=output,
        seed=seed,
        cost=builder.cost,
    )


def lowered(source: str, **inputs: Any) -> Program:
    """The program of a text; inputs as nested lists or numbers."""
    given = {
        name: np.array(value, float) if isinstance(value, list) else float(value) for name, value in inputs.items()
    }
    return lower(source, given, limits=LIMITS)


def subject(program: Program) -> Subject:
    """The program as an exporter takes it."""
    found = trace(program.graph, program.values(), program.output, program.seed)
    seen = view(program, closed="none", limits=LIMITS)
    nothing = Figures(values={}, grads={}, edge_values={}, edge_grads={}, parts={})

    def layout() -> Any:
        raise AssertionError("code needs no layout")

    return Subject(view=seen, figures=nothing, layout=layout, limits=LIMITS, program=program, trace=found)


def ran(text: str) -> tuple[Any, dict[str, Any]]:
    """The value and the gradients that an exported program ends with."""
    scope: dict[str, Any] = {"__name__": "exported", "print": lambda *_: None}
    exec(compile(text, "<exported>", "exec", dont_inherit=True), scope)
    return numbers(scope["value"]), {name: numbers(grad) for name, grad in scope["grads"].items()}


def numbers(value: Any) -> Any:
    """An array or a number of any framework as NumPy's."""
    found = value.tolist() if hasattr(value, "tolist") else value.numpy() if hasattr(value, "numpy") else value
    return np.asarray(found, dtype=float).reshape(np.shape(value))


def compared(given: Subject, text: str, tolerance: float = 1e-10) -> None:
    """Holds an exported program to the numbers of its own trace."""
    assert given.program is not None
    assert given.trace is not None
    value, grads = ran(text)
    np.testing.assert_allclose(value, given.trace.values[given.program.output], rtol=tolerance, atol=tolerance)
    assert list(grads) == [i.name for i in given.program.inputs]
    for each in given.program.inputs:
        wanted = given.trace.cotangents[each.node]
        assert wanted is not None
        assert grads[each.name].shape == np.shape(wanted), each.name
        np.testing.assert_allclose(grads[each.name], wanted, rtol=tolerance, atol=tolerance, err_msg=each.name)
