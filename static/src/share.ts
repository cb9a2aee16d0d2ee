/** Share: the link, the short link, the picture, the embed, and every export, each to be copied or saved. */

import { html, nothing, render } from "lit-html";
import { post, postForText, Refused } from "./api";
import { open } from "./commands/palette";
import { linked, type Playground, requestOf, withheld } from "./model";
import { addressOf, stateOf } from "./state";

const FORMATS = [
	"svg",
	"png",
	"html",
	"dot",
	"mermaid",
	"tikz",
	"json",
	"csv",
	"latex",
	"pytorch",
	"jax",
	"tensorflow",
	"numpy",
	"onnx",
] as const;
/** Those that are no text, and come as a file. */
const FILES: ReadonlyMap<string, string> = new Map([
	["svg", "circuit.svg"],
	["png", "circuit.png"],
	["html", "circuit.html"],
	["onnx", "circuit.onnx"],
]);

export async function share(store: Playground): Promise<void> {
	const dialog = document.createElement("dialog");
	dialog.className = "share";
	dialog.setAttribute("aria-label", "Share");
	document.body.append(dialog);
	const path = await addressOf(linked(store.peek()));
	const link = new URL(path, location.href).href;
	const query = path.slice(path.indexOf("?"));
	const picture = new URL(`/graph.svg${query}`, location.href).href;
	let short: { readonly id: string; readonly url: string } | null = null;
	let trouble = "";
	let copied = "";
	let exported = "";

	const copy = async (what: string, text: string) => {
		await navigator.clipboard.writeText(text);
		copied = what;
		paint();
	};
	const shorten = async () => {
		try {
			const made = await post<{ id: string; url: string }>("/links", stateOf(linked(store.peek())));
			short = { id: made.id, url: new URL(made.url, location.href).href };
			await copy("short", short.url);
		} catch (error) {
			trouble = error instanceof Refused ? error.message : "";
		}
		paint();
	};
	const save = async (format: string) => {
		const name = FILES.get(format);
		const { origin } = location;
		try {
			if (name) {
				const response = await fetch(`${origin}/api/v1/export/${format}`, {
					method: "POST",
					headers: { "content-type": "application/json" },
					body: JSON.stringify(requestOf(store.peek())),
				});
				if (!response.ok) throw new Refused({ status: response.status, title: `This circuit has no ${format} form.` });
				const anchor = document.createElement("a");
				anchor.href = URL.createObjectURL(await response.blob());
				anchor.download = name;
				anchor.click();
				URL.revokeObjectURL(anchor.href);
			} else {
				exported = await postForText(`/export/${format}`, requestOf(store.peek()));
				await copy(format, exported);
			}
			trouble = "";
		} catch (error) {
			trouble = error instanceof Refused ? error.message : String(error);
		}
		paint();
	};
	const copyPicture = async () => {
		try {
			const png = fetch("/api/v1/export/png", {
				method: "POST",
				headers: { "content-type": "application/json" },
				body: JSON.stringify(requestOf(store.peek())),
			}).then((response) =>
				response.ok
					? response.blob()
					: Promise.reject(new Refused({ status: response.status, title: "The picture could not be made." })),
			);
			await navigator.clipboard.write([new ClipboardItem({ "image/png": png })]);
			copied = "picture";
		} catch (error) {
			trouble = error instanceof Error ? error.message : String(error);
		}
		paint();
	};
	const row = (what: string, label: string, text: string) => html`<div class="share-row">
		<label for=${`share-${what}`}>${label}</label>
		<input id=${`share-${what}`} type="text" readonly .value=${text} @focus=${(event: Event) => (event.currentTarget as HTMLInputElement).select()} />
		<button type="button" class="button small" @click=${() => void copy(what, text)}>${copied === what ? "Copied" : "Copy"}</button>
	</div>`;

	/** What holds the picture and its numbers. */
	const whole = (
		named: typeof short,
	) => html`${row("markdown", "Markdown", `[![circuit](${named ? new URL(`/g/${named.id}.svg`, location.href).href : picture})](${named?.url ?? link})`)}
		<div class="share-row"><span>Picture</span><button type="button" class="button small" @click=${() => void copyPicture()}>${copied === "picture" ? "Copied" : "Copy to the clipboard"}</button></div>
		<h3>Export</h3>
		<div class="formats">${FORMATS.map((format) => html`<button type="button" class="button small" @click=${() => void save(format)}>${copied === format ? "copied" : format}</button>`)}</div>`;

	function paint(): void {
		const named = short;
		const held = withheld(store.peek());
		render(
			html`<h2>Share</h2>
				${row("link", "Link", link)}
				${
					named
						? html`${row("short", "Short link", named.url)}${row("embed", "Embed", `<iframe src="${new URL(`/embed/${named.id}`, location.href).href}" width="720" height="420" loading="lazy"></iframe>`)}`
						: html`<div class="share-row"><span>Short link</span><button type="button" class="button small" @click=${() => void shorten()}>Make one</button></div>`
				}
				${held === null ? whole(named) : html`<h3>Picture and export</h3><p class="quiet">${held}</p>`}
				${trouble ? html`<p class="said wrong" role="alert">${trouble}</p>` : nothing}
				${exported ? html`<pre class="exported" tabindex="0">${exported}</pre>` : nothing}
				<form method="dialog"><button class="button">Close</button></form>`,
			dialog,
		);
	}
	paint();
	open(dialog);
}
