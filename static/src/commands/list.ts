/** The commands of the playground, in the order in which the palette shows them. */

import type { Circuit } from "../circuit/circuit";
import type { Editor } from "../editor/editor";
import { gallery } from "../gallery";
import type { History } from "../history";
import { nextTheme } from "../look";
import { directionOf, EMPTY_DOCUMENT, type Playground } from "../model";
import { PANELS } from "../panels/index";
import { share } from "../share";
import type { Transport } from "../transport";
import type { Command } from "./commands";
import { palette, search, sheet } from "./palette";

export interface Desk {
	readonly store: Playground;
	readonly history: History;
	readonly circuit: Circuit;
	readonly transport: Transport;
	readonly editor: Editor;
	readonly toggle: (group: string) => void;
}

export function commandsOf({ store, history, circuit, transport, editor }: Desk): readonly Command[] {
	const drawn = () => store.peek().answer.nodes.length > 0;
	const hide = (part: string) => {
		const hidden = new Set(store.peek().hide);
		if (!hidden.delete(part)) hidden.add(part);
		history.change({ hide: [...hidden] }, "hide");
	};
	const commands: Command[] = [
		{ id: "undo", label: "Undo", key: "Mod+z", enabled: ({ canUndo }) => canUndo, run: history.undo },
		{ id: "redo", label: "Redo", key: "Mod+Shift+z", enabled: ({ canRedo }) => canRedo, run: history.redo },
		{ id: "palette", label: "Commands", key: "Mod+k", run: () => palette(store, commands) },
		{
			id: "search",
			label: "Find a node",
			key: "/",
			enabled: drawn,
			run: () =>
				search(store, (id) => {
					store.update({ selected: id });
					circuit.show(id);
				}),
		},
		{ id: "examples", label: "Examples", key: "g", run: () => void gallery(store, history) },
		{ id: "edit", label: "Go to the program", key: "e", run: editor.focus },
		{ id: "circuit", label: "Go to the circuit", key: "c", run: () => circuit.svg.focus() },
		{
			id: "clear",
			label: "Clear the program",
			run: () => history.change({ ...EMPTY_DOCUMENT, direction: store.peek().direction }, "clear"),
		},
		{ id: "fit", label: "Fit the circuit", key: "0", enabled: drawn, run: circuit.fit },
		{ id: "closer", label: "Zoom in", key: "+", run: () => circuit.zoomBy(1.3) },
		{ id: "farther", label: "Zoom out", key: "-", run: () => circuit.zoomBy(1 / 1.3) },
		{
			id: "direction",
			label: "Turn the drawing: rightwards or downwards",
			key: "d",
			run: () => {
				const direction = directionOf(store.peek()) === "right" ? "down" : "right";
				store.update({ upright: false });
				history.change({ direction }, "direction");
			},
		},
		{ id: "open", label: "Open all groups", run: () => history.change({ collapse: "none" }, "open") },
		{ id: "fold", label: "Close groups as usual", run: () => history.change({ collapse: "auto" }, "fold") },
		{
			id: "sharing",
			label: "Equal subexpressions: shared or apart",
			run: () => history.change({ share: !store.peek().share }, "sharing"),
		},
		{
			id: "flow-view",
			label: "Show the flow of the gradient on the wires",
			key: "f",
			run: () => store.update({ flow: !store.peek().flow }),
		},
		{ id: "constants", label: "Hide or show constants", run: () => hide("constants") },
		{ id: "unreached", label: "Hide or show what the output does not depend on", run: () => hide("unreached") },
		{ id: "play", label: "Play the steps", key: "k", enabled: drawn, run: transport.play },
		{ id: "next", label: "A step forward", key: ".", enabled: drawn, run: transport.next },
		{ id: "back", label: "A step back", key: ",", enabled: drawn, run: transport.back },
		{
			id: "all",
			label: "Show everything, choose nothing",
			key: "Escape",
			enabled: ({ step, selected }) => step !== null || selected !== null,
			run: () => (store.peek().step === null ? store.update({ selected: null }) : transport.go(null)),
		},
		...PANELS.map(
			({ id, label, about }, i): Command => ({
				id: `panel-${id}`,
				label: `${label}: ${about}`,
				...(i < 9 ? { key: String(i + 1) } : {}),
				run: () => store.update({ panel: store.peek().panel === id ? null : id }),
			}),
		),
		{
			id: "compare",
			label: "Compare with a second program",
			key: "m",
			enabled: drawn,
			run: () => history.change({ compare: store.peek().compare === null ? store.peek().source : null }, "compare"),
		},
		{
			id: "practice",
			label: "Practise: find the gradients yourself",
			key: "p",
			enabled: drawn,
			run: () => store.update({ practice: !store.peek().practice, step: null }),
		},
		{ id: "share", label: "Share and export", key: "s", enabled: drawn, run: () => void share(store) },
		{
			id: "theme",
			label: "Light, dark, or as the system says",
			key: "t",
			run: () => store.update({ theme: nextTheme(store.peek().theme) }),
		},
		{
			id: "colours",
			label: "Colours for colour-blind readers, or the usual",
			run: () => store.update({ palette: store.peek().palette === "standard" ? "colour-blind" : "standard" }),
		},
		{ id: "keys", label: "Keys", key: "?", run: () => sheet(commands) },
	];
	return commands;
}
