import { expect, test } from "vitest";
import { onGrid, rangeFor } from "./range";

test("a slider's range is round, holds its value and lies about zero", () => {
	expect(rangeFor(3)).toMatchObject({ low: -5, high: 5 });
	expect(rangeFor(-16)).toMatchObject({ low: -20, high: 20 });
	expect(rangeFor(0)).toMatchObject({ low: -5, high: 5 });
	for (const value of [0.003, 0.5, 1, 7, 99, 12_345, 1e-9, -1e9])
		expect(rangeFor(value).high).toBeGreaterThan(Math.abs(value));
});

test("a step leaves no dust of binary fractions", () => {
	expect(onGrid(0.1 + 0.2, 0.05)).toBe(0.3);
});
