"""Equal blocks in a row: closed groups of one function, each fed by the one before, that can stand as one, `× 12`."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from app.graph.program import Program

GLUE = 8  # gates between two blocks (the `+` of a residual one) up to which they still stand in a row

Pattern = tuple[object, ...]


class Run(NamedTuple):
    """The ids of at least two equal groups in a row, and the nodes between and behind them that belong to the row."""

    groups: tuple[str, ...]
    glue: tuple[int, ...]


def runs(program: Program, shut: frozenset[str], outermost: Mapping[str, str | None]) -> list[Run]:
    """The longest rows among the closed groups that show: equal gates wired equally, to each other too, with nothing
    inside a row used beside it."""
    blocks: dict[str, Block] = {}
    box_of: list[str | None] = [outermost[g] if g is not None else None for g in program.groups_of]
    for node, box in enumerate(box_of):
        if box is not None:
            blocks.setdefault(box, Block(box, program)).nodes.append(node)
    rows: dict[object, list[Block]] = {}
    for group in program.groups:
        block = blocks.get(group.id)
        if block is not None and group.id in shut:
            rows.setdefault((group.parent, group.function, group.kind), []).append(block)
    used: dict[int, list[int]] = {}
    for node, operands in enumerate(program.graph.operands):
        for operand in operands:
            used.setdefault(operand, []).append(node)
    found: list[Run] = []
    for row in rows.values():
        row.sort(key=lambda block: block.nodes[0])
        if len(row) > 1:
            for block in row:
                block.read()
            found.extend(_runs_of(program, row, box_of, used))
    return found


class Block:
    """A closed group as a pattern: its gates by number, and what comes from outside by first use."""

    def __init__(self, id_: str, program: Program) -> None:
        self.id = id_
        self.program = program
        self.nodes: list[int] = []
        self.names: dict[int, object] = {}  # node → how the pattern calls it
        self.sources: list[int] = []
        self.pattern: Pattern = ()

    def read(self) -> None:
        graph = self.program.graph
        inside = set(self.nodes)
        pattern: list[object] = []
        for number, node in enumerate(self.nodes):
            for operand in graph.operands[node]:
                if operand not in inside and operand not in self.names:
                    self.names[operand] = ("outside", len(self.sources))
                    self.sources.append(operand)
            pattern.append(gate(self.program, node, self.names))
            self.names[node] = ("inside", number)
        self.pattern = tuple(pattern)


def gate(program: Program, node: int, names: Mapping[int, object]) -> Pattern:
    """One gate with its operands as the pattern calls them."""
    graph = program.graph
    constant = graph.constants.get(node)
    value = repr(constant) if isinstance(constant, (int, float)) else None
    operands = tuple([names.get(operand, "new") for operand in graph.operands[node]])
    operator = graph.operators[node]
    # Makers of equal shapes are equal: each layer has random weights of its own.
    attributes = None if operator.family == "maker" else tuple(graph.attributes[node].items())
    return (operator.name, attributes, graph.shapes[node], value, operands)


class Link(NamedTuple):
    """How one block feeds the next: the gates between them, and the two as a pattern."""

    glue: tuple[int, ...]
    pattern: Pattern


def _link(program: Program, one: Block, two: Block, box_of: Sequence[str | None]) -> Link | None:
    graph = program.graph
    start = one.nodes[0]
    glue: set[int] = set()
    fed = False
    waiting = list(two.sources)
    while waiting:
        node = waiting.pop()
        fed = fed or box_of[node] == one.id
        if node in glue or node in one.names or node < start or graph.operators[node].name == "input":
            continue
        if box_of[node] is not None or len(glue) == GLUE:
            return None
        glue.add(node)
        waiting.extend(graph.operands[node])
    if not fed:
        return None
    names = dict(one.names)
    pattern: list[object] = []
    for number, node in enumerate(sorted(glue)):
        pattern.append(gate(program, node, names))
        names[node] = ("between", number)
    wiring = tuple([names.get(source, "new") for source in two.sources])
    return Link(tuple(sorted(glue)), (tuple(pattern), wiring))


def _runs_of(
    program: Program, row: Sequence[Block], box_of: Sequence[str | None], used: Mapping[int, Sequence[int]]
) -> list[Run]:
    links = [_link(program, a, b, box_of) for a, b in pairwise(row)]
    found: list[Run] = []
    start = 0
    while start + 1 < len(row):
        first = links[start]
        end = start
        while (
            first is not None
            and end + 1 < len(row)
            and row[end + 1].pattern == row[start].pattern
            and (link := links[end]) is not None
            and link.pattern == first.pattern
        ):
            end += 1
        if end > start and first is not None:
            glue = [node for link in links[start:end] if link is not None for node in link.glue]
            glue += _tail(program, row[end], first, box_of, used)
            if _closed(program, row[start : end + 1], glue, used):
                found.append(Run(tuple(block.id for block in row[start : end + 1]), tuple(glue)))
        start = end + 1 if end > start else start + 1
    return found


def _tail(
    program: Program, last: Block, link: Link, box_of: Sequence[str | None], used: Mapping[int, Sequence[int]]
) -> list[int]:
    """The gates behind the last block that are what stands between the others; none where they are not all there."""
    gates = link.pattern[0]
    assert isinstance(gates, tuple)
    names = dict(last.names)
    found: list[int] = []
    for number, wanted in enumerate(gates):
        near = {user for node in (*last.nodes, *found) for user in used.get(node, ())}
        match = next((n for n in sorted(near) if box_of[n] is None and gate(program, n, names) == wanted), None)
        if match is None:
            return []
        found.append(match)
        names[match] = ("between", number)
    return found


def _closed(program: Program, blocks: Sequence[Block], glue: Sequence[int], used: Mapping[int, Sequence[int]]) -> bool:
    """Whether only the last unit's values are used outside the row, and all that comes in was there before it."""
    inside = {node for block in blocks for node in block.nodes} | set(glue)
    start = blocks[0].nodes[0]
    end = set(blocks[-1].nodes) | {node for node in glue if node > blocks[-1].nodes[-1]}
    leaks = any(user not in inside for node in inside - end for user in used.get(node, ()))
    operators, operands = program.graph.operators, program.graph.operands
    late = any(
        source > start and source not in inside and operators[source].name != "input" and operands[source]
        for node in inside
        for source in operands[node]
    )
    return not leaks and not late and (program.output not in inside - end)
