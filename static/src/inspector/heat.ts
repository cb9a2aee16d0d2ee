/** A tensor as a heat map: a cell for each element, its number in it where it fits, blue below zero and amber above. */

import { html, nothing, type TemplateResult } from "lit-html";
import { ref } from "lit-html/directives/ref.js";
import type { Tensor } from "../api.types";
import { numberText } from "../number";
import { exact } from "../values";

/** Wider than this the cells bear no numbers. */
const NUMBERED = 6;
const MOST = 4_096;

export function heatMap(title: string, tensor: Tensor): TemplateResult {
	const summary = html`<p class="quiet">min ${text(tensor.min)}, max ${text(tensor.max)}, mean ${text(tensor.mean)}, norm ${text(tensor.norm)}</p>`;
	const data = tensor.data;
	if (!data || data.length > MOST) return html`<h3>${title}</h3>${summary}`;
	const columns = tensor.shape.at(-1) ?? 1;
	const numbers = data.map(exact);
	const most = numbers.reduce((max, x) => (Number.isFinite(x) ? Math.max(max, Math.abs(x)) : max), 0) || 1;
	const rows = Array.from({ length: Math.ceil(numbers.length / Math.max(columns, 1)) }, (_, i) =>
		numbers.slice(i * columns, (i + 1) * columns),
	);
	const numbered = columns <= NUMBERED;
	return html`<h3>${title} <span class="quiet">${tensor.shape.join("×")}</span></h3>
		<div class="heat-frame" tabindex="0" role="region" aria-label=${`${title}, elements`}>
			<table class=${numbered ? "heat numbered" : "heat"}>
				<tbody>
					${rows.map(
						(row) =>
							html`<tr>${row.map((x) => html`<td title=${String(x)} class=${x < 0 ? "below" : "above"} ${ref((element) => shade(element, Math.abs(x) / most))}>${numbered ? numberText(x) : nothing}</td>`)}</tr>`,
					)}
				</tbody>
			</table>
		</div>
		${summary}`;
}

const text = (x: Tensor["min"]): string => (x === null ? "–" : numberText(exact(x)));

function shade(element: Element | undefined, strength: number): void {
	if (element instanceof HTMLElement)
		element.style.setProperty("--heat", `${Math.round(70 * (Number.isFinite(strength) ? strength : 1))}%`);
}
