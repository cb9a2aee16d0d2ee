/** The panels below the circuit: each is a file, fetched when it is first opened. To add one, add its line. */

import type { Circuit } from "../circuit/circuit";
import type { Live } from "../live";
import type { Playground } from "../model";
import type { Dispose } from "../store";

/** What a panel is given beside its store: the circuit that it may light up, and the numbers kept live. */
export interface Bench {
	readonly circuit: Circuit;
	readonly live: Live;
}

export type Panel = (root: HTMLElement, store: Playground, bench: Bench) => Dispose;

export interface PanelEntry {
	readonly id: string;
	readonly label: string;
	/** What it shows, for the hover and for the palette. */
	readonly about: string;
	/** Whether it tells gradients as they are, which a reader in practice is to find first. */
	readonly tells: boolean;
	readonly load: () => Promise<Panel>;
}

/** Code and Data hold back by themselves what is not found: of both the rest may be seen. */
export const PANELS: readonly PanelEntry[] = [
	{
		id: "paths",
		label: "Paths",
		about: "Every route from an input to the output, with its product",
		tells: true,
		load: async () => (await import("./paths")).paths,
	},
	{
		id: "flow",
		label: "Flow",
		about: "The gradient's size from layer to layer",
		tells: true,
		load: async () => (await import("./flow")).flow,
	},
	{
		id: "sweep",
		label: "Sweep",
		about: "The output and its slope over a range of an input",
		tells: true,
		load: async () => (await import("./sweep")).sweep,
	},
	{
		id: "train",
		label: "Train",
		about: "Steps of an optimizer, and the loss as it falls",
		tells: true,
		load: async () => (await import("./train")).train,
	},
	{
		id: "forward",
		label: "Forward",
		about: "Forward mode: how far each node moves with an input",
		tells: true,
		load: async () => (await import("./forward")).forward,
	},
	{
		id: "backward",
		label: "Backward",
		about: "The computation of the gradient as a circuit of its own",
		tells: true,
		load: async () => (await import("./backward")).backward,
	},
	{
		id: "code",
		label: "Code",
		about: "The program as PyTorch, JAX, TensorFlow and NumPy write it",
		tells: false,
		load: async () => (await import("./code")).code,
	},
	{
		id: "data",
		label: "Data",
		about: "All that the picture says, as a table",
		tells: false,
		load: async () => (await import("./data")).data,
	},
];
