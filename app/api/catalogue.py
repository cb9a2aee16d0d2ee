"""/ops: the operators. /limits: the limits in force. /examples: the gallery."""

from dataclasses import asdict
from functools import cache

from msgspec import Struct

from app.api.resource import Nothing, resource
from app.limits import Limits
from app.ops.catalogue import CATALOGUE
from app.work.gallery import Example, examples


class OperatorAnswer(Struct, kw_only=True):
    """One operator of the language."""

    name: str
    aliases: list[str]
    signature: str
    doc: str
    latex: str
    conventions: list[str]
    example: str
    family: str
    sign: str
    infix: str | None
    source: str


class OperatorsAnswer(Struct):
    """The catalogue."""

    ops: list[OperatorAnswer]


class ExamplesAnswer(Struct):
    """The gallery."""

    examples: list[Example]


@cache
def _operators() -> OperatorsAnswer:
    return OperatorsAnswer(
        [
            OperatorAnswer(
                name=op.name,
                aliases=list(op.aliases),
                signature=op.signature,
                doc=op.doc,
                latex=op.latex,
                conventions=[convention.says for convention in op.conventions],
                example=op.example,
                family=op.family,
                sign=op.sign,
                infix=op.infix,
                source=op.source,
            )
            for op in CATALOGUE.values()
            if op.family != "leaf"
        ]
    )


def list_operators(_: Nothing, __: Limits) -> OperatorsAnswer:
    """The operator catalogue: names, signatures, docs, derivatives' conventions, and an example program each."""
    return _operators()


def list_examples(_: Nothing, __: Limits) -> ExamplesAnswer:
    """The gallery: named programs with their inputs."""
    return ExamplesAnswer(list(examples()))


def list_limits(_: Nothing, limits: Limits) -> dict[str, float]:
    """The limits in force."""
    return {name: value if value != float("inf") else 1e308 for name, value in asdict(limits).items()}


ops = resource("/ops", Nothing, list_operators, methods=("GET",))
gallery = resource("/examples", Nothing, list_examples, methods=("GET",))
limits = resource("/limits", Nothing, list_limits, methods=("GET",))

resources = (ops, gallery, limits)
