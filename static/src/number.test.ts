import { expect, test } from "vitest";
import cases from "../../tests/cases/number.json";
import sizes from "../../tests/cases/number_size.json";
import { exactText, numberSize, numberText, sumText } from "./number";

const special: Record<string, number> = {
	NaN: Number.NaN,
	Infinity: Number.POSITIVE_INFINITY,
	"-Infinity": Number.NEGATIVE_INFINITY,
};
const numberOf = (x: unknown): number => (typeof x === "string" ? (special[x] ?? Number(x)) : (x as number));

test("a number reads as Python writes it", () => {
	for (const [x, text] of cases as unknown as [unknown, string, string][])
		expect([x, numberText(numberOf(x))]).toEqual([x, text]);
});

test("an exact number reads as Python writes it", () => {
	for (const [x, , exact] of cases as unknown as [unknown, string, string][]) {
		if (x !== 0) expect([x, exactText(numberOf(x))]).toEqual([x, exact]);
	}
});

test("a text too wide for its room is set smaller, as Python sets it", () => {
	for (const [text, room, size, fitting] of sizes.sizes as unknown as [string, number, number, number][]) {
		expect([text, numberSize(text, room, size)]).toEqual([text, fitting]);
	}
});

type Set = [unknown[], unknown, number, number, number, unknown[], number?];

test.each([
	["a sum is set", sizes.sums, false],
	["norms are listed", sizes.norms, true],
] as const)("%s in one row or more, as Python sets it", (_, rows, norms) => {
	for (const [parts, total, room, size, beside, set, lines] of rows as unknown as Set[]) {
		const said = sumText(parts.map(numberOf), numberOf(total), room, size, beside, lines ?? 1, norms);
		expect([parts, room, said.rows, said.total, said.parts, said.size, said.partsSize]).toEqual([parts, room, ...set]);
	}
});
