/** Lengths: how much of a gradient comes by paths of each length, in blocks or in wires; the parts add up to it exactly. */

import { html, nothing, render } from "lit-html";
import type { PathsAnswer } from "../api.types";
import { numberText } from "../number";
import { ask } from "../panels/ask";
import { exact, scalar } from "../values";
import type { Figure } from "./figure";

interface Row {
	readonly name: string;
	readonly count: number | string;
	readonly sum: number;
}

export function lengths(root: HTMLElement, figure: Figure, options: Readonly<Record<string, string>>): void {
	const by = options.by === "length" ? "length" : "blocks";
	const first = () => options.input ?? figure.store.peek().answer.inputs[0]?.name;
	let found: PathsAnswer | null = null;
	let trouble = "";

	const rows = (): readonly Row[] =>
		by === "length"
			? (found?.lengths ?? []).map(({ length, count, sum }) => ({
					name: length === 1 ? "1 wire" : `${length} wires`,
					count,
					sum: exact(sum),
				}))
			: (found?.blocks ?? []).map(({ blocks, count, sum }) => ({ name: named(blocks), count, sum: scalar(sum) ?? 0 }));

	function paint(): void {
		const all = rows();
		const total = scalar(found?.grad) ?? Number.NaN;
		const most = Math.max(...all.map(({ sum }) => Math.abs(sum)), Number.MIN_VALUE);
		render(
			html`${trouble ? html`<p class="said wrong" role="alert">${trouble}</p>` : nothing}
				<div class="table-frame" tabindex="0" role="group" aria-label="The gradient by the length of its paths"><table class="data bars">
					<caption>The gradient of <i>${first()}</i>, by how many blocks its paths go through</caption>
					<thead><tr><th scope="col">through</th><th scope="col" class="right">paths</th><th scope="col" class="right">their sum</th><th scope="col" class="right">share</th><th><span class="unseen">share, as a bar</span></th></tr></thead>
					<tbody>
						${all.map(
							({
								name,
								count,
								sum,
							}) => html`<tr><th scope="row">${name}</th><td class="right">${count}</td><td class="right said-grad">${numberText(sum)}</td>
								<td class="right">${numberText(Math.round((1e4 * sum) / total) / 100)} %</td>
								<td class="bar-cell"><span class=${sum < 0 ? "bar below" : "bar"} data-share=${((100 * Math.abs(sum)) / most).toFixed(1)}></span></td></tr>`,
						)}
						<tr class="total"><th scope="row">all</th><td class="right">${counted(all)}</td><td class="right said-grad">${numberText(total)}</td><td class="right">100 %</td><td></td></tr>
					</tbody>
				</table></div>`,
			root,
		);
		for (const bar of root.querySelectorAll<HTMLElement>("[data-share]")) bar.style.width = `${bar.dataset.share}%`;
	}

	ask<PathsAnswer>(
		figure.store,
		"/paths",
		() => {
			const input = first();
			return input === undefined ? null : { input, by };
		},
		({ answer, trouble: said, busy }) => {
			if (answer === null && (busy || said === null)) return;
			if (!found) root.replaceChildren();
			found = answer ?? found;
			trouble = said ?? "";
			paint();
		},
	);
}

const named = (blocks: number): string =>
	blocks === 0 ? "the bus alone" : blocks === 1 ? "one block" : `${blocks} blocks`;

/** How many paths there are together; a count too large for a number is a string already. */
function counted(rows: readonly Row[]): string {
	return String(rows.reduce((sum, { count }) => sum + BigInt(count), 0n));
}
