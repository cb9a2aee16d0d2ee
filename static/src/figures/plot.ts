/** A plot of lines over one axis: what the panels and the lessons draw figures with. */

import { axisBottom, axisLeft } from "d3-axis";
import { type ScaleContinuousNumeric, scaleLinear, scaleSymlog } from "d3-scale";
import { select } from "d3-selection";
import { line } from "d3-shape";
import { numberText } from "../number";

export type Point = readonly [x: number, y: number];

export interface Series {
	readonly label: string;
	/** Its colour: values green, gradients red, and others that are neither. */
	readonly kind: "value" | "grad" | "other" | "third";
	readonly points: readonly Point[];
	readonly dashed?: boolean;
	readonly dots?: boolean;
}

export interface Plot {
	readonly label: string;
	readonly x: string;
	readonly y: string;
	readonly series: readonly Series[];
	/** The y axis in powers of ten: for norms. */
	readonly powers?: boolean;
	/** The x axis counts: no ticks between whole numbers. */
	readonly counts?: boolean;
	readonly verticals?: readonly { readonly x: number; readonly kind: "now" | "kink"; readonly label?: string }[];
	/** Names under the x axis in place of numbers. */
	readonly names?: (x: number) => string;
	/** A place on the x axis was pointed at (a drag calls it again and again). */
	readonly onPick?: (x: number) => void;
	readonly onHover?: (x: number | null) => void;
	readonly height?: number;
}

const MARGIN = { top: 26, right: 16, bottom: 40, left: 62 };
/** Where log10 of zero would lie. */
const LOWEST = 1e-300;

/** Draws the plot into `svg`, as wide as the element that holds it. */
export function drawPlot(svg: SVGSVGElement, plot: Plot): void {
	const width = Math.max(260, svg.parentElement?.clientWidth || 640);
	const height = plot.height ?? 230;
	const finite = (points: readonly Point[]) => points.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y));
	const lift = (y: number) => (plot.powers ? Math.log10(Math.max(Math.abs(y), LOWEST)) : y);
	const all = plot.series.flatMap(({ points }) => finite(points.map(([x, y]): Point => [x, lift(y)])));
	const shown = plot.powers ? all.filter(([, y]) => y > -290) : all;
	const xs = all.map(([x]) => x);
	const ys = (shown.length ? shown : all).map(([, y]) => y);
	const [x0, x1] = spread(xs, 0);
	const [y0, y1] = spread(ys, 0.06);
	const x = scaleLinear([x0, x1], [MARGIN.left, width - MARGIN.right]);
	const y = (plot.powers ? scaleLinear([y0, y1], [height - MARGIN.bottom, MARGIN.top]) : scale(y0, y1, height)).clamp(
		false,
	);

	const root = select(svg)
		.attr("class", "plot")
		.attr("viewBox", `0 0 ${width} ${height}`)
		.attr("width", width)
		.attr("height", height)
		.attr("role", "img")
		.attr("aria-label", plot.label);
	const layer = (name: string) =>
		root.selectAll<SVGGElement, string>(`g.${name}`).data([name]).join("g").attr("class", name);

	const bottom = axisBottom(x)
		.ticks(Math.min(8, plot.counts ? Math.max(1, x1 - x0) : 8))
		.tickSizeOuter(0)
		.tickFormat((tick) => (plot.names ? plot.names(Number(tick)) : numberText(Number(tick))));
	layer("x-axis")
		.attr("transform", `translate(0 ${height - MARGIN.bottom})`)
		.call(bottom);
	const left = axisLeft(y)
		.ticks(5)
		.tickSizeOuter(0)
		.tickSizeInner(-(width - MARGIN.left - MARGIN.right))
		.tickFormat((tick) => (plot.powers ? powerText(Number(tick)) : numberText(Number(tick))));
	layer("y-axis").attr("transform", `translate(${MARGIN.left} 0)`).call(left);
	root
		.selectAll("text.axis-label")
		.data([
			{ text: plot.x, x: width - MARGIN.right, y: height - 6, anchor: "end" },
			{ text: plot.y, x: 4, y: 10, anchor: "start" },
		])
		.join("text")
		.attr("class", "axis-label")
		.attr("x", (each) => each.x)
		.attr("y", (each) => each.y)
		.attr("text-anchor", (each) => each.anchor)
		.text((each) => each.text);

	const path = line<Point>()
		.defined(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
		.x(([a]) => x(a))
		.y(([, b]) => y(Math.max(lift(b), plot.powers ? y0 - (y1 - y0) : Number.NEGATIVE_INFINITY)));
	const clip = (points: readonly Point[]) => path(points as Point[]) ?? "";
	layer("verticals")
		.selectAll("line")
		.data(plot.verticals ?? [])
		.join("line")
		.attr("class", ({ kind }) => `vertical ${kind}`)
		.attr("x1", ({ x: at }) => x(at))
		.attr("x2", ({ x: at }) => x(at))
		.attr("y1", MARGIN.top)
		.attr("y2", height - MARGIN.bottom);
	layer("lines")
		.selectAll("path")
		.data(plot.series)
		.join("path")
		.attr("class", ({ kind, dashed }) => `series ${kind}${dashed ? " dashed" : ""}`)
		.attr("d", ({ points }) => clip(points));
	layer("dots")
		.selectAll("circle")
		.data(
			plot.series.flatMap(({ points, dots, kind }) => (dots ? finite(points).map((point) => ({ point, kind })) : [])),
		)
		.join("circle")
		.attr("class", ({ kind }) => `dot-of ${kind}`)
		.attr("r", 3)
		.attr("cx", ({ point }) => x(point[0]))
		.attr("cy", ({ point }) => y(Math.max(lift(point[1]), y0 - (y1 - y0))));
	const keys = plot.series.filter(({ label }) => label);
	const key = layer("key")
		.selectAll<SVGTextElement, string>("text")
		.data(["key"])
		.join("text")
		.attr("x", width - MARGIN.right)
		.attr("y", 11)
		.attr("text-anchor", "end");
	key
		.selectAll("tspan")
		.data(keys)
		.join("tspan")
		.attr("class", ({ kind }) => `key-of ${kind}`)
		.text(({ label, dashed }, i) => `${i ? "\u2003" : ""}${dashed ? "┄" : "—"} ${label}`);

	const at = (event: PointerEvent): number => {
		const { left: edge, width: wide } = svg.getBoundingClientRect();
		return Math.max(x0, Math.min(x1, x.invert(((event.clientX - edge) * width) / wide)));
	};
	svg.onpointerdown = (event) => {
		if (!plot.onPick) return;
		svg.setPointerCapture(event.pointerId);
		plot.onPick(at(event));
	};
	svg.onpointermove = (event) => (event.buttons ? plot.onPick?.(at(event)) : plot.onHover?.(at(event)));
	svg.onpointerleave = () => plot.onHover?.(null);
	svg.classList.toggle("picks", plot.onPick !== undefined);
}

/** Linear, but where the numbers span many powers of ten, linear near zero and by powers away from it. */
function scale(y0: number, y1: number, height: number): ScaleContinuousNumeric<number, number> {
	const range = [height - MARGIN.bottom, MARGIN.top];
	return Math.max(Math.abs(y0), Math.abs(y1)) > 1e6 ? scaleSymlog([y0, y1], range) : scaleLinear([y0, y1], range);
}

function spread(all: readonly number[], margin: number): readonly [number, number] {
	let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (const each of all) {
		if (each < low) low = each;
		if (each > high) high = each;
	}
	if (low > high) return [0, 1];
	if (low === high) return [low - 1, high + 1];
	const room = (high - low) * margin;
	return [low - room, high + room];
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
function powerText(power: number): string {
	if (!Number.isInteger(power)) return "";
	const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
	return power === 0 ? "1" : `10${power < 0 ? "⁻" : ""}${digits}`;
}
