/** Has the browser keep the page for when there is no network: entries/worker.ts does it, and this starts it. */

interface Policy {
	createScriptURL(address: string): string;
}

/** The one script that a page ever names by itself, by the policy that app/edge/headers.py allows for it. */
function worker(): string {
	const { trustedTypes } = window as {
		trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
	};
	const rules: Policy = { createScriptURL: () => "/sw.js" };
	return (trustedTypes?.createPolicy("gradwire-worker", rules) ?? rules).createScriptURL("");
}

/** After the page has loaded, so that it takes nothing from what the reader waits for. */
export function keepOffline(): void {
	if (!("serviceWorker" in navigator)) return;
	const start = () =>
		navigator.serviceWorker.register(worker()).catch((error: unknown) => {
			// A browser may forbid it, in a private window for one; the page does without.
			if (!(error instanceof DOMException)) throw error;
		});
	if (document.readyState === "complete") void start();
	else window.addEventListener("load", () => void start(), { once: true });
}
