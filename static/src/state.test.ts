// @vitest-environment node
import { expect, test } from "vitest";
import type { Given } from "./api.types";
import { type Document, EMPTY_DOCUMENT } from "./model";
import { addressOf, compact, documentAt, documentFrom, expand, stateOf } from "./state";

const document: Document = {
	...EMPTY_DOCUMENT,
	source: "x*y + α",
	inputs: new Map<string, Given>([
		["x", 3],
		["y", [[1, 2]]],
	]),
	seed: 10,
	collapse: ["f#1"],
	selected: "x",
	step: 4,
	hide: ["transport"],
	compare: "max(x, y) + f(1, 2)",
};

test("a document comes back from its readable address", async () => {
	const address = await addressOf(document);
	expect(address).toMatch(/^\/\?source=/);
	expect(await documentAt(new URLSearchParams(address.slice(2)))).toEqual(document);
});

test("a long document takes the compact form, and comes back from it", async () => {
	const long = { ...document, source: Array.from({ length: 400 }, (_, i) => `v${i} = ${i * i}`).join("\n") };
	const address = await addressOf(long);
	expect(address).toMatch(/^\/\?c=[\w-]+$/);
	expect(await documentAt(new URLSearchParams(address.slice(2)))).toEqual(long);
});

test("what stands beside a compact state wins over it", async () => {
	const query = new URLSearchParams({ c: await compact(stateOf(document)), "in.x": "7", share: "false" });
	const read = await documentAt(query);
	expect(read.inputs.get("x")).toBe(7);
	expect(read.share).toBe(false);
});

test("only what differs from the default is said", () => {
	expect(stateOf({ ...EMPTY_DOCUMENT, source: "x" })).toEqual({ v: 1, source: "x" });
});

test("what a state says wrongly or what nobody knows is left at its default", () => {
	expect(documentFrom({ source: "x", step: -1, direction: "up", collapse: 7, nobody: 1 })).toEqual({
		...EMPTY_DOCUMENT,
		source: "x",
	});
});

test("names such as __proto__ are inputs like any other", async () => {
	const read = await documentAt(new URLSearchParams("source=x&in.__proto__=3"));
	expect(Object.getPrototypeOf(read.inputs)).toBe(Map.prototype);
});

test("a state that zlib packed is read too", async () => {
	const bytes = await new Response(
		new Blob(['{"source":"x"}']).stream().pipeThrough(new CompressionStream("deflate")),
	).arrayBuffer();
	const text = btoa(String.fromCharCode(...new Uint8Array(bytes)))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
	expect(await expand(text)).toEqual({ source: "x" });
});
