"""What surrounds a pasted program is taken away, and every place stays what it is in the text as it was typed."""

from typing import Any

import pytest

from app.lang.unwrapped import unwrap
from tests.lang.programs import errors, program, run, underlined, value

PROMPTS = """>>> import torch
>>> x = torch.tensor([1., 2.], requires_grad=True)
>>> s = 0
>>> for i in range(2):
...     s = s + x[i]**2
...
>>> s
tensor(5., grad_fn=<AddBackward0>)
>>> s.backward()
>>> x.grad
tensor([2., 4.])"""
CELLS = """In [1]: import torch

In [2]: def f(x):
   ...:     return x**2
   ...:

In [3]: x = torch.tensor(3., requires_grad=True)

In [4]: f(x).backward()

In [5]: x.grad
Out[5]: tensor(6.)"""
NOTEBOOK = """In [12]:

def f(x):
    return x**2

x = 3.0
f(x)

Out[12]:
9.0"""
FENCED = """Here is my code:

```python
x = 3.
y = x*x
```

It prints:

```
9.0
```"""
MAGICS = "%matplotlib inline\n!pip install torch\nx = 3.0\ny = (x\n%x)\ny + x*x"
INDENTED = "    x = 3.0\n\n    def f(x):\n        return x*x\n  # a remark\n    f(x)"
TABBED = "\tx = 3.0\n\tx*x"

WHOLE: list[tuple[str, Any]] = [
    (PROMPTS, 5), (CELLS, 9), (NOTEBOOK, 9), (FENCED, 9), (MAGICS, 9), (INDENTED, 9), (TABBED, 9),
    ("  >>> x = 3.0\n  >>> x*x\n  9.0", 9),
    ("x = 3.0\r\ny = x*x\r\ny\r\n", 9),
    ("def f(x):\n\ty = x*x\n\treturn y\nf(3)", 9),
    ("\ufeffx = 3.0\nx*x", 9),
    ("x\u00a0= 3.0\u200b\nx\u2009*\u3000x", 9),
    ("x = 3.0\n2 − x × x ÷ 3 · 2", -4),
    ("%%time\nx = 3.0\nx*x", 9),
    ("```\nx = 3.0\nx*x", 9),
    ('def f(x):\n    """\n    >>> f(3)\n    9\n    ```\n    """\n    return x*x\nf(3)', 9),
    ("x = 3.0\nx \\\n    *x", 9),
    ("1 x = 3.0\n2 y = x*x\n3 y", 9), ("1: x = 3.0\n2: def f(x):\n3:     return x*x\n4:\n5: f(x)", 9),
    (" 9  x = 3.0\n10  # squared\n11  x*x", 9), ("x = 3.0\nx*x if x &gt;= 2 else x &lt; 1", 9), ("2*3\n3*4", 12),
    ("1 + 2\n2 + 3", 5), ("1 if 2 else 3\n2 if 0 else 3", 3), ("1", 1), ("x = 3.0\n>>> y = x*x\n>>> y\n9.0", 9),
    ("x = 3.0\n    y = x*x\n    y", 9), ("x = 3.0\n```\ny = x*x\n```\ntext", 9),
]  # fmt: skip


@pytest.mark.parametrize(("source", "wanted"), WHOLE, ids=[source[:20] for source, _ in WHOLE])
def test_a_pasted_text_is_read_as_it_is(source: str, wanted: float) -> None:
    assert value(source) == wanted


@pytest.mark.parametrize(
    ("source", "place"),
    [(">>> x = 3.0\n>>> y = foo(x)\n1", "foo"), ("    x = 3.0\n    y = foo(x)", "foo"), ("é − foo(x)", "foo"),
     ("In [12]: foo(x)", "foo"), (">>> x = 2y\n>>> x", "2y"), ("    x = 3.0\n    z = (x", "("),
     (">>> for i in range(2):\n...     x = foo(x)", "foo"), ("```\n    z = foo(x)\n```", "foo"),
     ("\ufefffoo(x)", "foo"), ("1: x = 3\n2: foo(x)", "foo"), ("x = 3\nfoo(x &gt; 2)", "foo")],
)  # fmt: skip
def test_a_mistake_is_underlined_in_the_text_as_it_was_typed(source: str, place: str) -> None:
    assert underlined(source, errors(source)[0]) == [place]


def test_a_node_stands_where_it_was_typed() -> None:
    made = program(PROMPTS)
    (squared, *_) = [spans[0] for spans, o in zip(made.spans, made.graph.operators, strict=True) if o.name == "pow"]
    assert (squared.line, squared.column, squared.end_column) == (5, 17, 24)


def test_what_is_left_out_is_said_once() -> None:
    notes = program(FENCED).notes
    assert [(n.code, n.message, n.spans[0].line) for n in notes] == [
        ("pasted.opaque", "left out: what stands around the program", 1)
    ]


def test_a_plain_text_is_handed_on_as_it_is() -> None:
    source = "x = 'a − b'  # × ÷\ny = x"
    assert unwrap(source).source == source
    assert unwrap(source).cut == ()


@pytest.mark.parametrize(
    "source", [">>> x @ W", "    x @ W\n", "In [1]: h = x @ W\n\nIn [2]: h @ V", "```\nx @ W\n```"]
)
def test_a_hint_goes_before_what_surrounds_a_program(source: str) -> None:
    hint = errors(source)[0].hint
    assert errors(f"{hint}\n{source}") == ()


MAIN = "import torch\ndef main():\n    x = torch.tensor(3., requires_grad=True)\n    y = x*x\n"


@pytest.mark.parametrize(
    "body", ["    y.backward()\n    print(x.grad)\n", "    print('loss', y)\n", "    print(y.item())\n", "    pass\n"]
)
def test_a_main_that_returns_nothing_is_drawn(body: str) -> None:
    for end in ("main()", "if __name__ == '__main__':\n    main()", ""):
        found, grads = run(MAIN + body + end)
        assert found == 9
        assert grads["x"] == 6


def test_what_is_printed_is_the_output_where_nothing_else_is() -> None:
    made = program("def f(a):\n    return a*a\nif __name__ == '__main__':\n    x = 2.0\n    print(f(x))")
    assert made.graph.operators[made.output].name == "mul"
    assert made.notes == ()
    assert value("x = 3.0\ny = x*x\nprint(x + 1)") == 9
