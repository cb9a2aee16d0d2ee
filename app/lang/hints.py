"""What the parser says, in words that help: each mistake with its place, its code, and text that works."""

import re
import unicodedata
from collections.abc import Iterable

from app.diagnostics import Diagnostic, Form, Span
from app.lang.places import short
from app.ops.catalogue import CATALOGUE

_WORD = re.compile(
    r"(?P<space>[ \t]+)|(?P<number>(?:\d[\d_]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<text>'[^'\n]*'?|\"[^\"\n]*\"?)|(?P<sign>\*\*|//|<=|>=|==|!=|:=|->|&&|\|\||.)"
)
# Characters that mathematics has and Python lacks, and what to write.
LETTERS: dict[str, str] = {
    "–": "-", "—": "-", "≤": "<=", "≥": ">=", "≠": "!=", "√": "sqrt(…)", "∑": "sum(…)", "∏": "prod(…)", "∞": "inf",
    "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "½": "0.5", "→": "=", "←": "=",
}  # fmt: skip
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
KEYWORDS = frozenset(
    [
        "and",
        "as",
        "assert",
        "async",
        "await",
        "break",
        "class",
        "continue",
        "def",
        "del",
        "elif",
        "else",
        "except",
        "finally",
        "for",
        "from",
        "global",
        "if",
        "import",
        "in",
        "is",
        "lambda",
        "nonlocal",
        "not",
        "or",
        "pass",
        "raise",
        "return",
        "try",
        "while",
        "with",
        "yield",
        "True",
        "False",
        "None",
    ]
)


def explain(error: BaseException, source: str, line: int, statement: str) -> Diagnostic:
    """A failure of the parser on `statement`, which begins after `line` lines of `source`, as a diagnostic."""
    lines = source.split("\n")
    if not isinstance(error, SyntaxError):
        if isinstance(error, ValueError) and "digits" in str(error):
            return _digits(statement, line)
        end = statement.rstrip().count("\n")
        return Diagnostic(
            code="limit.nesting",
            message="this nests too deeply to be read: give an inner part a name of its own",
            spans=(Span(line + 1, 1, line + end + 1, len(lines[line + end]) + 1),),
        )
    message = error.msg or ""
    if "digits" in message:
        return _digits(statement, line)
    row = min(max(error.lineno or 1, 1), len(lines))
    text = lines[row - 1]
    column = min(max(error.offset or 1, 1), len(text) + 1)
    end_row = error.end_lineno or row
    end = error.end_offset if error.end_offset and end_row == row and error.end_offset > column else column + 1
    span = Span(row, column, row, max(min(end, len(text) + 2), column + 1))
    for rule in (_letter, _block, _literal, _adjacent, _caret_sign, _assignment, _signs, _brackets, _layout):
        found = rule(message, text, span, statement)
        if found is not None:
            return found if found.spans else found.at(span)
    seen = text[column - 1 : span.end_column - 1].strip()
    what = f"`{short(seen)}` is not expected here" if seen else "the line ends too early"
    return Diagnostic(code="syntax", message=f"this cannot be read: {what}", spans=(span,))


def _say(code: str, message: str, hint: str | None = None, *spans: Span) -> Diagnostic:
    return Diagnostic(code=code, message=message, hint=hint, spans=spans)


def _digits(statement: str, line: int) -> Diagnostic:
    found = re.search(r"\d{4000,}", statement)
    start = found.start() if found else 0
    before = statement[:start].count("\n")
    column = start - (statement.rfind("\n", 0, start) + 1) + 1
    length = len(found.group()) if found else 1
    return _say(
        "number.range", f"a number of {length:,} digits is beyond float64, whose largest is about 1.8e308", None,
        Span(line + before + 1, column, line + before + 1, column + length),
    )  # fmt: skip


def _letter(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    if not message.startswith(("invalid character", "invalid non-printable")):
        return None
    letter = text[span.column - 1 : span.column]
    raised = re.match(f"[{''.join(map(chr, _RAISED))}]+", text[span.column - 1 :])
    if raised is not None:
        start = _operand_before(text, span.column - 1)
        hint = f"{text[start : span.column - 1] or 'x'}**{raised.group().translate(_RAISED)}"
        place = _within(span, start, span.column - 1 + raised.end())
        return _say("syntax.caret", f"`{raised.group()}` is not a power here: write `{short(hint, 60)}`", hint, place)
    quoted = re.match(r"[“”„«‘’](.*?)[“”»‘’]", text[span.column - 1 :])
    if quoted is not None:
        place = _within(span, span.column - 1, span.column - 1 + quoted.end())
        hint = f'"{quoted[1]}"'
        return _say("syntax", f"`{letter}` ({_named(letter)}) is no quote of the language: write `{hint}`", hint, place)
    if letter in LETTERS:
        instead = LETTERS[letter]
        rest = _operand(text, span.column) if "…" in instead else ""
        hint = instead.replace("(…)", rest if rest.startswith("(") else f"({rest or 'x'})")
        return _say(
            "syntax", f"`{letter}` ({_named(letter)}) is not a sign of the language: write `{short(hint, 60)}`", hint,
            _within(span, span.column - 1, span.column + len(rest)),
        )  # fmt: skip
    return _say("syntax", f"`{letter if letter.isprintable() else ''}` ({_named(letter)}) cannot stand in a program")


def _named(letter: str) -> str:
    return unicodedata.name(letter, f"U+{ord(letter):04X}").lower() if letter else "a character"


def _block(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    """`if (x > 0) { y = x; }`, `x -> x**2`, `y := x + 1`, `x'`: signs of other languages."""
    before, brace, inside = text.partition("{")
    head = before.strip()
    if brace and re.match(r"(?:if|for|while|else|def)\b", head) and ("}" not in inside or ";" in inside):
        said = f"braces open no block here: end the line with `:`, as in `{short(head, 60)}:`, and indent what follows"
        return _say("syntax", said, Form(f"{head}:"), _line(text, span))
    argument, arrow, body = text.partition("=>" if "=>" in text else "->")
    argument = argument.strip().strip("()")
    if arrow and body.strip() and re.fullmatch(r"[^\W\d][\w, ]*", argument):
        hint = f"def f({argument}): return {body.strip()}"
        return _say("syntax", f"a function is defined with `def`: write `{short(hint, 60)}`", hint, _line(text, span))
    named = re.match(r"\s*([^\W\d]\w*)\s*(:=)", text)
    if named:
        said = f"a name is given with `=`: write `{short(named[1])} = …`"
        return _say("syntax", said, "=", _within(span, *named.span(2)))
    mark = text.find("'")
    if "unterminated string" in message and text.count("'") == 1:
        start = _operand_before(text, mark)
        if start < mark:
            hint = f"{text[start:mark]}.T"
            said = f"`'` is no sign of the language: a transpose is `{short(hint)}`, a gradient `grad(y, x)`"
            return _say("syntax", said, hint, _within(span, start, mark + 1))
    return None


def _literal(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    """`2x`: the tokenizer stops within it."""
    if "literal" not in message or "string" in message:
        return None
    for match in re.finditer(r"(?<![\w.])(\d[\d_]*\.?\d*(?:[eE][-+]?\d+)?|\.\d+)([^\W\d]\w*)", text):
        if match.start() < span.end_column and match.end() >= span.column - 1:
            number, name = match.groups()
            place = Span(span.line, match.start() + 1, span.line, match.end() + 1)
            hint = f"{number}*{name}"
            return _say("syntax.missing-operator", f"a `*` is missing: write `{hint}`", hint, place)
    return _say("syntax", f"this number cannot be read ({message})")


def _words(text: str) -> list[tuple[str, str, int]]:
    found = []
    for match in _WORD.finditer(text):
        if match.group().startswith("#"):
            break
        if match.lastgroup != "space":
            found.append((str(match.lastgroup), match.group(), match.start()))
    return found


def _adjacent(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    """Two values side by side: `sin x`, `max(z w)`, `2 x`, `x y`."""
    words = _words(text)
    opened: list[str] = []
    for index, (kind, word, start) in enumerate(words):
        if word in "([{" and kind == "sign":
            callee = index > 0 and words[index - 1][0] == "name" and word == "("
            opened.append("call" if callee else word)
        elif word in ")]}" and kind == "sign" and opened:
            opened.pop()
        if index + 1 >= len(words):
            break
        after_kind, after, after_start = words[index + 1]
        left = (kind in {"name", "number"} and word not in KEYWORDS) or (kind == "sign" and word in ")]")
        right = after_kind in {"name", "number"} and after not in KEYWORDS
        if not (left and right) or after_start + len(after) < span.column - 1:
            continue
        place = Span(span.line, start + 1, span.line, after_start + len(after) + 1)
        if kind == "name" and (word in CATALOGUE or word in _FUNCTIONS or _defined(word, statement)):
            rest = _operand(text, after_start) or after
            hint = f"{word}({rest})"
            place = _within(span, start, after_start + len(rest))
            return _say(
                "syntax.call",
                f"`{word}` is a function, and its argument stands in brackets: write `{hint}`",
                hint,
                place,
            )
        if kind == "name" and word.lower() in {"print", "let", "var", "const", "float", "double", "int"}:
            return _say(
                "syntax", f"`{word}` is not needed here: write `{after} = …`" if word != "print" else "write `print(…)`"
            )
        if not opened and index + 2 < len(words) and words[index + 2][1] == "=" and after_kind == "name":
            hint = f"{word}; {after}"
            return _say("syntax", f"a line ends before `{after} =`: begin a new one, or write `{hint}`", hint, place)
        if opened and opened[-1] in {"call", "["}:
            return _say(
                "syntax",
                f"a comma is missing between `{word}` and `{after}`",
                f"{word}, {after}" if kind != "sign" else None,
                place,
            )
        if kind == "name" and word in {"while", "class"}:
            return None
        first = word
        if kind == "sign":
            begin = _operand_before(text, start + 1)
            first, place = text[begin : start + 1], _within(span, begin, after_start + len(after))
        hint = f"{first}*{after}"
        return _say(
            "syntax.missing-operator",
            f"a sign is missing between `{short(first)}` and `{after}`: a product is `{short(hint, 60)}`",
            hint,
            place,
        )
    return None


_FUNCTIONS = frozenset({"ln", "sen", "tg", "sgn", "arctan", "arcsin", "arccos", "sqrt", "grad", "len", "log"})


def _defined(name: str, statement: str) -> bool:
    return bool(re.search(rf"\bdef\s+{re.escape(name)}\b", statement))


def _operand(text: str, start: int) -> str:
    """The name, number, call, index or bracket that begins at `start`, or nothing."""
    end = start
    while end < len(text) and (text[end].isalnum() or text[end] in "_.([{"):
        end = _closing(text, end) if text[end] in _PAIRS else end + 1
    return text[start:end]


def _operand_before(text: str, end: int) -> int:
    """Where the name, number, call, index or bracket that ends at `end` begins."""
    backwards = text[:end][::-1].translate(_TURNED)
    return end - len(_operand(backwards, 0))


_PAIRS = {"(": ")", "[": "]", "{": "}"}
_TURNED = str.maketrans("()[]{}", ")(][}{")


def _closing(text: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`: the end of the text where none does."""
    opened = 0
    for index in range(start, len(text)):
        opened += (text[index] in _PAIRS) - (text[index] in _PAIRS.values())
        if not opened:
            return index + 1
    return len(text)


def _within(span: Span, start: int, end: int) -> Span:
    """The place from one offset to another in the line of a span."""
    return Span(span.line, start + 1, span.line, end + 1)


def _caret_sign(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    if "^" in text and text[span.column - 1 : span.column] == "^":
        return _say("syntax.caret", "`^` is not a power here: write `x**2`", Form("x**2"))
    return None


def _assignment(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    defined = re.match(r"\s*([^\W\d]\w*)\s*\(([^()]*)\)\s*=\s*([^=].*)", text)
    if defined and "assign" in message:
        name, arguments, body = defined.groups()
        hint = f"def {name}({arguments}): return {body.strip().replace('^', '**')}"
        return _say("syntax.unsupported", f"a function is defined with `def`: write `{hint}`", hint, _line(text, span))
    if "assign" in message or "instead of '='" in message:
        turned: str | None = None
        sides = re.match(r"\s*([^=<>!]+?)\s*=\s*([^\W\d]\w*)\s*$", text)
        if sides and sides[2] not in KEYWORDS:
            turned = f"{sides[2]} = {sides[1]}"
        if re.match(r"\s*(?:if|elif|while|return|assert)\b", text) or (
            message.startswith("invalid syntax") and "(" in text
        ):
            sign = re.search(r"(?<![=<>!:*/%+-])=(?!=)", text)
            place = _within(span, sign.start(), sign.end()) if sign else span
            return _say("syntax", "`=` gives a name; a comparison is `==`", "==", place)
        place = _line(text, span) if turned else span
        return _say("syntax", "only a name can stand on the left of `=`", turned, place)
    return None


def _line(text: str, span: Span) -> Span:
    """All that is written in the line of a span, without its indentation and its comment."""
    written = text.split("#", maxsplit=1)[0].rstrip()
    return _within(span, len(written) - len(written.lstrip()), len(written))


def _signs(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    seen = text[span.column - 1 :]
    before = text[: span.column - 1].rstrip()
    for sign, instead in (("&&", "and"), ("||", "or")):
        start = text.rfind(sign, 0, span.column + 1)
        if seen.startswith((sign, sign[0])) and start >= 0:
            place = _within(span, start, start + len(sign))
            return _say("syntax", f"`{sign}` is not a sign of the language: write `{instead}`", instead, place)
    if seen.startswith("!"):
        rest = _operand(seen, 1)
        hint = f"not {rest}" if rest else None
        place = _within(span, span.column - 1, span.column + len(rest))
        return _say("syntax", "`!` is not a sign of the language: write `not x`", hint, place)
    if seen.startswith("?") or " ? " in text:
        choice = re.search(r"([^\s=?:][^=?:]*?)\s*\?\s*([^?:]+?)\s*:\s*([^?:#]*[^\s?:#])", text)
        hint = f"{choice[2]} if {choice[1]} else {choice[3]}" if choice else Form("a if c else b")
        place = _within(span, choice.start(), choice.end()) if choice else span
        return _say("syntax", f"a choice is written `{short(hint, 60)}`", hint, place)
    if seen.startswith("|") and text.count("|") % 2 == 0:
        inner = re.search(r"\|([^|]+)\|", text)
        hint = f"abs({inner[1].strip()})" if inner else "abs(x)"
        place = _within(span, inner.start(), inner.end()) if inner else span
        return _say("syntax", f"bars are not a function here: write `{hint}`", hint, place)
    if seen.startswith("\\") or "\\" in text:
        return _say("syntax", "LaTeX is not read here: write `a/b` for a fraction, `sqrt(x)` for a root", None)
    if seen.startswith("$"):
        return _say("syntax", "`$` cannot stand in a program: leave it out", None)
    if re.match(r"(?:\+\+|--)", text.rstrip()[-2:]):
        name = re.search(r"([^\W\d]\w*)\s*$", text.rstrip()[:-2])
        hint = f"{name[1] if name else 'x'} {text.rstrip()[-1]}= 1"
        place = _within(span, name.start(1), len(text.rstrip())) if name else span
        return _say("syntax", f"write `{hint}`", hint, place)
    if re.search(r"<-", text) and seen.startswith("-"):
        return None
    if before and re.search(r"(?:[-+*/%@=<>,(]|\*\*|\b(?:and|or|not|return|in))$", before) and not seen.strip():
        return _say("syntax", f"something is missing after `{before.split()[-1][-2:].strip()}`")
    return None


def _brackets(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    if "was never closed" in message:
        return _say("syntax", f"`{text[span.column - 1 : span.column]}` is never closed")
    if message.startswith("unmatched"):
        return _say(
            "syntax", f"`{text[span.column - 1 : span.column]}` closes nothing: remove it, or open a bracket before"
        )
    if "does not match opening" in message:
        return _say("syntax", f"`{text[span.column - 1 : span.column]}` closes another kind of bracket than was opened")
    if "too many nested" in message:
        return _say("limit.nesting", "brackets nest too deeply: give an inner part a name of its own")
    if "string" in message:
        return _say("syntax", "a text in quotes is not closed on its line")
    return None


def _layout(message: str, text: str, span: Span, statement: str) -> Diagnostic | None:
    if "too many levels of indentation" in message or "too many statically nested" in message:
        return _say("limit.nesting", "blocks nest too deeply: put an inner one into a function")
    if message == "expected ':'":
        whole = text.split("#", maxsplit=1)[0].strip()
        body = re.match(r"(def\s+\w+ ?\([^()]*\))\s*(return\b.*)", whole)
        if body:
            hint = f"{body[1]}: {body[2]}"
            return _say(
                "syntax", f"a `:` is missing before `return`: write `{short(hint, 60)}`", hint, _line(text, span)
            )
        return _say("syntax", "a `:` is missing at the end of the line", f"{whole}:", _line(text, span))
    if "expected an indented block" in message:
        return _say("syntax", "what belongs to this line must be indented: begin the next line with four spaces")
    if "unexpected indent" in message:
        return _say(
            "syntax", "this line is indented, but nothing before it opens a block: remove the spaces", text.strip(),
            _within(span, 0, len(text)),
        )  # fmt: skip
    if "unindent" in message or "inconsistent" in message:
        return _say("syntax", "this line's indentation fits none of the lines before: use four spaces for each level")
    if message.startswith("expected "):
        return _say("syntax", f"{message.removeprefix('expected ')} is expected here")
    if "positional argument follows keyword" in message:
        return _say("syntax", "arguments with a name come after those without")
    if "keyword argument repeated" in message:
        return _say("call.arguments", "an argument is given twice")
    if "comma" in message:
        return _say("syntax", "a comma is missing here")
    if text.strip().startswith(("else if", "elseif")):
        return _say("syntax", "write `elif …:`", "elif")
    return None


def known_words() -> Iterable[str]:
    """Names of functions, for completion and near names."""
    return CATALOGUE


def caret(text: str) -> Diagnostic:
    """`x^2`."""
    hint = text.replace("^", "**")
    return _say("syntax.caret", f"`^` is not a power here: write `{short(hint, 60)}`", hint)
