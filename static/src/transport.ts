/** The transport: steps forward and then backward through the circuit, played or one by one, with a sentence for each. */

import { html, render } from "lit-html";
import type { Circuit } from "./circuit/circuit";
import { icon } from "./icons";
import type { Playground } from "./model";
import { aheadOf, type Step, sentenceOf, stepsOf } from "./steps";
import { type Dispose, follow, together } from "./store";

export interface Transport {
	go(step: number | null): void;
	next(): void;
	back(): void;
	play(): void;
	dispose: Dispose;
}

const SPEEDS = [0.5, 1, 2, 4] as const;
/** ms that a step is shown at speed 1. */
const STEP = 1_400;

export function mountTransport(root: HTMLElement, store: Playground, circuit: Circuit): Transport {
	root.replaceChildren();
	let playing: ReturnType<typeof setTimeout> | undefined;
	let speed: (typeof SPEEDS)[number] = 1;
	const steps = store.derive(["answer"], ({ answer }) => stepsOf(answer));

	const go = (step: number | null) => {
		const last = steps.peek().length;
		store.update({ step: step === null ? null : Math.max(0, Math.min(last, step)) });
	};
	const stop = () => {
		clearTimeout(playing);
		playing = undefined;
		paint();
	};
	const tick = () => {
		const { step } = store.peek();
		if (step === null || step >= steps.peek().length) return stop();
		go(step + 1);
		playing = setTimeout(tick, STEP / speed);
	};
	const play = () => {
		if (playing !== undefined) return stop();
		const { step } = store.peek();
		if (step === null || step >= steps.peek().length) go(0);
		playing = setTimeout(tick, step === null ? 350 : 0);
		paint();
	};
	const next = () => {
		stop();
		const { step } = store.peek();
		go(step === null ? 1 : step + 1);
	};
	const back = () => {
		stop();
		const { step } = store.peek();
		go(step === null ? steps.peek().length - 1 : step - 1);
	};
	const to = (step: number | null) => {
		stop();
		go(step);
	};
	const toStart = () => to(0);
	const showAll = () => to(null);
	const faster = () => {
		speed = SPEEDS[(SPEEDS.indexOf(speed) + 1) % SPEEDS.length] ?? 1;
		paint();
	};

	function sentence(all: readonly Step[], step: number | null) {
		const { answer, numbers, blank } = store.peek();
		if (all.length === 0) return html`<p class="sentence quiet">Type an expression, and its circuit appears.</p>`;
		if (step === null)
			return html`<p class="sentence quiet">Step through: values forward, then gradients backward.</p>`;
		if (step === 0)
			return html`<p class="sentence"><b>Start.</b> The inputs have their values; nothing is computed yet.</p>`;
		const now = all[step - 1] as Step;
		const way = all.filter((each) => each.way === now.way);
		const pieces = sentenceOf(answer, numbers, now, blank);
		return html`<p class="sentence">
			<b class=${now.way}>${now.way === "forward" ? "Forward" : "Backward"} ${way.indexOf(now) + 1} of ${way.length}.</b>
			${pieces.map(({ text, kind }) => (kind ? html`<span class=${`said-${kind}`}>${text}</span>` : text))}
		</p>`;
	}

	function paint(): void {
		const { step } = store.peek();
		const all = steps.peek();
		const last = all.length;
		const turn = all.filter(({ way }) => way === "forward").length;
		render(
			html`
				<div class="buttons" role="group" aria-label="Step through">
					<button type="button" class="icon" aria-label="To the start" title="To the start" ?disabled=${last === 0} @click=${toStart}>${icon("first")}</button>
					<button type="button" class="icon" aria-label="Back a step" title="Back a step (,)" ?disabled=${last === 0 || step === 0} @click=${back}>${icon("back")}</button>
					<button type="button" class="icon play" aria-label=${playing === undefined ? "Play" : "Pause"} title="Play or pause (k)" ?disabled=${last === 0} @click=${play}>
						${icon(playing === undefined ? "play" : "pause")}
					</button>
					<button type="button" class="icon" aria-label="Forward a step" title="Forward a step (.)" ?disabled=${last === 0 || step === last} @click=${next}>${icon("next")}</button>
				</div>
				<div class="score">
					<div aria-live="polite">${sentence(all, step)}</div>
					<input
						class="scrubber" type="range" min="0" max=${Math.max(last, 1)} step="1" .value=${String(step ?? last)} ?disabled=${last === 0}
						aria-label="Step" aria-valuetext=${step === null ? "all" : `step ${step} of ${last}`}
						@input=${(event: Event) => to((event.currentTarget as HTMLInputElement).valueAsNumber)}
					/>
				</div>
				<div class="buttons">
					<button type="button" class="speed" title="Speed" aria-label=${`Speed ${speed}`} @click=${faster}>${speed}×</button>
					<button type="button" class="speed" title="Show everything (Esc)" ?disabled=${step === null} @click=${showAll}>all</button>
				</div>
			`,
			root,
		);
		const scrubber = root.querySelector<HTMLElement>(".scrubber");
		scrubber?.style.setProperty("--turn", `${last ? (100 * turn) / last : 50}%`);
		scrubber?.style.setProperty("--at", `${last ? (100 * (step ?? last)) / last : 100}%`);
	}

	const stage = () => {
		const { answer, step } = store.peek();
		const all = steps.peek();
		const nothing: ReadonlySet<string> = new Set();
		const ahead = step === null ? { values: nothing, grads: nothing } : aheadOf(answer, all, step);
		circuit.mark("ahead-value", ahead.values);
		circuit.mark("ahead-grad", ahead.grads);
		const now = step ? all[step - 1] : undefined;
		circuit.mark("current", new Set(now ? [now.node] : []));
		if (now) circuit.show(now.node);
	};

	const dispose = together(
		follow(steps, () => {
			const { step } = store.peek();
			if (step !== null && step > steps.peek().length) go(steps.peek().length);
			stage();
			paint();
		}),
		store.watch(["step"], () => {
			stage();
			paint();
		}),
		store.watch(["numbers", "blank"], paint),
		() => clearTimeout(playing),
	);
	return { go, next, back, play, dispose };
}
