import { expect, test } from "vitest";
import type { Tape } from "./api.types";
import { differing, replayOf } from "./replay";
import type { Numbers } from "./values";

/** x*y + x, forward and backward: the slots are x y p o | seed gx gp. */
const tape: Tape = {
	inputs: { x: 0, y: 1 },
	constants: [
		[0, 3],
		[1, -4],
		[4, 1],
	],
	steps: [
		["mul", 2, 0, 1],
		["add", 3, 2, 0],
		["mul", 5, 4, 1],
		["add", 6, 5, 4],
		["mul", 7, 4, 0],
	],
	values: { x: 0, y: 1, p: 2, o: 3 },
	grads: { x: 6, y: 7, p: 4, o: 4 },
	edge_grads: { "x > p": 5, "x > o": 4, "y > p": 7, "p > o": 4 },
	edge_values: { "x > p": 0, "x > o": 0, "y > p": 1, "p > o": 2 },
	sums: { x: [5, 4] },
	seed: 4,
	output: 3,
	slots: 8,
};

test("a tape gives values and gradients at other inputs", () => {
	const numbers = replayOf(tape)?.at(new Map([["x", 5]]));
	expect(numbers?.values.get("o")).toBe(-15);
	expect(numbers?.grads.get("x")).toBe(-3);
	expect(numbers?.edgeGrads.get("y > p")).toBe(5);
});

test("a seed multiplies every gradient", () => {
	expect(replayOf(tape)?.at(new Map(), 10).grads.get("y")).toBe(30);
});

test("the parts of a sum are told in the order of the tape", () => {
	const replay = replayOf(tape);
	replay?.at(new Map());
	expect(replay?.parts("x")).toEqual([-4, 1]);
});

test("a central difference agrees at an input and within the circuit", () => {
	const replay = replayOf(tape);
	replay?.at(new Map());
	expect(replay?.difference("x")).toBeCloseTo(-3, 6);
	expect(replay?.difference("p")).toBeCloseTo(1, 6);
});

test("an operator that the page does not know leaves the numbers to the server", () => {
	expect(replayOf({ ...tape, steps: [["constructor", 2, 0, 1]] })).toBeNull();
});

test("what the page counts otherwise than the server is named", () => {
	const mine = replayOf(tape)?.at(new Map()) as Numbers;
	const theirs = { ...mine, values: new Map(mine.values) };
	expect(differing(mine, theirs)).toEqual([]);
	theirs.values.set("p", -12.0000000001);
	expect(differing(mine, theirs)).toEqual([]);
	theirs.values.set("p", -12.5);
	expect(differing(mine, theirs)).toEqual(["p"]);
	theirs.values.set("p", "NaN");
	expect(differing(mine, theirs)).toEqual(["p"]);
});
