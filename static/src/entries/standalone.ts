/** A circuit in a file of its own, without a server: sliders that replay it, and its steps forward and backward. */

import type { Answer, Box, Tape } from "../api.types";
import { paintFigure } from "../circuit/figures";
import { numberText } from "../number";
import { onGrid, rangeFor } from "../range";
import { type Replay, replayOf } from "../replay";
import { aheadOf, type Step, sentenceOf, stepsOf } from "../steps";
import { exact, type Numbers, numbersOf, parseNumber, scalar } from "../values";

/** What the file carries besides its picture: the circuit, its tape, and the boxes of its texts by id. */
interface Carried {
	readonly answer: Answer;
	readonly tape: Tape | null;
	readonly boxes: Readonly<Record<string, { readonly [name in "value_box" | "grad_box" | "sum_box"]?: Box }>>;
}

/** ms that a step is shown. */
const STEP = 1_400;

function start(carried: Carried, svg: SVGSVGElement): void {
	const { answer, tape, boxes } = carried;
	const replay = tape ? replayOf(tape) : null;
	let numbers = numbersOf(answer);
	const elements = new Map<string, Element>();
	for (const element of svg.querySelectorAll("[data-node], [data-edge]")) {
		const id = element.getAttribute("data-node") ?? element.getAttribute("data-edge") ?? "";
		elements.set(id, element);
		// The numbers that a title holds would not follow.
		if (replay) element.querySelector(":scope > title")?.remove();
	}
	const transport = mountTransport(answer, elements, () => numbers);

	function paint(): void {
		for (const node of answer.nodes) paintOne(node.id, node.id, numbers.values, numbers.grads);
		for (const edge of answer.edges) paintOne(edge.id, null, numbers.edgeValues, numbers.edgeGrads);
		for (const row of document.querySelectorAll<HTMLElement>("tr[data-shows]")) {
			const id = row.dataset.shows ?? "";
			for (const [name, all] of [
				["value", numbers.values],
				["grad", numbers.grads],
			] as const) {
				const number = scalar(all.get(id));
				const cell = row.querySelector(`.${name}`);
				if (cell && number !== null) cell.textContent = numberText(number);
			}
		}
		transport.repaint();
	}

	function paintOne(id: string, node: string | null, values: Numbers["values"], grads: Numbers["grads"]): void {
		const element = elements.get(id);
		if (!element) return;
		const parts = node && replay ? replay.parts(node) : [];
		paintFigure(element, { value: values.get(id) ?? null, grad: grads.get(id) ?? null, parts }, boxes[id] ?? {});
	}

	if (replay) {
		mountInputs(answer, replay, (fresh) => {
			numbers = fresh;
			paint();
		});
	}
}

/** A slider and a number box for each input that the replay knows. */
function mountInputs(answer: Answer, replay: Replay, to: (numbers: Numbers) => void): void {
	const root = document.getElementById("inputs");
	const held = new Map<string, number>();
	for (const input of answer.inputs) {
		const value = scalar(input.value);
		if (!root || value === null || !replay.has(input.name)) continue;
		held.set(input.name, value);
		const range = rangeFor(value);
		const slider = Object.assign(document.createElement("input"), { type: "range", step: "any" });
		slider.min = String(range.low);
		slider.max = String(range.high);
		const box = Object.assign(document.createElement("input"), { type: "text", size: 8, inputMode: "text" });
		const name = Object.assign(document.createElement("span"), { className: "name", textContent: input.name });
		slider.setAttribute("aria-label", input.name);
		box.setAttribute("aria-label", `${input.name}, as a number`);
		const set = (x: number, from: HTMLInputElement | null): void => {
			held.set(input.name, x);
			if (from !== slider) slider.value = String(x);
			if (from !== box) box.value = String(x);
			to(replay.at(held));
		};
		slider.value = box.value = String(value);
		slider.addEventListener("input", () => set(onGrid(slider.valueAsNumber, range.step), slider));
		box.addEventListener("input", () => {
			const typed = parseNumber(box.value);
			box.toggleAttribute("aria-invalid", typed === null);
			if (typed !== null) set(exact(typed), box);
		});
		const row = document.createElement("label");
		row.append(name, slider, box);
		root.append(row);
	}
}

interface Transport {
	repaint(): void;
}

/** Buttons that step through the circuit, with a sentence for each step. */
function mountTransport(answer: Answer, elements: ReadonlyMap<string, Element>, numbers: () => Numbers): Transport {
	const root = document.getElementById("transport");
	const steps = stepsOf(answer);
	if (!root || steps.length === 0) return { repaint: () => undefined };
	let step: number | null = null;
	let playing: ReturnType<typeof setTimeout> | undefined;
	const sentence = Object.assign(document.createElement("p"), { className: "sentence" });
	sentence.setAttribute("aria-live", "polite");

	const button = (label: string, text: string, act: () => void): HTMLButtonElement => {
		const made = Object.assign(document.createElement("button"), { type: "button", textContent: text, title: label });
		made.setAttribute("aria-label", label);
		made.addEventListener("click", act);
		return made;
	};
	const go = (to: number | null): void => {
		step = to === null ? null : Math.max(0, Math.min(steps.length, to));
		const nothing: ReadonlySet<string> = new Set();
		const ahead = step === null ? { values: nothing, grads: nothing } : aheadOf(answer, steps, step);
		const now = step ? steps[step - 1] : undefined;
		for (const [id, element] of elements) {
			element.classList.toggle("ahead-value", ahead.values.has(id));
			element.classList.toggle("ahead-grad", ahead.grads.has(id));
			element.classList.toggle("current", now?.node === id);
		}
		repaint();
	};
	const stop = (): void => {
		clearTimeout(playing);
		playing = undefined;
		play.textContent = "▶";
	};
	const halt = (to: number | null): void => {
		stop();
		go(to);
	};
	const tick = (): void => {
		if (step === null || step >= steps.length) stop();
		else {
			go(step + 1);
			playing = setTimeout(tick, STEP);
		}
	};
	const repaint = (): void => {
		sentence.replaceChildren(...said(answer, numbers(), steps, step));
	};
	const play = button("Play or pause", "▶", () => {
		if (playing !== undefined) return stop();
		if (step === null || step >= steps.length) go(0);
		play.textContent = "⏸";
		playing = setTimeout(tick, STEP / 4);
	});
	root.append(
		button("Back a step", "‹", () => halt((step ?? steps.length) - 1)),
		play,
		button("Forward a step", "›", () => halt((step ?? 0) + 1)),
		button("Show everything", "all", () => halt(null)),
		sentence,
	);
	repaint();
	return { repaint };
}

/** The sentence of a step, its numbers in their colours. */
function said(answer: Answer, numbers: Numbers, steps: readonly Step[], step: number | null): (Node | string)[] {
	if (step === null) return ["Step through: values forward, then gradients backward."];
	const now = steps[step - 1];
	if (!now) return ["The inputs have their values; nothing is computed yet."];
	return sentenceOf(answer, numbers, now).map(({ text, kind }) =>
		kind ? Object.assign(document.createElement("span"), { className: `said-${kind}`, textContent: text }) : text,
	);
}

const data = document.getElementById("circuit-data")?.textContent;
const picture = document.querySelector<SVGSVGElement>("svg.circuit");
if (data && picture) start(JSON.parse(data) as Carried, picture);
