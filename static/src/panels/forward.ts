/** Forward mode: a tangent of one input carried through the circuit, beside its value at each node. */

import { html, nothing, render } from "lit-html";
import type { Answer, Value } from "../api.types";
import { numberText } from "../number";
import { exact, isTensor } from "../values";
import { type Asked, ask } from "./ask";
import type { Panel } from "./index";

export const forward: Panel = (root, store) => {
	let input: string | null = null;
	let asked: Asked<Answer> = { answer: null, trouble: null, busy: true };
	const chosen = (): string | null => {
		const names = store.peek().answer.inputs.map(({ name }) => name);
		if (input === null || !names.includes(input)) input = names[0] ?? null;
		return input;
	};
	const text = (value: Value | null | undefined) =>
		value === null || value === undefined
			? "–"
			: isTensor(value)
				? `${value.shape.join("×")} ∥${numberText(exact(value.norm ?? "NaN"))}∥`
				: numberText(exact(value));

	function paint(): void {
		const { answer, numbers } = store.peek();
		const name = chosen();
		const found = asked.answer;
		const output = found?.nodes.find(({ id }) => id === found.output?.node);
		render(
			html`<div class="panel-bar">
					<p class="quiet">${
						name === null
							? "The program has no inputs."
							: html`Forward mode: nudge <i>${name}</i> by a little, and see how far each node moves, in one pass with the values.${output ? html` At the output: <b>${text(output.tangent)}</b>.` : nothing}`
					}</p>
					<label>nudge <select aria-label="Which input is nudged" @change=${(event: Event) => {
						input = (event.currentTarget as HTMLSelectElement).value;
						asking.again();
					}}>${answer.inputs.map((each) => html`<option value=${each.name} ?selected=${each.name === name}>${each.name}</option>`)}</select></label>
				</div>
				${asked.trouble ? html`<p class="quiet">${asked.trouble}</p>` : nothing}
				${
					found
						? html`<table class="data">
							<thead><tr><th scope="col">node</th><th scope="col">name</th><th scope="col" class="right">value</th><th scope="col" class="right">tangent ∂/∂${name}</th><th scope="col" class="right">gradient ∂out/∂</th></tr></thead>
							<tbody>${found.nodes
								.filter(({ kind }) => kind !== "constant")
								.map(
									(
										node,
									) => html`<tr @pointerenter=${() => store.update({ lit: new Set([node.id]) })} @pointerleave=${() => store.update({ lit: new Set() })}>
										<td>${node.label}</td><td><button type="button" class="link" @click=${() => store.update({ selected: node.id })}>${node.names[0] ?? node.label}</button></td>
										<td class="right said-value">${text(node.value)}</td><td class="right strong">${text(node.tangent)}</td><td class="right said-grad">${text(numbers.grads.get(node.id))}</td>
									</tr>`,
								)}</tbody></table>`
						: nothing
				}`,
			root,
		);
	}
	const asking = ask<Answer>(
		store,
		"/forward",
		() => (chosen() === null ? null : { input: chosen() }),
		(next) => {
			asked = next;
			paint();
		},
	);
	return asking.dispose;
};
