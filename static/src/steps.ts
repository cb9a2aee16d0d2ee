/** The steps of backpropagation as one goes through them: forward gate by gate, then backward, each with one sentence. */

import type { Answer, GraphEdge, GraphNode, Value } from "./api.types";
import { joined, numberText } from "./number";
import { exact, isTensor, type Numbers, scalar } from "./values";

export interface Step {
	readonly way: "forward" | "backward";
	readonly node: string;
}

/** A piece of a sentence, with what it is: a value, a gradient, a name, or plain words. */
export interface Piece {
	readonly text: string;
	readonly kind?: "value" | "grad" | "name";
}

/** All steps: gates in the order of the program, then all that takes part in the gradient in the order in which it comes. */
export function stepsOf(answer: Answer): readonly Step[] {
	const forward = answer.nodes
		.filter(({ kind }) => kind === "op" || kind === "group")
		.map(({ id }): Step => ({ way: "forward", node: id }));
	const backward = answer.nodes
		.filter(({ kind, grad, reached }) => kind !== "constant" && grad !== null && reached !== false)
		.map(({ id }): Step => ({ way: "backward", node: id }))
		.toReversed();
	const output = answer.output?.node;
	const at = backward.findIndex(({ node }) => node === output);
	if (at > 0) backward.unshift(...backward.splice(at, 1));
	return [...forward, ...backward];
}

/** What is not known yet once `count` steps are done: values, and gradients of nodes and of wires. */
export function aheadOf(
	answer: Answer,
	steps: readonly Step[],
	count: number,
): { readonly values: ReadonlySet<string>; readonly grads: ReadonlySet<string> } {
	const done = steps.slice(0, count);
	const forward = new Set(done.filter(({ way }) => way === "forward").map(({ node }) => node));
	const backward = new Set(done.filter(({ way }) => way === "backward").map(({ node }) => node));
	const values = new Set<string>();
	const grads = new Set<string>();
	for (const node of answer.nodes) {
		if ((node.kind === "op" || node.kind === "group") && !forward.has(node.id)) values.add(node.id);
		if (node.kind !== "constant" && node.reached !== false && !backward.has(node.id)) grads.add(node.id);
	}
	for (const edge of answer.edges) {
		if (values.has(edge.source)) values.add(edge.id);
		// A wire's gradient comes with the step of the gate that it enters.
		if (grads.has(edge.target)) grads.add(edge.id);
	}
	return { values, grads };
}

const say = (value: Value | null | undefined): string => {
	if (value === null || value === undefined) return "nothing";
	return isTensor(value) ? `∥${numberText(exact(value.norm ?? "NaN"))}∥` : numberText(exact(value));
};
const shown = (value: Value | null | undefined): string =>
	isTensor(value) ? `a tensor of ${value.shape.join("×")}` : say(value);

export const nameOf = (node: GraphNode): string => node.names[0] ?? (node.kind === "group" ? node.id : node.label);

/** A gate as a sentence calls it: its sign, and its name where it has one. */
const called = (node: GraphNode): string =>
	node.names[0] && node.kind !== "input" && node.names[0] !== node.label
		? `${node.label} (${node.names[0]})`
		: node.label;

/** Nothing is to be found. */
const ALL_KNOWN: ReadonlySet<string> = new Set();

/** How a step reads, with its numbers; a question mark stands for each gradient of `blank`, which the reader is to find. */
export function sentenceOf(
	answer: Answer,
	numbers: Numbers,
	step: Step,
	blank: ReadonlySet<string> = ALL_KNOWN,
): readonly Piece[] {
	const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
	const node = nodes.get(step.node);
	if (!node) return [];
	const value = numbers.values.get(node.id) ?? null;
	const into = answer.edges.filter((edge) => edge.target === node.id);
	const out = answer.edges.filter((edge) => edge.source === node.id && edge.grad !== null);
	if (step.way === "forward") return forwardSentence(node, into, numbers, value);
	return backwardSentence(answer, node, nodes, into, out, numbers, blank);
}

const INFIX: ReadonlyMap<string, string> = new Map(Object.entries({ add: "+", sub: "−", mul: "×", div: "÷" }));

function forwardSentence(
	node: GraphNode,
	into: readonly GraphEdge[],
	numbers: Numbers,
	value: Value | null,
): readonly Piece[] {
	const taken = into.map((edge) => numbers.edgeValues.get(edge.id) ?? null);
	const pieces: Piece[] = [{ text: called(node), kind: "name" }, { text: " computes " }];
	const sign = INFIX.get(node.op);
	if (sign && taken.length === 2) {
		pieces.push(
			{ text: shown(taken[0]), kind: "value" },
			{ text: ` ${sign} ` },
			{ text: bracketed(shown(taken[1])), kind: "value" },
		);
	} else if (node.op === "pow" && taken.length === 2) {
		pieces.push(
			{ text: shown(taken[0]), kind: "value" },
			{ text: " to the power of " },
			{ text: shown(taken[1]), kind: "value" },
		);
	} else {
		pieces.push({ text: `${node.kind === "group" ? node.label : node.label}(` });
		taken.forEach((each, i) => {
			if (i) pieces.push({ text: ", " });
			pieces.push({ text: shown(each), kind: "value" });
		});
		pieces.push({ text: ")" });
	}
	if (value !== null) pieces.push({ text: isTensor(value) ? ": " : " = " }, { text: shown(value), kind: "value" });
	pieces.push({ text: "." });
	return pieces;
}

const bracketed = (text: string): string => (text.startsWith("−") ? `(${text})` : text);

function backwardSentence(
	answer: Answer,
	node: GraphNode,
	nodes: ReadonlyMap<string, GraphNode>,
	into: readonly GraphEdge[],
	out: readonly GraphEdge[],
	numbers: Numbers,
	blank: ReadonlySet<string>,
): readonly Piece[] {
	const pieces: Piece[] = [];
	const told = (grads: ReadonlyMap<string, Value | null>, id: string): string =>
		blank.has(id) ? "?" : say(grads.get(id));
	const grad = told(numbers.grads, node.id);
	if (answer.output?.node === node.id) {
		pieces.push(
			{ text: "The gradient of the output with respect to itself is the seed, " },
			{ text: grad, kind: "grad" },
		);
	} else if (out.length > 1) {
		const parts = out.map((edge) => numbers.edgeGrads.get(edge.id) ?? null);
		const all = parts.map(scalar).filter((part) => part !== null);
		const added = blank.has(node.id) ? parts.map(() => "?").join(" + ") : joined(all);
		const sum = all.length === parts.length ? `${added} = ${grad}` : grad;
		const ways = out.length === 2 ? "both ways" : `all ${out.length} ways`;
		pieces.push(
			{ text: "At " },
			{ text: called(node), kind: "name" },
			{ text: ` the gradients of ${ways} add up, ` },
			{ text: sum, kind: "grad" },
		);
	} else {
		const from = nodes.get(out[0]?.target ?? "");
		pieces.push(
			{ text: "Back from " },
			{ text: from ? called(from) : "the output", kind: "name" },
			{ text: " to " },
			{ text: called(node), kind: "name" },
		);
		pieces.push({ text: " comes " }, { text: grad, kind: "grad" });
	}
	if (node.kind === "input") return [...pieces, { text: `: this is ∂out/∂${node.label}.` }];
	const passed = into.filter((edge) => edge.grad !== null);
	passed.slice(0, 4).forEach((edge, i) => {
		const source = nodes.get(edge.source);
		pieces.push({ text: i === 0 ? "; it passes on " : i === Math.min(passed.length, 4) - 1 ? " and " : ", " });
		pieces.push(
			{ text: told(numbers.edgeGrads, edge.id), kind: "grad" },
			{ text: " to " },
			{ text: source ? called(source) : "its input", kind: "name" },
		);
	});
	if (passed.length > 4) pieces.push({ text: ` and to ${passed.length - 4} more` });
	return [...pieces, { text: "." }];
}
