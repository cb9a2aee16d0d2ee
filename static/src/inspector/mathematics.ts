/** Typesets LaTeX into elements. KaTeX and its styles are fetched when first needed; until then the LaTeX itself stands there. */

declare const KATEX_STYLES: string;

type Katex = typeof import("katex").default;
let loading: Promise<Katex> | null = null;

function load(): Promise<Katex> {
	loading ??= (async () => {
		const styles = document.createElement("link");
		styles.rel = "stylesheet";
		styles.href = `/static/dist/${KATEX_STYLES}`;
		const styled = new Promise<void>((done) => {
			styles.onload = styles.onerror = () => done();
		});
		document.head.append(styles);
		const [{ default: katex }] = await Promise.all([import("katex"), styled]);
		return katex;
	})();
	return loading;
}

const wanted = new WeakMap<HTMLElement, string>();

export async function typeset(element: HTMLElement, latex: string, display = false): Promise<void> {
	if (wanted.get(element) === latex) return;
	wanted.set(element, latex);
	const katex = await load();
	if (wanted.get(element) !== latex) return;
	katex.render(latex, element, {
		trust: false,
		throwOnError: false,
		displayMode: display,
		maxExpand: 200,
		maxSize: 20,
		strict: "ignore",
	});
}
