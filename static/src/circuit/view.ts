/** How a drawing lies in its place on the page: panned, zoomed, fitted; and who looks on. */

import { select } from "d3-selection";
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import "d3-transition";
import type { Box } from "../api.types";
import { still } from "../motion";
import type { Dispose } from "../store";

export type Viewer = (view: Box, whole: Box) => void;

export interface View {
	/** From the drawing's coordinates to the screen's: its `apply` takes a place to `k * place + (x, y)`. */
	now(): ZoomTransform;
	/** The part of the drawing that is in sight, in its coordinates. */
	sight(): Box;
	/** The place in the drawing at which an event happened. */
	place(event: MouseEvent): readonly [x: number, y: number];
	/** Another drawing lies here: seen from its beginning where it is the first, or another than before and not held. */
	lay(drawing: Box, way: "right" | "down"): void;
	/** The whole of it. */
	fit(): void;
	zoomBy(factor: number): void;
	/** Brings a place into sight, unless it is there and large enough. */
	show(place: readonly [number, number]): void;
	/** Puts a place into the middle. */
	look(place: readonly [number, number]): void;
	/** Calls back now and whenever another part is in sight. */
	watch(viewer: Viewer): Dispose;
	dispose: Dispose;
}

const PADDING = 28;
const LARGEST = 1;
/** Scales: below READABLE numbers are a strain, and the view begins at BEGINNING; below HOPELESS
 * the whole is shown, unless it is but a long strip. */
const READABLE = 0.5;
const BEGINNING = 0.72;
const HOPELESS = 0.1;
/** How much larger a beginning must be than the whole, to be worth what it leaves out. */
const WORTH = 1.35;
/** The scale down to which a drawing that runs downwards is seen from side to side: what it begins with stands in a row. */
const NARROWEST = 0.4;
/** Scales between which a hand may zoom; farther only as far as the whole needs it. */
const FARTHEST = 0.02;
const CLOSEST = 6;

/** `gently`: the wheel zooms only with Ctrl, for a circuit in a page that scrolls. */
export function createView(
	host: HTMLElement,
	svg: SVGSVGElement,
	wheel: "freely" | "gently",
	moved: (transform: ZoomTransform) => void,
	resized: () => void,
): View {
	const viewers = new Set<Viewer>();
	let drawing: Box | null = null;
	let way: "right" | "down" = "right";
	/** Whether the reader has taken hold of the view: then it stays. */
	let held = false;

	// Asked of the page when it changes, for each question would lay the page out in the middle of a frame.
	let place: { readonly width: number; readonly height: number } | null = null;
	const area = () => {
		place ??= { width: host.clientWidth || 800, height: host.clientHeight || 480 };
		return place;
	};
	const root = select<SVGSVGElement, unknown>(svg);
	const behaviour = zoom<SVGSVGElement, unknown>()
		.scaleExtent([FARTHEST, CLOSEST])
		.filter((event: Event) => {
			if (event instanceof WheelEvent) return wheel !== "gently" || event.ctrlKey || event.metaKey;
			if (typeof TouchEvent !== "undefined" && event instanceof TouchEvent && wheel === "gently")
				return event.touches.length > 1;
			return !(event as MouseEvent).button;
		})
		.on("zoom", (event: D3ZoomEvent<SVGSVGElement, unknown>) => {
			if (event.sourceEvent) held = true;
			moved(event.transform);
			tell();
		});
	root.call(behaviour).on("dblclick.zoom", null);

	const now = () => zoomTransform(svg);
	function sight(): Box {
		const { k, x, y } = now();
		const { width, height } = area();
		return { x: -x / k, y: -y / k, width: width / k, height: height / k };
	}
	function tell(): void {
		if (!drawing || viewers.size === 0) return;
		const seen = sight();
		for (const viewer of viewers) viewer(seen, drawing);
	}
	/** The scale at which the whole is in sight. */
	function whole(box: Box): number {
		const { width, height } = area();
		const room = Math.min(PADDING, width / 20);
		return Math.min((width - 2 * room) / box.width, (height - 2 * room) / Math.max(box.height, 1));
	}
	/** The whole drawing in sight; or its beginning, where the whole would be too small to read and is not too large. */
	function fitted(all = false): ZoomTransform {
		const { width, height } = area();
		if (!drawing?.width) return zoomIdentity;
		const room = Math.min(PADDING, width / 20);
		const fitting = whole(drawing);
		const strip = drawing.height * BEGINNING < height || drawing.width * BEGINNING < width;
		// As much of it as fits across the way that it runs.
		const across =
			way === "right" ? (height - 2 * room) / drawing.height : Math.max(NARROWEST, (width - 2 * room) / drawing.width);
		const beginning = Math.min(BEGINNING, Math.max(fitting, across));
		const begins = !all && fitting < READABLE && beginning > WORTH * fitting && (strip || fitting > HOPELESS);
		const k = begins ? beginning : Math.min(LARGEST, fitting);
		const at = (side: number, start: number, length: number) =>
			length * k <= side - 2 * room + 1 ? side / 2 - k * (start + length / 2) : room - k * start;
		return zoomIdentity.translate(at(width, drawing.x, drawing.width), at(height, drawing.y, drawing.height)).scale(k);
	}
	function go(transform: ZoomTransform, quietly = false): void {
		if (quietly || still()) root.call(behaviour.transform, transform);
		else root.transition("view").duration(280).call(behaviour.transform, transform);
	}
	const sized = new ResizeObserver(() => {
		place = null;
		if (!held) go(fitted(), true);
		else tell();
		resized();
	});
	sized.observe(host);

	return {
		now,
		sight,
		place(event) {
			const { k, x, y } = now();
			const { left, top } = svg.getBoundingClientRect();
			return [(event.clientX - left - x) / k, (event.clientY - top - y) / k];
		},
		lay(next, runs) {
			const before = drawing;
			drawing = next;
			way = runs;
			behaviour.scaleExtent([next.width ? Math.min(FARTHEST, whole(next) / 2) : FARTHEST, CLOSEST]);
			const other = before && (["x", "y", "width", "height"] as const).some((side) => before[side] !== next[side]);
			if (!before || (!held && other)) go(fitted(), !before);
			tell();
		},
		fit() {
			held = false;
			go(fitted(true));
		},
		zoomBy(factor) {
			held = true;
			if (still()) root.call(behaviour.scaleBy, factor);
			else root.transition("view").duration(160).call(behaviour.scaleBy, factor);
		},
		show([x, y]) {
			const { width, height } = area();
			const { k, x: left, y: top } = now();
			const [sx, sy] = [x * k + left, y * k + top];
			if (sx > 24 && sy > 24 && sx < width - 24 && sy < height - 24 && k > 0.3) return;
			held = true;
			const scale = Math.max(k, 0.7);
			go(zoomIdentity.translate(width / 2 - scale * x, height / 2 - scale * y).scale(scale));
		},
		look([x, y]) {
			held = true;
			root.call(behaviour.translateTo, x, y);
		},
		watch(viewer) {
			viewers.add(viewer);
			tell();
			return () => viewers.delete(viewer);
		},
		dispose: () => sized.disconnect(),
	};
}
