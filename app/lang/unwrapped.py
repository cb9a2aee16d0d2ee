"""What surrounds a pasted program, taken away: prompts, fences, magics, an indentation, and signs that only look like
Python's. Every place stays what it is in the text as it was typed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from app.diagnostics import Diagnostic, Span

STRING = r"'''(?:[^\\]|\\.)*?(?:'''|\Z)|\"\"\"(?:[^\\]|\\.)*?(?:\"\"\"|\Z)|'(?:[^'\\\n]|\\.)*'?|\"(?:[^\"\\\n]|\\.)*\"?"
# What stands for one sign of Python's: spaces that show no difference, and the signs of mathematics.
_SPACES = "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
_INVISIBLE = "\ufeff\u200b\u200c\u200d\u2060\u00ad"
_ALIKE = str.maketrans(
    {
        **dict.fromkeys(_SPACES + _INVISIBLE, " "),
        **dict.fromkeys("\u2212\ufe63\uff0d", "-"),
        **dict.fromkeys("×·⋅∙∗\uff0a", "*"),
        "÷": "/",
    }
)
_SIGN = re.compile(rf"#[^\n]*|{STRING}|[{''.join(map(chr, _ALIKE))}]+", re.DOTALL)
_LEADING = re.compile(f"[{_INVISIBLE}]+")
_SURROUNDED = re.compile(r"^[ \t]*(?:>>>|In \[\d*\]:|```|~~~|%%?[A-Za-z]|![A-Za-z])", re.MULTILINE)
_FENCE = re.compile(r"[ \t]*(?:```+|~~~+)[ \t]*([^\s`]*)")
_CODE = frozenset({"", "python", "py", "python3", "pycon", "ipython", "ipython3", "{python}", "gradwire"})
_PROMPT = re.compile(r"[ \t]*(?:>>>(?: |$)|In \[\d*\]:(?: |$))")
_MORE = re.compile(r"[ \t]*\.{3,}:?(?: |$)")
_BEFORE = re.compile(r"[^\W\d]\w* *= *(?:randn?\(|\[|[-\d.])")  # a value, put before what is pasted
_MARGIN = re.compile(rf"(?:{_BEFORE.pattern}[^\n]*\n)+[ \t]+[^\s#]")
# A line with its number before it, in a form that no line of a program has.
_NUMBERED = re.compile(
    r"[ \t]*(\d+)(?:[:|.](?:[ \t]|$)|\t|[ \t]+(?=(?!(?:if|and|or|in|is|not|else|for)\b)[^\W\d]|@|#|$)|$)"
)
_ENTITY = re.compile(r"&(?:gt|lt|amp|quot|#39|nbsp);")
_ENTITIES = {"&gt;": ">", "&lt;": "<", "&amp;": "&", "&quot;": '"', "&#39;": "'", "&nbsp;": " "}
_MAGIC = re.compile(r"(?:%%?|!)[A-Za-z]")


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """`source` is what is parsed: the lines of `whole`, each without its first `cut[i]` letters. `whole` has the
    letters of the text as it was typed at the same places, the lines that are left out being empty."""

    source: str
    whole: str
    cut: tuple[int, ...]
    notes: tuple[Diagnostic, ...] = ()

    def placed(self, diagnostic: Diagnostic) -> Diagnostic:
        """What is said of a place in `source`, at its place in the text."""
        if not self.cut:
            return diagnostic
        spans = tuple(
            Span(s.line, s.column + self._cut(s.line), s.end_line, s.end_column + self._cut(s.end_line))
            for s in diagnostic.spans
        )
        return Diagnostic(code=diagnostic.code, message=diagnostic.message, spans=spans, hint=diagnostic.hint)

    def _cut(self, line: int) -> int:
        return self.cut[line - 1] if line <= len(self.cut) else 0


@dataclass(slots=True)
class _Lines:
    """The lines while they are looked at: `texts` of the whole, and how much is cut of each."""

    texts: list[str]
    cut: list[int]
    notes: list[Diagnostic] = field(default_factory=list)

    def rest(self, i: int) -> str:
        return self.texts[i][self.cut[i] :]

    def leave_out(self, i: int, what: str = "") -> None:
        """Empties a line, and says so where there is something to say."""
        if what:
            place = Span(i + 1, 1, i + 1, len(self.texts[i]) + 1)
            self.notes.append(Diagnostic(code="pasted.opaque", message=f"left out: {what}", spans=(place,)))
        self.texts[i], self.cut[i] = "", 0


def unwrap(source: str) -> Unwrapped:
    """The program in a text whose lines end with a line feed."""
    signs = source if source.isascii() else _SIGN.sub(_sign, source)
    if "&" in signs and ";" in signs:  # as a page's source has them
        signs = _ENTITY.sub(lambda match: _ENTITIES[match.group()].rjust(len(match.group())), signs)
    invisible = signs is not source and _LEADING.match(source)
    if not invisible and signs[:1] not in _ODD and not _may_be_surrounded(signs):
        return Unwrapped(signs, signs, ())
    texts = signs.split("\n")
    lines = _Lines(texts, [0] * len(texts))
    if invisible:
        lines.cut[0] = invisible.end()
    if _SURROUNDED.search(signs):
        quoted = '"""' in signs or "'''" in signs  # a text in quotes may hold prompts and fences of its own
        first = next((i for i in range(len(texts)) if lines.rest(i).strip()), 0)
        if _FENCE.match(lines.rest(first)) or not quoted:
            _fences(lines)
        first = next((i for i in range(len(texts)) if lines.rest(i).strip()), 0)
        if _PROMPT.match(lines.rest(first)) or not quoted:
            _prompts(lines)
    _numbers(lines)
    _margin(lines)
    _magics(lines)
    whole = "\n".join(lines.texts)
    if not any(lines.cut):
        return Unwrapped(whole, whole, (), tuple(lines.notes))
    cut = "\n".join(map(lines.rest, range(len(lines.texts))))
    return Unwrapped(cut, whole, tuple(lines.cut), tuple(lines.notes))


_ODD = frozenset(" \t\n0123456789")  # what a program begins with that has something before its lines


def _may_be_surrounded(source: str) -> bool:
    """Whether the text may hold a prompt, a fence, a magic or a margin: quickly no for most."""
    return bool(_MARGIN.match(source)) or (
        any(sign in source for sign in (">>>", "In [", "```", "~~~", "%", "!")) and bool(_SURROUNDED.search(source))
    )


def _sign(match: re.Match[str]) -> str:
    """A sign that looks like one of Python's as that one; texts and comments stay."""
    found = match.group()
    return found if found[0] in "#'\"" else found.translate(_ALIKE)


def _fences(lines: _Lines) -> None:
    """Leaves out the fences, what stands outside them, and what they hold of another language."""
    places = [(i, match) for i, text in enumerate(lines.texts) if (match := _FENCE.match(text))]
    if not places:
        return
    inside, code, said = False, False, False
    held = [match[1].lower() in _CODE for i, match in places[::2]]
    starts = {i: match[1].lower() for i, match in places}
    for i, text in enumerate(lines.texts):
        if i in starts:
            inside = not inside
            code = inside and (starts[i] in _CODE or not any(held))
            lines.leave_out(i)
        elif i < places[0][0] and _BEFORE.match(text):
            continue
        elif not code and text.strip():
            lines.leave_out(i, "" if said else "what stands around the program")
            said = True


def _prompts(lines: _Lines) -> None:
    """Cuts the prompts off, and leaves out what was printed between them."""
    if not any(_PROMPT.match(text) for text in lines.texts):
        return
    cell = said = met = False  # cell: a prompt on a line of its own, the code below it
    for i in range(len(lines.texts)):
        text = lines.rest(i)
        match = _PROMPT.match(text)
        more = None if match else _MORE.match(text)
        met = met or match is not None
        if match is not None:
            lines.cut[i] += match.end()
            cell = "[" in match.group() and not lines.rest(i).strip()
        elif more is not None:
            lines.cut[i] += more.end()
        elif (not met and _BEFORE.match(text)) or (cell and not re.match(r"[ \t]*Out\[", text)):
            continue
        elif text.strip():
            cell = False
            lines.leave_out(i, "" if said else "what was printed between the prompts")
            said = True


def _numbers(lines: _Lines) -> None:
    """Cuts the numbers of lines off, where all lines have them and they count."""
    found = [(i, _NUMBERED.match(lines.rest(i))) for i in range(len(lines.texts)) if lines.rest(i).strip()]
    matches = [(i, match) for i, match in found if match is not None]
    numbers = [int(match[1]) for _, match in matches if len(match[1]) < 6]
    counted = numbers == list(range(numbers[0], numbers[0] + len(found))) if numbers else False
    if len(found) > 1 and counted:
        for i, match in matches:
            lines.cut[i] += match.end()


def _margin(lines: _Lines) -> None:
    """Cuts off the indentation that all lines of code share."""
    numbers = [i for i in range(len(lines.texts)) if (rest := lines.rest(i).strip()) and rest[0] != "#"]
    if not numbers:
        return
    while len(numbers) > 1 and _BEFORE.match(lines.rest(numbers[0])):
        numbers.pop(0)
    first = lines.rest(numbers[0])
    margin = first[: len(first) - len(first.lstrip(" \t"))]
    if not margin or not all(lines.rest(i).startswith(margin) for i in numbers):
        return
    inside = set(numbers)
    for i in range(numbers[0], len(lines.texts)):
        if i in inside:
            lines.cut[i] += len(margin)
        else:
            lines.leave_out(i)


def _magics(lines: _Lines) -> None:
    """Leaves out a notebook's own commands: `%matplotlib inline`, `!pip install torch`."""
    for i in range(len(lines.texts)):
        text = lines.rest(i)
        if _MAGIC.match(text) and (text[0] == "!" or not _open(lines, i)):
            lines.leave_out(i, f"`{text.split()[0]}` is the notebook's, and does not change the circuit")


def _open(lines: _Lines, end: int) -> bool:
    """Whether a bracket is open before a line."""
    before: Sequence[str] = [lines.rest(i) for i in range(end)]
    code = re.sub(rf"#[^\n]*|{STRING}", "", "\n".join(before), flags=re.DOTALL)
    return len(re.findall(r"[(\[{]", code)) > len(re.findall(r"[)\]}]", code))
