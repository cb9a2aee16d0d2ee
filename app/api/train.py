"""/train: optimizer steps on a program's inputs, with PyTorch's optimizers."""

from typing import Annotated, Any, NamedTuple

from msgspec import Struct
from pydantic import BeforeValidator, Field

from app.analysis.train import Optimizer, Options, Run, train
from app.api.resource import resource
from app.diagnostics import fail
from app.limits import Limits
from app.work.circuit import lowered
from app.work.encoded import EVENTS, JSON, NDJSON, Encoded, encoded, event, line
from app.work.numbers import Number, Speech, Spoken
from app.work.request import Finite, Names, Program, Whole

FIRST = 50  # steps that are answered in one piece

Rate = Annotated[Finite, Field(ge=0)]


def _pair(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


class TrainRequest(Program):
    """What `/train` takes; what is left out is PyTorch's default for that optimizer."""

    wrt: Annotated[Names, Field(description="The inputs to train; all, where it is empty.")] = ()
    optimizer: Optimizer = "sgd"
    steps: Annotated[Whole, Field(ge=0)] = 100
    lr: Rate | None = None
    momentum: Rate | None = None
    betas: Annotated[tuple[Finite, Finite], BeforeValidator(_pair)] = (0.9, 0.999)
    eps: Rate | None = None
    weight_decay: Rate | None = None
    alpha: Rate = 0.99
    dampening: Finite = 0.0
    lr_decay: Rate = 0.0
    max_elements: Annotated[Whole, Field(ge=0)] = 64
    media: str = JSON


class StepAnswer(Struct):
    """The loss, the trained inputs and their gradients before the step, and what it adds."""

    loss: Number
    inputs: dict[str, Spoken]
    grads: dict[str, Spoken]
    updates: dict[str, Spoken]


class TrainAnswer(Struct):
    """The steps in order."""

    steps: list[StepAnswer]


class Begun(NamedTuple):
    """A training that goes on: so many steps are done, and this is how many come next."""

    request: TrainRequest
    done: int
    size: int
    run: Run


def stepped(q: TrainRequest, limits: Limits, count: int, run: Run) -> list[StepAnswer]:
    """The next `count` steps of the run."""
    if q.steps > limits.train_steps:
        raise fail(
            "limit.request", f"{q.steps:,} steps were asked for, and one request may ask for {limits.train_steps:,}"
        )
    if not all(0.0 <= beta < 1.0 for beta in q.betas):
        raise fail("request.option", "`betas` lie in [0, 1)")
    options = Options(
        optimizer=q.optimizer,
        lr=q.lr,
        momentum=q.momentum,
        betas=q.betas,
        eps=q.eps,
        weight_decay=q.weight_decay,
        alpha=q.alpha,
        dampening=q.dampening,
        lr_decay=q.lr_decay,
    )
    program = lowered(q, limits)
    if program.cost.flops * 4 * q.steps > limits.flops:
        raise fail("limit.flops", f"{q.steps:,} steps of this program take over {limits.flops:,} operations")
    speech = Speech(q.dtype, q.max_elements)

    def said(values: Any) -> dict[str, Spoken]:
        return {name: speech(value) for name, value in values.items()}

    return [
        StepAnswer(speech.number(step.loss), said(step.inputs), said(step.grads), said(step.updates))
        for step in train(program, q.wrt, count, options, q.seed, run)
    ]


def answer(q: TrainRequest, limits: Limits) -> TrainAnswer | Encoded:
    """Steps of an optimizer, by PyTorch's names, defaults and formulas; streamed as NDJSON or events."""
    steps = stepped(q, limits, q.steps, Run())
    return TrainAnswer(steps) if q.media == JSON else encoded(Encoded(lines(q, steps), q.media), limits)


def lines(q: TrainRequest, steps: list[StepAnswer]) -> bytes:
    """The steps as NDJSON, or as events."""
    return b"".join(map(event if q.media == EVENTS else line, steps))


def piece(state: TrainRequest | Begun, limits: Limits) -> tuple[bytes, tuple[Begun, ...]]:
    """The next steps; each piece has twice as many as the one before, so that few of them lower the program again."""
    q, done, size, run = state if isinstance(state, Begun) else Begun(state, 0, FIRST, Run())
    count = min(size, q.steps - done)
    found = lines(q, stepped(q, limits, count, run))
    done += count
    return found, (Begun(q, done, size * 2, run),) if done < q.steps else ()


resources = (
    resource(
        "/train",
        TrainRequest,
        answer,
        methods=("POST",),
        produces=(JSON, NDJSON, EVENTS),
        inline=lambda q: q.steps <= FIRST,
        drawn=lambda _: True,
        step=piece,
        returns=TrainAnswer,
    ),
)
