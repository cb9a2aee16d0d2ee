/** A circuit on the page: the scene's elements, kept; panned and zoomed; its nodes and wires to be chosen and marked. */

import { select } from "d3-selection";
import { type D3ZoomEvent, type ZoomTransform, zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import "d3-transition";
import type { Answer, Box, GraphEdge, GraphNode, Mark, Scene, Value } from "../api.types";
import { still } from "../motion";
import { numberText } from "../number";
import type { Dispose } from "../store";
import { exact, isTensor, type Numbers } from "../values";
import { createEasel, type Easel } from "./canvas";
import { type Boxes, paintTexts, type Texts, textsOf } from "./figures";
import { edgeNear, middleOf, neighbour, nodeAt, type Step, wireBeside, wireOf } from "./geometry";
import { badge, SIGNS, strength } from "./gradients";
import { adopt, join } from "./join";
import { LARGE, plainScene } from "./plain";
import { arrive, travel } from "./travel";

export interface CircuitOptions {
	/** The server's own picture of `scene`, to go on with. */
	readonly adopted?: SVGSVGElement;
	readonly label: string;
	/** `gently`: the wheel zooms only with Ctrl, for a circuit in a page that scrolls. */
	readonly wheel?: "freely" | "gently";
	readonly onSelect?: (id: string | null) => void;
	/** A group is to be opened or closed. */
	readonly onToggle?: (group: string) => void;
	readonly onHover?: (id: string | null) => void;
	/** Whether an answer turned out too large for a document. */
	readonly onLarge?: (large: boolean) => void;
}

export interface Circuit {
	readonly svg: SVGSVGElement;
	/** Shows an answer of the API that came with its scene. */
	draw(answer: Answer, direction: "right" | "down"): void;
	/** Shows other numbers on the same drawing. */
	paint(numbers: Numbers, parts?: (node: string) => readonly number[]): void;
	select(id: string | null): void;
	/** Puts the class `name` on exactly the nodes and wires of these ids. */
	mark(name: Flag, ids: ReadonlySet<string>): void;
	/** Wires by log |gradient|, or as usual. */
	flow(numbers: Numbers | null): void;
	fit(): void;
	zoomBy(factor: number): void;
	/** Brings a node into sight. */
	show(id: string): void;
	/** Calls back now and whenever another part is in view; the box is that part, in the drawing's coordinates. */
	onView(f: (view: Box, whole: Box) => void): Dispose;
	look(at: readonly [number, number]): void;
	dispose(): void;
}

export type Flag = "lit" | "dim" | "ahead-value" | "ahead-grad" | "current" | "blank" | "differs";

const PADDING = 28;
const LARGEST = 1;
/** Scales: below READABLE numbers are a strain, and the view begins at BEGINNING; below HOPELESS
 * the whole is shown, unless it is but a long strip. */
const READABLE = 0.5;
const BEGINNING = 0.72;
const HOPELESS = 0.15;
/** Up to this many nodes and wires all numbers are painted in every frame. */
const FEW = 260;
/** The scale below which numbers are too small to be read. */
const FAR = 0.3;
/** ms after which the numbers out of sight follow. */
const AFTERWARDS = 90;
/** Frames that stay elements all the same. */
const FRAMES = 200;
const NOTHING: ReadonlySet<string> = new Set();
/** px on the screen around a wire in which a click means it. */
const REACH = 9;

export function mountCircuit(host: HTMLElement, options: CircuitOptions): Circuit {
	const svg = options.adopted ?? document.createElementNS("http://www.w3.org/2000/svg", "svg");
	svg.classList.add("circuit");
	const viewport = document.createElementNS("http://www.w3.org/2000/svg", "g");
	viewport.setAttribute("class", "viewport");
	const words = new Set(["title", "desc", "metadata", "style", "defs"]);
	const adoptedMarks = [...svg.children].filter((child) => !words.has(child.localName));
	for (const child of svg.querySelectorAll(":scope > title")) child.remove();
	viewport.append(...adoptedMarks);
	svg.append(viewport);
	for (const name of ["viewBox", "width", "height", "role", "aria-labelledby"]) svg.removeAttribute(name);
	svg.classList.add("live");
	svg.setAttribute("role", "group");
	svg.setAttribute("aria-label", options.label);
	svg.setAttribute("tabindex", "0");
	if (svg.parentElement !== host) host.append(svg);
	const tip = document.createElement("div");
	tip.className = "tip";
	tip.hidden = true;
	host.append(tip);

	let answer: Answer | null = null;
	let scene: Scene | null = null;
	let adopting = options.adopted !== undefined;
	let direction: "right" | "down" = "right";
	let selected: string | null = null;
	/** Whether the reader has taken hold of the view: then it stays. */
	let held = false;
	let nodes: ReadonlyMap<string, GraphNode> = new Map();
	let edges: ReadonlyMap<string, GraphEdge> = new Map();
	let groups: ReadonlyMap<string, Element> = new Map();
	const flags = new Map<Flag, ReadonlySet<string>>();
	const viewers = new Set<(view: Box, whole: Box) => void>();
	let flowing: Numbers | null = null;
	/** Where there are too many nodes for a document: then the SVG holds only what is chosen or pointed at. */
	let easel: Easel | null = null;
	let painted: Numbers | null = null;
	let frame = 0;
	const texts = new Map<string, Texts>();
	let later: ReturnType<typeof setTimeout> | undefined;

	const area = () => ({ width: host.clientWidth || 800, height: host.clientHeight || 480 });
	const root = select<SVGSVGElement, unknown>(svg);
	const behaviour = zoom<SVGSVGElement, unknown>()
		.scaleExtent([0.02, 6])
		.filter((event: Event) => {
			if (event instanceof WheelEvent) return options.wheel !== "gently" || event.ctrlKey || event.metaKey;
			if (typeof TouchEvent !== "undefined" && event instanceof TouchEvent && options.wheel === "gently")
				return event.touches.length > 1;
			return !(event as MouseEvent).button;
		})
		.on("zoom", (event: D3ZoomEvent<SVGSVGElement, unknown>) => {
			if (event.sourceEvent) held = true;
			move(event.transform);
		});
	root.call(behaviour).on("dblclick.zoom", null);

	function move(transform: ZoomTransform): void {
		viewport.setAttribute("transform", transform.toString());
		svg.classList.toggle("far", transform.k < FAR && groups.size > FEW);
		tip.hidden = true;
		sketch();
		tell();
	}
	/** Draws the canvas with the next frame. */
	function sketch(): void {
		if (!easel) return;
		frame ||= requestAnimationFrame(() => {
			frame = 0;
			easel?.draw(zoomTransform(svg), painted, {
				values: flags.get("ahead-value") ?? NOTHING,
				grads: flags.get("ahead-grad") ?? NOTHING,
			});
		});
	}
	function tell(): void {
		if (!scene || viewers.size === 0) return;
		const { k, x, y } = zoomTransform(svg);
		const { width, height } = area();
		for (const viewer of viewers) viewer({ x: -x / k, y: -y / k, width: width / k, height: height / k }, scene);
	}
	/** The whole drawing in sight; or its beginning, where the whole would be too small to read and is not too large. */
	function fitted(whole = false): ZoomTransform {
		const { width, height } = area();
		if (!scene?.width) return zoomIdentity;
		const room = Math.min(PADDING, width / 20);
		const fitting = Math.min((width - 2 * room) / scene.width, (height - 2 * room) / Math.max(scene.height, 1));
		const strip = scene.height * BEGINNING < height || scene.width * BEGINNING < width;
		const begins = !whole && fitting < READABLE && (strip || fitting > HOPELESS);
		const k = begins
			? Math.min(BEGINNING, Math.max(fitting, (height - 2 * room) / scene.height))
			: Math.min(LARGEST, fitting);
		const at = (side: number, start: number, length: number) =>
			length * k <= side - 2 * room + 1 ? side / 2 - k * (start + length / 2) : room - k * start;
		return zoomIdentity.translate(at(width, scene.x, scene.width), at(height, scene.y, scene.height)).scale(k);
	}
	function go(transform: ZoomTransform, quietly = false): void {
		if (quietly || still()) root.call(behaviour.transform, transform);
		else root.transition("view").duration(280).call(behaviour.transform, transform);
	}
	const sized = new ResizeObserver(() => {
		if (!held) go(fitted(), true);
		else tell();
		sketch();
	});
	sized.observe(host);

	/** The id of the node or wire that an event means. */
	function meant(event: MouseEvent): string | null {
		const element = (event.target as Element).closest?.("[data-node], [data-edge]");
		const id = element?.getAttribute("data-node") ?? element?.getAttribute("data-edge");
		if (id) return id;
		if (!answer) return null;
		const { k, x, y } = zoomTransform(svg);
		const { left, top } = svg.getBoundingClientRect();
		const place = [(event.clientX - left - x) / k, (event.clientY - top - y) / k] as const;
		if (easel) {
			const node = nodeAt(answer, place);
			// Every wire is looked at for a click, not for each move of the pointer.
			if (node !== null || event.type === "pointermove") return node;
		}
		return edgeNear(answer, place, REACH / k)?.id ?? null;
	}
	const closerAt = (event: Event): string | null =>
		(event.target as Element).closest?.(".close")?.getAttribute("data-group") ?? null;
	const groupAt = (event: Event): string | null =>
		(event.target as Element).closest?.("[data-group]")?.getAttribute("data-group") ?? null;

	const onClick = (event: MouseEvent) => {
		const closing = closerAt(event);
		if (closing !== null) return options.onToggle?.(closing);
		options.onSelect?.(meant(event));
	};
	const onDoubleClick = (event: MouseEvent) => {
		const node = nodes.get(meant(event) ?? "");
		if (node?.kind === "group") options.onToggle?.(node.id);
		else {
			const group = groupAt(event);
			if (group && !node) options.onToggle?.(group);
		}
	};
	const onMove = (event: MouseEvent) => {
		const target = event.target as Element;
		const precise = target.getAttribute?.("data-value");
		const id = event.buttons ? null : meant(event);
		svg.classList.toggle("over", id !== null);
		options.onHover?.(id);
		// Only what the drawing rounds is told in full.
		const full = precise?.replaceAll("-", "−") ?? "";
		tip.hidden = !precise || full === target.textContent || event.buttons > 0;
		if (tip.hidden) return;
		tip.textContent = full;
		const { left, top } = host.getBoundingClientRect();
		tip.style.left = `${event.clientX - left + 12}px`;
		tip.style.top = `${event.clientY - top - 32}px`;
	};
	const onLeave = () => {
		tip.hidden = true;
		options.onHover?.(null);
	};
	const STEPS: ReadonlyMap<string, Step> = new Map([
		["ArrowRight", "with"],
		["ArrowLeft", "against"],
		["ArrowUp", "before"],
		["ArrowDown", "after"],
	]);
	const DOWNWARDS: ReadonlyMap<string, Step> = new Map([
		["ArrowDown", "with"],
		["ArrowUp", "against"],
		["ArrowLeft", "before"],
		["ArrowRight", "after"],
	]);
	const onKey = (event: KeyboardEvent) => {
		if (!answer || event.ctrlKey || event.metaKey || event.altKey) return;
		const closing = closerAt(event);
		if (closing !== null && (event.key === "Enter" || event.key === " ")) {
			event.preventDefault();
			options.onToggle?.(closing);
			return;
		}
		const step = (direction === "right" ? STEPS : DOWNWARDS).get(event.key);
		const node = selected === null ? undefined : nodes.get(selected);
		const wire = selected === null ? undefined : edges.get(selected);
		if (step) {
			event.preventDefault();
			let next: string | null | undefined;
			const along = step === "with" || step === "against";
			// With Shift a step stops at the wire.
			if (node && along && event.shiftKey) next = wireOf(answer, node.id, step, direction)?.id;
			else if (node) next = neighbour(answer, node.id, step, direction);
			else if (wire) next = step === "with" ? wire.target : along ? wire.source : wireBeside(answer, wire, step).id;
			else next = answer.nodes[0]?.id;
			if (next) {
				options.onSelect?.(next);
				circuit.show(next);
				focus(next);
			}
		} else if ((event.key === "Enter" || event.key === " ") && node?.kind === "group") {
			event.preventDefault();
			options.onToggle?.(node.id);
		} else if (event.key === "Escape" && selected !== null) {
			event.preventDefault();
			options.onSelect?.(null);
			svg.focus();
		}
	};
	const onFocus = (event: FocusEvent) => {
		const id = (event.target as Element).getAttribute("data-node");
		if (id && id !== selected && (event.target as Element).matches(":focus-visible")) options.onSelect?.(id);
	};
	function focus(id: string): void {
		const element = groups.get(id);
		(element as SVGElement | undefined)?.focus({ preventScroll: true });
	}
	svg.addEventListener("click", onClick);
	svg.addEventListener("dblclick", onDoubleClick);
	svg.addEventListener("pointermove", onMove);
	svg.addEventListener("pointerleave", onLeave);
	svg.addEventListener("keydown", onKey);
	svg.addEventListener("focusin", onFocus);

	function index(): void {
		const found = new Map<string, Element>();
		for (const element of viewport.querySelectorAll("[data-node], [data-edge]")) {
			const id = element.getAttribute("data-node") ?? element.getAttribute("data-edge");
			if (id !== null) found.set(id, element);
		}
		groups = found;
		texts.clear();
		for (const closer of viewport.querySelectorAll(".close[data-group]")) {
			closer.setAttribute("role", "button");
			closer.setAttribute("tabindex", "0");
			closer.setAttribute("aria-label", `Close ${closer.getAttribute("data-group")}`);
		}
		for (const [id, element] of found) {
			if (!nodes.has(id) && !edges.has(id)) continue;
			element.setAttribute("role", "img");
			element.setAttribute("tabindex", "-1");
			rename(id);
		}
	}
	/** Says what a node is to who does not see it, with the numbers of this moment, without those to be found. */
	function rename(id: string): void {
		const hidden = flags.get("blank")?.has(id) ?? false;
		const element = groups.get(id);
		const [node, edge] = [nodes.get(id), edges.get(id)];
		const name = node
			? `${node.kind === "op" ? `${node.op} ${node.names.join(", ")}`.trim() : `${node.kind} ${node.label}`}`
			: edge
				? `wire from ${nodes.get(edge.source)?.label} to ${nodes.get(edge.target)?.label}`
				: null;
		if (!element || name === null) return;
		const value = painted?.values.get(id) ?? painted?.edgeValues.get(id) ?? (node ?? edge)?.value ?? null;
		const grad = painted?.grads.get(id) ?? painted?.edgeGrads.get(id) ?? (node ?? edge)?.grad ?? null;
		element.setAttribute("aria-label", spoken(name, value, hidden || node?.kind === "constant" ? undefined : grad));
	}
	/** On a canvas only what is chosen or pointed at is an element, and the frames, which can be closed. */
	function overlay(): void {
		if (!scene) return;
		const wanted = new Set([
			...(flags.get("lit") ?? NOTHING),
			...(flags.get("current") ?? NOTHING),
			...(selected === null ? [] : [selected]),
		]);
		const frames = scene.marks.filter(({ key }) => key.startsWith("frame:")).slice(0, FRAMES);
		const marks = [...wanted].slice(0, LARGE).flatMap((id) => byOwner().get(id) ?? []);
		for (const { element, attribute, to } of join(viewport, [...frames, ...marks])) element.setAttribute(attribute, to);
		index();
		reflag();
		if (painted) paintGroups(painted, () => []);
	}
	const owners = new WeakMap<Scene, ReadonlyMap<string, Mark>>();
	function byOwner(): ReadonlyMap<string, Mark> {
		if (!scene) return new Map();
		let found = owners.get(scene);
		if (!found) {
			found = new Map(
				scene.marks.flatMap((mark) => {
					const id = mark.attributes?.["data-node"] ?? mark.attributes?.["data-edge"];
					return id === undefined ? [] : [[String(id), mark] as const];
				}),
			);
			owners.set(scene, found);
		}
		return found;
	}
	function reflag(): void {
		for (const [name, ids] of flags) for (const [id, element] of groups) element.classList.toggle(name, ids.has(id));
		choose();
	}
	function choose(): void {
		for (const [id, element] of groups) {
			const chosen = id === selected;
			if (element.classList.contains("selected") === chosen) continue;
			element.classList.toggle("selected", chosen);
			if (chosen) element.setAttribute("aria-current", "true");
			else element.removeAttribute("aria-current");
			if (chosen) rename(id);
		}
	}

	/** Paints the numbers of what is in sight at once, and of the rest when there is time. */
	function paintGroups(numbers: Numbers, parts: (node: string) => readonly number[], everywhere = false): void {
		arrive(svg);
		clearTimeout(later);
		const all = everywhere || groups.size < FEW;
		const { k, x, y } = zoomTransform(svg);
		const { width, height } = area();
		const [left, top, right, bottom] = [-x / k, -y / k, (width - x) / k, (height - y) / k];
		const far = svg.classList.contains("far");
		for (const [id, element] of groups) {
			const shown = nodes.get(id) ?? edges.get(id);
			if (!shown) continue;
			if (!all) {
				const { value_box, grad_box, sum_box } = shown as Boxes;
				const box = value_box ?? grad_box ?? sum_box;
				if (
					far ||
					!box ||
					box.x > right ||
					box.y > bottom + 40 ||
					box.x + box.width < left ||
					box.y + box.height < top - 40
				)
					continue;
			}
			let own = texts.get(id);
			if (!own) {
				own = textsOf(element);
				texts.set(id, own);
			}
			const figure = nodes.has(id)
				? { value: numbers.values.get(id) ?? null, grad: numbers.grads.get(id) ?? null, parts: parts(id) }
				: { value: numbers.edgeValues.get(id) ?? null, grad: numbers.edgeGrads.get(id) ?? null, parts: [] };
			paintTexts(own, figure, shown as Boxes);
		}
		if (!all) later = setTimeout(() => paintGroups(numbers, parts, true), AFTERWARDS);
	}

	const circuit: Circuit = {
		svg,
		draw(next, way) {
			if (!next.scene && !next.bounds) return;
			const first = scene === null;
			const before = scene;
			answer = next;
			scene = next.scene ?? plainScene(next, way);
			direction = way;
			painted = null;
			nodes = new Map(next.nodes.map((node) => [node.id, node]));
			edges = new Map(next.edges.map((edge) => [edge.id, edge]));
			const large = next.nodes.length > LARGE;
			if (large) {
				easel ??= createEasel(host);
				easel.show(scene);
			} else if (easel) {
				easel.dispose();
				easel = null;
			}
			options.onLarge?.(large);
			if (large) overlay();
			else {
				const marks = bare(scene.marks);
				if (adopting) adopt(viewport, marks);
				arrive(svg);
				travel(svg, join(viewport, marks));
				index();
			}
			adopting = false;
			reflag();
			if (flowing) circuit.flow(flowing);
			const moved =
				before &&
				["x", "y", "width", "height"].some((side) => before[side as keyof Box] !== scene?.[side as keyof Box]);
			if (first || (!held && moved)) go(fitted(), first);
			sketch();
			tell();
		},
		paint(numbers, parts = () => []) {
			if (!answer) return;
			painted = numbers;
			if (selected !== null) rename(selected);
			sketch();
			paintGroups(numbers, parts);
			if (flowing) circuit.flow(numbers);
		},
		select(id) {
			selected = id;
			if (easel) overlay();
			choose();
		},
		mark(name, ids) {
			const before = flags.get(name) ?? NOTHING;
			flags.set(name, ids);
			if (easel) {
				if (name === "lit" || name === "current") overlay();
				sketch();
			}
			for (const id of before) if (!ids.has(id)) groups.get(id)?.classList.remove(name);
			for (const id of ids) groups.get(id)?.classList.add(name);
			if (name === "blank") for (const id of new Set([...before, ...ids])) rename(id);
		},
		flow(numbers) {
			flowing = numbers;
			svg.classList.toggle("flowing", numbers !== null);
			for (const [id, element] of groups) {
				const edge = edges.get(id);
				const grad = numbers && (edge ? numbers.edgeGrads.get(id) : numbers.grads.get(id));
				// What passes none by rule is dashed already.
				const blocked = element.classList.contains("blocked");
				const found = numbers && strength(blocked ? null : (grad ?? null));
				for (const path of element.querySelectorAll<SVGPathElement>("path.line, path.main, path.flow")) {
					path.style.strokeWidth = found ? found.width.toFixed(2) : "";
					path.style.strokeOpacity = found ? found.opacity.toFixed(2) : "";
				}
				const [kind, before] = [found?.kind ?? "usual", element.getAttribute("data-flow")];
				element.setAttribute("data-flow", kind);
				const sign = found && edge ? SIGNS[found.kind] : undefined;
				const standing = element.querySelector(":scope > .sign-of-flow");
				if (standing && kind === before) continue;
				standing?.remove();
				if (sign && edge) element.append(badge(edge, sign));
			}
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
		show(id) {
			const node = nodes.get(id) ?? nodes.get(edges.get(id)?.source ?? "");
			if (!node) return;
			const { k, x, y } = zoomTransform(svg);
			const { width, height } = area();
			const [cx, cy] = middleOf(node);
			const [sx, sy] = [cx * k + x, cy * k + y];
			if (sx > 24 && sy > 24 && sx < width - 24 && sy < height - 24 && k > 0.3) return;
			held = true;
			const scale = Math.max(k, 0.7);
			go(zoomIdentity.translate(width / 2 - scale * cx, height / 2 - scale * cy).scale(scale));
		},
		onView(f) {
			viewers.add(f);
			tell();
			return () => viewers.delete(f);
		},
		look([x, y]) {
			held = true;
			root.call(behaviour.translateTo, x, y);
		},
		dispose() {
			sized.disconnect();
			cancelAnimationFrame(frame);
			clearTimeout(later);
			easel?.dispose();
			svg.remove();
			tip.remove();
		},
	};
	return circuit;
}

/** The marks without those that speak for the file alone. */
const bare = (marks: readonly Mark[]): readonly Mark[] => marks.filter(({ tag }) => tag !== "title" && tag !== "desc");

/** What a screen reader says of a node or a wire; a gradient that is undefined is not told. */
function spoken(name: string, value: Value | null, grad: Value | null | undefined): string {
	const say = (x: Value | null) =>
		x === null ? "none" : isTensor(x) ? `of shape ${x.shape.join(" by ")}` : numberText(exact(x));
	return `${name}: value ${say(value)}${grad === undefined ? "" : `, gradient ${say(grad)}`}`;
}
