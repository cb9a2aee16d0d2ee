"""LaTeX in prose: found by a rule of Markdown, and said in plain letters until the browser typesets it."""

import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

_SIGNS = {
    "partial": "∂", "sum": "∑", "prod": "∏", "sqrt": "√", "cdot": "·", "cdots": "⋯", "times": "×", "to": "→",
    "infty": "∞", "le": "≤", "ge": "≥", "ne": "≠", "approx": "≈", "top": "⊤", "alpha": "α", "beta": "β", "gamma": "γ",
    "delta": "δ", "epsilon": "ε", "eta": "η", "lambda": "λ", "mu": "μ", "sigma": "σ", "phi": "φ", "Delta": "Δ",
    "Sigma": "Σ", "Phi": "Φ", "exp": "exp", "log": "log", "ln": "ln", "sin": "sin", "cos": "cos", "tanh": "tanh",
    "max": "max", "min": "min",
}  # fmt: skip
_HIGH = str.maketrans("0123456789+-n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ")
_LOW = str.maketrans("0123456789+-aeijlmnx", "₀₁₂₃₄₅₆₇₈₉₊₋ₐₑᵢⱼₗₘₙₓ")
_GROUP = r"\{([^{}]*)\}"


def mathematics(markdown: MarkdownIt) -> None:
    """Adds `$…$` in a line and `$$…$$` as a paragraph of its own: elements with the LaTeX beside its plain reading.

    A `$` opens where no space follows and closes where none stands before it and no digit after it, so that prices
    stay prices (pandoc's rule).
    """
    markdown.inline.ruler.before("escape", "mathematics", _inline)
    markdown.block.ruler.before(
        "fence", "mathematics", _block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    markdown.add_render_rule("math_inline", _written)
    markdown.add_render_rule("math_block", _written)


def plain(latex: str) -> str:
    r"""What a reader without scripts sees: `\frac{a}{b}` as a/b, `\partial` as ∂, indices low where letters exist."""
    text = re.sub(r"\\(?:[bB]igg?[lr]?|left|right|,|;|!|displaystyle)(?![a-zA-Z])", "", latex)
    text = re.sub(r"\\partial\s*", "∂", text)
    text = re.sub(r"\\(?:mathrm|text|operatorname|mathbf)\s*" + _GROUP, r"\1", text)
    before = None
    while before != text:
        before = text
        text = re.sub(r"\\d?frac\s*" + _GROUP + r"\s*" + _GROUP, lambda m: f"{_held(m[1])}/{_held(m[2])}", text)
        text = re.sub(r"([_^])" + _GROUP, lambda m: _shifted(m[1], m[2]), text)
    text = re.sub(r"([_^])(\\[a-zA-Z]+|\S)", lambda m: _shifted(m[1], m[2]), text)
    text = re.sub(r"\\([a-zA-Z]+)", lambda m: _SIGNS.get(m[1], m[1]), text)
    text = re.sub(r"[{}\\]", "", text).replace("-", "−")
    text = re.sub(r"(?<=[^\W∂])(?=∂)", " ", text)
    return re.sub(r"\s+", " ", re.sub(r"\s*·\s*", " · ", text)).strip()


def _held(text: str) -> str:
    """In brackets where it is more than one factor."""
    return f"({text})" if re.search(r"[-+]", text) else text.strip()


def _shifted(sign: str, text: str) -> str:
    table = _LOW if sign == "_" else _HIGH
    shifted = text.translate(table)
    if all(before != after for before, after in zip(text, shifted, strict=True)):
        return shifted
    return f"[{text}]" if sign == "_" else f"^({text})" if len(text) > 1 else f"^{text}"


def _inline(state: StateInline, silent: bool) -> bool:
    source, start = state.src, state.pos
    if source[start] != "$" or source[start + 1 : start + 2] in {"", " ", "\n", "$"}:
        return False
    end = start + 1
    while (end := source.find("$", end)) != -1:
        if source[end - 1] not in " \n\\" and not source[end + 1 : end + 2].isdigit():
            break
        end += 1
    if end == -1 or end >= state.posMax:
        return False
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = source[start + 1 : end]
    state.pos = end + 1
    return True


def _block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if not _line(state, start).startswith("$$") or state.is_code_block(start):
        return False
    lines: list[str] = []
    for line in range(start, end):
        text = _line(state, line)
        lines.append(text[2:] if line == start else text)
        if lines[-1].rstrip().endswith("$$"):
            break
    else:
        return False
    if not silent:
        token = state.push("math_block", "math", 0)
        token.content = "\n".join(lines).rstrip().removesuffix("$$").strip()
        token.map = [start, line + 1]
        state.line = line + 1
    return True


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _written(self: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    latex = tokens[index].content
    said = escapeHtml(plain(latex))
    if tokens[index].type == "math_inline":
        return f'<span class="math" data-latex="{escapeHtml(latex)}">{said}</span>'
    return f'<div class="math display" data-latex="{escapeHtml(latex)}">{said}</div>\n'
