"""Optimizer steps on a program's inputs: PyTorch's optimizers, with its names, defaults and formulas (torch.optim)."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from app.autodiff.replay import compile_replay
from app.autodiff.reverse import seeded
from app.diagnostics import fail
from app.graph.program import Program
from app.ops.algebra import Value

Optimizer = Literal["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"]
LEARNING_RATES: Mapping[Optimizer, float] = {
    "sgd": 1e-3, "momentum": 1e-3, "nesterov": 1e-3, "rmsprop": 1e-2, "adagrad": 1e-2, "adam": 1e-3, "adamw": 1e-3,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """An optimizer and its settings; None: PyTorch's default for it (`momentum` 0.9 for momentum and nesterov)."""

    optimizer: Optimizer = "sgd"
    lr: float | None = None
    momentum: float | None = None
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float | None = None
    weight_decay: float | None = None
    alpha: float = 0.99
    dampening: float = 0.0
    lr_decay: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The loss (the output, or ⟨seed, output⟩ of a tensor), the trained inputs and their gradients before the step, and
    what it adds to each."""

    loss: float
    inputs: Mapping[str, Value]
    grads: Mapping[str, Value]
    updates: Mapping[str, Value]


@dataclass(slots=True)
class State:
    """What an optimizer remembers of one input: its step from 1, and its running averages by name."""

    step: int = 0
    kept: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Run:
    """Where a training stands: the values of the inputs that it trains, and what its optimizer remembers of each."""

    values: dict[str, Value] = field(default_factory=dict)
    states: dict[str, State] = field(default_factory=dict)


def train(
    program: Program,
    wrt: Sequence[str],
    steps: int,
    options: Options,
    seed: Value | None = None,
    run: Run | None = None,
) -> Iterator[Step]:
    """The steps, one by one. `wrt` names the inputs to train; all, where it is empty. A `run` is gone on with, and
    stands after each step where that left it. Errors: name.unknown, seed.shape."""
    known = {one.name: one for one in program.inputs}
    for name in wrt:
        if name not in known:
            raise fail("name.unknown", f"the program has no input `{name[:80]}`")
    trained = [known[name] for name in dict.fromkeys(wrt)] or list(program.inputs)
    start = seeded(seed if seed is not None else program.seed, program.graph.shapes[program.output])
    return _steps(program, [(one.name, one.node) for one in trained], steps, options, start, run or Run())


def _steps(
    program: Program, trained: Sequence[tuple[str, int]], steps: int, options: Options, seed: Value, run: Run
) -> Iterator[Step]:
    replay = compile_replay(program.graph, program.output, wanted=[node for _, node in trained])
    values = dict(program.values())
    for name, node in trained:
        values[node] = run.values.get(name, values[node])
    states = {name: run.states.setdefault(name, State()) for name, _ in trained}
    rule = RULES[options.optimizer]
    for _ in range(steps):
        found, grads = replay.numbers([values[node] for node in replay.inputs], seed)
        before = {name: values[node] for name, node in trained}
        slopes = {name: _like(grads[node], values[node]) for name, node in trained}
        updates: dict[str, Value] = {}
        with np.errstate(all="ignore"):
            loss = float(np.sum(np.multiply(found[program.output], seed)))
            for name, node in trained:
                state = states[name]
                state.step += 1
                change = rule(before[name], slopes[name], state, options)
                updates[name] = _like(change, before[name])
                values[node] = run.values[name] = before[name] + updates[name]
        yield Step(loss=loss, inputs=before, grads=slopes, updates=updates)


def _like(change: Any, value: Value) -> Value:
    return np.array(change, dtype=np.float64) if isinstance(value, np.ndarray) else float(change)


def _or(given: float | None, default: float) -> float:
    return default if given is None else given


def _rate(o: Options) -> float:
    return _or(o.lr, LEARNING_RATES[o.optimizer])


def _decayed(p: Any, g: Any, o: Options) -> Any:
    """The gradient with weight decay as an L2 penalty."""
    decay = _or(o.weight_decay, 0.0)
    return g + decay * p if decay else g


def _sgd(p: Any, g: Any, state: State, o: Options) -> Any:
    """torch.optim.SGD: the first step's buffer is the gradient itself."""
    momentum = _or(o.momentum, 0.0 if o.optimizer == "sgd" else 0.9)
    g = _decayed(p, g, o)
    if momentum:
        buffer = state.kept.get("buffer")
        buffer = g if buffer is None else momentum * buffer + (1 - o.dampening) * g
        state.kept["buffer"] = buffer
        g = g + momentum * buffer if o.optimizer == "nesterov" else buffer
    return -_rate(o) * g


def _rmsprop(p: Any, g: Any, state: State, o: Options) -> Any:
    """torch.optim.RMSprop: ε outside the root."""
    g = _decayed(p, g, o)
    square = state.kept["square"] = o.alpha * state.kept.get("square", 0.0) + (1 - o.alpha) * (g * g)
    change = g / (np.sqrt(square) + _or(o.eps, 1e-8))
    momentum = _or(o.momentum, 0.0)
    if momentum:
        change = state.kept["buffer"] = momentum * state.kept.get("buffer", 0.0) + change
    return -_rate(o) * change


def _adagrad(p: Any, g: Any, state: State, o: Options) -> Any:
    """torch.optim.Adagrad."""
    g = _decayed(p, g, o)
    total = state.kept["total"] = state.kept.get("total", 0.0) + g * g
    rate = _rate(o) / (1 + (state.step - 1) * o.lr_decay)
    return -rate * g / (np.sqrt(total) + _or(o.eps, 1e-10))


def _adam(p: Any, g: Any, state: State, o: Options) -> Any:
    """torch.optim.Adam, and AdamW with its decay beside the gradient."""
    decoupled = o.optimizer == "adamw"
    shrink = -_rate(o) * _or(o.weight_decay, 1e-2) * p if decoupled else 0.0
    g = g if decoupled else _decayed(p, g, o)
    first, second = o.betas
    m = state.kept.get("m", 0.0)
    m = state.kept["m"] = m + (1 - first) * (g - m)
    v = state.kept["v"] = second * state.kept.get("v", 0.0) + (1 - second) * (g * g)
    root = np.sqrt(v) / np.sqrt(1 - second**state.step) + _or(o.eps, 1e-8)
    return shrink - _rate(o) / (1 - first**state.step) * (m / root)


RULES: Mapping[Optimizer, Callable[[Any, Any, State, Options], Any]] = {
    "sgd": _sgd,
    "momentum": _sgd,
    "nesterov": _sgd,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adam": _adam,
    "adamw": _adam,
}
