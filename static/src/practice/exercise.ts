/** An exercise: the gradients of a circuit, to be found from the output back, with hints that lead before they tell. */

import type { Answer, GraphEdge, GraphNode } from "../api.types";
import { joined, numberText } from "../number";
import { stepsOf } from "../steps";
import { exact, type Numbers, scalar } from "../values";

export interface Question {
	readonly node: GraphNode;
	/** The gradient to be found. */
	readonly answer: number;
	/** From the gentlest to the answer itself. */
	readonly hints: readonly string[];
}

/** The questions, in the order of backpropagation; the output's own gradient is given. Scalars only. */
export function questionsOf(answer: Answer, numbers: Numbers): readonly Question[] {
	const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
	return stepsOf(answer)
		.filter(({ way, node }) => way === "backward" && node !== answer.output?.node)
		.flatMap(({ node: id }) => {
			const node = nodes.get(id);
			const grad = scalar(numbers.grads.get(id));
			if (!node || grad === null) return [];
			const out = answer.edges.filter((edge) => edge.source === id && edge.grad !== null);
			return [{ node, answer: grad, hints: hintsOf(out, nodes, numbers, grad) }];
		});
}

function hintsOf(
	out: readonly GraphEdge[],
	nodes: ReadonlyMap<string, GraphNode>,
	numbers: Numbers,
	grad: number,
): readonly string[] {
	const hints: string[] = [];
	const targets = out.map((edge) => nodes.get(edge.target)).filter((target) => target !== undefined);
	if (out.length > 1)
		hints.push(`It goes ${out.length === 2 ? "two" : out.length} ways: find what comes back along each, and add.`);
	for (const target of new Map(targets.map((each) => [each.op, each])).values()) {
		hints.push(
			target.doc
				? `${target.label}: ${target.doc}`
				: `Which rule has ${target.label}: what is its slope in this operand?`,
		);
	}
	const parts = out.map((edge) => scalar(numbers.edgeGrads.get(edge.id)) ?? Number.NaN);
	out.forEach((edge, i) => {
		const upstream = scalar(numbers.grads.get(edge.target));
		const local = edge.local === null || edge.local === undefined ? null : exact(edge.local);
		if (upstream === null || local === null) return;
		const last = out.length === 1;
		hints.push(
			`From ${nodes.get(edge.target)?.label ?? "the gate"} comes ${numberText(upstream)}, times its slope ${numberText(local)}${last ? "" : ` = ${numberText(parts[i] as number)}`}.`,
		);
	});
	hints.push(
		out.length > 1 ? `The sum: ${joined(parts)} = ${numberText(grad)}.` : `The answer is ${numberText(grad)}.`,
	);
	return hints;
}

/** Whether a given number is the gradient, to the digits that are shown. */
export function isRight(given: number, answer: number): boolean {
	if (Object.is(given, answer) || given === answer) return true;
	if (!Number.isFinite(given) || !Number.isFinite(answer)) return false;
	return Math.abs(given - answer) <= 2e-3 * Math.abs(answer) + 1e-9;
}
