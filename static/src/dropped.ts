/** A picture that was dropped on the page opens again: an SVG or a PNG carries the state that it was drawn from. */

import type { History } from "./history";
import type { Document, Playground } from "./model";
import { documentFrom } from "./state";
import type { Dispose } from "./store";

const KEYWORD = "gradwire";
/** Nothing larger is read. */
const MOST = 32 * 1024 * 1024;

/** The state within a file's bytes; null where there is none. */
export async function stateWithin(bytes: Uint8Array<ArrayBuffer>): Promise<Record<string, unknown> | null> {
	const text = bytes[0] === 0x89 && bytes[1] === 0x50 ? await pngText(bytes) : svgText(new TextDecoder().decode(bytes));
	if (text === null) return null;
	try {
		const state: unknown = JSON.parse(text);
		return typeof state === "object" && state !== null ? (state as Record<string, unknown>) : null;
	} catch {
		return null;
	}
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
	["lt", "<"],
	["gt", ">"],
	["quot", '"'],
	["apos", "'"],
	["amp", "&"],
]);

function svgText(svg: string): string | null {
	const found = /<metadata id="gradwire-source">([^<]*)<\/metadata>/.exec(svg);
	return (
		found?.[1]?.replace(/&(#x?[\da-f]+|\w+);/gi, (whole, name: string) =>
			name.startsWith("#")
				? String.fromCodePoint(/^#x/i.test(name) ? Number.parseInt(name.slice(2), 16) : Number(name.slice(1)))
				: (ENTITIES.get(name) ?? whole),
		) ?? null
	);
}

/** The text of the PNG's iTXt chunk with our keyword. */
async function pngText(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let at = 8; at + 12 <= bytes.length; ) {
		const length = view.getUint32(at);
		const kind = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
		const chunk = bytes.subarray(at + 8, at + 8 + length);
		at += 12 + length;
		if (kind !== "iTXt") continue;
		const keyword = chunk.indexOf(0);
		if (new TextDecoder().decode(chunk.subarray(0, keyword)) !== KEYWORD) continue;
		const packed = chunk[keyword + 1] === 1;
		const language = chunk.indexOf(0, keyword + 3);
		const text = chunk.slice(chunk.indexOf(0, language + 1) + 1);
		if (!packed) return new TextDecoder().decode(text);
		const stream = new Blob([text]).stream().pipeThrough(new DecompressionStream("deflate"));
		return new Response(stream).text();
	}
	return null;
}

/** Takes files that are dropped anywhere on the page. */
export function takeDropped(store: Playground, history: History): Dispose {
	const over = (event: DragEvent) => {
		if (event.dataTransfer?.types.includes("Files")) event.preventDefault();
	};
	const drop = async (event: DragEvent) => {
		const file = event.dataTransfer?.files[0];
		if (!file) return;
		event.preventDefault();
		const state = file.size > MOST ? null : await stateWithin(new Uint8Array(await file.arrayBuffer()));
		if (!state || typeof state.source !== "string") {
			const text = file.size < 65_536 && /\.(py|txt|gw)$/.test(file.name) ? await file.text() : null;
			if (text !== null) history.change({ source: text }, "drop");
			else store.update({ trouble: `${file.name} holds no circuit.` });
			return;
		}
		const document: Document = documentFrom(state);
		history.change(document, "drop");
		store.update({ said: `Opened ${file.name}.` });
	};
	document.addEventListener("dragover", over);
	document.addEventListener("drop", drop);
	return () => {
		document.removeEventListener("dragover", over);
		document.removeEventListener("drop", drop);
	};
}
