import { expect, test } from "vitest";
import { rangeOf } from "./spans";

const at = (line: number, column: number, end_line: number, end_column: number) => ({
	line,
	column,
	end_line,
	end_column,
});

test("a span is found by its line and code points", () => {
	expect(rangeOf(at(2, 1, 2, 3), "a = 1\nbc + d")).toEqual({ from: 6, to: 8 });
	expect(rangeOf(at(1, 3, 1, 4), "𝑥+y")).toEqual({ from: 3, to: 4 });
});

test("a span beyond the text is brought to its end", () => {
	expect(rangeOf(at(9, 1, 9, 5), "a\nb")).toEqual({ from: 3, to: 3 });
});
