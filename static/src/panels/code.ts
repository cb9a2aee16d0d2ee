/** Code: the program as each framework writes it, which reproduces the numbers. */

import { html, nothing, render } from "lit-html";
import { postForText, Refused } from "../api";
import { requestOf } from "../model";
import type { Panel } from "./index";

const LANGUAGES = [
	["pytorch", "PyTorch"],
	["jax", "JAX"],
	["tensorflow", "TensorFlow"],
	["numpy", "NumPy"],
	["latex", "LaTeX"],
	["tikz", "TikZ"],
	["mermaid", "Mermaid"],
	["dot", "DOT"],
] as const;
type Language = (typeof LANGUAGES)[number][0];

export const code: Panel = (root, store) => {
	let language: Language = "pytorch";
	let text = "";
	let trouble = "";
	let copied = false;
	let asking: AbortController | null = null;

	const load = async () => {
		asking?.abort();
		const mine = new AbortController();
		asking = mine;
		if (store.peek().answer.nodes.length === 0 || store.peek().errors.length) return paint();
		try {
			text = await postForText(`/export/${language}`, requestOf(store.peek()), mine.signal);
			trouble = "";
		} catch (error) {
			if (mine.signal.aborted) return;
			if (!(error instanceof Refused)) throw error;
			[text, trouble] = ["", error.message];
		}
		copied = false;
		paint();
	};
	const copy = async () => {
		await navigator.clipboard.writeText(text);
		copied = true;
		paint();
	};
	function paint(): void {
		render(
			html`<div class="panel-bar">
					<div class="choice" role="group" aria-label="Language">${LANGUAGES.map(
						([id, label]) =>
							html`<button type="button" class="button small" aria-pressed=${id === language} @click=${() => {
								language = id;
								void load();
							}}>${label}</button>`,
					)}</div>
					<button type="button" class="button small" ?disabled=${!text} @click=${() => void copy()}>${copied ? "Copied" : "Copy"}</button>
				</div>
				${trouble ? html`<p class="quiet">${trouble}</p>` : nothing}
				${text ? html`<pre class="code" tabindex="0" aria-label="Code"><code>${text}</code></pre>` : nothing}`,
			root,
		);
	}
	const stop = store.watch(["answer"], () => void load());
	return () => {
		stop();
		asking?.abort();
	};
};
