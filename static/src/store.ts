/** The one state of a page: read by `derive` and `watch`, changed by `update`, and by nothing else. */

import { batch, computed, effect, type ReadonlySignal, type Signal, signal, untracked } from "@preact/signals-core";

export type Derived<T> = ReadonlySignal<T>;
export type Dispose = () => void;

export interface Store<S extends object> {
	/** The state as it stands, not tracked. */
	peek(): Readonly<S>;
	/** Sets some of the fields at once; whoever depends on one of them hears of it after all are set. */
	update(change: Partial<S> | ((state: Readonly<S>) => Partial<S>)): void;
	/** A value that follows from the named fields; made anew only when one of them changed. */
	derive<K extends keyof S, T>(dependencies: readonly K[], f: (state: Pick<S, K>) => T): Derived<T>;
	/** Calls `f` now and whenever one of the named fields changed. */
	watch<K extends keyof S>(dependencies: readonly K[], f: (state: Pick<S, K>) => void): Dispose;
}

export function createStore<S extends object>(initial: S): Store<S> {
	const keys = Object.keys(initial) as (keyof S)[];
	const signals = Object.fromEntries(keys.map((key) => [key, signal(initial[key])])) as unknown as {
		[K in keyof S]: Signal<S[K]>;
	};

	const pick = <K extends keyof S>(dependencies: readonly K[]): Pick<S, K> => {
		const state: Partial<S> = {};
		for (const key of dependencies) state[key] = signals[key].value;
		return state as Pick<S, K>;
	};
	const peek = (): S => {
		const state: Partial<S> = {};
		for (const key of keys) state[key] = signals[key].peek();
		return state as S;
	};

	return {
		peek,
		update(change) {
			const changed = typeof change === "function" ? change(peek()) : change;
			batch(() => {
				for (const key of Object.keys(changed) as (keyof S)[]) signals[key].value = changed[key] as S[typeof key];
			});
		},
		derive: (dependencies, f) =>
			computed(() => {
				const state = pick(dependencies);
				return untracked(() => f(state));
			}),
		watch: (dependencies, f) =>
			effect(() => {
				const state = pick(dependencies);
				untracked(() => f(state));
			}),
	};
}

/** Calls `f` with the value of a derived one, now and whenever it changed. */
export function follow<T>(derived: Derived<T>, f: (value: T) => void): Dispose {
	return effect(() => {
		const value = derived.value;
		untracked(() => f(value));
	});
}

/** Ends several at once. */
export const together =
	(...disposes: readonly Dispose[]): Dispose =>
	() => {
		for (const dispose of disposes) dispose();
	};
