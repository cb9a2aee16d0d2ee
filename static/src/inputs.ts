/** Inputs: a slider and a number box for each scalar, a stepper for a parameter, a grid for a tensor, and the seed. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { Exact, Given, GraphInput, GraphParameter, Value } from "./api.types";
import type { History } from "./history";
import type { Playground, State } from "./model";
import { numberText } from "./number";
import { onGrid, rangeFor, type SliderRange } from "./range";
import type { Dispose } from "./store";
import { exact, flat, givenOf, isTensor, nested, parseNumber, shapeOf } from "./values";

/** Up to this many elements a tensor is shown as a grid of boxes. */
const GRID = 64;

export function mountInputs(root: HTMLElement, store: Playground, history: History): Dispose {
	root.replaceChildren();
	const ranges = new Map<string, SliderRange>();

	const set = (name: string, given: Given) =>
		history.change({ inputs: new Map(store.peek().inputs).set(name, given) }, `input ${name}`);
	const setSeed = (seed: Given | null) => history.change({ seed }, "seed");

	const rangeOf = (name: string, value: number): SliderRange => {
		let range = ranges.get(name) ?? rangeFor(value);
		if (Number.isFinite(value) && (value < range.low || value > range.high)) range = rangeFor(value);
		ranges.set(name, range);
		return range;
	};

	/** A box for one number, which takes what is typed once it is a number. */
	const box = (
		label: string,
		name: string | null,
		value: Exact,
		step: number,
		to: (value: Exact) => void,
	): TemplateResult => {
		const precise = String(value);
		const shown = precise.length > 9 && typeof value === "number" ? String(Number(value.toPrecision(6))) : precise;
		const nudge = (event: Event, by: number) => {
			const x = exact(value);
			if (!Number.isFinite(x)) return;
			event.preventDefault();
			to(onGrid(x + by * step, step / 10));
		};
		const scale = (event: MouseEvent | KeyboardEvent) => (event.shiftKey ? 10 : event.altKey ? 0.1 : 1);
		return html`<input
			class="number" type="text" inputmode="text" autocomplete="off" spellcheck="false" size="7"
			role="spinbutton" aria-label=${label} aria-valuenow=${shown} aria-valuetext=${shown}
			data-input=${name ?? nothing} title=${precise === shown ? nothing : precise}
			.value=${liveValue(label, shown)}
			@input=${(event: InputEvent) => {
				const element = event.currentTarget as HTMLInputElement;
				const parsed = parseNumber(element.value);
				element.toggleAttribute("aria-invalid", parsed === null);
				typing.set(label, element.value);
				if (parsed !== null) to(parsed);
			}}
			@blur=${(event: FocusEvent) => {
				typing.delete(label);
				const element = event.currentTarget as HTMLInputElement;
				element.removeAttribute("aria-invalid");
				element.value = shown;
			}}
			@keydown=${(event: KeyboardEvent) => {
				if (event.key === "ArrowUp" || event.key === "ArrowDown") {
					typing.delete(label);
					nudge(event, (event.key === "ArrowUp" ? 10 : -10) * scale(event));
				} else if (event.key === "Enter") (event.currentTarget as HTMLElement).blur();
			}}
			@wheel=${(event: WheelEvent) => {
				if (document.activeElement !== event.currentTarget) return;
				typing.delete(label);
				nudge(event, (event.deltaY < 0 ? 10 : -10) * scale(event));
			}}
		/>`;
	};
	/** What is being typed stays as it was typed: `1.` must not become `1` under the hand. */
	const typing = new Map<string, string>();
	const liveValue = (label: string, shown: string): string => typing.get(label) ?? shown;

	const gradient = (grad: Value | null, name: string): TemplateResult | typeof nothing => {
		if (grad === null) return nothing;
		const text = isTensor(grad) ? `∥${numberText(exact(grad.norm ?? "NaN"))}∥` : numberText(exact(grad));
		return html`<p class="of-input">∂out/∂${name} = <span class="number-grad">${text}</span></p>`;
	};

	const slider = (input: GraphInput, value: Exact, grad: Value | null): TemplateResult => {
		const x = exact(value);
		const range = rangeOf(input.name, x);
		const part = Number.isFinite(x) ? (100 * (x - range.low)) / (range.high - range.low) : 0;
		return html`<div class="input" data-of=${input.node}>
			<span class="name" title="Drag to change" @pointerdown=${(event: PointerEvent) => scrub(event, x, range, (to) => set(input.name, to))}>${input.name}</span>
			<input
				class="slider" type="range" aria-label=${`${input.name}, slider`} min=${range.low} max=${range.high} step=${range.step}
				.value=${String(x)} data-part=${part.toFixed(1)}
				@input=${(event: InputEvent) => set(input.name, onGrid((event.currentTarget as HTMLInputElement).valueAsNumber, range.step))}
			/>
			${box(input.name, input.name, value, range.step, (to) => set(input.name, to))}
			${input.assumed && !store.peek().inputs.has(input.name) ? html`<p class="of-input assumed">no value was given: taken as 1</p>` : nothing}
			${store.peek().blank.has(input.node) ? nothing : gradient(grad, input.name)}
		</div>`;
	};

	const stepper = (parameter: GraphParameter): TemplateResult => {
		const given = store.peek().inputs.get(parameter.name) ?? (parameter.value as Given);
		const { name } = parameter;
		if (Array.isArray(given))
			return html`<div class="input"><span class="name">${name}</span>${rows(name, given)}</div>`;
		const n = exact(given as Exact);
		const to = (value: number) => set(name, Math.round(value));
		return html`<div class="input parameter">
			<span class="name">${name}</span>
			<button type="button" class="step" aria-label=${`${name}, one less`} @click=${() => to(n - 1)}>−</button>
			<input
				class="number" type="text" inputmode="numeric" autocomplete="off" role="spinbutton" size="5" data-input=${name}
				aria-label=${name} aria-valuenow=${n} .value=${String(n)}
				@change=${(event: Event) => {
					const value = Number((event.currentTarget as HTMLInputElement).value);
					if (Number.isInteger(value)) to(value);
				}}
				@keydown=${(event: KeyboardEvent) => {
					const by = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
					if (by) {
						event.preventDefault();
						to(n + by * (event.shiftKey ? 10 : 1));
					}
				}}
			/>
			<button type="button" class="step" aria-label=${`${name}, one more`} @click=${() => to(n + 1)}>+</button>
		</div>`;
	};

	/** A tensor as rows of boxes where it is small, else as its JSON. */
	const rows = (name: string, given: Given): TemplateResult => {
		const shape = shapeOf(given) ?? [];
		const data = flat(given);
		const width = shape.length === 0 ? 1 : (shape.at(-1) ?? 1);
		const change = (i: number, value: Exact) => set(name, nested(data.toSpliced(i, 1, value), shape));
		return html`
			${
				data.length <= GRID && shape.length <= 3
					? html`<div class="grid" role="group" aria-label=${`${name}, elements`} data-columns=${Math.min(width, 12)}>
							${data.map((value, i) => box(`${name}[${indexOf(i, shape).join(", ")}]`, null, value, 0.01, (to) => change(i, to)))}
						</div>`
					: nothing
			}
			<details class="whole" ?open=${data.length > GRID}>
				<summary>as rows</summary>
				<textarea
					rows="3" spellcheck="false" aria-label=${`${name}, as rows`} data-input=${name} .value=${JSON.stringify(given)}
					@change=${(event: Event) => {
						const element = event.currentTarget as HTMLTextAreaElement;
						const read = readRows(element.value);
						element.toggleAttribute("aria-invalid", read === null);
						if (read !== null) set(name, read);
					}}
				></textarea>
			</details>`;
	};

	const tensor = (input: GraphInput, grad: Value | null): TemplateResult => {
		const given = store.peek().inputs.get(input.name) ?? givenOf(input.value);
		return html`<div class="input tensor" data-of=${input.node}>
			<span class="name">${input.name}</span><span class="shape">${input.shape.join("×")}</span>
			${given === null ? html`<p class="quiet">more elements than are shown</p>` : rows(input.name, given)}
			${store.peek().blank.has(input.node) ? nothing : gradient(grad, input.name)}
		</div>`;
	};

	const seed = (state: Pick<State, "answer" | "seed">): TemplateResult | typeof nothing => {
		const { output } = state.answer;
		if (!output || state.answer.nodes.length === 0) return nothing;
		const given = state.seed ?? 1;
		if (Array.isArray(given))
			return html`<div class="input seed"><span class="name upright">seed</span><code>${JSON.stringify(given)}</code></div>`;
		return html`<div class="input seed">
			<span class="name upright" title="The gradient that enters at the output">seed gradient</span>
			${box("seed gradient", null, given as Exact, 0.1, (to) => setSeed(to === 1 ? null : to))}
		</div>`;
	};

	return store.watch(["answer", "numbers", "inputs", "seed", "blank"], (state) => {
		const { answer, numbers, inputs } = state;
		render(
			html`
				${repeat(
					answer.inputs,
					(input) => input.name,
					(input) => {
						const given = inputs.get(input.name) ?? input.value;
						const grad = numbers.grads.get(input.node) ?? input.grad;
						return isTensor(input.value) || Array.isArray(given)
							? tensor(input, grad)
							: slider(input, given as Exact, grad);
					},
				)}
				${repeat(answer.parameters, (parameter) => parameter.name, stepper)}
				${answer.inputs.length + answer.parameters.length === 0 && answer.nodes.length ? html`<p class="quiet">This program has no inputs: names that it never assigns become sliders.</p>` : nothing}
				${seed(state)}
			`,
			root,
		);
		for (const element of root.querySelectorAll<HTMLElement>("[data-part]"))
			element.style.setProperty("--part", `${element.dataset.part}%`);
		for (const element of root.querySelectorAll<HTMLElement>("[data-columns]"))
			element.style.setProperty("--columns", element.dataset.columns ?? "1");
	});
}

/** Dragging a name sideways moves its number, a pixel a step. */
function scrub(event: PointerEvent, from: number, range: SliderRange, to: (value: number) => void): void {
	if (!Number.isFinite(from)) return;
	const element = event.currentTarget as HTMLElement;
	const start = event.clientX;
	element.setPointerCapture(event.pointerId);
	const onMove = (move: PointerEvent) => to(onGrid(from + (move.clientX - start) * range.step, range.step));
	const onUp = () => {
		element.removeEventListener("pointermove", onMove);
		element.removeEventListener("pointerup", onUp);
		element.removeEventListener("pointercancel", onUp);
	};
	element.addEventListener("pointermove", onMove);
	element.addEventListener("pointerup", onUp);
	element.addEventListener("pointercancel", onUp);
}

function indexOf(i: number, shape: readonly number[]): number[] {
	const index: number[] = [];
	let rest = i;
	for (const length of shape.toReversed()) {
		index.unshift(rest % length);
		rest = Math.floor(rest / length);
	}
	return index;
}

/** Nested rows of numbers as JSON writes them; null where it is something else. */
function readRows(text: string): Given | null {
	try {
		const read = JSON.parse(text) as Given;
		return shapeOf(read) === null ? null : read;
	} catch {
		const number = parseNumber(text);
		return number === null ? null : number;
	}
}
