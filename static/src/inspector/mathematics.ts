/** Typesets LaTeX into elements. KaTeX and its styles are fetched when first needed; until then the LaTeX itself stands there. */

declare const KATEX_STYLES: string;

/** What KaTeX builds before it makes elements of it. */
interface Part {
	readonly children?: readonly Part[];
	readonly attributes?: Record<string, string>;
	toNode(): Node;
}
declare module "katex" {
	/** Not in KaTeX's own types; the package is pinned, and a test of the page draws by it. */
	export function __renderToDomTree(latex: string, options: KatexOptions): Part;
}
type Build = typeof import("katex").__renderToDomTree;
let loading: Promise<Build> | null = null;

function load(): Promise<Build> {
	loading ??= (async () => {
		const styles = document.createElement("link");
		styles.rel = "stylesheet";
		styles.href = `/static/dist/${KATEX_STYLES}`;
		const styled = new Promise<void>((done) => {
			styles.onload = styles.onerror = () => done();
		});
		document.head.append(styles);
		const [{ __renderToDomTree }] = await Promise.all([import("katex"), styled]);
		return __renderToDomTree;
	})();
	return loading;
}

const wanted = new WeakMap<HTMLElement, string>();

export async function typeset(element: HTMLElement, latex: string, display = false): Promise<void> {
	if (wanted.get(element) === latex) return;
	wanted.set(element, latex);
	const build = await load();
	if (wanted.get(element) !== latex) return;
	const tree = build(latex, {
		trust: false,
		throwOnError: false,
		displayMode: display,
		maxExpand: 200,
		maxSize: 20,
		strict: "ignore",
	});
	element.replaceChildren(allowed(tree));
}

/**
 * The tree as elements. A brace of three rows and more would be written with a `style` attribute, which the page's policy
 * forbids; set by script the same style is allowed.
 */
function allowed(tree: Part): Node {
	const put = (part: Part) => {
		const style = part.attributes?.style;
		if (part.attributes && style !== undefined) {
			delete part.attributes.style;
			part.attributes["data-style"] = style;
		}
		part.children?.forEach(put);
	};
	put(tree);
	const made = document.createDocumentFragment();
	made.append(tree.toNode());
	for (const styled of made.querySelectorAll<HTMLElement | SVGElement>("[data-style]")) {
		styled.style.cssText = styled.dataset.style ?? "";
		styled.removeAttribute("data-style");
	}
	return made;
}
