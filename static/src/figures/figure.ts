/** A circuit in running text made live: the server's picture goes on, its inputs become sliders, a panel stands below. */

import type { Answer } from "../api.types";
import { type Circuit, mountCircuit } from "../circuit/circuit";
import { createHistory } from "../history";
import { mountInputs } from "../inputs";
import { keepLive, type Live } from "../live";
import { remembered } from "../look";
import { createPlayground, DOCUMENT_KEYS, documentOf, type Playground } from "../model";
import { PANELS } from "../panels/index";
import { openPanel } from "../panels/open";
import { addressOf, documentFrom } from "../state";

export interface Figure {
	readonly store: Playground;
	readonly circuit: Circuit;
	readonly live: Live;
}

export interface Places {
	/** Holds the server's picture, and then the live one. */
	readonly drawing: HTMLElement;
	readonly inputs?: HTMLElement | null;
	readonly panel?: HTMLElement | null;
	readonly transport?: HTMLElement | null;
	readonly practice?: HTMLElement | null;
	/** Tells why the gradient of what is chosen is what it is; not there while nothing is. */
	readonly why?: HTMLElement | null;
	/** The link that opens the circuit as the reader left it. */
	readonly open?: HTMLAnchorElement | null;
	/** What the picture is called. */
	readonly label: string;
	/** px; as high as its picture up to this, or as high as its place. */
	readonly highest?: number;
}

/** px around a picture, as `mountCircuit` leaves them. */
const PADDING = 28;

export function mountFigure(state: Readonly<Record<string, unknown>>, places: Places): Figure {
	const begun = documentFrom(state);
	const store = createPlayground(begun);
	store.update(remembered());
	const history = createHistory(store);
	const { drawing } = places;
	const adopted = drawing.querySelector<SVGSVGElement>("svg.circuit");
	const height = sizing(store, drawing, adopted, places.highest);

	const toggle = (group: string) => {
		const { groups } = store.peek().answer;
		const closed = new Set(groups.filter((each) => each.collapsed).map(({ id }) => id));
		if (!closed.delete(group)) closed.add(group);
		history.change({ collapse: [...closed] }, `toggle ${group}`);
	};
	const circuit = mountCircuit(drawing, {
		...(adopted ? { adopted } : {}),
		label: places.label,
		wheel: "gently",
		onSelect: (id) => store.update({ selected: id }),
		onToggle: toggle,
	});
	const live = keepLive(store);
	let drawn: Answer | null = null;
	store.watch(["answer", "numbers"], ({ answer, numbers }) => {
		if (answer.nodes.length === 0) return;
		if (answer !== drawn) {
			drawn = answer;
			height();
			circuit.draw(answer, store.peek().direction);
			if (places.inputs && !places.inputs.dataset.live) {
				places.inputs.dataset.live = "true";
				mountInputs(places.inputs, store, history);
			}
		} else circuit.paint(numbers, (node) => live.replay()?.parts(node) ?? []);
	});
	store.watch(["selected"], ({ selected }) => circuit.select(selected));
	store.watch(["lit"], ({ lit }) => circuit.mark("lit", lit));
	store.watch(["said"], ({ said }) => {
		const spoken = document.getElementById("spoken");
		if (spoken && said) spoken.textContent = said;
	});
	if (places.transport && begun.step !== null)
		void import("../transport").then(({ mountTransport }) => {
			if (places.transport) mountTransport(places.transport, store, circuit);
		});
	if (places.panel && begun.panel) open(places.panel, begun.panel, { store, circuit, live });
	if (places.why) tellWhy(places.why, store, live, toggle);
	if (places.open) keepAddress(store, places.open);
	// What is to be found is hidden before there are numbers.
	if (places.practice && begun.practice)
		void import("../practice/practice").then(({ mountPractice }) => {
			if (places.practice) mountPractice(places.practice, store, circuit);
			live.ask();
		});
	else live.ask();
	return { store, circuit, live };
}

/** Keeps the place as high as the picture is at its own size, or as small as the column makes it. */
function sizing(store: Playground, drawing: HTMLElement, adopted: SVGSVGElement | null, highest?: number): () => void {
	if (highest === undefined) return () => {};
	const natural = adopted
		? { width: Number(adopted.getAttribute("width")), height: Number(adopted.getAttribute("height")) }
		: null;
	const resize = () => {
		const size = store.peek().answer.scene ?? natural;
		if (!size?.width) return;
		const room = Math.min(PADDING, drawing.clientWidth / 20);
		const scale = Math.min(1, (drawing.clientWidth - 2 * room) / size.width);
		drawing.style.height = `${Math.min(highest, Math.ceil(size.height * scale + 2 * room))}px`;
	};
	resize();
	let width = drawing.clientWidth;
	new ResizeObserver(() => {
		if (drawing.clientWidth === width) return;
		width = drawing.clientWidth;
		resize();
	}).observe(drawing);
	return resize;
}

/** One of the playground's panels, below the circuit. */
function open(root: HTMLElement, id: string, figure: Figure): void {
	const entry = PANELS.find((each) => each.id === id);
	if (entry) openPanel(entry, root, figure.store, figure);
}

/** The inspector, fetched when something is first chosen. */
function tellWhy(root: HTMLElement, store: Playground, live: Live, toggle: (group: string) => void): void {
	let mounted = false;
	store.watch(["selected", "practice"], async ({ selected, practice }) => {
		root.hidden = selected === null || practice;
		if (root.hidden || mounted) return;
		mounted = true;
		const { mountInspector } = await import("../inspector/inspector");
		const host = document.createElement("div");
		root.append(host);
		mountInspector(host, store, live, toggle);
	});
}

/** Keeps the link to the playground true to what the reader changed. */
function keepAddress(store: Playground, link: HTMLAnchorElement): void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	store.watch(DOCUMENT_KEYS, () => {
		clearTimeout(timer);
		timer = setTimeout(async () => {
			link.href = await addressOf({ ...documentOf(store.peek()), hide: [] });
		}, 120);
	});
}
