import { expect, test } from "vitest";
import type { Answer } from "../api.types";
import { EMPTY_ANSWER } from "../model";
import { edgeNear, neighbour } from "./geometry";

const node = (id: string, x: number, y: number) =>
	({
		id,
		op: "add",
		kind: "op",
		label: "+",
		names: [],
		shape: [],
		value: 1,
		grad: 1,
		span: null,
		spans: [],
		group: null,
		assumed: false,
		reached: true,
		x: x - 20,
		y: y - 20,
		width: 40,
		height: 40,
	}) as const;
const edge = (source: string, target: string, points: [number, number][]) => ({
	id: `${source} > ${target}`,
	source,
	target,
	slot: 0,
	value: 1,
	grad: 1,
	points,
});
const answer: Answer = {
	...EMPTY_ANSWER,
	nodes: [node("a", 0, 0), node("b", 0, 100), node("c", 200, 10)],
	edges: [
		edge("a", "c", [
			[20, 0],
			[180, 10],
		]),
		edge("b", "c", [
			[20, 100],
			[180, 10],
		]),
	],
};

test("arrows follow wires along the flow and against it", () => {
	expect(neighbour(answer, "b", "with", "right")).toBe("c");
	expect(neighbour(answer, "c", "against", "right")).toBe("a");
});

test("arrows across the flow lead to the neighbour", () => {
	expect(neighbour(answer, "a", "after", "right")).toBe("b");
	expect(neighbour(answer, "b", "before", "right")).toBe("a");
	expect(neighbour(answer, "a", "before", "right")).toBeNull();
});

test("the nearest wire within reach is found", () => {
	expect(edgeNear(answer, [100, 8], 9)?.id).toBe("a > c");
	expect(edgeNear(answer, [100, 200], 9)).toBeNull();
});
