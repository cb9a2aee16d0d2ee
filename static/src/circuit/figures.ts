/**
 * Repaints numbers in place: the texts `value` and `grad` of a node or a wire, the sum at a split, and the small arrow
 * before a gradient. The same seats as app/draw/marks/figures.py gives them.
 */

import type { Box, Value } from "../api.types";
import { exactText, numberSize, numberText, numberWidth, sumText } from "../number";
import { exact, isTensor } from "../values";

const SIZE = 16;
const ARROW = 9;
/** Half the height of a capital, in em of the shipped font. */
const HALF_CAPITAL = 0.3645;

export interface Boxes {
	readonly value_box?: Box | null | undefined;
	readonly grad_box?: Box | null | undefined;
	readonly sum_box?: Box | null | undefined;
}

export interface Figure {
	readonly value: Value | null;
	readonly grad: Value | null;
	/** The parts that the gradient is the sum of; empty where it is one, or of tensors. */
	readonly parts: readonly number[];
}

/** Paints the figures of one node or wire. Answers whether a text changed. */
export function paintFigure(group: Element, figure: Figure, boxes: Boxes): boolean {
	let changed = false;
	const value = group.querySelector("text.value");
	if (value && figure.value !== null && !isTensor(figure.value)) {
		changed = paintText(value, exact(figure.value), numberText, boxes.value_box);
	}
	const grad = group.querySelector(".grad");
	if (!grad || figure.grad === null) return changed;
	if (isTensor(figure.grad)) {
		const norm = figure.grad.norm === null ? Number.NaN : exact(figure.grad.norm);
		const moved = paintText(grad, norm, (x) => `∥${numberText(x)}∥`, boxes.grad_box ?? boxes.sum_box);
		if (moved) moveArrow(group, grad, boxes.grad_box ?? boxes.sum_box);
		return moved || changed;
	}
	const total = exact(figure.grad);
	if (figure.parts.length > 1 && boxes.sum_box) return paintSum(group, grad, figure.parts, total, boxes.sum_box) || changed;
	const moved = paintText(grad, total, numberText, boxes.grad_box);
	if (moved) moveArrow(group, grad, boxes.grad_box);
	return moved || changed;
}

function paintText(text: Element, x: number, say: (x: number) => string, box: Box | null | undefined): boolean {
	const said = say(x);
	const precise = exactText(x);
	if (text.getAttribute("data-value") !== precise) text.setAttribute("data-value", precise);
	if (text.textContent === said) return false;
	text.textContent = said;
	if (box) setSize(text, numberSize(said, box.width, SIZE));
	return true;
}

function setSize(text: Element, size: number): void {
	const before = Number(text.getAttribute("font-size"));
	if (!before || before === size) return;
	// The middle of the text stays where it was.
	const y = Number(text.getAttribute("y"));
	text.setAttribute("y", String(y + HALF_CAPITAL * (size - before)));
	text.setAttribute("font-size", String(size));
}

/** The x of a text and of its left end, with an arrow beside it where there is room. */
function besideArrow(width: number, anchor: string, box: Box): readonly [x: number, left: number] {
	const at = anchor === "start" ? box.x : anchor === "end" ? box.x + box.width : box.x + box.width / 2;
	if (anchor === "start") {
		const moved = Math.min(ARROW, Math.max(0, box.width - width));
		return [at + moved, at + moved];
	}
	const left = anchor === "end" ? at - width : at - width / 2;
	const over = Math.max(0, Math.min(box.x + ARROW - left, box.x + box.width - left - width));
	return [at + over, left + over];
}

function moveArrow(group: Element, text: Element, box: Box | null | undefined, width?: number): void {
	if (!box) return;
	const size = Number(text.getAttribute("font-size")) || SIZE;
	const [x, left] = besideArrow(width ?? numberWidth(text.textContent ?? "", size), text.getAttribute("text-anchor") ?? "start", box);
	text.setAttribute("x", String(x));
	const arrow = group.querySelector("path.back");
	const d = arrow?.getAttribute("d");
	if (!arrow || !d) return;
	const xs = [...d.matchAll(/[ML](-?[\d.]+)/g)].map((match) => Number(match[1]));
	const tip = (Math.min(...xs) + Math.max(...xs)) / 2;
	const shift = left - ARROW / 2 - 1 - tip;
	arrow.setAttribute(
		"d",
		d.replace(/([ML])(-?[\d.]+)/g, (_, command: string, at: string) => `${command}${(Number(at) + shift).toFixed(2)}`),
	);
}

/** The sum at a split, in one row or in two, whichever it takes. */
function paintSum(group: Element, grad: Element, parts: readonly number[], total: number, box: Box): boolean {
	const said = sumText(parts, total, box.width, SIZE);
	const inRow = grad.localName === "tspan";
	const row = inRow ? (grad.parentElement as Element) : grad;
	const partsText = group.querySelector(".parts");
	grad.setAttribute("data-value", exactText(total));
	if (grad.textContent === said.total && partsText?.textContent === said.parts) return false;
	const anchor = row.getAttribute("text-anchor") ?? "middle";
	const at = anchor === "start" ? box.x : anchor === "end" ? box.x + box.width : box.x + box.width / 2;
	const kind = (name: string, tag: "text" | "tspan", text: string): Element => {
		const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
		element.setAttribute("class", name);
		element.textContent = text;
		return element;
	};
	const fresh: Element[] = [];
	let main: Element;
	if (said.rows === 1) {
		main = kind("sum", "text", "");
		const y = box.y + Math.min(box.height / 2, said.size * 0.6);
		place(main, at, y, said.size, anchor);
		main.append(kind("parts", "tspan", said.parts), kind("grad", "tspan", said.total));
		fresh.push(main);
	} else {
		main = kind("grad", "text", said.total);
		const first = box.y + SIZE * 0.6;
		place(main, at, first, said.size, anchor);
		const second = Math.min(first + 0.55 * SIZE + 0.6 * said.partsSize, box.y + box.height - 0.4 * said.partsSize);
		const below = kind("parts", "text", said.parts);
		place(below, at, second, said.partsSize, anchor);
		fresh.push(main, below);
	}
	(main.classList.contains("grad") ? main : (main.lastElementChild as Element)).setAttribute("data-value", exactText(total));
	if (!inRow) partsText?.remove();
	row.replaceWith(...fresh);
	moveArrow(group, main, box, numberWidth(said.rows === 1 ? said.parts + said.total : said.total, said.size));
	return true;
}

function place(text: Element, x: number, y: number, size: number, anchor: string): void {
	text.setAttribute("x", String(x));
	text.setAttribute("y", String(y + HALF_CAPITAL * size));
	text.setAttribute("font-size", String(size));
	text.setAttribute("text-anchor", anchor);
}
