/** What a node or a wire is to who does not see it. */

import type { GraphEdge, GraphNode, Value } from "../api.types";
import { numberText } from "../number";
import { exact, isTensor, type Numbers } from "../values";

/** A node with its numbers; `hidden`: its gradient is to be found by the reader. */
export function spokenNode(node: GraphNode, numbers: Numbers | null, hidden: boolean): string {
	const name = node.kind === "op" ? `${node.op} ${node.names.join(", ")}`.trim() : `${node.kind} ${node.label}`;
	return spoken(
		name,
		numbers?.values.get(node.id) ?? node.value,
		hidden || node.kind === "constant" ? undefined : (numbers?.grads.get(node.id) ?? node.grad),
	);
}

/** A wire, between the labels of its ends. */
export function spokenEdge(
	edge: GraphEdge,
	ends: readonly [source: string | undefined, target: string | undefined],
	numbers: Numbers | null,
	hidden: boolean,
): string {
	return spoken(
		`wire from ${ends[0]} to ${ends[1]}`,
		numbers?.edgeValues.get(edge.id) ?? edge.value,
		hidden ? undefined : (numbers?.edgeGrads.get(edge.id) ?? edge.grad),
	);
}

/** A gradient that is undefined is not told. */
function spoken(name: string, value: Value | null, grad: Value | null | undefined): string {
	const say = (x: Value | null) =>
		x === null ? "none" : isTensor(x) ? `of shape ${x.shape.join(" by ")}` : numberText(exact(x));
	return `${name}: value ${say(value)}${grad === undefined ? "" : `, gradient ${say(grad)}`}`;
}
