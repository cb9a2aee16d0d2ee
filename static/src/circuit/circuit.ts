/** A circuit on the page: the scene's elements, kept; its nodes and wires to be chosen and marked, its numbers repainted. */

import type { Answer, Box, GraphEdge, GraphNode, Mark, Scene } from "../api.types";
import type { Dispose } from "../store";
import { isTensor, type Numbers, size } from "../values";
import { createEasel, type Easel } from "./canvas";
import { type Boxes, paintTexts, type Texts, textsOf } from "./figures";
import { middleOf } from "./geometry";
import { badge, badgePlace, SIGNS, strength } from "./gradients";
import { adopt, join } from "./join";
import { LARGE, plainScene } from "./plain";
import { listenTo, type Pointed } from "./pointing";
import { spokenEdge, spokenNode } from "./spoken";
import { arrive, settle, travel } from "./travel";
import { createView } from "./view";

export interface CircuitOptions extends Pointed {
	/** The server's own picture of `scene`, to go on with. */
	readonly adopted?: SVGSVGElement;
	readonly label: string;
	/** `gently`: the wheel zooms only with Ctrl, for a circuit in a page that scrolls. */
	readonly wheel?: "freely" | "gently";
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

/** Up to this many nodes and wires all numbers are painted in every frame. */
const FEW = 260;
/** The scale below which numbers are too small to be read. */
const FAR = 0.3;
/** ms after which the numbers out of sight follow. */
const AFTERWARDS = 90;
/** ms of rest after which a document that was too much to move is shown again. */
const REST = 110;
/** Frames that stay elements all the same. */
const FRAMES = 200;
const NOTHING: ReadonlySet<string> = new Set();

export function mountCircuit(host: HTMLElement, options: CircuitOptions): Circuit {
	const { svg, viewport } = taken(host, options);
	let answer: Answer | null = null;
	let scene: Scene | null = null;
	let adopting = options.adopted !== undefined;
	let direction: "right" | "down" = "right";
	let selected: string | null = null;
	let nodes: ReadonlyMap<string, GraphNode> = new Map();
	let edges: ReadonlyMap<string, GraphEdge> = new Map();
	let fan: ReadonlyMap<string, GraphEdge[]> = new Map();
	let groups: ReadonlyMap<string, Element> = new Map();
	const flags = new Map<Flag, ReadonlySet<string>>();
	let flowing: Numbers | null = null;
	/** Where there are too many nodes for a document: then the SVG holds only what is chosen or pointed at. */
	let easel: Easel | null = null;
	/** Of a circuit that is a document: what stands in for it while it is seen from far and moves. */
	let standing: Easel | null = null;
	let rested: ReturnType<typeof setTimeout> | undefined;
	let painted: Numbers | null = null;
	const texts = new Map<string, Texts>();
	let later: ReturnType<typeof setTimeout> | undefined;

	const view = createView(
		host,
		svg,
		options.wheel ?? "freely",
		(transform) => {
			viewport.setAttribute("transform", transform.toString());
			svg.classList.toggle("far", transform.k < FAR && groups.size > FEW);
			pointing.hideTip();
			easel?.look(transform);
			if (svg.classList.contains("far") && !easel) standIn();
		},
		() => easel?.resize(),
	);
	const pointing = listenTo(
		host,
		svg,
		view,
		() => ({ answer, nodes, edges, direction, selected, painted: easel !== null }),
		options,
		(id) => {
			circuit.show(id);
			(groups.get(id) as SVGElement | undefined)?.focus({ preventScroll: true });
		},
	);

	/** Shows a canvas in the document's place until the view rests: hundreds of elements are late for a frame. */
	function standIn(): void {
		if (!scene) return;
		if (!standing) {
			standing = createEasel(host);
			standing.show(scene);
			sketch();
		}
		standing.look(view.now());
		svg.classList.add("moving");
		clearTimeout(rested);
		rested = setTimeout(rest, REST);
	}
	function rest(): void {
		clearTimeout(rested);
		svg.classList.remove("moving");
		standing?.dispose();
		standing = null;
	}
	function sketch(): void {
		(easel ?? standing)?.paint({
			numbers: painted,
			unseen: (kind, id) => (kind === "value" ? (flags.get("ahead-value")?.has(id) ?? false) : unknown(id)),
			flow: flowing && (painted ?? flowing),
			badgeOf: (id) => {
				const edge = edges.get(id);
				return edge ? badgePlace(edge) : null;
			},
		});
	}
	/** Whether a gradient is not to be seen: it lies ahead, or is the reader's to find. */
	function unknown(id: string): boolean {
		return (flags.get("ahead-grad")?.has(id) ?? false) || (flags.get("blank")?.has(id) ?? false);
	}
	function flowOf(id: string, element: Element): void {
		flowThrough(element, edges.get(id), id, flowing, unknown(id));
	}
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
	/** Says what a node or a wire is, with the numbers of this moment, without those to be found. */
	function rename(id: string): void {
		const hidden = flags.get("blank")?.has(id) ?? false;
		const [node, edge] = [nodes.get(id), edges.get(id)];
		const said = node
			? spokenNode(node, painted, hidden)
			: edge && spokenEdge(edge, [nodes.get(edge.source)?.label, nodes.get(edge.target)?.label], painted, hidden);
		if (said) groups.get(id)?.setAttribute("aria-label", said);
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

	/** The norms of what comes back to a tensor's node, at the output the seed's last. */
	function norms(node: string, numbers: Numbers): number[] {
		const parts = (fan.get(node) ?? []).map((edge) => {
			const passes = !groups.get(edge.id)?.classList.contains("blocked");
			return passes && nodes.get(edge.target)?.reached !== false ? size(numbers.edgeGrads.get(edge.id)) : null;
		});
		if (answer?.output?.node === node) parts.push(size(answer.output.seed));
		return parts.filter((part) => part !== null);
	}

	/** Paints the numbers of what is in sight at once, and of the rest when there is time. */
	function paintGroups(numbers: Numbers, parts: (node: string) => readonly number[], everywhere = false): void {
		arrive(svg);
		clearTimeout(later);
		const all = everywhere || groups.size < FEW;
		const sight = view.sight();
		const far = svg.classList.contains("far");
		for (const [id, element] of groups) {
			const shown = nodes.get(id) ?? edges.get(id);
			if (!shown || (!all && (far || !inSight(shown as Boxes, sight)))) continue;
			let own = texts.get(id);
			if (!own) {
				own = textsOf(element);
				texts.set(id, own);
			}
			const grad = numbers.grads.get(id) ?? null;
			const figure = nodes.has(id)
				? { value: numbers.values.get(id) ?? null, grad, parts: isTensor(grad) ? norms(id, numbers) : parts(id) }
				: { value: numbers.edgeValues.get(id) ?? null, grad: numbers.edgeGrads.get(id) ?? null, parts: [] };
			paintTexts(own, figure, shown as Boxes);
		}
		if (!all) later = setTimeout(() => paintGroups(numbers, parts, true), AFTERWARDS);
	}

	const circuit: Circuit = {
		svg,
		draw(next, way) {
			if (!next.scene && !next.bounds) return;
			rest();
			answer = next;
			scene = next.scene ?? plainScene(next, way);
			// Between rightwards and down there is no picture that could be read.
			const move = way === direction ? travel : settle;
			direction = way;
			painted = null;
			nodes = new Map(next.nodes.map((node) => [node.id, node]));
			edges = new Map(next.edges.map((edge) => [edge.id, edge]));
			fan = new Map(next.nodes.map((node) => [node.id, []]));
			for (const edge of next.edges) fan.get(edge.source)?.push(edge);
			const large = next.nodes.length > LARGE;
			if (large) {
				easel ??= createEasel(host);
				easel.show(scene);
				easel.look(view.now());
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
				move(svg, join(viewport, marks));
				index();
			}
			adopting = false;
			reflag();
			if (flowing) circuit.flow(flowing);
			view.lay(scene, way);
			sketch();
		},
		paint(numbers, parts = () => []) {
			if (!answer) return;
			painted = numbers;
			if (selected !== null) rename(selected);
			paintGroups(numbers, parts);
			if (flowing) circuit.flow(numbers);
			else sketch();
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
				else sketch();
			}
			for (const id of before) if (!ids.has(id)) groups.get(id)?.classList.remove(name);
			for (const id of ids) groups.get(id)?.classList.add(name);
			if (name !== "blank" && name !== "ahead-grad") return;
			for (const id of new Set([...before, ...ids])) {
				const element = groups.get(id);
				if (name === "blank") rename(id);
				if (flowing && element && before.has(id) !== ids.has(id)) flowOf(id, element);
			}
		},
		flow(numbers) {
			flowing = numbers;
			svg.classList.toggle("flowing", numbers !== null);
			for (const [id, element] of groups) flowOf(id, element);
			sketch();
		},
		fit: view.fit,
		zoomBy: view.zoomBy,
		show(id) {
			const node = nodes.get(id) ?? nodes.get(edges.get(id)?.source ?? "");
			if (node) view.show(middleOf(node));
		},
		onView: view.watch,
		look: view.look,
		dispose() {
			view.dispose();
			rest();
			clearTimeout(later);
			easel?.dispose();
			pointing.dispose();
			svg.remove();
		},
	};
	return circuit;
}

/** The element that the circuit lives in: the server's own, its marks gathered into a group that moves with the view. */
function taken(
	host: HTMLElement,
	{ adopted, label }: CircuitOptions,
): { readonly svg: SVGSVGElement; readonly viewport: SVGGElement } {
	const svg = adopted ?? document.createElementNS("http://www.w3.org/2000/svg", "svg");
	svg.classList.add("circuit", "live");
	const viewport = document.createElementNS("http://www.w3.org/2000/svg", "g");
	viewport.setAttribute("class", "viewport");
	const words = new Set(["title", "desc", "metadata", "style", "defs"]);
	viewport.append(...[...svg.children].filter((child) => !words.has(child.localName)));
	// What they say in words is true of the first numbers alone; the nodes say their own.
	for (const child of svg.querySelectorAll(":scope > title, :scope > desc")) child.remove();
	svg.append(viewport);
	for (const name of ["viewBox", "width", "height", "role", "aria-labelledby"]) svg.removeAttribute(name);
	svg.setAttribute("role", "group");
	svg.setAttribute("aria-label", label);
	svg.setAttribute("tabindex", "0");
	if (svg.parentElement !== host) host.append(svg);
	return { svg, viewport };
}

/** Draws one element's wire by its gradient; as usual where there are no numbers, and bare where it is `unknown`. */
function flowThrough(
	element: Element,
	edge: GraphEdge | undefined,
	id: string,
	numbers: Numbers | null,
	unknown: boolean,
): void {
	const grad = numbers && (edge ? numbers.edgeGrads.get(id) : numbers.grads.get(id));
	// What passes none by rule is dashed already.
	const untold = unknown || element.classList.contains("blocked");
	const found = numbers && strength(untold ? null : (grad ?? null));
	for (const path of element.querySelectorAll<SVGPathElement>("path.line, path.main, path.flow")) {
		path.style.strokeWidth = found ? found.width.toFixed(2) : "";
		path.style.strokeOpacity = found ? found.opacity.toFixed(2) : "";
	}
	const [kind, before] = [found?.kind ?? "usual", element.getAttribute("data-flow")];
	element.setAttribute("data-flow", kind);
	const sign = found && edge ? SIGNS[found.kind] : undefined;
	const standing = element.querySelector(":scope > .sign-of-flow");
	if (standing && kind === before) return;
	standing?.remove();
	if (sign && edge) element.append(badge(edge, sign));
}

/** Whether some of the texts are in sight, or about to be. */
function inSight({ value_box, grad_box, sum_box }: Boxes, sight: Box): boolean {
	const box = value_box ?? grad_box ?? sum_box;
	return (
		box !== null &&
		box !== undefined &&
		box.x <= sight.x + sight.width &&
		box.y <= sight.y + sight.height + 40 &&
		box.x + box.width >= sight.x &&
		box.y + box.height >= sight.y - 40
	);
}

/** The marks without those that speak for the file alone. */
const bare = (marks: readonly Mark[]): readonly Mark[] => marks.filter(({ tag }) => tag !== "title" && tag !== "desc");
