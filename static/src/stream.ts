/** The WebSocket of numbers: the latest request wins; where there is no socket, `/numbers` is asked instead. */

import { post, Refused } from "./api";
import type { NumbersAnswer } from "./api.types";

export interface Stream {
	send(request: Record<string, unknown>): void;
	close(): void;
}

export function createStream(onNumbers: (fresh: NumbersAnswer) => void): Stream {
	let socket: WebSocket | null = null;
	let broken = false;
	let sent = 0;
	let waiting: Record<string, unknown> | null = null;
	/** One at a time: what comes in between replaces what waits. */
	let flying = false;

	const arrived = (message: { id?: number; error?: unknown } & Partial<NumbersAnswer>) => {
		flying = false;
		if (message.id === sent && message.values) onNumbers(message as NumbersAnswer);
		if (waiting) send(waiting);
	};
	const byPost = async (request: Record<string, unknown>) => {
		flying = true;
		const id = ++sent;
		try {
			arrived({ ...(await post<NumbersAnswer>("/numbers", request)), id });
		} catch (error) {
			if (!(error instanceof Refused)) throw error;
			arrived({ id });
		}
	};
	const open = (): WebSocket => {
		const address = new URL("/api/v1/stream", location.href);
		address.protocol = address.protocol.replace("http", "ws");
		const fresh = new WebSocket(address);
		fresh.onmessage = ({ data }) => arrived(JSON.parse(data as string));
		fresh.onopen = () => {
			flying = false;
			if (waiting) send(waiting);
		};
		fresh.onerror = fresh.onclose = () => {
			broken ||= socket === fresh && fresh.readyState !== WebSocket.OPEN && sent === 0;
			socket = null;
			flying = false;
			if (waiting) send(waiting);
		};
		return fresh;
	};
	function send(request: Record<string, unknown>): void {
		waiting = request;
		if (flying) return;
		if (broken) {
			waiting = null;
			void byPost(request);
			return;
		}
		socket ??= open();
		if (socket.readyState !== WebSocket.OPEN) return;
		waiting = null;
		flying = true;
		socket.send(JSON.stringify({ ...request, id: ++sent }));
	}
	return {
		send,
		close() {
			waiting = null;
			broken = true;
			socket?.close();
		},
	};
}
