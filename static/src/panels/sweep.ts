/** Sweep: the output and its slope over a range of one input, the tangent at the present point; a heat map over two. */

import { html, nothing, render } from "lit-html";
import type { Exact, Row, SweepAnswer } from "../api.types";
import { drawHeat } from "../figures/heat";
import { drawPlot, type Point } from "../figures/plot";
import { onGrid, rangeFor } from "../range";
import { exact, scalar } from "../values";
import { type Asked, ask } from "./ask";
import type { Panel } from "./index";

export const sweep: Panel = (root, store) => {
	let input: string | null = null;
	let second: string | null = null;
	let ends: readonly [number, number] | null = null;
	let asked: Asked<SweepAnswer> = { answer: null, trouble: null, busy: true };
	/** What `asked.answer` is over. */
	let shown: string | null = null;

	const scalars = () => store.peek().answer.inputs.filter(({ shape }) => shape.length === 0);
	const present = (name: string): number => {
		const given = store.peek().inputs.get(name);
		const value = given === undefined ? store.peek().answer.inputs.find((each) => each.name === name)?.value : given;
		return typeof value === "number" || typeof value === "string" ? exact(value as Exact) : Number.NaN;
	};
	const chosen = (): string | null => {
		const names = scalars().map(({ name }) => name);
		if (input === null || !names.includes(input)) {
			const selected = scalars().find(({ node }) => node === store.peek().selected);
			input = selected?.name ?? names[0] ?? null;
			ends = null;
		}
		if (second !== null && (!names.includes(second) || second === input)) second = null;
		return input;
	};
	const range = (name: string): readonly [number, number] => {
		const { low, high } = rangeFor(present(name));
		return [low, high];
	};
	const asking = ask<SweepAnswer>(
		store,
		"/sweep",
		() => {
			const name = chosen();
			if (name === null) return null;
			ends ??= range(name);
			shown = second === null ? name : `${name}, ${second}`;
			if (second === null) return { input: name, start: ends[0], stop: ends[1], num: 301 };
			const [low, high] = range(second);
			return { input: [name, second], start: [ends[0], low], stop: [ends[1], high], num: [81, 81] };
		},
		(next) => {
			asked = next;
			paint();
		},
	);
	const set = (values: Readonly<Record<string, number>>) => {
		const inputs = new Map(store.peek().inputs);
		for (const [name, value] of Object.entries(values)) inputs.set(name, onGrid(value, rangeFor(value).step / 10));
		store.update({ inputs });
	};
	const choose = (name: string) => {
		input = name;
		ends = null;
		asking.again();
	};

	function paint(): void {
		const name = chosen();
		const names = scalars().map((each) => each.name);
		const bounds = ends ?? [0, 1];
		const end = (which: 0 | 1) => (event: Event) => {
			const value = (event.currentTarget as HTMLInputElement).valueAsNumber;
			if (!Number.isFinite(value) || !ends) return;
			ends = which === 0 ? [value, ends[1]] : [ends[0], value];
			if (ends[0] < ends[1]) asking.again();
		};
		render(
			html`<div class="panel-bar">
					<p class="quiet">${name === null ? "The program has no scalar input to sweep." : second === null ? html`The output and its slope over <i>${name}</i>; drag on the plot to move it.` : html`The output over <i>${name}</i> (across) and <i>${second}</i> (up); drag to move both.`}</p>
					${
						name === null
							? nothing
							: html`<label>over <select aria-label="Over which input" @change=${(event: Event) => choose((event.currentTarget as HTMLSelectElement).value)}>${names.map((each) => html`<option value=${each} ?selected=${each === name}>${each}</option>`)}</select></label>
								<label>and <select aria-label="And over which" @change=${(event: Event) => {
									second = (event.currentTarget as HTMLSelectElement).value || null;
									asking.again();
								}}><option value="">–</option>${names.filter((each) => each !== name).map((each) => html`<option value=${each} ?selected=${each === second}>${each}</option>`)}</select></label>
								<label>from <input class="number end" type="number" step="any" .value=${String(bounds[0])} @change=${end(0)} /></label>
								<label>to <input class="number end" type="number" step="any" .value=${String(bounds[1])} @change=${end(1)} /></label>`
					}
				</div>
				${asked.trouble ? html`<p class="quiet">${asked.trouble}</p>` : nothing}
				<div class="plot-frame" ?hidden=${second !== null || !asked.answer}><svg></svg></div>
				<div class="heat-plot" ?hidden=${second === null || !asked.answer}><canvas aria-label="The output over two inputs" role="img"></canvas></div>`,
			root,
		);
		const found = asked.answer;
		if (!found || name === null) return;
		if (second === null && shown === name) drawLines(found, name);
		else if (second !== null && shown === `${name}, ${second}` && Array.isArray(found.x[0]))
			drawGrid(found, name, second);
	}

	function drawLines(found: SweepAnswer, name: string): void {
		const svg = root.querySelector("svg");
		const xs = (found.x as Row).map(exact);
		if (!svg || !xs.length) return;
		const points = (row: Row): Point[] => row.map((y, i) => [xs[i] as number, exact(y)]);
		const value = points(found.value as Row);
		const grad = found.grad ? points(found.grad as Row) : [];
		const { answer, numbers } = store.peek();
		const at = present(name);
		const node = answer.inputs.find((each) => each.name === name)?.node ?? "";
		const f = scalar(numbers.values.get(answer.output?.node ?? ""));
		const slope = scalar(numbers.grads.get(node));
		const reach = ((xs.at(-1) as number) - (xs[0] as number)) / 8;
		const seed = scalar(answer.output?.seed ?? 1) || 1;
		const tangent: Point[] =
			f === null || slope === null
				? []
				: [at - reach, at + reach].map((x): Point => [x, f + ((x - at) * slope) / seed]);
		drawPlot(svg, {
			label: `The output and its slope over ${name}`,
			x: name,
			y: "output, slope",
			series: [
				{ label: "output", kind: "value", points: value },
				{ label: `∂out/∂${name}`, kind: "grad", points: grad },
				{ label: "tangent", kind: "other", points: tangent, dashed: true },
			],
			verticals: [
				...(found.kinks ?? []).map((x) => ({ x: exact(x), kind: "kink" as const })),
				{ x: at, kind: "now" as const },
			],
			onPick: (x) => set({ [name]: x }),
		});
	}
	function drawGrid(found: SweepAnswer, one: string, other: string): void {
		const canvas = root.querySelector("canvas");
		if (!canvas) return;
		const [x, y] = found.x as readonly [Row, Row];
		drawHeat(canvas, {
			x: x.map(exact),
			y: y.map(exact),
			value: (found.value as readonly Row[]).map((row) => row.map(exact)),
			now: [present(one), present(other)],
			onPick: (a, b) => set({ [one]: a, [other]: b }),
		});
	}
	const sized = new ResizeObserver(paint);
	sized.observe(root);
	const stop = store.watch(["numbers"], paint);
	return () => {
		sized.disconnect();
		stop();
		asking.dispose();
	};
};
