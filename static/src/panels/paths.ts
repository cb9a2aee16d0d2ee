/** Paths: every route from an input to the output with its product, the largest first; by length, and by blocks. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { PathsAnswer, Value } from "../api.types";
import { numberText } from "../number";
import { nameOf } from "../steps";
import { exact, isTensor, scalar } from "../values";
import { type Asked, ask } from "./ask";
import type { Panel } from "./index";

type By = "path" | "length" | "blocks";

export const paths: Panel = (root, store) => {
	let input: string | null = null;
	let by: By = "path";
	let asked: Asked<PathsAnswer> = { answer: null, trouble: null, busy: true };

	const chosen = (): string | null => {
		const { inputs, nodes } = store.peek().answer;
		const known = inputs.map(({ name }) => name);
		const selected = nodes.find(({ id, kind }) => id === store.peek().selected && kind === "input");
		if (input === null || !known.includes(input))
			input = (selected && inputs.find(({ node }) => node === selected.id)?.name) ?? known[0] ?? null;
		return input;
	};
	const asking = ask<PathsAnswer>(
		store,
		"/paths",
		() => {
			const name = chosen();
			// Paths are of the whole circuit, whatever is folded on the drawing.
			return name === null ? null : { input: name, k: 30, ...(by === "path" ? {} : { by }) };
		},
		(next) => {
			asked = next;
			paint();
		},
	);
	const light = (ids: readonly string[]) => {
		const { edges } = store.peek().answer;
		const lit = new Set(ids);
		for (const edge of edges) {
			const at = ids.indexOf(edge.source);
			if (at !== -1 && ids[at + 1] === edge.target) lit.add(edge.id);
		}
		store.update({ lit });
	};

	function paint(): void {
		const { answer } = store.peek();
		const name = chosen();
		const found = asked.answer;
		const tensors = answer.inputs.find((each) => each.name === name)?.shape.length;
		render(
			html`<div class="panel-bar">
					<p class="quiet">${lead(found, name)}</p>
					<label>from <select aria-label="From which input" @change=${(event: Event) => {
						input = (event.currentTarget as HTMLSelectElement).value;
						asking.again();
					}}>${answer.inputs.map((each) => html`<option value=${each.name} ?selected=${each.name === name}>${each.name}</option>`)}</select></label>
					<div class="choice" role="group" aria-label="Order">
						${(["path", "length", "blocks"] as const).map(
							(each) =>
								html`<button type="button" class="button small" aria-pressed=${by === each} @click=${() => {
									by = each;
									asking.again();
								}}>by ${each}</button>`,
						)}
					</div>
				</div>
				${asked.trouble ? html`<p class="quiet">${asked.trouble}${tensors ? " Try “by blocks”." : ""}</p>` : nothing}
				${found?.paths ? table(found.paths, found.grad ?? null) : nothing}
				${
					found?.lengths
						? bars(
								"length",
								found.lengths.map((row) => ({ at: `${row.length} wires`, count: row.count, sum: exact(row.sum) })),
							)
						: nothing
				}
				${
					found?.blocks
						? bars(
								"blocks",
								found.blocks.map((row) => ({
									at: row.blocks === 0 ? "the bus alone" : `${row.blocks} blocks`,
									count: row.count,
									sum: scalar(row.sum) ?? exact(row.norm),
								})),
							)
						: nothing
				}`,
			root,
		);
		for (const bar of root.querySelectorAll<HTMLElement>("[data-share]")) bar.style.width = `${bar.dataset.share}%`;
	}

	const lead = (found: PathsAnswer | null, name: string | null): TemplateResult | string => {
		if (name === null) return "The program has no inputs.";
		if (!found) return asked.busy ? "…" : "";
		if (found.total === undefined) return html`How the gradient of ${name} is made up.`;
		const grad = found.grad ?? null;
		const sum =
			grad === null ? "" : isTensor(grad) ? `∥${numberText(exact(grad.norm ?? "NaN"))}∥` : numberText(exact(grad));
		return html`${spaced(found.total)} ${String(found.total) === "1" ? "path" : "paths"} from ${name} to the output; their products sum to <span class="said-grad">${sum}</span>.`;
	};

	const table = (rows: NonNullable<PathsAnswer["paths"]>, grad: Value | null): TemplateResult => {
		const names = new Map(
			store.peek().answer.nodes.map((node) => [node.id, node.names[0] ? nameOf(node) : node.label]),
		);
		const whole = scalar(grad);
		return html`<table class="data">
			<thead><tr><th scope="col">path</th><th scope="col" class="right">wires</th><th scope="col" class="right">product of slopes</th><th scope="col" class="right">share</th></tr></thead>
			<tbody>${repeat(
				rows,
				({ nodes }) => nodes.join(" "),
				(
					row,
				) => html`<tr tabindex="0" @pointerenter=${() => light(row.nodes)} @pointerleave=${() => store.update({ lit: new Set() })} @focus=${() => light(row.nodes)} @blur=${() => store.update({ lit: new Set() })}>
					<td>${row.nodes.map((id, i) => html`${i ? html`<span class="quiet"> → </span>` : nothing}${names.get(id) ?? "·"}`)}</td>
					<td class="right">${row.length}</td>
					<td class="right said-grad">${numberText(exact(row.product))}</td>
					<td class="right quiet">${whole ? `${numberText((100 * exact(row.product)) / whole)} %` : "–"}</td>
				</tr>`,
			)}</tbody>
		</table>`;
	};
	const bars = (
		what: string,
		rows: readonly { readonly at: string; readonly count: number | string; readonly sum: number }[],
	): TemplateResult => {
		const most = Math.max(...rows.map(({ sum }) => Math.abs(sum)).filter(Number.isFinite), Number.MIN_VALUE);
		return html`<table class="data bars">
			<thead><tr><th scope="col">${what}</th><th scope="col" class="right">paths</th><th scope="col" class="right">gradient by them</th><th scope="col"></th></tr></thead>
			<tbody>${rows.map(
				({ at, count, sum }) => html`<tr>
					<td>${at}</td><td class="right">${spaced(count)}</td><td class="right said-grad">${numberText(sum)}</td>
					<td class="bar-cell"><span class="bar" data-share=${((100 * Math.abs(sum)) / most).toFixed(1)}></span></td>
				</tr>`,
			)}</tbody>
		</table>`;
	};
	return () => {
		asking.dispose();
		store.update({ lit: new Set() });
	};
};

/** An integer with thin spaces between thousands; a very long one as a power of ten. */
function spaced(count: number | string): string {
	const text = String(count);
	if (text.length > 15) return `${text[0]}.${text.slice(1, 3)} × 10^${text.length - 1}`;
	return text.replace(/\B(?=(\d{3})+$)/g, "\u2009");
}
