/**
 * Keeps the numbers and the drawing true to the document: a changed program is asked for, a moved input is replayed in the
 * page (or streamed, where it holds tensors) and asked for once the hand rests.
 */

import { post, Refused, UNREACHABLE } from "./api";
import type { Answer, NumbersAnswer } from "./api.types";
import { LARGE } from "./circuit/plain";
import { type Document, directionOf, type Playground, requestOf, type State } from "./model";
import { differing, type Replay, replayOf } from "./replay";
import type { Dispose } from "./store";
import { createStream } from "./stream";
import { exact, isTensor, type Numbers, numbersFrom, numbersOf, scalar } from "./values";

/** ms of rest before the server is asked. */
const AFTER_TYPING = 90;
const AFTER_MOVING = 220;

export const INCLUDE = ["layout", "explain", "scene", "tape"] as const;
/** What is asked for where a canvas will show it. */
const INCLUDE_OF_LARGE = ["layout", "tape"] as const;

export interface Live {
	/** The circuit's replay at the present inputs, where it is scalar. */
	replay(): Replay | null;
	/** Asks the server at once, whether anything changed or not. */
	ask(): void;
	dispose: Dispose;
}

/** The keys whose change builds another circuit; `inputs` alone only moves its numbers. */
const BUILDING = ["source", "output", "dtype", "share", "strict", "collapse", "direction", "upright"] as const;

export function keepLive(store: Playground): Live {
	let replay: Replay | null = null;
	let trusted = true;
	let timer: ReturnType<typeof setTimeout> | undefined;
	let frame = 0;
	let asked: AbortController | undefined;
	let built = signature(store.peek());
	let moved = movement(store.peek());
	let answerOf: Answer | null = null;

	const stream = createStream((fresh: NumbersAnswer) => {
		const { answer, numbers } = store.peek();
		if (store.peek().answered === store.peek().source) store.update({ numbers: numbersFrom(fresh, answer, numbers) });
	});

	const ask = async () => {
		asked?.abort();
		const mine = new AbortController();
		asked = mine;
		const document = store.peek();
		store.update({ busy: true });
		try {
			const request = { ...requestOf(document), direction: directionOf(document), partial: true };
			const answered = (include: readonly string[]) => post<Answer>("/graph", { ...request, include }, mine.signal);
			let answer = await answered(document.answer.nodes.length > LARGE ? INCLUDE_OF_LARGE : INCLUDE);
			if (!answer.scene && answer.nodes.length <= LARGE) answer = await answered(INCLUDE);
			if (!mine.signal.aborted) accept(store, answer, document.source);
		} catch (error) {
			if (!mine.signal.aborted) refused(error);
		}
	};
	const refused = (error: unknown) => {
		if (!(error instanceof Refused)) throw error;
		const wrong = error.errors.length > 0;
		if (error.status === UNREACHABLE) store.update({ trouble: away(store.peek(), replay !== null), busy: false });
		else store.update({ errors: error.errors, trouble: wrong ? null : error.message, busy: false });
	};
	/** Of a large circuit whose inputs moved the numbers alone: all else of it stands, and is megabytes. */
	const askNumbers = async () => {
		asked?.abort();
		const mine = new AbortController();
		asked = mine;
		const document = store.peek();
		try {
			const fresh = await post<NumbersAnswer>("/numbers", requestOf(document), mine.signal);
			if (mine.signal.aborted) return;
			const { answer, numbers } = store.peek();
			const theirs = numbersFrom(fresh, answer, numbers);
			const doubt = trusted && replay ? doubted(numbers, theirs, answer) : null;
			trusted &&= doubt === null;
			store.update({ numbers: theirs, trouble: doubt });
		} catch (error) {
			if (!mine.signal.aborted) refused(error);
		}
	};
	const askAfter = (rest: number, moving = false) => {
		clearTimeout(timer);
		timer = setTimeout(moving && store.peek().answer.nodes.length > LARGE ? askNumbers : ask, rest);
	};

	const replayed = () => {
		frame = 0;
		const document = store.peek();
		if (!replay) return;
		const scalars = new Map<string, number>();
		for (const [name, given] of document.inputs) if (!Array.isArray(given)) scalars.set(name, exact(given as number));
		const seed = document.seed === null ? 1 : Array.isArray(document.seed) ? undefined : exact(document.seed as number);
		store.update({ numbers: replay.at(scalars, seed) });
	};

	const onDocument = store.watch([...BUILDING, "inputs", "seed"], () => {
		const document = store.peek();
		const [nowBuilt, nowMoved] = [signature(document), movement(document)];
		if (nowBuilt !== built) {
			built = nowBuilt;
			moved = nowMoved;
			askAfter(document.source === document.answered ? 0 : AFTER_TYPING);
		} else if (nowMoved !== moved) {
			moved = nowMoved;
			const same = document.source === document.answered && onlyNumbersMove(document);
			if (same) {
				if (replay && trusted && !hasTensors(document)) frame ||= requestAnimationFrame(replayed);
				else stream.send({ ...requestOf(document), collapse: document.collapse });
			}
			askAfter(AFTER_MOVING, same);
		}
	});
	const onAnswer = store.watch(["answer"], ({ answer }) => {
		if (answer === answerOf) return;
		answerOf = answer;
		replay = answer.tape ? replayOf(answer.tape) : null;
		const mine = replay?.at(scalarsOf(answer), scalar(answer.output?.seed) ?? undefined);
		// The page counts in float64 alone.
		trusted = store.peek().dtype === "float64";
		const doubt = mine && trusted ? doubted(mine, numbersOf(answer), answer) : null;
		if (doubt === null) return;
		// The server is right; until its next answer it is asked for each frame.
		trusted = false;
		store.update({ trouble: doubt });
	});

	// Back in reach of the server, what it could not say is asked again.
	const onReach = () => {
		if (store.peek().trouble !== null) askAfter(0);
	};
	window.addEventListener("online", onReach);

	return {
		replay: () => replay,
		ask: () => askAfter(0),
		dispose() {
			window.removeEventListener("online", onReach);
			onDocument();
			onAnswer();
			stream.close();
			clearTimeout(timer);
			cancelAnimationFrame(frame);
			asked?.abort();
		},
	};
}

/** Where the page counted otherwise than the server; null where it did not. */
function doubted(mine: Numbers, theirs: Numbers, answer: Answer): string | null {
	const apart = differing(mine, theirs);
	if (apart.length === 0) return null;
	const { label } = answer.nodes.find(({ id }) => id === apart[0]) ?? { label: "a wire" };
	const others = apart.length > 1 ? ` and at ${apart.length - 1} other places` : "";
	return `The page counted otherwise than the server at ${label}${others}: these are the server's numbers.`;
}

/** What is missing without the server, and what goes on all the same. */
function away(state: State, replayed: boolean): string {
	if (state.source !== state.answered)
		return "You are offline: the server cannot be reached. This program is kept here, and drawn as soon as it can.";
	const live = replayed && state.dtype === "float64" && !hasTensors(state);
	return live
		? "You are offline: sliders, steps and this circuit's numbers go on in the page; panels and other programs wait."
		: "You are offline: the server cannot be reached, so these numbers wait until it can.";
}

/** Takes a whole answer over. Inputs of a selection that is gone are let go of. */
export function accept(store: Playground, answer: Answer, source: string): void {
	const { selected, answer: before } = store.peek();
	if (answer.nodes.length === 0 && answer.errors?.length && before.nodes.length > 0) {
		// Nothing of it stands: what was drawn stays in sight while the text is mended.
		store.update({ errors: answer.errors, trouble: null, busy: false });
		return;
	}
	const stands =
		selected === null ||
		answer.nodes.some(({ id }) => id === selected) ||
		answer.edges.some(({ id }) => id === selected);
	store.update({
		answer,
		answered: source,
		numbers: numbersOf(answer),
		errors: answer.errors ?? [],
		trouble: null,
		busy: false,
		...(stands ? {} : { selected: null }),
	});
}

/** The scalar inputs' values of an answer. */
function scalarsOf(answer: Answer): ReadonlyMap<string, number> {
	return new Map(answer.inputs.flatMap(({ name, value }) => (isTensor(value) ? [] : [[name, exact(value)] as const])));
}

const signature = (document: State): string => JSON.stringify(BUILDING.map((key) => document[key]));
const movement = (document: Document): string => JSON.stringify([[...document.inputs], document.seed]);
const hasTensors = (document: Document): boolean =>
	[...document.inputs.values()].some(Array.isArray) || Array.isArray(document.seed);

/** Whether the present circuit stands whatever the inputs' numbers are: no parameter moved, and no shape. */
function onlyNumbersMove(state: ReturnType<Playground["peek"]>): boolean {
	const known = new Map(state.answer.inputs.map((input) => [input.name, input.shape]));
	const same = (length: number, given: unknown): boolean => (Array.isArray(given) ? given.length === length : false);
	for (const [name, given] of state.inputs) {
		const shape = known.get(name);
		if (!shape) {
			const parameter = state.answer.parameters.find((each) => each.name === name);
			if (parameter && JSON.stringify(parameter.value) !== JSON.stringify(given)) return false;
			continue;
		}
		if (shape.length === 0 ? Array.isArray(given) : !same(shape[0] as number, given)) return false;
	}
	return true;
}
