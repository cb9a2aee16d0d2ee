/**
 * The scene of an answer that came without one, made from its places: a circuit of thousands of nodes would be mostly
 * scene on its way here. As app/draw/marks draws it, as far as a canvas tells.
 */

import type { Answer, Box, GraphEdge, GraphGroup, GraphNode, Mark, Scene, Value } from "../api.types";
import { exactText, numberSize, numberText, numberWidth } from "../number";
import { exact, isTensor } from "../values";

const SIZE = 16;
/** Half the height of a capital, in em of the shipped font. */
const HALF_CAPITAL = 0.3645;
/** px; what an arrow takes before its number, and half its length. */
const ARROW = 7.5;
const SHAFT = 2.5;
const PALE = 0.45;

/** Above this many nodes an answer is asked for without its scene, and drawn on a canvas. As LARGE in app/work/first.py. */
export const LARGE = 1_000;

type Attributes = Record<string, string | number>;
const mark = (tag: string, key: string, attributes: Attributes, rest: Partial<Mark> = {}): Mark => ({
	tag,
	key,
	attributes,
	...rest,
});

export function plainScene(answer: Answer, direction: "right" | "down"): Scene {
	const { x, y, width, height } = answer.bounds ?? { x: 0, y: 0, width: 0, height: 0 };
	const nodes = new Map(answer.nodes.map((node) => [node.id, node]));
	return {
		x,
		y,
		width,
		height,
		title: "",
		description: "",
		marks: [
			...answer.groups.flatMap((group) => (group.frame ? [frame(group, group.frame)] : [])),
			...answer.edges.map((edge) => wire(edge, nodes.get(edge.source), nodes.get(edge.target), direction)),
			...answer.nodes.map((node) => body(node, direction)),
		],
	};
}

function frame(group: GraphGroup, { x, y, width, height }: Box): Mark {
	const [left, top] = [x + 8, y + 6.5];
	return mark(
		"g",
		`frame:${group.id}`,
		{ class: "frame", "data-group": group.id },
		{
			children: [
				mark("rect", "tint", { class: "tint", x, y, width, height, rx: 10, "stroke-width": 1 }),
				mark(
					"g",
					"close",
					{ class: "close", "data-group": group.id },
					{
						children: [
							mark("rect", "box", {
								class: "sketch",
								x: left,
								y: top,
								width: 13,
								height: 13,
								rx: 3,
								fill: "transparent",
							}),
							mark("path", "bar", { class: "sketch", d: `M${left + 3.5} ${top + 6.5}H${left + 9.5}`, fill: "none" }),
						],
					},
				),
				words("name", "quiet", group.label, left + 19, top + 6.5, 12, "start"),
			],
		},
	);
}

function wire(
	edge: GraphEdge,
	source: GraphNode | undefined,
	target: GraphNode | undefined,
	way: "right" | "down",
): Mark {
	const constant = edge.grad === null;
	const d = edge.path ?? (edge.points ?? []).map(([x, y], i) => `${i ? "L" : "M"}${x} ${y}`).join("");
	const line: Attributes = { class: constant ? "leader" : "line", d, fill: "none", "stroke-width": constant ? 1 : 1.5 };
	if (source?.reached === false || target?.reached === false) line["stroke-opacity"] = PALE;
	return mark(
		"g",
		`edge:${edge.id}`,
		{ class: "wire", "data-edge": edge.id },
		{
			children: [
				mark("path", "line", line),
				...(source?.kind === "constant" ? [] : value(edge.value, edge.value_box, way)),
				...(constant ? [] : gradient(edge.grad, edge.grad_box, way)),
			],
		},
	);
}

function body(node: GraphNode, way: "right" | "down"): Mark {
	const [x, y, width, height] = [node.x ?? 0, node.y ?? 0, node.width ?? 0, node.height ?? 0];
	const [cx, cy] = [x + width / 2, y + height / 2];
	const attributes: Attributes = { class: `node ${node.kind === "op" ? "gate" : node.kind}`, "data-node": node.id };
	if (node.kind === "group") attributes["data-group"] = node.id;
	const children: Mark[] = [...stub(node, way)];
	if (node.kind === "constant") children.push(words("sign", "given", node.label, cx, cy, 12));
	else if (node.kind === "op" && width === height)
		children.push(mark("circle", "body", { class: "body", cx, cy, r: width / 2, "stroke-width": 1.5 }));
	else {
		const [kind, rx] = node.kind === "input" ? ["leaf", 8] : ["body", node.kind === "group" ? 7 : height / 2];
		children.push(mark("rect", "body", { class: kind, x, y, width, height, rx, "stroke-width": 1.3 }));
	}
	if (node.kind === "group" && node.detail) {
		children.push(
			words("sign", "sign", node.label, cx, cy - 6, 15),
			words("detail", "quiet", node.detail, cx, cy + 9, 11),
		);
	} else if (node.kind !== "constant") {
		const size = node.label.length > 1 ? Math.min(SIZE, (width - 6) / (0.6 * node.label.length)) : 18;
		const sign = words("sign", "sign", node.label, cx, cy, size);
		children.push(
			node.kind === "input" ? { ...sign, attributes: { ...sign.attributes, "font-style": "italic" } } : sign,
		);
	}
	return mark("g", `node:${node.id}`, attributes, { children });
}

/** A node's own wire, with its texts: the output's stub, the way to a split. */
function stub(node: GraphNode, way: "right" | "down"): readonly Mark[] {
	const { value_box, grad_box, sum_box } = node;
	const boxes = [value_box, grad_box, sum_box].filter((box) => box !== null && box !== undefined);
	if (boxes.length === 0) return [];
	const [x, y, width, height] = [node.x ?? 0, node.y ?? 0, node.width ?? 0, node.height ?? 0];
	const d =
		way === "right"
			? `M${x + width} ${y + height / 2}H${Math.max(...boxes.map((box) => box.x + box.width)) + 2}`
			: `M${x + width / 2} ${y + height}V${Math.max(...boxes.map((box) => box.y + box.height)) + 2}`;
	return [
		mark("path", "stem", { class: "line", d, fill: "none", "stroke-width": 1.5 }),
		...value(node.value, value_box, way),
		// Of a sum the total; its parts are told where it is chosen.
		...gradient(node.grad, sum_box ? { ...sum_box, height: SIZE } : grad_box, way),
	];
}

/** Texts stand above and below a wire that runs rightwards, and lean on one that runs downwards. */
const lean = (box: Box, side: "before" | "after", way: "right" | "down"): readonly [x: number, anchor: string] =>
	way === "right"
		? [box.x + box.width / 2, "middle"]
		: side === "before"
			? [box.x + box.width, "end"]
			: [box.x, "start"];

function value(found: Value | null, box: Box | null | undefined, way: "right" | "down"): readonly Mark[] {
	if (found === null || !box) return [];
	const text = isTensor(found) ? `(${found.shape.join(", ")})` : numberText(exact(found));
	const [x, anchor] = lean(box, "before", way);
	const moves: Attributes = isTensor(found) ? {} : { "data-value": exactText(exact(found)) };
	return [words("value", "value", text, x, middle(box), numberSize(text, box.width, SIZE), anchor, moves)];
}

function gradient(found: Value | null, box: Box | null | undefined, way: "right" | "down"): readonly Mark[] {
	if (found === null || !box) return [];
	const size = isTensor(found) ? exact(found.norm ?? "NaN") : exact(found);
	const text = isTensor(found) ? `∥${numberText(size)}∥` : numberText(size);
	const [x, anchor] = lean(box, "after", way);
	const set = numberSize(text, box.width - ARROW, SIZE);
	return [
		words("grad", "grad", text, x, middle(box), set, anchor, { "data-value": exactText(size) }),
		...(way === "right" ? [arrow(x - numberWidth(text, set) / 2 - ARROW + SHAFT, middle(box))] : []),
	];
}

function arrow(x: number, y: number): Mark {
	const d = `M${x + SHAFT} ${y}L${x - SHAFT} ${y}M${x - 0.5} ${y - 2}L${x - SHAFT} ${y}L${x - 0.5} ${y + 2}`;
	return mark("path", "back", { class: "back", d, fill: "none", "stroke-width": 1 });
}

const middle = (box: Box): number => box.y + box.height / 2;

const words = (
	key: string,
	kind: string,
	text: string,
	x: number,
	y: number,
	size: number,
	anchor = "middle",
	more: Attributes = {},
): Mark =>
	mark(
		"text",
		key,
		{ class: kind, ...more, x, y: y + HALF_CAPITAL * size, "font-size": size, "text-anchor": anchor },
		{ text },
	);
