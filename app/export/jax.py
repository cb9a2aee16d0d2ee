"""The circuit as a JAX program: a function of the inputs, differentiated by `jax.vjp`."""

from collections.abc import Mapping

import numpy as np

from app.export import Format, Subject
from app.export.code import cases
from app.export.code.listing import Case, Gate, Language, literal, rows, uniform
from app.export.code.names import quoted
from app.export.code.program import Written, biased, call, clipped, joined, like_numpy, many, named, report
from app.ops.algebra import Array


def number(x: float) -> str:
    """A number as JAX counts with it."""
    return f"jnp.float64({x!r})" if x - x == 0 else f"jnp.float64({literal(x)})"


def array(value: Array) -> str:
    """An array as JAX makes one."""
    same = uniform(value)
    if same is None:
        return f"jnp.array({rows(value)})" if value.size else f"jnp.zeros({value.shape})"
    return f"jnp.full({value.shape}, {literal(same)})"


def write(subject: Subject) -> str:
    """A program that holds `value` and `grads`, and prints them."""
    written = Written(subject, LANGUAGE)
    listing, program = written.listing, written.program
    listing.write([program.output], kept=named(written), headings=written.headings)
    given = list(written.given())
    inputs = [f"{name} = {text}" for name, text in given]
    names = ", ".join(name for name, _ in given)
    single = isinstance(written.trace.seed, float) and written.trace.seed == 1.0
    order = f"argnums={tuple(range(len(given)))}" if len(given) != 1 else "argnums=(0,)"
    if not given:
        result = ["value, found = f(), ()"]
    elif single:
        result = [f"value, found = jax.value_and_grad(f, {order})({names})"]
    else:
        result = [f"value, back = jax.vjp(f, {names})", f"found = back({seed(written)})"]
    prelude = listing.prelude()
    output = written.output()
    entries = "".join(f"{quoted(i.name)}, " for i in program.inputs)
    return joined([
        '"""A circuit\'s value and gradients in JAX."""',
        "",
        "import jax",
        "import jax.numpy as jnp",
        "",
        'jax.config.update("jax_enable_x64", True)',
        "",
        (f"\n{text}\n\n" for text in prelude),
        written.source(),
        *(["# Inputs", *inputs, ""] if inputs else []),
        "",
        f"def f({names}):",
        *(f"    {line}".rstrip() for text in listing.lines for line in text.split("\n")),
        f"    return {output}",
        "",
        "",
        *result,
        f"grads = dict(zip([{entries.rstrip(', ')}], found, strict=True))",
        "",
        *report("print"),
    ])  # fmt: skip


def seed(written: Written) -> str:
    """The output's gradient."""
    given = written.trace.seed
    return "jnp.ones_like(value)" if np.all(np.equal(given, 1.0)) else written.listing.value(given)


# ── What needs code ──────────────────────────────────────────────────────────────────────────────────────────────────


def _abs(gate: Gate) -> str:
    """At 0 the slope is 0; jnp.abs has 1."""
    x = gate.named(0)
    return f"(jnp.sign({x}) * {x})"


def _clip(gate: Gate) -> str:
    """At a bound the slope is 1; jnp.clip shares it."""
    return clipped(gate, "jnp.where")


def _scatter(gate: Gate) -> str:
    return f"jnp.zeros({gate.shape}).at[{cases.index(gate, 'jnp.array')}].add({gate.texts[0]})"


def _convolution(gate: Gate) -> str:
    options = cases.convolution(gate)
    conv, name = gate.helper("conv"), gate.operator.name
    if name in {"conv_input", "conv_weight"}:
        sides = f"x, {gate.named(1)}" if name == "conv_input" else f"{gate.named(1)}, x"
        return f"jax.vjp(lambda x: {conv}({sides}, {options}), jnp.zeros({gate.shape}))[1]({gate.texts[0]})[0]"
    return biased(gate, f"{conv}({gate.texts[0]}, {gate.texts[1]}, {options})", "jnp.reshape")


def _pool(gate: Gate) -> str:
    size, stride, padding = cases.pooling(gate)
    how, name = f"{size}, {stride}, {padding}", gate.operator.name
    pool = gate.helper("avg_pool" if name.startswith("avg") else "max_pool")
    match name:
        case "avg_spread":
            return f"jax.vjp(lambda x: {pool}(x, {how}), jnp.zeros({gate.shape}))[1]({gate.texts[0]})[0]"
        case "pool_spread":
            return f"jax.vjp(lambda x: {pool}(x, {how}), {gate.texts[1]})[1]({gate.texts[0]})[0]"
        case "pool_pick":
            return f"jax.jvp(lambda x: {pool}(x, {how}), ({gate.texts[1]},), ({gate.texts[0]},))[1]"
    return f"{pool}({gate.texts[0]}, {how})"


CASES: Mapping[str, Case] = {
    **like_numpy("jnp"),
    "maximum": many("jnp.maximum({})", "jnp.max(jnp.stack(jnp.broadcast_arrays({})), axis=0)"),
    "minimum": many("jnp.minimum({})", "jnp.min(jnp.stack(jnp.broadcast_arrays({})), axis=0)"),
    "abs": _abs,
    "clip": _clip,
    "index": lambda gate: f"{gate.named(0)}[{cases.index(gate, 'jnp.array')}]",
    "index_add": _scatter,
    **dict.fromkeys(("pick", "take_along_axis", "take"), call("jnp.take({0}, jnp.array({places}))")),
    "norm": call("root(jnp.sum(jnp.square({0}), axis={axis}, keepdims={keepdims}))", "root"),
    "std": call("root(jnp.var({0}, axis={axis}, keepdims={keepdims}, ddof={ddof}))", "root"),
    "prod_others": call("prod_others({0}, {axes})", "prod_others"),
    **dict.fromkeys(("conv1d", "conv2d", "conv_input", "conv_weight"), _convolution),
    **dict.fromkeys(("max_pool2d", "pool_spread", "pool_pick", "avg_pool2d", "avg_spread"), _pool),
}  # fmt: skip

HELPERS: Mapping[str, str] = {
    "root": '''\
def root(x):
    """The square root, with slope 0 at 0."""
    return jnp.where(x == 0, 0.0, jnp.sqrt(jnp.where(x == 0, 1.0, x)))
''',
    "prod_others": '''\
def prod_others(x, axes):
    """For each element the product of all the others along the axes."""
    order = [a for a in range(x.ndim) if a not in axes] + list(axes)
    moved = jnp.transpose(x, order)
    rows = moved.reshape(*moved.shape[: x.ndim - len(axes)], -1)
    own = jnp.eye(rows.shape[-1], dtype=bool)
    others = jnp.prod(jnp.where(own, 1.0, rows[..., None, :]), axis=-1).reshape(moved.shape)
    return jnp.transpose(others, [order.index(a) for a in range(x.ndim)])
''',
    "cofactor": '''\
def cofactor(x):
    """The determinant times the transposed inverse."""
    return jnp.linalg.det(x)[..., None, None] * jnp.swapaxes(jnp.linalg.inv(x), -1, -2)
''',
    "logdet": '''\
def logdet(x):
    """The logarithm of the determinant, NaN where that is negative."""
    sign, size = jnp.linalg.slogdet(x)
    return jnp.where(sign < 0, jnp.nan, size)
''',
    "conv": """\
def conv(x, w, stride, padding, dilation, groups):
    image = x if x.ndim == w.ndim else x[None]
    y = jax.lax.conv_general_dilated(image, w, stride, padding, rhs_dilation=dilation, feature_group_count=groups)
    return y if x.ndim == w.ndim else y[0]
""",
    "max_pool": """\
def max_pool(x, size, stride, padding):
    lead = x.ndim - 2
    window, step = (1,) * lead + size, (1,) * lead + stride
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, step, ((0, 0),) * lead + padding)
""",
    "avg_pool": """\
def avg_pool(x, size, stride, padding):
    lead = x.ndim - 2
    window, step = (1,) * lead + size, (1,) * lead + stride
    return jax.lax.reduce_window(x, 0.0, jax.lax.add, window, step, ((0, 0),) * lead + padding) / (size[0] * size[1])
""",
}

LANGUAGE = Language(
    framework="jax", number=number, array=array, calls=("jnp.", "jax."), cases=CASES, helpers=HELPERS,
    reserved=frozenset({"jax", "jnp", "f", "found", "back"}),
)  # fmt: skip

FORMAT = Format(name="jax", media_type="text/x-python", extension="py", write=write, computes=True)
