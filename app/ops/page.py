"""How the page computes each elementwise operator: `python -m app.ops.page > static/src/generated/ops.ts`."""

import sys

from app.ops.catalogue import CATALOGUE
from app.ops.erf import FAR, FARTHER, MIDDLE, NEAR_ONE, SMALL, Table
from app.ops.operator import Operator

HEAD = (
    "/** Made by `python -m app.ops.page` from the operator catalogue: how the page computes elementwise operators. */"
)

# What `Math` lacks, or has otherwise than IEEE and PyTorch.
HELPERS = """
/** x^y as C has it: 1 to any power, and −1 to an infinite one, are 1. */
const power = (x: number, y: number): number =>
	x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y;

/** The remainder with the sign of the divisor. */
const mod = (x: number, y: number): number => {
	const rest = x % y;
	return rest !== 0 && rest < 0 !== y < 0 ? rest + y : rest === 0 && y < 0 ? -0 : rest;
};

/** ⌊x/y⌋ as Python has it: by the exact remainder, so that 1 // 0.1 is 9. */
const floordiv = (x: number, y: number): number => {
	if (y === 0) return x / y;
	const rest = x % y;
	const times = (x - rest) / y - (rest !== 0 && rest < 0 !== y < 0 ? 1 : 0);
	const low = Math.floor(times);
	return times - low > 0.5 ? low + 1 : low;
};

/** The nearest whole number, a half to the even one. */
const round = (x: number): number => {
	const low = Math.floor(x);
	const rest = x - low;
	return rest < 0.5 || (rest === 0.5 && low % 2 === 0) ? low : rest >= 0.5 ? Math.ceil(x) : x;
};

const clip = (x: number, lo = Number.NEGATIVE_INFINITY, hi = Number.POSITIVE_INFINITY): number =>
	Math.min(Math.max(x, lo), hi);

const total = (...xs: number[]): number => xs.reduce((sum, x) => sum + x);

const relu = (x: number): number => (x <= 0 ? 0 : x);

const leaky_relu = (x: number, slope = 0.01): number => (x > 0 ? x : x * slope);

const elu = (x: number, alpha = 1): number => (x <= 0 ? alpha * Math.expm1(x) : x);

const softplus = (x: number): number => (x > 20 ? x : Math.log1p(Math.exp(x)));

const logaddexp = (x: number, y: number): number =>
	x === y ? x + Math.LN2 : Math.max(x, y) + Math.log1p(Math.exp(-Math.abs(x - y)));

const polynomial = (coefficients: readonly number[],
                    s: number): number => coefficients.reduceRight((sum, c) => sum * s + c, 0);

const ratio = (table: readonly [readonly number[], readonly number[]], s: number): number =>
	polynomial(table[0], s) / polynomial(table[1], s);

/** The error function, by the approximations of FreeBSD's msun (Sun, 1993). */
const erf = (x: number): number => {
	const size = Math.abs(x);
	if (size < 0.84375) return x + x * ratio(SMALL, x * x);
	if (size < 1.25) return Math.sign(x) * (NEAR_ONE + ratio(MIDDLE, size - 1));
	if (!(size < 6)) return size >= 6 ? Math.sign(x) : x;
	const z = Math.fround(size);
	const far = ratio(size < 1 / 0.35 ? FAR : FARTHER, 1 / (size * size));
	return Math.sign(x) * (1 - (Math.exp(-z * z - 0.5625) * Math.exp((z - size) * (z + size) + far)) / size);
};
"""


def entry(operator: Operator) -> str | None:
    """A line of the table; None where the page has no spelling of the operator."""
    template = operator.spell.js
    if template == "":
        return None
    names = "abcdef"[: len(operator.operands)]
    listed = [p for p in operator.operands if p.role in ("operands", "list")]
    optional = [p for p in operator.operands if p.role == "operand" and not p.required]
    if listed or optional:
        taken, arguments = ["...a"], ["...(a as [number])"] if optional else ["...a"]
    else:
        taken = list(names)
        arguments = [f"{name}!" for name in names]
    text = (template or f"{operator.name}({{args}})").format(*arguments, args=", ".join(arguments))
    body = f"({text} ? 1 : 0)" if operator.mask else text
    return f"\t{operator.name}: ({', '.join(taken)}) => {body},"


def _table(name: str, table: Table) -> str:
    rows = ", ".join(f"[{', '.join(map(repr, row))}]" for row in table)
    return f"const {name}: readonly [readonly number[], readonly number[]] = [{rows}];"


def module() -> str:
    """The whole file."""
    lines = [HEAD, HELPERS.rstrip(), "", f"const NEAR_ONE = {NEAR_ONE!r};"]
    tables = {"SMALL": SMALL, "MIDDLE": MIDDLE, "FAR": FAR, "FARTHER": FARTHER}
    lines += [_table(name, table) for name, table in tables.items()]
    lines += ["", "export const OPS: Record<string, (...a: number[]) => number> = {"]
    operators = sorted((o for o in CATALOGUE.values() if o.family == "elementwise"), key=lambda o: o.name)
    lines += filter(None, map(entry, operators))
    return "\n".join([*lines, "};", ""])


if __name__ == "__main__":
    sys.stdout.write(module())
