/** Plays a tape again: the numbers of a scalar circuit from its inputs, forward and backward, within a frame. */

import type { Tape } from "./api.types";
import { OPS } from "./generated/ops";
import { exact, type Numbers } from "./values";

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

/** Null where the tape names an operator that the page does not know: the server's numbers are used then. */
export function replayOf(tape: Tape): Replay | null {
	const slots = new Float64Array(tape.slots);
	const operators: Operator[] = [];
	for (const [name] of tape.steps) {
		const operator = Object.hasOwn(OPS, name) ? OPS[name] : undefined;
		if (!operator) return null;
		operators.push(operator);
	}
	const steps = tape.steps;
	const inputs = new Map(Object.entries(tape.inputs));
	for (const [slot, value] of tape.constants) slots[slot] = exact(value);

	const run = (into: Float64Array, held: number): void => {
		for (let i = 0; i < steps.length; i++) {
			const step = steps[i] as readonly [string, number, ...number[]];
			const operator = operators[i] as Operator;
			const out = step[1];
			if (out === held) continue;
			if (step.length === 4) into[out] = operator(into[step[2] as number] as number, into[step[3] as number] as number);
			else if (step.length === 3) into[out] = operator(into[step[2] as number] as number);
			else into[out] = operator(...step.slice(2).map((slot) => into[slot as number] as number));
		}
	};
	const read = (of: Readonly<Record<string, number | null>>): Map<string, number | null> =>
		new Map(Object.entries(of).map(([id, slot]) => [id, slot === null ? null : (slots[slot] as number)]));

	const known = (numbers: Map<string, number | null>) => numbers as unknown as Numbers["values"];
	return {
		at(given, seed) {
			for (const [name, value] of given) {
				const slot = inputs.get(name);
				if (slot !== undefined) slots[slot] = value;
			}
			if (seed !== undefined) slots[tape.seed] = seed;
			run(slots, -1);
			return {
				values: known(read(tape.values)),
				grads: known(read(tape.grads)),
				edgeValues: known(read(tape.edge_values ?? {})),
				edgeGrads: known(read(tape.edge_grads)),
			};
		},
		parts: (node) =>
			tape.sums && Object.hasOwn(tape.sums, node) ? (tape.sums[node] ?? []).map((slot) => slots[slot] as number) : [],
		difference(node) {
			const slot = Object.hasOwn(tape.values, node) ? tape.values[node] : null;
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
