"""Statements around the mathematics of a pasted program: imports, `with`, classes, labels, steps of training."""

import ast
from typing import TYPE_CHECKING, Any

from app.diagnostics import Form
from app.lang import frameworks
from app.lang.makers import watch
from app.lang.opaque import stepping
from app.lang.values import Ambiguous, Broken, BrokenError, Held, Known, Module, Number, Opaque, Special, Text

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine


def imports(m: "Machine", step: "Step") -> None:
    """`import …`, `from … import …`: a prefix, or a function of it; anything unknown is opaque."""
    node = step[1]
    functions, names = m.frame.functions, m.frame.names
    m.pasted = True
    if isinstance(node, ast.Import):
        for alias in node.names:
            known = frameworks.known_module(alias.name)
            _framework(m, alias.name)
            bound = alias.asname or alias.name.split(".")[0]
            path = alias.name if alias.asname else alias.name.split(".")[0]
            _bind(names, functions, bound, Module(path) if known else _unknown(alias.name, node))
            if not known:
                m.note("pasted.opaque", f"left out: `{alias.name}` is not a framework that is drawn", node)
        return
    module = node.module or ""
    known = frameworks.known_module(module) and not node.level
    if module == "__future__":
        return
    if not known and not module.startswith("tqdm"):
        m.note("pasted.opaque", f"left out: `{module}` is not a framework that is drawn", node)
    _framework(m, module)
    for alias in node.names:
        bound = alias.asname or alias.name
        if alias.name == "*":
            continue
        if module.startswith("tqdm") and alias.name in _BARS:
            functions[bound] = Special(_BARS[alias.name], alias.name)
            continue
        value = frameworks.member(Module(module), alias.name) if known else _unknown(f"{module}.{alias.name}", node)
        if isinstance(value, Special) and value.rule == "unknown" and known:
            value = Module(f"{module}.{alias.name}") if alias.name.islower() else value
        _bind(names, functions, bound, value)


_BARS = {"tqdm": "same", "trange": "range"}  # what shows how far a loop is, and changes nothing


def _bind(names: dict[str, Held], functions: dict[str, Held], name: str, value: Held) -> None:
    if isinstance(value, Module | Opaque | Number):
        names[name] = value
        functions.pop(name, None)
    else:
        functions[name] = value


def _unknown(path: str, node: Any) -> Opaque:
    return Opaque(
        f"`{path}`", "import", f"`{path}` is not known here, and the circuit needs it: paste what it computes", node
    )


def _framework(m: "Machine", path: str) -> None:
    found = frameworks.framework_of(path)
    if found in {"torch", "jax", "tensorflow"} or (found and m.framework is None):
        m.framework = found


def enter(m: "Machine", step: "Step") -> None:
    """The head of a `with`."""
    value = m.frame.stack[-1]
    if isinstance(value, Ambiguous):
        value = value.function
    if isinstance(value, Broken):
        raise BrokenError
    rule = value.rule if isinstance(value, Special) else value.kind if isinstance(value, Opaque) else ""
    if rule == "no_grad":
        m.stopping += 1
        m.frame.contexts.append("no_grad")
        return
    m.frame.contexts.append("")
    if isinstance(value, Opaque | Special | Known) or type(value) is int:
        return
    m.fail("syntax.unsupported", "`with` is not part of the language: leave it out", step[2])


def leave(m: "Machine", step: "Step") -> None:
    for _ in range(step[1]):
        if m.frame.contexts and m.frame.contexts.pop() == "no_grad":
            m.stopping -= 1


def left_out(m: "Machine", step: "Step") -> None:
    """An assertion, a deletion, a class."""
    what, name = step[1]
    at = step[2]
    if name == "Value":  # micrograd's, written out: what it does is what is drawn here
        m.pasted = True
        m.framework = m.framework or "torch"
        m.frame.functions[name] = Special("value", name, "torch")
        m.frame.names.pop(name, None)
    elif name:
        text = (
            f"the class `{name}` cannot be drawn: paste the mathematics of its call, such as `h = tanh(x @ W + b)`, or "
            "its modules, `net = nn.Sequential(…)`"
        )
        m.frame.names[name] = Opaque(f"the class `{name}`", "model", text, at)
        m.frame.functions.pop(name, None)
    head = ast.Pass(
        lineno=at.lineno,
        col_offset=at.col_offset,
        end_lineno=at.lineno,
        end_col_offset=at.col_offset + (5 if name else 6),
    )
    m.note("pasted.opaque", f"left out: {what} does not change the circuit", head if name else at)


def store_attribute(m: "Machine", step: "Step") -> None:
    """`x.label = 'x'`, `x.requires_grad = True`, `x.grad = None`."""
    stack = m.frame.stack
    owner = stack.pop()
    value = stack.pop()
    name = step[1]
    if isinstance(owner, Broken):
        raise BrokenError
    if name in {"label", "name"} and isinstance(value, Text):
        if type(owner) is int:
            m.labels[owner] = value.value
        return
    if name == "requires_grad":
        watch(m, owner)
        return
    if isinstance(owner, Opaque) or name in {"grad", "data"}:
        if name == "data":
            stepping(m, step[2])
        if name == "grad":
            m.adding = False
        m.note("pasted.opaque", f"left out: setting `.{name}` does not change the circuit", m.statement_at)
        return
    m.fail(
        "syntax.unsupported",
        "an attribute cannot be assigned: give the value a name of its own",
        step[2],
        hint=Form("y = x"),
    )


def updated(m: "Machine", step: "Step") -> None:
    """`w.data -= lr * w.grad`: a step of training."""
    stack = m.frame.stack
    stack.pop()
    stack.pop()
    stepping(m, step[2])
    m.note("pasted.opaque", "left out: this step of training does not change the circuit before it", step[2])
