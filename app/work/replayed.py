"""The same program at other values: what a slider, a stream and a grid of values ask for, without lowering it again."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace

import numpy as np

from app.autodiff.replay import Replay, compile_replay
from app.autodiff.reverse import trace
from app.autodiff.shown import shown
from app.graph.program import Program
from app.graph.view import View
from app.limits import Limits
from app.ops.algebra import shape_of
from app.work.circuit import Circuit, circuit
from app.work.request import Shown

MOST = 32  # programs that are known
LARGEST = 500  # nodes of one
WIDEST = 100_000  # elements of one


@dataclass(slots=True)
class Known:
    """A program that was asked for before. Its compiled form is made when it is asked for again."""

    program: Program
    view: View
    replay: Replay | None = None

    def at(self, q: Shown) -> Program | None:
        """The program at these inputs; None where one is a parameter of another value: that is another graph."""
        given = q.inputs
        for parameter in self.program.parameters:
            if parameter.name in given and not np.array_equal(given[parameter.name], parameter.value):
                return None
        inputs = tuple([replace(i, value=given.get(i.name, i.value)) for i in self.program.inputs])
        return replace(self.program, inputs=inputs)


class Memory:
    """The programs that were asked for last, at most `most`."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._known: OrderedDict[Hashable, Known] = OrderedDict()

    def circuit(self, q: Shown, limits: Limits) -> Circuit:
        """The same as `circuit(q, limits)`."""
        key = (
            q.source,
            q.share,
            q.strict,
            q.output,
            q.dtype,
            q.collapse,
            tuple([(name, shape_of(value)) for name, value in q.inputs.items()]),
        )
        known = self._known.get(key)
        program = known.at(q) if known is not None else None
        if known is None or program is None:
            made = circuit(q, limits)
            small = len(made.program.graph) <= LARGEST and made.program.cost.elements <= WIDEST
            if small and not made.program.errors:
                self._known[key] = Known(made.program, made.view)
                if len(self._known) > self.most:
                    self._known.popitem(last=False)
            return made
        self._known.move_to_end(key)
        seed = q.seed if q.seed is not None else program.seed
        if known.replay is None:
            known.replay = compile_replay(program.graph, program.output)
        # Levels differ from the interpreter in a last digit, and the same request gives the same bytes.
        if q.dtype == "float64" and known.replay.kind != "levels":
            found = known.replay.run(program.values(), seed)
        else:
            found = trace(program.graph, program.values(), program.output, seed, dtype=q.dtype)
        return Circuit(program=program, trace=found, view=known.view, numbers=shown(known.view, found))


# Each process remembers its own: it changes how fast an answer comes, never what it is.
MEMORY = Memory()
