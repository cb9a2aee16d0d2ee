/** The palette of commands, the search over nodes, and the sheet of keys: three dialogs over one list. */

import { html, nothing, render } from "lit-html";
import type { Playground } from "../model";
import { numberText } from "../number";
import { scalar } from "../values";
import { type Command, shownKey } from "./commands";

export interface Choice {
	readonly label: string;
	readonly hint?: string;
	readonly run: () => void;
}

/** A dialog with a field and a list from which one is chosen by typing, arrows and Enter. */
export function choose(title: string, choices: readonly Choice[]): void {
	const dialog = document.createElement("dialog");
	dialog.className = "palette";
	dialog.setAttribute("aria-label", title);
	document.body.append(dialog);
	let at = 0;
	let query = "";
	const found = () => {
		const words = query.toLowerCase().split(/\s+/).filter(Boolean);
		return choices
			.filter(({ label, hint }) => words.every((word) => `${label} ${hint ?? ""}`.toLowerCase().includes(word)))
			.slice(0, 60);
	};
	const pick = (choice: Choice | undefined) => {
		if (!choice) return;
		dialog.close();
		choice.run();
	};
	const paint = () => {
		const list = found();
		at = Math.max(0, Math.min(at, list.length - 1));
		render(
			html`<input type="text" role="combobox" aria-expanded="true" aria-controls="choices" aria-label=${title} placeholder=${title} autocomplete="off" spellcheck="false"
					aria-activedescendant=${list.length ? `choice-${at}` : nothing}
					@input=${(event: Event) => {
						query = (event.currentTarget as HTMLInputElement).value;
						at = 0;
						paint();
					}}
					@keydown=${(event: KeyboardEvent) => {
						if (event.key === "ArrowDown" || event.key === "ArrowUp") {
							event.preventDefault();
							at = (at + (event.key === "ArrowDown" ? 1 : -1) + list.length) % Math.max(list.length, 1);
							paint();
						} else if (event.key === "Enter") {
							// Else the button that gets the focus back would be pressed by the same key.
							event.preventDefault();
							pick(list[at]);
						}
					}} />
				<ul id="choices" role="listbox" aria-label=${title}>
					${list.map(
						(choice, i) =>
							html`<li id=${`choice-${i}`} role="option" aria-selected=${i === at} @click=${() => pick(choice)} @pointermove=${() => {
								if (at === i) return;
								at = i;
								paint();
							}}><span>${choice.label}</span>${choice.hint ? html`<kbd>${choice.hint}</kbd>` : nothing}</li>`,
					)}
				</ul>
				${list.length ? nothing : html`<p class="quiet">Nothing found.</p>`}`,
			dialog,
		);
		dialog.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
	};
	paint();
	open(dialog);
}

/** Shows a dialog that goes when it is closed, by Escape or by a click beside it too. */
export function open(dialog: HTMLDialogElement): void {
	dialog.addEventListener("click", (event) => {
		if (event.target === dialog) dialog.close();
	});
	dialog.addEventListener("close", () => dialog.remove());
	dialog.showModal();
}

export const palette = (store: Playground, commands: readonly Command[]): void =>
	choose(
		"Commands",
		commands
			.filter(({ enabled }) => enabled?.(store.peek()) ?? true)
			.map((command) => ({
				label: command.label,
				run: command.run,
				...(command.key ? { hint: shownKey(command.key) } : {}),
			})),
	);

export function search(store: Playground, show: (id: string) => void): void {
	const { answer, numbers } = store.peek();
	choose(
		"Find a node",
		answer.nodes.map((node) => {
			const value = scalar(numbers.values.get(node.id));
			const names = node.names.filter((name) => name !== node.label).join(", ");
			return {
				label: `${node.label}${names ? `  ${names}` : ""}${node.group ? `  in ${node.group}` : ""}`,
				...(value === null ? {} : { hint: numberText(value) }),
				run: () => show(node.id),
			};
		}),
	);
}

export function sheet(commands: readonly Command[]): void {
	const dialog = document.createElement("dialog");
	dialog.className = "sheet";
	dialog.setAttribute("aria-label", "Keys");
	document.body.append(dialog);
	const more = [
		["In the circuit: along a wire", "← →"],
		["In the circuit: to a neighbour", "↑ ↓"],
		["In the circuit: open or close a group", "Enter"],
		["In the program: on to what comes next (Tab alone indents)", "Esc Tab"],
		["Number box: a step (a tenth, ten)", "↑ ↓ (Alt, Shift)"],
	] as const;
	render(
		html`<h2>Keys</h2>
			<dl>
				${commands.filter(({ key }) => key).map(({ label, key }) => html`<div><dt>${label}</dt><dd><kbd>${shownKey(key ?? "")}</kbd></dd></div>`)}
				${more.map(([label, key]) => html`<div><dt>${label}</dt><dd><kbd>${key}</kbd></dd></div>`)}
			</dl>
			<form method="dialog"><button class="button">Close</button></form>`,
		dialog,
	);
	open(dialog);
}
