/** Flow: the norm of the gradient, and of the value, from layer to layer: what vanishing and exploding look like. */

import { html, nothing, render } from "lit-html";
import type { Exact, FlowAnswer } from "../api.types";
import { drawPlot } from "../figures/plot";
import { numberText } from "../number";
import { exact } from "../values";
import { type Asked, ask } from "./ask";
import type { Panel } from "./index";

export const flow: Panel = (root, store) => {
	let asked: Asked<FlowAnswer> = { answer: null, trouble: null, busy: true };
	const number = (x: Exact | null) => (x === null ? Number.NaN : exact(x));

	function paint(): void {
		const all = asked.answer?.rows ?? [];
		// Layers are what stands outermost: the blocks within a turn are in the table.
		const depth = ({ group }: { readonly group: string }) => group.split("/").length;
		const least = Math.min(...all.map(depth));
		const outer = all.filter((row) => depth(row) === least);
		const rows = outer.length > 1 ? outer : all;
		const first = number(rows[0]?.grad ?? null);
		const last = number(rows.at(-1)?.grad ?? null);
		const ratio = first / last;
		render(
			html`<div class="panel-bar"><p class="quiet">${
				rows.length > 1
					? html`From the last layer back to the first the gradient ${ratio < 0.5 ? "shrinks" : ratio > 2 ? "grows" : "keeps its size"}: × <span class="said-grad">${numberText(ratio)}</span> over ${rows.length} layers.`
					: asked.busy
						? "…"
						: "Layers are the calls of a function and the turns of a loop: write one of these, and its gradient is shown from layer to layer."
			}</p></div>
			${asked.trouble ? html`<p class="quiet">${asked.trouble}</p>` : nothing}
			<div class="plot-frame" ?hidden=${rows.length < 2}><svg></svg></div>
			${
				all.length
					? html`<details class="whole"><summary>as a table</summary><table class="data"><thead><tr><th scope="col">layer</th><th scope="col" class="right">|value|</th><th scope="col" class="right">|gradient|</th></tr></thead>
						<tbody>${all.map((row) => html`<tr><td>${row.group || row.label}</td><td class="right said-value">${row.value === null ? "–" : numberText(exact(row.value))}</td><td class="right said-grad">${row.grad === null ? "–" : numberText(exact(row.grad))}</td></tr>`)}</tbody></table></details>`
					: nothing
			}`,
			root,
		);
		const svg = root.querySelector("svg");
		if (!svg || rows.length < 2) return;
		drawPlot(svg, {
			label: "The size of values and gradients from layer to layer",
			x: "layer",
			y: "norm",
			powers: true,
			counts: true,
			names: (i) => (Number.isInteger(i) ? (rows[i]?.label ?? "") : ""),
			series: [
				{
					label: "gradient",
					kind: "grad",
					points: rows.map((row, i) => [i, number(row.grad)] as const),
					dots: rows.length < 80,
				},
				{ label: "value", kind: "value", points: rows.map((row, i) => [i, number(row.value)] as const), dashed: true },
			],
			onHover: (x) => {
				const row = x === null ? undefined : rows[Math.round(x)];
				const { answer } = store.peek();
				store.update({
					lit: new Set(
						row
							? answer.nodes.filter((node) => node.group === row.group || node.id === row.group).map(({ id }) => id)
							: [],
					),
				});
			},
		});
	}
	const asking = ask<FlowAnswer>(
		store,
		"/flow",
		() => ({}),
		(next) => {
			asked = next;
			paint();
		},
	);
	const sized = new ResizeObserver(paint);
	sized.observe(root);
	return () => {
		sized.disconnect();
		asking.dispose();
		store.update({ lit: new Set() });
	};
};
