/** Numbers and tensors as the API writes them, and as the page counts with them. */

import type { Answer, Exact, Given, NumbersAnswer, Tensor, Value } from "./api.types";

const WORDS: ReadonlyMap<string, number> = new Map([
	["NaN", Number.NaN],
	["Infinity", Number.POSITIVE_INFINITY],
	["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** The number that an `Exact` is. */
export const exact = (value: Exact): number => (typeof value === "number" ? value : (WORDS.get(value) ?? Number.NaN));

/** A number as JSON can hold it. */
export function sayable(value: number): Exact {
	if (Number.isNaN(value)) return "NaN";
	if (value === Number.POSITIVE_INFINITY) return "Infinity";
	return value === Number.NEGATIVE_INFINITY ? "-Infinity" : value;
}

export const isTensor = (value: Value | null | undefined): value is Tensor =>
	typeof value === "object" && value !== null;

/** The number of a scalar, else null. */
export const scalar = (value: Value | null | undefined): number | null =>
	value === null || value === undefined || isTensor(value) ? null : exact(value);

/** How large a value is: |number|, or a tensor's norm. */
export function size(value: Value | null | undefined): number | null {
	if (value === null || value === undefined) return null;
	if (!isTensor(value)) return Math.abs(exact(value));
	return value.norm === null ? null : exact(value.norm);
}

/** All numbers of one moment, by the ids of the drawing. `null`: has none. */
export interface Numbers {
	readonly values: ReadonlyMap<string, Value | null>;
	readonly grads: ReadonlyMap<string, Value | null>;
	readonly edgeValues: ReadonlyMap<string, Value | null>;
	readonly edgeGrads: ReadonlyMap<string, Value | null>;
}

export const NO_NUMBERS: Numbers = { values: new Map(), grads: new Map(), edgeValues: new Map(), edgeGrads: new Map() };

export function numbersOf(answer: Answer): Numbers {
	return {
		values: new Map(answer.nodes.map((node) => [node.id, node.value])),
		grads: new Map(answer.nodes.map((node) => [node.id, node.grad])),
		edgeValues: new Map(answer.edges.map((edge) => [edge.id, edge.value])),
		edgeGrads: new Map(answer.edges.map((edge) => [edge.id, edge.grad])),
	};
}

/** The numbers of a stream's or `/numbers`' answer; a wire's value is its source's, unless a closed group hides it. */
export function numbersFrom(fresh: NumbersAnswer, answer: Answer, before: Numbers): Numbers {
	const values = new Map(Object.entries(fresh.values));
	return {
		values,
		grads: new Map(Object.entries(fresh.grads)),
		edgeValues: new Map(
			answer.edges.map((edge) => [edge.id, values.get(edge.source) ?? before.edgeValues.get(edge.id) ?? null]),
		),
		edgeGrads: new Map(Object.entries(fresh.edge_grads)),
	};
}

/** The shape of nested rows; null where they are ragged or hold what is no number. */
export function shapeOf(given: Given): readonly number[] | null {
	if (!Array.isArray(given)) return typeof given === "number" || WORDS.has(given as string) ? [] : null;
	const inner = (given as readonly Given[]).map(shapeOf);
	const first = inner[0] ?? [];
	if (inner.some((shape) => shape === null || shape.join() !== first?.join())) return null;
	return [given.length, ...(first ?? [])];
}

/** Row-major numbers as nested rows of a shape. */
export function nested(data: readonly Exact[], shape: readonly number[]): Given {
	if (shape.length === 0) return data[0] ?? 0;
	const [count = 0, ...rest] = shape;
	const step = rest.reduce((product, length) => product * length, 1);
	return Array.from({ length: count }, (_, i) => nested(data.slice(i * step, (i + 1) * step), rest));
}

/** Nested rows as row-major numbers. */
export const flat = (given: Given): readonly Exact[] =>
	Array.isArray(given) ? (given as readonly Given[]).flatMap(flat) : [given as Exact];

/** A value of the API as a request gives it; null for a tensor whose elements were left out. */
export function givenOf(value: Value): Given | null {
	if (!isTensor(value)) return value;
	return value.data ? nested(value.data, value.shape) : null;
}

/** What a person typed into a number box: JSON's grammar, a leading + or . forgiven, and the words. */
export function parseNumber(text: string): Exact | null {
	const plain = text.trim().replace("−", "-");
	const word = /^([+-]?)(inf|infinity|∞|nan)$/i.exec(plain);
	if (word) return word[2]?.toLowerCase() === "nan" ? "NaN" : word[1] === "-" ? "-Infinity" : "Infinity";
	if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return null;
	const value = Number(plain);
	return Number.isFinite(value) ? value : null;
}
