"""The ONNX model: well-formed on the wire, and run by a reader of our own, and by ONNX Runtime where installed."""

from importlib.util import find_spec
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.diagnostics import ProgramError
from app.export import Subject
from app.export.code.protobuf import block, number, varint
from app.export.onnx import CASES, write
from app.lang import lower
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator
from app.work.gallery import Example, examples
from tests.export.onnx_reader import every, fields, graph_of, run, tensors
from tests.export.programs import LIMITS, lowered, program_of, subject

# ONNX Runtime has no kernel for doubles: the model is right, and another runtime's to run.
UNRUN = {"asin", "acos", "atan", "atan2", "asinh", "acosh", "atanh", "erf", "gelu"}
PRIMITIVES = [op for op in CATALOGUE.values() if op.family not in {"leaf", "composed"}]
# Neither spelt by the catalogue nor a case of the exporter: what gradients are made of, and orders.
WITHOUT = {
    op.name
    for op in PRIMITIVES
    if op.family != "maker" and op.name not in CASES and (not op.spell.onnx or op.attributes)
}
RUNTIMES = ["reader", *(["onnxruntime"] if find_spec("onnxruntime") else [])]


def kinds(model: bytes) -> list[str]:
    """The operators of a model, in order."""
    return [every(node, 4)[0].decode() for node in every(graph_of(model), 1)]


def checked(model: bytes) -> None:
    """Every value is made before it is used, and once."""
    graph = graph_of(model)
    known = {every(t, 8)[0] for t in every(graph, 5)} | {every(i, 1)[0] for i in every(graph, 11)}
    for node in every(graph, 1):
        assert set(every(node, 1)) <= known
        (output,) = every(node, 2)
        assert output not in known
        known.add(output)
    assert {every(o, 1)[0] for o in every(graph, 12)} <= known


def test_a_model_reads_as_the_circuit() -> None:
    model = write(subject(lowered("(x*y + max(z, w))*2", x=3, y=-4, z=2, w=-1)))
    assert kinds(model) == ["Mul", "Max", "Add", "Mul", "Identity"]
    assert [every(i, 1)[0] for i in every(graph_of(model), 11)] == [b"x", b"y", b"z", b"w"]
    defaults = {name: float(value) for name, value in tensors(graph_of(model)).items()}
    assert defaults == {"x": 3.0, "y": -4.0, "z": 2.0, "w": -1.0, "c_0": 2.0}


@pytest.mark.parametrize("op", PRIMITIVES, ids=attrgetter("name"))
def test_every_operator_is_written_or_said_to_be_none_of_onnx(op: Operator) -> None:
    made = subject(program_of(op))
    if op.name in WITHOUT:
        with pytest.raises(ProgramError, match=f"ONNX has no operator for `{op.name}`") as failure:
            write(made)
        assert failure.value.diagnostics[0].code == "request.option"
    else:
        checked(write(made))


def test_what_onnx_lacks_is_little() -> None:
    assert not {"inv", "solve", "det", "logdet"} & WITHOUT
    assert len(WITHOUT) < 0.15 * len(PRIMITIVES)


def test_names_may_be_of_any_script_and_equal_to_ours() -> None:
    model = write(subject(lowered("c_0 = 2\nvalue = 名前*c_0\nvalue + 3", 名前=1)))
    checked(model)
    assert every(every(graph_of(model), 11)[1], 1)[0].decode() == "名前"


@given(st.integers(-(2**63), 2**63 - 1))
def test_an_integer_reads_back(value: int) -> None:
    (found,) = fields(number(5, value))
    assert found == (5, value % 2**64)


@given(st.integers(1, 1000), st.binary(max_size=300))
def test_a_block_reads_back(field: int, content: bytes) -> None:
    assert list(fields(block(field, content))) == [(field, content)]
    assert len(varint(len(content))) in {1, 2}


# ── Run ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def held(made: Subject, runtime: str) -> None:
    """Runs the model with its default inputs, and holds it to the trace."""
    assert made.program is not None
    assert made.trace is not None
    value = run(write(made)) if runtime == "reader" else ran(write(made))
    wanted = made.trace.values[made.program.output]
    assert value.shape == np.shape(wanted)
    np.testing.assert_allclose(value, wanted, rtol=1e-10, atol=1e-10)


def ran(model: bytes) -> Any:
    """The output of ONNX Runtime."""
    import onnxruntime

    onnxruntime.set_default_logger_severity(4)
    (value,) = onnxruntime.InferenceSession(model).run(None, {})
    return value


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("op", [op for op in PRIMITIVES if op.name not in WITHOUT], ids=attrgetter("name"))
def test_every_operator_has_its_value_in_the_model(runtime: str, op: Operator) -> None:
    for shape in ((), (2, 3)) if op.family == "elementwise" else ((),):
        made = subject(program_of(op, shape=shape))
        if runtime == "onnxruntime" and op.name in UNRUN:
            with pytest.raises(Exception, match="Could not find an implementation"):
                held(made, runtime)
        else:
            held(made, runtime)


SYSTEMS = [
    "sum(inv(A)*A.T)",
    "A = stack([A, 2*A + 1, A.T])\nsum(inv(A) @ A)*det(A)[1]",
    "sum(solve(A, b)*b)",
    "sum(solve(stack([A, A.T]), B)**2)",
    "logdet(A @ A.T) + det(A)",
]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("source", SYSTEMS)
def test_systems_of_equations_are_eliminated_with_the_largest_pivots(runtime: str, source: str) -> None:
    given_ = {"A": [[0, 2, 1, 3], [1, 0, 0, 2], [4, 1, -3, 0], [1e-9, 2, 2, 1]], "b": [1, 2, 3, 4], "B": [[1, 0]] * 4}
    held(subject(lower(source, given_, limits=LIMITS)), runtime)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_negative_determinant_has_no_logarithm(runtime: str) -> None:
    held(subject(lower("logdet(A)", {"A": [[0, 1], [1, 0]]}, limits=LIMITS)), runtime)


def test_a_matrix_too_large_to_write_out_is_said() -> None:
    with pytest.raises(ProgramError, match="65 rows are too many"):
        write(subject(lower("A = eye(65)*x\nsum(inv(A))", {"x": 2}, limits=LIMITS)))


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("example", examples(), ids=attrgetter("name"))
def test_each_circuit_of_the_gallery_has_its_value_in_the_model(runtime: str, example: Example) -> None:
    program = lower(example.source, example.inputs, limits=LIMITS)
    unrun = UNRUN & {operator.name for operator in program.graph.operators}
    held(subject(program), "reader" if unrun else runtime)
