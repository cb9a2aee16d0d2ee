/** The small tools over the circuit: zoom, fit, turn, flow view, find. */

import { html, render } from "lit-html";
import { type Command, shownKey } from "../commands/commands";
import { type IconName, icon } from "../icons";
import type { Playground } from "../model";
import type { Dispose } from "../store";
import type { Circuit } from "./circuit";
import { mountMinimap } from "./minimap";

const TOOLS: readonly (readonly [id: string, sign: IconName])[] = [
	["search", "search"],
	["flow-view", "flow"],
	["direction", "turn"],
	["farther", "minus"],
	["fit", "fit"],
	["closer", "plus"],
];

export function mountStage(
	root: HTMLElement,
	store: Playground,
	circuit: Circuit,
	commands: readonly Command[],
): Dispose {
	const minimap = mountMinimap(root.parentElement as HTMLElement, store, circuit);
	const dispose = store.watch(["flow", "direction", "answer"], ({ flow }) => {
		render(
			TOOLS.flatMap(([id, sign]) => {
				const command = commands.find((each) => each.id === id);
				return command
					? [
							html`<button type="button" class="tool" data-command=${id} aria-label=${command.label} title=${command.key ? `${command.label} (${shownKey(command.key)})` : command.label}
								?data-on=${id === "flow-view" && flow} @click=${command.run}>${icon(sign)}</button>`,
						]
					: [];
			}),
			root,
		);
	});
	return () => {
		dispose();
		minimap();
	};
}
