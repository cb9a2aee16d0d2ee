"""How frameworks write an operator: its templates filled with the texts of operands and attributes."""

import math
from collections.abc import Mapping, Sequence

from app.ops.algebra import Static
from app.ops.operator import Framework, Operator

MODULES: Mapping[str, str] = {"numpy": "np", "torch": "torch", "jax": "jnp", "tensorflow": "tf", "math": "math"}


def template(operator: Operator, framework: Framework) -> str | None:
    """Its template; one made of its own name where it gives none (then attributes are keywords); None where the
    exporter has a case of its own."""
    written: str | None = getattr(operator.spell, framework)
    if written is not None:
        return written or None
    if operator.family in {"leaf", "composed"}:
        return None
    keywords = "".join(f", {p.name}={{{p.name}}}" for p in operator.attributes)
    return f"{MODULES[framework]}.{operator.name}({{args}}{keywords})"


def spelt(
    operator: Operator, framework: Framework, operands: Sequence[str], attributes: Mapping[str, Static]
) -> str | None:
    """The call as program text, attributes that are not given by their defaults; None where there is no spelling."""
    text = template(operator, framework)
    if text is None:
        return None
    words = {p.name: python(attributes.get(p.name, p.default)) for p in operator.attributes}
    return text.format(*operands, args=", ".join(operands), **words)


def python(value: Static) -> str:
    """Something static as Python reads it back. Numbers that have no literal are made of their words."""
    if isinstance(value, tuple):
        return f"({', '.join(map(python, value))}{',' if len(value) == 1 else ''})"
    if isinstance(value, float) and not math.isfinite(value):
        return f'float("{value}")'
    return repr(value)
