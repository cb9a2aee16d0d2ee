/** Choices in a figure's program: `choose.act=tanh,relu,none` makes `act(h)` be `tanh(h)`, and `none` leaves `(h)`. */

export interface Choice {
	readonly name: string;
	readonly words: readonly string[];
}

/** The programs of one figure stand between lines of `---`. */
export const programsOf = (source: string): readonly string[] => source.split("\n---\n");

/** The choices that a figure's options name. */
export const choicesOf = (options: Readonly<Record<string, string>>): readonly Choice[] =>
	Object.entries(options).flatMap(([key, value]) =>
		key.startsWith("choose.") ? [{ name: key.slice("choose.".length), words: value.split(",") }] : [],
	);

/** The program with a choice filled in (the server does the same, in app/pages/lessons.py). */
export const chosen = (source: string, name: string, word: string): string =>
	source.replaceAll(
		new RegExp(`(?<![\\p{L}\\p{N}_])${name.replaceAll(/[^\p{L}\p{N}_]/gu, "\\$&")}\\(`, "gu"),
		word === "none" ? "(" : `${word}(`,
	);

/** With each choice at the word that is given for it, else at its first. */
export const filled = (source: string, choices: readonly Choice[], words: ReadonlyMap<string, string>): string =>
	choices.reduce((text, { name, words: all }) => chosen(text, name, words.get(name) ?? all[0] ?? "none"), source);
