import { expect, test } from "vitest";
import cases from "../../../tests/cases/flow.json";
import type { Value } from "../api.types";
import { badge, clearPlace, strength } from "./gradients";

test("a wire is as wide and as strong as its gradient is large, as app/draw/marks/wire.py draws it", () => {
	for (const [size, width, opacity] of cases) {
		const found = strength(size === "none" ? null : (size as Value));
		expect([found.width.toFixed(2), found.opacity.toFixed(2)]).toEqual([
			Number(width).toFixed(2),
			Number(opacity).toFixed(2),
		]);
	}
	expect(strength(-1)).toEqual(strength(1));
});

test("zero, infinity and what is no number have kinds of their own", () => {
	expect([strength(0), strength("-Infinity"), strength("NaN"), strength(null)].map(({ kind }) => kind)).toEqual([
		"zero",
		"infinite",
		"nan",
		"none",
	]);
});

test("a sign keeps clear of the texts and the ends of its wire", () => {
	const box = { x: 0, y: -20, width: 60, height: 16 };
	const [x, y] = clearPlace(
		[
			[0, 0],
			[200, 0],
		],
		[box],
	);
	expect(y).toBe(0);
	expect(x).toBeGreaterThan(100);
	expect(x).toBeLessThan(160);
});

test("a badge is a circle and its sign at one place", () => {
	const edge = {
		id: "e",
		source: "a",
		target: "b",
		slot: 0,
		value: 1,
		grad: 0,
		points: [
			[0, 0],
			[80, 0],
		] as const,
	};
	const found = badge(edge, "0");
	expect(found.querySelector("circle")?.getAttribute("cx")).toBe("40");
	expect(found.textContent).toBe("0");
});
