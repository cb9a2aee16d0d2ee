/** Depth: the norm of the gradient from layer to layer, of several stacks beside each other, as depth, scale and gate change. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { post, Refused } from "../api";
import type { Exact, FlowAnswer, Given } from "../api.types";
import { numberText } from "../number";
import { addressOf, documentFrom } from "../state";
import { exact } from "../values";
import { choicesOf, filled, programsOf } from "./choices";
import { drawPlot, type Series } from "./plot";

interface Slide {
	readonly name: string;
	readonly low: number;
	readonly high: number;
	readonly step: number;
	readonly label: string;
}

/** How the stacks are told apart, besides by the names at their ends. */
const KINDS: readonly Pick<Series, "kind" | "dashed">[] = [
	{ kind: "third", dashed: true },
	{ kind: "grad" },
	{ kind: "other" },
];

export function depth(
	root: HTMLElement,
	state: Readonly<Record<string, unknown>>,
	options: Readonly<Record<string, string>>,
	link: HTMLAnchorElement | null,
): void {
	const begun = documentFrom(state);
	const programs = programsOf(begun.source);
	const names = (options.labels ?? "").split(",");
	const label = (i: number) => names[i] || `program ${i + 1}`;
	const choices = choicesOf(options);
	const slides = slidesOf(options);
	const words = new Map<string, string>();
	const inputs = new Map<string, Given>(begun.inputs);
	let rows: readonly (readonly number[])[] = [];
	let trouble = "";
	let flying = false;
	let waiting = false;

	const source = (i: number) => filled(programs[i] ?? "", choices, words);
	const asked = async () => {
		if (flying) {
			waiting = true;
			return;
		}
		flying = true;
		try {
			const answers = await Promise.all(
				programs.map((_, i) =>
					post<FlowAnswer>("/flow", { source: source(i), inputs: Object.fromEntries(inputs), dtype: begun.dtype }),
				),
			);
			rows = answers.map((answer) => answer.rows.map(({ grad }) => (grad === null ? Number.NaN : exact(grad))));
			trouble = "";
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			trouble = error.message;
		}
		flying = false;
		paint();
		if (waiting) {
			waiting = false;
			void asked();
		}
	};
	const changed = () => {
		paint();
		void asked();
		if (link)
			void addressOf({ ...begun, source: source(programs.length - 1), inputs, panel: "flow" }).then((address) => {
				link.href = address;
			});
	};

	const slider = ({ name, low, high, step, label: said }: Slide): TemplateResult => {
		const value = exact((inputs.get(name) as Exact | undefined) ?? low);
		const part = (100 * (value - low)) / (high - low);
		return html`<label class="slide"><span>${said} <output>${numberText(value)}</output></span>
			<input type="range" min=${low} max=${high} step=${step} .value=${String(value)} data-part=${part.toFixed(1)} data-input=${name}
				@input=${(event: Event) => {
					inputs.set(name, (event.currentTarget as HTMLInputElement).valueAsNumber);
					changed();
				}} /></label>`;
	};
	/** What a lecturer would say of a row. */
	const sentence = (i: number): TemplateResult | typeof nothing => {
		const row = rows[i] ?? [];
		const [first, last] = [row[0], row.at(-1)];
		if (first === undefined || last === undefined || row.length < 2) return nothing;
		const ratio = first / last;
		const verdict = !Number.isFinite(ratio)
			? "has overflowed"
			: ratio < 1e-3
				? "vanishes"
				: ratio < 0.3
					? "shrinks"
					: ratio <= 10
						? "arrives"
						: ratio <= 1e3
							? "grows"
							: "explodes";
		return html`<p class=${`verdict ${KINDS[i % KINDS.length]?.kind}`}><b>${label(i)}</b>: over ${row.length} layers the gradient ${verdict}, × ${numberText(ratio)}.</p>`;
	};

	function paint(): void {
		render(
			html`<div class="controls">
					${slides.map(slider)}
					${choices.map(
						({
							name,
							words: all,
						}) => html`<div class="choice" role="group" aria-label=${options[`name.${name}`] ?? name}>
							${all.map(
								(word) =>
									html`<button type="button" class="button small" aria-pressed=${(words.get(name) ?? all[0]) === word} @click=${() => {
										words.set(name, word);
										changed();
									}}>${word}</button>`,
							)}
						</div>`,
					)}
				</div>
				${trouble ? html`<p class="said wrong" role="alert">${trouble}</p>` : nothing}
				<div class="verdicts" aria-live="polite">${programs.map((_, i) => sentence(i))}</div>
				<div class="plot-frame"><svg></svg></div>
				<details class="whole"><summary>as a table</summary><div class="table-frame" tabindex="0" role="group" aria-label="The norm of the gradient, layer by layer"><table class="data">
					<thead><tr><th scope="col">layer</th>${programs.map((_, i) => html`<th scope="col" class="right">${label(i)}</th>`)}</tr></thead>
					<tbody>${(rows[0] ?? []).map((_, layer) => html`<tr><th scope="row">${layer + 1}</th>${rows.map((row) => html`<td class="right said-grad">${numberText(row[layer] ?? Number.NaN)}</td>`)}</tr>`)}</tbody>
				</table></div></details>`,
			root,
		);
		for (const element of root.querySelectorAll<HTMLElement>("[data-part]"))
			element.style.setProperty("--part", `${element.dataset.part}%`);
		const svg = root.querySelector("svg");
		if (!svg || rows.length === 0) return;
		drawPlot(svg, {
			label: "The norm of the gradient from layer to layer",
			x: "layer",
			y: "∥gradient∥",
			powers: true,
			counts: true,
			height: 280,
			series: rows.map((row, i) => ({
				label: label(i),
				...(KINDS[i % KINDS.length] as Pick<Series, "kind">),
				points: row.map((norm, layer) => [layer + 1, norm] as const),
				dots: row.length <= 40,
			})),
		});
	}

	root.replaceChildren();
	changed();
	new ResizeObserver(paint).observe(root);
}

/** `slide.L=1,60` and `slide.scale=0.1,2.5,0.05` are sliders from, to, and by; `name.L=depth` is what one is called. */
function slidesOf(options: Readonly<Record<string, string>>): readonly Slide[] {
	return Object.entries(options).flatMap(([key, value]) => {
		if (!key.startsWith("slide.")) return [];
		const name = key.slice("slide.".length);
		const [low = 0, high = 1, step = 1] = value.split(",").map(Number);
		return [{ name, low, high, step, label: options[`name.${name}`] ?? name }];
	});
}
