/** A large circuit's answer as the page carries it, in columns (app/work/packed.py), and the answer that it says. */

import type { Answer, Box, GraphEdge, GraphNode, Tape, Value } from "./api.types";

/** `of[at[i]]` for the i-th; −1 where there is nothing. */
interface Few {
	readonly of: readonly unknown[];
	readonly at: readonly number[];
}
interface Nodes {
	readonly id: readonly string[];
	readonly [column: string]: readonly unknown[] | Few;
}
interface Edges {
	readonly id: Few;
	readonly local: Few;
	/** Indices of nodes. */
	readonly source: readonly number[];
	readonly target: readonly number[];
	readonly slot: readonly number[];
	readonly value: readonly (Value | null)[];
	readonly grad: readonly (Value | null)[];
	readonly path: readonly string[];
	/** Four numbers each. */
	readonly value_box: readonly number[];
	readonly grad_box: readonly number[];
}
type Slots = Readonly<Record<string, number | null>>;
export type Packed = Omit<Answer, "nodes" | "edges" | "tape"> & {
	readonly nodes: Nodes;
	readonly edges: Edges;
	readonly tape: Readonly<Record<string, unknown>> | null;
};

export const isPacked = (answer: Answer | Packed): answer is Packed => !Array.isArray(answer.nodes);

const isFew = (column: readonly unknown[] | Few): column is Few => "of" in column;

export function unpacked(packed: Packed): Answer {
	const nodes = nodesOf(packed.nodes);
	const edges = edgesOf(packed.edges, packed.nodes.id);
	const ids = { nodes: packed.nodes.id, edges: edges.map(({ id }) => id) };
	return { ...packed, nodes, edges, tape: packed.tape && tapeOf(packed.tape, ids) };
}

function nodesOf(columns: Nodes): readonly GraphNode[] {
	const all = Object.entries(columns);
	return columns.id.map((_, i) => {
		const node: Record<string, unknown> = {};
		for (const [name, column] of all) {
			if (!isFew(column)) node[name] = column[i];
			else if ((column.at[i] as number) >= 0) node[name] = column.of[column.at[i] as number];
		}
		node.spans ??= node.span ? [node.span] : [];
		return node as unknown as GraphNode;
	});
}

function edgesOf(columns: Edges, ids: readonly string[]): readonly GraphEdge[] {
	return columns.path.map((path, i) => {
		const source = ids[columns.source[i] as number] as string;
		const target = ids[columns.target[i] as number] as string;
		const slot = columns.slot[i] as number;
		const [own, local] = [columns.id.at[i] as number, columns.local.at[i] as number];
		return new PackedEdge(
			own < 0 ? `${source} > ${target} ${slot}` : (columns.id.of[own] as string),
			source,
			target,
			slot,
			columns.value[i] as Value | null,
			columns.grad[i] as Value | null,
			local < 0 ? undefined : (columns.local.of[local] as GraphEdge["local"]),
			path,
			boxAt(columns.value_box, i),
			boxAt(columns.grad_box, i),
		) as GraphEdge;
	});
}

/** A wire whose points are found from its path when they are asked for: they would be a third of the answer. */
class PackedEdge {
	#points: [number, number][] | undefined;

	constructor(
		readonly id: string,
		readonly source: string,
		readonly target: string,
		readonly slot: number,
		readonly value: Value | null,
		readonly grad: Value | null,
		readonly local: GraphEdge["local"],
		readonly path: string,
		readonly value_box: Box,
		readonly grad_box: Box,
	) {}

	get points(): [number, number][] {
		this.#points ??= pointsOf(this.path);
		return this.#points;
	}
}

/** Pieces that a curve is cut into: a bend of 200 px is then less than a pixel off. */
const PIECES = 10;

/** A path of moves, lines and curves (absolute M, L, H, V, C) as a polyline. */
export function pointsOf(path: string): [number, number][] {
	const points: [number, number][] = [];
	let [x, y] = [0, 0];
	for (const [, letter, rest] of path.matchAll(/([MLHVC])([^MLHVC]*)/g)) {
		const numbers = (rest?.match(/-?[\d.]+(?:e-?\d+)?/g) ?? []).map(Number);
		const size = letter === "C" ? 6 : letter === "H" || letter === "V" ? 1 : 2;
		for (let at = 0; at + size <= numbers.length; at += size) {
			const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers.slice(at, at + size);
			if (letter === "C") {
				for (let piece = 1; piece <= PIECES; piece++) {
					const [t, u] = [piece / PIECES, 1 - piece / PIECES];
					const along = (p: number, q: number, r: number, s: number) =>
						u * u * u * p + 3 * u * u * t * q + 3 * u * t * t * r + t * t * t * s;
					points.push([along(x, a, c, e), along(y, b, d, f)]);
				}
				[x, y] = [e, f];
				continue;
			}
			[x, y] = letter === "H" ? [a, y] : letter === "V" ? [x, a] : [a, b];
			points.push([x, y]);
		}
	}
	return points;
}

function boxAt(sides: readonly number[], i: number): Box {
	const [x = 0, y = 0, width = 0, height = 0] = sides.slice(4 * i, 4 * i + 4);
	return { x, y, width, height };
}

function tapeOf(
	tape: Readonly<Record<string, unknown>>,
	ids: { readonly nodes: readonly string[]; readonly edges: readonly string[] },
): Tape {
	const named = (column: unknown, names: readonly string[]): Slots =>
		Array.isArray(column) ? Object.fromEntries(names.map((name, i) => [name, column[i]])) : (column as Slots);
	return {
		...(tape as unknown as Tape),
		values: named(tape.values, ids.nodes),
		grads: named(tape.grads, ids.nodes),
		edge_values: named(tape.edge_values, ids.edges),
		edge_grads: named(tape.edge_grads, ids.edges),
	};
}
