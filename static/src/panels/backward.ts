/** Backward graph: the computation of the gradient, drawn as a circuit of its own. */

import { html, nothing, render } from "lit-html";
import type { Answer } from "../api.types";
import { type Circuit, mountCircuit } from "../circuit/circuit";
import { type Asked, ask } from "./ask";
import type { Panel } from "./index";

export const backward: Panel = (root, store) => {
	let asked: Asked<Answer> = { answer: null, trouble: null, busy: true };
	let circuit: Circuit | null = null;
	let drawn: Answer | null = null;

	function paint(): void {
		const found = asked.answer;
		render(
			html`<div class="panel-bar"><p class="quiet">What backpropagation itself computes: each gate here makes a gradient of the circuit above. Point at one to see whose.</p></div>
				${asked.trouble ? html`<p class="quiet">${asked.trouble}</p>` : nothing}
				<div class="second-circuit" ?hidden=${!found?.scene}></div>`,
			root,
		);
		if (!found?.scene || found === drawn) return;
		drawn = found;
		const host = root.querySelector<HTMLElement>(".second-circuit");
		if (!host) return;
		circuit ??= mountCircuit(host, {
			label: "The gradient's own circuit",
			onHover: (id) => {
				const of = asked.answer?.nodes.find((node) => node.id === id)?.of;
				store.update({ lit: new Set(of ? [of] : []) });
			},
			onSelect: (id) => {
				const of = asked.answer?.nodes.find((node) => node.id === id)?.of;
				circuit?.select(id);
				if (of) store.update({ selected: of });
			},
		});
		circuit.draw(found, store.peek().direction);
	}
	const asking = ask<Answer>(
		store,
		"/backward",
		() => ({ include: ["layout", "scene"] }),
		(next) => {
			asked = next;
			paint();
		},
	);
	return () => {
		asking.dispose();
		circuit?.dispose();
		store.update({ lit: new Set() });
	};
};
