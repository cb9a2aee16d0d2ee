/** What panels ask of the server: anew with each settled answer, the latest wins, and what goes wrong is said in words. */

import { post, Refused } from "../api";
import { type Playground, requestOf } from "../model";
import type { Dispose } from "../store";

export interface Asked<T> {
	readonly answer: T | null;
	readonly trouble: string | null;
	readonly busy: boolean;
}

export interface Asking {
	/** Asks again, with other fields. */
	again(): void;
	dispose: Dispose;
}

/**
 * Asks `path` with the program and the fields that `fields` gives (null: nothing to ask), now, whenever a new answer for
 * the circuit came, and when told to.
 */
export function ask<T>(
	store: Playground,
	path: string,
	fields: () => object | null,
	show: (asked: Asked<T>) => void,
): Asking {
	let mine: AbortController | null = null;
	let last: T | null = null;
	let ended = false;

	const again = async () => {
		mine?.abort();
		// A panel asks while it is being set up; it is told of the answer when it stands.
		await null;
		if (ended) return;
		const more = fields();
		if (!more || store.peek().errors.length || store.peek().answer.nodes.length === 0)
			return show({ answer: null, trouble: null, busy: false });
		const asking = new AbortController();
		mine = asking;
		show({ answer: last, trouble: null, busy: true });
		try {
			last = await post<T>(path, { ...requestOf(store.peek()), ...more }, asking.signal);
			if (!asking.signal.aborted) show({ answer: last, trouble: null, busy: false });
		} catch (error) {
			if (asking.signal.aborted) return;
			if (!(error instanceof Refused)) throw error;
			show({ answer: null, trouble: error.message, busy: false });
		}
	};
	const stop = store.watch(["answer"], () => void again());
	return {
		again: () => void again(),
		dispose() {
			ended = true;
			stop();
			mine?.abort();
		},
	};
}
