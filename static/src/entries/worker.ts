/**
 * The service worker, served at /sw.js: what the page is made of is kept on the reader's device, so that it opens without
 * a network. Pages come from the server while it answers, for they hold a circuit that it drew; the last ones are kept for
 * when it does not. Nothing that the API answers is kept.
 */

/** A page without a circuit, which takes its program from the address; and what stands for every other page. */
const EMPTY = "/?source=";
const AWAY = "/offline";
/** The pages that are kept: the last that were open. */
const PAGES = 24;
const [FILES, SEEN] = [`files ${BUILD}`, `pages ${BUILD}`];

/** What of a worker's own scope is used here; the page's sources are checked against a document's. */
interface Extendable extends Event {
	waitUntil(work: Promise<unknown>): void;
}
interface Asked extends Extendable {
	readonly request: Request;
	/** The answer to a page, asked for while the worker was starting. */
	readonly preloadResponse: Promise<Response | undefined>;
	respondWith(answer: Promise<Response>): void;
}
interface Scope {
	readonly registration: ServiceWorkerRegistration;
	addEventListener(kind: "install" | "activate", f: (event: Extendable) => void): void;
	addEventListener(kind: "fetch", f: (event: Asked) => void): void;
}
const scope = self as unknown as Scope;

scope.addEventListener("install", (event) => event.waitUntil(install()));
scope.addEventListener("activate", (event) => event.waitUntil(activate()));
scope.addEventListener("fetch", (event) => {
	const { request } = event;
	const { pathname, origin } = new URL(request.url);
	if (request.method !== "GET" || origin !== location.origin) return;
	if (request.mode === "navigate") event.respondWith(pageOf(event));
	else if (pathname.startsWith("/static/dist/")) event.respondWith(fileOf(request));
});

async function install(): Promise<void> {
	const [files, seen] = await Promise.all([caches.open(FILES), caches.open(SEEN)]);
	// `reload` asks the server: a page in the browser's own cache may be of the build before.
	const pages = ["/", EMPTY, AWAY].map((address) => new Request(address, { cache: "reload" }));
	await Promise.all([files.addAll(SHELL), seen.addAll(pages)]);
}

async function activate(): Promise<void> {
	for (const name of await caches.keys()) if (name !== FILES && name !== SEEN) await caches.delete(name);
	await scope.registration.navigationPreload.enable();
}

/** A file with a hash in its name never changes: the kept one is as good as the server's. */
async function fileOf(request: Request): Promise<Response> {
	const files = await caches.open(FILES);
	const kept = await files.match(request);
	if (kept) return kept;
	const fresh = await fetch(request);
	if (fresh.ok) await files.put(request, fresh.clone());
	return fresh;
}

/** The server's page; without a server the same as it was last seen, or one that says what is missing. */
async function pageOf(event: Asked): Promise<Response> {
	const { request } = event;
	const seen = await caches.open(SEEN);
	try {
		const fresh = (await event.preloadResponse) ?? (await fetch(request));
		const page = fresh.headers.get("content-type")?.startsWith("text/html");
		if (fresh.ok && page && request.destination === "document") event.waitUntil(keep(seen, request, fresh.clone()));
		return fresh;
	} catch {
		const stand = new URL(request.url).pathname === "/" ? EMPTY : AWAY;
		return (await seen.match(request)) ?? (await seen.match(stand)) ?? Response.error();
	}
}

async function keep(seen: Cache, request: Request, page: Response): Promise<void> {
	// What is put again goes to the end, so that the first in the row is the one that was not open for longest.
	await seen.delete(request);
	await seen.put(request, page);
	const constant = new Set(["/", EMPTY, AWAY].map((address) => new URL(address, location.origin).href));
	const others = (await seen.keys()).filter(({ url }) => !constant.has(url));
	for (const old of others.slice(0, -PAGES)) await seen.delete(old);
}
