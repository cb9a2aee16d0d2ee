"""The table "Programs" of the language, row by row: each case is a program and what it gives."""

from typing import Any

import numpy as np
import pytest

from app.diagnostics import ProgramError
from tests.lang.programs import constants, errors, numbers, operators, program, run, value

THREE = {"x": 3, "y": -4, "z": 2, "w": -1}

VALUES: list[tuple[str, dict[str, Any], Any]] = [
    # The output.
    ("x*y", THREE, -12),
    ("y = x*2\nz = y + 1", {"x": 3}, 7),
    ("x*y; x + y", THREE, -1),
    ("h = x\nfor i in range(3):\n    h = h*2", {"x": 1}, 8),
    ("def f(a, b=2):\n    return a*b", {"a": 5}, 10),
    ("f = lambda a: a*a", {"a": 5}, 25),
    # Names.
    ("h = h + 1\nh*h", {"h": 1}, 4),
    ("a = b = x*y\na + b", THREE, -24),
    ("x += 1\nx", {"x": 1}, 2),
    ("x -= 1; x *= 3; x /= 2; x **= 2; x //= 2; x %= 2; x", {"x": 3}, 0),
    # Literals.
    ("-4*x", {"x": 2}, -8),
    ("-x**2", {"x": 3}, -9),
    ("7//2", {}, 3.0),
    ("7 % 3 + 2**3", {}, 9.0),
    ("1_000.5 + .5 + 1e3", {}, 2001.0),
    ("True + x", {"x": 1}, 2),
    # Functions.
    ("def f(a, b=2):\n    return a*b\nf(x) + f(x, b=3)", {"x": 1}, 5),
    ("def f(a):\n    return a*k\nk = x + 1\nf(y)", {"x": 2, "y": 5}, 15),
    ("def f(a):\n    k = 2\n    return a*k\nk = x\nf(k)", {"x": 5}, 10),
    ("def tanh(v):\n    return v*2\ntanh(x) + np.tanh(x)", {"x": 0}, 0),
    ("sum = a + b\nsum([a, b])*sum", {"a": 1, "b": 2}, 9),
    ("def f(x):\n    return x, x*2\na, b = f(y)\nb - a", {"y": 4}, 4),
    ("def f(x):\n    def g(y):\n        return y*x\n    return g(3)\nf(w)", {"w": 2}, 6),
    (
        "def apply(g, x):\n    return g(x)\ndef double(x):\n    return 2*x\napply(double, w) + apply(tanh, 0*w)",
        {"w": 2},
        4,
    ),
    ("def f(x, *rest):\n    return x + sum(rest)\nf(a, b, c)", {"a": 1, "b": 2, "c": 3}, 6),
    ('def f(x: float) -> float:\n    """Doc."""\n    y: float = 2\n    return x*y\nf(w)', {"w": 2}, 4),
    # Loops.
    ("s = 0\nfor i in range(4):\n    s = s + i*x\ns", {"x": 2}, 12),
    ("for i in range(5, 1, -2):\n    x = x*i\nx", {"x": 1}, 15),
    ("h = x\nfor w in [w1, w2]:\n    h = h*w\nh", {"x": 2, "w1": 3, "w2": 5}, 30),
    ("h = 0\nfor i, w in enumerate([a, b]):\n    h = h + i*w\nh", {"a": 1, "b": 7}, 7),
    ("h = 0\nfor w, b in zip([a, b], [c, d]):\n    h += w*b\nh", {"a": 1, "b": 2, "c": 3, "d": 4}, 11),
    ("h = 0\nfor w in reversed([a, b]):\n    h = 2*h + w\nh", {"a": 1, "b": 2}, 5),
    ("sum([x*i for i in range(4) if i % 2 == 1])", {"x": 1}, 4),
    ("xs = []\nfor i in range(3):\n    xs.append(i*x)\nxs[-1] + xs[1]", {"x": 1}, 3),
    # Makers by the shape of a value, and new axes of a number.
    ("np.zeros_like(x) + torch.ones_like(x) + tf.fill([2], 3)", {"x": [5, 6]}, [4, 4]),
    ("jnp.full_like(x, 7)", {"x": [5, 6]}, [7, 7]),
    ("x[None]*x[...]", {"x": 3}, [9]),
    ("x[-10**30:10**30]", {"x": [5, 6]}, [5, 6]),
    # Integers, branches, choices.
    ("n = 7\nx[n//2]", {"x": [1, 2, 3, 4]}, 4),
    ("x*x.shape[0] + len(x)", {"x": [1, 2]}, [4, 6]),
    ("if n > 2:\n    y = x\nelif n == 2:\n    y = 2*x\nelse:\n    y = 3*x\ny", {"x": 1, "n": 2}, 2),
    ("for i in range(3):\n    x = x if i == 0 else 2*x\nx", {"x": 1}, 4),
    ("x if x > y else y", {"x": 1, "y": 5}, 5),
    ("(0 if x > 0 else 1) + (x > 0 and y > 0) + (x > 0 or y > 0) + (not x)", {"x": 1, "y": 0}, 1),
    ("a < b < c", {"a": 1, "b": 2, "c": 3}, 1),
    ("(a == b) + (a != b) + (a <= b) + (a >= b)", {"a": 1, "b": 1}, 3),
    ("act = 'relu'\nrelu(x) if act == 'relu' else tanh(x)", {"x": -1}, 0),
    ("act = 'gelu'\ny = 2*x if act not in ['relu', 'tanh'] else x\ny", {"x": 1}, 2),
    ("act = 'tanh'\nif act == 'relu':\n    y = x\nelif act == 'tanh':\n    y = 3*x\ny", {"x": 1}, 3),
    # Lists and tensors.
    ("[1, 2]*3", {}, [3, 6]),
    ("[a, b]*3", {"a": 1, "b": 2}, [3, 6]),
    ("a, (b, c) = [x, (2*x, 3*x)]\na*b*c", {"x": 1}, 6),
    ("a, *b = [x, 2*x, 3*x]\nb[1]", {"x": 1}, 3),
    ("x, y = 3, -4\nx*y", {}, -12),
    ("ws = [a, b]\nws[1]*len(ws) + ws[-2]", {"a": 1, "b": 2}, 5),
    ("sum([[a, 1], [2, b]], axis=0)", {"a": 1, "b": 2}, [3, 3]),
    # Indices.
    ("x[1]", {"x": [1, 2, 3]}, 2),
    ("x[1, 0:2]", {"x": [[1, 2, 3], [4, 5, 6]]}, [4, 5]),
    ("x[::-1]", {"x": [1, 2, 3]}, [3, 2, 1]),
    ("x[..., None]", {"x": [1, 2]}, [[1], [2]]),
    ("x[[0, 2, 2]]", {"x": [1, 2, 3]}, [1, 3, 3]),
    ("x[[0, 1], [1, 0]]", {"x": [[1, 2], [3, 4]]}, [2, 3]),
    # Methods and attributes, frameworks and their defaults.
    ("x.T.shape[0] + x.sum() + x.reshape(4)[3] + x.mean(axis=0)[1]", {"x": [[1, 2], [3, 4]]}, 19),
    ("torch.var(x) - np.var(x)", {"x": [1, 3]}, 1),
    ("torch.transpose(x, 0, 1)", {"x": [[1, 2], [3, 4]]}, [[1, 3], [2, 4]]),
    ("np.max(x, 0)", {"x": [[1, 2], [3, 0]]}, [3, 2]),
    ("max(x, 2)", {"x": [1, 3]}, [2, 3]),
    ("F.softmax(x, dim=0).sum(0)", {"x": [1, 2]}, 1),
    ("tf.math.multiply(x, tf.reduce_sum(y, axis=0, keepdims=True))", {"x": 2, "y": [1, 2]}, [6]),
    ("np.pi - pi + math.inf*0 if x > 5 else np.e - math.e", {"x": 1}, 0),
    # Gradients in the graph.
    ("grad(x**3, x)", {"x": 2}, 12),
    ("y = x**3\ngrad(grad(y, x), x)", {"x": 2}, 12),
    ("gx, gy = grad(x*y*y, [x, y])\ngx + gy", {"x": 2, "y": 3}, 21),
    ("y = 2*x\nz = y*y\ngrad(z, y)", {"x": 3}, 12),
    ("x*stop_gradient(x) + detach(x) + x.detach()", {"x": 3}, 15),
]


@pytest.mark.parametrize(("source", "inputs", "wanted"), VALUES, ids=[case[0] for case in VALUES])
def test_a_program_has_this_value(source: str, inputs: dict[str, Any], wanted: Any) -> None:
    assert np.allclose(value(source, inputs), wanted)


def test_inputs_come_in_the_order_in_which_they_first_appear() -> None:
    made = program("b = 2\nx*a + b*y", {"y": 5})
    assert [(i.name, i.value, i.assumed) for i in made.inputs] == [
        ("b", 2.0, False),
        ("x", 1.0, True),
        ("a", 1.0, True),
        ("y", 5.0, False),
    ]


def test_a_request_overrides_a_default_in_any_shape() -> None:
    assert value("x = 3\nx*2", {"x": [1, 2]}) == [2.0, 4.0]


def test_strict_asks_for_every_input() -> None:
    found = errors("x*y + 2", {"x": 1}, strict=True)
    assert [(d.code, d.hint) for d in found] == [("name.unassigned", "y = 1.0")]


def test_what_is_assigned_in_a_function_or_a_loop_is_a_constant() -> None:
    made = program("def f(x):\n    k = 3\n    return k*x\nfor i in range(2):\n    c = 2.0\n    x = f(x)*c\nx")
    assert [i.name for i in made.inputs] == ["x"]


@pytest.mark.parametrize(
    "source",
    ["s = 0\nfor i in range(2):\n    s = s + x\ns", "s = 0\ns += x\ns", "r = 1\nfor w in [x, x]:\n    r *= w\nr",
     "s = zeros(2)\nfor i in range(2):\n    s = s + x\ns", "s = 0\nt = x\ns = s + t\ns"],
)  # fmt: skip
def test_the_start_of_a_sum_is_no_input(source: str) -> None:
    assert [i.name for i in program(source).inputs] == ["x"]


def test_a_start_that_is_not_grown_is_an_input() -> None:
    assert [i.name for i in program("h = 0\nfor t in range(2):\n    h = tanh(h + x)\nh").inputs] == ["h", "x"]


def test_the_old_node_keeps_its_name() -> None:
    made = program("h = x*2\nh = h + 1\nh")
    assert [names for names in made.names if "h" in names] == [("h",), ("h",)]
    assert made.names[made.output] == ("h",)


def test_only_the_programs_own_names_show() -> None:
    made = program("def f(a):\n    t = a*2\n    return t\nq = f(x)\nq + 1")
    assert [n for names in made.names for n in names] == ["x", "q"]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [("sqrt(2)", ["sqrt"]), ("2*3*x", ["mul", "mul"]), ("1 - 2", ["sub"]), ("-4*x", ["mul"]), ("-(-x)", ["neg", "neg"]),
     ("+x", []), ("x*1 + 0", ["mul", "add"]), ("2**0.5", ["pow"])],
)  # fmt: skip
def test_nothing_is_folded(source: str, wanted: list[str]) -> None:
    assert operators(source) == wanted


def test_an_integer_beside_a_value_is_one_constant() -> None:
    assert constants("for i in range(3):\n    x = x*(2*i + 1)\nx") == [1.0, 3.0, 5.0]


def test_groups_are_named_after_calls_and_turns() -> None:
    source = (
        "def block(h, w):\n    return tanh(w*h)\ndef net(h):\n    h = block(h, a)\n    return h + block(h, b)\n"
        "for i in range(2):\n    x = net(x)\nfor i in range(1):\n    x = softmax(net(x)*[1, 2])\nsum(x)"
    )
    made = program(source)
    assert [g.id for g in made.groups if g.id.startswith("i=0")] == [
        "i=0", "i=0/net#1", "i=0/net#1/block#1", "i=0/net#1/block#2", "i=0#2", "i=0#2/net#1", "i=0#2/net#1/block#1",
        "i=0#2/net#1/block#2", "i=0#2/softmax#1",
    ]  # fmt: skip
    assert {g.kind for g in made.groups} == {"call", "turn", "composition"}
    block = next(g for g in made.groups if g.id == "i=0/net#1/block#1")
    assert block.parent == "i=0/net#1"
    assert [made.names[n] for n in block.arguments] == [("x",), ("a",)]
    assert made.graph.operators[block.result or 0].name == "tanh"


def test_the_nodes_of_a_composition_stand_where_it_is_called() -> None:
    made = program("y = 2*softmax(x)", {"x": [1, 2]})
    inside = [made.spans[i] for i in range(len(made.graph)) if made.groups_of[i] == "softmax#1"]
    assert {(s.column, s.end_column) for spans in inside for s in spans} == {(7, 17)}


def test_columns_count_code_points() -> None:
    made = program("größe = 2*ñ\nπ = größe + ñ*ñ")
    assert [(s.line, s.column, s.end_column) for s in made.spans[made.output]] == [(2, 5, 16)]
    assert [i.name for i in made.inputs] == ["ñ"]


def test_names_are_normalised() -> None:
    assert value("\uff58*2", {"x": 3}) == 6
    assert value("x*2", {"\uff58": 3}) == 6


# ── Parameters ───────────────────────────────────────────────────────────────────────────────────────────────────────

PARAMETERS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("L = 3\nfor i in range(L):\n    x = x + L\nx", {}, {"L": 3}),
    ("L = 3\nfor i in range(L):\n    x = x + 1\nx", {"L": 5}, {"L": 5}),
    ("for i in range(L):\n    x = x + 1\nx", {"L": 2}, {"L": 2}),
    ("L = 2\nM = 2*L + 1\nfor i in range(M):\n    x = x + 1\nx", {}, {"L": 2, "M": 5}),
    ("if L > 2:\n    y = x\nelse:\n    y = 2*x\ny", {"L": 3}, {"L": 3}),
    ("k = 1\nx[k]", {"x": [1, 2]}, {"k": 1}),
    ("k = 1\nsum(x, axis=k)[0]", {"x": [[1, 2]]}, {"k": 1}),
    ("d = 2\nW = randn(d, 3, seed=0)\nsum(W)", {}, {"d": 2}),
    ("target = [0, 1]\ncross_entropy(x, target)", {"x": [[1, 2], [3, 4]]}, {"target": (0, 1)}),
    ("n, d = 2, 3\nx = ones(n, d)\nsum(x)", {}, {"n": 2, "d": 3}),
]


@pytest.mark.parametrize(("source", "inputs", "wanted"), PARAMETERS)
def test_a_name_that_is_used_as_an_integer_is_a_parameter(
    source: str, inputs: dict[str, Any], wanted: dict[str, Any]
) -> None:
    made = program(source, inputs)
    assert {p.name: p.value for p in made.parameters} == wanted
    assert not {i.name for i in made.inputs} & set(wanted)


def test_a_parameter_that_is_no_integer_is_an_error() -> None:
    found = errors("L = 3\nfor i in range(L):\n    x = x + 1\nx", {"L": 2.5})
    assert [(d.code, d.hint) for d in found] == [("type.integer", "L = 3")]


def test_a_default_may_use_parameters() -> None:
    made = program("d = 2\nW = 0.1*randn(d, 4, seed=0)\nx = ones(d)\nsum(x @ W)")
    assert [(i.name, np.shape(i.value)) for i in made.inputs] == [("W", (2, 4)), ("x", (2,))]


# ── Sharing ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_equal_subexpressions_are_one_node() -> None:
    made = program("x*y + max(z, w) + x*y")
    node = next(i for i in range(len(made.graph)) if made.graph.operators[i].name == "mul")
    assert [(s.column, s.end_column) for s in made.spans[node]] == [(1, 4), (19, 22)]


@pytest.mark.parametrize(
    ("source", "wanted"),
    [("x*y + x*y", 1), ("x*y + y*x", 2), ("2*x + 2*x", 1), ("2*x + 2.0*x", 1), ("2*x + 3*x", 2), ("0.0*x + -0.0*x", 2)],
)
def test_equal_means_the_same_operator_on_the_same_operands(source: str, wanted: int) -> None:
    assert operators(source).count("mul") == wanted


def test_two_equal_calls_of_one_group_are_one_group() -> None:
    source = "def f(a):\n    return a*k\nu = f(x) + f(x)\nk = 2*y\nu + f(x)"
    assert [g.id for g in program(source).groups] == ["f#1", "f#2"]  # k means something else in the third
    assert [g.id for g in program(source, share=False).groups] == ["f#1", "f#2", "f#3"]


def test_what_stands_in_two_turns_is_drawn_in_each() -> None:
    assert operators("for i in range(2):\n    y = tanh(x)\ny") == ["tanh", "tanh"]


def test_makers_without_a_seed_are_never_equal() -> None:
    assert operators("sum(randn(2)*x + randn(2)*x)").count("randn") == 2
    assert operators("sum(randn(2, seed=1)*x + randn(2, seed=1)*x)").count("randn") == 1
    assert [g.id for g in program("def f(x):\n    return dropout(x)\nsum(f(x) + f(x))", {"x": [1, 2]}).groups] == [
        "f#1",
        "f#2",
    ]


def test_without_sharing_the_graph_is_a_tree_but_names_are_held() -> None:
    made = program("a = x*y\na + a + x*y", share=False)
    assert [o.name for o in made.graph.operators] == ["input", "input", "mul", "add", "mul", "add"]


def test_an_edit_elsewhere_changes_no_weight() -> None:
    one = program("W = randn(3)\nsum(W)").inputs[0].value
    two = program("V = randn(4)\nU = 2*V\nW = randn(3)\nsum(W)").inputs[1].value
    assert np.array_equal(one, two)


# ── Partial programs, the output by name or id ───────────────────────────────────────────────────────────────────────


def test_a_partial_program_holds_what_stands() -> None:
    made = program("y = x*2\nz = foo(y)\nw = y + 1\nv = z*w", {"x": 3}, partial=True)
    assert [d.code for d in made.errors] == ["name.unknown-function"]
    assert made.names[made.output] == ("w",)
    assert [o.name for o in made.graph.operators] == ["input", "constant", "mul", "constant", "add"]


def test_a_partial_program_may_have_a_line_that_cannot_be_read() -> None:
    made = program("y = x*2\nz = (y + \nw = y + 1", partial=True)
    assert [d.code for d in made.errors] == ["syntax"]
    assert made.names[made.output] == ("w",)


@pytest.mark.parametrize("wrong", ["2x", "-2x", "(a b)", "   b = 3", "[a", "@jax.jit\ndef f(x):\n    return x\n2x"])
def test_a_line_that_cannot_be_read_takes_none_with_it(wrong: str) -> None:
    made = program(f"a = x*y\n{wrong}", partial=True)
    assert [d.code.partition(".")[0] for d in made.errors] == ["syntax"]
    assert ("a",) in made.names


def test_the_output_may_be_any_node() -> None:
    source = "y = x*2\nz = y + 1\nz*z"
    made = program(source, {"x": 1}, output="y")
    assert numbers(made)[0] == 2
    by_id = program(source, output=made.ids[made.output])
    assert by_id.output == made.output
    with pytest.raises(ProgramError, match=r"name\.unknown"):
        program(source, output="nothing")


def test_an_input_that_the_program_lacks_is_said() -> None:
    assert [d.code for d in program("x*2", {"q": 1}).warnings] == ["input.unused"]


def test_a_gradient_of_what_does_not_depend_is_0_with_a_warning() -> None:
    made = program("grad(y, x) + x", {"x": 2})
    assert numbers(made)[0] == 2
    assert [d.code for d in made.warnings] == ["grad.independent"]
    assert "does not depend on `x`" in made.warnings[0].message
    (unnamed,) = program("grad(y, x*x)", {"x": 2, "y": 1}).warnings
    assert "does not depend on what it is differentiated by" in unnamed.message


def test_names_that_look_alike_are_said() -> None:
    assert [d.code for d in program("\u0430 = 3\n\u0430*a").warnings] == ["name.confusable"]
    assert [d.code for d in program("x*2 # \u202e").warnings] == ["source.bidi"]


def test_a_name_that_is_assigned_twice_keeps_its_last_input() -> None:
    value_, grads = run("x = 3\ny = x*x\nx = 5\ny*x", {"x": 2})
    assert value_ == 18
    assert grads["x"] == 9
