/**
 * Numbers as text: four significant digits for the eye, and the size that fits.
 *
 * Python does the same in app/draw/number.py; both are held by tests/cases/number*.json. Both start from the shortest
 * decimal digits that read back as the same float64, so they agree on every tie.
 */

/** Advance widths of the shipped font (2048 units to the em) for what the texts of numbers are made of. */
const UNITS = 2048;
const ADVANCES: ReadonlyMap<string, number> = new Map([
	...Array.from("0123456789", (digit) => [digit, 1303] as const),
	...Object.entries({ " ": 651, ",": 651, ".": 651, "−": 1716, "+": 1716, "=": 1716, "×": 1716, "∞": 1706, "…": 2048 }),
	...Object.entries({ "(": 799, ")": 799, "∥": 1024, N: 1532, a: 1255, e: 1260, f: 721, m: 1995, o: 1253, p: 1300 }),
	...Object.entries({ r: 842, s: 1067, t: 803, u: 1298 }),
]);

/** px; below this a text is a smudge, and the full number is on hover anyway. */
const SMALLEST = 6;

/**
 * `x` to four significant digits: `1.5`, `−16`, `3.142`, `1.2e−7`, `NaN`, `−∞`. Positional from 0.0001 up to a million
 * where that takes at most eight characters, else with an exponent.
 */
export function numberText(x: number): string {
	if (Number.isNaN(x)) return "NaN";
	const sign = x < 0 ? "−" : "";
	if (!Number.isFinite(x)) return `${sign}∞`;
	if (x === 0) return "0";
	const [digits, exponent] = rounded(...shortest(Math.abs(x)), 4);
	if (exponent >= -4 && exponent < 6) {
		const text = positional(digits, exponent);
		if (text.length <= 8) return sign + text;
	}
	const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
	return `${sign}${mantissa}e${exponent < 0 ? "−" : ""}${Math.abs(exponent)}`;
}

/** `x` in the shortest form that reads back as the same float64; `-0` for −0. */
export const exactText = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

/** How wide a number's text is at a font size (both px). */
export function numberWidth(text: string, size: number): number {
	let units = 0;
	for (const character of text) units += ADVANCES.get(character) ?? UNITS;
	return (units * size) / UNITS;
}

/** The font size (px) at which `text` fits into `room` px: `size` where it does, else smaller, by tenths of a px. */
export function numberSize(text: string, room: number, size: number): number {
	const width = numberWidth(text, size);
	return width <= room ? size : Math.max(SMALLEST, Math.floor(((size * room) / width) * 10) / 10);
}

/** A gradient as it came about: in one row (`2 + 2 =` and then the total) or two (the total, and below it the parts). */
export interface SumText {
	readonly rows: number;
	readonly total: string;
	readonly parts: string;
	readonly size: number;
	readonly partsSize: number;
}

/**
 * The sum of `parts` as it is set in `room` px, at font size `size` where it fits; `beside` px of the total's row are kept
 * free (for the gradient's arrow); below it there is room for `lines` rows. With `norms` they are those of tensors, which
 * do not add up: they are listed below.
 */
export function sumText(
	parts: readonly number[],
	total: number,
	room: number,
	size: number,
	beside = 0,
	lines = 1,
	norms = false,
): SumText {
	const totalText = norms ? normText(total) : numberText(total);
	const all = norms ? normTerms(parts) : terms(parts);
	const whole = joined(parts);
	if (!norms && numberWidth(`${whole} = ${totalText}`, size) <= room - beside) {
		return { rows: 1, total: totalText, parts: `${whole} = `, size, partsSize: size };
	}
	const row = all.join(" ");
	const below = (text: string, partsSize: number): SumText => ({
		rows: 1 + text.split("\n").length,
		total: totalText,
		parts: text,
		size: numberSize(totalText, room - beside, size),
		partsSize,
	});
	const least = size * 0.5625;
	const fitting = numberSize(row, room, size * 0.75);
	if (fitting >= least) return below(row, fitting);
	const fits = (text: string, at: number): boolean => {
		const rows = text.split("\n");
		return rows.length <= lines && rows.every((row) => numberWidth(row, at) <= room);
	};
	if (lines > 1) {
		for (const small of [size * 0.625, least]) {
			const rows = wrapped(all, room, small);
			if (fits(rows, small)) return below(rows, small);
		}
	}
	if (fitting >= size * 0.4375) return below(row, fitting);
	for (let shown = parts.length - 1; shown > 0; shown--) {
		const short = wrapped([...all.slice(0, shown), `${norms ? "" : "+ "}… (${parts.length} parts)`], room, least);
		if (fits(short, least)) return below(short, least);
	}
	const short = `${norms ? "of" : "="} … (${parts.length} parts)`;
	return below(short, numberSize(short, room, least));
}

/** How many rows of parts a box of this height (px) has room for below its total. */
export const partRows = (height: number): number => Math.max(1, Math.floor((height - 17) / 12));

/** A tensor's norm: `∥1.235∥`. */
export const normText = (x: number): string => `∥${numberText(x)}∥`;

/** The norms of a tensor's parts, in a list: `of ∥3∥,`, `∥4∥`. */
const normTerms = (parts: readonly number[]): string[] =>
	parts.map((part, i) => `${i ? "" : "of "}${normText(part)}${i < parts.length - 1 ? "," : ""}`);

/** The parts with their signs: `= 1.19`, `− 0.0736`. */
function terms(parts: readonly number[]): string[] {
	return parts
		.map(numberText)
		.map((text, i) => (i === 0 ? `= ${text}` : text.startsWith("−") ? `− ${text.slice(1)}` : `+ ${text}`));
}

/** The pieces in rows no wider than `room` px, where a piece is not; rows are parted by newlines. */
function wrapped(pieces: readonly string[], room: number, size: number): string {
	const rows: string[] = [];
	for (const piece of pieces) {
		const longer = rows.length ? `${rows[rows.length - 1]} ${piece}` : piece;
		if (rows.length && numberWidth(longer, size) <= room) rows[rows.length - 1] = longer;
		else rows.push(piece);
	}
	return rows.join("\n");
}

/** The parts as a sum, a negative one as a difference: `1.19 − 0.0736`. */
export function joined(parts: readonly number[]): string {
	return parts
		.map(numberText)
		.map((text, i) => (i === 0 ? text : text.startsWith("−") ? ` − ${text.slice(1)}` : ` + ${text}`))
		.join("");
}

/** The shortest decimal digits of a positive finite `x`, and its decimal exponent: 0.0736 → ("736", −2). */
function shortest(x: number): [string, number] {
	const [mantissa = "", power = "0"] = String(x).split("e");
	const [whole = "", fraction = ""] = mantissa.split(".");
	const digits = whole + fraction;
	const leading = digits.length - digits.replace(/^0+/, "").length;
	return [digits.replace(/^0+|0+$/g, ""), Number(power) + whole.length - 1 - leading];
}

/** The same number to at most `count` digits, half away from zero: ("99995", 0) → ("1", 1) at four. */
function rounded(digits: string, exponent: number, count: number): [string, number] {
	if (digits.length <= count) return [digits, exponent];
	const kept = Number(digits.slice(0, count)) + Number((digits[count] as string) >= "5");
	const text = String(kept);
	return [text.replace(/0+$/, ""), exponent + text.length - count];
}

/** The digits without an exponent: ("736", −2) → 0.0736, ("15", 2) → 150. */
function positional(digits: string, exponent: number): string {
	if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${digits}`;
	const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
	const fraction = digits.slice(exponent + 1);
	return fraction ? `${whole}.${fraction}` : whole;
}
