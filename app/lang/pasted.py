"""Other frameworks' scaffolding: what a pasted snippet has around its mathematics.

Variables and placeholders are inputs; `backward`, `gradient` and the like say which node is the output; sessions,
optimizers and printed lines are opaque: they are left out with a note, and only where the circuit needs one is that an
error.
"""

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import fail
from app.lang import frameworks
from app.lang.known import number
from app.lang.values import (
    NOTHING,
    Ambiguous,
    Asked,
    Broken,
    BrokenError,
    Detached,
    Function,
    Gradient,
    Held,
    Known,
    Listing,
    Module,
    Number,
    Opaque,
    Special,
    Text,
    array_of,
)  # fmt: skip
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine

# What a program asks for or opens: it is understood, not left out, so nothing is said.
UNDERSTOOD = frozenset(
    {"backward", "watch", "tape", "context", "no_grad", "dictionary", "type", "device", "grad", "asked"}
)
TRAINING = (
    "a training loop changes its weights from turn to turn, and a circuit has one value at each wire: paste one step, from "
    "the weights to the loss"
)


def key(value: Held) -> object:
    """What a dictionary finds a value by."""
    if isinstance(value, Text):
        return value.value
    if isinstance(value, Number) and not isinstance(value.value, np.ndarray):
        return value.value
    return value if type(value) is int else id(value)


def mixed(a: Held, b: Held, at: Any) -> Opaque:
    """What comes of something opaque beside a value."""
    parts = [x for x in (a, b) if isinstance(x, Opaque)]
    chosen = next((x for x in parts if x.needed), parts[0])
    update = any(x.kind.startswith(("grad", "update")) for x in parts)
    return chosen.part(at if chosen.code == "program.no-drawing" else chosen.at, kind="update" if update else "")


# ── Statements ───────────────────────────────────────────────────────────────────────────────────────────────────────


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
    if not known:
        m.note("pasted.opaque", f"left out: `{module}` is not a framework that is drawn", node)
    _framework(m, module)
    for alias in node.names:
        bound = alias.asname or alias.name
        if alias.name == "*":
            continue
        value = frameworks.member(Module(module), alias.name) if known else _unknown(f"{module}.{alias.name}", node)
        if isinstance(value, Special) and value.rule == "unknown" and known:
            value = Module(f"{module}.{alias.name}") if alias.name.islower() else value
        _bind(names, functions, bound, value)


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
    if name:
        text = f"the class `{name}` cannot be drawn: paste the mathematics of its call, such as `h = tanh(x @ W + b)`"
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
            _stepping(m, step[2])
        m.note("pasted.opaque", f"left out: setting `.{name}` does not change the circuit", m.statement_at)
        return
    m.fail(
        "syntax.unsupported", "an attribute cannot be assigned: give the value a name of its own", step[2], hint="y = x"
    )


def updated(m: "Machine", step: "Step") -> None:
    """`w.data -= lr * w.grad`: a step of training."""
    stack = m.frame.stack
    stack.pop()
    stack.pop()
    _stepping(m, step[2])
    m.note("pasted.opaque", "left out: this step of training does not change the circuit before it", step[2])


def _stepping(m: "Machine", at: Any) -> None:
    """Weights change here; in a loop that means a circuit for each turn with other weights."""
    for frame in m.frames:
        for state in frame.loops:
            if state.total > 1:
                raise fail(
                    "program.no-drawing",
                    TRAINING,
                    m.places.span(state.statement.at.iter if hasattr(state.statement.at, "iter") else at),
                )


# ── Inputs ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def watch(m: "Machine", value: Held) -> None:
    """A gradient is asked of a constant: it is an input after all (the program is lowered again, knowing that)."""
    if isinstance(value, Detached):
        value = value.of
    if isinstance(value, Listing):
        for item in value.items:
            watch(m, item)
    elif isinstance(value, Number):
        for name, held in m.program.names.items():
            if held is value:
                m.knowledge.watched.add(name)


def _leaf(m: "Machine", kind: str, value: Held, named: dict[str, Held], step: "Step") -> Held:
    """A value that a framework makes: within an assignment that is free of names its default, elsewhere an input."""
    label = named.get("name", named.get("label"))
    if isinstance(label, Text):
        m.leaf_label = label.value
    if kind == "variable" or _true(named.get("requires_grad")):
        m.leaf_kind = "input"
        if not m.leaf:
            return _fresh(m, value, step)
    elif m.leaf_kind is None:
        m.leaf_kind = kind
    return value


def _fresh(m: "Machine", value: Held, step: "Step") -> Held:
    """An input where no assignment of the program's makes one: in a function, in an expression."""
    if type(value) is int or isinstance(value, Opaque):
        return value
    statement = m.frame.statement
    name = statement.assigns[0] if statement is not None and len(statement.assigns) == 1 else "v"
    numbers = m.numbers(value)
    if numbers is None:
        found = number(m, m.node(value, step[2]))
        numbers = found if found is not None else 1.0
    if m.frame is not m.program or name in m.program.names:
        name = m.fresh(name)
    return m.input(name, m.given.get(name, array_of(numbers)), step[2])


def _true(value: Held) -> bool:
    return isinstance(value, Number) and bool(value.value)


def _tensor(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`torch.tensor(2.)`, `tf.constant(2.)`: a constant where a gradient is asked for somewhere."""
    if not given:
        given = [named[k] for k in ("data", "value", "object", "initial_value") if k in named][:1]
    if not given:
        raise fail(
            "call.arguments",
            f"`{callee.path}` takes a value: it is written `{callee.path}([1., 2.])`",
            hint=f"{callee.path}([1., 2.])",
        )
    value = given[0]
    if (
        len(given) > 1
        and all(isinstance(v, Number) and v.integer is not None for v in given)
        and callee.path.endswith("Tensor")
    ):
        value = m.make(CATALOGUE["zeros"], [], step[2], step[4], {"shape": tuple(v.integer for v in given)})
    return _leaf(m, "constant", value, named, step)


def _variable(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    value = given[0] if given else named.get("initial_value", named.get("data", Number(1.0, step[2])))
    return _leaf(m, "variable", value, named, step)


def _old_variable(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    value = given[0] if given else Number(1.0, step[2])
    m.leaf_kind = None if m.leaf else m.leaf_kind
    return _leaf(m, "variable" if _true(named.get("requires_grad")) else "constant", value, named, step)


def _get_variable(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    shape = named.get("shape", given[1] if len(given) > 1 else None)
    sizes = m.exact(shape, step[2]) if shape is not None else ()
    if isinstance(given[0] if given else None, Text):
        named = {"name": given[0], **named}
    start = named.get("initializer")
    value: Held = Number(1.0, step[2])
    if isinstance(start, Number | Listing) or type(start) is int:
        value = start
    elif sizes:
        from app.lang.calls import stream

        sizes = sizes if isinstance(sizes, tuple) else (sizes,)
        value = m.make(CATALOGUE["randn"], [], step[2], step[4], {"shape": sizes, "stream": stream(m)}, share=False)
    return _leaf(m, "variable", value, named, step)


def _placeholder(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    m.leaf_kind = "placeholder"
    label = named.get("name")
    if isinstance(label, Text):
        m.leaf_label = label.value
    if not m.leaf:
        return _fresh(m, Number(1.0, step[2]), step)
    return Number(1.0, step[2])


def _array(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    if not given:
        raise fail(
            "call.arguments",
            f"`{callee.path}` takes a list: it is written `{callee.path}([1., 2.])`",
            hint=f"{callee.path}([1., 2.])",
        )
    return given[0]


def _value(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """micrograd's Value."""
    m.pasted = True
    m.framework = m.framework or "torch"
    if len(given) > 1 and "label" not in named and isinstance(given[-1], Text):
        named = {"label": given[-1], **named}
    return _leaf(m, "variable", given[0] if given else Number(1.0, step[2]), named, step)


# ── Gradients that are asked for ─────────────────────────────────────────────────────────────────────────────────────


def ask(m: "Machine", output: Held, seed: Held, at: Any) -> int:
    """Makes `output` the node to differentiate, by `seed`."""
    if isinstance(output, Listing) and len(output.items) > 1:
        total: Any = m.operand(output.items[0], at)
        for position, item in enumerate(output.items[1:]):
            total = m.make(CATALOGUE["add"], [total, m.operand(item, at)], at, ("asked", position))
        output = total
    elif isinstance(output, Listing) and len(output.items) == 1:
        output = output.items[0]
    if isinstance(output, Opaque):
        if not output.needed:
            m.fail("program.no-drawing", f"{output.what} cannot be drawn, and a gradient of it is asked for", at)
        m.need(output, at)
    node = m.node(output, at)
    value = None
    if seed is not None and seed is not NOTHING and not isinstance(seed, Opaque):
        if isinstance(seed, Listing) and len(seed.items) == 1 and not m.builder.shapes[node]:
            seed = seed.items[0]
        numbers = m.numbers(seed)
        if numbers is None:
            found = m.operand(seed, at)
            numbers = number(m, found) if type(found) is int else found.value
        if numbers is None:
            raise fail(
                "seed.shape", "the gradient to start from must be a number, or a tensor of numbers", m.places.span(at)
            )
        value = array_of(numbers)
        shape = np.shape(value)
        if shape and shape != m.builder.shapes[node]:
            if np.size(value) == 1:
                value = float(np.reshape(value, ()))
            else:
                raise fail(
                    "seed.shape",
                    f"the gradient to start from has shape {shape}, and the output {m.builder.shapes[node]}",
                    m.places.span(at),
                )
    if not m.frames[1:]:
        m.asked = (node, value, at)
    return node


def _wrt(m: "Machine", output: int, value: Held, at: Any) -> Held:
    """The gradients by one value or a list of them, not nodes yet."""
    if isinstance(value, Opaque):
        return Opaque("a gradient", "grad", "the weights of a model are not in the text: paste its mathematics", at)
    if isinstance(value, Listing):
        return Listing([_wrt(m, output, item, at) for item in value.items], at)
    watch(m, value)
    operand = m.operand(value, at)
    node = operand if type(operand) is int else m.node(operand, at)
    return Asked(output, node, at)


def _gradients(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`tf.gradients(ys, xs, grad_ys=…)`."""
    ys = given[0] if given else named.get("ys")
    xs = given[1] if len(given) > 1 else named.get("xs", Listing([], step[2]))
    seed = named.get("grad_ys", given[2] if len(given) > 2 else None)
    node = ask(m, ys, seed, step[2])
    found = _wrt(m, node, xs, step[2])
    return found if isinstance(found, Listing) else Listing([found], step[2])


def _torch_grad(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`torch.autograd.grad(outputs, inputs, grad_outputs=…)`; torch.func.grad(f) too."""
    ys = given[0] if given else named.get("outputs")
    if isinstance(ys, Ambiguous):
        ys = ys.function
    if isinstance(ys, Function | Known):
        return _jax_grad(m, callee, given, named, step)
    xs = given[1] if len(given) > 1 else named.get("inputs", Listing([], step[2]))
    seed = named.get("grad_outputs", given[2] if len(given) > 2 else None)
    node = ask(m, ys, seed, step[2])
    found = _wrt(m, node, xs, step[2])
    return found if isinstance(found, Listing) else Listing([found], step[2], tuple=True)


def _torch_backward(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    ys = given[0] if given else named.get("tensors")
    seed = named.get("grad_tensors", given[1] if len(given) > 1 else None)
    ask(m, ys, seed, step[2])
    return Opaque("the call of backward", "backward", None, step[2])


def _tape(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    return Opaque("a tape", "tape", None, step[2])


def _context(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    return Opaque("a context", "context", None, step[2])


def _no_grad(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    return Opaque("no_grad", "no_grad", None, step[2])


def _decorator(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`jax.jit(f)` is f; `@partial(jax.jit, …)` and `tf.function(…)` are nothing."""
    if given and isinstance(given[0], Ambiguous):
        return given[0].function
    return given[0] if given else Opaque("a decorator", "decorator", None, step[2])


def _jax_grad(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`jax.grad(f, argnums=…)`."""
    function = given[0] if given else named.get("fun")
    if isinstance(function, Ambiguous) and not isinstance(function.function, Module):
        function = function.function
    if isinstance(function, Opaque):
        return function
    if not isinstance(function, Function | Known | Gradient):
        raise fail(
            "call.arguments",
            f"`{callee.path}` takes a function: it is written `{callee.path}(f)(x)`",
            hint=f"{callee.path}(f)",
        )
    numbers = named.get("argnums", named.get("argnum", given[1] if len(given) > 1 else None))
    exact = 0 if numbers is None else m.exact(numbers, step[2])
    if exact is None:
        raise fail("type.integer", "`argnums` is an integer, or several")
    return Gradient(
        function, exact if isinstance(exact, tuple) else (exact,), not isinstance(exact, tuple), callee.rule == "value_and_grad",
        _true(named.get("has_aux")),
    )  # fmt: skip


def differentiate(
    m: "Machine", wanted: Gradient, given: list[Held], named: dict[str, Held], step: "Step", then: Any = None
) -> Any:
    """`jax.grad(f)(2., 3.)`: f is called; what it returns is the output, and its arguments are inputs."""
    from app.lang.calls import inline, operate
    from app.lang.machine import SWITCH

    at = step[2]
    inner = wanted.function
    while isinstance(inner, Gradient):
        inner = inner.function
    names = list(inner.parameters) if isinstance(inner, Function) else [p.name for p in inner.operator.parameters]
    if then is None:
        given = [_argument(m, value, names[i] if i < len(names) else f"x{i}", at) for i, value in enumerate(given)]
        named = {name: _argument(m, value, name, at) for name, value in named.items()}
    arguments = [*given, *[named[n] for n in names[len(given) :] if n in named]]

    def finish(result: Held) -> Held:
        auxiliary: Held = None
        if wanted.auxiliary and isinstance(result, Listing) and len(result.items) == 2:
            result, auxiliary = result.items
        node = ask(m, result, None, at)
        if m.builder.shapes[node]:
            raise fail(
                "grad.scalar", f"`grad` differentiates a scalar, and `{getattr(inner, 'name', 'f')}` returns shape {m.builder.shapes[node]}: sum it",
                m.places.span(at), hint="sum(…)",
            )  # fmt: skip
        found: list[Held] = []
        for index in wanted.argnums:
            if not -len(arguments) <= index < len(arguments):
                raise fail("call.arguments", f"there is no argument {index} to differentiate by", m.places.span(at))
            found.append(_wrt(m, node, arguments[index], at))
        gradients: Held = found[0] if wanted.single else Listing(found, at, tuple=True)
        if wanted.valued:
            gradients = Listing([result, gradients], at, tuple=True)
        elif auxiliary is not None:
            gradients = Listing([gradients, auxiliary], at, tuple=True)
        return then(gradients) if then is not None else gradients

    if isinstance(wanted.function, Gradient):
        return differentiate(m, wanted.function, given, named, step, finish)
    if isinstance(wanted.function, Function):
        return inline(m, wanted.function, given, named, step, finish)
    result = operate(m, wanted.function.operator, given, named, wanted.function.framework, step, wanted.function.name)
    if result is SWITCH:
        m.frame.after = finish
        return SWITCH
    return finish(result)


def _argument(m: "Machine", value: Held, name: str, at: Any) -> Held:
    """A literal given to a gradient is an input, named as the argument."""
    if isinstance(value, Ambiguous):
        value = m.operand(value, at)
    if m.frame is not m.program or isinstance(value, Opaque | Text | Function | Known) or type(value) is int:
        return value
    if isinstance(value, Number) and value.home is not None and value.node is not None:
        return value
    numbers = m.numbers(value)
    if numbers is None or isinstance(numbers, bool):
        return value
    watch(m, value)
    return m.leaf_input(name, numbers, getattr(value, "at", None) or at)


def opaque_call(m: "Machine", callee: Opaque, given: list[Held], named: dict[str, Held], step: "Step") -> Any:
    """A call of something opaque, or of a part of it."""
    at = step[2]
    kind = callee.kind
    last = kind.rpartition(".")[2]
    if kind == "tape.gradient":
        node = ask(
            m,
            given[0] if given else named.get("target"),
            named.get("output_gradients", given[2] if len(given) > 2 else None),
            at,
        )
        return _wrt(m, node, given[1] if len(given) > 1 else named.get("sources", Listing([], at)), at)
    if kind == "tape.watch":
        for value in given:
            watch(m, value)
        return Opaque("a watch", "watch", None, at)
    if kind in {"tape.jacobian", "tape.batch_jacobian"}:
        raise fail(
            "program.no-drawing",
            "a Jacobian is many gradients: ask for one, as in `grad(sum(y), x)`",
            m.places.span(at),
        )
    if last in {"compute_gradients", "minimize"} and (kind.startswith("optimizer") or given):
        first = given[0] if given else named.get("loss")
        if (isinstance(first, Ambiguous) and isinstance(first.function, Function)) or isinstance(first, Function):
            function = first.function if isinstance(first, Ambiguous) else first
            from app.lang.calls import inline

            def finish(result: Held) -> Held:
                ask(m, result, None, at)
                return Opaque("an optimizer's step", "asked", None, at)

            return inline(m, function, [], {}, step, finish)
        node = ask(m, first, named.get("grad_loss"), at)
        if last == "minimize":
            return Opaque("an optimizer's step", "asked", None, at)
        variables = given[1] if len(given) > 1 else named.get("var_list")
        if variables is None:
            return Opaque("gradients", "asked", None, at)
        items = variables.items if isinstance(variables, Listing) else [variables]
        return Listing([Listing([_wrt(m, node, v, at), v], at, tuple=True) for v in items], at)
    if last in {"step", "apply_gradients"} and kind.split(".")[0] == "optimizer":
        _stepping(m, at)
    if last == "backward" and not kind.startswith(("tape", "grad")):
        m.need(callee, at)
    feed = named.get("feed_dict")
    if feed is None and last in {"run", "eval"} and len(given) > 1 and isinstance(given[1], Opaque):
        feed = given[1]
    if isinstance(feed, Opaque):
        _feed(m, feed)
    found = callee.part(at if callee.code == "program.no-drawing" else callee.at, kind=_called(kind, callee))
    if found.needed is None:
        for value in given:
            if isinstance(value, Opaque) and value.needed:
                found.needed, found.code, found.hint = value.needed, value.code, value.hint
    return found


def _called(kind: str, callee: Opaque) -> str:
    """The kind of what a call of something opaque gives."""
    if kind == "context" and callee.what == "a session":
        return "session"
    head = kind.split(".", maxsplit=1)[0]
    return head if kind in {"optimizer", "model", "data", "import", "type", "device", "no_grad"} else ""


def _feed(m: "Machine", feed: Opaque) -> None:
    """`feed_dict`: values of placeholders."""
    for placeholder, value in feed.items.values():
        state = m.by_node.get(placeholder) if type(placeholder) is int else None
        if isinstance(placeholder, Ambiguous):
            state = m.inputs.get(placeholder.name)
        numbers = m.numbers(value)
        if numbers is None and not isinstance(value, Opaque):
            operand = m.operand(value)
            numbers = number(m, operand) if type(operand) is int else operand.value
            if type(operand) is int and operand in m.by_node:
                numbers = m.by_node[operand].value
        if state is None or numbers is None:
            continue
        found = array_of(numbers)
        if np.shape(found) == np.shape(state.value) and state.assumed:
            state.value, state.assumed = found, False
        m.knowledge.fed[state.name] = found


def opaque_attribute(owner: Opaque, name: str, at: Any) -> Held:
    """A part of something opaque."""
    if owner.kind == "import":
        return owner
    return owner.part(
        at if owner.code == "program.no-drawing" else owner.at,
        kind=f"{owner.kind}.{name}" if owner.kind else f".{name}",
    )


# ── Attributes and methods of values ─────────────────────────────────────────────────────────────────────────────────


def value_attribute(m: "Machine", owner: Held, name: str, at: Any) -> Held:
    if name == "data":
        return Detached(owner, at)
    if name == "grad":
        m.pasted = True
        return Opaque(
            "a gradient",
            "grad",
            "a gradient that was accumulated cannot be used further: ask for it by `grad(y, x)`",
            at,
        )
    if name in {"real", "value", "values_"}:
        return owner
    return Opaque(f"`.{name}`", "type", None, at)


ATTRIBUTES = frozenset(
    [
        "data",
        "grad",
        "grad_fn",
        "is_leaf",
        "requires_grad",
        "dtype",
        "device",
        "name",
        "label",
        "op",
        "graph",
        "real",
        "_prev",
        "_op",
        "_backward",
        "__name__",
        "is_cuda",
        "itemsize",
        "nbytes",
        "flat",
        "strides",
        "trainable",
    ]
)


def _backward(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`y.backward(gradient=…)`."""
    seed = named.get("gradient", given[0] if given else None)
    if len(m.frames) == 1 and any(state.total > 1 for state in m.frame.loops) and m.steps_in_loops:
        _stepping(m, step[2])
    ask(m, owner, seed, step[2])
    return Opaque("the call of backward", "backward", None, step[2])


def _pass(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`.float()`, `.to(…)`: the value itself."""
    if name in {"requires_grad_", "requires_grad"}:
        watch(m, owner)
        if m.leaf:
            m.leaf_kind = "input"
    return owner


def _detach(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`.item()`, `.numpy()`: a `detach` where mathematics follows."""
    if isinstance(owner, Opaque | Detached):
        return owner
    return Detached(owner, step[2])


def _detached(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    if isinstance(owner, Number | Listing):
        return owner
    return m.make(CATALOGUE["stop_gradient"], [m.operand(owner, step[2])], step[2], step[4])


def _nothing(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    return Opaque(f"`.{name}`", "", None, step[2])


def _size(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    shape = m.shape(m.operand(owner, step[2]))
    if name in {"dim", "ndimension", "ndims"}:
        return Number(len(shape), step[2])
    if name in {"numel", "nelement"}:
        return Number(int(np.prod(shape, dtype=object)), step[2])
    if given:
        axis = m.integer(given[0], step[2])
        if not -len(shape) <= axis < len(shape):
            raise fail("shape.axis", f"there is no axis {axis}: the shape is {shape}")
        return Number(shape[axis], step[2])
    return Listing([Number(n, step[2]) for n in shape], step[2], tuple=True)


def _like(m: "Machine", owner: Held, name: str, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`x.view_as(y)`, `x.expand_as(y)`."""
    shape = m.shape(m.operand(given[0], step[2])) if given else ()
    operator = CATALOGUE["broadcast_to" if name == "expand_as" else "reshape"]
    return m.make(operator, [m.operand(owner, step[2])], step[2], step[4], {"shape": shape})


METHODS: dict[str, Any] = {
    "backward": _backward, **dict.fromkeys(
        ["float", "double", "half", "to", "cpu", "cuda", "type", "astype", "clone", "contiguous", "requires_grad_", "copy", "type_as", "read_value", "value", "initialized_value", "block_until_ready", "set_shape", "stop_recording", "long", "int"], _pass
    ), **dict.fromkeys(["item", "numpy", "tolist", "eval"], _detach), "detach": _detached, "detach_": _detached,
    **dict.fromkeys(["retain_grad", "zero_grad", "zero_", "register_hook", "assign", "assign_sub", "assign_add", "get_shape", "__len__"], _nothing),
    **dict.fromkeys(["size", "dim", "ndimension", "numel", "nelement"], _size), "view_as": _like, "expand_as": _like, "reshape_as": _like,
}  # fmt: skip


def stopped(m: "Machine", value: Held, at: Any) -> Held:
    """The value with its gradient stopped."""
    return m.make(CATALOGUE["stop_gradient"], [value], at, "stop") if type(value) is int else value


# ── Modules without weights, and losses that are written in operators ────────────────────────────────────────────────


def _module(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`nn.ReLU()`, `nn.CrossEntropyLoss()`: their function. `fixed` holds what they were made with."""
    name = callee.path.rpartition(".")[2]
    operator = frameworks.named(frameworks.MODULES[name], callee.framework)
    if operator is None:
        raise fail(
            "program.no-drawing", f"`{callee.path}` is not known here: write what it computes", m.places.span(step[2])
        )
    attributes = [p for p in operator.parameters if p.role == "attribute" or (p.default is not None and not p.required)]
    fixed = [
        (p.name, value)
        for p, value in zip([p for p in attributes if not p.required or p.role == "attribute"], given, strict=False)
    ]
    return Known(operator, callee.framework, callee.path, (*fixed, *named.items()))  # type: ignore[arg-type]


def _initializer(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`tf.constant_initializer(3.0)` is its value."""
    if "zeros" in callee.path.lower():
        return Number(0.0, step[2])
    if "ones" in callee.path.lower():
        return Number(1.0, step[2])
    return given[0] if given else named.get("value", Number(1.0, step[2]))


def _like_this(m: "Machine", callee: Special, given: list[Held], named: dict[str, Held], step: "Step") -> Any:
    """`zeros_like(x)`: a maker by the shape of a value."""
    from app.lang.calls import operate

    name = callee.path.rpartition(".")[2].removesuffix("_like")
    if not given:
        raise fail(
            "call.arguments", f"`{name}_like` takes a tensor: it is written `{name}_like(x)`", hint=f"{name}_like(x)"
        )
    if isinstance(given[0], Opaque):
        return given[0]
    shape = m.shape(m.operand(given[0], step[2]))
    sizes = Listing([Number(n, step[2]) for n in shape], step[2], tuple=True)
    return operate(m, CATALOGUE[name], [sizes, *given[1:]], named, callee.framework, step, f"{name}_like")


SPECIAL: dict[str, Any] = {
    "initializer": _initializer, "like": _like_this,
    "tensor": _tensor, "variable": _variable, "old_variable": _old_variable, "get_variable": _get_variable, "placeholder": _placeholder,
    "array": _array, "value": _value, "gradients": _gradients, "torch_grad": _torch_grad, "torch_backward": _torch_backward, "tape": _tape,
    "context": _context, "no_grad": _no_grad, "decorator": _decorator, "jax_grad": _jax_grad, "value_and_grad": _jax_grad, "module": _module,
}  # fmt: skip
