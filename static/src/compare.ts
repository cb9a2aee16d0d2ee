/** Compare: a second program over the same inputs, with a circuit and numbers of its own; what differs is marked. */

import { html, nothing, render } from "lit-html";
import { type Circuit, mountCircuit } from "./circuit/circuit";
import { mountProgram } from "./editor/program";
import { keepLive } from "./live";
import { createPlayground, type Document, directionOf, documentOf, type Playground, withheld } from "./model";
import { numberText } from "./number";
import { type Dispose, together } from "./store";
import { scalar, size } from "./values";

/** What both programs share. */
const SHARED = ["inputs", "seed", "dtype", "share", "strict", "direction"] as const;

export function mountCompare(stage: HTMLElement, column: HTMLElement, store: Playground, circuit: Circuit): Dispose {
	let close: Dispose | null = null;
	const open = (source: string): Dispose => {
		const second = createPlayground({
			...documentOf(store.peek()),
			source,
			selected: null,
			panel: null,
			step: null,
			compare: null,
			practice: false,
		});
		const host = document.createElement("div");
		const said = document.createElement("div");
		const table = document.createElement("div");
		const title = document.createElement("h2");
		title.textContent = "Compared with";
		column.replaceChildren(title, host, said, table);
		const drawing = mountCircuit(stage, {
			label: "The second circuit",
			onSelect: (id) => second.update({ selected: id }),
			onToggle: (group) => {
				const closed = new Set(
					second
						.peek()
						.answer.groups.filter((each) => each.collapsed)
						.map(({ id }) => id),
				);
				if (!closed.delete(group)) closed.add(group);
				second.update({ collapse: [...closed] });
			},
		});
		const live = keepLive(second);
		const change = (changed: Partial<Document>) => {
			second.update(changed);
			if (changed.source !== undefined) store.update({ compare: changed.source });
		};
		const program = mountProgram(
			host,
			said,
			second,
			{ change, undo: () => undefined, redo: () => undefined },
			{ label: "Second program" },
		);
		let drawn = second.peek().answer;

		const differ = () => {
			const [a, b] = [store.peek(), second.peek()];
			const unlike = new Set<string>();
			for (const [id, grad] of a.numbers.grads) {
				const other = b.numbers.grads.get(id);
				if (other !== undefined && size(grad) !== size(other)) unlike.add(id);
			}
			for (const each of [a, b]) for (const edge of each.answer.edges) if (unlike.has(edge.source)) unlike.add(edge.id);
			circuit.mark("differs", unlike);
			drawing.mark("differs", unlike);
			paint();
		};
		/** In practice the second circuit must not tell what is to be found in the first. */
		const hide = () => {
			const { nodes, edges } = second.peek().answer;
			const held = withheld(store.peek()) !== null;
			drawing.mark("blank", new Set(held ? [...nodes, ...edges].map(({ id }) => id) : []));
		};
		const paint = () => {
			const [a, b] = [store.peek(), second.peek()];
			const held = withheld(a);
			const text = (of: Playground, node: string | undefined, kind: "grads" | "values") => {
				const value = node === undefined ? null : (of.peek().numbers[kind].get(node) ?? null);
				const number = scalar(value);
				return value === null
					? "–"
					: number === null
						? `∥${numberText(size(value) ?? Number.NaN)}∥`
						: numberText(number);
			};
			const names = [...new Set([...a.answer.inputs, ...b.answer.inputs].map(({ name }) => name))];
			const row = (label: string, kind: "grads" | "values", one: string | undefined, other: string | undefined) => {
				const [x, y] = [text(store, one, kind), text(second, other, kind)];
				return html`<tr><td>${label}</td><td class="right ${kind === "grads" ? "said-grad" : "said-value"} ${x === y ? "" : "strong"}">${x}</td><td class="right ${kind === "grads" ? "said-grad" : "said-value"} ${x === y ? "" : "strong"}">${y}</td></tr>`;
			};
			render(
				html`<table class="parts">
					<thead><tr><th scope="col"></th><th scope="col" class="right">first</th><th scope="col" class="right">second</th></tr></thead>
					<tbody>
						${row("output", "values", a.answer.output?.node, b.answer.output?.node)}
						${held === null ? names.map((name) => row(`∂out/∂${name}`, "grads", a.answer.inputs.find((each) => each.name === name)?.node, b.answer.inputs.find((each) => each.name === name)?.node)) : nothing}
					</tbody>
				</table>
				${held === null ? nothing : html`<p class="quiet">${held}</p>`}`,
				table,
			);
		};
		const dispose = together(
			store.watch([...SHARED, "upright"], (shared) => second.update(shared)),
			second.watch(["answer", "numbers"], ({ answer, numbers }) => {
				if (answer !== drawn) {
					drawn = answer;
					drawing.draw(answer, directionOf(second.peek()));
				} else drawing.paint(numbers, (node) => live.replay()?.parts(node) ?? []);
				hide();
				differ();
			}),
			second.watch(["selected"], ({ selected }) => drawing.select(selected)),
			second.watch(["lit"], ({ lit }) => drawing.mark("lit", lit)),
			second.watch(["errors"], ({ errors }) => stage.classList.toggle("stale", errors.length > 0)),
			store.watch(["numbers", "answer"], differ),
			store.watch(["practice", "blank"], () => {
				hide();
				paint();
			}),
			store.watch(["compare"], ({ compare }) => {
				if (compare !== null && compare !== second.peek().source) second.update({ source: compare });
			}),
			live.dispose,
			program.dispose,
			drawing.dispose,
			() => circuit.mark("differs", new Set()),
		);
		live.ask();
		return dispose;
	};
	return together(
		store.watch(["compare"], ({ compare }) => {
			const on = compare !== null;
			stage.hidden = column.hidden = !on;
			document.body.classList.toggle("comparing", on);
			if (on && !close) close = open(compare);
			else if (!on && close) {
				close();
				close = null;
				stage.replaceChildren();
				column.replaceChildren();
			}
		}),
		() => close?.(),
	);
}
