"""A rule as LaTeX: an expression's operators by their templates, with brackets where precedence asks for them."""

import re
from collections.abc import Mapping, Sequence
from math import isinf, isnan, nan

from app.autodiff.rules import ordered
from app.draw.number import number_text
from app.ops.expression import Expression
from app.ops.operator import Operator

# How strongly a rendered text holds together: a sum is loosest, an atom or a call needs no brackets.
SUM, SIGNED, PRODUCT, POWER, ATOM = range(5)
BINDS = {"add": SUM, "sub": SUM, "neg": SIGNED, "mul": PRODUCT, "matmul": PRODUCT, "mod": PRODUCT, "pow": POWER}
# What the operands of an operator must hold at least; all others take any text inside their own brackets.
NEEDS: Mapping[str, tuple[int, ...]] = {
    "add": (SUM, PRODUCT),
    "sub": (SUM, PRODUCT),
    "neg": (PRODUCT,),
    "mul": (PRODUCT, POWER),
    "matmul": (PRODUCT, POWER),
    "mod": (PRODUCT, POWER),
    "pow": (ATOM, SUM),
    "square": (ATOM,),
    "div": (SUM, SUM),
    "sqrt": (SUM,),
    "exp": (SUM,),
    "where": (SUM,),
    **dict.fromkeys(("lt", "le", "gt", "ge", "eq", "ne"), (SUM,)),
}
LONGEST = 2_000  # letters; a longer rule says nothing to a reader


def latex(tree: Expression, names: Mapping[str, str]) -> str | None:
    """The expression as LaTeX, its variables by `names` (which may be numbers as text); None where it gets too long."""
    texts: dict[int, tuple[str, int]] = {}
    for part in ordered([tree]):
        if part.operator is None:
            text = names[part.name] if part.name is not None else number_latex(part.number or 0.0)
            texts[id(part)] = (text, strength(text))
        elif part.operator.name == "where":
            texts[id(part)] = (_cases(part, texts), ATOM)
        else:
            operands = [texts[id(operand)] for operand in part.operands]
            if part.operator.name == "ne" and operands[0][0] == operands[1][0] != number_latex(nan):
                texts[id(part)] = ("0", ATOM)  # a question to NaN alone, which is nothing that a reader asks
                continue
            texts[id(part)] = (apply(part.operator, operands), BINDS.get(part.operator.name, ATOM))
        if len(texts[id(part)][0]) > LONGEST:
            return None
    return texts[id(tree)][0]


def _cases(tree: Expression, texts: Mapping[int, tuple[str, int]]) -> str:
    """A choice by cases, as one writes it: a choice within its last case goes on in the same list, and a comparison
    that is the condition stands without the brackets that make it a number."""
    rows = []
    while tree.operator is not None and tree.operator.name == "where":
        condition, taken, tree = tree.operands
        said = texts[id(condition)][0]
        if condition.operator is not None and condition.operator.latex.startswith("["):
            said = said[1:-1]
        rows.append(rf"{texts[id(taken)][0]} & \text{{if }} {said}")
    rows.append(rf"{texts[id(tree)][0]} & \text{{else}}")
    return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"


def apply(operator: Operator, operands: Sequence[tuple[str, int]]) -> str:
    """An operator's template around its operands' texts, each with how strongly it holds together."""
    needs = NEEDS.get(operator.name)
    texts = [
        bracketed(text) if holds < (needs[min(i, len(needs) - 1)] if needs else _asked(operator, i)) else text
        for i, (text, holds) in enumerate(operands)
    ]
    return filled(operator.latex, texts, joiner=" + " if operator.latex == "{args}" else ", ")


def filled(template: str, texts: Sequence[str], joiner: str = ", ") -> str:
    """A `str.format` template with texts for its operands; braces in the texts stay."""
    return template.format(*texts, args=joiner.join(texts))


def _asked(operator: Operator, slot: int) -> int:
    """A template that puts brackets or braces round an operand takes any; one that leaves it bare needs an atom."""
    template = operator.latex
    match = re.search(rf"(.?)(.?)\{{{slot}\}}(.?)", template.replace("{{", "⟨").replace("}}", "⟩"))
    if match is None:
        return SUM
    before, after = match[2] or match[1], match[3]
    enclosed = before in "(⟨[|," and after in ")⟩]|,\\"
    return SUM if enclosed or (before == " " and after in "),\\") else ATOM


def strength(text: str) -> int:
    """How strongly a variable's or a number's text holds together."""
    if text.startswith("-"):
        return SIGNED
    return PRODUCT if r"\cdot" in text else ATOM


def bracketed(text: str) -> str:
    return rf"\left({text}\right)"


def number_latex(x: float) -> str:
    r"""A number to four significant digits: -0.5, 1.2 \cdot 10^{-7}, \infty."""
    if isnan(x):
        return r"\text{NaN}"
    if isinf(x):
        return r"\infty" if x > 0 else r"-\infty"
    mantissa, _, exponent = number_text(x).replace("−", "-").partition("e")
    return rf"{mantissa} \cdot 10^{{{exponent}}}" if exponent else mantissa
