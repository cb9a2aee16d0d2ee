/** Code: the program as each framework writes it, which reproduces the numbers. */

import { html, nothing, render } from "lit-html";
import { postForText, Refused } from "../api";
import { requestOf, withheld } from "../model";
import { together } from "../store";
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
/** Those that write the gradients down, or how each comes about. */
const TELLING: ReadonlySet<Language> = new Set(["numpy", "latex", "tikz", "mermaid", "dot"]);

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
	const held = () => (TELLING.has(language) ? withheld(store.peek()) : null);
	const copy = async () => {
		await navigator.clipboard.writeText(text);
		copied = true;
		paint();
	};
	function paint(): void {
		const sentence = held();
		const shown = sentence === null ? text : "";
		render(
			html`<div class="panel-bar">
					<div class="choice" role="group" aria-label="Language">${LANGUAGES.map(
						([id, label]) =>
							html`<button type="button" class="button small" aria-pressed=${id === language} @click=${() => {
								language = id;
								void load();
							}}>${label}</button>`,
					)}</div>
					<button type="button" class="button small" ?disabled=${!shown} @click=${() => void copy()}>${copied ? "Copied" : "Copy"}</button>
				</div>
				${(sentence ?? trouble) ? html`<p class="quiet">${sentence ?? trouble}</p>` : nothing}
				${shown ? html`<pre class="code" tabindex="0" aria-label="Code"><code>${shown}</code></pre>` : nothing}`,
			root,
		);
	}
	return together(
		store.watch(["answer"], () => void load()),
		store.watch(["blank"], paint),
		() => asking?.abort(),
	);
};
