"""Ids stay where an edit does not touch what they stand for."""

import pytest

from tests.lang.programs import program

PROGRAMS = {
    "an expression": "(x*y + max(z, w) + x*y)*2 + 45",
    "statements": "a = x*y\nb = tanh(a) + z\nc = b*b + a\nd = exp(c)/(1 + exp(c))\ne = d*a + b\nlog(e*e + 1)",
    "a residual chain": "def block(h, w):\n    return tanh(w*h)*v\nh = x\n" + "h = h + block(h, w)\n" * 12 + "h",
    "a loop": "def block(h, w):\n    t = tanh(w*h)\n    return t*v\nh = x\nfor i in range(8):\n    u = h*h\n    h = "
    "h + block(u, w)\nsum(h*h)",
    "compositions": "h = softmax(x*[1, 2, 3])\nk = layer_norm(h*y)\nsum(k*h)",
    "gradients": "y = tanh(w*x)\ng = grad(y, x)\ng*g + y",
}


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_ids_are_unique_and_the_same_each_time(source: str) -> None:
    ids = list(program(source).ids)
    assert len(set(ids)) == len(ids)
    assert ids == list(program(source).ids)


@pytest.mark.parametrize("source", PROGRAMS.values(), ids=PROGRAMS)
def test_an_inserted_statement_keeps_the_other_ids(source: str) -> None:
    before = set(program(source).ids)
    lines = source.split("\n")
    for place in range(len(lines)):
        indent = lines[place][: len(lines[place]) - len(lines[place].lstrip())]
        for inserted in ("extra = cos(x) + 1", "h = x*3 if 1 > 2 else h", lines[place].strip()):
            if inserted.startswith(("def", "return", "for")) or (lines[place].startswith("def") and indent):
                continue
            edited = "\n".join([*lines[:place], indent + inserted, *lines[place:]])
            after = set(program(edited).ids)
            kept = len(before & after) / len(before)
            assert kept >= 0.9, (edited, kept)


def test_a_changed_number_keeps_every_id() -> None:
    assert list(program("(x*y + z)*2 + 45").ids) == list(program("(x*y + z)*2 + 46").ids)


def test_a_term_at_the_end_keeps_the_ids_before_it() -> None:
    before, after = program("x*y + z*w"), program("x*y + z*w + x*z")
    assert set(before.ids) <= set(after.ids)


def test_an_inputs_id_is_its_name_and_no_other_node_has_it() -> None:
    made = program("out = x*y\nmul1 = out + x\nout:float = mul1*2")
    inputs = {i.name for i in made.inputs}
    assert [made.ids[i.node] for i in made.inputs] == ["x", "y"]
    assert not {id_ for node, id_ in enumerate(made.ids) if made.graph.operators[node].name != "input"} & inputs
    assert all(":" in id_ for node, id_ in enumerate(made.ids) if made.graph.operators[node].name != "input")
