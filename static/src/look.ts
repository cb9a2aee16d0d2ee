/** Theme and palette: kept by the reader's browser, written on `<html>`, and told to nobody. */

import type { Playground, State } from "./model";
import type { Dispose } from "./store";

const KEY = "gradwire-look";
const THEMES = ["auto", "light", "dark"] as const;
const PALETTES = ["standard", "colour-blind"] as const;

export function remembered(): Pick<State, "theme" | "palette"> {
	let said: Partial<Record<string, unknown>> = {};
	try {
		said = JSON.parse(localStorage.getItem(KEY) ?? "{}") as typeof said;
	} catch {
		// A browser that keeps nothing shows the usual look.
	}
	return {
		theme: THEMES.find((theme) => theme === said.theme) ?? "auto",
		palette: PALETTES.find((palette) => palette === said.palette) ?? "standard",
	};
}

export function keepLook(store: Playground): Dispose {
	return store.watch(["theme", "palette"], ({ theme, palette }) => {
		const root = document.documentElement;
		root.dataset.theme = theme;
		root.dataset.palette = palette;
		try {
			if (theme === "auto" && palette === "standard") localStorage.removeItem(KEY);
			else localStorage.setItem(KEY, JSON.stringify({ theme, palette }));
		} catch {
			// Not kept then.
		}
	});
}

export const nextTheme = (theme: State["theme"]): State["theme"] =>
	THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? "auto";
