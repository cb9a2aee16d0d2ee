import { expect, test } from "vitest";
import cases from "../../../tests/cases/choice.json";
import { choicesOf, chosen, filled, programsOf } from "./choices";

test.each(cases)("$source with $name as $word", ({ source, name, word, result }) => {
	expect(chosen(source, name, word)).toBe(result);
});

test("a choice that is not made is its first word", () => {
	const choices = choicesOf({ "choose.act": "tanh,relu", "slide.L": "1,9" });
	expect(filled("act(x)", choices, new Map())).toBe("tanh(x)");
	expect(filled("act(x)", choices, new Map([["act", "relu"]]))).toBe("relu(x)");
});

test("programs stand between lines of three dashes", () => {
	expect(programsOf("a\nb\n---\nc")).toEqual(["a\nb", "c"]);
});
