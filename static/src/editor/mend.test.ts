import { expect, test } from "vitest";
import { changeOf } from "./mend";

/** The text after the hint has been put in where `place` is underlined (its first occurrence). */
function mended(source: string, place: string, hint: string): string {
	const start = source.indexOf(place);
	const line = source.slice(0, start).split("\n").length;
	const column = start - (source.lastIndexOf("\n", start - 1) + 1) + 1;
	const span = { line, column, end_line: line, end_column: column + place.length };
	const change = changeOf(span, hint, source);
	return source.slice(0, change.from) + change.insert + source.slice(change.to);
}

test("a hint replaces what is underlined", () => {
	expect(mended("y = 3 + 2x", "2x", "2*x")).toBe("y = 3 + 2*x");
	expect(mended("for i in range(3)\n    x = 1", "for i in range(3)", "for i in range(3):")).toBe(
		"for i in range(3):\n    x = 1",
	);
});

test("a value for a name goes before the program", () => {
	expect(mended("a = 2\nx @ W", "x @ W", "x = randn(3); W = randn(3, 4)")).toBe(
		"x = randn(3); W = randn(3, 4)\na = 2\nx @ W",
	);
	expect(mended("x[i == 2]", "i == 2", "i = 2")).toBe("i = 2\nx[i == 2]");
	expect(mended("zeros(größe)", "zeros(größe)", "größe = 3")).toBe("größe = 3\nzeros(größe)");
});

test("an assignment that reads its own name stands where it is", () => {
	expect(mended("y = x*2\ny.add_(1)", "y.add_(1)", "y = y.add(1)")).toBe("y = x*2\ny = y.add(1)");
	expect(mended("x = [1, 2]\nx[1] = y", "x[1] = y", "x = concat([x[:1], [y], x[2:]])")).toBe(
		"x = [1, 2]\nx = concat([x[:1], [y], x[2:]])",
	);
});

test("an assignment that is the wrong way round is turned in its place", () => {
	expect(mended("a = 1\nx + 1 = y", "x + 1 = y", "y = x + 1")).toBe("a = 1\ny = x + 1");
});
