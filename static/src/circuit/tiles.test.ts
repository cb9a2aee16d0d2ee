import { expect, test } from "vitest";
import { placesOf } from "./tiles";

test("a path goes through where each of its pieces ends", () => {
	expect(placesOf("M0 10L20 10C30 10 30 -5.5 40 -5.5C50 -5.5 50 8 60 8H80V90")).toEqual([
		[0, 10],
		[20, 10],
		[40, -5.5],
		[60, 8],
		[80, 8],
		[80, 90],
	]);
});

test("one command may have several pieces", () => {
	expect(placesOf("M0 0L1 2 3 4Q5 5 6 0")).toEqual([
		[0, 0],
		[1, 2],
		[3, 4],
		[6, 0],
	]);
});
