import { expect, test } from "vitest";
import reference from "../../../tests/page/fan_out.json";
import type { Answer } from "../api.types";
import { numbersOf } from "../values";
import { isRight, questionsOf } from "./exercise";

const answer = { warnings: [], notes: [], url: null, ...reference } as unknown as Answer;
const questions = questionsOf(answer, numbersOf(answer));

test("the questions go from the output back, and the output's own gradient is given", () => {
	expect(questions.map(({ node, answer: grad }) => [node.id, grad])).toEqual([
		["p", 1],
		["y", 3],
		["x", -3],
	]);
});

test("hints lead from the rule over the parts to the answer", () => {
	const hints = questions[2]?.hints ?? [];
	expect(hints[0]).toContain("two ways");
	expect(hints.at(-1)).toBe("The sum: −4 + 1 = −3.");
	expect(hints.slice(0, -1).join(" ")).not.toContain("−3");
});

test("a number is right to the digits that are shown, and no further off", () => {
	expect(isRight(0.333, 1 / 3)).toBe(true);
	expect(isRight(0.34, 1 / 3)).toBe(false);
	expect(isRight(-3, 3)).toBe(false);
	expect(isRight(0, -0)).toBe(true);
	expect(isRight(Number.NaN, Number.NaN)).toBe(true);
});
