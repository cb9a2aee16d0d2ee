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
	readonly load: () => Promise<Panel>;
}

export const PANELS: readonly PanelEntry[] = [
	{
		id: "data",
		label: "Data",
		about: "All that the picture says, as a table",
		load: async () => (await import("./data")).data,
	},
];
