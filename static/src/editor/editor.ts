/** The editor: the program's text with highlighting, completion, errors where they are, and the caret's nodes lit. */

import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import { python } from "@codemirror/lang-python";
import { bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, StateEffect, StateField } from "@codemirror/state";
import {
	Decoration,
	type DecorationSet,
	drawSelection,
	EditorView,
	highlightActiveLine,
	keymap,
	lineNumbers,
	placeholder,
} from "@codemirror/view";
import { classHighlighter } from "@lezer/highlight";
import type { Diagnostic, Span } from "../api.types";
import { complete } from "./completion";
import { headless } from "./document";
import type { Change } from "./mend";
import { rangeOf } from "./spans";

export interface EditorOptions {
	readonly text: string;
	readonly label: string;
	readonly id?: string;
	readonly onText: (text: string) => void;
	/** The caret moved to an offset, or left (null). */
	readonly onCaret?: (at: number | null) => void;
	readonly undo?: () => void;
	readonly redo?: () => void;
}

export interface Editor {
	readonly view: EditorView;
	/** Puts another text in, as a small change where it is one; does not call `onText`. */
	set(text: string): void;
	/** Underlines what is wrong and what is noted. */
	underline(errors: readonly Diagnostic[], notes: readonly Diagnostic[]): void;
	/** Shows where something came from. */
	point(spans: readonly Span[]): void;
	/** Puts a hint into the text; the caret goes behind it. */
	change(change: Change): void;
	focus(): void;
	dispose(): void;
}

const setMarks = StateEffect.define<{ readonly kind: "wrong" | "pointed"; readonly marks: DecorationSet }>();
const field = (kind: "wrong" | "pointed") =>
	StateField.define<DecorationSet>({
		create: () => Decoration.none,
		update(marks, transaction) {
			let next = marks.map(transaction.changes);
			for (const effect of transaction.effects)
				if (effect.is(setMarks) && effect.value.kind === kind) next = effect.value.marks;
			return next;
		},
		provide: (it) => EditorView.decorations.from(it),
	});

const errorMark = Decoration.mark({ class: "cm-wrong" });
const noteMark = Decoration.mark({ class: "cm-noted" });
const pointedMark = Decoration.mark({ class: "cm-pointed" });

export function mountEditor(host: HTMLElement, options: EditorOptions): Editor {
	let quiet = false;
	const labels = new Compartment();
	const attributes = {
		"aria-label": options.label,
		"aria-description": "Tab indents. Escape, then Tab, goes on to what comes next.",
		...(options.id ? { id: options.id } : {}),
		spellcheck: "false",
		autocapitalize: "off",
	};
	const bound = (run: (() => void) | undefined) => () => {
		run?.();
		return run !== undefined;
	};
	const view = new EditorView({
		parent: host,
		root: headless(document),
		state: EditorState.create({
			doc: options.text,
			extensions: [
				lineNumbers(),
				drawSelection(),
				highlightActiveLine(),
				bracketMatching(),
				closeBrackets(),
				indentUnit.of("    "),
				python(),
				syntaxHighlighting(classHighlighter),
				autocompletion({ override: [complete], icons: false }),
				placeholder("x*y + max(z, w)"),
				EditorView.lineWrapping,
				field("wrong"),
				field("pointed"),
				labels.of(EditorView.contentAttributes.of(attributes)),
				keymap.of([
					{ key: "Mod-z", run: bound(options.undo), preventDefault: true },
					{ key: "Mod-y", mac: "Mod-Shift-z", run: bound(options.redo), preventDefault: true },
					{ key: "Mod-Shift-z", run: bound(options.redo), preventDefault: true },
					...completionKeymap,
					...closeBracketsKeymap,
					...defaultKeymap.filter(({ key }) => key !== "Mod-/"),
					indentWithTab,
				]),
				EditorView.domEventHandlers({ beforeinput: insertWhole }),
				EditorView.updateListener.of((update) => {
					if (update.docChanged && !quiet) options.onText(update.state.doc.toString());
					if (!update.selectionSet && !update.focusChanged) return;
					options.onCaret?.(update.view.hasFocus ? update.state.selection.main.head : null);
				}),
			],
		}),
	});

	const show = (kind: "wrong" | "pointed", marks: readonly (readonly [Decoration, Span])[]) => {
		const text = view.state.doc.toString();
		const ranges = marks.flatMap(([mark, span]) => {
			let { from, to } = rangeOf(span, text);
			if (from === to) {
				if (to < text.length && text[to] !== "\n") to++;
				else if (from > 0 && text[from - 1] !== "\n") from--;
			}
			return from < to ? [mark.range(from, to)] : [];
		});
		view.dispatch({ effects: setMarks.of({ kind, marks: Decoration.set(ranges, true) }) });
	};
	const placesOf = (diagnostic: Diagnostic): readonly Span[] =>
		diagnostic.spans?.length ? diagnostic.spans : diagnostic.span ? [diagnostic.span] : [];

	return {
		view,
		set(text) {
			const before = view.state.doc.toString();
			if (text === before) return;
			let from = 0;
			while (from < text.length && from < before.length && text[from] === before[from]) from++;
			let back = 0;
			while (
				back < text.length - from &&
				back < before.length - from &&
				text[text.length - 1 - back] === before[before.length - 1 - back]
			)
				back++;
			quiet = true;
			view.dispatch({ changes: { from, to: before.length - back, insert: text.slice(from, text.length - back) } });
			quiet = false;
		},
		underline(errors, notes) {
			show("wrong", [
				...errors.flatMap((error) => placesOf(error).map((span) => [errorMark, span] as const)),
				...notes.flatMap((note) => placesOf(note).map((span) => [noteMark, span] as const)),
			]);
		},
		point: (spans) =>
			show(
				"pointed",
				spans.map((span) => [pointedMark, span] as const),
			),
		change(changes) {
			view.dispatch({ changes, selection: { anchor: changes.from + changes.insert.length } });
			view.focus();
		},
		focus: () => view.focus(),
		dispose: () => view.destroy(),
	};
}

/**
 * Takes a longer text that comes at once (dictation, a script) as one change. The browser's own way of putting it in
 * copies styles into attributes, which the page's policy forbids and reports.
 */
function insertWhole(event: InputEvent, view: EditorView): boolean {
	const { data } = event;
	const selection = document.getSelection();
	if (event.inputType !== "insertText" || event.isComposing || data === null || data.length < 2) return false;
	if (!selection?.anchorNode || !selection.focusNode || !view.contentDOM.contains(selection.anchorNode)) return false;
	const ends = [
		view.posAtDOM(selection.anchorNode, selection.anchorOffset),
		view.posAtDOM(selection.focusNode, selection.focusOffset),
	];
	const [from, to] = [Math.min(...ends), Math.max(...ends)];
	view.dispatch({
		changes: { from, to, insert: data },
		selection: { anchor: from + data.length },
		userEvent: "input.paste",
	});
	event.preventDefault();
	return true;
}
