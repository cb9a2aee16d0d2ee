/** Where things are: the nearest wire to a place, and the neighbour that an arrow key leads to. */

import type { Answer, GraphEdge, GraphNode } from "../api.types";

type Place = readonly [x: number, y: number];

/** Squared distance from a place to the piece from a to b. */
function distanceTo([x, y]: Place, [ax, ay]: Place, [bx, by]: Place): number {
	const [dx, dy] = [bx - ax, by - ay];
	const length = dx * dx + dy * dy;
	const along = length === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / length));
	return (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2;
}

/** The wire nearest to a place, within `reach` px; where several are as near, the last part of a shared way decides. */
export function edgeNear(answer: Answer, place: Place, reach: number): GraphEdge | null {
	let [best, least]: [GraphEdge | null, number] = [null, reach * reach];
	for (const edge of answer.edges) {
		const points = edge.points ?? [];
		for (let i = 1; i < points.length; i++) {
			const distance = distanceTo(place, points[i - 1] as Place, points[i] as Place);
			if (distance < least) [best, least] = [edge, distance];
		}
	}
	return best;
}

/** The node whose box holds a place. */
export function nodeAt(answer: Answer, [x, y]: Place): string | null {
	for (const node of answer.nodes) {
		const [left, top] = [node.x ?? 0, node.y ?? 0];
		if (x >= left && y >= top && x <= left + (node.width ?? 0) && y <= top + (node.height ?? 0)) return node.id;
	}
	return null;
}

export const middleOf = (node: GraphNode): Place => [
	(node.x ?? 0) + (node.width ?? 0) / 2,
	(node.y ?? 0) + (node.height ?? 0) / 2,
];

export type Step = "with" | "against" | "before" | "after";

/** The wire by which a step along the flow or against it would leave a node: the one nearest to straight. */
export function wireOf(answer: Answer, from: string, step: Step, direction: "right" | "down"): GraphEdge | null {
	const end = neighbour(answer, from, step, direction);
	const [here, there] = step === "with" ? (["source", "target"] as const) : (["target", "source"] as const);
	return answer.edges.find((edge) => edge[here] === from && edge[there] === end) ?? null;
}

/** The wire beside a wire, among those that leave the same node. */
export function wireBeside(answer: Answer, wire: GraphEdge, step: "before" | "after"): GraphEdge {
	const all = answer.edges.filter(({ source }) => source === wire.source);
	const at = all.findIndex(({ id }) => id === wire.id) + (step === "after" ? 1 : -1);
	return all[(at + all.length) % all.length] ?? wire;
}

/**
 * The node that a step leads to. Along the flow or against it: over a wire (the one that is nearest to straight).
 * Before or after: to the next node at the side, nearest first.
 */
export function neighbour(answer: Answer, from: string, step: Step, direction: "right" | "down"): string | null {
	const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
	const node = nodes.get(from);
	if (!node) return null;
	const across = (place: Place): number => (direction === "right" ? place[1] : place[0]);
	const here = middleOf(node);
	if (step === "with" || step === "against") {
		const ends = answer.edges
			.filter((edge) => (step === "with" ? edge.source : edge.target) === from)
			.map((edge) => nodes.get(step === "with" ? edge.target : edge.source))
			.filter((end) => end !== undefined);
		const off = (end: GraphNode) => Math.abs(across(middleOf(end)) - across(here));
		return ends.sort((a, b) => off(a) - off(b))[0]?.id ?? null;
	}
	const sign = step === "before" ? -1 : 1;
	let [best, least]: [string | null, number] = [null, Number.POSITIVE_INFINITY];
	for (const other of answer.nodes) {
		const place = middleOf(other);
		const beside = sign * (across(place) - across(here));
		if (other === node || beside <= 1) continue;
		const along = direction === "right" ? place[0] - here[0] : place[1] - here[1];
		const distance = beside * beside + 4 * along * along;
		if (distance < least) [best, least] = [other.id, distance];
	}
	return best;
}
