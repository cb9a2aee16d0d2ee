/**
 * A scene as tiles, for a canvas: the marks of a place gathered into a few paths, so that only what is in sight is drawn, and
 * each colour is taken up once. What is longer than a tile lies in a larger one.
 */

import type { Mark } from "../api.types";

/** px; the side of a tile, and of the larger ones for what does not fit. The last holds all else. */
const SIDES = [1_400, 11_200, Number.POSITIVE_INFINITY] as const;

/** What paints each class of the drawing: a colour of the page's sheet. As PAINT in app/draw/theme.py. */
const FILLS: ReadonlyMap<string, string> = new Map([
	["tint", "--tint"],
	["inner", "--inner"],
	["dot", "--ink"],
	["body", "--paper"],
	["leaf", "--leaf"],
	["sign", "--ink"],
	["quiet", "--quiet"],
	["value", "--value"],
	["grad", "--grad"],
	["parts", "--grad"],
	["given", "--quiet"],
	["badge", "--paper"],
]);
const STROKES: ReadonlyMap<string, string> = new Map([
	["tint", "--frame"],
	["inner", "--frame"],
	["line", "--line"],
	["leader", "--faint"],
	["main", "--ink"],
	["flow", "--grad"],
	["body", "--ink"],
	["leaf", "--frame"],
	["sketch", "--quiet"],
	["back", "--grad"],
	["badge", "--grad"],
]);
/** The classes of a line along which a gradient flows. */
const FLOWS: ReadonlySet<string> = new Set(["line", "main", "flow"]);

export const LAYERS = ["frame", "wire", "node"] as const;
type Layer = (typeof LAYERS)[number];
export type Place = readonly [x: number, y: number];

export interface Words {
	readonly owner: string;
	readonly kind: "value" | "grad" | "words";
	readonly text: string;
	readonly x: number;
	readonly y: number;
	readonly size: number;
	readonly anchor: CanvasTextAlign;
	readonly italic: boolean;
	readonly fill: string;
	/** Whether its text is a number that moves. */
	readonly moves: boolean;
}
export interface Batch {
	readonly layer: Layer;
	readonly fill: string | null;
	readonly stroke: string | null;
	readonly width: number;
	readonly dashes: readonly number[];
	readonly opacity: number;
	/** Whether these are the lines that a view of the gradient's flow draws otherwise. */
	readonly flows: boolean;
	readonly path: Path2D;
}
export interface Wire {
	readonly owner: string;
	readonly path: Path2D;
	/** The places that it goes through, for a view from so far that its bends are not seen. */
	readonly places: readonly Place[];
}
export interface Tile {
	x0: number;
	y0: number;
	x1: number;
	y1: number;
	/** How many marks it holds: what drawing it costs. */
	count: number;
	readonly batches: Map<string, Batch>;
	readonly words: Words[];
	readonly wires: Wire[];
	/** Seen from far away: frames and nodes as boxes, wires as straight lines. */
	readonly far: { readonly frames: Path2D; readonly wires: Path2D; readonly nodes: Path2D };
}

/** The marks as tiles. */
export function tilesOf(marks: readonly Mark[]): readonly Tile[] {
	const tiles = new Map<string, Tile>();
	const tileAt = (x: number, y: number, length = 0): Tile => {
		const side = SIDES.find((each) => length <= each) ?? Number.POSITIVE_INFINITY;
		const key = side === Number.POSITIVE_INFINITY ? "" : `${side} ${Math.floor(x / side)} ${Math.floor(y / side)}`;
		let tile = tiles.get(key);
		if (!tile) {
			tile = {
				x0: Number.POSITIVE_INFINITY,
				y0: Number.POSITIVE_INFINITY,
				x1: Number.NEGATIVE_INFINITY,
				y1: Number.NEGATIVE_INFINITY,
				count: 0,
				batches: new Map(),
				words: [],
				wires: [],
				far: { frames: new Path2D(), wires: new Path2D(), nodes: new Path2D() },
			};
			tiles.set(key, tile);
		}
		return tile;
	};

	const pending: { readonly mark: Mark; readonly owner: string; readonly layer: Layer }[] = [];
	for (const mark of marks.toReversed()) pending.push({ mark, owner: "", layer: "wire" });
	for (let next = pending.pop(); next; next = pending.pop()) {
		const { mark } = next;
		const given = mark.attributes ?? {};
		const classes = String(given.class ?? "").split(" ");
		const owner = String(given["data-node"] ?? given["data-edge"] ?? next.owner);
		const layer = classes.includes("frame") ? "frame" : given["data-node"] !== undefined ? "node" : next.layer;
		if (classes.includes("hit") || mark.tag === "title" || mark.tag === "desc") continue;
		if (mark.tag === "g") {
			for (const child of (mark.children ?? []).toReversed()) pending.push({ mark: child, owner, layer });
			continue;
		}
		if (mark.tag === "text") {
			const words = wordsOf(mark, classes, owner);
			const tile = tileAt(words.x, words.y);
			reach(tile, words);
			tile.words.push(words);
			continue;
		}
		const shape = shapeOf(mark);
		if (!shape) continue;
		const tile = tileAt(shape.x0, shape.y0, Math.max(shape.x1 - shape.x0, shape.y1 - shape.y0));
		reach(tile, { x: shape.x0, y: shape.y0 });
		reach(tile, { x: shape.x1, y: shape.y1 });
		tile.count++;
		const kind = classes.find((name) => STROKES.has(name) || FILLS.has(name)) ?? "";
		const flows = FLOWS.has(kind);
		batchOf(tile, mark, kind, layer, flows).path.addPath(shape.path);
		if (flows && owner) tile.wires.push({ owner, path: shape.path, places: shape.places });
		if (flows || kind === "leader") through(tile.far.wires, shape.places);
		else if (kind === "tint" || kind === "inner") boxed(tile.far.frames, shape);
		else if (kind === "body" || kind === "leaf") boxed(tile.far.nodes, shape);
	}
	return [...tiles.values()];
}

function reach(tile: Tile, { x, y }: { readonly x: number; readonly y: number }): void {
	tile.x0 = Math.min(tile.x0, x);
	tile.y0 = Math.min(tile.y0, y);
	tile.x1 = Math.max(tile.x1, x);
	tile.y1 = Math.max(tile.y1, y);
}

function batchOf(tile: Tile, { attributes: given = {} }: Mark, kind: string, layer: Layer, flows: boolean): Batch {
	const fill = given.fill === "none" || given.fill === "transparent" ? null : (FILLS.get(kind) ?? null);
	const width = Number(given["stroke-width"] ?? 1);
	const opacity = Number(given["stroke-opacity"] ?? given.opacity ?? 1);
	const dashes = String(given["stroke-dasharray"] ?? "");
	const key = `${layer} ${kind} ${fill} ${width} ${opacity} ${dashes}`;
	let batch = tile.batches.get(key);
	if (!batch) {
		batch = {
			layer,
			fill,
			stroke: STROKES.get(kind) ?? null,
			width,
			opacity,
			dashes: dashes ? dashes.split(/[ ,]+/).map(Number) : [],
			flows,
			path: new Path2D(),
		};
		tile.batches.set(key, batch);
	}
	return batch;
}

function wordsOf(mark: Mark, classes: readonly string[], owner: string): Words {
	const given = mark.attributes ?? {};
	const spans = mark.children ?? [];
	const has = (...names: readonly string[]) => names.some((name) => classes.includes(name));
	const kind = has("value") ? "value" : has("grad", "parts", "sum") ? "grad" : "words";
	const usual = kind === "words" ? "--ink" : "--grad";
	return {
		owner,
		kind,
		text: mark.text ?? spans.map((span) => span.text ?? "").join(""),
		x: Number(given.x ?? 0),
		y: Number(given.y ?? 0),
		size: Number(given["font-size"] ?? 0),
		anchor: given["text-anchor"] === "middle" ? "center" : given["text-anchor"] === "end" ? "right" : "left",
		italic: given["font-style"] === "italic",
		fill: has("given") ? "--quiet" : (FILLS.get(classes[0] ?? "") ?? usual),
		moves: spans.length === 0 && kind !== "words" && given["data-value"] !== undefined && !has("given"),
	};
}

interface Shape {
	readonly path: Path2D;
	/** The corners of the box that it reaches. */
	readonly x0: number;
	readonly y0: number;
	readonly x1: number;
	readonly y1: number;
	readonly places: readonly Place[];
}

function boxed(path: Path2D, { x0, y0, x1, y1 }: Shape): void {
	path.rect(x0, y0, x1 - x0, y1 - y0);
}

export function through(path: Path2D, places: readonly Place[]): void {
	places.forEach(([x, y], i) => {
		if (i === 0) path.moveTo(x, y);
		else path.lineTo(x, y);
	});
}

function spanning(path: Path2D, places: readonly Place[]): Shape {
	let [x0, y0, x1, y1] = [places[0]?.[0] ?? 0, places[0]?.[1] ?? 0, places[0]?.[0] ?? 0, places[0]?.[1] ?? 0];
	for (const [x, y] of places) {
		x0 = Math.min(x0, x);
		y0 = Math.min(y0, y);
		x1 = Math.max(x1, x);
		y1 = Math.max(y1, y);
	}
	return { path, x0, y0, x1, y1, places };
}

function shapeOf(mark: Mark): Shape | null {
	const given = mark.attributes ?? {};
	const number = (name: string) => Number(given[name] ?? 0);
	if (mark.tag === "path") {
		const d = String(given.d ?? "");
		const places = placesOf(d);
		return places.length < 2 ? null : spanning(new Path2D(d), places);
	}
	const path = new Path2D();
	if (mark.tag === "circle") {
		const [x, y, r] = [number("cx"), number("cy"), number("r")];
		path.moveTo(x + r, y);
		path.arc(x, y, r, 0, 2 * Math.PI);
		return { path, x0: x - r, y0: y - r, x1: x + r, y1: y + r, places: [] };
	}
	if (mark.tag === "rect") {
		const [x, y, width, height] = [number("x"), number("y"), number("width"), number("height")];
		path.roundRect(x, y, width, height, Math.min(number("rx"), width / 2, height / 2));
		return { path, x0: x, y0: y, x1: x + width, y1: y + height, places: [] };
	}
	if (mark.tag === "line") {
		const places: readonly Place[] = [
			[number("x1"), number("y1")],
			[number("x2"), number("y2")],
		];
		through(path, places);
		return spanning(path, places);
	}
	return null;
}

/** The places on a path: where each of its pieces ends. Its commands are those that app/draw writes, all absolute. */
export function placesOf(d: string): readonly Place[] {
	const places: Place[] = [];
	let [x, y] = [0, 0];
	for (const [, command, rest] of d.matchAll(/([MLHVCQ])([^MLHVCQ]*)/g)) {
		const numbers = rest?.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
		const step = command === "H" || command === "V" ? 1 : command === "C" ? 6 : command === "Q" ? 4 : 2;
		for (let end = step; end <= numbers.length; end += step) {
			const last = numbers[end - 1] as number;
			if (command === "H") x = last;
			else if (command === "V") y = last;
			else [x, y] = [numbers[end - 2] as number, last];
			places.push([x, y]);
		}
	}
	return places;
}
