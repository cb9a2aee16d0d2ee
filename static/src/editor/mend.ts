/** How a hint goes into a text. */

import type { Span } from "../api.types";
import { type Range, rangeOf } from "./spans";

export interface Change extends Range {
	readonly insert: string;
}

const ASSIGNMENT = /^([\p{L}_][\p{L}\p{N}_]*) = (?!.*\b\1\b)/u; // one that reads its own name stands where it is

/**
 * The change that a hint proposes (none is asked of a form to fill in). It replaces what is underlined; an assignment
 * that gives a name its value (`L = 3`) goes before the program, unless an assignment is what it mends.
 */
export function changeOf(span: Span, hint: string, source: string): Change {
	const range = rangeOf(span, source);
	const underlined = source.slice(range.from, range.to);
	if (ASSIGNMENT.test(hint) && !/[^=<>!]=(?!=)/.test(underlined)) return { from: 0, to: 0, insert: `${hint}\n` };
	return { ...range, insert: hint };
}
