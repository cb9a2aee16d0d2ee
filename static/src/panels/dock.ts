/** The row of tabs over the circuit, and the panel that is open below it. */

import { html, render } from "lit-html";
import type { Playground } from "../model";
import { type Dispose, together } from "../store";
import { type Bench, PANELS } from "./index";
import { openPanel } from "./open";

export function mountDock(tabs: HTMLElement, root: HTMLElement, store: Playground, bench: Bench): Dispose {
	let dispose: Dispose | null = null;
	let open: string | null = null;

	const show = (id: string | null) => {
		open = id;
		dispose?.();
		dispose = null;
		const entry = PANELS.find((each) => each.id === id);
		root.hidden = !entry;
		root.replaceChildren();
		if (!entry) return;
		root.setAttribute("aria-labelledby", `tab-${entry.id}`);
		root.dataset.panel = entry.id;
		dispose = openPanel(entry, root, store, bench);
	};
	const choose = (id: string | null) => store.update({ panel: id });
	const onKey = (event: KeyboardEvent) => {
		const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
		if (!step) return;
		event.preventDefault();
		const all = [...tabs.querySelectorAll<HTMLElement>("[role=tab]")];
		const next = all[(all.indexOf(document.activeElement as HTMLElement) + step + all.length) % all.length];
		next?.focus();
		next?.click();
	};

	return together(
		store.watch(["panel", "answer"], ({ panel }) => {
			// On a canvas the table says what the drawing's elements say elsewhere.
			const usual = document.documentElement.hasAttribute("data-canvas") ? "data" : null;
			const known = PANELS.some(({ id }) => id === panel) ? panel : usual;
			render(
				html`<div class="tabs" role="tablist" aria-label="Panels" @keydown=${onKey}>
					<button type="button" role="tab" id="tab-circuit" aria-selected=${known === null} tabindex=${known === null ? 0 : -1} aria-controls="circuit" @click=${() => choose(null)}>Circuit</button>
					${PANELS.map(
						({ id, label, about }) =>
							html`<button type="button" role="tab" id=${`tab-${id}`} aria-selected=${known === id} tabindex=${known === id ? 0 : -1} aria-controls="panel" title=${about} @click=${() => choose(id)}>${label}</button>`,
					)}
				</div>`,
				tabs,
			);
			if (known !== open) show(known);
		}),
		() => dispose?.(),
	);
}
