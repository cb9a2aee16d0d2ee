/** Completion from the operator catalogue, with each operator's signature and doc line, and from the program's own names. */

import type { Completion, CompletionContext, CompletionResult } from "@codemirror/autocomplete";
import { get } from "../api";
import type { OpEntry } from "../api.types";

let catalogue: Promise<readonly OpEntry[]> | null = null;

/** The operator catalogue, fetched once. */
export function operators(): Promise<readonly OpEntry[]> {
	catalogue ??= get<{ ops: readonly OpEntry[] }>("/ops").then(
		({ ops }) => ops,
		() => {
			catalogue = null;
			return [];
		},
	);
	return catalogue;
}

const FRAMEWORK = /\b(np|numpy|jnp|jax|torch|F|nn|tf|math)\.$/;
const NAME = /^[A-Za-z_]\w*$/;

export async function complete(context: CompletionContext): Promise<CompletionResult | null> {
	const word = context.matchBefore(/[\p{L}_][\p{L}\p{N}_]*/u);
	if (!word || (word.from === word.to && !context.explicit)) return null;
	const before = context.state.sliceDoc(Math.max(0, word.from - 8), word.from);
	// After a digit stands an error, not a name; after a dot only a framework's function.
	if (/\d$/.test(before) || (before.endsWith(".") && !FRAMEWORK.test(before))) return null;
	const known = new Map<string, Completion>();
	for (const op of await operators()) {
		for (const label of [op.name, ...op.aliases]) {
			if (!NAME.test(label) || known.has(label)) continue;
			known.set(label, {
				label,
				type: "function",
				detail: op.signature.replace(/^\w+/, ""),
				info: () => card(op),
				apply: `${label}(`,
			});
		}
	}
	for (const [name] of context.state.doc.toString().matchAll(/[\p{L}_][\p{L}\p{N}_]*/gu)) {
		if (!known.has(name) && name !== context.state.sliceDoc(word.from, word.to))
			known.set(name, { label: name, type: "variable" });
	}
	return { from: word.from, options: [...known.values()], validFor: /^[\p{L}\p{N}_]*$/u };
}

function card(op: OpEntry): HTMLElement {
	const root = document.createElement("div");
	const signature = document.createElement("code");
	signature.textContent = op.signature;
	const doc = document.createElement("p");
	doc.textContent = op.doc;
	root.append(signature, doc);
	return root;
}
