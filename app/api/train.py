"""/train: optimizer steps on a program's inputs, with PyTorch's optimizers."""

from typing import Annotated, Any

from msgspec import Struct
from pydantic import BeforeValidator, Field

from app.analysis.train import Optimizer, Options, train
from app.api.resource import resource
from app.diagnostics import fail
from app.limits import Limits
from app.work.circuit import lowered
from app.work.encoded import EVENTS, JSON, NDJSON, Encoded, encoded, line
from app.work.numbers import Number, Speech, Spoken
from app.work.request import Finite, Names, Program, Whole

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


def stepped(q: TrainRequest, limits: Limits) -> list[StepAnswer]:
    """The steps."""
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
        for step in train(program, q.wrt, q.steps, options, q.seed)
    ]


def answer(q: TrainRequest, limits: Limits) -> TrainAnswer | Encoded:
    """Steps of an optimizer, by PyTorch's names, defaults and formulas; streamed as NDJSON or events."""
    steps = stepped(q, limits)
    if q.media == NDJSON:
        return encoded(Encoded(b"".join(map(line, steps)), NDJSON), limits)
    if q.media == EVENTS:
        return encoded(Encoded(b"".join(b"data: " + line(step) + b"\n" for step in steps), EVENTS), limits)
    return TrainAnswer(steps)


resources = (
    resource(
        "/train",
        TrainRequest,
        answer,
        methods=("POST",),
        produces=(JSON, NDJSON, EVENTS),
        inline=lambda q: q.steps <= 50,
        drawn=lambda _: True,
        returns=TrainAnswer,
    ),
)
