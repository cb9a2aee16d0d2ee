/** A function of two inputs as a heat map on a canvas: blue below zero, amber above, the present point marked. */

export interface HeatPlot {
	readonly x: readonly number[];
	readonly y: readonly number[];
	/** Rows over x, columns over y. */
	readonly value: readonly (readonly number[])[];
	readonly now: readonly [number, number];
	readonly onPick: (x: number, y: number) => void;
}

export function drawHeat(canvas: HTMLCanvasElement, plot: HeatPlot): void {
	const [columns, rows] = [plot.x.length, plot.y.length];
	canvas.width = columns;
	canvas.height = rows;
	const context = canvas.getContext("2d");
	if (!context || columns === 0 || rows === 0) return;
	const colour = (name: string) => channels(getComputedStyle(canvas).getPropertyValue(name));
	const [warm, cold, paper] = [colour("--warm"), colour("--cold"), colour("--paper")];
	let most = 0;
	for (const row of plot.value) for (const z of row) if (Number.isFinite(z)) most = Math.max(most, Math.abs(z));
	const image = context.createImageData(columns, rows);
	for (let i = 0; i < columns; i++) {
		for (let j = 0; j < rows; j++) {
			const z = plot.value[i]?.[j] ?? Number.NaN;
			const strength = Number.isFinite(z) ? Math.sqrt(Math.abs(z) / (most || 1)) : 0;
			const far = z < 0 ? cold : warm;
			const at = 4 * ((rows - 1 - j) * columns + i);
			for (let c = 0; c < 3; c++)
				image.data[at + c] = (paper[c] as number) + strength * ((far[c] as number) - (paper[c] as number));
			image.data[at + 3] = 255;
		}
	}
	context.putImageData(image, 0, 0);
	const along = (all: readonly number[], at: number) =>
		(at - (all[0] as number)) / ((all.at(-1) as number) - (all[0] as number));
	context.strokeStyle = getComputedStyle(canvas).getPropertyValue("--ink");
	const [cx, cy] = [along(plot.x, plot.now[0]) * columns, (1 - along(plot.y, plot.now[1])) * rows];
	context.lineWidth = Math.max(1, columns / 240);
	context.beginPath();
	context.arc(cx, cy, columns / 60, 0, 2 * Math.PI);
	context.stroke();
	const pick = (event: PointerEvent) => {
		const { left, top, width, height } = canvas.getBoundingClientRect();
		const at = (all: readonly number[], part: number) =>
			(all[0] as number) + Math.max(0, Math.min(1, part)) * ((all.at(-1) as number) - (all[0] as number));
		plot.onPick(at(plot.x, (event.clientX - left) / width), at(plot.y, 1 - (event.clientY - top) / height));
	};
	canvas.onpointerdown = (event) => {
		canvas.setPointerCapture(event.pointerId);
		pick(event);
	};
	canvas.onpointermove = (event) => {
		if (event.buttons) pick(event);
	};
}

/** `#rrggbb` as three numbers. */
function channels(colour: string): readonly number[] {
	const hex = colour.trim().replace("#", "");
	return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) || 0);
}
