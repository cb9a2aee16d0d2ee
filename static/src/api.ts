/** Calls of the API: one function, which answers or fails with a `Refused` that says what the server said. */

import type { Diagnostic, Problem } from "./api.types";

export class Refused extends Error {
	readonly status: number;
	readonly errors: readonly Diagnostic[];

	constructor(problem: Problem) {
		super(problem.detail ?? problem.title);
		this.name = "Refused";
		this.status = problem.status;
		this.errors = problem.errors ?? [];
	}
}

const BASE = "/api/v1";

/** A failure to reach the server at all. */
export const UNREACHABLE = 0;

/** POSTs a request and answers the body; an aborted call rejects with the signal's reason. */
export async function post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
	return call<T>(path, {
		method: "POST",
		headers: { "content-type": "application/json", accept: "application/json" },
		body: JSON.stringify(body),
		...(signal ? { signal } : {}),
	});
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> => call<T>(path, signal ? { signal } : {});

/** POSTs and answers the text of the body, whatever its type. */
export async function postForText(path: string, body: object, signal?: AbortSignal): Promise<string> {
	const response = await reach(path, {
		method: "POST",
		headers: { "content-type": "application/json", accept: "*/*" },
		body: JSON.stringify(body),
		...(signal ? { signal } : {}),
	});
	return response.text();
}

async function call<T>(path: string, init: RequestInit): Promise<T> {
	return (await (await reach(path, init)).json()) as T;
}

async function reach(path: string, init: RequestInit): Promise<Response> {
	let response: Response;
	try {
		response = await fetch(BASE + path, init);
	} catch (error) {
		if (error instanceof DOMException && error.name === "AbortError") throw error;
		throw new Refused({ status: UNREACHABLE, title: "The server cannot be reached." });
	}
	if (response.ok) return response;
	throw new Refused(await problemOf(response));
}

async function problemOf(response: Response): Promise<Problem> {
	const said = { status: response.status, title: response.statusText || `The server answered ${response.status}.` };
	try {
		return { ...said, ...((await response.json()) as Problem) };
	} catch {
		return said;
	}
}

/** Streams the lines of an NDJSON answer, each as it comes. */
export async function* lines<T>(path: string, body: object, signal: AbortSignal): AsyncGenerator<T> {
	const response = await reach(path, {
		method: "POST",
		headers: { "content-type": "application/json", accept: "application/x-ndjson" },
		body: JSON.stringify(body),
		signal,
	});
	if (!response.body) return;
	let rest = "";
	const decoder = new TextDecoder();
	const reader = response.body.getReader();
	for (;;) {
		const { done, value } = await reader.read();
		rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
		const whole = rest.split("\n");
		rest = done ? "" : (whole.pop() ?? "");
		for (const line of whole) if (line.trim()) yield JSON.parse(line) as T;
		if (done) return;
	}
}
