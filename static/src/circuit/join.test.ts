import { expect, test } from "vitest";
import type { Mark } from "../api.types";
import { adopt, join } from "./join";

const gate = (id: string, x: number): Mark => ({
	tag: "g",
	key: `node:${id}`,
	attributes: { class: "node", "data-node": id },
	children: [
		{ tag: "circle", key: "body", attributes: { cx: x, r: 20 } },
		{ tag: "text", key: "value", attributes: { class: "value" }, text: String(x) },
	],
});
const parent = () => document.createElementNS("http://www.w3.org/2000/svg", "g");
const finish = (moves: ReturnType<typeof join>) => {
	for (const { element, attribute, to } of moves) element.setAttribute(attribute, to);
};

test("elements become equal to the marks, in their order", () => {
	const root = parent();
	join(root, [gate("a", 1), gate("b", 2)]);
	expect([...root.children].map((child) => child.getAttribute("data-node"))).toEqual(["a", "b"]);
	expect(root.querySelector("text")?.textContent).toBe("1");
});

test("what stays keeps its element, and what moved is told", () => {
	const root = parent();
	join(root, [gate("a", 1), gate("b", 2)]);
	const b = root.children[1];
	const moves = join(root, [gate("b", 7), gate("c", 3)]);
	expect(root.children[0]).toBe(b);
	expect(moves).toEqual([expect.objectContaining({ attribute: "cx", from: "2", to: "7" })]);
	finish(moves);
	expect(root.children).toHaveLength(2);
});

test("the server's elements are adopted", () => {
	const root = parent();
	join(root, [gate("a", 1)]);
	const served = root.cloneNode(true) as SVGGElement;
	const first = served.children[0];
	adopt(served, [gate("a", 1)]);
	join(served, [gate("n", 0), gate("a", 1)]);
	expect(served.children[1]).toBe(first);
	expect(served.children).toHaveLength(2);
});

test("a class that says a state of the page outlives a join", () => {
	const root = parent();
	join(root, [gate("a", 1)]);
	root.children[0]?.classList.add("selected");
	join(root, [gate("a", 1)]);
	expect(root.children[0]?.getAttribute("class")).toBe("node selected");
});

test("a mark sets no handler and no style", () => {
	const root = parent();
	join(root, [{ tag: "g", key: "a", attributes: { onclick: "x", style: "fill:red", href: "javascript:x" } }]);
	expect(root.children[0]?.attributes).toHaveLength(0);
});
