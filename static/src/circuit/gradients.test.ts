import { expect, test } from "vitest";
import { badge, clearPlace, strength } from "./gradients";

test("a gradient of 1 is 3 px wide, a thousandfold 7.5, and none is wider than 9", () => {
	expect(strength(-1)).toEqual({ kind: "some", width: 3, opacity: 1 });
	expect(strength(1000).width).toBe(7.5);
	expect(strength(1e300).width).toBe(9);
});

test("a millionth is a pale hair", () => {
	expect(strength(1e-6)).toEqual({ kind: "some", width: 0.8, opacity: 0.28 });
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
