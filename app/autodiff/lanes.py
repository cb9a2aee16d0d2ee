"""A scalar graph as one flat list of operations on registers, each run on a block of points at once.

A register holds a number or an array over the points. What no varying input reaches is computed once, what no result
needs is left out, what comes twice is computed once, and an array is written again as soon as nothing needs what is in
it, so that a block's numbers stay in the nearest cache. Blocks are shared out among the cores: while NumPy works on
one, it leaves the interpreter to the others.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from app.autodiff.buffers import TESTS, in_place, masks
from app.autodiff.rules import ordered
from app.graph.graph import Graph
from app.ops.algebra import Array, Value
from app.ops.catalogue import CATALOGUE
from app.ops.operator import Operator, contributions, evaluate, passes

BLOCK = 16_384  # points at a time, at most
HANDS = 8  # threads, at most
ROOM = 1 << 22  # elements of all registers together, at most
ADD = CATALOGUE["add"]


class Term(NamedTuple):
    """One value: of a leaf (`operator` None), or of an operator on earlier terms; `mask`: as true and false."""

    operator: Operator | None
    operands: tuple[int, ...]
    varies: bool
    mask: bool = False


class Step(NamedTuple):
    """`function(*registers)` into register `out`; `inplace`: into the array that is there."""

    function: Callable[..., Any]
    operands: tuple[int, ...]
    out: int
    inplace: bool


class Lanes:
    """The compiled form, for these varying inputs: the output, and the gradients of the `wanted` inputs."""

    def __init__(self, graph: Graph, output: int, varying: Iterable[int], wanted: Sequence[int]) -> None:
        writer = Writer(graph, output, frozenset(varying))
        self.leaves = writer.leaves
        self.seed = writer.seed
        zero = writer.number(0.0)
        self.results = [writer.values[output], *[writer.grads.get(node, zero) for node in wanted]]
        self.contents = writer.contents
        self.terms = writer.terms
        needed = self._needed()
        self.once = [n for n in needed if not self.terms[n].varies and self.terms[n].operator is not None]
        self._allocate([n for n in needed if self.terms[n].varies and self.terms[n].operator is not None])

    def run(self, seed: float, inputs: Mapping[int, Value], count: int) -> list[Array]:
        """The results over `count` points; the varying ones of `inputs` have that many, the others are numbers."""
        registers: list[Any] = [None] * self.size
        for term, content in self.contents.items():
            registers[term] = content
        registers[self.seed] = seed
        varying: dict[int, Array] = {}
        for node, leaf in self.leaves.items():
            if self.terms[leaf].varies:
                varying[leaf] = np.asarray(inputs[node])
            else:
                registers[leaf] = float(inputs[node])
        found = np.empty((len(self.results), count))
        with np.errstate(all="ignore"):
            for n in self.once:
                operator, operands, *_ = self.terms[n]
                assert operator is not None
                registers[n] = evaluate(operator, tuple([registers[i] for i in operands]), {})
        hands = max(1, min(_cores(), HANDS, count // BLOCK))
        width = min(count, BLOCK, max(1, ROOM // max(1, len(self.arrays) * hands)))
        pieces = [slice(start, min(start + width, count)) for start in range(0, count, width)]

        def work(hand: int) -> None:
            self._run(pieces[hand::hands], width, list(registers), varying, found)

        if hands == 1:
            work(0)
        else:
            with ThreadPoolExecutor(hands) as pool:
                list(pool.map(work, range(hands)))
        return list(found)

    def _run(
        self, pieces: Sequence[slice], width: int, registers: list[Any], varying: Mapping[int, Array], found: Array
    ) -> None:
        """The results at some pieces of the points, in registers and arrays that nothing else uses."""
        arrays: dict[int, Array] = {at: np.empty(width, kind) for at, kind in self.arrays.items()}
        with np.errstate(all="ignore"):
            for piece in pieces:
                here = piece.stop - piece.start
                for leaf, column in varying.items():
                    registers[leaf] = column[piece]
                for register, array in arrays.items():
                    registers[register] = array[:here]
                for at, register in self.straight.items():
                    registers[register] = found[at, piece]
                for function, operands, out, inplace in self.steps:
                    if inplace:
                        function(*[registers[i] for i in operands], out=registers[out])
                    else:
                        registers[out] = function(*[registers[i] for i in operands])
                for at, source in self.copied.items():
                    found[at, piece] = registers[source]

    def _needed(self) -> list[int]:
        """The terms that the results are made of, ascending."""
        needed = set(self.results)
        for n in range(len(self.terms) - 1, -1, -1):
            if n in needed:
                needed.update(self.terms[n].operands)
        return sorted(needed)

    def _allocate(self, order: Sequence[int]) -> None:
        """Registers for the terms of each block. A term that does not vary has its own number for a register."""
        last = {i: n for n in order for i in self.terms[n].operands}
        straight: dict[int, int] = {}  # the term of a result that is written where the caller takes it
        for at, term in enumerate(self.results):
            if self.terms[term].varies and self.terms[term].operator is not None:
                straight.setdefault(term, at)
        place: dict[int, int] = {}
        free: dict[type | None, list[int]] = {float: [], bool: [], None: []}
        self.size = len(self.terms)
        self.arrays: dict[int, type] = {}
        self.steps: list[Step] = []
        self.straight: dict[int, int] = {}

        def register(kind: type | None) -> int:
            if free[kind]:
                return free[kind].pop()
            self.size += 1
            if kind is not None:
                self.arrays[self.size - 1] = kind
            return self.size - 1

        kinds: dict[int, type | None] = {}
        for n in order:
            operator, operands, _, mask = self.terms[n]
            assert operator is not None
            function = _function(operator, operands, mask=mask)
            inplace = function is not None
            kinds[n] = kind = bool if mask else float if inplace else None
            done = [i for i in dict.fromkeys(operands) if last[i] == n and i in kinds and i not in straight]
            taken = tuple([place.get(i, i) for i in operands])
            if isinstance(function, np.ufunc):  # such a one may write over its operands
                for i in done:
                    free[kinds[i]].append(place[i])
            if inplace and n in straight:
                place[n] = self.size
                self.straight[straight[n]] = self.size
                self.size += 1
            else:
                place[n] = register(kind)
            if not isinstance(function, np.ufunc):
                for i in done:
                    free[kinds[i]].append(place[i])
            self.steps.append(Step(function or partial(_plain, operator), taken, place[n], inplace))
        self.copied = {at: place.get(term, term) for at, term in enumerate(self.results) if at not in self.straight}


class Writer:
    """The terms as they come: values forward, then what flows back, added up in the interpreter's order."""

    def __init__(self, graph: Graph, output: int, varying: frozenset[int]) -> None:
        self.graph = graph
        self.terms: list[Term] = []
        self.contents: dict[int, float] = {}
        self.leaves: dict[int, int] = {}  # input node → term
        self.known: dict[object, int] = {}
        self.values: list[int] = []
        self.grads: dict[int, int] = {}
        for node, (operator, operands) in enumerate(zip(graph.operators, graph.operands, strict=True)):
            if operator.family != "leaf":
                self.values.append(self.term(operator, [self.values[i] for i in operands]))
            elif node in graph.constants:
                self.values.append(self.number(graph.constants[node]))
            else:
                self.leaves[node] = self.leaf(varies=node in varying)
                self.values.append(self.leaves[node])
        self.seed = self.leaf()
        if graph.differentiable[output]:
            self.grads[output] = self.seed
        for node in range(output, -1, -1):
            if node in self.grads:
                self.back(node)

    def back(self, node: int) -> None:
        """What flows back from a node along its edges."""
        graph, values = self.graph, self.values
        operator, operands = graph.operators[node], graph.operands[node]
        arity = len(operands)
        active = [s for s in range(arity) if graph.differentiable[operands[s]] and passes(operator, s, arity)]
        trees = contributions(operator, arity) if active else ()
        roots = [trees[slot] for slot in active]
        order = ordered(roots)
        selecting = masks(order) - set(map(id, roots))
        names = {"g": self.grads[node], "y": values[node], **{f"x{i}": values[each] for i, each in enumerate(operands)}}
        found: dict[int, int] = {}
        for tree in order:
            if tree.operator is not None:
                taken = [found[id(operand)] for operand in tree.operands]
                found[id(tree)] = self.term(tree.operator, taken, mask=id(tree) in selecting)
            else:
                found[id(tree)] = names[tree.name] if tree.name is not None else self.number(tree.number)
        for slot, tree in zip(active, roots, strict=True):
            before, part = self.grads.get(operands[slot]), found[id(tree)]
            self.grads[operands[slot]] = part if before is None else self.term(ADD, [before, part])

    def term(self, operator: Operator, operands: Sequence[int], *, mask: bool = False) -> int:
        """An operator on terms, once."""
        made = Term(operator, tuple(operands), any(self.terms[i].varies for i in operands), mask)
        return self._once(made, made)

    def number(self, value: Value | None) -> int:
        """A number, once."""
        assert isinstance(value, float)
        at = self._once(("number", repr(value)), Term(None, (), varies=False))
        self.contents[at] = value
        return at

    def leaf(self, *, varies: bool = False) -> int:
        self.terms.append(Term(None, (), varies))
        return len(self.terms) - 1

    def _once(self, key: object, term: Term) -> int:
        at = self.known.setdefault(key, len(self.terms))
        if at == len(self.terms):
            self.terms.append(term)
        return at


def _plain(operator: Operator, *operands: Any) -> Value:
    return evaluate(operator, operands, {})


def _function(operator: Operator, operands: Sequence[int], *, mask: bool) -> Callable[..., Any] | None:
    """What computes it into an array; None where that is slower than a fresh one, or there is none."""
    return TESTS[operator.name] if mask else in_place(operator, [(1,)] * len(operands), {})


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
