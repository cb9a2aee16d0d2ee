/** Train: steps of an optimizer, the loss as it falls, and the weights moving on the circuit. */

import { html, nothing, render } from "lit-html";
import { lines, Refused } from "../api";
import type { Given, StepAnswer, Value } from "../api.types";
import { drawPlot } from "../figures/plot";
import { requestOf } from "../model";
import { numberText } from "../number";
import { exact, givenOf, isTensor, size } from "../values";
import type { Panel } from "./index";

const OPTIMIZERS = ["sgd", "momentum", "nesterov", "rmsprop", "adagrad", "adam", "adamw"] as const;
/** Steps that are kept as a table's rows. */
const ROWS = 200;

export const train: Panel = (root, store) => {
	let optimizer: (typeof OPTIMIZERS)[number] = "adam";
	let lr = 0.05;
	let count = 100;
	let wrt: ReadonlySet<string> | null = null;
	let steps: StepAnswer[] = [];
	let trouble = "";
	let running: AbortController | null = null;
	let at = 0;
	let beginning: ReadonlyMap<string, Given> | null = null;

	const names = () => store.peek().answer.inputs.map(({ name }) => name);
	const trained = (): readonly string[] => names().filter((name) => wrt?.has(name) ?? true);

	const stop = () => {
		running?.abort();
		running = null;
	};
	const run = async () => {
		if (running) {
			stop();
			return paint();
		}
		const mine = new AbortController();
		running = mine;
		steps = [];
		trouble = "";
		beginning = new Map(store.peek().inputs);
		let painted = 0;
		try {
			const body = { ...requestOf(store.peek()), wrt: trained(), optimizer, lr, steps: count };
			for await (const step of lines<StepAnswer>("/train", body, mine.signal)) {
				if (!step.inputs) continue;
				steps.push(step);
				if (performance.now() - painted > 60) {
					painted = performance.now();
					show(steps.length - 1);
				}
			}
		} catch (error) {
			if (!mine.signal.aborted) {
				if (!(error instanceof Refused)) throw error;
				trouble = error.message;
			}
		}
		if (running === mine) running = null;
		show(steps.length - 1);
	};
	/** Sets the circuit to a step's inputs: the weights move on it. */
	const show = (i: number) => {
		at = Math.max(0, Math.min(steps.length - 1, i));
		const step = steps[at];
		if (step) {
			const inputs = new Map(store.peek().inputs);
			for (const [name, value] of Object.entries(step.inputs)) {
				const given = givenOf(value);
				if (given !== null) inputs.set(name, given);
			}
			store.update({ inputs });
		}
		paint();
	};
	const reset = () => {
		stop();
		if (beginning) store.update({ inputs: beginning });
		steps = [];
		paint();
	};

	function paint(): void {
		const step = steps[at];
		const chosen = new Set(trained());
		const text = (value: Value | undefined) =>
			value === undefined
				? "–"
				: isTensor(value)
					? `∥${numberText(size(value) ?? Number.NaN)}∥`
					: numberText(exact(value));
		render(
			html`<div class="panel-bar">
					<button type="button" class="button main small" @click=${() => void run()}>${running ? "Stop" : "Train"}</button>
					<label>with <select aria-label="Optimizer" @change=${(event: Event) => {
						optimizer = (event.currentTarget as HTMLSelectElement).value as typeof optimizer;
					}}>${OPTIMIZERS.map((each) => html`<option ?selected=${each === optimizer}>${each}</option>`)}</select></label>
					<label>rate <input class="number end" type="number" step="any" min="0" .value=${String(lr)} @change=${(
						event: Event,
					) => {
						lr = (event.currentTarget as HTMLInputElement).valueAsNumber || lr;
					}} /></label>
					<label>steps <input class="number end" type="number" min="1" max="10000" .value=${String(count)} @change=${(
						event: Event,
					) => {
						count = Math.max(1, Math.round((event.currentTarget as HTMLInputElement).valueAsNumber || count));
					}} /></label>
					<button type="button" class="button small" ?disabled=${steps.length === 0} @click=${reset}>Put back</button>
					<fieldset class="ticks"><legend class="unseen">What is trained</legend>${names().map(
						(name) =>
							html`<label><input type="checkbox" .checked=${chosen.has(name)} @change=${(event: Event) => {
								const next = new Set(trained());
								if ((event.currentTarget as HTMLInputElement).checked) next.add(name);
								else next.delete(name);
								wrt = next;
								paint();
							}} /> <i>${name}</i></label>`,
					)}</fieldset>
				</div>
				${trouble ? html`<p class="said wrong" role="alert">${trouble}</p>` : nothing}
				${steps.length ? nothing : html`<p class="quiet">The output is the loss: each step moves what is ticked against its gradient.</p>`}
				<div class="plot-frame" ?hidden=${steps.length < 2}><svg></svg></div>
				${
					step
						? html`<p class="quiet">Step ${at + 1} of ${steps.length}, loss ${numberText(exact(step.loss))}.</p>
							<table class="data"><thead><tr><th scope="col">weight</th><th scope="col" class="right">before</th><th scope="col" class="right">gradient</th><th scope="col" class="right">update</th></tr></thead>
							<tbody>${Object.keys(step.updates)
								.slice(0, ROWS)
								.map(
									(name) =>
										html`<tr><td><i>${name}</i></td><td class="right said-value">${text(step.inputs[name])}</td><td class="right said-grad">${text(step.grads[name])}</td><td class="right">${text(step.updates[name])}</td></tr>`,
								)}</tbody></table>`
						: nothing
				}`,
			root,
		);
		const svg = root.querySelector("svg");
		if (!svg || steps.length < 2) return;
		const losses = steps.map((each, i) => [i + 1, exact(each.loss)] as const);
		drawPlot(svg, {
			label: "The loss, step by step",
			x: "step",
			y: "loss",
			counts: true,
			height: 190,
			series: [{ label: "loss", kind: "other", points: losses }],
			verticals: [{ x: at + 1, kind: "now" }],
			onPick: (x) => show(Math.round(x) - 1),
		});
	}
	const watched = store.watch(["answer"], () => {
		if (!running) paint();
	});
	return () => {
		watched();
		stop();
	};
};
