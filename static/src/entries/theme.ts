/** The look that the reader chose in the playground, before anything is painted. It imports nothing, so that it can be a plain script. */

(() => {
	try {
		const said = JSON.parse(localStorage.getItem("gradwire-look") ?? "{}") as Record<string, unknown>;
		const root = document.documentElement;
		if (said.theme === "light" || said.theme === "dark") root.dataset.theme = said.theme;
		if (said.palette === "colour-blind") root.dataset.palette = said.palette;
	} catch {
		// A browser that keeps nothing shows the usual look.
	}
})();
