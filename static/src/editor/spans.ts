/** From places in a source as the API says them (lines and code points from 1) to offsets in the text, and back. */

import type { Span } from "../api.types";

export interface Range {
	readonly from: number;
	readonly to: number;
}

/** UTF-16 offsets of a span in a text; what lies beyond the text is brought to its end. */
export function rangeOf(span: Span, text: string): Range {
	const from = offsetAt(text, span.line, span.column);
	return { from, to: Math.max(from, offsetAt(text, span.end_line, span.end_column)) };
}

function offsetAt(text: string, line: number, column: number): number {
	let start = 0;
	for (let i = 1; i < line; i++) {
		const next = text.indexOf("\n", start);
		if (next === -1) return text.length;
		start = next + 1;
	}
	const end = text.indexOf("\n", start);
	const whole = text.slice(start, end === -1 ? text.length : end);
	let units = 0;
	let points = 1;
	for (const character of whole) {
		if (points >= column) break;
		units += character.length;
		points++;
	}
	return start + units;
}
