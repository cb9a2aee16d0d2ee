/**
 * A scene on a canvas, for circuits with more nodes than a document bears: what is in sight, numbers only where they can be
 * read, and seen from far away boxes and straight lines. While much is in sight and the view moves, what is drawn already
 * is moved as a picture, and drawn again when the view rests.
 */

import type { Box, Scene } from "../api.types";
import { numberSize, numberText } from "../number";
import { exact, isTensor, type Numbers } from "../values";
import { BADGE, type Place, SIGNS, type Strength, strength } from "./gradients";
import { LAYERS, type Tile, through, tilesOf, type Words } from "./tiles";

/** px on the screen below which a text would be a smudge. */
const READABLE = 4.5;
/** px; the size of the drawing's numbers. */
const SIZE = 16;
const FAMILY = '"Gradwire Sans", "DejaVu Sans", sans-serif';
/** The scale below which a gate is a dot and a wire straight. */
const FAR = 0.12;
/** Up to this many marks in sight are drawn in every frame of a moving view. */
const LIGHT = 1_200;
/** ms of rest after which a moved picture is drawn again. */
const REST = 110;
/** How much larger or smaller a moved picture may be shown, and the part of the sight that it may leave empty. */
const STRETCH = 1.8;
const EMPTY = 0.2;

/** From the drawing's coordinates to the screen's: `k * x` and `k * y`, moved by `x` and `y`. */
export interface Transform {
	readonly x: number;
	readonly y: number;
	readonly k: number;
}
/** What is shown beside the drawing itself. */
export interface Shown {
	readonly numbers: Numbers | null;
	/** Whether a number of a node or a wire is not shown: it lies ahead, or is the reader's to find. */
	readonly unseen: (kind: "value" | "grad", id: string) => boolean;
	/** Wires by log |gradient|, where the flow is looked at. */
	readonly flow: Numbers | null;
	/** Where a wire bears the sign of a gradient that is zero, infinite or not a number; null of what is no wire. */
	readonly badgeOf: (id: string) => Place | null;
}

export interface Easel {
	show(scene: Scene): void;
	/** Another part is looked at. */
	look(view: Transform): void;
	/** Other numbers, or others of them. */
	paint(shown: Shown): void;
	/** The place on the page has another size. */
	resize(): void;
	dispose(): void;
}

export function createEasel(host: HTMLElement): Easel {
	const canvas = document.createElement("canvas");
	canvas.className = "easel";
	canvas.setAttribute("aria-hidden", "true");
	host.prepend(canvas);
	const context = canvas.getContext("2d");
	let tiles: readonly Tile[] = [];
	let scene: Box = { x: 0, y: 0, width: 0, height: 0 };
	let view: Transform = { x: 0, y: 0, k: 1 };
	// Asked of the page once, for each question would lay the page out in the middle of a frame.
	let [width, height] = [host.clientWidth, host.clientHeight];
	let shown: Shown = { numbers: null, unseen: () => false, flow: null, badgeOf: () => null };
	/** The view of the picture as it was last drawn. */
	let drawn: Transform | null = null;
	let frame = 0;
	let rest: ReturnType<typeof setTimeout> | undefined;

	// Its colours are the page's, which may change under it.
	const themed = new MutationObserver(() => soon());
	themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme", "data-palette"] });
	const dark = matchMedia("(prefers-color-scheme: dark)");

	const within = ({ x, y, k }: Transform): readonly Tile[] => {
		const [x0, y0, x1, y1] = [-x / k, -y / k, (width - x) / k, (height - y) / k];
		return tiles.filter((tile) => tile.x1 >= x0 && tile.x0 <= x1 && tile.y1 >= y0 && tile.y0 <= y1);
	};
	const draw = () => {
		cancelAnimationFrame(frame);
		clearTimeout(rest);
		frame = 0;
		drawn = view;
		canvas.style.transform = "";
		if (context) drawTiles(context, [width, height], within(view), view, shown);
	};
	const soon = () => {
		frame ||= requestAnimationFrame(draw);
	};
	dark.addEventListener("change", soon);
	/** The part of the sight in which a picture drawn at `before` shows nothing of what is there. */
	const missing = (before: Transform): number => {
		const by = view.k / before.k;
		const [left, top] = [view.x - by * before.x, view.y - by * before.y];
		const overlap = (from: number, to: number, least: number, most: number) =>
			Math.max(0, Math.min(to, most) - Math.max(from, least));
		const of = (x0: number, y0: number, x1: number, y1: number) => {
			const [sx, sy] = [view.x + scene.x * view.k, view.y + scene.y * view.k];
			return (
				overlap(sx, sx + scene.width * view.k, Math.max(0, x0), Math.min(width, x1)) *
				overlap(sy, sy + scene.height * view.k, Math.max(0, y0), Math.min(height, y1))
			);
		};
		return (of(0, 0, width, height) - of(left, top, left + by * width, top + by * height)) / (width * height);
	};

	return {
		show(next) {
			tiles = tilesOf(next.marks);
			scene = next;
			soon();
		},
		look(next) {
			view = next;
			const by = drawn ? view.k / drawn.k : 0;
			const near = by < STRETCH && by > 1 / STRETCH;
			const heavy = () => within(view).reduce((sum, { count }) => sum + count, 0) > LIGHT;
			if (!drawn || frame || !near || missing(drawn) > EMPTY || !heavy()) return soon();
			canvas.style.transform = `translate(${view.x - by * drawn.x}px, ${view.y - by * drawn.y}px) scale(${by})`;
			clearTimeout(rest);
			rest = setTimeout(soon, REST);
		},
		paint(next) {
			const seen = SIZE * view.k >= READABLE || next.flow !== null || shown.flow !== null;
			shown = next;
			if (seen) soon();
		},
		resize() {
			[width, height] = [host.clientWidth, host.clientHeight];
			soon();
		},
		dispose() {
			themed.disconnect();
			dark.removeEventListener("change", soon);
			cancelAnimationFrame(frame);
			clearTimeout(rest);
			canvas.remove();
		},
	};
}

type Context = CanvasRenderingContext2D;
type Colour = (name: string) => string;

function drawTiles(
	context: Context,
	[width, height]: readonly [number, number],
	tiles: readonly Tile[],
	view: Transform,
	shown: Shown,
): void {
	const { canvas } = context;
	const { x, y, k } = view;
	const dots = devicePixelRatio || 1;
	if (canvas.width !== Math.round(width * dots) || canvas.height !== Math.round(height * dots)) {
		canvas.width = Math.round(width * dots);
		canvas.height = Math.round(height * dots);
	}
	const style = getComputedStyle(canvas);
	const colours = new Map<string, string>();
	const colour: Colour = (name) => {
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
	if (k < FAR) drawFar(context, tiles, k, shown, colour);
	else drawNear(context, tiles, k, shown, colour);
	context.globalAlpha = 1;
	context.setLineDash([]);
	if (SIZE * k >= READABLE)
		drawWords(context, tiles, { x: -x / k, y: -y / k, width: width / k, height: height / k }, k, shown, colour);
}

/** From far away: the frames, the wires as straight hairs, the nodes as dots of at least a pixel. */
function drawFar(context: Context, tiles: readonly Tile[], k: number, shown: Shown, colour: Colour): void {
	const hair = 0.7 / k;
	context.globalAlpha = 1;
	context.setLineDash([]);
	context.lineWidth = hair;
	context.fillStyle = colour("--tint");
	context.strokeStyle = colour("--frame");
	for (const { far } of tiles) {
		context.fill(far.frames);
		context.stroke(far.frames);
	}
	if (shown.flow) drawFlow(context, tiles, k, shown, shown.flow, colour);
	else {
		context.strokeStyle = colour("--faint");
		for (const { far } of tiles) context.stroke(far.wires);
	}
	context.globalAlpha = 1;
	context.setLineDash([]);
	context.fillStyle = colour("--quiet");
	for (const { far } of tiles) context.fill(far.nodes);
}

function drawNear(context: Context, tiles: readonly Tile[], k: number, shown: Shown, colour: Colour): void {
	const { flow } = shown;
	for (const layer of LAYERS) {
		if (flow && layer === "node") drawFlow(context, tiles, k, shown, flow, colour);
		for (const tile of tiles) {
			for (const batch of tile.batches.values()) {
				if (batch.layer !== layer || (flow && batch.flows)) continue;
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
}

const DASHES: Readonly<Partial<Record<Strength["kind"], readonly number[]>>> = {
	zero: [1.5, 4],
	nan: [3, 2],
	infinite: [3, 2],
};

/** The wires by the size of their gradients; those that look the same are one path. */
function drawFlow(
	context: Context,
	tiles: readonly Tile[],
	k: number,
	{ unseen, badgeOf }: Shown,
	flow: Numbers,
	colour: Colour,
): void {
	const signed = BADGE.size * k >= READABLE;
	const badges = new Map<string, readonly [sign: string, place: Place]>();
	const looks = new Map<string, { readonly as: Strength; readonly path: Path2D }>();
	for (const { wires } of tiles) {
		for (const { owner, path, places } of wires) {
			const grad = flow.edgeGrads.has(owner) ? flow.edgeGrads.get(owner) : flow.grads.get(owner);
			const as = strength(unseen("grad", owner) ? null : (grad ?? null));
			const sign = signed ? SIGNS[as.kind] : undefined;
			const place = sign ? badgeOf(owner) : null;
			if (sign && place) badges.set(owner, [sign, place]);
			const key = `${as.kind} ${as.width.toFixed(1)} ${as.opacity.toFixed(1)}`;
			let look = looks.get(key);
			if (!look) {
				look = { as, path: new Path2D() };
				looks.set(key, look);
			}
			if (k < FAR) through(look.path, places);
			else look.path.addPath(path);
		}
	}
	for (const { as, path } of looks.values()) {
		context.globalAlpha = as.opacity;
		context.strokeStyle = colour(as.kind === "none" || as.kind === "zero" ? "--line" : "--grad");
		// From far away the widths keep their proportion, and the least is a hair.
		context.lineWidth = Math.max(as.width, (0.3 * as.width) / k);
		context.setLineDash(k < 0.25 ? [] : [...(DASHES[as.kind] ?? [])]);
		context.stroke(path);
	}
	drawBadges(context, badges.values(), colour);
}

/** The signs of what vanished, exploded or is undefined, each in a circle on its wire. */
function drawBadges(context: Context, badges: Iterable<readonly [sign: string, place: Place]>, colour: Colour): void {
	context.globalAlpha = 1;
	context.setLineDash([]);
	context.lineWidth = BADGE.rim;
	context.strokeStyle = colour("--grad");
	context.font = `${BADGE.size}px ${FAMILY}`;
	context.textAlign = "center";
	for (const [sign, [x, y]] of badges) {
		context.beginPath();
		context.arc(x, y, BADGE.radius, 0, 2 * Math.PI);
		context.fillStyle = colour("--paper");
		context.fill();
		context.stroke();
		context.fillStyle = colour("--grad");
		context.fillText(sign, x, y + BADGE.drop);
	}
}

function drawWords(
	context: Context,
	tiles: readonly Tile[],
	sight: Box,
	k: number,
	{ numbers, unseen }: Shown,
	colour: Colour,
): void {
	const [x0, x1] = [sight.x - 90, sight.x + sight.width + 90];
	const [y0, y1] = [sight.y - 20, sight.y + sight.height + 20];
	let [font, fill, anchor] = ["", "", ""];
	for (const tile of tiles) {
		for (const words of tile.words) {
			if (words.size * k < READABLE || words.x < x0 || words.x > x1 || words.y < y0 || words.y > y1) continue;
			if (words.kind !== "words" && unseen(words.kind, words.owner)) continue;
			const text = words.moves && numbers ? said(words, numbers) : words.text;
			const size = words.moves && text !== words.text ? numberSize(text, 70, SIZE) : words.size;
			const wanted = `${words.italic ? "italic " : ""}${size}px ${FAMILY}`;
			if (wanted !== font) context.font = font = wanted;
			if (words.fill !== fill) {
				fill = words.fill;
				context.fillStyle = colour(fill);
			}
			if (words.anchor !== anchor) context.textAlign = anchor = words.anchor;
			context.fillText(text, words.x, words.y);
		}
	}
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
