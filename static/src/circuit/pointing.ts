/** What a reader points at, clicks and steps to with the arrow keys. */

import type { Answer, GraphEdge, GraphNode } from "../api.types";
import type { Dispose } from "../store";
import { edgeNear, neighbour, nodeAt, type Step, wireBeside, wireOf } from "./geometry";
import type { View } from "./view";

export interface Pointed {
	readonly onSelect?: (id: string | null) => void;
	/** A group is to be opened or closed. */
	readonly onToggle?: (group: string) => void;
	readonly onHover?: (id: string | null) => void;
}
/** What is drawn at this moment. */
export interface Drawn {
	readonly answer: Answer | null;
	readonly nodes: ReadonlyMap<string, GraphNode>;
	readonly edges: ReadonlyMap<string, GraphEdge>;
	readonly direction: "right" | "down";
	readonly selected: string | null;
	/** Whether the nodes are on a canvas, and no elements. */
	readonly painted: boolean;
}

/** px on the screen around a wire in which a click means it. */
const REACH = 9;

const STEPS: Readonly<Record<Drawn["direction"], ReadonlyMap<string, Step>>> = {
	right: new Map([
		["ArrowRight", "with"],
		["ArrowLeft", "against"],
		["ArrowUp", "before"],
		["ArrowDown", "after"],
	]),
	down: new Map([
		["ArrowDown", "with"],
		["ArrowUp", "against"],
		["ArrowLeft", "before"],
		["ArrowRight", "after"],
	]),
};

const closerAt = (event: Event): string | null =>
	(event.target as Element).closest?.(".close")?.getAttribute("data-group") ?? null;
const groupAt = (event: Event): string | null =>
	(event.target as Element).closest?.("[data-group]")?.getAttribute("data-group") ?? null;

/** `reached` brings what an arrow key led to into sight, and gives it the focus. */
export function listenTo(
	host: HTMLElement,
	svg: SVGSVGElement,
	view: View,
	drawn: () => Drawn,
	{ onSelect, onToggle, onHover }: Pointed,
	reached: (id: string) => void,
): { readonly hideTip: () => void; readonly dispose: Dispose } {
	const tip = document.createElement("div");
	tip.className = "tip";
	tip.hidden = true;
	host.append(tip);

	/** The id of the node or wire that an event means. */
	function meant(event: MouseEvent): string | null {
		const element = (event.target as Element).closest?.("[data-node], [data-edge]");
		const id = element?.getAttribute("data-node") ?? element?.getAttribute("data-edge");
		const { answer, painted } = drawn();
		if (id || !answer) return id ?? null;
		const place = view.place(event);
		if (painted) {
			const node = nodeAt(answer, place);
			// Every wire is looked at for a click, not for each move of the pointer.
			if (node !== null || event.type === "pointermove") return node;
		}
		return edgeNear(answer, place, REACH / view.now().k)?.id ?? null;
	}
	const onClick = (event: MouseEvent) => {
		const closing = closerAt(event);
		if (closing !== null) return onToggle?.(closing);
		onSelect?.(meant(event));
	};
	const onDoubleClick = (event: MouseEvent) => {
		const node = drawn().nodes.get(meant(event) ?? "");
		const group = node ? (node.kind === "group" ? node.id : null) : groupAt(event);
		if (group) onToggle?.(group);
	};
	const onMove = (event: MouseEvent) => {
		const target = event.target as Element;
		const precise = target.getAttribute?.("data-value");
		const id = event.buttons ? null : meant(event);
		svg.classList.toggle("over", id !== null);
		onHover?.(id);
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
		onHover?.(null);
	};
	/** Where a step leads from what is chosen; with Shift it stops at the wire. */
	function next(step: Step, byWire: boolean): string | null | undefined {
		const { answer, nodes, edges, direction, selected } = drawn();
		if (!answer) return null;
		const node = nodes.get(selected ?? "");
		const wire = edges.get(selected ?? "");
		const along = step === "with" || step === "against";
		if (node && along && byWire) return wireOf(answer, node.id, step, direction)?.id;
		if (node) return neighbour(answer, node.id, step, direction);
		if (!wire) return answer.nodes[0]?.id;
		return along ? (step === "with" ? wire.target : wire.source) : wireBeside(answer, wire, step).id;
	}
	const onKey = (event: KeyboardEvent) => {
		const { answer, nodes, direction, selected } = drawn();
		if (!answer || event.ctrlKey || event.metaKey || event.altKey) return;
		const closing = closerAt(event);
		const presses = event.key === "Enter" || event.key === " ";
		const step = STEPS[direction].get(event.key);
		const node = nodes.get(selected ?? "");
		if (closing !== null && presses) onToggle?.(closing);
		else if (step) {
			const id = next(step, event.shiftKey);
			if (id) {
				onSelect?.(id);
				reached(id);
			}
		} else if (presses && node?.kind === "group") onToggle?.(node.id);
		else if (event.key === "Escape" && selected !== null) {
			onSelect?.(null);
			svg.focus();
		} else return;
		event.preventDefault();
	};
	const onFocus = (event: FocusEvent) => {
		const id = (event.target as Element).getAttribute("data-node");
		if (id && id !== drawn().selected && (event.target as Element).matches(":focus-visible")) onSelect?.(id);
	};
	svg.addEventListener("click", onClick);
	svg.addEventListener("dblclick", onDoubleClick);
	svg.addEventListener("pointermove", onMove);
	svg.addEventListener("pointerleave", onLeave);
	svg.addEventListener("keydown", onKey);
	svg.addEventListener("focusin", onFocus);
	return {
		hideTip() {
			tip.hidden = true;
		},
		dispose: () => tip.remove(),
	};
}
