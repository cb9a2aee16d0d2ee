import { expect, test } from "vitest";
import reference from "../../tests/page/fan_out.json";
import type { Answer } from "./api.types";
import { aheadOf, sentenceOf, stepsOf } from "./steps";
import { numbersOf } from "./values";

const answer = { warnings: [], notes: [], url: null, ...reference } as unknown as Answer;
const read = (i: number) => {
	const step = stepsOf(answer)[i];
	return step
		? sentenceOf(answer, numbersOf(answer), step)
				.map(({ text }) => text)
				.join("")
		: "";
};

test("steps go forward through the gates, then back from the output", () => {
	expect(stepsOf(answer).map(({ way, node }) => `${way[0]}:${node}`)).toEqual([
		"f:p",
		"f:q",
		"b:q",
		"b:p",
		"b:y",
		"b:x",
	]);
});

test("a step forward says what is computed from what", () => {
	expect(read(0)).toBe("× (p) computes 3 × (−4) = −12.");
});

test("a step back says the sum as it came about, and what is handed on", () => {
	expect(read(2)).toBe(
		"The gradient of the output with respect to itself is the seed, 1; it passes on 1 to × (p) and 1 to x.",
	);
	expect(read(5)).toBe("At x the gradients of both ways add up, −4 + 1 = −3: this is ∂out/∂x.");
});

test("a wire's gradient comes with the step of the gate that it enters", () => {
	const { values, grads } = aheadOf(answer, stepsOf(answer), 3);
	expect(values.size).toBe(0);
	expect([...grads].sort()).toEqual(["p", "x", "x > p", "y", "y > p"]);
});
