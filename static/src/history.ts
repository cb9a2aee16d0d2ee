/** Undo and redo over the document; what follows closely and is of one kind is one step. */

import { type Document, documentOf, type Playground } from "./model";

/** What a reader looks at is not what undo goes back over. */
type Undoable = Omit<Document, "selected" | "panel" | "step">;

function undoable(document: Document): Undoable {
	const { selected: _, panel: __, step: ___, ...rest } = documentOf(document);
	return rest;
}

export interface History {
	/** Makes a change that can be undone. Changes of one `kind` in quick succession are one. */
	change(change: Partial<Document>, kind: string): void;
	undo(): void;
	redo(): void;
}

const LENGTH = 200;
/** ms within which changes of one kind flow together. */
const TOGETHER = 900;

export function createHistory(store: Playground, clock: () => number = () => performance.now()): History {
	const past: Undoable[] = [];
	const future: Undoable[] = [];
	let last = { kind: "", time: Number.NEGATIVE_INFINITY };

	const say = () => store.update({ canUndo: past.length > 0, canRedo: future.length > 0 });
	const step = (from: Undoable[], to: Undoable[]) => {
		const document = from.pop();
		if (!document) return;
		to.push(undoable(store.peek()));
		last = { kind: "", time: Number.NEGATIVE_INFINITY };
		store.update(document);
		say();
	};

	return {
		change(change, kind) {
			const now = clock();
			if (kind !== last.kind || now - last.time > TOGETHER) {
				past.push(undoable(store.peek()));
				if (past.length > LENGTH) past.shift();
			}
			future.length = 0;
			last = { kind, time: now };
			store.update(change);
			say();
		},
		undo: () => step(past, future),
		redo: () => step(future, past),
	};
}
