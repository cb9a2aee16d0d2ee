/**
 * A scene on a canvas, for circuits with more nodes than a document bears: the same marks, gathered into tiles, so that only
 * what is in sight is drawn, and numbers only where they can be read.
 */

import type { Mark, Scene } from "../api.types";
import { numberSize, numberText } from "../number";
import { exact, isTensor, type Numbers } from "../values";

/** px; the side of a tile. */
const TILE = 1_400;
/** px on the screen below which a text would be a smudge. */
const READABLE = 4.5;

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

interface Words {
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
interface Batch {
	readonly fill: string | null;
	readonly stroke: string | null;
	readonly width: number;
	readonly dashes: readonly number[];
	readonly opacity: number;
	readonly path: Path2D;
}
interface Tile {
	x0: number;
	y0: number;
	x1: number;
	y1: number;
	/** In painting order: frames and wires below, bodies above. */
	readonly batches: Map<string, Batch>;
	readonly words: Words[];
}

export interface Easel {
	readonly canvas: HTMLCanvasElement;
	show(scene: Scene): void;
	/** Draws what is in sight under a transform, with these numbers, without the texts of what lies ahead. */
	draw(
		transform: { readonly x: number; readonly y: number; readonly k: number },
		numbers: Numbers | null,
		ahead: Ahead,
	): void;
	dispose(): void;
}
export interface Ahead {
	readonly values: ReadonlySet<string>;
	readonly grads: ReadonlySet<string>;
}

export function createEasel(host: HTMLElement): Easel {
	const canvas = document.createElement("canvas");
	canvas.className = "easel";
	canvas.setAttribute("aria-hidden", "true");
	host.prepend(canvas);
	const context = canvas.getContext("2d");
	let tiles: readonly Tile[] = [];

	return {
		canvas,
		show(scene) {
			tiles = tilesOf(scene.marks);
		},
		draw({ x, y, k }, numbers, ahead) {
			if (!context) return;
			const dots = devicePixelRatio || 1;
			const [width, height] = [host.clientWidth, host.clientHeight];
			if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
				canvas.width = Math.round(width * dots);
				canvas.height = Math.round(height * dots);
			}
			const style = getComputedStyle(canvas);
			const colours = new Map<string, string>();
			const colour = (name: string): string => {
				let found = colours.get(name);
				if (found === undefined) {
					found = style.getPropertyValue(name);
					colours.set(name, found);
				}
				return found;
			};
			context.setTransform(1, 0, 0, 1, 0, 0);
			context.clearRect(0, 0, canvas.width, canvas.height);
			context.setTransform(k * dots, 0, 0, k * dots, x * dots, y * dots);
			const [x0, y0, x1, y1] = [-x / k, -y / k, (width - x) / k, (height - y) / k];
			const seen = tiles.filter((tile) => tile.x1 >= x0 && tile.x0 <= x1 && tile.y1 >= y0 && tile.y0 <= y1);
			for (const layer of ["frame", "wire", "node"] as const) {
				for (const tile of seen) {
					for (const [key, batch] of tile.batches) {
						if (!key.startsWith(layer)) continue;
						context.globalAlpha = batch.opacity;
						if (batch.fill) {
							context.fillStyle = colour(batch.fill);
							context.fill(batch.path);
						}
						if (batch.stroke) {
							context.strokeStyle = colour(batch.stroke);
							// A hair stays a hair from far away, and costs least.
							context.lineWidth = Math.max(batch.width, 0.6 / k);
							context.setLineDash(k < 0.25 ? [] : [...batch.dashes]);
							context.stroke(batch.path);
						}
					}
				}
			}
			context.globalAlpha = 1;
			context.setLineDash([]);
			let [font, fill] = ["", ""];
			for (const tile of seen) {
				for (const words of tile.words) {
					if (
						words.size * k < READABLE ||
						words.x < x0 - 90 ||
						words.x > x1 + 90 ||
						words.y < y0 - 20 ||
						words.y > y1 + 20
					)
						continue;
					if (words.kind !== "words" && (words.kind === "value" ? ahead.values : ahead.grads).has(words.owner))
						continue;
					const text = words.moves && numbers ? said(words, numbers) : words.text;
					const size = words.moves && text !== words.text ? numberSize(text, 70, 16) : words.size;
					const wanted = `${words.italic ? "italic " : ""}${size}px "Gradwire Sans", "DejaVu Sans", sans-serif`;
					if (wanted !== font) context.font = font = wanted;
					if (words.fill !== fill) {
						fill = words.fill;
						context.fillStyle = colour(fill);
					}
					context.textAlign = words.anchor;
					context.fillText(text, words.x, words.y);
				}
			}
		},
		dispose: () => canvas.remove(),
	};
}

/** A moving number's text at this moment. */
function said(words: Words, numbers: Numbers): string {
	const found =
		words.kind === "value"
			? (numbers.edgeValues.get(words.owner) ?? numbers.values.get(words.owner))
			: (numbers.edgeGrads.get(words.owner) ?? numbers.grads.get(words.owner));
	if (found === undefined || found === null) return words.text;
	if (!isTensor(found)) return numberText(exact(found));
	return words.kind === "grad" && found.norm !== null ? `∥${numberText(exact(found.norm))}∥` : words.text;
}

/** The marks as tiles of paths and words. */
export function tilesOf(marks: readonly Mark[]): readonly Tile[] {
	const tiles = new Map<string, Tile>();
	const tileAt = (x: number, y: number): Tile => {
		const key = `${Math.floor(x / TILE)} ${Math.floor(y / TILE)}`;
		let tile = tiles.get(key);
		if (!tile) {
			tile = { x0: Infinity, y0: Infinity, x1: -Infinity, y1: -Infinity, batches: new Map(), words: [] };
			tiles.set(key, tile);
		}
		return tile;
	};
	const reach = (tile: Tile, x: number, y: number) => {
		tile.x0 = Math.min(tile.x0, x);
		tile.y0 = Math.min(tile.y0, y);
		tile.x1 = Math.max(tile.x1, x);
		tile.y1 = Math.max(tile.y1, y);
	};

	const pending: { readonly mark: Mark; readonly owner: string; readonly layer: string }[] = [];
	for (const mark of marks.toReversed()) pending.push({ mark, owner: "", layer: "wire" });
	for (let next = pending.pop(); next; next = pending.pop()) {
		const { mark } = next;
		const given = mark.attributes ?? {};
		const number = (name: string) => Number(given[name] ?? 0);
		const classes = String(given.class ?? "").split(" ");
		const owner = String(given["data-node"] ?? given["data-edge"] ?? next.owner);
		const layer = classes.includes("frame") ? "frame" : given["data-node"] !== undefined ? "node" : next.layer;
		if (classes.includes("hit") || mark.tag === "title" || mark.tag === "desc") continue;
		if (mark.tag === "text") {
			const spans = mark.children ?? [];
			const last = spans.at(-1);
			const text = mark.text ?? spans.map((span) => span.text ?? "").join("");
			const kind = classes.includes("value")
				? "value"
				: classes.includes("grad") || classes.includes("parts") || classes.includes("sum")
					? "grad"
					: "words";
			const anchor = given["text-anchor"] === "middle" ? "center" : given["text-anchor"] === "end" ? "right" : "left";
			const fill = classes.includes("given") ? "--quiet" : (FILLS.get(classes[0] ?? "") ?? (last ? "--grad" : "--ink"));
			const tile = tileAt(number("x"), number("y"));
			reach(tile, number("x"), number("y"));
			const moves =
				spans.length === 0 && kind !== "words" && given["data-value"] !== undefined && !classes.includes("given");
			tile.words.push({
				owner,
				kind,
				text,
				x: number("x"),
				y: number("y"),
				size: number("font-size"),
				anchor,
				italic: given["font-style"] === "italic",
				fill: kind === "words" && !FILLS.has(classes[0] ?? "") ? "--ink" : fill,
				moves,
			});
			continue;
		}
		if (mark.tag === "g") {
			for (const child of (mark.children ?? []).toReversed()) pending.push({ mark: child, owner, layer });
			continue;
		}
		const shape = shapeOf(mark);
		if (!shape) continue;
		const tile = tileAt(shape.x, shape.y);
		for (const [x, y] of shape.ends) reach(tile, x, y);
		const kind = classes.find((name) => STROKES.has(name) || FILLS.has(name)) ?? "";
		const fill = given.fill === "none" || given.fill === "transparent" ? null : (FILLS.get(kind) ?? null);
		const stroke = STROKES.get(kind) ?? null;
		const width = Number(given["stroke-width"] ?? 1);
		const opacity = Number(given["stroke-opacity"] ?? given.opacity ?? 1);
		const dashes = String(given["stroke-dasharray"] ?? "");
		const key = `${layer} ${kind} ${fill} ${width} ${opacity} ${dashes}`;
		let batch = tile.batches.get(key);
		if (!batch) {
			batch = {
				fill,
				stroke,
				width,
				opacity,
				dashes: dashes ? dashes.split(/[ ,]+/).map(Number) : [],
				path: new Path2D(),
			};
			tile.batches.set(key, batch);
		}
		batch.path.addPath(shape.path);
	}
	return [...tiles.values()];
}

interface Shape {
	readonly path: Path2D;
	/** Where it is: its middle, and the corners that it reaches. */
	readonly x: number;
	readonly y: number;
	readonly ends: readonly (readonly [number, number])[];
}

function shapeOf(mark: Mark): Shape | null {
	const given = mark.attributes ?? {};
	const number = (name: string) => Number(given[name] ?? 0);
	const path = new Path2D();
	if (mark.tag === "path") {
		const d = String(given.d ?? "");
		const numbers = d.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
		if (numbers.length < 2) return null;
		const [x, y] = [numbers[0] as number, numbers[1] as number];
		const ends: [number, number][] = [[x, y]];
		// H and V have single numbers; pairs are enough to know about where it ends.
		if (/[HV]/.test(d)) {
			let [px, py] = [x, y];
			for (const [, command, rest] of d.matchAll(/([MLHVCQ])([^MLHVCQ]*)/g)) {
				const at = rest?.match(/-?\d+(?:\.\d+)?/g)?.map(Number) ?? [];
				if (command === "H") px = at.at(-1) ?? px;
				else if (command === "V") py = at.at(-1) ?? py;
				else [px, py] = [at.at(-2) ?? px, at.at(-1) ?? py];
				ends.push([px, py]);
			}
		} else for (let i = 2; i + 1 < numbers.length; i += 2) ends.push([numbers[i] as number, numbers[i + 1] as number]);
		path.addPath(new Path2D(d));
		return { path, x, y, ends };
	}
	if (mark.tag === "circle") {
		const [x, y, r] = [number("cx"), number("cy"), number("r")];
		path.moveTo(x + r, y);
		path.arc(x, y, r, 0, 2 * Math.PI);
		return {
			path,
			x,
			y,
			ends: [
				[x - r, y - r],
				[x + r, y + r],
			],
		};
	}
	if (mark.tag === "rect") {
		const [x, y, width, height] = [number("x"), number("y"), number("width"), number("height")];
		path.roundRect(x, y, width, height, Math.min(number("rx"), width / 2, height / 2));
		return {
			path,
			x: x + width / 2,
			y: y + height / 2,
			ends: [
				[x, y],
				[x + width, y + height],
			],
		};
	}
	if (mark.tag === "line") {
		const [x1, y1, x2, y2] = [number("x1"), number("y1"), number("x2"), number("y2")];
		path.moveTo(x1, y1);
		path.lineTo(x2, y2);
		return {
			path,
			x: x1,
			y: y1,
			ends: [
				[x1, y1],
				[x2, y2],
			],
		};
	}
	return null;
}
