"""Numbers as text: four significant digits for the eye, the shortest exact form for machines, and the size that fits.

The page does the same in static/src/number.ts; both are held by tests/cases/number*.json. Both start from the shortest
decimal digits that read back as the same float64 (Python's `repr`, JavaScript's `String`), so they agree on every tie.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from app.layout.metrics import text_width

SMALLEST = 6.0  # px; below this a text is a smudge, and the full number is on hover anyway


def number_text(x: float) -> str:
    """`x` to four significant digits, as a reader wants it: `1.5`, `−16`, `3.142`, `1.2e−7`, `NaN`, `−∞`.

    The shortest decimal digits that read back as `x` are rounded to four, half away from zero, and trailing zeros are
    dropped; −0 is `0`. Positional from 0.0001 up to a million, in the form 1.234e5 outside that and where positional
    digits would take more than eight characters (0.0001234). The minus is U+2212, the exponent has no plus.
    """
    if 0.001 <= x < 1000:
        text = repr(x)
        if len(text) <= 5:  # as most numbers in a program: no more than four digits
            return text.removesuffix(".0")
    if math.isnan(x):
        return "NaN"
    sign = "−" if x < 0 else ""
    if math.isinf(x):
        return f"{sign}∞"
    if x == 0:
        return "0"
    digits, exponent = rounded(*shortest(abs(x)), 4)
    if -4 <= exponent < 6:
        text = positional(digits, exponent)
        if len(text) <= 8:
            return sign + text
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{mantissa}e{'−' if exponent < 0 else ''}{abs(exponent)}"


def exact_text(x: float) -> str:
    """`x` in the shortest form that reads back as the same float64, as JavaScript's `String` writes it; `-0` for −0,
    and `NaN`, `Infinity`, `-Infinity` in words."""
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    sign = "-" if math.copysign(1.0, x) < 0 else ""
    if x == 0:
        return f"{sign}0"
    digits, exponent = shortest(abs(x))
    if -6 <= exponent < 21:  # ECMA-262, Number::toString
        return sign + positional(digits, exponent)
    mantissa = digits if len(digits) == 1 else f"{digits[0]}.{digits[1:]}"
    return f"{sign}{mantissa}e{'-' if exponent < 0 else '+'}{abs(exponent)}"


def number_size(text: str, room: float, size: float) -> float:
    """The font size (px) at which `text` fits into `room` px: `size` where it does, else smaller, by tenths of a px."""
    width = text_width(text, size)
    if width <= room:
        return size
    return max(SMALLEST, math.floor(size * room / width * 10) / 10)


class SumText(NamedTuple):
    """A gradient as it came about, as it is shown: `parts` before or below the total. `rows` is 1 (`2 + 2 =` and then
    the total, at one size) or more (the total, and below it `= 1.11 + 0.101`, smaller, its rows parted by newlines)."""

    rows: int
    total: str
    parts: str
    size: float
    parts_size: float


def sum_text(
    parts: Sequence[float],
    total: float,
    room: float,
    size: float,
    beside: float = 0,
    lines: int = 1,
    *,
    norms: bool = False,
) -> SumText:
    """The sum of `parts` as it is set in `room` px, at font size `size` where it fits; `beside` px of the total's row
    are kept free (for the gradient's arrow), and below it there is room for `lines` rows of five eighths of the size.

    One row where that fits at full size, else the parts go below: in one row at three quarters down to nine sixteenths,
    else in as many rows as there are at five eighths or nine sixteenths, else in one row down to seven sixteenths;
    where that is not enough, as many parts as fit are followed by `… (20 parts)`. Norms, as they are of tensors, do not
    add up: they are always listed below, `of ∥3∥, ∥4∥`.
    """
    total_text = norm_text(total) if norms else number_text(total)
    all_terms = norm_terms(parts) if norms else terms(parts)
    if not norms:
        whole = joined(parts)
        if text_width(f"{whole} = {total_text}", size) <= room - beside:
            return SumText(1, total_text, f"{whole} = ", size, size)
    total_size = number_size(total_text, room - beside, size)
    least = size * 0.5625
    below = " ".join(all_terms)
    fitting = number_size(below, room, size * 0.75)
    if fitting >= least:
        return SumText(2, total_text, below, total_size, fitting)
    if lines > 1:
        for small in (size * 0.625, least):
            rows = wrapped(all_terms, room, small)
            if rows.count("\n") < lines and all(text_width(text, small) <= room for text in rows.split("\n")):
                return SumText(2 + rows.count("\n"), total_text, rows, total_size, small)
    if fitting >= size * 0.4375:
        return SumText(2, total_text, below, total_size, fitting)
    for shown in range(len(parts) - 1, 0, -1):
        rows = wrapped([*all_terms[:shown], f"{'' if norms else '+ '}… ({len(parts)} parts)"], room, least)
        if rows.count("\n") < lines and all(text_width(text, least) <= room for text in rows.split("\n")):
            return SumText(2 + rows.count("\n"), total_text, rows, total_size, least)
    short = f"{'of' if norms else '='} … ({len(parts)} parts)"
    return SumText(2, total_text, short, total_size, number_size(short, room, least))


def part_rows(height: float) -> int:
    """How many rows of parts a box of this height (px) has room for below its total (16 px and a pixel)."""
    return max(1, int((height - 17) // 12))


def terms(parts: Sequence[float]) -> list[str]:
    """The parts with their signs: `= 1.19`, `− 0.0736`."""
    texts = [number_text(part) for part in parts]
    return [
        f"= {text}" if i == 0 else f"− {text[1:]}" if text.startswith("−") else f"+ {text}"
        for i, text in enumerate(texts)
    ]


def norm_text(x: float) -> str:
    """A tensor's norm: `∥1.235∥`."""
    return f"∥{number_text(x)}∥"


def norm_terms(parts: Sequence[float]) -> list[str]:
    """The norms of a tensor's parts, in a list: `of ∥3∥,`, `∥4∥`."""
    texts = [f"{norm_text(part)}{',' if i < len(parts) - 1 else ''}" for i, part in enumerate(parts)]
    return [f"of {text}" if i == 0 else text for i, text in enumerate(texts)]


def wrapped(pieces: Sequence[str], room: float, size: float) -> str:
    """The pieces in rows no wider than `room` px, where a piece is not; rows are parted by newlines."""
    rows: list[str] = []
    for piece in pieces:
        if rows and text_width(f"{rows[-1]} {piece}", size) <= room:
            rows[-1] += f" {piece}"
        else:
            rows.append(piece)
    return "\n".join(rows)


def joined(parts: Sequence[float]) -> str:
    """The parts as a sum, a negative one as a difference: `1.19 − 0.0736`."""
    texts = [number_text(part) for part in parts]
    return "".join(
        text if i == 0 else f" − {text[1:]}" if text.startswith("−") else f" + {text}" for i, text in enumerate(texts)
    )


def shortest(x: float) -> tuple[str, int]:
    """The shortest decimal digits of a positive finite `x`, without zeros at their ends, and its decimal exponent:
    0.0736 → ("736", −2)."""
    mantissa, _, power = repr(float(x)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    leading = len(digits) - len(digits.lstrip("0"))
    exponent = int(power or 0) + len(whole) - 1 - leading
    return digits.strip("0"), exponent


def rounded(digits: str, exponent: int, count: int) -> tuple[str, int]:
    """The same number to at most `count` digits, half away from zero: ("99995", 0) → ("1", 1) at four."""
    if len(digits) <= count:
        return digits, exponent
    kept = int(digits[:count]) + (digits[count] >= "5")
    text = str(kept)
    return text.rstrip("0"), exponent + len(text) - count


def positional(digits: str, exponent: int) -> str:
    """The digits without an exponent: ("736", −2) → 0.0736, ("15", 2) → 150."""
    if exponent < 0:
        return "0." + "0" * (-exponent - 1) + digits
    whole = digits[: exponent + 1].ljust(exponent + 1, "0")
    fraction = digits[exponent + 1 :]
    return f"{whole}.{fraction}" if fraction else whole
