"""Groups in series: the turns of one loop, the calls of one function."""

from collections.abc import Sequence

from app.graph.view import View, ViewGroup


def series(groups: Sequence[ViewGroup]) -> list[int]:
    """For each group the first of its series: those of one parent whose labels are the same but for a turn's number."""
    first: dict[tuple[str | None, str], int] = {}
    return [first.setdefault((g.parent, g.label.partition("=")[0]), k) for k, g in enumerate(groups)]


def again(view: View, edges: Sequence[tuple[int, int]], series: Sequence[int]) -> set[int]:
    """The edges by which a value from outside a loop enters a turn that uses it but once, where other turns use it too:
    the bias of a recurrent cell. None is an identity skip, though what it is added to has the value from before."""
    number = {group.id: k for k, group in enumerate(view.groups)}
    turns: list[tuple[int, ...]] = []  # of each group, outermost first
    for k, group in enumerate(view.groups):
        around = turns[number[group.parent]] if group.parent is not None else ()
        turns.append((*around, k) if "=" in group.label else around)
    if not any(turns):
        return set()
    of = [turns[number[node.group]] if node.group is not None else () for node in view.nodes]
    entered: dict[tuple[int, int], list[tuple[int, int]]] = {}  # by source and series: edges, with the turns they enter
    for e, (source, target) in enumerate(edges):
        fresh = [turn for turn in of[target] if turn not in of[source]]
        if fresh:
            entered.setdefault((source, series[fresh[0]]), []).append((e, fresh[0]))
    found: set[int] = set()
    for mine in entered.values():
        here = [turn for _, turn in mine]
        if len(set(here)) > 1:
            found.update(e for e, turn in mine if here.count(turn) == 1)
    return found
