"""Text and names as LaTeX writes them."""

import re
import unicodedata

GREEK = {
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi",
    "pi", "rho", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi",
    "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
}  # fmt: skip
# What a character is in LaTeX: signs and Greek letters as mathematics, and what is a command there in text.
_MATHEMATICS = {
    "<": "<", ">": ">", "|": "|", "−": "-", "+": "+", "=": "=", "×": r"\times", "÷": r"\div", "∞": r"\infty",
    "∥": r"\Vert", "√": r"\surd", "∑": r"\sum", "∂": r"\partial", "≤": r"\le", "≥": r"\ge", "≠": r"\ne", "→": r"\to",
    "⊤": r"\top", "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "η": r"\eta",
    "θ": r"\theta", "λ": r"\lambda", "μ": r"\mu", "π": r"\pi", "ρ": r"\rho", "σ": r"\sigma", "τ": r"\tau",
    "φ": r"\varphi", "ω": r"\omega", "ζ": r"\zeta", "κ": r"\kappa", "ν": r"\nu", "ξ": r"\xi", "χ": r"\chi",
    "ψ": r"\psi", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Π": r"\Pi", "Σ": r"\Sigma",
    "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega", "∘": r"\circ", "∗": r"\ast", "·": r"\cdot", "‖": r"\Vert",
    "∏": r"\prod", "∧": r"\wedge", "∨": r"\vee", "⊗": r"\otimes", "⌈": r"\lceil", "⌉": r"\rceil", "⌊": r"\lfloor",
    "⌋": r"\rfloor", "←": r"\leftarrow", "↔": r"\leftrightarrow", "⋯": r"\cdots", "′": "'", "ⁿ": "^n", "¹": "^1",
    "²": "^2", "³": "^3", "⁻": "^-", "₀": "_0", "₁": "_1", "₂": "_2", "₃": "_3", "₄": "_4", "₅": "_5",
}  # fmt: skip
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", '"': "''", "`": r"\textasciigrave{}",
    "'": r"\textquotesingle{}", "…": r"\ldots{}",
    **{sign: rf"\ensuremath{{{text}}}" for sign, text in _MATHEMATICS.items()},
}  # fmt: skip


def escaped(text: str) -> str:
    """Any text as LaTeX: nothing in it is a command, a comment, a line's end or mathematics. Letters of other scripts
    stay (LuaLaTeX and XeLaTeX set them). The only way by which a name gets out."""
    return "".join(_LATEX.get(c, c) if c.isprintable() else " " if c.isspace() else "" for c in text)


def symbol(name: str) -> str:
    """A name as mathematics: `x1` with its number below, `W_ih` with what follows the bar, greek letters as such."""
    stem, _, below = name.strip("_").partition("_")
    if not below and (match := re.fullmatch(r"(\D+?)(\d+)", stem)):
        stem, below = match[1], match[2]
    letter = re.fullmatch(r"GREEK (SMALL|CAPITAL) LETTER (\w+)", unicodedata.name(stem, "")) if len(stem) == 1 else None
    spelt = stem
    if letter:
        spelt = letter[2].lower() if letter[1] == "SMALL" else letter[2].capitalize()
        spelt = spelt.replace("amda", "ambda")  # Unicode's own spelling
    if spelt in GREEK:
        text = f"\\{spelt}"
    elif stem.isascii() and stem.isalpha():
        text = stem if len(stem) == 1 else rf"\mathit{{{stem}}}"
    else:
        text = rf"\text{{{escaped(stem or name)}}}"
    if not below:
        return text
    return f"{text}_{{{below}}}" if below.isdigit() else rf"{text}_{{\text{{{escaped(below)}}}}}"
