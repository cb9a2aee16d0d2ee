/** A stand-in for the document by which CodeMirror adopts its sheet: it writes `<style>` only where there is a head. */

/**
 * The page's policy allows no style elements. style-mod adopts a constructed sheet where its root has no `head` (a shadow
 * root); behind this face the document has none either, so that the editor's text stays in the page's own tree.
 */
export function headless(document: Document): Document {
	return new Proxy(document, {
		get(target, name) {
			if (name === "head") return undefined;
			const value = Reflect.get(target, name, target) as unknown;
			return typeof value === "function" ? value.bind(target) : value;
		},
		set: (target, name, value) => Reflect.set(target, name, value, target),
	});
}
