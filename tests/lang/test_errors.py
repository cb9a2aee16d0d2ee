"""The table "Errors": each row with its code, the place underlined, and the text that works."""

import time

import pytest

from app.diagnostics import Form
from app.lang import check
from app.limits import UNLIMITED, Limits
from tests.lang.programs import LIMITS, errors, program, underlined

ROWS: list[tuple[str, str, str, str | None]] = [
    # source, code, what is underlined first, hint
    ("2x", "syntax.missing-operator", "2x", "2*x"),
    ("y = 3 + 2x*z", "syntax.missing-operator", "2x", "2*x"),
    ("2(x + 1)", "syntax.missing-operator", "2(x + 1)", "2*(x + 1)"),
    ("(x + 1)(x - 1)", "syntax.missing-operator", "(x + 1)(x - 1)", "(x + 1)*(x - 1)"),
    ("x y", "syntax.missing-operator", "x y", "x*y"),
    ("x^2", "syntax.caret", "x^2", "x**2"),
    ("(x + 1)^2 + y", "syntax.caret", "(x + 1)^2 + y", "(x + 1)**2 + y"),
    ("x ^= 2", "syntax.caret", "x ^= 2", "x **= 2"),
    ("n--", "syntax", "n--", "n -= 1"),
    ("x + 'abc'", "syntax.unsupported", "x + 'abc'", None),
    ("3 + (lambda x: x)", "syntax.unsupported", "3 + (lambda x: x)", None),
    ("x²", "syntax.caret", "x²", "x**2"),
    ("(x + 1)² + y", "syntax.caret", "(x + 1)²", "(x + 1)**2"),
    ("(x + 1)2", "syntax.missing-operator", "(x + 1)2", "(x + 1)*2"),
    ("2sin(x)", "syntax.missing-operator", "2sin", "2*sin"),
    ("√(x + y)", "syntax", "√(x + y)", "sqrt(x + y)"),
    ("y = 2*sin f[0]", "syntax.call", "sin f[0]", "sin(f[0])"),
    ("x(y + 1)", "name.unknown-function", "x(y + 1)", "x*(y + 1)"),
    ("x.sumn()", "name.unknown-function", "x.sumn", "x.sum"),
    ("tahn(x)", "name.unknown-function", "tahn", "tanh"),
    ("x is y", "syntax.unsupported", "x is y", "x == y"),
    ("x*y\n  z*w", "syntax", "  z*w", "z*w"),
    ("y = !x", "syntax", "!x", "not x"),
    ("max(z w)", "syntax", "z w", "z, w"),
    ("sin x", "syntax.call", "sin x", "sin(x)"),
    ("y = 2*sin x + 1", "syntax.call", "sin x", "sin(x)"),
    ("foo(x)", "name.unknown-function", "foo", "floor"),
    ("y = x*rleu(x)", "name.unknown-function", "rleu", "relu"),
    ("x.__class__", "syntax.unsupported", "x.__class__", None),
    ("while x > 0:\n    x = x - 1", "syntax.unsupported", "while x > 0", "for i in range(3):"),
    ("for i in range(3):\n    break\nx", "syntax.unsupported", "break", None),
    ("x[0] = 1\nx", "syntax.unsupported", "x[0] = 1", "x = concat([[1], x[1:]])"),
    ("x = [1, 2]\nfor v in x:\n    y = v", "syntax.unsupported", "x", "for i in range(2):"),
    ("x = [1, 2]\nx[x > 1]", "syntax.unsupported", "x[x > 1]", "where(x > 1, x, 0)"),
    ("await x", "syntax.unsupported", "await x", None),
    ("{1, 2}", "syntax.unsupported", "{1, 2}", None),
    ("x = 2j", "syntax.unsupported", "2j", None),
    ("x | y", "syntax.unsupported", "x | y", "x or y"),
    ("if x > 0:\n    y = f(x)\n    z = y\nz", "syntax.unsupported", "x > 0", "a if c else b"),
    ("return x", "syntax.unsupported", "return x", None),
    ("f(x) = x**2", "syntax.unsupported", "f(x) = x**2", "def f(x): return x**2"),
    ("a && b", "syntax", "&&", "and"),
    ("a ? b : c", "syntax", "a ? b : c", "b if a else c"),
    ("|x|", "syntax", "|x|", "abs(x)"),
    ("a ≤ b", "syntax", "≤", "<="),
    ("x⁻¹²", "syntax.caret", "x⁻¹²", "x**-12"),
    ("import torch\nprint(“hi”)\nx*x", "syntax", "“hi”", '"hi"'),
    ("x + {1: 2}", "type.tensor", "x + {1: 2}", None),
    ("F.foo_norm(c, 1)", "name.unknown-function", "F.foo_norm", "norm"),
    ("import torch\nc = x*x\ntorch.foo_norm(c)", "name.unknown-function", "torch.foo_norm", "norm"),
    ("(x + 1", "syntax", "(", None),
    ("x + 1)", "syntax", ")", None),
    ("for i in range(3)\n    x = 1", "syntax", "for i in range(3)", "for i in range(3):"),
    ("", "program.no-output", "", "x*y + max(z, w)"),
    ("# nothing", "program.no-output", "# nothing", "x*y + max(z, w)"),
    ("import os\nos.system('ls')", "program.no-output", "import os", "x*y + max(z, w)"),
    ("a, b", "program.no-output", "a, b", "a"),
    ("u, v = x, y", "program.no-output", "u, v", "u"),
    ("exp(x, y)", "call.arguments", "exp(x, y)", "exp(x)"),
    ("dropout(x, 2)", "call.arguments", "dropout(x, 2)", "dropout(x, p=0.5, training=True, seed=None)"),
    ("nn.Dropout(p=-1)(x)", "call.arguments", "nn.Dropout(p=-1)(x)", "dropout(x, p=0.5, training=True, seed=None)"),
    ("cross_entropy([1., 2.], 5)", "shape.index", "cross_entropy([1., 2.], 5)", None),
    ("cross_entropy([[1., 2.]], [-1])", "shape.index", "cross_entropy([[1., 2.]], [-1])", None),
    ("def f(a):\n    return a\nf(b=1)", "call.arguments", "f(b=1)", "f(a)"),
    ("def f(a, b=2):\n    return a\nf()", "call.arguments", "f()", "f(a, b=2)"),
    ("zeros(x)", "type.integer", "zeros(x)", "x = 3"),
    ("x[0.5]", "type.integer", "0.5", "0"),
    ("for i in range(L):\n    x = x + 1\nx", "type.integer", "L", "L = 3"),
    ("[1, 2] + [1, 2, 3]", "shape.broadcast", "[1, 2]", None),
    ("W = zeros(3, 4)\nx = zeros(3)\nW @ x", "shape.matmul", "W", None),
    ("x @ W", "shape.matmul", "x @ W", "x = randn(3); W = randn(3, 4)"),
    ("x = zeros(3)\nx @ W", "shape.matmul", "x @ W", "W = randn(3, 2)"),
    ("W[2]", "shape.index", "W[2]", "W = randn(3)"),
    ("W[2, 1:3]", "shape.index", "W[2, 1:3]", "W = randn(3, 4)"),
    ("reshape(x, 2, 3)", "shape.reshape", "reshape(x, 2, 3)", "x = randn(6)"),
    ("x = [1, [2]]", "shape.mismatch", "[1, [2]]", None),
    ("a, b = [x, y, z]\na", "shape.unpack", "a, b", None),
    ("grad([x, y], x)", "grad.scalar", "[x, y]", "sum([x, y])"),
    ("grad(x, 3)", "grad.constant", "3", None),
    ("def f(x):\n    return f(x)\nf(y)", "limit.recursion", "f(x)", None),
    ("for i in range(10**7):\n    x = x + 1", "limit.turns", "range(10**7)", None),
    ("1e999", "number.range", "1e999", "inf"),
    ("x" * 201, "limit.name", "x" * 201, None),
    ("open('/etc/passwd').read()", "name.unknown-function", "open", None),
    ("exec('x')", "name.unknown-function", "exec", None),
    ("__import__('os')", "name.unknown-function", "__import__", None),
]


@pytest.mark.parametrize(("source", "code", "place", "hint"), ROWS, ids=[row[0][:40] for row in ROWS])
def test_a_mistake_is_said(source: str, code: str, place: str, hint: str | None) -> None:
    found = errors(source)
    assert [d.code for d in found[:1]] == [code]
    assert underlined(source, found[0])[0] == place
    assert found[0].hint == hint


@pytest.mark.parametrize(
    ("source", "mended"),
    [
        ("(x + 1)² + y²", "(x + 1)**2 + y²"),
        ("y = 2*(x + 1)3", "y = 2*(x + 1)*3"),
        ("y = 2sin(x)", "y = 2*sin(x)"),
        ("√(x + y)*2", "sqrt(x + y)*2"),
        ("a > 0 && b > 0", "a > 0 and b > 0"),
        ("y = |x - 1|*2", "y = abs(x - 1)*2"),
        ("y = a > 0 ? b : c  # one of two", "y = b if a > 0 else c  # one of two"),
        (
            "def f(x):\n    for i in range(2)  # twice\n        x = x*x\n    return x",
            "def f(x):\n    for i in range(2):  # twice\n        x = x*x\n    return x",
        ),
        ("x = 2\nif x = 2:\n    y = z\ny", "x = 2\nif x == 2:\n    y = z\ny"),
        ("3*(x(y + 1))", "3*(x*(y + 1))"),
        ("y = x.sumn()", "y = x.sum()"),
        ("x + 1 << 3", "(x + 1) * 2**3"),
        ("(x > 1) & (x < 2 or y)", "(x > 1) and (x < 2 or y)"),
        ("y = (x + 1).sumn()", "y = (x + 1).sum()"),
        ("~(x > 2)", "not (x > 2)"),
        ("x = [1, 2]\nsum(x[x > 1])", "x = [1, 2]\nsum(where(x > 1, x, 0))"),
        ("grad(x*[1, 2], x)", "grad(sum(x*[1, 2]), x)"),
        ("x = [1, 2]\nx[1] = 2*y\nx", "x = [1, 2]\nx = concat([x[:1], [2*y], x[2:]])\nx"),
        ("z = x\nif x > 0:\n    y = 1\ny", "z = x\ny = 1 if x > 0 else y\ny"),
        ("if x > 0:\n    y = x\nelse:\n    y = -x\ny", "y = x if x > 0 else -x\ny"),
        ("f(x) = x^2 + 1", "def f(x): return x**2 + 1"),
        ("def f(x) return x*x", "def f(x): return x*x"),
        ("x -> x*x", "def f(x): return x*x"),
        ("(a, b) => a*b", "def f(a, b): return a*b"),
        ("y := x + 1", "y = x + 1"),
        ("y = W' @ x", "y = W.T @ x"),
        ("x = 3 y = 4", "x = 3; y = 4"),
        ("MSE([1., 2.], y)", "mse_loss([1., 2.], y)"),
        ("σ(w*x)", "sigmoid(w*x)"),
    ],
)
def test_a_hint_fits_where_it_is_underlined(source: str, mended: str) -> None:
    found = errors(source)[0]
    span = found.spans[0]
    lines = source.split("\n")
    before = "\n".join([*lines[: span.line - 1], lines[span.line - 1][: span.column - 1]])
    after = "\n".join([lines[span.end_line - 1][span.end_column - 1 :], *lines[span.end_line :]])
    assert f"{before}{found.hint}{after}" == mended


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("dropout(x, -0.1)", "`p` of `dropout` must be from 0 to 1, and this is -0.1"),
        ("F.cross_entropy([[1., 2.]], [1], label_smoothing=1.5)", "must be from 0 to 1, and this is 1.5"),
        ("F.huber_loss(x, y, delta=0)", "must be above 0, and this is 0"),
        ("F.smooth_l1_loss(x, y, beta=-1)", "must be at least 0, and this is -1"),
        ("conv2d(randn(1, 2, 4, 4), randn(2, 1, 2, 2), groups=0)", "`groups` must be at least 1, and this is 0"),
        ("conv2d(randn(1, 2, 4, 4), randn(2, 2, 2, 2), stride=0)", "`stride` is a whole number of at least 1"),
        ("max_pool2d(randn(1, 1, 4, 4), 0)", "`size` is a whole number of at least 1"),
        ("max_pool2d(randn(1, 1, 4, 4), 2, padding=2)", "`padding` is at most half of a window"),
        ("F.group_norm(randn(2, 4, 3), 3)", "(2, 3, 1, 3) would have 18"),
        ("F.group_norm(randn(2, 4, 3), 0)", "`num_groups` of `F.group_norm` must be at least 1, and this is 0"),
        ("sum([1, 2], axis=-3)", "there is no axis -3: the shape is (2,)"),
        ("one_hot([3], 2)", "labels run from 0 to 1, these from 3 to 3"),
        ("nll_loss([[1., 2.]], [-100])", "labels run from 0 to 1, and -100 is none of them"),
    ],
)
def test_an_argument_out_of_its_bounds_is_refused(source: str, said: str) -> None:
    (found,) = errors(source)
    assert said in found.message


ASSUMED = [
    "x @ W", "W[2]", "W[2, 1:3]", "reshape(x, 2, 3)", "sum(x, axis=1)", "layer_norm(x)", "inv(A)", "conv2d(x, w)",
    "x = ones(2, 3)\nx @ W", "x.T @ y", "linear(x, W)", "linear(x, W, b)", "cross_entropy(x, [0])",
    "F.cross_entropy(logits, y)", "attention(q, k, v)", "a, b = x\na*b", "for v in xs:\n    s = s + v\ns",
    "sum([v*v for v in xs])", "F.group_norm(c, 1)", "tf.keras.losses.mse(a, b)", "concat([x, y], axis=1)",
    "conv1d(x, w)", "max_pool2d(x, 2)", "einsum('ij,jk->ik', A, B)", "batch_norm(x)", "n, d = x.shape\nx*n", "len(x)*x",
    "for i in range(3):\n    s = s + x[i]\ns", "solve(A, b)", "nll_loss(x, [0, 1])", "embedding(ids, W)",
    "for a, b in zip(xs, ys):\n    s = s + a*b\ns", "mean((X @ w - y)**2)", "h = relu(x @ W1 + b1)\nh @ W2 + b2",
    "h = F.relu(F.linear(x, W1, b1))\nF.cross_entropy(F.linear(h, W2, b2), [0, 1])", "x @ A @ x", "torch.bmm(a, b)",
    "for t in range(T):\n    h = tanh(Wx @ x[t] + Wh @ h)\nsum(h)", "logits = X @ W\nsoftmax(logits)[range(3), y]",
    "h = F.max_pool2d(F.relu(F.conv2d(x, w1, padding=1)), 2)\nF.linear(h.flatten(1), W, b)", "zeros(n) + x",
    "q = x @ Wq\nk = x @ Wk\nv = x @ Wv\na = softmax(q @ k.T / 2) @ v\nlayer_norm(x + a @ Wo)",
    "def f(x, W):\n    return x @ W", "a, b = torch.chunk(x, 2)\na*b", "if mode == 1:\n    x = 2*x\nx",
]  # fmt: skip


@pytest.mark.parametrize("source", ASSUMED)
def test_the_hint_for_an_assumed_number_works_when_it_is_pasted(source: str) -> None:
    found = errors(source)[0]
    assert "no value" in found.message
    assert f"`{found.hint}`" in found.message
    assert errors(f"{found.hint}\n{source}") == ()


@pytest.mark.parametrize("source", ["x*ones(2) + ones(3)", "a = ones(2)*x\nb = ones(3, 3)\na @ b"])
def test_an_error_that_no_value_would_mend_says_nothing_of_what_was_assumed(source: str) -> None:
    (found,) = errors(source)
    assert "assumed" not in found.message
    assert found.hint is None


@pytest.mark.parametrize("source", ["x = [1, 2]\nx[10**30]", "x = [1, 2]\nx[[0, 10**30]]", "x[-10**30]"])
def test_an_index_may_be_any_integer(source: str) -> None:
    (error,) = errors(source)
    assert error.code == "shape.index"
    assert error.hint is None or len(error.hint) < 40


@pytest.mark.parametrize(
    "line", ["y = y + y", "y = y*2", "y = (*y, *y)", "y = [*y, *y]", "y = f(*y, *y)", "y = (y, y)", "y = [y, y]"]
)
def test_a_list_that_doubles_is_refused_before_it_is_made(line: str) -> None:
    source = "def f(*a):\n    return a\ny = (x, 1)\n" + f"{line}\n" * 40 + "y[0]*y[0]"
    (error,) = errors(source, limits=LIMITS)
    assert error.code in {"limit.nodes", "limit.elements"}


def test_shapes_that_do_not_broadcast_are_both_underlined() -> None:
    source = "[1,2] + [1,2,3]"
    (found,) = errors(source)
    assert underlined(source, found) == ["[1,2]", "[1,2,3]"]
    assert found.message == "shapes (2,) and (3,) do not broadcast"


def test_several_errors_are_all_said() -> None:
    found = errors("a = 2x\nb = foo(y)\nc = sin z\nd = bar(a) + baz(b)\nx*y")
    assert [(d.code, d.spans[0].line) for d in found] == [
        ("syntax.missing-operator", 1), ("name.unknown-function", 2), ("syntax.call", 3), ("name.unknown-function", 4),
        ("name.unknown-function", 4),
    ]  # fmt: skip


def test_the_first_twenty_are_said_then_how_many_more() -> None:
    found = errors("\n".join(f"y{i} = foo{i}(x)" for i in range(50)))
    assert len(found) == 21
    assert found[-1].message == "and 30 more errors"


def test_an_error_in_a_loop_is_said_once() -> None:
    assert len(errors("for i in range(100):\n    x = foo(x)\nx")) == 1


def test_a_limit_says_what_the_program_needs_and_how_it_grew() -> None:
    (found,) = errors("for i in range(1000):\n    for j in range(10):\n        x = x + 1\nx", limits=Limits(nodes=1000))
    assert found.code == "limit.nodes"
    assert "over 1,000 nodes" in found.message
    assert "of the loop in line 1" in found.message
    assert "would need about 20" in found.message


HOSTILE = {
    "1e999": "1e999",
    "a hexadecimal integer of a million digits": "0x" + "f" * 1_000_000,
    "a decimal of 50,000 digits": "9" * 50_000,
    "100,000 minus signs": "-" * 100_000 + "x",
    "10,000 parentheses": "(" * 10_000,
    "60,000 brackets": "[" * 60_000,
    "a NUL": "x\0y",
    "a lone surrogate": "x\ud800",
    "powers of powers": "x[9**9**9**9**9]",
    "a range beyond everything": "for i in range(10**100):\n    x",
    "a huge list": "y = [x]*10**9\nx",
    "a huge tensor": "zeros(10**6, 10**6)",
    "a comprehension of comprehensions": "[[x for i in range(10**6)] for j in range(10**6)]",
    "lambdas": "lambda: " * 3_000 + "x",
    "ternaries": "x if y else " * 3_000 + "z",
    "indentation": "".join(" " * i + "if x:\n" for i in range(200)) + " " * 200 + "x",
    "elif": "if x == 1:\n    y = 1\n" + "elif x == 2:\n    y = 1\n" * 2_000,
    "attributes": "x" + ".T" * 20_000,
    "many errors": "\n".join("foo(x)" for _ in range(5_000)),
    "doubling": "x = [x, x]\n" * 40 + "sum(x)",
    "doubling in functions": "\n".join(f"def f{i}(x): return f{i - 1}(x + 1) + f{i - 1}(x + "
    "2)" for i in range(1, 40)) + "\nf39(x)",
    "einsum": "einsum('" + "a" * 5_000 + "->a', x)",
    "format": "'{0.__class__}'.format(x)",
    "unclosed": "max(" + "x," * 10_000,
    "quotes": "'" * 30_001,
    "backslashes": "\\\n" * 10_000,
    "semicolons": "x;" * 20_000,
}  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_answered_at_once(source: str) -> None:
    begin = time.perf_counter()
    checked = check(source, limits=LIMITS)
    assert time.perf_counter() - begin < 5  # milliseconds on a quiet machine; a loaded one must not fail
    for found in checked.errors:
        assert found.code
        assert found.spans


@pytest.mark.parametrize("source", ["-" * 100_000 + "x", "(" * 10_000, "0x" + "f" * 1_000_000, "9" * 50_000])
def test_hostile_texts_without_a_limit_on_their_length(source: str) -> None:
    assert errors(source, limits=UNLIMITED)


@pytest.mark.parametrize(
    "source",
    ["+".join(["x"] * 5_000), "2*(" + " + ".join(["x*y"] * 5_000) + ")", "y = " + "-".join(["x"] * 6_000) + "\ny*2",
     "def f(x):\n    return " + "*".join(["x"] * 5_000) + "\nf(y)", "sum([" + ", ".join(["x"] * 5_000) + "])",
     "max(" + ", ".join(["x"] * 3_000) + ")", " or ".join(["x"] * 3_000)],
    ids=lambda source: source[:20],
)  # fmt: skip
def test_a_flat_expression_of_thousands_of_terms_works(source: str) -> None:
    assert len(program(source, {"x": 1, "y": 1}).graph) > 1


@pytest.mark.parametrize(
    ("source", "hint", "form"),
    [("while x > 0:\n    y = 1", "for i in range(3):", True),
     ("for i in range(3)\n    x = 1", "for i in range(3):", False),
     ("if x > 0:\n    print(x)\n", "a if c else b", True),
     ("x = [1, 2]\nx[0][0] = 1", "x = concat([x[:1], y, x[2:]])", True),
     ("sin(x, y)", "sin(x)", True),
     ("if (x > 0) { y = x; }", "if (x > 0):", True),
     ("for (i = 0; i < 3; i++) { y = x; }", "for (i = 0; i < 3; i++):", True),
     ("2x", "2*x", False),
     ("zeros(n)", "n = 3", False)],
)  # fmt: skip
def test_a_hint_that_is_to_be_filled_in_is_a_form(source: str, hint: str, form: bool) -> None:
    found = errors(source)[0]
    assert (found.hint, isinstance(found.hint, Form)) == (hint, form)
