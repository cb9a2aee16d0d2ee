"""Text → Program: the passes over a program."""

import ast
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.diagnostics import Diagnostic, ProgramError
from app.graph.graph import Cost
from app.graph.program import Program
from app.graph.uncollected import uncollected
from app.lang import names, quick, table
from app.lang.assemble import assemble, shortened
from app.lang.assumed import Doubt, suggested
from app.lang.driver import Driver, flat_statements
from app.lang.inputs import assumed, unused
from app.lang.machine import Machine
from app.lang.outputs import no_output, unknown_output
from app.lang.parse import Parsed, parse
from app.lang.places import Places, short
from app.lang.reading import assigned
from app.lang.scan import Text, scan
from app.lang.state import Knowledge, StopError
from app.lang.values import BrokenError
from app.limits import Limits
from app.ops.algebra import Value

PASSES = 12  # each learns of at least one parameter more, or is the last
SMALL = 2_000  # nodes and turns of a program whose hints are tried


_ASKS = re.compile(
    r"\.backward\(|\.gradient\(|\bgradients\(|\bgrad\(|minimize\(|value_and_grad\(|compute_gradients\(|requires_grad"
)


_STEPS = re.compile(r"\.step\(|apply_gradients\(|\.data\s*[-+]?=|\.grad\b.*\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What an editor needs: what is wrong, what is said beside, the inputs, and the cost (None where nothing
    stands)."""

    errors: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]
    notes: tuple[Diagnostic, ...]
    program: Program | None
    cost: Cost | None


@uncollected
def lower(
    source: str, inputs: Mapping[str, Any] | None = None, *, limits: Limits, share: bool = True, strict: bool = False,
    partial: bool = False, output: str | None = None,
) -> Program:  # fmt: skip
    """The program of a source. `inputs`: values by name (floats, arrays, nested lists). With `partial` a wrong program
    gives what stands of it, with its errors. Errors: ProgramError, with all that was found."""
    given, unknown = _given(inputs or {})
    if not unknown:
        quickly = quick.attempt(source, given, limits=limits, share=share, strict=strict, output=output)
        if quickly is not None:
            return quickly
    text = scan(source, limits)
    parsed = parse(text, limits)
    m, target, problems = _passes(text, parsed, limits, given, share, strict, output)
    errors = [*problems, *m.errors]
    if m.doubts and errors:
        small = replace(limits, nodes=min(limits.nodes, SMALL), loop_turns=min(limits.loop_turns, SMALL))

        def attempt(head: str) -> tuple[list[Diagnostic], Mapping[str, Doubt]]:
            tried = scan(f"{head}\n{source}", limits)
            other, _, beside = _passes(tried, parse(tried, limits), small, given, share, strict, output)
            return [*beside, *other.errors], other.doubts

        errors = suggested(errors, m.doubts, source, attempt)
    if len(errors) > 1:
        errors = [e for e in errors if e.code != "program.no-output"] or errors[:1]
    for name in unknown:
        m.warn("input.unused", f"`{short(name)}` is not a name")
    if errors and (not partial or target is None):
        raise ProgramError(shortened(errors, limits.errors))
    if target is None:
        raise ProgramError(shortened(errors or [no_output(m)], limits.errors))
    node, seed = target
    _beside(m, text, given, parsed.statements)
    program = assemble(m, source, node, seed)
    if output is not None and m.wanted_id is not None:
        if m.wanted_id not in program.ids:
            raise unknown_output(m, output)
        program = replace(program, output=program.ids.index(m.wanted_id))
    if errors:
        program = replace(program, errors=tuple(shortened(errors, limits.errors)))
    return program


def _passes(
    text: Text, parsed: Parsed, limits: Limits, given: dict[str, Value], share: bool, strict: bool, output: str | None
) -> tuple[Machine, tuple[int, Any] | None, list[Diagnostic]]:
    """The last pass over a program, after which none learns any more: as `_run` gives it."""
    knowledge = Knowledge()
    found = _run(text, parsed.statements, parsed.errors, limits, given, knowledge, share, strict, output)
    for _ in range(PASSES):
        learnt = knowledge.state()
        if learnt == found[0].learnt:
            break
        found = _run(text, parsed.statements, parsed.errors, limits, given, knowledge, share, strict, output)
    return found


def check(
    source: str, inputs: Mapping[str, Any] | None = None, *, limits: Limits, share: bool = True, strict: bool = False,
    output: str | None = None,
) -> Checked:  # fmt: skip
    """Everything that can be said about a source without computing it: for an editor. Arguments: as `lower`'s."""
    try:
        program = lower(source, inputs, limits=limits, share=share, strict=strict, partial=True, output=output)
    except ProgramError as error:
        return Checked(errors=error.diagnostics, warnings=(), notes=(), program=None, cost=None)
    return Checked(
        errors=program.errors, warnings=program.warnings, notes=program.notes, program=program, cost=program.cost
    )


def _given(inputs: Mapping[str, Any]) -> tuple[dict[str, Value], list[str]]:
    """The request's values, by names as the source spells them."""
    found: dict[str, Value] = {}
    unknown: list[str] = []
    for name, value in inputs.items():
        spelt = name if name.isascii() else unicodedata.normalize("NFKC", name)
        if isinstance(value, int | float):
            found[spelt] = float(value)
        else:
            array = np.asarray(value, dtype=np.float64)
            found[spelt] = array if array.shape else float(array)
    return found, unknown


def _run(
    text: Text, statements: list[ast.stmt], syntax_errors: list[Diagnostic], limits: Limits, given: dict[str, Value],
    knowledge: Knowledge, share: bool, strict: bool, output: str | None,
) -> tuple[Machine, tuple[int, Any] | None, list[Diagnostic]]:  # fmt: skip
    """One pass: (machine, (node, seed) of the output or None, errors beside those of the machine)."""
    places = Places(text.typed.whole, text.typed.cut)
    m = Machine(
        places, limits, table, given=given, knowledge=knowledge, share=share, strict=strict,
        asks=bool(_ASKS.search(text.source))
    )  # fmt: skip
    m.learnt = knowledge.state()
    m.steps_in_loops = bool(_STEPS.search(text.source))
    m.assigned = assigned(statements)
    m.statements = statements
    problems = list(syntax_errors)
    flat = list(flat_statements(statements))
    driver = Driver(m, flat)
    try:
        driver.run()
        target = driver.target(output)
    except StopError:
        if m.final is not None and m.final[0] == "function":
            m.final = None  # to call it would only meet the limit again
        return m, driver.standing(), problems
    except ProgramError as error:
        problems += error.diagnostics
        return m, driver.standing(), problems
    except BrokenError:
        return m, driver.standing(), problems
    return m, target, problems


def _beside(m: Machine, text: Text, given: Mapping[str, Value], statements: list[ast.stmt]) -> None:
    """Warnings about the text and the request."""
    m.warnings[:0] = text.warnings
    m.notes[:0] = text.typed.notes
    known = {s.name for s in m.input_list} | set(m.parameters)
    for name in given:
        if name not in known:
            m.warnings.append(unused(name))
    if not text.source.isascii():
        seen: dict[str, Any] = {}
        for tree in statements:
            for node in ast.walk(tree):
                if isinstance(node, ast.Name):
                    seen.setdefault(node.id, node)
                elif isinstance(node, ast.arg):
                    seen.setdefault(node.arg, node)
        for name, other in names.lookalikes(seen):
            m.warn(
                "name.confusable",
                f"`{short(name)}` and `{short(other)}` are two names, and look alike",
                seen[name],
                seen[other],
            )
    for state in m.input_list:
        if state.assumed:
            m.notes.append(assumed(state.variable, m.places.span(state.at)))
