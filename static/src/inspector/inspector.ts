/** "Why this gradient": what the selected gate or wire gets back, from where, by which rule, and whether that is right. */

import { html, nothing, render, type TemplateResult } from "lit-html";
import { post, Refused } from "../api";
import type { Answer, Explanation, GradcheckAnswer, GraphEdge, GraphNode, Span, Value } from "../api.types";
import type { Live } from "../live";
import { type Playground, requestOf } from "../model";
import { numberText } from "../number";
import { nameOf } from "../steps";
import { type Dispose, together } from "../store";
import { exact, isTensor, type Numbers, scalar } from "../values";
import { heatMap } from "./heat";
import { typeset } from "./mathematics";

/** ms for which a choice has to stand before its reasons are asked for: an arrow key that is held passes many. */
const REST = 80;

export function mountInspector(
	root: HTMLElement,
	store: Playground,
	live: Live,
	toggle: (group: string) => void,
): Dispose {
	root.replaceChildren();
	const select = (id: string | null) => store.update({ selected: id });
	let check: { readonly key: string; readonly answer: GradcheckAnswer | null } | null = null;
	let checking: AbortController | null = null;

	/** Asks for central differences of the inputs, where the page can't make them itself. */
	const askCheck = async (key: string) => {
		if (check?.key === key) return;
		check = { key, answer: null };
		checking?.abort();
		checking = new AbortController();
		const mine = checking;
		try {
			const answer = await post<GradcheckAnswer>("/gradcheck", requestOf(store.peek()), mine.signal);
			if (check.key === key) check = { key, answer };
			paint();
		} catch (error) {
			if (!(error instanceof Refused) && !mine.signal.aborted) throw error;
		}
	};

	/** The reasons of the node that is looked at, where the answer came without them: of a large circuit they are megabytes. */
	let told: { readonly key: string; readonly found: Explanation } | null = null;
	let asking: AbortController | null = null;
	let timer: ReturnType<typeof setTimeout> | undefined;
	const askWhy = (id: string, key: string) => {
		if (told?.key === key) return;
		clearTimeout(timer);
		timer = setTimeout(async () => {
			asking?.abort();
			asking = new AbortController();
			const mine = asking;
			try {
				const body = { ...requestOf(store.peek()), node: id, max_elements: 0, explain: true };
				told = { key, found: await post<Explanation>("/values", body, mine.signal) };
				paint();
			} catch (error) {
				if (!(error instanceof Refused) && !mine.signal.aborted) throw error;
			}
		}, REST);
	};
	/** The node with its reasons; while they are asked for, with the last ones of the same node, which differ in numbers. */
	const explained = (node: GraphNode): GraphNode => {
		if (node.doc !== undefined) return node;
		const { answered, source, inputs, seed } = store.peek();
		if (answered !== source) return node;
		const key = JSON.stringify([node.id, source, [...inputs], seed]);
		askWhy(node.id, key);
		if (told?.key === key) return { ...node, ...told.found };
		const { latex_numbers: _, ...stays } = told?.found ?? {};
		return told?.key.startsWith(`[${JSON.stringify(node.id)},${JSON.stringify(source)}`) ? { ...node, ...stays } : node;
	};

	function paint(): void {
		const { answer, selected, numbers, practice } = store.peek();
		const bare = answer.nodes.find(({ id }) => id === selected);
		const edge = bare ? undefined : answer.edges.find(({ id }) => id === selected);
		const node = bare && !practice ? explained(bare) : bare;
		root.hidden = practice;
		// What was told before is not kept behind the curtain.
		if (practice) return void render(nothing, root);
		render(
			node ? ofNode(answer, numbers, node) : edge ? ofEdge(answer, numbers, edge) : ofNothing(answer, numbers),
			root,
		);
		for (const element of root.querySelectorAll<HTMLElement>("[data-latex]"))
			void typeset(element, element.dataset.latex ?? "");
	}

	const name = (node: GraphNode, from: Answer): TemplateResult => {
		const title = html`<button type="button" class="link" @click=${() => select(node.id)} @pointerenter=${() => store.update({ lit: new Set([node.id]) })} @pointerleave=${() => store.update({ lit: new Set() })}>${node.label}</button>`;
		const given = node.names[0];
		const output = from.output?.node === node.id;
		return html`${title}${given && given !== node.label ? html` <i>${given}</i>` : nothing}${output ? html` <span class="quiet">output</span>` : nothing}`;
	};

	function ofNothing(answer: Answer, numbers: Numbers): TemplateResult {
		if (answer.nodes.length === 0) return html`<p class="quiet">Nothing is drawn yet.</p>`;
		const output = answer.nodes.find(({ id }) => id === answer.output?.node);
		return html`
			<p class="quiet">Choose a gate or a wire, and here is why its gradient is what it is.</p>
			${
				output
					? html`<table class="parts">
							<thead><tr><th scope="col">input</th><th scope="col" class="right">value</th><th scope="col" class="right">∂out/∂input</th></tr></thead>
							<tbody>
								${answer.inputs.map((input) => {
									const node = answer.nodes.find(({ id }) => id === input.node);
									return html`<tr><td>${node ? name(node, answer) : input.name}</td><td class="right said-value">${said(numbers.values.get(input.node))}</td><td class="right said-grad">${said(numbers.grads.get(input.node))}</td></tr>`;
								})}
							</tbody>
							<tfoot><tr><th scope="row">${name(output, answer)}</th><td class="right said-value">${said(numbers.values.get(output.id))}</td><td class="right said-grad">${said(numbers.grads.get(output.id))}</td></tr></tfoot>
						</table>`
					: nothing
			}
			${cost(answer)}`;
	}

	function ofNode(answer: Answer, numbers: Numbers, node: GraphNode): TemplateResult {
		const nodes = new Map(answer.nodes.map((each) => [each.id, each]));
		const out = answer.edges.filter((edge) => edge.source === node.id && edge.grad !== null);
		const into = answer.edges.filter((edge) => edge.target === node.id);
		const value = numbers.values.get(node.id) ?? null;
		const grad = numbers.grads.get(node.id) ?? null;
		const output = answer.output?.node === node.id;
		return html`
			<h3 class="what"><span class="sign">${node.label}</span> <span class="quiet">${kindOf(node)}${node.names.length && node.kind !== "input" ? html`, named <i>${node.names.join(", ")}</i>` : nothing}</span></h3>
			${node.doc ? html`<p class="doc">${node.doc}</p>` : nothing}
			${node.kind === "group" ? html`<p><button type="button" class="button" @click=${() => toggle(node.id)}>Open this group</button></p>` : nothing}
			<dl class="figures">
				<div><dt>value</dt><dd class="said-value" data-of="value">${said(value)}</dd></div>
				<div><dt>gradient</dt><dd class="said-grad" data-of="grad">${grad === null ? "none" : said(grad)}</dd></div>
			</dl>
			${grad === null ? html`<p class="quiet">${node.kind === "constant" ? "A constant: nothing is learned here, so no gradient is kept." : "It hangs on constants alone, so it has no gradient."}</p>` : contributions(answer, numbers, node, out, nodes, output)}
			${isTensor(value) || isTensor(grad) ? html`${value !== null && isTensor(value) ? heatMap("value", value) : nothing}${grad !== null && isTensor(grad) ? heatMap("gradient", grad) : nothing}` : nothing}
			${rules(numbers, node, into, nodes, answer)}
			${node.convention ? html`<p class="convention"><b>By convention:</b> ${node.convention}</p>` : nothing}
			${difference(answer, node, grad)}
			${places(node.spans ?? (node.span ? [node.span] : []))}`;
	}

	/** The parts that a gradient is the sum of. */
	function contributions(
		answer: Answer,
		numbers: Numbers,
		node: GraphNode,
		out: readonly GraphEdge[],
		nodes: ReadonlyMap<string, GraphNode>,
		output: boolean,
	): TemplateResult {
		const total = numbers.grads.get(node.id) ?? null;
		const seed = answer.output?.seed ?? 1;
		if (node.reached === false) return html`<p>The output does not depend on it, so its gradient is 0.</p>`;
		const lead = output
			? out.length
				? "It is the output, and it is used on the way too: the seed and what comes back add up."
				: "It is the output: the gradient starts here, with the seed."
			: out.length > 1
				? `Its result goes ${out.length === 2 ? "two" : out.length} ways, so ${out.length === 2 ? "two" : out.length} gradients come back, and they add up.`
				: "Its result goes one way, and from there its gradient comes back.";
		return html`<p>${lead}</p>
			<table class="parts">
				<thead><tr><th scope="col">comes back from</th><th scope="col" class="right">upstream × local</th><th scope="col" class="right">part</th></tr></thead>
				<tbody>
					${output ? html`<tr><td>the seed</td><td></td><td class="right said-grad">${said(seed)}</td></tr>` : nothing}
					${out.map((edge) => {
						const target = nodes.get(edge.target);
						const upstream = numbers.grads.get(edge.target) ?? null;
						const part = numbers.edgeGrads.get(edge.id) ?? null;
						return html`<tr @pointerenter=${() => store.update({ lit: new Set([edge.id]) })} @pointerleave=${() => store.update({ lit: new Set() })}>
							<td>${target ? name(target, answer) : edge.target}${beside(answer, edge, nodes)}</td>
							<td class="right">${product(upstream, local(edge, upstream, part))}</td>
							<td class="right"><button type="button" class="link said-grad" title="This wire" @click=${() => select(edge.id)}>${said(part)}</button></td>
						</tr>`;
					})}
				</tbody>
				${out.length + Number(output) > 1 ? html`<tfoot><tr><th scope="row">sum</th><td></td><td class="right said-grad strong">${said(total)}</td></tr></tfoot>` : nothing}
			</table>`;
	}

	/** The rule of a gate for each of its operands, and with this gate's numbers in it. */
	function rules(
		numbers: Numbers,
		node: GraphNode,
		into: readonly GraphEdge[],
		nodes: ReadonlyMap<string, GraphNode>,
		answer: Answer,
	): TemplateResult | typeof nothing {
		const taken = into.filter((edge) => edge.grad !== null);
		if (taken.length === 0 || node.kind === "input") return nothing;
		const grad = numbers.grads.get(node.id) ?? null;
		return html`<h3>What it hands on</h3>
			${taken.map((edge) => {
				const source = nodes.get(edge.source);
				const part = numbers.edgeGrads.get(edge.id) ?? null;
				const latex = node.latex?.[edge.slot];
				const by = node.latex_numbers?.[edge.slot];
				return html`<div class="rule" @pointerenter=${() => store.update({ lit: new Set([edge.id]) })} @pointerleave=${() => store.update({ lit: new Set() })}>
					<p class="to">to ${source ? name(source, answer) : edge.source}</p>
					${latex ? html`<p class="mathematics" data-latex=${latex}></p>` : nothing}
					${by ? html`<p class="with">with the numbers</p><p class="mathematics" data-latex=${by}></p>` : nothing}
					<p class="product">${product(grad, local(edge, grad, part))} = <span class="said-grad">${said(part)}</span></p>
				</div>`;
			})}`;
	}

	function ofEdge(answer: Answer, numbers: Numbers, edge: GraphEdge): TemplateResult {
		const nodes = new Map(answer.nodes.map((each) => [each.id, each]));
		const [source, end] = [nodes.get(edge.source), nodes.get(edge.target)];
		const target = end && explained(end);
		const upstream = numbers.grads.get(edge.target) ?? null;
		const part = numbers.edgeGrads.get(edge.id) ?? null;
		const value = numbers.edgeValues.get(edge.id) ?? null;
		const latex = target?.latex?.[edge.slot];
		const by = target?.latex_numbers?.[edge.slot];
		const slope = local(edge, upstream, part);
		return html`
			<h3 class="what"><span class="quiet">wire from</span> ${source ? name(source, answer) : edge.source} <span class="quiet">to</span> ${target ? name(target, answer) : edge.target}</h3>
			<dl class="figures">
				<div><dt>value</dt><dd class="said-value">${said(value)}</dd></div>
				<div><dt>local derivative</dt><dd>${slope === null ? "a matrix" : numberText(slope)}</dd></div>
				<div><dt>gradient</dt><dd class="said-grad">${part === null ? "none" : said(part)}</dd></div>
			</dl>
			${
				part === null
					? html`<p class="quiet">No gradient flows back to a constant.</p>`
					: html`<p>What comes back into ${target?.label ?? "the gate"}, times its slope in this operand:</p>
						<p class="product large">${product(upstream, slope)} = <span class="said-grad">${said(part)}</span></p>`
			}
			${latex && part !== null ? html`<div class="rule"><p class="mathematics" data-latex=${latex}></p>${by ? html`<p class="with">with the numbers</p><p class="mathematics" data-latex=${by}></p>` : nothing}</div>` : nothing}
			${target?.convention ? html`<p class="convention"><b>By convention:</b> ${target.convention}</p>` : nothing}
			${isTensor(part) ? heatMap("gradient", part) : nothing}`;
	}

	/** The central difference at a node: made in the page for scalar circuits, asked for at tensors' inputs. */
	function difference(answer: Answer, node: GraphNode, grad: Value | null): TemplateResult | typeof nothing {
		const analytic = scalar(grad);
		if (grad === null || node.kind === "constant") return nothing;
		const replay = live.replay();
		const numeric = analytic === null ? null : (replay?.difference(node.id) ?? null);
		if (analytic !== null && numeric !== null) {
			const off = Math.abs(numeric - analytic) / Math.max(1e-8, Math.abs(analytic), Math.abs(numeric));
			const agrees = off < 1e-4 || Math.abs(numeric - analytic) < 1e-7;
			return html`<p class=${`check ${agrees ? "agrees" : "differs"}`}>
				${agrees ? "✓" : "≠"} central difference: ${numeric.toPrecision(9).replace("-", "−")}
				${agrees ? nothing : html`<span class="quiet">${node.convention ? "a kink: the difference straddles it" : "a kink near by, or a value that is not finite"}</span>`}
			</p>`;
		}
		const input = answer.inputs.find((each) => each.node === node.id);
		if (!input) return nothing;
		void askCheck(JSON.stringify([store.peek().source, [...store.peek().inputs], store.peek().seed]));
		const row = check?.answer?.inputs.find((each) => each.name === input.name);
		if (!row) return nothing;
		return html`<p class=${`check ${row.ok ? "agrees" : "differs"}`}>${row.ok ? "✓" : "≠"} central difference${row.difference !== null ? html`: ${said(row.difference)}` : nothing}${row.error !== null ? html` <span class="quiet">(off by ${numberText(exact(row.error))})</span>` : nothing}${row.kink ? html` <span class="quiet">at a kink</span>` : nothing}</p>`;
	}

	/** The lines of the source that it came from. */
	function places(spans: readonly Span[]): TemplateResult | typeof nothing {
		const { source, answered } = store.peek();
		if (spans.length === 0 || source !== answered) return nothing;
		const rows = source.split("\n");
		const lines = [...new Set(spans.map(({ line }) => line))].slice(0, 6);
		return html`<h3>In the program</h3>
			<ol class="places">${lines.map((line) => html`<li value=${line}><code>${rows[line - 1]}</code></li>`)}</ol>`;
	}

	return together(store.watch(["answer", "selected", "numbers", "practice", "source"], paint), () => {
		clearTimeout(timer);
		checking?.abort();
		asking?.abort();
	});
}

/** Which other operand the target has: tells two wires to gates of one sign apart. */
function beside(
	answer: Answer,
	edge: GraphEdge,
	nodes: ReadonlyMap<string, GraphNode>,
): TemplateResult | typeof nothing {
	const others = answer.edges.filter((each) => each.target === edge.target && each.id !== edge.id);
	const other = nodes.get(others[0]?.source ?? "");
	if (!other || others.length !== 1) return nothing;
	return other.id === edge.source
		? html` <span class="quiet">(slot ${edge.slot + 1})</span>`
		: html` <span class="quiet">(with ${nameOf(other)})</span>`;
}

function cost(answer: Answer): TemplateResult | typeof nothing {
	const gates = answer.nodes.filter(({ kind }) => kind === "op" || kind === "group").length;
	return html`<p class="quiet">${gates} ${gates === 1 ? "gate" : "gates"}, ${answer.edges.length} wires.</p>`;
}

const WORDS: ReadonlyMap<string, string> = new Map(
	Object.entries({
		add: "add",
		sub: "subtract",
		mul: "multiply",
		div: "divide",
		maximum: "maximum",
		minimum: "minimum",
		neg: "negate",
		pow: "power",
		matmul: "matrix product",
	}),
);
const kindOf = (node: GraphNode): string =>
	node.kind === "input"
		? "an input"
		: node.kind === "constant"
			? "a constant"
			: node.kind === "group"
				? "a group"
				: (WORDS.get(node.op) ?? node.op);

/** A wire's local derivative at this moment: part / upstream where that tells it, else as the server said it. */
function local(edge: GraphEdge, upstream: Value | null, part: Value | null): number | null {
	const [a, b] = [scalar(upstream), scalar(part)];
	const said = edge.local === null || edge.local === undefined ? null : exact(edge.local);
	if (said === null || a === null || b === null) return said;
	if (Object.is(said * a, b) || a === 0 || !Number.isFinite(a) || !Number.isFinite(b)) return said;
	return Math.abs(said * a - b) <= 1e-9 * Math.abs(b) ? said : b / a;
}

function product(upstream: Value | null, slope: number | null): TemplateResult {
	const right = slope === null ? "its Jacobian" : bracketed(numberText(slope));
	return html`<span class="said-grad">${said(upstream)}</span> × ${right}`;
}

const bracketed = (text: string): string => (text.startsWith("−") ? `(${text})` : text);

/** A value as text, with its full digits to be seen on hover. */
export function said(value: Value | null | undefined): TemplateResult | string {
	if (value === null || value === undefined) return "–";
	if (isTensor(value))
		return html`<span title=${`norm ${value.norm}`}>${value.shape.join("×")} <span class="quiet">∥${numberText(exact(value.norm ?? "NaN"))}∥</span></span>`;
	const x = exact(value);
	return html`<span title=${String(x)}>${numberText(x)}</span>`;
}
