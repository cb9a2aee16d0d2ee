import { expect, test } from "vitest";
import { createHistory } from "./history";
import { createPlayground, EMPTY_DOCUMENT } from "./model";

function bench() {
	const store = createPlayground({ ...EMPTY_DOCUMENT, source: "x" });
	let now = 0;
	return {
		store,
		history: createHistory(store, () => now),
		wait: (ms: number) => {
			now += ms;
		},
	};
}

test("a change is undone and done again", () => {
	const { store, history } = bench();
	history.change({ source: "x + y" }, "typing");
	history.undo();
	expect(store.peek().source).toBe("x");
	history.redo();
	expect(store.peek().source).toBe("x + y");
	expect(store.peek().canRedo).toBe(false);
});

test("letters typed in a row are one step, and a rest begins another", () => {
	const { store, history, wait } = bench();
	history.change({ source: "x+" }, "typing");
	wait(100);
	history.change({ source: "x+y" }, "typing");
	wait(5_000);
	history.change({ source: "x+y*z" }, "typing");
	history.undo();
	expect(store.peek().source).toBe("x+y");
	history.undo();
	expect(store.peek().source).toBe("x");
});

test("undo leaves what the reader has chosen", () => {
	const { store, history } = bench();
	history.change({ source: "x + y" }, "typing");
	store.update({ selected: "y", panel: "data" });
	history.undo();
	expect(store.peek()).toMatchObject({ source: "x", selected: "y", panel: "data" });
});
