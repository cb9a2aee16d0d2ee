/** Data: the table of nodes and wires, sortable, to be copied as CSV or JSON. It says all that the picture says. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Value } from "../api.types";
import { exactText, numberText } from "../number";
import { together } from "../store";
import { exact, isTensor, scalar } from "../values";
import type { Panel } from "./index";

interface Row {
	readonly kind: "node" | "edge";
	readonly id: string;
	readonly what: string;
	readonly name: string;
	readonly value: Value | null;
	readonly grad: Value | null;
	readonly local: number | null;
}

const COLUMNS = [
	["what", "what"],
	["name", "name"],
	["value", "value"],
	["local", "local derivative"],
	["grad", "gradient"],
] as const;
type Column = (typeof COLUMNS)[number][0];

const PORTION = 400;

export const data: Panel = (root, store) => {
	let sort: { readonly by: Column; readonly down: boolean } | null = null;
	let copied = "";
	/** Rows of a large table come in portions, as the browser has time. */
	let portion = PORTION;
	let waiting = 0;

	const rows = (): readonly Row[] => {
		const { answer, numbers, blank } = store.peek();
		const found = (grads: ReadonlyMap<string, Value | null>, id: string) =>
			blank.has(id) ? null : (grads.get(id) ?? null);
		const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
		const label = (id: string) => {
			const node = nodes.get(id);
			return node ? (node.names[0] ?? node.label) : id;
		};
		const all: Row[] = [
			...answer.nodes.map(
				(node): Row => ({
					kind: "node",
					id: node.id,
					what: node.kind === "op" ? node.label : node.kind === "group" ? `group ${node.label}` : node.kind,
					name: node.names.join(", ") || node.label,
					value: numbers.values.get(node.id) ?? null,
					grad: found(numbers.grads, node.id),
					local: null,
				}),
			),
			...answer.edges.map(
				(edge): Row => ({
					kind: "edge",
					id: edge.id,
					what: "wire",
					name: `${label(edge.source)} → ${label(edge.target)}`,
					value: numbers.edgeValues.get(edge.id) ?? null,
					grad: found(numbers.edgeGrads, edge.id),
					// A slope is all but the answer where what comes back is 1.
					local: edge.local === null || edge.local === undefined || blank.has(edge.id) ? null : exact(edge.local),
				}),
			),
		];
		if (!sort) return all;
		const { by, down } = sort;
		const weight = (row: Row): number | string => {
			const cell = row[by];
			if (cell === null) return Number.NEGATIVE_INFINITY;
			if (typeof cell === "string" && (by === "what" || by === "name")) return cell;
			return typeof cell === "number"
				? cell
				: isTensor(cell as Value)
					? exact((cell as { norm: number }).norm)
					: exact(cell as "NaN");
		};
		return all.toSorted((a, b) => {
			const [x, y] = [weight(a), weight(b)];
			const order = typeof x === "string" && typeof y === "string" ? x.localeCompare(y) : Number(x) - Number(y);
			return down ? -order : order;
		});
	};

	const cell = (value: Value | null, kind: "value" | "grad"): TemplateResult => {
		if (value === null) return html`<td class="right quiet">–</td>`;
		const x = scalar(value);
		if (x !== null)
			return html`<td class="right"><span class=${kind} data-value=${exactText(x)} title=${exactText(x)}>${numberText(x)}</span></td>`;
		const tensor = value as Exclude<Value, number | string>;
		const norm = exact(tensor.norm ?? "NaN");
		return kind === "value"
			? html`<td class="right"><span class="value">${tensor.shape.join("×")}</span></td>`
			: html`<td class="right"><span class="grad" data-value=${exactText(norm)}>∥${numberText(norm)}∥</span></td>`;
	};

	const copy = async (form: "csv" | "json") => {
		const plain = (value: Value | null) =>
			value === null ? "" : isTensor(value) ? JSON.stringify(value.data ?? value.shape) : String(value);
		const quoted = (text: string) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);
		const all = rows();
		const text =
			form === "json"
				? JSON.stringify(all, null, "\t")
				: [
						"kind,id,what,name,value,local,gradient",
						...all.map((row) =>
							[
								row.kind,
								row.id,
								row.what,
								row.name,
								plain(row.value),
								row.local === null ? "" : String(row.local),
								plain(row.grad),
							]
								.map(quoted)
								.join(","),
						),
					].join("\n");
		await navigator.clipboard.writeText(text);
		copied = form;
		paint();
		store.update({ said: `The table was copied as ${form.toUpperCase()}.` });
	};
	const by = (column: Column) => {
		sort =
			sort?.by !== column
				? { by: column, down: column === "value" || column === "grad" }
				: sort.down
					? { by: column, down: false }
					: null;
		paint();
	};

	function paint(): void {
		const { selected, blank } = store.peek();
		const canvas = document.documentElement.hasAttribute("data-canvas");
		const all = rows();
		if (portion < all.length) {
			clearTimeout(waiting);
			waiting = window.setTimeout(() => {
				portion *= 2;
				paint();
			}, 30);
		}
		render(
			html`<div class="panel-bar">
					<p class="quiet">Every node and every wire, with its numbers${blank.size ? ", but for what is yours to find" : nothing}.</p>
					<button type="button" class="button small" @click=${() => void copy("csv")}>${copied === "csv" ? "Copied" : "Copy as CSV"}</button>
					<button type="button" class="button small" @click=${() => void copy("json")}>${copied === "json" ? "Copied" : "Copy as JSON"}</button>
				</div>
				<table class="data">
					<thead><tr>${COLUMNS.map(
						([
							column,
							label,
						]) => html`<th scope="col" class=${column === "what" || column === "name" ? "" : "right"} aria-sort=${sort?.by === column ? (sort.down ? "descending" : "ascending") : "none"}>
							<button type="button" class="link" @click=${() => by(column)}>${label}${sort?.by === column ? (sort.down ? " ↓" : " ↑") : nothing}</button>
						</th>`,
					)}</tr></thead>
					<tbody>
						${repeat(
							all.slice(0, portion),
							(row) => `${row.kind} ${row.id}`,
							(
								row,
							) => html`<tr class=${row.id === selected ? "chosen" : ""} data-node=${canvas && row.kind === "node" ? row.id : nothing} data-edge=${canvas && row.kind === "edge" ? row.id : nothing}
								@pointerenter=${() => store.update({ lit: new Set([row.id]) })} @pointerleave=${() => store.update({ lit: new Set() })}>
								<td>${row.what}</td>
								<td><button type="button" class="link" @click=${() => store.update({ selected: row.id })}>${row.name}</button></td>
								${cell(row.value, "value")}
								<td class="right">${row.local === null ? html`<span class="quiet">–</span>` : numberText(row.local)}</td>
								${cell(row.grad, "grad")}
							</tr>`,
						)}
					</tbody>
				</table>`,
			root,
		);
	}
	return together(
		store.watch(["answer", "numbers", "selected", "blank"], () => {
			if (store.peek().answer.nodes.length > PORTION) {
				clearTimeout(waiting);
				waiting = window.setTimeout(paint, 120);
			} else paint();
		}),
		() => clearTimeout(waiting),
	);
};
