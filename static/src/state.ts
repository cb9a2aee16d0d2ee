/** The state in the address: one table drives both directions, the readable form and the compact one. */

import type { Given } from "./api.types";
import { type Document, EMPTY_DOCUMENT } from "./model";

/** Beyond this the address takes the compact form (a URL may have 8 KiB; some mail programs break sooner). */
const READABLE_LENGTH = 1_800;

interface Field<T> {
	/** The value of what a state says; undefined where it is none. */
	read(json: unknown): T | undefined;
	/** What a state says of the value. */
	write(value: T): unknown;
}

const oneOf = <T extends string>(...words: readonly T[]): Field<T> => ({
	read: (json) => words.find((word) => word === json),
	write: (value) => value,
});
const name: Field<string | null> = {
	read: (json) => (typeof json === "string" && json ? json : undefined),
	write: (value) => value,
};
const truth: Field<boolean> = {
	read: (json) => (json === true || json === "true" ? true : json === false || json === "false" ? false : undefined),
	write: (value) => value,
};
const words = (json: unknown): readonly string[] | undefined =>
	Array.isArray(json) && json.every((word) => typeof word === "string") ? (json as string[]) : undefined;

/** Every key of a state, by its request name. */
const TABLE: { readonly [K in keyof Document]: Field<Document[K]> } = {
	source: { read: (json) => (typeof json === "string" ? json : undefined), write: (value) => value },
	inputs: {
		read: (json) =>
			typeof json === "object" && json !== null && !Array.isArray(json)
				? new Map(Object.entries(json as Record<string, Given>))
				: undefined,
		write: (value) => Object.fromEntries(value),
	},
	seed: {
		read: (json) =>
			typeof json === "number" || Array.isArray(json) || typeof json === "string" ? (json as Given) : undefined,
		write: (value) => value,
	},
	output: name,
	dtype: oneOf("float64", "float32"),
	share: truth,
	strict: truth,
	collapse: {
		read: (json) => (json === "auto" || json === "none" ? json : words(json)),
		write: (value) => value,
	},
	direction: oneOf("right", "down"),
	selected: name,
	panel: name,
	step: {
		read: (json) => (Number.isInteger(json) && (json as number) >= 0 ? (json as number) : undefined),
		write: (value) => value,
	},
	// As an object, since a text with commas in a query is a list.
	compare: {
		read: (json) => {
			if (typeof json === "string") return json;
			if (Array.isArray(json)) return json.join(",");
			return typeof json === "object" && json !== null
				? TABLE.source.read((json as { source?: unknown }).source)
				: undefined;
		},
		write: (value) => (value === null ? null : { source: value }),
	},
	practice: truth,
	hide: { read: words, write: (value) => value },
};
const KEYS = Object.keys(TABLE) as (keyof Document)[];

/** The document that a state (JSON) says; what it does not know or understand is left at its default. */
export function documentFrom(json: Readonly<Record<string, unknown>>): Document {
	const document: Record<string, unknown> = { ...EMPTY_DOCUMENT };
	for (const key of KEYS) {
		const value = Object.hasOwn(json, key) ? TABLE[key].read(json[key]) : undefined;
		if (value !== undefined) document[key] = value;
	}
	return document as unknown as Document;
}

/** The state of a document: only what differs from the default, so that links stay short. */
export function stateOf(document: Document): Record<string, unknown> {
	const state: Record<string, unknown> = { v: 1 };
	for (const key of KEYS) {
		const write = TABLE[key].write as (value: unknown) => unknown;
		const [said, usual] = [write(document[key]), write(EMPTY_DOCUMENT[key])];
		if (key === "source" || JSON.stringify(said) !== JSON.stringify(usual)) state[key] = said;
	}
	return state;
}

/** The address of a document, from `/` on: readable where short, else compact. */
export async function addressOf(document: Document): Promise<string> {
	const state = stateOf(document);
	const query = new URLSearchParams();
	for (const [key, value] of Object.entries(state)) {
		if (key === "v") continue;
		if (key !== "inputs") query.set(key, typeof value === "string" ? value : JSON.stringify(value));
		else for (const [input, given] of document.inputs) query.set(`in.${input}`, JSON.stringify(given));
	}
	const readable = `/?${query.toString()}`;
	return readable.length <= READABLE_LENGTH ? readable : `/?c=${await compact(state)}`;
}

/** The document of an address's query. Beside `c`, what stands there wins over it. */
export async function documentAt(query: URLSearchParams): Promise<Document> {
	const packed = query.get("c");
	const json: Record<string, unknown> = packed ? await expand(packed) : {};
	const inputs: Record<string, unknown> = { ...(json.inputs as Record<string, unknown> | undefined) };
	for (const [key, text] of query) {
		if (key.startsWith("in.")) inputs[key.slice(3)] = parsed(text);
		else if (
			key === "source" ||
			key === "selected" ||
			key === "output" ||
			key === "panel" ||
			(key === "compare" && !text.startsWith("{"))
		)
			json[key] = text;
		else if (key === "collapse" || key === "hide")
			json[key] = text.startsWith("[") || text === "auto" || text === "none" ? parsed(text) : text.split(",");
		else if (key !== "c") json[key] = parsed(text);
	}
	return documentFrom({ ...json, inputs });
}

/** A JSON value, or the text itself. */
function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
}

/** JSON, UTF-8, raw DEFLATE, base64url without padding. */
export async function compact(state: object): Promise<string> {
	const bytes = await through(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate-raw"));
	let binary = "";
	for (const byte of bytes) binary += String.fromCharCode(byte);
	return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The state that `compact` packed; zlib with its header is read too. */
export async function expand(text: string): Promise<Record<string, unknown>> {
	const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
	const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
	const zlib =
		bytes.length > 2 &&
		((bytes[0] as number) & 0x0f) === 8 &&
		(((bytes[0] as number) << 8) | (bytes[1] as number)) % 31 === 0;
	const json = await through(bytes, new DecompressionStream(zlib ? "deflate" : "deflate-raw"));
	return JSON.parse(new TextDecoder().decode(json)) as Record<string, unknown>;
}

async function through(
	bytes: Uint8Array<ArrayBuffer>,
	stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
	const whole = new Blob([bytes]).stream().pipeThrough(stream);
	return new Uint8Array(await new Response(whole).arrayBuffer());
}
