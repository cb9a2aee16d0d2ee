/** Makes elements equal to marks: a keyed join that adopts the server's elements and keeps whatever stays. */

import type { Mark } from "../api.types";

const SVG = "http://www.w3.org/2000/svg";
const TAGS: ReadonlySet<string> = new Set([
	"g",
	"path",
	"circle",
	"rect",
	"line",
	"text",
	"tspan",
	"title",
	"ellipse",
	"polygon",
	"polyline",
]);
/** What a mark can't set: handlers, and styles, which the page's policy forbids. */
const FORBIDDEN = /^(on|style$|href$|xlink)/;

/** An attribute on its way from one value to another. */
export interface Move {
	readonly element: Element;
	readonly attribute: string;
	readonly from: string;
	readonly to: string;
}

const keys = new WeakMap<Element, string>();

/** Numbers that place an element: these travel, all else is set at once. */
const PLACES: ReadonlySet<string> = new Set([
	"x",
	"y",
	"cx",
	"cy",
	"r",
	"width",
	"height",
	"x1",
	"y1",
	"x2",
	"y2",
	"d",
	"transform",
	"points",
]);

/**
 * Makes what stands under `parent` equal to `marks`; an element whose key stays is kept. Answers the moves of what stays:
 * the caller sets or animates them.
 */
export function join(parent: Element, marks: readonly Mark[]): Move[] {
	const moves: Move[] = [];
	joinInto(parent, marks, moves);
	return moves;
}

/**
 * Gives the elements under `parent`, in their order, the keys of `marks`, where the two trees are alike. What is not alike
 * stays without a key, and the next join replaces it.
 */
export function adopt(parent: Element, marks: readonly Mark[]): void {
	const elements = [...parent.children];
	for (const [i, mark] of marks.entries()) {
		const element = elements[i];
		if (!element || element.localName !== mark.tag) return;
		keys.set(element, mark.key);
		if (mark.children?.length) adopt(element, mark.children);
	}
}

function joinInto(parent: Element, marks: readonly Mark[], moves: Move[]): void {
	const standing = new Map<string, Element>();
	for (const child of [...parent.children]) {
		const key = keys.get(child);
		if (key === undefined || standing.has(key)) child.remove();
		else standing.set(key, child);
	}
	let place = parent.firstChild;
	for (const mark of marks) {
		const known = standing.get(mark.key);
		const stays = known?.localName === mark.tag;
		if (known && stays) standing.delete(mark.key);
		const element = known && stays ? known : create(mark.tag);
		keys.set(element, mark.key);
		setAttributes(element, mark.attributes ?? {}, stays ? moves : null);
		if (mark.children?.length) joinInto(element, mark.children, moves);
		else if (element.textContent !== (mark.text ?? "")) element.textContent = mark.text ?? "";
		if (element === place) place = element.nextSibling;
		else parent.insertBefore(element, place);
	}
	for (const gone of standing.values()) gone.remove();
}

function create(tag: string): SVGElement {
	if (!TAGS.has(tag)) throw new Error(`no such mark: ${tag}`);
	return document.createElementNS(SVG, tag) as SVGElement;
}

function setAttributes(
	element: Element,
	attributes: Readonly<Record<string, string | number>>,
	moves: Move[] | null,
): void {
	for (const { name } of [...element.attributes]) {
		if (!Object.hasOwn(attributes, name) && !KEPT.has(name)) element.removeAttribute(name);
	}
	for (const [name, value] of Object.entries(attributes)) {
		if (FORBIDDEN.test(name)) continue;
		const [from, to] = [element.getAttribute(name), String(value)];
		if (name === "class") setClass(element, to);
		else if (from === to) continue;
		else if (moves && from !== null && PLACES.has(name)) moves.push({ element, attribute: name, from, to });
		else element.setAttribute(name, to);
	}
}

/** What the page itself puts on elements. */
const KEPT: ReadonlySet<string> = new Set(["class", "tabindex", "role", "aria-label", "aria-current", "aria-expanded"]);
/** Classes that say a state of the page; they outlive a join. */
const STATES: ReadonlySet<string> = new Set([
	"selected",
	"lit",
	"ahead-value",
	"ahead-grad",
	"current",
	"dim",
	"blank",
	"differs",
]);

function setClass(element: Element, to: string): void {
	const states = [...element.classList].filter((name) => STATES.has(name));
	const wanted = [to, ...states].join(" ");
	if (element.getAttribute("class") !== wanted) element.setAttribute("class", wanted);
}
