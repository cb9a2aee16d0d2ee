/** Steps: an optimizer's first steps on a circuit, each with its weights, their gradients, and what it adds to them. */

import { html, nothing, render } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import { post, Refused } from "../api";
import type { StepAnswer, Value } from "../api.types";
import { requestOf } from "../model";
import { numberText } from "../number";
import { exact, givenOf, isTensor, size } from "../values";
import type { Figure } from "./figure";

const OPTIMIZERS = ["sgd", "momentum", "adam"] as const;

export function steps(root: HTMLElement, figure: Figure, options: Readonly<Record<string, string>>): void {
	const { store } = figure;
	const wrt = (options.wrt ?? "").split(",").filter(Boolean);
	const count = Math.min(50, Number(options.steps ?? 5) || 5);
	let optimizer = options.optimizer ?? "adam";
	let lr = Number(options.lr ?? 0.1) || 0.1;
	/** What the steps begin from; moving through them moves the circuit, and not this. */
	let begin = requestOf(store.peek());
	let found: readonly StepAnswer[] = [];
	let trouble = "";
	let at: number | null = null;
	let mine = new AbortController();

	const asked = async () => {
		mine.abort();
		mine = new AbortController();
		const { signal } = mine;
		try {
			const answer = await post<{ readonly steps: readonly StepAnswer[] }>(
				"/train",
				{ ...begin, wrt, optimizer, lr, steps: count },
				signal,
			);
			found = answer.steps;
			trouble = "";
		} catch (error) {
			if (signal.aborted) return;
			if (!(error instanceof Refused)) throw error;
			trouble = error.message;
		}
		paint();
	};
	/** Sets the circuit to the weights before a step. */
	const show = (step: number) => {
		at = step;
		const inputs = new Map(store.peek().inputs);
		for (const [name, value] of Object.entries(found[step]?.inputs ?? {})) {
			const given = givenOf(value);
			if (given !== null) inputs.set(name, given);
		}
		shown = JSON.stringify([...inputs]);
		store.update({ inputs });
		paint();
	};
	let shown = JSON.stringify([...store.peek().inputs]);

	const text = (value: Value | undefined): string =>
		value === undefined
			? "–"
			: isTensor(value)
				? `∥${numberText(size(value) ?? Number.NaN)}∥`
				: numberText(exact(value));

	function paint(): void {
		render(
			html`<div class="controls">
					<div class="choice" role="group" aria-label="Optimizer">${[...new Set([...OPTIMIZERS, optimizer])].map(
						(each) =>
							html`<button type="button" class="button small" aria-pressed=${each === optimizer} @click=${() => {
								optimizer = each;
								void asked();
							}}>${each}</button>`,
					)}</div>
					<label class="slide"><span>learning rate <output>${numberText(lr)}</output></span>
						<input type="range" min="0.01" max="0.5" step="0.01" .value=${String(lr)} data-part=${((100 * (lr - 0.01)) / 0.49).toFixed(1)}
							@input=${(event: Event) => {
								lr = (event.currentTarget as HTMLInputElement).valueAsNumber;
								paint();
								void asked();
							}} /></label>
				</div>
				${trouble ? html`<p class="said wrong" role="alert">${trouble}</p>` : nothing}
				<div class="table-frame" tabindex="0" role="group" aria-label="Steps of the optimizer"><table class="data steps">
					<caption>Each step: the weights, their gradients, and what is added. Choose a step, and the circuit shows it.</caption>
					<thead><tr><th scope="col">step</th><th scope="col" class="right">loss</th><th scope="col">weight</th><th scope="col" class="right">before</th><th scope="col" class="right">gradient</th><th scope="col" class="right">update</th></tr></thead>
					${repeat(
						found,
						(_, i) => i,
						(step, i) =>
							html`<tbody class=${i === at ? "chosen" : ""}>${Object.keys(step.updates).map(
								(name, row, all) => html`<tr>
									${
										row === 0
											? html`<th scope="rowgroup" rowspan=${all.length}><button type="button" class="link" aria-pressed=${i === at} @click=${() => show(i)}>${i + 1}</button></th><td class="right" rowspan=${all.length}>${text(step.loss)}</td>`
											: nothing
									}
									<td><i>${name}</i></td><td class="right said-value">${text(step.inputs[name])}</td><td class="right said-grad">${text(step.grads[name])}</td><td class="right">${text(step.updates[name])}</td>
								</tr>`,
							)}</tbody>`,
					)}
				</table></div>`,
			root,
		);
		for (const element of root.querySelectorAll<HTMLElement>("[data-part]"))
			element.style.setProperty("--part", `${element.dataset.part}%`);
	}

	root.replaceChildren();
	store.watch(["inputs"], ({ inputs }) => {
		if (JSON.stringify([...inputs]) === shown) return;
		shown = JSON.stringify([...inputs]);
		at = null;
		begin = requestOf(store.peek());
		void asked();
	});
	void asked();
}
