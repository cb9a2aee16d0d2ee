"""What of a program is shown: groups closed at any level, equal blocks in a row folded, quiet parts hidden."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Literal

from app.diagnostics import Diagnostic
from app.graph.fold import Run, runs
from app.graph.program import Group, Program
from app.graph.view import Shape, View, ViewEdge, ViewGroup, ViewNode
from app.limits import Limits
from app.ops.algebra import Value
from app.ops.operator import passes, passing_slots

SHOWN = 1_000  # visible nodes above which more is closed by itself
SKIP_STEPS = 2_000  # nodes that the search for an identity skip may visit in one group
Quiet = Literal["constants", "unreached"]


def view(
    program: Program,
    *,
    closed: Collection[str] | Literal["auto", "none"] = "auto",
    fold: bool = False,
    hide: Collection[Quiet] = (),
    limits: Limits,
    number: Callable[[float], str] = lambda x: f"{x:.4g}".replace("-", "−"),
) -> View:
    """The program as it is shown.

    `closed` names groups by id or label; "auto" closes the calls of compositions, and more (the deepest first, then
    equal blocks in a row as one) where over a thousand nodes would show. `fold` folds such rows in any case. Unknown
    names are left to `unused`. `number` writes a constant's label.

    A closed group is one node. The edges that cross its border are one from each source into it (slots: arguments in
    their order, then by first use) and one to each slot that it feeds; `members` are the graph's edges in each.
    """
    tree = Tree(program)
    shut = tree.chosen(closed)
    folds: list[Run] = []
    if closed == "auto":
        most = min(SHOWN, limits.drawn_nodes)
        for depth in range(tree.deepest, 0, -1):
            if tree.visible(shut) <= most:
                break
            shut = shut | {g.id for g in program.groups if tree.depth[g.id] == depth}
        fold = fold or tree.visible(shut) > most
    if fold:
        folds = runs(program, shut, tree.outermost(shut))
    while True:
        boxes = tree.boxes(shut, folds)
        shown = Shown(program, tree, boxes, number)
        order = shown.order()
        if order is not None:
            return shown.view(order, shut, frozenset(hide))
        # A group whose value goes out and comes back in cannot be one node: it stays open.
        tangled = shown.tangled()
        folds = [run for run in folds if run.groups[0] not in tangled]
        shut = shut - tangled


def unused(program: Program, closed: Collection[str] | Literal["auto", "none"]) -> tuple[Diagnostic, ...]:
    """A warning for each name in `closed` that the program has no group for."""
    if isinstance(closed, str):
        return ()
    known = {g.id for g in program.groups} | {g.label for g in program.groups}
    return tuple(
        Diagnostic(code="group.unused", message=f"the program has no group `{name}`", hint=None)
        for name in dict.fromkeys(closed)
        if name not in known
    )


@dataclass(slots=True)
class Box:
    """What closes as one node: a group, or a row of equal ones (`repeat`). `nodes` are the graph's, ascending."""

    group: Group
    repeat: int = 1
    nodes: list[int] = field(default_factory=list)
    arguments: tuple[int, ...] = ()
    result: int | None = None


class Tree:
    """The groups of a program, by id and by depth (1 at the top)."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.groups = {g.id: g for g in program.groups}
        self.depth: dict[str, int] = {}
        for group in program.groups:  # parents may stand after their children
            chain = [group]
            while chain[-1].parent is not None and chain[-1].id not in self.depth:
                chain.append(self.groups[chain[-1].parent])
            for one in reversed(chain):
                self.depth[one.id] = 1 if one.parent is None else self.depth[one.parent] + 1
        self.deepest = max(self.depth.values(), default=0)
        self.from_top = sorted(program.groups, key=lambda g: self.depth[g.id])

    def chosen(self, closed: Collection[str] | Literal["auto", "none"]) -> frozenset[str]:
        """The ids of the groups to close."""
        groups = self.program.groups
        if closed == "none":
            return frozenset()
        if closed == "auto":
            return frozenset(g.id for g in groups if g.kind == "composition")
        names = set(closed)
        return frozenset(g.id for g in groups if g.id in names or g.label in names)

    def outermost(self, shut: frozenset[str]) -> dict[str, str | None]:
        """For each group the outermost closed one that it is or lies in; None where all around it is open."""
        found: dict[str, str | None] = {}
        for group in self.from_top:
            outer = found[group.parent] if group.parent is not None else None
            found[group.id] = outer if outer is not None else group.id if group.id in shut else None
        return found

    def visible(self, shut: frozenset[str]) -> int:
        """How many nodes would show."""
        if not self.groups:
            return len(self.program.graph)
        outermost = self.outermost(shut)
        outer = [outermost[g] if g is not None else None for g in self.program.groups_of]
        return sum(box is None for box in outer) + len({box for box in outer if box is not None})

    def boxes(self, shut: frozenset[str], folds: Sequence[Run]) -> list[Box | None]:
        """For each node of the graph the box that it is in."""
        outermost = self.outermost(shut)
        made: dict[str, Box] = {}
        for id_, outer in outermost.items():
            if outer == id_:
                group = self.groups[id_]
                made[id_] = Box(group, arguments=group.arguments, result=group.result)
        glued: dict[int, Box] = {}
        for run in folds:
            first, last = self.groups[run.groups[0]], self.groups[run.groups[-1]]
            box = Box(first, repeat=len(run.groups), arguments=first.arguments, result=last.result)
            if run.glue:
                box.result = max(run.glue)
            made.update(dict.fromkeys(run.groups, box))
            glued.update(dict.fromkeys(run.glue, box))
        if not made:
            return [None] * len(self.program.graph)
        boxes: list[Box | None] = []
        for node, inner in enumerate(self.program.groups_of):
            outer = outermost[inner] if inner is not None else None
            boxes.append(glued.get(node) if outer is None else made[outer])
        for node, found in enumerate(boxes):
            if found is not None:
                found.nodes.append(node)
        return boxes


class Shown:
    """A program's nodes and edges as they show, given the box that each node of the graph is in."""

    def __init__(
        self, program: Program, tree: Tree, boxes: Sequence[Box | None], number: Callable[[float], str]
    ) -> None:
        self.program = program
        self.tree = tree
        self.boxes = boxes
        self.number = number
        graph = program.graph
        self.reached = graph.reached(program.output)
        self.closes = any(boxes)
        self.ids = list(program.ids)
        if self.closes:
            self.ids = [id_ if box is None else box.group.id for id_, box in zip(self.ids, boxes, strict=True)]
        # A box stands where its last node does: all that it takes comes before, all that it gives comes after.
        self.at = [n if box is None else box.nodes[-1] for n, box in enumerate(boxes)]
        self.crossing: dict[int, list[tuple[int, int]]] = {}  # into the target at this place: (node, slot)
        self.leaving: dict[int, dict[int, None]] = {}  # out of the box at this place: the nodes whose values leave
        if not self.closes:
            return
        for node, operands in enumerate(graph.operands):
            place = self.at[node]
            box = boxes[node]
            for slot, operand in enumerate(operands):
                if box is None or boxes[operand] is not box:
                    self.crossing.setdefault(place, []).append((node, slot))
                    if boxes[operand] is not None:
                        self.leaving.setdefault(self.at[operand], {})[operand] = None
        if boxes[program.output] is not None:
            self.leaving.setdefault(self.at[program.output], {})[program.output] = None

    def places(self) -> Iterator[int]:
        return (node for node, place in enumerate(self.at) if place == node)

    def order(self) -> list[int] | None:
        """The places in topological order, as the graph's own where that is one; None where there is a cycle."""
        if not self.closes:
            return self.at
        operands = self.program.graph.operands
        if all(self.at[operands[n][s]] < place for place, edges in self.crossing.items() for n, s in edges):
            return list(self.places())
        waiting = dict.fromkeys(self.places(), 0)
        feeds: dict[int, list[int]] = {}
        for place, edges in self.crossing.items():
            for node, slot in edges:
                feeds.setdefault(self.at[operands[node][slot]], []).append(place)
                waiting[place] += 1
        ready = [place for place, count in waiting.items() if not count]
        heapify(ready)
        found: list[int] = []
        while ready:
            place = heappop(ready)
            found.append(place)
            for target in feeds.get(place, ()):
                waiting[target] -= 1
                if not waiting[target]:
                    heappush(ready, target)
        self._left = [place for place, count in waiting.items() if count]
        return found if len(found) == len(waiting) else None

    def tangled(self) -> frozenset[str]:
        """The closed groups that a cycle goes through, or that stand behind one."""
        return frozenset(box.group.id for place in self._left if (box := self.boxes[place]) is not None)

    def view(self, order: Sequence[int], shut: frozenset[str], hide: frozenset[Quiet]) -> View:
        gate = self.gates()
        nodes = {
            place: gate(place) if (box := self.boxes[place]) is None else self.closed(place, box) for place in order
        }
        output = self.at[self.program.output]
        if hide:
            nodes = {
                place: node
                for place, node in nodes.items()
                if place == output
                or not ((node.kind == "constant" and "constants" in hide) or (not node.reached and "unreached" in hide))
            }
        shown = tuple(nodes.values())
        return View(
            nodes=shown,
            edges=tuple(self.wires(nodes)),
            groups=self.groups(shown, shut),
            output=nodes[output].id,
        )

    def gates(self) -> Callable[[int], ViewNode]:
        """What makes a node of the graph a node of the view."""
        program, graph = self.program, self.program.graph
        ids, labels, number, reached = self.ids, program.labels, self.number, self.reached
        names, spans, groups_of = tuple(program.names), tuple(program.spans), tuple(program.groups_of)
        operators, shapes, differentiable, constants = (
            graph.operators,
            graph.shapes,
            graph.differentiable,
            graph.constants,
        )

        def gate(node: int) -> ViewNode:
            operator = operators[node]
            kind: Literal["input", "constant", "op"] = "op"
            label = operator.sign
            if operator.family == "leaf":
                if node in constants:
                    kind, label = "constant", constant_label(constants[node], number)
                else:
                    kind, label = "input", labels.get(node, ids[node])
            return ViewNode(
                id=ids[node],
                kind=kind,
                op=operator.name,
                label=label,
                shape=shapes[node],
                group=groups_of[node],
                index=node,
                names=names[node],
                spans=spans[node],
                differentiable=differentiable[node],
                reached=reached[node] == 1,
                commutes=operator.commutes,
            )

        return gate

    def closed(self, place: int, box: Box) -> ViewNode:
        program, graph = self.program, self.program.graph
        leaving = list(self.leaving.get(place, ()))
        index = leaving[0] if len(leaving) == 1 else None
        if not leaving:
            inside = box.result is not None and self.boxes[box.result] is box
            index = box.result if inside else box.nodes[-1]
        gates = sum(bool(graph.operands[node]) for node in box.nodes)
        count = f"{gates // box.repeat} gate{'s' if gates // box.repeat != 1 else ''}"
        sources = [graph.operands[n][s] for n, s in self.first_into(place, box)]
        before = next((graph.shapes[s] for s in sources if graph.shapes[s]), ())
        after = graph.shapes[index] if index is not None else ()
        change = f" · {dimensions(before)}→{dimensions(after)}" if before or after else ""
        return ViewNode(
            id=box.group.id,
            kind="group",
            op=box.group.function,
            label=box.group.label,
            detail=count + change,
            shape=graph.shapes[index] if index is not None else None,
            group=box.group.parent,
            index=index,
            names=program.names[index] if index is not None else (),
            spans=(box.group.span,),
            differentiable=any(graph.differentiable[n] for n in ([index] if index is not None else leaving)),
            reached=any(self.reached[n] for n in box.nodes),
            skip=has_skip(program, box.nodes),
            repeat=box.repeat,
        )

    def first_into(self, place: int, box: Box) -> list[tuple[int, int]]:
        """The first edge from each source into a box: arguments in their order, then by first use."""
        operands = self.program.graph.operands
        first: dict[int, tuple[int, int]] = {}
        for node, slot in self.crossing.get(place, ()):
            first.setdefault(operands[node][slot], (node, slot))
        ranks = {argument: rank for rank, argument in reversed(list(enumerate(box.arguments)))}
        return [first[source] for source in sorted(first, key=lambda s: ranks.get(s, len(ranks)))]

    def wires(self, kept: Mapping[int, ViewNode]) -> list[ViewEdge]:
        """The edges into what stands at the places that are kept."""
        graph, ids, at, boxes = self.program.graph, self.ids, self.at, self.boxes
        operators, operands = graph.operators, graph.operands
        shapes, differentiable = graph.shapes, graph.differentiable
        edges: list[ViewEdge] = []
        for place in kept:
            box = boxes[place]
            if box is not None:
                edges += self.entering(place, box, kept)
                continue
            sources = operands[place]
            if not sources:
                continue
            target, passing = ids[place], passing_slots(operators[place], len(sources))
            for slot, source in enumerate(sources):
                if at[source] in kept:
                    begin = ids[source]
                    edges.append(
                        ViewEdge(
                            id=f"{begin} > {target} {slot}",
                            source=begin,
                            target=target,
                            slot=slot,
                            members=((place, slot),),
                            shape=shapes[source],
                            differentiable=differentiable[source],
                            passes=passing[slot],
                        )
                    )
        return edges

    def entering(self, place: int, box: Box, kept: Mapping[int, ViewNode]) -> Iterator[ViewEdge]:
        """The edges into a closed group: one from each source."""
        graph, ids = self.program.graph, self.ids
        operators, operands = graph.operators, graph.operands
        members: dict[int, list[tuple[int, int]]] = {}
        for node, slot in self.crossing.get(place, ()):
            members.setdefault(operands[node][slot], []).append((node, slot))
        for slot, (node, first) in enumerate(self.first_into(place, box)):
            source = operands[node][first]
            if self.at[source] in kept:
                within = tuple(members[source])
                yield ViewEdge(
                    id=f"{ids[source]} > {ids[place]} {slot}",
                    source=ids[source],
                    target=ids[place],
                    slot=slot,
                    members=within,
                    shape=graph.shapes[source],
                    differentiable=graph.differentiable[source],
                    passes=any(passes(operators[n], s, len(operands[n])) for n, s in within),
                )

    def groups(self, nodes: Sequence[ViewNode], shut: frozenset[str]) -> tuple[ViewGroup, ...]:
        """The groups with nothing closed around them; an open one with the nodes shown directly in it."""
        within: dict[str, list[str]] = {}
        for node in nodes:
            if node.group is not None:
                within.setdefault(node.group, []).append(node.id)
        outermost = self.tree.outermost(shut)
        return tuple(
            ViewGroup(
                id=g.id,
                label=g.label,
                parent=g.parent,
                collapsed=outermost[g.id] == g.id,
                nodes=tuple(within.get(g.id, ())),
                span=g.span,
            )
            for g in self.program.groups
            if outermost[g.id] in (None, g.id)
        )


def constant_label(value: Value, number: Callable[[float], str]) -> str:
    """A number's text; a tensor's shape, as `2×3`, or `[3]`."""
    if isinstance(value, (int, float)):
        return number(float(value))
    return dimensions(value.shape) if value.ndim > 1 else f"[{value.size}]"


def dimensions(shape: Shape) -> str:
    """A shape in short: `8×16`, `1` for a scalar."""
    return "×".join(map(str, shape)) or "1"


def has_skip(program: Program, nodes: Sequence[int]) -> bool:
    """Whether an addition among `nodes` takes a value and, by its other operand, what gates made of it."""
    operands = program.graph.operands
    inside = set(nodes)
    steps = 0
    for node in nodes:
        if program.graph.operators[node].name != "add":
            continue
        for around, through in (operands[node], operands[node][::-1]):
            waiting, seen = [through], {through}
            while waiting and steps < SKIP_STEPS:
                steps += 1
                gate = waiting.pop()
                if gate in inside and gate != around and gate > around:
                    if around in operands[gate]:
                        return True
                    new = [i for i in operands[gate] if i not in seen]
                    seen.update(new)
                    waiting.extend(new)
    return False
