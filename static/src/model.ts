/** What the state of the playground is, and how it begins. */

import type { Answer, Diagnostic, Given } from "./api.types";
import { createStore, type Store } from "./store";
import { NO_NUMBERS, type Numbers } from "./values";

/** What a link holds, and what undo goes back over. */
export interface Document {
	readonly source: string;
	readonly inputs: ReadonlyMap<string, Given>;
	readonly seed: Given | null;
	readonly output: string | null;
	readonly dtype: "float64" | "float32";
	readonly share: boolean;
	readonly strict: boolean;
	readonly collapse: "auto" | "none" | readonly string[];
	readonly direction: "right" | "down";
	readonly selected: string | null;
	readonly panel: string | null;
	readonly step: number | null;
	/** The second program of a comparison. */
	readonly compare: string | null;
	readonly practice: boolean;
	/** Parts of the page that a teacher wants out of the way. */
	readonly hide: readonly string[];
}

export interface State extends Document {
	/** The last whole answer, and the numbers that hold at this moment (a slider is ahead of the answer). */
	readonly answer: Answer;
	readonly numbers: Numbers;
	/** The source that `answer` is of. */
	readonly answered: string;
	/** What is wrong with the source, and what else went wrong (the server out of reach). */
	readonly errors: readonly Diagnostic[];
	readonly trouble: string | null;
	readonly busy: boolean;
	/** Nodes and wires that something points at: the caret, a path, a row. */
	readonly lit: ReadonlySet<string>;
	/** Nodes and wires whose gradients a reader in practice has yet to find. */
	readonly blank: ReadonlySet<string>;
	/** Whether the page is so narrow that a circuit runs downwards, unless its reader turns it. */
	readonly upright: boolean;
	/** The gradient-flow view: wires by log |gradient|. */
	readonly flow: boolean;
	readonly theme: "auto" | "light" | "dark";
	readonly palette: "standard" | "colour-blind";
	readonly canUndo: boolean;
	readonly canRedo: boolean;
	/** A sentence for the live region. */
	readonly said: string;
}

export type Playground = Store<State>;

export const EMPTY_DOCUMENT: Document = {
	source: "",
	inputs: new Map(),
	seed: null,
	output: null,
	dtype: "float64",
	share: true,
	strict: false,
	collapse: "auto",
	direction: "right",
	selected: null,
	panel: null,
	step: null,
	compare: null,
	practice: false,
	hide: [],
};

export const EMPTY_ANSWER: Answer = {
	nodes: [],
	edges: [],
	groups: [],
	inputs: [],
	parameters: [],
	output: null,
	warnings: [],
	notes: [],
	url: null,
	cost: { nodes: 0, edges: 0, elements: 0, flops: 0 },
};

export const DOCUMENT_KEYS = Object.keys(EMPTY_DOCUMENT) as (keyof Document)[];

export const documentOf = (state: Document): Document =>
	Object.fromEntries(DOCUMENT_KEYS.map((key) => [key, state[key]])) as unknown as Document;

/** The document as a link is to hold it: without inputs that an edit left behind. */
export function linked(state: State): Document {
	const document = documentOf(state);
	if (state.source !== state.answered || state.errors.length > 0 || state.compare !== null) return document;
	const known = new Set([...state.answer.inputs, ...state.answer.parameters].map(({ name }) => name));
	return { ...document, inputs: new Map([...document.inputs].filter(([name]) => known.has(name))) };
}

export const createPlayground = (document: Document): Playground =>
	createStore<State>({
		...document,
		answer: EMPTY_ANSWER,
		numbers: NO_NUMBERS,
		answered: "",
		errors: [],
		trouble: null,
		busy: false,
		lit: new Set(),
		blank: new Set(),
		upright: false,
		flow: false,
		theme: "auto",
		palette: "standard",
		canUndo: false,
		canRedo: false,
		said: "",
	});

/** What is said in place of what would tell a gradient that a reader in practice has yet to find; null where all are found. */
export function withheld({ practice, blank, answer }: Pick<State, "practice" | "blank" | "answer">): string | null {
	const open = practice ? answer.nodes.filter(({ id }) => blank.has(id)).length : 0;
	if (open === 0) return null;
	return `This tells what is yours to find: answer first. ${open} ${open === 1 ? "gradient is" : "gradients are"} still open.`;
}

/** The way in which the circuit runs on this screen. */
export const directionOf = ({ direction, upright }: State): "right" | "down" => (upright ? "down" : direction);

/** The fields of a request that the document fills. */
export function requestOf(state: Document): Record<string, unknown> {
	return {
		source: state.source,
		inputs: Object.fromEntries(state.inputs),
		seed: state.seed,
		output: state.output,
		dtype: state.dtype,
		share: state.share,
		strict: state.strict,
		collapse: state.collapse,
		direction: state.direction,
	};
}
