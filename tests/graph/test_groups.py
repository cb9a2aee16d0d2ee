"""What of a program is shown: groups closed, borders summed, rows folded, quiet parts hidden."""

import pytest

from app.autodiff.reverse import trace
from app.autodiff.shown import shown
from app.diagnostics import Span
from app.graph.builder import Builder
from app.graph.groups import unused, view
from app.graph.program import Group, Program
from app.graph.view import View
from app.limits import UNLIMITED
from tests.autodiff.graphs import apply, program

SPAN = Span(1, 1, 1, 2)


def call(id_: str, function: str, arguments: tuple[int, ...], result: int, parent: str | None = None) -> Group:
    return Group(
        id=id_,
        label=function,
        parent=parent,
        kind="call",
        function=function,
        span=SPAN,
        arguments=arguments,
        result=result,
    )


def stack(count: int, *, parent: str | None = None) -> Program:
    """h = h + w*h*h, `count` times, each block a group."""
    b = Builder(UNLIMITED)
    h = x = b.input()
    w = b.input()
    groups: list[Group] = []
    inside: dict[int, str] = {}
    for k in range(1, count + 1):
        id_ = f"block#{k}"
        first = apply(b, "mul", w, h)
        second = apply(b, "mul", first, h)
        inside |= {first: id_, second: id_}
        groups.append(
            Group(
                id=id_,
                label="block",
                parent=parent,
                kind="call",
                function="block",
                span=SPAN,
                arguments=(h, w),
                result=second,
            )
        )
        h = apply(b, "add", h, second)
    return program(b, h, {"x": (x, 2.0), "w": (w, 0.5)}, groups=tuple(groups), groups_of=inside)


def edges(seen: View) -> list[tuple[str, str, int]]:
    return [(e.source, e.target, e.slot) for e in seen.edges]


def test_a_closed_group_is_one_node_with_one_wire_from_each_source() -> None:
    made = stack(2)
    seen = view(made, closed=["block#1"], limits=UNLIMITED)
    numbers = shown(seen, trace(made.graph, made.values(), made.output))
    assert [n.id for n in seen.nodes] == ["x", "w", "block#1", "n4", "n5", "n6", "n7"]
    assert edges(seen)[:4] == [
        ("x", "block#1", 0), ("w", "block#1", 1), ("x", "n4", 0), ("block#1", "n4", 1),
    ]  # fmt: skip
    assert numbers.edge_grads["x > block#1 0"] == 10.0
    assert numbers.edge_grads["w > block#1 1"] == 20.0
    assert numbers.locals["x > block#1 0"] == 2.0
    assert numbers.locals["w > block#1 1"] == 4.0
    assert (numbers.values["block#1"], numbers.grads["block#1"]) == (2.0, 5.0)
    assert [(g.id, g.collapsed, g.nodes) for g in seen.groups] == [
        ("block#1", True, ()), ("block#2", False, ("n5", "n6")),
    ]  # fmt: skip
    assert seen.nodes[2].detail == "2 gates"


def test_labels_close_all_groups_of_that_name() -> None:
    seen = view(stack(3), closed=["block"], limits=UNLIMITED)
    assert [n.id for n in seen.nodes if n.kind == "group"] == ["block#1", "block#2", "block#3"]


def test_names_without_a_group_are_said() -> None:
    assert [d.code for d in unused(stack(1), ["block", "other"])] == ["group.unused"]
    assert unused(stack(1), "auto") == ()


def test_equal_blocks_in_a_row_fold_into_one_with_their_skips() -> None:
    made = stack(12)
    seen = view(made, closed=["block"], fold=True, limits=UNLIMITED)
    assert [(n.id, n.repeat, n.skip) for n in seen.nodes] == [("x", 1, False), ("w", 1, False), ("block#1", 12, True)]
    assert edges(seen) == [("x", "block#1", 0), ("w", "block#1", 1)]
    numbers = shown(seen, trace(made.graph, made.values(), made.output))
    found = trace(made.graph, made.values(), made.output)
    assert numbers.edge_grads["x > block#1 0"] == pytest.approx(found.cotangents[0])
    assert numbers.edge_grads["w > block#1 1"] == pytest.approx(found.cotangents[1])
    assert seen.nodes[2].detail == "3 gates"


def test_by_itself_a_long_stack_closes_and_folds() -> None:
    assert len(view(stack(100), limits=UNLIMITED).nodes) == 302
    closed = view(stack(400), limits=UNLIMITED)
    assert len(closed.nodes) == 802
    assert len(view(stack(2_499), limits=UNLIMITED).nodes) == 3


def test_what_is_used_beside_the_row_keeps_it_open() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    h, inside, groups = x, {}, []
    for k in range(1, 4):
        before = h
        h = apply(b, "tanh", h)
        inside[h] = f"f#{k}"
        groups.append(
            Group(
                id=f"f#{k}", label="f", parent=None, kind="call", function="f", span=SPAN, arguments=(before,), result=h
            )
        )
    out = apply(b, "add", h, 2)
    made = program(b, out, {"x": (x, 1.0)}, groups=tuple(groups), groups_of=inside)
    seen = view(made, closed=["f"], fold=True, limits=UNLIMITED)
    assert [n.repeat for n in seen.nodes if n.kind == "group"] == [1, 1, 1]


def test_nested_groups_close_from_outside() -> None:
    made = stack(2, parent="net#1")
    net = Group(
        id="net#1", label="net", parent=None, kind="call", function="net", span=SPAN, arguments=(0, 1), result=7
    )
    inside = {n: g for n, g in enumerate(made.groups_of) if g is not None} | {4: "net#1", 7: "net#1"}
    whole = Program(
        **{name: getattr(made, name) for name in made.__dataclass_fields__}
        | {"groups": (net, *made.groups), "groups_of": tuple(inside.get(n) for n in range(8))}
    )
    outer = view(whole, closed=["net#1"], limits=UNLIMITED)
    assert [n.id for n in outer.nodes] == ["x", "w", "net#1"]
    assert [g.id for g in outer.groups] == ["net#1"]
    assert outer.nodes[2].skip
    inner = view(whole, closed=["block"], limits=UNLIMITED)
    assert [(n.id, n.group) for n in inner.nodes[2:]] == [
        ("block#1", "net#1"), ("n4", "net#1"), ("block#2", "net#1"), ("n7", "net#1"),
    ]  # fmt: skip
    assert inner.groups[0].nodes == ("block#1", "n4", "block#2", "n7")


def test_constants_and_what_is_not_reached_can_be_hidden() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    apply(b, "exp", x)
    out = apply(b, "mul", x, 2.0)
    made = program(b, out, {"x": (x, 1.0)})
    assert len(view(made, limits=UNLIMITED).nodes) == 4
    assert [n.op for n in view(made, hide=["constants"], limits=UNLIMITED).nodes] == ["input", "exp", "mul"]
    assert [n.op for n in view(made, hide=["constants", "unreached"], limits=UNLIMITED).nodes] == ["input", "mul"]


def test_a_group_that_several_wires_leave_has_no_value() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    one, two = apply(b, "sin", x), apply(b, "cos", x)
    out = apply(b, "mul", one, two)
    group = Group(id="i=0", label="i=0", parent=None, kind="turn", function="i", span=SPAN)
    made = program(b, out, {"x": (x, 1.0)}, groups=(group,), groups_of={one: "i=0", two: "i=0"})
    seen = view(made, closed=["i=0"], limits=UNLIMITED)
    numbers = shown(seen, trace(made.graph, made.values(), made.output))
    assert numbers.values["i=0"] is None
    assert edges(seen) == [("x", "i=0", 0), ("i=0", f"n{out}", 0), ("i=0", f"n{out}", 1)]
    assert "x > i=0 0" not in numbers.locals


def test_a_group_whose_value_comes_back_stays_open() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    one = apply(b, "sin", x)
    outside = apply(b, "exp", one)
    two = apply(b, "mul", one, outside)
    group = call("f#1", "f", (x,), two)
    made = program(b, two, {"x": (x, 1.0)}, groups=(group,), groups_of={one: "f#1", two: "f#1"})
    assert [n.kind for n in view(made, closed=["f"], limits=UNLIMITED).nodes] == ["input", "op", "op", "op"]


def test_the_sum_at_a_fan_out_has_its_parts_in_the_order_of_the_wires() -> None:
    b = Builder(UNLIMITED)
    x = b.input()
    apply(b, "log", x)
    out = apply(b, "add", apply(b, "mul", x, 3.0), apply(b, "neg", x))
    made = program(b, out, {"x": (x, 2.0)})
    seen = view(made, limits=UNLIMITED)
    assert shown(seen, trace(made.graph, made.values(), out)).parts == {"x": (3.0, -1.0)}
