/** Plays a tape again: the numbers of a scalar circuit from its inputs, forward and backward, within a frame. */

import type { Tape } from "./api.types";
import { OPS } from "./generated/ops";
import { exact, type Numbers, scalar } from "./values";

type Operator = (...operands: number[]) => number;

export interface Replay {
	/** All numbers at the given inputs; one that is not named keeps the number it had. */
	at(inputs: ReadonlyMap<string, number>, seed?: number): Numbers;
	/** The parts whose sum is a node's gradient, of the last `at`. */
	parts(node: string): readonly number[];
	/** (f(v + h) − f(v − h)) / 2h at a node's value v, everything else as in the last `at`; null where it has no slot. */
	difference(node: string): number | null;
	has(input: string): boolean;
}

/** How far the page's numbers may be from the server's (relative): libraries differ in the last bits of an exponential, and long
 * programs make more of it. */
const TOLERANCE = 1e-6;

/** The ids whose replayed numbers are not the server's. */
export function differing(mine: Numbers, theirs: Numbers): readonly string[] {
	const found = new Set<string>();
	for (const key of ["values", "grads", "edgeValues", "edgeGrads"] as const) {
		for (const [id, said] of theirs[key]) {
			const [a, b] = [scalar(mine[key].get(id)), scalar(said)];
			if (a === null || b === null || Object.is(a, b)) continue;
			if (a !== b && !(Math.abs(a - b) <= TOLERANCE * Math.max(1, Math.abs(a), Math.abs(b)))) found.add(id);
		}
	}
	return [...found];
}

/** Null where the tape names an operator that the page does not know: the server's numbers are used then. */
export function replayOf(tape: Tape): Replay | null {
	const slots = new Float64Array(tape.slots);
	const run = runner(tape);
	if (!run) return null;
	const inputs = new Map(Object.entries(tape.inputs));
	for (const [slot, value] of tape.constants) slots[slot] = exact(value);
	const values = new Map(Object.entries(tape.values));
	const grads = new Map(Object.entries(tape.grads));
	const edgeValues = new Map(Object.entries(tape.edge_values ?? {}));
	const edgeGrads = new Map(Object.entries(tape.edge_grads));
	const sums = new Map(Object.entries(tape.sums ?? {}));

	return {
		at(given, seed) {
			for (const [name, value] of given) {
				const slot = inputs.get(name);
				if (slot !== undefined) slots[slot] = value;
			}
			if (seed !== undefined) slots[tape.seed] = seed;
			run(slots, -1);
			const moment = slots.slice();
			return {
				values: new SlotNumbers(values, moment),
				grads: new SlotNumbers(grads, moment),
				edgeValues: new SlotNumbers(edgeValues, moment),
				edgeGrads: new SlotNumbers(edgeGrads, moment),
			};
		},
		parts: (node) => (sums.get(node) ?? []).map((slot) => slots[slot] as number),
		difference(node) {
			const slot = values.get(node);
			if (slot === null || slot === undefined) return null;
			const at = slots[slot] as number;
			const h = Math.cbrt(Number.EPSILON) * Math.max(1, Math.abs(at));
			const value = (x: number): number => {
				const trial = slots.slice();
				trial[slot] = x;
				run(trial, slot);
				return trial[tape.output] as number;
			};
			const [above, below] = [at + h, at - h];
			return ((value(above) - value(below)) / (above - below)) * (slots[tape.seed] as number);
		},
		has: (input) => inputs.has(input),
	};
}

/** Fills the slots step by step, but for the one that is held; null where an operator is unknown. */
function runner(tape: Tape): ((slots: Float64Array, held: number) => void) | null {
	// Flat arrays of slots: a frame has no time for lists within lists.
	const count = tape.steps.length;
	const [outs, first, second, third] = [
		new Int32Array(count),
		new Int32Array(count),
		new Int32Array(count),
		new Int32Array(count),
	];
	const arities = new Uint8Array(count);
	const operators: Operator[] = [];
	for (const [i, [name, out, ...operands]] of tape.steps.entries()) {
		const operator = Object.hasOwn(OPS, name) ? OPS[name] : undefined;
		if (!operator) return null;
		operators.push(operator);
		outs[i] = out;
		arities[i] = Math.min(operands.length, 4);
		first[i] = operands[0] ?? 0;
		second[i] = operands[1] ?? 0;
		third[i] = operands[2] ?? 0;
	}
	return (slots, held) => {
		for (let i = 0; i < count; i++) {
			const out = outs[i] as number;
			if (out === held) continue;
			const operator = operators[i] as Operator;
			const a = slots[first[i] as number] as number;
			if (arities[i] === 2) slots[out] = operator(a, slots[second[i] as number] as number);
			else if (arities[i] === 1) slots[out] = operator(a);
			else if (arities[i] === 3)
				slots[out] = operator(a, slots[second[i] as number] as number, slots[third[i] as number] as number);
			else {
				const [, , ...operands] = tape.steps[i] as readonly [string, number, ...number[]];
				slots[out] = operator(...operands.map((slot) => slots[slot] as number));
			}
		}
	};
}

/** Numbers by id, read from the slots of one moment when they are asked for. */
class SlotNumbers implements ReadonlyMap<string, number | null> {
	readonly #table: ReadonlyMap<string, number | null>;
	readonly #slots: Float64Array;

	constructor(table: ReadonlyMap<string, number | null>, slots: Float64Array) {
		this.#table = table;
		this.#slots = slots;
	}
	get size(): number {
		return this.#table.size;
	}
	get(id: string): number | null | undefined {
		const slot = this.#table.get(id);
		return slot === undefined || slot === null ? slot : (this.#slots[slot] as number);
	}
	has(id: string): boolean {
		return this.#table.has(id);
	}
	keys(): MapIterator<string> {
		return this.#table.keys();
	}
	*entries(): MapIterator<[string, number | null]> {
		for (const id of this.#table.keys()) yield [id, this.get(id) ?? null];
	}
	*values(): MapIterator<number | null> {
		for (const id of this.#table.keys()) yield this.get(id) ?? null;
	}
	[Symbol.iterator](): MapIterator<[string, number | null]> {
		return this.entries();
	}
	forEach(f: (value: number | null, id: string, map: ReadonlyMap<string, number | null>) => void): void {
		for (const [id, value] of this.entries()) f(value, id, this);
	}
}
