/** The playground: takes over the page that the server drew, and makes it live. */

import "../styles/page.css";
import { post, Refused } from "../api";
import type { Answer } from "../api.types";
import { type Circuit, mountCircuit } from "../circuit/circuit";
import { mountStage } from "../circuit/stage";
import { type Command, keyOf, takesText } from "../commands/commands";
import { commandsOf } from "../commands/list";
import { mountCompare } from "../compare";
import { takeDropped } from "../dropped";
import { mountProgram } from "../editor/program";
import { createHistory } from "../history";
import { mountInputs } from "../inputs";
import { mountInspector } from "../inspector/inspector";
import { accept, keepLive } from "../live";
import { keepLook, remembered } from "../look";
import {
	createPlayground,
	type Document,
	directionOf,
	documentOf,
	EMPTY_ANSWER,
	linked,
	type Playground,
} from "../model";
import { keepOffline } from "../offline";
import { isPacked, type Packed, unpacked } from "../packed";
import { mountDock } from "../panels/dock";
import { mountPractice } from "../practice/practice";
import { addressOf, documentAt, documentFrom, stateOf } from "../state";
import { mountTopbar } from "../topbar";
import { mountTransport } from "../transport";

const part = <E extends Element = HTMLElement>(selector: string): E => {
	const found = document.querySelector<E>(selector);
	if (!found) throw new Error(`the page lacks ${selector}`);
	return found;
};

/** The answer and the state that the server wrote into the page. */
function first(): { readonly answer: Answer; readonly state: Record<string, unknown> } {
	const read = (id: string) => JSON.parse(document.getElementById(id)?.textContent || "null") as unknown;
	const answer = read("first-answer") as Answer | Packed | null;
	return {
		answer: answer === null ? EMPTY_ANSWER : isPacked(answer) ? unpacked(answer) : answer,
		state: (read("first-state") as Record<string, unknown> | null) ?? {},
	};
}

/** Where a circuit that runs rightwards would be too small to read. */
const UPRIGHT = "(max-width: 599px)";

async function start(): Promise<void> {
	const { answer, state } = first();
	// Without a network the page comes without a circuit, and only the address tells which it was to be.
	const wanted = state.source ? documentFrom(state) : await documentAt(new URLSearchParams(location.search));
	const store = createPlayground(wanted);
	store.update(remembered());
	const upright = state.direction === undefined && matchMedia(UPRIGHT).matches;
	const history = createHistory(store);
	const toggle = (group: string) => {
		const { answer, collapse } = store.peek();
		const closed = new Set(answer.groups.filter((each) => each.collapsed).map(({ id }) => id));
		if (!closed.delete(group)) closed.add(group);
		history.change(
			{ collapse: closed.size || Array.isArray(collapse) || collapse === "auto" ? [...closed] : "none" },
			`toggle ${group}`,
		);
	};
	keepLook(store);

	const adopted =
		document.querySelector<SVGSVGElement>("#circuit-svg") ?? document.querySelector<SVGSVGElement>("#circuit svg");
	const circuit = mountCircuit(part("#circuit"), {
		...(adopted ? { adopted } : {}),
		label: "Circuit",
		wheel: matchMedia("(max-width: 899px)").matches ? "gently" : "freely",
		onSelect: (id) => store.update({ selected: id }),
		onToggle: toggle,
		onLarge: (large) => document.documentElement.toggleAttribute("data-canvas", large),
	});
	circuit.svg.id = "circuit-svg";

	const own = store.peek().source === (state.source ?? "");
	if (own && (answer.nodes.length || answer.errors)) accept(store, answer, store.peek().source);
	const live = keepLive(store);
	const program = mountProgram(part("#program"), part("#said"), store, history, { label: "Program", id: "source" });
	mountInputs(part("#inputs"), store, history);
	mountInspector(part("#inspector"), store, live, toggle);
	mountPractice(part("#practice"), store, circuit);
	mountCompare(part("#compared"), part("#compare-program"), store, circuit);
	const transport = mountTransport(part("#transport"), store, circuit);
	const commands = commandsOf({ store, history, circuit, transport, editor: program.editor, toggle });
	mountTopbar(part("#commands"), store, commands);
	mountStage(part("#stage-tools"), store, circuit, commands);
	keepDrawn(store, circuit, (node) => live.replay()?.parts(node) ?? []);
	mountDock(part("#tabs"), part("#panel"), store, { circuit, live });
	keepAddress(store);
	takeDropped(store, history);
	listen(store, commands);
	store.watch(["hide"], ({ hide }) => document.body.setAttribute("data-hide", hide.join(" ")));
	store.watch(["said"], ({ said }) => {
		part("#spoken").textContent = said;
	});
	store.update({ upright });
	if (store.peek().answered !== store.peek().source || store.peek().answer === EMPTY_ANSWER) {
		live.ask();
	}
	document.documentElement.dataset.ready = "true";
	keepOffline();
}

/** Draws each answer, paints each change of numbers, and marks what is chosen and pointed at. */
function keepDrawn(store: Playground, circuit: Circuit, parts: (node: string) => readonly number[]): void {
	let revision = 0;
	let drawn: Answer | null = null;
	const repainted = () => {
		document.documentElement.dataset.revision = String(++revision);
	};
	store.watch(["answer", "numbers"], ({ answer, numbers }) => {
		if (answer !== drawn) {
			drawn = answer;
			circuit.draw(answer, directionOf(store.peek()));
		} else circuit.paint(numbers, parts);
		repainted();
	});
	store.watch(["selected"], ({ selected }) => circuit.select(selected));
	store.watch(["lit"], ({ lit }) => circuit.mark("lit", lit));
	store.watch(["flow"], ({ flow }) => circuit.flow(flow ? store.peek().numbers : null));
	store.watch(["busy", "errors"], ({ busy, errors }) => {
		part("#circuit").classList.toggle("stale", errors.length > 0);
		part("#circuit").toggleAttribute("aria-busy", busy);
	});
}

/** A server takes 8 KiB of an address; a longer state takes a short link. */
const LONGEST_ADDRESS = 7_500;

async function shorten(document: Document): Promise<void> {
	try {
		const { url } = await post<{ url: string }>("/links", stateOf(document));
		window.history.replaceState(null, "", new URL(url, location.href).pathname);
	} catch (error) {
		// Links may be away for a while; the next change tries again.
		if (!(error instanceof Refused)) throw error;
	}
}

/** The address bar holds the state, and the state follows when the reader goes back in the browser. */
function keepAddress(store: Playground): void {
	let timer: ReturnType<typeof setTimeout> | undefined;
	let written = "";
	const write = async () => {
		const document = linked(store.peek());
		const address = await addressOf(document);
		if (address === written) return;
		written = address;
		if (address.length <= LONGEST_ADDRESS) window.history.replaceState(null, "", address);
		else await shorten(document);
	};
	const beginning = documentOf(store.peek());
	store.watch([...(Object.keys(beginning) as (keyof typeof beginning)[]), "answer"], () => {
		clearTimeout(timer);
		timer = setTimeout(write, store.peek().source.length > LONGEST_ADDRESS ? 1_500 : 150);
	});
	window.addEventListener("popstate", async () => {
		store.update(await documentAt(new URLSearchParams(location.search)));
	});
}

function listen(store: Playground, commands: readonly Command[]): void {
	document.addEventListener("keydown", (event) => {
		if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
		const key = keyOf(event);
		const typing = takesText(event.target);
		const command = commands.find((each) => each.key === key && (each.enabled?.(store.peek()) ?? true));
		if (!command || (typing && !key.startsWith("Mod+"))) return;
		event.preventDefault();
		command.run();
	});
}

void start();
