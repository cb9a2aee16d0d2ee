/** Every command: from this list come the buttons, the keys, the sheet and the palette. */

import type { State } from "../model";

export interface Command {
	readonly id: string;
	readonly label: string;
	/** As `KeyboardEvent.key` says it, after `Mod+` (Ctrl or ⌘), `Shift+`, `Alt+`; none in a text field but those with Mod. */
	readonly key?: string;
	readonly enabled?: (state: State) => boolean;
	readonly run: () => void;
}

/** The key of an event in the way that commands name keys. */
export function keyOf(event: KeyboardEvent): string {
	const letters = event.key.length === 1 ? event.key.toLowerCase() : event.key;
	const shift = event.shiftKey && (event.key.length > 1 || /[a-z]/i.test(event.key));
	return `${event.ctrlKey || event.metaKey ? "Mod+" : ""}${event.altKey ? "Alt+" : ""}${shift ? "Shift+" : ""}${letters}`;
}

/** Whether keys belong to the element: a text is being typed there, or it has keys of its own. */
export function takesText(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	return target.isContentEditable || target.matches("textarea, select, input:not([type=range]):not([type=checkbox])");
}

/** How a key is shown: ⌘ on a Mac, Ctrl elsewhere. */
export function shownKey(key: string): string {
	const mac = /Mac|iPhone|iPad/.test(navigator.platform);
	return key
		.replace("Mod+", mac ? "⌘" : "Ctrl+")
		.replace("Shift+", mac ? "⇧" : "Shift+")
		.replace("Alt+", mac ? "⌥" : "Alt+")
		.replace("ArrowRight", "→")
		.replace("ArrowLeft", "←");
}
