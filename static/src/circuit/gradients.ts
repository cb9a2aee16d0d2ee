/** How a wire tells the size of its gradient, and the sign of one that is zero, infinite or not a number. As
 * app/draw/marks/wire.py; both are held by tests/cases/flow.json. */

import type { Box, GraphEdge, Value } from "../api.types";
import { size } from "../values";

export type Kind = "none" | "some" | "zero" | "nan" | "infinite";

export interface Strength {
	readonly kind: Kind;
	/** px */
	readonly width: number;
	readonly opacity: number;
}

/** Thickness and tint by log10 |gradient|: 1 is 3 px wide, a thousandfold 7.5, a millionth a pale hair. */
export function strength(grad: Value | null): Strength {
	const x = size(grad);
	if (x === null) return { kind: "none", width: 1, opacity: 1 };
	if (x === 0) return { kind: "zero", width: 1.5, opacity: 1 };
	if (!Number.isFinite(x)) return { kind: Number.isNaN(x) ? "nan" : "infinite", width: 7.5, opacity: 1 };
	const power = Math.log10(x);
	const width = power > 0 ? 3 + 1.5 * power : 3 + 0.55 * power;
	return {
		kind: "some",
		width: Math.min(9, Math.max(0.8, width)),
		opacity: power >= 0 ? 1 : Math.max(0.28, 1 + power * 0.12),
	};
}

export const SIGNS: Readonly<Partial<Record<Kind, string>>> = { zero: "0", infinite: "∞", nan: "?" };

/** px; a badge's radius, its rim, the size of its sign and how far below its middle that stands. */
export const BADGE = { radius: 7.5, rim: 1.2, size: 11, drop: 4 } as const;
/** px; the grain in which a place is looked for. */
const GRAIN = 4;

const places = new WeakMap<GraphEdge, Place>();

/** Where a wire's badge stands: found once, for a canvas asks in every frame. */
export function badgePlace(edge: GraphEdge): Place {
	let place = places.get(edge);
	if (!place) {
		place = clearPlace(edge.points ?? [], [edge.value_box, edge.grad_box]);
		places.set(edge, place);
	}
	return place;
}

/** The badge of a wire: a circle with its sign, where the wire is clearest of its texts and its ends. */
export function badge(edge: GraphEdge, sign: string): SVGGElement {
	const [x, y] = badgePlace(edge);
	const make = (tag: "g" | "circle" | "text", attributes: Readonly<Record<string, string | number>>) => {
		const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
		for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
		return element;
	};
	const group = make("g", { class: "sign-of-flow" }) as SVGGElement;
	const text = make("text", { class: "parts", x, y: y + BADGE.drop, "font-size": BADGE.size, "text-anchor": "middle" });
	text.textContent = sign;
	group.append(make("circle", { class: "badge", cx: x, cy: y, r: BADGE.radius, "stroke-width": BADGE.rim }), text);
	return group;
}

export type Place = readonly [x: number, y: number];

/** The place on a way that is farthest from boxes and from its ends. */
export function clearPlace(points: readonly Place[], boxes: readonly (Box | null | undefined)[]): Place {
	const first: Place = points[0] ?? [0, 0];
	const last: Place = points.at(-1) ?? [0, 0];
	let [best, most]: [Place, number] = [first, -1];
	for (let i = 1; i < points.length; i++) {
		const [[ax, ay], [bx, by]] = [points[i - 1] as Place, points[i] as Place];
		const count = Math.max(1, Math.ceil(Math.hypot(bx - ax, by - ay) / GRAIN));
		for (let step = 0; step < count; step++) {
			const place: Place = [ax + ((bx - ax) * step) / count, ay + ((by - ay) * step) / count];
			const [x, y] = place;
			const room = Math.min(
				Math.hypot(x - first[0], y - first[1]),
				Math.hypot(x - last[0], y - last[1]),
				...boxes.map((box) =>
					box
						? Math.hypot(Math.max(box.x - x, 0, x - box.x - box.width), Math.max(box.y - y, 0, y - box.y - box.height))
						: Number.POSITIVE_INFINITY,
				),
			);
			if (room > most) [best, most] = [place, room];
		}
	}
	return best;
}
