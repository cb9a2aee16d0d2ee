/** Practice: the gradients are blank; the reader fills them in from the output back, and each is judged at once. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { repeat } from "lit-html/directives/repeat.js";
import type { GraphNode } from "../api.types";
import type { Circuit } from "../circuit/circuit";
import type { Playground } from "../model";
import { numberText } from "../number";
import { nameOf } from "../steps";
import { type Dispose, together } from "../store";
import { exact, parseNumber } from "../values";
import { isRight, type Question, questionsOf } from "./exercise";

interface Attempt {
	readonly wrong: string | null;
	readonly hints: number;
	readonly solved: boolean;
}
const FRESH: Attempt = { wrong: null, hints: 0, solved: false };

export function mountPractice(root: HTMLElement, store: Playground, circuit: Circuit): Dispose {
	let questions: readonly Question[] = [];
	let attempts = new Map<string, Attempt>();
	let asked = "";

	const attempt = (id: string): Attempt => attempts.get(id) ?? FRESH;
	const solved = () => questions.filter(({ node }) => attempt(node.id).solved).length;

	const begin = () => {
		const { answer, numbers, practice } = store.peek();
		root.hidden = !practice;
		// Of a lesson it is this circuit alone that is practised.
		const whole = circuit.svg.closest("figure") ?? document.body;
		whole.toggleAttribute("data-practice", practice);
		// Until then the sheet hides the server's own picture of them.
		whole.toggleAttribute("data-begun", practice && answer.nodes.length > 0);
		const title = root.parentElement?.querySelector("h2");
		if (title) title.textContent = practice ? "Find the gradients" : "Why this gradient";
		if (!practice) {
			hide(new Set());
			return;
		}
		questions = questionsOf(answer, numbers);
		const exercise = JSON.stringify(questions.map(({ node, answer: grad }) => [node.id, grad]));
		if (exercise !== asked) attempts = new Map();
		asked = exercise;
		blank();
		paint();
	};
	/** Hides what is not found yet: a node's gradient, and those of the wires that it is the sum of. */
	const blank = () => {
		const open = new Set(questions.filter(({ node }) => !attempt(node.id).solved).map(({ node }) => node.id));
		const { edges } = store.peek().answer;
		hide(new Set([...open, ...edges.filter(({ source }) => open.has(source)).map(({ id }) => id)]));
	};
	const hide = (ids: ReadonlySet<string>) => {
		circuit.mark("blank", ids);
		store.update({ blank: ids });
	};
	const judge = (question: Question, text: string) => {
		const given = parseNumber(text);
		const id = question.node.id;
		const right = given !== null && isRight(exact(given), question.answer);
		attempts.set(id, {
			...attempt(id),
			solved: right,
			wrong: right ? null : given === null ? "That is not a number." : verdict(exact(given), question.answer),
		});
		store.update({ said: right ? `Right: ${numberText(question.answer)}.` : (attempt(id).wrong ?? "") });
		blank();
		paint();
		if (!right) return;
		const next = questions.find(({ node }) => !attempt(node.id).solved);
		if (next) root.querySelector<HTMLInputElement>(`[data-question="${CSS.escape(next.node.id)}"]`)?.focus();
	};
	const hint = (question: Question) => {
		const id = question.node.id;
		const { hints } = attempt(id);
		attempts.set(id, { ...attempt(id), hints: Math.min(hints + 1, question.hints.length) });
		paint();
	};

	const leadsTo = (node: GraphNode): string => {
		const { nodes, edges } = store.peek().answer;
		const targets = edges.filter(({ source }) => source === node.id).map(({ target }) => target);
		const names = nodes.filter(({ id }) => targets.includes(id)).map(nameOf);
		return names.join(", ");
	};
	function exercise(question: Question): TemplateResult {
		const { node } = question;
		const { wrong, hints, solved: done } = attempt(node.id);
		const name = node.names[0] ?? node.label;
		// Of two gates of one sign without names the one is told from the other by where it leads.
		const alike = questions.filter((each) => (each.node.names[0] ?? each.node.label) === name).length > 1;
		const point = (on: boolean) => store.update({ lit: new Set(on ? [node.id] : []) });
		return html`<div class=${done ? "exercise solved" : "exercise"} @pointerenter=${() => point(true)} @pointerleave=${() => point(false)}>
			<form @submit=${(event: Event) => {
				event.preventDefault();
				const field = (event.currentTarget as HTMLFormElement).querySelector("input");
				judge(question, field?.value ?? "");
			}}>
				<label for=${`question-${node.id}`}>∂out/∂${name}${node.kind === "op" && node.names.length ? html` <span class="quiet">(${node.label})</span>` : nothing}${alike ? html` <span class="quiet">(into ${leadsTo(node)})</span>` : nothing}</label>
				${
					done
						? html`<span class="said-grad">✓ ${numberText(question.answer)}</span>`
						: html`<input class="number" type="text" autocomplete="off" id=${`question-${node.id}`} data-question=${node.id} aria-describedby=${`judged-${node.id}`} @focus=${() => point(true)} @blur=${() => point(false)} />
							<button class="button small">Check</button>`
				}
			</form>
			<div id=${`judged-${node.id}`} aria-live="polite">
				${wrong ? html`<p class="judged">${wrong}</p>` : nothing}
				${done ? nothing : question.hints.slice(0, hints).map((text) => html`<p>${text}</p>`)}
			</div>
			${done || hints >= question.hints.length ? nothing : html`<p><button type="button" class="link quiet" @click=${() => hint(question)}>${hints === 0 ? "A hint" : hints === question.hints.length - 1 ? "The answer" : "Another hint"}</button></p>`}
		</div>`;
	}
	function paint(): void {
		const done = solved();
		render(
			html`<p>${
				questions.length === 0
					? "There is no gradient to find here: practice is for circuits of numbers."
					: done === questions.length
						? html`<b>All ${done} found.</b> Move an input, and there are others.`
						: html`Find the gradients, from the output back: ${done} of ${questions.length} found. The seed at the output is given.`
			}</p>
			${repeat(
				questions,
				({ node }) => node.id,
				(question) => exercise(question),
			)}`,
			root,
		);
	}
	return together(
		store.watch(["practice", "answer", "numbers"], begin),
		store.watch(["selected"], ({ selected }) => {
			if (selected && store.peek().practice)
				root.querySelector<HTMLInputElement>(`[data-question="${CSS.escape(selected)}"]`)?.focus();
		}),
	);
}

/** What is wrong with a number, without telling the right one. */
function verdict(given: number, answer: number): string {
	if (isRight(-given, answer)) return "Almost: look at the sign.";
	if (answer === 0) return "Not that: does the output depend on it here?";
	if (given === 0) return "Not 0: something does come back.";
	return "Not that.";
}
