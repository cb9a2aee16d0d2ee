/**
 * Repaints numbers in place: the texts `value` and `grad` of a node or a wire, the sum at a split, and the small arrow
 * beside a gradient. Sizes and places are those of app/draw/marks/figures.py.
 */

import type { Box, Value } from "../api.types";
import { exactText, normText, numberSize, numberText, numberWidth, partRows, sumText } from "../number";
import { exact, isTensor } from "../values";

const SIZE = 16;
/** px that the arrow takes before its number, and by which it may stand out of the gradient's box. */
const ARROW = 7.5;
const OVERHANG = 2.5;
/** Half the height of a capital, in em of the shipped font. */
const HALF_CAPITAL = 0.3645;

export interface Boxes {
	readonly value_box?: Box | null;
	readonly grad_box?: Box | null;
	readonly sum_box?: Box | null;
}

export interface Figure {
	readonly value: Value | null;
	readonly grad: Value | null;
	/** The parts that the gradient is the sum of, of a tensor their norms; fewer than two where it is one. */
	readonly parts: readonly number[];
}

/** Where a text sits: its box, and how it leans in it. */
interface Seat {
	readonly box: Box;
	readonly anchor: "start" | "middle" | "end";
	/** What the arrow takes of the box (px). */
	readonly arrow: number;
}

const seat = (box: Box, anchor: string | null): Seat => ({
	box,
	anchor: anchor === "start" || anchor === "end" ? anchor : "middle",
	arrow: anchor === "start" || anchor === "end" ? 0 : ARROW - OVERHANG,
});
const leaning = ({ box, anchor }: Seat): number =>
	anchor === "start" ? box.x : anchor === "end" ? box.x + box.width : box.x + box.width / 2;
const centre = (box: Box): number => box.y + box.height / 2;

/** The elements that show a node's or a wire's figures; found once for each drawing. */
export interface Texts {
	readonly group: Element;
	readonly value: Element | null;
	grad: Element | null;
}

export const textsOf = (group: Element): Texts => ({
	group,
	value: group.querySelector("text.value:not(.given)"),
	grad: group.querySelector(".grad"),
});

/** Paints the figures of one node or wire. */
export const paintFigure = (group: Element, figure: Figure, boxes: Boxes): void =>
	paintTexts(textsOf(group), figure, boxes);

/** The same, of texts that were found before. */
export function paintTexts(texts: Texts, figure: Figure, boxes: Boxes): void {
	const { group, value, grad } = texts;
	if (value && boxes.value_box && figure.value !== null && !isTensor(figure.value))
		paintValue(value, exact(figure.value), boxes.value_box);
	const box = boxes.sum_box ?? boxes.grad_box;
	if (!grad || !box || figure.grad === null) return;
	const text = grad.localName === "tspan" ? (grad.parentElement as Element) : grad;
	const at = seat(box, text.getAttribute("text-anchor"));
	if (isTensor(figure.grad)) {
		const norm = exact(figure.grad.norm ?? "NaN");
		if (figure.parts.length > 1 && boxes.sum_box) texts.grad = paintSum(group, grad, figure.parts, norm, at, true);
		else if (retext(grad, normText(norm), norm)) placeGrad(group, grad, at, Number(grad.getAttribute("y")));
	} else if (figure.parts.length > 1 && boxes.sum_box) {
		texts.grad = paintSum(group, grad, figure.parts, exact(figure.grad), at);
	} else if (retext(grad, numberText(exact(figure.grad)), exact(figure.grad))) {
		const size = numberSize(grad.textContent ?? "", box.width - at.arrow, SIZE);
		grad.setAttribute("font-size", String(size));
		placeGrad(group, grad, at, (boxes.sum_box ? box.y + SIZE / 2 : centre(box)) + HALF_CAPITAL * size);
	}
}

/** Sets a number's text and its exact number. Answers whether the text is another. */
function retext(element: Element, said: string, x: number): boolean {
	const precise = exactText(x);
	if (element.getAttribute("data-value") !== precise) element.setAttribute("data-value", precise);
	if (element.textContent === said) return false;
	element.textContent = said;
	return true;
}

function paintValue(text: Element, x: number, box: Box): void {
	if (!retext(text, numberText(x), x)) return;
	const size = numberSize(text.textContent ?? "", box.width, SIZE);
	text.setAttribute("font-size", String(size));
	text.setAttribute("y", String(centre(box) + HALF_CAPITAL * size));
}

/** Puts a gradient's text, and its arrow beside it. */
function placeGrad(group: Element, text: Element, at: Seat, y: number): void {
	const size = Number(text.getAttribute("font-size")) || SIZE;
	const [x, arrow] = besideArrow(numberWidth(text.textContent ?? "", size), at);
	text.setAttribute("x", String(x));
	text.setAttribute("y", String(y));
	moveArrow(group, arrow);
}

/** The x of a text `width` px wide, and that of the arrow: before it, or after it where the text leans on a wire. */
function besideArrow(width: number, at: Seat): readonly [x: number, arrow: number] {
	const { box } = at;
	const x = leaning(at);
	if (at.anchor === "start") return [x, x + width + ARROW - 2.5];
	const left = at.anchor === "middle" ? x - width / 2 : x - width;
	const moved = Math.max(0, Math.min(box.x + at.arrow - left, box.x + box.width - left - width));
	return [x + moved, left + moved - ARROW + 2.5];
}

/** Brings the arrow's middle to `x`. */
function moveArrow(group: Element, x: number): void {
	const arrow = group.querySelector("path.back");
	const d = arrow?.getAttribute("d");
	if (!arrow || !d) return;
	const xs = [...d.matchAll(/[ML](-?[\d.]+)/g)].map((match) => Number(match[1]));
	const shift = x - (Math.min(...xs) + Math.max(...xs)) / 2;
	arrow.setAttribute(
		"d",
		d.replace(
			/([ML])(-?[\d.]+)/g,
			(_, command: string, from: string) => `${command}${(Number(from) + shift).toFixed(2)}`,
		),
	);
}

/** The sum at a split, in one row or in more, whichever it takes. Answers the element of the total. */
function paintSum(
	group: Element,
	grad: Element,
	parts: readonly number[],
	total: number,
	at: Seat,
	norms = false,
): Element {
	const { box } = at;
	const said = sumText(parts, total, box.width, SIZE, at.arrow, partRows(box.height), norms);
	const row = grad.localName === "tspan" ? (grad.parentElement as Element) : grad;
	const before = [...group.querySelectorAll(".parts")];
	const precise = exactText(total);
	if (grad.textContent === said.total && before.map((part) => part.textContent).join("\n") === said.parts) {
		grad.setAttribute("data-value", precise);
		return grad;
	}
	const height = said.rows === 1 ? SIZE : SIZE + 1 + 1.2 * said.partsSize * (said.rows - 1);
	const top = at.anchor === "middle" ? box.y : centre(box) - height / 2;
	const text = (kind: string, tag: "text" | "tspan", words: string): Element => {
		const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
		element.setAttribute("class", kind);
		element.textContent = words;
		return element;
	};
	const place = (element: Element, x: number, y: number, size: number): Element => {
		element.setAttribute("x", String(x));
		element.setAttribute("y", String(y + HALF_CAPITAL * size));
		element.setAttribute("font-size", String(size));
		element.setAttribute("text-anchor", at.anchor);
		return element;
	};
	const number = text("grad", said.rows === 1 ? "tspan" : "text", said.total);
	number.setAttribute("data-value", precise);
	const [x, arrow] = besideArrow(numberWidth(said.rows === 1 ? said.parts + said.total : said.total, said.size), at);
	for (const part of before) if (!row.contains(part)) part.remove();
	if (said.rows === 1) {
		const whole = place(text("sum", "text", ""), x, top + SIZE / 2, said.size);
		whole.append(text("parts", "tspan", said.parts), number);
		row.replaceWith(whole);
	} else {
		place(number, x, top + SIZE / 2, said.size);
		const below = said.parts.split("\n").map((words, k) => {
			const y = top + SIZE + 1 + (0.6 + 1.2 * k) * said.partsSize;
			return place(text("parts", "text", words), leaning(at), y, said.partsSize);
		});
		row.replaceWith(number, ...below);
	}
	moveArrow(group, arrow);
	return number;
}
