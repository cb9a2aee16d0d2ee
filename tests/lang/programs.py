"""What the tests of the language share: lowering with the usual limits, and numbers by name."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from app.autodiff.reverse import trace
from app.diagnostics import Diagnostic, ProgramError
from app.graph.program import Program
from app.lang import lower
from app.limits import Limits

LIMITS = Limits()


def program(source: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> Program:
    return lower(source, inputs, limits=options.pop("limits", LIMITS), **options)


def numbers(made: Program) -> tuple[Any, dict[str, Any]]:
    """The output's value, and the gradient of each name (the last node of that name)."""
    found = trace(made.graph, made.values(), made.output, made.seed)
    grads: dict[str, Any] = {}
    for node, names in enumerate(made.names):
        for name in names:
            grads[name] = found.cotangents[node]
    for given in made.inputs:
        grads[given.name] = found.cotangents[given.node]
    return found.values[made.output], grads


def run(source: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> tuple[Any, dict[str, Any]]:
    return numbers(program(source, inputs, **options))


def value(source: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> Any:
    """The output's value: a float, or nested lists."""
    found = run(source, inputs, **options)[0]
    return found.tolist() if isinstance(found, np.ndarray) else found


def operators(source: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> list[str]:
    """The names of the gates, in order."""
    made = program(source, inputs, **options)
    return [o.name for o in made.graph.operators if o.family != "leaf"]


def constants(source: str, **options: Any) -> list[Any]:
    return list(program(source, **options).graph.constants.values())


def errors(source: str, inputs: Mapping[str, Any] | None = None, **options: Any) -> tuple[Diagnostic, ...]:
    """What is wrong with a program."""
    try:
        program(source, inputs, **options)
    except ProgramError as error:
        return error.diagnostics
    return ()


def underlined(source: str, diagnostic: Diagnostic) -> list[str]:
    """The texts that its spans underline."""
    lines = source.split("\n")
    return [
        lines[s.line - 1][s.column - 1 : s.end_column - 1]
        if s.line == s.end_line
        else lines[s.line - 1][s.column - 1 :]
        for s in diagnostic.spans
    ]
