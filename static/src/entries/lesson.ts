/** A lesson: its mathematics is typeset, and each of its circuits comes alive when the reader gets near it. */

import "../styles/lesson.css";
import { depth } from "../figures/depth";
import { mountFigure } from "../figures/figure";
import { lengths } from "../figures/lengths";
import { steps } from "../figures/steps";
import { typeset } from "../inspector/mathematics";
import type { Playground } from "../model";
import { keepOffline } from "../offline";

/** px from the reader's sight at which a figure is made ready. */
const NEAR = 700;

interface Written {
	readonly state: Readonly<Record<string, unknown>>;
	readonly options: Readonly<Record<string, string>>;
}

/** The circuits that stand side by side, by what holds them: an input that is moved in one moves in the others. */
const rows = new Map<Element, Playground[]>();

function together(row: Element, store: Playground): void {
	const others = rows.get(row) ?? [];
	rows.set(row, [...others, store]);
	store.watch(["inputs"], ({ inputs }) => {
		for (const other of rows.get(row) ?? []) {
			if (other === store) continue;
			const names = new Set(other.peek().inputs.keys());
			const moved = [...inputs].filter(([name, given]) => names.has(name) && other.peek().inputs.get(name) !== given);
			if (moved.length) other.update({ inputs: new Map([...other.peek().inputs, ...moved]) });
		}
	});
}

function enliven(figure: HTMLElement): void {
	const { state, options } = JSON.parse(figure.querySelector("script")?.textContent ?? "{}") as Written;
	const more = figure.querySelector<HTMLElement>(".more");
	const link = figure.querySelector<HTMLAnchorElement>("a.open");
	const kind = figure.dataset.kind;
	if (kind === "depth") {
		if (more) depth(more, state, options, link);
		done(figure);
		return;
	}
	const drawing = figure.querySelector<HTMLElement>(".drawing");
	if (!drawing) return;
	const place = (name: string) => {
		const made = document.createElement("div");
		made.className = name;
		more?.before(made);
		return made;
	};
	const label = figure.getAttribute("aria-label") ?? "Circuit";
	const mounted = mountFigure(state, {
		drawing,
		inputs: figure.querySelector<HTMLElement>(".inputs"),
		panel: more,
		why: whyOf(place("why"), label),
		open: link,
		label,
		highest: Math.max(420, 0.72 * window.innerHeight),
		...("step" in state ? { transport: place("transport") } : {}),
		...("practice" in state ? { practice: place("practice") } : {}),
	});
	if (figure.parentElement?.classList.contains("pair")) together(figure.parentElement, mounted.store);
	figure.classList.toggle("seeded", mounted.store.peek().seed !== null);
	if (more && kind === "lengths") lengths(more, mounted, options);
	if (more && kind === "steps") steps(more, mounted, options);
	const stop = mounted.store.watch(["answer"], ({ answer }) => {
		if (answer.nodes.length) {
			done(figure);
			queueMicrotask(() => stop());
		}
	});
}

/** Where the reasons of what is chosen in a circuit stand, with their name. */
function whyOf(root: HTMLElement, label: string): HTMLElement {
	root.hidden = true;
	root.setAttribute("role", "region");
	root.setAttribute("aria-label", `Why this gradient: ${label}`);
	return root;
}

function done(figure: HTMLElement): void {
	figure.dataset.ready = "true";
}

const near = new IntersectionObserver(
	(entries) => {
		for (const { isIntersecting, target } of entries) {
			if (!isIntersecting) continue;
			near.unobserve(target);
			enliven(target as HTMLElement);
		}
	},
	{ rootMargin: `${NEAR}px 0px` },
);
for (const figure of document.querySelectorAll(".circuit-figure")) near.observe(figure);
for (const element of document.querySelectorAll<HTMLElement>(".math"))
	void typeset(element, element.dataset.latex ?? "", element.classList.contains("display"));
document.documentElement.dataset.ready = "true";
keepOffline();
