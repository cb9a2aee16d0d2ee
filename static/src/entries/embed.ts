/** The frame for other sites: the circuit made live, its inputs, and a panel if the address asks for one. */

import "../styles/embed.css";
import { mountFigure } from "../figures/figure";

const part = <E extends HTMLElement>(id: string): E => {
	const found = document.getElementById(id);
	if (!found) throw new Error(`the frame lacks #${id}`);
	return found as E;
};

const state = JSON.parse(part("first-state").textContent ?? "{}") as Record<string, unknown>;
const { store } = mountFigure(state, {
	drawing: part("circuit"),
	inputs: part("inputs"),
	panel: part("panel"),
	transport: part("transport"),
	practice: part("practice"),
	open: part<HTMLAnchorElement>("open"),
	label: "Circuit",
});
document.body.classList.toggle("seeded", store.peek().seed !== null);
document.body.classList.toggle("with-panel", store.peek().panel !== null);
let revision = 0;
store.watch(["answer", "numbers"], ({ answer }) => {
	if (answer.nodes.length === 0) return;
	document.documentElement.dataset.ready = "true";
	document.documentElement.dataset.revision = String(++revision);
});
