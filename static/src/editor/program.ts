/** The program's part of the page: the editor, and below it what is wrong, what is noted, and what would work. */

import { html, nothing, render } from "lit-html";
import type { Diagnostic, Span } from "../api.types";
import type { History } from "../history";
import type { Playground } from "../model";
import { type Dispose, together } from "../store";
import { type Editor, mountEditor } from "./editor";
import { changeOf } from "./mend";
import { rangeOf } from "./spans";

export interface ProgramOptions {
	readonly label: string;
	readonly id?: string;
}

export function mountProgram(
	host: HTMLElement,
	said: HTMLElement,
	store: Playground,
	history: Pick<History, "change" | "undo" | "redo">,
	options: ProgramOptions,
): { readonly editor: Editor; readonly dispose: Dispose } {
	host.querySelector("form")?.remove();
	said.replaceChildren();
	const editor = mountEditor(host, {
		text: store.peek().source,
		...options,
		onText: (source) => history.change({ source }, "typing"),
		onCaret: (at) => store.update({ lit: at === null ? new Set() : underCaret(store, at) }),
		undo: history.undo,
		redo: history.redo,
	});
	const change = (span: Span, hint: string) => changeOf(span, hint, editor.view.state.doc.toString());
	const offer: Offer = (span, hint) => () => editor.change(change(span, hint));
	const dispose = together(
		store.watch(["source"], ({ source }) => editor.set(source)),
		store.watch(["errors", "answer"], ({ errors, answer }) => {
			if (store.peek().source === store.peek().answered || errors.length)
				editor.underline(errors, [...answer.notes, ...answer.warnings].filter(worthAMark));
		}),
		store.watch(["selected", "answer"], ({ selected, answer }) => {
			if (store.peek().source !== store.peek().answered) return;
			const edge = answer.edges.find(({ id }) => id === selected);
			const node = answer.nodes.find(({ id }) => id === (edge?.target ?? selected));
			editor.point(node?.spans ?? (node?.span ? [node.span] : []));
		}),
		store.watch(["errors", "trouble", "answer"], ({ errors, trouble, answer }) => {
			render(
				html`
					${trouble ? html`<p class="said trouble" role="alert">${trouble}</p>` : nothing}
					${errors.map((error) => sentence(error, "wrong", offer))}
					${errors.length ? nothing : answer.warnings.filter(worthASentence).map((warning) => sentence(warning, "warning", offer))}
					${answer.notes
						.filter(worthASentence)
						.slice(0, 6)
						.map((note) => sentence(note, "note", offer))}
				`,
				said,
			);
		}),
		() => editor.dispose(),
	);
	return { editor, dispose };
}

/** An assumed input says so at its slider; one that an edit left behind comes back with the next. */
const worthASentence = ({ code }: Diagnostic): boolean => code !== "value.assumed" && code !== "input.unused";

/** An assumed input says so at its slider; it needs no mark in the text. */
const worthAMark = ({ code }: Diagnostic): boolean =>
	code !== "value.assumed" && code !== "value.tie" && code !== "value.not-finite";

/** What a click on a hint does, where it is text that can be put in place. */
type Offer = (span: Span, hint: string) => () => void;

function sentence(diagnostic: Diagnostic, kind: "wrong" | "warning" | "note", offer: Offer) {
	const span = diagnostic.span ?? diagnostic.spans?.[0];
	const { hint, form } = diagnostic;
	const apply = hint && span && !form ? offer(span, hint) : null;
	return html`<div class="said ${kind}" role=${kind === "wrong" ? "alert" : "status"} data-code=${diagnostic.code}>
		<p>${span && kind !== "warning" ? html`<span class="where">line ${span.line}</span> ` : nothing}${spelt(diagnostic.message)}</p>
		${
			apply
				? html`<p class="hint"><button type="button" class="apply" @click=${apply} title="Put this in its place"><code>${hint}</code></button></p>`
				: hint
					? html`<p class="hint"><code>${hint}</code></p>`
					: nothing
		}
	</div>`;
}

/** A message, what it quotes from the program set as code. */
const spelt = (message: string) => message.split("`").map((part, i) => (i % 2 ? html`<code>${part}</code>` : part));

/** The nodes whose narrowest place in the text holds an offset. */
function underCaret(store: Playground, at: number): ReadonlySet<string> {
	const { answer, source, answered } = store.peek();
	if (source !== answered) return new Set();
	let [narrowest, found]: [number, string[]] = [Number.POSITIVE_INFINITY, []];
	for (const node of answer.nodes) {
		for (const span of node.spans ?? (node.span ? [node.span] : [])) {
			const { from, to } = rangeOf(span, source);
			if (at < from || at > to || to - from > narrowest) continue;
			if (to - from < narrowest) [narrowest, found] = [to - from, []];
			found.push(node.id);
		}
	}
	return new Set(found);
}
