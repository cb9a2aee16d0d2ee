/** The bar at the top: undo and redo, what the page can do, and how it looks. */

import { html, render } from "lit-html";
import type { Command } from "./commands/commands";
import { shownKey } from "./commands/commands";
import { type IconName, icon } from "./icons";
import type { Playground } from "./model";
import type { Dispose } from "./store";

/** The commands that have a button, in their order; the text is the button's. */
const BUTTONS: readonly (readonly [id: string, text: string, kind: "icon" | "text" | "main", sign?: IconName])[] = [
	["undo", "Undo", "icon", "undo"],
	["redo", "Redo", "icon", "redo"],
	["examples", "Examples", "text"],
	["compare", "Compare", "text"],
	["practice", "Practice", "text"],
	["share", "Share", "main"],
	["theme", "Theme", "icon", "theme"],
	["keys", "?", "icon"],
	["palette", "More", "icon", "more"],
];

export function mountTopbar(root: HTMLElement, store: Playground, commands: readonly Command[]): Dispose {
	root.replaceChildren();
	return store.watch(["canUndo", "canRedo", "practice", "compare", "theme", "palette"], () => {
		const state = store.peek();
		const pressed = (id: string) =>
			id === "practice" ? String(state.practice) : id === "compare" ? String(state.compare !== null) : undefined;
		render(
			BUTTONS.flatMap(([id, text, kind, sign]) => {
				const command = commands.find((each) => each.id === id);
				if (!command) return [];
				const title = command.key ? `${command.label} (${shownKey(command.key)})` : command.label;
				return [
					html`<button type="button" class=${`button ${kind}`} data-command=${id} title=${title} aria-label=${kind === "icon" ? command.label : text}
						aria-pressed=${pressed(id) ?? "mixed"} ?disabled=${!(command.enabled?.(state) ?? true)} @click=${command.run}>${sign ? icon(sign) : text}</button>`,
				];
			}),
			root,
		);
		for (const button of root.querySelectorAll("[aria-pressed=mixed]")) button.removeAttribute("aria-pressed");
	});
}
