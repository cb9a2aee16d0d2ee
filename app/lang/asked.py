"""Gradients that a pasted program asks its framework for: they say which node is the output."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from app.diagnostics import Form, ProgramError, fail
from app.lang import dictionaries
from app.lang.frames import SWITCH
from app.lang.frameworks import UNDRAWN
from app.lang.functions import inline
from app.lang.jacobians import jacobian
from app.lang.known import number
from app.lang.makers import random, watch
from app.lang.opaque import stepping, true
from app.lang.operators import operate
from app.lang.values import (
    NOTHING,
    Ambiguous,
    Asked,
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
)
from app.ops.catalogue import CATALOGUE

if TYPE_CHECKING:
    from app.lang.code import Step
    from app.lang.machine import Machine


def ask(m: "Machine", output: Held, seed: Held, at: Any, *, adds: bool = False) -> int:
    """Makes `output` the node to differentiate, by `seed`: the last such call decides. `adds`: where it runs, its
    gradients add to those that were asked for before, as PyTorch's do until they are set to zero; that is said."""
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
            numbers = number(m, found) if isinstance(found, int) else found.value
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
    inside = len(m.frames) > 1
    before = m.asked_inside if inside else m.asked
    if adds and m.adding and before is not None:
        m.note("pasted.earlier", "the last `backward` decides; where this runs, its gradients add to those of the one "
               "before, as those of `(a + b).backward()` do", at)  # fmt: skip
    m.adding = adds
    if inside:
        m.asked_inside = (node, value, at)
    else:
        m.asked = (node, value, at)
    return node


def by(m: "Machine", output: int, value: Held, at: Any, *, summed: bool = False) -> Held:
    """The gradients by one value, a list or a dictionary of them, not nodes yet."""
    if isinstance(value, Opaque) and value.kind == "dictionary":
        pairs = [(k, by(m, output, item, at, summed=summed)) for k, item in value.items.values() if type(item) is int]
        return dictionaries.made(pairs, at)
    if isinstance(value, Opaque):
        return Opaque("a gradient", "grad", "the weights of a model are not in the text: paste its mathematics", at)
    if isinstance(value, Listing):
        return Listing([by(m, output, item, at, summed=summed) for item in value.items], at)
    watch(m, value)
    operand = m.operand(value, at)
    node = operand if type(operand) is int else m.node(operand, at)
    return Asked(output, node, at, summed=summed)


def gradients(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`tf.gradients(ys, xs, grad_ys=…)`."""
    ys = given[0] if given else named.get("ys")
    xs = given[1] if len(given) > 1 else named.get("xs", Listing([], step[2]))
    seed = named.get("grad_ys", given[2] if len(given) > 2 else None)
    node = ask(m, ys, seed, step[2])
    found = by(m, node, xs, step[2])
    return found if isinstance(found, Listing) else Listing([found], step[2])


def torch_grad(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`torch.autograd.grad(outputs, inputs, grad_outputs=…)`; torch.func.grad(f) too."""
    ys = given[0] if given else named.get("outputs")
    if isinstance(ys, Ambiguous):
        ys = ys.function
    if isinstance(ys, Function | Known):
        return jax_grad(m, callee, given, named, step)
    xs = given[1] if len(given) > 1 else named.get("inputs", Listing([], step[2]))
    seed = named.get("grad_outputs", given[2] if len(given) > 2 else None)
    node = ask(m, ys, seed, step[2])
    found = by(m, node, xs, step[2])
    return found if isinstance(found, Listing) else Listing([found], step[2], tuple=True)


def torch_backward(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    ys = given[0] if given else named.get("tensors")
    seed = named.get("grad_tensors", given[1] if len(given) > 1 else None)
    ask(m, ys, seed, step[2], adds=True)
    return Opaque("the call of backward", "backward", None, step[2])


def tape(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    return Opaque("a tape", "tape", None, step[2])


def context(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    return Opaque("a context", "context", None, step[2])


def no_grad(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    return Opaque("no_grad", "no_grad", None, step[2])


def decorator(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`jax.jit(f)` is f; `@partial(jax.jit, …)` and `tf.function(…)` are nothing."""
    if given and isinstance(given[0], Ambiguous):
        return given[0].function
    return given[0] if given else Opaque("a decorator", "decorator", None, step[2])


def jax_grad(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
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
            hint=Form(f"{callee.path}(f)"),
        )
    numbers = named.get("argnums", named.get("argnum", given[1] if len(given) > 1 else None))
    exact = 0 if numbers is None else m.exact(numbers, step[2])
    if exact is None:
        raise fail("type.integer", "`argnums` is an integer, or several")
    return Gradient(
        function, exact if isinstance(exact, tuple) else (exact,), not isinstance(exact, tuple),
        callee.rule == "value_and_grad",
        true(named.get("has_aux")),
        callee.path.endswith("elementwise_grad"),
    )  # fmt: skip


def jacobian_of(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`jax.jacobian(f)`, `jax.hessian(f)`; PyTorch's `jacobian(f, x)` at once."""
    wanted = jax_grad(m, callee, given[:1], named, step)
    if not isinstance(wanted, Gradient):
        return wanted
    if callee.path.endswith("hessian"):
        wanted = replace(wanted, function=Gradient(wanted.function, wanted.argnums, wanted.single))
    wanted = replace(wanted, jacobian=True)
    if len(given) < 2 or "functional" not in callee.path:
        return wanted
    points = list(given[1].items) if isinstance(given[1], Listing) and given[1].tuple else [given[1]]
    if isinstance(given[1], Listing) and given[1].tuple:
        wanted = replace(wanted, argnums=tuple(range(len(points))), single=False)
    return differentiate(m, wanted, points, {}, step)


def mapped(m: "Machine", callee: Any, given: list[Held], named: dict[str, Held], step: "Step") -> Held:
    """`jax.vmap(f)`: f itself, where it turns out to work on each element alone."""
    function = given[0] if given else named.get("fun")
    if isinstance(function, Ambiguous) and not isinstance(function.function, Module):
        function = function.function
    axes = named.get("in_axes", given[1] if len(given) > 1 else None)
    if not isinstance(function, Function | Known | Gradient) or (axes is not None and m.exact(axes, step[2]) != 0):
        raise no_map(m, callee.path, step[2])
    if isinstance(function, Gradient):
        return replace(_each(function), mapped=True)
    return Gradient(function, (0,), True, mapped=True, plain=True)


def _each(wanted: Gradient) -> Gradient:
    """A gradient of numbers as that of each element, at any depth."""
    inner = wanted.function
    return replace(wanted, summed=True, function=_each(inner) if isinstance(inner, Gradient) else inner)


def no_map(m: "Machine", path: str, at: Any) -> ProgramError:
    """What `vmap` cannot do here. Code: program.no-drawing."""
    text = f"`{path}` cannot be drawn here: {UNDRAWN['vmap']}"
    return fail("program.no-drawing", text, m.places.span(m.place or at))


def alone(m: "Machine", result: int, arguments: list[Held]) -> bool:
    """Whether a result is made of its arguments element by element."""
    builder = m.builder
    given = {value for value in arguments if type(value) is int}
    needed: set[int] = set()
    waiting = [result]
    while waiting:
        part = waiting.pop()
        if part not in needed and part not in given:
            needed.add(part)
            waiting += builder.operands[part]
    made = set(given)
    for part in sorted(needed):
        if any(x in made for x in builder.operands[part]):
            if builder.operators[part].family != "elementwise":
                return False
            made.add(part)
    return all(builder.shapes[value] in {(), builder.shapes[result]} for value in given)


def differentiate(
    m: "Machine", wanted: Gradient, given: list[Held], named: dict[str, Held], step: "Step", then: Any = None
) -> Any:
    """`jax.grad(f)(2., 3.)`: f is called; what it returns is the output, and its arguments are inputs."""
    at = step[2]
    inner = wanted.function
    while isinstance(inner, Gradient):
        inner = inner.function
    names = list(inner.parameters) if isinstance(inner, Function) else [p.name for p in inner.operator.parameters]
    if then is None:
        given = [_argument(m, value, names[i] if i < len(names) else f"x{i}", at) for i, value in enumerate(given)]
        named = {name: _argument(m, value, name, at) for name, value in named.items()}
    arguments = [*given, *[named[n] for n in names[len(given) :] if n in named]]

    before = m.asked

    def finish(result: Held) -> Held:
        auxiliary: Held = None
        if wanted.auxiliary and isinstance(result, Listing) and len(result.items) == 2:
            result, auxiliary = result.items
        if wanted.mapped:
            value = m.derivative(result) if isinstance(result, Asked) else result
            if type(value) is not int or not alone(m, value, arguments):
                raise no_map(m, "vmap", at)
        if wanted.plain:
            return then(result) if then is not None else result
        if wanted.jacobian:  # itself the output: what its rows ask for is not
            m.asked = before
            rows = [
                jacobian(m, m.node(result, at), wrt_of(m, arguments, index, at), at, (step[4], index))
                for index in wanted.argnums
            ]
            return then(rows[0]) if then is not None else rows[0] if wanted.single else Listing(rows, at, tuple=True)
        node = ask(m, result, None, at)
        if m.builder.shapes[node] and not wanted.summed:
            raise fail(
                "grad.scalar", f"`grad` differentiates a scalar, and `{getattr(inner, 'name', 'f')}` returns shape "
                f"{m.builder.shapes[node]}: sum it",
                m.places.span(at), hint=Form("sum(…)"),
            )  # fmt: skip
        found = [by(m, node, _by(m, arguments, index, at), at, summed=wanted.summed) for index in wanted.argnums]
        gradients: Held = found[0] if wanted.single else Listing(found, at, tuple=True)
        if wanted.valued:
            value = result if auxiliary is None else Listing([result, auxiliary], at, tuple=True)
            gradients = Listing([value, gradients], at, tuple=True)
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


def _by(m: "Machine", arguments: list[Held], index: int, at: Any) -> Held:
    """The argument to differentiate by. Errors: call.arguments."""
    if not -len(arguments) <= index < len(arguments):
        raise fail("call.arguments", f"there is no argument {index} to differentiate by", m.places.span(at))
    return arguments[index]


def wrt_of(m: "Machine", arguments: list[Held], index: int, at: Any) -> int:
    """The same as a node."""
    value = _by(m, arguments, index, at)
    watch(m, value)
    return m.node(m.operand(value, at), at)


def _argument(m: "Machine", value: Held, name: str, at: Any) -> Held:
    """A literal given to a gradient is an input, named as the argument."""
    if isinstance(value, Ambiguous):
        value = m.operand(value, at)
    if m.frame is not m.program or isinstance(value, Opaque | Text | Function | Known):
        return value
    if type(value) is int:
        return _made_of_constants(m, value, name, at)
    if isinstance(value, Listing) and m.numbers(value) is None:  # layers, each a list of weights
        items = [_argument(m, item, f"{name}[{i}]", at) for i, item in enumerate(value.items)]
        return Listing(items, value.at, tuple=value.tuple, step=value.step)
    if isinstance(value, Number) and value.home is not None and value.node is not None:
        return value
    numbers = m.numbers(value)
    if numbers is None or isinstance(numbers, bool):
        return value
    watch(m, value)
    return m.leaf_input(name, numbers, getattr(value, "at", None) or at)


def _made_of_constants(m: "Machine", node: int, name: str, at: Any) -> int:
    """Weights that a function of the program made: an input with that value, since a gradient is asked of them."""
    found = None if m.builder.differentiable[node] else number(m, node)
    if found is None:
        return node
    m.apart.append((node, node + 1))
    made: int = m.leaf_input(name, found, at)
    return made


def opaque_call(m: "Machine", callee: Opaque, given: list[Held], named: dict[str, Held], step: "Step") -> Any:
    """A call of something opaque, or of a part of it."""
    at = step[2]
    kind = callee.kind
    last = kind.rpartition(".")[2]
    if kind.startswith("generator.") and last in GENERATED:
        rule = GENERATED[last]
        if rule in {"normal", "uniform"}:
            return random(m, Special(rule, f"rng.{last}", "numpy"), given, named, step)
        return operate(m, CATALOGUE[rule], given, named, "numpy", step, f"rng.{last}")
    if kind == "tape.gradient":
        node = ask(
            m,
            given[0] if given else named.get("target"),
            named.get("output_gradients", given[2] if len(given) > 2 else None),
            at,
        )
        return by(m, node, given[1] if len(given) > 1 else named.get("sources", Listing([], at)), at)
    if kind == "tape.watch":
        for value in given:
            watch(m, value)
        return Opaque("a watch", "watch", None, at)
    if kind == "tape.jacobian" and len(given) == 2 and not isinstance(given[1], Listing):
        return jacobian(m, m.node(given[0], at), wrt_of(m, given, 1, at), at, step[4])
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
        return Listing([Listing([by(m, node, v, at), v], at, tuple=True) for v in items], at)
    if last in {"step", "apply_gradients"} and kind.split(".")[0] == "optimizer":
        stepping(m, at)
    if last in ZEROED:
        m.adding = False
    if last == "backward" and not kind.startswith(("tape", "grad")):
        m.need(callee, at)
    if last in {"run", "eval"} and len(given) > 1 and isinstance(given[1], Opaque):
        take_feed(m, given[1])
    found = callee.part(at if callee.code == "program.no-drawing" else callee.at, kind=_called(kind, callee))
    parts = [item for value in given for item in (value.items if isinstance(value, Listing) else [value])]
    if found.needed is None or callee.what == "`Sequential`":  # says which part it is
        for value in parts:
            if isinstance(value, Opaque) and value.needed:
                found.needed, found.code, found.hint = value.needed, value.code, value.hint
    return found


# What sets gradients to zero, so that the next `backward` begins anew.
ZEROED = frozenset({"zero_grad", "zero_", "fill_"})
# The methods of NumPy's generators: the rule or the maker that draws their numbers.
GENERATED: dict[str, str] = {
    "normal": "normal", "uniform": "uniform", "standard_normal": "randn", "randn": "randn", "random": "rand",
    "rand": "rand", "random_sample": "rand", "integers": "randint", "randint": "randint",
}  # fmt: skip


def _called(kind: str, callee: Opaque) -> str:
    """The kind of what a call of something opaque gives."""
    if kind == "context" and callee.what == "a session":
        return "session"
    head = kind.split(".", maxsplit=1)[0]
    return head if kind in {"optimizer", "model", "data", "import", "type", "device", "no_grad", "generator"} else ""


def take_feed(m: "Machine", feed: Opaque) -> None:
    """`feed_dict`: values of placeholders."""
    for placeholder, value in feed.items.values():
        state = m.by_node.get(placeholder) if type(placeholder) is int else None
        if isinstance(placeholder, Ambiguous):
            state = m.inputs.get(placeholder.name)
        numbers = m.numbers(value)
        if numbers is None and not isinstance(value, Opaque):
            operand = m.operand(value)
            numbers = number(m, operand) if isinstance(operand, int) else operand.value
            if type(operand) is int and operand in m.by_node:
                numbers = m.by_node[operand].value
        if state is None or numbers is None:
            continue
        found = array_of(numbers)
        if np.shape(found) == np.shape(state.value) and state.assumed:
            state.value, state.assumed = found, False
        m.knowledge.fed[state.name] = found
