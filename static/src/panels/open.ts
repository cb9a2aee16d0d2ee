/** Opens a panel in its place; one that would tell what a reader in practice has yet to find waits until it is found. */

import type { Playground } from "../model";
import { withheld } from "../model";
import { type Dispose, follow, together } from "../store";
import type { Bench, PanelEntry } from "./index";

export function openPanel(entry: PanelEntry, root: HTMLElement, store: Playground, bench: Bench): Dispose {
	let close: Dispose | null = null;
	const shut = () => {
		close?.();
		close = null;
		root.replaceChildren();
	};
	const mount = async () => {
		const host = document.createElement("div");
		host.className = `panel panel-${entry.id}`;
		root.append(host);
		const panel = await entry.load();
		if (host.isConnected) close = panel(host, store, bench);
	};
	const told = store.derive(["practice", "blank", "answer"], (state) => (entry.tells ? withheld(state) : null));
	return together(
		follow(told, (sentence) => {
			shut();
			if (sentence === null) return void mount();
			const said = document.createElement("p");
			said.className = "panel withheld quiet";
			said.textContent = sentence;
			root.append(said);
		}),
		shut,
	);
}
