/** A minimap of a circuit that does not fit: its nodes as dots, the part in view as a box to drag. */

import type { Box } from "../api.types";
import type { Playground } from "../model";
import { type Dispose, together } from "../store";
import type { Circuit } from "./circuit";

const WIDTH = 168;
const HEIGHT = 110;
/** px; a long strip is drawn as thick as this, so that it can be seen and taken hold of. */
const LEAST = 22;

export function mountMinimap(host: HTMLElement, store: Playground, circuit: Circuit): Dispose {
	const canvas = document.createElement("canvas");
	canvas.className = "minimap";
	canvas.hidden = true;
	canvas.setAttribute("aria-hidden", "true");
	host.append(canvas);
	let view: Box = { x: 0, y: 0, width: 1, height: 1 };
	let whole: Box = view;

	const scale = (): readonly [number, number] => {
		const k = Math.min(WIDTH / whole.width, HEIGHT / whole.height);
		return [Math.max(k, LEAST / whole.width), Math.max(k, LEAST / whole.height)];
	};
	/** The nodes as dots; painted once for each drawing, for the view moves in every frame. */
	let dots: { readonly canvas: HTMLCanvasElement; readonly of: readonly unknown[] } | null = null;
	function dotted(width: number, height: number, colour: string): HTMLCanvasElement {
		const { nodes } = store.peek().answer;
		const of = [nodes, whole, width, height, colour];
		if (dots?.of.every((each, i) => each === of[i])) return dots.canvas;
		const fresh = document.createElement("canvas");
		fresh.width = width;
		fresh.height = height;
		const context = fresh.getContext("2d");
		if (context) {
			const [kx, ky] = [width / whole.width, height / whole.height];
			context.scale(kx, ky);
			context.translate(-whole.x, -whole.y);
			context.fillStyle = colour;
			for (const node of nodes)
				if (node.x !== undefined && node.y !== undefined)
					context.fillRect(node.x, node.y, node.width ?? 8, node.height ?? 8);
		}
		dots = { canvas: fresh, of };
		return fresh;
	}
	function paint(): void {
		const hidden = view.width >= whole.width * 0.98 && view.height >= whole.height * 0.98;
		canvas.hidden = hidden || store.peek().answer.nodes.length < 4;
		if (canvas.hidden) return;
		const [kx, ky] = scale();
		const pixels = devicePixelRatio || 1;
		canvas.width = Math.ceil(whole.width * kx * pixels);
		canvas.height = Math.ceil(whole.height * ky * pixels);
		canvas.style.width = `${whole.width * kx}px`;
		canvas.style.height = `${whole.height * ky}px`;
		const context = canvas.getContext("2d");
		if (!context) return;
		const style = getComputedStyle(canvas);
		context.drawImage(dotted(canvas.width, canvas.height, style.getPropertyValue("--line")), 0, 0);
		context.scale(kx * pixels, ky * pixels);
		context.translate(-whole.x, -whole.y);
		context.strokeStyle = style.getPropertyValue("--accent");
		context.lineWidth = 1.5 * pixels;
		context.beginPath();
		context.rect(view.x, view.y, view.width, view.height);
		context.setTransform(1, 0, 0, 1, 0, 0);
		context.stroke();
	}
	const look = (event: PointerEvent) => {
		if (event.type === "pointermove" && !event.buttons) return;
		const { left, top } = canvas.getBoundingClientRect();
		const [kx, ky] = scale();
		circuit.look([whole.x + (event.clientX - left) / kx, whole.y + (event.clientY - top) / ky]);
	};
	canvas.addEventListener("pointerdown", look);
	canvas.addEventListener("pointermove", look);
	return together(
		circuit.onView((now, all) => {
			view = now;
			whole = all;
			paint();
		}),
		store.watch(["answer", "theme"], paint),
		() => canvas.remove(),
	);
}
